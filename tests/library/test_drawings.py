"""The two pictures of a wheel as SVG, by the core alone: what is where, and that a hostile name draws nothing."""

import itertools
import re
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from wheel_lab.linkfiles import Judge
from wheel_lab.linkgraph import LinkGraph, Node
from wheel_lab.listing import Entry, Folder, Listing
from wheel_lab.policies import known
from wheel_lab.views import layers, treemap
from wheel_lab.views.columns import ROWS, place
from wheel_lab.views.squares import lay_out, squarify

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '</text><script>alert("1")</script>&\x1b[31m\u202e.so'


def drawn(svg):
    return ElementTree.fromstring(svg)


def written(svg):
    return [text.text or "" for text in drawn(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("name", ["drawing", "squares", "treemap", "columns", "layers"])
def test_what_draws_needs_the_core_alone(name):
    code = f"import wheel_lab.views.{name}, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert f"wheel_lab.views.{name}" in loaded
    assert not {"matplotlib", "numpy", "IPython", "ipywidgets", "anywidget", "traitlets"} & set(loaded)


# --- the archive -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [[6, 6, 4, 3, 2, 2, 1], [1], [1000, 1, 1], [5] * 40, [10**9, 1]])
@pytest.mark.parametrize("box", [(0, 0, 60, 40), (7, 3, 10, 400)])
def test_areas_are_in_proportion_and_fill_the_rectangle(sizes, box):
    x, y, width, height = box
    places = squarify(sizes, box)
    whole = sum(sizes)
    for size, (left, top, wide, high) in zip(sizes, places, strict=True):
        assert wide * high == pytest.approx(width * height * size / whole)
        assert x - 1e-6 <= left <= left + wide <= x + width + 1e-6
        assert y - 1e-6 <= top <= top + high <= y + height + 1e-6
    if len(sizes) < 10:
        for one, other in itertools.combinations(places, 2):
            assert overlap(one, other) < 1e-6


def overlap(one, other):
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(0, wide) * max(0, high)


def test_squares_are_nearly_square_and_nothing_has_no_place():
    assert squarify([], (0, 0, 10, 10)) == []
    assert squarify([1, 1], (0, 0, 0, 0)) == [(0, 0, 0, 0)] * 2
    # The example of the paper: 6, 6, 4, 3, 2, 2, 1 in 6 by 4.
    first, second, *_ = squarify([6, 6, 4, 3, 2, 2, 1], (0, 0, 6, 4))
    assert first == (0, 0, 3, 2)
    assert second == (0, 2, 3, 2)


def listing(*entries, before=None):
    return Listing("tiny-1.0-py3-none-any.whl", 5000, tuple(Entry(*one) for one in entries), before)


FILES = [
    ("tiny/large.so", 90_000, 30_000), ("tiny/a.py", 40_000, 9_000), ("tiny/sub/b.py", 30_000, 9_000),
    ("tiny-1.0.dist-info/METADATA", 20_000, 900), ("tiny/empty.py", 0, 2),
    *((f"tiny/many/{number}.py", 5, 5) for number in range(300)),
]  # fmt: skip


def test_every_file_has_a_box_or_is_counted_in_one():
    tree = listing(*FILES).tree()
    boxes = lay_out(tree, (0, 0, 640, 380))
    alone = {box.of.name for box in boxes if isinstance(box.of, Entry) and not box.together}
    assert alone == {"tiny/large.so", "tiny/a.py", "tiny/sub/b.py", "tiny-1.0.dist-info/METADATA"}
    together = [box for box in boxes if box.together or box.whole]
    assert [(box.of.name, box.together, box.whole) for box in together] == [("tiny/many/", 0, True)] or together
    area = {box.of.name: box.place[2] * box.place[3] for box in boxes}
    assert area["tiny/large.so"] / area["tiny/a.py"] == pytest.approx(90 / 40)
    for one, other in itertools.combinations([box for box in boxes if not isinstance(box.of, Folder)], 2):
        assert overlap(one.place, other.place) < 1e-6


def test_small_files_are_drawn_together_and_counted():
    tree = listing(("big.so", 10**6, 1), *((f"{number}.py", 2, 1) for number in range(250))).tree()
    (rest,) = (box for box in lay_out(tree, (0, 0, 640, 380)) if box.together)
    assert (rest.of, rest.together) == (tree, 250)
    even = listing(("big.so", 100, 1), *((f"{number}.py", 1, 1) for number in range(9000))).tree()
    (rest,) = (box for box in lay_out(even, (0, 0, 640, 380)) if box.together)
    assert rest.together == 9000
    assert rest.place[2] * rest.place[3] > 0.98 * 640 * 380
    assert "9,000 small" in written(
        treemap.to_svg(listing(("big.so", 100, 1), *((f"{n}.py", 1, 1) for n in range(9000))))
    )


def test_the_map_names_what_has_room_and_says_it_in_words():
    one = listing(*FILES)
    words = written(treemap.to_svg(one))
    assert {"tiny-1.0-py3-none-any.whl", "305 files, 181.5 kB unpacked, 5.0 kB as a wheel", "large.so", "tiny/"} <= set(
        words
    )
    assert treemap.sentences(one) == (
        "tiny-1.0-py3-none-any.whl: 305 files, 181.5 kB unpacked, 5.0 kB as a wheel. A box for each file, as large as "
        "its part of the bytes of its folder. The largest: tiny/large.so, 50 % of the bytes, tiny/a.py, 22 % of the "
        "bytes, tiny/sub/b.py, 17 % of the bytes."
    )


def test_what_came_changed_and_went_is_drawn_without_relying_on_colour():
    old = listing(("a.so", 500, 1), ("same.py", 300, 1), ("went.py", 200, 1))
    new = [("a.so", 600, 1, "changed"), ("same.py", 300, 1), ("came.py", 400, 1, "new"), ("went.py", 200, 1, "gone")]
    new = listing(*new, before=old)
    svg = treemap.to_svg(new)
    shapes = [shape.get("class") for shape in drawn(svg).iter() if shape.get("class")]
    # One in the map, one in the key; the other wheel's file is crossed out.
    assert (shapes.count("new"), shapes.count("changed"), shapes.count("gone")) == (1, 2, 2)
    words = written(svg)
    assert {"+ came.py", "~ a.so", "- went.py", "+ new: came.py", "~ changed: a.so", "- gone: went.py"} <= set(words)
    (_, (_, _, wide, high)), (_, (_, _, wider, higher)) = treemap.maps(new)
    assert wider * higher / (wide * high) == pytest.approx(1300 / 1000)
    assert treemap.sentences(new).endswith("New: came.py. Changed: a.so. Gone: went.py.")
    assert treemap.sentences(listing(("a.so", 500, 1), before=old)).endswith("No file has changed.")
    many = listing(*((f"{n}.py", 10, 1, "new") for n in range(20)), before=old)
    assert "4.py, and 15 more." in treemap.sentences(many)
    assert any(word.startswith("+ new (20): 0.py, 1.py") for word in written(treemap.to_svg(many)))


def test_an_empty_wheel_and_an_empty_one_before():
    for one in (listing(), listing(("e.py", 0, 2)), listing(("a.py", 5, 5, "new"), before=listing())):
        assert drawn(treemap.to_svg(one)).get("viewBox").startswith("0 0 640 ")
    assert "0 bytes" in treemap.sentences(listing())


def test_a_small_map_beside_a_large_one_keeps_the_words_apart():
    small = listing(("a.py", 100, 1))
    svg = treemap.to_svg(listing(("a.py", 100, 1), ("lib.so", 9 * 10**9, 1, "new"), before=small))
    at = {text.text: float(text.get("x")) for text in drawn(svg).iter(f"{SVG}text")}
    assert at["after: 9.0 GB"] > at["before: 100 bytes"] + 7 * len("before: 100 bytes")


# --- the linkage -----------------------------------------------------------------------------------------------------


def graph(*nodes):
    return LinkGraph("tiny-1.0.whl", Judge(f"{known()[0].name}, which its name claims", None), tuple(nodes), ())


SMALL = graph(
    Node("tiny/ext.cpython-312-x86_64-linux-gnu.so", "file", "GLIBC_2.5", ("f",), ("tiny.libs/liba-1.so", "libc.so.6")),
    Node("tiny.libs/liba-1.so", "carried", "GLIBC_2.3", ("g",), ("tiny.libs/libb-2.so", "libgone.so")),
    Node("tiny.libs/libb-2.so", "carried", None, (), ("libc.so.6",)),
    Node("libc.so.6", "allowed", "GLIBC_2.5", ("f",), ()),
    Node("libgone.so", "missing", None, (), ()),
)


def test_columns_go_from_files_to_what_is_not_in_the_wheel():
    columns = {box.nodes[0].name: box.column for box in place(SMALL, 0)}
    assert list(columns.values()) == [0, 1, 2, 3, 3]
    boxes = [box.place for box in place(SMALL, 0)]
    assert all(overlap(one, other) == 0 for one, other in itertools.combinations(boxes, 2))
    flat = graph(*SMALL.nodes[2:4])
    assert {box.nodes[0].kind: box.column for box in place(flat, 0)} == {"carried": 1, "allowed": 2}


def test_libraries_in_a_circle_have_a_place():
    ring = [Node(f"lib{n}.so", "carried", None, (), (f"lib{(n + 1) % 3}.so",)) for n in range(3)]
    assert {box.column for box in place(graph(*ring), 0)} == {1}
    assert len(re.findall('class="edge"', layers.to_svg(graph(*ring)))) == 3
    itself = Node("lib.so", "file", None, (), ("lib.so",))
    assert 'class="edge"' not in layers.to_svg(graph(itself))


def test_the_picture_says_kind_and_floor_of_each_in_words():
    words = written(layers.to_svg(SMALL))
    assert {"ext….so", "glibc 2.5", "liba-1.so", "allowed: glibc 2.5", "libgone.so", "missing", "carried"} <= set(words)
    assert "judged by manylinux_2_5_x86_64, which its name claims" in words
    edges = [edge.get("stroke-dasharray") for edge in drawn(layers.to_svg(SMALL)).iter(f"{SVG}path")]
    assert len(edges) == 5
    assert edges.count("6 4") == 1  # to what is missing
    assert layers.sentences(SMALL) == (
        "tiny-1.0.whl, judged by manylinux_2_5_x86_64, which its name claims. Files that no other one needs: 1. "
        "Carried: liba-1.so (glibc 2.3), libb-2.so. Allowed: libc.so.6 (glibc 2.5). Missing: libgone.so."
    )


def test_the_chosen_one_has_bold_lines_and_the_others_are_faint():
    svg = layers.figure(SMALL, chosen="libc.so.6").svg
    widths = [edge.get("stroke-width") for edge in drawn(svg).iter(f"{SVG}path")]
    assert widths.count("3") == 2  # who needs libc
    assert {edge.get("stroke-opacity") for edge in drawn(svg).iter(f"{SVG}path")} == {"1", "0.3"}
    plain = layers.to_svg(SMALL)
    assert {edge.get("stroke-opacity") for edge in drawn(plain).iter(f"{SVG}path")} == {"1"}


def test_before_and_after_say_what_differs():
    raw = graph(
        replace(SMALL.nodes[0], needs=("liba.so", "libc.so.6")),
        SMALL.nodes[3],
        Node("liba.so", "missing", None, (), ()),
    )
    drawing = layers.figure(SMALL, raw)
    words = written(drawing.svg)
    assert words.count("~ ext….so") == 2
    assert {"- liba.so", "+ liba-1.so", "+ libb-2.so", "+ libgone.so"} <= set(words)
    assert "libc.so.6" in words
    assert drawing.alt == f"Before: {layers.sentences(raw)} After: {layers.sentences(SMALL)}"
    (_, first), (_, second) = layers.placed(SMALL, raw)
    assert max(box.place[1] for box in first) < min(box.place[1] for box in second)
    assert drawing.height >= max(box.place[1] + box.place[3] for box in second)


def test_many_files_and_libraries_share_boxes_and_are_counted():
    libraries = [Node(f"lib{n}.so", "allowed", f"GLIBC_2.{n}", (), ()) for n in range(30)]
    files = [Node(f"f{n}.so", "file", f"GLIBC_2.{n}", (), (f"lib{n}.so", "lost.so")) for n in range(30)]
    carried = [Node(f"c{n}.so", "carried", "GLIBC_2.2", (), ()) for n in range(12)]
    files[0] = replace(files[0], needs=tuple(one.name for one in carried))
    many = graph(*files, *carried, *libraries, Node("lost.so", "missing", None, (), ()))
    boxes = place(many, 0)
    assert sorted(node.name for box in boxes for node in box.nodes) == sorted(node.name for node in many.nodes)
    for column in range(3):
        assert sum(box.column == column for box in boxes) <= ROWS + 1
    assert [len(box.nodes) for box in boxes if box.nodes[0].kind == "missing"] == [1]
    words = written(layers.to_svg(many))
    assert "22 files: f8.so, …" in words
    assert any(word.startswith("up to glibc 2.") for word in words)
    assert "and 18 more" in layers.sentences(many)
    assert any(re.fullmatch(r"\d+ libraries: .+", word) for word in words)


def test_no_elf_file_and_no_policy():
    assert "no compiled file that a loader links" in written(layers.to_svg(graph()))
    nowhere = replace(SMALL, judge=Judge("no policy", None), nodes=(Node("liba.so", "outside", None, (), ()),))
    assert "outside" in written(layers.to_svg(nowhere))
    assert "judged by no policy" in layers.sentences(nowhere)
    assert drawn(layers.to_svg(SMALL, graph())) is not None


# --- what comes from outside -----------------------------------------------------------------------------------------


def test_a_hostile_name_draws_nothing_and_is_well_formed():
    bad = f"{HOSTILE}/{HOSTILE}"
    maps = treemap.figure(
        listing((bad, 500, 1, "new"), (f"x{HOSTILE}", 400, 1), before=listing((f"y{HOSTILE}", 300, 1)))
    )
    links = layers.figure(
        graph(Node(bad, "file", HOSTILE, (HOSTILE,), (HOSTILE,)), Node(HOSTILE, "missing", None, (), ()))
    )
    for drawing in (maps, links):
        assert drawn(drawing.inline()).get("aria-label") == drawing.alt
        assert drawn(drawing.inline()).get("role") == "img"
        tags = {element.tag.removeprefix(SVG) for element in drawn(drawing.svg).iter()}
        assert tags <= {"svg", "rect", "text", "path", "pattern"}
        for text in (drawing.svg, drawing.inline(), drawing.html()):
            assert "\x1b" not in text
            assert "\u202e" not in text
            assert "<script" not in text


def test_a_picture_of_a_hundred_thousand_files_stays_small():
    names = itertools.count()
    files = tuple(Entry(f"d{n % 100}/{'x' * 50}{next(names)}.py", 10, 5) for n in range(100_000))
    svg = treemap.to_svg(Listing("w.whl", 1, files))
    assert len(svg) < 2_000_000
