"""What the chapters ask of a learner's machine: how long each keeps one waiting, and the most memory that it holds."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from notebooks import FOLDER, read_text, texts
from publish import QUIET, runner


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


def measure(say: Callable[[str], None]) -> dict[str, dict[str, float]]:
    """Run every chapter; return the seconds of its cells, of the longest one and of the whole, and its memory in MB."""
    found = {}
    for text in texts():
        start = time.perf_counter()
        seconds, peak = cells_timed(text)
        whole = time.perf_counter() - start  # with the kernel's start and end
        found[text.stem] = {"waits": sum(seconds), "longest": max(seconds), "all": whole, "memory": peak}
        say(f"  {text.stem}")
    return found
