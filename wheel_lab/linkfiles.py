"""The compiled files of a wheel as links: who is known by which name, who needs whom, and what a system brings."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from packaging.version import Version

from wheel_lab.binaries.elf import Linkage
from wheel_lab.binaries.macho import MachOFile
from wheel_lab.binaries.pe import PeFile
from wheel_lab.binaries.reading import Binaries
from wheel_lab.doctor.systems.dyld import is_of_system
from wheel_lab.doctor.systems.windowsdlls import is_of_python, is_of_windows
from wheel_lab.policies import Policy, floor, known, tag_by_symbols
from wheel_lab.tags import parse_filename

__all__ = ["Judge", "LinkFile", "judge_of", "link_files", "newest_asked"]

# The loader itself comes with the C library, and no policy lists it: auditwheel passes over it as well.
LOADERS = ("ld-linux", "ld64.so.", "ld-musl-")


@dataclass(frozen=True)
class LinkFile:
    """A compiled file: its path, the names that others may need it by, what it needs, and its floor."""

    file: str
    names: tuple[str, ...]
    needed: tuple[str, ...]
    floor: str | None
    symbols: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judge:
    """What says which libraries a system brings.

    Attributes
    ----------
    words
        In words, to be read after "judged by".
    brings
        Tells it of a library's name; None where nothing does.
    policy
        auditwheel's policy, for Linux.
    versions
        Whether libraries have versions that can be asked for.
    """

    words: str
    brings: Callable[[str], bool] | None
    policy: Policy | None = None
    versions: bool = False


def link_files(binaries: Binaries) -> tuple[LinkFile, ...]:
    """Return the files that a loader links, each once, in the archive's order within each format."""
    slices: dict[str, list[MachOFile]] = defaultdict(list)
    for one in binaries.macho:
        slices[one.file].append(one)
    return (*map(_of_elf, binaries.elf), *map(_of_macho, slices.values()), *map(_of_pe, binaries.pe))


def _of_elf(one: Linkage) -> LinkFile:
    lowest = floor(one)
    version = f"GLIBC_{lowest.version}" if lowest.version else None
    names = (*([one.soname] if one.soname else []), _base(one.file))
    return LinkFile(one.file, names, one.needed, version, lowest.symbols)


def _of_macho(slices: list[MachOFile]) -> LinkFile:
    """Join the slices of a file: each may need other libraries, and the newest system counts."""
    first = slices[0]
    needed = tuple(dict.fromkeys(_macho_name(name) for one in slices for name in one.needed))
    newest = max((one.minimum for one in slices if one.minimum), default=None)
    version = f"{first.platform or 'macos'} {newest[0]}.{newest[1]}" if newest else None
    names = {_base(one.install_name or "") for one in slices} | {_base(first.file)}
    return LinkFile(first.file, tuple(sorted(names - {""})), needed, version)


def _macho_name(path: str) -> str:
    """Return the name to look for: a path of the system as it is, of another one the last part."""
    return path if is_of_system(path) else _base(path)


def _of_pe(one: PeFile) -> LinkFile:
    # Windows does not tell capital letters from small ones.
    needed = tuple(dict.fromkeys(name.lower() for name in (*one.needed, *one.delayed)))
    return LinkFile(one.file, (_base(one.file).lower(),), needed, None)


def newest_asked(binaries: Binaries, library: str) -> tuple[str | None, tuple[str, ...]]:
    """Return the newest version that ELF files ask of a library, and the symbols that ask for it."""
    asked: dict[str, set[str]] = defaultdict(set)
    for one in binaries.elf:
        for need in one.needs:
            if need.library == library and need.version.rpartition("_")[2].replace(".", "").isdecimal():
                asked[need.version].update(need.symbols)
    newest = max(asked, key=lambda version: Version(version.rpartition("_")[2]), default=None)
    return newest, tuple(sorted(asked[newest])) if newest is not None else ()


def judge_of(file: str, binaries: Binaries) -> Judge:
    """Find out what says which libraries a system brings: for Linux a policy, else the system's own list."""
    if not binaries.elf:
        if binaries.macho:
            return Judge("the paths of macOS itself", is_of_system)
        if binaries.pe:
            return Judge("the DLLs of Windows and of Python", lambda name: is_of_windows(name) or is_of_python(name))
    policy, claimed = _policy(file, binaries.elf)
    if policy is None:
        return Judge("no policy: auditwheel has none for it", None)
    words = f"{policy.name}, which {'its name claims' if claimed else 'its symbols allow'}"
    brings = policy.libraries
    return Judge(words, lambda name: name in brings or name.startswith(LOADERS), policy, policy.libc == "glibc")


def _policy(file: str, files: Iterable[Linkage]) -> tuple[Policy | None, bool]:
    """Return the policy that the file name claims, of several the oldest; else the one that the symbols allow."""
    files = tuple(files)
    architecture = next((one.architecture for one in files if one.architecture is not None), None)
    libc = next((one.libc for one in files if one.libc is not None), "glibc")
    try:
        platforms = {tag.platform for tag in parse_filename(file)[3]}
    except ValueError:
        platforms = set()
    linux = ("linux", "manylinux", "musllinux", "any")
    if architecture is None or any(not one.startswith(linux) for one in platforms):
        return None, False
    policies = known(architecture, libc)
    for policy in policies:
        if platforms & {policy.name, *policy.aliases}:
            return policy, True
    try:
        tag = tag_by_symbols(files)
    except ValueError:
        tag = ""
    return next((policy for policy in policies if policy.name == tag), policies[-1]), False


def _base(path: str) -> str:
    return path.rsplit("/", 1)[-1]
