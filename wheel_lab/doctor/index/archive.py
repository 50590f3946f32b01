"""The form of the archive, as the index looks at it: rules I1xx but for the files in ``.dist-info``."""

import struct
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping

from wheel_lab.doctor.findings import Finding, found, found_in
from wheel_lab.limits import DIRECTORY
from wheel_lab.members import METHODS, Member
from wheel_lab.wheelfile import OpenWheel
from wheel_lab.zipform import LocalHeader, ZipForm, read_form

__all__ = ["find_in_archive"]

MIB = 1 << 20
ZIP64, UNICODE_PATH = 0x0001, 0x7075
ZIP64_SIZES = (0, 8, 16, 24, 28)  # bytes that a ZIP64 field can have
DESCRIPTOR, UTF8 = 8, 0x800  # general purpose bits
SENTINEL, LONG = 0xFFFF, 0xFFFFFFFF  # the number stands in the ZIP64 record instead
ENTRY = struct.Struct("<28x3H12x")  # an entry of the directory: the lengths of its name, extra fields and comment
Case = Mapping[str, str]


def find_in_archive(source: OpenWheel, file: str, platforms: frozenset[str]) -> Iterator[Finding]:
    """Find what is wrong with the form of a wheel's archive.

    Parameters
    ----------
    source
        The wheel.
    file
        Its name as a shell takes it.
    platforms
        The platform tags of its name.
    """
    form = read_form(source)
    members = {member.offset: member for member in reversed(source.members)}
    for code, cases in (
        ("I101", _duplicates(source, form)),
        ("I104", _with_descriptor(form)),
        ("I105", ({"member": one.name, "count": f"{len(one.comment):,}"} for one in source.members if one.comment)),
        ("I108", _differing(form, members)),
        ("I109", _hidden(source, form, members)),
        ("I110", _misplaced(source, form)),
        ("I112", _bad_names(source, form, members)),
        ("I118", _colliding(source, platforms)),
        ("I119", _bad_extras(form)),
    ):
        yield from found_in(code, cases, file=file)
    for code, kind in (("I113", "name"), ("I114", "link"), ("I115", "encrypted")):
        named = ({"member": one.member, "problem": one.message} for one in source.problems if one.kind == kind)
        yield from found_in(code, named, file=file)
    packed = (one for one in source.members if one.method not in (0, 8) and not one.flags & 0x41)
    methods = ({"member": one.name, "method": METHODS.get(one.method, f"method {one.method}")} for one in packed)
    yield from found_in("I107", methods, file=file)
    yield from _around(source, file, form)


def _around(source: OpenWheel, file: str, form: ZipForm) -> Iterator[Finding]:
    """Look at what lies around the members: before, between and after them, and in the end record."""
    if form.after:
        yield found("I102", file=file, count=f"{form.after:,}")
    if form.comment:
        yield found("I106", file=file, count=f"{len(form.comment):,}")
    if form.walked != form.directory and not _astray(source, form):
        yield found("I103", file=file, subject=f"byte {form.walked}", offset=f"{form.walked:,}")
    elif form.directory_offset not in (form.directory, LONG):
        said = f"a directory at byte {form.directory_offset:,}"
        yield found("I111", file=file, said=said, count=f"is one at byte {form.directory:,}")
    for said, number, there in (
        ("entries of a directory", form.entries, len(source.members)),
        ("entries on this disk", form.disk_entries, len(source.members)),
        ("bytes of a comment", form.comment_size, len(form.comment)),
        ("bytes of a directory", form.directory_size, _directory_size(source, form)),
    ):
        if number != there and not (number in (SENTINEL, LONG) and there > 0):
            yield found("I111", file=file, said=f"{number:,} {said}", count=f"are {there:,}")
    unpacked = sum(member.size for member in source.members)
    if unpacked > 64 * MIB and unpacked > 50 * source.size:
        ratio = f"{unpacked / source.size:.0f}"
        yield found("I116", file=file, packed=f"{source.size:,}", unpacked=f"{unpacked:,}", ratio=ratio)


def _directory_size(source: OpenWheel, form: ZipForm) -> int:
    """Add up the sizes that the directory's entries say; zipfile cuts the last one at the directory's end."""
    size, data = 0, source.bytes_at(form.directory, min(form.directory_size, DIRECTORY))
    while size + ENTRY.size <= len(data):
        size += ENTRY.size + sum(ENTRY.unpack_from(data, size))
    return size


def _astray(source: OpenWheel, form: ZipForm) -> bool:
    """Tell whether a header with a wrong size led the walk astray: then that header is the cause, not stray bytes."""
    sizes = {member.offset: member.packed for member in source.members}
    return any(sizes.get(one.offset, one.packed) != one.packed and not one.flags & DESCRIPTOR for one in form.headers)


def _duplicates(source: OpenWheel, form: ZipForm) -> Iterator[Case]:
    """Name what lies twice in the directory, or twice in the file though the directory has it once."""
    listed = Counter(member.name for member in source.members)
    lying = Counter(header.name for header in form.headers)
    twice = dict.fromkeys(name for name, count in listed.items() if count > 1)
    twice |= dict.fromkeys(_text(name) for name, count in lying.items() if count > 1)
    yield from ({"member": name} for name in twice)


def _hidden(source: OpenWheel, form: ZipForm, members: Mapping[int, Member]) -> Iterator[Case]:
    """Name what lies in the file and is not in the directory. A second copy of a name is a duplicate instead."""
    listed = {member.name for member in source.members}
    for header in form.headers:
        if header.offset not in members and _text(header.name) not in listed:
            yield {"member": _text(header.name)}


def _with_descriptor(form: ZipForm) -> Iterator[Case]:
    yield from ({"member": _text(header.name)} for header in form.headers if header.flags & DESCRIPTOR)


def _differing(form: ZipForm, members: Mapping[int, Member]) -> Iterator[Case]:
    """Compare each local header with the entry of the directory that points at it."""
    for header in form.headers:
        member = members.get(header.offset)
        if member is None:
            continue
        name = _text(header.name)
        if name != member.name and not _mislabelled(header, member):
            yield {"member": member.name, "difference": "name", "local": name, "central": member.name}
        if header.flags & DESCRIPTOR:
            continue  # its sizes follow the data
        for words, local, central in (
            ("packed size", header.packed, member.packed),
            ("size", header.size, member.size),
        ):
            if local != central:
                yield {"member": member.name, "difference": words, "local": f"{local:,}", "central": f"{central:,}"}


def _misplaced(source: OpenWheel, form: ZipForm) -> Iterator[Case]:
    """Name members at whose place no header lies, and those that share bytes with others."""
    sharing = {one.member for one in source.problems if one.kind == "overlap"}
    places = {header.offset for header in form.headers}
    whole = form.walked == form.directory
    several = Counter(member.offset for member in source.members)
    taken: set[int] = set()
    for member in source.members:
        # Of those at one place the first may be right.
        shares = member.offset in taken or (member.name in sharing and several[member.offset] == 1)
        if shares or (whole and member.offset not in places):
            yield {"member": member.name}
        taken.add(member.offset)


def _bad_names(source: OpenWheel, form: ZipForm, members: Mapping[int, Member]) -> Iterator[Case]:
    """Name members whose name has control characters, is not UTF-8, or is UTF-8 without saying so."""
    names = [*(member.name for member in source.members), *(_text(header.name) for header in form.headers)]
    for name in dict.fromkeys(names):
        if any(ord(character) < 0x20 or ord(character) == 0x7F for character in name):
            yield {"member": name, "character": "a control character"}
    for header in form.headers:
        at_place = members.get(header.offset)
        try:
            header.name.decode()
        except UnicodeDecodeError:
            yield {"member": _text(header.name), "character": "bytes that are not UTF-8"}
        else:
            if at_place is not None and _mislabelled(header, at_place):
                yield {"member": _text(header.name), "character": "UTF-8, and the archive does not say so"}


def _mislabelled(header: LocalHeader, member: Member) -> bool:
    """Tell a name that is the same in both places as bytes, and differs only because it is not marked as UTF-8."""
    return not member.flags & UTF8 and not header.name.isascii() and header.name.decode("cp437") == member.name


def _colliding(source: OpenWheel, platforms: frozenset[str]) -> Iterator[Case]:
    """Name pairs of members that are one file on Windows or macOS, unless the wheel is for Linux alone."""
    if all("linux" in platform for platform in platforms):
        return
    seen: dict[str, str] = {}
    for member in source.members:
        name = member.name.rstrip("/")
        other = seen.setdefault(unicodedata.normalize("NFC", name.casefold()), name)
        if other != name:
            yield {"member": name, "subject": other}


def _bad_extras(form: ZipForm) -> Iterator[Case]:
    """Name members whose extra fields are cut off, or twice there where two readers would take different ones."""
    for header in form.headers:
        extra, seen = header.extra, set[int]()
        while extra:
            kind, length = struct.unpack_from("<2H", extra) if len(extra) >= 4 else (0, SENTINEL)
            problem = None
            if len(extra) < 4 + length:
                problem = "cut off"
            elif kind in seen and kind in (ZIP64, UNICODE_PATH):
                problem = "there twice"
            elif kind == ZIP64 and (length not in ZIP64_SIZES or (length == 8 and header.method != 0)):
                problem = "a ZIP64 field of a wrong size"
            if problem:
                yield {"member": _text(header.name), "problem": problem}
                break
            seen.add(kind)
            extra = extra[4 + length :]


def _text(name: bytes) -> str:
    """Return a local header's name as text, as the index reads it; what is not UTF-8 is shown as bytes."""
    return name.decode("utf-8", "backslashreplace")
