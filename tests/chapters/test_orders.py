"""Each chapter passes alone, in any order, twice in a row, beside another, and after a run that was killed.

All of it happens in copies of the lab, in a path with a space. ``make test-orders``; minutes, so not part of
``make test``.
"""

import contextlib
import time
from pathlib import Path

import psutil
import pytest

from tools import notebooks
from tools.notebooks import copy_lab, finish, start_nbval

pytestmark = pytest.mark.orders
CHAPTERS = [path.name for path in notebooks.notebooks()]


@pytest.fixture
def lab(tmp_path):
    """A copy of the lab that nobody has worked in."""
    return copy_lab(tmp_path / "a lab with spaces")


def chapters(lab: Path) -> list[Path]:
    """Return the notebooks of a copied lab."""
    return [lab / "notebooks" / name for name in CHAPTERS]


def snapshot(lab: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of change of each file, but for those under ``_work`` and what tools keep for themselves."""
    made = {"_work", "__pycache__", ".hypothesis", ".ipynb_checkpoints"}
    files = (path for path in lab.rglob("*") if path.is_file() and not made & set(path.relative_to(lab).parts))
    return {str(path.relative_to(lab)): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


def both_pass(runs: list) -> None:
    """Wait for each run before judging any, so that none outlives the failure of another."""
    for said, code in [(run.communicate()[0], run.returncode) for run in runs]:
        assert code == 0, said


def test_there_are_chapters():
    assert len(CHAPTERS) > 1


@pytest.mark.parametrize("name", CHAPTERS)
def test_alone_and_again_writing_only_under_work(lab, tmp_path, name):
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    home.mkdir()
    temporary.mkdir()
    before, fetched = snapshot(lab), snapshot(notebooks.ROOT / ".lab")
    for _ in range(2):
        finish(start_nbval(lab, lab / "notebooks" / name, HOME=str(home), TMPDIR=str(temporary)))
        assert snapshot(lab) == before
        assert snapshot(notebooks.ROOT / ".lab") == fetched
        # Jupyter, matplotlib and others keep something of their own there, in hidden folders
        assert [path.name for path in home.iterdir() if not path.name.startswith(".")] == []
        assert [path.name for path in temporary.iterdir()] == []


def test_in_reverse_order_beside_another_run(lab):
    runs = [start_nbval(lab, *reversed(chapters(lab))), start_nbval(lab, *chapters(lab))]
    both_pass(runs)


def test_the_same_chapter_twice_at_once(lab):
    (build,) = (path for path in chapters(lab) if path.name.startswith("02"))
    runs = [start_nbval(lab, build), start_nbval(lab, build)]
    both_pass(runs)
    assert (lab / "notebooks" / "_work" / "02-2").is_dir(), "the second run did not get a folder of its own"


@pytest.mark.parametrize("survivors", ["the compiler runs on", "nothing is left"])
def test_a_build_killed_half_way(lab, survivors):
    (build,) = (path for path in chapters(lab) if path.name.startswith("02"))
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
