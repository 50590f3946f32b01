"""The image: what Binder asks of it, and the lab running in it as an ordinary user, with no network and little room."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from wheel_lab import bootstrap

ROOT = Path(__file__).resolve().parent.parent
DOCKERFILE = ROOT / "binder/Dockerfile"
BIN = Path(sys.executable).parent
IMAGE = "localhost/wheel-lab"
# What a public Binder gives, and less of it: its learners have 2 GB and share the processors.
ROOM = ["--network", "none", "--memory", "2g", "--cpus", "1"]
TOKEN = "asked-by-a-test"


def run(*command: str | Path, **options) -> str:
    """Run a command and return what it said; when it fails, fail with the end of its words."""
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    assert done.returncode == 0, f"{command[0]} {command[1]}: exit {done.returncode}\n{done.stdout[-6000:]}"
    return done.stdout


# --- without a container ---------------------------------------------------------------------------------------------


def test_the_dockerfile_is_clean():
    run(BIN / "hadolint", DOCKERFILE)


def test_the_linter_would_complain(tmp_path):
    spoilt = tmp_path / "Dockerfile"
    spoilt.write_text(DOCKERFILE.read_text() + "\nRUN cd /opt && pip install numpy\n")
    assert subprocess.run([BIN / "hadolint", spoilt], capture_output=True).returncode != 0


def test_binder_takes_this_dockerfile():
    told = run(BIN / "jupyter-repo2docker", "--no-build", "--debug", "--user-id", "1000", "--user-name", "jovyan", ROOT)
    assert "Using DockerBuildPack builder" in told
    assert DOCKERFILE.read_text().strip() in told


# --- in a container --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def engine() -> str:
    """Name the program that runs containers here."""
    for name in ("podman", "docker"):
        if shutil.which(name) and subprocess.run([name, "info"], capture_output=True).returncode == 0:
            return name
    pytest.fail("these tests need podman or docker, and neither works here")


@pytest.fixture(scope="module")
def image(engine: str) -> str:
    """Build the stand-in and the image, just as a person would."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    start = time.monotonic()
    told = run("make", "image-build", "BASE=standin", f"ENGINE={engine}", cwd=ROOT, env=clean)
    print(*[line for line in told.splitlines() if line.startswith("standin:")], sep="\n")
    print(f"stand-in and image: {time.monotonic() - start:.0f} s")
    return IMAGE


@pytest.fixture
def inside(engine: str, image: str):
    """Run a shell script in a fresh container, and return what it says."""

    def run_inside(script: str, *options: str) -> str:
        return run(engine, "run", "--rm", *ROOM, *options, image, "bash", "-euc", script)

    return run_inside


@pytest.mark.image
def test_the_room_is_as_small_as_asked(inside):
    memory = inside("cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes")
    assert int(memory) == 2 * 1024**3
    cpu = inside("cat /sys/fs/cgroup/cpu.max 2>/dev/null || cat /sys/fs/cgroup/cpu/cpu.cfs_{quota,period}_us")
    quota, period = map(int, cpu.split())
    assert quota == period
    assert "offline" in inside("getent hosts example.org || echo offline")


@pytest.mark.image
def test_the_learner_is_who_binder_says_and_owns_the_home(inside):
    assert inside("id -u; id -un; echo $HOME; echo $USER; pwd").split() == [
        "1000", "jovyan", "/home/jovyan", "jovyan", "/home/jovyan"]  # fmt: skip
    assert inside("find ~ /opt/lab ! -user 1000") == ""
    assert inside("ls -d ~/notebooks ~/.lab/wheelhouse/.whole").split()
    assert inside("touch ~/new ~/notebooks/new && echo written") == "written\n"


@pytest.mark.image
def test_what_a_hub_asks_for_is_there(inside):
    assert inside("command -v python3 jupyter jupyter-lab jupyter-notebook jupyterhub-singleuser").split() == [
        f"/opt/lab/bin/{name}"
        for name in ("python3", "jupyter", "jupyter-lab", "jupyter-notebook", "jupyterhub-singleuser")]  # fmt: skip
    assert inside("jupyterhub-singleuser --version").strip()[0].isdigit()
    assert "No broken requirements" in inside("python3 -m pip check")


@pytest.mark.image
def test_the_base_has_the_manylinux_layout_and_says_its_own_glibc(inside):
    told = inside("echo $AUDITWHEEL_PLAT; getconf GNU_LIBC_VERSION; ls /opt/python; auditwheel --version")
    plat, _, glibc = told.split()[:3]
    print(told)
    assert plat == f"manylinux_{glibc.replace('.', '_')}_x86_64"
    assert "cp312-cp312" in told


# What BinderHub starts, in our words: it looks for JupyterLab with python3, and becomes it, with its own arguments.
LAUNCHER = "import jupyterlab.labapp, os, sys; os.execvp('jupyter-lab', sys.argv)"
ARGUMENTS = ["--ip=0.0.0.0", "--port=8890", "--ServerApp.base_url=/user/learner/", f"--IdentityProvider.token={TOKEN}",
             "--ServerApp.trust_xheaders=True"]  # fmt: skip
ASK = """
import sys, time, urllib.request
for attempt in range(400):
    try:
        answer = urllib.request.urlopen(sys.argv[1], timeout=5)
        print(answer.status, time.time())
        break
    except OSError as error:
        if hasattr(error, 'code'): raise
        time.sleep(0.05)
"""


@pytest.fixture
def server(engine: str, image: str) -> Iterator[tuple[str, float]]:
    """Start the lab as BinderHub does; give the container and the time at which it was asked for."""
    start = time.time()
    container = run(engine, "run", "--detach", *ROOM, image, "python3", "-c", LAUNCHER, *ARGUMENTS).split()[-1]
    yield container, start
    run(engine, "rm", "--force", container)


@pytest.mark.image
def test_the_lab_answers_as_binder_starts_it(engine, server):
    container, start = server
    address = f"http://127.0.0.1:8890/user/learner/api/status?token={TOKEN}"
    status, when = run(engine, "exec", container, "python3", "-c", ASK, address).split()
    print(f"from container start to {status}: {float(when) - start:.1f} s")
    assert status == "200"
    # a server that is not the first process does not hear that the container is to stop
    first = run(engine, "exec", container, "cat", "/proc/1/cmdline").split("\0")
    assert any(word.endswith("jupyter-lab") for word in first[:2]), first
    assert set(ARGUMENTS) <= set(first)
    # others may be building on this machine; alone it takes under 3 s
    assert float(when) - start < 10


@pytest.mark.image
def test_without_arguments_it_opens_chapter_0(engine, image):
    container = run(engine, "run", "--detach", *ROOM, image).split()[-1]
    try:
        run(engine, "exec", container, "python3", "-c", ASK, "http://127.0.0.1:8888/api")
        first = run(engine, "exec", container, "cat", "/proc/1/cmdline").split("\0")
        assert any(word.endswith("jupyter-lab") for word in first[:2]), first
        assert any(word.endswith("notebooks/00_start_here.ipynb") for word in first)
    finally:
        run(engine, "rm", "--force", container)


@pytest.fixture(scope="module")
def checker(tmp_path_factory) -> Path:
    """Put pytest and nbval in a folder of their own, to be seen from the container.

    The image has what a learner runs, and is tested as it is: a layer with more in it would be another image.
    """
    names = ("coverage", "iniconfig", "nbval", "pluggy", "pytest")
    known = bootstrap.pinned(ROOT / "requirements.txt") | bootstrap.pinned(ROOT / "requirements-dev.txt")
    folder = tmp_path_factory.mktemp("checker")
    (folder / "lock.txt").write_text("\n".join(line for name in names for line in known.get(name, [])) + "\n")
    run(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:",
        "--python-version", "3.12", "--target", folder / "site", "--requirement", folder / "lock.txt")  # fmt: skip
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder / "site"


@pytest.mark.image
@pytest.mark.parametrize("chapter", sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb")))
def test_the_chapter_prints_what_it_printed(inside, checker, chapter):
    told = inside(f"python3 -m pytest -p no:cacheprovider --nbval -q notebooks/{chapter}",
                  "--volume", f"{checker}:/checker:ro", "--env", "PYTHONPATH=/checker")  # fmt: skip
    print(told.splitlines()[-1])
    assert " passed" in told.splitlines()[-1]
    assert "skipped" not in told.splitlines()[-1]
