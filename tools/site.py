"""Make the website: ``python -m tools.site`` (or ``make site``) writes it to ``.lab/site``.

The pages are gathered in ``.lab/site-source``: those in ``site/``, and the published notebooks, whose outputs stay as
they are. Sphinx turns them into HTML. Then each page is closed to other hosts: a content security policy lists the
scripts that the page has, by their hashes, and allows nothing that comes from elsewhere.

The site is made with no network, and a page that would ask another host for something is an error.
"""

import base64
import hashlib
import os
import re
import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
from bs4 import BeautifulSoup
from sphinx.cmd.build import main as sphinx

from tools import checkpage, findings, handouts, messages, reference, served
from tools.examples import examples
from tools.notebooks import FOLDER, ROOT, leaks, notebooks, read_notebook
from wheel_lab import SITE as ADDRESS

SOURCE, SITE, CACHE = (ROOT / ".lab" / name for name in ("site-source", "site", "site-cache"))
REPOSITORY = "https://github.com/wheel-lab/wheel-lab/blob/main"
# What the repository has, and the page that it becomes. Beside these are the pages in site/, and those that are made.
PAGES = {
    **{one: one.relative_to(FOLDER).as_posix() for one in notebooks()},
    ROOT / "docs" / "doctor.md": "doctor.md",
    ROOT / "WORKSHOP.md": "workshop.md",
    ROOT / "benchmarks" / "JUDGES.md": "judges.md",
}
# 'unsafe-hashes' lets the theme's buttons keep the handlers that stand in their attributes, and nothing else.
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-hashes' {scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'"
)
# What a browser fetches by itself. A link to elsewhere is no request.
FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "link": "href"}
# What the theme and a chapter's picture lack for a screen reader or the keyboard.
ACCESSIBLE = (
    (
        '<summary><span class="toctree-toggle"',
        '<summary aria-label="Show the pages below"><span class="toctree-toggle"',
    ),
    ('<div id="pst-primary-sidebar" class="', '<div id="pst-primary-sidebar" role="region" aria-label="Site" class="'),
    ('<div style="overflow-x:auto;', '<div tabindex="0" style="overflow-x:auto;'),
)
INERT = {"canonical", "next", "prev", "index", "search", "author", "copyright"}  # kinds of <link> that fetch nothing


class Broken(Exception):
    """The site cannot be published like this."""


def main() -> None:
    """Make the site, and say how large it is."""
    gather()
    if sphinx(["-b", "html", "-W", "--keep-going", "-q", "-j", "auto", "-d", str(CACHE), str(SOURCE), str(SITE)]):
        raise Broken("Sphinx has warnings, above")
    remove_unused()
    keep_used_icons()
    for page in sorted(SITE.glob("**/*.html")):
        page.write_text(closed(page.read_text(encoding="utf-8"), page.relative_to(SITE).as_posix()), encoding="utf-8")
    checkpage.make(SITE / "check")  # it has a policy of its own
    write_sitemap()
    size = sum(one.stat().st_size for one in SITE.glob("**/*") if one.is_file())
    print(f"{len(list(SITE.glob('**/*.html')))} pages, {size / 1e6:.1f} MB: {SITE.relative_to(ROOT)}")


def gather() -> None:
    """Put the sources of all pages into one folder."""
    for folder in (SOURCE, SITE, CACHE):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "site", SOURCE, ignore=shutil.ignore_patterns("__pycache__", "*.toml", "check"))
    shutil.copy(ROOT / ".github" / "screenshot.png", SOURCE / "static")
    (SOURCE / "static" / "messages.js").write_text(messages.script(), encoding="utf-8")
    for source, name in PAGES.items():
        if source.suffix == ".ipynb":
            page = read_notebook(source)
            for cell in page.cells:
                if cell.cell_type == "markdown":
                    cell.source = relinked(cell.source, source, name)
            page.metadata["language_info"]["pygments_lexer"] = "notebook-cell"
            write(name, nbformat.writes(page))
        else:
            write(name, relinked(source.read_text(encoding="utf-8"), source, name))
    for stem, text in (
        *findings.pages(examples()),
        *reference.pages(),
        ("handouts/which_tool", handouts.which_tool()),
        ("licences", served.page()),
    ):
        write(f"{stem}.md", text)


def write(name: str, text: str) -> None:
    """Write the source of a page."""
    (SOURCE / name).parent.mkdir(exist_ok=True)
    (SOURCE / name).write_text(text, encoding="utf-8")


def relinked(text: str, source: Path, name: str) -> str:
    """Let the links of a page to other files of the repository lead to their pages, or else to the repository."""

    def better(link: re.Match[str]) -> str:
        target = Path(os.path.normpath(source.parent / link["path"]))
        if target in PAGES:
            page = os.path.relpath(PAGES[target], Path(name).parent)
            page = page if link["before"] == "](" else str(Path(page).with_suffix(".html"))  # HTML is left as it is
            return f"{link['before']}{page}{link['rest']}"
        if target.exists():
            return f"{link['before']}{REPOSITORY}/{target.relative_to(ROOT)}{link['rest']}"
        return link[0]

    pattern = r"""(?P<before>\]\(|href=["'])(?!\w+:|#)(?P<path>[^)"'\s#]+)(?P<rest>(?:#[^)"'\s]*)?[)"'])"""
    return re.sub(pattern, better, text)


def closed(html: str, name: str) -> str:
    """Return a page with its content security policy.

    Raises
    ------
    Broken
        The page would ask another host for something, or shows an address or a path of this machine.
    """
    for found, better in ACCESSIBLE:
        html = html.replace(found, better)
    if name == "404.html":  # it stands in for pages in any folder
        html = re.sub(r'(href|src|data-content_root)="(?!\w+:|/|#)', rf'\1="{urlsplit(ADDRESS).path}', html)
    page = BeautifulSoup(html, "html.parser")
    elsewhere = [
        value
        for tag, attribute in FETCHED.items()
        for one in page.find_all(tag)
        if re.match(r"(https?:)?//", value := str(one.get(attribute, "")))
        and not (tag == "link" and INERT & set(one.get("rel", [])))
    ]
    if elsewhere:
        raise Broken(f"{name} would fetch {', '.join(elsewhere)}")
    if leaked := list(leaks(page.get_text())):
        raise Broken(f"{name} shows {leaked}")
    inline = [one.string or "" for one in page.find_all("script", src=False)]
    inline += [value for one in page.find_all() for key, value in one.attrs.items() if key.startswith("on")]
    policy = POLICY.format(scripts=" ".join(sorted({hash_of(script) for script in inline})))
    return re.sub(r"<head>", f'<head><meta http-equiv="Content-Security-Policy" content="{policy}">', html, count=1)


def hash_of(script: str) -> str:
    """Return the hash of an inline script as a content security policy names it."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def remove_unused() -> None:
    """Take away what Sphinx and the theme lay beside the pages, and no page asks for."""
    for unused in (
        *SITE.glob("**/*.map"),
        *SITE.glob("_static/*macros.html"),
        SITE / ".buildinfo",
        SITE / "objects.inv",
    ):
        unused.unlink()
    shutil.rmtree(SITE / "_static" / "locales")  # the theme's own words, in other languages


def keep_used_icons() -> None:
    """Take the icons that no page shows out of the theme's set of two thousand, 1.5 MB that each page would load."""
    icons = SITE / "_static" / "scripts" / "fontawesome.js"
    texts = [*SITE.glob("**/*.html"), *(one for one in SITE.glob("_static/**/*.js") if one != icons)]
    used = {name for text in texts for name in re.findall(r"\bfa-([a-z0-9-]+)", text.read_text(encoding="utf-8"))}

    def kept(icon: re.Match[str]) -> str:
        names = {icon["name"] or icon["quoted"], *re.findall(r'"([\w-]+)"', icon["aliases"])}
        return icon[0] if names & used else ""

    one_icon = (
        r'(?:"(?P<quoted>[\w-]+)"|(?P<name>[A-Za-z_]\w*)):'
        r'\[\d+,\d+,\[(?P<aliases>[^\]]*)\],"[0-9a-f]+",(?:"[^"]*"|\[[^\]]*\])\],?'
    )
    text, found = re.subn(one_icon, kept, icons.read_text(encoding="utf-8"))
    if found < 1000:
        raise Broken("the theme's icons have another form than before, and cannot be chosen from")
    icons.write_text(text, encoding="utf-8")


def write_sitemap() -> None:
    """Write down the address of each page, for search engines."""
    pages = [page.relative_to(SITE).as_posix() for page in sorted(SITE.glob("**/*.html"))]
    rows = "".join(
        f"<url><loc>{ADDRESS}{page}</loc></url>" for page in pages if page not in ("404.html", "search.html")
    )
    text = f'<?xml version="1.0" encoding="utf-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'
    (SITE / "sitemap.xml").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except Broken as error:
        sys.exit(f"the site is not made: {error}")
