"""What an ELF file asks of the system: libraries, search paths and versioned symbols. Read with `pyelftools`.

A file is read as the loader reads it: by its segments (PT_DYNAMIC), never by its section headers, which may be stripped
or overwritten while the file still loads.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, BinaryIO, cast

from elftools.elf.constants import E_FLAGS
from elftools.elf.elffile import ELFFile
from elftools.elf.segments import InterpSegment
from packaging.version import Version

from wheel_lab.binaries.elftables import Frugal, Tables
from wheel_lab.limits import WheelError, noted
from wheel_lab.members import Kind, MemberProblem, shown
from wheel_lab.wheelfile import OpenWheel, opened

__all__ = ["Linkage", "Linkages", "Need", "elf_files_of", "examine", "read_elf", "read_stream", "version_key"]

MAGIC = b"\x7fELF"
# e_machine, bits, little-endian: the architectures for which auditwheel has policies, by its names.
ARCHITECTURES = {
    ("EM_X86_64", 64, True): "x86_64",
    ("EM_386", 32, True): "i686",
    ("EM_AARCH64", 64, True): "aarch64",
    ("EM_ARM", 32, True): "armv7l",
    ("EM_PPC64", 64, True): "ppc64le",
    ("EM_PPC64", 64, False): "ppc64",
    ("EM_S390", 64, False): "s390x",
    ("EM_RISCV", 64, True): "riscv64",
    ("EM_LOONGARCH", 64, True): "loongarch64",
}
# An armv7l wheel is for the EABI, version 5, with floating-point numbers in registers.
ARM = E_FLAGS.EF_ARM_EABI_VER5 | E_FLAGS.EF_ARM_ABI_FLOAT_HARD
# How much the names of a wheel's files may take, in bytes of memory. NumPy takes a 2,000th of it.
KEPT = 128 << 20
# The suffix of an extension module. Up to 3.10 it said gnu for musl too.
SUFFIX = re.compile(r"\.cpython-3(?:1[1-9]|[2-9]\d)\w*-[\w-]*linux-(gnu|musl)(?:eabihf)?\.so$")


@dataclass(frozen=True)
class Need:
    """Symbols that are asked of one library in one version: ``libc.so.6``, ``GLIBC_2.14``, ``("memcpy",)``.

    `symbols` is empty where the version alone is asked for, as with ``GLIBC_ABI_DT_RELR``.
    """

    library: str
    version: str
    symbols: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.version:<18} {self.library:<18} {', '.join(self.symbols) or 'the version alone'}"


@dataclass(frozen=True)
class Linkage:
    """What one ELF file asks for.

    Attributes
    ----------
    file
        Its path: in the wheel where it came from one, else as it was given.
    soname
        The name it wants to be known by; None for most extension modules.
    needed
        The libraries that must be loaded with it, in order (DT_NEEDED).
    rpath, runpath
        Where they are looked for before (rpath) or after (runpath) ``LD_LIBRARY_PATH``.
    needs
        The versioned symbols, by library and version, the oldest version first.
    architecture
        The processor, as auditwheel names it: ``"x86_64"``, ``"aarch64"``; None for one that it does not know.
    libc
        ``"glibc"`` or ``"musl"``, told by the loader and the libraries that it names, or by the suffix of an extension
        module; None when they do not tell.
    """

    file: str
    soname: str | None
    needed: tuple[str, ...]
    rpath: tuple[str, ...]
    runpath: tuple[str, ...]
    needs: tuple[Need, ...]
    architecture: str | None
    libc: str | None

    def __str__(self) -> str:
        rows = [("SONAME", self.soname), ("NEEDED", ", ".join(self.needed))]
        rows += [("RPATH", ":".join(self.rpath)), ("RUNPATH", ":".join(self.runpath))]
        return "\n".join([self.file, *(f"  {name:<8} {value or 'none'}" for name, value in rows)])


@dataclass(frozen=True)
class Linkages:
    """The ELF files of a wheel; iterate over it for those that can be read.

    Attributes
    ----------
    found
        What each file asks for, in the archive's order.
    problems
        Members that cannot be read, and members that begin like an ELF file and are no shared library or program that
        a loader links. They play no part in `found`.
    """

    found: tuple[Linkage, ...]
    problems: tuple[MemberProblem, ...]

    def __iter__(self) -> Iterator[Linkage]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)


def read_elf(path: str | Path) -> Linkage:
    """Read one ELF file.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    WheelError
        It is not an ELF file, it is damaged, or it is one that is not linked dynamically. A ValueError.
    """
    with open(path, "rb") as stream:
        if stream.read(len(MAGIC)) != MAGIC:
            raise WheelError(f"{shown(Path(path).name)} is not an ELF file")
        return replace(read_stream(stream, Path(path).name), file=str(path))


def elf_files_of(wheel: str | Path | IO[bytes] | OpenWheel) -> tuple[Linkage, ...]:
    """Read every ELF file in a wheel without unpacking it, in the archive's order; no ELF file, an empty tuple.

    A member that cannot be read is left out. :func:`examine` says which, and why.

    Raises
    ------
    WheelError
        The file is not a zip archive, or it reaches a limit.
    OSError
        There is no such file, or it cannot be opened.
    """
    return examine(wheel).found


def examine(wheel: str | Path | IO[bytes] | OpenWheel) -> Linkages:
    """Read every ELF file in a wheel, and say which members cannot be read; raises as :func:`elf_files_of` does."""
    found: list[Linkage] = []
    problems: list[MemberProblem] = []
    kept = 0
    with opened(wheel) as source:
        for member in source.members:
            with noted(problems):
                if member.size >= len(MAGIC) and source.head(member, len(MAGIC)) == MAGIC:
                    if kept > KEPT:
                        message = "is not examined: the names in the files before it take too much memory"
                        raise WheelError.about(member.problem("size", message))
                    with source.open(member) as stream:
                        found.append(read_stream(stream, member.name))
                    kept += _memory(found[-1])
            # pyelftools turns what a stream raises into an error of its own, and so into a problem of the member.
            source.check_time()
    return Linkages(tuple(found), tuple(problems))


def read_stream(stream: BinaryIO, name: str) -> Linkage:
    """Read one ELF file from a stream; raises :class:`WheelError` when it is not one that a loader links."""
    kind: Kind = "malformed"
    try:
        elf = ELFFile(cast(IO[bytes], Frugal(stream)))
        if elf["e_type"] == "ET_REL":
            kind, message = "unlinked", "is an object file, which only a linker reads"
        elif (tables := Tables.of(elf)) is None:
            kind, message = "unlinked", "is an ELF file that is not linked dynamically: it has no PT_DYNAMIC segment"
        else:
            return _linkage(elf, tables, name)
    # What pyelftools meets in a damaged file is anything: ELFError, AssertionError, KeyError, OverflowError, …
    except Exception as error:
        message = f"begins like an ELF file, and cannot be read as one: {shown(str(error)) or type(error).__name__}"
    raise WheelError.about(MemberProblem(name, kind, message))


def _linkage(elf: ELFFile, tables: Tables, name: str) -> Linkage:
    needed = tuple(tables.strings("DT_NEEDED"))
    return Linkage(
        file=name,
        soname=next(tables.strings("DT_SONAME"), None),
        needed=needed,
        rpath=tuple(folder for path in tables.strings("DT_RPATH") for folder in path.split(":")),
        runpath=tuple(folder for path in tables.strings("DT_RUNPATH") for folder in path.split(":")),
        needs=_needs(tables),
        architecture=_architecture(elf),
        libc=_libc([*_interpreter(elf), *needed], name),
    )


def _memory(linkage: Linkage) -> int:
    """Return about how many bytes its names take in memory."""
    symbols = (symbol for need in linkage.needs for symbol in need.symbols)
    return sum(len(name) + 64 for name in (*linkage.needed, *linkage.rpath, *linkage.runpath, *symbols))


def _needs(tables: Tables) -> tuple[Need, ...]:
    """Join three tables: the versions asked for, the version's index for each symbol, and the symbols' names."""
    asked = tables.versions()
    names: dict[int, set[str]] = defaultdict(set)
    for index, symbol in tables.versioned(frozenset(asked)):
        names[index].add(symbol)
    needs = (Need(*asked[index], tuple(sorted(names[index]))) for index in asked)
    return tuple(sorted(needs, key=lambda need: (need.library, version_key(need.version))))


def _architecture(elf: ELFFile) -> str | None:
    found = ARCHITECTURES.get((elf["e_machine"], elf.elfclass, elf.little_endian))
    mask = E_FLAGS.EF_ARM_EABIMASK | E_FLAGS.EF_ARM_ABI_FLOAT_HARD
    return None if found == "armv7l" and elf["e_flags"] & mask != ARM else found


def _interpreter(elf: ELFFile) -> list[str]:
    """Return the file name of the loader that a program names."""
    segments = elf.iter_segments("PT_INTERP")
    return [one.get_interp_name().rpartition("/")[2] for one in segments if isinstance(one, InterpSegment)]


def _libc(names: list[str], file: str) -> str | None:
    """Tell the C library by what auditwheel tells it by: the loader, the libraries, and at last the file name."""
    for name in names:
        if name.startswith(("libc.musl-", "ld-musl-")):
            return "musl"
        if name == "libc.so.6" or name.startswith(("ld-linux", "ld64.so.")):
            return "glibc"
    suffix = SUFFIX.search(file)
    return suffix and {"gnu": "glibc", "musl": "musl"}[suffix[1]]


def version_key(version: str) -> tuple[str, bool, Version, str]:
    """Return a key that sorts ``GLIBC_2.9`` before ``GLIBC_2.10``, and a version that is no number after those."""
    family, _, number = version.partition("_")
    numeric = number.replace(".", "").isdecimal()
    return (family, not numeric, Version(number if numeric else "0"), number)
