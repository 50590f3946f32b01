"""The image: what Binder asks of it, and the lab running in it as an ordinary user, with no network and little room."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.image.containers import inside, run, spoilt, started
from wheel_lab.lab import fetching

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "binder/Dockerfile"
BIN = Path(sys.executable).parent
TOKEN = "asked-by-a-test"


# --- without a container ---------------------------------------------------------------------------------------------


def test_the_dockerfile_is_clean():
    run(BIN / "hadolint", DOCKERFILE)


def test_the_linter_would_complain(tmp_path):
    worse = tmp_path / "Dockerfile"
    worse.write_text(DOCKERFILE.read_text() + "\nRUN cd /opt && pip install numpy\n")
    assert subprocess.run([BIN / "hadolint", worse], capture_output=True).returncode != 0


def test_binder_takes_this_dockerfile():
    # It prints what it would build from; with a build pack of its own that would be another text.
    told = run(BIN / "jupyter-repo2docker", "--no-build", "--debug", "--user-id", "1000", "--user-name", "jovyan", ROOT)
    assert DOCKERFILE.read_text().strip() in told


# --- in a container --------------------------------------------------------------------------------------------------


# Each check takes any image, so that it can be tried on a spoilt one, below.


def check_room(engine: str, image: str) -> None:
    """The container has the memory, the processor and the network that were asked for, seen from inside."""
    memory = "cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes"
    assert int(inside(engine, image, memory)) == 2 * 1024**3
    processor = "cat /sys/fs/cgroup/cpu.max 2>/dev/null || cat /sys/fs/cgroup/cpu/cpu.cfs_{quota,period}_us"
    quota, period = map(int, inside(engine, image, processor).split())
    assert quota == period
    assert inside(engine, image, "getent hosts example.org || echo offline") == "offline\n"


def check_owner(engine: str, image: str) -> None:
    """The learner is who Binder says, and owns all there is at home."""
    who = inside(engine, image, "id -u; id -un; echo $HOME; echo $USER; pwd").split()
    assert who == ["1000", "jovyan", "/home/jovyan", "jovyan", "/home/jovyan"]
    assert inside(engine, image, "find ~ /opt/lab ! -user 1000") == ""
    inside(engine, image, "test -e ~/.lab/wheelhouse/.whole; touch ~/notebooks/new")


def check_programs(engine: str, image: str) -> None:
    """What Binder and a hub start is there, works, and is the first on PATH."""
    names = ["python3", "jupyter", "jupyter-lab", "jupyter-notebook", "jupyterhub-singleuser"]
    found = inside(engine, image, f"command -v {' '.join(names)} || true").split()
    assert found == [f"/opt/lab/bin/{name}" for name in names]
    assert inside(engine, image, "jupyterhub-singleuser --version")[0].isdigit()
    assert "No broken requirements" in inside(engine, image, "python3 -m pip check")


# What BinderHub starts, in our words: it looks for JupyterLab with python3, and becomes it, with its own arguments.
LAUNCHER = "import jupyterlab.labapp, os, sys; os.execvp('jupyter-lab', sys.argv)"
ARGUMENTS = ["--ip=0.0.0.0", "--port=8890", "--ServerApp.base_url=/user/learner/", f"--IdentityProvider.token={TOKEN}",
             "--ServerApp.trust_xheaders=True"]  # fmt: skip
ASK = """
import sys, time, urllib.error, urllib.request
end = time.time() + 30
while time.time() < end:
    try:
        print(urllib.request.urlopen(sys.argv[1], timeout=5).status, time.time())
        break
    except urllib.error.HTTPError as error:
        sys.exit(f"the server answered {error.code}")
    except OSError:
        time.sleep(0.05)
"""


def check_launch(engine: str, image: str) -> None:
    """The lab answers when it is started as BinderHub starts it, and is the container's first process."""
    start = time.time()
    with started(engine, image, "python3", "-c", LAUNCHER, *ARGUMENTS) as container:
        address = f"http://127.0.0.1:8890/user/learner/api/status?token={TOKEN}"
        told = run(engine, "exec", container, "python3", "-c", ASK, address)
        assert told.startswith("200 "), f"no answer: {told}"
        # a server that is not the first process does not hear that the container is to stop
        first = run(engine, "exec", container, "cat", "/proc/1/cmdline").split("\0")
        assert any(word.endswith("jupyter-lab") for word in first[:2]), f"the first process is {first}"
        assert set(ARGUMENTS) <= set(first)
        # The processor's time, since others may work on this machine: 2 s on a quiet machine, 6 s on a busy one.
        used = run(engine, "exec", container, "cut", "-d ", "-f14,15", "/proc/1/stat").split()
        worked = sum(map(int, used)) / 100
        print(f"answered after {float(told.split()[1]) - start:.1f} s, of which it worked {worked:.1f} s")
        assert worked < 10


def check_default(engine: str, image: str) -> None:
    """With no arguments the lab opens chapter 0."""
    with started(engine, image) as container:
        assert run(engine, "exec", container, "python3", "-c", ASK, "http://127.0.0.1:8888/api").startswith("200")
        first = run(engine, "exec", container, "cat", "/proc/1/cmdline").split("\0")
        assert any(word.endswith("jupyter-lab") for word in first[:2]), f"the first process is {first}"
        assert any(word.endswith("desk/00_start_here.ipynb") for word in first)


@pytest.mark.image
@pytest.mark.parametrize("check", [
    check_room, check_owner, check_programs, check_launch, check_default,
], ids=lambda check: check.__name__)  # fmt: skip
def test_the_image_is_what_binder_asks_for(engine, image, check):
    check(engine, image)


@pytest.mark.image
@pytest.mark.parametrize(("fault", "check", "words"), [
    ("USER 0\nRUN touch notebooks/of_another\nUSER 1000", check_owner, "notebooks/of_another"),
    ("USER 0", check_owner, "1000"),
    ("RUN rm -r .lab", check_owner, "exit 1"),
    ("RUN python3 -m pip uninstall --yes jupyterhub", check_programs, "jupyterhub-singleuser"),
    ("RUN python3 -m pip uninstall --yes babel", check_programs, "requires babel"),
    ("ENV PATH=/opt/python/cp313-cp313/bin:${PATH}", check_programs, "/opt/python/cp313-cp313/bin/python3"),
    ("RUN python3 -m pip uninstall --yes jupyterlab", check_launch, "exec"),
    ('ENTRYPOINT ["sh", "-c", "\\"$@\\"; exit $?", "no-exec"]', check_launch, "the first process is .'sh'"),
    ('ENTRYPOINT ["sh", "-c", "exec jupyter lab", "deaf"]', check_launch, "no answer"),
    ('CMD ["jupyter", "lab"]', check_default, "00_start_here|False"),
], ids=["a file of another", "root", "no wheelhouse", "no jupyterhub", "a missing dependency", "another python3 first",
        "no jupyterlab", "no exec", "no arguments", "no chapter 0"])  # fmt: skip
def test_a_fault_in_the_image_is_seen(engine, image, tmp_path, fault, check, words):
    with spoilt(engine, image, fault, tmp_path) as other, pytest.raises(AssertionError, match=words):
        check(engine, other)


@pytest.fixture(scope="module")
def checker(tmp_path_factory) -> Path:
    """Put pytest and nbval in a folder of their own, to be seen from the container.

    The image has what a learner runs, and is tested as it is: a layer with more in it would be another image.
    """
    names = ("coverage", "iniconfig", "nbval", "pluggy", "pytest")
    known = fetching.pinned(ROOT / "requirements.txt") | fetching.pinned(ROOT / "requirements-dev.txt")
    folder = tmp_path_factory.mktemp("checker")
    (folder / "lock.txt").write_text("\n".join(line for name in names for line in known.get(name, [])) + "\n")
    run(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:",
        "--python-version", "3.12", "--target", folder / "site", "--requirement", folder / "lock.txt")  # fmt: skip
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder / "site"


@pytest.mark.image
@pytest.mark.parametrize("chapter", [*sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb")), "clinic"])
def test_the_chapter_prints_what_it_printed(engine, image, checker, chapter):
    told = inside(engine, image, f"python3 -m pytest -p no:cacheprovider --nbval -q notebooks/{chapter}",
                  "--volume", f"{checker}:/checker:ro", "--env", "PYTHONPATH=/checker")  # fmt: skip
    print(told.splitlines()[-1])
    assert " passed" in told.splitlines()[-1]
    assert "skipped" not in told.splitlines()[-1]
