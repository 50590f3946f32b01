"""Whatever is handed over ends in a report, or in a sentence."""

import os
from pathlib import Path

import pytest
from view_samples import Tags

from wheel_lab.doctor import RULES
from wheel_lab.views import doctor
from wheel_lab.views.report import pieces, report

NAME = "tiny-1.0-py3-none-any.whl"


@pytest.fixture
def good_wheel(make_wheel):
    """Make a wheel in which nothing is found."""
    return lambda: make_wheel({"tiny-1.0.dist-info/licenses/LICENSE": b"Do as you like.\n"})


def text_of(answer: str) -> str:
    return Tags(answer).text


def test_a_good_wheel_gets_its_verdicts(good_wheel):
    text = text_of(doctor.answer(str(good_wheel())))
    assert "will the index take it: yes" in text
    assert "Nothing was found." in text


def test_a_finding_is_shown_with_its_reason_and_its_fix(make_wheel):
    path = make_wheel()
    with path.open("ab") as file:
        file.write(b"trailing")
    text = text_of(doctor.answer(f" {path} "))
    assert f'<a href="{RULES["I102"].link}"' in doctor.answer(f" {path} ")
    for part in (
        "index take it: no",
        "error I102 trailing-data: 8 bytes",
        "why: The index refuses",
        "fix: python -m zip",
    ):
        assert part in text


@pytest.mark.parametrize(("text", "code"), [
    ("tiny/_x.so needs libfoo.so.1, and the loader does not look", ["tiny/_x.so", "libfoo.so.1"]),
    ("link with -z noexecstack and without -march=native (GLIBC_2.34)", ["-z", "-march=native", "GLIBC_2.34"]),
    ("the index, pip and/or uv do not compare it; python -m installer --validate-record does",
     ["python -m installer", "--validate-record"]),
    ("linked to a Python: /Library/Python.framework/Python", ["/Library/Python.framework/Python"]),
    ("into tiny-1.0.dist-info/sboms/ for pyproject.toml", ["tiny-1.0.dist-info/sboms/", "pyproject.toml"]),
    ("a well-known word - or 3.12, e.g. this.", []),
])  # fmt: skip
def test_what_is_code_in_a_sentence(text, code):
    found = list(pieces(text))
    assert "".join(one for one, _ in found) == text
    assert [one for one, is_code in found if is_code] == code


def test_a_fix_that_is_a_command_is_code_as_a_whole():
    fix = "on a Mac: delocate-wheel -w out a b.whl (it copies)"
    assert list(pieces(fix, fix=True)) == [
        ("on a Mac: ", False),
        ("delocate-wheel -w out a b.whl", True),
        (" (it copies)", False),
    ]


def test_a_name_that_is_html_stays_text():
    finding = dict.fromkeys(("level", "code", "name", "why", "link"), "x") | {
        "what": "a/<b>/_c.so",
        "fix": "python -m <b>",
    }
    answer = Tags(report({"file": "<b>", "verdicts": {}, "findings": [finding]}))
    assert "b" not in [tag for tag, _ in answer.found]
    assert "x: a/<b>/_c.so" in answer.text
    assert "fix: python -m <b>" in answer.text


@pytest.mark.parametrize(("given", "says"), [
    ("", "Give the path of a wheel"),
    ("notes.txt", "it does not end in .whl"),
    ("<b>-1.0-py3-none-any.whl", "Not a wheel's name"),
    ("nowhere/" + NAME, f"There is no file nowhere/{NAME}"),
])  # fmt: skip
def test_what_cannot_be_examined_is_told_in_a_sentence(given, says):
    answer = Tags(doctor.answer(given))
    assert says in answer.text
    assert [tag for tag, _ in answer.found] == ["p"]


@pytest.mark.parametrize(
    "data", [b"", b"no zip archive", b"PK\x05\x06" + bytes(18)], ids=["empty", "text", "no member"]
)
def test_a_damaged_file_ends_in_a_sentence_or_a_report(tmp_path, data):
    path = tmp_path / NAME
    path.write_bytes(data)
    text = text_of(doctor.answer(str(path)))
    assert NAME in text
    assert "Traceback" not in text


def test_what_a_file_says_is_not_run_on_the_page():
    finding = {"level": "error", "code": "I101", "name": "a-name", "what": "<b>what</b>", "why": "<i>", "fix": "<u>",
               "link": 'https://a"><script>'}  # fmt: skip
    made = Tags(report({"file": "<script>", "verdicts": {"index": "no"}, "findings": [finding]}))
    assert not {"b", "i", "u", "script"} & {tag for tag, _ in made.found}
    assert "<b>what</b>" in made.text


def test_a_process_that_says_nothing_is_told_with_its_status(make_wheel, monkeypatch):
    monkeypatch.setattr(doctor.sys, "executable", "/bin/false" if os.path.exists("/bin/false") else "/usr/bin/false")
    assert "the examination ended with status 1" in text_of(doctor.answer(str(make_wheel())))


def test_the_field_follows_what_is_typed_and_uploaded(tmp_path, good_wheel):
    wheel = good_wheel()
    control = doctor.control(folder=tmp_path / "uploaded")
    path, upload = control.inputs
    path.value = str(wheel)
    assert "Nothing was found" in control.answer.value
    content = {"number": 1, "name": wheel.name, "size": wheel.stat().st_size, "offset": 0}
    upload._handle_custom_msg(content, [memoryview(wheel.read_bytes())])
    assert path.value == str(tmp_path / "uploaded" / wheel.name)
    assert "Nothing was found" in control.answer.value
    # the same name again, and other bytes
    upload._handle_custom_msg({**content, "number": 2, "size": 3}, [memoryview(b"abc")])
    assert "Nothing was found" not in control.answer.value
    assert wheel.name in control.answer.value


def test_an_index_is_asked_when_the_button_is_pressed_and_only_then(tmp_path, good_wheel):
    asked = []

    def fetch(project: str, folder: Path) -> Path:
        asked.append((project, folder))
        if project == "offline":
            raise ValueError("The index cannot be reached.")
        if project == "slow":
            raise KeyboardInterrupt
        return good_wheel()

    control = doctor.control(folder=tmp_path, fetch=fetch, command=lambda project: f"pip download {project}")
    path, _, project, button = control.inputs
    project.value = "offline"
    assert text_of(control.answer.value) == "The button runs: pip download offline"
    assert asked == []
    button.click()
    assert text_of(control.answer.value) == "The index cannot be reached."
    project.value = "slow"
    button.click()
    assert text_of(control.answer.value) == "interrupted"
    project.value = "tiny"
    button.click()
    assert asked == [(name, tmp_path) for name in ("offline", "slow", "tiny")]
    assert path.value.endswith(".whl")
    assert "Nothing was found" in control.answer.value
    project.value = ""
    assert "Give the path of a wheel" in control.answer.value
