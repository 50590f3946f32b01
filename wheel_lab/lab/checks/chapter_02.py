"""The checks of chapter 2: a function of the learner's own, the steps of a log, and a complete ``requires``."""

import os
import re
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from wheel_lab.lab.checks import NotYet, compare, exercise, reset, solution

__all__ = ["compare", "complete_requires", "own_function", "reset", "solution", "steps_in_the_log"]

VERSION = Version("0.1.0")
# Loaded first, OpenBLAS is found by the extension of a wheel that is not repaired.
TRY = (
    "import sys; sys.path.insert(0, sys.argv[1]); import scipy_openblas32; from example_pkg import example\n"
    "if not hasattr(example, 'squared_length'): sys.exit(3)\n"
    "try: results = example.squared_length([1.5, -2.0, 4.0]), example.ddot([1.0, 2.0], [3.0, 4.0])\n"
    "except TypeError: sys.exit(4)\n"
    "except Exception: sys.exit(5)\n"
    "sys.exit(0 if results == (22.25, 11.0) else 5)\n"
)
WRONG = {
    3: "the extension in that wheel has no function squared_length: was it added before the build?",
    4: "squared_length does not take one vector",
    5: "squared_length([1.5, -2.0, 4.0]) or ddot([1.0, 2.0], [3.0, 4.0]) does not return the right number",
}
PATIENCE = 60  # seconds


@exercise("version 0.1.0 of the wheel has your function, and it computes what it should")
def own_function() -> None:
    """Add a function to the C++ of ``mine``, and build version 0.1.0."""
    wheels = _wheels(Path("mine/dist"))
    if not wheels:
        raise NotYet("there is no wheel in mine/dist; if you built one, look for an error in what the build printed")
    if VERSION not in wheels:
        raise NotYet("the wheel in mine/dist is not version 0.1.0; the version stands in mine/pyproject.toml")
    with tempfile.TemporaryDirectory() as folder:
        try:
            with zipfile.ZipFile(wheels[VERSION]) as wheel:
                wheel.extractall(folder)
            done = subprocess.run([sys.executable, "-I", "-c", TRY, folder], capture_output=True, timeout=PATIENCE)
        except (OSError, zipfile.BadZipFile, subprocess.TimeoutExpired):
            raise NotYet("the wheel of version 0.1.0 cannot be unpacked and tried; build it again") from None
    if done.returncode:
        raise NotYet(WRONG.get(done.returncode, "the wheel of version 0.1.0 cannot be imported, or crashes Python"))


def _wheels(folder: Path) -> dict[Version, Path]:
    """Return the wheels of the example in a folder by version, those that have a proper name."""
    found = {}
    for path in sorted(folder.glob("*.whl"), key=os.path.getmtime):
        try:
            name, version, _, _ = parse_wheel_filename(path.name)
        except InvalidWheelFilename:
            continue
        if name == "septembrse":
            found[version] = path
    return found


# How the chapter shortens the names of temporary folders before it shows the log.
TEMPORARY = re.compile(r"/[^ ]*/(build-env-|tmp)[a-z0-9_]{8}")
# The lines with which scikit-build-core begins a step, and the number of the step that the chapter gives it.
HEADINGS = {"Configuring": 1, "Building": 2, "Installing": 3, "Making": 5}


@exercise("you found four of the five steps in a log that you had not seen before")
def steps_in_the_log(line: Mapping[int, str | None]) -> None:
    """Copy for steps 1, 2, 3 and 5 a line of ``core.log`` which that step wrote."""
    if not isinstance(line, Mapping):
        raise NotYet("line must be a dict from the number of a step to a line of the log")
    try:
        log = TEMPORARY.sub("<temporary>", Path("core.log").read_text(encoding="utf-8")).splitlines()
    except OSError:
        raise NotYet("core.log is not there; run the cell with the isolated build first") from None
    written = _steps(log)
    for step in (1, 2, 3, 5):
        given = line.get(step)
        if not isinstance(given, str) or not given.strip():
            raise NotYet(f"there is no line for step {step} yet")
        steps = written.get(TEMPORARY.sub("<temporary>", given.strip()))
        if steps is None:
            raise NotYet(f"what you gave for step {step} is not a whole line of the log")
        if step not in steps:
            raise NotYet(f"what you gave for step {step} was written by another step, or before step 1")


def _steps(log: list[str]) -> dict[str, set[int]]:
    """Return for each line of scikit-build-core's log the steps that wrote it; 0 is what came before the first."""
    written: dict[str, set[int]] = {}
    step = 0
    for line in log:
        word = line.removeprefix("*** ").split(" ")[0] if line.startswith("*** ") else ""
        step = HEADINGS.get(word, step)
        written.setdefault(line.strip(), set()).add(step)
    return written


@exercise("requires is complete, and the isolated build made a wheel")
def complete_requires() -> None:
    """Name in ``theirs/pyproject.toml`` what the isolated build lacked, and build the wheel."""
    project = Path("theirs/pyproject.toml")
    try:
        asked = tomllib.loads(project.read_text(encoding="utf-8"))
        wanted = tomllib.loads(Path("core_project/pyproject.toml").read_text(encoding="utf-8"))
    except OSError:
        raise NotYet("theirs/pyproject.toml is not there; run the cell with the failing build first") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise NotYet("theirs/pyproject.toml is not valid TOML; look at quotes, commas and brackets") from None
    missing = _names(wanted, "build-system", "requires") - _names(asked, "build-system", "requires")
    if missing & _names(asked, "project", "dependencies"):
        raise NotYet("dependencies is for what is needed to run the package; this is needed to build it")
    if missing:
        raise NotYet("requires in theirs/pyproject.toml does not name yet what CMake could not find")
    wheels = [path.stat().st_mtime for path in _wheels(Path("theirs/dist")).values()]
    if not wheels:
        raise NotYet("requires is complete; now build the wheel into theirs/dist")
    if max(wheels) < project.stat().st_mtime:
        raise NotYet("the wheel in theirs/dist is older than theirs/pyproject.toml; build it again, in isolation")


def _names(project: Mapping[str, Any], table: str, key: str) -> set[str]:
    """Return the names of the packages that a list in ``pyproject.toml`` asks for."""
    names = set()
    section = project.get(table)
    listed = section.get(key) if isinstance(section, dict) else None
    for text in listed if isinstance(listed, list) else []:
        try:
            names.add(str(canonicalize_name(Requirement(text).name)))
        except (InvalidRequirement, TypeError):
            continue
    return names
