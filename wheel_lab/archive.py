"""A wheel as data: its members, METADATA, WHEEL and RECORD, and whether RECORD holds.

A wheel is a zip archive with a fixed form: PEP 427 and 491, kept up to date as "Binary distribution format" in the
PyPA specifications. PEP 770 adds the folder for SBOMs, PEP 639 the one for licences.
"""

from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path, PurePosixPath
from typing import IO

from installer.records import RecordEntry
from packaging.metadata import RawMetadata
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from wheel_lab.distinfo import has_hash, info_folder, missing_fields, read_metadata, read_rows, read_wheel_metadata
from wheel_lab.members import Member, MemberProblem, shown
from wheel_lab.wheelfile import OpenWheel, WheelError, noted, opened

__all__ = ["RecordCheck", "Wheel", "check_record", "read_wheel"]

# The specification leaves these two out of RECORD: they sign it, so RECORD cannot know them.
SIGNATURES = ("RECORD.jws", "RECORD.p7s")
LICENCE_WORDS = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS")
LISTED = 20  # bad rows of RECORD that are listed one by one


@dataclass(frozen=True)
class Wheel:
    """What a wheel says of itself.

    Attributes
    ----------
    file
        The file's name, without its folder.
    name, version, tags
        From the file name: the name in its normal form, and each tag by itself, sorted.
    members
        The files, in the archive's order.
    metadata
        METADATA as `packaging` reads it: ``metadata["name"]``, ``metadata["requires_dist"]`` and so on. Empty when it
        cannot be read.
    wheel_metadata
        WHEEL as a message: ``wheel_metadata["Root-Is-Purelib"]``, ``wheel_metadata.get_all("Tag")``.
    record
        The rows of RECORD that can be read: ``path``, ``hash_`` and ``size``.
    sboms, licences
        Names of the members that list the software inside, and that hold licence texts.
    info
        The name of the ``.dist-info`` folder, without a slash.
    problems
        What is wrong with a member, and why METADATA, WHEEL or rows of RECORD are not here. Other members' contents are
        not looked at.
    """

    file: str
    name: str
    version: str
    tags: tuple[str, ...]
    members: tuple[Member, ...]
    metadata: RawMetadata = field(repr=False)
    wheel_metadata: Message = field(repr=False)
    record: tuple[RecordEntry, ...] = field(repr=False)
    sboms: tuple[str, ...]
    licences: tuple[str, ...]
    info: str
    problems: tuple[MemberProblem, ...]

    @property
    def size(self) -> int:
        """What all the members take once they are unpacked, in bytes."""
        return sum(member.size for member in self.members)

    def __str__(self) -> str:
        lines = [
            f"distribution  {self.name} {self.version}",
            f"tags          {shown(', '.join(self.tags), 1000)}",
            f"built by      {shown(str(self.wheel_metadata.get('Generator', 'not said')))}",
            f"files         {len(self.members)}, {self.size:,} bytes unpacked",
            f"licences      {_listed(self.licences)}",
            f"SBOMs         {_listed(self.sboms)}",
        ]
        if self.problems:
            first, more = self.problems[0], len(self.problems) - 1
            lines.append(f"problems      {first}{f', and {more} more' if more else ''}")
        return "\n".join(lines)


@dataclass(frozen=True)
class RecordCheck:
    """RECORD compared with the archive: what agrees, and the names of the members that do not.

    Attributes
    ----------
    checked
        How many members agree with the hash and the size in RECORD. RECORD itself is not among them: no file can hold
        its own hash.
    altered
        The content differs from the hash or the size in RECORD.
    unlisted
        In the archive, but not in RECORD.
    absent
        In RECORD, but not in the archive.
    malformed
        The row has no hash or no size, or cannot be read (``line 7 of RECORD`` when it names no file); or the archive
        holds the member twice or damaged.
    """

    checked: int
    altered: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    malformed: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """True when every member is listed, and every hash and size agrees."""
        return not (self.altered or self.unlisted or self.absent or self.malformed)

    def __str__(self) -> str:
        if self.holds:
            return f"RECORD holds: {self.checked} files, every hash agrees"
        words = [
            *(f"{shown(name)}: its content is not what RECORD says" for name in self.altered),
            *(f"{shown(name)}: in the archive, but not in RECORD" for name in self.unlisted),
            *(f"{shown(name)}: in RECORD, but not in the archive" for name in self.absent),
            *(f"{shown(name)}: damaged, twice there, or without a proper hash and size" for name in self.malformed),
        ]
        return "\n  ".join(["RECORD does not hold:", *words])


def read_wheel(wheel: str | Path | IO[bytes] | OpenWheel) -> Wheel:
    """Read a wheel's own words; nothing is unpacked or run. What is wrong inside is in `problems`.

    Raises
    ------
    WheelError
        The name is not a wheel's, the file is not a zip archive, or it reaches a limit.
    OSError
        There is no such file, or it cannot be opened.
    """
    with opened(wheel) as source:
        try:
            name, version, _, tags = parse_wheel_filename(source.name)
        except InvalidWheelFilename as error:
            raise WheelError(shown(str(error))) from None
        info, problems = info_folder(source), list(source.problems)
        metadata: RawMetadata = {}
        wheel_metadata, bad = Message(), 0
        record: list[RecordEntry] = []
        with noted(problems):
            metadata = read_metadata(source, info)
            problems += missing_fields(metadata, info)
        with noted(problems):
            wheel_metadata = read_wheel_metadata(source, info)
        with noted(problems):
            for row in read_rows(source, info):
                if row.entry is not None:
                    record.append(row.entry)
                elif (bad := bad + 1) <= LISTED:
                    problems.append(MemberProblem(f"{info}/RECORD", "malformed", f"has a bad row: {row.error}"))
        if bad > LISTED:
            problems.append(MemberProblem(f"{info}/RECORD", "malformed", f"has {bad - LISTED:,} more bad rows"))
        members = tuple(member for member in source.members if not member.is_dir)
        inside = [member.name for member in members if member.name.startswith(f"{info}/")]
        return Wheel(
            file=source.name,
            name=name,
            version=str(version),
            tags=tuple(sorted(map(str, tags))),
            members=members,
            metadata=metadata,
            wheel_metadata=wheel_metadata,
            record=tuple(record),
            sboms=tuple(name for name in inside if PurePosixPath(name).parts[1] == "sboms"),
            licences=tuple(name for name in inside if _is_licence(PurePosixPath(name))),
            info=info,
            problems=tuple(problems),
        )


def check_record(wheel: str | Path | IO[bytes] | OpenWheel) -> RecordCheck:
    """Compare every member of a wheel with RECORD, and every row of RECORD with the members.

    Raises
    ------
    WheelError
        The file is not a wheel, RECORD is missing or cannot be read, or a limit is reached.
    OSError
        There is no such file, or it cannot be opened.
    """
    with opened(wheel) as source:
        info = info_folder(source)
        rows = {row.name: row.entry for row in read_rows(source, info)}
        left_out = {f"{info}/{name}" for name in SIGNATURES}
        found: dict[str, list[str]] = {"altered": [], "unlisted": [], "malformed": []}
        seen: set[str] = set()
        checked = 0
        for member in source.members:
            name = member.name
            if member.is_dir or name in left_out:
                continue
            if name in seen or name not in rows:
                verdict = "malformed" if name in seen else "unlisted"
            else:
                verdict = _compare(source, member, rows[name], is_record=name == f"{info}/RECORD")
            seen.add(name)
            if verdict == "agrees":
                checked += 1
            elif verdict != "is RECORD":
                found[verdict].append(name)
        found["malformed"] += [name for name, row in rows.items() if row is None and name not in seen]
        absent = tuple(name for name, row in rows.items() if row is not None and name not in seen)
        return RecordCheck(checked, absent=absent, **{kind: tuple(names) for kind, names in found.items()})


def _compare(source: OpenWheel, member: Member, row: RecordEntry | None, is_record: bool) -> str:
    """Say how one member stands to its row of RECORD, in the words of :class:`RecordCheck`."""
    if row is None:
        return "malformed"
    if is_record:
        return "malformed" if row.hash_ or row.size is not None else "is RECORD"
    if row.hash_ is None or row.size is None:
        return "malformed"
    verdict, unreadable = "malformed", list[MemberProblem]()
    with noted(unreadable):
        verdict = "agrees" if member.size == row.size and has_hash(source, member, row.hash_) else "altered"
    return verdict


def _is_licence(path: PurePosixPath) -> bool:
    """Tell a licence text below ``.dist-info``: in ``licenses/`` by PEP 639, before that by its name alone."""
    return path.parts[1] == "licenses" or path.name.upper().startswith(LICENCE_WORDS)


def _listed(names: tuple[str, ...]) -> str:
    """Name a few files, or count many."""
    return ", ".join(map(shown, names)) or "none" if len(names) <= 3 else f"{len(names)} files"
