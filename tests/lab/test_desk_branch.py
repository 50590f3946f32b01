"""The branch from which a hub's learners pull their chapters: it grows commit by commit, and holds the blank copies."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tools.notebooks import ROOT, copy_lab

AUTHOR = ("-c", "user.name=someone", "-c", "user.email=someone@example.org", "-c", "commit.gpgsign=false")


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *AUTHOR, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def lab(tmp_path):
    """Make a repository of the lab, and a remote for it."""
    folder = tmp_path / "a lab"
    folder.mkdir()
    copy_lab(folder)
    (folder / ".gitignore").write_text("/.lab\n/desk/\n__pycache__/\n")
    git(tmp_path, "init", "--quiet", "--bare", "remote")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "remote", "add", "origin", str(tmp_path / "remote"))
    commit(folder)
    return folder


def commit(folder):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "all of it")


def publish(folder):
    names = {f"GIT_{role}_{what}": "a@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    done = subprocess.run(
        ["bash", "tools/deskbranch", "origin"], cwd=folder, capture_output=True, text=True, env={**os.environ, **names}
    )
    return done.returncode, done.stdout + done.stderr


def test_a_hub_pulls_blank_copies_and_keeps_what_a_learner_wrote(lab, tmp_path):
    remote, clone = tmp_path / "remote", tmp_path / "learner"
    assert publish(lab)[0] == 0
    git(tmp_path, "clone", "--quiet", "--branch", "desk", str(remote), str(clone))
    chapter = clone / "desk" / "00_start_here.ipynb"
    assert not any(cell.get("outputs") for cell in json.loads(chapter.read_text())["cells"])
    assert (clone / "notebooks" / "00_start_here.ipynb").read_bytes() == (
        ROOT / "notebooks" / "00_start_here.ipynb"
    ).read_bytes()
    assert git(lab, "status", "--porcelain") == ""  # nothing is left behind

    code, said = publish(lab)
    assert (code, "up to date" in said) == (0, True)

    (clone / "desk" / "notes.txt").write_text("mine")
    published = lab / "notebooks" / "01_meet_a_wheel.ipynb"
    published.write_text(published.read_text().replace("Meet a wheel", "Meet one wheel"))
    commit(lab)
    assert publish(lab)[0] == 0
    git(clone, "pull", "--quiet", "--ff-only")
    assert (clone / "desk" / "notes.txt").read_text() == "mine"
    assert "Meet one wheel" in (clone / "desk" / "01_meet_a_wheel.ipynb").read_text()
    assert git(clone, "rev-list", "--count", "HEAD") == "2"


def test_what_is_not_committed_is_not_published(lab):
    (lab / "pyproject.toml").write_text("")
    code, said = publish(lab)
    assert (code, "not committed" in said) == (1, True)
