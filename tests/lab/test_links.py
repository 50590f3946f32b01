"""Every local link of the repository's pages leads somewhere: to a file that is there, and to a heading that it has.

The pages are all that is written in Markdown, the published notebooks, and the learner's copies on the desk. (The
website's own are followed where it is made, in ``tests/browser/test_site.py``.)
"""

import os
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tools.notebooks import ROOT, name_of, notebooks
from wheel_lab.lab import desk

MARKDOWN = MarkdownIt("commonmark").enable("table")
# What is no page of ours, is made, or becomes a page elsewhere: the sources of the notebooks and of the website.
ELSEWHERE = {"_work", "build", "desk", "dist", "node_modules", "site", "text"}


class Tags(HTMLParser):
    """What HTML within a page links to, and the anchors that it sets."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value for name, value in attrs if name in ("href", "src") and value]
        self.anchors |= {value for name, value in attrs if name in ("id", "name") and value}


def sources(page: Path) -> list[str]:
    """Return the Markdown of a page: one text, or the cells of a notebook."""
    if page.suffix != ".ipynb":
        return [page.read_text(encoding="utf-8")]
    return [cell.source for cell in nbformat.read(page, as_version=4).cells if cell.cell_type == "markdown"]


def tokens(page: Path) -> list[Token]:
    """Return what a page is made of, with what is inside of its paragraphs after each of them."""
    outer = [token for source in sources(page) for token in MARKDOWN.parse(source)]
    return [one for token in outer for one in (token, *(token.children or []))]


def links(page: Path) -> list[str]:
    """Return where a page leads; of a reference that is defined nowhere, what stands on the page."""
    found = []
    for token in tokens(page):
        found += [str(token.attrs[name]) for name in ("href", "src") if name in token.attrs]
        if token.type.startswith("html_"):
            found += Tags(token.content).links
        if token.type == "text":
            found += re.findall(r"\[[^][]+\]\[[^][]*\]", token.content)
    return found


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page: GitHub's for a text, JupyterLab's for a notebook, and those that it sets itself."""
    every = tokens(page)
    found = {anchor for one in every if one.type.startswith("html_") for anchor in Tags(one.content).anchors}
    seen: Counter[str] = Counter()
    for before, heading in pairwise(every):
        if before.type == "heading_open":
            words = "".join(one.content for one in heading.children or [] if one.type in ("text", "code_inline"))
            name = words if page.suffix == ".ipynb" else re.sub(r"[^\w\- ]", "", words.lower())
            name = name.replace(" ", "-")
            found.add(f"{name}-{seen[name]}" if seen[name] and page.suffix != ".ipynb" else name)
            seen[name] += 1
    return found


def broken(page: Path, root: Path) -> list[str]:
    """Return the local links of a page that lead nowhere, or out of the repository at `root`."""
    found = []
    for link in links(page):
        name, _, anchor = unquote(link).partition("#")
        if re.match(r"[\w+.-]+:", link):
            continue
        target = Path(os.path.normpath(page.parent / name)) if name else page
        there = target.is_relative_to(root) and target.exists()
        if not there or (anchor and target.suffix in (".md", ".ipynb") and anchor not in anchors(target)):
            found.append(link)
    return found


def written() -> list[Path]:
    """Return the pages that are written in Markdown, by hand or by a program, and read where they are."""
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if name not in ELSEWHERE and not name.startswith("."))
        found += [Path(folder, name) for name in sorted(files) if name.endswith(".md")]
    return found


@pytest.fixture(scope="module")
def with_desk(tmp_path_factory):
    """The repository with a desk that was just laid."""
    root = tmp_path_factory.mktemp("links")
    for path in ROOT.iterdir():
        if path.name != "desk":
            (root / path.name).symlink_to(path)
    desk.lay(ROOT / "notebooks", root / "desk")
    return root


def test_the_pages_that_many_read_are_among_them():
    names = {str(page.relative_to(ROOT)) for page in written()}
    folders = ("benchmarks", "binder", "docs", "example_project")
    assert {"README.md", "WORKSHOP.md", "CONTRIBUTING.md"} <= names
    assert all(any(name.startswith(f"{folder}/") for name in names) for folder in folders)


@pytest.mark.parametrize("page", [*written(), *notebooks()], ids=lambda page: str(page.relative_to(ROOT)))
def test_every_local_link_leads_somewhere(page):
    assert broken(page, ROOT) == []


@pytest.mark.parametrize("page", notebooks(), ids=name_of)
def test_every_local_link_of_the_desk_leads_somewhere(page, with_desk):
    copy = with_desk / "desk" / name_of(page)
    assert len(links(copy)) >= 2
    assert broken(copy, with_desk) == []


SEEN = {
    "[x](a.md) [x](a.md#a-b) [x](b.ipynb#C-d) [x](<a.md> 'A title') [x](./) [x](#own) [x](https://a/b)": [],
    "`[x](w.md)` `a[0][1]` [x][y], [y], [x][]\n\n[y]: a.md\n[x]: a.md\n\n```bash\n[x](w.md)\n```": [],
    "[x](b.md)": ["b.md"],
    "[x](a.md#a-c) [x](a.md#not-a-heading) [x](#nowhere)": ["a.md#a-c", "a.md#not-a-heading", "#nowhere"],
    "[x](b.ipynb#c-d) [x](b.ipynb#C-e 'A title')": ["b.ipynb#c-d", "b.ipynb#C-e"],
    "[x](../out.md) ![x](b.png) | <a href='c.md'>c</a>": ["../out.md", "b.png", "c.md"],
    '| a |\n|---|\n| [x](d.md) |\n\n<details>\n<img src="e.png"></details>': ["d.md", "e.png"],
    "[x][y]": ["[x][y]"],
    "[x][y]\n\n[y]: c.md": ["c.md"],
    "## A heading with a [x](f.md)": ["f.md"],
}


def written_as(kind: str, text: str, folder: Path) -> Path:
    """Write a page of one of the two kinds into a folder, and beside it what it may lead to."""
    (folder.parent / "out.md").touch()
    (folder / "a.md").write_text("# A `b`\n\n```bash\n# not a heading\n```\n")
    cells = [nbformat.v4.new_markdown_cell("# C d"), nbformat.v4.new_code_cell("# C e")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "b.ipynb")
    page, text = folder / f"page{kind}", f"# A b\n\n# A b\n\n<a id='own'></a>\n\n{text}"
    if kind == ".md":
        page.write_text(text)
    else:
        nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)]), page)
    return page


@pytest.mark.parametrize("kind", [".md", ".ipynb"])
@pytest.mark.parametrize(("text", "wrong"), SEEN.items())
def test_a_broken_link_would_be_seen(kind, text, wrong, tmp_path):
    (root := tmp_path / "root").mkdir()
    assert broken(written_as(kind, text, root), root) == wrong


@pytest.mark.parametrize(("kind", "wrong"), [(".md", "#A-b"), (".ipynb", "#a-b #a-b-1")])
def test_each_kind_of_page_has_its_own_anchors(kind, wrong, tmp_path):
    (root := tmp_path / "root").mkdir()
    page = written_as(kind, "[x](#a-b) [x](#a-b-1) [x](#A-b)", root)
    assert broken(page, root) == wrong.split()
