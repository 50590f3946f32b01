"""Zip archives that no ordinary tool writes, made byte by byte for the tests of the door.

`zipfile` refuses to write most of what a hostile file holds, so the records are packed here by hand.
"""

import base64
import hashlib
import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from wheel_lab.members import MemberProblem

MB = 1 << 20
INFO = "tiny-1.0.dist-info"
NAME = "tiny-1.0-py3-none-any.whl"
METADATA = b"Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"
WHEEL = b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@dataclass
class Entry:
    """One member, with every field free to lie. None is the honest value, worked out from `data`.

    `gap` are bytes after the data: a data descriptor, or nothing that belongs there. `at` puts the member where
    another one already lies (an index into the entries): no local header is written for it.
    """

    name: str | bytes
    data: bytes = b""
    method: int = zlib.DEFLATED
    flags: int = 0
    packed: bytes | None = None
    size: int | None = None
    crc: int | None = None
    mode: int = 0o100644
    version: int = 20
    comment: bytes = b""
    extra: bytes = b""
    local_name: bytes | None = None
    local_size: int | None = None
    local_extra: bytes = b""
    gap: bytes = b""
    at: int | None = None
    listed: bool = True


SOUND = Entry("tiny/sound.py", b"x = 1\n")


def deflated(data: bytes) -> bytes:
    """Compress as zip does: a raw deflate stream."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def bomb(name: str, start: bytes, total: int, block: bytes = bytes(MB)) -> Entry:
    """Make a member of `total` bytes, `start` and then `block` again and again, without ever holding it unpacked."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH)
    one = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    times, crc = (total - len(start)) // len(block), zlib.crc32(start)
    for _ in range(times):
        crc = zlib.crc32(block, crc)
    packed = head + one * times + packer.flush()
    return Entry(name, packed=packed, size=len(start) + times * len(block), crc=crc)


def write_zip(
    path: Path, entries: Iterable[Entry], *, comment: bytes = b"", before: bytes = b"", after: bytes = b""
) -> Path:
    """Write an archive of these members; `before` and `after` lie around it."""
    offsets, directory = [], []
    with open(path, "wb") as out:
        out.write(before)
        for entry in entries:
            name = entry.name if isinstance(entry.name, bytes) else entry.name.encode()
            utf8 = 0 if name.isascii() or isinstance(entry.name, bytes) else 0x800
            packed = entry.packed
            if packed is None:
                packed = deflated(entry.data) if entry.method == zlib.DEFLATED else entry.data
            size = len(entry.data) if entry.size is None else entry.size
            crc = zlib.crc32(entry.data) if entry.crc is None else entry.crc
            flags = entry.flags | utf8
            offset = out.tell() if entry.at is None else offsets[entry.at]
            offsets.append(offset)
            if entry.at is None:
                shown = name if entry.local_name is None else entry.local_name
                stated = size if entry.local_size is None else entry.local_size
                fields = (entry.version, flags, entry.method, 0, 0x21, crc, len(packed), stated)
                lengths = (len(shown), len(entry.local_extra))
                out.write(struct.pack("<4s5H3L2H", b"PK\x03\x04", *fields, *lengths) + shown + entry.local_extra)
                out.write(packed + entry.gap)
            if entry.listed:
                fields = (0x300 | entry.version, entry.version, flags, entry.method, 0, 0x21, crc, len(packed), size)
                lengths = (len(name), len(entry.extra), len(entry.comment))
                places = (0, 0, entry.mode << 16, offset - len(before))
                directory.append(
                    struct.pack("<4s6H3L", b"PK\x01\x02", *fields) + struct.pack("<3H2H2L", *lengths, *places)
                )
                directory += [name, entry.extra, entry.comment]
        start = out.tell()
        out.writelines(directory)
        count, length = sum(part[:4] == b"PK\x01\x02" for part in directory[::4]), out.tell() - start
        stated = min(count, 0xFFFF)
        out.write(
            struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, stated, stated, length, start - len(before), len(comment))
        )
        out.write(comment + after)
    return path


def wheel(
    folder: Path,
    *entries: Entry,
    record: bytes | Entry | None = None,
    metadata: bytes | Entry = METADATA,
    **around: bytes,
) -> Path:
    """Write a wheel into a folder that is sound but for `entries`, which come first, and have no row in RECORD."""
    meta = metadata if isinstance(metadata, Entry) else Entry(f"{INFO}/METADATA", metadata)
    parts = [*entries, Entry("tiny.py", b"ANSWER = 42\n"), meta, Entry(f"{INFO}/WHEEL", WHEEL)]
    if record is None:
        record = f"tiny.py,{sha256(parts[-3].data)},12\n{INFO}/METADATA,,\n{INFO}/WHEEL,,\n{INFO}/RECORD,,\n".encode()
    last = record if isinstance(record, Entry) else Entry(f"{INFO}/RECORD", record)
    return write_zip(folder / NAME, [*parts, last], **around)


def sha256(data: bytes) -> str:
    """Write a hash as RECORD does."""
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


def kinds(problems: Iterable[MemberProblem]) -> list[tuple[str, str]]:
    """Return the member and the kind of each problem."""
    return [(problem.member, problem.kind) for problem in problems]


def rewrite(path: Path, change: dict[str, bytes | None]) -> Path:
    """Write the archive anew, with members changed, added, or (None) left out."""
    with zipfile.ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    members |= change
    with zipfile.ZipFile(path, "w") as new:
        for name, data in members.items():
            if data is not None:
                new.writestr(name, data)
    return path
