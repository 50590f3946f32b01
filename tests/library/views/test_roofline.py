"""The roofline: the contestants, and the limits where they were measured."""

import itertools
import re

import pytest
from view_samples import CACHES, LIMITS, SWEEP, contestants, words

from wheel_lab.timing import Sweep
from wheel_lab.views import roofline, timings
from wheel_lab.views.picture import Picture


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
