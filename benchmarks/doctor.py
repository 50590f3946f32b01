"""How fast the doctor is: beside ``auditwheel show`` on large wheels, alone on a small one, and its memory.

Each is a command as one types it, in a process of its own, turn by turn with the one that it is compared with.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from tools.realwheels import RealWheel, at_hand, real_wheels

BIN = Path(sys.executable).parent
# Without a limit of time: the machine may be busy.
DOCTOR, SHOW = [sys.executable, "-m", "wheel_lab", "doctor", "--time", "0"], [str(BIN / "auditwheel"), "show"]
# Of 50 MB and more, in C++ and in Rust; and one of 500 MB.
LARGE = ("opencv_python_headless-5.0.0.93-cp37-abi3-manylinux", "pyarrow-26.0.1-cp313-cp313-manylinux_2_28_x86_64",
         "polars_runtime_32-2.0.0-cp310-abi3-manylinux")  # fmt: skip
HUGE = "tensorflow-2.21.0-cp312-cp312-manylinux"
PURE = "requests-2.34.2-py3-none-any"


def timed(command: list[str]) -> tuple[float, float, float]:
    """Run a command; return its seconds, those of the processor, and the most memory of it or a child of it, in MB.

    Raises
    ------
    RuntimeError
        It ends with a status that says that it did not do its work.
    """
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    words = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):  # 1: it found an error in the wheel
        raise RuntimeError(f"{command[1:3]} ended with {process.returncode}: {words.decode(errors='replace')[-500:]}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def alternated(commands: dict[str, list[str]], rounds: int) -> dict[str, dict[str, float]]:
    """Run commands turn by turn; return for each the minimum and the median of its seconds, the least seconds of the
    processor, which a busy machine changes little, and the most memory in MB.
    """
    took: dict[str, list[tuple[float, float, float]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            took[name].append(timed(command))
    return {
        name: {
            "minimum": min(seconds for seconds, _, _ in runs),
            "median": statistics.median(seconds for seconds, _, _ in runs),
            "processor": min(processor for _, processor, _ in runs),
            "memory": max(memory for _, _, memory in runs),
        }
        for name, runs in took.items()
    }


def pinned(beginning: str) -> RealWheel:
    """Return the real wheel whose name begins so."""
    (found,) = [wheel for wheel in real_wheels() if wheel.file.startswith(beginning)]
    return found


def measure(rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure all; `rounds` are those of the large wheels."""
    found: dict[str, Any] = {"date": date.today().isoformat(), "load": round(os.getloadavg()[0], 1), "large": {}}
    for beginning in LARGE:
        wheel = pinned(beginning)
        with at_hand(wheel) as path:
            commands = {"doctor": [*DOCTOR, str(path)], "auditwheel show": [*SHOW, str(path)]}
            found["large"][wheel.file] = {"size": path.stat().st_size, **alternated(commands, rounds)}
            say(f"  {wheel.file}")
    with at_hand(pinned(HUGE)) as path:
        commands = {"doctor": [*DOCTOR, str(path)], "auditwheel show": [*SHOW, str(path)]}
        found["huge"] = {"file": path.name, "size": path.stat().st_size, **alternated(commands, 1)}
    with at_hand(pinned(PURE)) as path:
        small = {"--help": [*DOCTOR, "--help"], "pure wheel": [*DOCTOR, str(path)], "empty": [sys.executable, "-c", ""]}
        found["small"] = alternated(small, 15)
    return found
