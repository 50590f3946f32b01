"""Does the wheel keep what its name promises: the tags of the name, held against WHEEL and against the files.

The rules, with their sources and dates, are in :mod:`wheel_lab.doctor.promise.rules`. Each module says what the files
do not show: :mod:`~wheel_lab.doctor.promise.wheel` (WHEEL), :mod:`~wheel_lab.doctor.promise.pure` (pure or compiled),
:mod:`~wheel_lab.doctor.promise.linux` and :mod:`~wheel_lab.doctor.promise.place` (Linux),
:mod:`~wheel_lab.doctor.promise.python` (Python's own interface).
"""

from collections.abc import Iterator, Sequence

from wheel_lab.doctor.claims import claim_of, claims_of
from wheel_lab.doctor.compiled import compiled_in
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.findings import Finding
from wheel_lab.doctor.promise.linux import find_in_linux
from wheel_lab.doctor.promise.pure import find_in_contents
from wheel_lab.doctor.promise.python import find_in_python
from wheel_lab.doctor.promise.rules import UNDECIDED
from wheel_lab.doctor.promise.wheel import find_in_wheel
from wheel_lab.doctor.report import Verdict
from wheel_lab.doctor.systems import macos, macosrules, others, othersrules, windows
from wheel_lab.limits import WheelError

__all__ = ["find", "judge"]


def judge(findings: Sequence[Finding]) -> Verdict:
    """Answer the question from the findings of this family."""
    own = [one for one in findings if one.code.startswith("P")]
    if any(one.level == "error" for one in own):
        return "no"
    undecided = UNDECIDED | macosrules.UNDECIDED | othersrules.UNDECIDED
    return "cannot tell" if any(one.code in undecided for one in own) else "yes"


def find(contents: Contents) -> Iterator[Finding]:
    """Find what breaks the promises of the name, or of the tag that was asked about instead.

    Raises
    ------
    WheelError
        The tag that was asked about is none, or a limit is reached.
    """
    if contents.policy is not None:
        try:
            claim_of(contents.policy)
        except ValueError as error:
            raise WheelError(str(error)) from None
    claims = claims_of(contents.platforms)
    files = compiled_in(contents)
    yield from find_in_wheel(contents)
    yield from find_in_contents(contents, files)
    yield from find_in_linux(contents, claims)
    yield from find_in_python(contents, claims, files)
    for system in (macos, windows, others):
        yield from system.find_promises(contents)
