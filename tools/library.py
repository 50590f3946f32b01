"""The library alone: what its tests need on each Python of this machine, fetched once into ``.lab/library``.

``make test-installed`` runs this and then ``tests/lab/test_installed.py``, which needs no network any more.
"""

import hashlib
import shutil
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

from wheel_lab.lab import pythons as lab_pythons
from wheel_lab.lab.commands import pip, say, version_of
from wheel_lab.lab.fetching import closure, pinned
from wheel_lab.lab.paths import ROOT, STORE

WHEELS = STORE / "library"
# What runs the tests; the library itself needs none of it.
RUNNERS = ("pytest", "hypothesis")
EXTRAS = ("docutils",)  # which action.yml, the tests in Pyodide and the website install as well


def pythons() -> dict[str, Path]:
    """Return the Pythons of this machine that the library supports, by version (``"3.12"``), the oldest first."""
    # Debian splits venv from Python, so ask for what a test environment needs.
    return lab_pythons.pythons(("ensurepip", "venv"))


def core() -> list[str]:
    """Return what the library requires without an extra, as ``pyproject.toml`` asks for it."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return list(table["project"]["dependencies"])


def pins(names: list[str], version: str) -> list[str]:
    """Return the lines of the lock for these packages on one Python, with their hashes."""
    known = pinned(ROOT / "requirements.txt") | pinned(ROOT / "requirements-dev.txt")
    there = {"python_version": version, "python_full_version": f"{version}.0"}
    lines = []
    for line in (line for name in names for line in known[name]):
        pin, _, hashes = line.partition(" --hash")
        marker = Requirement(pin).marker
        if marker is None or marker.evaluate(there):
            lines.append(f"{pin.split(';')[0].strip()} --hash{hashes}")
    return lines


def fetch() -> None:
    """Fetch the pinned wheels of the core and of pytest for each Python here; nothing to do when they are there.

    Raises
    ------
    wheel_lab.lab.commands.SetupError
        pip could not fetch them.
    """
    python = Path(sys.executable)
    names = closure(python, [*core(), *RUNNERS, *EXTRAS])
    wanted = {version: pins(names, version) for version in pythons()}
    key = hashlib.sha256(repr(wanted).encode()).hexdigest()
    stamp = WHEELS / ".whole"
    if stamp.exists() and stamp.read_text() == key:
        return
    shutil.rmtree(WHEELS, ignore_errors=True)
    WHEELS.mkdir(parents=True)
    for version, lines in wanted.items():
        say(f"fetching what the library's tests need on Python {version}")
        lock = WHEELS / f"{version}.txt"
        lock.write_text("\n".join(lines) + "\n")
        choice = [] if version == version_of(python) else ["--python-version", version]
        pip(python, "download", "--no-deps", "--require-hashes", "--only-binary", ":all:", *choice, "--requirement",
            lock, "--dest", WHEELS)  # fmt: skip
    stamp.write_text(key)


if __name__ == "__main__":
    fetch()
