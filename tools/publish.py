"""Make the notebooks from their texts: ``python -m tools.publish [04 …]`` (or ``make notebooks NOTEBOOK=04``).

Each ``notebooks/text/NN_*.md`` is read, run in a fresh kernel in ``notebooks/``, cleaned of all that belongs to this
machine, and written to ``notebooks/NN_*.ipynb``. The outputs on a page come from one run. When nbval takes all of a new
run for equal to the committed outputs, those stay, so a second run leaves no diff although times and hashes vary.
When one output differs, all of them are replaced; ``--fresh`` replaces them in any case.

All pages come from one Python, the one that the image has; another one is refused.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager

from tools.notebooks import (
    PICTURES,
    ROOT,
    agreed_python,
    code_cells,
    comparer,
    leaks,
    markers,
    name_of,
    notebook_of,
    number_of,
    output_texts,
    read_notebook,
    read_text,
    tags,
    texts,
)

WIDGET = "application/vnd.jupyter.widget-view+json"
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"  # this Python, and that of the kernels it starts
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "version": HERE},
}
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}  # the kernel's own log


class NotPublishable(Exception):
    """The notebook ran, but shows something that may not be shown."""


def publish(text: Path, fresh: bool = False) -> str:
    """Make the notebook of `text`, and say in a few words what changed."""
    notebook = read_text(text)
    run(notebook, notebook_of(text).parent)
    prepare(notebook)
    refuse(notebook)
    target = notebook_of(text)
    done = "written"
    if target.exists() and not fresh:
        committed = read_notebook(target)
        news = differences(notebook, committed)
        if python_of(committed) != HERE:
            done = f"written anew: the committed page is not from Python {HERE}"
        elif news is None:
            done = "written anew: it has other cells"
        elif news:
            done = f"written anew: another output in {', '.join(f'[{number}]' for number in news)}"
        else:
            keep(notebook, committed)
    told = nbformat.writes(notebook) + "\n"
    if target.exists() and target.read_text(encoding="utf-8") == told:
        return "as it was"
    # A reader, or a second run, never meets half a notebook.
    new = target.with_name(f".{target.name}.new")
    new.write_text(told, encoding="utf-8")
    os.replace(new, target)
    return done


def runner(notebook: NotebookNode, folder: Path) -> NotebookClient:
    """Return what runs a notebook as nbval will: in `folder`, with a kernel of the Python that runs this file."""
    manager = AsyncKernelManager(kernel_name=CURRENT_ENV_KERNEL_NAME, kernel_spec_manager=NbvalKernelspecManager())
    resources = {"metadata": {"path": str(folder)}}
    return NotebookClient(
        notebook, km=manager, resources=resources, timeout=300, record_timing=False, store_widget_state=False
    )


def run(notebook: NotebookNode, folder: Path) -> None:
    """Run all cells."""
    runner(notebook, folder).execute(**QUIET)


def prepare(notebook: NotebookNode) -> None:
    """Make a notebook that has been run ready to be published; raise :class:`NotPublishable` when it cannot be."""
    number(notebook)
    for cell in code_cells(notebook):
        if "widget" not in tags(cell) and any(WIDGET in output.get("data", {}) for output in cell.outputs):
            raise NotPublishable(f"a cell shows a control, and is not tagged widget:\n{cell.source}")
        cell.outputs = clean(cell.outputs)


def number(notebook: NotebookNode) -> None:
    """Give the notebook and its cells the same names on every machine: an id says what the cell holds."""
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        name = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
        seen[name] = seen.get(name, 0) + 1
        cell.id = name if seen[name] == 1 else f"{name}-{seen[name]}"
    for count, cell in enumerate(code_cells(notebook), start=1):
        cell.execution_count = count
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count


def clean(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return the outputs as they are published: streams in one piece, widgets as their text, short tracebacks."""
    cleaned: list[NotebookNode] = []
    streams: dict[str, NotebookNode] = {}  # since the last output that is not a stream
    for output in outputs:
        if output.output_type == "stream":
            if output.name in streams:
                streams[output.name].text += output.text
                continue
            streams[output.name] = output
        else:
            streams = {}
        if "data" in output:
            output.data.pop(WIDGET, None)  # dead without a kernel; the text says what the control is
        if output.output_type == "error":  # the frames name this machine's files, and nbval does not compare them
            output.traceback = [f"{output.ename}: {output.evalue}"]
        cleaned.append(output)
    for output in cleaned:  # now that each stream is in one piece
        holder = output if output.output_type == "stream" else output.get("data", {})
        for key, value in holder.items():
            if key == "text" or key.startswith("text/"):
                holder[key] = anonymous(value)
    return cleaned


def anonymous(text: str) -> str:
    """Call the folders of the lab by their roles, so that the published text is the same for every author."""
    folders = {sysconfig.get_path("purelib"): "<site-packages>", sys.prefix: "<environment>", str(ROOT): "<lab>"}
    if Path(sys.base_prefix).is_relative_to(Path.home()):  # a Python of the author's own; /usr is everybody's
        folders[sys.base_prefix] = "<python>"
    for folder, role in folders.items():
        text = text.replace(folder, role)
    return text


def differences(new: NotebookNode, committed: NotebookNode) -> list[int] | None:
    """Return the numbers of the code cells that say something else in a new run; none: the committed page stays.

    `new` has gone through :func:`prepare`. When the code cells themselves are others, there is nothing to compare, and
    this returns None.
    """
    if [cell.id for cell in code_cells(new)] != [cell.get("id") for cell in code_cells(committed)]:
        return None
    equal = comparer().equal
    found = []
    for count, (cell, before) in enumerate(zip(code_cells(new), code_cells(committed), strict=True), start=1):
        measured = "measured" in tags(cell)  # a picture of times is another one each time
        same = "ignore" in markers(cell) or equal(cell.outputs, before.outputs)
        same = same and before.execution_count is not None
        if not same or shape(cell.outputs, measured) != shape(before.outputs, measured):
            found.append(count)
    return found


def python_of(notebook: NotebookNode) -> str | None:
    """Return the Python that a notebook says it was run by, such as ``3.12``; None when it does not say."""
    version = notebook.metadata.get("language_info", {}).get("version")
    return str(version) if version else None


def keep(notebook: NotebookNode, committed: NotebookNode) -> None:
    """Put all committed outputs in the place of the new ones."""
    for cell, before in zip(code_cells(notebook), code_cells(committed), strict=True):
        cell.outputs = before.outputs


def shape(outputs: list[NotebookNode], measured: bool) -> list[object]:
    """Return what nbval does not look at but a reader sees: kinds of output, metadata, tracebacks, pictures."""
    return [
        (
            output.output_type,
            output.get("name"),
            output.get("metadata"),
            output.get("traceback"),
            sorted(output.get("data", {})),
            [output.get("data", {}).get(kind) for kind in PICTURES if not measured],
        )
        for output in outputs
    ]


def refuse(notebook: NotebookNode) -> None:
    """Raise :class:`NotPublishable` when an output tells of this machine, or is an error that no tag announces."""
    for count, cell in enumerate(code_cells(notebook), start=1):
        found = [leak for text in output_texts(cell) for leak in leaks(text)]
        if found:
            raise NotPublishable(f"code cell {count} shows {found[0]!r}:\n{cell.source}")
        if any(output.output_type == "error" for output in cell.outputs) and "raises" not in markers(cell):
            raise NotPublishable(f"code cell {count} ends in an error, and is not tagged raises-exception")


def main() -> int:
    """Make the notebooks asked for, and return 1 when one of them could not be made."""
    parser = argparse.ArgumentParser(description="Make the notebooks from their texts.")
    parser.add_argument("chapters", nargs="*", help="numbers, such as 04 or c01; all when none is named")
    parser.add_argument("--fresh", action="store_true", help="replace equal outputs as well")
    options = parser.parse_args()
    if agreed_python() != HERE:
        print(
            f"the pages come from Python {agreed_python()} and this is {HERE}: run `make clean`, and then "
            f"`make notebooks PYTHON=/path/to/python{agreed_python()}`",
            file=sys.stderr,
        )
        return 1
    chosen = [text for text in texts() if not options.chapters or number_of(text) in options.chapters]
    if not chosen:
        print("no text has that number", *options.chapters, file=sys.stderr)
        return 1
    failed = 0
    for text in chosen:
        start = time.monotonic()
        print(f"{name_of(text).removesuffix('.md'):<36} …", end=" ", flush=True)
        try:
            told = publish(text, options.fresh)
        except (NotPublishable, CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            told = f"NOT MADE: {error}"
            failed = 1
        print(f"{time.monotonic() - start:5.1f} s  {told}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
