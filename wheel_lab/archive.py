"""A wheel as data: its members, METADATA, WHEEL and RECORD, and whether RECORD holds.

A wheel is a zip archive with a fixed form: PEP 427 and 491, kept up to date as "Binary distribution format" in the
PyPA specifications. PEP 770 adds the folder for SBOMs, PEP 639 the one for licences.
"""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import Parser
from pathlib import Path, PurePosixPath

from installer.records import InvalidRecordEntry, RecordEntry, parse_record_file
from installer.sources import WheelFile
from packaging.metadata import RawMetadata, parse_email
from packaging.utils import parse_wheel_filename

__all__ = ["Member", "RecordCheck", "Wheel", "check_record", "read"]

# The specification leaves these two out of RECORD: they sign it, so RECORD cannot know them.
SIGNATURES = ("RECORD.jws", "RECORD.p7s")
LICENCE_WORDS = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS")


@dataclass(frozen=True)
class Member:
    """One file in the archive. Both sizes are in bytes; `packed` is what it takes in the zip."""

    name: str
    size: int
    packed: int

    def __str__(self) -> str:
        return f"{self.size:>12,} {self.packed:>12,}  {self.name}"


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
        METADATA as `packaging` reads it: ``metadata["name"]``, ``metadata["requires_dist"]`` and so on.
    wheel_metadata
        WHEEL as a message: ``wheel_metadata["Root-Is-Purelib"]``, ``wheel_metadata.get_all("Tag")``.
    record
        The rows of RECORD: ``path``, ``hash_`` and ``size``.
    sboms, licences
        Names of the members that list the software inside, and that hold licence texts.
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

    @property
    def size(self) -> int:
        """What all the members take once they are unpacked, in bytes."""
        return sum(member.size for member in self.members)

    def __str__(self) -> str:
        return "\n".join(
            [
                f"distribution  {self.name} {self.version}",
                f"tags          {', '.join(self.tags)}",
                f"built by      {self.wheel_metadata.get('Generator', 'not said')}",
                f"files         {len(self.members)}, {self.size:,} bytes unpacked",
                f"licences      {_listed(self.licences)}",
                f"SBOMs         {_listed(self.sboms)}",
            ]
        )


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
        The row has no hash or no size, cannot be read, or the archive holds the member twice or damaged.
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
            *(f"{name}: its content is not what RECORD says" for name in self.altered),
            *(f"{name}: in the archive, but not in RECORD" for name in self.unlisted),
            *(f"{name}: in RECORD, but not in the archive" for name in self.absent),
            *(f"{name}: damaged, twice there, or without a proper hash and size" for name in self.malformed),
        ]
        return "\n  ".join(["RECORD does not hold:", *words])


def read(path: str | Path) -> Wheel:
    """Read a wheel's own words; nothing is unpacked or run.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        The name is not a wheel's, the file is not a zip archive, or METADATA, WHEEL or RECORD is missing.
    """
    path = Path(path)
    with _open(path) as (archive, source):
        name, version, _, tags = parse_wheel_filename(path.name)
        files = [info for info in archive.infolist() if not info.is_dir()]
        members = tuple(Member(info.filename, info.file_size, info.compress_size) for info in files)
        metadata, _ = parse_email(_inside(source, "METADATA"))
        rows = [RecordEntry.from_elements(*row) for row in parse_record_file(_inside(source, "RECORD").splitlines())]
        info = [member.name for member in members if member.name.startswith(f"{source.dist_info_dir}/")]
        return Wheel(
            file=path.name,
            name=name,
            version=str(version),
            tags=tuple(sorted(map(str, tags))),
            members=members,
            metadata=metadata,
            wheel_metadata=Parser().parsestr(_inside(source, "WHEEL")),
            record=tuple(rows),
            sboms=tuple(name for name in info if PurePosixPath(name).parts[1] == "sboms"),
            licences=tuple(name for name in info if _is_licence(PurePosixPath(name))),
        )


def check_record(path: str | Path) -> RecordCheck:
    """Compare every member of a wheel with RECORD, and every row of RECORD with the members.

    Raises the same errors as :func:`read`, where RECORD itself is missing.
    """
    with _open(Path(path)) as (archive, source):
        rows = {row[0]: row for row in parse_record_file(_inside(source, "RECORD").splitlines())}
        record = f"{source.dist_info_dir}/RECORD"
        signatures = {f"{source.dist_info_dir}/{name}" for name in SIGNATURES}
        found: dict[str, list[str]] = {"altered": [], "unlisted": [], "malformed": []}
        seen: set[str] = set()
        checked = 0
        for info in archive.infolist():
            name = info.filename
            if info.is_dir() or name in signatures:
                continue
            verdict = "malformed" if name in seen else _compare(archive, info, rows.get(name), is_record=name == record)
            seen.add(name)
            if verdict == "agrees":
                checked += 1
            elif verdict != "is RECORD":
                found[verdict].append(name)
        absent = tuple(name for name in rows if name not in seen)
        return RecordCheck(checked, absent=absent, **{kind: tuple(names) for kind, names in found.items()})


def _compare(archive: zipfile.ZipFile, info: zipfile.ZipInfo, row: tuple[str, str, str] | None, is_record: bool) -> str:
    """Say how one member stands to its row of RECORD, in the words of :class:`RecordCheck`."""
    if row is None:
        return "unlisted"
    try:
        entry = RecordEntry.from_elements(*row)
        if is_record:
            return "malformed" if entry.hash_ or entry.size is not None else "is RECORD"
        if entry.hash_ is None or entry.size is None:
            return "malformed"
        with archive.open(info) as stream:
            return "agrees" if entry.validate_stream(stream) else "altered"
    except (InvalidRecordEntry, zipfile.BadZipFile, zlib.error):
        return "malformed"


def _is_licence(path: PurePosixPath) -> bool:
    """Tell a licence text below ``.dist-info``: in ``licenses/`` by PEP 639, before that by its name alone."""
    return path.parts[1] == "licenses" or path.name.upper().startswith(LICENCE_WORDS)


def _listed(names: tuple[str, ...]) -> str:
    """Name a few files, or count many."""
    return ", ".join(names) or "none" if len(names) <= 3 else f"{len(names)} files"


def _inside(source: WheelFile, name: str) -> str:
    try:
        return source.read_dist_info(name)
    except KeyError:
        raise ValueError(f"not a wheel: the archive has no {source.dist_info_dir}/{name}") from None


@contextmanager
def _open(path: Path) -> Iterator[tuple[zipfile.ZipFile, WheelFile]]:
    """Open a wheel as a zip archive and as `installer` sees it, or say why it is none."""
    parse_wheel_filename(path.name)
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise ValueError(f"not a wheel: {path.name} is not a zip archive") from None
    with archive:
        yield archive, WheelFile(archive)
