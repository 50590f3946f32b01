"""Where the seconds of a build go: shell commands timed one by one, and what CMake and Ninja wrote down."""

import re
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from wheel_lab.timing import Step, Steps

__all__ = ["first_build", "steps"]


def steps(commands: Mapping[str, str]) -> Steps:
    """Run shell commands one after another in the current folder, each with ``bash -e``, and time each of them.

    The name of each step is printed when it begins, so that a learner sees the work go on.

    A step runs once: it leaves something behind that the next one needs, and a second run would find it there. So its
    time is no minimum, and holds whatever else the machine was doing.

    Raises
    ------
    RuntimeError
        A command failed; the message names the step and ends with the last line that it said.
    """
    results = []
    for name, command in commands.items():
        print(f"{name} …", flush=True)
        start = time.perf_counter()
        done = subprocess.run(
            ["bash", "-e", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        results.append(Step(name, time.perf_counter() - start))
        if done.returncode:
            words = done.stdout.strip().splitlines() or ["it said nothing"]
            raise RuntimeError(f"the step {name!r} failed: {words[-1]}")
    return Steps(tuple(results))


def first_build(log: str | Path, project: str | Path) -> Steps:
    """Read what a build did that the next one, in the same folder, need not do again: configure, compile, link.

    Nothing is run. CMake wrote its seconds into the build's `log`, and Ninja keeps a diary, ``.ninja_log``, somewhere
    under the `project`: a head line, and a line for each file, with the milliseconds at which its making began and
    ended, the file's time, its name, and a hash of the command. The first line of a file is that of the first build.

    Raises
    ------
    FileNotFoundError
        There is no such log, or nothing was built there with Ninja.
    """
    text = Path(log).read_text(encoding="utf-8")
    configured = re.findall(r"^-- Configuring done \((.+?)s\)", text, flags=re.MULTILINE)
    diary = next(Path(project).rglob(".ninja_log"), None)
    if diary is None:
        raise FileNotFoundError(f"there is no .ninja_log in {Path(project).name}: nothing was built there with Ninja")
    made = {"configure": sum(map(float, configured))} if configured else {}
    for line in diary.read_text(encoding="utf-8").splitlines()[1:]:
        start, end, _, file, _ = line.split("\t")
        name = Path(file).name
        if name.endswith((".o", ".so")):
            name = f"compile {name.removesuffix('.o')}" if name.endswith(".o") else "link"
            made.setdefault(name, (int(end) - int(start)) / 1000)
    return Steps(tuple(Step(name, seconds) for name, seconds in made.items()))
