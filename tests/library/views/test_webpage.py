"""What the web page shows of a file: the report, or a sentence; and pictures, as far as there is something to draw."""

import json

import pytest

from wheel_lab.doctor import examine
from wheel_lab.views import webpage


def silent(words: str) -> None:
    pass


def test_a_wheel_gets_the_report_of_the_command(make_wheel):
    path = make_wheel()
    said: list[str] = []
    found = webpage.examined(str(path), None, said.append)
    report = examine(path)
    assert json.loads(found.json) == json.loads(report.to_json())
    assert found.text == str(report)
    assert '<strong class="yes">yes</strong>' in found.html
    assert found.refused == ""
    assert said[0] == "will the index take it"


@pytest.mark.parametrize(("name", "sentence"), [
    ("notes.txt", "notes.txt is neither a wheel (.whl) nor a source distribution"),
    ("tiny-1.0-py3-none-any.whl", "not a wheel"),
])  # fmt: skip
def test_any_other_file_gets_a_sentence(tmp_path, name, sentence):
    path = tmp_path / name
    path.write_text("hello")
    found = webpage.examined(str(path), None, silent)
    assert sentence in found.refused
    assert found.text == found.refused
    assert found.html == ""
    (one,) = json.loads(found.json)["unexamined"]
    assert f"{one['file']}: {one['why']}" == found.refused
    assert list(webpage.pictures(str(path))) == []


def test_the_page_names_no_option_of_the_command(make_wheel):
    found = webpage.examined(str(make_wheel()), 0, silent)
    assert "takes more than 0 seconds" in found.refused
    assert "--" not in found.refused
    assert json.loads(found.json)["unexamined"][0]["limit"] == "seconds"


def test_a_pure_wheel_has_a_map_and_no_linkage(make_wheel):
    ((title, drawing),) = webpage.pictures(str(make_wheel()))
    assert title == "What is in it"
    assert "tiny-1.0" in drawing.alt


def test_a_compiled_wheel_has_both(specimen):
    pictures = dict(webpage.pictures(str(specimen("musllinux"))))
    assert list(pictures) == ["What is in it", "Who needs whom"]
    assert "libscipy_openblas" in pictures["Who needs whom"].alt


def test_a_rehearsal_changes_nothing(make_wheel):
    path = make_wheel()
    before = path.read_bytes()
    webpage.rehearse(str(path))
    assert path.read_bytes() == before
    assert webpage.examined(str(path), None, silent).refused == ""
