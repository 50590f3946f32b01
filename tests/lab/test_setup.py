"""Set-up says in one line what is missing, leaves nothing half-made, resumes after a kill, and is done once.

All of it happens offline, in a lab with a tiny lock whose wheels are made here or were fetched by our own set-up.
"""

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest

from wheel_lab.lab import commands, paths, setup

ROOT = Path(__file__).resolve().parents[2]
SPECIMEN = "tiny-1.0-cp39-cp39-manylinux_2_12_x86_64.manylinux2010_x86_64.whl"
TOOLS = ["c++", "unzip", "make", "sh", "awk", "id"]


def make_wheel(folder: Path, name: str, text: str = "") -> Path:
    """Write a small wheel with a module and a command; pip installs it like any other."""
    project, version, *_ = name.split("-")
    info = f"{project}-{version}.dist-info"
    files = {
        f"{project}.py": f"def main():\n    print({text!r})\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{project} = {project}:main\n",
    }
    with zipfile.ZipFile(folder / name, "w") as wheel:
        for file, content in files.items():
            wheel.writestr(file, content)
        wheel.writestr(f"{info}/RECORD", "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"]))
    return folder / name


class Lab:
    """A lab with the real ``wheel_lab``, a tiny lock, one specimen, and an index that is a folder."""

    def __init__(self, folder: Path):
        self.folder, self.index = folder / "a lab with spaces", folder / "index"
        self.index.mkdir(parents=True)
        made = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "wheel_lab", self.folder / "wheel_lab", ignore=made)
        for name in ("Makefile", "pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, self.folder)
        for project in ("example_project", "example_project/scikit_build_core"):
            (self.folder / project).mkdir()
            (self.folder / project / "pyproject.toml").write_text(
                '[build-system]\nrequires = ["tiny"]\n[project]\nname = "x"\ndependencies = ["packaging"]\n'
            )
        wheels = [*paths.WHEELHOUSE.glob("setuptools-*.whl"), *paths.WHEELHOUSE.glob("packaging-*.whl")]
        assert len(wheels) == 2
        for wheel in wheels:
            shutil.copy(wheel, self.index)
        make_wheel(self.index, "tiny-2.0-py3-none-any.whl", "two")
        self.lock()
        self.pin(commands.digest(make_wheel(self.index, SPECIMEN, "one")))

    def lock(self) -> None:
        """Pin what lies in the index."""
        wheels = sorted(self.index.glob("*-py3-none-any.whl"))
        pins = [(*wheel.name.split("-")[:2], commands.digest(wheel)) for wheel in wheels]
        lines = [f"{name}=={version} \\\n    --hash=sha256:{sha256}\n" for name, version, sha256 in pins]
        (self.folder / "requirements.txt").write_text("".join(lines))
        (self.folder / "requirements-dev.txt").write_text("-r requirements.txt\n")

    def pin(self, sha256: str) -> None:
        """Pin the one specimen."""
        (self.folder / "wheel_lab/lab/specimens.toml").write_text(
            f'[[specimen]]\nfile = "{SPECIMEN}"\nsha256 = "{sha256}"\nwhy = "a test"\n'
        )

    @property
    def log(self) -> Path:
        """Where pip notes that it was started."""
        return self.folder.parent / "pip.log"

    def start(self, *command: str, **environment: str) -> subprocess.Popen:
        """Start set-up, or another command, in a session of its own and with the folder for an index."""
        # MAKE…: a make that `make test` starts would say so
        others = ("PIP_", "PYTHON", "PYTEST_", "MAKE", "MFLAGS")
        clean = {key: value for key, value in os.environ.items() if not key.startswith(others)}
        clean |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": self.index.as_uri(),
                  "PIP_NO_CACHE_DIR": "1", "PIP_LOG": str(self.log)}  # fmt: skip
        return subprocess.Popen(
            command or [sys.executable, "-m", "wheel_lab.lab.setup"], cwd=self.folder, env=clean | environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    def run(self, *command: str, **environment: str) -> tuple[int, str, str]:
        """Run set-up, or another command, and return its exit code, stdout and stderr."""
        process = self.start(*command, **environment)
        told, errors = process.communicate()
        return process.returncode, told, errors

    def made(self) -> list[str]:
        """Return what set-up has made."""
        return [name for name in (".venv", ".lab", "wheel_lab.egg-info") if (self.folder / name).exists()]

    def assert_whole(self) -> None:
        """Check that all is there and works."""
        python = self.folder / ".venv/bin/python"
        said = subprocess.run([python, "-c", "import tiny, packaging, wheel_lab; tiny.main()"], capture_output=True)
        assert (said.stdout, said.stderr) == (b"two\n", b"")
        assert subprocess.run([self.folder / ".venv/bin/tiny"], capture_output=True).stdout == b"two\n"
        fetched = {path.name for path in (self.folder / ".lab").rglob("*.whl")}
        assert SPECIMEN in fetched
        assert {"tiny-2.0-py3-none-any.whl"} < fetched - {SPECIMEN}
        assert self.run() == (0, "", "")


@pytest.fixture
def lab(tmp_path):
    """A lab where nothing has been set up."""
    return Lab(tmp_path)


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """A lab that is set up; each test leaves it whole."""
    one = Lab(tmp_path_factory.mktemp("ready"))
    code, told, errors = one.run()
    assert code == 0, told + errors
    return one


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


# --- one plain line, and nothing made --------------------------------------------------------------------------------


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


# --- a full disk -----------------------------------------------------------------------------------------------------


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


# --- once, and on from where it stopped ------------------------------------------------------------------------------


def test_set_up_is_done_once(ready):
    ready.assert_whole()
    ready.log.unlink()
    assert ready.run() == (0, "", "")
    assert not ready.log.exists(), "pip was started"
    ready.run(str(ready.folder / ".venv/bin/python"), "-m", "pip", "check")
    assert ready.log.exists(), "pip keeps no log: this test has nothing to say"


@pytest.mark.parametrize("half_way", ["making .venv", "installing", "fetching the wheelhouse"])
def test_a_killed_set_up_goes_on(lab, half_way):
    process = lab.start()
    signs = {
        "making .venv": ".venv/bin/python",
        "installing": ".venv/lib/python3*/site-packages/packaging",
        "fetching the wheelhouse": ".lab/wheelhouse",
    }
    deadline = time.monotonic() + 120
    while not list(lab.folder.glob(signs[half_way])):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.communicate()
    assert not (lab.folder / ".lab/wheelhouse/.whole").exists(), "set-up was faster than the kill"
    code, told, errors = lab.run()
    assert (code, errors) == (0, ""), told
    lab.assert_whole()


def test_a_package_half_installed_is_installed_again(ready):
    # What a kill leaves between the files of a package and its command: pip would take it for installed.
    (info,) = ready.folder.glob(".venv/lib/python3*/site-packages/tiny-2.0.dist-info")
    (ready.folder / ".venv/bin/tiny").unlink()
    (info / "INSTALLER").unlink()
    (ready.folder / ".venv/.wheel-lab").write_text("")
    code, told, errors = ready.run()
    assert (code, errors) == (0, ""), told
    ready.assert_whole()


def test_two_at_once_make_an_environment_anew_that_lost_its_python(ready):
    (ready.folder / ".venv/bin/python").unlink()
    (ready.folder / ".venv/bin/python").symlink_to("/nowhere/python")
    runs = [ready.start(), ready.start()]
    told = [run.communicate() for run in runs]
    assert [run.returncode for run in runs] == [0, 0], told
    assert sum("another set-up is running here" in one[0] for one in told) == 1
    assert sum("making .venv" in one[0] for one in told) == 1
    ready.assert_whole()


def test_jupyterlab_is_told_to_keep_to_itself_and_keeps_what_else_it_was_told(ready, tmp_path):
    page = "etc/jupyter/labconfig/page_config.json"
    told = json.loads((ready.folder / ".venv" / page).read_text())
    assert told == {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    (tmp_path / page).parent.mkdir(parents=True)
    (tmp_path / page).write_text('{"disabledExtensions": {"another": true}, "collaborative": true}')
    setup.keep_to_itself(tmp_path)
    told["disabledExtensions"]["another"] = True
    assert json.loads((tmp_path / page).read_text()) == told | {"collaborative": True}


def test_the_size_of_a_folder_that_is_being_cleared_away(tmp_path):
    """A second set-up looks at the disk while the first one makes room for a new environment."""
    for number in range(40):
        (tmp_path / f"venv/{number}/deep").mkdir(parents=True)
        for name in range(50):
            (tmp_path / f"venv/{number}/deep/{name}").write_bytes(bytes(1000))
    assert setup.folder_mb(tmp_path / "venv") == 2
    clearing = threading.Thread(target=shutil.rmtree, args=[tmp_path / "venv"])
    clearing.start()
    while clearing.is_alive():
        assert 0 <= setup.folder_mb(tmp_path / "venv") <= 2
    assert setup.folder_mb(tmp_path / "venv") == 0


def test_the_included_lock_counts_as_well(ready):
    """A setup with --dev installs both layers: it is done again when only the learner's changes, and not for less."""
    lock = ready.folder / "requirements.txt"
    command = (sys.executable, "-m", "wheel_lab.lab.setup", "--dev")
    assert "installing requirements-dev.txt" in ready.run(*command)[1]
    assert ready.run(*command) == ready.run() == (0, "", "")
    before = lock.read_text()
    lock.write_text(before + "# another lock\n")
    assert "installing requirements-dev.txt" in ready.run(*command)[1]
    lock.write_text(before)
    assert ready.run()[0] == 0
    ready.assert_whole()


def test_another_python_is_told_what_stays(ready):
    """The environment and the wheelhouse stay as they are, and nothing is fetched."""
    other = (
        "import sys; from wheel_lab.lab import setup; known = setup.version_of\n"
        "setup.version_of = lambda python: '3.99' if str(python) == sys.executable else known(python)\n"
        "sys.exit(setup.main())"
    )
    ready.log.unlink(missing_ok=True)
    exit_code, told, errors = ready.run(sys.executable, "-c", other)
    assert (exit_code, errors) == (0, "")
    assert re.fullmatch(r"wheel lab: keeping the \.venv that is here, of Python 3\.\d+\. For 3\.99, .*\n", told)
    assert not ready.log.exists(), "pip was started"


# --- specimens -------------------------------------------------------------------------------------------------------


def test_a_specimen_cut_short_is_fetched_again(ready):
    specimen = ready.folder / ".lab/specimens" / SPECIMEN
    whole = specimen.read_bytes()
    specimen.write_bytes(whole[:100])
    assert ready.run()[::2] == (0, "")
    assert specimen.read_bytes() == whole


def test_a_specimen_with_another_hash_is_refused_and_left_out(ready):
    specimen = ready.folder / ".lab/specimens" / SPECIMEN
    right = commands.digest(specimen)
    ready.pin("0" * 64)
    code, _, errors = ready.run()
    assert code == 1
    assert re.fullmatch(r"wheel lab: .*\n", errors)
    assert "hash" in errors.lower()
    assert not specimen.exists()
    ready.pin(right)
    assert ready.run()[0] == 0
    ready.assert_whole()


def test_no_address_and_no_folder_of_this_machine_is_told(ready):
    specimen = ready.folder / ".lab/specimens" / SPECIMEN
    specimen.unlink()
    moved = (ready.index / SPECIMEN).rename(ready.index.parent / SPECIMEN)
    code, told, errors = ready.run()
    moved.rename(ready.index / SPECIMEN)
    assert code == 1
    assert errors.count("\n") == 1
    for private in ("://", str(ready.index), str(ready.folder)):
        assert private not in told + errors
    assert ready.run()[0] == 0
