"""Old and new systems: which wheel of the example ran where, as `make systems` found out and wrote down.

The record, ``systems.json``, is a measurement and never written by hand. A wheel was built on each of several Debians
and tried on each of them; :func:`read` gives that back as data, and :func:`disagreements` tells where a new run came
out otherwise. ``tools/systems.py`` makes the runs.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

RECORD = Path(__file__).with_name("systems.json")
RUNS = "runs"
FOR_THE_OLDEST = "the tag of the oldest system, for the wheel"


def _numbers(glibc: str) -> tuple[int, ...]:
    return tuple(map(int, glibc.split(".")))


@dataclass(frozen=True)
class System:
    """A Debian suite (``"bookworm"``), the version of its glibc (``"2.36"``), and that of its g++."""

    suite: str
    glibc: str
    compiler: str


@dataclass(frozen=True)
class Wheel:
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
        return ".".join(min(asked, key=lambda pair: tuple(map(int, pair))))

    def is_for(self, system: System) -> bool:
        """Tell whether the tag promises that the wheel runs there."""
        return _numbers(self.glibc) <= _numbers(system.glibc)


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
        As for a :class:`Wheel`, of our extension alone.
    runs
        ``(suite, what the loader said)`` for each system.
    """

    against: str
    floor: str
    symbols: tuple[str, ...]
    tag: str
    runs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Record:
    """A whole run of `make systems`. Systems and wheels come with the oldest first.

    `missing` are the suites that were asked for and that the mirror does not have. `versions` are those of the tools.
    """

    date: str
    versions: dict[str, str]
    missing: tuple[str, ...]
    systems: tuple[System, ...]
    wheels: tuple[Wheel, ...]
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
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        tools = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        return "\n".join([f"recorded on {self.date}, with {tools}", "", *lines])


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


def read(path: str | Path = RECORD) -> Record:
    """Read a record.

    Raises
    ------
    FileNotFoundError
        There is none: `make systems` makes one.
    """
    return parse(json.loads(Path(path).read_text(encoding="utf-8")))


def parse(table: dict) -> Record:
    """Turn what stands in the file into a :class:`Record`.

    Raises
    ------
    TypeError, KeyError
        A field is missing, or one is there that nobody knows.
    """
    lists = {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}
    return Record(**lists | {
        "systems": tuple(System(**row) for row in table["systems"]),
        "wheels": tuple(Wheel(**_tuples(row)) for row in table["wheels"]),
        "runs": tuple(Run(**row) for row in table["runs"]),
        "linked": Linked(**_tuples(table["linked"])),
    })  # fmt: skip


def _tuples(row: dict) -> dict:
    """Turn the lists in a row into tuples, and those within them."""
    return {
        name: tuple(tuple(one) if isinstance(one, list) else one for one in value) if isinstance(value, list) else value
        for name, value in row.items()
    }


def verdicts(record: Record) -> dict[tuple[str, ...], str]:
    """Return what must come out the same each time: ``(what was asked, suite, …)`` with the answer.

    Dates, versions of tools, and the names of symbols and files are information, and not among them.
    """
    found: dict[tuple[str, ...], str] = {}
    for wheel in record.wheels:
        found["tag of the wheel", wheel.built_on] = wheel.tag
        found["floor of the wheel", wheel.built_on] = wheel.floor
        refused = re.search(r"because of [^.]*", wheel.refusal)
        answer = (refused[0] if refused else wheel.refusal) or "given"
        found[FOR_THE_OLDEST, wheel.built_on] = answer
    for run in record.runs:
        found["import", run.built_on, run.run_on] = run.outcome
        found["pip", run.built_on, run.run_on] = "taken" if run.taken else re.sub(r"^.*\.whl ", "", run.pip)
    linked = record.linked
    found["linked against", linked.against] = (
        "keeps to it" if _numbers(linked.floor) <= _numbers(linked.against) else f"needs {linked.floor}"
    )
    for suite, words in linked.runs:
        found["linked, import", suite] = outcome(words)
    return found


def disagreements(kept: Record, fresh: Record) -> list[str]:
    """Return, in a line each, the verdicts of `kept` and `fresh` that differ; none, and the record is still true.

    A suite that only one of them knows is passed over: the mirror may have lost it. So is the tag of the oldest, when
    that is no longer the same one.
    """
    suites = [[system.suite for system in record.systems] for record in (kept, fresh)]
    passed_over = set(suites[0]) ^ set(suites[1])
    if suites[0][0] != suites[1][0]:
        passed_over.add(FOR_THE_OLDEST)
    before, now = verdicts(kept), verdicts(fresh)
    return [
        f"{', '.join(asked)}: it was {before.get(asked, 'not asked')!r}, and now is {now.get(asked, 'not asked')!r}"
        for asked in sorted(before.keys() | now.keys())
        if not passed_over & set(asked) and before.get(asked) != now.get(asked)
    ]
