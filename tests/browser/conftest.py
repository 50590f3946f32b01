"""One server and one Chromium for all tests here, and each chapter opened and run once."""

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from chromium import launch
from jupyterlab_page import SIZE, WAIT, Chapter, Server
from playwright.sync_api import Browser, sync_playwright

from tools.notebooks import copy_lab, is_case, notebooks, number_of
from wheel_lab.lab import desk


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return the server that was named, or start one on a copy of the lab, with settings of its own."""
    if named := os.environ.get("WHEEL_LAB_SERVER"):
        started = os.environ.get("WHEEL_LAB_SERVER_STARTED")
        yield Server(named, float(started) if started else None).awaited()
        return
    folder = tmp_path_factory.mktemp("browser") / "a lab"  # with a space, as a learner may have one
    folder.mkdir()
    lab = copy_lab(folder)
    desk.lay(lab / "notebooks", lab / "desk")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex()
    env = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "PYTEST_"))}
    env |= {
        "PYTHONPATH": str(lab),
        "PYTHONDONTWRITEBYTECODE": "1",
        "IPYTHONDIR": str(folder.parent / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder.parent / "config"),
        "JUPYTER_DATA_DIR": str(folder.parent / "data"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder.parent / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder.parent / "workspaces"),
        "JUPYTER_TOKEN": token,
    }
    options = ["--no-browser", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
               "--LabApp.expose_app_in_browser=True", "--ServerApp.jpserver_extensions={'jupyterlab_jupytext': False}",
               *(["--allow-root"] if os.geteuid() == 0 else [])]  # fmt: skip
    log = folder.parent / "server.log"
    there = Server(f"http://127.0.0.1:{port}/?token={token}", time.time())
    with log.open("w") as stream, subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options], cwd=lab, env=env, stdout=stream, stderr=stream
    ) as process:  # fmt: skip
        try:
            yield there.awaited(lambda: process.poll() is None)
        finally:
            process.terminate()
            print(log.read_text())  # pytest shows it when the fixture has failed


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the Chromium of this machine."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


# The cases of the clinic are alike: the first of them stands for all, and test_work.py opens each.
PAGES = [path for path in notebooks() if not is_case(path) or path.name < "02"]


@pytest.fixture(scope="module", params=PAGES, ids=number_of)
def chapter(request: pytest.FixtureRequest, server: Server, browser: Browser) -> Iterator[Chapter]:
    """Open a chapter and run it, once for all tests of it."""
    page = browser.new_page(viewport=SIZE)
    page.set_default_timeout(WAIT * 1000)
    one = Chapter(request.param, page, server)
    if server.started and request.param == notebooks()[0]:
        seconds = one.drawn - server.started
        with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            print(f"\n{request.param.stem}: drawn {seconds:.1f} s after the server's start")
    one.run()
    yield one
    one.close()
