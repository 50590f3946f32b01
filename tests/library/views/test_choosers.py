"""The archive and the linkage: what is chosen is answered, by the facts of the wheel alone."""

import ipywidgets
import pytest
from traitlets import TraitError
from view_samples import Tags

from wheel_lab.views import archive, linkage
from wheel_lab.views.chooser import Chooser
from wheel_lab.views.drawing import DARK_RULE, Drawing
from wheel_lab.views.picture import Control

HOSTILE = "<img src=x onerror=alert(1)>\x1b[31m.py"


@pytest.fixture
def pair(make_wheel, compile_c, tmp_path):
    """Make a wheel that misses a library, and the same with the library in it, as a repair would."""
    library = compile_c("int inner() { return 1; }", "-Wl,-soname,libinner.so", name="libinner.so")
    extension = compile_c("int inner(); int outer() { return inner(); }", f"-L{tmp_path}", "-linner", name="ext.so")
    common = {"tiny/ext.so": extension.read_bytes(), HOSTILE: b"x = 1\n", "data.bin": b"\0\1", "empty.py": b""}
    late = {"tiny/late.txt": b"same\n" * 300 + b"old"}
    (tmp_path / "raw").mkdir()
    raw = make_wheel({**common, **late, "tiny/gone.py": b"bye\n"}, name="tiny-1.0-cp312-cp312-linux_x86_64.whl")
    raw = raw.rename(tmp_path / "raw" / raw.name)
    late = {"tiny/late.txt": b"same\n" * 300 + b"new"}
    more = {"tiny.libs/libinner.so": library.read_bytes(), "tiny.py": b"ANSWER = 43\n"}
    return raw, make_wheel({**common, **late, **more}, name="tiny-1.0-cp312-cp312-manylinux_2_39_x86_64.whl")


def choose(control, beginning):
    """Choose the last node whose text begins so, and return the answer."""
    chooser = control.inputs[0]
    chooser.value = max(place for place, (text, *_) in enumerate(chooser.nodes) if text.startswith(beginning))
    return Tags(control.answer.value)


@pytest.mark.parametrize("make", [archive.archive_map, linkage.linkage])
def test_form_of_the_controls(pair, make):
    for control in (make(pair[1]), make(pair[1], before=pair[0])):
        assert isinstance(control, Control)
        assert control.children == (*control.inputs, control.answer)
        assert len(repr(control)) <= 110
        assert repr(control).endswith("Run this cell to use it.")
        (chooser,) = control.inputs
        assert chooser.description.endswith(":")
        assert isinstance(control.answer, ipywidgets.HTML)
        parents = [parent for _, _, parent in chooser.nodes]
        assert all(parent < place for place, parent in enumerate(parents))
        for place, left, top, width, height in chooser.spots:
            assert 0 <= place < len(chooser.nodes)
            assert -1 <= left <= left + width <= chooser.size[0] + 1
            assert -1 <= top <= top + height <= chooser.size[1] + 1
        assert chooser.source.startswith("data:image/svg+xml;base64,")
        answers = []
        for place in range(len(chooser.nodes)):
            chooser.value = place
            answers.append(control.answer.value)
        assert len(set(answers)) >= len(answers) - 1
        assert not any("<img" in answer or "\x1b" in answer for answer in answers)


def test_a_chosen_file_is_read(pair):
    control = archive.archive_map(pair[1])
    assert choose(control, "tiny.py").text.endswith("Its text:ANSWER = 43")
    answer = choose(control, "ext.so")
    assert "What its headers ask for:" in answer.text
    assert "NEEDED  libinner.so" in answer.text
    (block,) = (attributes for tag, attributes in answer.found if tag == "pre")
    assert block["tabindex"] == "0"
    assert block["aria-label"] == "tiny/ext.so"
    assert "No text. Its first bytes:00 01" in choose(control, "data.bin").text
    assert choose(control, "empty.py").text.endswith("It is empty.")
    assert choose(control, "tiny.libs/").text.startswith("tiny.libs/: ")
    assert choose(control, "late.txt").text.endswith("… and more")
    assert choose(control, "the whole wheel").text == archive.sentences(archive.list_wheel(pair[1]))
    assert "<img src=x onerror=alert(1)>\\x1b[31m.py: 6 bytes" in choose(control, "<img").text


def test_of_what_a_repair_changed_the_difference_is_shown(pair):
    control = archive.archive_map(pair[1], pair[0])
    answer = choose(control, "tiny.py").text
    assert answer.endswith("changed. - is before, + is after:- ANSWER = 42\n+ ANSWER = 43")
    assert "; new. What its headers ask for:" in choose(control, "libinner.so").text
    assert choose(control, "gone.py").text.endswith("; it is gone, and said:bye")
    assert "changed further down than is shown here" in choose(control, "late.txt").text
    assert "; changed." in choose(control, "WHEEL").text
    notes = {text: note for text, note, _ in control.inputs[0].nodes}
    assert notes["libinner.so"].endswith(", new")
    assert notes["gone.py"] == "4 bytes, gone"
    assert notes["tiny/"].endswith("kB, 1 changed, 1 gone")
    assert choose(control, "tiny/").text.startswith("tiny/: 2 files, ")
    # Each box leads to a file of the tree, those of the other wheel as well.
    places = {place for place, *_ in control.inputs[0].spots}
    assert {text for place, (text, *_) in enumerate(control.inputs[0].nodes) if place in places} >= {
        "ext.so",
        "libinner.so",
    }


def test_a_wheel_that_goes_away_is_said(pair):
    control = archive.archive_map(pair[1], pair[0])
    pair[1].unlink()
    assert "No such file" in choose(control, "tiny.py").text


def test_of_a_folder_with_very_many_files_the_rest_is_counted(make_wheel):
    many = {f"data/{number:04}.txt": b"x" * (number % 7) for number in range(archive.INSIDE + 50)}
    control = archive.archive_map(make_wheel(many))
    assert choose(control, "and 50 more").text.startswith("and 50 more: 50 files, ")
    assert len(control.inputs[0].nodes) < archive.INSIDE + 15


def test_a_chosen_library_says_who_needs_it(pair):
    control = linkage.linkage(pair[1])
    picture = control.inputs[0].source
    answer = choose(control, "libinner.so").text
    assert answer.startswith("tiny.libs/libinner.so: in the wheel, and another file in it needs it.")
    assert answer.endswith("Needed by: ext.so.")
    assert control.inputs[0].source != picture  # its lines are bold
    answer = choose(control, "ext.so").text
    assert "Needs: libinner.so (carried)" in answer
    assert "Its floor: " in answer
    assert choose(control, "the whole wheel").text == linkage.sentences(linkage.link_graph(pair[1]))
    assert control.inputs[0].source == picture


def test_before_and_after_are_both_there(pair):
    control = linkage.linkage(pair[1], pair[0])
    texts = [(text, note) for text, note, _ in control.inputs[0].nodes]
    assert ("libinner.so", "missing") in texts
    assert any(text == "libinner.so" and note.startswith("carried") for text, note in texts)
    assert texts[0] == ("before", "")
    assert choose(control, "after").text == linkage.sentences(linkage.link_graph(pair[1]))


def test_a_system_library_says_what_is_asked_of_it(specimen):
    control = linkage.linkage(specimen("numpy-1.21.2"))
    answer = choose(control, "libm.so.6").text
    assert "The newest version that is asked of it: glibc 2.2.5, for " in answer
    assert ", and " in answer
    musl = linkage.linkage(specimen("musllinux"))
    assert "Its floor: none." in choose(musl, "libstdc++").text


def test_a_chooser_takes_one_of_its_nodes():
    chooser = Chooser(
        description="Name:", nodes=[("a", "", -1), ("b", "1 byte", 0)], drawing=Drawing(9, 9, "", "a"), spots=[]
    )
    chooser.value = 1
    for wrong in (2, -1):
        with pytest.raises(TraitError, match="is the place of no node"):
            chooser.value = wrong
    chooser.show(Drawing(9, 9, "<path/>", "another"))
    assert chooser.alt == "another"
    assert DARK_RULE in chooser._css
    assert "innerHTML" not in chooser._esm  # names are put in as text
