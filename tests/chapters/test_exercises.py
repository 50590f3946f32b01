"""Every exercise in three states: handed out (not yet), answered wrongly (not yet, with a hint that fits), and solved.

Each chapter runs twice here, on the desk of a copied lab: once as handed out, from top to bottom; once with every
answer to every exercise, the right one last, and then its outputs are those of the published page.
``make test-exercises``.
"""

import re

import pytest

from tools import exercises, notebooks
from tools.notebooks import code_cells, comparer, copy_lab, markers, read_notebook, read_text, tags
from wheel_lab.lab import desk

TEXTS = notebooks.texts()
FROM_CHAPTER = 1  # chapter 0 shows around; the others put the learner to work
AT_LEAST = 2


@pytest.fixture
def lab(tmp_path):
    """A copy of the lab with an empty desk."""
    lab = copy_lab(tmp_path / "a lab with spaces")
    (lab / "desk").mkdir()
    return lab


def exercises_of(text):
    return exercises.exercises(read_text(text))


# --- read from the texts, without a kernel ---------------------------------------------------------------------------


@pytest.mark.parametrize("text", TEXTS, ids=notebooks.number_of)
def test_a_chapter_has_work_for_its_reader(text):
    found = exercises_of(text)
    if int(text.name[:2]) >= FROM_CHAPTER:  # nor does the clinic's first page
        assert len(found) >= AT_LEAST
    names = [one.name for one in found]
    assert all(names), "an exercise calls its check, check.name_of_the_exercise(…), in its own cell or in the next"
    assert len(set(names)) == len(names)
    for one in found:
        assert desk.solution_of(one.cell.source), f"{one.name} has no solution between the marks"


@pytest.mark.parametrize("text", TEXTS, ids=notebooks.number_of)
def test_each_exercise_has_three_hints_and_two_wrong_answers(text):
    notebook = read_text(text)
    wrong = exercises.wrong_answers(notebooks.number_of(text))
    names = []
    for one in exercises.exercises(notebook):
        names.append(one.name)
        before = notebook.cells[one.index - 1].source
        assert len(re.findall(r"<details>\s*<summary>Hint [123]</summary>", before)) == 3, one.name
        assert len(wrong.get(one.name, [])) >= 2, one.name
    assert set(wrong) == set(names)


@pytest.mark.parametrize("text", TEXTS, ids=notebooks.number_of)
def test_predictions_are_blank_on_the_desk_and_compared_below(text):
    cells = code_cells(read_text(text))
    for number, cell in enumerate(cells):
        if "prediction" in tags(cell):
            (name,) = re.findall(r"^(\w+) = \.\.\.", cell.source, flags=re.MULTILINE)
            assert desk.solution_of(cell.source).startswith(f"{name} = ")
            later = [one.source for one in cells[number + 1 :]]
            assert any(re.search(rf"\bcheck\.compare\({name}\b", source) for source in later), name


@pytest.mark.parametrize("text", TEXTS, ids=notebooks.number_of)
def test_each_goal_is_tested_by_a_cell_or_an_exercise(text):
    """The n-th line under "What you'll learn" is tested by the cells tagged ``goal-n``."""
    notebook = read_text(text)
    opening = notebook.cells[0].source.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    listed = re.search(r"What you'll learn\..*?\n\n(.*?)\n\n(?=\*\*)", opening, flags=re.DOTALL)
    assert listed, "the opening lists what you'll learn"
    goals = len(re.findall(r"^- ", listed[1], flags=re.MULTILINE))
    tested = {tag for cell in code_cells(notebook) for tag in tags(cell) if tag.startswith("goal-")}
    assert tested == {f"goal-{number}" for number in range(1, goals + 1)}


# --- run -------------------------------------------------------------------------------------------------------------


@pytest.mark.exercises
@pytest.mark.parametrize("text", TEXTS, ids=notebooks.number_of)
def test_as_handed_out_a_chapter_runs_to_its_end_and_each_check_says_not_yet(text, lab):
    said = exercises.handed_out(text, lab)
    assert len(said) == len(exercises_of(text))
    for words in said:
        assert words.strip().splitlines()[-1].startswith("not yet:"), words


@pytest.mark.exercises
@pytest.mark.parametrize("text", TEXTS, ids=notebooks.number_of)
def test_every_answer_gets_the_line_that_fits_and_the_solved_page_is_the_published_one(text, lab):
    found, solved = exercises.attempts(text, lab)
    wrong = [f"{attempt}\n  wanted {attempt.wanted}" for attempt in found if not attempt.as_wanted]
    assert not wrong, "\n".join(wrong)
    equal = comparer().equal
    published = code_cells(read_notebook(notebooks.notebook_of(text)))
    for number, (new, kept) in enumerate(zip(code_cells(solved), published, strict=True), start=1):
        if "ignore" not in markers(kept) and "desk" not in tags(kept):
            assert equal(new.outputs, kept.outputs), f"cell {number}: {exercises.said(new)}"
