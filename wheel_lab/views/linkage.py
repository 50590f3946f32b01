"""The linkage: who needs whom in a wheel, and under the picture what the chosen file or library needs and asks for."""

import html
from pathlib import Path
from typing import IO, Any

import ipywidgets

from wheel_lab.linkgraph import KINDS, LinkGraph, Node, link_graph
from wheel_lab.members import shown
from wheel_lab.views.chooser import Chooser
from wheel_lab.views.chooser import Node as Name
from wheel_lab.views.drawing import answer_text
from wheel_lab.views.layers import figure, placed, sentences, to_svg, version
from wheel_lab.views.picture import Control

__all__ = ["figure", "linkage", "sentences", "to_svg"]

SENTENCE = "Who needs whom in a wheel; choose a file or a library to see its own lines. Run this cell to use it."
ORDER = ("missing", "outside", "carried", "file", "allowed")  # what one looks for comes first
NAMED = 30  # names in one answer

Source = str | Path | IO[bytes]


def linkage(wheel: Source, before: Source | None = None) -> Control:
    """Return the picture of who needs whom, and a tree to choose one whose lines are then bold.

    Parameters
    ----------
    wheel
        The wheel.
    before
        Another wheel, drawn above it, such as the one that a repair began with. What differs has a sign in both.

    Raises
    ------
    WheelError
        A file is not a zip archive, or it reaches a limit.
    OSError
        There is no such file, or it cannot be opened.
    """
    graph = link_graph(wheel)
    old = link_graph(before) if before is not None else None
    names: list[Name] = []
    things: list[tuple[LinkGraph, Node | None]] = []
    for one in (graph,) if old is None else (old, graph):
        root = len(names)
        names.append(("the whole wheel" if old is None else "before" if one is old else "after", "", -1))
        things.append((one, None))
        for node in sorted(one.nodes, key=lambda node: (ORDER.index(node.kind), node.base)):
            asked = version(node)
            names.append((shown(node.base), f"{node.kind}{f', {asked}' if asked else ''}", root))
            things.append((one, node))
    places = {id(node): place for place, (_, node) in enumerate(things) if node is not None}
    spots = [
        (places[id(node)], *box.place) for _, boxes in placed(graph, old) for box in boxes for node in box.nodes[::-1]
    ]
    drawing = figure(graph, old)
    chooser = Chooser(description="Files and libraries:", nodes=names, drawing=drawing, spots=spots, framed=False)
    below = ipywidgets.HTML(answer_text(sentences(graph, old)))

    def show(change: dict[str, Any]) -> None:
        one, node = things[change["new"]]
        chooser.show(figure(graph, old, node and node.name))
        below.value = answer_text(sentences(one)) if node is None else _answer(one, node)

    chooser.observe(show, "value")
    return Control(SENTENCE, [chooser], below)


def _answer(graph: LinkGraph, node: Node) -> str:
    """Say what a node needs, who needs it, and what is asked for, as HTML."""
    lines = [f"<strong>{html.escape(shown(node.name))}</strong>: {KINDS[node.kind]}."]
    if node.kind in ("file", "carried"):
        needs = [graph.by_name[name] for name in node.needs]
        lines.append(_list("Needs", [f"{one.base} ({one.kind})" for one in needs]))
        if node.symbols:
            lines.append(html.escape(f"Its floor: {version(node)}, because of {_some(node.symbols)}."))
        else:
            lines.append(html.escape(f"Its floor: {version(node) or 'none'}."))
    elif node.floor:
        asked = f"The newest version that is asked of it: {version(node)}, for {_some(node.symbols)}."
        lines.append(html.escape(asked))
    if node.kind != "file":
        lines.append(_list("Needed by", [one.base for one in graph.needing(node.name)]))
    return "".join(f'<p style="line-height:1.5;overflow-wrap:anywhere">{line}</p>' for line in lines)


def _list(words: str, names: list[str]) -> str:
    return html.escape(f"{words}: {_some(tuple(names)) or 'nothing'}.")


def _some(names: tuple[str, ...]) -> str:
    """Name some, and count the others."""
    more = len(names) - NAMED
    return ", ".join(shown(name) for name in names[:NAMED]) + (f", and {more} more" if more > 0 else "")
