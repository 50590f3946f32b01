"""Each case of the clinic is made the same way twice, the doctor names its cause, and the pages agree with the list."""

import re
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from tools import notebooks
from wheel_lab.doctor import examine
from wheel_lab.lab import clinic
from wheel_lab.lab.checks import clinic as checks

CORE = "_core.abi3.so"
# What the doctor must say of each wheel: the code of the rule, the member, and what it names in there.
NAMED = {
    "01": ("M201", f"halves/{CORE}", "half"),
    "02": ("P113", "tones/libtones.so", ""),
    "03": ("I402", "notes-1.0.dist-info/sboms/", ""),
    "04": ("I101", "notes/templates/plain.txt", ""),
    "05": ("I104", "notes/__init__.py", ""),
    "06": ("P201", f"threads/{CORE}", "pthread_create@GLIBC_2.34"),
    "07": ("M106", f"halves/{CORE}", "libhalf.so"),
    "08": ("M301", f"halves/{CORE}", ""),
    "09": ("M405", "twin/_dot.abi3.so", "/opt/dot/lib"),
    "10": ("M501", "twin/_dot.pyd", "dot.dll"),
    "11": ("M205", f"threads/{CORE}", "__cxa_thread_atexit_impl"),
    "12": ("M308", f"dots/{CORE}", "AVX-512"),
    "13": ("B104", "plugins/libplugins.so", ""),
    "14": ("P311", f"calls/{CORE}", "PyErr_GetRaisedException"),
    "15": ("M602", "pairs.libs/libomp-5f2d0c1a.so", ""),
}
# What else it may say, because it goes with the cause, or is a note on what the wheel carries.
ASIDE = {"09": {"M401"}, "15": {"B303", "B304"}}
PAGES = [path for path in notebooks.texts() if notebooks.is_case(path)]


@pytest.mark.parametrize("number", clinic.CASES)
def test_the_doctor_names_the_cause_and_nothing_else(number, tmp_path, monkeypatch, capsys):
    assert find_spec("capstone"), "case 12 needs it"
    monkeypatch.chdir(tmp_path)
    for _ in range(2):  # a learner may run the first cell again
        clinic.case(number)
    (wheel,) = Path("dist").glob("*.whl")
    findings = examine(wheel, deep=True).findings
    assert NAMED[number] in {(one.code, one.member, one.subject) for one in findings}
    assert {one.code for one in findings} == {NAMED[number][0], *ASIDE.get(number, ())}
    assert str(wheel) in capsys.readouterr().out.splitlines()


def test_there_are_as_many_pages_as_cases_and_the_first_page_lists_them_by_their_titles():
    first, *pages = PAGES
    assert [page.name[:2] for page in pages] == sorted(clinic.CASES) == sorted(NAMED)
    listed = re.findall(r"^\| (\d+) \| \[(.+?)\]\((.+?)\)", first.read_text(encoding="utf-8"), flags=re.MULTILINE)
    titles = [re.findall(r"^# (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)[0] for page in pages]
    assert listed == [
        (str(int(page.name[:2])), title, f"{page.stem}.ipynb") for page, title in zip(pages, titles, strict=True)
    ]


@pytest.mark.parametrize("page", PAGES[1:], ids=notebooks.number_of)
def test_a_page_does_not_name_a_tool_or_a_cause_before_its_first_hint(page):
    """The user may name a symbol, as people do; what does not stand there is the word for what it is."""
    before = page.read_text(encoding="utf-8").partition("<details>")[0]
    assert not re.search(r"\b(readelf|objdump|patchelf|auditwheel|delvewheel|repairwheel|zipinfo|nm)\b", before)
    assert not re.search(rf"\b({'|'.join({name for name, *_ in NAMED.values()})})\b", before)


@pytest.mark.parametrize("answer", ["half", {"member": None}, {"member": "x", "symbol": "y"}, [1], None])
def test_an_answer_of_another_form_is_no_error(answer, capsys):
    checks.cause_01(answer)
    assert capsys.readouterr().out.startswith("not yet: the cause should have the keys member, symbol, line")


@pytest.mark.parametrize(("check", "cause"), [
    (checks.cause_01, {"member": f"halves/{CORE}", "symbol": "half()", "line": "-L. -lhalf core.c"}),
    (checks.cause_02, {"member": "tones/libtones.so", "tag": "py3-none-any", "field": "Root-Is-Purelib"}),
    (checks.cause_03, {"member": "notes-1.0.dist-info/RECORD", "row": "notes-1.0.dist-info/sboms",
                       "script": "project/add_sbom.py"}),
    (checks.cause_04, {"member": "notes/templates/plain.txt", "settings": [
        "[tool.hatch.build.targets.wheel.force-include]", 'packages = ["src/notes"]']}),
    (checks.cause_04, {"member": "notes/templates/plain.txt", "settings": (
        "tool.hatch.build.targets.wheel.packages", "tool.hatch.build.targets.wheel.force-include")}),
    (checks.cause_06, {"member": f"threads/{CORE}", "symbol": "pthread_create@GLIBC_2.34", "version": "2.34"}),
    (checks.cause_07, {"member": f"halves/{CORE}", "library": "libhalf.so", "path": "[$ORIGIN/../halves.libs]"}),
    (checks.cause_08, {"member": f"halves/{CORE}", "flags": "rwx", "source": "project/half.S"}),
    (checks.cause_09, {"member": "twin/_dot.abi3.so", "library": "@rpath/libdot.dylib", "path": "/opt/dot/lib/"}),
    (checks.cause_10, {"member": "twin/_dot.pyd", "library": "DOT.DLL"}),
    (checks.cause_12, {"member": f"dots/{CORE}", "function": "dot()", "option": "march=skylake-avx512"}),
    (checks.cause_13, {"copies": "3", "loaded": ("plugins/libplugins.so", "plugins/libplugins.so.1.0.0")}),
    (checks.cause_14, {"member": f"calls/{CORE}", "symbol": "PyErr_GetRaisedException()", "since": 3.12,
                       "tag": "cp311"}),
])  # fmt: skip
def test_a_cause_may_be_written_as_a_tool_shows_it(check, cause, capsys):
    check(cause)
    assert capsys.readouterr().out.startswith("done: ")


def test_a_fix_says_when_it_is_the_cause_that_is_wrong(capsys):
    checks.fixed_01({"member": f"halves/{CORE}", "symbol": "half", "line": "ar rcs libhalf.a half.o"})
    assert capsys.readouterr().out.startswith("not yet: name the cause first, above: that line is not the one")


def test_the_doctor_speaks_after_the_learner(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    clinic.case("10")
    capsys.readouterr()
    for library, words in [(None, "Name the cause yourself first"), ("dot.dll", "error M501 windows-library-missing")]:
        checks.the_doctor("10", {"member": "twin/_dot.pyd", "library": library})
        assert words in capsys.readouterr().out


def test_what_is_no_wheel_is_said_to_be_none(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("fixed").mkdir()
    for name, words in [("halves-1.0-x.whl", "cannot be read"), ("other-1.0-x.whl", "and there are several")]:
        Path("fixed", name).write_text("no archive")
        checks.fixed_01({"member": f"halves/{CORE}", "symbol": "half", "line": "-lhalf core.c"})
        assert words in capsys.readouterr().out


def test_code_that_fails_says_its_last_line_without_a_folder(tmp_path, capsys):
    wheel = tmp_path / "a.whl"
    with zipfile.ZipFile(wheel, "w") as made:
        made.writestr("odd.py", "raise ValueError(__file__)")
    clinic.try_it(wheel, "import odd")
    assert capsys.readouterr().out == "$ python -c 'import odd'\nValueError: odd.py\n"
    assert clinic.outcome(wheel, "import sys; print(len(sys.path) > 0)") == (True, "True")
