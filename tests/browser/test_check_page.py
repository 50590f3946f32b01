"""The page "Check a wheel": the doctor in a browser says what the command says, and nothing leaves the machine."""

import gzip
import random
import shutil
import socketserver
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from checking import Checking, Served, by_command, hostile, wait_until, wheels

from tools import checkpage
from wheel_lab.doctor import RULES
from wheel_lab.lab.paths import ROOT

pytestmark = pytest.mark.site
WIDTHS = (1280, 720, 390)  # pixels
FOCUSED = (
    "(one => one === document.body ? '' : one.id || one.ariaLabel || one.textContent.trim())(document.activeElement)"
)
HANG = "setTimeout(() => { for (;;); }, 0)"
CAPPED = """async () => {
    const header = [0, 97, 115, 109, 1, 0, 0, 0], section = [5, 3, 1, 0, 1],
        name = [6, ...new TextEncoder().encode("memory")];
    const code = new Uint8Array([...header, ...section, 7, 10, 1, ...name, 2, 0]);
    const response = new Response(code, { headers: { "content-type": "application/wasm" } });
    const { memory } = (await WebAssembly.instantiateStreaming(response)).instance.exports;
    memory.grow(1000);
    try { memory.grow(16384); } catch (error) { return error.name; }
}"""
# Every way to send something that the page's script, or its worker, could try.
WAYS = """async address => {
    const tried = [], add = (tag, more) => document.body.appendChild(Object.assign(document.createElement(tag), more));
    const go = (name, act) => tried.push(Promise.resolve().then(act).then(() => name, () => name));
    go("fetch", () => fetch(address, { method: "POST", body: "x", mode: "no-cors" }));
    go("import", () => import(address));
    go("WebSocket", () => { new WebSocket(address.replace("http", "ws")); });
    go("EventSource", () => { new EventSource(address); });
    go("XMLHttpRequest", () => { const one = new XMLHttpRequest(); one.open("POST", address); one.send("x"); });
    if (self.document) {
        go("beacon", () => navigator.sendBeacon(address, "x"));
        go("image", () => { new Image().src = address; });
        go("form", () => add("form", { action: address, method: "post", target: "_blank" }).submit());
        go("frame", () => add("iframe", { src: address }));
        go("style", () => add("link", { rel: "stylesheet", href: address }));
    }
    await Promise.all(tried);
    await new Promise(resolve => setTimeout(resolve, 500));
}"""


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "check"
    checkpage.make(folder)
    return folder


@pytest.fixture
def served(made, tmp_path) -> Iterator[Served]:
    server = Served(tmp_path / "served", made)
    yield server
    server.stop()


@pytest.fixture
def context(browser):
    context = browser.new_context(accept_downloads=True, permissions=["clipboard-read", "clipboard-write"])
    yield context
    context.close()


@pytest.fixture
def checking(context, served) -> Checking:
    return Checking(context.new_page(), served.address).ready()


@pytest.fixture
def sample(made) -> Path:
    (wheel,) = made.glob("*/*.whl")
    return wheel


# --- the same as the command ---


def test_the_page_says_what_the_command_says(checking, tmp_path, compile_c):
    files = list(wheels(tmp_path, compile_c))
    document, sentences = by_command(files)
    assert len(document["wheels"]) > 90
    codes = {one["code"] for wheel in document["wheels"] for one in wheel["findings"]}
    assert len(codes) > 0.8 * len(RULES)
    checking.give(*files)
    checking.idle()
    assert checking.saved("Download all as JSON") == document
    assert checking.page.locator(".refused").all_inner_texts() == [f"{one}." for one in sentences]
    assert checking.wrong == []


def test_hostile_files_end_in_a_report_or_in_a_sentence_and_the_page_lives_on(checking, tmp_path, sample):
    files = list(hostile(tmp_path))
    assert len(files) > 40
    document, sentences = by_command(files)
    checking.give(*files, sample)
    checking.idle()
    found = checking.saved("Download all as JSON")
    assert found["wheels"].pop()["file"] == sample.name
    assert found == document
    assert checking.page.locator(".refused").all_inner_texts() == [f"{one}." for one in sentences]
    assert checking.page.locator(".file").count() == len(files) + 1


def test_a_file_that_is_too_large_to_be_read_as_a_whole(checking, make_wheel):
    """Two of them, and a small one: of each way that the worker has, nothing stays that another file meets."""
    large, small = (
        make_wheel({"tiny/data.bin": random.Random(1).randbytes(65 << 20)}),
        make_wheel(name="small-1.0-py3-none-any.whl"),
    )
    document, _ = by_command([large, small, large])
    checking.give(large, small, large)
    checking.idle()
    assert large.stat().st_size > 64 << 20 > small.stat().st_size
    assert checking.saved("Download all as JSON") == document
    assert checking.page.locator("figure img").count() == 3


def test_a_file_that_keeps_the_worker_or_brings_it_down_costs_this_file_alone(context, served, sample):
    page = context.new_page()
    page.clock.install()
    checking = Checking(page, served.address).ready()
    checking.page.workers[0].evaluate(HANG)
    checking.give(sample, sample)
    page.locator(".file[aria-busy]").wait_for()
    page.clock.fast_forward(76_000)
    page.locator(".refused").wait_for()
    checking.idle()
    first, second = checking.sections()
    assert "given up, because nothing was heard for 75 seconds" in first
    assert "M106" in second
    # The one that hung may still be on its way out; the newest is the one at work, and has to answer before it dies.
    with page.expect_event("worker"):
        page.workers[-1].evaluate("setTimeout(() => { throw new Error('gone') }, 300)")
    checking.ready().give(sample)
    checking.idle()
    assert "M106" in checking.sections()[2]


def test_a_browser_that_cannot_begin_in_the_middle_begins_at_the_beginning(context, served):
    page = context.new_page()
    page.route("**/doctor.snapshot", lambda route: route.fulfill(body=gzip.compress(bytes(64))))
    checking = Checking(page, served.address).ready()
    page.get_by_role("button", name="sample").click()
    page.get_by_text("error M106").wait_for()
    checking.idle()


def test_a_page_whose_python_does_not_come_says_so(context, served):
    page = context.new_page()
    page.route("**/pyodide.asm.wasm", lambda route: route.abort())
    Checking(page, served.address)
    page.get_by_text("Python does not start here").wait_for()
    assert page.get_by_role("button", name="Stop").is_hidden()


def test_python_may_take_a_gibibyte(checking):
    assert checking.page.workers[0].evaluate(CAPPED) == "RangeError"


# --- nothing leaves ---


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[bytes]]]:
    """Listen on another port, and note all that is sent there.

    For a form and a frame Chromium opens a connection before it asks the policy, and sends nothing over it.
    """
    heard: list[bytes] = []

    class Listener(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            if data := self.request.recv(1000):
                heard.append(data)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Listener) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/", heard
        server.shutdown()


@pytest.mark.parametrize("where", ["page", "worker"])
def test_nothing_can_be_sent_elsewhere(checking, elsewhere, where):
    address, heard = elsewhere
    target = checking.page if where == "page" else checking.page.workers[0]
    target.evaluate(WAYS, address)
    assert heard == []


@pytest.mark.parametrize("where", ["page", "worker"])
def test_without_the_policy_something_would(browser, served, elsewhere, where):
    address, heard = elsewhere
    with browser.new_context(bypass_csp=True) as context:
        checking = Checking(context.new_page(), served.address).ready()
        (checking.page if where == "page" else checking.page.workers[0]).evaluate(WAYS, address)
        wait_until(lambda: heard, checking.page)


# --- what the reader does ---


def test_the_sample_its_pictures_and_its_copies(checking):
    page = checking.page
    page.get_by_role("button", name="sample").click()
    page.locator(".file").wait_for()
    checking.idle()
    (section,) = checking.sections()
    assert "will it import: no" in section
    assert "error M106" in section
    pictures = page.locator("figure img")
    assert pictures.count() == 2
    assert all(len(pictures.nth(number).get_attribute("alt")) > 50 for number in range(2))
    assert pictures.first.evaluate("one => one.complete && one.naturalWidth > 100")
    assert page.locator(".finding a").first.get_attribute("href") == "../findings/M106.html"
    page.get_by_role("button", name="Copy as text").click()
    page.get_by_text("on the clipboard").wait_for()
    assert "error M106 library-not-found" in page.evaluate("navigator.clipboard.readText()")
    (wheel,) = checking.saved("Download JSON")["wheels"]
    assert wheel["verdicts"]["import"] == "no"
    assert checking.wrong == []


def test_stop_ends_the_file_and_those_that_wait(checking, specimen, sample):
    numpy = specimen("musllinux")
    checking.give(*[numpy] * 6)
    checking.page.get_by_role("button", name="Stop").click()
    assert ": stopped." in checking.sections()[-1]
    assert checking.page.evaluate("document.activeElement.id") == "files"
    checking.ready().give(sample)
    checking.idle()
    assert "M106" in checking.sections()[-1]
    wait_until(lambda: len(checking.page.workers) == 1, checking.page)  # a worker that is ended takes a moment to go


def test_files_can_be_dropped_before_python_is_there(context, served, sample):
    page = context.new_page()
    checking = Checking(page, served.address)
    data = page.evaluate_handle(
        "bytes => { const all = new DataTransfer(); for (const name of ['a-1-py3-none-any.whl', 'notes.txt'])"
        " all.items.add(new File([new Uint8Array(bytes)], name)); return all; }",
        list(sample.read_bytes()),
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": data})
    checking.ready().idle()
    first, second = checking.sections()
    assert "will the index take it: no" in first
    assert "notes.txt is neither a wheel (.whl) nor a source distribution" in second


def test_all_of_it_by_keyboard(checking, sample):
    page = checking.page

    def go_to(words: str) -> None:
        for _ in range(30):
            page.keyboard.press("Tab")
            if words in page.evaluate(FOCUSED):
                return
        raise AssertionError(f"{words} is not reached by the Tab key")

    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "Skip to the page"
    go_to("files")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(sample)
    page.locator(".buttons button").nth(3).wait_for()
    checking.idle()
    assert "1 error, 1 note" in checking.status()
    go_to("M106")
    go_to("Copy as text")
    page.keyboard.press("Enter")
    page.get_by_text("on the clipboard").wait_for()
    go_to("What is in it")  # a picture, which is wider than a phone and is scrolled by keyboard
    go_to("theme")
    before = page.locator("html").get_attribute("data-theme")
    page.keyboard.press("Space")
    assert page.locator("html").get_attribute("data-theme") != before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_at_any_width(browser, served, made, scheme, tmp_path):
    with browser.new_context(color_scheme=scheme) as context:
        checking = Checking(context.new_page(), served.address).ready()
        text = tmp_path / "text-1.0-py3-none-any.whl"
        text.write_text("hello")
        checking.give(next(made.glob("*/*.whl")), text)
        checking.idle()
        pictures = ROOT / ".lab/screenshots/site"
        pictures.mkdir(parents=True, exist_ok=True)
        for name in ("", "licences.html"):
            if name:
                checking.page.goto(served.address + name)
            for width in WIDTHS:
                checking.page.set_viewport_size({"width": width, "height": 900})
                assert checking.page.evaluate("document.documentElement.scrollWidth") <= width
                found = Axe().run(checking.page)
                assert found.violations_count == 0, found.generate_report()
                title = f"check {name or 'index.html'}".removesuffix(".html")
                checking.page.screenshot(path=pictures / f"{title} {scheme} {width}.png", full_page=not name)


# --- without a network, and with a new version ---


def test_after_the_first_visit_it_works_without_a_network(context, served, checking):
    checking.kept().page.close()
    served.stop()
    again = Checking(context.new_page(), served.address).ready()
    again.page.get_by_role("button", name="sample").click()
    again.page.get_by_text("error M106").wait_for()
    again.page.goto(served.address + "licences.html")
    again.page.get_by_text("Pyodide 314").wait_for()
    served.start()


def test_a_new_version_replaces_the_old_one_at_the_next_visit(context, served, checking, made, tmp_path):
    version = "0123456789ab"
    (old,) = checking.kept().versions()
    checking.page.close()
    newer = tmp_path / "newer"
    (folder,) = (one for one in made.iterdir() if one.is_dir())
    shutil.copytree(folder, newer / version)
    checkpage.fill(newer, version)
    served.serve(newer)
    again = Checking(context.new_page(), served.address).ready()
    assert again.page.locator("html").get_attribute("data-version") == version
    new = f"check-a-wheel {version}"
    assert old != new
    wait_until(lambda: again.versions() == [new], again.page)  # it is fetched in the background
    again.page.close()
    served.stop()
    last = Checking(context.new_page(), served.address).ready()
    assert last.page.locator("html").get_attribute("data-version") == version
    served.start()


def test_what_is_served_is_licensed_and_tells_nothing_of_the_machine(made):
    page = (made / "licences.html").read_text()
    for name in ("Pyodide", "Python and its standard library", "auditwheel", "packaging", "pefile", "pyelftools",
                 "macholib", "altgraph", "abi3info", "installer", "docutils", "Wheel Lab"):  # fmt: skip
        assert f"<h2>{name} " in page
    assert page.count('<pre class="licence">') > 11
    assert "Mozilla Public License Version 2.0" in page
    whole = b"".join(unpacked(file) for file in made.rglob("*") if file.is_file())
    assert len(whole) > 50e6
    for place in (str(ROOT), "wheel-lab-page-", str(Path(sys.executable).parent)):
        assert place.encode() not in whole


def unpacked(file: Path) -> bytes:
    data = file.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
