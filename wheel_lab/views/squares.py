"""The places of a map: each folder's rectangle divided among what is in it, by size."""

from collections.abc import Sequence
from dataclasses import dataclass

from wheel_lab.listing import Entry, Folder

__all__ = ["Box", "Rectangle", "lay_out", "squarify"]

# In units of the drawing.
HEADER, INSET = 18, 2  # a folder's name, and its border
ROOM = 38  # a folder is drawn as one box unless it is this high and half as wide again
SMALLEST = 36  # square units: what is smaller is drawn together with its like

Rectangle = tuple[float, float, float, float]  # left, top, width, height


@dataclass(frozen=True)
class Box:
    """A part of the map.

    Attributes
    ----------
    of
        The file or the folder; of what is drawn together, the folder that holds it.
    place
        Left, top, width and height.
    together
        How many small files and folders of the folder are drawn as this one box; 0 for a file or a folder.
    whole
        Whether a folder is drawn as one box, because there is no room for what is in it.
    """

    of: Entry | Folder
    place: Rectangle
    together: int = 0
    whole: bool = False


def squarify(sizes: Sequence[float], place: Rectangle) -> list[Rectangle]:
    """Divide a rectangle into one for each size, as square as they get, their areas in proportion to the sizes.

    The rule is that of Bruls, Huizing and van Wijk (Squarified Treemaps, 2000): a row along the shorter side takes one
    more as long as its worst rectangle gets no longer by it.

    Parameters
    ----------
    sizes
        Positive, the largest first.
    place
        The rectangle: left, top, width and height.
    """
    x, y, width, height = place
    scale = width * height / sum(sizes) if sizes else 0
    areas = [size * scale for size in sizes]
    found: list[Rectangle] = []
    first = 0
    while first < len(areas):
        side = min(width, height)
        last, total = first + 1, areas[first]
        worst = _worst(total, areas[first], areas[first], side)
        while last < len(areas):
            longer = _worst(total + areas[last], areas[first], areas[last], side)
            if longer > worst:
                break
            worst, total, last = longer, total + areas[last], last + 1
        depth = total / side if side else 0
        along = y if width >= height else x
        for area in areas[first:last]:
            length = area / depth if depth else 0
            found.append((x, along, depth, length) if width >= height else (along, y, length, depth))
            along += length
        if width >= height:
            x, width = x + depth, max(0.0, width - depth)
        else:
            y, height = y + depth, max(0.0, height - depth)
        first = last
    return found


def lay_out(folder: Folder, place: Rectangle) -> list[Box]:
    """Give each file and folder its place on the map, a folder before what is in it; empty files get none."""
    boxes: list[Box] = []
    waiting = [(folder, place)]
    while waiting:
        one, (x, y, width, height) = waiting.pop()
        there = [
            child for child in one.inside if child.size and not (isinstance(child, Entry) and child.mark == "gone")
        ]
        least = SMALLEST * one.size / max(1.0, width * height)
        large = [child for child in there if child.size >= least]
        small = there[len(large) :]  # the largest come first
        sizes = [float(child.size) for child in large]
        rest = sum(child.size for child in small)
        # In the order of sizes, as the division asks; the box for the rest has its place by its own size.
        at = next((number for number, size in enumerate(sizes) if size < rest), len(sizes))
        places = squarify([*sizes[:at], *([float(rest)] if small else []), *sizes[at:]], (x, y, width, height))
        if small:
            boxes.append(Box(one, places.pop(at), together=len(small)))
        for child, (left, top, wide, high) in zip(large, places, strict=True):
            whole = isinstance(child, Folder) and (high < ROOM or wide < 1.5 * ROOM)
            boxes.append(Box(child, (left, top, wide, high), whole=whole))
            if isinstance(child, Folder) and not whole:
                inner = (left + INSET, top + HEADER, wide - 2 * INSET, high - HEADER - INSET)
                waiting.append((child, inner))
    return boxes


def _worst(total: float, largest: float, smallest: float, side: float) -> float:
    """Return how many times as long as wide the worst rectangle of a row is."""
    if not total or not side:
        return float("inf")
    return max(side**2 * largest / total**2, total**2 / (side**2 * smallest))
