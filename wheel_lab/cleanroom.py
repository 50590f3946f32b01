"""A fresh environment without OpenBLAS, and what happens on import there.

"Works on my machine" proves nothing about a wheel: the machine that built it has the very library that others lack.
A clean room is a new virtual environment, started without anything of ours in its surroundings.
"""

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PROVIDER", "CleanRoom", "NotCleanError", "Outcome", "make"]

# Variables that could lend the room a library or a module from outside.
LENDERS = ("LD_", "PYTHON", "PIP_", "UV_", "CONDA", "VIRTUAL_ENV")
PROVIDER = "scipy_openblas32"
MARK = "mapped by the loader:\n"
PATIENCE = 120  # seconds: an import takes one, a hang takes for ever


class NotCleanError(Exception):
    """The room has OpenBLAS in it, so that an import in it would prove nothing."""


@dataclass(frozen=True)
class Outcome:
    """How a piece of code ended: `ok`, what it printed, and the last line of its error (empty when all went well)."""

    ok: bool
    stdout: str
    error: str

    def __str__(self) -> str:
        return f"ok: {self.stdout.strip() or '(it printed nothing)'}" if self.ok else f"failed: {self.error}"


@dataclass(frozen=True)
class CleanRoom:
    """A virtual environment in `folder`, with `wheels` installed (their file names) and no OpenBLAS provider."""

    folder: Path
    wheels: tuple[str, ...]

    def __str__(self) -> str:
        return f"a clean room with {', '.join(self.wheels) or 'nothing installed'}"

    @property
    def python(self) -> Path:
        """The room's interpreter."""
        return self.folder / "bin" / "python"

    def run(self, code: str) -> Outcome:
        """Run Python code in the room, in a process of its own."""
        try:
            # -I: neither the current folder nor the user's own packages can be imported.
            done = subprocess.run(
                [self.python, "-I", "-c", code],
                capture_output=True,
                text=True,
                env=_scrubbed(),
                timeout=PATIENCE,
            )
        except subprocess.TimeoutExpired:
            return Outcome(False, "", f"no end after {PATIENCE} s")
        lines = done.stderr.strip().splitlines()
        if done.returncode < 0:
            lines.append(f"killed by signal {-done.returncode}")
        # The loader names files by their full path; what is inside the room reads the same on every machine.
        error = (lines or ["no word"])[-1].replace(f"{self.folder}{os.sep}", "") if done.returncode else ""
        return Outcome(done.returncode == 0, done.stdout, error)

    def mapped_libraries(self, code: str) -> tuple[str, ...]:
        """Return the shared libraries that the loader has mapped once `code` has run: file names, sorted.

        Raises
        ------
        RuntimeError
            The code failed; the message is the last line of its error.
        """
        outcome = self.run(f"{code}\nprint({MARK!r} + open('/proc/self/maps').read())")
        if not outcome.ok:
            raise RuntimeError(outcome.error)
        lines = outcome.stdout.rpartition(MARK)[2].splitlines()
        # The sixth field is the file; memory that belongs to no file has none.
        names = {os.path.basename(line.split(maxsplit=5)[5]) for line in lines if "/" in line}
        return tuple(sorted(name for name in names if name.endswith(".so") or ".so." in name))


def make(folder: str | Path, *wheels: str | Path, find_links: str | Path | None = None) -> CleanRoom:
    """Make a clean room in `folder` and install `wheels` in it, with no index.

    What the wheels require comes from `find_links`, a folder of wheels. A room that stands in `folder` already is made
    anew.

    Raises
    ------
    FileNotFoundError
        A wheel is not there.
    ValueError
        `folder` holds something else than a virtual environment, or pip refuses a wheel (in its words).
    NotCleanError
        The wheels bring ``scipy_openblas32`` with them.
    """
    folder = Path(folder).absolute()
    files = [Path(wheel).absolute() for wheel in wheels]
    for file in files:
        if not file.exists():
            raise FileNotFoundError(f"there is no {file.name} to install")
    if folder.exists() and any(folder.iterdir()) and not (folder / "pyvenv.cfg").exists():
        raise ValueError(f"{folder.name} is no clean room, and is not empty: name another folder")
    _do([sys.executable, "-m", "venv", "--clear", "--without-pip", folder])
    room = CleanRoom(folder, tuple(file.name for file in files))
    if files:
        pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", room.python, "--disable-pip-version-check"]
        options: list[str | Path] = ["--quiet", "--no-index", "--no-cache-dir", "--no-compile"]
        options += ["--find-links", find_links] if find_links else []
        _do([*pip, "install", *options, *files])
    if room.run(f"import {PROVIDER}").ok:
        raise NotCleanError(f"{PROVIDER} can be imported here: this room would prove nothing")
    return room


def _scrubbed() -> dict[str, str]:
    """Return our surroundings without the variables that could lend a library or a module."""
    return {name: value for name, value in os.environ.items() if not name.startswith(LENDERS)}


def _do(command: Iterable[str | Path]) -> None:
    surroundings = _scrubbed() | {"PIP_CONFIG_FILE": os.devnull}
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, env=surroundings)
    if done.returncode:
        words = (done.stderr + done.stdout).strip().splitlines() or ["no word"]
        raise ValueError(next((line for line in reversed(words) if line.startswith("ERROR")), words[-1]))
