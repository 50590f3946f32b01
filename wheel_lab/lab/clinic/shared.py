"""What the cases are made of: small projects with a build script, and the extension that most of them build."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from wheel_lab.lab import environment

__all__ = ["CORE", "HALF", "build", "extension", "project", "write"]

LICENCE = "Do with this package whatever you like.\n"
HALF = "double half(double x) { return x / 2; }\n"
# What a build script begins with: the folder for the wheel is its argument.
SCRIPT = """\
# bash build.sh FOLDER %sputs the wheel into that folder
set -e
out=$(realpath -m "$1")
cd "$(dirname "$0")"
"""
INCLUDE = """include=$(python -c 'import sysconfig; print(sysconfig.get_path("include"))')\n"""
PACK = """mkdir -p "$out"\nwheel pack --dest-dir "$out" tree > /dev/null\n"""
MODULE = """\
#define Py_LIMITED_API 0x030b0000
#include <Python.h>
%(declared)s
static PyObject *%(name)s(PyObject *m, PyObject *x) { %(body)s }
static PyMethodDef methods[] = {{"%(name)s", %(name)s, METH_O, ""}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_core", "", -1, methods};
PyMODINIT_FUNC PyInit__core(void) { return PyModule_Create(&module); }
"""


def extension(name: str, declared: str, body: str) -> str:
    """Return the source of the extension ``_core`` with one function of one argument, ``x``."""
    return MODULE % {"name": name, "declared": declared, "body": body}


CORE = extension("halve", "double half(double);", "return PyFloat_FromDouble(half(PyFloat_AsDouble(x)));")


def write(folder: str | Path, files: Mapping[str, str]) -> None:
    """Write text files into a folder, by their paths in there."""
    for name, text in files.items():
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def project(name: str, tag: str, compile_lines: str, files: Mapping[str, str], *, pure: bool = False) -> None:
    """Write ``project``: sources, ``build.sh`` with the lines that compile, and the tree that it packs.

    Parameters
    ----------
    name
        The distribution and the package.
    tag
        The tags of its wheel, such as ``cp311-abi3-manylinux_2_17_x86_64``.
    compile_lines
        The middle of the build script. ``$include`` is set there; the tree is in ``tree``.
    files
        More files of the project, by their paths.
    pure
        What WHEEL says in ``Root-Is-Purelib``.
    """
    info = f"tree/{name}-1.0.dist-info"
    script = SCRIPT % ("compiles the extension, and " if compile_lines else "")
    script += INCLUDE if "$include" in compile_lines else ""
    write("project", {
        "build.sh": f"{script}\n{compile_lines}{PACK}",
        f"{info}/METADATA": f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\nLicense-File: LICENSE\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: build.sh\nRoot-Is-Purelib: {str(pure).lower()}\nTag: {tag}\n",
        f"{info}/licenses/LICENSE": LICENCE,
        **files,
    })  # fmt: skip


def build(script: str = "project/build.sh", folder: str = "dist") -> None:
    """Run a build script as its user does; raise :class:`RuntimeError` with its words when it fails."""
    command = ["bash", script, folder]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PATH": environment.path()},
    )
    if done.returncode:
        raise RuntimeError(f"{script} failed: {(done.stderr + done.stdout).strip()}")
