"""What a PE file of Windows (.pyd, .dll, .exe) asks of its system. Read with `pefile`, the needed directories alone."""

import importlib
import mmap
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from wheel_lab.limits import WheelError
from wheel_lab.members import MemberProblem, shown

__all__ = ["MAGIC", "PeFile", "is_named_so", "read_pe", "read_stream"]

MAGIC = b"MZ"
SUFFIXES = (".pyd", ".dll", ".exe")
# As platform tags name them: win_amd64, win32, win_arm64.
PROCESSORS = {0x8664: "amd64", 0x14C: "win32", 0xAA64: "arm64", 0x1C4: "arm32", 0x200: "ia64"}
# Directories of the optional header, by number.
EXPORTS, IMPORTS, SECURITY, DEBUG, DELAYED, MANAGED = 0, 1, 4, 6, 13, 14
# What pefile may read of one file: pieces, and bytes in all. A Qt library takes a tenth of it.
PIECES, BYTES = 600_000, 8 << 30
PYTHON = re.compile("(lib)?(python|pypy)[0-9]", re.IGNORECASE)
CLOCK = 4096  # pieces between two looks at the clock
SYMBOLS = 1 << 17  # names that are read of a table; pefile stops at 4,096 imports and 8,192 exports by itself
COFF_SYMBOL = 18  # bytes of a symbol that a compiler other than Microsoft's leaves


@dataclass(frozen=True)
class PeFile:
    """What one PE file asks for.

    Attributes
    ----------
    file
        Its path: in the wheel where it came from one, else as it was given.
    architecture
        The processor, as platform tags name it: ``"amd64"``, ``"win32"``, ``"arm64"``; None for one that they have no
        name for. For a .NET library that runs on all of them, it says little: see `managed`.
    kind
        ``"dll"`` (an extension module is one) or ``"program"``.
    needed
        The DLLs that must be loaded with it, in order, in the case in which they are written.
    delayed
        The DLLs that are loaded when they are first called.
    imports
        The names asked of each DLL of both kinds, as (DLL, names). An ordinal number without a known name is left out.
        Empty where names were not read: see :func:`read_stream`.
    exports
        The names that it offers; empty where names were not read.
    managed
        Whether it is a .NET library.
    signed
        Whether it carries a signature. Whether that is valid is not checked.
    debug
        How many bytes of debug data it holds: DWARF sections and the symbol table of a GNU linker.
    pdb
        The path of its debug file on the machine that built it; None when it names none.
    """

    file: str
    architecture: str | None
    kind: str
    needed: tuple[str, ...]
    delayed: tuple[str, ...]
    imports: tuple[tuple[str, tuple[str, ...]], ...]
    exports: frozenset[str]
    managed: bool
    signed: bool
    debug: int
    pdb: str | None

    @property
    def undefined(self) -> tuple[str, ...]:
        """All names that it asks of others, sorted."""
        return tuple(sorted({name for _, names in self.imports for name in names}))

    @property
    def memory(self) -> int:
        """About how many bytes its names take in memory."""
        names = [*self.needed, *self.delayed, *self.exports, *(one for _, names in self.imports for one in names)]
        return sum(len(name) + 64 for name in names)

    def __str__(self) -> str:
        rows = [
            ("NEEDED", ", ".join(self.needed)),
            ("DELAYED", ", ".join(self.delayed)),
            ("SIGNED", "yes" if self.signed else "no"),
            ("PDB", self.pdb),
        ]
        title = f"{shown(self.file)} ({self.architecture or 'unknown processor'} {self.kind})"
        return "\n".join([title, *(f"  {name:<8} {shown(value or 'none', 1000)}" for name, value in rows)])


class _Pieces:
    """The bytes of a file as pefile asks for them, up to a budget. More raises ValueError."""

    def __init__(self, data: bytes | mmap.mmap, stream: BinaryIO) -> None:
        self._data, self._stream = data, stream
        self._pieces = self._bytes = 0

    def __len__(self) -> int:
        return len(self._data)

    def __getitem__(self, piece: slice) -> bytes:
        found = self._data[piece]
        self._pieces += 1
        self._bytes += len(found)
        if self._pieces > PIECES or self._bytes > BYTES:
            raise ValueError("its tables or names do not end where real ones do")
        if self._pieces % CLOCK == 0:
            self._stream.read(0)  # a stream of a wheel looks at the clock
        return found


def read_pe(path: str | Path) -> PeFile:
    """Read one PE file.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    WheelError
        It is not a PE file, or it is damaged. A ValueError.
    """
    with open(path, "rb") as stream:
        return read_stream(stream, str(path))


def is_named_so(name: str) -> bool:
    """Tell whether a file's name is one of a PE file. Other files that begin with ``MZ`` may be anything."""
    return name.lower().endswith(SUFFIXES)


def read_stream(stream: BinaryIO, name: str, *, everything: bool = True) -> PeFile:
    """Read one PE file from a stream; raises :class:`WheelError` when it cannot be read as one.

    Without `everything`, the names that are asked for and offered are read only of what is for Python: an extension
    module, or a file that is linked to a Python. Qt's libraries have 60,000 of them, which takes pefile seconds.
    """
    try:
        with _mapped(stream) as data:
            return _read(data, stream, name, everything)
    except WheelError:
        raise
    # What pefile meets in a damaged file is anything: PEFormatError, TypeError, UnicodeDecodeError, …
    except Exception as error:
        message = f"begins like a PE file, and cannot be read as one: {shown(str(error)) or type(error).__name__}"
    raise WheelError.about(MemberProblem(name, "malformed", message))


@contextmanager
def _mapped(stream: BinaryIO) -> Iterator[_Pieces]:
    """Map a file into memory; read the bytes of a stream that is none."""
    try:
        data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        stream.seek(0)
        yield _Pieces(stream.read(), stream)
    else:
        with data:
            yield _Pieces(data, stream)


def _read(data: _Pieces, stream: BinaryIO, name: str, everything: bool) -> PeFile:
    pefile: Any = importlib.import_module("pefile")  # it takes long to load, and few wheels need it
    pefile.MAX_IMPORT_SYMBOLS = 2 * SYMBOLS  # it counts two tables
    image = pefile.PE(data=data, fast_load=True, max_symbol_exports=SYMBOLS)
    if any(one.PointerToRawData + one.SizeOfRawData > len(data) for one in image.sections if one.PointerToRawData):
        raise ValueError("a section ends after the file")
    # The names of the DLLs first, and alone: one table of symbols that is too large or damaged must not hide a DLL.
    image.parse_data_directories([IMPORTS], import_dllnames_only=True)
    if bad := [text for text in image.get_warnings() if "import" in text]:
        raise ValueError(bad[0])
    needed = _names(image, "DIRECTORY_ENTRY_IMPORT")
    everything = everything or name.lower().endswith(".pyd") or any(map(PYTHON.match, needed))
    image.parse_data_directories([EXPORTS, IMPORTS, DEBUG, DELAYED] if everything else [DEBUG, DELAYED])
    delayed = _names(image, "DIRECTORY_ENTRY_DELAY_IMPORT")
    tables = ("DIRECTORY_ENTRY_IMPORT", "DIRECTORY_ENTRY_DELAY_IMPORT") if everything else ()
    both = [one for table in tables for one in getattr(image, table, ())]
    exported = getattr(image, "DIRECTORY_ENTRY_EXPORT", None)
    return PeFile(
        file=name,
        architecture=PROCESSORS.get(image.FILE_HEADER.Machine),
        kind="dll" if image.FILE_HEADER.IMAGE_FILE_DLL else "program",
        needed=needed,
        delayed=delayed,
        imports=tuple((_text(one.dll), tuple(_text(item.name) for item in one.imports if item.name)) for one in both),
        exports=frozenset(_text(one.name) for one in (exported.symbols if exported else ()) if one.name),
        managed=_has(image, MANAGED),
        signed=_has(image, SECURITY),
        debug=_debug(image),
        pdb=_pdb(image),
    )


def _names(image: Any, table: str) -> tuple[str, ...]:
    names = [_text(one.dll) for one in getattr(image, table, ())]
    if "*invalid*" in names:
        raise ValueError("the name of a DLL is not where its table says")
    return tuple(dict.fromkeys(names))


def _text(name: bytes | str) -> str:
    return name if isinstance(name, str) else name.decode("ascii", "backslashreplace")


def _has(image: Any, number: int) -> bool:
    directories = image.OPTIONAL_HEADER.DATA_DIRECTORY
    return len(directories) > number and directories[number].Size > 0


def _debug(image: Any) -> int:
    """Add up what GNU's linker leaves; only its debug sections have names that are too long for a header: ``/29``."""
    sections = (one.Misc_VirtualSize for one in image.sections if one.Name.startswith((b".debug", b"/")))
    return int(sum(sections) + image.FILE_HEADER.NumberOfSymbols * COFF_SYMBOL)


def _pdb(image: Any) -> str | None:
    for one in getattr(image, "DIRECTORY_ENTRY_DEBUG", ()):
        path = getattr(one.entry, "PdbFileName", None)
        if path:
            return _text(bytes(path).rstrip(b"\0"))
    return None
