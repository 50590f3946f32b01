"""A project's wheel comes from the learner's own package index, when there is one, and else there is a sentence."""

import functools
import http.server
import os
import socket
import subprocess
import sys
import threading

import pytest

from wheel_lab.lab import environment, own_wheel

NAME = "tiny-1.0-py3-none-any.whl"


@pytest.fixture
def index(tmp_path, make_wheel, monkeypatch):
    """An index on this machine, in the settings of pip that the learner started with; the chapter has its own."""
    page = tmp_path / "index" / "tiny"
    page.mkdir(parents=True)
    make_wheel().rename(page / NAME)
    (page / "index.html").write_text(f'<a href="{NAME}">{NAME}</a>')
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=page.parent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        learner(monkeypatch, server.server_address[1])
        yield
        server.shutdown()


def learner(monkeypatch, port: int) -> None:
    """Start as a learner whose pip has an index on this machine, and enter a chapter, where pip asks no index."""
    others = {name: value for name, value in os.environ.items() if not name.lower().startswith(("pip_", "http"))}
    own = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": f"http://127.0.0.1:{port}",
        "PIP_RETRIES": "0",
        "no_proxy": "*",
    }
    monkeypatch.setattr(environment, "_before", {**others, **own})
    monkeypatch.setenv("PIP_NO_INDEX", "1")


def test_a_chapter_keeps_what_the_learner_has_set():
    code = "from wheel_lab.lab import environment as e; e.set_up(); e.set_up(); import os; "
    code += "print(e.before()['PIP_INDEX_URL'], e.before().get('PIP_NO_INDEX'), 'PIP_INDEX_URL' in os.environ)"
    env = {**os.environ, "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["http://127.0.0.1:9/simple", str(os.environ.get("PIP_NO_INDEX")), "False"]


def test_pip_fetches_the_wheel_and_installs_nothing(tmp_path, index):
    assert own_wheel.fetch("tiny", tmp_path / "here") == tmp_path / "here" / NAME
    assert own_wheel.fetch("Tiny==1.0", tmp_path / "here").is_file()  # it is there already
    assert [path.name for path in (tmp_path / "here").iterdir()] == [NAME]


def test_what_pip_does_not_find_it_says_itself(tmp_path, index):
    with pytest.raises(ValueError, match=r"^pip says: Could not find a version .* tiny==7"):
        own_wheel.fetch("tiny==7", tmp_path)
    with pytest.raises(ValueError, match=r"^pip says: Could not find a version .* other"):
        own_wheel.fetch("other", tmp_path)  # the index has no such page


def test_offline_there_is_one_sentence(tmp_path, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        learner(monkeypatch, closed.getsockname()[1])
        with pytest.raises(ValueError, match=f"^{own_wheel.OFFLINE}$"):
            own_wheel.fetch("tiny", tmp_path)


@pytest.mark.parametrize("project", ["", "a b", "--help", "-r requirements.txt", "tiny @ https://example.org/tiny.whl"])
def test_pip_is_asked_for_the_name_of_a_project_alone(tmp_path, monkeypatch, project):
    monkeypatch.setattr(own_wheel.subprocess, "run", None)
    with pytest.raises(ValueError, match=r"^Type the name of a project"):
        own_wheel.fetch(project, tmp_path)


def test_the_button_says_what_it_runs():
    assert own_wheel.command(" numpy==2.5.5 ") == "pip download --no-deps --only-binary=:all: numpy==2.5.5"
    control = own_wheel.control()
    *_, project, _ = control.inputs
    project.value = "numpy"
    assert own_wheel.command("numpy") in control.answer.value
