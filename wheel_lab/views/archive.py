"""The archive: a tree and a map of a wheel's files, and under them what the chosen file says."""

import html
from pathlib import Path
from typing import IO, Any

import ipywidgets

from wheel_lab.limits import WheelError
from wheel_lab.listing import Entry, Folder, Listing, list_wheel
from wheel_lab.members import shown
from wheel_lab.peek import Peek, difference, headers, peek
from wheel_lab.views.chooser import Chooser, Node
from wheel_lab.views.drawing import answer_text
from wheel_lab.views.picture import Control
from wheel_lab.views.squares import lay_out
from wheel_lab.views.treemap import MARKS, decimal, figure, maps, sentences, to_svg

__all__ = ["archive_map", "figure", "sentences", "to_svg"]

SENTENCE = "The files of a wheel as a tree and as a map; choose one to read it. Run this cell to use it."
INSIDE = 400  # things of one folder that the tree lists; the rest, smaller than these, it counts
PRE = "max-height:22em;overflow:auto;line-height:1.4;margin:0"

Source = str | Path | IO[bytes]


class _Tree:
    """The nodes of the tree, and what each stands for: a file, a folder, or what is left of a folder."""

    def __init__(self, listing: Listing) -> None:
        self.nodes: list[Node] = []
        self.things: list[Entry | Folder | tuple[Entry | Folder, ...]] = []
        whole = listing.tree()
        self._add("the whole wheel", whole, -1)
        waiting = [(whole, 0)]
        while waiting:
            folder, parent = waiting.pop()
            # What came, changed or went is listed, however small it is.
            first = [one for one in folder.inside if isinstance(one, Entry) and one.mark][:INSIDE]
            kept = {id(one) for one in (*first, *folder.inside[:INSIDE])}
            for one in folder.inside:
                if id(one) in kept:
                    name = shown(one.name.removesuffix("/").rsplit("/", 1)[-1])
                    place = self._add(name + ("/" if isinstance(one, Folder) else ""), one, parent)
                    if isinstance(one, Folder):
                        waiting.append((one, place))
            rest = tuple(one for one in folder.inside if id(one) not in kept)
            if rest:
                self._add(f"and {len(rest):,} more", rest, parent)

    def _add(self, text: str, thing: Entry | Folder | tuple[Entry | Folder, ...], parent: int) -> int:
        self.nodes.append((text, _note(thing), parent))
        self.things.append(thing)
        return len(self.nodes) - 1


def archive_map(wheel: Source, before: Source | None = None) -> Control:
    """Return the tree and the map of a wheel's files; what is chosen is read from the wheel.

    Parameters
    ----------
    wheel
        The wheel. It must stay where it is.
    before
        Another wheel to compare it with, such as the one that a repair began with. Files that came, changed or went
        are marked, and of a changed file the difference is shown.

    Raises
    ------
    WheelError
        A file is not a zip archive, or it reaches a limit.
    OSError
        There is no such file, or it cannot be opened.
    """
    listing = list_wheel(wheel, before)
    known = headers(wheel), headers(before) if before is not None else {}
    tree = _Tree(listing)
    at = {id(thing): place for place, thing in enumerate(tree.things)}
    names = {thing.name: place for place, thing in enumerate(tree.things) if not isinstance(thing, tuple)}
    spots = []
    for one, where in maps(listing):
        for box in lay_out(one.tree(), where):
            # The other wheel's boxes lead to the files of the same names.
            place = at.get(id(box.of)) if one is listing else None
            if one is not listing or place is None:
                place = names.get(box.of.name)
            if place is not None:
                spots.append((place, *box.place))
    drawing = figure(listing)
    chooser = Chooser(description="Files, the largest first:", nodes=tree.nodes, drawing=drawing, spots=spots)

    def answer(place: int) -> str:
        thing = tree.things[place]
        if isinstance(thing, Entry):
            return _file(thing, wheel, before, known)
        if place == 0:
            return answer_text(sentences(listing))
        text, note, _ = tree.nodes[place]
        inside = thing if isinstance(thing, tuple) else thing.inside
        files = sum(one.files if isinstance(one, Folder) else one.mark != "gone" for one in inside)
        return answer_text(f"{text}: {files:,} file{'s' * (files != 1)}, {note}.")

    below = ipywidgets.HTML(answer(0))

    def show(change: dict[str, Any]) -> None:
        below.value = answer(change["new"])

    chooser.observe(show, "value")
    return Control(SENTENCE, [chooser], below)


def _file(
    entry: Entry,
    wheel: Source,
    before: Source | None,
    known: tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]],
) -> str:
    """Return what a file says, as HTML; of a changed one what is different."""
    note = f"{entry.size:,} bytes, {entry.packed:,} in the archive"
    try:
        if entry.mark == "gone" and before is not None:
            found = peek(before, entry.name, known[1])
            return _block(entry, f"{note}; it is gone, and said:", found.lines, found.cut)
        found = peek(wheel, entry.name, known[0])
        if entry.mark == "changed" and before is not None:
            old = peek(before, entry.name, known[1])
            lines = difference(old, found)
            if lines:
                return _block(entry, f"{note}; changed. - is before, + is after:", lines, cut=False)
            note += "; changed further down than is shown here"
    except (WheelError, OSError) as error:
        return _block(entry, note, (shown(str(error)),), cut=False)
    return _block(entry, f"{note}{'; new' if entry.mark == 'new' else ''}. {_kind(found)}", found.lines, found.cut)


def _kind(found: Peek) -> str:
    return {
        "text": "Its text:" if found.lines else "It is empty.",
        "headers": "What its headers ask for:",
        "bytes": "No text. Its first bytes:",
        "unreadable": "",
    }[found.kind]


def _block(entry: Entry, note: str, lines: tuple[str, ...], cut: bool) -> str:
    name = html.escape(shown(entry.name))
    words = html.escape("\n".join([*lines, *(["… and more"] if cut else [])]))
    title = f'<p style="line-height:1.5;overflow-wrap:anywhere"><strong>{name}</strong>: {html.escape(note)}</p>'
    if not words:
        return title
    return f'{title}<pre tabindex="0" role="region" aria-label="{name}" style="{PRE}">{words}</pre>'


def _note(thing: Entry | Folder | tuple[Entry | Folder, ...]) -> str:
    if isinstance(thing, tuple):
        return decimal(sum(one.size for one in thing))
    if isinstance(thing, Entry):
        return f"{decimal(thing.size)}{f', {thing.mark}' if thing.mark else ''}"
    marks = "".join(f", {thing.marked(mark):,} {mark}" for mark in MARKS if thing.marked(mark))
    return f"{decimal(thing.size)}{marks}"
