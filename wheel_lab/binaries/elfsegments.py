"""What the headers of an ELF file tell beside its tables: segments, notes, and sections that only debuggers read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO, cast

from elftools.common.utils import struct_parse
from elftools.elf.constants import P_FLAGS
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import StringTableSection
from elftools.elf.segments import NoteSegment, Segment

from wheel_lab.binaries.elftables import Frugal

__all__ = ["SECTIONS", "Load", "Sections", "android_level", "declared_level", "loads_of", "read_sections", "stack_of"]

SECTIONS = 10_000  # the most that are looked at; a linked file has about 40
DEBUG = (".debug_", ".zdebug_", ".gdb_index", ".stab", ".gnu.debuglto_")
SYMBOLS = (".symtab", ".strtab")
# The bits of GNU_PROPERTY_X86_ISA_1_NEEDED, the newest level first; the lowest bit is the baseline.
LEVELS = {8: "x86-64-v4", 4: "x86-64-v3", 2: "x86-64-v2"}


@dataclass(frozen=True)
class Load:
    """A segment that the loader maps into memory (PT_LOAD).

    Attributes
    ----------
    offset, size
        Where it lies in the file, in bytes.
    address, memory
        Where it goes, relative to where the whole file goes, and how much room it takes, in bytes.
    alignment
        What its address and its offset are aligned to, in bytes.
    executable
        Whether it holds machine code.
    """

    offset: int
    size: int
    address: int
    memory: int
    alignment: int
    executable: bool


@dataclass(frozen=True)
class Sections:
    """What no loader needs, in bytes of the file: debug information, and the table of all symbols with its names."""

    debug: int = 0
    symtab: int = 0


def loads_of(elf: ELFFile) -> tuple[Load, ...]:
    """Return the segments that the loader maps, in the file's order."""
    return tuple(
        Load(
            offset=one["p_offset"],
            size=one["p_filesz"],
            address=one["p_vaddr"],
            memory=one["p_memsz"],
            alignment=one["p_align"],
            executable=bool(one["p_flags"] & P_FLAGS.PF_X),
        )
        for one in _segments(elf, "PT_LOAD")
    )


def stack_of(elf: ELFFile) -> bool | None:
    """Tell whether the file asks for an executable stack (PT_GNU_STACK); None when it does not say."""
    return next((bool(one["p_flags"] & P_FLAGS.PF_X) for one in _segments(elf, "PT_GNU_STACK")), None)


def declared_level(elf: ELFFile) -> str | None:
    """Return the x86-64 level that the file says it needs, such as ``"x86-64-v3"``; None for the baseline."""
    if elf["e_machine"] != "EM_X86_64":
        return None
    bits = 0
    for segment in _segments(elf, "PT_NOTE"):
        if isinstance(segment, NoteSegment):
            for note in segment.iter_notes():
                if note["n_type"] == "NT_GNU_PROPERTY_TYPE_0" and note["n_name"] == "GNU":
                    own = [one.pr_data for one in note["n_desc"] if one.pr_type == "GNU_PROPERTY_X86_ISA_1_NEEDED"]
                    bits |= own[0] if own and isinstance(own[0], int) else 0
    return next((level for bit, level in LEVELS.items() if bits & bit), None)


def android_level(elf: ELFFile) -> int | None:
    """Return the API level of Android that the file was built for; None when it is not for Android."""
    for segment in _segments(elf, "PT_NOTE"):
        if isinstance(segment, NoteSegment):
            for note in segment.iter_notes():
                # The note begins with the level; pyelftools hands it over as it is.
                data = note["n_descdata"]
                if note["n_name"] == "Android" and len(data) >= 4:
                    return int.from_bytes(data[:4], "little")
    return None


def read_sections(stream: BinaryIO, end: int) -> Sections:
    """Sum up the sections that no loader needs; what is damaged, or lies beyond byte `end`, counts nothing."""
    debug = symtab = 0
    # Nothing needs section headers to load a file, so that they may be overwritten. pyelftools raises anything then. A
    # stream of its own, because this must not use up what the tables may cost.
    try:
        elf = ELFFile(cast(IO[bytes], Frugal(stream)))
        names = cast(StringTableSection, elf.get_section(elf.get_shstrndx()))
        # Not iter_sections, which reads the tables in them, too.
        for number in range(min(elf.num_sections(), SECTIONS)):
            place = elf["e_shoff"] + number * elf["e_shentsize"]
            section = struct_parse(elf.structs.Elf_Shdr, elf.stream, place)
            if section["sh_type"] != "SHT_NOBITS" and section["sh_offset"] + section["sh_size"] <= end:
                name = names.get_string(section["sh_name"])
                debug += section["sh_size"] if name.startswith(DEBUG) else 0
                symtab += section["sh_size"] if name in SYMBOLS else 0
    except Exception:
        return Sections()
    return Sections(debug, symtab)


def _segments(elf: ELFFile, kind: str) -> Iterator[Segment]:
    return elf.iter_segments(kind)
