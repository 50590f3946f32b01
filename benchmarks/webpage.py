"""How fast "Check a wheel" is: the page in Chromium, served on loopback, and its doctor beside the command.

The example's wheel and NumPy's are examined turn by turn by the command and by the page; each round begins with a
browser that has seen nothing, whose second visit is the one from a warm cache.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from chain import STEPS, seconds, table_set
from doctor import DOCTOR, timed
from playwright.sync_api import sync_playwright

from tools import checkpage, pyodide
from wheel_lab.lab.paths import ROOT, SPECIMENS

sys.path.append(str(ROOT / "tests/browser"))
from checking import Checking, Served
from chromium import launch

__all__ = ["measure"]

REHEARSAL = 3  # seconds in which a reader chooses a file, and the page's Python gets into its stride
AGAIN = 3  # times that one visit examines NumPy's wheel: a browser compiles what is run often
# The page's own clock, in seconds from the choice of a file until its report is drawn, and until its pictures are.
# Playwright is no clock: it looks whether something is there after 20, 70, 170, 270, 770 milliseconds, and so on.
WATCH = """() => {
    const reports = () => document.querySelectorAll(".wheel-lab-report").length, before = reports();
    const drawn = act => requestAnimationFrame(() => setTimeout(act)); // when the next frame is made
    const passed = () => (performance.now() - start) / 1000;
    let start, seen = false, report;
    document.getElementById("files").addEventListener("change", () => start = performance.now(), { capture: true });
    self.took = new Promise(resolve => new MutationObserver((_, observer) => {
        if (reports() > before && !seen) {
            seen = true;
            drawn(() => report = passed());
        }
        if (seen && !document.querySelector(".file[aria-busy]")) {
            observer.disconnect();
            drawn(() => resolve([report, passed()]));
        }
    }).observe(document.getElementById("results"), { childList: true, subtree: true, attributes: true }));
}"""


def measure(rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure all; `rounds` is how many browsers are started afresh."""
    pyodide.fetch()
    took: dict[str, list[float]] = {}
    load = round(os.getloadavg()[0], 1)
    with tempfile.TemporaryDirectory() as scratch, table_set() as (run, folder, env):
        for step in ("build", "repair"):
            seconds(step, STEPS[step], run, folder, env, in_cell=False)
        (example,) = folder.glob("repaired/*.whl")
        (numpy,) = SPECIMENS.glob("numpy-2*manylinux*_x86_64.whl")
        made = Path(scratch, "made")
        checkpage.make(made)
        served = Served(Path(scratch, "served"), made)
        try:
            for number in range(rounds):
                say(f"  round {number + 1} of {rounds}")
                for name, value in one_round(served, example, numpy):
                    took.setdefault(name, []).append(value)
        finally:
            served.stop()
    return {
        "date": date.today().isoformat(),
        "load": load,
        **{name: {"minimum": min(all_), "median": statistics.median(all_)} for name, all_ in took.items()},
    }


def one_round(served: Served, example: Path, numpy: Path) -> list[tuple[str, float]]:
    """Start a browser, visit twice, examine, and return (what, seconds) of each."""
    found: list[tuple[str, float]] = []
    with sync_playwright() as playwright, launch(playwright) as browser:
        context = browser.new_context()
        found.append(("cold", opened(Checking(context.new_page(), served.address).kept())))
        time.sleep(REHEARSAL)
        context.pages[0].close()
        page = Checking(context.new_page(), served.address)
        found.append(("warm", opened(page)))
        time.sleep(REHEARSAL)
        for name, wheel, times in (("example", example, 1), ("numpy", numpy, AGAIN)):
            for number in range(times):
                found.append((f"{name}, command", timed([*DOCTOR, str(wheel)])[0]))
                report, pictures = examined(page, wheel)
                found += [(f"{name}, page", report), (f"{name}, page, pictures", pictures)]
                if not number:
                    found.append((f"{name}, page, first", report))
        page.page.close()
        hasty = Checking(context.new_page(), served.address).ready()
        found.append(("example, page, at once", examined(hasty, example)[0]))
    return found


def opened(page: Checking) -> float:
    """Return the seconds from the page's opening until it is ready."""
    return int(page.ready().page.locator("html").get_attribute("data-ready") or 0) / 1000


def examined(page: Checking, wheel: Path) -> tuple[float, float]:
    """Return the seconds from the choice of a file until its report is drawn, and until its pictures are."""
    page.page.evaluate(WATCH)
    page.give(wheel)
    report, pictures = page.page.evaluate("self.took")
    page.idle()
    return report, pictures
