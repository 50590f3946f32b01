"""What an ELF file asks of the system: libraries, search paths and versioned symbols. Read with `pyelftools`."""

import io
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from elftools.common.exceptions import ELFError
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection, GNUVerSymSection
from elftools.elf.sections import SymbolTableSection
from packaging.version import Version

__all__ = ["Linkage", "Need", "elf_files_of", "read_elf", "version_key"]


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
    """

    file: str
    soname: str | None
    needed: tuple[str, ...]
    rpath: tuple[str, ...]
    runpath: tuple[str, ...]
    needs: tuple[Need, ...]

    def __str__(self) -> str:
        rows = [("SONAME", self.soname), ("NEEDED", ", ".join(self.needed))]
        rows += [("RPATH", ":".join(self.rpath)), ("RUNPATH", ":".join(self.runpath))]
        return "\n".join([self.file, *(f"  {name:<8} {value or 'none'}" for name, value in rows)])


def read_elf(path: str | Path) -> Linkage:
    """Read one ELF file.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        It is not an ELF file, or it is one that is not linked dynamically.
    """
    with open(path, "rb") as stream:
        return _read(stream, str(path))


def elf_files_of(path: str | Path) -> tuple[Linkage, ...]:
    """Read every ELF file in a wheel without unpacking it, in the archive's order; no ELF file, an empty tuple.

    Raises
    ------
    ValueError
        The file is not a zip archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if _starts_like_elf(archive, name)]
            return tuple(_read(io.BytesIO(archive.read(name)), name) for name in names)
    except zipfile.BadZipFile:
        raise ValueError(f"not a wheel: {Path(path).name} is not a zip archive") from None


def _starts_like_elf(archive: zipfile.ZipFile, name: str) -> bool:
    with archive.open(name) as stream:
        return stream.read(4) == b"\x7fELF"


def _read(stream: BinaryIO, name: str) -> Linkage:
    try:
        elf = ELFFile(stream)
    except ELFError:
        raise ValueError(f"{name} is not an ELF file") from None
    dynamic = elf.get_section_by_name(".dynamic")
    if not isinstance(dynamic, DynamicSection):
        raise ValueError(f"{name} is an ELF file, but not one that the loader links: it has no .dynamic section")
    found: dict[str, list[str]] = defaultdict(list)
    for tag in dynamic.iter_tags():
        for kind in ("needed", "soname", "rpath", "runpath"):
            if tag.entry.d_tag == f"DT_{kind.upper()}":
                found[kind].append(getattr(tag, kind))
    return Linkage(
        file=name,
        soname=next(iter(found["soname"]), None),
        needed=tuple(found["needed"]),
        rpath=tuple(folder for path in found["rpath"] for folder in path.split(":")),
        runpath=tuple(folder for path in found["runpath"] for folder in path.split(":")),
        needs=_needs(elf),
    )


def _needs(elf: ELFFile) -> tuple[Need, ...]:
    """Join three tables: the versions asked for, the version's index for each symbol, and the symbols' names."""
    sections = (".gnu.version_r", ".gnu.version", ".dynsym")
    versions, numbers, symbols = map(elf.get_section_by_name, sections)
    if not isinstance(versions, GNUVerNeedSection):
        return ()
    asked = {
        version["vna_other"]: (library.name, version.name)
        for library, own in versions.iter_versions()
        for version in own
    }
    names: dict[int | str, set[str]] = defaultdict(set)
    if isinstance(numbers, GNUVerSymSection) and isinstance(symbols, SymbolTableSection):
        for number, symbol in zip(numbers.iter_symbols(), symbols.iter_symbols(), strict=True):
            names[number["ndx"]].add(symbol.name)
    needs = (Need(*asked[index], tuple(sorted(names[index]))) for index in asked)
    return tuple(sorted(needs, key=lambda need: (need.library, version_key(need.version))))


def version_key(version: str) -> tuple[str, bool, Version, str]:
    """Return a key that sorts ``GLIBC_2.9`` before ``GLIBC_2.10``, and a version that is no number after those."""
    family, _, number = version.partition("_")
    numeric = number.replace(".", "").isdecimal()
    return (family, not numeric, Version(number if numeric else "0"), number)
