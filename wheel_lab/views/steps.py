"""Where the seconds go: a bar for each step of a longer work."""

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from wheel_lab.timing import Steps, human
from wheel_lab.views.drawing import BLUE, ORANGE
from wheel_lab.views.picture import Picture, style

__all__ = ["figure"]


def figure(steps: Steps, once: Steps = Steps(())) -> Picture:  # noqa: B008 - it is frozen
    """Draw a bar for each step, in order from top to bottom.

    Parameters
    ----------
    steps
        What is done every time.
    once
        What was done the first time only. It comes on top, hatched, and its names say so.

    Raises
    ------
    ValueError
        There is no step at all.
    """
    rows = [*((step, True) for step in once.results), *((step, False) for step in steps.results)]
    if not rows:
        raise ValueError("there are no steps to draw")
    with style():
        drawing = Figure(figsize=(8.4, 1.1 + 0.42 * len(rows)), layout="constrained")
        axes = drawing.subplots()
        for row, (step, first) in enumerate(rows):
            axes.barh(
                row,
                step.seconds,
                height=0.66,
                color=ORANGE if first else BLUE,
                edgecolor="white",
                hatch="///" if first else None,
            )
            axes.annotate(human(step.seconds), (step.seconds, row), (5, 0), textcoords="offset points", va="center")
        axes.set_yticks(range(len(rows)), [step.name + (", first time only" if first else "") for step, first in rows])
        axes.tick_params(axis="y", length=0)
        axes.set_xlim(0, max(step.seconds for step, _ in rows) * 1.12)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} s"))
        axes.set_title("Where the seconds go")
    alt = "A bar for each step, as long as the step took, from top to bottom: "
    alt += ", ".join(step.name for step in steps.results) + "."
    if once.results:
        alt += f" Above them, hatched, what was done the first time only: {', '.join(s.name for s in once.results)}."
    return Picture(drawing, alt)
