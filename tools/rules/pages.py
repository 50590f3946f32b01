"""Rules for a page as a whole: how it opens and closes, its links, its pictures and controls, and its text."""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt

from tools import notebooks
from tools.notebooks import Chapter, is_bash, leaks, output_texts, sources, tags

METADATA = {"kernelspec", "language_info"}  # of the notebook, as `make notebooks` writes it


def nothing_of_this_machine(chapter: Chapter) -> Iterator[str]:
    """A reader has other folders and another package index."""
    for number, cell in enumerate(chapter.notebook.cells, start=1):
        for found in (leak for text in (cell.source, *output_texts(cell)) for leak in leaks(text)):
            yield f"the {number}. of all cells shows {found!r}"
    if leaks(str(chapter.notebook.metadata)) or set(chapter.notebook.metadata) - METADATA:
        yield "the notebook's metadata is not what `make notebooks` writes"


MINUTES = 30  # without the exercises; what takes longer is two chapters


def opens_as_agreed(chapter: Chapter) -> Iterator[str]:
    """A title, what you'll do, learn and need, and minutes: before the first code cell."""
    opening = ""
    for cell in chapter.notebook.cells:
        if cell.cell_type == "code":
            break
        opening += cell.source + "\n"
    opening = opening.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    if not opening.startswith("# "):
        yield "the first cell does not begin with a title"
    for wanted in ("What you'll do", "What you'll learn", "What you'll need"):
        if not re.search(rf"^(?:#+ |\*\*){wanted}\b", opening, flags=re.MULTILINE):
            yield f"the opening has no {wanted!r}"
    minutes = re.search(r"\b(\d+) minutes\b", opening)
    if minutes is None:
        yield "the opening does not say how many minutes it takes"
    elif int(minutes[1]) > MINUTES:
        yield f"{minutes[0]}; {MINUTES} at the most"


def closes_as_agreed(chapter: Chapter) -> Iterator[str]:
    """The last two headings are the recap and where to read on; no code comes after them."""
    headings = re.findall(r"^#+ (.*\S)", "\n".join(chapter.prose), flags=re.MULTILINE)
    if headings[-2:] != ["What you have seen", "Further reading"]:
        yield f"the last two headings are {headings[-2:]}, not 'What you have seen' and 'Further reading'"
    if chapter.notebook.cells[-1].cell_type != "markdown":
        yield "the last cell is not text"


def links_hold(chapter: Chapter) -> Iterator[str]:
    """A link goes to https, to a heading here, or to a file that is there (seen from its folder)."""
    for source in chapter.prose:
        for token in MarkdownIt().parse(source):
            for child in token.children or ():
                target = child.attrGet("href") if child.type == "link_open" else child.attrGet("src")
                if child.type == "text" and re.search(r"\]\s?\(|\]\[", child.content):
                    yield f"a link that is none: {child.content!r}"
                elif child.type == "image" and not child.content.strip():
                    yield f"the picture {target!r} has no text alternative"
                if target is not None and not re.match(r"https://[\w.-]+\.\w+(/|$)", str(target)):
                    yield from local_link(chapter, str(target))


def local_link(chapter: Chapter, target: str) -> Iterator[str]:
    """Check a link inside the lab."""
    path, _, anchor = target.partition("#")
    if not target or (path and ("://" in path or not (chapter.path.parent / path).is_file())):
        yield f"the link {target!r} leads nowhere"
    elif anchor and not path:
        headings = re.findall(r"^#+ (.*\S)", "\n".join(chapter.prose), flags=re.MULTILINE)
        if anchor not in {heading.replace(" ", "-") for heading in headings}:
            yield f"no heading is called {anchor!r}"


def no_formula_by_accident(chapter: Chapter) -> Iterator[str]:
    """JupyterLab takes what stands between two dollar signs of a cell for a formula, also in HTML's ``<code>``."""
    for source in chapter.prose:
        text = re.sub(r"(`+)(?!`).*?\1", "", source, flags=re.DOTALL)
        if text.count("$") > 1 and (found := re.search(r"<code>[^<]*\$[^<]*</code>", text)):
            yield f"write &#36; for the dollar sign in {found[0]!r}, or what comes after it becomes a formula"


def pictures_in_words(chapter: Chapter) -> Iterator[str]:
    """Who cannot see a picture gets a text that says the same."""
    for number, cell in chapter.code:
        for output in cell.outputs:
            data = output.get("data", {})
            words = data.get("text/plain", "").strip()
            kinds = (*notebooks.PICTURES, "image/svg+xml")
            if any(kind in data for kind in kinds) and (words.startswith("<") or len(words) < 20):
                yield f"the picture of cell {number} has no text alternative, only {words!r}"


def widgets_have_twins(chapter: Chapter) -> Iterator[str]:
    """A control is dead on a code host and in a PDF; a later cell says the same without it."""
    waiting = None
    for number, cell in chapter.code:
        if re.search(r"\b(control|archive_map|linkage)\(|\bipywidgets\b", cell.source) and "widget" not in tags(cell):
            yield f"cell {number} shows a control, and is not tagged widget"
        if "widget" in tags(cell):
            if waiting is not None:
                yield f"the control of cell {waiting} has no static twin before the next one"
            waiting = number
        elif "static-twin" in tags(cell):
            if waiting is None:
                yield f"cell {number} is the static twin of nothing"
            if not cell.outputs:
                yield f"cell {number} is a static twin, and shows nothing"
            waiting = None
    if waiting is not None:
        yield f"the control of cell {waiting} has no static twin after it"


def works_in_its_own_folder(chapter: Chapter) -> Iterator[str]:
    """A chapter enters its folder under ``_work`` before any command; what it writes is watched by test_orders.py."""
    entered = False
    for number, cell in chapter.code:
        for named in re.findall(r"\benter\(\s*[\"'](\w+)", cell.source):
            entered = True
            if named != chapter.number:
                yield f"cell {number} enters the folder of chapter {named}"
        if is_bash(cell.source) and not entered:
            yield f"cell {number} runs commands before workbench.enter"


def made_from_its_text(chapter: Chapter) -> Iterator[str]:
    """The notebook says what the text says; `make notebooks` sees to it."""
    text = notebooks.read_text((notebooks.TEXTS / chapter.name).with_suffix(".md"))
    made, wanted = sources(chapter.notebook), sources(text)
    if len(made) != len(wanted):
        yield f"the notebook has {len(made)} cells, the text {len(wanted)}: run `make notebooks`"
    for number, (one, other) in enumerate(zip(made, wanted, strict=False), start=1):
        if one != other:
            yield f"the {number}. of all cells differs from the text: run `make notebooks`"
