"""Times over lengths as speeds, under the limits that no method can beat."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from wheel_lab.memory import Cache, Ceiling, ceilings, size_text
from wheel_lab.timing import Sweep, speed
from wheel_lab.views.picture import Picture, style
from wheel_lab.views.timings import draw_lines, label_ends, refuse_empty

__all__ = ["figure"]


def figure(sweep: Sweep, limits: Sweep, caches: Iterable[Cache] = ()) -> Picture:
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
    refuse_empty(sweep)
    if len(limits.times) != 2:
        raise ValueError(f"two limits are drawn, an empty call and a reading; here are {len(limits.times)}")
    (_, calls), (_, reading) = limits.times.items()
    with style():
        drawing = Figure(figsize=(8.4, 5.8), layout="constrained")
        axes = drawing.subplots()
        ends = draw_lines(axes, {name: {n: _gigabytes(n, row[n]) for n in row} for name, row in sweep.times.items()})
        levels = ceilings(reading, caches)
        _draw_limits(axes, calls, reading, levels)
        label_ends(drawing, axes, ends)
        axes.set_title("Speed of a dot product, in GB/s read (an eighth of it: in GFLOP/s)")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    named = f" The levels of the memory: {', '.join(level.name for level in levels)}." if levels else ""
    shortest, longest = sweep.lengths[0], sweep.lengths[-1]
    alt = (
        f"Speed of a dot product against the length of the vectors, {shortest:,} to {longest:,}, both axes "
        f"logarithmic, a line for each of: {'; '.join(ends)}. Two limits stand above them: "
        f"{' and '.join(limits.times)}.{named}"
    )
    return Picture(drawing, alt)


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
    axes.plot(
        grid, np.where(of_reading <= of_call, of_reading, np.nan), color="black", linestyle=":", linewidth=1.4, zorder=1
    )
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
        axes.annotate(
            "\n".join([*name, f"{level.speed / 1e9:.0f} GB/s"]),
            ((first * last) ** 0.5, 0.02),
            xycoords=("data", "axes fraction"),
            ha="center",
            va="bottom",
            fontsize=9,
        )
    axes.set_xlim(left, right)
    axes.set_ylim(low, high)
