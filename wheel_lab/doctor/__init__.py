"""The doctor: give it any wheel, and it says what is wrong, why that matters and what to do.

Judged so far: will the index take it (:mod:`wheel_lab.doctor.index`), as far as the file itself shows that. Whether the
wheel keeps what its name promises, and whether it will import, is not judged yet. Nothing of the wheel is run.
"""

from pathlib import Path
from typing import IO

from wheel_lab.doctor import index, promise
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.findings import RULES, Finding, Rule
from wheel_lab.doctor.report import Report, Verdict
from wheel_lab.limits import DEFAULTS, Limits
from wheel_lab.wheelfile import OpenWheel, WheelError, open_wheel, opened

__all__ = ["RULES", "Finding", "Limits", "Report", "Rule", "Verdict", "WheelError", "examine"]


JUDGES = {"index": index, "promise": promise}  # by the question that each answers; see QUESTIONS in the report


def examine(
    wheel: str | Path | IO[bytes] | OpenWheel,
    limits: Limits = DEFAULTS,
    *,
    policy: str | None = None,
    deep: bool = False,
) -> Report:
    """Examine a wheel.

    Parameters
    ----------
    wheel
        A path, an open binary file with a name, or an open wheel, whose own limits hold.
    limits
        What the examination may cost.
    policy
        A platform tag to judge against instead of those in the file's name, such as ``"manylinux_2_28_x86_64"``.
    deep
        Whether to do what takes long as well.

    Raises
    ------
    WheelError
        The name is not a wheel's, the file is not a zip archive that can be read, or it reaches a limit.
    OSError
        There is no such file, or it cannot be opened.
    """
    with opened(wheel) if isinstance(wheel, OpenWheel) else open_wheel(wheel, limits=limits) as source:
        contents = Contents(source, policy=policy, deep=deep)
        findings: list[Finding] = []
        verdicts: dict[str, Verdict] = {}
        for question, family in JUDGES.items():
            found = tuple(family.find(contents))
            verdicts[question] = family.judge(found)
            findings += found
        return Report(source.name, verdicts, tuple(findings)).sorted()
