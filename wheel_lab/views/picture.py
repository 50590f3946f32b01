"""What all pictures and controls share: a figure with its text alternative, and a control that says what it is."""

import base64
import html
import io
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ipywidgets
import matplotlib
from matplotlib.figure import Figure

__all__ = ["COLOURS", "LABEL", "MARKERS", "WIDE", "Control", "Drawing", "Picture", "answer_text", "style"]

DPI = 110
# Okabe and Ito's colours: they stay apart for every kind of colour vision. Nothing is said by colour alone.
BLUE, ORANGE, GREEN, PINK, SKY, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#767676"
COLOURS = (BLUE, RED, GREEN, PINK, ORANGE, SKY, GREY)
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
WIDE = ipywidgets.Layout(width="56em", max_width="100%")  # room for the longest file name
# Labels are of different length: "initial" gives each the room it needs, where the default cuts it off.
LABEL = {"description_width": "initial"}
# A picture shrinks with its column as long as its words can be read; in a narrower column it is scrolled.
FIT = "display:block;max-width:100%;min-width:560px"
SCROLLED = "overflow-x:auto;width:0;min-width:100%"  # the width of the column, and not of what is in it
# Pictures are drawn on white. In a dark theme their lightness is turned round (0.933 makes white the #111 of
# JupyterLab's dark page), and the second filter brings the hues back, so that what is blue stays blue.
DARK = (
    "<style>body[data-jp-theme-light='false'] .wheel-lab-picture { filter: invert(0.933) hue-rotate(180deg) }</style>"
)


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
        return _image("image/png", self.png(), self.alt)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        # JupyterLab shows the HTML, because it gives a plain image/png no alt; the other two are for paper and for
        # readers of the file.
        data = base64.b64encode(self.png()).decode("ascii")
        return {"text/html": self.html(), "image/png": data, "text/plain": repr(self)}


class Drawing:
    """A picture made of SVG, and the words that stand for it where it cannot be seen.

    It takes a hundredth of the time that a figure of matplotlib takes, which is what a slider needs, and it is sharp
    at every size. A notebook shows it as it does a :class:`Picture`.

    Parameters
    ----------
    width, height
        The size of the drawing, in pixels where there is room for them.
    parts
        The elements of the drawing, as SVG.
    alt
        What it shows, in a few sentences.
    """

    def __init__(self, width: int, height: int, parts: str, alt: str) -> None:
        self.alt = alt
        self.svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
            f'font-family="DejaVu Sans, Verdana, sans-serif"><rect width="{width}" height="{height}" fill="white"/>'
            f"{parts}</svg>"
        )

    def __repr__(self) -> str:
        return textwrap.fill(self.alt, 100)

    def html(self) -> str:
        """Return the drawing as an HTML image that carries its words."""
        return _image("image/svg+xml", self.svg.encode(), self.alt)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": self.html(), "image/svg+xml": self.svg, "text/plain": repr(self)}


def _image(kind: str, data: bytes, alt: str) -> str:
    source = f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"
    image = f'<img class="wheel-lab-picture" alt="{html.escape(alt)}" src="{source}" style="{FIT}">'
    return f'{DARK}<div style="{SCROLLED}">{image}</div>'


def answer_text(text: str) -> str:
    """Return a paragraph of an answer. Left alone, ipywidgets would set its lines twice as far apart as a page's.

    A word that is longer than a line is broken, so that it cannot stretch the page.
    """
    return f'<p style="line-height:1.5;overflow-wrap:anywhere">{html.escape(text)}</p>'


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
