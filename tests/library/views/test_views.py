"""A picture has words of its own, a control follows its inputs, and the facts below them need neither."""

import base64
import itertools
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import ipywidgets
import matplotlib
import pytest
from matplotlib.figure import Figure
from PIL import Image, ImageFont
from traitlets import TraitError

from wheel_lab import distributions, policies
from wheel_lab.memory import Cache
from wheel_lab.timing import Step, Steps, Sweep
from wheel_lab.views import filename, floor, roofline, steps, timings
from wheel_lab.views.picture import Drawing, Picture
from wheel_lab.views.slider import Slider

SWEEP = Sweep({"fast": {1: 6e-8, 1000: 1.85e-7}, "slow": {1: 1e-7, 1000: 5e-5}, "steady <1>": {1: 5e-7, 1000: 5e-7}})
ONCE = Steps((Step("compile a file with a long name.cpp", 3.3), Step("link", 1.9)))
AGAIN = Steps((Step("build", 1.4), Step("repair", 0.0007)))
LIMITS = Sweep({"an empty call": {1: 2e-8, 1000: 2e-8}, "reading alone": {1: 1e-9, 1000: 1e-7}})
CACHES = (Cache("L1", 1600), Cache("L2", 2 << 20))  # full at 100, and at 131,072
CONTROLS = {"filename": filename.control, "floor": floor.control, "timings": lambda: timings.control(SWEEP)}


class Tags(HTMLParser):
    """Collect the tags and the text of an HTML answer."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def images(self) -> list[dict]:
        return [attributes for tag, attributes in self.found if tag == "img"]


# --- pictures ---


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


# --- controls ---


@pytest.mark.parametrize("name", CONTROLS)
def test_form_of_a_control(name):
    control = CONTROLS[name]()
    assert isinstance(control, ipywidgets.VBox)
    assert len(repr(control)) <= 110
    assert control._repr_mimebundle_()["text/plain"] == repr(control)
    assert repr(control).endswith("Run this cell to use it.")
    assert control.children == (*control.inputs, control.answer)
    for one in control.inputs:
        assert one.description.endswith(":")
        assert isinstance(one, Slider) or one.style.description_width == "initial"
    assert isinstance(control.answer, ipywidgets.HTML)


@pytest.mark.parametrize("name", CONTROLS)
def test_every_choice_gives_an_answer_of_its_own(name):
    control = CONTROLS[name]()
    chooser = control.inputs[-1]
    values = [value for _, value in chooser.options if value]
    values = values if len(values) <= 10 else values[::5]  # each picture takes its time
    answers = []
    for value in values:
        chooser.value = value
        answers.append(control.answer.value)
    assert len(set(answers)) == len(values) >= 2


def test_a_slider_takes_one_of_its_values():
    slider = Slider(description="Number:", options=[("one", 1), ("two", 2)], value=1)
    slider.value = 2
    with pytest.raises(TraitError, match="3 is none of the slider's values"):
        slider.value = 3
    assert slider.value == 2


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


def contestants(picture: Picture) -> list:
    """Return the lines of the contestants in a roofline: those with a marker at more than one point."""
    return [line for line in picture.figure.axes[0].lines if line.get_marker() != "None" and len(line.get_xdata()) > 1]


def words(picture: Picture) -> list[str]:
    """Return what is written in a picture, from the first to the last."""
    return [text.get_text().replace("\n", " ") for text in picture.figure.axes[0].texts]


def test_roofline():
    picture = roofline.figure(SWEEP, LIMITS)
    assert all(name in picture.alt for name in (*SWEEP.times, *LIMITS.times))
    assert not re.search(r"\d (ns|µs|ms|GB)", picture.alt), "the text is compared, and times differ"
    fast, *others = contestants(picture)
    assert list(fast.get_ydata()) == pytest.approx([16 / 60, 16 * 1000 / 185])  # bytes a nanosecond are GB/s
    assert len({line.get_marker() for line in (fast, *others)}) == 3
    assert words(picture)[-3:] == ["slow", "steady <1>", "fast"]  # from the bottom to the top


def test_the_limits_stand_where_they_were_measured():
    axes = roofline.figure(SWEEP, LIMITS).figure.axes[0]
    of_call, of_reading = (line for line in axes.lines if line.get_linestyle() in ("--", ":"))
    assert list(of_call.get_ydata()[[0, -1]]) == pytest.approx([0.8, 800])
    # reading is drawn only where it is the limit: right of where the two cross
    seen = of_reading.get_ydata()[of_reading.get_ydata() > 0]
    assert len(seen) < len(of_reading.get_ydata())
    assert seen[-1] == pytest.approx(160)
    # what is out of reach begins at the lower one of the two, all the way
    (area,) = axes.collections
    edge = area.get_paths()[0].vertices
    assert edge[:, 1].min() == pytest.approx(0.8)
    assert edge[edge[:, 0].argmax(), 1] == pytest.approx(160)


def test_every_contestant_and_limit_is_inside_the_picture():
    axes = roofline.figure(SWEEP, LIMITS, CACHES).figure.axes[0]
    low, high = axes.get_ylim()
    assert all(low < value < high for line in contestants(Picture(axes.figure, "")) for value in line.get_ydata())
    assert low < 160 < high


def test_the_levels_are_named_with_their_size_and_speed_where_they_are_known():
    known = roofline.figure(SWEEP, LIMITS, CACHES)
    assert [word for word in words(known) if word.startswith(("L", "beyond"))] == ["L1 1.5625 KiB 16 GB/s",
                                                                                  "L2 2 MiB 160 GB/s"]  # fmt: skip
    assert known.alt.endswith("The levels of the memory: L1, L2.")
    unknown = roofline.figure(SWEEP, LIMITS)
    assert "levels" not in unknown.alt
    assert not [word for word in words(unknown) if "GB/s" in word]
    beyond = roofline.figure(SWEEP, LIMITS, CACHES[:1])
    assert "beyond L1 160 GB/s" in words(beyond)
    assert beyond.alt.endswith("The levels of the memory: L1, beyond L1.")


def test_roofline_passes_over_what_is_not_there():
    picture = roofline.figure(Sweep({"old": {1: 1e-7, 10: 2e-7}, "new": {}}), LIMITS)
    assert "new" not in picture.alt
    assert words(picture)[-1] == "old"
    assert "new" not in words(picture)


def test_roofline_refuses_what_it_cannot_draw():
    with pytest.raises(ValueError, match="nothing was measured"):
        roofline.figure(Sweep({"new": {}}), LIMITS)
    with pytest.raises(ValueError, match="here are 3"):
        roofline.figure(SWEEP, SWEEP)


def test_labels_of_lines_that_end_close_together_are_pushed_apart():
    close = Sweep({name: {1: 1e-7, 1000: time} for name, time in (("a", 1e-5), ("b", 1.01e-5), ("c", 1.02e-5))})
    heights = [text.xy[1] for text in roofline.figure(close, LIMITS).figure.axes[0].texts[-3:]]
    assert [b - a for a, b in itertools.pairwise(heights)] == pytest.approx([timings.GAP] * 2)


def test_lines_of_times():
    picture = timings.lines(SWEEP)
    assert all(name in picture.alt for name in SWEEP.times)
    assert not re.search(r"\d (ns|µs|ms)", picture.alt), "the text is compared, and times differ"
    assert [list(line.get_ydata()) for line in contestants(picture)] == [
        list(row.values()) for row in SWEEP.times.values()
    ]
    assert words(picture)[-3:] == ["fast", "steady <1>", "slow"]  # from the bottom to the top
    with pytest.raises(ValueError, match="nothing was measured"):
        timings.lines(Sweep({"new": {}}))


def bars_of(drawing) -> list[tuple[float, float]]:
    """Return where each bar begins, and how long it is."""
    tags = [attributes for tag, attributes in Tags(drawing.svg).found if tag == "rect"]
    return [(float(one["x"]), float(one["width"])) for one in tags if one.get("class") == "bar"]


def written(drawing) -> list[str]:
    """Return what is written in a drawing, from the top to the bottom."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", drawing.svg)


def test_bars_say_how_many_times_as_long():
    drawing = timings.bars(SWEEP, 1000)
    assert drawing.alt == (
        "Time of one call at length 1,000, the fastest first: fast: 185 ns, the fastest; "
        "steady <1>: 500 ns, 2.7 times as long; slow: 50 µs, 270 times as long."
    )
    assert written(drawing)[-6:] == [
        "fast", "185 ns, the fastest", "slow", "50 µs, 270 times as long", "steady &lt;1&gt;",
        "500 ns, 2.7 times as long",
    ]  # fmt: skip
    assert "b: 1.0 µs, about as long" in timings.bars(Sweep({"a": {1: 1e-6}, "b": {1: 1.04e-6}}), 1).alt
    (_, fast), (_, slow), (_, steady) = bars_of(drawing)
    assert fast < steady < slow
    with pytest.raises(ValueError, match="nothing was measured at length 7"):
        timings.bars(SWEEP, 7)


def test_only_the_bars_move_from_one_length_to_the_next():
    """The axis, the rows and their names stay where they are; what was not measured says so in its row."""
    some = Sweep({"lists": {1: 1e-7, 1000: 5e-5}, "arrays": {1: 4e-7, 1000: 5e-7, 10**7: 4e-3}, "new": {}})
    short, long = (timings.bars(some, n) for n in (1, 10**7))
    places = re.compile(r'<path d="[^"]*"|<text [^>]*anchor="(?:end|middle)"[^>]*>[^<]*')
    assert places.findall(short.svg) == places.findall(long.svg) != []
    assert short.svg.split(">")[0] == long.svg.split(">")[0]  # the same size
    assert len(bars_of(short)) == 2
    assert len(bars_of(long)) == 1
    assert "not measured at this length" in written(long)
    assert long.alt.endswith("arrays: 4.0 ms, the fastest. Not measured at this length: lists.")
    assert "new" not in written(long)
    # ten times as long is the same step on the paper at every length
    (_, fast), (_, slow) = bars_of(timings.bars(Sweep({"a": {1: 1e-7, 2: 1e-4}, "b": {1: 1e-6, 2: 1e-3}}), 1))
    (_, later_fast), (_, later_slow) = bars_of(
        timings.bars(Sweep({"a": {1: 1e-7, 2: 1e-4}, "b": {1: 1e-6, 2: 1e-3}}), 2)
    )
    assert slow - fast == pytest.approx(later_slow - later_fast, abs=0.01)


def test_the_words_behind_the_longest_bar_have_room():
    drawing = timings.bars(Sweep({"a method with a long name, lists": {1: 1e-8}, "b": {1: 0.1}}), 1)
    end = max(start + length for start, length in bars_of(drawing))
    assert "100 ms, 10,000,000 times as long" in written(drawing)
    assert end + 6 + 6.5 * len("100 ms, 10,000,000 times as long") < timings.WIDTH  # a letter is narrower than 6.5


def test_timings_control():
    control = timings.control(SWEEP, start=1000)
    assert "slow: 50 µs" in control.answer.value
    control.inputs[0].value = 1
    assert "slow: 100 ns" in control.answer.value
    assert "<1>" not in control.answer.value
    with pytest.raises(ValueError, match="nothing was measured"):
        timings.control(Sweep({}))


def test_steps_figure():
    picture = steps.figure(AGAIN, ONCE)
    assert all(step.name in picture.alt for step in (*AGAIN.results, *ONCE.results))
    assert not re.search(r"\d m?s\b", picture.alt), "the text is compared, and times differ"
    axes = picture.figure.axes[0]
    assert [bar.get_width() for bar in axes.patches] == [3.3, 1.9, 1.4, 0.0007]
    assert [bool(bar.get_hatch()) for bar in axes.patches] == [True, True, False, False]
    assert [text.get_text() for text in axes.texts] == ["3.3 s", "1.9 s", "1.4 s", "700 µs"]
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "compile a file with a long name.cpp, first time only", "link, first time only", "build", "repair",
    ]  # fmt: skip
    assert axes.yaxis_inverted()  # the first step is on top


def test_steps_figure_without_a_first_time():
    picture = steps.figure(AGAIN)
    assert "first time" not in picture.alt
    assert [bar.get_width() for bar in picture.figure.axes[0].patches] == [1.4, 0.0007]
    with pytest.raises(ValueError, match="no steps"):
        steps.figure(Steps(()))
