"""The website as a reader meets it: each page is opened in Chromium, under a path, with no other host to ask."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from tools import site

pytestmark = pytest.mark.site
UNDER = "wheel-lab"  # a project's pages lie below its name
KINDS = ("index.html", "04_find_what_it_needs.html", "findings/index.html", "findings/I101.html", "refused.html",
         "search.html")  # fmt: skip
WIDTHS = (1280, 768, 390)  # pixels


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing about it."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Make the site, serve it on loopback, and return its address."""
    site.main()
    root = tmp_path_factory.mktemp("served")
    (root / UNDER).symlink_to(site.SITE)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=root)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/{UNDER}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def visit(address, browser):
    """Open a page by its name, and note what goes wrong on it."""
    pages = []

    def open_page(name: str, width: int = WIDTHS[0], scheme: str = "light"):
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        pages.append(page)
        page.wrong = []
        host = urlsplit(address).netloc
        page.on("request", lambda one: urlsplit(one.url).netloc in (host, "") or page.wrong.append(one.url))
        page.on("console", lambda one: page.wrong.append(one.text) if refusal(one.text) else None)
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.goto(address + name)
        page.wait_for_load_state("networkidle")
        return page

    yield open_page
    for page in pages:
        page.close()


def refusal(text: str) -> bool:
    """Tell a message of the browser that says what the page's policy did not allow."""
    return "Content Security Policy" in text or "Refused to" in text


def names() -> list[str]:
    """Return the pages that Sphinx made; the others are seen by test_check_page.py."""
    pages = (page.relative_to(site.SITE).as_posix() for page in sorted(site.SITE.glob("**/*.html")))
    return [one for one in pages if not one.startswith("check/")]


def test_every_page_opens_and_asks_nobody_else(visit):
    assert len(names()) > 50
    for name in names():
        page = visit(name)
        assert page.wrong == [], name
        assert page.locator(".bd-article h1").count() == 1, name
        assert page.evaluate("document.querySelector('meta[http-equiv=Content-Security-Policy]') !== null"), name
        page.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", KINDS)
def test_a_page_of_each_kind(visit, name, scheme, width):
    page = visit(name, width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page is wider than its window"
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    folder = Path(site.ROOT, ".lab", "screenshots", "site")
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name.replace('/', ' ').removesuffix('.html')} {scheme} {width}.png")


def test_the_policy_holds(visit):
    page = visit("index.html")
    page.evaluate("fetch('http://127.0.0.1:9/').catch(() => {})")
    page.wait_for_timeout(200)
    assert any(refusal(text) for text in page.wrong), page.wrong


def test_searching_for_a_message_finds_its_page(visit):
    page = visit("search.html?q=trailing+data")
    page.locator("#search-results a").get_by_text("I102 trailing-data").wait_for()
