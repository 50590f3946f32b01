"""Wheels for the exercises of chapter 12, each with one fault or none, made on the spot with the C compiler.

The cases of the clinic are compiled and packed in the same way.
"""

import functools
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from pathlib import Path

from wheel.wheelfile import WheelFile  # type: ignore[import-untyped]

__all__ = ["MANYLINUX", "ci_wheels", "compiled", "extension", "five_wheels", "packed", "patient"]

MANYLINUX = "cp311-abi3-manylinux_2_17_x86_64"
MEMBER = "halves/_core.abi3.so"
NAME = "halves-1.0-cp311-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64.whl"  # as auditwheel names it
CORE = """
#define Py_LIMITED_API 0x030b0000
#include <Python.h>
double half(double);
static PyObject *halve(PyObject *m, PyObject *x) { return PyFloat_FromDouble(half(PyFloat_AsDouble(x))); }
static PyMethodDef methods[] = {{"halve", halve, METH_O, ""}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_core", "", -1, methods};
PyMODINIT_FUNC PyInit__core(void) { return PyModule_Create(&module); }
"""
HALF = "double half(double x) { return x / 2; }\n"
HOME = 'char *getenv(const char *); char *home(void) { return getenv("HOME"); }\n'  # of the C library
LICENCE = "Do with this package, and with its library libhalf, whatever you like.\n"


def _run(*command: str | Path) -> None:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed: {(done.stderr + done.stdout).strip()}")


def compiled(folder: Path, name: str, code: str, *options: str | Path) -> Path:
    """Compile C into a shared library in `folder`."""
    source, made = folder / f"{name}.c", folder / name
    source.write_text(code)
    cc = os.environ.get("CC") or shutil.which("cc") or "gcc"
    include = sysconfig.get_path("include")
    _run(cc, "-x", "c", "-shared", "-fPIC", f"-I{include}", "-o", made, source, "-x", "none", *options)
    return made


def packed(path: Path, files: Mapping[str, bytes | str], *, pure: bool = False, more: str = "") -> Path:
    """Write a wheel, with the metadata that its name asks for."""
    name, version, python, abi, platforms = path.stem.split("-")
    tags = [f"{python}-{abi}-{platform}" for platform in platforms.split(".")]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with WheelFile(path, "w") as made:
        for member, content in files.items():
            made.writestr(member, content)
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}"
        made.writestr(f"{name}-{version}.dist-info/METADATA", metadata)
        made.writestr(f"{name}-{version}.dist-info/licenses/LICENSE", LICENCE)
        fields = f"Wheel-Version: 1.0\nGenerator: wheel-lab\nRoot-Is-Purelib: {str(pure).lower()}\n"
        made.writestr(f"{name}-{version}.dist-info/WHEEL", fields + "".join(f"Tag: {one}\n" for one in tags))
    return path


@functools.cache
def extension(linked: bool) -> bytes:
    """Return an extension, with or without the function that it calls."""
    with tempfile.TemporaryDirectory() as folder:
        return compiled(Path(folder), "_core.abi3.so", CORE + HOME + (HALF if linked else "")).read_bytes()


def patient() -> Path:
    """Make the wheel of the first exercise in the folder `patient`, and return its path.

    Its extension needs a library that auditwheel has put beside it, and has no search path any more.
    """
    there = Path("patient", NAME)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        library = compiled(folder, "libhalf.so", HALF, "-Wl,-soname,libhalf.so")
        core = compiled(folder, "_core.abi3.so", CORE, library)
        raw = packed(
            folder / "raw" / "halves-1.0-cp311-abi3-linux_x86_64.whl",
            {"halves/__init__.py": "from halves._core import halve\n", MEMBER: core.read_bytes()},
        )
        options = ["--only-plat", "--plat", "manylinux_2_17_x86_64", "--ldpaths", name]
        _run(sys.executable, "-m", "auditwheel", "repair", *options, "-w", folder / "repaired", raw)
        (repaired,) = (folder / "repaired").glob("*.whl")
        with WheelFile(repaired) as source:
            names = [name for name in source.namelist() if not name.endswith("/") and ".dist-info/" not in name]
            files = {name: source.read(name) for name in names}
        core.write_bytes(files[MEMBER])
        _run("patchelf", "--remove-rpath", core)
        return packed(there, {**files, MEMBER: core.read_bytes()})


def five_wheels() -> dict[str, Path]:
    """Make the wheels of the third exercise in the folder `five`, and return their paths by their letters."""
    code: dict[str, bytes | str] = {"notes/__init__.py": "", "notes/_core.abi3.so": extension(True)}
    pure = "notes-1.0-py3-none-any.whl"
    elsewhere = "Requires-Dist: tiny @ https://example.org/tiny.whl\n"
    five = Path("five")
    return {
        "a": packed(five / "a" / pure, code, pure=True),
        "b": packed(five / "b" / pure, {"notes/__init__.py": ""}, pure=True, more=elsewhere),
        "c": packed(five / "c" / f"notes-1.0-{MANYLINUX}.whl", {**code, "notes/_core.abi3.so": extension(False)}),
        "d": packed(five / "d" / "notes-1.0-cp311-abi3-musllinux_1_2_x86_64.whl", code),
        "e": packed(five / "e" / f"notes-1.0-{MANYLINUX}.whl", code),
    }


def ci_wheels() -> tuple[Path, Path, Path]:
    """Make a good wheel, one with a warning, and one with an error."""
    name, folder = "halves-1.0-py3-none-any.whl", Path("for_ci").absolute()
    one_file = {"halves/a.py": "", "halves/A.py": ""}  # on Windows and macOS
    return (
        packed(folder / "good" / name, {"halves/a.py": ""}, pure=True),
        packed(folder / "warned" / name, one_file, pure=True),
        packed(
            folder / "broken" / name, {"halves/a.py": ""}, pure=True, more="Requires-Dist: a @ https://example.org/a\n"
        ),
    )
