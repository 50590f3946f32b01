"""The files in a wheel's ``.dist-info`` folder, read one by one and only as far as such a file reaches."""

import csv
import hashlib
import io
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser

from installer.records import Hash, InvalidRecordEntry, RecordEntry
from packaging.metadata import RawMetadata, parse_email

from wheel_lab.limits import WheelError
from wheel_lab.members import Member, MemberProblem, shown
from wheel_lab.wheelfile import OpenWheel

__all__ = [
    "Row",
    "has_hash",
    "info_folder",
    "missing_fields",
    "parse_metadata",
    "read_file",
    "read_metadata",
    "read_rows",
    "read_wheel_metadata",
]

# What is read of these at most, in bytes. A parser makes some 60 bytes of one, and real files are a tenth of this.
LARGEST = {"METADATA": 2 << 20, "WHEEL": 1 << 18, "RECORD": 16 << 20}
FIELDS, NAMES = 20_000, 200  # of METADATA: how many fields, and how many different ones
ROWS = 100_000  # of RECORD, where no limit of members holds
LINE = 1 << 16  # bytes of one row of RECORD


@dataclass(frozen=True)
class Row:
    """A row of RECORD. `name` is the file's, or ``line 7 of RECORD``; `entry` is None when there is an `error`."""

    name: str
    entry: RecordEntry | None
    error: str = ""

    @property
    def is_nameless(self) -> bool:
        """True for a row that cannot be read so far that it would name a file."""
        return self.entry is None and re.fullmatch(r"line \d+ of RECORD", self.name) is not None


def info_folder(source: OpenWheel) -> str:
    """Return the ``.dist-info`` folder that the file name asks for; if there is none of that name, the first one."""
    asked = "-".join(source.name.split("-")[:2]) + ".dist-info"
    folders = {member.name.split("/")[0]: None for member in source.members if "/" in member.name}
    return next((one for one in [asked, *folders] if one in folders and one.endswith(".dist-info")), asked)


def read_file(source: OpenWheel, info: str, name: str) -> bytes:
    """Return METADATA, WHEEL or RECORD.

    Raises
    ------
    WheelError
        It is missing, damaged, or larger than such a file can be.
    """
    member = source.find(f"{info}/{name}")
    if member is None:
        problem = MemberProblem(f"{info}/{name}", "missing", "is not in the archive, so this is not a wheel")
        raise WheelError.about(problem)
    return source.read(member, at_most=LARGEST[name])


def read_metadata(source: OpenWheel, info: str) -> RawMetadata:
    """Read METADATA; raises :class:`WheelError` when it is missing, damaged, or too large."""
    return parse_metadata(read_file(source, info, "METADATA"), info)[0]


def parse_metadata(data: bytes, info: str) -> tuple[RawMetadata, dict[str, list[str]]]:
    """Do as :func:`packaging.metadata.parse_email` in bounded time: return the fields, and what is no field.

    Raises
    ------
    WheelError
        There are more fields than real files have by far.
    """
    # METADATA has the form of a mail. Its parser would also follow a mail's nested parts, at a minute for 2 MB.
    end = re.search(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)", data)
    head = data[: end.start()] if end else data
    # For each name the parser goes through all the lines: 100,000 names would take minutes.
    names = re.findall(rb"(?:^|[\r\n])([^\s:]*):", head)
    if len(names) > FIELDS or len(set(names)) > NAMES:
        message = f"has {len(names):,} fields of {len(set(names)):,} names, and at most {FIELDS:,} of {NAMES} are read"
        raise WheelError.about(MemberProblem(f"{info}/METADATA", "malformed", message))
    data = re.sub(rb"(?im)^content-type:", b"not-content-type:", head) + data[len(head) :]
    return parse_email(data)


def missing_fields(metadata: RawMetadata, info: str) -> Iterator[MemberProblem]:
    """Say which of the three fields that each METADATA has are not there, or cannot be read."""
    for name in ("metadata_version", "name", "version"):
        if name not in metadata:
            yield MemberProblem(f"{info}/METADATA", "malformed", f"does not say its {name.replace('_', '-').title()}")


def read_wheel_metadata(source: OpenWheel, info: str) -> Message:
    """Read WHEEL; raises :class:`WheelError` when it is missing, damaged, or too large."""
    return HeaderParser().parsestr(read_file(source, info, "WHEEL").decode("utf-8", "replace"))


def read_rows(source: OpenWheel, info: str) -> Iterator[Row]:
    """Read RECORD row by row; a row that cannot be read hides no other."""
    most = source.limits.members or ROWS
    for number, line in enumerate(io.BytesIO(read_file(source, info, "RECORD")), start=1):
        source.check_time()
        if number > most:
            message = f"has more than {most:,} rows, and is read no further"
            raise WheelError.about(MemberProblem(f"{info}/RECORD", "malformed", message))
        if not line.strip():
            continue
        name = f"line {number} of RECORD"
        try:
            if len(line) > LINE:
                yield Row(name, None, f"line {number} is {len(line):,} bytes long")
                continue
            elements = next(csv.reader([line.decode()]))
            if len(elements) != 3:
                yield Row(name, None, f"line {number} has {len(elements)} columns instead of 3")
                continue
            elements[0] = elements[0].replace("\\", "/")
            name = elements[0] or name
            yield Row(name, RecordEntry.from_elements(*elements))
        except InvalidRecordEntry as error:
            yield Row(name, None, f"line {number}: {'; '.join(map(str, error.issues))}")
        except (UnicodeDecodeError, csv.Error) as error:
            yield Row(name, None, f"line {number}: {error}")


def has_hash(source: OpenWheel, member: Member, expected: Hash) -> bool:
    """Tell whether a member's content has a hash of RECORD; raises :class:`WheelError` when it cannot be read."""
    known = source.hashes.get(member.index) if source.hashes and expected.name == "sha256" else None
    try:
        digest = hashlib.new(expected.name, usedforsecurity=False)
        for chunk in () if known else source.chunks(member):
            digest.update(chunk)
        found = urlsafe_b64encode(known or digest.digest()).decode("ascii").rstrip("=")
    except (ValueError, TypeError) as error:
        if isinstance(error, WheelError):
            raise
        # OpenSSL lists hashes that it does not lend, and SHAKE has no length of its own.
        message = f"has a hash in RECORD of a kind that files have not: {shown(expected.name)}"
        raise WheelError.about(member.problem("malformed", message)) from None
    return found == expected.value
