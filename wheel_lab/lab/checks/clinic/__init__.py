"""The checks of the clinic: two for each case. One asks for the cause by its name, the other for a wheel that works."""

from pathlib import Path

from wheel_lab.doctor import examine
from wheel_lab.lab.checks import NotYet, reset, solution
from wheel_lab.lab.checks.clinic import archives, contents, loading, machines
from wheel_lab.lab.checks.clinic.archives import (
    cause_02,
    cause_03,
    cause_04,
    cause_05,
    fixed_02,
    fixed_03,
    fixed_04,
    fixed_05,
)
from wheel_lab.lab.checks.clinic.contents import cause_13, cause_14, cause_15, fixed_13, fixed_14, fixed_15
from wheel_lab.lab.checks.clinic.loading import (
    cause_01,
    cause_06,
    cause_07,
    cause_08,
    fixed_01,
    fixed_06,
    fixed_07,
    fixed_08,
)
from wheel_lab.lab.checks.clinic.machines import (
    cause_09,
    cause_10,
    cause_11,
    cause_12,
    fixed_09,
    fixed_10,
    fixed_11,
    fixed_12,
)
from wheel_lab.lab.checks.clinic.shared import named

__all__ = [
    "cause_01",
    "cause_02",
    "cause_03",
    "cause_04",
    "cause_05",
    "cause_06",
    "cause_07",
    "cause_08",
    "cause_09",
    "cause_10",
    "cause_11",
    "cause_12",
    "cause_13",
    "cause_14",
    "cause_15",
    "fixed_01",
    "fixed_02",
    "fixed_03",
    "fixed_04",
    "fixed_05",
    "fixed_06",
    "fixed_07",
    "fixed_08",
    "fixed_09",
    "fixed_10",
    "fixed_11",
    "fixed_12",
    "fixed_13",
    "fixed_14",
    "fixed_15",
    "reset",
    "solution",
    "the_doctor",
]

CAUSES = {**archives.CAUSES, **contents.CAUSES, **loading.CAUSES, **machines.CAUSES}


def the_doctor(number: str, cause: object) -> None:
    """Print what the doctor finds in the wheel of a case, once the learner has named its cause.

    Parameters
    ----------
    number
        Two digits, as in the notebook's name.
    cause
        The learner's answer to the first exercise of the page.
    """
    try:
        named(cause, CAUSES[number])
    except NotYet:
        print("the doctor has named it. Name the cause yourself first, and then run this cell again")
    else:
        print(*examine(next(Path("dist").glob("*.whl"))).findings, sep="\n")
