"""The exercises of "Time it": a fair contest, the length at which two methods cross, and calls that convert."""

import tracemalloc
from collections.abc import Mapping
from typing import Any

import numpy as np

from wheel_lab.lab.checks import NotYet, compare, exercise, reset, solution

__all__ = ["compare", "crossing", "honest_contest", "letters", "reset", "solution", "who_converts"]

LENGTH = 1000
CLOSE = 0.03  # how far an answer may be from the right one, as a share of it
LONG = 100_000  # a copy of a vector of this length stands out among all the memory that a call asks for


# --- a fair contest ---------------------------------------------------------------------------------------------------


class _Counted(float):
    """A float that counts how often it is multiplied, to see whether a statement works on the numbers in a list."""

    count = 0

    def __mul__(self, other: float) -> float:
        _Counted.count += 1
        return float(self) * float(other)

    __rmul__ = __mul__


@exercise("both compute the same sum, each on the kind of vector that suits it, and neither converts")
def honest_contest(contest: object, namespace: Mapping[str, Any]) -> None:
    """Make the contest fair: the same numbers for both, lists for Python, arrays for ddot, and no conversion.

    Parameters
    ----------
    contest
        The two statements, under the names ``"plain Python"`` and ``"ddot"``.
    namespace
        Where their names are looked up; the four vectors and ``ddot`` are replaced by the check's own.
    """
    if not isinstance(contest, Mapping) or set(contest) != {"plain Python", "ddot"}:
        raise NotYet('`contest` must keep its two entries, "plain Python" and "ddot"')
    a, b = np.random.default_rng(80).standard_normal((2, LENGTH))
    vectors = {"a": a, "b": b, "x": [_Counted(one) for one in a.tolist()], "y": [_Counted(one) for one in b.tolist()]}
    given: list[tuple[object, object]] = []

    def watched(x: object, y: object) -> Any:
        given.append((x, y))
        return namespace["ddot"](x, y)

    exact = float(a @ b)
    ours = {**namespace, **vectors, "ddot": watched}
    for _ in range(2):  # what is made anew in each call is another object in the second one
        _same_sum("ddot", _value("ddot", contest, ours), exact)
    if not given:
        raise NotYet('the statement under "ddot" does not call ddot')
    if not all(isinstance(one, np.ndarray) for pair in given for one in pair):
        raise NotYet("ddot is given lists, so each call converts them; which vectors can it read where they are?")
    if len({id(one) for pair in given for one in pair}) > 2:
        raise NotYet("ddot is given vectors that are made anew in each call, and that is timed as well")
    calls = len(given)
    _Counted.count = 0
    _same_sum("plain Python", _value("plain Python", contest, ours), exact)
    if len(given) > calls:
        raise NotYet('the statement under "plain Python" calls ddot: then there is nothing to compare')
    if _Counted.count != LENGTH:
        raise NotYet("plain Python does not work on the numbers in the lists x and y, but on something slower")


def _value(name: str, contest: Mapping[Any, Any], namespace: dict[str, Any]) -> object:
    """Return the value of one statement, or say that it has none."""
    try:
        return eval(contest[name].strip(), namespace)  # the learner's own statement, in the learner's own kernel
    except Exception as error:
        raise NotYet(f'the statement under "{name}" fails: {type(error).__name__}: {error}') from None


def _same_sum(name: str, value: object, exact: float) -> None:
    if not isinstance(value, (int, float)) or abs(value - exact) > 1e-9:
        raise NotYet(f'the statement under "{name}" does not compute the dot product of all {LENGTH} numbers')


# --- the length at which two methods cross ----------------------------------------------------------------------------


@exercise("you computed from two times each where the graphics card overtakes Python")
def crossing(answer: object, card: Mapping[int, float], python: Mapping[int, float]) -> None:
    """Compute the prices of an element, in seconds, and the length from which on the card is ahead.

    Parameters
    ----------
    answer
        The price of an element under ``"card"`` and ``"python"``, and the ``"length"``.
    card, python
        The seconds that a call takes at length 1 and at length 10,000.
    """
    if not isinstance(answer, Mapping) or set(answer) != {"card", "python", "length"}:
        raise NotYet('`answer` must keep its three entries, "card", "python" and "length"')
    elements = {}
    for name, times in (("card", card), ("python", python)):
        short, long = min(times), max(times)
        right = elements[name] = (times[long] - times[short]) / (long - short)
        given = _number(answer[name], f'the price of an element under "{name}"')
        if _near(given, times[long] / long) and not _near(given, right):
            raise NotYet(f'the price of an element under "{name}" still has a share of the call in it')
        if not _near(given, right):
            raise NotYet(f'the price of an element under "{name}" is not what each of 10,000 elements adds, in seconds')
    given = _number(answer["length"], "the length")
    saved_by_python = card[min(card)] - python[min(python)]
    if _near(given, saved_by_python / (elements["python"] - elements["card"])):
        return
    if _near(given, saved_by_python / elements["python"], 0.005):
        raise NotYet("the length leaves out that an element costs something on the card, too")
    raise NotYet("the prices are right; at the length you want, what the card saves on elements pays for its call")


def _number(value: object, what: str) -> float:
    if value is None:
        raise NotYet(f"{what} is still None")
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        raise NotYet(f"{what} is not a number")
    return float(value)


def _near(value: float, right: float, close: float = CLOSE) -> bool:
    return abs(value - right) <= close * abs(right)


# --- calls that convert -----------------------------------------------------------------------------------------------


@exercise("you found the calls that make a copy each time")
def who_converts(answer: object, suspects: Mapping[str, str], namespace: Mapping[str, Any]) -> None:
    """Name the statements that convert or copy a vector in every call.

    Parameters
    ----------
    answer
        A set of letters.
    suspects
        Statements by their letters.
    namespace
        Where ``ddot`` is found; the vectors are the check's own.
    """
    named = letters(answer, suspects)
    if not named:
        raise NotYet("the set is still empty: time each call, and compare it with ddot on the arrays themselves")
    a, b = np.random.default_rng(81).standard_normal((2, LONG))
    vectors = {"a": a, "b": b, "x": a.tolist(), "y": b.tolist(), "f": a.astype("float32")}
    right = {letter for letter in suspects if _memory(letter, suspects, {**namespace, **vectors}) > 4 * LONG}
    if wrong := named - right:
        raise NotYet(f"{min(wrong)} reads its vectors where they are: it takes hardly longer than ddot on a and b")
    if right - named:
        raise NotYet("each call that you name converts, and it is not the only one")


def letters(answer: object, known: Mapping[str, object]) -> set[str]:
    """Return the letters of an answer in capitals; NotYet when it is no set of letters that are known."""
    if not isinstance(answer, (set, frozenset, list, tuple)) or not all(isinstance(one, str) for one in answer):
        raise NotYet('`answer` must be a set of letters, such as {"A"}')
    named = {one.strip().upper() for one in answer}
    if unknown := named - set(known):
        raise NotYet(f"the letter {min(unknown)!r} is not there; the letters are {', '.join(known)}")
    return named


def _memory(letter: str, suspects: Mapping[str, str], namespace: dict[str, Any]) -> int:
    """Return how many bytes a statement asks for while it runs; NumPy reports its own to tracemalloc."""
    _value(letter, suspects, namespace)  # what the first call sets up does not count
    traced = tracemalloc.is_tracing()
    tracemalloc.start()
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    _value(letter, suspects, namespace)
    peak = tracemalloc.get_traced_memory()[1]
    if not traced:
        tracemalloc.stop()
    return peak - before
