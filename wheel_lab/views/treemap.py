"""The archive as a map: each file a box, as large as its part of the folder. Drawn with the core alone."""

import math

from wheel_lab.listing import Entry, Folder, Listing, Mark
from wheel_lab.members import shown
from wheel_lab.views.drawing import BLUE, EDGE, INK, Drawing, letters, text
from wheel_lab.views.squares import Box, Rectangle, lay_out

__all__ = ["MARKS", "decimal", "figure", "maps", "sentences", "to_svg"]

# In units of the drawing, which are pixels where it has room for its full width.
WIDTH, TOP, HEIGHT, LINE = 640, 46, 380, 20
GAP = 14  # between two maps
COMPILED = (".so", ".pyd", ".dll", ".dylib", ".a", ".lib", ".o", ".wasm", ".exe")
FILLS = {"compiled": BLUE, "metadata": "#f2dfae", "other": "#d9e8f2", "rest": "#ececec", "folder": "white"}
WORDS = {"compiled": "compiled", "other": "other", "metadata": ".dist-info", "rest": "small files"}
SIGNS: dict[Mark, str] = {"new": "+", "changed": "~", "gone": "-"}
MARKS = tuple(SIGNS)


def maps(listing: Listing) -> list[tuple[Listing, Rectangle]]:
    """Return where the map of the wheel lies, and before it that of the wheel before, when there is one."""
    if listing.before is None or not listing.size or not listing.before.size:
        return [(listing, (1, TOP, WIDTH - 2, HEIGHT))]
    # Both have the same shape, so that their areas are as their bytes.
    first, second = listing.before.size**0.5, listing.size**0.5
    scale = (WIDTH - GAP - 2) / (first + second)
    ratio = min(HEIGHT / max(first, second) / scale, HEIGHT / WIDTH * 1.4)
    left, right = first * scale, second * scale
    return [
        (listing.before, (1, TOP, left, left * ratio)),
        (listing, (1 + left + GAP, TOP, right, right * ratio)),
    ]


def figure(listing: Listing) -> Drawing:
    """Draw the files of a wheel as boxes; where it was compared with another, both beside each other."""
    parts, foot = [HATCH, *_titles(listing)], TOP
    gone = {one.name for one in listing.marked("gone")}
    for one, place in maps(listing):
        foot = max(foot, math.ceil(place[1] + place[3]))
        for box in lay_out(one.tree(), place):
            parts += _box(box, "gone" if one is listing.before and box.of.name in gone else "")
    legend = _legend(foot, listing)
    return Drawing(WIDTH, foot + 8 + LINE * len(legend), "".join([*parts, *legend]), sentences(listing))


def to_svg(listing: Listing) -> str:
    """Return the map as SVG, for a page to show as it is."""
    return figure(listing).inline()


def sentences(listing: Listing) -> str:
    """Say in words what the map shows."""
    largest = sorted((one for one in listing.entries if one.mark != "gone"), key=lambda one: (-one.size, one.name))[:3]
    words = [f"{_title_words(listing)}. A box for each file, as large as its part of the bytes of its folder."]
    if listing.size:
        named = ", ".join(f"{shown(one.name)}, {_share(one.size, listing.size)}" for one in largest if one.size)
        words.append(f"The largest: {named}.")
    if listing.before is not None:
        words.append(f"Before: {_title_words(listing.before)}.")
        for mark in MARKS:
            found = sorted(listing.marked(mark), key=lambda one: -one.size)
            if found:
                more = f", and {len(found) - 5} more" if len(found) > 5 else ""
                words.append(f"{mark.capitalize()}: {', '.join(shown(one.name) for one in found[:5])}{more}.")
        if not any(one.mark for one in listing.entries):
            words.append("No file has changed.")
    return " ".join(words)


# --- what is drawn ---------------------------------------------------------------------------------------------------

HATCH = (
    '<pattern id="wheel-lab-new" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<path d="M0 0V7" stroke="white" stroke-width="3" stroke-opacity="0.55"/></pattern>'
)


def _box(box: Box, mark: Mark) -> list[str]:
    x, y, width, height = (round(number, 1) for number in box.place)
    mark = mark or _mark(box)
    kind = _kind(box)
    ink = "white" if kind == "compiled" else INK
    parts = [_rect("box", (x, y, width, height), FILLS[kind], EDGE)]
    if mark == "new":
        parts.append(_rect("new", (x, y, width, height), "url(#wheel-lab-new)"))
    if mark == "changed" and min(width, height) > 6:
        parts.append(_dashed((x + 2, y + 2, width - 4, height - 4), ink))
    if mark == "gone":
        parts.append(_cross((x, y, width, height), ink))
    words = _label(box, mark, letters(width - 10, 12))
    if words and height >= 18:
        if mark in ("new", "gone"):  # a plate, because no text is read well on lines
            parts.append(_rect("plate", (x + 2, y + 2, min(width - 4, len(words) * 7.8 + 4), 15), FILLS[kind]))
        parts.append(text(x + 5, y + 13, words, size=12, colour=ink))
    return parts


def _rect(name: str, place: Rectangle, fill: str, edge: str | None = None) -> str:
    x, y, width, height = place
    line = f' stroke="{edge}" stroke-width="0.7"' if edge else ""
    return f'<rect class="{name}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}"{line}/>'


def _dashed(place: Rectangle, ink: str, dashes: str = "5 4") -> str:
    x, y, width, height = place
    return (
        f'<rect class="changed" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="none" stroke="{ink}" '
        f'stroke-width="2" stroke-dasharray="{dashes}"/>'
    )


def _cross(place: Rectangle, ink: str) -> str:
    x, y, width, height = place
    return (
        f'<path class="gone" d="M{x:g} {y:g}l{width:g} {height:g}m0 {-height:g}l{-width:g} {height:g}" '
        f'stroke="{ink}" stroke-width="1" stroke-opacity="0.7"/>'
    )


def _mark(box: Box) -> Mark:
    return box.of.mark if isinstance(box.of, Entry) else ""


def _kind(box: Box) -> str:
    if box.together:
        return "rest"
    if isinstance(box.of, Folder):
        return "rest" if box.whole else "folder"
    if ".dist-info/" in box.of.name:
        return "metadata"
    name = box.of.name.rsplit("/", 1)[-1].lower()
    return "compiled" if name.endswith(COMPILED) or ".so." in name else "other"


def _label(box: Box, mark: Mark, room: int) -> str:
    """Return the name that fits into a box; none where too little of it would be left."""
    if box.together:
        words = f"{box.together:,} small"
        return words if len(words) <= room else ""
    name = shown(box.of.name.removesuffix("/").rsplit("/", 1)[-1])
    if isinstance(box.of, Folder):
        name += "/"
    elif mark:
        name = f"{SIGNS[mark]} {name}"
    return _cut(name, room) if room >= min(6, len(name)) else ""


def _titles(listing: Listing) -> list[str]:
    if listing.before is None:
        name = _cut(shown(listing.file), letters(WIDTH, 14))
        return [text(0, 16, name, size=14, weight="bold"), text(0, 36, _words_of(listing))]
    places = [place for _, place in maps(listing)]
    left, right = (places[0][0], places[-1][0])
    first = f"before: {decimal(listing.before.size)}"
    # Above a narrow map there is no room for the words: those of the other map then begin behind them.
    second = max(right, left + len(first) * 8.5) if len(places) == 2 else 160
    return [
        text(0, 16, "Before and after, unpacked", size=14, weight="bold"),
        text(left, 36, first),
        text(round(second, 1), 36, f"after: {decimal(listing.size)}"),
    ]


def _words_of(one: Listing) -> str:
    """Say how many files a wheel has, and how large they are."""
    files = f"{one.files:,} file{'s' * (one.files != 1)}"
    return f"{files}, {decimal(one.size)} unpacked, {decimal(one.packed)} as a wheel"


def _title_words(one: Listing) -> str:
    return f"{_cut(shown(one.file), 100)}: {_words_of(one)}"


def _legend(foot: float, listing: Listing) -> list[str]:
    """Return the lines under the map: what the fills mean, and each mark with the largest files that have it."""
    parts, x, y = [""], 1.0, foot + LINE - 2
    for kind, words in WORDS.items():
        parts[0] += _rect("key", (x, y - 10, 12, 12), FILLS[kind], EDGE) + text(x + 16, y, words, size=12)
        x = round(x + 28 + len(words) * 7.4, 1)
    for mark in MARKS:
        found = sorted(listing.marked(mark), key=lambda one: -one.size)
        if found:
            y += LINE
            names = ", ".join(shown(one.name.rsplit("/", 1)[-1]) for one in found[:9])
            count = f" ({len(found):,})" if len(found) > 1 else ""
            words = _cut(f"{SIGNS[mark]} {mark}{count}: {names}", letters(WIDTH - 16, 12))
            parts.append(_key(mark, y - 10) + text(17, y, words, size=12))
    return parts


def _key(mark: Mark, y: float) -> str:
    place = (1, y, 12, 12)
    if mark == "changed":
        return _dashed((2, y + 1, 10, 10), INK, "3 2")
    if mark == "new":
        return _rect("key", place, BLUE, EDGE) + _rect("key", place, "url(#wheel-lab-new)")
    return _rect("key", place, "white", EDGE) + _cross(place, INK)


def decimal(size: int) -> str:
    """Return a size in bytes as a person reads it: ``"1.5 MB"``, a million and a half."""
    for unit, word in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {word}"
    return f"{size} bytes"


def _share(size: int, whole: int) -> str:
    return f"{100 * size / whole:.0f} % of the bytes" if size * 200 >= whole else "less than 1 %"


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"
