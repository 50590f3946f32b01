"""What the checks share: one line a state, a note of each attempt on the desk alone, and ways back and forward."""

import json

import pytest

from wheel_lab.lab import checks, workbench
from wheel_lab.lab.checks import Exercise, NotYet, exercise

SOLVED = "answer = None\n### BEGIN SOLUTION\nanswer = 42\n### END SOLUTION\ncheck.the_answer(answer)"


@exercise("you found the answer")
def the_answer(answer: object) -> None:
    if answer != 42:
        raise NotYet("the answer is another number")


@pytest.fixture(autouse=True)
def on_a_desk(tmp_path, monkeypatch):
    """Let chapter 07 be open on a desk of its own, with two exercises."""
    monkeypatch.setattr(checks, "PROGRESS", tmp_path / ".progress.json")
    monkeypatch.setattr(workbench, "on_desk", lambda: True)
    monkeypatch.setattr(workbench, "chapter", lambda: "07")
    monkeypatch.setattr(checks, "_CHECKS", {"07": ["the_answer", "another"], "08": ["third"]})
    monkeypatch.setattr(the_answer.__wrapped__, "__module__", "wheel_lab.lab.checks.chapter_07")
    monkeypatch.setattr(checks, "__path__", [])
    there = (Exercise("07", "the_answer", SOLVED), Exercise("07", "another", SOLVED), Exercise("08", "third", SOLVED))
    monkeypatch.setattr(checks, "exercises", lambda: there)
    return tmp_path / ".progress.json"


def test_one_line_a_state(capsys):
    the_answer(None)
    the_answer(42)
    assert capsys.readouterr().out == "not yet: the answer is another number\ndone: you found the answer\n"


def test_another_error_is_not_hidden():
    @exercise("done")
    def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()


def test_progress_counts_what_is_done_and_stays_done(capsys):
    the_answer(1)
    checks.progress()
    the_answer(42)
    the_answer(1)
    capsys.readouterr()
    checks.progress()
    assert capsys.readouterr().out == "chapter  done  of\n07          1   2\n08          0   1\n"


def test_nothing_is_noted_away_from_the_desk(on_a_desk, monkeypatch):
    monkeypatch.setattr(workbench, "on_desk", lambda: False)
    the_answer(42)
    assert not on_a_desk.exists()


@pytest.mark.usefixtures("on_a_desk")
def test_the_cases_of_the_clinic_are_one_row(monkeypatch, capsys):
    monkeypatch.setattr(checks, "_CHECKS", {"07": ["the_answer"], "c01": ["odd_01"], "c02": ["even_02", "the_answer"]})
    monkeypatch.setattr(the_answer.__wrapped__, "__module__", "wheel_lab.lab.checks.clinic.some")
    monkeypatch.setattr(the_answer.__wrapped__, "__name__", "even_02")
    the_answer(42)
    capsys.readouterr()
    checks.progress()
    assert capsys.readouterr().out == "chapter  done  of\n07          0   1\nclinic      1   3\n"


def test_a_spoilt_note_is_no_error(on_a_desk, capsys):
    on_a_desk.write_text("{")
    the_answer(42)
    assert json.loads(on_a_desk.read_text())["07"]["the_answer"]["tries"] == 1


def test_an_exercise_as_it_was_handed_out(capsys):
    checks.reset("the_answer")
    assert capsys.readouterr().out == "answer = None\n# your turn\ncheck.the_answer(answer)\n"


def test_a_solution_opens_after_a_try(capsys):
    checks.solution("the_answer")
    assert capsys.readouterr().out.startswith("Try it once first")
    the_answer(0)
    capsys.readouterr()
    checks.solution("the_answer")
    assert capsys.readouterr().out == "answer = 42\n"


def test_a_name_that_no_exercise_has():
    with pytest.raises(ValueError, match="no exercise 'nothing'; the exercises are the_answer, another"):
        checks.solution("nothing")


@pytest.mark.parametrize(
    ("guess", "line"), [(..., "you made no guess; the answer: 2.7"), ("2.12", "your guess: 2.12; the answer: 2.7")]
)
def test_a_guess_is_compared(guess, line, capsys):
    checks.compare(guess, "2.7")
    assert capsys.readouterr().out == line + "\n"


def test_the_exercises_are_those_of_the_published_notebooks(tmp_path, monkeypatch):
    monkeypatch.undo()
    bash = {"cell_type": "code", "metadata": {"tags": ["exercise"]}, "source": ["%%bash -e\n", "true"]}
    after = {"cell_type": "code", "metadata": {}, "source": "check.in_bash()"}
    plain = {"cell_type": "code", "metadata": {"tags": ["exercise"]}, "source": SOLVED}
    (tmp_path / "07_a.ipynb").write_text(json.dumps({"cells": [bash, after, plain, after]}))
    found = checks.exercises(tmp_path)
    assert [(one.chapter, one.name) for one in found] == [("07", "in_bash"), ("07", "the_answer")]
