"""The exercises of chapter 1, Meet a wheel: a name to take apart, a choice to predict, a wheel for another machine."""

from collections.abc import Sequence
from pathlib import Path

from packaging.utils import canonicalize_name

from wheel_lab import compatibility
from wheel_lab.lab.checks import NotYet, compare, exercise, reset, solution

__all__ = ["compare", "parts_of_a_name", "reset", "solution", "taken_file", "wheel_for_a_cluster"]

ANSWERS = ("install", "version", "python", "glibc", "intel")


@exercise("that is what the name promises")
def parts_of_a_name(answer: object) -> None:
    """Say what each part of a wheel's file name promises."""
    if not isinstance(answer, dict) or not set(ANSWERS) <= set(answer):
        raise NotYet("the answer should be a dict with the five keys that it had")
    if missing := [key for key in ANSWERS if answer[key] is None]:
        raise NotYet(f"still None: {', '.join(missing)}")
    if not all(isinstance(answer[key], str) for key in ANSWERS[:4]):
        raise NotYet("all but the last value should be texts, in quotation marks")
    install, version, python, glibc, intel = (answer[key] for key in ANSWERS)
    if install == "field_tools":
        raise NotYet("install: pip would accept that, but the project likes dashes; what becomes of a dash in a name?")
    if canonicalize_name(install) != "field-tools":
        raise NotYet("install: that is not the name of the project")
    if version.startswith("1.4.0-"):
        raise NotYet("version: the part after it is a build number, not a part of the version")
    if version != "1.4.0":
        raise NotYet("version: it is the second part of the name")
    if python.lower() in ("cp311", "311"):
        raise NotYet("python: write it as a version, with a dot")
    if python != "3.11":
        raise NotYet("python: with abi3 the interpreter tag names the oldest one")
    if glibc != "2.28":
        raise NotYet("glibc: the platform tag names the oldest one; write it as a version, with a dot")
    if not isinstance(intel, bool):
        raise NotYet("intel: write True or False")
    if intel:
        raise NotYet("intel: the end of the platform tag is the processor; look up which one that is")


@exercise("that is the file that pip takes")
def taken_file(taken: object, files: Sequence[str]) -> None:
    """Predict which of several files pip takes on CPython 3.13 with glibc 2.28."""
    if taken is None:
        raise NotYet("taken is still None")
    if not isinstance(taken, str) or taken not in files:
        raise NotYet("taken should be one of the names in files, letter by letter")
    platforms = [f"manylinux_2_{minor}_x86_64" for minor in range(28, 16, -1)] + ["manylinux2014_x86_64"]
    try:
        choice = compatibility.choose(files, python=(3, 13), platforms=platforms)
    except ValueError:
        raise NotYet("files has changed; check.reset gives you the exercise as it was") from None
    if taken == choice.taken:
        return
    (verdict,) = (one for one in choice.verdicts if one.filename == taken)
    if verdict.rank is None:
        raise NotYet("that file does not fit: go through its three tags again")
    if "is a pre-release" in verdict.reason:
        raise NotYet("that file fits, and it is a pre-release; there is a release that fits, too")
    if "is newer" in verdict.reason:
        raise NotYet("that file fits, and there is a newer version that fits, too")
    raise NotYet("the version is right; another file of it has a tag that this Python likes better")


@exercise("that wheel is for the cluster")
def wheel_for_a_cluster() -> None:
    """Fetch the wheel of NumPy for Python 3.14 and glibc 2.34."""
    there = sorted(path.name for path in Path("cluster").glob("*.whl"))
    if not there:
        raise NotYet("there is no wheel in the folder cluster; what does pip say?")
    platforms = [f"manylinux_2_{minor}_x86_64" for minor in range(34, 16, -1)] + ["manylinux2014_x86_64"]
    try:
        choice = compatibility.choose(there, python=(3, 14), platforms=platforms)
    except ValueError:
        raise NotYet("in the folder cluster is something besides wheels of NumPy") from None
    if not there[0].startswith("numpy-"):
        raise NotYet("in the folder cluster is a wheel of another project")
    if choice.taken is None:
        raise NotYet("the wheel in the folder cluster is not for CPython 3.14 on glibc: take its name apart")
