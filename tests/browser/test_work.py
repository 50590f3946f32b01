"""A learner works through each chapter on the desk: answers wrongly, then rightly, restarts, and saves.

Everything is typed into the page and run by keyboard. Minutes, so it runs with ``make test-all``.
"""

import json
import urllib.request

import nbformat
import pytest
from jupyterlab_page import RUN, SIZE, WAIT, Chapter

from tools import exercises
from tools.notebooks import name_of, notebooks, number_of, read_notebook

pytestmark = pytest.mark.full


class Learner:
    """A learner at the page of one chapter."""

    def __init__(self, chapter: Chapter) -> None:
        self.chapter, self.page = chapter, chapter.page

    def write(self, index: int, source: str) -> None:
        """Replace what a cell holds, as by typing."""
        cell = self.chapter.show(index)
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)
        assert self.source(index) == source

    def source(self, index: int) -> str:
        return next(cell["source"] for cell in self.chapter.cells() if cell["index"] == index)

    def run(self, index: int) -> str:
        """Run one cell with Ctrl+Enter, wait for it, and return what it printed."""
        before = self.last_count()
        cell = self.chapter.show(index)
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_function(
            """before => {
                const panel = window.jupyterapp.shell.currentWidget;
                const counts = [...panel.content.model.cells].map(cell => cell.executionCount ?? 0);
                return panel.sessionContext.session.kernel.status === 'idle' && Math.max(...counts) > before;
            }""",
            arg=before,
            timeout=RUN * 1000,
        )
        outputs = next(cell["outputs"] for cell in self.chapter.cells() if cell["index"] == index)
        return "".join(output.get("text", output.get("evalue", "")) for output in outputs)

    def last_count(self) -> int:
        return max([cell["count"] or 0 for cell in self.chapter.cells()], default=0)


@pytest.fixture(scope="module", params=notebooks(), ids=number_of)
def learner(request, server, browser):
    page = browser.new_page(viewport=SIZE)
    page.set_default_timeout(WAIT * 1000)
    chapter = Chapter(request.param, page, server)
    yield Learner(chapter)
    chapter.close()


def test_every_exercise_is_done_wrong_and_then_right(learner):
    path = learner.chapter.path
    solved = read_notebook(path)
    at = {one.index: one for one in exercises.exercises(solved)}
    checked = {one.check for one in at.values()}
    for cell in learner.chapter.cells():
        index = cell["index"]
        one = at.get(index)
        if one is None:
            if index not in checked:
                said = learner.run(index)
                assert "RunTheFirstCell" not in said
            continue
        for state, (beginning, part), source in one.answers(number_of(path)):
            if state != "handed out":
                learner.write(index, source)
            else:
                assert learner.source(index) == source
            said = learner.run(index)
            said = said if one.check == index else learner.run(one.check)
            last = said.strip().splitlines()[-1]
            assert last.startswith(beginning), f"{one.name}, {state}: {said}"
            assert part in last, f"{one.name}, {state}: {said}"


def test_after_a_restart_no_cell_runs_before_the_first(learner):
    learner.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    learner.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
    )
    last = learner.chapter.cells()[-1]["index"]
    learner.chapter.show(last).locator(".cm-content").click()
    learner.page.keyboard.press("Control+Enter")
    refused = learner.page.locator(f".jp-Cell[data-windowed-list-index='{last}'] .jp-OutputArea-output")
    refused.get_by_text("Run the first code cell of this page first").wait_for()


def test_saving_leaves_the_published_page_as_it_was(learner, server):
    learner.page.keyboard.press("Control+s")
    learner.page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    with urllib.request.urlopen(server.url(f"api/contents/notebooks/{name_of(learner.chapter.path)}")) as answer:
        now = nbformat.from_dict(json.load(answer)["content"])
    published = read_notebook(learner.chapter.path)
    assert [(cell.source, cell.get("outputs")) for cell in now.cells] == [
        (cell.source, cell.get("outputs")) for cell in published.cells
    ]
