"""cibuildwheel at work: what it did in its container and outside of it, step by step, and how long each step took.

The record, ``automation.json``, comes from real runs and is never written by hand: `make automation` lets cibuildwheel
build the example in a container, on the stand-in for the manylinux image and without a network, reads its log, and
writes it down. :func:`load_record` gives it back as data.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from wheel_lab.lab import records
from wheel_lab.tables import plain_table

__all__ = ["RECORD", "AutomationRecord", "Build", "Step", "Timing", "load_record"]

RECORD = Path(__file__).with_name("automation.json")
# How cibuildwheel shows a command that it starts: indented, the container runs it; at the margin, your own machine.
COMMAND = re.compile(r"( {4})?\+ (\S.*)")


@dataclass(frozen=True)
class Step:
    """A step of cibuildwheel: its `title` (``"Building wheel"``), its `seconds`, and all `lines` of its log."""

    title: str
    seconds: float
    lines: tuple[str, ...]

    @property
    def inside(self) -> tuple[str, ...]:
        """The commands that ran in the container."""
        return self._commands(in_container=True)

    @property
    def outside(self) -> tuple[str, ...]:
        """The commands that ran on the machine that started the container."""
        return self._commands(in_container=False)

    def _commands(self, in_container: bool) -> tuple[str, ...]:
        found = (COMMAND.fullmatch(line) for line in self.lines)
        return tuple(one[2] for one in found if one and bool(one[1]) == in_container)

    def __str__(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True)
class Build:
    """What was done for one build `identifier` (``"cp312-manylinux_x86_64"``), and the `wheel` that came out."""

    identifier: str
    wheel: str
    steps: tuple[Step, ...]

    def step(self, title: str) -> Step:
        """Return the step of that title."""
        return next(one for one in self.steps if one.title == title)

    @property
    def seconds(self) -> float:
        """How long its steps took, together."""
        return sum(one.seconds for one in self.steps)

    def __str__(self) -> str:
        rows = [("", "time", "in the container", "outside")]
        rows += [(one.title, f"{one.seconds:.1f} s", *_counts(one)) for one in self.steps]
        return plain_table(rows, "<>>>")


def _counts(step: Step) -> tuple[str, str]:
    return str(len(step.inside)), str(len(step.outside))


@dataclass(frozen=True)
class Timing:
    """One build with other settings: the processor time that it took, and what a compiler cache gave.

    Attributes
    ----------
    name
        ``"uv, a full compiler cache"``.
    settings
        The environment variables with these settings.
    processor
        Seconds of processor time, of all processes in the container together, for installing what the build requires
        and for building. They change much less than the seconds on a clock with what else the machine is doing.
    compiled, cached
        How many object files the compiler made, and how many came from the cache; None without a cache.
    """

    name: str
    settings: dict[str, str]
    processor: float
    compiled: int | None
    cached: int | None


@dataclass(frozen=True)
class AutomationRecord:
    """A whole run: the steps `before` all builds, the `builds`, the steps `after` them, and the `timings`.

    Each of the timings is the fastest of so many `rounds`, in which all of them were measured in turns.
    `options` are the environment variables that told cibuildwheel what is different here from the project's own
    settings.
    """

    date: str
    where: str
    versions: dict[str, str]
    options: dict[str, str]
    before: tuple[Step, ...]
    builds: tuple[Build, ...]
    after: tuple[Step, ...]
    timings: tuple[Timing, ...]

    @property
    def heading(self) -> str:
        """When, where and with what it was made, in a line."""
        tools = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        return f"recorded on {self.date} in {self.where}\nwith {tools}"

    def table(self) -> str:
        """Return a plain table of all builds: a line for each step, a column of times for each build."""
        rows = [("", *(one.identifier for one in self.builds))]
        for step in self.builds[0].steps:
            rows.append((step.title, *(f"{one.step(step.title).seconds:.1f} s" for one in self.builds)))
        rows.append(("together", *(f"{one.seconds:.1f} s" for one in self.builds)))
        return plain_table(rows, "<>")

    def times(self) -> str:
        """Return a plain table of the timings, and above it what was built."""
        rows: list[tuple[str, ...]] = [("", "processor time", "compiled", "from the cache")]
        for one in self.timings:
            counts = ("-" if count is None else str(count) for count in (one.compiled, one.cached))
            rows.append((one.name, f"{one.processor:.1f} s", *counts))
        return f"{self.builds[0].identifier}\n\n{plain_table(rows, '<>')}"

    def __str__(self) -> str:
        return f"{self.heading}\n\n{self.table()}"


def load_record(path: Path = RECORD) -> AutomationRecord:
    """Read the record; raises as :func:`wheel_lab.lab.records.load` does. `make automation` makes one."""
    return records.load(AutomationRecord, path)
