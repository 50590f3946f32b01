"""The last run of each page, as nbval saw it: ``.lab/runs/NN_name.ipynb``, with the Python that ran it.

Whenever nbval runs a whole chapter of this lab, what the cells put out is written down (``conftest.py`` asks for it).
Other checks judge that run, instead of running the chapter once more.
"""

import os
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools.notebooks import FOLDER, ROOT, TEXTS, code_cells, name_of, read_notebook, read_text, sources

RUNS = ROOT / ".lab" / "runs"
# A run tells nothing about a lab whose code was changed after it.
CODE = {".py", ".json", ".toml", ".cpp", ".hpp", ".txt"}
MADE = {"_skbuild", "build", "dist"}  # left by building the example in place


def record(path: Path, notebook: NotebookNode, outputs: list[list[NotebookNode] | None]) -> None:
    """Write down what the code cells of the chapter at `path` put out, in their order.

    A run in which a cell was not reached, or left out, is no run of the chapter; nor is that of a notebook elsewhere.
    """
    run = nbformat.from_dict(notebook)
    if path != FOLDER / name_of(path) or None in outputs or len(outputs) != len(code_cells(run)):
        return
    for cell, put_out in zip(code_cells(run), outputs, strict=True):
        cell.outputs = nbformat.from_dict(put_out)
    run.metadata["language_info"] = {"name": "python", "version": f"{sys.version_info.major}.{sys.version_info.minor}"}
    there = RUNS / name_of(path)
    there.parent.mkdir(parents=True, exist_ok=True)
    new = there.with_name(f".{path.name}.{os.getpid()}")
    nbformat.write(run, new)
    os.replace(new, there)


def saved(name: str) -> NotebookNode | None:
    """Return the last run of a page, by the name of its notebook; None when it was of another text or other code."""
    path = RUNS / name
    if not path.exists() or path.stat().st_mtime < newest_code():
        return None
    run = read_notebook(path)
    return run if sources(run) == sources(read_text((TEXTS / name).with_suffix(".md"))) else None


def newest_code() -> float:
    """Return when the code that the chapters call was last changed, in seconds since 1970."""
    files = (path for name in ("wheel_lab", "example_project") for path in (ROOT / name).rglob("*"))
    written = (path for path in files if path.suffix in CODE and not MADE & {*path.relative_to(ROOT).parts})
    return max(path.stat().st_mtime for path in written if not path.parent.name.endswith(".egg-info"))
