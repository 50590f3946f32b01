"""What all pictures and controls share: a figure with its text alternative, and a control that says what it is."""

import base64
import io
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ipywidgets
import matplotlib
from matplotlib.figure import Figure

from wheel_lab.views.drawing import image

__all__ = ["LABEL", "MARKERS", "WIDE", "Control", "Picture", "style"]

DPI = 110
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
WIDE = ipywidgets.Layout(width="56em", max_width="100%")  # room for the longest file name
# Labels are of different length: "initial" gives each the room it needs, where the default cuts it off.
LABEL = {"description_width": "initial"}


class Picture:
    """A figure and the words that stand for it where it cannot be seen.

    A notebook shows the figure as HTML, with the words as its ``alt``; they are the output's ``text/plain`` as well.

    Parameters
    ----------
    figure
        A :class:`matplotlib.figure.Figure` made without pyplot, so that nothing else shows it a second time.
    alt
        What the figure shows, in a few sentences.
    """

    def __init__(self, figure: Figure, alt: str) -> None:
        self.figure = figure
        self.alt = alt

    def __repr__(self) -> str:
        return textwrap.fill(self.alt, 100)

    def png(self) -> bytes:
        """Draw the figure: the same bytes every time, for the same data and the same matplotlib."""
        buffer = io.BytesIO()
        with style():  # matplotlib makes the ticks and their labels only now
            self.figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
        return buffer.getvalue()

    def html(self) -> str:
        """Return the figure as an HTML image that carries its words."""
        return image("image/png", self.png(), self.alt)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        # JupyterLab shows the HTML, because it gives a plain image/png no alt; the other two are for paper and for
        # readers of the file.
        data = base64.b64encode(self.png()).decode("ascii")
        return {"text/html": self.html(), "image/png": data, "text/plain": repr(self)}


@contextmanager
def style() -> Iterator[None]:
    """Draw with the lab's own settings, whatever a notebook has set before."""
    ours: dict[Any, object] = {  # matplotlib types its settings by their names
        "font.size": 10.5,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 12,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "hatch.linewidth": 0.6,
    }
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(ours)
        yield


class Control(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Inputs on top, and under them an answer that follows them.

    Parameters
    ----------
    sentence
        What the control is. It is all that a page without widgets shows, and it is cut after 110 characters.
    inputs
        The widgets to set, each with a description.
    answer
        The HTML widget whose value changes.
    """

    def __init__(self, sentence: str, inputs: list[ipywidgets.Widget], answer: ipywidgets.HTML) -> None:
        self.sentence = sentence
        self.inputs = inputs
        self.answer = answer
        super().__init__([*inputs, answer])

    def __repr__(self) -> str:
        return self.sentence
