"""Python for a browser: Pyodide, and the wheels that the doctor needs there; fetched once into ``.lab/pyodide``.

Pyodide comes from npm by ``tests/pyodide/package-lock.json``, the wheels by ``requirements.txt``. ``make setup-site``
runs this; the website and ``make test-pyodide`` use it, and need no network any more.
"""

import hashlib
import shutil
import sys
import tomllib
from pathlib import Path

from tools.library import EXTRAS, core, pins
from wheel_lab.lab.commands import SetupError, pip, run, say
from wheel_lab.lab.fetching import closure
from wheel_lab.lab.paths import ROOT, STORE

LOCKS = ROOT / "tests/pyodide"
FOLDER = STORE / "pyodide"
CORE, WHEELS = FOLDER / "node_modules/pyodide", FOLDER / "wheels"
PYTHON = "3.14"  # that of the Pyodide in the lock


def described() -> list[str]:
    """Return what the doctor needs to try a description, which is an extra of the library."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return list(table["project"]["optional-dependencies"]["description"])


def fetch() -> None:
    """Fetch both; nothing to do when they are there.

    Raises
    ------
    SetupError
        npm is missing, or something could not be fetched.
    """
    python = Path(sys.executable)
    lines = pins(closure(python, [*core(), *EXTRAS]), PYTHON)
    locks = [LOCKS / name for name in ("package.json", "package-lock.json")]
    key = hashlib.sha256(repr([lines, *(lock.read_text() for lock in locks)]).encode()).hexdigest()
    stamp = FOLDER / ".whole"
    if stamp.exists() and stamp.read_text() == key:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise SetupError("npm is missing; Pyodide comes from there. On Debian or Ubuntu: sudo apt install nodejs npm")
    shutil.rmtree(FOLDER, ignore_errors=True)
    WHEELS.mkdir(parents=True)
    say("fetching Pyodide, and what the doctor needs in it")
    for lock in locks:
        shutil.copy(lock, FOLDER)
    run([npm, "ci", "--prefix", str(FOLDER), "--ignore-scripts", "--no-audit", "--no-fund"])
    wanted = FOLDER / "wheels.txt"
    wanted.write_text("\n".join(lines) + "\n")
    pip(python, "download", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--python-version", PYTHON,
        "--requirement", wanted, "--dest", WHEELS)  # fmt: skip
    stamp.write_text(key)


if __name__ == "__main__":
    try:
        fetch()
    except SetupError as error:
        sys.exit(f"wheel lab: {error}")
