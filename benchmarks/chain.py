"""The whole chain, step by step: build, show, repair, an empty environment, install, proof.

Each step is a command as the chapters type it, but for pip's ``--no-compile``, which they leave away; what that costs
stands among the other ways. Each is timed as a cell of a notebook and as the bare command in a shell, turn
by turn, with the same environment variables; first with nothing built, and again with the sources unchanged. Then come
other ways to do a step, to see which one is the shortest.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell

from tools.notebooks import FOLDER
from tools.publish import QUIET, runner

OPENBLAS = "$(python -c 'import scipy_openblas32; print(scipy_openblas32.get_lib_dir())')"
STEPS = {
    "build": "python -m build --wheel --no-isolation --outdir dist example_project > build.log 2>&1",
    "show": "auditwheel show dist/*.whl > show.txt 2>&1",
    "repair": f'auditwheel repair --ldpaths "{OPENBLAS}" --wheel-dir repaired dist/*.whl > repair.log 2>&1',
    "empty environment": "python -m venv --without-pip clean",
    "install, with NumPy": "pip --python clean install --quiet --no-compile repaired/*.whl",
    "proof": "clean/bin/python -c 'from example_pkg import ddot; assert ddot([1, 2, 3], [4, 5, 6]) == 32'",
}
START_OVER = "rm -rf dist repaired clean"  # all but what the build itself keeps, _skbuild

# step: {another way to do it: (what goes before, untimed; the command)}
CORE = "rm -rf core && cp -r example_project core && cp core/scikit_build_core/pyproject.toml core"
FETCHED = "--no-index --find-links fetched"
COLD = "rm -rf example_project/_skbuild example_project/*.egg-info"
OTHERS = {
    "build": {
        "isolated": (COLD, "python -m build --wheel --outdir other example_project"),
        "isolated, by uv": (COLD, f"uv build --quiet --wheel {FETCHED} --out-dir other example_project"),
        "scikit-build-core": (CORE, "python -m build --wheel --no-isolation --outdir other core"),
        "setup.py, nothing changed": ("", "cd example_project && python setup.py bdist_wheel --dist-dir ../other"),
    },
    "repair": {
        "compressed least (-z 1)": ("", STEPS["repair"].replace("--wheel-dir repaired", "-z 1 --wheel-dir other")),
    },
    "empty environment": {
        "with pip": ("rm -rf other", "python -m venv other"),
        "by uv": ("rm -rf other", "uv venv --quiet other"),
    },
    "install, with NumPy": {
        "by uv": (
            "rm -rf other; python -m venv --without-pip other",
            f"uv pip install --quiet {FETCHED} --python other repaired/*.whl",
        ),
        "bytecode compiled at once": (
            "rm -rf other; python -m venv --without-pip other",
            "pip --python other install --quiet repaired/*.whl",
        ),
        "without NumPy": (
            "rm -rf other; python -m venv --without-pip other",
            "pip --python other install --quiet --no-compile --no-deps repaired/*.whl",
        ),
    },
}


@contextmanager
def table_set() -> Iterator[tuple[Any, Path, dict[str, str]]]:
    """Start a kernel in a fresh work folder; yield how to run a cell in it, the folder, and its variables."""
    notebook = nbformat.v4.new_notebook()
    client = runner(notebook, FOLDER)
    with client.setup_kernel(**QUIET):

        def run(source: str) -> str:
            cell = new_code_cell(source)
            notebook.cells.append(cell)
            client.execute_cell(cell, len(notebook.cells) - 1)
            return "".join(output.get("text", "") for output in cell.outputs)

        run("from wheel_lab.lab import workbench\nworkbench.enter('bench', 'example_project')")
        told = json.loads(run("import json, os\nprint(json.dumps([os.getcwd(), dict(os.environ)]))"))
        yield run, Path(told[0]), told[1]


def seconds(step: str, command: str, run: Any, folder: Path, env: dict[str, str], in_cell: bool) -> float:
    """Return how long a command takes, as a cell or in a shell."""
    start = time.perf_counter()
    if in_cell:
        run(f"%%bash -e\n{command}")  # raises when the command fails
        return time.perf_counter() - start
    done = subprocess.run(["bash", "-e"], input=command, text=True, cwd=folder, env=env, capture_output=True)
    took = time.perf_counter() - start
    if done.returncode:
        logs = (folder / f"{step}.log").read_text() if (folder / f"{step}.log").exists() else ""
        raise SystemExit(f"the step {step!r} failed:\n{command}\n{(logs + done.stdout + done.stderr)[-2000:]}")
    return took


def measure(rounds: int, say: Any) -> dict[str, Any]:
    """Return the seconds of each step: ``["steps"][cold or warm][lab or shell][step]``, and of the other ways.

    Each is the median and the minimum of `rounds`. The order of notebook and shell changes with each round.
    """
    took: dict[tuple[str, str, str], list[float]] = {}
    others: dict[tuple[str, str], list[float]] = {}
    for number in range(rounds):
        for kind in ("lab", "shell") if number % 2 else ("shell", "lab"):
            say(f"  round {number + 1} of {rounds}: {'as cells of a notebook' if kind == 'lab' else 'in a bare shell'}")
            with table_set() as (run, folder, env):
                for state in ("cold", "warm"):
                    for step, command in STEPS.items():
                        one = seconds(step, command, run, folder, env, kind == "lab")
                        took.setdefault((state, kind, step), []).append(one)
                    if state == "cold":
                        subprocess.run(START_OVER, shell=True, cwd=folder, check=True)
                if kind == "lab":
                    continue
                say(f"  round {number + 1} of {rounds}: other ways to do a step")
                for step, ways in OTHERS.items():
                    for way, (before, command) in reversed(ways.items()):
                        subprocess.run(f"rm -rf other; {before}", shell=True, cwd=folder, env=env, check=True)
                        one = seconds(step, command, run, folder, env, in_cell=False)
                        others.setdefault((step, way), []).append(one)

    def both(times: list[float]) -> dict[str, float]:
        return {"minimum": min(times), "median": statistics.median(times)}

    return {
        "rounds": rounds,
        "steps": {
            state: {kind: {step: both(took[state, kind, step]) for step in STEPS} for kind in ("lab", "shell")}
            for state in ("cold", "warm")
        },
        "other ways": {step: {way: both(others[step, way]) for way in ways} for step, ways in OTHERS.items()},
        "commands": STEPS,
    }


if __name__ == "__main__":
    json.dump(measure(int(sys.argv[1]), lambda words: print(words, file=sys.stderr, flush=True)), sys.stdout, indent=1)
