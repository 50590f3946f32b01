"""The handouts: each prints on one page. They are made alone here, by the website's own configuration and style."""

import re
import shutil

import pytest
from sphinx.cmd.build import main as sphinx

from tools import handouts
from tools.notebooks import ROOT

pytestmark = pytest.mark.site
NAMES = ("wheel_name", "which_tool")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make a site of the handouts alone."""
    source, site = (tmp_path_factory.mktemp(name) for name in ("source", "site"))
    shutil.copytree(ROOT / "site" / "handouts", source / "handouts")
    shutil.copytree(ROOT / "site" / "static", source / "static")
    shutil.copy(ROOT / "site" / "conf.py", source)
    (source / "handouts" / "which_tool.md").write_text(handouts.which_tool(), encoding="utf-8")
    (source / "judges.md").write_text("# The judges\n", encoding="utf-8")
    (source / "index.md").write_text("# Start\n\n```{toctree}\n:glob:\n\njudges\nhandouts/*\n```\n", encoding="utf-8")
    assert sphinx(["-b", "html", "-q", "-W", str(source), str(site)]) == 0
    return site


def test_these_are_all(made):
    assert sorted(page.stem for page in (made / "handouts").glob("*.html")) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_handout_prints_on_one_page(made, browser, name):
    page = browser.new_page()
    page.goto((made / "handouts" / f"{name}.html").as_uri())
    text = page.locator(".handout").inner_text()
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    pictures = ROOT / ".lab" / "screenshots" / "handouts"
    pictures.mkdir(parents=True, exist_ok=True)
    (pictures / f"{name}.pdf").write_bytes(printed)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 1032})  # A4 without its margins, at 96 pixels an inch
    page.screenshot(path=pictures / f"{name}.png", full_page=True)
    page.close()
    assert len(text) > 1000
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_a_dark_page_is_printed_in_the_light_theme(made, browser):
    page = browser.new_page(color_scheme="dark")
    page.goto((made / "handouts" / f"{NAMES[0]}.html").as_uri())
    page.evaluate("addEventListener('beforeprint', () => { window.printed = document.documentElement.dataset.theme })")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.pdf(format="A4")
    assert page.evaluate("window.printed") == "light"
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.close()


def test_each_tool_that_judged_is_on_the_handout():
    told = handouts.named()
    page = handouts.which_tool()
    assert len(told) >= 10
    assert all(f"`{tool}`" in page for tool in told)
    table = (ROOT / "benchmarks" / "JUDGES.md").read_text(encoding="utf-8")
    for tool, defects in told.items():
        (row,) = (line for line in table.splitlines() if line.startswith(f"| {tool} "))
        whole = sum("by half" not in one for one in defects)
        assert row.split("|")[3].split()[0] == str(whole), tool
