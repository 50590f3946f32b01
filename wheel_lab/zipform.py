"""The form of a zip archive: what lies in the file from its first byte to its last, beside what `zipfile` shows.

A zip archive says everything twice. A header before each member and the central directory at the end may differ, bytes
may lie between them, before or after; installers and the package index then see different archives. Here are the facts,
without a judgement.
"""

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from wheel_lab.limits import WheelError
from wheel_lab.members import shown
from wheel_lab.wheelfile import OpenWheel, opened

__all__ = ["LocalHeader", "ZipForm", "read_form"]

LOCAL, DIRECTORY, END, DESCRIPTOR = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x07\x08"
HEADER, TAIL = struct.Struct("<4s5H3L2H"), struct.Struct("<4s4H2LH")
ZIP64 = 0x0001
LONG = 0xFFFFFFFF  # a size that stands in the ZIP64 field instead


@dataclass(frozen=True, slots=True)
class LocalHeader:
    """The header that lies before a member's data.

    Attributes
    ----------
    name
        The member's name as bytes.
    offset, data, end
        Where the header begins, where the data begins, and where the next thing should begin, in bytes from the start
        of the file. A data descriptor lies before `end`.
    method, flags, crc, packed, size
        As in :class:`~wheel_lab.members.Member`. Before a data descriptor crc and sizes are mostly 0.
    extra
        The extra fields.
    descriptor
        The bytes between the data and `end`; None without a data descriptor.
    """

    name: bytes
    offset: int
    data: int
    end: int
    method: int
    flags: int
    crc: int
    packed: int
    size: int
    extra: bytes = field(repr=False)
    descriptor: bytes | None = field(repr=False)


@dataclass(frozen=True)
class ZipForm:
    """What a reader finds who walks through the file from its first byte.

    Attributes
    ----------
    headers
        The local headers in the file's order. In a sound archive each member of the central directory has one, and
        there is no other.
    walked
        Where the walk ended: at the first thing that is no local header.
    directory
        Where the central directory begins. In a sound archive that is `walked`.
    entries, disk_entries, directory_size, directory_offset
        What the end record says of the central directory, ZIP64 aside: how many entries, how many of them on this disk,
        how many bytes, and where.
    after
        How many bytes follow the end record and its comment.
    comment, comment_size
        The archive's comment, and how many bytes the end record says that it has.
    """

    headers: tuple[LocalHeader, ...] = field(repr=False)
    walked: int
    directory: int
    entries: int
    disk_entries: int
    directory_size: int
    directory_offset: int
    after: int
    comment: bytes
    comment_size: int


def read_form(wheel: str | Path | IO[bytes] | OpenWheel) -> ZipForm:
    """Walk through a wheel's file.

    Raises
    ------
    WheelError
        The file is not a zip archive, or it reaches a limit.
    OSError
        There is no such file, or it cannot be opened.
    """
    with opened(wheel) as source:
        packed = {member.offset: member.packed for member in source.members}
        headers: list[LocalHeader] = []
        place, most = 0, source.limits.members
        while (header := _header(source, place, packed.get(place))) is not None:
            if most is not None and len(headers) >= most:
                raise WheelError(f"{shown(source.name)} has more than {most:,} local headers", limit="members")
            headers.append(header)
            place = header.end
        # The end record lies before a comment of up to 65,535 bytes; zipfile has found it, so it is there.
        start = max(source.size - TAIL.size - 0x10000, 0)
        tail = source.bytes_at(start, source.size - start)
        bare = tail[-TAIL.size :].startswith(END) and tail.endswith(b"\0\0")
        found = len(tail) - TAIL.size if bare else tail.rindex(END)
        _, _, _, here, entries, size, offset, length = TAIL.unpack_from(tail, found)
        return ZipForm(
            headers=tuple(headers),
            walked=place,
            directory=source.directory_offset,
            entries=entries,
            disk_entries=here,
            directory_size=size,
            directory_offset=offset,
            after=max(len(tail) - found - TAIL.size - length, 0),
            comment=source.comment,
            comment_size=length,
        )


def _header(source: OpenWheel, offset: int, known: int | None) -> LocalHeader | None:
    """Read one local header; None where none lies. `known` is the packed size that the central directory gives."""
    head = source.bytes_at(offset, HEADER.size)
    if len(head) < HEADER.size or not head.startswith(LOCAL):
        return None
    _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = HEADER.unpack(head)
    rest = source.bytes_at(offset + HEADER.size, name_length + extra_length)
    name, extra = rest[:name_length], rest[name_length:]
    size, packed = _long_sizes(extra, size, packed)
    data = offset + HEADER.size + len(rest)
    end, descriptor = data + packed, None
    if flags & 8:
        # The sizes follow the data, so that only the central directory tells where they are.
        end = data + (packed or known or 0)
        after = source.bytes_at(end, 28)
        # With or without a signature, with sizes of 4 or of 8 bytes; the next record tells which.
        lengths = (16, 24, 12, 20) if after.startswith(DESCRIPTOR) else (12, 20)
        length = next((one for one in lengths if after[one : one + 4] in (LOCAL, DIRECTORY, END)), lengths[0])
        descriptor, end = after[:length], end + length
    return LocalHeader(name, offset, data, end, method, flags, crc, packed, size, extra, descriptor)


def _long_sizes(extra: bytes, size: int, packed: int) -> tuple[int, int]:
    """Return the size and the packed size, from the ZIP64 field where they stand there."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<2H", extra)
        if kind == ZIP64:
            content = extra[4 : 4 + length]  # less than that, where the field is cut off
            values = [value for (value,) in struct.iter_unpack("<Q", content[: len(content) // 8 * 8])]
            size = values.pop(0) if size == LONG and values else size
            packed = values.pop(0) if packed == LONG and values else packed
        extra = extra[4 + length :]
    return size, packed
