"""The shell of the workflows, run as it stands: the example goes all the way, from its sources to a stranger's machine.

``make test-release`` runs this. It needs the network and a container engine. The runner of a workflow is played by an
environment on this machine and by two containers: the stand-in for the manylinux image, and the Debian that it is made
from. `tests/lab/workflows.py` has the list of these steps, and of those that cannot run here, with the reason.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import parse_wheel_filename

from tests.lab.workflows import EXAMPLE, PIPELINE, RELEASE, ROOT, TRIED, WHEELS, Step, every_step
from tools import automate
from tools.debians import must, run
from wheel_lab import __version__
from wheel_lab.lab import index

STEPS = {(step.file, step.job, step.name): step for step in every_step()}
TAGS = [f"cp{python.replace('.', '')}-cp{python.replace('.', '')}" for python in automate.PYTHONS]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")  # twine writes it to files, too
# Each that ran; the last test holds it against the list.
ran: set[tuple[str, str, str]] = set()

pytestmark = pytest.mark.release


# --- the runners -----------------------------------------------------------------------------------------------------


def script_of(file: str, job: str, name: str) -> Step:
    """Return a step that is about to run, and note that."""
    ran.add((file, job, name))
    return STEPS[file, job, name]


class Runner:
    """A machine of CI, as far as this one can be one: an environment of its own first on PATH, and a checkout."""

    def __init__(self, place: Path, sources: Path, more: dict[str, str]) -> None:
        self.checkout = place / "check out"
        for name in must(run("git", "-C", sources, "ls-files", "-z"), "git ls-files").split("\0"):
            if name:
                (self.checkout / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(sources / name, self.checkout / name)
        venv.create(place / "runner", with_pip=True)
        path = os.pathsep.join([str(place / "runner/bin"), os.environ["PATH"]])
        kept = {key: value for key, value in os.environ.items() if not automate.FOREIGN.fullmatch(key)}
        own = {key: value for key, value in os.environ.items() if re.match(r"PIP_(CERT|INDEX_URL|CONFIG)", key)}
        self.env = kept | own | more | {"PATH": path, "RUNNER_TEMP": str(place)}

    def run(self, file: str, job: str, name: str, status: int = 0, **more: str) -> str:
        """Run a step as the runner would: with bash, which stops at the first failure. Return what it says."""
        step = script_of(file, job, name)
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.script]
        done = subprocess.run(command, cwd=self.checkout, env=self.env | step.env | more, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
        print(f"$ {step.place}\n{done.stdout}")
        assert done.returncode == status, f"{step.place}: exit {done.returncode}\n{done.stdout[-6000:]}"
        return COLOUR.sub("", done.stdout)


class Container:
    """A running container, with a checkout of the example in `/project`."""

    def __init__(self, engine: str, name: str) -> None:
        self.engine, self.name = engine, name

    def shell(self, script: str, env: dict[str, str]) -> str:
        """Run a script with bash, and return what it says."""
        given = [word for key, value in env.items() for word in ("--env", f"{key}={value}")]
        command = [self.engine, "exec", *given, self.name, "bash", "-eo", "pipefail", "-c", script]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True)  # fmt: skip
        print(done.stdout)
        assert done.returncode == 0, f"{script}\nexit {done.returncode}\n{done.stdout[-6000:]}"
        return done.stdout

    def run(self, file: str, job: str, name: str, **more: str) -> str:
        """Run a step of a workflow."""
        step = script_of(file, job, name)
        return self.shell(step.script, step.env | more)


@contextlib.contextmanager
def started(engine: str, image: str, checkout: Path, *options: str) -> Iterator[Container]:
    """Give a running container."""
    begin = [engine, "run", "--rm", "--detach", "--volume", f"{checkout}:/project", "--workdir", "/project", *options]
    name = must(run(*begin, image, "sleep", "infinity"), "starting a container").split()[-1]
    try:
        yield Container(engine, name)
    finally:
        run(engine, "rm", "--force", "--time", "0", name)


@pytest.fixture(scope="module")
def work(tmp_path_factory) -> automate.Automation:
    """What `make automation` works with: the stand-in, and all that a build installs, fetched from the lab's lock."""
    return automate.Automation(tmp_path_factory.mktemp("work"))


@pytest.fixture(scope="module")
def runner(work, tmp_path_factory) -> Runner:
    """A runner with the example; the doctor, which is not on the index yet, comes from a folder."""
    return Runner(tmp_path_factory.mktemp("host"), EXAMPLE, {"PIP_FIND_LINKS": automate.FETCHED.as_uri()})


def check_what_it_carries(wheel: Path) -> None:
    """The repaired wheel holds OpenBLAS, and with it the licences and a list for scanners."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for what in (r"septembrse\.libs/libscipy_openblas-\w{8}\.so", r"\S+\.dist-info/licenses/LICENSE\.openblas",
                 r"\S+\.dist-info/sboms/scipy-openblas32\.cdx\.json"):  # fmt: skip
        assert [name for name in names if re.fullmatch(what, name)], f"{wheel.name} has no {what}"


# --- the workflow of the example on GitHub ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(work, runner) -> str:
    """The job that builds wheels, with two Pythons of the stand-in; its log. The wheels are in `dist`."""
    runner.run(WHEELS, "wheels", "Install cibuildwheel")
    ours = {key: value for key, value in work.environment().items() if key.startswith(("CIBW_", "UV_"))}
    settings = ours | {"CIBW_BUILD": " ".join(automate.BUILDS), "NO_COLOR": "1", "CIBW_PLATFORM": "linux"}
    log = runner.run(WHEELS, "wheels", "Build, repair, examine and test the wheels", **settings)
    shutil.copytree(runner.checkout / "wheelhouse", runner.checkout / "dist", dirs_exist_ok=True)
    return log


# GitHub's and GitLab's machines have a compiler, a `python`, and root's rights.
PREPARE = """
apt-get update
apt-get install --yes --no-install-recommends python3-venv python3-dev
python3 -m venv /runner
printf '#!/bin/sh\\nexec "$@"\\n' >/usr/local/bin/sudo
chmod +x /usr/local/bin/sudo
"""
SETTINGS = {"DEBIAN_FRONTEND": "noninteractive", "PATH": "/runner/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}


@contextlib.contextmanager
def debian(work: automate.Automation, checkout: Path) -> Iterator[Container]:
    """Give the Debian that the stand-in is made from, prepared as a runner is."""
    with started(work.engine, f"{work.image.partition(':')[0]}-debian", checkout, "--network", "host") as container:
        container.shell(PREPARE, SETTINGS)
        yield container
        container.shell("rm -rf clean", {})


@pytest.fixture(scope="module")
def source(work, runner, built) -> str:
    """The job that makes the source distribution, and builds from it; its log. The file is in `dist`, too."""
    with debian(work, runner.checkout) as machine:
        return "".join(machine.run(WHEELS, "sdist", name, **SETTINGS) for name in TRIED[WHEELS, "sdist"])


def test_each_python_has_a_wheel_that_was_repaired_examined_and_tested(runner, built):
    wheels = sorted((runner.checkout / "wheelhouse").iterdir())
    assert [{tag.interpreter for tag in parse_wheel_filename(wheel.name)[3]} for wheel in wheels] == [
        {tag.partition("-")[0]} for tag in TAGS
    ]
    for wheel in wheels:
        assert all(tag.platform.startswith("manylinux_2_") for tag in parse_wheel_filename(wheel.name)[3])
        check_what_it_carries(wheel)
        assert re.search(rf"wheel-lab doctor \S*/{re.escape(wheel.name)}\n", built)
    # The index refuses it, by a classifier that is there on purpose; nothing else is wrong with it.
    assert built.count("will the index take it: no; does it keep what its name promises: yes") == len(TAGS)
    assert built.count("will it import: yes") == len(TAGS)
    assert not re.search(r"^  error ", built, flags=re.MULTILINE)
    assert len(re.findall(r"=== \d+ passed in ", built)) == len(TAGS)


def test_from_the_source_distribution_a_user_builds_against_the_systems_openblas(runner, source):
    (sdist,) = (runner.checkout / "dist").glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        assert "septembrse-0.0.0/src/cpp/ddot.cpp" in archive.getnames()
    assert re.search(r"=== \d+ passed in ", source)


def test_the_check_asks_for_a_wheel_of_each_platform(runner, source):
    ask = (WHEELS, "check", "Is there a wheel for each platform?")
    assert "there is no wheel for manylinux*_aarch64" in runner.run(*ask, status=1)
    others = ["manylinux_2_28_aarch64", "musllinux_1_2_x86_64", "musllinux_1_2_aarch64", "macosx_11_0_x86_64",
              "macosx_11_0_arm64", "win_amd64"]  # fmt: skip
    made = [runner.checkout / f"dist/septembrse-0.0.0-cp312-cp312-{platform}.whl" for platform in others]
    for number, file in enumerate(made):
        file.touch()
        missing = number + 1 < len(made)
        assert ("there is no wheel" in runner.run(*ask, status=int(missing))) == missing
    for file in made:
        file.unlink()


def test_the_check_is_content_with_all_files(runner, source):
    told = runner.run(WHEELS, "check", "Will the index take them?")
    assert told.count(": PASSED") == len(TAGS) + 1
    assert told.count("::error") == 0


# --- the index, and a stranger ---------------------------------------------------------------------------------------


def test_a_stranger_who_knows_this_index_alone_installs_it_and_computes(work, runner, source, tmp_path):
    (tmp_path / "numpy").mkdir()
    for wheel in automate.FETCHED.glob("numpy-*.whl"):  # the one that the lock names
        shutil.copy(wheel, tmp_path / "numpy")
    uploaded = sorted(path.name for path in (runner.checkout / "dist").iterdir())
    with index.serve(tmp_path / "index", tmp_path / "numpy") as ours:
        settings = index.clients(ours, runner.env)
        told = runner.run(PIPELINE, "publish-with-token", "script", **settings)
        assert "Uploading distributions to http://127.0.0.1:" in told
        assert sorted(ours.files()) == uploaded
        own = {key: value for key, value in settings.items() if key.startswith("PIP_") or key.lower() == "no_proxy"}
        with started(work.engine, work.image, tmp_path / "numpy", "--network", "host") as stranger:
            for tag in TAGS:
                told = stranger.shell(f"""
                    /opt/python/{tag}/bin/python -m venv /new-{tag}
                    /new-{tag}/bin/python -m pip install --only-binary :all: septembrse
                    /new-{tag}/bin/python -m pip list --format freeze
                    /new-{tag}/bin/python -c 'import example_pkg; print(example_pkg.ddot([1, 2, 3], [4, 5, 6]))'
                """, own)  # fmt: skip
                assert f"Looking in indexes: {ours.simple}" in told
                assert "Looking in links" not in told
                assert told.splitlines()[-1] == "32.0"
                names = {line.partition("==")[0] for line in told.splitlines() if re.match(r"\S+==", line)}
                assert names == {"numpy", "pip", "septembrse"}


# --- the pipeline of the example on GitLab ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def piped(work, tmp_path_factory) -> tuple[Runner, str]:
    """The jobs linux, sdist and check, with what the first ones leave in `dist`; the log of linux."""
    runner = Runner(tmp_path_factory.mktemp("gitlab"), EXAMPLE, {"PIP_FIND_LINKS": automate.FETCHED.as_uri()})
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/fetched", "PYTHONS": " ".join(TAGS)}
    lent = f"{automate.FETCHED}:/fetched:ro"
    with started(work.engine, work.image, runner.checkout, "--network", "none", "--volume", lent) as image:
        image.run(PIPELINE, "linux", "before_script", **offline)
        log = image.run(PIPELINE, "linux", "script", **offline)
        image.shell("rm -rf clean raw openblas", {})
    return runner, log


def test_the_pipeline_builds_repairs_and_tests_in_the_image_itself(piped):
    runner, log = piped
    wheels = sorted((runner.checkout / "dist").glob("*.whl"))
    assert len(wheels) == len(TAGS)
    for wheel, tag in zip(wheels, TAGS, strict=True):
        assert f"-{tag}-manylinux_2_" in wheel.name
        check_what_it_carries(wheel)
    assert len(re.findall(r"=== \d+ passed in ", log)) == len(TAGS)


def test_the_pipeline_makes_a_source_distribution_from_which_users_build(work, piped):
    runner, _ = piped
    with debian(work, runner.checkout) as machine:
        told = machine.run(PIPELINE, "sdist", "script", **SETTINGS)
    assert re.search(r"=== \d+ passed in ", told)


def test_the_pipeline_shows_what_the_doctor_finds(piped):
    runner, _ = piped
    told = runner.run(PIPELINE, "check", "script")
    assert told.count("will it import: yes") == len(TAGS)
    report: list[dict[str, Any]] = json.loads((runner.checkout / "gl-code-quality-report.json").read_text())
    assert all(one["severity"] in ("info", "minor") for one in report)


# --- our own release -------------------------------------------------------------------------------------------------


def test_the_library_is_built_and_taken_and_has_the_version_of_its_tag(tmp_path):
    runner = Runner(tmp_path, ROOT, {})
    runner.run(RELEASE, "build", "Build the sdist, and the wheel from it")
    assert sorted(path.name for path in (runner.checkout / "dist").iterdir()) == [
        f"wheel_lab-{__version__}-py3-none-any.whl", f"wheel_lab-{__version__}.tar.gz",
    ]  # fmt: skip
    told = runner.run(RELEASE, "build", "Will the index take them?")
    assert told.count(": PASSED") == 2
    ask = (RELEASE, "build", "Is this the version that the tag names?")
    runner.run(*ask, TAG=f"v{__version__}")
    runner.run(*ask, TAG="v0.0.1", status=1)


# --- nothing is left out ---------------------------------------------------------------------------------------------


def test_each_step_in_the_list_was_run(request):
    if len([one for one in request.session.items if one.path == request.path]) > 1:  # one test alone runs its own
        assert ran == {(*place, name) for place, names in TRIED.items() for name in names}
