"""What the chapters ask of a learner's machine: how long each keeps one waiting, and the most memory that it holds."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from nbclient.exceptions import CellExecutionError

from tools.notebooks import FOLDER, is_case, read_text, texts
from tools.publish import QUIET, runner


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


def cells_timed(text: Path) -> tuple[list[float], int, float]:
    """Run a chapter; return the seconds of each code cell, how many of them failed, and the peak of memory in MB."""
    notebook = read_text(text)
    client = runner(notebook, FOLDER)
    seconds, failed = [], 0
    with Memory() as memory, client.setup_kernel(**QUIET):
        for index, cell in enumerate(notebook.cells):
            start = time.perf_counter()
            try:
                client.execute_cell(cell, index)
            except CellExecutionError:  # told in the table; whether a chapter is true, the tests say
                failed += 1
            if cell.cell_type == "code":
                seconds.append(time.perf_counter() - start)
    return seconds, failed, memory.peak


def measure(say: Callable[[str], None]) -> dict[str, dict[str, float]]:
    """Run every chapter; return the seconds of its cells, of the longest one and of the whole, and its memory in MB."""
    found = {}
    for text in (text for text in texts() if not is_case(text)):
        start = time.perf_counter()
        seconds, failed, peak = cells_timed(text)
        whole = time.perf_counter() - start  # with the kernel's start and end
        found[text.stem] = {
            "waits": sum(seconds),
            "longest": max(seconds),
            "all": whole,
            "memory": peak,
            "failed": failed,
        }
        say(f"  {text.stem}" + (f": {failed} cells failed" if failed else ""))
    return found
