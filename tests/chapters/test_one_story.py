"""A page shows one run: on it an artefact has one hash, one size and one tag, and the parts of a sum fit into it.

The outputs below are shortened from published pages on which outputs of several runs stood side by side.
"""

import pytest

from tests.chapters.samples import code, made, said
from tools.notebooks import Chapter, agreed_python
from tools.rules import RULES, story
from tools.rules.story import (
    exceptions_say_why,
    made_by_the_agreed_python,
    one_artefact_one_value,
    parts_fit_their_total,
    values_without_a_name_are_known,
)

PYTHON = "cp" + agreed_python().replace(".", "")
OTHER = "cp313" if PYTHON != "cp313" else "cp312"
GOOD_HASH = "679baa61106e31c6481d09f37d84c387f81f7279e6d7661944ddd0cd1f21ee25"
OLD_HASH = "e6b8a87dafb9a32af56403a388630587d0daeabe3b1d6bc8e9895aa395161515"
ALTERED = "1838b617478c6f465571dd453cb6421bf5bf2d1ac8ffef428b06e841dc28beb0"
WHEEL = f"septembrse-0.0.0-{PYTHON}-{PYTHON}-linux_x86_64.whl"
REPAIRED = f"septembrse-0.0.0-{PYTHON}-{PYTHON}-manylinux_2_34_x86_64.whl"
QUICK = f"9.0 MB  {REPAIRED} in quick\n{{}}  {REPAIRED} in repaired"
LOCK = f"septembrse==0.0.0 --hash=sha256:{GOOD_HASH}"
REFUSED = f"DO NOT MATCH THE HASHES\nExpected sha256 {{}}\nGot        {ALTERED}"
PAGE = f'<a href="../repacked/{WHEEL}#sha256={{}}">{WHEEL}</a>'
RECORD = "example_pkg/dot_product.py,sha256=2b0-3zYZPBP_vZL1sv0FBEkmAApC_zfgw9F2T9jb9xQ,466"
LISTED = """  Length      Date    Time    Name
---------  ---------- -----   ----
      466  2026-11-23 02:45   example_pkg/dot_product.py
       87  2026-11-23 02:45   example_pkg/example.pyi
---------                     -------
      {}                     {} files"""
TOGETHER = "configure          900 ms\ncompile ddot.cpp    2.6 s\nlink                2.0 s\ntogether            {}"
DIARY = f"9.8 s  CMakeFiles/example.dir/src/cpp/ddot.cpp.o\n7.0 s  example.cpython-{PYTHON[2:]}-x86_64-linux-gnu.so"


def telling(*outputs: str) -> Chapter:
    """Return a chapter in which each of these is the output of a cell."""
    return made(*(code(f"print({number})", said(output)) for number, output in enumerate(outputs)))


def excepted(*tags: str, output: str = f"septembrse-0.0.0-{OTHER}-{OTHER}-linux_x86_64.whl", **reason: str) -> Chapter:
    """Return a chapter with a cell that is tagged."""
    return made(code("print(1)", said(WHEEL)), code("print(2)", said(output), tags=tags, **reason))


def made_by(version: str, told: str) -> Chapter:
    """Return a chapter whose metadata name a Python, and whose first cell tells this."""
    chapter = made()
    chapter.notebook.metadata["language_info"]["version"] = version
    chapter.code[0][1].outputs = [said(told)]
    return chapter


BROKEN = [
    # chapter 3: the lock file of one run, and the refusal of another
    (values_without_a_name_are_known, telling(LOCK, REFUSED.format(OLD_HASH))),
    (one_artefact_one_value, telling(LOCK, PAGE.format(OLD_HASH))),
    # chapter 5: a wheel of one Python is built, that of another is repaired
    (one_artefact_one_value, telling(WHEEL, REPAIRED.replace(PYTHON, OTHER))),
    (one_artefact_one_value, telling(WHEEL.replace(PYTHON, OTHER))),
    (one_artefact_one_value, telling(f"INFO:auditwheel.wheeltools:New WHEEL info tags: {OTHER}-{OTHER}-manylinux")),
    (one_artefact_one_value, telling(f"Tag: {OTHER}-{OTHER}-linux_x86_64")),
    (one_artefact_one_value, telling(f"adding 'example_pkg/example.{OTHER.replace('cp', 'cpython-')}-x86_64.so'")),
    (one_artefact_one_value, telling(f"> ./x/__pycache__/__init__.{OTHER.replace('cp', 'cpython-')}.pyc")),
    (one_artefact_one_value, telling('-- Found Python: <environment>/bin/python (found version "3.8.1")')),
    (one_artefact_one_value, telling("python       ok       3.8.1")),
    (one_artefact_one_value, telling(f"here, number 1: {OTHER}-{OTHER}-linux_x86_64")),
    (one_artefact_one_value, telling(f"Processing ./fetched/numpy-2.4.6-{OTHER}-{OTHER}-manylinux_2_28_x86_64.whl")),
    (one_artefact_one_value, telling(REPAIRED, REPAIRED.replace("2_34", "2_39"))),
    (one_artefact_one_value, made_by("3.8", f"Python {agreed_python()} on a system")),
    # sizes, of a file and of a member
    (one_artefact_one_value, telling(f"7.8 MB  {REPAIRED}\n7.9 MB  {REPAIRED}")),
    (one_artefact_one_value, telling(f"7.8 MB  {REPAIRED}", QUICK.format("7.6 MB"))),
    (one_artefact_one_value, telling(RECORD, RECORD.replace("466", "467"))),
    (one_artefact_one_value, telling(RECORD, RECORD.replace("2b0", "2b1"))),
    (one_artefact_one_value, telling(RECORD.replace("466", "467"), LISTED.format(553, 2))),
    (one_artefact_one_value, telling("./x.libs/libscipy_openblas-b396d74f.so", "libscipy_openblas-b396d74e.so")),
    (values_without_a_name_are_known,
     telling("sha256 of the original begins with b396d74f\nlibscipy_openblas-b396d74e.so")),
    # chapter 2: 9.8 s and 7.0 s in a build that took 14 s
    (parts_fit_their_total, telling("the whole build took 14 s", DIARY)),
    (parts_fit_their_total, telling(TOGETHER.format("5.3 s"))),
    (parts_fit_their_total, telling(TOGETHER.format("5.8 s"))),
    (parts_fit_their_total, telling(LISTED.format(554, 2))),
    (parts_fit_their_total, telling(LISTED.format(553, 3))),
    (exceptions_say_why, excepted("record")),
    (exceptions_say_why, excepted("several-pythons", reason=" ")),
    (exceptions_say_why, excepted(output="recorded on 2026-11-24 in Debian GNU/Linux 12 (bookworm):\ncp312-cp312")),
    (exceptions_say_why, excepted("several-pythons", output="built on 2026-11-24 on Debian:\n", reason="so")),
    (made_by_the_agreed_python, made_by("3.8", "Python 3.8 on a system")),
    (made_by_the_agreed_python, made_by(agreed_python(), "chapter 04: a fresh folder with fetched")),
]  # fmt: skip
GOOD = [
    telling(LOCK, REFUSED.format(GOOD_HASH), PAGE.format(GOOD_HASH)),
    telling(REFUSED.format(OLD_HASH)),  # the page does not show what was asked for
    telling(WHEEL, REPAIRED, f"Tag: {PYTHON}-{PYTHON}-linux_x86_64", f"Tag: {PYTHON}-{PYTHON}-manylinux_2_34_x86_64"),
    telling("numpy-1.21.2-cp39-cp39-manylinux_2_12_x86_64.manylinux2010_x86_64.whl",
            "numpy-2.5.5-cp314-cp314-musllinux_1_2_x86_64.whl\nnumpy-2.5.5-cp314-cp314-manylinux_2_28_x86_64.whl",
            "numpy/core/_multiarray_umath.cpython-39-x86_64-linux-gnu.so"),
    telling(f"0.1 MB  {WHEEL}\n7.8 MB  {REPAIRED}", QUICK.format("7.8 MB")),
    telling(RECORD, RECORD, LISTED.format(553, 2)),
    telling("libgfortran-2e0d59d6.so.5.0.0\nlibopenblasp-r0-2d23e62b.3.17.so\nlibz-eb09ad1d.so.1.2.3",
            "sha256 of the original begins with 2e0d59d6"),
    telling("the whole build took 14 s", DIARY.replace("7.0", "5.1"), "the isolated build took 2 s"),
    telling(TOGETHER.format("5.6 s"), TOGETHER.format("5.5 s")),
    excepted("record", reason="another machine built it"),
    excepted("several-pythons", reason="an index has one for each"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "chapter"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_a_page_of_two_runs_is_found(rule, chapter):
    assert list(rule(chapter))


@pytest.mark.parametrize("chapter", GOOD)
def test_a_page_of_one_run_passes(chapter):
    rules = [rule for rule in RULES if rule.__module__ == story.__name__]
    assert [problem for rule in rules for problem in rule(chapter)] == []


def test_every_rule_of_the_story_is_tried():
    assert {rule for rule, _ in BROKEN} == {rule for rule in RULES if rule.__module__ == story.__name__}


def test_every_kind_of_fact_is_tried():
    chapters = [chapter for _, chapter in BROKEN] + GOOD
    texts = [text for chapter in chapters for _, text in story.told(chapter)]
    for pattern, _ in [*story.FACTS, *story.NAMELESS]:
        assert any(story.re.search(pattern, text) for text in texts), pattern


def test_the_words_name_both_values_and_their_cells():
    (problem,) = one_artefact_one_value(telling(RECORD, RECORD.replace("466", "467")))
    assert problem == "example_pkg/dot_product.py has more than one size: 466 (cell 3), 467 (cell 4)"
    (problem,) = values_without_a_name_are_known(telling(LOCK, REFUSED.format(OLD_HASH)))
    assert problem == f"cell 4 names {OLD_HASH}, and the sha256 that is asked for is {GOOD_HASH} elsewhere"
    (problem,) = parts_fit_their_total(telling("the whole build took 14 s", DIARY))
    assert problem == "cell 4: steps of 16.8 s in a build that took 14 s"
