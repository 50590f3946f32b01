"""Headers of PE, Mach-O and WebAssembly files that lie; those of ELF files are in `hostile_elf`."""

import struct

HUGE = 0xFFFFFFFF


def pe(at: int = 64, sections: int = 1, optional: int = 240, magic: int = 0x20B, tail: bytes = b"") -> bytes:
    """Make the headers of a PE file, with `sections` section headers promised and a directory of nothing but ones."""
    coff = struct.pack("<2H3L2H", 0x8664, sections, 0, 0, 0, optional, 0x2022)
    return (
        b"MZ" + bytes(58) + struct.pack("<L", at) + b"PE\0\0" + coff + struct.pack("<H", magic) + b"\xff" * 238 + tail
    )


def macho(commands: int = HUGE, size: int = HUGE, tail: bytes = b"") -> bytes:
    """Make the header of a Mach-O file for arm64 that promises so many load commands of so many bytes."""
    return struct.pack("<8L", 0xFEEDFACF, 0x0100000C, 0, 6, commands, size, 0, 0) + tail


def fat(count: int, *slices: tuple[int, int]) -> bytes:
    """Make the header of a universal binary with slices at (offset, size)."""
    entries = b"".join(struct.pack(">5L", 0x0100000C, 0, offset, size, 0) for offset, size in slices)
    return struct.pack(">2L", 0xCAFEBABE, count) + entries


SECTION = struct.pack("<8s8L", b".text\0\0\0", HUGE, 0, HUGE, 0, 0, 0, 0, 0)
DYLIB = struct.pack("<6L", 0xC, 24, HUGE, 0, 0, 0)

PE_FILES = {
    "cut off": b"MZ" + bytes(10),
    "a header behind the end": pe(at=0xFFFFFFF0),
    "a header that is its own beginning": pe(at=0),
    "65,535 sections that are not there": pe(sections=0xFFFF),
    "an optional header behind the end": pe(optional=0xFFFF),
    "sections of 4 GiB": pe(sections=200, tail=SECTION * 200 + b"A" * 100_000),
    "nothing but ones": b"MZ" + b"\xff" * 2000,
}
MACHO_FILES = {
    "cut off": macho()[:20],
    "4 billion commands": macho(),
    "commands of no size": macho(1000, 8000, struct.pack("<2L", 0xC, 0) * 1000),
    "commands of 4 GiB": macho(2, 16, struct.pack("<2L", 0xC, 0xFFFFFFF0) * 2),
    "names behind the end": macho(50_000, 50_000 * 24, DYLIB * 50_000),
    "4 billion slices": fat(HUGE),
    "a slice that is the file itself": fat(1, (0, 28)) + bytes(100),
    "10,000 slices in one place": fat(10_000, *[(0, 4096)] * 10_000),
    "a slice behind the end": fat(1, (0xFFFFFF00, 0xFF)),
}
WASM_FILES = {
    "nothing but ones": b"\0asm\1\0\0\0" + b"\xff" * 1000,
    "a section of 4 GiB": b"\0asm\1\0\0\0\0\xff\xff\xff\xff\x0f\x08dylink.0" + b"\xff" * 100,
}
