"""The learner's desk: a copy of each chapter without outputs, solutions and predictions, in ``desk/``.

``python3 -m wheel_lab.lab.desk`` makes it, as part of set-up and with the standard library alone. What a learner has
changed is never overwritten: where a chapter has changed as well, the new version is laid beside theirs.

The published notebooks are the source. In a code cell tagged ``exercise`` or ``prediction`` the lines between
``### BEGIN SOLUTION`` and ``### END SOLUTION`` are left out of the copy; nbgrader reads the same marks.
"""

import argparse
import copy
import hashlib
import itertools
import json
import os
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wheel_lab.lab.commands import say
from wheel_lab.lab.paths import CLINIC, DESK, PUBLISHED

__all__ = [
    "HANDED_OUT",
    "Notebook",
    "fresh_copy",
    "handed_out",
    "lay",
    "main",
    "my_work",
    "number_of",
    "pack",
    "pages",
    "solution_of",
    "without_solution",
]

Notebook = dict[str, Any]
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
# What stands in place of a solution. A comment is enough for a shell, too: an empty cell would be an error there.
YOURS = "# your turn"
# The hash of each copy as it was handed out, by the name of its file.
HANDED_OUT = DESK / ".handed_out.json"


def handed_out(published: Notebook) -> Notebook:
    """Return a published notebook (format 4) as a learner gets it.

    Raises
    ------
    ValueError
        A solution begins and does not end, or ends without a beginning.
    """
    made = copy.deepcopy(published)
    for cell in made["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
            if _is_work(cell):
                cell["source"] = without_solution(_text(cell["source"]))
    return made


def solution_of(source: str) -> str:
    """Return the lines of a cell's source that stand between the marks."""
    return "\n".join(line for line, inside in _marked(source) if inside)


def _is_work(cell: dict[str, Any]) -> bool:
    return bool({"exercise", "prediction"} & set(cell["metadata"].get("tags", [])))


def _text(source: str | list[str]) -> str:
    """Return the source of a cell in one piece; a notebook may keep it line by line."""
    return source if isinstance(source, str) else "".join(source)


def _marked(source: str) -> Iterator[tuple[str, bool]]:
    """Yield the lines without the marks, and whether each one belongs to a solution."""
    inside = False
    for line in source.splitlines():
        mark = line.strip()
        if mark in (BEGIN, END):
            if inside == (mark == BEGIN):
                raise ValueError(f"{mark!r} has no partner in a cell that begins with {source.splitlines()[0]!r}")
            inside = mark == BEGIN
        else:
            yield line, inside
    if inside:
        raise ValueError(f"{BEGIN!r} has no partner in a cell that begins with {source.splitlines()[0]!r}")


def without_solution(source: str, answer: str = YOURS) -> str:
    """Return a source with `answer` in place of its solution; as handed out, that is one comment."""
    kept: list[str] = []
    before = False
    for line, inside in _marked(source):
        if inside and not before:
            kept.append(answer)
        elif not inside:
            kept.append(line)
        before = inside
    return "\n".join(kept)


# --- taking it along -------------------------------------------------------------------------------------------------


def pack(desk: Path = DESK) -> Path:
    """Pack the learner's notebooks, notes and progress into ``my_work.zip`` on the desk, and return its path.

    The folders in which the chapters work are left out: they are made anew each time.
    """
    target = desk / "my_work.zip"
    files = [path for path in sorted(desk.rglob("*")) if path.is_file() and path != target]
    new = target.with_name(f".{target.name}.new")
    with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            inside = path.relative_to(desk)
            if not {"_work", ".ipynb_checkpoints", ".git"} & set(inside.parts) and path != new:
                archive.write(path, inside)
    os.replace(new, target)
    return target


def my_work() -> None:
    """Pack the desk, and show a link in the notebook that downloads it."""
    from IPython.display import HTML, display  # only a notebook asks for it, and set-up has no IPython yet

    from wheel_lab.lab import workbench

    if not workbench.on_desk():
        print("This is the published page. On your desk, this cell packs your work for you to download.")
        return
    target = pack()
    link = f'<a href="{target.name}" download>Download your work ({target.name})</a>'
    display(HTML(link))  # type: ignore[no-untyped-call]


# --- laying it -------------------------------------------------------------------------------------------------------


def lay(published: Path = PUBLISHED, desk: Path = DESK) -> list[str]:
    """Lay a copy of each published notebook on the desk, and return a line for each that needs the learner's eye.

    A copy that the learner has not changed is brought up to date. One that they have changed is kept; if the chapter
    has changed since it was handed out, the new version is laid beside it.
    """
    desk.mkdir(exist_ok=True)
    known = _known(desk)
    messages = []
    for source in pages(published):
        name = str(source.relative_to(published))
        target = desk / name
        new = handed_out(json.loads(source.read_text(encoding="utf-8")))
        wanted = _fingerprint(new)
        theirs = _fingerprint(json.loads(target.read_text(encoding="utf-8"))) if target.exists() else None
        if theirs is None or theirs == known.get(name) != wanted:
            _write(new, target)
        elif theirs not in (known.get(name), wanted) and known.get(name) != wanted:
            beside = _free(target, "new")
            _write(new, beside)
            messages.append(f"{name} has changed, and so has your copy: yours is kept, the new one is {beside.name}")
        known[name] = wanted
    _remember(known, desk)
    return messages


def fresh_copy(number: str, published: Path = PUBLISHED, desk: Path = DESK) -> str:
    """Lay a fresh copy of the chapter (``04``) or case (``c04``) of that number, keep the old one, and say where it is.

    Raises
    ------
    ValueError
        No chapter and no case has that number.
    """
    found = [path for path in pages(published) if number_of(path) == number]
    if len(found) != 1:
        names = ", ".join(str(path.relative_to(published)) for path in pages(published))
        raise ValueError(f"{number!r} names no chapter and no case. There are: {names}")
    name = str(found[0].relative_to(published))
    target = desk / name
    new = handed_out(json.loads(found[0].read_text(encoding="utf-8")))
    message = f"{name} is a fresh copy"
    if target.exists():
        kept = _free(target, f"before {time.strftime('%Y-%m-%d %H.%M')}")
        os.replace(target, kept)
        message += f"; your old one is {kept.name}"
    _write(new, target)
    _remember(_known(desk) | {name: _fingerprint(new)}, desk)
    return message


def _free(target: Path, word: str) -> Path:
    """Return a name beside `target` that says `word`, and that no file has."""
    names = (word if number == 1 else f"{word} {number}" for number in itertools.count(1))
    paths = (target.with_name(f"{target.stem} ({name}).ipynb") for name in names)
    return next(path for path in paths if not path.exists())


def pages(folder: Path) -> list[Path]:
    """Return the notebooks that belong on the desk: the chapters, and the cases of the clinic."""
    return [path for place in (folder, folder / CLINIC) for path in sorted(place.glob("[0-9][0-9]_*.ipynb"))]


def number_of(page: Path) -> str:
    """Return the number of a page: two digits, with a c before them when it is a case's."""
    return "c" * (page.parent.name == CLINIC) + page.name[:2]


def _fingerprint(notebook: Notebook) -> str:
    """Return a hash of what a learner can write: kinds and sources of the cells. To run or to save changes nothing."""
    cells = [(cell["cell_type"], _text(cell["source"])) for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def _known(desk: Path) -> dict[str, str]:
    path = desk / HANDED_OUT.name
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _remember(known: dict[str, str], desk: Path) -> None:
    _replace(desk / HANDED_OUT.name, json.dumps(known, indent=1) + "\n")


def _write(notebook: Notebook, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    _replace(target, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)


def main(arguments: list[str] | None = None) -> int:
    """Lay the desk, or fresh copies of the chapters named, and return the exit code."""
    parser = argparse.ArgumentParser(prog="wheel_lab.lab.desk", description="Lay the learner's desk.")
    parser.add_argument(
        "numbers", nargs="*", metavar="NN", help="lay a fresh copy of this page, 04 or c04, and keep the old"
    )
    options = parser.parse_args(arguments)
    try:
        messages = [fresh_copy(number) for number in options.numbers] if options.numbers else lay()
    except ValueError as error:
        print(f"wheel lab: {error}", file=sys.stderr)
        return 1
    for line in messages:
        say(f"desk: {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
