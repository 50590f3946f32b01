"""The Chromium of this machine."""

import os
import shutil

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ("--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync")  # fmt: skip


def launch(playwright: Playwright) -> Browser:
    """Start it."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    assert program, "Chromium is missing. On Debian: apt install chromium fonts-dejavu-core"
    sandbox = [] if os.geteuid() else ["--no-sandbox"]  # Chromium refuses to make a sandbox as root
    return playwright.chromium.launch(executable_path=program, args=[*QUIET, *sandbox])
