"""What the tests of "Check a wheel" need: a server that can be stopped, the wheels, and the page with its worker."""

import importlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from playwright.sync_api import Page

from wheel_lab.lab.paths import ROOT, SPECIMENS

UNDER = "wheel-lab/check"  # the site lies below its project's name
WAIT = 120_000  # milliseconds; the machine may be busy


def wait_until(holds: Callable[[], object], page: Page) -> None:
    """Wait until `holds` returns something true, while the browser's events still reach the test.

    Raises
    ------
    TimeoutError
        It has not done so after `WAIT` milliseconds.
    """
    deadline = time.monotonic() + WAIT / 1000
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"this does not hold after {WAIT / 1000:.0f} s")
        page.wait_for_timeout(100)


class Handler(SimpleHTTPRequestHandler):
    """Serves files as a web server does, and says nothing about it."""

    extensions_map: ClassVar = {
        **SimpleHTTPRequestHandler.extensions_map,
        ".wasm": "application/wasm",
        ".mjs": "text/javascript",
    }

    def log_message(self, *_: object) -> None:
        pass


class Served:
    """A folder as a website, at the same port also after it was away."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._handler = partial(Handler, directory=root)
        self._link = root / UNDER
        self._link.parent.mkdir(parents=True)
        self._link.symlink_to(folder)
        self.port = 0
        self.start()

    def start(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve(self, folder: Path) -> None:
        """Serve another folder from now on."""
        self._link.unlink()
        self._link.symlink_to(folder)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/{UNDER}/"


class Checking:
    """The page, opened."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.wrong: list[str] = []
        page.set_default_timeout(WAIT)
        # Without a listener Chromium opens a dialog of its own, and playwright notices a new one too late now and then.
        page.on("filechooser", lambda _: None)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda one: self.wrong.append(one.text) if one.type in ("error", "warning") else None)
        page.on("request", lambda one: one.url.startswith((address, "blob:", "data:")) or self.wrong.append(one.url))
        page.goto(address)

    def ready(self) -> "Checking":
        self.page.locator("html[data-ready]").wait_for(state="attached")
        return self

    def give(self, *files: Path) -> None:
        self.page.set_input_files("#files", files)

    def idle(self) -> "Checking":
        """Wait until no file is examined, and none waits."""
        self.page.locator("#stop").wait_for(state="hidden")
        return self

    def kept(self) -> "Checking":
        """Wait until the page is kept for a time without a network."""
        self.page.locator("html[data-kept]").wait_for(state="attached")
        return self

    def versions(self) -> list[str]:
        """Return which versions of the page are kept."""
        return self.page.evaluate("caches.keys()")

    def sections(self) -> list[str]:
        return self.page.locator(".file").all_inner_texts()

    def status(self) -> str:
        return self.page.locator("#status").inner_text()

    def saved(self, button: str) -> dict:
        with self.page.expect_download() as download:
            self.page.get_by_role("button", name=button).click()
        return json.loads(Path(download.value.path()).read_text(encoding="utf-8"))


def by_command(files: list[Path]) -> tuple[dict, list[str]]:
    """Return what ``wheel-lab doctor`` says of files: its document, and the sentences about those without a report."""
    command = [sys.executable, "-m", "wheel_lab", "doctor", "--json", "--time", "0", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    sentences = [line.removeprefix("wheel-lab: ").rpartition("/")[2] for line in done.stderr.splitlines()]
    return json.loads(done.stdout), sentences


def wheels(folder: Path, compile_c: Callable[..., Path]) -> Iterator[Path]:
    """Build a broken wheel for each rule of the doctor, and good ones beside; and find the real ones."""
    shop = importlib.import_module("import_cases").Workshop
    for name in ("cases", "promise_cases", "python_cases", "bill_cases", "foreign_cases", "import_cases", "test_sdist"):
        module = importlib.import_module(name)
        making = {"promise_cases": "promise_making", "python_cases": "promise_making", "bill_cases": "cases"}
        built = getattr(module, "built", getattr(importlib.import_module(making.get(name, name)), "built", None))
        table = next(value for key, value in vars(module).items() if key.endswith("CASES"))
        for code, cases in table.items():
            for kind, defect in zip(("bad", "good"), cases[0][1:3], strict=True):
                if kind == "good" and not code.endswith("1"):
                    continue  # the good twins are much alike
                wheel = Path(defect(shop(folder, compile_c)) if callable(defect) else built(folder, defect))
                place = folder / f"{name} {code} {kind}"
                place.mkdir()
                yield wheel.rename(place / wheel.name)
    yield from sorted(SPECIMENS.glob("*.whl"))


def hostile(folder: Path) -> Iterator[Path]:
    """Build the files that are made to harm."""
    cases, making = importlib.import_module("test_hostile_doctor"), importlib.import_module("making")

    def place() -> Path:
        path = folder / str(len(list(folder.iterdir())))
        path.mkdir()
        return path

    for build, *_ in cases.ARCHIVES.values():
        yield build(place())
    yield cases.nested(place())
    for defect, _ in cases.FILES.values():
        more = dict(defect)
        yield making.make(place(), *more.pop("entries", ()), **more)
    for name, data in cases.BINARIES.items():
        suffix = ".cp312-win_amd64.pyd" if name[:2] == "PE" else cases.SUFFIX
        yield making.make(place(), cases.Entry(f"tiny/a{suffix}", data), name=cases.FOR_LINUX)
    for data in (b"", b"hello", b"PK\5\6" + bytes(18)):
        path = place() / "text-1.0-py3-none-any.whl"
        path.write_bytes(data)
        yield path
