"""A chapter writes in its own folder under ``notebooks/_work`` and nowhere else: to be watched during any run."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tools.notebooks import ROOT

# What tools keep for themselves; and the saved runs, which a run beside this one may write.
NOT_WATCHED = {"_work", "__pycache__", ".hypothesis", ".ipynb_checkpoints", "runs"}


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of change of each file, but for those that are not watched."""
    files = (path for path in folder.rglob("*") if path.is_file())
    watched = (path for path in files if not NOT_WATCHED & set(path.relative_to(folder).parts))
    return {str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns) for path in watched}


@contextlib.contextmanager
def writes_only_under_work(lab: Path, place: Path) -> Iterator[dict[str, str]]:
    """Give an environment with a home and a temporary folder in `place`; fail when a file in there or elsewhere is new.

    Elsewhere is the copied `lab`, and what set-up fetched, which all copies share.
    """
    home, temporary = place / "home", place / "temporary"
    home.mkdir(exist_ok=True)
    temporary.mkdir(exist_ok=True)
    before, fetched = snapshot(lab), snapshot(ROOT / ".lab")
    yield {"HOME": str(home), "TMPDIR": str(temporary)}
    assert snapshot(lab) == before
    assert snapshot(ROOT / ".lab") == fetched
    # Jupyter, matplotlib and others keep something of their own there, in hidden folders
    assert [path.name for path in home.iterdir() if not path.name.startswith(".")] == []
    assert [path.name for path in temporary.iterdir()] == []
