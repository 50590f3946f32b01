"""The website as a reader meets it: made with no network, and opened in Chromium under a path, with no other host."""

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote_plus, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from checking import wait_until
from site_messages import PASTED

from tools import links, messages
from tools.site import ADDRESS, ROOT, SITE
from wheel_lab.doctor import RULES

pytestmark = pytest.mark.site
UNDER = urlsplit(ADDRESS).path.strip("/")  # a project's pages lie below its name
KINDS = ("index.html", "open.html", "04_find_what_it_needs.html", "findings/index.html", "findings/M101.html",
         "refused.html", "judges.html", "reference/wheel_lab.tags.html", "404.html")  # fmt: skip
WIDTHS = (1280, 720, 390)  # pixels
MB = 1_000_000
AXE = {"resultTypes": ["violations"], "preload": False}  # it would fetch the styles once more
PICTURES = Path(os.environ.get("WHEEL_LAB_SCREENSHOTS", ROOT / ".lab" / "screenshots"), "site")


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing about it; what is not there gets the site's own page, as on GitHub Pages."""

    def log_message(self, *_: object) -> None:
        pass

    def send_error(self, code: int, *_: object) -> None:
        page = (SITE / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)


def offline(*command: str) -> list[str]:
    """Return a command that runs where there is no network; without a namespace of its own, where a proxy is dead."""
    if os.geteuid() == 0 and shutil.which("unshare"):
        return ["unshare", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "offline", *command]
    return ["env", "http_proxy=http://127.0.0.1:9", "https_proxy=http://127.0.0.1:9", *command]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Make the site, unless WHEEL_LAB_SITE says that it is made; serve it on loopback, and return its address."""
    if os.environ.get("WHEEL_LAB_SITE") != "made":
        subprocess.run(offline(sys.executable, "-m", "tools.site"), cwd=ROOT, check=True)
    root = tmp_path_factory.mktemp("served")
    (root / UNDER).symlink_to(SITE)
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

    def open_page(name: str, width: int = WIDTHS[0], scheme: str = "light", page=None):
        if page is None:
            size = {"width": width, "height": 900}
            page = browser.new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
            pages.append(page)
            page.wrong = []
            host = urlsplit(address).netloc
            page.on("request", lambda one: urlsplit(one.url).netloc in (host, "") or page.wrong.append(one.url))
            page.on("requestfailed", lambda one: page.wrong.append(f"{one.url}: {one.failure}"))
            page.on("response", lambda one: one.status < 400 or page.wrong.append(f"{one.url}: {one.status}"))
            page.on("console", lambda one: page.wrong.append(one.text) if refusal(one.text) else None)
            page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.goto(address + name, wait_until="load")
        return page

    yield open_page
    for page in pages:
        page.close()


def refusal(text: str) -> bool:
    """Tell a message of the browser that says what the page's policy did not allow."""
    return "Content Security Policy" in text or "Refused to" in text


def names() -> list[str]:
    """Return the pages that Sphinx made; "Check a wheel" has tests of its own."""
    found = (page.relative_to(SITE).as_posix() for page in sorted(SITE.glob("**/*.html")))
    return [name for name in found if not name.startswith("check/")]


def test_every_page_opens_and_asks_nobody_else(visit):
    assert len(names()) > len(RULES)
    page = None
    for name in names():
        page = visit(name, width=WIDTHS[-1], page=page)
        assert page.wrong == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[-1], f"{name} is wider than a phone"
        assert page.evaluate("[...document.querySelectorAll('th')].every(one => one.textContent.trim())"), name
        assert page.locator(":is(.bd-article, .bd-search-container) h1").count() == 1, name
        assert page.evaluate("document.querySelector('meta[http-equiv=Content-Security-Policy]') !== null"), name
        for key in ("description", "og:description", "og:image") if name != "search.html" else ():
            assert page.evaluate(f'document.querySelector(\'meta[name="{key}"], meta[property="{key}"]\')?.content'), (
                name,
                key,
            )


def test_every_link_within_leads_somewhere(address):
    assert links.broken(SITE) == []


def test_a_broken_link_would_be_seen(address, tmp_path):
    page = tmp_path / "a.html"
    page.write_text('<p id="here"><a href="#here"></a><a href="#there"></a><img src="b.png"><a href="https://a/b"></a>')
    assert links.broken(tmp_path) == ["a.html: #there", "a.html: b.png"]
    assert links.elsewhere(tmp_path) == {"https://a/b": "a.html"}


def test_each_finding_has_its_page(address):
    for rule in RULES.values():
        text = (SITE / rule.link.removeprefix(ADDRESS)).read_text(encoding="utf-8")
        assert f"{rule.code} {rule.name}" in text
        assert "wheel-lab doctor" in text
        assert rule.reference in text
    listed = (SITE / "sitemap.xml").read_text(encoding="utf-8")
    assert all(rule.link in listed for rule in RULES.values())


def test_the_site_is_small(address):
    assert sum(one.stat().st_size for one in SITE.glob("**/*") if one.is_file()) < 60 * MB
    for page in SITE.glob("*.html"):
        loaded = re.findall(r'(?:src|href)="(_[^"?#]+\.(?:js|css|png|svg|woff2))', page.read_text(encoding="utf-8"))
        weight = sum((SITE / name).stat().st_size for name in {page.name, *loaded})
        assert weight < 1.5 * MB, page.name


def test_the_icons_that_a_page_shows_are_still_there(visit):
    page = visit("04_find_what_it_needs.html")
    drawn = page.locator("svg.svg-inline--fa")
    assert drawn.count() > 4
    assert page.locator("svg[data-fa-i2svg=missing], .fa-circle-exclamation").count() == 0
    assert all(len(one.get_attribute("d") or "") > 20 for one in drawn.locator("path").all())


def look(page, name: str, scheme: str) -> None:
    """Look at a page in each width: it is no wider than its window, and axe finds nothing."""
    for width in WIDTHS:
        if page.viewport_size["width"] != width:
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(500)  # by then the theme has found out what has to scroll
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is wider than {width} pixels"
        found = Axe().run(page, options=AXE)
        assert found.violations_count == 0, f"{name}, {width} pixels, {scheme}\n{found.generate_report()}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [*KINDS, "search.html?q=undefined+symbol:+beak"])
def test_a_page_of_each_kind(visit, name, scheme):
    page = visit(name, scheme=scheme)
    assert page.wrong == []
    look(page, name, scheme)
    PICTURES.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        stem = name.partition(".html")[0].replace("/", " ")
        page.wait_for_timeout(500)  # the list of pages slides aside
        page.screenshot(path=PICTURES / f"{stem} {scheme} {width}.png")


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_pages(visit, scheme):
    page = None
    for name in names():
        page = visit(name, scheme=scheme, page=page)
        look(page, name, scheme)


def test_the_policy_holds(visit):
    page = visit("index.html")
    page.evaluate("fetch('http://127.0.0.1:9/').catch(() => {})")
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}))")
    wait_until(lambda: sum(refusal(text) for text in page.wrong) >= 2, page)
    assert page.evaluate("window.ran") is None


def test_an_address_that_is_not_there_gets_a_page_with_its_style(visit, address):
    page = visit("findings/no/such/page.html")
    assert page.wrong == [f"{address}findings/no/such/page.html: 404"]
    assert page.locator(".bd-article h1").inner_text().startswith("There is no such page")
    page.get_by_role("link", name="Why was my file refused?").last.click()
    page.wait_for_url(f"{address}refused.html")


def suggested(page) -> list[str]:
    """Return where the site's search says that a message may belong, the likeliest first."""
    page.locator("#looks-like a").first.wait_for()
    return [link.get_attribute("href") for link in page.locator("#looks-like a").all()]


def test_a_message_with_names_of_ones_own_finds_its_page(visit):
    page, missed = None, []
    for text, place in PASTED:
        page = visit(f"search.html?q={quote_plus(text.replace(chr(10), ' '))}", page=page)  # a field has one line
        assert page.locator("#looks-like strong").inner_text() == "This looks like", text
        found = suggested(page)
        if not any(place in link for link in found):
            missed.append((text, found))
    assert missed == []


def test_each_known_message_finds_its_page_when_it_is_typed(visit):
    page = visit("findings/index.html")
    field = page.get_by_label("Your message")
    known = [(text, f"findings/{code}.html") for code in RULES for text in messages.by_code(code)]
    known += [(text, f"{one.page}.html#{one.anchor}") for one in messages.ASIDES for text in one.messages]
    assert len(known) > 100
    for text, place in known:
        field.fill(messages.plain(text))
        assert any(link.endswith(place) for link in suggested(page)), text


@pytest.mark.parametrize(("text", "says"), [
    ("the executable stack of my shared object is an argument that the loader cannot enable", "M301"),
    ("how do I tie my shoes", None),
    ("<img src=x onerror=alert(1)> undefined symbol: <b>", "M201"),
    ("undefined symbol: " * 5000, "M201"),
])  # fmt: skip
def test_other_words_get_a_guess_or_nothing(visit, text, says):
    page = visit("findings/index.html")
    page.get_by_label("Your message").fill(text)
    if says is None:
        assert page.locator("#looks-like").inner_text() == ""
    else:
        assert any(says in link for link in suggested(page))
    assert page.wrong == []


def test_the_theme_finds_words_as_well(visit):
    page = visit("search.html?q=trailing+data")
    page.locator("#search-results a").get_by_text("I102 trailing-data").wait_for()


def test_a_chapter_leads_to_the_lab(visit):
    page = visit("04_find_what_it_needs.html")
    places = [link.get_attribute("href") for link in page.locator(".dropdown-launch-buttons a").all()]
    binder, hub, container = places
    assert binder.endswith("/wheel-lab/wheel-lab/main?urlpath=lab/tree/desk/04_find_what_it_needs.ipynb")
    assert container == "open.html#in-a-dev-container"
    page = visit(hub, page=page)
    page.get_by_label("Your hub's address").fill("https://hub.example.org/")
    link = page.locator("#hub-link a").get_attribute("href")
    assert link.startswith(
        "https://hub.example.org/hub/user-redirect/git-pull?repo=https%3A%2F%2Fgithub.com%2Fwheel-lab"
    )
    assert link.endswith("branch=desk&urlpath=lab%2Ftree%2Fwheel-lab%2Fdesk%2F04_find_what_it_needs.ipynb")
    assert page.wrong == []


def test_shell_is_coloured_as_shell(address):
    text = (SITE / "04_find_what_it_needs.html").read_text(encoding="utf-8")
    assert '<span class="cp">%%bash' in text
    assert "highlight-ipython3" not in text
