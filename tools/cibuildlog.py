"""cibuildwheel's log, read: which step ran which commands, what they said, and how long it took."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from wheel_lab.lab.automation import Build, Step

# The banner and all options come before this line.
BEGIN = "Here we go!"
TITLE = re.compile(r"([A-Z].*)\.\.\.")
END = re.compile(r" {20,}([✓✕]) (\d+\.\d+)s")
BUILD = re.compile(r"Building (\S+) wheel")
BUILT = re.compile(r"✓ (\S+) finished in .*")
WHEEL = re.compile(r"  (\S+): (\S+\.whl) .*")
# What has another name each time, in the order in which it is looked for.
NAMES = [
    (r"'[^'\n]*/\.venv/bin/uv'", "uv"),  # a path with a space in it is quoted
    (r"'wheelhouse'", "wheelhouse"),
    (r"/tmp/build-env-\w+", "<isolated environment>"),
    (r"/tmp/tmp\.\w+", "<test folder>"),
    (r"/tmp/cibuildwheel\b", "<work>"),
    (r"\S*/cibw-run-\w+", "<audit folder>"),
    (r"\bcibuildwheel-[0-9a-f-]{36}", "<container>"),
    (r"/opt/rh/gcc-toolset-\d+/[\w/]+/bin/", ""),  # the image's compiler
    (r"\.tmp-\w+/", ""),
    (r"\S+/\.venv/bin/uv\b", "uv"),
    (r"(?<= )/(?:root|home/\w+)/\S+/bin/(python3?)[\d.]*", r"<your \1>"),
]


@dataclass(frozen=True)
class Log:
    """A whole log: the steps before all builds, the builds, and the steps after them."""

    before: tuple[Step, ...]
    builds: tuple[Build, ...]
    after: tuple[Step, ...]


def read_log(text: str, folders: Mapping[str, str]) -> Log:
    """Read the log of a run that went well, and give each of the `folders` of this machine the name that it maps to.

    Raises
    ------
    ValueError
        The text is no such log, or the log of a run that failed.
    """
    _, found, told = text.partition(BEGIN)
    if not found:
        raise ValueError("this is not a log of cibuildwheel")
    for folder in sorted(folders, key=len, reverse=True):
        told = told.replace(folder, folders[folder])
    for pattern, name in NAMES:
        told = re.sub(pattern, name, told)

    steps: dict[str | None, list[Step]] = {None: []}  # by build; None is for those of all
    order: list[str | None] = [None]
    after: list[Step] = []
    wheels: dict[str, str] = {}
    title: str | None = None
    lines: list[str] = []
    for line in filter(str.strip, told.splitlines()):
        if end := END.fullmatch(line):
            if title is None or end[1] != "✓":
                raise ValueError(f"a step failed: {title}")
            place = after if order[-1] is None and len(order) > 1 else steps[order[-1]]
            place.append(Step(title, float(end[2]), tuple(lines)))
            title, lines = None, []
        elif title is None and (begun := BUILD.fullmatch(line)):
            order.append(begun[1])
            steps[begun[1]] = []
        elif title is None and BUILT.fullmatch(line):
            order.append(None)
        elif title is None and (named := TITLE.fullmatch(line)):
            title = named[1]
        elif title is None and (made := WHEEL.fullmatch(line)):
            wheels[made[1]] = made[2]
        else:  # what is said between two steps belongs to the next one
            lines.append(line.rstrip())
    builds = tuple(Build(name, wheels[name], tuple(steps[name])) for name in order if name is not None)
    return Log(tuple(steps[None]), builds, tuple(after))
