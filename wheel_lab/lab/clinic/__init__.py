"""The cases of the clinic: a broken wheel or project each, made on the spot from small sources, and a way to try one.

What a case is about is not in its name, nor in that of its function: the learner is to find it.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from wheel_lab.lab import environment
from wheel_lab.lab.clinic import archives, contents, loading, machines

__all__ = ["CASES", "TOOLS", "case", "missing_tools", "outcome", "try_it"]

CASES: dict[str, Callable[[], None]] = {
    "01": loading.case_01, "02": archives.case_02, "03": archives.case_03, "04": archives.case_04,
    "05": archives.case_05, "06": loading.case_06, "07": loading.case_07, "08": loading.case_08,
    "09": machines.case_09, "10": machines.case_10, "11": machines.case_11, "12": machines.case_12,
    "13": contents.case_13, "14": contents.case_14, "15": contents.case_15,
}  # fmt: skip
# What the cases are solved with, and made with.
TOOLS = (
    "unzip", "zipinfo", "readelf", "objdump", "nm", "ar", "strings", "cc", "ln",
    "patchelf", "wheel", "auditwheel", "delvewheel", "repairwheel", "abi3audit",
)  # fmt: skip
# Variables that could lend the wheel a library or a module from outside.
LENDERS = ("LD_", "PYTHON", "OMP_", "KMP_")


def missing_tools() -> list[str]:
    """Return those of :data:`TOOLS` that are not found."""
    return [name for name in TOOLS if shutil.which(name, path=environment.path()) is None]


def case(number: str) -> None:
    """Make what the case of that number is about in the current folder, and list it.

    Parameters
    ----------
    number
        Two digits, as in the notebook's name.
    """
    CASES[number]()
    print(*sorted(str(path) for path in Path().glob("[a-z]*/**/*") if path.is_file() and path.parts[0] != "fetched"),
          sep="\n")  # fmt: skip


def try_it(wheel: str | Path, code: str) -> None:
    """Unpack a wheel as an installer does, run Python code with it, and print what came of that.

    Parameters
    ----------
    wheel
        Its path.
    code
        Python code. It runs in a process of its own, which sees the standard library and the wheel alone.
    """
    print(f"$ python -c {code!r}")
    print(outcome(wheel, code)[1])


def outcome(wheel: str | Path, code: str) -> tuple[bool, str]:
    """Return whether the code ran to its end, and what it printed, or the last lines of its error.

    The folder into which the wheel is unpacked is left out of the text, so that it is the same everywhere.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith(LENDERS)}
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(folder)!r})\n{code}"],
            capture_output=True, text=True, env=surroundings, stdin=subprocess.DEVNULL, cwd=folder,
        )  # fmt: skip
    if done.returncode == 0:
        return True, done.stdout.strip()
    lines = done.stderr.strip().splitlines()
    said = lines[-1:] if done.returncode > 0 else lines
    if done.returncode < 0:
        said = [*said, f"(the process was ended by {signal.Signals(-done.returncode).name})"]
    return False, "\n".join(said).replace(f"{folder}{os.sep}", "")
