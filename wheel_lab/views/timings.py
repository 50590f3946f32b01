"""Times over lengths: as lines that cross, and at one length as bars."""

import itertools
import math
from collections.abc import Mapping
from typing import Any

import ipywidgets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from wheel_lab.timing import Sweep, human
from wheel_lab.views.drawing import COLOURS, Drawing, answer_text, text
from wheel_lab.views.picture import MARKERS, Control, Picture, style
from wheel_lab.views.slider import Slider

__all__ = ["bars", "control", "draw_lines", "label_ends", "lines", "refuse_empty"]

SENTENCE = "A slider over the vector's length, and under it a bar for each method's time. Run this cell to use it."
NOT_MEASURED = "not measured at this length"
PALE = "#dddddd"
# In units of the drawing, which are pixels where it has room for its full width.
WIDTH, TOP, ROW = 720, 30, 26
LETTER = 7.8  # what a letter of a name needs at the most, on average
BEHIND = 220  # room for the words behind the longest bar
GAP = 0.055  # the least distance between two labels, as a part of the axis

Ends = dict[str, tuple[int, float, Line2D]]  # by method: where its line ends, and the line


def lines(sweep: Sweep) -> Picture:
    """Draw the time of one call over the length of the vectors, a line for each method, both axes logarithmic.

    Raises
    ------
    ValueError
        Nothing was measured.
    """
    refuse_empty(sweep)
    with style():
        drawing = Figure(figsize=(8.4, 5.2), layout="constrained")
        axes = drawing.subplots()
        ends = draw_lines(axes, sweep.times)
        label_ends(drawing, axes, ends)
        axes.set_title("Time of one call: the lower, the faster")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: human(value)))
    alt = (
        f"Time of one call against the length of the vectors, {sweep.lengths[0]:,} to {sweep.lengths[-1]:,}, both axes "
        f"logarithmic, a line for each of: {'; '.join(ends)}."
    )
    return Picture(drawing, alt)


def bars(sweep: Sweep, n: int) -> Drawing:
    """Draw a bar for each method at one length, and beside it how many times as long as the fastest it takes.

    Rows and axis are the same at every length, so that only the bars move under a slider. A method that was not
    measured at this length says so; one that this Python does not have is left out. The text alternative holds the
    numbers, the fastest first.

    Raises
    ------
    ValueError
        Nothing was measured at that length.
    """
    there = {name: row for name, row in sweep.times.items() if row}
    times = {name: row[n] for name, row in there.items() if n in row}
    if not times:
        raise ValueError(f"nothing was measured at length {n}")
    everything = [time for row in there.values() for time in row.values()]
    first, last = math.floor(math.log10(min(everything))), math.ceil(math.log10(max(everything)) + 1e-9)
    start = LETTER * max(map(len, there)) + 8  # where the bars begin, behind the names
    unit = (WIDTH - BEHIND - start) / (last - first + 0.3)  # of a power of ten
    left = start + 0.3 * unit  # the first power of ten: even the shortest bar is seen
    best = min(times.values())
    words = {name: f"{human(time)}, {_multiple(time, best)}" for name, time in times.items()}
    foot = TOP + ROW * len(there)
    parts = [text(0, 16, f"Time of one call at length {n:,}", size=15, weight="bold")]
    for power in range(first, last + 1):
        x = left + unit * (power - first)
        parts.append(f'<path d="M{x:g} {TOP}V{foot + 4}" stroke="{PALE}"/>')
        parts.append(text(x, foot + 18, human(10.0**power).replace(".0 ", " "), size=11, anchor="middle"))
    for row, name in enumerate(there):
        top = TOP + ROW * row
        end = left + unit * (math.log10(times[name]) - first) if name in times else start
        parts.append(text(start - 8, top + 18, name, anchor="end"))
        if name in times:
            colour = COLOURS[list(sweep.times).index(name) % len(COLOURS)]
            parts.append(
                f'<rect class="bar" x="{start:g}" y="{top + 4}" width="{end - start:g}" height="{ROW - 8}" '
                f'fill="{colour}"/>'
            )
        weight = "bold" if times.get(name) == best else "normal"
        parts.append(text(end + 6, top + 18, words.get(name, NOT_MEASURED), weight=weight))
    order = "; ".join(f"{name}: {words[name]}" for name in sorted(times, key=lambda name: times[name]))
    missing = [name for name in there if name not in times]
    rest = f" {NOT_MEASURED.capitalize()}: {'; '.join(missing)}." if missing else ""
    alt = f"Time of one call at length {n:,}, the fastest first: {order}.{rest}"
    return Drawing(WIDTH, foot + 26, "".join(parts), alt)


def control(sweep: Sweep, start: int | None = None) -> Control:
    """Return the slider over the lengths, beginning with `start` (the shortest, unless said otherwise).

    Raises
    ------
    ValueError
        Nothing was measured, or not at `start`.
    """
    refuse_empty(sweep)
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


def _multiple(time: float, best: float) -> str:
    if time == best:
        return "the fastest"
    if time / best < 1.05:
        return "about as long"
    return f"{time / best:,.{0 if time / best > 99.9 else 1}f} times as long"


# --- for every picture of lines over lengths --------------------------------------------------------------------------


def refuse_empty(sweep: Sweep) -> None:
    """Raise ValueError when nothing was measured."""
    if not sweep.lengths:
        raise ValueError("nothing was measured")


def draw_lines(axes: Axes, rows: Mapping[str, Mapping[int, float]]) -> Ends:
    """Draw a line for each method that was measured, over the lengths, and return where the lines end."""
    ends: Ends = {}
    for place, (name, row) in enumerate(rows.items()):
        lengths = sorted(row)
        if lengths:
            line = axes.loglog(
                lengths,
                [row[n] for n in lengths],
                marker=MARKERS[place % len(MARKERS)],
                color=COLOURS[place % len(COLOURS)],
                markersize=5,
                linewidth=1.8,
            )[0]
            ends[name] = (lengths[-1], row[lengths[-1]], line)
    axes.set_xlabel("length of the vectors")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _length(value)))
    axes.grid(which="major", color="#dddddd", linewidth=0.7)
    axes.set_axisbelow(True)
    return ends


def _length(n: float) -> str:
    """Write a length below an axis, where 1,000,000 and 10,000,000 would run into each other."""
    return f"{n / 1e6:,.0f} million" if n >= 1e6 else f"{n:,.0f}"


def label_ends(drawing: Figure, axes: Axes, ends: Ends) -> None:
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
        axes.plot(
            1.03,
            heights[name],
            marker=line.get_marker(),
            color=line.get_color(),
            transform=axes.transAxes,
            clip_on=False,
        )
        axes.annotate(name, (1.05, heights[name]), xycoords="axes fraction", va="center", annotation_clip=False)
