"""The symbols that a loader looks up in an ELF file, read in bulk: large libraries have hundreds of thousands.

pyelftools reads one symbol at a time. Here the layout of an entry is asked of its structures, and :mod:`struct` reads
the whole table.
"""

import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from elftools.elf.structs import ELFStructs

__all__ = ["NAMES", "SYMBOLS", "VERSION", "Symbols", "entries", "sort_symbols"]

# The most that is read of one file: symbols, bytes of names in the file, and bytes that the kept names take in memory.
# TensorFlow's main library has 480,000 symbols with names of 83 MiB.
SYMBOLS, NAMES, KEPT = 1 << 20, 128 << 20, 160 << 20
CODES = {1: "B", 2: "H", 4: "L", 8: "Q"}
WEAK, EXPORTED, VISIBLE = 2, (1, 2, 10), (0, 3)  # of st_info: the binding; of st_other: the visibility
VERSION, FIRST = 0x7FFF, 2  # the bits of a version's index; smaller ones stand for no version


@dataclass(frozen=True)
class Symbols:
    """The dynamic symbols of one file.

    Attributes
    ----------
    versioned
        What is asked of others in a version, by the version's index.
    undefined, weak
        What is asked of others without a version, and what may stay undefined.
    exports
        What others can ask of it.
    """

    versioned: Mapping[int, frozenset[str]]
    undefined: frozenset[str]
    weak: frozenset[str]
    exports: frozenset[str]


def sort_symbols(structs: ELFStructs, table: bytes, names: bytes, versions: Sequence[int]) -> Symbols:
    """Sort the symbols of a dynamic symbol table.

    Parameters
    ----------
    structs
        pyelftools' structures for the file.
    table, names
        The content of DT_SYMTAB and of DT_STRTAB.
    versions
        The entry of DT_VERSYM for each symbol; zeros without one.

    Raises
    ------
    ValueError
        A name is not where its symbol says, or the names take too much memory.
    """
    versioned: dict[int, set[str]] = defaultdict(set)
    undefined: set[str] = set()
    weak: set[str] = set()
    exports: set[str] = set()
    kept = 0
    fields = entries(structs, table, "st_name", "st_info", "st_other", "st_shndx")
    for (start, info, other, section), number in zip(fields, versions, strict=True):
        version = number & VERSION
        if section:
            if info >> 4 not in EXPORTED or other & 3 not in VISIBLE:
                continue
            kind = exports
        elif version >= FIRST:
            kind = versioned[version]
        elif start:
            kind = weak if info >> 4 == WEAK else undefined
        else:
            continue
        end = names.find(b"\0", start)
        if end <= start:
            raise ValueError("a name is not where its table says")
        kept += end - start + 64
        if kept > KEPT:
            raise ValueError("its tables or names do not end where real ones do")
        kind.add(names[start:end].decode(errors="replace"))
    return Symbols(
        {index: frozenset(own) for index, own in versioned.items()},
        frozenset(undefined), frozenset(weak), frozenset(exports),
    )  # fmt: skip


def entries(structs: ELFStructs, table: bytes, *names: str) -> Iterator[tuple[int, ...]]:
    """Take a table of symbols apart: for each symbol the fields of these names, such as ``st_value``."""
    fields = structs.Elf_Sym.subcons
    form = ("<" if structs.little_endian else ">") + "".join(CODES[field.sizeof()] for field in fields)
    places = [[field.name for field in fields].index(name) for name in names]
    return map(itemgetter(*places), struct.iter_unpack(form, table))
