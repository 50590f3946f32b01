"""Times over lengths: all of them as speeds under their limits, and one of them as bars."""

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import ipywidgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from wheel_lab.memory import Cache, Ceiling, ceilings, size_text
from wheel_lab.timing import Sweep, human, speed
from wheel_lab.views.picture import COLOURS, MARKERS, Control, Picture, answer_text, style
from wheel_lab.views.slider import Slider

__all__ = ["bars", "control", "roofline"]

SENTENCE = "A slider over the vector's length, and under it a bar for each method's time. Run this cell to use it."
HATCHES = ("", "///", "...", "\\\\\\", "xxx", "---", "++")
GAP = 0.055  # the least distance between two labels, as a part of the axis


def roofline(sweep: Sweep, limits: Sweep, caches: Iterable[Cache] = ()) -> Picture:
    """Draw how fast each method gets through its vectors, over their length, and the limits above them.

    Both axes are logarithmic. A time of one call becomes GB/s: the 16 bytes that each step of a sum must read, over the
    time. What no method can reach is grey: there, one of the limits alone takes longer.

    Parameters
    ----------
    sweep
        The contestants, a line for each.
    limits
        The empty call first, which rises as a straight line does; then the reading of both vectors.
    caches
        As :func:`wheel_lab.memory.caches` gives them. For each level there is the speed of reading, as a ceiling,
        and a name at the foot of the picture. None known: the same picture, without the levels.

    Raises
    ------
    ValueError
        Nothing was measured, or there are not two limits.
    """
    _refuse_empty(sweep)
    if len(limits.times) != 2:
        raise ValueError(f"two limits are drawn, an empty call and a reading; here are {len(limits.times)}")
    (_, calls), (_, reading) = limits.times.items()
    with style():
        drawing = Figure(figsize=(8.4, 5.8), layout="constrained")
        axes = drawing.subplots()
        ends: dict[str, tuple[int, float, Line2D]] = {}  # where each line ends
        for place, (name, row) in enumerate(sweep.times.items()):
            lengths = sorted(row)
            if not lengths:  # not in this Python
                continue
            speeds = [_gigabytes(n, row[n]) for n in lengths]
            line = axes.loglog(lengths, speeds, marker=MARKERS[place % len(MARKERS)],
                               color=COLOURS[place % len(COLOURS)], markersize=5, linewidth=1.8)[0]  # fmt: skip
            ends[name] = (lengths[-1], speeds[-1], line)
        levels = ceilings(reading, caches)
        _draw_limits(axes, calls, reading, levels)
        _write_labels(drawing, axes, ends)
        axes.set_xlabel("length of the vectors")
        axes.set_title("Speed of a dot product, in GB/s read (an eighth of it: in GFLOP/s)")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.tick_params(axis="x", labelsize=9.5)  # so that 1,000,000 and 10,000,000 keep a distance
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.grid(which="major", color="#dddddd", linewidth=0.7)
        axes.set_axisbelow(True)
    told = f" The levels of the memory: {', '.join(level.name for level in levels)}." if levels else ""
    shortest, longest = sweep.lengths[0], sweep.lengths[-1]
    alt = (
        f"Speed of a dot product against the length of the vectors, {shortest:,} to {longest:,}, both axes "
        f"logarithmic, a line for each of: {'; '.join(ends)}. Two limits stand above them: "
        f"{' and '.join(limits.times)}.{told}"
    )
    return Picture(drawing, alt)


def bars(sweep: Sweep, n: int) -> Picture:
    """Draw a bar for each method at one length, the fastest on top. Here the text alternative holds the numbers."""
    times = dict(sorted(((name, row[n]) for name, row in sweep.times.items() if n in row), key=lambda pair: pair[1]))
    if not times:
        raise ValueError(f"nothing was measured at length {n}")
    places = {name: place for place, name in enumerate(sweep.times)}  # a method keeps its colour as they change order
    # Every length has the same axis: else a slider would move the bars' ends and the scale at once.
    everything = [time for row in sweep.times.values() for time in row.values()]
    rows = sum(1 for row in sweep.times.values() if row)  # without what this Python does not have
    with style():
        drawing = Figure(figsize=(8.4, 1.2 + 0.45 * rows), layout="constrained")
        axes = drawing.subplots()
        for row, (name, time) in enumerate(times.items()):
            place = places[name]
            axes.barh(row, time, height=0.62, color=COLOURS[place % len(COLOURS)], edgecolor="white",
                      hatch=HATCHES[place % len(HATCHES)])  # fmt: skip
            axes.annotate(human(time), (time, row), (5, 0), textcoords="offset points", va="center")
        axes.set_xscale("log")
        axes.set_xlim(min(everything) / 3, max(everything) * 6)
        axes.set_ylim(rows - 0.4, -0.6)
        axes.set_yticks(range(len(times)), times)
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: human(value)))
        axes.set_title(f"Time of one call at length {n:,}, the fastest on top")
    told = "; ".join(f"{name}: {human(time)}" for name, time in times.items())
    return Picture(drawing, f"Time of one call at length {n:,}, the fastest first: {told}.")


def control(sweep: Sweep, start: int | None = None) -> Control:
    """Return the slider over the lengths, beginning with `start` (the shortest, unless said otherwise).

    Raises
    ------
    ValueError
        Nothing was measured, or not at `start`.
    """
    _refuse_empty(sweep)
    start = sweep.lengths[0] if start is None else start
    answer = ipywidgets.HTML(_answer(sweep, start))
    options = [(f"{n:,}", n) for n in sweep.lengths]
    slider = Slider(description="Length of the vectors:", options=options, value=start)

    def show(change: dict[str, Any]) -> None:
        answer.value = _answer(sweep, change["new"])

    slider.observe(show, "value")
    return Control(SENTENCE, [slider], answer)


def _answer(sweep: Sweep, n: int) -> str:
    picture = bars(sweep, n)
    return f"{picture.html()}{answer_text(picture.alt)}"


def _refuse_empty(sweep: Sweep) -> None:
    if not sweep.lengths:
        raise ValueError("nothing was measured")


def _gigabytes(n: int, seconds: float) -> float:
    return speed(n, seconds) / 1e9


def _draw_limits(
    axes: Axes, calls: Mapping[int, float], reading: Mapping[int, float], levels: tuple[Ceiling, ...]
) -> None:
    """Colour what is out of reach, and write what stands in the way; the levels of the memory stand at the foot."""
    both = sorted(calls.keys() & reading.keys())
    left, right = both[0] / 1.6, both[-1] * 1.6
    low, high = axes.get_ylim()
    low, high = low / (8 if levels else 1), max(high, *(_gigabytes(n, reading[n]) for n in both)) * 6
    # Both lines are straight from point to point on the paper; they cross where nothing was measured.
    grid = np.geomspace(both[0], both[-1], 500)
    of_call, of_reading = (
        np.exp(np.interp(np.log(grid), np.log(both), np.log([_gigabytes(n, row[n]) for n in both])))
        for row in (calls, reading)
    )
    axes.fill_between(grid, np.minimum(of_call, of_reading), high, color="#ececec", linewidth=0, zorder=0)
    axes.plot(grid, of_call, color="black", linestyle="--", linewidth=1.4, zorder=1)
    axes.plot(grid, np.where(of_reading <= of_call, of_reading, np.nan), color="black", linestyle=":", linewidth=1.4,
              zorder=1)  # fmt: skip
    words: dict[str, Any] = {"transform": axes.transAxes, "va": "top", "color": "#333333"}
    axes.text(0.02, 0.97, "out of reach:\nan empty call\ntakes longer", ha="left", **words)
    axes.text(0.985, 0.97, "out of reach:\nmemory is not that fast", ha="right", **words)
    for level in levels:
        first, last = max(level.first, left), min(level.last or right, right)
        start = grid[np.argmax(of_call >= level.speed / 1e9)]  # left of it the call is the limit
        axes.hlines(level.speed / 1e9, max(first, start), last, color="black", linewidth=2.6, zorder=1)
        if last < right:
            axes.axvline(last, color="#999999", linewidth=0.8, linestyle="-.")
        name = [level.name.replace(" ", "\n"), *([size_text(level.size)] if level.size else [])]
        axes.annotate("\n".join([*name, f"{level.speed / 1e9:.0f} GB/s"]), ((first * last) ** 0.5, 0.02),
                      xycoords=("data", "axes fraction"), ha="center", va="bottom", fontsize=9)  # fmt: skip
    axes.set_xlim(left, right)
    axes.set_ylim(low, high)


def _write_labels(drawing: Figure, axes: Axes, ends: Mapping[str, tuple[int, float, Line2D]]) -> None:
    """Write each name beside the end of its line, pushed apart where lines end close together."""
    axes.margins(y=0.08)
    drawing.draw_without_rendering()
    to_axes = axes.transAxes.inverted()
    heights = {name: to_axes.transform(axes.transData.transform((x, y)))[1] for name, (x, y, _) in ends.items()}
    order = sorted(heights, key=lambda name: heights[name])
    for lower, upper in itertools.pairwise(order):
        heights[upper] = max(heights[upper], heights[lower] + GAP)
    for name in order:
        line = ends[name][2]
        axes.plot(1.03, heights[name], marker=line.get_marker(), color=line.get_color(), transform=axes.transAxes,
                  clip_on=False)  # fmt: skip
        axes.annotate(name, (1.05, heights[name]), xycoords="axes fraction", va="center", annotation_clip=False)
