"""Each rule is tried on a chapter that breaks it, and a good chapter passes them all."""

from pathlib import Path

import nbformat.v4 as new
import pytest

from tests.chapters.samples import CLOSING, OPENING, PNG, code, made, said, shown
from tools import notebooks
from tools.notebooks import Chapter, code_cells
from tools.rules import RULES, story
from tools.rules.cells import (
    bash_stops_at_errors,
    executed_in_order,
    exit_codes_count,
    few_ignored,
    followed_by_nbval,
    ignored_with_a_reason,
    markers_are_understood,
    no_silent_error,
    no_trailing_semicolon,
    nothing_empty,
    nothing_skipped,
    over_budget,
    proof_is_compared,
    short,
)
from tools.rules.pages import (
    closes_as_agreed,
    links_hold,
    made_from_its_text,
    no_formula_by_accident,
    nothing_of_this_machine,
    opens_as_agreed,
    pictures_in_words,
    widgets_have_twins,
    works_in_its_own_folder,
)


def never_run() -> Chapter:
    """Return a chapter with a cell that was not executed."""
    chapter = made(code("1 + 1"))
    code_cells(chapter.notebook)[-1].execution_count = None
    return chapter


def without_proof() -> Chapter:
    """Return a chapter that does not say which cell proves its claim."""
    chapter = made()
    code_cells(chapter.notebook)[1].metadata.tags = []
    return chapter


def with_a_private_kernel() -> Chapter:
    """Return a chapter that asks for the kernel of its maker."""
    chapter = made()
    chapter.notebook.metadata["widgets"] = {}
    return chapter


IGNORED = ("nbval-ignore-output",)
HOST = notebooks.HOSTS[0]
OWN = "http://127.0.0.1:34567/simple/"
GOOD = [
    made(),
    made(code("install()", said(f"Looking in indexes: {OWN}\n"))),
    made(code("%%bash -e -o pipefail\nfalse || echo no\n! grep x y", said("no"))),
    made(code("%%bash -e -o pipefail\nfalse | cat || echo no", said("no"), tags=("goal-1", "goal-12"))),
    made(code("guess = 2", tags=("prediction",)), code("check.guess(2)", said("done"), tags=("exercise", "goal-2"))),
    made(code("# NBVAL_IGNORE_OUTPUT\n# another number each time\nprint(id(1))", said("7"))),
    made(code("print(id(1))", said("7"), tags=IGNORED, reason="another number each time")),
    made(code("1 / 0", new.new_output("error", ename="E", evalue="e", traceback=["E: e"]), tags=("raises-exception",))),
    made(code("view.control()", shown("a control"), tags=("widget",)), code("1", said("1"), tags=("static-twin",))),
    made(code("view.figure()", shown("A line that rises from left to right.", **PNG))),
    made(closing=CLOSING + "\n- [above](#What-you-have-seen)\n- `a[0](1)`"),
    made(closing=CLOSING + "\n- `$HOME` and `$PATH`\n- <code>$HOME</code>, where no other one is"),
    made(code("x = 'a;'\nsubprocess.run(['ls'], check=True)")),
]
BROKEN = [
    (executed_in_order, never_run()),
    (nothing_empty, made(code(" "))),
    (nothing_skipped, made(code("1", tags=("nbval-skip",)))),
    (nothing_skipped, made(code("# NBVAL_SKIP\n1"))),
    (ignored_with_a_reason, made(code("# NBVAL_IGNORE_OUTPUT\nprint(1)", said("1")))),
    (ignored_with_a_reason, made(code("%%bash -e -o pipefail\n# NBVAL_IGNORE_OUTPUT\n#\ndate", said("1")))),
    (ignored_with_a_reason, made(code("print(1)", said("1"), tags=IGNORED))),
    (ignored_with_a_reason, made(code("print(1)", said("1"), tags=(*IGNORED, "record"), reason="of another run"))),
    (few_ignored, made(*(code("print(1)", said("1"), tags=IGNORED, reason="so") for _ in range(3)))),
    (proof_is_compared, made(code("print(1)", said("1"), tags=("proof", *IGNORED), reason="so"))),
    (proof_is_compared, without_proof()),
    (markers_are_understood, made(code("# NBVAL_IGNORE_OUTPUT: it varies\nprint(1)"))),
    (markers_are_understood, made(code("print(1)", tags=("NBVAL_IGNORE_OUTPUT",)))),
    (markers_are_understood, made(code("print(1)", tags=("static_twin",)))),
    (markers_are_understood, made(code("print(1)", tags=("goal-0",)))),
    (markers_are_understood, made(code("print(1)", tags=("pytest-validate-ignore-output",)))),
    (exit_codes_count, made(code("!ls"))),
    (exit_codes_count, made(code("files = !ls"))),
    (exit_codes_count, made(code("%system ls"))),
    (exit_codes_count, made(code("x = 1\nif x:\n    %sx ls"))),
    (exit_codes_count, made(code("%%system\nls"))),
    (exit_codes_count, made(code("import os\nos.system('ls')"))),
    (bash_stops_at_errors, made(code("%%bash\nls"))),
    (bash_stops_at_errors, made(code("%%bash -e\nfalse | cat"))),
    (bash_stops_at_errors, made(code("%%sh -e\nls"))),
    (bash_stops_at_errors, made(code("%%bash -o pipefail\nls"))),
    (bash_stops_at_errors, made(code("%%bash -e -o pipefail\n! grep -q x y\necho not there"))),
    (no_trailing_semicolon, made(code("plot();\n"))),
    (no_silent_error, made(code("1 / 0", new.new_output("error", ename="E", evalue="e", traceback=["E: e"])))),
    (no_silent_error, made(code("print(1)", said("1"), tags=("raises-exception",)))),
    (short, made(code("\n".join(f"x{n} = {n}" for n in range(16))))),
    (short, made(code("x = " + "7" * 103))),
    (short, made(*(code(f"x = {n}") for n in range(31)))),
    (followed_by_nbval, made(code("interact(f, n=3)"))),
    (followed_by_nbval, made(code("with widgets.Output():\n    print(1)"))),
    (followed_by_nbval, made(code("from IPython.display import clear_output"))),
    (nothing_of_this_machine, made(code("print(1)", said(f"in {notebooks.ROOT}/notebooks")))),
    (nothing_of_this_machine, made(code("print(1)", shown(f"file://{Path.home()}/x")))),
    (nothing_of_this_machine, made(code("open('/tmp/x', 'w')"))),
    (nothing_of_this_machine, made(code("install()", said(f"Looking in indexes: https://{HOST}/simple")))),
    (nothing_of_this_machine, made(code("install()", said(f"Looking in indexes: {OWN}, https://other.example")))),
    (nothing_of_this_machine, made(code("print(1)", said("Looking in links: /opt/somewhere")))),
    (nothing_of_this_machine, made(closing=CLOSING + f"\n- [NumPy](https://{HOST}/project/numpy/)")),
    (nothing_of_this_machine, with_a_private_kernel()),
    (opens_as_agreed, made(opening=OPENING.replace("learn", "hear"))),
    (opens_as_agreed, made(opening=OPENING.replace("5 minutes", "a while"))),
    (opens_as_agreed, made(opening=OPENING.replace("5 minutes", "31 minutes"))),
    (opens_as_agreed, made(opening=OPENING.removeprefix("# "))),
    (closes_as_agreed, made(closing=CLOSING.replace("Further", "More"))),
    (closes_as_agreed, made(closing=CLOSING.replace("## What you have seen\n\n", ""))),
    (links_hold, made(closing=CLOSING + "\n- [nothing]()")),
    (links_hold, made(closing=CLOSING + "\n- [a page] (https://example.org/)")),
    (links_hold, made(closing=CLOSING + "\n- [a page](http://example.org/)")),
    (links_hold, made(closing=CLOSING + "\n- [a chapter](99_not_there.ipynb)")),
    (links_hold, made(closing=CLOSING + "\n- [a heading](#Not-there)")),
    (links_hold, made(closing=CLOSING + "\n- [a page](https://example.org/with space)")),
    (links_hold, made(closing=CLOSING + "\n![](https://example.org/picture.png)")),
    (no_formula_by_accident, made(closing=CLOSING + "\n- <code>$HOME</code>\n- <code>$PATH</code>")),
    (pictures_in_words, made(code("figure()", shown("<Figure size 640x480 with 1 Axes>", **PNG)))),
    (pictures_in_words, made(code("figure()", shown("", **PNG)))),
    (pictures_in_words, made(code("figure()", shown("<Drawing>", **{"image/svg+xml": "<svg/>"})))),
    (widgets_have_twins, made(code("view.control()", shown("a control"), tags=("widget",)))),
    (widgets_have_twins, made(code("view.control()", shown("a control")))),
    (widgets_have_twins, made(code("archive_map(wheel)", shown("a control")))),
    (widgets_have_twins, made(code("linkage(wheel, before=raw)", shown("a control")))),
    (widgets_have_twins, made(code("print(1)", said("1"), tags=("static-twin",)))),
    (widgets_have_twins, made(code("view.control()", tags=("widget",)), code("x = 1", tags=("static-twin",)))),
    (works_in_its_own_folder, made(code('workbench.enter("05")'))),
    (works_in_its_own_folder, Chapter("04_try.ipynb", new.new_notebook(cells=[code("%%bash -e -o pipefail\nls")]))),
]  # fmt: skip


@pytest.mark.parametrize("chapter", GOOD)
def test_a_good_chapter_passes(chapter):
    assert [problem for rule in RULES if rule is not made_from_its_text for problem in rule(chapter)] == []


@pytest.mark.parametrize(("rule", "chapter"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_the_rule_bites(rule, chapter):
    assert list(rule(chapter))


def test_every_rule_is_tried():
    elsewhere = {made_from_its_text, *(rule for rule in RULES if rule.__module__ == story.__name__)}
    assert {rule for rule, _ in BROKEN} == {*RULES} - elsewhere


@pytest.mark.parametrize("edit", [
    lambda text: text.replace("print(1)", "print(2)"),
    lambda text: text.replace(":tags: [proof]\n\n", ""),
    lambda text: text.replace("A thing.", "Another thing."),
    lambda text: text.replace("```{code-cell} ipython3\nprint(3)\n```\n", "print(3)\n"),
])  # fmt: skip
def test_a_notebook_behind_its_text_is_found(tmp_path, monkeypatch, edit):
    cell = "```{code-cell} ipython3\n"
    text = f"{OPENING}\n{cell}:tags: [proof]\n\nprint(1)\n```\n\n{cell}print(3)\n```\n\n{CLOSING}\n"
    (tmp_path / "04_try.md").write_text(text)
    monkeypatch.setattr(notebooks, "TEXTS", tmp_path)
    chapter = Chapter("04_try.ipynb", notebooks.read_text(tmp_path / "04_try.md"))
    assert list(made_from_its_text(chapter)) == []
    assert edit(text) != text
    (tmp_path / "04_try.md").write_text(edit(text))
    assert list(made_from_its_text(chapter))


def test_more_than_one_ignored_cell_in_twenty_is_over_budget():
    def chapter(plain: int) -> Chapter:
        return made(*(code("1") for _ in range(plain)), code("1", tags=IGNORED))

    # two more code cells are in the frame of each
    assert not over_budget([chapter(17)])
    assert over_budget([chapter(16)])
