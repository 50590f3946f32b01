"""The desk: what is handed out, what is kept, and what is laid beside what a learner has changed."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from wheel_lab.lab import desk

SOLVED = """answer = None
### BEGIN SOLUTION
answer = 42
more = 1
### END SOLUTION
check.it(answer)"""


def code(source: str, *tags: str) -> dict:
    output = {"output_type": "stream", "name": "stdout", "text": "the answer is out\n"}
    return {"cell_type": "code", "id": "a", "metadata": {"tags": list(tags)}, "source": source, "outputs": [output],
            "execution_count": 3}  # fmt: skip


def notebook(*cells: dict) -> dict:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}


def text(source: str) -> dict:
    return {"cell_type": "markdown", "id": "t", "metadata": {}, "source": source}


@pytest.fixture
def places(tmp_path) -> tuple[Path, Path]:
    """A folder with two published chapters, and the place of a desk."""
    published = tmp_path / "notebooks"
    published.mkdir()
    write(published / "01_one.ipynb", notebook(text("# One"), code("x = 1"), code(SOLVED, "exercise")))
    write(published / "02_two.ipynb", notebook(text("# Two"), code("y = 1")))
    (published / "index.ipynb").write_text("not a chapter")
    return published, tmp_path / "desk"


def write(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content))


def sources(path: Path) -> list[str]:
    return [cell["source"] for cell in json.loads(path.read_text())["cells"]]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


# --- one notebook ----------------------------------------------------------------------------------------------------


def test_outputs_solutions_and_predictions_are_left_out():
    guess = 'guess = ...\n### BEGIN SOLUTION\nguess = "2.12"\n### END SOLUTION'
    bash = "%%bash -e\n### BEGIN SOLUTION\necho 42\n### END SOLUTION"
    published = notebook(code(SOLVED, "exercise", "goal-1"), code(guess, "prediction"), code(bash, "exercise"))
    made = desk.handed_out(published)
    assert [cell["source"] for cell in made["cells"]] == [
        "answer = None\n# your turn\ncheck.it(answer)",
        "guess = ...\n# your turn",
        "%%bash -e\n# your turn",
    ]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in made["cells"])
    assert "42" in json.dumps(published), "the published notebook stays as it is"


def test_other_cells_keep_their_source():
    (cell,) = desk.handed_out(notebook(code(SOLVED)))["cells"]
    assert cell["source"] == SOLVED


def test_a_source_may_come_line_by_line():
    (cell,) = desk.handed_out(notebook(code(SOLVED.splitlines(keepends=True), "exercise")))["cells"]
    assert cell["source"] == "answer = None\n# your turn\ncheck.it(answer)"


def test_the_solution_is_what_stands_between_the_marks():
    assert desk.solution_of(SOLVED) == "answer = 42\nmore = 1"
    assert desk.without_solution(SOLVED, "answer = 7") == "answer = None\nanswer = 7\ncheck.it(answer)"


@pytest.mark.parametrize("broken", ["### BEGIN SOLUTION\nx = 1", "x = 1\n### END SOLUTION",
                                    "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION"])  # fmt: skip
def test_a_mark_without_its_partner_is_refused(broken):
    with pytest.raises(ValueError, match="has no partner"):
        desk.handed_out(notebook(code(broken, "exercise")))


# --- the desk --------------------------------------------------------------------------------------------------------


def test_each_chapter_gets_a_copy_and_a_second_time_changes_nothing(places):
    assert desk.lay(*places) == []
    folder = places[1]
    assert names(folder) == ["01_one.ipynb", "02_two.ipynb"]
    assert "42" not in (folder / "01_one.ipynb").read_text()
    before = {path: path.stat().st_mtime_ns for path in folder.glob("*.ipynb")}
    assert desk.lay(*places) == []
    assert {path: path.stat().st_mtime_ns for path in folder.glob("*.ipynb")} == before


def test_a_copy_that_was_only_run_is_brought_up_to_date(places):
    published, folder = places
    desk.lay(*places)
    run = json.loads((folder / "02_two.ipynb").read_text())
    run["cells"][1] |= {"outputs": [{"output_type": "stream", "name": "stdout", "text": "1"}], "execution_count": 1}
    write(folder / "02_two.ipynb", run)
    assert desk.lay(*places) == []
    assert json.loads((folder / "02_two.ipynb").read_text()) == run, "an unchanged chapter is no reason to touch it"
    write(published / "02_two.ipynb", notebook(text("# Two"), code("y = 2")))
    assert desk.lay(*places) == []
    assert sources(folder / "02_two.ipynb") == ["# Two", "y = 2"]


def test_what_a_learner_changed_is_kept_and_the_new_version_lies_beside_it(places):
    published, folder = places
    desk.lay(*places)
    mine = notebook(text("# Two"), code("y = 1  # mine"))
    write(folder / "02_two.ipynb", mine)
    assert desk.lay(*places) == [], "the chapter is the same: there is nothing to lay beside it"
    write(published / "02_two.ipynb", notebook(text("# Two"), code("y = 2")))
    (told,) = desk.lay(*places)
    assert told == "02_two.ipynb has changed, and so has your copy: yours is kept, the new one is 02_two (new).ipynb"
    assert json.loads((folder / "02_two.ipynb").read_text()) == mine
    assert sources(folder / "02_two (new).ipynb") == ["# Two", "y = 2"]
    assert desk.lay(*places) == [], "it is said once"
    write(published / "02_two.ipynb", notebook(text("# Two"), code("y = 3")))
    desk.lay(*places)
    assert names(folder) == ["01_one.ipynb", "02_two (new 2).ipynb", "02_two (new).ipynb", "02_two.ipynb"]


def test_a_chapter_that_is_gone_comes_back(places):
    desk.lay(*places)
    (places[1] / "01_one.ipynb").unlink()
    desk.lay(*places)
    assert names(places[1]) == ["01_one.ipynb", "02_two.ipynb"]


def test_a_fresh_copy_keeps_the_old_one(places):
    desk.lay(*places)
    write(places[1] / "02_two.ipynb", notebook(text("# Two"), code("y = 1  # mine")))
    told = desk.fresh_copy("02", *places)
    (old,) = [name for name in names(places[1]) if "before" in name]
    assert told == f"02_two.ipynb is a fresh copy; your old one is {old}"
    assert sources(places[1] / old) == ["# Two", "y = 1  # mine"]
    assert sources(places[1] / "02_two.ipynb") == ["# Two", "y = 1"]
    assert desk.lay(*places) == []


def test_a_case_of_the_clinic_lies_in_its_folder_and_has_a_number_of_its_own(places):
    published, folder = places
    (published / "clinic").mkdir()
    write(published / "clinic" / "01_odd.ipynb", notebook(text("# Odd"), code(SOLVED, "exercise")))
    assert desk.lay(*places) == []
    assert "42" not in (folder / "clinic/01_odd.ipynb").read_text()
    write(folder / "clinic" / "01_odd.ipynb", notebook(text("# Odd"), code("mine = 1")))
    told = desk.fresh_copy("c01", *places)
    assert told.startswith("clinic/01_odd.ipynb is a fresh copy; your old one is 01_odd (before ")
    assert sources(folder / "01_one.ipynb") == ["# One", "x = 1", "answer = None\n# your turn\ncheck.it(answer)"]


@pytest.mark.parametrize("number", ["9", "", "0", "c01"])
def test_a_number_that_no_page_has(places, number):
    with pytest.raises(ValueError, match=r"There are: 01_one\.ipynb, 02_two\.ipynb"):
        desk.fresh_copy(number, *places)


def test_it_is_laid_with_the_standard_library_alone(tmp_path):
    blocked = "import sys; sys.path = [p for p in sys.path if 'site-packages' not in p]\n"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"{blocked}sys.path.insert(0, {str(desk.PUBLISHED.parent)!r})\n"
         "from pathlib import Path; from wheel_lab.lab import desk\n"
         f"print(desk.lay(desk.PUBLISHED, Path({str(tmp_path / 'desk')!r})))"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("[]\n", "")
    laid = sorted(str(path.relative_to(tmp_path / "desk")) for path in (tmp_path / "desk").rglob("*.ipynb"))
    assert laid == sorted(str(path.relative_to(desk.PUBLISHED)) for path in desk.pages(desk.PUBLISHED))


def test_work_is_packed_without_what_is_made_anew(places):
    desk.lay(*places)
    folder = places[1]
    (folder / "notes.txt").write_text("mine")
    (folder / ".progress.json").write_text("{}")
    for made in ("_work/01/big.bin", ".ipynb_checkpoints/01_one-checkpoint.ipynb"):
        (folder / made).parent.mkdir(parents=True)
        (folder / made).write_text("made")
    for _ in range(2):  # a second time, the archive of the first is not packed into it
        with zipfile.ZipFile(desk.pack(folder)) as archive:
            assert sorted(archive.namelist()) == [
                ".handed_out.json", ".progress.json", "01_one.ipynb", "02_two.ipynb", "notes.txt",
            ]  # fmt: skip
