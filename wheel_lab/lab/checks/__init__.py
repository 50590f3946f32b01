"""The checks behind "Your turn": one module a chapter, and what they share.

A check looks at what was achieved (a file, a tag, an import, a number), never at how. It prints one line: ``not yet:``
and which step to look at, or ``done:`` and what. On the desk it also keeps a note of the attempt, so that chapter 0 can
show how far a learner is.
"""

import functools
import importlib
import itertools
import json
import os
import pkgutil
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec

from wheel_lab.lab import desk, workbench
from wheel_lab.lab.paths import CLINIC, DESK, PUBLISHED
from wheel_lab.tables import plain_table

__all__ = ["Exercise", "NotYet", "compare", "exercise", "exercises", "progress", "reset", "solution"]

P = ParamSpec("P")
PROGRESS = DESK / ".progress.json"
# The names of the checks that have been made so far, by the number of their page.
_CHECKS: dict[str, list[str]] = {}


class NotYet(Exception):
    """An exercise is not done; the message says which step to look at, as the end of a sentence that begins so."""


def exercise(done: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Make a check of a function: it returns when the exercise is done, and raises :class:`NotYet` when it is not.

    Parameters
    ----------
    done
        What the learner has achieved, in a few words. It is printed after ``done:``.
    """

    def wrap(check: Callable[P, None]) -> Callable[P, None]:
        @functools.wraps(check)
        def checked(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                check(*args, **kwargs)
            except NotYet as reason:
                _note(check, done=False)
                print(f"not yet: {reason}")
            else:
                _note(check, done=True)
                print(f"done: {done}")

        _CHECKS.setdefault(_chapter_of(check), []).append(check.__name__)
        return checked

    return wrap


def compare(guess: object, answer: object) -> None:
    """Print what a learner has guessed, and the answer. A guess that is still ``...`` is no guess."""
    guessed = "you made no guess" if guess is ... else f"your guess: {guess}"
    print(f"{guessed}; the answer: {answer}")


# --- which exercises there are ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Exercise:
    """One exercise: the number of its page, the name of its check, and the source of its solved cell."""

    chapter: str
    name: str
    source: str


@functools.cache
def exercises(folder: Path = PUBLISHED) -> tuple[Exercise, ...]:
    """Return the exercises of the published notebooks, in the order of the pages and within each."""
    found = []
    for path in desk.pages(folder):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        for cell, after in itertools.pairwise([*code, {"source": ""}]):
            if "exercise" in cell["metadata"].get("tags", []):
                source = "".join(cell["source"])
                # A shell cell cannot call its check: the next code cell does.
                called = re.findall(
                    r"\bcheck\.(\w+)\(", "".join((after if source.startswith("%%") else cell)["source"])
                )
                found.append(Exercise(desk.number_of(path), called[-1] if called else "", source))
    return tuple(found)


def _exercise(name: str) -> Exercise:
    known = {one.name: one for one in exercises()}
    if name not in known:
        here = [one.name for one in exercises() if one.chapter == workbench.chapter()] or list(known)
        raise ValueError(f"there is no exercise {name!r}; the exercises are {', '.join(here)}")
    return known[name]


def reset(name: str) -> None:
    """Put the exercise as it was handed out into a new cell below, and leave yours as it is.

    Raises
    ------
    ValueError
        No exercise has that name.
    """
    _next_cell(desk.without_solution(_exercise(name).source))


def solution(name: str) -> None:
    """Put the solution into a new cell below, once you have tried.

    Raises
    ------
    ValueError
        No exercise has that name.
    """
    one = _exercise(name)
    if not _read().get(one.chapter, {}).get(name):
        print("Try it once first: run the cell of the exercise. Then the solution opens here.")
        return
    _next_cell(desk.solution_of(one.source))


def _next_cell(source: str) -> None:
    """Show a source, and offer it as the next cell where a notebook can do that."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        shell.set_next_input(source)
    print(source)


# --- how far a learner is --------------------------------------------------------------------------------------------


def progress() -> None:
    """Print for each chapter, and for the clinic, how many of the exercises are done on this desk."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    notes = _read()
    rows, found = [("chapter", "done", "of")], dict[str, tuple[int, int]]()
    for chapter, names in sorted(_CHECKS.items()):
        count = sum("done" in notes.get(chapter, {}).get(name, {}) for name in names)
        row = "clinic" if chapter[0] == "c" else chapter
        done, all_ = found.get(row, (0, 0))
        found[row] = (done + count, all_ + len(names))
    rows += [(row, str(done), str(all_)) for row, (done, all_) in found.items()]
    print(plain_table(rows, "<>"))


def _chapter_of(check: Callable[..., None]) -> str:
    """Return the number of the page that a check belongs to.

    The module of a chapter's checks is called ``chapter_NN``, and a check of a case of the clinic ends in its number.
    """
    place = check.__module__ if f".{CLINIC}" not in check.__module__ else f"{CLINIC}_c{check.__name__[-2:]}"
    return place.rpartition("_")[2]


def _note(check: Callable[..., None], *, done: bool) -> None:
    """Keep a note of an attempt, but only on the desk: to run a published page is not progress."""
    if not workbench.on_desk():
        return
    notes = _read()
    one = notes.setdefault(_chapter_of(check), {}).setdefault(check.__name__, {"tries": 0})
    one["tries"] += 1
    if done:
        one.setdefault("done", time.strftime("%Y-%m-%d"))
    new = PROGRESS.with_name(f"{PROGRESS.name}.new")
    new.write_text(json.dumps(notes, indent=1) + "\n", encoding="utf-8")
    os.replace(new, PROGRESS)


def _read() -> dict[str, dict[str, dict[str, Any]]]:
    if not workbench.on_desk():
        return {}
    try:
        return dict(json.loads(PROGRESS.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):  # none yet, or one that was edited by hand
        return {}
