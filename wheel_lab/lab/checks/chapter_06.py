"""The checks of chapter 6, "Choose what to carry"."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from wheel_lab import archive
from wheel_lab.lab.checks import NotYet, compare, exercise, reset, solution
from wheel_lab.wheelfile import WheelError, open_wheel

__all__ = ["compare", "each_asks_its_own", "left_out_of_the_sbom", "notice_in_the_wheel", "reset", "solution"]

NOTICE = b"Name: OpenBLAS"  # stands in the licence file of scipy-openblas32
NUMPY = "numpy-2.5.5-*musllinux*.whl"
YOURS = Path("yours")
ASK = "import ctypes, sys\nfor name in sys.argv[1:]: print(ctypes.CDLL(f'{name}/ask.so').ask())"


@exercise("the wheel carries OpenBLAS and its notice")
def notice_in_the_wheel() -> None:
    """Build and repair a wheel in ``licensed`` that holds the licence of the OpenBLAS in it."""
    wheels = sorted(Path("licensed").glob("*.whl"))
    if not wheels:
        if any(Path("licensed_raw").glob("*.whl")):
            raise NotYet("the wheel in licensed_raw is built, and waits for its repair into the folder licensed")
        raise NotYet("there is no wheel in the folder licensed")
    if len(wheels) > 1:
        raise NotYet("there is more than one wheel in the folder licensed")
    try:
        wheel = archive.read_wheel(wheels[0])
        holds = archive.check_record(wheels[0]).holds
        licences = _contents(wheels[0], wheel.licences)
    except WheelError:
        raise NotYet("the file in the folder licensed is not a wheel that can be read") from None
    if not any("openblas" in member.name and ".libs/" in member.name for member in wheel.members):
        raise NotYet("that wheel carries no OpenBLAS; repair it")
    if not any(NOTICE in text for text in licences):
        raise NotYet("no licence in that wheel is the one of OpenBLAS; does license-files take the copy that you made?")
    if not holds:
        raise NotYet("RECORD does not agree with that wheel; let build and auditwheel write it")


@exercise("NumPy's OpenBLAS is the library that its SBOM does not list")
def left_out_of_the_sbom(left_out: object) -> None:
    """Name the library in NumPy's wheel that has no component in its SBOM."""
    if left_out is None:
        raise NotYet("left_out is still None")
    if not isinstance(left_out, str) or not left_out.strip():
        raise NotYet("left_out must be the name of one file, as text")
    numpy = next(Path().glob(NUMPY), None)
    if numpy is None:
        raise NotYet("NumPy's wheel is no longer in this folder; run the first cell of the chapter again")
    carried, listed = _carried_and_listed(numpy)
    name = Path(left_out).name
    if name not in carried:
        raise NotYet("no file in the folder numpy.libs of that wheel has that name")
    if any(name.startswith(component) for component in listed):
        raise NotYet("the SBOM has a component for that file; look for one that it has not")


def _carried_and_listed(wheel: Path) -> tuple[list[str], list[str]]:
    """Return the names of the libraries in a wheel's ``.libs``, and those of the components in its SBOM."""
    found = archive.read_wheel(wheel)
    carried = [Path(one.name).name for one in found.members if ".libs/" in one.name and not one.name.endswith("/")]
    listed = [part["name"] for sbom in _contents(wheel, found.sboms) for part in json.loads(sbom)["components"]]
    return carried, listed


def _contents(wheel: Path, names: Sequence[str]) -> list[bytes]:
    """Return the contents of these members of a wheel."""
    with open_wheel(wheel) as source:
        return [source.read(member) for member in map(source.find, names) if member is not None]


@exercise("each ask.so gets its own library, in either order")
def each_asks_its_own() -> None:
    """Give the library in ``yours/two`` a name of its own, and let ``yours/two/ask.so`` ask for it."""
    for name in ("one", "two"):
        if not (YOURS / name / "ask.so").is_file():
            raise NotYet(f"there is no yours/{name}/ask.so; run the cell of the exercise again")
        if not _answers([name]):
            raise NotYet(f"yours/{name}/ask.so does not load: no file has the name that it asks for")
    for name, number in (("one", "1"), ("two", "2")):
        if _answers([name]) != [number]:
            raise NotYet(f"yours/{name}/ask.so, loaded alone, no longer says {number}")
    if _answers(["one", "two"]) != ["1", "2"]:
        raise NotYet("two still gets the library of one; which name does its ask.so ask for?")
    if _answers(["two", "one"]) != ["2", "1"]:
        raise NotYet("it works, but not when two is loaded first; which name does its library have inside?")


def _answers(names: Sequence[str]) -> list[str]:
    """Return what each ``ask.so`` in `yours` says, loaded in that order into one process; empty when one fails."""
    lenders = {name: value for name, value in os.environ.items() if not name.startswith("LD_")}
    command = [sys.executable, "-c", ASK, *names]
    done = subprocess.run(command, cwd=YOURS, env=lenders, capture_output=True, text=True)
    return done.stdout.split() if done.returncode == 0 else []
