"""Set-up says in one line what is missing, and leaves nothing half-made."""

import errno
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from wheel_lab.lab import commands, setup

TOOLS = ["c++", "unzip", "make", "sh", "awk", "id"]


def path_with(folder: Path, *tools: str) -> str:
    """Return a ``PATH`` on which only these tools are."""
    folder.mkdir()
    for tool in tools:
        (folder / tool).symlink_to(shutil.which(tool) or pytest.fail(f"{tool} is missing on this machine"))
    return str(folder)


def without(module: str) -> tuple[str, ...]:
    """Return the command that sets up with a Python that lacks a module."""
    code = f"import sys; sys.modules[{module!r}] = None; from wheel_lab.lab import setup; sys.exit(setup.main())"
    return sys.executable, "-c", code


@pytest.mark.parametrize(("missing", "mend"), [("c++", "sudo apt install g++"), ("unzip", "sudo apt install unzip")])
def test_a_missing_tool(lab, tmp_path, missing, mend):
    path = path_with(tmp_path / "bin", *(tool for tool in TOOLS if tool != missing))
    code, told, errors = lab.run(PATH=path, CXX="")
    assert (code, told, lab.made()) == (1, "", [])
    assert re.fullmatch(rf"wheel lab: .* missing\. .*{re.escape(mend)}.*\n", errors)


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_venv(lab, module):
    code, told, errors = lab.run(*without(module))
    assert (code, told, lab.made()) == (1, "", [])
    assert re.fullmatch(r"wheel lab: Python's venv module is missing\. .*sudo apt install python3-venv\n", errors)


@pytest.mark.parametrize("target", ["lab", "test"])
def test_a_python_too_old_or_not_there(lab, tmp_path, target):
    path = path_with(tmp_path / "bin", *TOOLS)
    old = tmp_path / "bin" / "python3"
    # runs what make asks, and says that it is 3.9
    code = "import sys; sys.version_info = (3, 9, 18); exec(sys.argv[1])"
    old.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{code}" "$2"\n')
    old.chmod(0o755)
    code, told, _ = lab.run("make", target, PATH=path)
    assert (code, lab.made()) == (2, [])
    assert re.fullmatch(r"Wheel Lab needs Python 3\.11 or newer, and 'python3' is older\. .*PYTHON=.*\n", told)
    code, told, _ = lab.run("make", target, "PYTHON=python3.99", PATH=path)
    assert (code, lab.made()) == (2, [])
    assert re.fullmatch(r"Wheel Lab needs Python 3\.11 or newer, and there is no 'python3\.99' here\. .*\n", told)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Point the set-up of this very process at an empty folder."""
    monkeypatch.setattr(setup, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup, "STORE", tmp_path / ".lab")
    monkeypatch.setattr(setup, "check_machine", lambda: None)
    return tmp_path


def test_a_disk_too_small_is_known_before(here, monkeypatch, capsys):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 10**12, 20 * 10**6))
    assert setup.main([]) == 1
    assert re.fullmatch(r"wheel lab: set-up needs \d+ MB, and the disk has 20 MB free\..*\n", capsys.readouterr().err)
    assert list(here.iterdir()) == []


def full(*_: object) -> None:
    """Fail as a write on a full disk does."""
    (setup.VENV / "half").mkdir(parents=True)
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def told_by_pip(*_: object) -> None:
    """Fail as pip does on a full disk."""
    (setup.VENV / "half").mkdir(parents=True)
    commands.run([sys.executable, "-c", f"raise OSError({errno.ENOSPC}, {os.strerror(errno.ENOSPC)!r})"])


@pytest.mark.parametrize("fault", [full, told_by_pip])
def test_a_disk_that_fills_up_half_way(here, monkeypatch, capsys, fault):
    monkeypatch.setattr(setup, "make_environment", fault)
    assert setup.main([]) == 1
    assert capsys.readouterr().err == "wheel lab: the disk is full. Free some space, and run it again\n"
    assert list(here.iterdir()) == []


def test_what_was_whole_before_the_disk_was_full_stays(here, monkeypatch):
    (here / ".lab").mkdir()
    (here / ".lab" / "specimen").touch()
    monkeypatch.setattr(setup, "make_environment", full)
    assert setup.main([]) == 1
    assert [path.name for path in here.iterdir()] == [".lab"]
    assert (here / ".lab" / "specimen").exists()
