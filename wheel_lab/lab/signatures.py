"""Whether the code signature of a Mach-O file still fits the file. What Apple's codesign would say needs a Mac.

A signature lies at the end of the file. It holds a directory with the hash of each page of what is before it. A linker
that signs ad hoc, with no certificate, writes nothing else. The layout is that of Apple's ``cs_blobs.h`` in XNU.
"""

import hashlib
import struct
from pathlib import Path

from macholib.mach_o import LC_CODE_SIGNATURE
from macholib.MachO import MachO, MachOHeader

__all__ = ["fits", "stale_pages"]

SIGNATURE, DIRECTORY = 0xFADE0CC0, 0xFADE0C02  # the magic numbers of the two
SHA256 = 2
HEADER = ">IIIIIIIIIBBBB"  # of a directory, up to the size of a page


def fits(path: str | Path) -> bool:
    """Tell whether a file for macOS has a signature, and is still what was signed."""
    try:
        return not stale_pages(path)
    except ValueError:
        return False


def stale_pages(path: str | Path) -> list[int]:
    """Return the numbers of the pages, from 0, whose content is not what was signed; none when the signature fits.

    Raises
    ------
    ValueError
        The file is no Mach-O file, or a slice of it has no signature that can be checked here.
    """
    data = Path(path).read_bytes()
    found: list[int] = []
    for slice_ in MachO(str(path)).headers:
        found += _stale(data[slice_.offset : slice_.offset + slice_.size], slice_)
    return found


def _stale(data: bytes, header: MachOHeader) -> list[int]:
    places = [command.dataoff for load, command, _ in header.commands if load.cmd == LC_CODE_SIGNATURE]
    if not places:
        raise ValueError("there is no code signature")
    blob = data[places[0] :]
    magic, _, count = struct.unpack_from(">III", blob)
    index = dict(struct.unpack_from(">II", blob, 12 + 8 * number) for number in range(count))
    if magic != SIGNATURE or 0 not in index:
        raise ValueError("the code signature has no directory of hashes")
    directory = blob[index[0] :]
    magic, _, _, _, hashes, _, _, pages, limit, size, kind, _, bits = struct.unpack_from(HEADER, directory)
    if (magic, kind) != (DIRECTORY, SHA256):
        raise ValueError("the directory of hashes is of a kind that is not known here")
    page = 1 << bits
    signed = [directory[hashes + size * number :][:size] for number in range(pages)]
    real = [hashlib.sha256(data[page * number : min(page * (number + 1), limit)]).digest() for number in range(pages)]
    return [number for number, (one, other) in enumerate(zip(signed, real, strict=True)) if one != other]
