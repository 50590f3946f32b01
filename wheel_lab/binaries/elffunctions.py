"""Which function of an ELF file an address lies in, as far as the file's tables of symbols name its functions."""

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, BinaryIO, cast

from elftools.elf.elffile import ELFFile

from wheel_lab.binaries.elfsegments import SECTIONS
from wheel_lab.binaries.elfsymbols import NAMES, SYMBOLS, entries
from wheel_lab.binaries.elftables import Frugal

__all__ = ["Functions", "read_functions"]

TABLES = ("SHT_SYMTAB", "SHT_DYNSYM")  # all symbols; when they were stripped, those that others may ask for
FUNCTION = (2, 10)  # the types of a function, and of a function that chooses one when it is loaded


@dataclass(frozen=True)
class Functions:
    """The functions of one file, by their addresses.

    Attributes
    ----------
    starts, ends
        Where each begins, and the first address behind it, in order.
    names
        Where the name of each begins in `text`, which holds all of them.
    """

    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    names: tuple[int, ...] = ()
    text: bytes = field(default=b"", repr=False)

    def at(self, address: int) -> int | None:
        """Return the number of the function that an address lies in; None when no name is known."""
        number = bisect_right(self.starts, address) - 1
        return number if number >= 0 and address < self.ends[number] else None

    def name(self, number: int) -> str:
        """Return the name of a function by its number, as the file has it: C++ names are mangled; "?" for none."""
        start = self.names[number]
        return self.text[start : max(self.text.find(b"\0", start), start)].decode(errors="replace") or "?"


def read_functions(stream: BinaryIO) -> Functions:
    """Read the names of a file's functions; a file that is stripped or damaged has none."""
    # As with read_sections: nothing needs these headers to load a file, and pyelftools raises anything.
    try:
        frugal = Frugal(stream)
        elf = ELFFile(cast(IO[bytes], frugal))
        tables = {one["sh_type"]: one for one in islice(elf.iter_sections(), SECTIONS) if one["sh_type"] in TABLES}
        table = next(tables[kind] for kind in TABLES if kind in tables)
        text = elf.get_section(table["sh_link"])
        size = elf.structs.Elf_Sym.sizeof()
        data = frugal.bulk(table["sh_offset"], table["sh_size"] // size * size, SYMBOLS * size)
        found = sorted(
            (value, value + length, name)
            for name, info, value, length in entries(elf.structs, data, "st_name", "st_info", "st_value", "st_size")
            if info & 15 in FUNCTION and value and length
        )
        names = frugal.bulk(text["sh_offset"], text["sh_size"], NAMES)
    except Exception:
        return Functions()
    starts, ends, places = zip(*found, strict=True) if found else ((), (), ())
    return Functions(starts, ends, places, names)
