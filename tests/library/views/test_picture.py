"""A picture has words of its own, is the same every time, and nothing of it is cut off."""

import base64
import re
import subprocess
import sys
from xml.etree import ElementTree

import matplotlib
import pytest
from matplotlib.figure import Figure
from PIL import Image
from view_samples import AGAIN, CACHES, LIMITS, ONCE, SWEEP, Tags

from wheel_lab.views import floor, roofline, steps, timings
from wheel_lab.views.drawing import Drawing
from wheel_lab.views.picture import Picture


@pytest.fixture
def picture():
    drawing = Figure(figsize=(2, 1))
    drawing.subplots().plot([1, 2])
    return Picture(drawing, 'a line that "rises" <up>')


def test_a_picture_is_shown_with_its_words(picture):
    data = picture._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert data["text/plain"] == repr(picture) == 'a line that "rises" <up>'
    assert data["text/html"] == picture.html()
    assert set(data) == {"text/html", "image/png", "text/plain"}


def test_the_same_picture_is_the_same_bytes(picture):
    assert picture.png() == picture.png()
    assert b"Software" not in picture.png()
    assert floor.figure("2.28").svg == floor.figure("2.28").svg


def test_an_image_in_html_keeps_its_words(picture):
    (image,) = Tags(picture.html()).images()
    assert image["alt"] == picture.alt
    assert image["src"] == "data:image/png;base64," + base64.b64encode(picture.png()).decode()


def test_a_drawing_is_shown_with_its_words():
    drawing = Drawing(20, 10, "<path/>", 'a line that "rises" <up>')
    data = drawing._repr_mimebundle_()
    assert set(data) == {"text/html", "image/svg+xml", "text/plain"}
    assert data["text/plain"] == repr(drawing) == 'a line that "rises" <up>'
    (image,) = Tags(data["text/html"]).images()
    assert image["alt"] == drawing.alt
    assert image["src"] == "data:image/svg+xml;base64," + base64.b64encode(drawing.svg.encode()).decode()
    assert ElementTree.fromstring(data["image/svg+xml"]).get("viewBox") == "0 0 20 10"


def test_every_picture_has_the_rule_for_the_dark_theme(picture):
    for html in (picture.html(), Drawing(20, 10, "", "a line").html()):
        (image,) = Tags(html).images()
        selector = f"body[data-jp-theme-light='false'] .{image['class']}"
        assert re.search(rf"<style>{re.escape(selector)} {{[^}}]*invert[^}}]*}}</style>", html)


def test_no_figure_is_left_to_pyplot():
    code = (
        "from wheel_lab.timing import Step, Steps\nfrom wheel_lab.views import floor, steps\n"
        "floor.figure('2.28'), steps.figure(Steps((Step('build', 1.4),))).png()\n"
        "import sys; assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_notebooks_own_settings_change_nothing():
    before = steps.figure(AGAIN).png()
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red"}):
        assert steps.figure(AGAIN).png() == before
        assert matplotlib.rcParams["font.size"] == 30  # and a picture leaves them as they were


@pytest.mark.parametrize(
    "make",
    [
        lambda: roofline.figure(SWEEP, LIMITS, CACHES),
        lambda: roofline.figure(SWEEP, LIMITS),
        lambda: timings.lines(SWEEP),
        lambda: steps.figure(AGAIN, ONCE),
        lambda: steps.figure(AGAIN),
    ],
)
def test_nothing_is_cut_off(make, tmp_path):
    """The outermost pixels are all white: what runs out of the picture would colour them."""
    file = tmp_path / "picture.png"
    file.write_bytes(make().png())
    with Image.open(file) as image:
        pixels = image.convert("L")
    width, height = pixels.size
    assert 850 <= width <= 1000
    edges = [(0, 0, 1, height), (width - 1, 0, width, height), (0, 0, width, 1), (0, height - 1, width, height)]
    assert [pixels.crop(edge).getextrema() for edge in edges] == [(255, 255)] * 4
    assert pixels.getextrema()[0] < 100
