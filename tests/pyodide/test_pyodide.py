"""The same doctor in a browser's Python: in Pyodide, under node, it says what it says here, byte for byte.

``make setup-site`` fetches Pyodide (by ``package-lock.json``) and the wheels of the core (:mod:`tools.pyodide`).
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from making import make

from tools import pyodide
from wheel_lab.lab.paths import ROOT, SPECIMENS

HERE = Path(__file__).parent


def test_the_lock_pins_by_hash_and_names_no_host():
    lock = json.loads((HERE / "package-lock.json").read_text())
    packages = [one for name, one in lock["packages"].items() if name]
    assert packages
    assert all(one["integrity"].startswith("sha512-") for one in packages)
    assert "://" not in re.sub(r'"url": "[^"]*"', "", json.dumps(packages))
    assert not any("resolved" in one for one in packages)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Return the wheels of the library, of its core and of docutils, all of them pure Python."""
    folder = tmp_path_factory.mktemp("built")
    source = folder / "source"
    shutil.copytree(ROOT / "wheel_lab", source / "wheel_lab", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--wheel-dir", folder, source], check=True)
    wheels = [*folder.glob("*.whl"), *pyodide.WHEELS.glob("*.whl")]
    assert len(wheels) > 7, "was make setup-site run?"
    assert all(one.name.endswith("-none-any.whl") for one in wheels), wheels
    return wheels


def in_pyodide(installed, folder, *arguments):
    node = shutil.which("node")
    assert node, "these tests need node, version 18 or newer"
    lists = [json.dumps([str(one) for one in installed]), json.dumps(arguments)]
    return subprocess.run(
        [node, HERE / "doctor.mjs", pyodide.FOLDER, *lists], cwd=folder, capture_output=True, text=True
    )


def here(folder, *arguments):
    command = [sys.executable, "-m", "wheel_lab", "doctor", *arguments]
    return subprocess.run(command, cwd=folder, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)


@pytest.mark.pyodide
def test_the_same_files_get_the_same_words(installed, tmp_path):
    for path in SPECIMENS.glob("numpy-2*_x86_64.whl"):  # a link would lead out of what Pyodide sees
        shutil.copy(path, tmp_path)
        shutil.copy(path, tmp_path / path.name.replace("numpy", "numpi"))  # a name that METADATA does not hold
    make(tmp_path)
    (tmp_path / "text-1.0-py3-none-any.whl").write_text("hello")
    native = here(tmp_path, "--json", "--time", "0", "*.whl")
    there = in_pyodide(installed, tmp_path, "--json", "--time", "0", "*.whl")
    assert there.stderr == native.stderr
    assert there.stderr.startswith("wheel-lab: text-1.0-py3-none-any.whl: not a wheel: ")
    assert there.stdout == native.stdout
    assert there.returncode == native.returncode == 2
    wheels = json.loads(there.stdout)["wheels"]
    assert [one["file"].split("-")[0] for one in wheels] == ["numpi", "numpi", "numpy", "numpy", "tiny"]
    assert [one["verdicts"]["index"] for one in wheels] == ["no", "no", "yes", "yes", "yes"]
