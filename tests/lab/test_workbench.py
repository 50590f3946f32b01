"""Each chapter starts on a clean table of its own, and is told what this machine lacks."""

import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.notebooks import copy_lab
from wheel_lab.lab import workbench

SAY = "import os, subprocess, sys; from wheel_lab.lab import workbench as w\n"
HERE = f"Python {sys.version_info.major}.{sys.version_info.minor} on {workbench.machine().distribution}"


@pytest.fixture
def lab(tmp_path):
    """A copy of the lab, in a path with a space."""
    return copy_lab(tmp_path / "a lab with spaces")


def start(lab: Path, code: str, **environment: str) -> subprocess.Popen:
    """Start a Python, as a kernel is, in the copy's ``notebooks`` folder."""
    return subprocess.Popen(
        [sys.executable, "-c", SAY + code], cwd=lab / "notebooks",
        env=os.environ | {"PYTHONPATH": str(lab)} | environment, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def run(lab: Path, code: str, **environment: str) -> tuple[str, str]:
    """Run a Python to its end, and return its stdout and the last line of its stderr."""
    out, err = start(lab, code, **environment).communicate()
    return out, err.strip().splitlines()[-1] if err.strip() else ""


# --- the table -------------------------------------------------------------------------------------------------------


def test_a_kernel_enters_a_fresh_folder_and_comes_back_to_the_same(lab):
    code = (
        "w.enter('04', 'example_project', 'numpy-1.21.2'); open('mine', 'w').close()\n"
        "open('example_project/setup.py', 'w').close(); os.chdir('..')\n"
        "w.enter('04', 'example_project', 'numpy-1.21.2'); print(sorted(os.listdir())); print(os.getcwd())\n"
        "print(os.path.getsize('example_project/setup.py'))"
    )
    specimen = "numpy-1.21.2-cp39-cp39-manylinux_2_12_x86_64.manylinux2010_x86_64.whl"
    for _ in range(2):  # what the first kernel left is gone for the second
        out, err = run(lab, code)
        assert err == ""
        assert out.splitlines() == [
            f"chapter 04: a fresh folder with example_project, {specimen}, fetched",
            HERE,
            f"chapter 04: the same folder, with example_project, {specimen}, fetched",
            str(["example_project", "fetched", "mine", specimen]),
            str(lab / "notebooks/_work/04"),
            "0",
        ]


def test_what_a_build_left_in_the_example_is_not_taken_along(lab):
    for name in ("_skbuild", "dist", "build", "septembrse.egg-info"):
        (lab / "example_project" / name).mkdir()
    assert run(lab, "w.enter('02', 'example_project'); print(*sorted(os.listdir('example_project')))") == (
        f"chapter 02: a fresh folder with example_project, fetched\n{HERE}\n"
        + " ".join(sorted(path.name for path in (workbench.ROOT / "example_project").iterdir()
                          if path.name not in {"_skbuild", "dist", "build", "septembrse.egg-info", "__pycache__",
                                               ".hypothesis", ".pytest_cache"})) + "\n",
        "",
    )  # fmt: skip


def test_a_second_kernel_gets_a_folder_of_its_own(lab):
    wait = "w.enter('04'); print(os.getcwd(), flush=True); sys.stdin.read()"
    first = start(lab, wait)
    assert first.stdout.readline() == "chapter 04: a fresh folder with fetched\n"
    assert first.stdout.readline() == f"{HERE}\n"
    assert first.stdout.readline() == f"{lab}/notebooks/_work/04\n"
    assert run(lab, "w.enter('04'); print(os.getcwd())")[0].endswith("/_work/04-2\n")
    assert run(lab, "w.enter('05'); print(os.getcwd())")[0].endswith("/_work/05\n")
    first.kill()  # and not closed: the folder is free all the same
    first.communicate()
    assert run(lab, "w.enter('04'); print(os.getcwd())")[0].endswith("/_work/04\n")


def test_kernels_that_start_at_once_share_no_folder(lab):
    claim = "w.enter('04'); open('mine', 'x'); print(os.getcwd(), flush=True); sys.stdin.read()"
    kernels = [start(lab, claim) for _ in range(4)]
    told = [[kernel.stdout.readline() for _ in range(3)][-1] for kernel in kernels]
    errors = [kernel.communicate()[1] for kernel in kernels]
    assert sorted(told) == [f"{lab}/notebooks/_work/04{end}\n" for end in ("", "-2", "-3", "-4")], errors


@pytest.mark.parametrize("step", ["w.shutil.rmtree", "w.shutil.copytree", "w.os.symlink", "w.environment.set_up"])
def test_a_kernel_killed_while_it_enters_leaves_a_folder_that_the_next_one_makes_anew(lab, step):
    whole, _ = run(lab, "w.enter('04', 'example_project'); print(sorted(os.listdir('example_project')))")
    killed = start(lab, f"{step} = lambda *_, **__: os.kill(os.getpid(), 9); w.enter('04', 'example_project')")
    killed.communicate()
    assert killed.returncode == -9
    assert run(lab, "w.enter('04', 'example_project'); print(sorted(os.listdir('example_project')))") == (whole, "")
    assert sorted(path.name for path in (lab / "notebooks/_work").iterdir()) == [".04.lock", "04"]


def test_a_child_that_still_writes_does_not_write_into_the_fresh_folder(lab):
    orphan = "subprocess.Popen(['sh', '-c', 'while :; do mkdir -p d && echo x > d/f; sleep 0.01; done'])"
    out, _ = run(lab, f"w.enter('04'); print({orphan.replace('Popen(', 'Popen(stdout=-3, stderr=-3, args=')}.pid)")
    try:
        for _ in range(3):
            out_again, err = run(lab, "w.enter('04'); import time; time.sleep(0.2); print(os.listdir())")
            assert (out_again, err) == (f"chapter 04: a fresh folder with fetched\n{HERE}\n['fetched']\n", "")
    finally:
        os.kill(int(out.split()[-1]), 9)


def test_an_old_folder_that_cannot_be_emptied_is_no_obstacle(lab):
    code = "w.shutil.rmtree = lambda *_, **__: None; w.enter('04'); print(os.listdir()); open('mine', 'w').close()"
    for _ in range(3):
        assert run(lab, code) == (f"chapter 04: a fresh folder with fetched\n{HERE}\n['fetched']\n", "")
    run(lab, "w.enter('04')")
    assert sorted(path.name for path in (lab / "notebooks/_work").iterdir()) == [".04.lock", "04"]


def test_without_set_up_the_cell_says_what_to_run(lab):
    (lab / ".lab").unlink()
    out, err = run(lab, "w.enter('04')")
    assert out == ""
    assert err == "FileNotFoundError: the lab is not set up yet: run `make setup` in its folder, then this cell again"
    assert not (lab / "notebooks/_work").exists()


def test_a_specimen_that_is_not_there_is_named(lab):
    out, err = run(lab, "w.enter('04', 'numpy-0.1')")
    assert out == ""
    assert err.startswith("FileNotFoundError: no specimen is called numpy-0.1")
    assert "make setup" in err


# --- the surroundings ------------------------------------------------------------------------------------------------


def test_commands_see_no_configuration_of_this_machine(lab, tmp_path):
    (tmp_path / "pip.conf").write_text("[global]\nfind-links = /nowhere\n")
    dirty = {"PIP_FIND_LINKS": "/nowhere", "PIP_REQUIRE_VIRTUALENV": "1", "PIP_CONFIG_FILE": str(tmp_path / "pip.conf"),
             "UV_INDEX": "/nowhere", "CMAKE_ARGS": "-DBLAS=none", "SKBUILD_CONFIGURE_OPTIONS": "-DBLAS=none",
             "LC_ALL": "C", "PYTHONHASHSEED": "1"}  # fmt: skip
    code = "w.enter('04'); subprocess.run('pip config list; env | sort', shell=True)"
    out, err = run(lab, code, **dirty)
    assert err == ""
    seen = dict(line.split("=", 1) for line in out.splitlines() if "=" in line)
    assert not {name for name in seen if name.startswith(("UV_", "CMAKE_ARGS", "SKBUILD_", "PYTHONPATH"))}
    assert "/nowhere" not in out
    assert (seen["LC_ALL"], seen["PYTHONHASHSEED"], seen["PIP_NO_INDEX"]) == ("C.UTF-8", "0", "1")
    assert seen["PATH"].split(":")[0] == str(Path(sys.prefix, "bin"))
    assert seen["PATH"].split(":").count(str(Path(sys.prefix, "bin"))) == 1


def test_pip_installs_from_what_was_fetched_and_asks_no_index(lab):
    pip = "subprocess.run(['pip', 'download', '--no-deps', '--quiet', '--dest', 'here', {!r}]).returncode"
    assert run(lab, f"w.enter('04'); print({pip.format('pybind11')}, *os.listdir('here'))")[0].startswith(
        f"chapter 04: a fresh folder with fetched\n{HERE}\n0 pybind11-"
    )
    assert run(lab, f"w.enter('04'); print({pip.format('six')})")[0].endswith("\n1\n")


# --- what is on this machine -----------------------------------------------------------------------------------------


def test_each_tool_is_found_with_its_version_here():
    found = workbench.tools()
    assert [one.name for one in found][:3] == ["python", "c++", "unzip"]
    for tool in found:
        assert tool.version, str(tool)
        assert re.fullmatch(rf"{re.escape(tool.name)} +ok +\d+(\.\d+)+", str(tool))
    # the lab's own, and not the system's
    for name in ("pip", "cmake", "auditwheel"):
        (version,) = (one.version for one in found if one.name == name)
        assert importlib.metadata.version(name).startswith(version)
    assert found[0].version == "{}.{}.{}".format(*sys.version_info)


def test_a_missing_tool_is_one_line_with_its_mend(lab, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "unzip").write_text("#!/bin/sh\nexit 1\n")  # there, and broken
    (tmp_path / "bin" / "unzip").chmod(0o755)
    code = f"sys.prefix = {str(tmp_path)!r}; print(*w.tools(), sep='\\n')"
    out, err = run(lab, code, PATH=os.devnull, CXX="")
    assert err == ""
    lines = out.splitlines()
    assert len(lines) == len(workbench.TOOLS)
    missing = {line.split()[0]: line for line in lines if "MISSING" in line}
    assert set(missing) == {name for name, _, _ in workbench.TOOLS} - {"python"}
    assert "sudo apt install g++" in missing["c++"]
    assert "sudo apt install unzip" in missing["unzip"]
    assert "make setup" in missing["cmake"]


def test_the_compiler_is_the_one_that_cmake_would_take(lab, tmp_path):
    (tmp_path / "my c++").write_text("#!/bin/sh\necho 99.8.7\n")
    (tmp_path / "my c++").chmod(0o755)
    (tmp_path / "other").symlink_to(tmp_path / "my c++")
    out, _ = run(lab, "print(*w.tools(), sep='\\n')", CXX=f"{tmp_path}/other -O2")
    assert re.search(r"^c\+\+ +ok +99\.8\.7$", out, flags=re.MULTILINE)


def test_this_machine_is_described():
    machine = workbench.machine()
    assert (machine.libc, machine.architecture) == ("glibc", os.uname().machine)
    told = subprocess.run(["ldd", "--version"], capture_output=True, text=True, check=True).stdout
    assert told.splitlines()[0].endswith(f" {machine.libc_version}")
    assert len(str(machine).splitlines()) == 3


@pytest.mark.parametrize(("pythons", "image"), [([], None), (["cp311-cp311"], "manylinux_2_28_x86_64")])
def test_an_image_is_known_by_its_pythons_and_its_name(monkeypatch, pythons, image):
    monkeypatch.setenv("AUDITWHEEL_PLAT", "manylinux_2_28_x86_64")
    monkeypatch.setattr(workbench, "image_pythons", lambda: pythons)
    assert workbench.machine().image == image
