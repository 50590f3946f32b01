"""The doctor: give it any wheel, and it says what is wrong, why that matters and what to do.

Judged so far: will the index take it (:mod:`wheel_lab.doctor.index`), as far as the file itself shows that. Whether the
wheel keeps what its name promises, and whether it will import, is not judged yet. Nothing of the wheel is run.
"""

from pathlib import Path
from typing import IO

from wheel_lab.doctor import index
from wheel_lab.doctor.findings import RULES, Finding, Rule
from wheel_lab.doctor.report import Report, Verdict
from wheel_lab.limits import DEFAULTS, Limits
from wheel_lab.wheelfile import OpenWheel, WheelError, open_wheel, opened

__all__ = ["RULES", "Finding", "Limits", "Report", "Rule", "Verdict", "WheelError", "examine"]


def examine(wheel: str | Path | IO[bytes] | OpenWheel, limits: Limits = DEFAULTS) -> Report:
    """Examine a wheel.

    Parameters
    ----------
    wheel
        A path, an open binary file with a name, or an open wheel, whose own limits hold.
    limits
        What the examination may cost.

    Raises
    ------
    WheelError
        The name is not a wheel's, the file is not a zip archive that can be read, or it reaches a limit.
    OSError
        There is no such file, or it cannot be opened.
    """
    with opened(wheel) if isinstance(wheel, OpenWheel) else open_wheel(wheel, limits=limits) as source:
        findings = tuple(index.find(source))
        return Report(source.name, {"index": index.judge(findings)}, findings).sorted()
