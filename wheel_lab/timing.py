"""Honest timings: enough calls to beat the clock's grain, rounds in mixed order, the minimum and the median.

The minimum says what the code takes when nothing disturbs it; the median, what one should expect. Where the two are far
apart, the machine was busy, or the code starts threads. Times are in seconds, speeds in bytes per second.
"""

import random
import statistics
import time
import timeit
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wheel_lab.tables import plain_table

__all__ = ["PAIR", "Step", "Steps", "Sweep", "Timing", "Timings", "human", "measure", "speed", "sweep"]

UNITS = (("ns", 1e-9), ("µs", 1e-6), ("ms", 1e-3))
PAIR = 16  # bytes that a dot product reads for each step of its sum: two doubles


@dataclass(frozen=True)
class Timing:
    """One contestant's time for one call, in seconds, from `rounds` rounds of `loops` calls each."""

    name: str
    minimum: float
    median: float
    loops: int
    rounds: int


@dataclass(frozen=True)
class Timings:
    """The results of :func:`measure`, in the order given. ``timings["name"]`` is one contestant's."""

    results: tuple[Timing, ...]

    def __getitem__(self, name: str) -> Timing:
        for timing in self.results:
            if timing.name == name:
                return timing
        raise KeyError(name)

    def table(self) -> str:
        """Return a plain table: each contestant with its minimum, its median, and how it compares with the fastest."""
        best = min(timing.minimum for timing in self.results)
        rows = [
            (one.name, human(one.minimum), human(one.median), f"{one.minimum / best:.1f} x") for one in self.results
        ]
        return plain_table([("", "minimum", "median", "to the fastest"), *rows], "<>><", at_least=8)

    __str__ = table


def measure(
    functions: Mapping[str, Callable[[], Any] | str | tuple[str, int]],
    *,
    namespace: dict[str, Any] | None = None,
    repeats: int = 21,
    min_time: float = 0.001,
    budget: float = 10.0,
    seed: int = 0,
) -> Timings:
    """Time several functions against each other.

    First each is called more and more often until that takes `min_time` seconds, which also warms it up. Then come
    `repeats` rounds, in each of which everyone has a turn, in an order that is shuffled anew: a machine that slows down
    half-way slows all of them.

    Parameters
    ----------
    functions
        The contestants by name. A statement (``"ddot(x, y)"``) is timed bare; a function adds about 30 ns for being
        called, which matters below a microsecond. A statement that does its work `many` times over is given as
        ``(statement, many)``, and the times are then those of doing it once.
    namespace
        Where the names in statements are looked up.
    repeats
        The number of rounds.
    min_time
        The shortest turn, in seconds. A system lets other programs run for some milliseconds at a time: with shorter
        turns, and many of them, some are left undisturbed even on a busy machine.
    budget
        Seconds for all together. Once they are used up no new round begins, so one round is always run.
    seed
        Of the shuffling, so that two runs take the same order.
    """
    if not functions:
        raise ValueError("there is nothing to measure")
    start = time.perf_counter()
    pairs = {name: code if isinstance(code, tuple) else (code, 1) for name, code in functions.items()}
    timers = {name: timeit.Timer(code, globals=namespace) for name, (code, _) in pairs.items()}
    loops = {name: _calibrate(timer, min_time) for name, timer in timers.items()}
    turns: dict[str, list[float]] = {name: [] for name in timers}
    order, shuffle = list(timers), random.Random(seed).shuffle
    for number in range(repeats):
        if number and time.perf_counter() - start > budget:
            break
        shuffle(order)
        for name in order:
            turns[name].append(timers[name].timeit(loops[name]) / loops[name] / pairs[name][1])
    return Timings(
        tuple(
            Timing(name, min(times), statistics.median(times), loops[name], len(times)) for name, times in turns.items()
        )
    )


def _calibrate(timer: timeit.Timer, min_time: float) -> int:
    """Return how many calls fill `min_time` seconds: 1, 2, 5, 10, 20, …"""
    scale = 1
    while True:
        for step in (1, 2, 5):
            if timer.timeit(scale * step) >= min_time:
                return scale * step
        scale *= 10


def human(seconds: float) -> str:
    """Write a time as one says it: ``"60 ns"``, ``"1.4 µs"``, ``"11 ms"``, ``"2.5 s"``."""
    if seconds < 0:
        raise ValueError("a time is not negative")
    # 999.6 ns is written as 1.0 µs, not as 1000 ns; and 9.96 ns as 10 ns, not as 10.0 ns.
    unit, size = next(((unit, size) for unit, size in UNITS if seconds / size < 999.5), ("s", 1))
    value = seconds / size
    return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"


# --- over lengths ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sweep:
    """The minimum time of one call for each method and length: ``times["np.dot"][1000]``, in seconds."""

    times: dict[str, dict[int, float]]

    @property
    def lengths(self) -> tuple[int, ...]:
        """Every length that was measured for at least one method, the shortest first."""
        return tuple(sorted({n for row in self.times.values() for n in row}))

    def crossing(self, first: str, second: str) -> int | None:
        """Return the length from which on `first` is faster than `second`, as far as was measured.

        None when it is not the faster one at the longest length.
        """
        crossing = None
        for n in sorted(self.times[first].keys() & self.times[second].keys(), reverse=True):
            if self.times[first][n] >= self.times[second][n]:
                break
            crossing = n
        return crossing

    def split(self, *names: str) -> tuple["Sweep", "Sweep"]:
        """Return two of these: without the methods named, and with them alone. KeyError: one was not measured."""
        named = {name: self.times[name] for name in names}
        return Sweep({name: row for name, row in self.times.items() if name not in named}), Sweep(named)

    def table(self, lengths: Iterable[int] | None = None) -> str:
        """Return a plain table: a row for each method, a column for each length, or for those of `lengths`."""
        return self._table(lengths, lambda row, n: human(row[n]))

    def ratios(self, lengths: Iterable[int] | None = None) -> str:
        """Return the table with each time as a multiple of the shortest one at its length: ``"8.5 x"``."""
        best = {n: min(row[n] for row in self.times.values() if n in row) for n in self.lengths}
        return self._table(lengths, lambda row, n: f"{row[n] / best[n]:,.1f} x")

    def _table(self, lengths: Iterable[int] | None, text: Callable[[Mapping[int, float], int], str]) -> str:
        lengths = self.lengths if lengths is None else tuple(lengths)
        rows = [[name, *(text(row, n) if n in row else "-" for n in lengths)] for name, row in self.times.items()]
        return plain_table([["n", *(f"{n:,}" for n in lengths)], *rows], "<>", at_least=9)

    def __str__(self) -> str:
        return self.table()


def sweep(
    prepare: Callable[[int], Mapping[str, Callable[[], Any] | str | tuple[str, int] | None]],
    lengths: Iterable[int],
    *,
    namespace: Callable[[int], dict[str, Any]] | None = None,
    **options: Any,
) -> Sweep:
    """Measure over several lengths.

    Parameters
    ----------
    prepare
        Called with each length; returns the contestants as :func:`measure` takes them. It may leave one out where it
        would take too long. One that is None has a row in the result all the same, with nothing in it: this Python has
        no such function.
    lengths
        The lengths, in any order.
    namespace
        Called with each length; returns the names that statements use.
    **options
        Handed to :func:`measure`; `budget` is for each length.
    """
    times: dict[str, dict[int, float]] = {}
    for n in lengths:
        names = namespace(n) if namespace else None
        contestants = prepare(n)
        for name in contestants:
            times.setdefault(name, {})
        there = {name: code for name, code in contestants.items() if code is not None}
        for timing in measure(there, namespace=names, **options).results:
            times[timing.name][n] = timing.minimum
    return Sweep(times)


# --- step by step ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One step of a longer work, and how many seconds it took, once."""

    name: str
    seconds: float


@dataclass(frozen=True)
class Steps:
    """Steps in the order in which they were taken."""

    results: tuple[Step, ...]

    @property
    def total(self) -> float:
        """All seconds together."""
        return sum(step.seconds for step in self.results)

    def table(self) -> str:
        """Return a plain table, a line for each step and one for all together."""
        rows = [*((step.name, step.seconds) for step in self.results), ("together", self.total)]
        return plain_table([(name, human(seconds)) for name, seconds in rows], "<>", at_least=7)

    __str__ = table


# --- speeds, and what limits them -------------------------------------------------------------------------------------


def speed(n: int, seconds: float) -> float:
    """Return the bytes per second at which a dot product of length `n` reads its two vectors of doubles."""
    return PAIR * n / seconds
