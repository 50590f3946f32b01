"""``make bench-room``: rooms of 5, 20 and 40 learners on this machine, from the log-in to the wheel.

All learners of a room log in at once. When all of them sit and have run chapter 2 up to the build, all press Build at
once: a workshop can do no worse. In the largest room the hub is killed while they build. Each learner is a thread that
sends what a browser sends (``tests/hub/learners.py``); the room is that of ``make hub``. It writes ``room.json`` and
``ROOM.md`` beside itself. ``--write-only`` writes again from ``room.json``, without measuring.
"""

import argparse
import json
import math
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

from bench import machine
from report import table

from tests.hub.learners import Learner
from tests.hub.room import Room, take_away

HERE = Path(__file__).resolve().parent
RESULTS, TABLES = HERE / "room.json", HERE / "ROOM.md"
SIZES = (5, 20, 40)

# What the sizing table supposes. The price is a guess, and the table says so.
NODE_PROCESSORS, NODE_MEMORY, NODE_PRICE = 8, 32e9, 0.30  # dollars an hour
MORNING = 4  # hours
WAIT = 60  # seconds in which all have a seat, or their wheel, when all ask for it at once
HUB_MEMORY = 3e9  # the system, the hub, the proxy and the engine


def say(text: str) -> None:
    """Tell whoever waits what is being measured."""
    print(text, flush=True)


# --- measuring -------------------------------------------------------------------------------------------------------


def processor_seconds() -> float:
    """Return the seconds that the processors of this machine have worked since it started."""
    user, nice, system, _, _, interrupt, soft, *_ = map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:])
    return (user + nice + system + interrupt + soft) / 100


def available() -> int:
    """Return how much memory of this machine could still be given out, in bytes."""
    line = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemAvailable"))
    return int(line.split()[1]) * 1024


class Least:
    """The least memory that was available while something ran, looked at each half second."""

    def __enter__(self) -> "Least":
        self.bytes, self._over = available(), threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def _look(self) -> None:
        while not self._over.wait(0.5):
            self.bytes = min(self.bytes, available())

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def together(learners: list[Learner], act: Callable[[Learner], object]) -> dict[str, Any]:
    """Have all learners do something at once.

    Returns
    -------
    dict
        ``seconds`` (of each), ``processor`` (seconds of all processors, by each), and ``failures`` (their messages).
    """
    seconds, failures = [], []

    def one(learner: Learner) -> None:
        began = time.monotonic()
        try:
            act(learner)
        except Exception as error:  # whatever it is, a learner would have to call the facilitator
            failures.append(f"{type(error).__name__}: {error}")
        else:
            seconds.append(time.monotonic() - began)

    began = processor_seconds()
    with ThreadPoolExecutor(len(learners)) as pool:
        list(pool.map(one, learners))
    worked = (processor_seconds() - began) / len(learners)
    return {"seconds": sorted(seconds), "processor": worked, "failures": failures}


def build(learner: Learner, source: str) -> None:
    """Press Build, and raise ``AssertionError`` when no wheel comes of it."""
    printed = learner.run(source)
    assert "Successfully built septembrse" in printed, printed[-500:]


def measure(size: int, *, kill: bool, compare: bool) -> dict[str, Any]:
    """Measure one room, from an empty one to the wheel of each learner."""
    say(f"{size} learners: seats")
    with tempfile.TemporaryDirectory() as scratch:
        room = Room(Path(scratch, "log"))
        take_away()
        try:
            room.start()
            before = available()
            learners = [room.learner(f"learner-{number}") for number in range(1, size + 1)]
            told: dict[str, Any] = {"learners": size, "seat": together(learners, Learner.sit)}
            sources: dict[str, str] = {}
            told["prepare"] = together(learners, lambda one: sources.setdefault(one.name, one.prepare()))
            time.sleep(5)
            told["memory seated"] = (before - available()) / size
            say(f"{size} learners: all press Build")
            if kill:
                threading.Timer(3, room.kill_hub).start()
            with Least() as least:
                told["wheel"] = together(learners, lambda one: build(one, sources[one.name]))
            told["memory building"] = (before - least.bytes) / size
            if kill:
                room.wait()
                told["hub killed"] = together(learners, lambda one: one.run("print(files_in_the_wheel)"))
            if compare:
                told["again"] = compared(learners, sources)
        finally:
            room.stop()
            take_away()
    return told


def compared(learners: list[Learner], sources: dict[str, str]) -> dict[str, float]:
    """Have all build again, in turns, with the compile cache and without; the processor seconds of one build."""
    seconds: dict[str, list[float]] = {"with": [], "without": []}
    clean = "import os, shutil; shutil.rmtree('example_project/_skbuild'); os.environ"
    for _ in range(3):
        for name, launcher in (("with", "['CMAKE_CXX_COMPILER_LAUNCHER'] = 'sccache'"),
                               ("without", ".pop('CMAKE_CXX_COMPILER_LAUNCHER')")):  # fmt: skip
            for one in learners:
                one.run(clean + launcher)
            done = together(learners, lambda one: build(one, sources[one.name]))
            assert not done["failures"], done["failures"]
            seconds[name].append(done["processor"])
    return {name: statistics.median(all_) for name, all_ in seconds.items()}


# --- writing it down -------------------------------------------------------------------------------------------------


def failures(rooms: list[dict[str, Any]]) -> list[str]:
    """Return what went wrong for any learner of the rooms."""
    parts = [part for room in rooms for part in room.values() if isinstance(part, dict)]
    return [message for part in parts for message in part.get("failures", [])]


def report(results: dict[str, Any]) -> str:
    """Return ROOM.md."""
    rooms, here = results["rooms"], results["machine"]
    first, largest = rooms[0], rooms[-1]
    head = ["learners", "a seat after", "the wheel after", "processor, a seat", "processor, a wheel",
            "memory, seated", "memory, building", "failures"]  # fmt: skip
    rows = []
    for room in rooms:
        parts = [room["seat"], room["wheel"]]
        times = [f"{statistics.median(part['seconds']):.0f} s, {part['seconds'][-1]:.0f} s" for part in parts]
        worked = [f"{part['processor']:.1f} s" for part in parts]
        memory = [f"{room[f'memory {when}'] / 1e6:.0f} MB" for when in ("seated", "building")]
        rows.append([str(room["learners"]), *times, *worked, *memory, str(len(failures([room])))])
    machine_ = f"{here['processors']} processors ({here['processor']}), {here['system']}"
    cached, compiled = (f"{first['again'][name]:.1f} s" for name in ("with", "without"))
    seat, wheel = (f"{largest[what]['processor']:.1f} s" for what in ("seat", "wheel"))
    memory_ = f"{largest['memory building'] / 1e6:.0f} MB"
    node = f"{NODE_PROCESSORS} processors and {NODE_MEMORY / 1e9:.0f} GB"
    sizes = [sized(size, largest) for size in (20, 40, 100, 200, 400)]
    return f"""# A room of learners, measured

Written by `make bench-room` on {results["date"]}: {machine_}.

All learners of a room log in at once. When all of them sit and have come to the build of chapter 2, all press Build at
once. Each learner is a program that sends what a browser sends; the room is that of `make hub`, on one machine, with
podman. Times are the median and the longest. Processor and memory are what the whole machine gave, divided by the
learners. In the room of {largest["learners"]} the hub was killed three seconds after Build was pressed, and afterwards
each learner's kernel was asked for a variable. Whatever failed for anyone is counted in the last column.

{table(head, rows)}

What the compiler makes of chapter 2 is in the image, and each learner of a room has a copy of it (`sccache`). In the
room of {first["learners"]}, in turns, a build cost {cached} of processor time with it and {compiled} without.

## How large a machine

Reckoned from the last row of that table: {seat} of processor time for a seat, {wheel} for a wheel, {memory_} of memory.

- **Processors** are as many as give everyone a seat, or a wheel, {WAIT} seconds after all have asked for it at once. In
  a real room they do not ask at once.
- **Memory** has {HUB_MEMORY / 1e9:.0f} GB for the system and the hub on top.
- **A node** has {node}, and costs {NODE_PRICE:.2f} dollars an hour. That is our guess: put your provider's price in
  its place. A morning is {MORNING} hours.

Not measured: more learners than {largest["learners"]}, any cluster, any price.

{table(["learners", "processors", "memory", "nodes", "a morning"], sizes)}
"""


def sized(learners: int, measured: dict[str, Any]) -> list[str]:
    """Return a row of the sizing table: what so many learners need, by what was measured for one."""
    work = learners * max(measured[what]["processor"] for what in ("seat", "wheel"))
    processors = max(2, math.ceil(work / WAIT))
    memory = learners * measured["memory building"] + HUB_MEMORY
    nodes = max(math.ceil(processors / NODE_PROCESSORS), math.ceil(memory / NODE_MEMORY))
    cost = nodes * MORNING * NODE_PRICE
    return [str(learners), str(processors), f"{memory / 1e9:.0f} GB", str(nodes), f"{cost:.2f} dollars"]


def main() -> None:
    """Measure unless told not to, and write both files."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write-only", action="store_true", help="write again from room.json")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="learners of each room")
    options = parser.parse_args()
    if not options.write_only:
        results: dict[str, Any] = {"date": date.today().isoformat(), "machine": machine(), "rooms": []}
        for size in options.sizes:
            first, last = size == options.sizes[0], size == options.sizes[-1]
            results["rooms"].append(measure(size, kill=last, compare=first))
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    results = json.loads(RESULTS.read_text())
    TABLES.write_text(report(results))
    say(TABLES.read_text())
    if failures(results["rooms"]):
        sys.exit("not every learner came to the end")


if __name__ == "__main__":
    main()
