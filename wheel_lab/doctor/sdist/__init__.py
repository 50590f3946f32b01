"""Will the index take a source distribution: its name, its one folder, PKG-INFO and licence files."""

import posixpath
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO

from packaging.metadata import RawMetadata
from packaging.utils import InvalidSdistFilename, canonicalize_name, parse_sdist_filename
from packaging.version import InvalidVersion, Version

from wheel_lab.distinfo import parse_metadata
from wheel_lab.doctor import index
from wheel_lab.doctor.findings import Finding, found, found_in
from wheel_lab.doctor.index.metadata import find_in_metadata
from wheel_lab.doctor.report import Report
from wheel_lab.doctor.sdist import rules  # noqa: F401  (registers the rules)
from wheel_lab.doctor.sdist.reading import PKG_INFO, Entry, Sdist, read_sdist
from wheel_lab.limits import Limits, noted
from wheel_lab.members import MemberProblem, shown

__all__ = ["examine_sdist", "find"]

FIX = "leave out what a build does not need (MANIFEST.in, or the backend's exclude), or ask for more"
OLD = Version("2.2")


def examine_sdist(file: IO[bytes], name: str, limits: Limits) -> Report:
    """Examine a source distribution: only whether the index takes it is asked.

    Raises
    ------
    WheelError
        A limit is reached, or a zip archive is not named as a source distribution.
    """
    findings = tuple(find(read_sdist(file, name, limits)))
    return Report(name, {"index": index.judge(findings)}, findings).sorted()


def find(sdist: Sdist) -> Iterator[Finding]:
    """Find what the index refuses, and what installers stumble over."""
    wanted = _wanted(sdist.name)
    if sdist.size > index.LARGE:
        yield found("I501", count=f"{sdist.size:,}", fix=FIX)
    if sdist.name.lower().endswith(".zip"):
        why = "The index takes no source distributions as zip archives any more (PEP 625)"
        yield found("I601", subject=f"{wanted}.tar.gz", why=why)
        return
    if sdist.problem:
        yield found("I602", problem=sdist.problem)
        return
    if sdist.is_zip:
        yield found("I603")
    yield from found_in("I604", ({"member": one.name} for one in sdist.entries if one.kind == "sparse file"))
    unsafe = ({"member": one.name, "problem": problem} for one in sdist.entries if (problem := _unsafe(one)))
    yield from found_in("I608", unsafe)
    top = _top(sdist)
    if not top:
        parts = dict.fromkeys(one.name.partition("/")[0] for one in sdist.entries)
        members = ", ".join(shown(one, 80) for one in list(parts)[:3]) or "there are none"
        yield found("I605", subject=f"{wanted}/", members=members)
        return
    yield from _in_folder(sdist, top, wanted)


def _in_folder(sdist: Sdist, top: str, wanted: str) -> Iterator[Finding]:
    """Look into the one folder."""
    names = {one.name for one in sdist.entries}
    target = f"{top}/{PKG_INFO}"
    if target in names:
        yield from _pkg_info(sdist, top, names)
    else:
        yield found("I606", member=target)
        if sdist.name != f"{wanted}.tar.gz":
            yield found("I601", subject=f"{wanted}.tar.gz")
    project = f"{top}/pyproject.toml"
    if project not in names:
        yield found("I610" if f"{top}/setup.py" in names else "I611", member=project)
    if top != wanted and target in names:
        yield found("I609", member=f"{top}/", subject=f"{wanted}/")


def _pkg_info(sdist: Sdist, top: str, names: set[str]) -> Iterator[Finding]:
    """Judge PKG-INFO as METADATA is judged, and hold the file's name and the licence files against it."""
    target = f"{top}/{PKG_INFO}"
    data = sdist.pkg_info.get(target)
    if data is None:
        yield found("I117", member=target, problem="is too large, or not a file")
        return
    problems: list[MemberProblem] = []
    raw: RawMetadata = {}
    unparsed: Mapping[str, list[str]] = {}
    with noted(problems):
        raw, unparsed = parse_metadata(data, top)
    if problems:
        yield found("I117", member=target, problem=problems[0].message)
        return
    yield from find_in_metadata(sdist.check_time, raw, unparsed, shlex.quote(shown(sdist.name)), PKG_INFO)
    written = _Written.of(raw)
    if written.file and written.file != sdist.name:
        yield found("I601", subject=written.file)
    if written.format is None:
        return
    if written.format < OLD:
        yield found("I612", subject=str(written.format))
    if written.format >= Version("2.4"):
        places = ((text, f"{top}/{text}") for text in dict.fromkeys(raw.get("license_files", ())))
        yield from found_in(
            "I607", ({"subject": text, "member": place} for text, place in places if place not in names)
        )


@dataclass(frozen=True)
class _Written:
    """What PKG-INFO asks for: the name of the file ("" when it does not tell), and the version of its format."""

    file: str
    format: Version | None

    @classmethod
    def of(cls, raw: RawMetadata) -> "_Written":
        name, version = raw.get("name", ""), _version(raw.get("version", ""))
        file = f"{canonicalize_name(name).replace('-', '_')}-{version}.tar.gz" if name and version else ""
        return cls(file, _version(raw.get("metadata_version", "")))


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _wanted(name: str) -> str:
    """Return the name of the folder that belongs to a file's name; made up where that cannot be read."""
    try:
        project, version = parse_sdist_filename(name)
    except InvalidSdistFilename:
        return "{name}-{version}"
    return f"{project.replace('-', '_')}-{version}"


def _top(sdist: Sdist) -> str:
    """Return the deepest folder that holds all members, as the index works it out; "" when there is none."""
    try:
        top = posixpath.commonpath([one.name for one in sdist.entries]) if sdist.entries else ""
    except ValueError:
        return ""  # absolute and relative names
    return "" if top in (".", "/") else top


def _unsafe(entry: Entry) -> str:
    """Say why the format has a member not unpacked (PEP 721); "" when it is harmless."""
    name = entry.name.lstrip("/")
    if entry.kind == "device":
        return "is a device, a pipe or of a kind that no source file has"
    if _leads_out(name):
        return "would be unpacked outside of the folder"
    if entry.kind in ("symbolic link", "hard link"):
        start = posixpath.dirname(name) if entry.kind == "symbolic link" else ""
        if entry.target.startswith("/") or _leads_out(posixpath.join(start, entry.target)):
            return f"is a link to {shown(entry.target)}, outside of the folder"
    return "has .. in its name" if ".." in name.split("/") else ""


def _leads_out(path: str) -> bool:
    return posixpath.normpath(path).split("/")[0] == ".."
