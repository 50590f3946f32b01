"""Real wheels of many kinds, and what the doctor says about each: ``python -m tools.realwheels [WORD]``.

`tests/lab/real_wheels.toml` pins each by its file name and hash. They are fetched into ``.lab/realwheels`` and kept
there, but for those of 500 MB and more. Every error and warning about one of them is listed there too, with why it
is right: careful projects made these wheels, so what nobody could defend is a false alarm.
"""

import argparse
import json
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from wheel_lab.binaries.reading import read_binaries
from wheel_lab.doctor import Report, examine
from wheel_lab.justified import tag_by_contents
from wheel_lab.lab.commands import say
from wheel_lab.lab.fetching import fetch_wheel, holds
from wheel_lab.lab.paths import ROOT, STORE
from wheel_lab.limits import DEFAULTS
from wheel_lab.wheelfile import open_wheel

LIST = ROOT / "tests/lab/real_wheels.toml"
KEPT = STORE / "realwheels"
LIMITS = replace(DEFAULTS, seconds=600)  # the machine may be busy


@dataclass(frozen=True)
class RealWheel:
    """A wheel of a real project.

    Attributes
    ----------
    file, sha256
        Its name, and the hash of its content.
    large
        Whether it is deleted after use.
    accused
        How often each rule above a note fires, by its code; each time it is right.
    defence
        Why, by the code.
    differs
        Why the platform tag that we find is another one than auditwheel's; "" where it is the same.
    """

    file: str
    sha256: str
    large: bool = False
    accused: dict[str, int] = field(default_factory=dict)
    defence: dict[str, str] = field(default_factory=dict)
    differs: str = ""


def real_wheels() -> list[RealWheel]:
    """Return the wheels of the list, in its order."""
    table = tomllib.loads(LIST.read_text())
    found = []
    for one in table["wheel"]:
        accused = one.get("accused", [])
        found.append(
            RealWheel(
                one["file"],
                one["sha256"],
                one.get("large", False),
                {entry["code"]: entry["times"] for entry in accused},
                {entry["code"]: entry["defence"] for entry in accused},
                one.get("differs", ""),
            )
        )
    return found


@contextmanager
def at_hand(wheel: RealWheel) -> Iterator[Path]:
    """Fetch a wheel, if it is not there, and return its path; a large one is deleted afterwards."""
    path = KEPT / wheel.file
    if not holds(path, wheel.sha256):
        KEPT.mkdir(parents=True, exist_ok=True)
        fetch_wheel(Path(sys.executable), wheel.file, wheel.sha256, KEPT)
    try:
        yield path
    finally:
        if wheel.large:
            path.unlink()


def accused_by(report: Report) -> dict[str, int]:
    """Count the findings above a note, by their codes."""
    return dict(sorted(Counter(one.code for one in report.findings if one.level != "note").items()))


def tag_of_auditwheel(path: Path) -> str | None:
    """Return the platform tag that ``auditwheel show --json`` gives; None where it does not answer."""
    command = [str(Path(sys.executable).parent / "auditwheel"), "show", "--json", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    return None if done.returncode else str(json.loads(done.stdout)["overall_tag"])


def tag_of_ours(path: Path) -> str | None:
    """Return the platform tag that the files justify, as the doctor sees it; None where no file says anything."""
    with open_wheel(path, limits=LIMITS) as source:
        try:
            return tag_by_contents(read_binaries(source).elf, [member.name for member in source.members])
        except ValueError:
            return None


def main() -> None:
    """Examine the wheels, and print what is found above a note, beside what the list expects."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("word", nargs="?", default="", help="only wheels whose name holds this")
    options = parser.parse_args()
    wrong = 0
    for wheel in real_wheels():
        if options.word not in wheel.file:
            continue
        with at_hand(wheel) as path:
            start = time.perf_counter()
            report = examine(path, LIMITS)
            seconds = time.perf_counter() - start
        found = accused_by(report)
        wrong += found != wheel.accused
        verdicts = ", ".join(f"{question}: {answer}" for question, answer in report.verdicts.items())
        say(f"{wheel.file} ({seconds:.1f} s): {verdicts}" + ("" if found == wheel.accused else "; NOT AS LISTED"))
        for finding in report.findings:
            if finding.level != "note":
                say(f"    {finding}")
    say(f"{wrong} not as listed")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
