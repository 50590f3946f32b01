"""What a wheel's libraries may get from outside the wheel: from other packages, and from its own Python code.

A loader knows the files of a system alone. Packages help it: one brings libraries for others, and Python code loads a
library or names a folder before it imports what needs them. Nothing is run, so an answer may stay open.
"""

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from wheel_lab.distinfo import read_metadata
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.extensions import extension_of, package_path
from wheel_lab.limits import noted

__all__ = ["installed", "is_extension", "is_named", "names_folders", "once", "required"]

# What Python code calls to load a library, or to name a folder where Windows looks for DLLs.
LOADING = re.compile(
    rb"add_dll_directory|LoadLibrary|SetDllDirectory|\b(?:CDLL|WinDLL|OleDLL|PyDLL)\(|cdll\.|PATH['\"]\]"
)
CODE = (".py", ".pth")
ONE, ALL = 1 << 20, 32 << 20  # bytes that are searched of one file, and of all
FIELDS = 1000  # requirements that are read


def required(contents: Contents) -> tuple[str, ...]:
    """Return the projects that are installed with the wheel, by their normalized names; without those for extras."""
    fields: list[str] = []
    with noted([]):
        fields = read_metadata(contents.source, contents.info).get("requires_dist", [])
    names = []
    for field in fields[:FIELDS]:
        head, _, marker = field.partition(";")
        if "extra" in marker:
            continue
        try:
            names.append(canonicalize_name(Requirement(head).name))
        except InvalidRequirement:
            continue
    return tuple(dict.fromkeys(names))


def names_folders(contents: Contents) -> bool:
    """Tell whether Python code of the wheel loads libraries, or names folders for them."""
    return any(LOADING.search(code) for code in _code(contents))


def is_named(contents: Contents, file: str) -> bool:
    """Tell whether Python code of the wheel names a file, without its suffix: then it may load it."""
    stem = posixpath.basename(file).partition(".")[0].encode()
    return any(stem in code for code in _code(contents))


def _code(contents: Contents) -> Iterator[bytes]:
    """Read the Python code of the wheel, 32 MiB of it at most."""
    source, rest = contents.source, ALL
    code = [member for member in source.members if member.name.endswith(CODE) and member.size <= ONE]
    # Packages load libraries when they are imported, most of them in the uppermost __init__.py.
    for member in sorted(code, key=lambda one: (not one.name.endswith(("__init__.py", ".pth")), one.name.count("/"))):
        rest -= member.size
        if rest < 0:
            break
        with noted([]):
            yield source.read(member)


def installed(file: str) -> str:
    """Return where an installer puts a file, relative to its folder of packages."""
    path = package_path(file)
    return posixpath.normpath(file if path is None else path)


def is_extension(file: str, exports: Collection[str]) -> bool:
    """Tell an extension module: by a suffix that no other file has, or by the function that an import calls."""
    found = extension_of(file)
    if found is None or found.abi is not None:
        return found is not None
    stem = posixpath.basename(found.module)
    return f"PyInit_{stem}" in exports or f"PyModExport_{stem}" in exports


def once(cases: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return one case for each subject, about the first file that it is about; ``others`` says how many more it is."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for case in cases:
        found.setdefault(case["subject"], []).append(case)
    several = ((own[0], len({case["member"] for case in own}) - 1) for own in found.values())
    return [{**case, "others": f" (and {more:,} more)" if more else ""} for case, more in several]
