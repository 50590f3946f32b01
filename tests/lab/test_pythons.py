"""The Pythons of this machine: which there are, and one file for the stable ABI that each of them imports."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from wheel_lab.lab import pythons, records
from wheel_lab.lab.paths import PUBLISHED, ROOT

SOURCES = ROOT / "tools/twins"
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
CODE = "from array import array; from _dot import dot; print(dot(array('d', [1, 2]), array('d', [3, 4])))"


@pytest.fixture(scope="module")
def stable(tmp_path_factory) -> Path:
    """Return a folder with the twin's extension, compiled by this Python's headers."""
    folder = tmp_path_factory.mktemp("stable")
    compiler = shutil.which("cc") or shutil.which("gcc")
    assert compiler, "these tests need a C compiler"
    words = [compiler, "-shared", "-fPIC", "-I", sysconfig.get_path("include"), "-o", folder / "_dot.abi3.so"]
    subprocess.run([*words, SOURCES / "_dot.c", SOURCES / "dot.c"], check=True)
    return folder


def test_this_python_is_found_and_each_is_what_it_is_called():
    found = pythons.pythons()
    assert HERE in found
    assert list(found) == sorted(found, key=lambda version: int(version[2:]))
    for version, python in found.items():
        said = subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout
        assert said.startswith(f"Python {version}.")


def test_a_python_without_the_modules_is_left_out():
    assert pythons.pythons(["no_such_module_anywhere"]) == {}


def test_one_file_is_imported_by_each_python_of_this_machine(stable):
    assert pythons.ask_each(CODE, stable).printed == dict.fromkeys(pythons.pythons(), "11.0")


def test_a_failure_names_the_python(stable, monkeypatch):
    monkeypatch.setattr(pythons, "pythons", lambda: {HERE: Path(sys.executable)})
    with pytest.raises(RuntimeError, match=rf"Python {HERE}: ModuleNotFoundError: No module named 'nothing_here'"):
        pythons.ask_each("import nothing_here", stable)


def test_where_there_is_one_python_the_record_is_told_and_only_of_the_same_code(stable, monkeypatch, tmp_path, capsys):
    kept = pythons.Answers("2026-01-02", CODE, {"3.11": "11.0", "3.13": "11.0"})
    records.save(kept, tmp_path / "abi3.json")
    monkeypatch.setattr(pythons, "RECORD", tmp_path / "abi3.json")
    monkeypatch.setattr(pythons, "pythons", lambda: {HERE: Path(sys.executable)})
    assert str(pythons.ask_each(CODE, stable)) == f"Python {HERE}: 11.0"
    assert capsys.readouterr().out == (
        "there is one Python here; recorded on 2026-01-02 with more of them:\n"
        "Python 3.11: 11.0\nPython 3.13: 11.0\nand here:\n"
    )
    pythons.ask_each("print(1)", stable)
    assert capsys.readouterr().out == ""


def test_a_record_is_written_when_it_is_asked_for(stable, monkeypatch, tmp_path):
    monkeypatch.setattr(pythons, "RECORD", tmp_path / "abi3.json")
    monkeypatch.setenv("WHEEL_LAB_RECORD", "1")
    answers = pythons.ask_each(CODE, stable)
    assert records.load(pythons.Answers, tmp_path / "abi3.json") == answers


def test_the_record_is_of_the_code_in_the_chapter():
    kept = records.load(pythons.Answers, pythons.RECORD)
    assert len(kept.printed) >= 2
    assert set(kept.printed.values()) == {"11.0"}
    assert kept.code in (PUBLISHED / "text/10_serve_other_platforms.md").read_text(encoding="utf-8")
