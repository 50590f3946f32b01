"""Refuse what nbval lets pass: an unexecuted cell, a lost exit code, a notebook that is not made from its text.

Each rule is a small function that takes a chapter and yields what is wrong with it, in words for its author. Each rule
is tried at the bottom on a chapter that breaks it.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat.v4 as new
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from markdown_it import MarkdownIt
from nbformat import NotebookNode
from nbval.plugin import IPyNbFile, comment_markers, metadata_tags

from tools import notebooks, publish
from tools.notebooks import code_cells, leaks, markers, output_texts, tags

LINES_IN_A_CELL = 15
LENGTH_OF_A_LINE = 106  # in a window 1280 pixels wide, beside the list of files, JupyterLab cuts off what is longer
CODE_CELLS_IN_A_CHAPTER = 40
IGNORED_IN_A_CHAPTER = 2
IGNORED_OF_ALL = 0.05

# A misspelt tag would do nothing, silently; so every tag is known here, with what it is for.
TAGS = {
    "proof": "the cell that proves the chapter's claim; it takes no marker",
    "measured": "its picture shows times, and is another one each time",
    "widget": "shows a control",
    "static-twin": "says without a control what the widget above says",
    "raises-exception": "ends in an error, on purpose",
    "nbval-ignore-output": "the output is not compared; the cell's `reason` says why",
}


@dataclass(frozen=True)
class Chapter:
    """A notebook and the name of its file."""

    name: str
    notebook: NotebookNode

    @property
    def code(self) -> list[tuple[int, NotebookNode]]:
        """The code cells, counted from 1 as the reader sees them."""
        return list(enumerate(code_cells(self.notebook), start=1))

    @property
    def prose(self) -> list[str]:
        """The sources of the text cells."""
        return [cell.source for cell in self.notebook.cells if cell.cell_type == "markdown"]


def is_bash(source: str) -> bool:
    """Tell whether a cell is given to a shell as a whole."""
    return source.startswith("%%")


def python_tree(source: str) -> ast.Module:
    """Return a cell as Python sees it, after IPython has turned its magics into calls."""
    return ast.parse(TransformerManager().transform_cell(source))


# --- the rules -------------------------------------------------------------------------------------------------------


def executed_in_order(chapter: Chapter) -> Iterator[str]:
    """Nbval runs a cell that was never executed, but compares nothing."""
    for number, cell in chapter.code:
        if cell.execution_count != number:
            yield f"cell {number} was executed as [{cell.execution_count}]"


def nothing_empty(chapter: Chapter) -> Iterator[str]:
    """An empty cell is left over from something."""
    for number, cell in enumerate(chapter.notebook.cells, start=1):
        if not cell.source.strip():
            yield f"the {number}. of all cells is empty"


def nothing_skipped(chapter: Chapter) -> Iterator[str]:
    """A skipped cell proves nothing."""
    for number, cell in chapter.code:
        if "skip" in markers(cell):
            yield f"cell {number} is skipped"


def ignored_with_a_reason(chapter: Chapter) -> Iterator[str]:
    """The reason stands in the comment line after the marker, or in the cell's metadata as `reason`."""
    for number, cell in chapter.code:
        if "ignore" in markers(cell) and not reason(cell):
            yield f"cell {number} is ignored without a reason"


def reason(cell: NotebookNode) -> str:
    """Return why the output of a cell is ignored; empty when nobody said."""
    lines = [line.strip() for line in cell.source.splitlines()]
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("#") and line.lstrip("# ") in comment_markers and after.startswith("#"):
            return after.lstrip("# ")
    return str(cell.metadata.get("reason", "")).strip()


def few_ignored(chapter: Chapter) -> Iterator[str]:
    """Two in one notebook; the share of all is counted further down."""
    ignored = [number for number, cell in chapter.code if "ignore" in markers(cell)]
    if len(ignored) > IGNORED_IN_A_CHAPTER:
        yield f"{len(ignored)} cells are ignored: {ignored}"


def proof_is_compared(chapter: Chapter) -> Iterator[str]:
    """A chapter names the cell that proves its claim, and that cell is compared like any other."""
    for number, cell in chapter.code:
        if "proof" in tags(cell) and markers(cell) & {"ignore", "skip"}:
            yield f"cell {number} is the proof, and is not compared"
    if not any("proof" in tags(cell) for _, cell in chapter.code):
        yield "no cell is tagged proof"


def markers_are_understood(chapter: Chapter) -> Iterator[str]:
    """Nbval overlooks a marker with text behind it, and a tag in capitals, without a word."""
    for number, cell in chapter.code:
        for line in cell.source.splitlines():
            if re.search(r"NBVAL_|PYTEST_VALIDATE", line) and line.strip().lstrip("#").strip() not in comment_markers:
                yield f"cell {number}: nbval does not read {line.strip()!r} as a marker"
        for tag in tags(cell):
            if tag not in TAGS and tag not in metadata_tags:
                yield f"cell {number}: {tag!r} is no tag of ours; the list is in tests/chapters/test_structure.py"
            if tag in metadata_tags and tag not in TAGS and "skip" not in tag:
                yield f"cell {number}: write {tag!r} as nbval-ignore-output or raises-exception"


def exit_codes_count(chapter: Chapter) -> Iterator[str]:
    """A bare ``!`` loses the exit code; ``%%bash -e`` keeps it."""
    lost = {"system", "getoutput", "getstatusoutput", "popen"}
    for number, cell in chapter.code:
        if is_bash(cell.source) and not re.match(r"%%(system|sx|!|time)", cell.source):
            continue
        for node in ast.walk(python_tree(cell.source)):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            magic = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
            if node.func.attr in lost or ("magic" in node.func.attr and magic in {"system", "sx", "sc", "!", "bash"}):
                yield f"cell {number} starts a command whose exit code is lost; use %%bash -e"
                break


def bash_stops_at_errors(chapter: Chapter) -> Iterator[str]:
    """Without ``-e`` only the last command counts; and ``-e`` itself overlooks a command after ``!``."""
    for number, cell in chapter.code:
        if not is_bash(cell.source):
            continue
        first, *lines = cell.source.splitlines()
        if first.split() not in (["%%bash", "-e"], ["%%manylinux"]):  # %%manylinux is bash -e in the manylinux image
            yield f"cell {number} begins with {first!r}; the convention is %%bash -e"
        commands = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
        if any(line.startswith("! ") for line in commands[:-1]):
            yield f"cell {number}: bash -e overlooks a line that begins with '! ', unless it is the last"


def no_trailing_semicolon(chapter: Chapter) -> Iterator[str]:
    """It hides a result in JupyterLab, but not from nbval."""
    for number, cell in chapter.code:
        if not is_bash(cell.source) and cell.source.rstrip().endswith(";"):
            yield f"cell {number} ends with a semicolon"


def no_silent_error(chapter: Chapter) -> Iterator[str]:
    """An error stands in a notebook only where the text announces it, and then it is there."""
    for number, cell in chapter.code:
        failed = any(output.output_type == "error" for output in cell.outputs)
        if failed != ("raises" in markers(cell)):
            yield f"cell {number} {'ends in an error, without the tag' if failed else 'should raise'} raises-exception"


def short(chapter: Chapter) -> Iterator[str]:
    """What does not fit on a screen is not read."""
    if len(chapter.code) > CODE_CELLS_IN_A_CHAPTER:
        yield f"{len(chapter.code)} code cells; {CODE_CELLS_IN_A_CHAPTER} at the most"
    for number, cell in chapter.code:
        lines = [line for line in cell.source.splitlines() if line.strip()]
        if len(lines) > LINES_IN_A_CELL:
            yield f"cell {number} has {len(lines)} lines; {LINES_IN_A_CELL} at the most"
        if longest := max((len(line) for line in lines if len(line) > LENGTH_OF_A_LINE), default=0):
            yield f"cell {number} has a line of {longest} characters; {LENGTH_OF_A_LINE} at the most"


def followed_by_nbval(chapter: Chapter) -> Iterator[str]:
    """What these do to an output already shown, nbval cannot follow."""
    for number, cell in chapter.code:
        found = re.search(r"\b(?:interact|interactive|interactive_output|Output)\s*\(|\bclear_output\b", cell.source)
        if found:
            yield f"cell {number} uses {found[0]!r}; change the .value of a widget instead"


def nothing_of_this_machine(chapter: Chapter) -> Iterator[str]:
    """A reader has other folders and another package index."""
    for number, cell in enumerate(chapter.notebook.cells, start=1):
        for found in (leak for text in (cell.source, *output_texts(cell)) for leak in leaks(text)):
            yield f"the {number}. of all cells shows {found!r}"
    if leaks(str(chapter.notebook.metadata)) or set(chapter.notebook.metadata) - set(publish.METADATA):
        yield "the notebook's metadata is not what `make notebooks` writes"


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
    if not re.search(r"\b\d+ minutes\b", opening):
        yield "the opening does not say how many minutes it takes"


def closes_as_agreed(chapter: Chapter) -> Iterator[str]:
    """The last two headings are the recap and where to read on; no code comes after them."""
    headings = re.findall(r"^#+ (.*\S)", "\n".join(chapter.prose), flags=re.MULTILINE)
    if headings[-2:] != ["What you have seen", "Further reading"]:
        yield f"the last two headings are {headings[-2:]}, not 'What you have seen' and 'Further reading'"
    if chapter.notebook.cells[-1].cell_type != "markdown":
        yield "the last cell is not text"


def links_hold(chapter: Chapter) -> Iterator[str]:
    """A link goes to https, to a heading here, or to a file that is there (seen from ``notebooks/``)."""
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
    if not target or (path and ("://" in path or not (notebooks.FOLDER / path).is_file())):
        yield f"the link {target!r} leads nowhere"
    elif anchor and not path:
        headings = re.findall(r"^#+ (.*\S)", "\n".join(chapter.prose), flags=re.MULTILINE)
        if anchor not in {heading.replace(" ", "-") for heading in headings}:
            yield f"no heading is called {anchor!r}"


def pictures_in_words(chapter: Chapter) -> Iterator[str]:
    """Who cannot see a picture gets a text that says the same."""
    for number, cell in chapter.code:
        for output in cell.outputs:
            data = output.get("data", {})
            words = data.get("text/plain", "").strip()
            if any(kind in data for kind in notebooks.PICTURES) and (words.startswith("<") or len(words) < 20):
                yield f"the picture of cell {number} has no text alternative, only {words!r}"


def widgets_have_twins(chapter: Chapter) -> Iterator[str]:
    """A control is dead on a code host and in a PDF; a later cell says the same without it."""
    waiting = None
    for number, cell in chapter.code:
        if re.search(r"\bcontrol\(|\bipywidgets\b", cell.source) and "widget" not in tags(cell):
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
            if named != chapter.name[:2]:
                yield f"cell {number} enters the folder of chapter {named}"
        if is_bash(cell.source) and not entered:
            yield f"cell {number} runs commands before workbench.enter"


def made_from_its_text(chapter: Chapter) -> Iterator[str]:
    """The notebook says what the text says; `make notebooks` sees to it."""
    text = notebooks.read_text(notebooks.TEXTS / f"{Path(chapter.name).stem}.md")
    made = [(cell.cell_type, cell.source, dict(cell.metadata)) for cell in chapter.notebook.cells]
    wanted = [(cell.cell_type, cell.source, dict(cell.metadata)) for cell in text.cells]
    if len(made) != len(wanted):
        yield f"the notebook has {len(made)} cells, the text {len(wanted)}: run `make notebooks`"
    for number, (one, other) in enumerate(zip(made, wanted, strict=False), start=1):
        if one != other:
            yield f"the {number}. of all cells differs from the text: run `make notebooks`"


RULES: list[Callable[[Chapter], Iterator[str]]] = [
    executed_in_order, nothing_empty, nothing_skipped, ignored_with_a_reason, few_ignored, proof_is_compared,
    markers_are_understood, exit_codes_count, bash_stops_at_errors, no_trailing_semicolon, no_silent_error, short,
    followed_by_nbval, nothing_of_this_machine, opens_as_agreed, closes_as_agreed, links_hold, pictures_in_words,
    widgets_have_twins, works_in_its_own_folder, made_from_its_text,
]  # fmt: skip


def chapters() -> list[Chapter]:
    """Return all notebooks of the lab."""
    return [Chapter(path.name, notebooks.read_notebook(path)) for path in notebooks.notebooks()]


# --- the lab's own chapters ------------------------------------------------------------------------------------------


def test_every_text_has_its_notebook_and_every_notebook_its_text():
    assert notebooks.texts(), "there are no texts"
    assert [path.stem for path in notebooks.texts()] == [path.stem for path in notebooks.notebooks()]
    for folder, kind in ((notebooks.FOLDER, ".ipynb"), (notebooks.TEXTS, ".md")):
        strays = [path.name for path in folder.iterdir() if path.is_file() and not re.match(r"\d\d_\w+", path.name)]
        strays += [path.name for path in folder.iterdir() if path.is_file() and path.suffix != kind]
        assert not strays, "these are no chapters"


def test_the_minutes_of_a_chapter_are_the_same_wherever_they_stand():
    minutes = {}
    for path in notebooks.texts():
        (said,) = re.findall(r"^\*\*Time\.\*\* (\d+) minutes\.", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        minutes[path.stem[:2]] = int(said)
    start = notebooks.texts()[0].read_text(encoding="utf-8")
    readme = (notebooks.ROOT / "README.md").read_text(encoding="utf-8")
    for text, row in ((start, r"^\| (\d)\. .*\| (\d+) \|$"), (readme, r"^\| (\d) \| \[.*\| (\d+) \|$")):
        rows = re.findall(row, text, flags=re.MULTILINE)
        assert {f"{int(chapter):02}": int(said) for chapter, said in rows} == minutes
    hours, rest = divmod(sum(minutes.values()), 60)
    assert f"{hours} hours and {rest} minutes in all" in start


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("chapter", chapters(), ids=lambda chapter: chapter.name[:2])
def test_chapter(chapter, rule):
    assert list(rule(chapter)) == []


def over_budget(many: list[Chapter]) -> bool:
    """Tell whether more than one cell in twenty is ignored."""
    cells = [cell for chapter in many for cell in code_cells(chapter.notebook)]
    return sum("ignore" in markers(cell) for cell in cells) > IGNORED_OF_ALL * len(cells)


def test_hardly_any_cell_is_ignored():
    assert not over_budget(chapters())


def test_what_is_not_compared_is_nbvals_own_list(request):
    some = IPyNbFile.from_parent(request.session, path=notebooks.notebooks()[0])
    assert some.skip_compare == notebooks.NOT_COMPARED


def test_every_pattern_of_the_sanitizer_has_a_name_and_is_read():
    lines = notebooks.NBVAL_CFG.read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if line.strip() and not line.startswith(";")]
    # nbval reads pairs of lines, and passes over everything else without a word
    kinds = ["name" if re.fullmatch(r"\[.+\]", line) else line.split(": ")[0] for line in lines]
    assert kinds == ["name", "regex", "replace"] * (len(lines) // 3)
    assert len(set(lines[::3])) == len(lines[::3]), "two patterns have the same name"


# --- each rule bites -------------------------------------------------------------------------------------------------

OPENING = """# Try a thing

**What you'll do.** This.

**What you'll learn.** That.

**What you'll need.** Nothing.

**Time.** 5 minutes.
"""
CLOSING = "## What you have seen\n\nA thing.\n\n## Further reading\n\n- [a page](https://example.org/page)"
PNG = {"image/png": "iVBORw0KGgo="}


def said(text: str) -> NotebookNode:
    """Return a line on stdout."""
    return new.new_output("stream", name="stdout", text=text + "\n")


def shown(words: str, **data: str) -> NotebookNode:
    """Return a display with `words` as its text."""
    return new.new_output("display_data", data={"text/plain": words, **data})


def code(source: str, *outputs: NotebookNode, tags: tuple[str, ...] = (), **metadata: str) -> NotebookNode:
    """Return a code cell; `made` numbers it."""
    return new.new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags), **metadata})


def made(*cells: NotebookNode, opening: str = OPENING, closing: str = CLOSING, name: str = "04_try_a_thing") -> Chapter:
    """Return a chapter that holds `cells`, and is otherwise as it should be."""
    frame = (code('workbench.enter("04")'), code("print(1)", said("1"), tags=("proof",)))
    sources = (new.new_markdown_cell(opening), *frame, *cells, new.new_markdown_cell(closing))
    notebook = new.new_notebook(cells=list(sources), metadata=publish.METADATA)
    for number, cell in enumerate(code_cells(notebook), start=1):
        cell.execution_count = number
    return Chapter(f"{name}.ipynb", notebook)


def never_run() -> Chapter:
    """Return a chapter with a cell that nobody executed."""
    chapter = made(code("1 + 1"))
    code_cells(chapter.notebook)[-1].execution_count = None
    return chapter


def without_proof() -> Chapter:
    """Return a chapter that does not say which cell proves its claim."""
    chapter = made()
    code_cells(chapter.notebook)[1].metadata.tags = []
    return chapter


def with_a_private_kernel() -> Chapter:
    """Return a chapter that asks for the kernel of its maker."""
    chapter = made()
    chapter.notebook.metadata["widgets"] = {}
    return chapter


IGNORED = ("nbval-ignore-output",)
HOST = notebooks.HOSTS[0]
GOOD = [
    made(),
    made(code("%%bash -e\nfalse || echo no\n! grep x y", said("no"))),
    made(code("# NBVAL_IGNORE_OUTPUT\n# another number each time\nprint(id(1))", said("7"))),
    made(code("print(id(1))", said("7"), tags=IGNORED, reason="another number each time")),
    made(code("1 / 0", new.new_output("error", ename="E", evalue="e", traceback=["E: e"]), tags=("raises-exception",))),
    made(code("view.control()", shown("a control"), tags=("widget",)), code("1", said("1"), tags=("static-twin",))),
    made(code("view.figure()", shown("A line that rises from left to right.", **PNG))),
    made(closing=CLOSING + "\n- [above](#What-you-have-seen)\n- `a[0](1)`"),
    made(code("x = 'a;'\nsubprocess.run(['ls'], check=True)")),
]
BROKEN = [
    (executed_in_order, never_run()),
    (nothing_empty, made(code(" "))),
    (nothing_skipped, made(code("1", tags=("nbval-skip",)))),
    (nothing_skipped, made(code("# NBVAL_SKIP\n1"))),
    (ignored_with_a_reason, made(code("# NBVAL_IGNORE_OUTPUT\nprint(1)", said("1")))),
    (ignored_with_a_reason, made(code("%%bash -e\n# NBVAL_IGNORE_OUTPUT\n#\ndate", said("1")))),
    (ignored_with_a_reason, made(code("print(1)", said("1"), tags=IGNORED))),
    (few_ignored, made(*(code("print(1)", said("1"), tags=IGNORED, reason="so") for _ in range(3)))),
    (proof_is_compared, made(code("print(1)", said("1"), tags=("proof", *IGNORED), reason="so"))),
    (proof_is_compared, without_proof()),
    (markers_are_understood, made(code("# NBVAL_IGNORE_OUTPUT: it varies\nprint(1)"))),
    (markers_are_understood, made(code("print(1)", tags=("NBVAL_IGNORE_OUTPUT",)))),
    (markers_are_understood, made(code("print(1)", tags=("static_twin",)))),
    (markers_are_understood, made(code("print(1)", tags=("pytest-validate-ignore-output",)))),
    (exit_codes_count, made(code("!ls"))),
    (exit_codes_count, made(code("files = !ls"))),
    (exit_codes_count, made(code("%system ls"))),
    (exit_codes_count, made(code("x = 1\nif x:\n    %sx ls"))),
    (exit_codes_count, made(code("%%system\nls"))),
    (exit_codes_count, made(code("import os\nos.system('ls')"))),
    (bash_stops_at_errors, made(code("%%bash\nls"))),
    (bash_stops_at_errors, made(code("%%sh -e\nls"))),
    (bash_stops_at_errors, made(code("%%bash -e\n! grep -q x y\necho not there"))),
    (no_trailing_semicolon, made(code("plot();\n"))),
    (no_silent_error, made(code("1 / 0", new.new_output("error", ename="E", evalue="e", traceback=["E: e"])))),
    (no_silent_error, made(code("print(1)", said("1"), tags=("raises-exception",)))),
    (short, made(code("\n".join(f"x{n} = {n}" for n in range(16))))),
    (short, made(code("x = " + "7" * 103))),
    (short, made(*(code(f"x = {n}") for n in range(40)))),
    (followed_by_nbval, made(code("interact(f, n=3)"))),
    (followed_by_nbval, made(code("with widgets.Output():\n    print(1)"))),
    (followed_by_nbval, made(code("from IPython.display import clear_output"))),
    (nothing_of_this_machine, made(code("print(1)", said(f"in {notebooks.ROOT}/notebooks")))),
    (nothing_of_this_machine, made(code("print(1)", shown(f"file://{Path.home()}/x")))),
    (nothing_of_this_machine, made(code("open('/tmp/x', 'w')"))),
    (nothing_of_this_machine, made(code("%%bash -e\npip install x", said(f"Looking in indexes: https://{HOST}/simple")))),
    (nothing_of_this_machine, made(code("print(1)", said("Looking in links: /opt/somewhere")))),
    (nothing_of_this_machine, made(closing=CLOSING + f"\n- [NumPy](https://{HOST}/project/numpy/)")),
    (nothing_of_this_machine, with_a_private_kernel()),
    (opens_as_agreed, made(opening=OPENING.replace("learn", "hear"))),
    (opens_as_agreed, made(opening=OPENING.replace("5 minutes", "a while"))),
    (opens_as_agreed, made(opening=OPENING.removeprefix("# "))),
    (closes_as_agreed, made(closing=CLOSING.replace("Further", "More"))),
    (closes_as_agreed, made(closing=CLOSING.replace("## What you have seen\n\n", ""))),
    (links_hold, made(closing=CLOSING + "\n- [nothing]()")),
    (links_hold, made(closing=CLOSING + "\n- [a page] (https://example.org/)")),
    (links_hold, made(closing=CLOSING + "\n- [a page](http://example.org/)")),
    (links_hold, made(closing=CLOSING + "\n- [a chapter](99_not_there.ipynb)")),
    (links_hold, made(closing=CLOSING + "\n- [a heading](#Not-there)")),
    (links_hold, made(closing=CLOSING + "\n- [a page](https://example.org/with space)")),
    (links_hold, made(closing=CLOSING + "\n![](https://example.org/picture.png)")),
    (pictures_in_words, made(code("figure()", shown("<Figure size 640x480 with 1 Axes>", **PNG)))),
    (pictures_in_words, made(code("figure()", shown("", **PNG)))),
    (widgets_have_twins, made(code("view.control()", shown("a control"), tags=("widget",)))),
    (widgets_have_twins, made(code("view.control()", shown("a control")))),
    (widgets_have_twins, made(code("print(1)", said("1"), tags=("static-twin",)))),
    (widgets_have_twins, made(code("view.control()", tags=("widget",)), code("x = 1", tags=("static-twin",)))),
    (works_in_its_own_folder, made(code('workbench.enter("05")'))),
    (works_in_its_own_folder, Chapter("04_try.ipynb", new.new_notebook(cells=[code("%%bash -e\nls")]))),
]  # fmt: skip


@pytest.mark.parametrize("chapter", GOOD)
def test_a_good_chapter_passes(chapter):
    assert [problem for rule in RULES if rule is not made_from_its_text for problem in rule(chapter)] == []


@pytest.mark.parametrize(("rule", "chapter"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_the_rule_bites(rule, chapter):
    assert list(rule(chapter))


def test_every_rule_is_tried():
    assert {rule for rule, _ in BROKEN} == {*RULES} - {made_from_its_text}


@pytest.mark.parametrize("edit", [
    lambda text: text.replace("print(1)", "print(2)"),
    lambda text: text.replace(":tags: [proof]\n\n", ""),
    lambda text: text.replace("A thing.", "Another thing."),
    lambda text: text.replace("```{code-cell} ipython3\nprint(3)\n```\n", "print(3)\n"),
])  # fmt: skip
def test_a_notebook_behind_its_text_is_found(tmp_path, monkeypatch, edit):
    cell = "```{code-cell} ipython3\n"
    text = f"{OPENING}\n{cell}:tags: [proof]\n\nprint(1)\n```\n\n{cell}print(3)\n```\n\n{CLOSING}\n"
    (tmp_path / "04_try.md").write_text(text)
    monkeypatch.setattr(notebooks, "TEXTS", tmp_path)
    chapter = Chapter("04_try.ipynb", notebooks.read_text(tmp_path / "04_try.md"))
    assert list(made_from_its_text(chapter)) == []
    assert edit(text) != text
    (tmp_path / "04_try.md").write_text(edit(text))
    assert list(made_from_its_text(chapter))


def test_more_than_one_ignored_cell_in_twenty_is_over_budget():
    def chapter(plain: int) -> Chapter:
        return made(*(code("1") for _ in range(plain)), code("1", tags=IGNORED))

    # two more code cells are in the frame of each
    assert not over_budget([chapter(17)])
    assert over_budget([chapter(16)])


# --- make notebooks --------------------------------------------------------------------------------------------------


@pytest.fixture
def text(tmp_path):
    """A text of its own, in a folder laid out like the lab's."""
    (tmp_path / "a b" / "text").mkdir(parents=True)
    return tmp_path / "a b" / "text" / "04_try.md"


def write(text: Path, *cells: str) -> None:
    """Write a text that holds these code cells."""
    text.write_text("# Try\n" + "".join(f"\n```{{code-cell}} ipython3\n{cell}\n```\n" for cell in cells))


def test_make_notebooks_leaves_no_diff_the_second_time(text, tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "NBVAL_CFG", tmp_path / "nbval.cfg")
    notebooks.NBVAL_CFG.write_text("[time]\nregex: \\d+ ns\nreplace: TIME\n")
    tick = "import time\nprint('first')\nprint(f'{time.perf_counter_ns()} ns')"
    write(text, tick, "1 + 1")
    assert publish.publish(text) == "written, 2 of 2 outputs are new"
    first = notebooks.notebook_of(text).read_bytes()
    assert publish.publish(text) == "as it was"
    assert notebooks.notebook_of(text).read_bytes() == first
    # a cell before it: the old output moves along; a change in it: the new output is taken
    write(text, "0", tick, "1 + 1")
    assert publish.publish(text) == "written, 1 of 3 outputs are new"
    assert code_cells(notebooks.read_notebook(notebooks.notebook_of(text)))[1].outputs == [
        one for one in code_cells(notebooks.nbformat.reads(first, as_version=4))[0].outputs
    ]
    write(text, "0", tick.replace("first", "changed"), "1 + 1")
    assert publish.publish(text) == "written, 1 of 3 outputs are new"
    assert "changed" in notebooks.notebook_of(text).read_text()
    assert not [path for path in text.parent.parent.iterdir() if path.name.startswith(".")]


def test_make_notebooks_keeps_a_picture_only_where_it_shows_times(text):
    picture = (
        "import os, base64\nnoise = base64.b64encode(os.urandom(30)).decode()\n"
        "display({'text/plain': 'a picture of noise', 'image/png': noise}, raw=True)"
    )
    write(text, picture, ":tags: [measured]\n\n" + picture)
    publish.publish(text)
    before = [cell.outputs for cell in code_cells(notebooks.read_notebook(notebooks.notebook_of(text)))]
    assert publish.publish(text) == "written, 1 of 2 outputs are new"
    after = [cell.outputs for cell in code_cells(notebooks.read_notebook(notebooks.notebook_of(text)))]
    assert (before[0] != after[0], before[1] == after[1]) == (True, True)


@pytest.mark.parametrize("cell", [
    "import os\nprint(os.path.expanduser('~/x'))",
    "import os\nprint(os.path.realpath('.'))",
    "print('Looking in indexes: somewhere')",
    f"print('https://' + '{HOST}'.lower() + '/simple')",
    "import ipywidgets\nipywidgets.IntSlider(description='a slider without the tag widget')",
])  # fmt: skip
def test_make_notebooks_refuses_what_may_not_be_shown(text, cell):
    write(text, cell)
    with pytest.raises(publish.NotPublishable):
        publish.publish(text)
    assert not notebooks.notebook_of(text).exists()


def test_make_notebooks_refuses_an_error_nobody_announced(text):
    write(text, "1 / 0")
    with pytest.raises(publish.CellExecutionError):
        publish.publish(text)
    write(text, ":tags: [raises-exception]\n\n1 / 0")
    publish.publish(text)
    (cell,) = code_cells(notebooks.read_notebook(notebooks.notebook_of(text)))
    assert cell.outputs[0].traceback == ["ZeroDivisionError: division by zero"]


def test_a_control_is_published_as_its_words(text):
    write(text, ":tags: [widget]\n\nimport ipywidgets\nipywidgets.IntSlider(description='n')")
    publish.publish(text)
    assert "widget-view" not in notebooks.notebook_of(text).read_text()
    assert "IntSlider(value=0, description='n')" in notebooks.notebook_of(text).read_text()
