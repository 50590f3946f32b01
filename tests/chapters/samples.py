"""Small chapters for the tests: sound ones, into which a test puts what it wants to see found."""

import nbformat.v4 as new
from nbformat import NotebookNode

from tools import publish
from tools.notebooks import Chapter, agreed_python, code_cells

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
    here = said(f"chapter 04: a fresh folder with fetched\nPython {agreed_python()} on a system")
    frame = (code('workbench.enter("04")', here), code("print(1)", said("1"), tags=("proof",)))
    sources = (new.new_markdown_cell(opening), *frame, *cells, new.new_markdown_cell(closing))
    language = {"name": "python", "version": agreed_python()}
    notebook = new.new_notebook(cells=list(sources), metadata={**publish.METADATA, "language_info": language})
    for number, cell in enumerate(code_cells(notebook), start=1):
        cell.execution_count = number
    return Chapter(f"{name}.ipynb", notebook)
