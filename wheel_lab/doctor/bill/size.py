"""What makes a wheel large: rules B101 to B105."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from wheel_lab.doctor.bill.rules import MIB
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.findings import Finding, found, found_in
from wheel_lab.members import Member, shown

__all__ = ["counted", "find_in_sizes", "named"]

LARGE = 50 * MIB  # of the file; half of what the index takes
NAMED = 3
# Below a MiB nobody notices, and below a twentieth nobody gains: h5py and Pillow lie above, opencv below. (GCC leaves a
# few hundred bytes of debugging information of its own start files in a library that is built without -g.)
LEAST, SHARE = MIB, 20
COPIED = 4096  # bytes; smaller copies are empty modules, licences, templates
# Import libraries (.lib, .dll.a) are left out by their size: no wheel has a MiB of them.
BUILD = (".a", ".lib", ".o", ".obj", ".pdb", ".ilk", ".exp", ".la")
SOURCES = (".c", ".cc", ".cpp", ".cxx")
EXTENSIONS = (".so", ".pyd")


def find_in_sizes(contents: Contents) -> Iterator[Finding]:
    """Find what could be left out without a loss."""
    source = contents.source
    files = [member for member in source.members if not member.is_dir]
    whole = sum(member.size for member in files)
    if source.size > LARGE:
        largest = sorted(files, key=lambda member: -member.size)[:NAMED]
        sizes = [_sized(one) for one in largest if one.size * SHARE >= whole]
        members = ", ".join(sizes) or "many small files"
        yield found("B101", count=f"{source.size:,}", members=members)
    with_debug = sorted(contents.binaries.elf, key=lambda one: -one.debug)
    debug = sum(one.debug for one in with_debug)
    if debug >= max(LEAST, whole / SHARE):
        yield found("B102", member=with_debug[0].file, count=f"{debug:,}", file=contents.file)
    yield from _copies(contents, files)
    products = sorted(_build_products(files), key=lambda member: -member.size)
    if (size := sum(member.size for member in products)) >= LEAST:
        yield found("B105", member=products[0].name, count=f"{size:,}", number=counted(len(products), "file", "files"))


def named(names: Iterable[str]) -> str:
    """Name the first three of some members, and count the others."""
    every = list(names)
    more = f" and {len(every) - NAMED:,} more" if len(every) > NAMED else ""
    return ", ".join(shown(name, 80) for name in every[:NAMED]) + more


def counted(number: int, one: str, several: str) -> str:
    """Return ``"1 file"`` or ``"2 files"``."""
    return f"{number:,} {one if number == 1 else several}"


def _copies(contents: Contents, files: Sequence[Member]) -> Iterator[Finding]:
    """Find members of the same size and checksum under different names."""
    groups: dict[tuple[int, int], dict[str, None]] = defaultdict(dict)
    for member in files:
        if member.size >= COPIED:
            groups[member.size, member.crc][member.name] = None
    copies = {key: list(names) for key, names in groups.items() if len(names) > 1}
    needed = {name for one in contents.binaries.elf for name in one.needed}
    libraries = {one.file for one in contents.binaries.elf}
    asked = [
        names
        for names in copies.values()
        if names[0] in libraries and len({name.rpartition("/")[2] for name in names} & needed) > 1
    ]
    yield from found_in("B104", ({"member": names[0], "members": named(names)} for names in asked))
    spare = {key: names for key, names in copies.items() if names not in asked}
    wasted = {(size, crc): size * (len(names) - 1) for (size, crc), names in spare.items()}
    if (total := sum(wasted.values())) >= LEAST:
        most = spare[max(wasted, key=lambda key: wasted[key])]
        yield found("B103", member=most[0], count=f"{total:,}", members=named(most))


def _build_products(files: Sequence[Member]) -> Iterator[Member]:
    """Yield what a linker reads, and the sources of extensions that lie beside these."""
    modules = {_stem(member.name) for member in files if member.name.endswith(EXTENSIONS)}
    for member in files:
        if member.name.endswith(BUILD) or (member.name.endswith(SOURCES) and _stem(member.name) in modules):
            yield member


def _stem(name: str) -> str:
    """Return a module's path without what follows the first dot of its file's name."""
    folder, slash, file = name.rpartition("/")
    return folder + slash + file.split(".")[0]


def _sized(member: Member) -> str:
    return f"{shown(member.name, 80)} ({member.size:,} bytes)"
