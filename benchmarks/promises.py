"""What the lab promises about speed, measured: ``make bench``. Nothing here is a test: machines are noisy.

Two ratios and two sums are printed, each beside what was promised:

- the build step of chapter 2 in the notebook, against the same command in a plain shell, turn by turn;
- how long each chapter keeps a learner waiting (the sum of its cells), and all of them together;
- the most memory that the processes of a chapter held at once.
"""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
from nbformat.v4 import new_code_cell

from notebooks import FOLDER, code_cells, read_text, texts
from publish import QUIET, runner

ROUNDS = 5
WAIT, ALL = 30, 240  # seconds, promised
STRETCHED = 1.15


class Memory:
    """Watch this process and its children, and keep the largest sum of what is theirs alone (PSS), in MB."""

    def __init__(self) -> None:
        self.peak = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self._stop.wait(0.2):
            total = 0
            for process in psutil.Process().children(recursive=True):
                try:
                    total += process.memory_full_info().pss
                except psutil.Error:  # it has just ended
                    continue
            self.peak = max(self.peak, total / 1e6)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def cells_timed(text: Path) -> tuple[list[float], float]:
    """Run a chapter, and return the seconds that each code cell took and the peak of memory in MB."""
    notebook = read_text(text)
    client = runner(notebook, FOLDER)
    seconds = []
    with Memory() as memory, client.setup_kernel(**QUIET):
        for index, cell in enumerate(notebook.cells):
            start = time.perf_counter()
            client.execute_cell(cell, index)
            if cell.cell_type == "code":
                seconds.append(time.perf_counter() - start)
    return seconds, memory.peak


def build_ratio() -> tuple[float, float]:
    """Return the least seconds of chapter 2's build: as a cell, and as the same command in a plain shell."""
    (text,) = (text for text in texts() if text.name.startswith("02"))
    enter, *_ = code_cells(read_text(text))
    build = next(cell for cell in code_cells(read_text(text)) if "python -m build" in cell.source)
    command = build.source.removeprefix("%%bash -e\n")
    in_cell, in_shell = [], []
    for number in range(ROUNDS):
        for kind in ("cell", "shell") if number % 2 else ("shell", "cell"):
            notebook = read_text(text)
            where = new_code_cell("import os\nprint(os.getcwd())")
            notebook.cells = [enter, build, where]
            client = runner(notebook, FOLDER)
            with client.setup_kernel(**QUIET):
                client.execute_cell(enter, 0)
                client.execute_cell(where, 2)
                folder = where.outputs[0].text.strip()  # its own, where another kernel has not quite ended
                start = time.perf_counter()
                if kind == "cell":
                    client.execute_cell(build, 1)
                    in_cell.append(time.perf_counter() - start)
                else:
                    tools = os.path.join(sys.prefix, "bin")
                    surroundings = os.environ | {"PATH": tools + os.pathsep + os.environ["PATH"]}
                    subprocess.run(
                        ["bash", "-e"], input=command, text=True, cwd=folder, env=surroundings,
                        check=True, stdout=subprocess.DEVNULL,
                    )  # fmt: skip
                    in_shell.append(time.perf_counter() - start)
    return min(in_cell), min(in_shell)


def main() -> None:
    """Measure, and print what was promised beside what was seen."""
    print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}")
    cell, shell = build_ratio()
    print(f"the build of chapter 2: {cell:.1f} s in the notebook, {shell:.1f} s in a shell (least of {ROUNDS})")
    print(f"  ratio {cell / shell:.2f}, promised at most {STRETCHED}")
    total = 0.0
    for text in texts():
        start = time.perf_counter()
        seconds, peak = cells_timed(text)
        total += time.perf_counter() - start
        told = f"waits {sum(seconds):5.1f} s, longest cell {max(seconds):4.1f} s, memory {peak:5.0f} MB"
        print(f"{text.stem:<24} {told}", flush=True)
    print(f"all chapters and their kernels: {total:.0f} s (promised {ALL}); chapters 2 to 5 each at most {WAIT} s")


if __name__ == "__main__":
    main()
