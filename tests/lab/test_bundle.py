"""The lab on a stick: it sets itself up with no network, and its pages say what the published ones say."""

import os
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.utils import parse_wheel_filename

from tools.bundle import PYTHONS, bundle, pins
from wheel_lab.lab import fetching

NOWHERE = "http://127.0.0.1:9"
# What runs strict nbval, and is not in a learner's environment.
CHECKERS = ("pytest", "pluggy", "iniconfig", "nbval", "coverage")


@pytest.fixture(scope="module")
def stick(tmp_path_factory):
    """The bundle for this Python, unpacked in a folder with a space."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    place = tmp_path_factory.mktemp("the stick")
    packed = bundle(place, (python,))
    subprocess.run(["unzip", "-q", packed, "-d", place / "a room"], check=True)
    packed.unlink()
    yield place / "a room" / "wheel-lab"
    shutil.rmtree(place)


def offline(command: list[str | Path], **options) -> subprocess.CompletedProcess[str]:
    """Run a command where there is no network: root takes it away, another user leads every request to nowhere."""
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTEST_", "MAKE", "MFLAGS"))
    }
    env |= dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), NOWHERE) | options.pop("env", {})
    if os.geteuid() == 0:
        alone = 'ip link set lo up && ! getent hosts example.org > /dev/null && exec "$@"'
        command = ["unshare", "--net", "sh", "-c", alone, "offline", *command]
    return subprocess.run(command, env=env, capture_output=True, text=True, **options)


@pytest.mark.parametrize("python", PYTHONS)
def test_one_version_of_each_package_is_packed_for_each_python(python):
    names = [line.partition("==")[0] for line in pins(python)]
    assert len(names) == len(set(names)) > 100
    assert {"numpy", "jupyterlab", "auditwheel"} <= set(names)
    assert not any(";" in line for line in pins(python))
    assert all("--hash=sha256:" in line for line in pins(python))


@pytest.mark.bundle
def test_all_that_the_lock_names_is_on_the_stick(stick):
    there = {parse_wheel_filename(path.name)[0] for path in (stick / "wheels").glob("*.whl")}
    names = {line.partition("==")[0] for line in pins(f"{sys.version_info.major}.{sys.version_info.minor}")}
    assert names <= there
    for name, sha256 in fetching.specimens().items():
        assert fetching.holds(stick / "wheels" / name, sha256)


@pytest.mark.bundle
def test_the_lab_is_set_up_from_it_and_its_pages_run(stick, tmp_path):
    base = getattr(sys, "_base_executable", sys.executable)
    done = offline(["make", "setup", f"PYTHON={base}"], cwd=stick)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (stick / "desk" / "00_start_here.ipynb").exists()
    for name in CHECKERS:
        found = distribution(name)
        for top in {file.parts[0] for file in found.files} - {"..", "__pycache__"}:
            (tmp_path / top).symlink_to(found.locate_file(top))
    # Chapters 0 to 5, and the other pages of the plan for 90 minutes.
    patterns = ("0[0-5]_*.ipynb", "12_*.ipynb", "clinic/01_*.ipynb")
    pages = [page for pattern in patterns for page in sorted((stick / "notebooks").glob(pattern))]
    assert len(pages) == 8
    command = [stick / ".venv/bin/python", "-m", "pytest", "--nbval", "-p", "no:cacheprovider"]
    run = offline([*command, "--color=no", *pages], cwd=stick, env={"PYTHONPATH": str(tmp_path)})
    assert run.returncode == 0, run.stdout + run.stderr
