"""All compiled files of a wheel, whatever their format, in one pass through the archive."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

from wheel_lab.binaries import elffile, macho, pe, wasm
from wheel_lab.binaries.elffile import Linkage
from wheel_lab.binaries.macho import MachOFile
from wheel_lab.binaries.pe import PeFile
from wheel_lab.binaries.wasm import WasmFile
from wheel_lab.limits import WheelError, noted
from wheel_lab.members import MemberProblem
from wheel_lab.wheelfile import OpenWheel, opened

__all__ = ["FORMATS", "Binaries", "Format", "read_binaries"]

# How much the names of a wheel's files may take, in bytes of memory. NumPy takes a 200th of it.
KEPT = 160 << 20


@dataclass(frozen=True)
class Format:
    """A format of compiled files.

    Attributes
    ----------
    magics
        What such a file begins with, one of them.
    read
        Reads one file from a stream, under a name; raises :class:`WheelError`. It returns what it finds: one record,
        several where a file has several slices, and none where it only began like one. Each has a `memory`, which is
        about how many bytes its names take.
    """

    magics: tuple[bytes, ...]
    read: Callable[[BinaryIO, str], Sequence[Any]]


def _read_elf(stream: BinaryIO, name: str) -> Sequence[Linkage]:
    return (elffile.read_stream(stream, name),)


def _read_pe(stream: BinaryIO, name: str) -> Sequence[PeFile]:
    # Two letters say little: without a name of Windows behind them, the file may be anything.
    return (pe.read_stream(stream, name, everything=False),) if pe.is_named_so(name) else ()


def _read_wasm(stream: BinaryIO, name: str) -> Sequence[WasmFile]:
    return (wasm.read_stream(stream, name),)


FORMATS = {
    "elf": Format((elffile.MAGIC,), _read_elf),
    "pe": Format((pe.MAGIC,), _read_pe),
    "macho": Format(macho.MAGICS, macho.read_stream),
    "wasm": Format((wasm.MAGIC,), _read_wasm),
}
HEAD = max(len(magic) for one in FORMATS.values() for magic in one.magics)


@dataclass(frozen=True)
class Binaries:
    """The compiled files of a wheel, in the archive's order.

    Attributes
    ----------
    elf
        The ELF files: of Linux and Android.
    pe
        The PE files: of Windows.
    macho
        The Mach-O files: of macOS and iOS, one record for each slice.
    wasm
        The WebAssembly files: of Emscripten.
    problems
        Members that begin like a compiled file and cannot be read as one, and members that cannot be unpacked.
    """

    elf: tuple[Linkage, ...]
    pe: tuple[PeFile, ...]
    macho: tuple[MachOFile, ...]
    wasm: tuple[WasmFile, ...]
    problems: tuple[MemberProblem, ...]


def read_binaries(wheel: str | Path | IO[bytes] | OpenWheel, formats: Collection[str] = tuple(FORMATS)) -> Binaries:
    """Read every compiled file of a wheel without unpacking the wheel.

    Parameters
    ----------
    wheel
        A path, an open binary file, or an open wheel.
    formats
        Which formats to read, by their names in :data:`FORMATS`. Files of others are left out.

    Raises
    ------
    WheelError
        The file is not a zip archive, or it reaches a limit.
    OSError
        There is no such file, or it cannot be opened.
    """
    found: dict[str, list[Any]] = {name: [] for name in FORMATS}
    problems: list[MemberProblem] = []
    kept = 0
    with opened(wheel) as source:
        for member in source.members:
            with noted(problems):
                head = source.head(member, HEAD) if member.size >= HEAD else b""
                name = next((one for one in formats if head.startswith(FORMATS[one].magics)), None)
                if name is not None:
                    if kept > KEPT:
                        message = "is not examined: the names in the files before it take too much memory"
                        raise WheelError.about(member.problem("size", message))
                    with source.open(member) as stream:
                        records = FORMATS[name].read(stream, member.name)
                    found[name] += records
                    kept += sum(one.memory for one in records)
            # What a stream raises, a library may turn into an error of its own, and so into a problem of the member.
            source.check_time()
    return Binaries(**{name: tuple(records) for name, records in found.items()}, problems=tuple(problems))
