"""What ``wheel-lab doctor`` does with its arguments: :mod:`wheel_lab.__main__` takes them apart."""

import glob
import io
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from wheel_lab.doctor.annotations import as_github, as_gitlab, told_to_github
from wheel_lab.doctor.child import Job, examine_apart, examine_here, has_children
from wheel_lab.doctor.findings import RULES
from wheel_lab.doctor.report import Report, Unexamined, as_json, json_schema
from wheel_lab.doctor.settings import DEFAULTS, SettingsError, codes, find_settings, memory, output, platform, seconds
from wheel_lab.doctor.terminal import Progress, wants_colour, width_of
from wheel_lab.doctor.text import as_text
from wheel_lab.limits import WheelError

__all__ = ["expand", "run", "status_of"]

FINE, ERRORS, UNUSABLE, INTERRUPTED = 0, 1, 2, 130
# How what is typed becomes what a setting holds.
READERS: dict[str, Callable[[str], object]] = {"format": output, "policy": platform, "time": seconds, "memory": memory}


def run(options: Namespace, refuse: Callable[[str], NoReturn]) -> int:
    """Do what the arguments say and return the exit status; `refuse` ends the process over wrong arguments."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name may hold what the terminal's encoding has not
    try:
        if options.schema:
            print(json_schema(), end="")
            return FINE
        if options.explain:
            print("\n\n".join(str(RULES[code]) for code in codes(",".join(options.explain))))
            return FINE
        chosen = _choose(options)
    except SettingsError as error:
        refuse(str(error))
    if not options.files:
        refuse("give the file of a wheel, or --explain CODE")
    try:
        return _examine_all(expand(options.files), chosen)
    except KeyboardInterrupt:
        return INTERRUPTED


def _choose(options: Namespace) -> Namespace:
    """Join what is typed, what the project sets, and what holds otherwise."""
    typed = {key: getattr(options, key) for key in DEFAULTS if getattr(options, key) is not None}
    if "ignore" in typed:
        typed["ignore"] = codes(",".join(typed["ignore"]))
    for key, read in READERS.items():
        if key in typed:
            try:
                typed[key] = read(typed[key])
            except SettingsError as error:
                raise SettingsError(f"--{key}: {error}") from None
    return Namespace(**{**DEFAULTS, **find_settings(Path.cwd()), **typed, "child": options.child})


def _examine_all(paths: Sequence[str], chosen: Namespace) -> int:
    """Examine each file, print what there is to say, and return the highest status."""
    colour, width = wants_colour(sys.stdout), width_of(sys.stdout)
    job = Job(policy=chosen.policy, deep=chosen.deep, seconds=chosen.time, memory=chosen.memory)
    look = examine_apart if chosen.child and has_children() else examine_here
    progress = Progress(sys.stderr)
    reports: list[tuple[Report, str]] = []
    unexamined: list[Unexamined] = []
    status = FINE
    for number, path in enumerate(paths, start=1):
        count = f"{number}/{len(paths)} " if len(paths) > 1 else ""
        progress.begin(count + os.path.basename(path))
        try:
            report = look(path, job, progress.show).without(chosen.ignore)
        except WheelError as error:
            progress.clear()
            unexamined.append(Unexamined(path, str(error), error.limit))
            print(f"wheel-lab: {unexamined[-1]}", file=sys.stderr)
            if chosen.format == "github":
                print(told_to_github(unexamined[-1]), flush=True)
            status = UNUSABLE
            continue
        progress.clear()
        reports.append((report, path))
        status = max(status, status_of(report, chosen.strict))
        if chosen.format == "text":
            print(as_text(report, colour=colour, width=width), flush=True)
        elif chosen.format == "github":
            print(as_github(report, path), flush=True)
    if chosen.format == "json":
        print(as_json((report for report, _ in reports), unexamined))
    elif chosen.format == "gitlab":
        print(as_gitlab(reports, unexamined))
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
