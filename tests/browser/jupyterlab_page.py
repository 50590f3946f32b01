"""A server, and a chapter opened on its desk in JupyterLab: what the tests of the browser look at."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page

from tools.notebooks import name_of

SIZE = {"width": 1280, "height": 900}
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
WAIT, RUN = 60, 300  # seconds: for JupyterLab to do something, and for a chapter to run


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


class Chapter:
    """A chapter in JupyterLab, opened and run."""

    def __init__(self, path: Path, page: Page, server: Server) -> None:
        self.path, self.page = path, page
        self.asked_elsewhere: list[str] = []
        page.on("request", lambda request: self._note(request.url, server.host))
        # Without a listener Chromium opens a dialog of its own, and playwright notices a new one too late now and then.
        page.on("filechooser", lambda _: None)
        page.goto(server.url(f"lab/tree/desk/{name_of(path)}") + "&reset")
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

    def show_all(self, width: int = SIZE["width"]) -> None:
        """Make the window so high that the whole chapter is in it: JupyterLab draws only what it thinks is seen."""
        cells = self.page.locator(f"{PANEL} .jp-WindowedPanel-viewport")
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.scrollToItem(0)")
        height = 0
        while height != (height := int(cells.evaluate("cells => cells.getBoundingClientRect().bottom")) + 60):
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.wait_for_timeout(1000)  # cells that come into view take their place

    def set_theme(self, theme: str) -> None:
        """Show JupyterLab in another of its themes."""
        self.page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        self.page.locator(f"body[data-jp-theme-name='{theme}']").wait_for(state="attached")
        self.page.wait_for_timeout(500)  # its colours are a style sheet that is fetched

    def close(self) -> None:
        """Stop the kernel, and leave without saving."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        self.page.close(run_before_unload=False)
