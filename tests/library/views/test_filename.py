"""A file name is explained as it is typed, whatever is typed."""

import pytest
from view_samples import Tags

from wheel_lab.views import filename


def test_file_name_control():
    control = filename.control("tiny-1.0-py3-none-any.whl")
    name, examples = control.inputs
    assert "any Python 3" in control.answer.value
    name.value = "tiny-1.0-cp313-cp313-win_amd64.whl"
    assert "Windows" in control.answer.value
    assert "any Python 3<" not in control.answer.value
    examples.value = "packaging-26.3-py3-none-any.whl"
    assert name.value == "packaging-26.3-py3-none-any.whl"
    assert examples.value == "packaging-26.3-py3-none-any.whl"
    name.value += "x"
    assert examples.value == ""
    assert "does not end in .whl" in control.answer.value
    assert name.value.endswith("x")


@pytest.mark.parametrize("bad", ["<script>alert(1)</script>", "a-1.0-<b>-none-any.whl", "<i>-1.0-py3-none-any.whl"])
def test_a_wrong_name_is_told_and_not_run(bad):
    answer = Tags(filename.table(bad))
    assert not {"script", "i"} & {tag for tag, _ in answer.found}
    assert "Not a wheel's name:" in answer.text
    assert "Traceback" not in answer.text


def test_an_empty_field_asks_for_a_name():
    assert Tags(filename.table(" ")).text == "Type a wheel's name: it ends in .whl."


def test_of_a_path_or_a_url_the_file_name_is_taken():
    name = "tiny-1.0-py3-none-any.whl"
    plain = filename.table(name)
    for pasted in (f"dist/{name}", f"https://example.org/{name}#sha256=00"):
        answer = filename.table(pasted)
        assert answer.endswith(plain)
        assert f"The file name in it: {name}" in answer
    assert "The file name in it" not in plain


def test_a_very_long_name_is_not_repeated_and_a_long_one_may_be_broken():
    assert len(filename.table("x" * 3000)) < 300
    for name in (f"{'x' * 200}-1.0-py3-none-any.whl", "x" * 200):
        assert "overflow-wrap:anywhere" in filename.table(name)


def test_the_table_has_headings():
    answer = Tags(filename.table(filename.EXAMPLES["NumPy of 2021, for Linux"]))
    assert [a["scope"] for tag, a in answer.found if tag == "th"] == ["col"] * 3 + ["row"] * 6
