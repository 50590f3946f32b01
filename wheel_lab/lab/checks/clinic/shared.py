"""What the checks of the cases share: parts of an answer, and what a fixed wheel has to stand."""

import zipfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from wheel_lab.doctor import Report, WheelError, examine
from wheel_lab.lab.checks import NotYet
from wheel_lab.lab.clinic import outcome

__all__ = [
    "Part",
    "both",
    "fixed_wheel",
    "healthy",
    "line",
    "member",
    "named",
    "named_first",
    "number",
    "word",
    "works",
]

# It gets one value of an answer, and returns what to look at; None when the value is right.
Part = Callable[[object], str | None]


def named(answer: object, parts: Mapping[str, Part]) -> None:
    """Check that each part of the cause is named.

    Raises
    ------
    NotYet
        One of them is missing, or wrong: of several the first.
    """
    if not isinstance(answer, Mapping) or set(parts) - set(answer):
        raise NotYet(f"the cause should have the keys {', '.join(parts)}")
    for key, judge in parts.items():
        if answer[key] is None or answer[key] == []:
            raise NotYet(f'cause["{key}"] is still {answer[key]}')
        if look := judge(answer[key]):
            raise NotYet(look)


def named_first(answer: object, parts: Mapping[str, Part]) -> None:
    """Check that the cause is named, for an exercise that comes after.

    Raises
    ------
    NotYet
        A part is missing or wrong. It says so, since the learner may be sure of the cause, and doubt the fix.
    """
    try:
        named(answer, parts)
    except NotYet as reason:
        raise NotYet(f"name the cause first, above: {reason}") from None


def word(look: str, *right: str) -> Part:
    """Return the part that is one of these words."""
    return lambda value: None if isinstance(value, str) and value.strip() in right else look


def number(look: str, right: float) -> Part:
    """Return the part that is this number, as a number or as text."""
    return lambda value: None if str(value).strip() == str(right) else look


def member(look: str, right: str) -> Part:
    """Return the part that is this member of the wheel."""

    def judge(value: object) -> str | None:
        if value == right:
            return None
        if isinstance(value, str) and value.rpartition("/")[2] == right.rpartition("/")[2]:
            return "give the member as it is called in the archive, with its folder and no more"
        return look

    return judge


def line(look: str, *holds: str) -> Part:
    """Return the part that is a line of a file, known by what it holds; blanks do not count."""
    wanted = ["".join(one.split()) for one in holds]

    def judge(value: object) -> str | None:
        given = "".join(str(value).split())
        if given.lower().removeprefix("line").isdecimal():
            return "give the line as it is written there, and not its number"
        return None if all(one in given for one in wanted) else look

    return judge


def both(look: str, *right: str) -> Part:
    """Return the part that is a list of these, in any order."""

    def judge(value: object) -> str | None:
        if isinstance(value, str) or not isinstance(value, Collection):
            return "give the names as a list"
        return None if {str(one) for one in value} == set(right) else look

    return judge


def fixed_wheel(name: str, *holds: str) -> Path:
    """Return the one wheel in the folder ``fixed``.

    Parameters
    ----------
    name
        What its file name begins with.
    *holds
        Members that it must still have.

    Raises
    ------
    NotYet
        There is none, or more than one, or it is another one, or not whole.
    """
    found = sorted(Path("fixed").glob("*.whl"))
    if len(found) != 1:
        raise NotYet("there should be one wheel in the folder fixed" + (", and there are several" if found else ""))
    if not found[0].name.startswith(f"{name}-1.0-"):
        raise NotYet(f"the wheel in the folder fixed should be one of {name} 1.0")
    try:
        with zipfile.ZipFile(found[0]) as archive:
            names = set(archive.namelist())
    except (OSError, zipfile.BadZipFile):
        raise NotYet("the file in the folder fixed cannot be read as a wheel") from None
    if lost := [one for one in holds if one not in names]:
        raise NotYet(f"the wheel has lost {lost[0]}, which its users need")
    return found[0]


def healthy(wheel: Path, *codes: str) -> Report:
    """Return the doctor's report, which must have no error, and none of the other findings that are named.

    Raises
    ------
    NotYet
        It has one.
    """
    try:
        report = examine(wheel)
    except WheelError:
        raise NotYet("the file in the folder fixed cannot be read as a wheel") from None
    for one in report.findings:
        if one.level == "error" or one.code in codes:
            raise NotYet(f"the doctor still finds {one.code} {one.name}: {one.what}")
    return report


def works(wheel: Path, code: str, prints: str) -> None:
    """Check that Python code runs with the wheel, and prints what it should.

    Raises
    ------
    NotYet
        It fails, or prints something else.
    """
    ok, said = outcome(wheel, code)
    if not ok:
        raise NotYet(f"the wheel is installed, and does not work: {said.splitlines()[-1]}")
    if said != prints:
        raise NotYet(f"the wheel can be imported, and its answer is {said} instead of {prints}")
