"""The saved run of a chapter is a whole one, of the text and the code as they are now; and a run is watched."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.chapters.isolation import snapshot, writes_only_under_work
from tests.chapters.samples import said
from tools import notebooks, publish, runs
from tools.notebooks import copy_lab

TEXT = "# Try\n\n```{code-cell} ipython3\nprint(1)\n```\n\n```{code-cell} ipython3\nprint(2)\n```\n"


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """A lab with one chapter and a little code, older than anything that a test does."""
    for folder in ("notebooks/text", "wheel_lab/__pycache__", "example_project/build", "example_project/x.egg-info"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "wheel_lab/facts.py").write_text("")
    os.utime(tmp_path / "wheel_lab/facts.py", (0, 0))
    (tmp_path / "notebooks/text/04_try.md").write_text(TEXT)
    monkeypatch.setattr(runs, "ROOT", tmp_path)
    monkeypatch.setattr(runs, "RUNS", tmp_path / ".lab/runs")
    monkeypatch.setattr(runs, "FOLDER", tmp_path / "notebooks")
    monkeypatch.setattr(runs, "TEXTS", tmp_path / "notebooks/text")
    return tmp_path


def record(lab: Path, *outputs: list | None, folder: str = "notebooks") -> None:
    """Write a run of the chapter down."""
    runs.record(lab / folder / "04_try.ipynb", notebooks.read_text(lab / "notebooks/text/04_try.md"), list(outputs))


def test_what_the_cells_put_out_is_kept_with_its_python(lab):
    record(lab, [said("1")], [])
    saved = runs.saved("04_try.ipynb")
    assert [cell.outputs for cell in notebooks.code_cells(saved)] == [[said("1")], []]
    assert publish.python_of(saved) == publish.HERE
    assert [path.name for path in runs.RUNS.iterdir()] == ["04_try.ipynb"]


def test_the_run_of_a_case_has_a_place_of_its_own(lab):
    for folder in ("notebooks/clinic", "notebooks/text/clinic"):
        (lab / folder).mkdir()
    (lab / "notebooks/text/clinic/04_try.md").write_text(TEXT.replace("# Try", "# Case"))
    page = notebooks.read_text(lab / "notebooks/text/clinic/04_try.md")
    runs.record(lab / "notebooks/clinic/04_try.ipynb", page, [[said("case")], []])
    record(lab, [said("1")], [])
    assert notebooks.code_cells(runs.saved("clinic/04_try.ipynb"))[0].outputs == [said("case")]
    assert notebooks.code_cells(runs.saved("04_try.ipynb"))[0].outputs == [said("1")]


@pytest.mark.parametrize(("outputs", "folder"), [
    (([said("1")], None), "notebooks"),
    (([said("1")],), "notebooks"),
    (([said("1")], []), "elsewhere"),
], ids=["a cell was not reached", "a cell was left out", "a notebook elsewhere"])  # fmt: skip
def test_what_is_no_run_of_the_chapter_is_not_kept(lab, outputs, folder):
    record(lab, *outputs, folder=folder)
    assert runs.saved("04_try.ipynb") is None
    assert not runs.RUNS.exists()


@pytest.mark.parametrize(("change", "holds"), [
    (lambda lab: (lab / "notebooks/text/04_try.md").write_text(TEXT.replace("# Try", "# Try again")), False),
    (lambda lab: (lab / "wheel_lab/facts.py").write_text("x = 1"), False),
    (lambda lab: (lab / "example_project/ddot.cpp").write_text(""), False),
    (lambda lab: (lab / "wheel_lab/__pycache__/facts.cpython-312.pyc").write_text(""), True),
    (lambda lab: (lab / "example_project/build/setup.py").write_text(""), True),
    (lambda lab: (lab / "example_project/x.egg-info/top_level.txt").write_text(""), True),
], ids=["another text", "other code", "another example", "bytecode", "a build in place", "its metadata"])  # fmt: skip
def test_a_run_of_something_else_is_none(lab, change, holds):
    record(lab, [said("1")], [])
    old = runs.RUNS / "04_try.ipynb"
    os.utime(old, (1e9, 1e9))  # in 2001
    assert runs.saved("04_try.ipynb") is not None
    change(lab)
    assert (runs.saved("04_try.ipynb") is not None) == holds


def test_a_run_by_nbval_is_recorded_where_the_lab_s_conftest_is(lab):
    """The copies of the lab, in which other tests run chapters, have none; and the image has no jupytext."""
    shutil.copy(notebooks.ROOT / "conftest.py", lab)
    shutil.copytree(notebooks.ROOT / "tools", lab / "tools")
    page = notebooks.read_text(lab / "notebooks/text/04_try.md")
    for cell in notebooks.code_cells(page):
        cell.execution_count, cell.outputs = 1, [said("something else")]
    nbformat.write(page, lab / "notebooks/04_try.ipynb")
    without = "import pytest, sys; sys.modules['jupytext'] = None; sys.exit(pytest.main(sys.argv[1:]))"
    command = [sys.executable, "-c", without, "-p", "no:cacheprovider", "--nbval", "--nbval-current-env", "notebooks"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(command, cwd=lab, env=clean, capture_output=True, text=True)
    assert done.returncode == 1, f"{done.returncode}\n{done.stdout}{done.stderr}"
    assert [cell.outputs for cell in notebooks.code_cells(runs.saved("04_try.ipynb"))] == [[said("1")], [said("2")]]
    assert not (copy_lab(lab / "copied") / "conftest.py").exists()


# --- a run is watched ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["lab/new", "lab/notebooks/new.txt", "home/new", "temporary/new"])
def test_a_file_outside_of_work_is_seen(tmp_path, where):
    (tmp_path / "lab/notebooks").mkdir(parents=True)
    with pytest.raises(AssertionError), writes_only_under_work(tmp_path / "lab", tmp_path):
        (tmp_path / where).write_text("left behind")


def test_work_and_what_tools_keep_are_not_watched(tmp_path):
    (tmp_path / "lab/notebooks/_work/04").mkdir(parents=True)
    with writes_only_under_work(tmp_path / "lab", tmp_path) as environment:
        (tmp_path / "lab/notebooks/_work/04/note.txt").write_text("mine")
        (Path(environment["HOME"]) / ".cache").mkdir()
    assert snapshot(tmp_path / "lab") == {}
