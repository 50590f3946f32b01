"""`make notebooks`: a page shows the outputs of one run, and none that belong to this machine."""

from pathlib import Path

import pytest

from tools import notebooks, publish
from tools.notebooks import code_cells

HOST = notebooks.HOSTS[0]


@pytest.fixture
def text(tmp_path):
    """A text of its own, in a folder laid out like the lab's."""
    (tmp_path / "a b" / "text").mkdir(parents=True)
    return tmp_path / "a b" / "text" / "04_try.md"


def write(text: Path, *cells: str) -> None:
    """Write a text that holds these code cells."""
    text.write_text("# Try\n" + "".join(f"\n```{{code-cell}} ipython3\n{cell}\n```\n" for cell in cells))


TICK = "import time\nprint('first')\nprint(f'{time.perf_counter_ns()} ns')"


@pytest.fixture
def times_vary(tmp_path, monkeypatch):
    """Let the comparison look away from a time, and from nothing else."""
    monkeypatch.setattr(notebooks, "NBVAL_CFG", tmp_path / "nbval.cfg")
    notebooks.NBVAL_CFG.write_text("[time]\nregex: \\d+ ns\nreplace: TIME\n")


def outputs(text: Path) -> list[list]:
    """Return the published outputs of each code cell."""
    return [cell.outputs for cell in code_cells(notebooks.read_notebook(notebooks.notebook_of(text)))]


@pytest.mark.usefixtures("times_vary")
def test_a_run_that_says_the_same_leaves_no_diff(text):
    write(text, TICK, "1 + 1")
    assert publish.publish(text) == "written"
    first = notebooks.notebook_of(text).read_bytes()
    assert publish.publish(text) == "as it was"
    assert notebooks.notebook_of(text).read_bytes() == first
    assert publish.publish(text, fresh=True) == "written"
    assert notebooks.notebook_of(text).read_bytes() != first
    assert not [path for path in text.parent.parent.iterdir() if path.name.startswith(".")]


@pytest.mark.usefixtures("times_vary")
def test_prose_changes_without_new_outputs(text):
    write(text, TICK)
    publish.publish(text)
    before = outputs(text)
    text.write_text(text.read_text().replace("# Try", "# Try once more"))
    assert publish.publish(text) == "written"
    assert "Try once more" in notebooks.notebook_of(text).read_text()
    assert outputs(text) == before


@pytest.mark.usefixtures("times_vary")
@pytest.mark.parametrize(("change", "said"), [
    (lambda cells: [cells[0], "print(open('word').read())"], "written anew: another output in [2]"),
    (lambda cells: ["0", *cells], "written anew: it has other cells"),
    (lambda cells: [cells[0], "2 + 2"], "written anew: it has other cells"),
], ids=["another output", "one more cell", "another cell"])  # fmt: skip
def test_where_one_output_is_new_all_of_them_are(text, change, said):
    word = text.parent.parent / "word"
    word.write_text("committed")
    cells = [TICK, "print(open('word').read())"]
    write(text, *cells)
    publish.publish(text)
    (before, _) = outputs(text)
    word.write_text("changed")
    write(text, *change(cells))
    assert publish.publish(text) == said
    assert before not in outputs(text), "the time of an older run stands beside the new output"


@pytest.mark.usefixtures("times_vary")
def test_a_page_from_another_python_is_replaced(text):
    write(text, TICK)
    publish.publish(text)
    page, before = notebooks.notebook_of(text), outputs(text)
    assert f'"version": "{publish.HERE}"' in page.read_text()
    page.write_text(page.read_text().replace(f'"version": "{publish.HERE}"', '"version": "3.8"'))
    assert publish.publish(text) == f"written anew: the committed page is not from Python {publish.HERE}"
    assert outputs(text) != before
    assert publish.publish(text) == "as it was"


def test_another_python_than_that_of_the_image_publishes_nothing(monkeypatch, capsys):
    monkeypatch.setattr(publish, "publish", lambda *_: "written")
    monkeypatch.setattr(publish.sys, "argv", ["publish", "00"])
    monkeypatch.setattr(publish, "HERE", "3.8")
    assert publish.main() == 1
    told = capsys.readouterr()
    agreed = notebooks.agreed_python()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert f"run `make clean`, and then `make notebooks PYTHON=/path/to/python{agreed}`" in told.err
    monkeypatch.setattr(publish, "HERE", agreed)
    assert publish.main() == 0


def test_the_agreed_python_is_that_of_the_image(tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "DOCKERFILE", tmp_path / "Dockerfile")
    line = "RUN /opt/python/cp314-cp314/bin/python -m venv /opt/lab && /opt/python/cp314-cp314/bin/python -m pip\n"
    notebooks.DOCKERFILE.write_text(line)
    assert notebooks.agreed_python() == "3.14"
    notebooks.DOCKERFILE.write_text(line + "RUN /opt/python/cp313-cp313/bin/python -m pip\n")
    with pytest.raises(ValueError, match="unpack"):
        notebooks.agreed_python()


def test_a_picture_is_kept_only_where_it_shows_times(text):
    picture = (
        "import os, base64\nnoise = base64.b64encode(os.urandom(30)).decode()\n"
        "display({'text/plain': 'a picture of noise', 'image/png': noise}, raw=True)"
    )
    write(text, ":tags: [measured]\n\n" + picture)
    publish.publish(text)
    before = outputs(text)
    assert publish.publish(text) == "as it was"
    assert outputs(text) == before
    write(text, picture)
    publish.publish(text)
    before = outputs(text)
    assert publish.publish(text) == "written anew: another output in [1]"
    assert outputs(text) != before


@pytest.mark.parametrize("cell", [
    "import os\nprint(os.path.expanduser('~/x'))",
    "import os\nprint(os.path.realpath('.'))",
    "print('Looking in indexes: somewhere')",
    f"print('https://' + '{HOST}'.lower() + '/simple')",
    "import ipywidgets\nipywidgets.IntSlider(description='a slider without the tag widget')",
])  # fmt: skip
def test_make_notebooks_refuses_what_may_not_be_shown(text, cell):
    write(text, cell)
    with pytest.raises(publish.NotPublishable):
        publish.publish(text)
    assert not notebooks.notebook_of(text).exists()


def test_make_notebooks_refuses_an_error_nobody_announced(text):
    write(text, "1 / 0")
    with pytest.raises(publish.CellExecutionError):
        publish.publish(text)
    write(text, ":tags: [raises-exception]\n\n1 / 0")
    publish.publish(text)
    (cell,) = code_cells(notebooks.read_notebook(notebooks.notebook_of(text)))
    assert cell.outputs[0].traceback == ["ZeroDivisionError: division by zero"]


def test_a_control_is_published_as_its_words(text):
    write(text, ":tags: [widget]\n\nimport ipywidgets\nipywidgets.IntSlider(description='n')")
    publish.publish(text)
    assert "widget-view" not in notebooks.notebook_of(text).read_text()
    assert "IntSlider(value=0, description='n')" in notebooks.notebook_of(text).read_text()
