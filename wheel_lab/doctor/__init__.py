"""The doctor: give it any wheel, and it says what is wrong, why that matters and what to do.

Will the index take it (:mod:`wheel_lab.doctor.index`), does it keep what its name promises
(:mod:`wheel_lab.doctor.promise`), and will it import (:mod:`wheel_lab.doctor.importing`)? Each is answered as far as
the file itself shows that. What a wheel costs and owes (:mod:`wheel_lab.doctor.bill`) is noted, and answers no
question. Nothing of the wheel is run.
"""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import IO

from wheel_lab.doctor import bill, importing, index, promise
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.findings import RULES, Finding, Rule
from wheel_lab.doctor.report import QUESTIONS, Report, Verdict
from wheel_lab.doctor.sdist import examine_sdist
from wheel_lab.doctor.sdist.reading import is_sdist
from wheel_lab.limits import DEFAULTS, Limits
from wheel_lab.members import shown
from wheel_lab.wheelfile import OpenWheel, WheelError, name_of, open_wheel, opened

__all__ = ["RULES", "Finding", "Limits", "Report", "Rule", "Verdict", "WheelError", "examine"]


# By the question that each answers; see QUESTIONS in the report.
JUDGES = {"index": index, "promise": promise, "import": importing}
# Families that answer none: what they find is worth knowing all the same.
UNASKED = (bill,)


def examine(
    wheel: str | Path | IO[bytes] | OpenWheel,
    limits: Limits = DEFAULTS,
    *,
    policy: str | None = None,
    deep: bool = False,
    tell: Callable[[str], None] | None = None,
) -> Report:
    """Examine a wheel; or a source distribution, of which only the index's question is asked.

    Parameters
    ----------
    wheel
        A path, an open binary file with a name, or an open wheel, whose own limits hold. What ends in ``.tar.gz`` or
        ``.zip`` is examined as a source distribution.
    limits
        What the examination may cost.
    policy
        A platform tag to judge against instead of those in the file's name, such as ``"manylinux_2_28_x86_64"``.
    deep
        Whether to do what takes long as well.
    tell
        Called with each question before it is answered, to show how far the examination is.

    Raises
    ------
    WheelError
        The name is not a wheel's, the file is not a zip archive that can be read, or it reaches a limit.
    OSError
        There is no such file, or it cannot be opened.
    """
    if not isinstance(wheel, OpenWheel) and not (named := name_of(wheel)).endswith(".whl"):
        with open(wheel, "rb") if isinstance(wheel, str | Path) else nullcontext(wheel) as file:
            if is_sdist(named):
                return examine_sdist(file, named, limits)
        message = "is neither a wheel (.whl) nor a source distribution (.tar.gz), and nothing else is examined"
        raise WheelError(f"{shown(named)} {message}")
    with opened(wheel) if isinstance(wheel, OpenWheel) else open_wheel(wheel, limits=limits) as source:
        contents = Contents(source, policy=policy, deep=deep)
        findings: list[Finding] = []
        verdicts: dict[str, Verdict] = {}
        for question, family in JUDGES.items():
            if tell is not None:
                tell(QUESTIONS[question])
            found = tuple(family.find(contents))
            verdicts[question] = family.judge(found)
            findings += found
        for notes in UNASKED:
            if tell is not None:
                tell("what else is there to know")
            findings += notes.find(contents)
        return Report(source.name, verdicts, tuple(findings)).sorted()
