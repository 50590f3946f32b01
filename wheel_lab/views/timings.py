"""Times over lengths: lines for all of them, bars for one."""

import itertools

import ipywidgets
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from wheel_lab.timing import Sweep, human
from wheel_lab.views.picture import COLOURS, MARKERS, Control, Picture, answer_text, style
from wheel_lab.views.slider import Slider

SENTENCE = "A slider over the vector's length, and under it a bar for each method's time. Run this cell to use it."
HATCHES = ("", "///", "...", "\\\\\\", "xxx", "---", "++")
GAP = 0.055  # the least distance between two labels, as a part of the axis


def figure(sweep: Sweep) -> Picture:
    """Draw a line for each method, time against length, both axes logarithmic."""
    _refuse_empty(sweep)
    with style():
        drawing = Figure(figsize=(8.4, 4.8), layout="constrained")
        axes = drawing.subplots()
        ends = {}
        for place, (name, row) in enumerate(sweep.times.items()):
            lengths = sorted(row)
            if not lengths:  # not in this Python
                continue
            line = axes.loglog(lengths, [row[n] for n in lengths], marker=MARKERS[place % len(MARKERS)],
                               color=COLOURS[place % len(COLOURS)], markersize=5, linewidth=1.8)[0]  # fmt: skip
            ends[name] = (lengths[-1], row[lengths[-1]], line)
        _write_labels(axes, ends)
        axes.set_xlabel("length of the vectors")
        axes.set_title("Time of one call")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: human(value)))
        axes.grid(which="major", color="#dddddd", linewidth=0.7)
        axes.set_axisbelow(True)
    lengths = sweep.lengths
    alt = (
        f"Time of one call against the length of the vectors, {lengths[0]:,} to {lengths[-1]:,}, both axes "
        f"logarithmic, a line for each of: {', '.join(ends)}."
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

    def show(change: dict) -> None:
        answer.value = _answer(sweep, change["new"])

    slider.observe(show, "value")
    return Control(SENTENCE, [slider], answer)


def _answer(sweep: Sweep, n: int) -> str:
    picture = bars(sweep, n)
    return f"{picture.image()}{answer_text(picture.alt)}"


def _refuse_empty(sweep: Sweep) -> None:
    if not sweep.lengths:
        raise ValueError("nothing was measured")


def _write_labels(axes, ends: dict) -> None:
    """Write each name beside the end of its line, pushed apart where lines end close together."""
    axes.margins(y=0.08)
    axes.figure.draw_without_rendering()
    to_axes = axes.transAxes.inverted()
    heights = {name: to_axes.transform(axes.transData.transform((x, y)))[1] for name, (x, y, _) in ends.items()}
    order = sorted(heights, key=heights.get)
    for lower, upper in itertools.pairwise(order):
        heights[upper] = max(heights[upper], heights[lower] + GAP)
    for name in order:
        line = ends[name][2]
        axes.plot(1.03, heights[name], marker=line.get_marker(), color=line.get_color(), transform=axes.transAxes,
                  clip_on=False)  # fmt: skip
        axes.annotate(name, (1.05, heights[name]), xycoords="axes fraction", va="center", annotation_clip=False)
