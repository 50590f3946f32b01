"""All compiled files of a wheel, whatever their format, in one pass through the archive."""

from dataclasses import dataclass
from pathlib import Path
from typing import IO

from wheel_lab.binaries.elf import MAGIC, Linkage, read_stream
from wheel_lab.limits import noted
from wheel_lab.members import MemberProblem
from wheel_lab.wheelfile import OpenWheel, opened

__all__ = ["Binaries", "read_binaries"]


@dataclass(frozen=True)
class Binaries:
    """The compiled files of a wheel, in the archive's order.

    Attributes
    ----------
    elf
        The ELF files: of Linux and Android.
    problems
        Members that begin like a compiled file and cannot be read as one, and members that cannot be unpacked.
    """

    elf: tuple[Linkage, ...]
    problems: tuple[MemberProblem, ...]


def read_binaries(wheel: str | Path | IO[bytes] | OpenWheel) -> Binaries:
    """Read every compiled file of a wheel without unpacking the wheel.

    Raises
    ------
    WheelError
        The file is not a zip archive, or it reaches a limit.
    OSError
        There is no such file, or it cannot be opened.
    """
    elf: list[Linkage] = []
    problems: list[MemberProblem] = []
    with opened(wheel) as source:
        for member in source.members:
            with noted(problems):
                if member.size >= len(MAGIC) and source.head(member, len(MAGIC)) == MAGIC:
                    with source.open(member) as stream:
                        elf.append(read_stream(stream, member.name))
            source.check_time()
    return Binaries(tuple(elf), tuple(problems))
