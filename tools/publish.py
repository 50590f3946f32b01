"""Make the notebooks from their texts: ``python tools/publish.py [04 …]`` (or ``make notebooks NOTEBOOK=04``).

Each ``notebooks/text/NN_*.md`` is read, run in a fresh kernel in ``notebooks/``, cleaned of all that belongs to this
machine, and written to ``notebooks/NN_*.ipynb``. Outputs that nbval takes for equal to the committed ones are not
replaced, so a second run leaves no diff although times and hashes vary; ``--fresh`` replaces them all.
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
    code_cells,
    comparer,
    leaks,
    markers,
    notebook_of,
    output_texts,
    read_notebook,
    read_text,
    tags,
    texts,
)

WIDGET = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}  # the kernel's own log


class NotPublishable(Exception):
    """The notebook ran, but shows something that may not be shown."""


def publish(text: Path, fresh: bool = False) -> str:
    """Make the notebook of `text`, and say in a few words what changed."""
    notebook = read_text(text)
    run(notebook, notebook_of(text).parent)
    number(notebook)
    for cell in code_cells(notebook):
        if "widget" not in tags(cell) and any(WIDGET in output.get("data", {}) for output in cell.outputs):
            raise NotPublishable(f"a cell shows a control, and is not tagged widget:\n{cell.source}")
        cell.outputs = clean(cell.outputs)
    target = notebook_of(text)
    old = read_notebook(target) if target.exists() else None
    changed = len(code_cells(notebook))
    if old is not None and not fresh:
        changed -= keep(notebook, old)
    refuse(notebook)
    told = nbformat.writes(notebook) + "\n"
    if target.exists() and target.read_text(encoding="utf-8") == told:
        return "as it was"
    # A reader, or a second run, never meets half a notebook.
    new = target.with_name(f".{target.name}.new")
    new.write_text(told, encoding="utf-8")
    os.replace(new, target)
    return f"written, {changed} of {len(code_cells(notebook))} outputs are new"


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
    """Call the folders of the lab by their roles, so that the published text is nobody's in particular."""
    folders = {sysconfig.get_path("purelib"): "<site-packages>", sys.prefix: "<environment>", str(ROOT): "<lab>"}
    if Path(sys.base_prefix).is_relative_to(Path.home()):  # a Python of the author's own; /usr is everybody's
        folders[sys.base_prefix] = "<python>"
    for folder, role in folders.items():
        text = text.replace(folder, role)
    return text


def keep(notebook: NotebookNode, old: NotebookNode) -> int:
    """Put back the committed outputs that say the same, and return how many cells kept theirs."""
    equal = comparer().equal
    before = {cell.id: cell for cell in code_cells(old)}
    kept = 0
    for cell in code_cells(notebook):
        committed = before.get(cell.id)
        if committed is None or committed.execution_count is None:
            continue
        same = "ignore" in markers(cell) or equal(cell.outputs, committed.outputs)
        measured = "measured" in tags(cell)  # a picture of times is another one each time
        if same and shape(cell.outputs, measured) == shape(committed.outputs, measured):
            cell.outputs = committed.outputs
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = cell.execution_count
            kept += 1
    return kept


def shape(outputs: list[NotebookNode], measured: bool) -> list[object]:
    """Return what nbval does not look at but a reader sees: kinds of output, metadata, tracebacks, pictures."""
    return [
        (output.output_type, output.get("name"), output.get("metadata"), output.get("traceback"),
         sorted(output.get("data", {})), [output.get("data", {}).get(kind) for kind in PICTURES if not measured])
        for output in outputs
    ]  # fmt: skip


def refuse(notebook: NotebookNode) -> None:
    """Raise :class:`NotPublishable` when an output tells of this machine, or is an error nobody announced."""
    for count, cell in enumerate(code_cells(notebook), start=1):
        found = [leak for text in output_texts(cell) for leak in leaks(text)]
        if found:
            raise NotPublishable(f"code cell {count} shows {found[0]!r}:\n{cell.source}")
        if any(output.output_type == "error" for output in cell.outputs) and "raises" not in markers(cell):
            raise NotPublishable(f"code cell {count} ends in an error, and is not tagged raises-exception")


def main() -> int:
    """Make the notebooks asked for, and return 1 when one of them could not be made."""
    parser = argparse.ArgumentParser(description="Make the notebooks from their texts.")
    parser.add_argument("chapters", nargs="*", help="two digits each, such as 04; all when none is named")
    parser.add_argument("--fresh", action="store_true", help="replace equal outputs as well")
    options = parser.parse_args()
    chosen = [text for text in texts() if not options.chapters or text.name[:2] in options.chapters]
    if not chosen:
        print("no text has that number", *options.chapters, file=sys.stderr)
        return 1
    failed = 0
    for text in chosen:
        start = time.monotonic()
        print(f"{text.stem:<28} …", end=" ", flush=True)
        try:
            told = publish(text, options.fresh)
        except (NotPublishable, CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            told = f"NOT MADE: {error}"
            failed = 1
        print(f"{time.monotonic() - start:5.1f} s  {told}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
