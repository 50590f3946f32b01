"""The links of the made website: those within it must lead somewhere, and those to elsewhere are asked for.

``python -m tools.links`` (``make links``) asks each address once, and lists those that are gone.
"""

import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

from tools.site import ADDRESS, SITE

__all__ = ["broken", "elsewhere"]

GONE = (404, 410)
# These answer people only, or want a login: asking them tells nothing.
SILENT = ("codespaces.new", "mybinder.org")


class _Page(HTMLParser):
    """Collects the anchors of a page, and what it leads to or loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.targets: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for key, value in attrs:
            if value and (key == "id" or (tag == "a" and key == "name")):
                self.anchors.add(value)
            elif value and key in ("href", "src", "poster"):
                self.targets.append(value)


def _pages(site: Path) -> dict[Path, _Page]:
    return {path: _Page(path.read_text(encoding="utf-8")) for path in sorted(site.glob("**/*.html"))}


def broken(site: Path = SITE) -> list[str]:
    """Return the links within the site that lead nowhere, as ``page: link``."""
    pages = _pages(site)
    return [
        f"{path.relative_to(site)}: {target}"
        for path, page in pages.items()
        for target in page.targets
        if not _leads_somewhere(target, path, site, pages)
    ]


def _leads_somewhere(target: str, path: Path, site: Path, pages: dict[Path, _Page]) -> bool:
    """Tell whether there is what a link of the page at `path` names. What is outside of the site is not asked for."""
    base = urlsplit(ADDRESS).path
    parts = urlsplit(target.replace(ADDRESS, base, 1) if target.startswith(ADDRESS) else target)
    if parts.scheme or parts.netloc:
        return True
    if parts.path.startswith(base):
        place = site / unquote(parts.path.removeprefix(base))
    else:
        place = path.parent / unquote(parts.path) if parts.path else path
    place = place.resolve()
    place = place / "index.html" if place.is_dir() else place
    if place.suffix != ".html" or not parts.fragment:
        return place.is_file()
    return place in pages and unquote(parts.fragment) in pages[place].anchors


def elsewhere(site: Path = SITE) -> dict[str, str]:
    """Return the addresses outside of the site, each with one page that leads there."""
    found: dict[str, str] = {}
    for path, page in _pages(site).items():
        for target in page.targets:
            if target.startswith("http") and not target.startswith(ADDRESS):
                found.setdefault(urldefrag(target).url, path.relative_to(site).as_posix())
    return found


def _ask(address: str) -> str:
    """Return why an address is no good, or nothing."""
    request = urllib.request.Request(address, headers={"User-Agent": "Mozilla/5.0 (wheel-lab, checking its links)"})
    for _ in range(2):
        try:
            with urllib.request.urlopen(request, timeout=30):
                return ""
        except urllib.error.HTTPError as error:
            return str(error) if error.code in GONE else ""
        except OSError as error:
            reason = str(error)
    return reason


def _complaints() -> Iterator[str]:
    asked = {address: page for address, page in elsewhere().items() if urlsplit(address).hostname not in SILENT}
    with ThreadPoolExecutor(8) as pool:
        for (address, page), reason in zip(asked.items(), pool.map(_ask, asked), strict=True):
            if reason:
                yield f"{address} (on {page}): {reason}"


if __name__ == "__main__":
    complaints = list(_complaints())
    print("\n".join(complaints) or "each address answers")
    sys.exit(bool(complaints))
