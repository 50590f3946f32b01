"""How long a learner takes for each page: ``python -m tools.minutes [04]``, with a number for its sections one by one.

Words, cells, guesses and exercises are counted in the published notebooks. The rates:

- 175 words a minute. Most adults read English non-fiction silently at 175 to 300 (M. Brysbaert, How many words do we
  read per minute?, Journal of Memory and Language 109, 2019); a room is as fast as those at the lower end of it.
- Half a minute to run a cell and look at its output, and as much to write down a guess; 5 minutes for an exercise of a
  chapter with its hints, 3 for one of a case. These are ours, to be replaced when a room has been timed.
- The machine's time is what the page itself says under "Time", shared out among its cells. A case takes a second.
"""

import re
import sys
from dataclasses import dataclass

from nbformat import NotebookNode

from tools.notebooks import Chapter, chapters, is_case, tags

__all__ = ["Section", "minutes", "sections"]

WORDS_A_MINUTE = 175
CELL, GUESS = 0.5, 0.5  # minutes
EXERCISE, CASE_EXERCISE = 5, 3
# Not read in the room: hints (an exercise's minutes have them), and where to read on.
NOT_READ = re.compile(r"<details>.*?</details>", re.DOTALL)
SKIPPED = "Further reading"
NUMBERS = {"half a minute": 30, "a minute": 60}  # seconds
MACHINE = re.compile(r"The\s+machine\s+works\s+for\s+about\s+(?:(\d+)\s+seconds|(half\s+a\s+minute|a\s+minute))")


@dataclass(frozen=True)
class Section:
    """What stands under one heading of a page, up to the next of the same level."""

    title: str
    words: int
    cells: int
    guesses: int
    exercises: int
    machine: float
    """Seconds that the machine works."""
    exercise: float
    """Minutes for one exercise here."""

    @property
    def reading(self) -> float:
        """Minutes without the exercises."""
        return self.words / WORDS_A_MINUTE + self.cells * CELL + self.guesses * GUESS + self.machine / 60

    @property
    def minutes(self) -> float:
        """Minutes with the exercises."""
        return self.reading + self.exercises * self.exercise


def sections(page: Chapter) -> list[Section]:
    """Return the sections of a page in their order; the first one is what stands above all headings but the title."""
    found: list[tuple[str, list[NotebookNode]]] = [("", [])]
    for cell in page.notebook.cells:
        parts = re.split(r"^## ", cell.source, flags=re.MULTILINE) if cell.cell_type == "markdown" else [cell.source]
        for number, part in enumerate(parts):
            if number:
                found.append((part.partition("\n")[0].strip(), []))
            found[-1][1].append(NotebookNode(cell, source=part))
    every = sum(cell.cell_type == "code" for cell in page.notebook.cells)
    share = machine(page) / max(every, 1)
    return [section(title, cells, share, is_case(page.path)) for title, cells in found if title != SKIPPED]


def section(title: str, cells: list[NotebookNode], share: float, case: bool) -> Section:
    """Count one section; `share` is how many seconds the machine works for each of the page's cells."""
    prose = " ".join(NOT_READ.sub("", cell.source) for cell in cells if cell.cell_type == "markdown")
    code = [tags(cell) for cell in cells if cell.cell_type == "code"]
    return Section(
        title=title,
        words=len(re.findall(r"\w[\w'.\u2019-]*", prose)),
        cells=sum(not {"exercise", "prediction"} & set(one) for one in code),
        guesses=sum("prediction" in one for one in code),
        exercises=sum("exercise" in one for one in code),
        machine=share * len(code),
        exercise=CASE_EXERCISE if case else EXERCISE,
    )


def machine(page: Chapter) -> float:
    """Return how many seconds the machine works on a page, by its own words."""
    if not (said := MACHINE.search(" ".join(page.prose))):
        return 1.0
    return float(said[1] or NUMBERS[" ".join(said[2].split())])


def minutes(page: Chapter, titles: list[str] | None = None, exercises: bool = True) -> float:
    """Return the minutes for a page, or for those sections of it that `titles` names.

    Raises
    ------
    KeyError
        The page has no such section.
    """
    by_title = {one.title: one for one in sections(page)}
    chosen = [by_title[title] for title in titles] if titles else list(by_title.values())
    return sum(one.minutes if exercises else one.reading for one in chosen)


def main(numbers: list[str]) -> None:
    """Print the minutes of all pages, or of the sections of some."""
    print(f"{'words':>6}{'cells':>6}{'guess':>6}{'tasks':>6}{'machine':>8}{'reading':>9}{'in all':>8}")
    for page in chapters():
        if numbers and page.number not in numbers:
            continue
        parts = sections(page)
        rows = [(one.title or page.name, [one]) for one in parts] if numbers else [(page.name, parts)]
        for title, row in rows:
            words, cells, guesses, tasks = (
                sum(getattr(one, name) for one in row) for name in ("words", "cells", "guesses", "exercises")
            )
            spent = [sum(getattr(one, name) for one in row) for name in ("machine", "reading", "minutes")]
            print(
                f"{words:>6}{cells:>6}{guesses:>6}{tasks:>6}{spent[0]:>6.0f} s{spent[1]:>9.1f}{spent[2]:>8.1f}", title
            )


if __name__ == "__main__":
    main(sys.argv[1:])
