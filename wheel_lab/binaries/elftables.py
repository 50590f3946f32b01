"""The tables that a loader reads in an ELF file, found by their addresses alone; the parsing is `pyelftools`'s."""

import io
import struct
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, Self, cast

from elftools.construct.lib.container import Container
from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerDefSection, GNUVerNeedSection
from elftools.elf.relocation import RelocationTable
from elftools.elf.sections import StringTableSection

from wheel_lab.binaries.elfsymbols import NAMES, SYMBOLS, VERSION, Symbols, sort_symbols

__all__ = ["Frugal", "Tables"]

# What is read of one file at most, in bytes, piece by piece, and the least that one read counts for. Real files stay
# below a tenth: the symbol table and its names are read in bulk. This is what ends tables that run in circles.
BUDGET, LEAST = 16 << 20, 16
# What is read in one go: a table that does not end, or a name that does not.
STRETCH = 4 << 20
TAGS = 10_000
ENDLESS = "its tables or names do not end where real ones do"


class Frugal(io.BufferedIOBase):
    """A stream that can be read up to a budget. More raises ValueError."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._spent = self._stretch = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Read up to `size` bytes."""
        data = self._stream.read(STRETCH + 1 if size is None or size < 0 else min(size, STRETCH + 1))
        self._spent += max(len(data), LEAST)
        self._stretch += len(data)
        if self._spent > BUDGET or self._stretch > STRETCH:
            raise ValueError(ENDLESS)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place, and return it."""
        self._stretch = 0
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._stream.tell()

    def bulk(self, offset: int, size: int, most: int) -> bytes:
        """Read a whole table of up to `most` bytes, which do not count for the budget."""
        if size > most:
            raise ValueError(ENDLESS)
        self.seek(offset)
        data = self._stream.read(size)
        if len(data) < size:
            raise ValueError("a table reaches beyond the end of the file")
        return data


class Tables:
    """The dynamic table of one file, and the tables that it points to. Made by :meth:`of`.

    Each method raises what pyelftools raises at a damaged file, which can be any exception.
    """

    def __init__(self, elf: ELFFile, dynamic: DynamicSegment) -> None:
        self._elf, self._dynamic = elf, dynamic
        self._tags = list(islice(dynamic.iter_tags(), TAGS + 1))
        if len(self._tags) > TAGS:
            raise ValueError("its dynamic table does not end")
        self._text = StringTableSection(self._header("DT_STRTAB"), "", elf)

    @classmethod
    def of(cls, elf: ELFFile) -> Self | None:
        """Find the dynamic table; None when the file has none, as a static program or an object file."""
        # Without section headers, pyelftools goes by the segments, which are what the loader goes by.
        elf.header["e_shoff"] = 0
        dynamic = next((one for one in elf.iter_segments("PT_DYNAMIC") if isinstance(one, DynamicSegment)), None)
        # A file of debug symbols keeps the segment, and nothing of its content.
        return None if dynamic is None or dynamic["p_filesz"] == 0 else cls(elf, dynamic)

    def strings(self, name: str) -> Iterator[str]:
        """Return the text of each entry of that name, such as ``DT_NEEDED``."""
        for tag in self._tags:
            if tag.entry.d_tag == name:
                text = getattr(tag, name.removeprefix("DT_").lower())
                yield text if name in ("DT_RPATH", "DT_RUNPATH") else _named(text)

    def versions(self) -> dict[int, tuple[str, str]]:
        """Return the versions that are asked for, by index: (library, version)."""
        if self._value("DT_VERNEED") is None:
            return {}
        header = self._header("DT_VERNEED", count=self._value("DT_VERNEEDNUM") or 0)
        found = {}
        for library, own in GNUVerNeedSection(header, "", self._elf, self._text).iter_versions():
            for version in own:
                found[version["vna_other"] & VERSION] = (_named(library.name), _named(version.name))
        return found

    def defined(self) -> frozenset[str]:
        """Return the names of the versions that the file's own symbols have, and the name of the file among them."""
        if self._value("DT_VERDEF") is None:
            return frozenset()
        header = self._header("DT_VERDEF", count=self._value("DT_VERDEFNUM") or 0)
        section = GNUVerDefSection(header, "", self._elf, self._text)
        # The first name is the version's own, and the others are of those that it continues.
        return frozenset(_named(next(iter(names)).name) for _, names in section.iter_versions())

    def flags(self) -> int:
        """Return the bits of DT_FLAGS; 0 without it."""
        return self._value("DT_FLAGS") or 0

    def has(self, name: str) -> bool:
        """Tell whether there is an entry of that name."""
        return self._value(name) is not None

    def symbols(self) -> Symbols:
        """Return the dynamic symbols."""
        count, size = self._number_of_symbols(), self._elf.structs.Elf_Sym.sizeof()
        stream = cast(Frugal, self._elf.stream)
        if not count:
            return Symbols({}, frozenset(), frozenset(), frozenset())
        table = stream.bulk(self._offset("DT_SYMTAB"), count * size, SYMBOLS * size)
        names = stream.bulk(self._offset("DT_STRTAB"), self._value("DT_STRSZ") or 0, NAMES)
        versions: tuple[int, ...] = (0,) * count
        if self._value("DT_VERSYM") is not None:
            order = "<" if self._elf.little_endian else ">"
            versions = struct.unpack(f"{order}{count}H", stream.bulk(self._offset("DT_VERSYM"), 2 * count, 2 * SYMBOLS))
        return sort_symbols(self._elf.structs, table, names, versions)

    def _number_of_symbols(self) -> int:
        """Count the dynamic symbols: nothing says it outright, once section headers do not count."""
        stream = cast(Frugal, self._elf.stream)
        if self._value("DT_GNU_HASH") is not None:
            if count := self._hashed():
                return count
            # Nothing is exported. What is asked of others lies before the table's reach, and GNU ld writes 1 for it.
        elif self._value("DT_HASH") is not None and (self._elf["e_machine"], self._elf.elfclass) != ("EM_S390", 64):
            # The second word is how many symbols there are. On s390x the words are twice as long: relocations tell.
            return self._words(stream.bulk(self._offset("DT_HASH"), 8, 8))[1]
        tables = cast(dict[str, RelocationTable], self._dynamic.get_relocation_tables())
        # What is asked of others is named by a relocation. Relative ones come first, and name nothing.
        relative = {"REL": self._value("DT_RELCOUNT") or 0, "RELA": self._value("DT_RELACOUNT") or 0, "JMPREL": 0}
        places = (
            tables[name].get_relocation(place)["r_info_sym"]
            for name in relative.keys() & tables.keys()
            for place in range(relative[name], tables[name].num_relocations())
        )
        return 1 + max(places, default=0)

    def _hashed(self) -> int:
        """Count the symbols by DT_GNU_HASH; 0 when none is in it.

        Its buckets, in bulk: pyelftools reads them one by one, which took longer than the symbols themselves.
        """
        stream, start = cast(Frugal, self._elf.stream), self._offset("DT_GNU_HASH")
        buckets, first, bloom, _ = self._words(stream.bulk(start, 16, 16))
        start += 16 + bloom * self._elf.elfclass // 8
        last = max(self._words(stream.bulk(start, 4 * buckets, 4 * SYMBOLS)), default=0)
        if not last:
            return 0
        if last < first:
            return first
        # The chain of the last bucket ends at the last symbol, with an odd number.
        stream.seek(start + 4 * (buckets + last - first))
        while not self._words(stream.read(4))[0] & 1:
            last += 1
        return last + 1

    def _words(self, data: bytes) -> tuple[int, ...]:
        """Take a table of words of 32 bits apart."""
        return struct.unpack(f"{'<' if self._elf.little_endian else '>'}{len(data) // 4}I", data)

    def _value(self, name: str) -> int | None:
        return next((tag["d_val"] for tag in self._tags if tag.entry.d_tag == name), None)

    def _offset(self, name: str) -> int:
        """Return where the table of that entry lies in the file."""
        offset = next(self._elf.address_offsets(self._value(name) or 0), None)
        if offset is None:
            raise ValueError(f"{name} points out of the file")
        return offset

    def _header(self, name: str, size: int = 0, count: int = 0, entry: int = 0) -> Container:
        """Make up the section header that pyelftools asks of a table."""
        return Container(
            sh_flags=0, sh_offset=self._offset(name), sh_size=size, sh_info=count, sh_entsize=entry, sh_addralign=1
        )


def _named(text: str | None) -> str:
    """Return a name; an empty one is what a damaged table gives."""
    if not text:
        raise ValueError("a name is not where its table says")
    return text
