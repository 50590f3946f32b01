"""What ELF files ask of the system: libraries, search paths and symbols. Read with `pyelftools`.

A file is read as the loader reads it: by its segments (PT_DYNAMIC), never by its section headers, which may be stripped
or overwritten while the file still loads.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from wheel_lab.binaries.elffile import MAGIC, Linkage, Load, Need, read_stream, version_key
from wheel_lab.binaries.reading import read_binaries
from wheel_lab.limits import WheelError
from wheel_lab.members import MemberProblem, shown
from wheel_lab.wheelfile import OpenWheel

__all__ = ["Linkage", "Linkages", "Load", "Need", "elf_files_of", "examine", "read_elf", "read_stream", "version_key"]


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
    found = read_binaries(wheel, formats=["elf"])
    return Linkages(found.elf, found.problems)
