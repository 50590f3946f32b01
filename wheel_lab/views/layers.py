"""Who needs whom, in columns from left to right: a wheel's files, what it carries, what must be on the system.

Drawn with the core alone.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable

from wheel_lab.binaries.elf import version_key
from wheel_lab.linkgraph import LinkGraph, Node
from wheel_lab.members import shown
from wheel_lab.views.columns import BETWEEN, HIGH, WIDE, Placed, place
from wheel_lab.views.drawing import BLUE, EDGE, GREY, INK, RUST, Drawing, letters, text

__all__ = ["figure", "placed", "sentences", "short", "to_svg", "version"]

# In units of the drawing, which are pixels where it has room for its full width.
TOP = 58  # where the boxes begin, under three lines of text
HEADS = {"file": "files", "carried": "carried", "system": "not in the wheel"}
FILLS = {"file": "#d9e8f2", "carried": BLUE, "allowed": "#ececec", "missing": "white", "outside": "white"}

# What Python appends to the name of an extension module; all in a wheel have the same.
SUFFIX = re.compile(r"\.(?:cpython-3\d+\w*-[\w-]+|abi3t?|cp3\d+t?-\w+)\.(so|pyd)$")


def figure(graph: LinkGraph, before: LinkGraph | None = None, chosen: str | None = None) -> Drawing:
    """Draw who needs whom.

    Parameters
    ----------
    graph
        The wheel.
    before
        Another wheel, such as the one that a repair began with; drawn above, with a sign at each node that is not in
        the other one, or asks for something else there.
    chosen
        The name of a node whose lines are drawn in bold, in both wheels where both have it.
    """
    parts: list[str] = []
    foot = 0.0
    width = 3 * WIDE + 2 * BETWEEN + 2
    for one, boxes in placed(graph, before):
        other = before if one is graph else graph
        title = "" if before is None else "before: " if one is before else "after: "
        parts.append(text(1, foot + 16, _cut(title + shown(one.wheel), letters(width, 14)), size=14, weight="bold"))
        parts.append(text(1, foot + 33, one.judged() if one.nodes else "no compiled file that a loader links", size=12))
        parts += _heads(boxes, foot + 52)
        parts += _edges(boxes, chosen)
        for box in boxes:
            parts += _box(box, _sign(box, other, gone=one is before), chosen)
            width = max(width, math.ceil(box.place[0] + WIDE + 1))
        foot = max([foot + 40, *(box.place[1] + HIGH for box in boxes)]) + 14
    return Drawing(width, math.ceil(foot), "".join(parts), sentences(graph, before))


def placed(graph: LinkGraph, before: LinkGraph | None = None) -> list[tuple[LinkGraph, tuple[Placed, ...]]]:
    """Return each graph with its boxes, the one before above the other."""
    if before is None:
        return [(graph, place(graph, TOP))]
    first = place(before, TOP)
    foot = max([40.0, *(box.place[1] + HIGH for box in first)]) + 14
    return [(before, first), (graph, place(graph, foot + TOP))]


def to_svg(graph: LinkGraph, before: LinkGraph | None = None) -> str:
    """Return the picture as SVG, for a page to show as it is."""
    return figure(graph, before).inline()


def sentences(graph: LinkGraph, before: LinkGraph | None = None) -> str:
    """Say in words what the picture shows."""
    if before is not None:
        return f"Before: {sentences(before)} After: {sentences(graph)}"
    if not graph.nodes:
        return f"{shown(graph.wheel)}: no compiled file that a loader links."
    words = [f"{shown(graph.wheel)}, {graph.judged()}."]
    files = graph.of("file")
    words.append(f"Files that no other one needs: {len(files)}.")
    for kind in ("carried", "allowed", "missing", "outside"):
        named = [shown(node.base) + (f" ({version(node)})" if node.floor else "") for node in graph.of(kind)]
        if named:
            more = f", and {len(named) - 12} more" if len(named) > 12 else ""
            words.append(f"{kind.capitalize()}: {', '.join(named[:12])}{more}.")
        elif kind in ("carried", "missing"):
            words.append(f"{kind.capitalize()}: none.")
    return " ".join(words)


# --- what is drawn ---------------------------------------------------------------------------------------------------


def _heads(boxes: tuple[Placed, ...], y: float) -> list[str]:
    heads: dict[float, str] = {}
    for box in boxes:
        kind = box.nodes[0].kind
        heads.setdefault(box.place[0], HEADS.get(kind, HEADS["system"]))
    return [text(x, y, words, size=12, style="italic") for x, words in heads.items()]


def _edges(boxes: tuple[Placed, ...], chosen: str | None) -> list[str]:
    """Draw a line from each box to each that it needs: dashed to what is missing, bold at the chosen one."""
    at = {node.name: box for box in boxes for node in box.nodes}
    bold: dict[tuple[Placed, Placed], bool] = {}
    for box in boxes:
        for node in box.nodes:
            for name in node.needs:
                if at[name] is not box:
                    key = box, at[name]
                    bold[key] = bold.get(key, False) or chosen in (node.name, name)
    # Lines leave a box, and reach one, side by side, in the order of where they go to and come from.
    leave, reach = _ports(bold, 0), _ports(bold, 1)
    drawn = sorted(bold, key=lambda line: bold[line])
    faint = any(bold.values())
    return [_edge(*line, leave[line], reach[line], bold[line], faint and not bold[line]) for line in drawn]


def _ports(lines: Iterable[tuple[Placed, Placed]], side: int) -> dict[tuple[Placed, Placed], float]:
    """Return the height of each line at its first (0) or second (1) box."""
    found: dict[Placed, list[tuple[Placed, Placed]]] = defaultdict(list)
    for line in lines:
        found[line[side]].append(line)
    heights = {}
    for box, several in found.items():
        several.sort(key=lambda line: (line[1 - side].place[1], line[1 - side].place[0]))
        for number, line in enumerate(several, start=1):
            heights[line] = box.place[1] + HIGH * number / (len(several) + 1)
    return heights


def _edge(one: Placed, other: Placed, start: float, end: float, bold: bool, faint: bool) -> str:
    x, left = one.place[0] + WIDE, other.place[0]
    if other.column > one.column:
        bend = BETWEEN * 0.7
        path = f"M{x:g} {start:.1f}C{x + bend:g} {start:.1f} {left - bend:g} {end:.1f} {left:g} {end:.1f}"
    else:  # in the same column, or back: around the right side
        right = left + WIDE
        path = f"M{x:g} {start:.1f}C{x + 40:g} {start:.1f} {right + 40:g} {end:.1f} {right:g} {end:.1f}"
    kind = other.nodes[0].kind
    colour, width = {"carried": (BLUE, 1.6), "missing": (RUST, 1.8)}.get(kind, (GREY, 0.9))
    dashes = ' stroke-dasharray="6 4"' if kind == "missing" else ""
    line = f'stroke-width="{3 if bold else width}" stroke-opacity="{0.3 if faint else 1}"'
    return f'<path class="edge" d="{path}" fill="none" stroke="{colour}" {line}{dashes}/>'


def _box(box: Placed, sign: str, chosen: str | None) -> list[str]:
    x, y, wide, high = box.place
    kind = box.nodes[0].kind
    ink = {"carried": "white", "missing": RUST}.get(kind, INK)
    edge = f'stroke="{EDGE}"'
    if kind in ("missing", "outside"):
        edge = f'stroke="{ink}" stroke-width="2" stroke-dasharray="{"6 4" if kind == "missing" else "2 3"}"'
    if chosen in [node.name for node in box.nodes]:
        edge = f'stroke="{INK}" stroke-width="3"'
    corner = 0 if kind in ("file", "carried") else 9
    name = short(box.nodes[0])
    if len(box.nodes) > 1:
        name = f"{len(box.nodes)} {'files' if kind == 'file' else 'libraries'}: {name.split('….')[0]}, …"
    return [
        f'<rect class="node" x="{x:g}" y="{y:g}" width="{wide}" height="{high}" rx="{corner}" fill="{FILLS[kind]}" '
        f"{edge}/>",
        text(x + 7, y + 16, _middle(f"{sign} {name}".strip(), letters(wide - 10, 12)), size=12, colour=ink),
        text(x + 7, y + 31, _second(box), size=11, colour=ink),
    ]


def short(node: Node) -> str:
    """Return a node's name without its folder, and without the part of an extension's name that all have."""
    return shown(SUFFIX.sub(r"….\1", node.base))


def _second(box: Placed) -> str:
    """Return the second line of a box: its kind, unless its column says it, and the newest version asked for."""
    kind = box.nodes[0].kind
    newest = max(
        (node for node in box.nodes if node.floor), key=lambda node: version_key(node.floor or ""), default=None
    )
    words: list[str] = [] if kind in ("file", "carried") and newest else [kind]
    if newest:
        several = len({node.floor for node in box.nodes}) > 1
        words.append(f"{'up to ' if several else ''}{version(newest)}")
    return ": ".join(words)


def version(node: Node) -> str:
    """Return the version that a node asks for, or that is asked of it, in words."""
    if node.floor is None:
        return ""
    return shown(node.floor, 20).replace("GLIBC_", "glibc ")


def _sign(box: Placed, other: LinkGraph | None, gone: bool) -> str:
    """Say how a box differs from the other wheel: + came, - went, ~ needs or asks for something else."""
    there = [(node, other.by_name.get(node.name)) for node in box.nodes] if other is not None else []
    if there and all(one is None for _, one in there):
        return "-" if gone else "+"
    return "~" if any(one is None or one != node for node, one in there) else ""


def _middle(words: str, most: int) -> str:
    """Leave out the middle of what is too long: a name's beginning and end say more."""
    if len(words) <= most:
        return words
    end = most // 3
    return f"{words[: most - end - 1]}…{words[-end:]}"


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"
