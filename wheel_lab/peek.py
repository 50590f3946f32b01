"""What one file of a wheel says, for a reader: its text, or the headers of a compiled file. Nothing of it is run."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from wheel_lab.binaries.elf import Linkage
from wheel_lab.binaries.macho import MachOFile
from wheel_lab.binaries.pe import PeFile
from wheel_lab.binaries.reading import read_binaries
from wheel_lab.binaries.wasm import WasmFile
from wheel_lab.limits import WheelError
from wheel_lab.members import shown
from wheel_lab.policies import floor
from wheel_lab.wheelfile import OpenWheel, opened

__all__ = ["Peek", "difference", "headers", "headers_of", "peek"]

HEAD = 64 << 10  # bytes that are read of a text
LINES, LINE = 200, 200  # that are shown: lines, and characters of one
FIRST = 128  # bytes that are shown of a file that is neither text nor a compiled file
SYMBOLS = 8  # that are named of one version


@dataclass(frozen=True)
class Peek:
    """What one file says.

    Attributes
    ----------
    name
        Its path in the archive, as it is.
    kind
        ``"text"``; ``"headers"`` of a compiled file; ``"bytes"`` of another one; ``"unreadable"``.
    lines
        What it says, printable: of a text its lines; of a compiled file a line for each fact; else its first bytes, or
        why it cannot be read.
    cut
        Whether there is more than `lines`.
    """

    name: str
    kind: str
    lines: tuple[str, ...] = field(repr=False)
    cut: bool = False

    def __str__(self) -> str:
        return "\n".join([shown(self.name), *(f"  {line}" for line in self.lines), *(["  …"] if self.cut else [])])


def headers(wheel: str | Path | IO[bytes] | OpenWheel) -> dict[str, tuple[str, ...]]:
    """Return the headers of each compiled file of a wheel as lines of text, by the file's name.

    Raises
    ------
    WheelError
        The file is not a zip archive, or it reaches a limit.
    OSError
        There is no such file, or it cannot be opened.
    """
    binaries = read_binaries(wheel)
    found = {one.file: headers_of(one) for one in binaries.elf}
    others: list[PeFile | MachOFile | WasmFile] = [*binaries.pe, *binaries.macho, *binaries.wasm]
    for one in others:
        # A file of macOS may hold several slices, each with headers of its own.
        lines = (shown(line, 4 * LINE) for line in str(one).splitlines())
        found[one.file] = (*found.get(one.file, ()), *lines)
    return found


def headers_of(one: Linkage) -> tuple[str, ...]:
    """Return what an ELF file asks for as lines of text: a word, and what stands there."""
    rows = [
        ("format", f"ELF for {one.architecture or 'a processor that auditwheel does not know'}"),
        ("SONAME", one.soname or "none"),
        *(("NEEDED", name) for name in one.needed or ["none"]),
        *(("RPATH", ":".join(one.rpath)) for _ in one.rpath[:1]),
        *(("RUNPATH", ":".join(one.runpath)) for _ in one.runpath[:1]),
    ]
    for need in one.needs:
        named = ", ".join(need.symbols[:SYMBOLS]) or "the version alone"
        more = len(need.symbols) - SYMBOLS
        rows.append(("asks", f"{need.library} for {need.version}: {named}{f', and {more} more' if more > 0 else ''}"))
    lowest = floor(one).version
    rows.append(("floor", f"glibc {lowest}" if lowest else "none: nothing is asked of glibc by version"))
    return tuple(f"{word:<8}{shown(text, 4 * LINE)}" for word, text in rows)


def peek(
    wheel: str | Path | IO[bytes] | OpenWheel, name: str, known: Mapping[str, tuple[str, ...]] | None = None
) -> Peek:
    """Look into one file of a wheel.

    Parameters
    ----------
    wheel
        The wheel.
    name
        The file's path in it.
    known
        What :func:`headers` has returned; without it the headers are not shown.

    Raises
    ------
    WheelError
        The wheel is not a zip archive, it reaches a limit, or it has no file of that name.
    OSError
        There is no such wheel, or it cannot be opened.
    """
    if known is not None and name in known:
        return Peek(name, "headers", known[name])
    with opened(wheel) as source:
        member = source.find(name)
        if member is None:
            raise WheelError(f"{shown(source.name)} has no file {shown(name)}")
        try:
            data = source.head(member, HEAD)
        except WheelError as error:
            if error.problem is None:
                raise
            return Peek(name, "unreadable", (f"it cannot be read: {error.problem.message}",))
        text = _text(data)
        if text is None:
            lines = [data[start : start + 16] for start in range(0, min(len(data), FIRST), 16)]
            words = tuple(f"{part.hex(' '):<47}  {_printable(part)}" for part in lines)
            return Peek(name, "bytes", words, member.size > FIRST)
        rows = text.splitlines()
        cut = member.size > HEAD or len(rows) > LINES
        return Peek(name, "text", tuple(shown(row.expandtabs(4), LINE) for row in rows[:LINES]), cut)


def difference(before: Peek, after: Peek) -> tuple[str, ...]:
    """Return the lines that differ, and up to two around them: an old one begins with ``-`` and a new one with ``+``.

    Only what both peeks hold is compared; of two files that differ further down, nothing is returned.
    """
    lines = list(difflib.unified_diff(before.lines, after.lines, n=2, lineterm=""))[2:]
    if lines and lines[0].startswith(("@@ -1 ", "@@ -1,")):
        del lines[0]  # nothing is left out above
    return tuple("…" if line.startswith("@@") else f"{line[:1]} {line[1:]}" for line in lines)


def _text(data: bytes) -> str | None:
    """Decode what looks like a text; None for anything else."""
    if b"\0" in data:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        # A character may be cut in two by the end of what is read.
        return data[: error.start].decode() if len(data) == HEAD and error.start > HEAD - 4 else None


def _printable(data: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data)
