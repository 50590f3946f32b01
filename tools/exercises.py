"""The exercises of a chapter in their three states: as handed out, answered wrongly, and solved.

``python -m tools.exercises 04`` (``c04`` for a case) runs one page from its text and prints what each check said, for
its author; ``tests/chapters/test_exercises.py`` does the same for all of them, and judges.

The wrong answers stand in ``tests/chapters/wrong_answers/NN.toml``: for each exercise a list of tables with `answer`,
which takes the place of the solution, and `says`, which the check's line must hold.
"""

import contextlib
import os
import re
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from tools.notebooks import ROOT, copy_lab, name_of, number_of, read_text, tags, texts
from tools.publish import QUIET, runner
from wheel_lab.lab import desk

WRONG_ANSWERS = ROOT / "tests/chapters/wrong_answers"


@dataclass(frozen=True)
class Attempt:
    """What a check said to one answer.

    Attributes
    ----------
    exercise
        The name of its check.
    state
        ``"handed out"``, ``"wrong"`` or ``"solved"``.
    wanted
        What the last line must begin with (``"not yet:"``, ``"done:"``), and for a wrong answer what it must hold.
    said
        All that the cell printed, or its error.
    """

    exercise: str
    state: str
    wanted: tuple[str, str]
    said: str

    @property
    def as_wanted(self) -> bool:
        """Whether the check's line is the one that this answer should get."""
        beginning, part = self.wanted
        last = self.said.strip().splitlines()[-1:] or [""]
        return last[0].startswith(beginning) and part in last[0]

    def __str__(self) -> str:
        return f"{self.exercise}, {self.state}: {self.said.strip()}"


def wrong_answers(chapter: str) -> dict[str, list[dict[str, str]]]:
    """Return the wrong answers of a chapter by the name of the check; none when there is no file."""
    path = WRONG_ANSWERS / f"{chapter}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


@dataclass(frozen=True)
class Exercise:
    """An exercise in a notebook.

    Attributes
    ----------
    name
        The name of its check; empty when none is called.
    index
        The place of its cell among all cells.
    cell
        The cell in which the learner writes.
    check
        The place of the cell that calls the check: the same one, or for a shell cell the next code cell.
    """

    name: str
    index: int
    cell: NotebookNode
    check: int

    def answers(self, chapter: str) -> list[tuple[str, tuple[str, str], str]]:
        """Return for each state its name, what the check must say, and the source of the cell."""
        source = self.cell.source
        wrong = wrong_answers(chapter).get(self.name, [])
        return [
            ("handed out", ("not yet:", ""), desk.without_solution(source)),
            *(
                ("wrong", ("not yet:", one["says"]), desk.without_solution(source, one["answer"].strip()))
                for one in wrong
            ),
            ("solved", ("done:", ""), source),
        ]


def exercises(notebook: NotebookNode) -> list[Exercise]:
    """Return the exercises of a notebook: its code cells tagged ``exercise``."""
    code = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    found = []
    for place, index in enumerate(code):
        cell = notebook.cells[index]
        if "exercise" in tags(cell):
            check = code[min(place + 1, len(code) - 1)] if cell.source.startswith("%%") else index
            called = re.findall(r"\bcheck\.(\w+)\(", notebook.cells[check].source)
            found.append(Exercise(called[-1] if called else "", index, cell, check))
    return found


def attempts(text: Path, lab: Path) -> tuple[list[Attempt], NotebookNode]:
    """Run a chapter on the desk of a copied lab, and give each exercise all its answers, the right one last.

    Returns what the checks said, and the notebook with the outputs of the solved exercises.
    """
    notebook = read_text(text)
    at = {one.index: one for one in exercises(notebook)}
    found = []
    client = runner(notebook, place_on_desk(text, lab))
    with client.setup_kernel(env={**os.environ, "PYTHONPATH": str(lab)}, **QUIET):
        for index, cell in enumerate(notebook.cells):
            one = at.get(index)
            if one is None:
                client.execute_cell(cell, index)
                continue
            for state, wanted, source in one.answers(number_of(text)):
                cell.source = source
                with contextlib.suppress(CellExecutionError):  # a wrong command may fail; the check says what it makes
                    client.execute_cell(cell, index)
                if one.check != index:
                    client.execute_cell(notebook.cells[one.check], one.check)
                found.append(Attempt(one.name, state, wanted, said(notebook.cells[one.check])))
    return found, notebook


def place_on_desk(text: Path, lab: Path) -> Path:
    """Return the folder in which the learner's copy of a page lies, and make it where it is missing."""
    folder = (lab / "desk" / name_of(text)).parent
    folder.mkdir(exist_ok=True)
    return folder


def said(cell: NotebookNode) -> str:
    """Return what a cell printed, and its error when it ended in one."""
    return "".join(output.get("text", output.get("evalue", "")) for output in cell.outputs)


def handed_out(text: Path, lab: Path) -> list[str]:
    """Run a chapter as a learner gets it, from top to bottom, and return what each check said."""
    notebook = read_text(text)
    for cell in notebook.cells:
        if cell.cell_type == "code" and {"exercise", "prediction"} & set(tags(cell)):
            cell.source = desk.without_solution(cell.source)
    found = exercises(notebook)
    runner(notebook, place_on_desk(text, lab)).execute(env={**os.environ, "PYTHONPATH": str(lab)}, **QUIET)
    return [said(notebook.cells[one.check]) for one in found]


def main() -> int:
    """Run the chapters named, print every attempt, and return 1 when one is not as it should be."""
    wrong = 0
    for text in (text for text in texts() if number_of(text) in sys.argv[1:]):
        with tempfile.TemporaryDirectory() as folder:
            lab = copy_lab(Path(folder) / "a lab")
            (lab / "desk").mkdir()
            print(name_of(text), "as handed out:", *handed_out(text, lab), sep="\n")
            for attempt in attempts(text, lab)[0]:
                print(attempt if attempt.as_wanted else f"WRONG, wanted {attempt.wanted}: {attempt}")
                wrong += not attempt.as_wanted
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
