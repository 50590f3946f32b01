"""PE files written byte by byte: as small as a reader takes them, and with what a test asks for."""

import struct
from collections.abc import Mapping, Sequence

MACHINES = {"amd64": 0x8664, "win32": 0x14C, "arm64": 0xAA64, "arm32": 0x1C4, "itanium": 0x200, "alpha": 0x184}
BASE, RAW, ALIGN = 0x1000, 0x400, 0x200  # where the section lies in memory and in the file
Imports = Mapping[str, Sequence[str]]


class Section:
    """The bytes of the one section, and where each part of it lies in memory."""

    def __init__(self, wide: bool) -> None:
        self.data, self.wide = bytearray(), wide

    def add(self, part: bytes) -> int:
        """Append bytes, and return their address."""
        self.data += bytes(-len(self.data) % 8)
        self.data += part
        return BASE + len(self.data) - len(part)

    def thunks(self, names: Sequence[str]) -> int:
        """Append a table of imported names, or of ordinal numbers that are given as ``"#12"``."""
        top = 1 << (63 if self.wide else 31)
        values = [top | int(one[1:]) if one[0] == "#" else self.add(b"\0\0" + one.encode() + b"\0") for one in names]
        return self.add(b"".join(struct.pack("<Q" if self.wide else "<L", value) for value in [*values, 0]))


def pe(
    machine: str = "amd64",
    needed: Imports | Sequence[str] = (),
    delayed: Imports | Sequence[str] = (),
    exports: Sequence[str] = (),
    *,
    dll: bool = True,
    pdb: str = "",
    managed: bool = False,
    signed: bool = False,
    debug: bytes = b"",
    symbols: int = 0,
    patch: Mapping[int, tuple[int, int]] | None = None,
) -> bytes:
    """Return a PE file. DLLs without names ask for one. `patch` replaces directories by (address, size)."""
    wide = machine in ("amd64", "arm64", "itanium", "alpha")
    section, directories = Section(wide), {}
    if needed:
        rows = b""
        for name, names in _named(needed):
            table = section.thunks(names)
            rows += struct.pack("<5L", table, 0, 0, section.add(name.encode() + b"\0"), section.thunks(names))
        directories[1] = (section.add(rows + bytes(20)), len(rows) + 20)
    if delayed:
        rows = b""
        for name, names in _named(delayed):
            text, table = section.add(name.encode() + b"\0"), section.thunks(names)
            rows += struct.pack("<8L", 1, text, 0, section.thunks(names), table, 0, 0, 0)
        directories[13] = (section.add(rows + bytes(32)), len(rows) + 32)
    if exports:
        texts = [section.add(one.encode() + b"\0") for one in sorted(exports)]
        count = len(texts)
        code = section.add(bytes(8))
        functions = section.add(struct.pack(f"<{count}L", *[code] * count))
        named, ordinals = (
            section.add(struct.pack(f"<{count}L", *texts)),
            section.add(struct.pack(f"<{count}H", *range(count))),
        )
        own = section.add(b"own.dll\0")
        directories[0] = (
            section.add(struct.pack("<2L2H7L", 0, 0, 0, 0, own, 1, count, count, functions, named, ordinals)),
            40,
        )
    if pdb:
        entry = b"RSDS" + bytes(20) + pdb.encode() + b"\0"
        place = section.add(entry)
        row = struct.pack("<2L2H4L", 0, 0, 0, 0, 2, len(entry), place, place - BASE + RAW)
        directories[6] = (section.add(row), len(row))
    if managed:
        directories[14] = (section.add(bytes(72)), 72)
    if signed:
        directories[4] = (RAW, 8)
    section.add(bytes(8))
    directories.update(patch or {})
    table = b"".join(struct.pack("<2L", *directories.get(number, (0, 0))) for number in range(16))
    size = -(-len(section.data) // ALIGN) * ALIGN
    end = BASE + -(-size // BASE) * BASE
    sections = [(b".rdata", len(section.data), BASE, size, RAW)]
    if debug:
        sections.append((b"/4", len(debug), end, -(-len(debug) // ALIGN) * ALIGN, RAW + size))
    heads = b"".join(struct.pack("<8s6L2HL", *one, 0, 0, 0, 0, 0x40000040) for one in sections)
    flags = 0x0022 | (0x2000 if dll else 0)
    optional_size = (112 if wide else 96) + len(table)
    file_header = struct.pack("<2H3L2H", MACHINES[machine], len(sections), 0, 0, symbols, optional_size, flags)
    optional = struct.pack("<H2B5L", 0x20B if wide else 0x10B, 14, 0, 0, size, 0, BASE, BASE)
    optional += struct.pack("<Q", 0x180000000) if wide else struct.pack("<2L", BASE, 0x10000000)
    optional += struct.pack("<2L6H4L2H", BASE, ALIGN, 6, 0, 0, 0, 6, 0, 0, end + BASE, RAW, 0, 3, 0)
    optional += struct.pack("<4Q2L" if wide else "<4L2L", 1 << 20, 1 << 12, 1 << 20, 1 << 12, 0, 16)
    head = b"MZ" + bytes(58) + struct.pack("<L", 64) + b"PE\0\0" + file_header + optional + table + heads
    body = bytes(section.data) + bytes(size - len(section.data)) + debug + bytes(-len(debug) % ALIGN)
    return head + bytes(RAW - len(head)) + body


def _named(tables: Imports | Sequence[str]) -> list[tuple[str, Sequence[str]]]:
    if isinstance(tables, Mapping):
        return list(tables.items())
    return [(name, ("function",)) for name in tables]
