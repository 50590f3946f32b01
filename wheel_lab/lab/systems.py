"""Old and new systems: which wheel of the example ran where, as `make systems` found out and wrote down.

The record, ``systems.json``, is a measurement and never written by hand. A wheel was built on each of several Debians
and tried on each of them; :func:`load_record` gives that back as data. ``tools/systems.py`` makes the runs.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from wheel_lab.lab import records
from wheel_lab.tables import plain_table

__all__ = ["RECORD", "BuiltWheel", "Linked", "Run", "System", "SystemsRecord", "load_record", "outcome"]

RECORD = Path(__file__).with_name("systems.json")
RUNS = "runs"


@dataclass(frozen=True)
class System:
    """A Debian suite (``"bookworm"``), the version of its glibc (``"2.36"``), and that of its g++."""

    suite: str
    glibc: str
    compiler: str


@dataclass(frozen=True)
class BuiltWheel:
    """The example, built on one system and repaired by auditwheel to the best tag that it gives.

    Attributes
    ----------
    built_on
        The suite.
    tag
        The platform tag after the repair: ``"manylinux_2_34_x86_64"``.
    floor, symbols
        The newest glibc version that any of its files asks for, and the symbols that are asked for in that version.
    extension_floor
        The same for our extension alone, before the repair added OpenBLAS.
    reasons
        What the next older policy does not allow, and so sets the tag: ``"CXXABI_1.3.15: __cxa_call_terminate"``.
    refusal
        auditwheel's words when it was asked for the tag of the oldest system; empty when it gave it.
    """

    built_on: str
    tag: str
    floor: str
    symbols: tuple[str, ...]
    extension_floor: str
    reasons: tuple[str, ...]
    refusal: str

    @property
    def glibc(self) -> str:
        """The glibc that the tag asks of a system: ``"2.34"``."""
        asked = re.findall(r"manylinux_(\d+)_(\d+)_", self.tag)
        return str(min(Version(f"{major}.{minor}") for major, minor in asked))

    def is_for(self, system: System) -> bool:
        """Tell whether the tag promises that the wheel runs there."""
        return Version(self.glibc) <= Version(system.glibc)


@dataclass(frozen=True)
class Run:
    """One wheel on one system: what pip there said to its name, and the loader to its content.

    `pip` and `loader` are their last words, and empty where they had no objection. What pip refused was unpacked all
    the same.
    """

    built_on: str
    run_on: str
    pip: str
    loader: str

    @property
    def outcome(self) -> str:
        """``"runs"``, or which version was missing (``"no GLIBC_2.32"``), or what else was said."""
        return outcome(self.loader)

    @property
    def taken(self) -> bool:
        """Whether pip took the wheel."""
        return not self.pip


@dataclass(frozen=True)
class Linked:
    """The example's sources, compiled for and linked against an older glibc than any system here has.

    Attributes
    ----------
    against
        The version of that glibc: ``"2.17"``.
    floor, symbols, tag
        As for a :class:`BuiltWheel`, of our extension alone.
    runs
        ``(suite, what the loader said)`` for each system.
    """

    against: str
    floor: str
    symbols: tuple[str, ...]
    tag: str
    runs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SystemsRecord:
    """A whole run of `make systems`. Systems and wheels come with the oldest first.

    `missing` are the suites that were asked for and that the mirror does not have. `versions` are those of the tools.
    """

    date: str
    versions: dict[str, str]
    missing: tuple[str, ...]
    systems: tuple[System, ...]
    wheels: tuple[BuiltWheel, ...]
    runs: tuple[Run, ...]
    linked: Linked

    def run(self, built_on: str, run_on: str) -> Run:
        """Return the run of the wheel built on one suite on another one."""
        return next(run for run in self.runs if (run.built_on, run.run_on) == (built_on, run_on))

    def __str__(self) -> str:
        titles = [f"on {system.suite}, {system.glibc}" for system in self.systems]
        rows = [["built on", "tag", *titles]]
        for wheel in self.wheels:
            outcomes = [self.run(wheel.built_on, system.suite).outcome for system in self.systems]
            rows.append([wheel.built_on, wheel.tag.removesuffix("_x86_64"), *outcomes])
        tools = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        return "\n".join([f"recorded on {self.date}, with {tools}", "", plain_table(rows)])


def outcome(words: str) -> str:
    """Return the verdict in a loader's words: ``"runs"`` when there are none, else what was missing.

    Examples
    --------
    >>> outcome("ImportError: /lib/libc.so.6: version `GLIBC_2.34' not found (required by /a.so)")
    'no GLIBC_2.34'
    """
    if not words:
        return RUNS
    missing = re.search(r"version `(\S+)' not found", words)
    return f"no {missing[1]}" if missing else words


def load_record(path: Path = RECORD) -> SystemsRecord:
    """Read the record; raises as :func:`wheel_lab.lab.records.load` does. `make systems` makes one."""
    return records.load(SystemsRecord, path)
