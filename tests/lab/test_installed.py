"""The library alone: built as sdist and wheel, checked, installed beside nothing but its core, and tested there.

``make test-installed`` fetches what the environments need first (:mod:`tools.library`).
"""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from packaging.metadata import Metadata
from packaging.utils import canonicalize_name

import wheel_lab
from tools import library
from wheel_lab import archive
from wheel_lab.lab.fetching import closure
from wheel_lab.lab.paths import ROOT

pytestmark = pytest.mark.installed
# CI names the Pythons on which `make test` runs the same tests, to save the time; every week all have their turn.
TRIED = os.environ.get("WHEEL_LAB_TRIED_ON", "").split()
PYTHONS = {
    version: python for version, python in library.pythons().items() if version not in TRIED
} or library.pythons()
SOURCES = ("wheel_lab", "pyproject.toml", "README.md", "LICENSE")


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command without anything that could lend it a module, and return what it printed."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_", "PYTEST_"))}
    done = subprocess.run([*map(str, command)], cwd=cwd, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> tuple[Path, Path]:
    """Build from a copy of the sources, without network, and return the sdist and the wheel made from it."""
    folder = tmp_path_factory.mktemp("library")
    made = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in SOURCES:
        source = ROOT / name
        (shutil.copytree(source, folder / name, ignore=made) if source.is_dir() else shutil.copy(source, folder))
    run(sys.executable, "-m", "build", "--no-isolation", ".", cwd=folder)
    (sdist,) = (folder / "dist").glob("*.tar.gz")
    (wheel,) = (folder / "dist").glob("*.whl")
    return sdist, wheel


def test_the_wheel_is_pure_whole_and_can_be_published(built):
    _, path = built
    assert path.name == f"wheel_lab-{wheel_lab.__version__}-py3-none-any.whl"
    assert archive.check_record(path).holds
    with zipfile.ZipFile(path) as opened:
        names = set(opened.namelist())
        info = f"wheel_lab-{wheel_lab.__version__}.dist-info"
        # An index refuses what this refuses.
        metadata = Metadata.from_email(opened.read(f"{info}/METADATA"), validate=True)
    assert {name.split("/")[0] for name in names} == {"wheel_lab", info}
    assert not [text for text in metadata.classifiers or () if text.startswith("Private ::")]
    assert f"{info}/licenses/LICENSE" in names
    # What chapter 11 verifies are other people's files; they stay in the repository.
    in_the_repository = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "wheel_lab").rglob("*")
        if path.is_file() and not {"__pycache__", "attested"} & set(path.parts)
    }
    assert {name for name in names if not name.startswith(info)} == in_the_repository
    assert {"wheel_lab/py.typed", "wheel_lab/distributions.toml", "wheel_lab/lab/systems.json"} <= names


def test_the_sdist_holds_the_sources(built):
    sdist, wheel = built
    with tarfile.open(sdist) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    with zipfile.ZipFile(wheel) as opened:
        assert {name for name in opened.namelist() if ".dist-info/" not in name} <= names
    assert {"pyproject.toml", "README.md", "LICENSE"} <= names


def test_there_are_two_pythons_to_install_on():
    assert len(library.pythons()) >= 2, "this machine has one Python from 3.11 on; install another one"


@pytest.mark.parametrize("version", PYTHONS)
def test_installed_it_brings_its_core_alone_and_passes_its_tests(built, tmp_path, version):
    _, wheel = built
    run(PYTHONS[version], "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    python = tmp_path / "venv/bin/python"
    pip = [python, "-m", "pip", "--isolated", "--disable-pip-version-check"]
    run(*pip, "install", "--quiet", "--no-index", "--find-links", library.WHEELS, wheel, cwd=tmp_path)
    listed = run(*pip, "list", "--format", "freeze", cwd=tmp_path).split()
    there = {canonicalize_name(line.split("==")[0]) for line in listed} - {"pip", "setuptools"}
    assert there == {"wheel-lab", *closure(Path(sys.executable), library.core())}

    run(*pip, "install", "--quiet", "--no-index", "--find-links", library.WHEELS, *library.RUNNERS, cwd=tmp_path)
    # The tests in a folder without the sources, so that `import wheel_lab` finds the installed copy and no other.
    lab = tmp_path / "lab"
    left_out = shutil.ignore_patterns("views", "__pycache__")
    shutil.copytree(ROOT / "tests/library", lab / "tests/library", ignore=left_out)
    shutil.copytree(ROOT / "example_project", lab / "example_project", ignore=shutil.ignore_patterns("_skbuild"))
    shutil.copy(ROOT / "tests/conftest.py", lab / "tests")
    (lab / ".lab").symlink_to(ROOT / ".lab")
    (lab / "pytest.ini").write_text("[pytest]\nmarkers = linux\n")
    where = run(python, "-c", "import wheel_lab; print(wheel_lab.__file__)", cwd=lab).strip()
    assert Path(where).is_relative_to(tmp_path / "venv")
    print(version, run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests", cwd=lab).splitlines()[-1])
