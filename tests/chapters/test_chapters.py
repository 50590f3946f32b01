"""The committed chapters keep every rule; the lists and patterns around them are whole. No kernel is started."""

import re

import pytest
from nbval.plugin import IPyNbFile

from tools import notebooks
from tools.notebooks import chapters
from tools.rules import RULES
from tools.rules.cells import over_budget


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("chapter", chapters(), ids=lambda chapter: chapter.number)
def test_chapter(chapter, rule):
    assert list(rule(chapter)) == []


def test_every_text_has_its_notebook_and_every_notebook_its_text():
    assert notebooks.texts(), "there are no texts"
    assert [*map(notebooks.notebook_of, notebooks.texts())] == notebooks.notebooks()
    both = [(notebooks.FOLDER, ".ipynb"), (notebooks.TEXTS, ".md")]
    for folder, kind in [*both, *((folder / notebooks.CLINIC, kind) for folder, kind in both)]:
        strays = [path.name for path in folder.glob("*") if path.is_file() and not re.match(r"\d\d_\w+", path.name)]
        strays += [path.name for path in folder.glob("*") if path.is_file() and path.suffix != kind]
        assert not strays, "these are no chapters"


def test_the_minutes_of_a_chapter_are_the_same_wherever_they_stand():
    minutes = {}
    for path in notebooks.texts():
        (said,) = re.findall(r"^\*\*Time\.\*\* (\d+) minutes\b", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        if path.stem < "90" and not notebooks.is_case(path):  # from there on, pages are optional
            minutes[path.stem[:2]] = int(said)
    start = notebooks.texts()[0].read_text(encoding="utf-8")
    readme = (notebooks.ROOT / "README.md").read_text(encoding="utf-8")
    for text, row in ((start, r"^\| (\d+)\. .*\| (\d+) \|$"), (readme, r"^\| (\d+) \| \[.*\| (\d+) \|$")):
        rows = re.findall(row, text, flags=re.MULTILINE)
        assert {f"{int(chapter):02}": int(said) for chapter, said in rows} == minutes
    hours, rest = divmod(sum(minutes.values()), 60)
    assert f"{hours} hours and {rest} minutes in all" in start


def test_hardly_any_cell_is_ignored():
    assert not over_budget(chapters())


def test_what_is_not_compared_is_nbvals_own_list(request):
    some = IPyNbFile.from_parent(request.session, path=notebooks.notebooks()[0])
    assert some.skip_compare == notebooks.NOT_COMPARED


def test_every_pattern_of_the_sanitizer_has_a_name_and_is_read():
    lines = notebooks.NBVAL_CFG.read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if line.strip() and not line.startswith(";")]
    # nbval reads pairs of lines, and passes over everything else without a word
    kinds = ["name" if re.fullmatch(r"\[.+\]", line) else line.split(": ")[0] for line in lines]
    assert kinds == ["name", "regex", "replace"] * (len(lines) // 3)
    assert len(set(lines[::3])) == len(lines[::3]), "two patterns have the same name"
