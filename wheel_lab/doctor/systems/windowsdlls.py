"""Whose DLL is it: of Windows, of Python, of Microsoft's C++ runtime, of a driver? Told by the name, as Windows does.

The table and where it comes from: ``windowsdlls.toml``. What a Python brings was read on 2026-11-25 in the embeddable
packages of CPython 3.9 to 3.14: python3.dll, python3XX.dll, vcruntime140.dll and, but for 32 bits, vcruntime140_1.dll.
"""

import re
import tomllib
from functools import cache
from importlib.resources import files

__all__ = ["is_debug", "is_driver", "is_of_python", "is_of_runtime", "is_of_windows"]

PYTHON = re.compile(r"python3(\d*)t?(_d)?\.dll|libpypy3.*-c\.dll|python-native\.dll")
BROUGHT = ("vcruntime140.dll", "vcruntime140_1.dll")
# The redistributable packages of Visual C++, of all years.
RUNTIME = re.compile(
    r"(vcruntime\d+|msvcp\d+|msvcr\d+|concrt\d+|vccorlib\d+|vcomp\d*|vcamp\d+|mfcm?\d+u?|msvcp140_.*|vcruntime140_.*)\.dll"
)
DEBUG = re.compile(
    r"(vcruntime\d+(_\d)?d|msvcp\d+(_\w+)?d|msvcr\d+d|ucrtbased|concrt\d+d|mfc\d+u?d|python3\d*t?_d)\.dll"
)
# They are no files: Windows knows which file stands for each.
SETS = ("api-ms-", "ext-ms-")


@cache
def _table() -> dict[str, frozenset[str]]:
    table = tomllib.loads(files("wheel_lab.doctor.systems").joinpath("windowsdlls.toml").read_text(encoding="utf-8"))
    return {key: frozenset(table[key].split()) for key in ("names", "drivers")}


def is_of_windows(name: str) -> bool:
    """Tell whether Windows has the DLL; `name` is in lower case, as for all functions here."""
    return name.startswith(SETS) or name.removesuffix(".dll") in _table()["names"]


def is_driver(name: str) -> bool:
    """Tell whether a driver brings the DLL."""
    return name.removesuffix(".dll") in _table()["drivers"]


def is_of_python(name: str) -> bool:
    """Tell whether a Python brings the DLL: its own, or the part of the C++ runtime that it needs itself."""
    return name in BROUGHT or PYTHON.fullmatch(name) is not None


def is_of_runtime(name: str) -> bool:
    """Tell whether the DLL is of Microsoft's C++ runtime, which users install by themselves or not at all."""
    return RUNTIME.fullmatch(name) is not None and not is_of_windows(name) and not is_of_python(name)


def is_debug(name: str) -> bool:
    """Tell whether the DLL is of a debug runtime, or of a debug build of Python."""
    return DEBUG.fullmatch(name) is not None
