"""What the checks know about the lab's notebooks: the pairs, nbval's own comparison, and what may not be published.

A pair is ``notebooks/text/NN_name.md`` (written by hand) and ``notebooks/NN_name.ipynb`` (made from it by
``tools/publish.py``). The pages are the chapters and, in the folder ``clinic`` of both places, the cases. The number of
a chapter is the two digits of its name; that of a case has a c before them.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import nbformat
from nbformat import NotebookNode
from nbval import plugin

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "notebooks"
TEXTS = FOLDER / "text"
CLINIC = "clinic"
NBVAL_CFG = ROOT / "tests" / "nbval.cfg"
DOCKERFILE = ROOT / "binder" / "Dockerfile"

# What nbval never compares; a test holds this equal to nbval's own list.
NOT_COMPARED = (
    "metadata",
    "traceback",
    "prompt_number",
    "output_type",
    "name",
    "execution_count",
    "application/vnd.jupyter.widget-view+json",
    "image/png",
    "image/jpeg",
)
PICTURES = ("image/png", "image/jpeg")

# Package indexes by host name. In parts, so that this file does not name them either.
HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("debian", "org"),
        ("npmjs", "org"),
        ("anaconda", "org"),
    )
]
# Words of pip, but for those about chapter 11's own index, which is the same on every machine, and about `fetched`.
PIP_CONFIGURATION = (
    r"Looking in indexes(?!: http://127\.0\.0\.1:\d+/simple/\s*$)"
    r"|Looking in links: (?!fetched\s*$)|extra-index-url|index-url|pip\.conf"
)


def texts() -> list[Path]:
    """Return the texts: the chapters in their order, and then the cases."""
    return pages(TEXTS, "md")


def notebooks() -> list[Path]:
    """Return the notebooks, in the same order."""
    return pages(FOLDER, "ipynb")


def pages(folder: Path, kind: str) -> list[Path]:
    """Return the pages of one kind in a folder and in its ``clinic``."""
    return [page for place in (folder, folder / CLINIC) for page in sorted(place.glob(f"[0-9][0-9]_*.{kind}"))]


def is_case(page: Path) -> bool:
    """Tell whether a text or a notebook is one of the clinic's."""
    return page.parent.name == CLINIC


def number_of(page: Path) -> str:
    """Return the number of a text or a notebook: ``04`` of a chapter, ``c04`` of a case."""
    return f"c{page.name[:2]}" if is_case(page) else page.name[:2]


def name_of(page: Path) -> str:
    """Return the name of a text or a notebook, with the folder in front when it is a case's."""
    return f"{CLINIC}/{page.name}" if is_case(page) else page.name


def notebook_of(text: Path) -> Path:
    """Return the notebook that belongs to a text, whether it is there or not."""
    top = text.parent.parent
    return (top.parent / CLINIC if is_case(text) else top) / f"{text.stem}.ipynb"


def read_text(text: Path) -> NotebookNode:
    """Return the notebook that a text describes, without outputs."""
    import jupytext  # only here: the lab's image has nbval when it is checked, and no jupytext

    notebook: NotebookNode = jupytext.reads(text.read_text(encoding="utf-8"), fmt="md:myst")
    return notebook


def read_notebook(notebook: Path) -> NotebookNode:
    """Return a notebook as it is on the disk."""
    read: NotebookNode = nbformat.read(notebook, as_version=4)
    return read


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells in order; nbval counts them the same way, from 0."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@dataclass(frozen=True)
class Chapter:
    """A notebook and the name of its file, with the folder in front when it is a case's."""

    name: str
    notebook: NotebookNode

    @property
    def path(self) -> Path:
        """Where it is published."""
        return FOLDER / self.name

    @property
    def number(self) -> str:
        """Its number, such as ``04`` or ``c04``."""
        return number_of(self.path)

    @property
    def code(self) -> list[tuple[int, NotebookNode]]:
        """The code cells, counted from 1 as the reader sees them."""
        return list(enumerate(code_cells(self.notebook), start=1))

    @property
    def prose(self) -> list[str]:
        """The sources of the text cells."""
        return [cell.source for cell in self.notebook.cells if cell.cell_type == "markdown"]


def chapters() -> list[Chapter]:
    """Return all notebooks of the lab, as they are committed."""
    return [Chapter(name_of(path), read_notebook(path)) for path in notebooks()]


def sources(notebook: NotebookNode) -> list[tuple[str, str, dict[str, object]]]:
    """Return what the author wrote into each cell: its kind, its source, its metadata."""
    return [(cell.cell_type, cell.source, dict(cell.metadata)) for cell in notebook.cells]


def agreed_python() -> str:
    """Return the Python that all pages come from, such as ``3.12``: the one that the image is made with."""
    (named,) = set(re.findall(r"/opt/python/cp3(\d+)-cp", DOCKERFILE.read_text(encoding="utf-8")))
    return f"3.{named}"


def tags(cell: NotebookNode) -> list[str]:
    """Return the tags of a cell."""
    return list(cell.metadata.get("tags", []))


def is_bash(source: str) -> bool:
    """Tell whether a cell is given to a shell as a whole."""
    return source.startswith("%%")


def markers(cell: NotebookNode) -> set[str]:
    """Return what nbval was told about a cell: of ``ignore``, ``skip`` and ``raises``."""
    options = dict(plugin.find_metadata_tags(cell.metadata)) | dict(plugin.find_comment_markers(cell.source))
    found = {"skip"} if options.get("skip") else set()
    found |= {"ignore"} if options.get("check") is False else set()
    return found | ({"raises"} if options.get("check_exception") else set())


# --- nbval's comparison, without a pytest session around it ----------------------------------------------------------


def comparer() -> SimpleNamespace:
    """Return nbval's own ``sanitize(text)`` and ``equal(new outputs, committed outputs)``, with our patterns."""
    patterns = dict(plugin.get_sanitize_patterns(NBVAL_CFG.read_text(encoding="utf-8")))
    parent = SimpleNamespace(sanitize_patterns=patterns, skip_compare=NOT_COMPARED)
    cell = SimpleNamespace(parent=parent, colors=plugin.nocolors, format_output_compare=lambda *_: None)
    cell.sanitize = partial(plugin.IPyNbCell.sanitize, cell)

    def equal(new: list[NotebookNode], committed: list[NotebookNode]) -> bool:
        # nbval merges the streams in place, so it works on copies here.
        outputs = [plugin.coalesce_streams([nbformat.from_dict(one) for one in many]) for many in (new, committed)]
        return bool(plugin.IPyNbCell.compare_outputs(cell, *outputs))

    return SimpleNamespace(sanitize=cell.sanitize, equal=equal)


def compared(output: NotebookNode) -> dict[str, object]:
    """Return what nbval compares of one output, by key; ``data`` is laid flat, as nbval does."""
    flat = {key: value for key, value in output.items() if key != "data"} | dict(output.get("data", {}))
    return {key: value for key, value in flat.items() if key not in NOT_COMPARED}


# --- running them ----------------------------------------------------------------------------------------------------


def copy_lab(folder: Path) -> Path:
    """Copy the lab into `folder` without what was made in it; the copy shares the fetched wheels, and works alone."""
    made = shutil.ignore_patterns(
        "_work", "_skbuild", "build", "dist", "__pycache__", "*.egg-info", ".hypothesis", ".*_cache", ".ipynb_*"
    )
    for name in ("wheel_lab", "example_project", "notebooks", "tests", "tools"):
        shutil.copytree(ROOT / name, folder / name, ignore=made)
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / ".lab").symlink_to(ROOT / ".lab")
    return folder


def start_nbval(lab: Path, *paths: Path, **environment: str) -> subprocess.Popen[str]:
    """Start strict nbval over some notebooks of a copied lab, with the configuration that `make test` has."""
    command = [sys.executable, "-m", "pytest", "--nbval", "-p", "no:cacheprovider", "--color=no", *map(str, paths)]
    # Before the installed package, so that the chapters work in the copy; and not under this test's own name.
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    env |= {"PYTHONPATH": str(lab), "PYTHONDONTWRITEBYTECODE": "1", **environment}
    return subprocess.Popen(command, cwd=lab, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(run: subprocess.Popen[str]) -> str:
    """Wait for a run, and return what it said; fail with its own words when it failed."""
    said, _ = run.communicate()
    assert run.returncode == 0, said
    return said


# --- what may not be published ---------------------------------------------------------------------------------------


def private_paths() -> list[str]:
    """Return the folders that are this machine's own business."""
    folders = {ROOT, Path.home(), Path(sys.prefix), Path(tempfile.gettempdir()), Path("/tmp"), Path("/root")}
    named = {str(folder) for folder in folders} | {os.path.realpath(folder) for folder in folders}
    return sorted(named - {"/"}, key=len, reverse=True)


def leaks(text: str) -> list[str]:
    """Return what `text` tells about this machine: its folders, package indexes, pip's configuration."""
    paths = "|".join(re.escape(path) for path in private_paths())
    hosts = "|".join(re.escape(host) for host in HOSTS)
    patterns = (rf"(?<![\w.~-])(?:{paths})(?![\w.-])|~/\.\w+", rf"\b(?:{hosts})\b", PIP_CONFIGURATION)
    return [found[0] for pattern in patterns for found in re.finditer(pattern, text, flags=re.MULTILINE)]


def output_texts(cell: NotebookNode) -> list[str]:
    """Return every text in the outputs of a cell, pictures left out."""
    found: list[str] = []
    for output in cell.get("outputs", []):
        flat = {key: value for key, value in output.items() if key != "data"} | dict(output.get("data", {}))
        for key, value in flat.items():
            if key not in PICTURES:
                found.append(value if isinstance(value, str) else repr(value))
    return found
