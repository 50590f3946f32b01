"""One lock in two layers, and everything installs from it."""

import configparser
import importlib.resources
import os
import re
import shutil
import subprocess
import sys
import tomllib
import warnings
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from wheel_lab.lab import fetching, setup

ROOT = Path(__file__).resolve().parents[2]
LEARNER, DEV = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
# The one way to install, and what a shell may say instead.
SET_UP = "wheel_lab.lab.setup"
INSTALLS = re.compile(r"\b(?:pip3?|uv|conda|mamba|pipx|easy_install)\b[^\n|;&]*\b(?:install|sync|add)\b")


def pins(lock: Path) -> dict[str, list[Requirement]]:
    """Return what a lock pins, hashes left out; a name has several pins where a marker chooses."""
    lines = fetching.pinned(lock)
    return {name: [Requirement(line.split(" --hash")[0]) for line in many] for name, many in lines.items()}


def applying(lock: Path, python: str) -> dict[str, list[Requirement]]:
    """Return what a lock pins for one Python on Linux."""
    there = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux",
             "platform_system": "Linux", "platform_machine": "x86_64", "implementation_name": "cpython",
             "platform_python_implementation": "CPython", "extra": ""}  # fmt: skip
    return {
        name: [pin for pin in many if pin.marker is None or pin.marker.evaluate(there)]
        for name, many in pins(lock).items()
    }


def recipe(target: str) -> str:
    """Return the commands that make would run; it may be make that runs this test, and need not say so."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    told = subprocess.run(["make", "-n", target], cwd=ROOT, env=clean, capture_output=True, text=True, check=True)
    return told.stdout


# --- the lock itself -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lock", [LEARNER, DEV], ids=lambda lock: lock.name)
def test_every_pin_has_hashes_and_no_address_is_written(lock):
    for name, lines in fetching.pinned(lock).items():
        for line in lines:
            assert re.match(rf"{re.escape(name)}(\[[\w,-]+\])?==\S+", line)
            assert re.search(r"--hash=sha256:[0-9a-f]{64}(?: |$)", line), line
    text = lock.read_text()
    assert "://" not in text
    options = set(re.findall(r"^\s*(--?[a-z-]+)", text, flags=re.MULTILINE))
    assert options <= ({"--hash"} if lock == LEARNER else {"--hash", "-r"})


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", [LEARNER, DEV], ids=lambda lock: lock.name)
def test_each_python_gets_one_version_of_each(lock, python):
    assert {name: len(many) for name, many in applying(lock, python).items() if len(many) > 1} == {}


@pytest.mark.parametrize("python", PYTHONS)
def test_all_that_is_asked_for_is_pinned(python):
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())
    learner, dev = applying(LEARNER, python), applying(DEV, python)
    for text in table["project"]["dependencies"]:
        asked = Requirement(text)
        (pin,) = learner[canonicalize_name(asked.name)]
        assert asked.specifier.contains(next(iter(pin.specifier)).version)
    for text in table["dependency-groups"]["dev"]:
        assert len((learner | dev)[canonicalize_name(Requirement(text).name)]) == 1


def test_the_second_layer_includes_the_first_and_repeats_only_what_that_pins_for_some_pythons():
    lines = [line for line in DEV.read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "-r requirements.txt"
    learner, dev = pins(LEARNER), pins(DEV)
    assert dev
    for name in set(dev) & set(learner):
        assert {str(pin.specifier) for pin in dev[name]} == {str(pin.specifier) for pin in learner[name]}
        assert all("python_full_version" in str(pin.marker) for pin in learner[name]), name


# --- everything installs from it -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("arguments", "lock"), [([], LEARNER), (["--dev"], DEV)], ids=["setup", "setup-dev"])
def test_set_up_installs_from_the_lock(monkeypatch, arguments, lock):
    asked = []
    monkeypatch.setattr(setup, "check_machine", lambda *_: None)
    monkeypatch.setattr(setup, "check_disk", lambda *_: None)
    monkeypatch.setattr(setup, "make_environment", lambda lock: asked.append(lock) or Path(sys.executable))
    monkeypatch.setattr(setup, "fetch_wheelhouse", lambda _: None)
    monkeypatch.setattr(setup, "fetch_specimens", lambda _: None)
    assert setup.main(arguments) == 0
    assert asked == [lock]


@pytest.mark.parametrize("target", ["lab", "test", "test-notebooks", "notebooks", "lock"])
def test_make_sets_up_first_and_installs_nothing_itself(target):
    told = recipe(target)
    assert told.index(SET_UP) < told.index(".venv/bin/")
    assert not INSTALLS.search(told.replace("install python3 with your package manager", ""))
    assert f"{SET_UP} --dev" in told or target == "lab"


def test_conda_installs_from_the_lock():
    table = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert set(table) == {"name", "channels", "dependencies"}
    assert table["channels"] == ["conda-forge", "nodefaults"]
    names = [Requirement(one).name for one in table["dependencies"] if isinstance(one, str)]
    assert {"python", "pip", "cxx-compiler"} <= set(names)
    # conda brings what is no Python package, and nothing that the lock pins but pip, which must be there to begin
    assert set(names) & set(pins(LEARNER)) <= {"pip"}
    (python,) = (Requirement(one) for one in table["dependencies"] if isinstance(one, str) and one.startswith("python"))
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert asked in str(python.specifier).split(",")
    assert all(python.specifier.contains(version) for version in PYTHONS)
    assert [one for one in table["dependencies"] if isinstance(one, dict)] == [{"pip": ["-r requirements.txt"]}]


def test_the_image_is_the_one_that_cibuildwheel_pins():
    config = configparser.ConfigParser()
    config.read_string((importlib.resources.files("cibuildwheel") / "resources/pinned_docker_images.cfg").read_text())
    pinned, _, tag = config["x86_64"]["manylinux_2_28"].partition("#")
    name, _, digest = pinned.strip().partition("@")
    text = (ROOT / "binder/Dockerfile").read_text()
    images = re.findall(r"[\w.-]+/[\w.-]+/manylinux\S+", text)
    assert images == [f"{name}:{tag.strip()}@{digest}"]
    (base,) = re.findall(r"^FROM (\S+)", text, flags=re.MULTILINE)
    assert base in (images[0], "${BASE_IMAGE}")


def test_the_image_installs_from_the_lock():
    text = (ROOT / "binder/Dockerfile").read_text().replace("\\\n", " ")
    commands = [line for line in text.splitlines() if line.startswith("RUN ")]
    assert any(SET_UP in line and "--here" in line for line in commands)
    for line in commands:
        if INSTALLS.search(line):
            assert re.search(r"--require-hashes\b.*(?:-r|--requirement) requirements\.txt(?: |$)", line)


# --- asking the index ------------------------------------------------------------------------------------------------


def uv(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run uv in the lab's folder."""
    command = [shutil.which("uv", path=os.path.dirname(sys.executable)) or "uv", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """One cache for all downloads here; not the user's own, which would hide what the index no longer has."""
    return tmp_path_factory.mktemp("cache")


def install(lock: Path, python: str, target: Path, cache: Path) -> subprocess.CompletedProcess[str]:
    """Install each pin into `target`, as the manylinux_2_28 image with that Python would.

    No `--dry-run`: it looks at no hash. Here a file counts only when it is a wheel for that platform, is there to be
    fetched, and has a hash from the lock.
    """
    return uv("pip", "install", "--no-deps", "--require-hashes", "--only-binary", ":all:",
              "--python-platform", "x86_64-manylinux_2_28", "--python-version", python, "--target", target,
              "--cache-dir", cache, "--requirement", lock)  # fmt: skip


@pytest.mark.network
@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_has_a_ready_made_wheel_for_the_image(tmp_path, cache, python):
    done = install(LEARNER, python, tmp_path / "site", cache)
    assert done.returncode == 0, done.stderr
    chosen = dict(re.findall(r"^ \+ ([\w.-]+)==(\S+)", done.stderr, flags=re.MULTILINE))
    wanted = {name: next(iter(pin[0].specifier)).version for name, pin in applying(LEARNER, python).items() if pin}
    assert chosen == wanted


@pytest.mark.network
@pytest.mark.parametrize("spoil", [
    lambda text: re.sub(r"(?<=--hash=sha256:)[0-9a-f]{64}", "0" * 64, text),
    lambda text: re.sub(r"(?<=^packaging==)[\d.]+", "0.0.1", text, flags=re.MULTILINE),
], ids=["other hashes", "a version that is not there"])  # fmt: skip
def test_a_spoilt_lock_is_refused(tmp_path, cache, spoil):
    (whole,) = fetching.pinned(LEARNER)["packaging"]
    lock = tmp_path / "requirements.txt"
    lock.write_text(whole)
    done = install(lock, "3.13", tmp_path / "site", cache)
    assert done.returncode == 0, done.stderr
    lock.write_text(spoil(whole))
    assert lock.read_text() != whole
    assert install(lock, "3.13", tmp_path / "other site", cache).returncode != 0


@pytest.mark.network
def test_make_lock_again_gives_the_same_versions(tmp_path):
    shutil.copytree(ROOT, tmp_path / "a lab", ignore=shutil.ignore_patterns(".venv", ".git", ".lab", "_work"))
    lab = tmp_path / "a lab"
    (lab / ".lab").mkdir()
    told = recipe("lock")
    commands = told[told.index(".venv/bin/uv") :].replace(".venv/bin/uv", f'"{Path(sys.executable).parent}/uv"')
    subprocess.run(["bash", "-e", "-c", commands], cwd=lab, check=True)
    for lock in (LEARNER, DEV):
        assert pins(lab / lock.name) == pins(lock)
        if (lab / lock.name).read_text() != lock.read_text():  # a project may add files to a version at any time
            warnings.warn(f"{lock.name}: the index has other files for the same versions", stacklevel=1)
