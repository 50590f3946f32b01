"""The exercises of chapter 12, Your wheel: a library that is not found, its cure, five verdicts, and a step of CI."""

import subprocess
import tempfile
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path

from wheel_lab import cleanroom
from wheel_lab.doctor import WheelError, examine
from wheel_lab.doctor.report import QUESTIONS
from wheel_lab.lab.checks import NotYet, compare, exercise, reset, solution
from wheel_lab.lab.patients import ci_wheels, five_wheels, patient

__all__ = [
    "ci_fails_on_warnings",
    "compare",
    "cured",
    "five_wheels",
    "patient",
    "reset",
    "solution",
    "what_is_not_found",
    "which_verdict",
]

WORKS = "import halves; print(halves.halve(64))"


# --- a library that is not found -------------------------------------------------------------------------------------


@exercise("you found the file that cannot be loaded, and the library that it does not find")
def what_is_not_found(answer: object) -> None:
    """Name the member that cannot be loaded, and the library that is not found for it."""
    if not isinstance(answer, Mapping) or not {"member", "library"} <= set(answer):
        raise NotYet('the answer should have the keys "member" and "library"')
    member, library = answer["member"], answer["library"]
    if member is None or library is None:
        raise NotYet("the member or the library is still None")
    if not isinstance(member, str) or not isinstance(library, str):
        raise NotYet("give the member and the library as one text each")
    errors = [one for one in examine(patient()).findings if one.level == "error" and one.member]
    if member not in {one.member for one in errors}:
        if Path(member).name in {Path(one.member).name for one in errors}:
            raise NotYet("give the member as it is called in the archive, with its folder")
        raise NotYet("the doctor finds nothing wrong with that member; look at the errors")
    if library not in {one.subject for one in errors}:
        if Path(library).name in {one.subject for one in errors}:
            raise NotYet("give the library's name alone, as NEEDED has it")
        raise NotYet("the member is right; the error about it names another library, with a hash in its name")


@exercise("the doctor finds no error, and the import works")
def cured() -> None:
    """Give the extension a search path that leads to its library, and pack the wheel anew."""
    made = sorted(Path("cured").glob("*.whl"))
    if len(made) != 1:
        raise NotYet("there should be one wheel in the folder cured" + (", and there are several" if made else ""))
    try:
        report = examine(made[0])
        with zipfile.ZipFile(made[0]) as source:
            names = source.namelist()
    except (WheelError, OSError, zipfile.BadZipFile):
        raise NotYet("the file in the folder cured cannot be read as a wheel") from None
    if not any(name.startswith("halves.libs/") for name in names):
        raise NotYet("that wheel has lost its library; it should carry what the patient carries")
    errors = [one for one in report.findings if one.level == "error"]
    if errors:
        raise NotYet(f"the doctor still finds {errors[0].code} {errors[0].name}")
    with tempfile.TemporaryDirectory() as folder:
        try:
            outcome = cleanroom.make(Path(folder) / "room", made[0]).run(WORKS)
        except ValueError:
            raise NotYet("pip does not install that wheel; try it in a cell, and read what pip says") from None
    if not outcome.ok:
        raise NotYet(f"pip installs it, but the import fails: {outcome.error}")


# --- five verdicts ---------------------------------------------------------------------------------------------------

LOOK_AGAIN = {
    "a": "a: pip installs this wheel on a Mac, too; what happens there?",
    "b": "b: look at what the index asks of each dependency",
    "c": "c: its name, its metadata and its libraries are in order; what happens when it is loaded?",
    "d": "d: which C library do the systems have that this name speaks of?",
    "e": "e: is there anything in it that its name does not allow?",
}


@exercise("all five verdicts are right")
def which_verdict(verdicts: object) -> None:
    """Say which of the three verdicts is "no" for each of five wheels."""
    if not isinstance(verdicts, Mapping) or set(verdicts) != set(LOOK_AGAIN):
        raise NotYet("there should be one answer for each of the letters a to e")
    if any(value is None for value in verdicts.values()):
        raise NotYet("at least one of the answers is still None")
    known = [*QUESTIONS, "none"]
    if any(value not in known for value in verdicts.values()):
        raise NotYet(f"an answer is one of {', '.join(known)}")
    for letter, wheel in five_wheels().items():
        refused = [question for question, verdict in examine(wheel).verdicts.items() if verdict == "no"]
        if verdicts[letter] not in (refused or ["none"]):
            raise NotYet(LOOK_AGAIN[letter])


# --- a step of CI ----------------------------------------------------------------------------------------------------


@exercise("CI examines each wheel, and stops at errors and at warnings")
def ci_fails_on_warnings() -> None:
    """Let cibuildwheel run the doctor, and let warnings fail."""
    try:
        tool = tomllib.loads(Path("ci", "pyproject.toml").read_text(encoding="utf-8")).get("tool", {})
    except FileNotFoundError:
        raise NotYet("there is no ci/pyproject.toml") from None
    except ValueError:
        raise NotYet("ci/pyproject.toml is not valid TOML") from None
    settings = tool.get("cibuildwheel", {}) if isinstance(tool, dict) else {}
    commands = settings.get("audit-command", []) if isinstance(settings, dict) else []
    commands = [commands] if isinstance(commands, str) else commands
    if not commands:
        raise NotYet("[tool.cibuildwheel] has no audit-command")
    if any("{abi3_wheel}" in one for one in commands):
        raise NotYet("{abi3_wheel} stands for wheels with an abi3 tag alone; all wheels are to be examined")
    if any("{wheel}" not in one for one in commands):
        raise NotYet("the audit-command does not say where the path of the wheel goes: {wheel}")
    if "wheel-lab" not in str(settings.get("audit-requires", "")):
        raise NotYet("cibuildwheel runs the audit in a new environment; audit-requires says what is installed there")
    good, warned, broken = ci_wheels()
    if _audit(commands, good):
        raise NotYet("the command fails for a wheel that is good; run it in a cell, and read what it says")
    if not _audit(commands, broken):
        raise NotYet("the command does not fail for a wheel with an error")
    if not _audit(commands, warned):
        raise NotYet("errors make CI fail now, and a wheel with a warning still passes")


def _audit(commands: list[str], wheel: Path) -> bool:
    """Run the commands as cibuildwheel does, and tell whether one of them fails."""
    for command in commands:
        line = command.replace("{wheel}", f"'{wheel}'")
        if subprocess.run(line, shell=True, cwd="ci", capture_output=True, stdin=subprocess.DEVNULL).returncode:
            return True
    return False
