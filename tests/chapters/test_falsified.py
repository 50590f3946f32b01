"""Prove that the checks bite: alter each output that nbval compares by one character, and each such cell must fail.

A place is chosen where the sanitizer does not look away; an output without such a place is normalised away as a whole,
and that is a fault too. Every text of every cell is altered in turn and held, by nbval's own comparison, against the
saved run of the chapter (see ``tools/runs.py``). Then nbval itself runs each chapter once, in a copy in which as many
cells as possible are altered. ``make test-falsified``; as long as the chapters take, so not part of ``make test``.
"""

import copy
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import nbformat
import nbformat.v4 as new
import pytest
from nbformat import NotebookNode
from nbval.plugin import coalesce_streams

from tests.chapters.isolation import writes_only_under_work
from tools import notebooks, publish, runs
from tools.notebooks import code_cells, compared, comparer, copy_lab, markers, start_nbval

CHAPTERS = [*map(notebooks.name_of, notebooks.notebooks())]
# The cases of the clinic are alike, so the first of them is run; what their outputs hold is judged for all.
RUN = [pytest.param(name, marks=pytest.mark.full if name > "clinic/02" else pytest.mark.falsified) for name in CHAPTERS]


def places(cell: NotebookNode) -> list[tuple[int, str]]:
    """Return where a cell holds a text that nbval compares: the number of the output, and the key in it."""
    if "ignore" in markers(cell):
        return []
    return [(number, key) for number, output in enumerate(cell.outputs) for key in compared(output)]


def altered(cell: NotebookNode, number: int, key: str, equal) -> list[NotebookNode] | None:
    """Return the outputs with one character changed there, so that nbval sees it; None when it sees no change."""
    outputs = copy.deepcopy(cell.outputs)
    home = outputs[number] if key in outputs[number] else outputs[number]["data"]
    text = home[key]
    if not isinstance(text, str):  # JSON: nbval compares it as it is
        home[key] = {"altered": text}
        return outputs
    for position in likely(len(text)):
        for other in changed(text[position]):
            home[key] = text[:position] + other + text[position + 1 :]
            if not equal(outputs, cell.outputs):
                return outputs
    return None


def likely(length: int) -> list[int]:
    """Return positions to try: from the middle, where the words are, then the beginning, the end, and all over.

    A picture inside HTML is long and normalised away: not every position of it is tried.
    """
    middle = sorted(range(length), key=lambda position: abs(position - length // 2))
    return [*middle[:100], *range(min(length, 400)), *range(max(0, length - 400), length), *range(0, length, 97)]


def changed(character: str) -> Iterator[str]:
    """Yield a character of the same kind; one of another kind would be too easy to see."""
    for kind in ("0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        if character in kind:
            yield kind[(kind.index(character) + 1) % len(kind)]
    if not character.isalnum() and character != "\n":
        yield "~"


def falsify(notebook: NotebookNode, turn: int | None) -> tuple[set[int], list[str]]:
    """Alter a compared text of each cell in place; return the altered cells and what cannot be altered.

    It is the `turn`-th of each cell that has so many; or, when `turn` is None, one of every cell that has any, now the
    first, now a later one.
    """
    equal = comparer().equal
    done, beyond = set(), []
    for number, cell in enumerate(code_cells(notebook)):
        # nbval compares one stream of each name, so they are one here
        cell.outputs = coalesce_streams(cell.outputs)
        choice = places(cell)
        if turn is None and choice:
            choice = choice[number % len(choice) :]
        elif turn is not None:
            choice = choice[turn:]
        if not choice:
            continue
        outputs = altered(cell, *choice[0], equal)
        if outputs is None:
            beyond.append(f"cell {number}, {choice[0][1]}: the sanitizer leaves nothing of it")
        else:
            cell.outputs = outputs
            done.add(number)
    return done, beyond


def turns(notebook: NotebookNode) -> int:
    """Return how many compared texts the fullest cell has."""
    return max(len(places(cell)) for cell in code_cells(notebook))


def failing(run: NotebookNode, committed: NotebookNode) -> set[int]:
    """Return the cells that would fail if this run were nbval's."""
    equal = comparer().equal
    pairs = enumerate(zip(code_cells(run), code_cells(committed), strict=True))
    return {
        number
        for number, (ran, cell) in pairs
        if "ignore" not in markers(cell) and not equal(ran.outputs, cell.outputs)
    }


def test_there_are_chapters():
    assert CHAPTERS


# --- judged by one saved run -----------------------------------------------------------------------------------------


@pytest.fixture
def run(request) -> NotebookNode:
    """The saved run of a chapter; where there is none of the text and code as they are, nbval runs it once."""
    path = notebooks.FOLDER / request.getfixturevalue("name")
    name = notebooks.name_of(path)
    if runs.saved(name) is None:
        said = start_nbval(notebooks.ROOT, path).communicate()[0]
        assert runs.saved(name) is not None, f"no run of this text was kept; is the page made from it?\n{said}"
    return runs.saved(name)


@pytest.mark.falsified
@pytest.mark.parametrize("name", CHAPTERS)
def test_make_notebooks_would_leave_the_page_as_it_is(name, run):
    publish.prepare(run)
    publish.refuse(run)
    assert publish.differences(run, notebooks.read_notebook(notebooks.FOLDER / name)) == []


@pytest.mark.falsified
@pytest.mark.parametrize("name", CHAPTERS)
def test_each_altered_text_differs_from_the_run(name, run):
    original = notebooks.read_notebook(notebooks.FOLDER / name)
    assert failing(run, original) == set()
    for turn in range(turns(original)):
        notebook = copy.deepcopy(original)
        done, beyond = falsify(notebook, turn)
        assert not beyond, "\n".join(beyond)
        assert failing(run, notebook) == done


# --- run for real ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RUN)
def test_each_altered_cell_fails_and_no_other(tmp_path, name):
    altered_cells_fail(tmp_path, name, None)


@pytest.mark.full
@pytest.mark.parametrize("name", CHAPTERS)
def test_each_altered_text_fails_when_it_is_run(tmp_path, name):
    for turn in range(turns(notebooks.read_notebook(notebooks.FOLDER / name))):
        (tmp_path / str(turn)).mkdir()
        altered_cells_fail(tmp_path / str(turn), name, turn)


def altered_cells_fail(place: Path, name: str, turn: int | None) -> None:
    """Run a chapter with altered outputs, alone in a copy of the lab, and hold what nbval says to what was altered."""
    lab = copy_lab(place / "a lab with spaces")
    path = lab / "notebooks" / name
    notebook = notebooks.read_notebook(path)
    done, beyond = falsify(notebook, turn)
    assert not beyond, "\n".join(beyond)
    nbformat.write(notebook, path)
    with writes_only_under_work(lab, place) as environment:
        found = outcome(lab, path, place / "report.xml", environment)
    assert found == {
        f"Cell {number}": "Cell outputs differ" if number in done else "passed"
        for number in range(len(code_cells(notebook)))
    }


def outcome(lab: Path, path: Path, report: Path, environment: dict[str, str]) -> dict[str, str]:
    """Run nbval over one notebook, and return for each cell that it passed, or why it failed."""
    process = start_nbval(lab, path, f"--junitxml={report}", **environment)
    said = process.communicate()[0]
    assert process.returncode in (0, 1), said
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        failures = [child.text or "" for child in case if child.tag in ("failure", "error", "skipped")]
        differs = all("Cell outputs differ" in text for text in failures)
        found[case.get("name", "")] = "passed" if not failures else "Cell outputs differ" if differs else failures[0]
    return found


# --- the altering itself, on small cells: quick, so always run -------------------------------------------------------


def cell_with(*outputs: NotebookNode) -> NotebookNode:
    """Return an executed cell with these outputs."""
    return new.new_code_cell("print()", outputs=list(outputs), execution_count=1)


def test_an_output_that_is_normalised_as_a_whole_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "NBVAL_CFG", tmp_path / "nbval.cfg")
    notebooks.NBVAL_CFG.write_text("[everything]\nregex: .+\nreplace: X\n\n[seconds]\nregex: \\d+ s\nreplace: SOME s\n")
    notebook = new.new_notebook(cells=[cell_with(new.new_output("stream", name="stdout", text="it took 12 s\n"))])
    assert falsify(copy.deepcopy(notebook), 0) == (set(), ["cell 0, text: the sanitizer leaves nothing of it"])
    notebooks.NBVAL_CFG.write_text("[seconds]\nregex: \\d+ s\nreplace: SOME s\n")
    done, beyond = falsify(notebook, 0)
    assert (done, beyond) == ({0}, [])
    (output,) = notebook.cells[0].outputs
    assert output.text.endswith("12 s\n")
    assert sum(one != other for one, other in zip(output.text, "it took 12 s\n", strict=True)) == 1


def test_each_text_of_a_cell_has_its_turn():
    cell = cell_with(
        new.new_output("stream", name="stdout", text="one"),
        new.new_output("display_data", data={"text/plain": "two", "text/html": "<b>two</b>", "image/png": "aaaa"}),
        new.new_output("stream", name="stdout", text="more"),
        new.new_output("error", ename="E", evalue="e", traceback=["x"]),
    )
    notebook = new.new_notebook(cells=[cell])
    falsify(notebook, 99)
    assert [key for _, key in places(cell)] == ["text", "text/plain", "text/html", "ename", "evalue"]
    assert turns(notebook) == 5


def test_without_a_turn_every_cell_that_can_be_altered_is():
    def cell(*texts: str) -> NotebookNode:
        return cell_with(*(new.new_output("display_data", data={"text/plain": text}) for text in texts))

    notebook = new.new_notebook(cells=[cell("one", "two"), cell("one", "two"), cell(), cell("one", "two")])
    assert falsify(notebook, None) == ({0, 1, 3}, [])
    told = [[output.data["text/plain"] for output in cell.outputs] for cell in notebook.cells]
    assert [[one in ("one", "two") for one in texts] for texts in told] == [
        [False, True], [True, False], [], [True, False],
    ]  # fmt: skip


def test_a_run_that_says_something_else_is_not_taken_for_the_page():
    page = new.new_notebook(cells=[cell_with(new.new_output("stream", name="stdout", text=text)) for text in "ab"])
    run = copy.deepcopy(page)
    assert failing(run, page) == set()
    run.cells[1].outputs[0].text = "c"
    assert failing(run, page) == {1}
