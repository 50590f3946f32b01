"""Times as lines and as bars: in the picture, and in its words."""

import re

import pytest
from view_samples import SWEEP, Tags, contestants, words

from wheel_lab.timing import Sweep
from wheel_lab.views import timings


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
