"""What ``wheel-lab doctor`` does with its arguments: :mod:`wheel_lab.__main__` takes them apart."""

import glob
import io
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from typing import NoReturn

from wheel_lab.doctor import examine
from wheel_lab.doctor.findings import RULES
from wheel_lab.doctor.report import Report, as_github, as_json, as_text
from wheel_lab.limits import WheelError
from wheel_lab.members import shown

__all__ = ["expand", "run", "status_of"]

FINE, ERRORS, UNUSABLE = 0, 1, 2


def run(options: Namespace, refuse: Callable[[str], NoReturn]) -> int:
    """Do what the arguments say and return the exit status; `refuse` ends the process over wrong arguments."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name may hold what the terminal's encoding has not
    for code in [*options.ignore, *(options.explain or ())]:
        if code not in RULES:
            refuse(f"there is no rule {shown(code)}")
    if options.explain:
        print("\n\n".join(str(RULES[code]) for code in options.explain))
        return FINE
    if not options.files:
        refuse("give the file of a wheel, or --explain CODE")
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and options.format == "text"
    reports, status = [], FINE
    for path in expand(options.files):
        try:
            report = examine(path).without(options.ignore)
        except (WheelError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            print(f"wheel-lab: {shown(path, 1000)}: {shown(reason, 1000)}", file=sys.stderr)
            status = UNUSABLE
            continue
        reports.append(report)
        status = max(status, status_of(report, options.strict))
        if not options.json:
            print(as_github(report, path) if options.format == "github" else as_text(report, colour), flush=True)
    if options.json:
        print(as_json(reports))
    return status


def status_of(report: Report, strict: bool) -> int:
    """Return the exit status for one report."""
    return ERRORS if report.count("error") or (strict and report.count("warning")) else FINE


def expand(files: Sequence[str]) -> list[str]:
    """Replace each pattern by the files that match it, sorted. A pattern without a match stays, and is no file."""
    found: list[str] = []
    for one in files:
        matching = [] if os.path.exists(one) else sorted(glob.glob(one))
        found += matching or [one]
    return found
