"""The places of a linkage: a column for the wheel's files, two for what it carries, one for what is not in it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from wheel_lab.linkgraph import LinkGraph, Node
from wheel_lab.views.squares import Rectangle

__all__ = ["BETWEEN", "HIGH", "WIDE", "Placed", "place"]

# In units of the drawing.
WIDE, HIGH = 204, 38  # a box
BETWEEN, GAP = 48, 10  # two columns, and two boxes of one column
ROWS = 9  # boxes of one column; more are drawn as one
COLUMNS = 4  # what is carried and needed by what is carried stands in the third, however deep


@dataclass(frozen=True, eq=False)  # two boxes are never the same, and comparing their nodes takes long
class Placed:
    """A box of the picture: one node, or several that are drawn as one.

    Attributes
    ----------
    nodes
        What it stands for. They are of one kind.
    column
        Its column, from 0.
    place
        Left, top, width and height.
    """

    nodes: tuple[Node, ...]
    column: int
    place: Rectangle


def place(graph: LinkGraph, top: float) -> tuple[Placed, ...]:
    """Give each node a box.

    Files with the same needs and the same floor share one. Where a column would still have more than nine boxes, those
    with the fewest connections share the last one. Boxes are sorted so that lines cross less.
    """
    groups = list(graph.groups())
    depth = _depths(graph)
    last = max((depth[node.name] for node in graph.nodes), default=0)
    columns: dict[int, list[tuple[Node, ...]]] = defaultdict(list)
    for group in groups:
        columns[depth[group.first.name]].append(group.nodes)
    rows = {column: _few(graph, inside) for column, inside in columns.items()}
    order: dict[str, float] = {}
    placed = []
    for column in range(last + 1):
        boxes = rows.get(column, [])
        if column:  # near to those that need it
            above = {id(one): _mean(order[need.name] for node in one for need in graph.needing(node.name)
                                    if need.name in order) for one in boxes}  # fmt: skip
            boxes = sorted(boxes, key=lambda one: above[id(one)])
        for row, nodes in enumerate(boxes):
            for node in nodes:
                order[node.name] = row
            box = (1 + column * (WIDE + BETWEEN), top + row * (HIGH + GAP), WIDE, HIGH)
            placed.append(Placed(nodes, column, box))
    return tuple(placed)


def _depths(graph: LinkGraph) -> dict[str, int]:
    """Return the column of each node: 0 for files, behind them what is carried, and at last what is not in the wheel.

    What is carried stands behind what needs it, as far as there are columns; libraries that need each other in a circle
    stand in one.
    """
    depth = {node.name: 0 for node in graph.nodes if node.kind == "file"}
    carried = [node for node in graph.nodes if node.kind == "carried"]
    depth |= {node.name: 1 for node in carried}
    for node in carried:
        if any(other.name != node.name and other.kind == "carried" for other in graph.needing(node.name)):
            depth[node.name] = COLUMNS - 2
    if carried and all(depth[node.name] == COLUMNS - 2 for node in carried):
        depth |= {node.name: 1 for node in carried}
    last = max(depth.values(), default=0) + 1
    # Without anything carried, its column stays free: before and after a repair, the same things are below each other.
    return depth | {node.name: max(last, 2) for node in graph.nodes if node.kind not in ("file", "carried")}


def _few(graph: LinkGraph, boxes: list[tuple[Node, ...]]) -> list[tuple[Node, ...]]:
    """Keep the boxes with most connections, and join the others; what is missing is always kept."""
    if len(boxes) <= ROWS:
        return boxes
    weight = {id(one): (one[0].kind == "missing", any(graph.by_name[name].kind != "allowed" for name in one[0].needs),
                        len(one) + len(graph.needing(one[0].name))) for one in boxes}  # fmt: skip
    ranked = sorted(boxes, key=lambda one: weight[id(one)], reverse=True)
    first = {id(one) for one in ranked[: ROWS - 1]}
    kept = [one for one in boxes if id(one) in first]
    for kind in ("file", "carried", "allowed", "missing", "outside"):
        rest = [node for one in boxes if id(one) not in first for node in one if node.kind == kind]
        if rest:
            kept.append(tuple(rest))
    return kept


def _mean(numbers: Iterable[float]) -> float:
    found = list(numbers)
    return sum(found) / len(found) if found else 0.0
