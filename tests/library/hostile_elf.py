"""ELF files that no linker writes, made byte by byte for the tests of what reads them.

A linker refuses to write most of what a hostile file holds, so the tables are packed here by hand.
"""

import struct
from dataclasses import dataclass, field

# e_machine, bits, big-endian, e_flags: what auditwheel takes for the architecture of that name.
MACHINES = {
    "x86_64": (62, 64, False, 0),
    "i686": (3, 32, False, 0),
    "aarch64": (183, 64, False, 0),
    "armv7l": (40, 32, False, 0x05000400),
    "ppc64le": (21, 64, False, 2),
    "ppc64": (21, 64, True, 1),
    "s390x": (22, 64, True, 0),
    "riscv64": (243, 64, False, 5),
    "loongarch64": (258, 64, False, 0x43),
}
NULL, NEEDED, HASH, STRTAB, SYMTAB, RELA, RELASZ = 0, 1, 4, 5, 6, 7, 8
RELAENT, STRSZ, SYMENT, SONAME, RPATH, RUNPATH = 9, 10, 11, 14, 15, 29
GNU_HASH, VERSYM, VERNEED, VERNEEDNUM = 0x6FFFFEF5, 0x6FFFFFF0, 0x6FFFFFFE, 0x6FFFFFFF


@dataclass
class Elf:
    """A shared library of a few hundred bytes, for any machine, with no section headers at all.

    The whole file is one PT_LOAD segment whose addresses are its offsets. `versions` is ``{library: {version:
    [symbol, …]}}``; `undefined` is asked for and `exports` offered without a version. `tags` overrides or adds
    entries of the dynamic table. What compiled files hold is tested on compiled files: this stands for the machines
    whose compiler is not here, and for lies.
    """

    architecture: str = "x86_64"
    needed: tuple[str, ...] = ("libc.so.6",)
    versions: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    soname: str | None = None
    runpath: str | None = None
    interpreter: str | None = None
    undefined: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()
    tags: dict[int, int] = field(default_factory=dict)
    kind: int = 3  # ET_DYN
    padding: bytes = b""

    def __bytes__(self) -> bytes:
        machine, bits, big, flags = MACHINES[self.architecture]
        order, word = "><"[not big], "Q" if bits == 64 else "L"
        strings = bytearray(b"\0")

        def string(text: str) -> int:
            found = strings.find(b"\0" + text.encode() + b"\0") + 1
            if found:
                return found
            strings.extend(text.encode() + b"\0")
            return len(strings) - len(text.encode()) - 1

        def elf_hash(text: str) -> int:
            h = 0
            for c in text.encode():
                h = (h << 4) + c
                h = (h ^ (h & 0xF0000000) >> 24) & ~(h & 0xF0000000)
            return h

        def symbol(name: int, section: int = 0) -> bytes:
            return (
                struct.pack(order + "LBBHQQ", name, 0x12, 0, section, 0, 0)
                if bits == 64
                else struct.pack(order + "LLLBBH", name, 0, 0, 0x12, 0, section)
            )

        symbols, numbers, verneed, index = [symbol(0)], [0], [], 2
        for place, (library, own) in enumerate(self.versions.items(), start=1):
            more = 0 if place == len(self.versions) else 16 + 16 * len(own)
            verneed.append(struct.pack(order + "HHLLL", 1, len(own), string(library), 16, more))
            for number, (version, names) in enumerate(own.items(), start=1):
                after = 0 if number == len(own) else 16
                verneed.append(struct.pack(order + "LHHLL", elf_hash(version), 0, index, string(version), after))
                symbols += [symbol(string(name)) for name in names]
                numbers += [index] * len(names)
                index += 1
        for section, names in enumerate((self.undefined, self.exports)):
            symbols += [symbol(string(name), section) for name in names]
            numbers += [section] * len(names)
        dynamic = [(NEEDED, string(name)) for name in self.needed]
        dynamic += [(tag, string(text)) for tag, text in ((SONAME, self.soname), (RUNPATH, self.runpath)) if text]
        tables = {
            SYMTAB: b"".join(symbols),
            VERNEED: b"".join(verneed),
            HASH: b"" if big else struct.pack(order + "LLL", 1, len(symbols), 0) + bytes(4 * len(symbols)),
            # The words of DT_HASH differ on s390x, so a big-endian file has relocations that name each symbol.
            RELA: b"".join(struct.pack(order + "QQq", 0, i << 32 | 1, 0) for i in range(len(symbols))) if big else b"",
            VERSYM: struct.pack(f"{order}{len(numbers)}H", *numbers),
            STRTAB: bytes(strings),
        }
        header, segment = (64, 56) if bits == 64 else (52, 32)
        interpreter = (self.interpreter or "").encode() + b"\0"
        start = header + 3 * segment
        body, offset = bytearray(interpreter), start
        for tag, table in tables.items():
            body += bytes(-(start + len(body)) % 8)
            if table:
                dynamic.append((tag, start + len(body)))
            body += table
        body += bytes(-(start + len(body)) % 8)
        sizes = [(STRSZ, len(strings)), (SYMENT, len(symbols[0]))]
        sizes += [(VERNEEDNUM, len(self.versions))] if verneed else []
        sizes += [(RELASZ, len(tables[RELA])), (RELAENT, 24)] if tables[RELA] else []
        dynamic = [(tag, self.tags.get(tag, value)) for tag, value in [*dynamic, *sizes]]
        dynamic += [(tag, value) for tag, value in self.tags.items() if tag not in dict(dynamic)]
        table = b"".join(struct.pack(order + 2 * word, tag, value) for tag, value in [*dynamic, (NULL, 0)])
        place = start + len(body)
        body += table + self.padding
        end = start + len(body)

        def program(kind: int, at: int, size: int) -> bytes:
            if bits == 64:
                return struct.pack(order + "LL6Q", kind, 4, at, at, at, size, size, 8)
            return struct.pack(order + "8L", kind, at, at, at, size, size, 4, 8)

        # PT_LOAD, PT_DYNAMIC, and PT_INTERP or an empty PT_NULL
        programs = program(1, 0, end) + program(2, place, len(table))
        programs += program(3 if self.interpreter else 0, offset, len(interpreter))
        ident = b"\x7fELF" + bytes([bits // 32, 2 if big else 1, 1]) + bytes(9)
        fields = (self.kind, machine, 1, 0, header, 0, flags, header, segment, 3, 64 if bits == 64 else 40, 0, 0)
        return ident + struct.pack(f"{order}HHL3{word}L6H", *fields) + programs + bytes(body)
