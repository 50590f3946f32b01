"""A picture made of SVG, with nothing but the core: a web page without Jupyter can draw it too."""

import base64
import html
import textwrap

__all__ = ["BLUE", "COLOURS", "EDGE", "INK", "PALE", "RUST", "Drawing", "answer_text", "image", "letters", "text"]

# Okabe and Ito's colours: they stay apart for every kind of colour vision. Nothing is said by colour alone.
BLUE, ORANGE, GREEN, PINK, SKY, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#767676"
COLOURS = (BLUE, RED, GREEN, PINK, ORANGE, SKY, GREY)
RUST = "#A33C00"  # vermilion, darkened until it is easy to read as a text
INK, PALE, EDGE = "#1a1a1a", "#e3e3e3", "#767676"
TEXT = 13
LETTER = 0.65  # of a text's size: what a letter of DejaVu Sans takes, on average and generously
# A picture shrinks with its column as long as its words can be read; in a narrower column it is scrolled.
FIT = "display:block;max-width:100%;min-width:560px"
SCROLLED = "overflow-x:auto;width:0;min-width:100%"  # the width of the column, and not of what is in it
# Pictures are drawn on white. In a dark theme their lightness is turned round (0.933 makes white the #111 of
# JupyterLab's dark page), and the second filter brings the hues back, so that what is blue stays blue.
DARK_RULE = "body[data-jp-theme-light='false'] .wheel-lab-picture { filter: invert(0.933) hue-rotate(180deg) }"
DARK = f"<style>{DARK_RULE}</style>"


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
        self.width, self.height, self.alt = width, height, alt
        self.svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
            f'font-family="DejaVu Sans, Verdana, sans-serif"><rect width="{width}" height="{height}" fill="white"/>'
            f"{parts}</svg>"
        )

    def __repr__(self) -> str:
        return textwrap.fill(self.alt, 100)

    @property
    def source(self) -> str:
        """The drawing as the address of an image."""
        return _source("image/svg+xml", self.svg.encode())

    def inline(self) -> str:
        """Return the drawing as an element of a page, with its words for a screen reader."""
        return self.svg.replace("<svg ", f'<svg role="img" aria-label="{html.escape(self.alt)}" ', 1)

    def html(self) -> str:
        """Return the drawing as an HTML image that carries its words."""
        return image("image/svg+xml", self.svg.encode(), self.alt)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": self.html(), "image/svg+xml": self.svg, "text/plain": repr(self)}


def image(kind: str, data: bytes, alt: str) -> str:
    """Return the bytes of a picture as an HTML image that carries its words, with the rule for a dark theme."""
    tag = f'<img class="wheel-lab-picture" alt="{html.escape(alt)}" src="{_source(kind, data)}" style="{FIT}">'
    return f'{DARK}<div style="{SCROLLED}">{tag}</div>'


def _source(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


def answer_text(text: str) -> str:
    """Return a paragraph of an answer. Left alone, ipywidgets would set its lines twice as far apart as a page's.

    A word that is longer than a line is broken, so that it cannot stretch the page.
    """
    return f'<p style="line-height:1.5;overflow-wrap:anywhere">{html.escape(text)}</p>'


def text(
    x: float,
    y: float,
    words: str,
    *,
    size: float = TEXT,
    anchor: str = "start",
    weight: str = "normal",
    style: str = "normal",
    colour: str = INK,
) -> str:
    """Return a line of text as SVG, its foot at `y`."""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" '
        f'font-style="{style}" fill="{colour}">{html.escape(words)}</text>'
    )


def letters(width: float, size: float = TEXT) -> int:
    """Return how many letters of a text of that size fit into a width."""
    return max(0, int(width / (LETTER * size)))
