"""The symbols that a slice of a Mach-O file asks of others, and those that it offers; laid out as `macholib` says."""

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

from macholib import mach_o

__all__ = ["read_symbols"]

SYMBOLS = 1 << 20  # of both kinds, in one slice. Real files have a tenth.
BLOCK = 4096  # entries that are read in one go
NAME, LONGEST = 256, 1 << 16  # bytes that are read for a name, and again where it is longer


def read_symbols(stream: BinaryIO, header: Any, offset: int, size: int) -> tuple[tuple[str, ...], frozenset[str]]:
    """Read the symbol table of one slice.

    Parameters
    ----------
    stream
        The whole file.
    header
        macholib's header of the slice.
    offset, size
        Where the slice lies in the file.

    Returns
    -------
    tuple
        The undefined symbols, sorted, without those that may be missing; and the exported ones.

    Raises
    ------
    ValueError, struct.error
        The table lies outside the slice, or has more symbols than real ones.
    """
    table, ranges = header.getSymbolTableCommand(), header.getDynamicSymbolTableCommand()
    if table is None or not table.nsyms:
        return (), frozenset()
    wide = header.MH_MAGIC in (mach_o.MH_MAGIC_64, mach_o.MH_CIGAM_64)
    entry = struct.Struct(header.endian + (mach_o.nlist_64 if wide else mach_o.nlist)._format_)
    if max(table.symoff + table.nsyms * entry.size, table.stroff + table.strsize) > size:
        raise ValueError("its symbol table ends after the file")
    undefined: set[str] = set()
    exports: set[str] = set()
    for first, count in _ranges(table, ranges):
        for place, kind, description in _entries(stream, entry, offset + table.symoff, first, count):
            if kind & mach_o.N_STAB or not kind & mach_o.N_EXT or kind & mach_o.N_PEXT or not place:
                continue
            is_undefined = kind & mach_o.N_TYPE == mach_o.N_UNDF
            if is_undefined and description & mach_o.N_WEAK_REF:
                continue
            (undefined if is_undefined else exports).add(_name(stream, offset + table.stroff, place, table.strsize))
    return tuple(sorted(undefined)), frozenset(exports)


def _ranges(table: Any, ranges: Any) -> Iterator[tuple[int, int]]:
    """Return the parts of the table to read, as (first, count): local symbols only where they are not told apart."""
    parts = [(0, int(table.nsyms))]
    if ranges is not None:
        parts = [(int(ranges.iextdefsym), int(ranges.nextdefsym)), (int(ranges.iundefsym), int(ranges.nundefsym))]
    if sum(count for _, count in parts) > SYMBOLS or any(sum(part) > table.nsyms for part in parts):
        raise ValueError("it has more symbols than its table, or than real files have")
    yield from parts


def _entries(
    stream: BinaryIO, entry: struct.Struct, start: int, first: int, count: int
) -> Iterator[tuple[int, int, int]]:
    """Read entries of the table: (place of the name, type, description)."""
    for block in range(first, first + count, BLOCK):
        stream.seek(start + block * entry.size)
        data = stream.read(min(BLOCK, first + count - block) * entry.size)
        yield from ((place, kind, description) for place, kind, _, description, _ in entry.iter_unpack(data))


def _name(stream: BinaryIO, start: int, place: int, size: int) -> str:
    """Return a name as C spells it: Mach-O puts an underscore before each."""
    if not 0 < place < size:
        raise ValueError("a name of a symbol lies outside its table")
    stream.seek(start + place)
    text, end, _ = stream.read(min(NAME, size - place)).partition(b"\0")
    if not end:
        text += stream.read(min(LONGEST, size - place) - len(text)).partition(b"\0")[0]
    return text.removeprefix(b"_").decode("utf-8", "backslashreplace")
