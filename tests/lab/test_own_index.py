"""An index of one's own: a stranger uploads nothing, a friend does, pip knows it alone, and it never outlives us."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from wheel_lab.lab import index

CLIENTS = {"PIP_EXTRA_INDEX_URL": "http://127.0.0.1:9/", "PIP_NO_INDEX": "1", "TWINE_CERT": "there", "UV_INDEX": "x"}


@pytest.fixture
def own(tmp_path):
    with index.serve(tmp_path / "index") as one:
        yield one


def ask(own: index.Index, page: str) -> str:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(own.simple + page, timeout=60) as answer:
        return answer.read().decode()


def run(own: index.Index, *command: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    env = index.clients(own, {**os.environ, **CLIENTS}) | more
    return subprocess.run([sys.executable, "-m", *map(str, command)], capture_output=True, text=True, env=env)


def upload(own: index.Index, *wheels: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return run(own, "twine", "upload", "--disable-progress-bar", *wheels, **more)


def download(own: index.Index, wanted: str, folder: Path) -> list[str]:
    done = run(own, "pip", "download", "--no-deps", "--dest", folder, wanted)
    assert done.returncode == 0, done.stderr
    return [path.name for path in folder.iterdir()]


def gone(address: str) -> bool:
    """Wait until nobody listens at that address."""
    port = int(address.rpartition(":")[2])
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            return True
        time.sleep(0.1)
    return False


# --- uploading and installing ----------------------------------------------------------------------------------------


def test_a_wheel_goes_up_and_comes_down(own, make_wheel, tmp_path):
    done = upload(own, make_wheel())
    assert done.returncode == 0, done.stdout
    assert own.files() == ("tiny-1.0-py3-none-any.whl",)
    assert download(own, "tiny", tmp_path / "got") == ["tiny-1.0-py3-none-any.whl"]
    again = upload(own, make_wheel())
    assert again.returncode
    assert "400 Bad Request" in again.stdout


def test_who_has_no_password_uploads_nothing(own, make_wheel):
    refused = upload(own, make_wheel(), TWINE_PASSWORD="guess")
    assert refused.returncode
    assert "403" in refused.stdout
    assert own.files() == ()


def test_it_serves_other_folders_and_sends_nobody_elsewhere(tmp_path, make_wheel):
    (tmp_path / "others").mkdir()
    make_wheel().rename(tmp_path / "others" / "tiny-1.0-py3-none-any.whl")
    with index.serve(tmp_path / "index", tmp_path / "others") as own:
        assert own.files() == ()
        assert download(own, "tiny", tmp_path / "got") == ["tiny-1.0-py3-none-any.whl"]
        missing = run(own, "pip", "download", "--no-deps", "--dest", tmp_path / "none", "septembrse")
        assert missing.returncode
        assert "from versions: none" in missing.stderr
        with pytest.raises(urllib.error.HTTPError, match="404"):
            ask(own, "septembrse/")
    with pytest.raises(FileNotFoundError, match="no folder nowhere"), index.serve(tmp_path / "index", "nowhere"):
        pass


def test_no_file_of_the_user_is_read_or_written(own, make_wheel, tmp_path):
    home = tmp_path / "home"
    (home / ".config/pip").mkdir(parents=True)
    settings = {".pypirc": "[broken", ".config/pip/pip.conf": "[broken", ".netrc": "default login a password b"}
    for name, text in settings.items():
        (home / name).write_text(text)
    more = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "PATH": str(tmp_path)}  # pip runs rustc
    done = upload(own, make_wheel(), **more)
    assert done.returncode == 0, done.stdout
    done = run(own, "pip", "download", "--no-deps", "--dest", tmp_path / "got", "tiny", **more)
    assert done.returncode == 0, done.stderr
    found = {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}
    assert found == set(settings)
    assert all((home / name).read_text() == text for name, text in settings.items())


def test_its_clients_know_it_alone_and_no_proxy(own):
    env = index.clients(own, {**CLIENTS, "PATH": "p", "no_proxy": "example.org"})
    assert env["PIP_INDEX_URL"] == own.simple
    assert not CLIENTS.keys() & env.keys()
    assert env["no_proxy"] == env["NO_PROXY"] == "example.org,127.0.0.1"
    assert env["PATH"] == "p"
    assert "HOME" not in env
    assert own.password not in repr(own) + str(own)


# --- yanking ---------------------------------------------------------------------------------------------------------


def test_a_yanked_file_is_marked_and_pip_takes_it_only_by_its_number(own, make_wheel, tmp_path):
    for version in ("1.0", "2.0"):
        wheel = make_wheel(name=f"tiny-{version}-py3-none-any.whl")
        assert upload(own, wheel).returncode == 0
    assert "data-yanked" not in ask(own, "tiny/")
    (own.folder / index.YANKED).write_text('tiny-2.0* wrong & "bad"\n')
    (marked,) = [line for line in ask(own, "tiny/").splitlines() if "data-yanked" in line]
    assert 'data-yanked="wrong &amp; &quot;bad&quot;">tiny-2.0' in marked
    assert download(own, "tiny", tmp_path / "any") == ["tiny-1.0-py3-none-any.whl"]
    assert download(own, "tiny==2.0", tmp_path / "that") == ["tiny-2.0-py3-none-any.whl"]


# --- how it ends -----------------------------------------------------------------------------------------------------


def test_it_ends_with_the_block(tmp_path):
    with index.serve(tmp_path / "index") as own:
        pass
    assert gone(own.address)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_when_its_starter_is_killed(tmp_path, how):
    # A shell that the starter has left behind is what would keep a pipe open that it had inherited.
    code = """
import subprocess, sys, time
from wheel_lab.lab import index
own = index.start("index")
child = subprocess.Popen(["sleep", "120"])
print(own.address, child.pid, flush=True)
time.sleep(120)
"""
    starter = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    address, child = starter.stdout.readline().split()
    try:
        starter.send_signal(how)
        starter.wait()
        assert gone(address)
    finally:
        os.kill(int(child), signal.SIGKILL)
        starter.stdout.close()


def test_an_interrupt_of_the_cell_is_not_for_the_server(tmp_path):
    code = """
import os, signal
from wheel_lab.lab import index
own = index.start("index")
signal.signal(signal.SIGINT, signal.SIG_IGN)
os.killpg(0, signal.SIGINT)
import time, urllib.request
time.sleep(1)
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
print(direct.open(own.simple).status)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, start_new_session=True
    )
    assert done.stdout == "200\n", done.stderr


def test_a_server_that_cannot_start_says_why(tmp_path, monkeypatch):
    (tmp_path / "pypiserver.py").write_text("raise ImportError('too old')")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    with pytest.raises(RuntimeError, match="did not start: ImportError: too old"), index.serve(tmp_path / "index"):
        pass


# --- in a notebook ---------------------------------------------------------------------------------------------------


def test_started_twice_it_runs_once_and_commands_know_the_new_one(tmp_path, monkeypatch):
    code = """
import os
from wheel_lab.lab import environment, index
environment.set_up()
first = index.start("index")
second = index.start("index")
environment.set_up()  # the first cell of the chapter, run again
assert os.environ["PIP_INDEX_URL"] == second.simple != first.simple
assert "PIP_NO_INDEX" not in os.environ and "PIP_FIND_LINKS" not in os.environ
assert "PIP_INDEX_URL" not in environment.before()
print(first.address)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert gone(done.stdout.strip())
