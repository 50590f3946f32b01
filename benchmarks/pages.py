"""How fast the website is: when a chapter's first words stand in Chromium, served on loopback, and how large it is.

The browser has seen nothing before each visit.
"""

import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tools import site
from tools.notebooks import ROOT, notebooks

sys.path.append(str(ROOT / "tests/browser"))
from checking import Served
from chromium import launch

__all__ = ["measure"]

PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def measure(rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Make the site, and open each chapter `rounds` times; seconds and bytes."""
    say("  making the site")
    site.main()
    names = [f"{site.PAGES[one].removesuffix('.ipynb')}.html" for one in notebooks()]
    painted: dict[str, list[float]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright, launch(playwright) as browser:
        served = Served(Path(scratch, "served"), site.SITE)
        try:
            for _ in range(rounds):
                for name in names:
                    painted[name].append(_first_paint(browser, served.address + name))
        finally:
            served.stop()
    return {
        "painted": {name: {"minimum": min(all_), "median": statistics.median(all_)} for name, all_ in painted.items()},
        "largest page": max((site.SITE / name).stat().st_size for name in names),
        "site": sum(one.stat().st_size for one in site.SITE.rglob("*") if one.is_file()),
    }


def _first_paint(browser: Any, address: str) -> float:
    context = browser.new_context()
    page = context.new_page()
    page.goto(address, wait_until="load")
    page.wait_for_function(f"{PAINT} !== undefined")
    seconds = page.evaluate(PAINT) / 1000
    context.close()
    return float(seconds)
