"""The exercises of "What limits the speed": the limit as a function, and claims that cannot be true."""

from collections.abc import Callable, Mapping
from typing import Any

from wheel_lab.lab.checks import NotYet, compare, exercise, reset, solution
from wheel_lab.lab.checks.chapter_08 import letters
from wheel_lab.timing import PAIR

__all__ = ["compare", "impossible_claims", "reset", "shortest_time", "solution"]

CALL, BANDWIDTH = 40e-9, 20e9  # of an imagined machine: seconds of an empty call, and bytes per second
ALIKE = round(CALL * BANDWIDTH / PAIR)  # the length at which both limits take the same time


@exercise("your function knows both limits")
def shortest_time(function: Callable[[int, float, float], Any]) -> None:
    """Write a function of the length, the seconds of an empty call and the bytes per second.

    It returns the seconds below which no dot product of two vectors of doubles can be.
    """
    of_call = _call(function, 1)
    of_reading = _call(function, 10_000_000)
    reading = PAIR * 10_000_000 / BANDWIDTH
    if _near(of_call, PAIR / BANDWIDTH):
        raise NotYet("at length 1 it returns what reading takes, and an empty call takes longer")
    if not _near(of_call, CALL, 0.05):
        raise NotYet("at length 1 it does not return what an empty call takes, in seconds")
    if _near(of_reading, CALL):
        raise NotYet("at length 10,000,000 it returns what an empty call takes, and reading takes longer")
    if _near(of_reading, reading / 2):
        raise NotYet("at length 10,000,000 it returns half of what reading takes: there are two vectors to read")
    if not _near(of_reading, reading):
        raise NotYet("at length 10,000,000 it does not return what reading takes; how many bytes are there to read?")
    if _call(function, ALIKE) > 1.5 * CALL:
        raise NotYet("where both limits take the same time, it adds them up; but a processor can do both at once")


def _call(function: Callable[[int, float, float], Any], n: int) -> float:
    try:
        value = function(n, CALL, BANDWIDTH)
    except Exception as error:
        raise NotYet(f"the function fails at length {n:,}: {type(error).__name__}: {error}") from None
    if value is None or value is ...:
        raise NotYet("the function returns nothing yet")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise NotYet("the function does not return a number") from None


def _near(value: float, right: float, close: float = 0.01) -> bool:
    return abs(value - right) <= close * right


@exercise("you found the claims that break a limit")
def impossible_claims(answer: object, claims: Mapping[str, tuple[int, float]], machine: Mapping[str, float]) -> None:
    """Name the claims that cannot be true on a machine.

    Parameters
    ----------
    answer
        A set of letters.
    claims
        A length and the seconds of one call, by letter.
    machine
        ``"call"`` in seconds; ``"cache"`` in bytes; ``"from the cache"`` and ``"from the memory"`` in bytes per second.
    """
    named = letters(answer, claims)
    if not named:
        raise NotYet("the set is still empty: compare each claim with the empty call, and then with the reading")
    limits = {letter: _limit(n, machine) for letter, (n, _) in claims.items()}
    impossible = {letter for letter, (_, seconds) in claims.items() if seconds < limits[letter][0]}
    if wrong := named - impossible:
        n = claims[min(wrong)][0]
        where = "fit into the cache" if PAIR * n <= machine["cache"] else "do not fit into the cache"
        raise NotYet(f"claim {min(wrong)} is possible: its two vectors {where}; reckon how long it takes to read them")
    if missing := impossible - named:
        what = limits[min(missing)][1]
        raise NotYet(f"what you name is impossible, and something else is, too: look at {what} once more")


def _limit(n: int, machine: Mapping[str, float]) -> tuple[float, str]:
    """Return the limit at a length, in seconds, and what sets it."""
    level = "from the cache" if PAIR * n <= machine["cache"] else "from the memory"
    reading = PAIR * n / machine[level]
    return max((machine["call"], "the shortest vectors"), (reading, "the longest vectors"))
