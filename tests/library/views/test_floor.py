"""The floor in a sentence, under a slider, and drawn as the facts say."""

import itertools
import re
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import pytest
from PIL import ImageFont
from view_samples import Tags

from wheel_lab import distributions, policies
from wheel_lab.views import floor


def test_floor_sentences():
    text = floor.sentences("2.28")
    runs, _, rest = text.partition("; not on: ")
    assert "Debian 10" in runs
    assert "CentOS 7" not in runs
    assert rest.startswith("CentOS 7, Amazon Linux 2.")
    assert "does not apply to Alpine" in rest
    every = [f"{one.name} {one.release}" for one in distributions.known()]
    assert all(name in text for name in every)
    assert "not on: none of these" in floor.sentences("2.5")
    assert "runs on: none of these" in floor.sentences("2.99")


def test_floor_control():
    control = floor.control("2.17")
    assert floor.sentences("2.17") in control.answer.value
    control.inputs[0].value = "2.35"
    assert floor.sentences("2.35") in control.answer.value
    (image,) = Tags(control.answer.value).images()
    assert floor.sentences("2.35") in image["alt"]


@pytest.mark.parametrize(("start", "policy"), [("2.10", "2.12"), ("2.25", "2.26"), ("2.29", "2.31"), ("2.2.5", "2.5")])
def test_floor_control_begins_at_the_first_policy_that_allows_the_floor(start, policy):
    control = floor.control(start)
    assert control.inputs[0].value == policy
    assert floor.sentences(policy) in control.answer.value


@pytest.mark.parametrize(("start", "words"), [
    ("2.99", "no policy allows glibc 2.99: the newest that auditwheel knows is for"),
    ("new", "'new' is not a glibc version"),
    ("", "'' is not a glibc version"),
])  # fmt: skip
def test_floor_control_refuses_what_no_policy_allows(start, words):
    with pytest.raises(ValueError, match=words):
        floor.control(start)


SVG = "{http://www.w3.org/2000/svg}"
FLOORS = [None, "2.10", *(policy.glibc for policy in policies.known()), "2.99"]


def drawn(version: str | None) -> ElementTree.Element:
    return ElementTree.fromstring(floor.figure(version).svg)


def numbers(shape: ElementTree.Element) -> tuple[float, float, float, float]:
    """Return where a rectangle begins and ends: left, top, right, bottom."""
    x, y, width, height = (float(shape.attrib[name]) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def place(text: ElementTree.Element) -> tuple[float, float, float, float]:
    """Return the room that a text takes in DejaVu Sans, which is wide as fonts go: left, top, right, bottom."""
    name = "DejaVuSans-Bold.ttf" if text.get("font-weight") == "bold" else "DejaVuSans.ttf"
    fonts = Path(matplotlib.get_data_path()) / "fonts/ttf"
    size = float(text.attrib["font-size"])
    width = ImageFont.truetype(str(fonts / name), size).getlength(text.text)
    left = float(text.attrib["x"]) - {"start": 0, "middle": width / 2, "end": width}[text.attrib["text-anchor"]]
    return left, float(text.attrib["y"]) - 0.8 * size, left + width, float(text.attrib["y"]) + 0.2 * size


@pytest.mark.parametrize("version", FLOORS)
def test_floor_figure_keeps_its_texts_apart_and_the_line_off_them(version):
    drawing = drawn(version)
    width, height = float(drawing.attrib["width"]), float(drawing.attrib["height"])
    texts = {text: place(text) for text in drawing.iter(f"{SVG}text") if text.text}
    for left, top, right, bottom in texts.values():
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
    bars = [numbers(bar) for bar in drawing.iter(f"{SVG}rect") if bar.get("class") == "bar"]
    assert max(right for _, _, right, _ in bars) <= width
    lines = [line.attrib["d"] for line in drawing.iter(f"{SVG}path") if line.get("class") == "floor"]
    assert len(lines) == (version is not None)
    for x, top, bottom in (map(float, re.findall(r"[\d.]+", line)) for line in lines):
        bars.append((x - 1, top, x + 1, bottom))
    for one, other in [*itertools.product(texts.values(), bars), *itertools.combinations(texts.values(), 2)]:
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (one, other)


def test_floor_figure_draws_what_the_facts_say():
    drawing = drawn("2.28")
    known = [one for one in distributions.known() if one.libc == "glibc"]
    boxes = list(drawing.iter(f"{SVG}rect"))
    bars, hatches = ([box for box in boxes if box.get("class") == name] for name in ("bar", "hatch"))
    assert len(bars) == len(known)
    hatched = [numbers(bar) for one, bar in zip(known, bars, strict=True) if one.ended]
    assert [numbers(hatch) for hatch in hatches] == hatched
    (line,) = (line.attrib["d"] for line in drawing.iter(f"{SVG}path") if line.get("class") == "floor")
    edge = float(re.findall(r"[\d.]+", line)[0])
    colours = {True: set(), False: set()}
    for one, bar in zip(known, bars, strict=True):
        colours[one.runs("2.28")].add(bar.get("fill"))
        assert (numbers(bar)[2] > edge) == one.runs("2.28")
    assert len(colours[True]) == len(colours[False]) == 1
    assert not colours[True] & colours[False]
    words = [text.text for text in drawing.iter(f"{SVG}text")]
    assert words.count("does not run") == sum(not one.runs("2.28") for one in known) == 2
    assert words.count("runs") == len(known) - 2
    assert "does not apply: musl 1.2.5, not glibc" in words
