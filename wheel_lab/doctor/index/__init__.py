"""Will the index take it: the file's name, its tags, ``.dist-info`` and size, held against what the index asks.

The rules themselves, with their sources and dates, are in :mod:`wheel_lab.doctor.index.rules`. What the file does not
show is not judged: whether the project is yours, its own limits of size, whether a file of that name was uploaded
before, the age of the release, and what a search for malicious code finds. Not judged for want of the index's own lists
and libraries: whether a classifier exists, and whether an e-mail address or a URL is well formed.
"""

import configparser
import re
from collections.abc import Iterator, Sequence

from packaging.metadata import RawMetadata
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from wheel_lab.distinfo import info_folder, parse_metadata, read_file
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.findings import Finding, found, found_in
from wheel_lab.doctor.index import rules  # noqa: F401  (registers the rules)
from wheel_lab.doctor.index.archive import find_in_archive
from wheel_lab.doctor.index.metadata import find_in_metadata
from wheel_lab.doctor.index.platformtags import find_in_tags
from wheel_lab.doctor.index.record import find_in_contents, find_in_names
from wheel_lab.doctor.report import Verdict
from wheel_lab.members import MemberProblem
from wheel_lab.wheelfile import OpenWheel, noted

__all__ = ["find", "judge"]

LARGE = 100 << 20  # bytes
ENTRY_POINTS = 1 << 20  # bytes that are read of entry_points.txt
REFUSED = ("encrypted", "compression", "overlap")  # kinds of problems that have rules of their own


def judge(findings: Sequence[Finding]) -> Verdict:
    """Answer the question from the findings of this family."""
    if any(one.code.startswith("I") and one.level == "error" for one in findings):
        return "no"
    # Whether the project was granted more does not show in the file; nor does a text that nothing here can read.
    return "cannot tell" if any(one.code in ("I310", "I501") for one in findings) else "yes"


def find(contents: Contents) -> Iterator[Finding]:
    """Find what the index refuses, or writes an e-mail about.

    Raises
    ------
    WheelError
        A limit is reached.
    """
    source, file = contents.source, contents.file
    platforms = frozenset(tag.platform for tag in contents.tags)
    form = tuple(find_in_archive(source, file, platforms))
    yield from form
    yield from find_in_tags(file, platforms)
    if source.size > LARGE:
        yield found("I501", count=f"{source.size:,}")
    asked, info = "-".join(source.name.split("-")[:2]) + ".dist-info", info_folder(source)
    inside = any(member.name.startswith(f"{info}/") for member in source.members)
    if info != asked or not inside:
        yield found("I202", subject=asked, has=info if inside else "no such folder")
    if inside:
        yield from _in_info_folder(contents, info)
    yield from find_in_contents(contents, told=frozenset(one.member for one in form if one.level == "error"))


def _in_info_folder(contents: Contents, info: str) -> Iterator[Finding]:
    """Read each file of ``.dist-info`` that the index reads."""
    source = contents.source
    yield from _of_file(source, info, "WHEEL")[1]
    data, findings = _of_file(source, info, "METADATA")
    yield from findings
    problems: list[MemberProblem] = []
    parsed = None
    with noted(problems):
        parsed = parse_metadata(data, info) if data is not None else None
    yield from _unreadable(problems)
    if parsed is not None:
        raw, unparsed = parsed
        yield from find_in_metadata(source.check_time, raw, unparsed, contents.file)
        yield from _compared(source, raw)
        yield from _licence_files(source, info, raw)
    yield from _entry_points(source, info)
    yield from _record(contents, info)


def _of_file(source: OpenWheel, info: str, name: str) -> tuple[bytes | None, list[Finding]]:
    """Read a file of ``.dist-info``: its content, or None and why."""
    problems: list[MemberProblem] = []
    data = None
    with noted(problems):
        data = read_file(source, info, name)
    return data, list(_unreadable(problems))


def _unreadable(problems: Sequence[MemberProblem]) -> Iterator[Finding]:
    """Say that a file of ``.dist-info`` cannot be read, unless another rule says so."""
    for problem in problems:
        if problem.kind == "missing":
            yield found("I203", member=problem.member)
        elif problem.kind not in REFUSED:
            yield found("I117", member=problem.member, problem=problem.message)


def _compared(source: OpenWheel, raw: RawMetadata) -> Iterator[Finding]:
    """Compare the file's name with METADATA's."""
    project, name = source.name.split("-")[0], raw.get("name", "")
    wanted = canonicalize_name(name).replace("-", "_")
    if name and canonicalize_name(project) != canonicalize_name(name):
        yield found("I204", subject=name, named=project)
    elif name and project != wanted:
        yield found("I205", subject=wanted, named=project)
    named = Version(source.name.split("-")[1])
    try:
        version = Version(raw.get("version", ""))
    except InvalidVersion:
        return
    if version != named:
        yield found("I206", subject=str(version), named=str(named))


def _licence_files(source: OpenWheel, info: str, raw: RawMetadata) -> Iterator[Finding]:
    """Look for each file that METADATA lists. Before version 2.4 of the format the field had another meaning."""
    try:
        if Version(raw.get("metadata_version", "")) < Version("2.4"):
            return
    except InvalidVersion:
        return
    places = ((text, f"{info}/licenses/{text}") for text in dict.fromkeys(raw.get("license_files", ())))
    cases = ({"subject": text, "member": place} for text, place in places if source.find(place) is None)
    yield from found_in("I307", cases)


def _entry_points(source: OpenWheel, info: str) -> Iterator[Finding]:
    """Read entry_points.txt as the index does; without one there is nothing to read."""
    name = f"{info}/entry_points.txt"
    member = source.find(name)
    if member is None:
        return
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    problems: list[MemberProblem] = []
    data = b""
    with noted(problems):
        data = source.read(member, at_most=ENTRY_POINTS)
    yield from _unreadable(problems)
    try:
        parser.read_string(data.decode())
    except UnicodeDecodeError:
        yield found("I401", member=name, problem="is not UTF-8")
    except configparser.Error as error:
        yield found("I401", member=name, problem=f"cannot be read: {' '.join(str(error).split())}")
    else:
        commands = [one for kind in ("console_scripts", "gui_scripts") if kind in parser for one in parser[kind]]
        bad = (one for one in commands if not re.fullmatch(r"[\w.-]+", one))
        problem = "has a command whose name is not of letters, digits, dots, dashes and underscores:"
        yield from found_in("I401", ({"member": name, "subject": one, "problem": f"{problem} {one}"} for one in bad))


def _record(contents: Contents, info: str) -> Iterator[Finding]:
    """Read RECORD, and hold it against the archive."""
    source, file, name = contents.source, contents.file, f"{info}/RECORD"
    data, findings = _of_file(source, info, "RECORD")
    yield from findings
    if data is None:
        return
    try:
        data.decode()
    except UnicodeDecodeError:
        yield found("I403", member=name, problem="is not UTF-8", file=file)
        return
    if contents.row_problems:
        yield from _unreadable(contents.row_problems)
    else:
        yield from find_in_names(contents)
