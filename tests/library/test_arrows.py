"""No arrow of the design points up: facts know no pictures, `wheel_lab` knows no repository, the example no lab.

An arrow is an import, wherever in a file it stands. Most of it is read from the sources; what a module really loads,
and that it loads where a system has no `fcntl`, `resource` or `fork`, is tried in a process of its own.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions, requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import wheel_lab

LIBRARY = Path(wheel_lab.__file__).parent
REPOSITORY = Path(__file__).resolve().parents[2]
MODULES = sorted(path.relative_to(LIBRARY.parent) for path in LIBRARY.rglob("*.py"))
# What none of the facts may load, directly or through something else.
PICTURES = {"matplotlib", "numpy", "IPython", "ipywidgets", "anywidget", "traitlets", "jupyter_client"}


def part(path: Path) -> str:
    """Tell to which part of the library a module belongs: facts, views or lab."""
    return path.parts[1] if path.parts[1] in ("views", "lab") else "facts"


def name_of(path: Path) -> str:
    """Return the name by which a module is imported."""
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def imports(source: str) -> Iterator[str]:
    """Yield the full name of everything that a source imports, ``from a import b`` as ``a.b``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def upward(part: str, source: str) -> list[str]:
    """Return the imports of a library module that point up."""
    forbidden = {
        "facts": ("wheel_lab.views", "wheel_lab.lab", "tools", "tests", *PICTURES),
        "views": ("wheel_lab.lab", "tools", "tests", "IPython"),
        "lab": ("tools", "tests"),
    }[part]
    # A relative import says less clearly where it points, so the library has none.
    return [name for name in imports(source) if any(f"{name}.".startswith((".", f"{one}.")) for one in forbidden)]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_import_points_up(path):
    assert upward(part(path), (LIBRARY.parent / path).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("where", "source"),
    [
        ("facts", "from wheel_lab import views"),
        ("facts", "def late():\n    from wheel_lab.lab import setup"),
        ("facts", "import matplotlib.figure"),
        ("views", "from wheel_lab.lab.setup import ROOT"),
        ("lab", "from tools import publish"),
        ("facts", "from . import lab"),
    ],
)
def test_an_arrow_that_points_up_is_seen(where, source):
    assert upward(where, source)
    assert upward(where, "import zipfile\nfrom wheel_lab import archive") == []


def test_the_example_knows_no_lab():
    project = REPOSITORY / "example_project"
    sources = [path for path in project.rglob("*.py") if "_skbuild" not in path.parts]
    assert len(sources) > 2
    for path in sources:
        found = list(imports(path.read_text(encoding="utf-8")))
        assert [name for name in found if name.split(".")[0] in ("wheel_lab", "tools", "tests")] == [], path


def core() -> set[str]:
    """Return what the library's metadata requires without an extra, by normal name."""
    asked = [Requirement(text) for text in requires("wheel-lab") or ()]
    return {canonicalize_name(one.name) for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})}


# What an extra brings is imported where it is asked for, and its absence is told: test_deep.py, test_descriptions.py.
EXTRAS = {
    Path("wheel_lab/doctor/importing/machinecode.py"): {"capstone"},
    Path("wheel_lab/doctor/index/description.py"): {"docutils"},
}


def test_facts_import_the_standard_library_and_the_core_alone():
    owners = packages_distributions()
    allowed = core()
    for path in MODULES:
        if part(path) != "facts":
            continue
        for name in imports((LIBRARY.parent / path).read_text(encoding="utf-8")):
            top = name.split(".")[0]
            if top not in sys.stdlib_module_names and top not in {"wheel_lab", *EXTRAS.get(path, ())}:
                assert {canonicalize_name(owner) for owner in owners[top]} & allowed, f"{path} imports {name}"


FACTS = [name_of(path) for path in MODULES if part(path) == "facts"]
# On Windows and in a browser these are not there; a module that is None in sys.modules cannot be imported.
ELSEWHERE = (
    "import os, sys\n"
    "sys.modules.update(dict.fromkeys(('fcntl', 'resource', 'pwd', 'grp', 'termios')))\n"
    "for name in ('fork', 'forkpty', 'sched_getaffinity'): vars(os).pop(name, None)\n"
)


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_loads_no_pictures_and_loads_where_unix_modules_are_missing(name):
    code = f"{ELSEWHERE}import {name}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded = done.stdout.split()
    assert name in loaded
    assert not PICTURES & set(loaded)


def test_each_module_says_what_is_public():
    for path in MODULES:
        tree = ast.parse((LIBRARY.parent / path).read_text(encoding="utf-8"))
        defined = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
        told = [
            ast.literal_eval(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        ]
        if defined:
            (names,) = told
            assert {name for name in defined if not name.startswith("_")} <= set(names), path


def test_the_library_is_typed_and_has_a_version():
    assert (LIBRARY / "py.typed").is_file()
    assert wheel_lab.__version__ == version("wheel-lab")
