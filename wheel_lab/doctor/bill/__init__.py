"""The bill: what a wheel costs those who install it, and whom it owes a mention. It answers no question of its own.

Most of this is worth knowing and no more: a note. A warning is what goes wrong after the installation, such as two
projects that write the same file; an error is what installers refuse. The rules are in
:mod:`wheel_lab.doctor.bill.rules`, with their sources and dates.
"""

from collections.abc import Iterator

from wheel_lab.doctor.bill import rules  # noqa: F401  (registers the rules)
from wheel_lab.doctor.bill.contents import find_in_folders
from wheel_lab.doctor.bill.licences import find_in_licences
from wheel_lab.doctor.bill.size import find_in_sizes
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.findings import Finding

__all__ = ["find"]


def find(contents: Contents) -> Iterator[Finding]:
    """Find what makes a wheel large, what does not belong into it, and licences that it does not bring.

    Raises
    ------
    WheelError
        A limit is reached.
    """
    yield from find_in_sizes(contents)
    yield from find_in_folders(contents)
    yield from find_in_licences(contents)
