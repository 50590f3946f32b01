"""Each chapter passes alone, in any order, twice in a row, beside another, and after a run that was killed.

All of it happens in copies of the lab, in a path with a space. What isolates the chapters is one function,
``workbench.enter``, and ``test_workbench.py`` tries kernels, kills and pairs on it. Here three chapters are run for
real (``make test-orders``), and with the marker ``full`` all of them. Each chapter also runs alone in a copy of its
own, and is watched there, in ``test_falsified.py``.
"""

import contextlib
import time
from pathlib import Path

import psutil
import pytest

from tests.chapters.isolation import writes_only_under_work
from tools import notebooks
from tools.notebooks import copy_lab, finish, start_nbval

CHAPTERS = [*map(notebooks.name_of, notebooks.notebooks())]
# The cheapest, the one whose build takes longest, and the one that writes most.
THREE = [name for name in CHAPTERS if name[:2] in {"00", "02", "03"}]
EACH = [pytest.param(name, marks=pytest.mark.orders if name in THREE else pytest.mark.full) for name in CHAPTERS]


@pytest.fixture
def lab(tmp_path):
    """A copy of the lab that is still as it was cloned."""
    return copy_lab(tmp_path / "a lab with spaces")


def in_lab(lab: Path, names: list[str]) -> list[Path]:
    """Return notebooks of a copied lab."""
    return [lab / "notebooks" / name for name in names]


def both_pass(runs: list) -> None:
    """Wait for each run before judging any, so that none outlives the failure of another."""
    for said, code in [(run.communicate()[0], run.returncode) for run in runs]:
        assert code == 0, said


def test_there_are_chapters():
    assert len(THREE) == 3
    assert len(CHAPTERS) > 3


@pytest.mark.parametrize("name", EACH)
def test_alone_and_again_writing_only_under_work(lab, tmp_path, name):
    for _ in range(2):
        with writes_only_under_work(lab, tmp_path) as environment:
            finish(start_nbval(lab, lab / "notebooks" / name, **environment))


@pytest.mark.parametrize("names", [
    pytest.param(THREE, marks=pytest.mark.orders, id="three"),
    pytest.param(CHAPTERS, marks=pytest.mark.full, id="all"),
])  # fmt: skip
def test_in_reverse_order_beside_another_run(lab, names):
    runs = [start_nbval(lab, *reversed(in_lab(lab, names))), start_nbval(lab, *in_lab(lab, names))]
    both_pass(runs)


@pytest.mark.orders
def test_the_same_chapter_twice_at_once(lab):
    (build,) = in_lab(lab, [name for name in THREE if name.startswith("02")])
    runs = [start_nbval(lab, build), start_nbval(lab, build)]
    both_pass(runs)
    assert (lab / "notebooks" / "_work" / "02-2").is_dir(), "the second run did not get a folder of its own"


@pytest.mark.orders
@pytest.mark.parametrize("survivors", ["the compiler runs on", "nothing is left"])
def test_a_build_killed_half_way(lab, survivors):
    (build,) = in_lab(lab, [name for name in THREE if name.startswith("02")])
    run = start_nbval(lab, build)
    started, kernels = family_with_compiler(run)
    assert kernels
    # the notebook's own processes first, so that none of them can clear up after another
    ended = [psutil.Process(run.pid), *kernels, *(started if survivors == "nothing is left" else [])]
    kill(ended)
    run.communicate()
    left = [process for process in started if process.is_running() and process not in ended]
    if survivors == "nothing is left":
        assert left == []
    else:
        assert left, "the build ended with its kernel: this test has nothing to say"
    assert list((lab / "notebooks" / "_work" / "02").rglob("_skbuild")), "nothing half-made was there"
    try:
        finish(start_nbval(lab, build))
    finally:
        kill(left)


def kill(processes: list[psutil.Process]) -> None:
    """End what still runs of these; psutil takes no other process that was given the number of an ended one."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def family_with_compiler(run) -> tuple[list[psutil.Process], list[psutil.Process]]:
    """Wait until a C++ compiler works for `run`; return all processes under it, and the kernels among them."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and run.poll() is None:
        try:
            family = psutil.Process(run.pid).children(recursive=True)
            building = any("_skbuild" in process.cwd() for process in family)
            if building and any(process.name().startswith(("cc1plus", "clang")) for process in family):
                # all in one look: a compiler may end at any moment, and what has ended has no command line
                return family, [process for process in family if "ipykernel_launcher" in " ".join(process.cmdline())]
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            pass  # one ended while we looked: look again
        time.sleep(0.02)
    run.kill()
    raise AssertionError("no compiler was seen: " + run.communicate()[0])
