"""Mach-O files written byte by byte: as small as a reader takes them, and with what a test asks for."""

import struct

CPUS = {"x86_64": (0x01000007, 3), "arm64": (0x0100000C, 0), "i386": (7, 3), "arm64e": (0x0100000C, 2)}
KINDS = {"object": 1, "program": 2, "dylib": 6, "bundle": 8}
PLATFORMS = {"macos": 1, "ios": 2, "iossimulator": 7}
UNDEFINED, EXPORTED, LOCAL, WEAK = 0x01, 0x0F, 0x0E, 0x40


def _text(command: int, text: str, head: bytes = b"") -> bytes:
    """Return a load command that ends in a text."""
    offset = 12 + len(head)
    body = text.encode() + b"\0"
    body += bytes(-(offset + len(body)) % 8)
    return struct.pack("<3L", command, offset + len(body), offset) + head + body


def macho(
    cpu: str = "arm64",
    kind: str = "bundle",
    platform: str | None = "macos",
    minimum: tuple[int, int] = (11, 0),
    *,
    old: bool = False,
    name: str = "",
    needed: tuple[str, ...] = (),
    weak: tuple[str, ...] = (),
    rpaths: tuple[str, ...] = (),
    undefined: tuple[str, ...] = (),
    optional: tuple[str, ...] = (),
    exports: tuple[str, ...] = (),
    local: tuple[str, ...] = (),
    signed: bool = True,
    more: bytes = b"",
    table: bool = True,
    ranges: bool = True,
) -> bytes:
    """Return one slice. `old` states the minimum as files before 2018 do. `more` are further load commands.

    Names of symbols are given as C spells them; `optional` ones are asked for, and may be missing; `local` ones are
    nobody else's.
    """
    wide = cpu != "i386"
    version = minimum[0] << 16 | minimum[1] << 8
    commands = []
    if platform and old:
        commands.append(struct.pack("<4L", {"macos": 0x24, "ios": 0x25}[platform], 16, version, version))
    elif platform:
        commands.append(struct.pack("<6L", 0x32, 24, PLATFORMS[platform], version, version, 0))
    dylib = struct.pack("<3L", 0, 0x10000, 0x10000)
    commands += [_text(0xD, name, dylib)] if name else []
    commands += [_text(0xC, one, dylib) for one in needed]
    commands += [_text(0x80000018, one, dylib) for one in weak]
    commands += [_text(0x8000001C, one) for one in rpaths]
    commands += [more] if more else []
    symbols = [(one, LOCAL, 0) for one in local] + [(one, EXPORTED, 0) for one in exports]
    symbols += [(one, UNDEFINED, 0) for one in undefined]
    symbols += [(one, UNDEFINED, WEAK) for one in optional]
    strings, entries = b"\0", b""
    for text, type_, description in symbols:
        entries += struct.pack("<LBBHQ" if wide else "<LBBHL", len(strings), type_, type_ == EXPORTED, description, 0)
        strings += b"_" + text.encode() + b"\0"
    length = sum(map(len, commands)) + (24 if table else 0) + (80 if table and ranges else 0) + (16 if signed else 0)
    start = (32 if wide else 28) + length
    if table:
        commands.append(struct.pack("<6L", 2, 24, start, len(symbols), start + len(entries), len(strings)))
    if table and ranges:
        asked = len(undefined) + len(optional)
        first, second = len(local), len(local) + len(exports)
        commands.append(struct.pack("<8L", 0xB, 80, 0, first, first, len(exports), second, asked) + bytes(48))
    if signed:
        commands.append(struct.pack("<4L", 0x1D, 16, start + len(entries) + len(strings), 16))
    magic = 0xFEEDFACF if wide else 0xFEEDFACE
    header = struct.pack("<7L", magic, *CPUS[cpu], KINDS[kind], len(commands), length, 0) + bytes(4 if wide else 0)
    return header + b"".join(commands) + entries + strings + bytes(16 if signed else 0)


def universal(*slices: bytes, wide: bool = False) -> bytes:
    """Return a file of several slices; `wide` has places of 64 bits, as for very large ones."""
    size = 32 if wide else 20
    offset, heads, body = 8 + size * len(slices), b"", b""
    for one in slices:
        cpu = struct.unpack_from("<2L", one, 4)
        heads += struct.pack(
            ">2L2Q2L" if wide else ">5L", *cpu, offset + len(body), len(one), 0, *([0] if wide else [])
        )
        body += one
    return struct.pack(">2L", 0xCAFEBABF if wide else 0xCAFEBABE, len(slices)) + heads + body
