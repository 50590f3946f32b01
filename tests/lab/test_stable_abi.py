"""One file for many Pythons, with nanobind: what chapter 10 says of it, built and imported. `make test-installed`."""

import subprocess
import sys
from pathlib import Path

import pytest

from wheel_lab.lab import environment, pythons

pytestmark = pytest.mark.installed
FIRST = 12  # the limited API of Python 3.12 is the first that nanobind can do with
SOURCE = '#include <nanobind/nanobind.h>\nNB_MODULE(half, m) { m.def("half", [](double x) { return x / 2; }); }\n'
CMAKE = """cmake_minimum_required(VERSION 3.15...4.0)
project(half LANGUAGES CXX)
find_package(Python REQUIRED COMPONENTS Interpreter Development.Module Development.SABIModule)
find_package(nanobind CONFIG REQUIRED)
nanobind_add_module(half STABLE_ABI FREE_THREADED half.cpp)
"""


def test_two_pythons_import_what_nanobind_builds_once(tmp_path, monkeypatch):
    wanted = {version: python for version, python in pythons.pythons().items() if int(version[2:]) >= FIRST}
    assert len(wanted) >= 2, "this machine has one Python from 3.12 on; install another one"
    (tmp_path / "CMakeLists.txt").write_text(CMAKE)
    (tmp_path / "half.cpp").write_text(SOURCE)
    told = subprocess.run([sys.executable, "-m", "nanobind", "--cmake_dir"], capture_output=True, text=True, check=True)
    monkeypatch.setenv("PATH", environment.path())
    options = [f"-DPython_EXECUTABLE={next(iter(wanted.values()))}", f"-Dnanobind_DIR={told.stdout.strip()}"]
    for words in (["-S", ".", "-B", "made", "-G", "Ninja", *options], ["--build", "made"]):
        done = subprocess.run(["cmake", *words], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    assert [path.name for path in Path(tmp_path, "made").glob("half*.so")] == ["half.abi3.so"]
    monkeypatch.setattr(pythons, "pythons", lambda: wanted)
    answers = pythons.ask_each("import half; print(half.half(64))", tmp_path / "made")
    assert answers.printed == dict.fromkeys(wanted, "32.0")
