"""Rules P101 to P106: WHEEL, held against the file's name and against what installers read in it."""

import re
from collections.abc import Iterator
from math import prod

from packaging.tags import Tag, parse_tag

from wheel_lab.distinfo import read_file
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.findings import Finding, found, found_in
from wheel_lab.limits import noted
from wheel_lab.members import MemberProblem
from wheel_lab.tags import LEGACY

__all__ = ["find_in_wheel"]

# Tags that one line stands for, and all of them: a real wheel has ten, and a hostile line would stand for billions.
AT_ONCE, MOST = 200, 10_000


def find_in_wheel(contents: Contents) -> Iterator[Finding]:
    """Find what is wrong with WHEEL. That it is missing or damaged is the index's finding."""
    member, problems = f"{contents.info}/WHEEL", list[MemberProblem]()
    data = b""
    with noted(problems):
        data = read_file(contents.source, contents.info, "WHEEL")
    fields = contents.wheel_fields
    if problems or fields is None:
        return
    try:
        text = data.decode()
    except UnicodeDecodeError:
        yield found("P106", member=member)
        text = data.decode(errors="replace")
    yield from found_in("P103", ({"member": member, **case} for case in _malformed(text)))
    yield from _version(member, fields.get("Wheel-Version"))
    tags = [value.strip() for value in fields.get_all("Tag", [])]
    yield from _tags(contents, member, [value for value in tags if _is_tag(value)])
    named, said = "".join(map(str, contents.build)), (fields.get("Build") or "").strip()
    if named != said:
        yield found(
            "P105", member=member, subject=named or said, file=contents.file,
            named=f"the build number {named}" if named else "no build number",
            said=f"says {said}" if said else "has none",
        )  # fmt: skip


def _malformed(text: str) -> Iterator[dict[str, str]]:
    """Name the lines that are no field, and the tags that are none."""
    ended, lines = False, text.splitlines()
    for number, line in enumerate(lines, start=1):
        name, colon, value = line.partition(":")
        case = {"line": str(number), "subject": line.strip() or "an empty line"}
        if not line.strip():
            ended = True
        elif ended:
            yield {**case, "problem": "comes after an empty line, where the fields end"}
        elif line[0] in " \t":
            yield {**case, "problem": "goes on with the line before"}
        elif not colon or not re.fullmatch(r"[!-9;-~]+", name):
            yield {**case, "problem": "is no field"}
        elif name.lower() == "tag" and lines[number : number + 1] and lines[number][:1] in (" ", "\t"):
            continue  # it is all one field, of which the next line tells
        elif name.lower() == "tag" and not _is_tag(value.strip()):
            yield {**case, "problem": "is no tag"}


def _is_tag(value: str) -> bool:
    """Tell a tag, or several in one value, which are not so many that nobody could mean them."""
    parts = value.split("-")
    if len(parts) != 3 or prod(part.count(".") + 1 for part in parts) > AT_ONCE:
        return False
    try:
        parse_tag(value)
    except ValueError:
        return False
    return all(re.fullmatch(r"[^\s.]+(\.[^\s.]+)*", part) for part in parts)


def _version(member: str, value: str | None) -> Iterator[Finding]:
    text = (value or "").strip()
    problem = None
    if value is None:
        problem = "has no Wheel-Version"
    elif not re.fullmatch(r"\d{1,9}(\.\d{1,9})*", text, re.ASCII):
        problem = f"has a Wheel-Version that is no version: {text}"
    elif int(text.split(".")[0]) > 1:
        problem = f"is written in version {text} of the format"
    if problem:
        yield found("P104", member=member, subject=text, problem=problem)


def _tags(contents: Contents, member: str, values: list[str]) -> Iterator[Finding]:
    """Compare the tags of the name with those of WHEEL; the two spellings of one tag are one."""
    named = {_modern(tag): str(tag) for tag in sorted(contents.tags, key=str)}
    said: dict[Tag, str] = {}
    for value in values:
        if len(said) < MOST:
            said |= {_modern(tag): str(tag) for tag in sorted(parse_tag(value), key=str)}
    if not said:
        yield found("P102", member=member)
        return
    cases = [(tag, "in the file's name, but not in WHEEL") for tag in [named[one] for one in named if one not in said]]
    cases += [(tag, "in WHEEL, but not in the file's name") for tag in [said[one] for one in said if one not in named]]
    several = ({"subject": tag, "where": where} for tag, where in cases)
    yield from found_in("P101", several, member=member, file=contents.file)


def _modern(tag: Tag) -> Tag:
    platform = tag.platform
    for old, new in LEGACY.items():
        platform = re.sub(rf"^{old}_", f"{new}_", platform)
    return Tag(tag.interpreter, tag.abi, platform)
