"""Rules for single code cells: what nbval lets pass, and what a reader could not follow."""

import ast
import re
from collections.abc import Iterable, Iterator

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from nbval.plugin import comment_markers, metadata_tags

from tools.notebooks import Chapter, code_cells, is_bash, markers, tags

LINES_IN_A_CELL = 15
LENGTH_OF_A_LINE = 106  # in a window 1280 pixels wide, beside the list of files, JupyterLab cuts off what is longer
CODE_CELLS_IN_A_CHAPTER = 30
IGNORED_IN_A_CHAPTER = 2
IGNORED_OF_ALL = 0.05

# A misspelt tag would do nothing, silently; so every tag is known here, with what it is for.
TAGS = {
    "proof": "the cell that proves the chapter's claim; it takes no marker",
    "measured": "its picture shows times, and is another one each time",
    "widget": "shows a control",
    "static-twin": "says without a control what the widget above says",
    "prediction": "asks for a guess; blank on the desk",
    "exercise": "asks for an answer; without its solution on the desk",
    "desk": "shows what lies on the learner's desk, and something else on the published page",
    "raises-exception": "ends in an error, on purpose",
    "nbval-ignore-output": "the output is not compared; the cell's `reason` says why",
    "record": "shows what was made elsewhere or at another time; the cell's `reason` says by what",
    "several-pythons": "shows wheels for several Pythons on purpose; the cell's `reason` says why",
}
GOAL = re.compile(r"goal-[1-9]\d*")  # tests that line under "What you'll learn"
SHELLS = {"%%bash -e -o pipefail", "%%manylinux"}  # the last is bash -e in the manylinux image
# Both leave a cell out of the rules in story.py.
EXCEPTIONS = {"record", "several-pythons"}


def python_tree(source: str) -> ast.Module:
    """Return a cell as Python sees it, after IPython has turned its magics into calls."""
    return ast.parse(TransformerManager().transform_cell(source))


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
    """Return why the output of a cell is ignored; empty when no reason is given.

    Where the metadata says why the cell is an exception to the page's story, only the comment counts.
    """
    lines: list[str] = [line.strip() for line in cell.source.splitlines()]
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("#") and line.lstrip("# ") in comment_markers and after.startswith("#"):
            return after.lstrip("# ")
    return "" if EXCEPTIONS & set(tags(cell)) else str(cell.metadata.get("reason", "")).strip()


def few_ignored(chapter: Chapter) -> Iterator[str]:
    """Two in one notebook; `over_budget` counts the share of all."""
    ignored = [number for number, cell in chapter.code if "ignore" in markers(cell)]
    if len(ignored) > IGNORED_IN_A_CHAPTER:
        yield f"{len(ignored)} cells are ignored: {ignored}"


def over_budget(chapters: Iterable[Chapter]) -> bool:
    """Tell whether more than one cell in twenty is ignored."""
    cells = [cell for chapter in chapters for cell in code_cells(chapter.notebook)]
    return sum("ignore" in markers(cell) for cell in cells) > IGNORED_OF_ALL * len(cells)


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
            if tag not in TAGS and tag not in metadata_tags and not GOAL.fullmatch(tag):
                yield f"cell {number}: {tag!r} is no tag of ours; the list is in tools/rules/cells.py"
            if tag in metadata_tags and tag not in TAGS and "skip" not in tag:
                yield f"cell {number}: write {tag!r} as nbval-ignore-output or raises-exception"


def exit_codes_count(chapter: Chapter) -> Iterator[str]:
    """A bare ``!`` loses the exit code; ``%%bash -e -o pipefail`` keeps it."""
    lost = {"system", "getoutput", "getstatusoutput", "popen"}
    for number, cell in chapter.code:
        if is_bash(cell.source) and not re.match(r"%%(system|sx|!|time)", cell.source):
            continue
        for node in ast.walk(python_tree(cell.source)):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            magic = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
            if node.func.attr in lost or ("magic" in node.func.attr and magic in {"system", "sx", "sc", "!", "bash"}):
                yield f"cell {number} starts a command whose exit code is lost; use %%bash -e -o pipefail"
                break


def bash_stops_at_errors(chapter: Chapter) -> Iterator[str]:
    """Without ``-e`` only the last command counts; and ``-e`` itself overlooks a command after ``!``."""
    for number, cell in chapter.code:
        if not is_bash(cell.source):
            continue
        first, *lines = cell.source.splitlines()
        if " ".join(first.split()) not in SHELLS:
            yield f"cell {number} begins with {first!r}; the convention is %%bash -e -o pipefail"
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
