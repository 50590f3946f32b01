"""The guide for those who teach: its minutes are reckoned, its messages are real, and its plans can be followed."""

import re

import nbformat
import pytest
from nbclient import NotebookClient

from tools import minutes
from tools.notebooks import ROOT, Chapter, chapters, is_case, texts

GUIDE = ROOT / "WORKSHOP.md"
# How long each plan says that it is, by the beginning of its heading.
LENGTHS = {"45 minutes": 45, "90 minutes": 90, "Half a day": 210, "The first day": 375, "The second day": 405}
PAGES = {page.path: page for page in chapters()}
ROW = re.compile(r"\| (\d+):(\d\d) \| (\d+) \| (.+) \|")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def plans(text: str) -> dict[str, list[tuple[int, int, str]]]:
    """Return the rows of each plan by its heading: when it begins, how many minutes it takes, and what happens."""
    found: dict[str, list[tuple[int, int, str]]] = {}
    for part in re.split(r"^##+ ", text, flags=re.MULTILINE)[1:]:
        if rows := [(int(h) * 60 + int(m), int(long), what) for h, m, long, what in ROW.findall(part)]:
            found[part.partition("\n")[0]] = rows
    return found


def blocks(what: str) -> list[tuple[Chapter, list[str]]]:
    """Return the pages that a row links to, each with the sections that it names; with none, all of it is meant."""
    pieces = re.split(LINK, what)[1:]
    linked = [(ROOT / target, after) for target, after in zip(pieces[::2], pieces[1::2], strict=True)]
    return [(PAGES[page], re.findall(r"\*([^*]+)\*", after)) for page, after in linked if page in PAGES]


def reckoned(what: str) -> float:
    """Return the minutes that the pages of a row take."""
    return sum(minutes.minutes(page, titles) for page, titles in blocks(what))


def near(said: float, counted: float) -> bool:
    """Tell whether two numbers of minutes agree: within a tenth, or one minute."""
    return abs(said - counted) <= max(1, counted / 10)


def wrong(text: str) -> list[str]:
    """Return what is wrong with the plans of a guide."""
    found = []
    for title, rows in plans(text).items():
        now = 0
        for at, long, what in rows:
            if at != now:
                found.append(f"{title}: {what} begins at {at}, and it is {now} by then")
            if blocks(what) and not near(long, reckoned(what)):
                found.append(f"{title}: {what} takes {reckoned(what):.1f} minutes, not {long}")
            now += long
        length = next(minutes for start, minutes in LENGTHS.items() if title.startswith(start))
        if now != length:
            found.append(f"{title}: the rows make {now} minutes, not {length}")
    return found


def test_each_plan_adds_up_and_its_minutes_are_reckoned():
    text = GUIDE.read_text(encoding="utf-8")
    assert [start for title in plans(text) for start in LENGTHS if title.startswith(start)] == list(LENGTHS)
    assert wrong(text) == []


@pytest.mark.parametrize(("old", "new", "says"), [
    ("| 0:09 | 11 |", "| 0:08 | 11 |", "begins at 8"),
    ("| 0:23 | 7 |", "| 0:23 | 9 |", "takes"),
    ("| 0:42 | 3 |", "| 0:42 | 4 |", "make 46 minutes"),
    ("*The repair*, *The import that now works*", "*The import that now works*", "takes"),
])  # fmt: skip
def test_a_wrong_plan_would_be_seen(old, new, says):
    text = GUIDE.read_text(encoding="utf-8")
    assert old in text
    assert any(says in line for line in wrong(text.replace(old, new, 1)))


def test_the_answers_name_sections_that_are_there():
    answers = GUIDE.read_text(encoding="utf-8").partition("## The questions that you ask")[2].partition("\n## What")[0]
    named = re.findall(rf"{LINK.pattern},\s+((?:\*[^*]+\*(?:,\s+)?)+)", answers)
    assert len(named) >= 20
    for target, titles in named:
        there = {one.title for one in minutes.sections(PAGES[ROOT / target])}
        assert {" ".join(title.split()) for title in re.findall(r"\*([^*]+)\*", titles)} <= there, target


def test_a_section_that_is_not_there_would_be_seen():
    with pytest.raises(KeyError):
        reckoned("[Chapter 4](notebooks/04_find_what_it_needs.ipynb): *No such section*")


@pytest.mark.parametrize("page", PAGES.values(), ids=lambda page: page.number)
def test_the_minutes_that_a_page_names_are_those_that_are_reckoned(page):
    opening = page.notebook.cells[0].source
    reading, tasks = re.search(r"\*\*Time\.\*\* (\d+) minutes(?:, and (\d+) for the exercises?)?\.", opening).groups()
    counted = sum(one.minutes if is_case(page.path) else one.reading for one in minutes.sections(page))
    assert -2 <= int(reading) - counted <= 6, f"{counted:.1f} minutes are counted"  # rounded to five, mostly up
    if not is_case(page.path):
        assert int(tasks or 0) == sum(one.exercises * one.exercise for one in minutes.sections(page))


def test_a_page_is_counted():
    cells = [
        nbformat.v4.new_markdown_cell(
            "# A page\n\n**Time.** The machine works for about half a\nminute.\n\n## One\n\nA b."
        ),
        nbformat.v4.new_code_cell("x", metadata={"tags": ["prediction"]}),
        nbformat.v4.new_markdown_cell("c <details><summary>Hint 1</summary>not\ncounted</details>\n\n## Two"),
        nbformat.v4.new_code_cell("x", metadata={"tags": ["exercise", "goal-1"]}),
        nbformat.v4.new_code_cell("x"),
        nbformat.v4.new_markdown_cell("## Further reading\n\nd"),
    ]
    page = Chapter("04_a_page.ipynb", nbformat.v4.new_notebook(cells=cells))
    head, one, two = minutes.sections(page)
    assert (head.words, one.words, two.words) == (11, 4, 1)
    assert (one.guesses, one.cells, one.exercises, one.machine) == (1, 0, 0, 10)
    assert (two.guesses, two.cells, two.exercises, two.machine) == (0, 1, 1, 20)
    assert minutes.minutes(page, ["Two"]) == pytest.approx(1 / 175 + 0.5 + 20 / 60 + 5)
    assert minutes.minutes(page, ["Two"], exercises=False) == pytest.approx(1 / 175 + 0.5 + 20 / 60)


def test_the_messages_of_the_guide_are_those_of_the_lab():
    table = GUIDE.read_text(encoding="utf-8").partition("## What goes wrong")[2].partition("\n## ")[0]
    sources = [*(ROOT / "wheel_lab" / "lab").rglob("*.py"), *texts()]
    said = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    quoted = [
        text for row in re.findall(r"^\| (.+?) \|", table, flags=re.MULTILINE) for text in re.findall(r"`(.+?)`", row)
    ]
    assert len(quoted) >= 10
    missing = [text for text in quoted if text not in said]
    assert missing == ["NameError"]  # Python's own


# --- following a plan ------------------------------------------------------------------------------------------------


@pytest.mark.bundle
@pytest.mark.parametrize("title", ["45 minutes", "90 minutes"])
def test_a_plan_can_be_followed_with_the_sections_that_it_names_alone(title):
    rows = next(rows for name, rows in plans(GUIDE.read_text(encoding="utf-8")).items() if name.startswith(title))
    followed = [block for *_, what in rows for block in blocks(what)]
    assert len(followed) >= 4
    for page, titles in followed:
        kept, here = nbformat.v4.new_notebook(metadata=page.notebook.metadata), ""
        for cell in page.notebook.cells:
            heading = re.findall(r"^## (.+)$", cell.source, flags=re.MULTILINE) if cell.cell_type == "markdown" else []
            here = heading[-1] if heading else here
            first = cell.cell_type == "code" and "workbench.enter(" in cell.source
            if cell.cell_type == "code" and (not titles or here in titles or first):
                kept.cells.append(cell)
        assert kept.cells
        NotebookClient(kept, timeout=300, resources={"metadata": {"path": str(page.path.parent)}}).execute()
