"""The members of a zip archive as its central directory lists them, and what can be wrong with one of them."""

import re
import stat
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, Self

__all__ = ["Kind", "Member", "MemberProblem", "find_problems", "shown"]

Kind = Literal[
    # Such a member is not read at all:
    "encrypted",  # nobody can read it without a password
    "compression",  # packed by another method than deflate, which zip, the package index and the door agree on
    "size",  # larger than a limit
    "ratio",  # large, and packed smaller than real files can be: a zip bomb
    "overlap",  # its bytes are another member's too
    # This shows only when it is read:
    "damaged",  # cut off, or not what its header or its checksum says
    "missing",  # each wheel has such a file, and this one has not
    "malformed",  # its content is not what its name or its first bytes promise
    "unlinked",  # an ELF file that no loader links to others: an object file, or a static program
    # Such a member can be read, but not installed, or not safely:
    "name",  # an absolute name, or one that leads out of the folder, or no name for a file
    "control",  # the name has characters that do not print, such as a terminal's escape codes
    "duplicate",  # an earlier member has the same name
    "link",  # a symbolic link
]
UNREADABLE: frozenset[Kind] = frozenset({"encrypted", "compression", "size", "ratio", "overlap"})
METHODS = {zipfile.ZIP_BZIP2: "bzip2", zipfile.ZIP_LZMA: "LZMA", 93: "Zstandard", 95: "XZ", 99: "AES"}
# What is packed to nothing may do so up to this size: a table of zeros is no bomb.
SMALL = 16 << 20
LOCAL_HEADER = 30  # bytes of a local header without its name


def shown(text: str, length: int = 200) -> str:
    """Return `text` with each character that does not print escaped, cut off after `length` characters."""
    head = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text[:length])
    return head if len(text) <= length else head + "…"


@dataclass(frozen=True)
class MemberProblem:
    """Something that is wrong with one member.

    Attributes
    ----------
    member
        The member's name, as it is: to print it, use :func:`shown`, or print the problem.
    kind
        One of the words of :data:`Kind`.
    message
        What is wrong, to be read after the name: ``"is encrypted: …"``.
    """

    member: str
    kind: Kind
    message: str

    def __str__(self) -> str:
        return f"{shown(self.member)} {self.message}"


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of the central directory, as it stands there.

    Attributes
    ----------
    name
        Its name; folders end in ``/``. zipfile cuts it at a NUL byte, here it is whole.
    size, packed
        The size in bytes, and what it takes in the zip.
    index
        Its place in the central directory, from 0.
    offset
        Where its local header begins, in bytes from the start of the file.
    method
        How it is packed: 0 is stored, 8 deflated.
    flags
        The general purpose bits: 1 is encrypted, 8 a data descriptor after the data, 0x800 a name in UTF-8.
    crc
        The checksum of its content.
    system, attributes
        The system that wrote it (3 is Unix), and the attributes of that system.
    extra, comment
        The entry's own extra fields and comment.
    """

    name: str
    size: int
    packed: int
    index: int
    offset: int
    method: int
    flags: int
    crc: int
    system: int
    attributes: int
    extra: bytes = field(repr=False)
    comment: bytes = field(repr=False)

    @classmethod
    def of(cls, info: zipfile.ZipInfo, index: int) -> Self:
        """Take over what `zipfile` has read."""
        return cls(
            name=info.orig_filename,
            size=info.file_size,
            packed=info.compress_size,
            index=index,
            offset=info.header_offset,
            method=info.compress_type,
            flags=info.flag_bits,
            crc=info.CRC,
            system=info.create_system,
            attributes=info.external_attr,
            extra=info.extra,
            comment=info.comment,
        )

    @property
    def is_dir(self) -> bool:
        """True for a folder: its name ends in a slash."""
        return self.name.endswith("/")

    @property
    def mode(self) -> int:
        """The type and the permissions on Unix, as in ``os.stat``; 0 when it was not written there."""
        return self.attributes >> 16 if self.system == 3 else 0

    def problem(self, kind: Kind, message: str) -> MemberProblem:
        """Say what is wrong with this member."""
        return MemberProblem(self.name, kind, message)

    def __str__(self) -> str:
        return f"{self.size:>12,} {self.packed:>12,}  {shown(self.name, len(self.name))}"


def find_problems(
    members: Sequence[Member], member_size: int | None, ratio: float | None, end: int
) -> Iterator[tuple[int, MemberProblem]]:
    """Find what the headers alone show to be wrong, as (index of the member, problem); data ends at byte `end`."""
    overlapping = _overlapping(members, end)
    seen: Counter[str] = Counter()
    for member in members:
        for kind, message in _of_content(member, member_size, ratio):
            yield member.index, member.problem(kind, message)
        if member.index in overlapping:
            yield member.index, member.problem("overlap", "shares its bytes with what comes next in the file")
        for kind, message in _of_name(member):
            yield member.index, member.problem(kind, message)
        if seen[member.name]:
            yield member.index, member.problem("duplicate", "is in the archive more than once")
        seen[member.name] += 1


def _of_content(member: Member, member_size: int | None, ratio: float | None) -> Iterator[tuple[Kind, str]]:
    if member.flags & 0x41:
        yield "encrypted", "is encrypted: it cannot be read without a password"
    if member.method not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        method = METHODS.get(member.method, f"method {member.method}")
        yield "compression", f"is packed with {method}: a wheel's files are deflated or stored"
    if member_size is not None and member.size > member_size:
        yield "size", f"is {member.size:,} bytes large, and the limit is {member_size:,}"
    elif ratio is not None and member.size > max(SMALL, member.packed * ratio):
        yield "ratio", f"unpacks {member.packed:,} bytes to {member.size:,}, more than {ratio:g} to 1"


def _of_name(member: Member) -> Iterator[tuple[Kind, str]]:
    parts = member.name.removesuffix("/").split("/")
    if member.name.startswith("/") or re.match(r"[A-Za-z]:", member.name):
        yield "name", "has an absolute name"
    elif not {"", ".", ".."}.isdisjoint(parts):
        yield "name", "has a name that is no plain path below a folder"
    if "\\" in member.name:
        yield "name", "has a backslash in its name, which is a separator on Windows alone"
    if not member.name.isprintable():
        yield "control", "has a name with characters that do not print"
    if stat.S_ISLNK(member.mode):
        yield "link", "is a symbolic link, and installers write a file that holds the target's name"


def _overlapping(members: Sequence[Member], end: int) -> set[int]:
    """Return the members that reach into the next one, or into the central directory. zipfile looks only since 3.13."""
    found = set()
    ordered = sorted(members, key=lambda member: member.offset)
    for one, after in pairwise([*((member.offset, member) for member in ordered), (end, None)]):
        if one[1] is not None and one[0] + LOCAL_HEADER + len(one[1].name) + one[1].packed > after[0]:
            found.add(one[1].index)
    return found
