"""Will it import: the libraries, symbols, segments and modules without which an import of the wheel's modules fails.

The rules, with their sources and dates, are in :mod:`wheel_lab.doctor.importing.rules`. Nothing is loaded: how the
loader of Linux goes about it is played through in :mod:`wheel_lab.doctor.importing.linking`. What the file does not
show is not judged: what another package brings, what Python code loads by itself, and whether the code that is loaded
works.
"""

from collections.abc import Iterator, Sequence

from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.findings import Finding, found_in
from wheel_lab.doctor.importing import rules  # noqa: F401  (registers the rules)
from wheel_lab.doctor.importing.libraries import find_in_libraries
from wheel_lab.doctor.importing.linking import Linking
from wheel_lab.doctor.importing.loader import find_in_segments
from wheel_lab.doctor.importing.machinecode import find_in_code
from wheel_lab.doctor.importing.python import find_in_python, find_runtimes
from wheel_lab.doctor.importing.symbols import find_in_symbols
from wheel_lab.doctor.report import Verdict
from wheel_lab.doctor.systems import macos, macosrules, windows, windowsrules

__all__ = ["UNDECIDED", "find", "judge"]

# Findings that leave the answer open.
UNDECIDED = {"M102", "M103", "M104", "M107", "M112", "M203", "M601", *macosrules.UNDECIDED, *windowsrules.UNDECIDED}


def judge(findings: Sequence[Finding]) -> Verdict:
    """Answer the question from the findings of this family."""
    if any(one.code.startswith("M") and one.level == "error" for one in findings):
        return "no"
    return "cannot tell" if any(one.code in UNDECIDED for one in findings) else "yes"


def find(contents: Contents) -> Iterator[Finding]:
    """Find what stops an import, or may.

    Raises
    ------
    WheelError
        A limit is reached, or machine code is to be read and capstone is not installed.
    """
    linking = Linking(contents)
    unread = (one for one in contents.binaries.problems if one.kind == "malformed")
    yield from found_in("M112", ({"member": one.member, "problem": one.message} for one in unread))
    yield from find_in_libraries(contents, linking)
    yield from find_in_symbols(contents, linking)
    yield from find_in_segments(contents, linking)
    if contents.deep:
        yield from find_in_code(contents, linking)
    yield from find_runtimes(contents, linking)
    yield from find_in_python(contents)
    for system in (macos, windows):
        yield from system.find_imports(contents)
