"""One ELF file: what it asks of the system, and what it gives. The ways to it are in :mod:`wheel_lab.binaries.elf`."""

import io
import re
from dataclasses import dataclass, field
from typing import IO, BinaryIO, cast

from elftools.elf.constants import E_FLAGS
from elftools.elf.elffile import ELFFile
from elftools.elf.segments import InterpSegment
from packaging.version import Version

from wheel_lab.binaries.elfsegments import (
    Load,
    Sections,
    android_level,
    declared_level,
    loads_of,
    read_sections,
    stack_of,
)
from wheel_lab.binaries.elftables import Frugal, Tables
from wheel_lab.limits import WheelError
from wheel_lab.members import Kind, MemberProblem, shown

__all__ = ["MAGIC", "Linkage", "Load", "Need", "read_stream", "version_key"]

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
TEXTREL = 4  # the bit of DT_FLAGS
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
    """What one ELF file asks for, and what it gives.

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
    undefined, weak
        The symbols that are asked of others without a version, sorted: those without which the file does not load, and
        those that may stay undefined.
    exports
        The symbols that others can ask of it.
    versions
        The versions that its own symbols have, and its own name among them. Empty when they have none.
    stack
        Whether it asks for an executable stack; None when it does not say.
    isa
        The level of x86-64 that it says it needs: ``"x86-64-v3"``; None for the baseline, which is what compilers say.
    android
        The API level of Android that it was built for; None for other systems.
    textrel
        Whether the loader has to change its machine code.
    loads
        The segments that the loader maps.
    size
        The file's size in bytes.
    debug, symtab
        How many bytes of it no loader needs: debug information, and the table of all symbols with its names.
    """

    file: str
    soname: str | None
    needed: tuple[str, ...]
    rpath: tuple[str, ...]
    runpath: tuple[str, ...]
    needs: tuple[Need, ...]
    architecture: str | None
    libc: str | None
    undefined: tuple[str, ...] = field(default=(), repr=False)
    weak: tuple[str, ...] = field(default=(), repr=False)
    exports: frozenset[str] = field(default=frozenset(), repr=False)
    versions: frozenset[str] = frozenset()
    stack: bool | None = None
    isa: str | None = None
    android: int | None = None
    textrel: bool = False
    loads: tuple[Load, ...] = field(default=(), repr=False)
    size: int = 0
    debug: int = 0
    symtab: int = 0

    @property
    def memory(self) -> int:
        """About how many bytes its names take in memory."""
        symbols = (symbol for need in self.needs for symbol in need.symbols)
        several = (self.needed, self.rpath, self.runpath, self.undefined, self.weak, self.exports, symbols)
        return sum(len(name) + 64 for names in several for name in names)

    def __str__(self) -> str:
        rows = [("SONAME", self.soname), ("NEEDED", ", ".join(self.needed))]
        rows += [("RPATH", ":".join(self.rpath)), ("RUNPATH", ":".join(self.runpath))]
        return "\n".join([self.file, *(f"  {name:<8} {value or 'none'}" for name, value in rows)])


def read_stream(stream: BinaryIO, name: str) -> Linkage:
    """Read one ELF file from a stream; raises :class:`WheelError` when it is not one that a loader links."""
    kind: Kind = "malformed"
    end = stream.seek(0, io.SEEK_END)
    try:
        elf = ELFFile(cast(IO[bytes], Frugal(stream)))
        if elf["e_type"] == "ET_REL":
            kind, message = "unlinked", "is an object file, which only a linker reads"
        elif (tables := Tables.of(elf)) is None:
            kind, message = "unlinked", "is an ELF file that is not linked dynamically: it has no PT_DYNAMIC segment"
        else:
            return _linkage(elf, tables, name, read_sections(stream, end), end)
    # What pyelftools meets in a damaged file is anything: ELFError, AssertionError, KeyError, OverflowError, …
    except Exception as error:
        message = f"begins like an ELF file, and cannot be read as one: {shown(str(error)) or type(error).__name__}"
    raise WheelError.about(MemberProblem(name, kind, message))


def _linkage(elf: ELFFile, tables: Tables, name: str, sections: Sections, end: int) -> Linkage:
    needed, asked, symbols = tuple(tables.strings("DT_NEEDED")), tables.versions(), tables.symbols()
    # Whose version is not in the table, the loader looks up without one.
    lost = (symbol for index, own in symbols.versioned.items() if index not in asked for symbol in own)
    needs = (Need(*asked[index], tuple(sorted(symbols.versioned.get(index, ())))) for index in asked)
    return Linkage(
        file=name,
        soname=next(tables.strings("DT_SONAME"), None),
        needed=needed,
        rpath=tuple(folder for path in tables.strings("DT_RPATH") for folder in path.split(":")),
        runpath=tuple(folder for path in tables.strings("DT_RUNPATH") for folder in path.split(":")),
        needs=tuple(sorted(needs, key=lambda need: (need.library, version_key(need.version)))),
        architecture=_architecture(elf),
        libc=_libc([*_interpreter(elf), *needed], name),
        undefined=tuple(sorted(symbols.undefined.union(lost))),
        weak=tuple(sorted(symbols.weak)),
        exports=symbols.exports,
        versions=tables.defined(),
        stack=stack_of(elf),
        isa=declared_level(elf),
        android=android_level(elf) if "libc.so" in needed else None,
        textrel=tables.has("DT_TEXTREL") or bool(tables.flags() & TEXTREL),
        loads=loads_of(elf),
        size=end,
        debug=sections.debug,
        symtab=sections.symtab,
    )


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
