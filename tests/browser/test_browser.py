"""A learner's browser: each chapter is opened on the desk in JupyterLab, run from the menu, and used by keyboard.

``make test-browser`` runs this with the Chromium of the machine, and leaves a picture of each chapter under
``.lab/screenshots`` (or ``$WHEEL_LAB_SCREENSHOTS``). It starts a server of its own on a copy of the lab. To test one
that runs elsewhere, such as in a container, name its address with the token in ``WHEEL_LAB_SERVER``, and in
``WHEEL_LAB_SERVER_STARTED`` when it was started, in seconds since 1970. That server has to be started with
``--LabApp.expose_app_in_browser=True``, because only the page itself knows when it is ready.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tools.notebooks import code_cells, copy_lab, notebooks, read_notebook, tags
from wheel_lab.lab import desk
from wheel_lab.lab.paths import STORE

pytestmark = pytest.mark.browser

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ("--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync")  # fmt: skip
SIZE = {"width": 1280, "height": 900}
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
OUTPUT = f"{PANEL} .jp-OutputArea-output"
WIDGET = "application/vnd.jupyter.widget-view+json"
# A closed list is opened first: JupyterLab takes the plain arrow keys for itself.
KEYS = {"text": ("End", "x"), "select-one": ("Alt+ArrowDown", "ArrowDown", "Enter"), "range": ("ArrowRight",)}
WAIT, RUN = 60, 300  # seconds: for JupyterLab to do something, and for a chapter to run


# --- the server ------------------------------------------------------------------------------------------------------


class Server:
    """An address, its token, and when it was started (seconds since 1970), if that is known."""

    def __init__(self, address: str, started: float | None = None) -> None:
        parts = urlsplit(address)
        self.token = parse_qs(parts.query)["token"][0]
        self.base = f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")
        self.host = parts.hostname
        self.started = started

    def url(self, path: str) -> str:
        return f"{self.base}/{path}?token={self.token}"

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url("api/status"), timeout=WAIT) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError):
            return False

    def awaited(self, alive: Callable[[], bool] = lambda: True) -> "Server":
        """Return this server once it answers, or fail when it is no longer alive or takes too long."""
        end = time.time() + WAIT
        while not self.answers():
            assert alive(), f"{self.base} has ended"
            assert time.time() < end, f"{self.base} does not answer with this token"
            time.sleep(0.1)
        return self


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


# --- the browser -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the Chromium of this machine."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    assert program, "Chromium is missing. On Debian: apt install chromium fonts-dejavu-core"
    sandbox = [] if os.geteuid() else ["--no-sandbox"]  # Chromium refuses to make a sandbox as root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*QUIET, *sandbox])
        yield browser
        browser.close()


class Chapter:
    """A chapter in JupyterLab, opened and run."""

    def __init__(self, path: Path, page: Page, server: Server) -> None:
        self.path, self.page = path, page
        self.asked_elsewhere: list[str] = []
        page.on("request", lambda request: self._note(request.url, server.host))
        page.goto(server.url(f"lab/tree/desk/{path.name}") + "&reset")
        page.locator("#jupyterlab-splash").wait_for(state="detached")
        page.locator(f"{PANEL} .jp-Notebook .jp-CodeCell").first.wait_for()
        self.drawn = time.time()
        # The indicator of the kernel says "idle" before there is a connection, and a run chosen then is lost.
        assert page.evaluate("'jupyterapp' in window"), "start the server with --LabApp.expose_app_in_browser=True"
        page.evaluate("""async () => {
            const panel = window.jupyterapp.shell.currentWidget;
            await panel.context.ready;
            await panel.sessionContext.ready;
            const kernel = panel.sessionContext.session.kernel;
            await kernel.info;
            while (kernel.connectionStatus !== 'connected') await new Promise(done => setTimeout(done, 50));
        }""")

    def _note(self, url: str, host: str | None) -> None:
        if urlsplit(url).scheme in ("http", "https", "ws", "wss") and urlsplit(url).hostname != host:
            self.asked_elsewhere.append(url)

    def choose(self, menu: str, item: str) -> None:
        """Choose from a menu as a learner does."""
        self.page.locator("#jp-MainMenu").get_by_text(menu, exact=True).click()
        self.page.locator(".lm-Menu-itemLabel").get_by_text(item, exact=True).click()

    def run(self) -> None:
        """Run all cells, and wait for the last one, or for an error."""
        assert not any(cell["outputs"] or cell["count"] for cell in self.cells()), "the desk gives answers away"
        self.choose("Run", "Run All Cells")
        self.page.wait_for_function(
            """() => {
                const panel = window.jupyterapp.shell.currentWidget;
                const cells = [...panel.content.model.cells].filter(cell => cell.type === 'code');
                const failed = cells.some(cell => cell.outputs.toJSON().some(one => one.output_type === 'error'));
                const idle = panel.sessionContext.session.kernel.status === 'idle';
                return idle && (failed || cells.every(cell => cell.executionCount !== null));
            }""",
            timeout=RUN * 1000,
        )

    def cells(self) -> list[dict]:
        """Return the code cells as the page has them: index among all cells, source, count, outputs and tags."""
        return self.page.evaluate("""() => {
            const cells = [...window.jupyterapp.shell.currentWidget.content.model.cells];
            return cells.map((cell, index) => [cell, index]).filter(([cell]) => cell.type === 'code').map(
                ([cell, index]) => ({index, source: cell.sharedModel.getSource(), count: cell.executionCount,
                    outputs: cell.outputs.toJSON(), tags: cell.getMetadata('tags') ?? []}));
        }""")

    def show(self, index: int) -> Locator:
        """Scroll to a cell, and return it."""
        self.page.evaluate("index => window.jupyterapp.shell.currentWidget.content.scrollToItem(index)", index)
        cell = self.page.locator(f"{PANEL} .jp-Cell[data-windowed-list-index='{index}']")
        cell.wait_for()
        return cell

    def show_all(self) -> None:
        """Make the window so high that the whole chapter is in it: JupyterLab draws only what it thinks is seen."""
        cells = self.page.locator(f"{PANEL} .jp-WindowedPanel-viewport")
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.scrollToItem(0)")
        height = 0
        while height != (height := int(cells.evaluate("cells => cells.getBoundingClientRect().bottom")) + 60):
            self.page.set_viewport_size({**SIZE, "height": height})
            self.page.wait_for_timeout(1000)  # cells that come into view take their place

    def close(self) -> None:
        """Stop the kernel, and leave without saving."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        self.page.close(run_before_unload=False)


@pytest.fixture(scope="module", params=notebooks(), ids=lambda path: path.stem)
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


# --- what is looked at -----------------------------------------------------------------------------------------------


def test_it_runs_to_the_end(chapter):
    cells = chapter.cells()
    for cell in cells:
        for output in cell["outputs"]:
            assert output["output_type"] != "error", f"{cell['source']}\n{output['ename']}: {output['evalue']}"
            assert output.get("name") != "stderr", f"{cell['source']}\n{output['text']}"
    assert [cell["count"] for cell in cells] == list(range(1, len(cells) + 1))
    handed_out = desk.handed_out(read_notebook(chapter.path))
    assert [cell["source"] for cell in cells] == [cell["source"] for cell in code_cells(handed_out)]
    printed = ["".join(output.get("text", "") for output in cell["outputs"]) for cell in cells]
    works = [
        text
        for cell, text in zip(cells, printed, strict=True)
        if "exercise" in cell["tags"] and "check." in cell["source"]
    ]
    assert all(text.strip().splitlines()[-1].startswith("not yet:") for text in works), works


def test_it_asks_nobody_else(chapter):
    assert chapter.asked_elsewhere == []
    # and not the learner whether to: the server would ask the network for news, and for a newer JupyterLab
    page = chapter.page
    assert page.evaluate("window.jupyterapp.hasPlugin('@jupyterlab/notebook-extension:tracker')")
    assert not page.evaluate("window.jupyterapp.hasPlugin('@jupyterlab/apputils-extension:announcements')")


def test_every_control_is_moved_by_keyboard(chapter):
    shown = [cell for cell in chapter.cells() if any(WIDGET in output.get("data", {}) for output in cell["outputs"])]
    expected = [cell.source for cell in read_notebook(chapter.path).cells if "widget" in tags(cell)]
    assert [cell["source"] for cell in shown] == expected
    for cell in shown:
        widget = chapter.show(cell["index"]).locator(".jp-OutputArea-output .jupyter-widgets").first
        expect(widget).to_be_visible()
        answer = widget.locator(".widget-html-content").last
        controls = widget.locator("input, select")
        assert controls.count() > 0
        for number in range(controls.count()):
            control = controls.nth(number)
            assert control.evaluate("one => one.labels.length") == 1
            before = answer.inner_html()
            control.focus()
            for key in KEYS[control.evaluate("one => one.type")]:
                chapter.page.keyboard.press(key)
            expect(control).to_be_focused()  # and JupyterLab has not taken the key for itself
            expect(answer).not_to_have_js_property("innerHTML", before)
            expect(answer).not_to_be_empty()


def test_a_slider_answers_while_it_is_dragged_and_fits_on_one_screen_with_its_picture(chapter):
    page = chapter.page
    for cell in chapter.cells():
        if "widget" not in cell["tags"]:
            continue
        output = chapter.show(cell["index"]).locator(".jp-OutputArea-output")
        slider, picture = output.locator("input[type=range]"), output.locator("img").first
        if slider.count() == 0:
            continue
        page.set_viewport_size({"width": 1366, "height": 768})
        slider.evaluate("one => one.scrollIntoView({block: 'start'})")
        top, bottom = slider.bounding_box()["y"], picture.evaluate("one => one.getBoundingClientRect().bottom")
        view = page.locator(f"{PANEL} .jp-WindowedPanel-outer").bounding_box()
        assert bottom - top < view["height"]
        box = slider.bounding_box()
        page.mouse.move(box["x"] + 2, box["y"] + box["height"] / 2)
        page.mouse.down()  # and never up: what follows comes while the slider is held
        expect(slider).to_have_js_property("value", "0")
        for part in (0.3, 0.8):
            before = picture.get_attribute("alt")
            page.mouse.move(box["x"] + box["width"] * part, box["y"] + box["height"] / 2)
            expect(picture).not_to_have_attribute("alt", before)
        page.mouse.up()
        page.set_viewport_size(SIZE)


def test_outputs_are_accessible(chapter):
    chapter.show_all()
    # The page of JupyterLab has no height and hides what overflows: axe-core takes all of its text for unseen.
    chapter.page.add_style_tag(content="body { overflow: visible !important }")
    found = Axe().run(chapter.page, context=[OUTPUT])
    assert "color-contrast" in [rule["id"] for rule in found.response["passes"]], "no text was looked at"
    assert found.violations_count == 0, found.generate_report()


def test_a_picture_of_it_is_kept(chapter):
    chapter.show_all()
    folder = Path(os.environ.get("WHEEL_LAB_SCREENSHOTS", STORE / "screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{chapter.path.stem}.png"
    chapter.page.screenshot(path=file)
    assert file.stat().st_size > 50_000
