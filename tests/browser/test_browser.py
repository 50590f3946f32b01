"""A learner's browser: each chapter is opened on the desk in JupyterLab, run from the menu, and used by keyboard.

``make test-browser`` runs this with the Chromium of the machine, and leaves pictures of each chapter under
``.lab/screenshots`` (or ``$WHEEL_LAB_SCREENSHOTS``). It starts a server of its own on a copy of the lab. To test one
that runs elsewhere, such as in a container, name its address with the token in ``WHEEL_LAB_SERVER``, and in
``WHEEL_LAB_SERVER_STARTED`` when it was started, in seconds since 1970. That server has to be started with
``--LabApp.expose_app_in_browser=True``, because only the page itself knows when it is ready.
"""

import os
import zipfile
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from jupyterlab_page import PANEL, SIZE
from playwright.sync_api import expect

from tools.notebooks import code_cells, number_of, read_notebook, tags
from wheel_lab.lab import desk
from wheel_lab.lab.paths import STORE, WHEELHOUSE
from wheel_lab.views.upload import LIMIT

pytestmark = pytest.mark.browser
OUTPUT = f"{PANEL} .jp-OutputArea-output"
WIDGET = "application/vnd.jupyter.widget-view+json"
THEMES = ("JupyterLab Light", "JupyterLab Dark")
WIDE, NARROW = SIZE["width"], 720  # pixels
# A closed list is opened first: JupyterLab takes the plain arrow keys for itself.
KEYS = {"text": ("End", "x"), "select-one": ("Alt+ArrowDown", "ArrowDown", "Enter"), "range": ("ArrowRight",),
        "file": (), "tree": ("ArrowDown",)}  # fmt: skip


def test_it_runs_to_the_end(chapter):
    cells = chapter.cells()
    for cell, published in zip(cells, code_cells(read_notebook(chapter.path)), strict=True):
        # Some tools write their log to stderr, and the page shows it.
        expected = {output.get("name") for output in published.outputs}
        for output in cell["outputs"]:
            assert output["output_type"] != "error", f"{cell['source']}\n{output['ename']}: {output['evalue']}"
            assert output.get("name") != "stderr" or "stderr" in expected, f"{cell['source']}\n{output['text']}"
    assert [cell["count"] for cell in cells] == list(range(1, len(cells) + 1))
    handed_out = desk.handed_out(read_notebook(chapter.path))
    assert [cell["source"] for cell in cells] == [cell["source"] for cell in code_cells(handed_out)]
    printed = ["".join(output.get("text", "") for output in cell["outputs"]) for cell in cells]
    works = [
        text
        for cell, text in zip(cells, printed, strict=True)
        if "exercise" in cell["tags"] and "check." in cell["source"]
    ]
    assert all(text.strip().splitlines()[-1].startswith("not yet:") for text in works), works


def test_it_asks_nobody_else(chapter):
    assert chapter.asked_elsewhere == []
    # and not the learner whether to: the server would ask the network for news, and for a newer JupyterLab
    page = chapter.page
    assert page.evaluate("window.jupyterapp.hasPlugin('@jupyterlab/notebook-extension:tracker')")
    assert not page.evaluate("window.jupyterapp.hasPlugin('@jupyterlab/apputils-extension:announcements')")


def test_every_control_is_moved_by_keyboard(chapter):
    shown = [cell for cell in chapter.cells() if any(WIDGET in output.get("data", {}) for output in cell["outputs"])]
    expected = [cell.source for cell in read_notebook(chapter.path).cells if "widget" in tags(cell)]
    assert [cell["source"] for cell in shown] == expected
    for cell in shown:
        widget = chapter.show(cell["index"]).locator(".jp-OutputArea-output .jupyter-widgets").first
        expect(widget).to_be_visible()
        answer = widget.locator(".widget-html-content").last
        controls = widget.locator("input, select, [role=tree]")
        assert controls.count() > 0
        for number in range(controls.count()):
            control = controls.nth(number)
            kind = control.evaluate("one => one.getAttribute('role') ?? one.type")
            if kind == "tree":  # the focus is on one of its names
                assert control.get_attribute("aria-label")
                control = control.locator("[tabindex='0']")
            else:
                assert control.evaluate("one => one.labels.length") == 1
            before = answer.inner_html()
            control.focus()
            if kind == "file":
                with chapter.page.expect_file_chooser() as chooser:
                    chapter.page.keyboard.press("Enter")
                chooser.value.set_files(next(WHEELHOUSE.glob("packaging-*.whl")))
            for key in KEYS[kind]:
                chapter.page.keyboard.press(key)
            expect(control).to_be_focused()  # and JupyterLab has not taken the key for itself
            expect(answer).not_to_have_js_property("innerHTML", before)
            expect(answer).not_to_be_empty()


def test_a_slider_answers_while_it_is_dragged_and_fits_on_one_screen_with_its_picture(chapter):
    page = chapter.page
    for cell in chapter.cells():
        if "widget" not in cell["tags"]:
            continue
        output = chapter.show(cell["index"]).locator(".jp-OutputArea-output")
        slider, picture = output.locator("input[type=range]"), output.locator("img").first
        if slider.count() == 0:
            continue
        page.set_viewport_size({"width": 1366, "height": 768})
        slider.evaluate("one => one.scrollIntoView({block: 'start'})")
        top, bottom = slider.bounding_box()["y"], picture.evaluate("one => one.getBoundingClientRect().bottom")
        view = page.locator(f"{PANEL} .jp-WindowedPanel-outer").bounding_box()
        assert bottom - top < view["height"]
        box = slider.bounding_box()
        page.mouse.move(box["x"] + 2, box["y"] + box["height"] / 2)
        page.mouse.down()  # and never up: what follows comes while the slider is held
        expect(slider).to_have_js_property("value", "0")
        for part in (0.3, 0.8):
            before = picture.get_attribute("alt")
            page.mouse.move(box["x"] + box["width"] * part, box["y"] + box["height"] / 2)
            expect(picture).not_to_have_attribute("alt", before)
        page.mouse.up()
        page.set_viewport_size(SIZE)


def test_the_link_to_my_work_downloads_it(chapter, tmp_path):
    packs = [cell["index"] for cell in chapter.cells() if "desk.my_work()" in cell["source"]]
    assert bool(packs) == (number_of(chapter.path) == "00")
    for index in packs:
        link = chapter.show(index).get_by_role("link", name="Download your work")
        with chapter.page.expect_download() as download:
            link.click()
        download.value.save_as(tmp_path / "my_work.zip")
        with zipfile.ZipFile(tmp_path / "my_work.zip") as work:
            assert chapter.path.name in "\n".join(work.namelist())


def test_a_file_is_uploaded_in_parts_and_one_that_is_too_large_is_not(chapter, tmp_path):
    for cell in chapter.cells():
        if "widget" not in cell["tags"]:
            continue
        output = chapter.show(cell["index"]).locator(".jp-OutputArea-output")
        field, state = output.locator("input[type=file]"), output.get_by_role("status")
        if field.count() == 0:
            continue
        large, huge = (tmp_path / f"{name}-1.0-py3-none-any.whl" for name in ("large", "huge"))
        with zipfile.ZipFile(large, "w") as archive:  # more than the server takes in one message, which is 10 MiB
            archive.writestr("large/data", os.urandom(12 << 20))
        field.set_input_files(large)
        expect(state).to_have_text("12.0 MiB uploaded")
        expect(output.locator(".widget-html-content").last).to_contain_text("error I202 dist-info-folder")
        with huge.open("wb") as file:
            file.truncate(LIMIT + 1)
        field.set_input_files(huge)
        expect(state).to_contain_text("Put the file into a folder with JupyterLab's file browser")
        status = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.connectionStatus"
        assert chapter.page.evaluate(status) == "connected"


def trees(chapter):
    """Return the output of each cell that has a tree beside a picture."""
    for cell in chapter.cells():
        if "widget" in cell["tags"]:
            output = chapter.show(cell["index"]).locator(".jp-OutputArea-output")
            expect(output.locator(".jupyter-widgets").first).to_be_visible()
            if output.locator("[role=tree]").count():
                yield output


def test_a_tree_is_walked_through_by_keyboard(chapter):
    for output in trees(chapter):
        page, answer = chapter.page, output.locator(".widget-html-content").last
        chosen = output.locator("[role=treeitem][aria-selected=true]")
        first = output.locator("[role=treeitem]").first
        first.focus()
        page.keyboard.press("Home")
        expect(first).to_be_focused()
        expect(first).to_have_attribute("aria-expanded", "true")
        open_ = output.locator("[role=treeitem]").count()
        page.keyboard.press("ArrowLeft")  # closes it
        expect(first).to_have_attribute("aria-expanded", "false")
        assert output.locator("[role=treeitem]").count() < open_
        page.keyboard.press("ArrowRight")  # opens it again, and then goes in
        expect(output.locator("[role=treeitem]")).to_have_count(open_)
        page.keyboard.press("ArrowRight")
        expect(chosen).to_have_attribute("aria-level", "2")
        expect(chosen).to_be_focused()
        page.keyboard.press("End")
        expect(output.locator("[role=treeitem]").last).to_be_focused()
        name = chosen.get_attribute("aria-label").split(", ")[0]
        expect(answer).to_contain_text(name)
        page.keyboard.press("ArrowLeft")
        expect(chosen).to_have_attribute("aria-level", "1")
        expect(chosen).to_have_count(1)
        assert output.locator("[role=treeitem][tabindex='0']").count() == 1  # one stop of the tab key


def test_a_click_into_a_picture_chooses_in_its_tree(chapter):
    for output in trees(chapter):
        picture, answer = output.locator("img.wheel-lab-picture"), output.locator(".widget-html-content").last
        chosen = output.locator("[role=treeitem][aria-selected=true]")
        picture.scroll_into_view_if_needed()
        box = picture.bounding_box()
        names = {}
        for across in (0.1, 0.35, 0.6, 0.9):
            for down in (0.22, 0.35, 0.5, 0.8):
                place = {"x": box["width"] * across, "y": box["height"] * down}
                picture.hover(position=place)
                if title := picture.get_attribute("title"):
                    picture.click(position=place)
                    expect(chosen).to_be_focused()
                    assert chosen.get_attribute("aria-label").split(", ")[0] == title.split("  ")[0]
                    assert chosen.evaluate("""one => {  // its line is in the part of the tree that is seen
                        const [line, tree] = [one.firstChild, one.closest("[role=tree]")].map(
                            (part) => part.getBoundingClientRect());
                        return tree.top <= line.top && line.bottom <= tree.bottom;
                    }""")
                    names[title] = answer.inner_html()
        assert len(names) >= 2


def test_a_tree_and_its_picture_fit_on_one_screen(chapter):
    page = chapter.page
    for output in trees(chapter):
        page.set_viewport_size({"width": 1366, "height": 768})
        tree, picture = output.locator("[role=tree]"), output.locator("img.wheel-lab-picture")
        view = page.locator(f"{PANEL} .jp-WindowedPanel-outer").bounding_box()
        for width in (1366, 900):
            page.set_viewport_size({"width": width, "height": 768})
            page.wait_for_timeout(300)  # the tree takes its height after the page
            top = tree.bounding_box()["y"]
            # Two linkages above each other are higher than a screen; then it is the tree and the first of them.
            box = picture.bounding_box()
            assert box["y"] + min(box["height"], 300) - top < view["height"]
            assert output.evaluate("one => one.scrollWidth <= one.clientWidth + 1")  # what is wider is scrolled inside
        page.set_viewport_size(SIZE)


@pytest.mark.parametrize("theme", THEMES)
def test_outputs_are_accessible(chapter, theme):
    chapter.set_theme(theme)
    chapter.show_all()
    # The page of JupyterLab has no height and hides what overflows: axe-core takes all of its text for unseen.
    chapter.page.add_style_tag(content="body { overflow: visible !important }")
    # JupyterLab makes links of addresses that a tool prints, and does not underline them: that is its own style.
    printed = ".jp-RenderedText a"
    found = Axe().run(chapter.page, context={"include": [[OUTPUT]], "exclude": [[printed]]})
    assert "color-contrast" in [rule["id"] for rule in found.response["passes"]], "no text was looked at"
    assert found.violations_count == 0, found.generate_report()


# Every run keeps the first; all four are for a person's eyes, every week.
LOOKS = [
    pytest.param(theme, width, marks=[] if (theme, width) == (THEMES[0], WIDE) else pytest.mark.full)
    for theme in THEMES
    for width in (WIDE, NARROW)
]


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_a_picture_of_it_is_kept(chapter, theme, width):
    chapter.set_theme(theme)
    chapter.show_all(width)
    folder = Path(os.environ.get("WHEEL_LAB_SCREENSHOTS", STORE / "screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{number_of(chapter.path)}{chapter.path.stem[2:]} {theme.split()[-1].lower()} {width}.png"
    chapter.page.screenshot(path=file)
    assert file.stat().st_size > 50_000
