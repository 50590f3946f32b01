"""A tree of names beside a picture: what is chosen in one is chosen in the other, by mouse and by keyboard."""

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from wheel_lab.views.drawing import DARK_RULE, Drawing

__all__ = ["Chooser", "Node"]

HERE = Path(__file__).parent

Node = tuple[str, str, int]  # the text, a note behind it, and the place of its parent in the list, -1 for none
Spot = tuple[int, float, float, float, float]  # the place of a node, and its rectangle: left, top, width, height


class Chooser(anywidget.AnyWidget):
    """A tree with one tab stop, as the ARIA practices describe it, and a picture in which the nodes have a place.

    The picture is an image: whatever a wheel's names are, nothing in it can run.

    Parameters
    ----------
    description
        The label of the tree.
    nodes
        The nodes; each stands after its parent. Those without a parent are open at first.
    drawing
        The picture.
    spots
        Where nodes lie in the picture, in units of the drawing. A click takes the smallest one there.
    framed
        Whether the chosen node has a frame in the picture; without one, the picture itself has to show it.
    """

    description = traitlets.Unicode().tag(sync=True)
    nodes = traitlets.List[Any]().tag(sync=True)
    source = traitlets.Unicode().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    size = traitlets.List[Any]().tag(sync=True)
    spots = traitlets.List[Any]().tag(sync=True)
    framed = traitlets.Bool().tag(sync=True)
    value = traitlets.Int().tag(sync=True)

    def __init__(
        self, *, description: str, nodes: list[Node], drawing: Drawing, spots: list[Spot], framed: bool = True
    ) -> None:
        super().__init__(
            description=description,
            nodes=nodes,
            source=drawing.source,
            alt=drawing.alt,
            size=[drawing.width, drawing.height],
            spots=spots,
            framed=framed,
        )

    @traitlets.validate("value")
    def _one_of_them(self, proposal: dict[str, Any]) -> object:
        if not 0 <= proposal["value"] < len(self.nodes):
            raise traitlets.TraitError(f"{proposal['value']!r} is the place of no node")
        return proposal["value"]

    def show(self, drawing: Drawing) -> None:
        """Put another drawing of the same size in the picture's place."""
        with self.hold_trait_notifications():
            self.source, self.alt = drawing.source, drawing.alt

    _css = f"{DARK_RULE}\n{(HERE / 'chooser.css').read_text('utf-8')}"
    _esm = (HERE / "chooser.js").read_text("utf-8")
