"""A field for a wheel's file name, and under it what each part means."""

import html
from typing import Any

import ipywidgets

from wheel_lab import tags
from wheel_lab.views.drawing import answer_text
from wheel_lab.views.picture import LABEL, WIDE, Control

__all__ = ["control", "table"]

SENTENCE = "A field for a wheel's file name, and under it what each part means. Run this cell to use it."
CELL = "text-align:left;padding:2px 12px"
EXAMPLES = {
    "NumPy of 2021, for Linux": "numpy-1.21.2-cp39-cp39-manylinux_2_12_x86_64.manylinux2010_x86_64.whl",
    "NumPy of 2026, for Linux": "numpy-2.5.5-cp314-cp314-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
    "NumPy of 2026, for Alpine": "numpy-2.5.5-cp314-cp314-musllinux_1_2_x86_64.whl",
    "for macOS": "numpy-2.5.5-cp314-cp314-macosx_14_0_arm64.whl",
    "for Windows": "numpy-2.5.5-cp314-cp314-win_amd64.whl",
    "without compiled code": "packaging-26.3-py3-none-any.whl",
    "with the stable interface": "example-1.0-cp311-abi3-manylinux_2_28_aarch64.whl",
    "with a build number": "example-1.0-2-cp313-cp313t-musllinux_1_2_x86_64.whl",
    "as it leaves the compiler": "septembrse-0.0.0-cp311-cp311-linux_x86_64.whl",
    "not a wheel": "septembrse-0.0.0.tar.gz",
}


def table(text: str) -> str:
    """Return the parts of a file name as an HTML table, or in words what is wrong with it.

    Of a path or a URL, the file name is taken.
    """
    filename = tags.file_name_in(text)
    try:
        parts = tags.explain(filename).parts
    except ValueError as error:
        return answer_text(f"Not a wheel's name: {error}." if filename else "Type a wheel's name: it ends in .whl.")
    columns = ("part", "text", "meaning")
    head = "".join(f'<th scope="col" style="{CELL}">{word}</th>' for word in columns)
    rows = "".join(
        "<tr>"
        f'<th scope="row" style="{CELL};font-weight:normal">{html.escape(part.role)}</th>'
        f'<td style="{CELL};overflow-wrap:anywhere"><code>{html.escape(part.text)}</code></td>'
        f'<td style="{CELL}">{html.escape(part.meaning)}</td>'
        "</tr>"
        for part in parts
    )
    taken = answer_text(f"The file name in it: {filename}") if filename != text.strip() else ""
    return f'{taken}<table style="line-height:1.5"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def control(start: str = EXAMPLES["NumPy of 2021, for Linux"]) -> Control:
    """Return the field, beginning with the name `start`, and a list of names to try."""
    name = ipywidgets.Text(value=start, description="File name:", layout=WIDE, style=LABEL)
    choices = [("choose one", ""), *EXAMPLES.items()]
    examples = ipywidgets.Dropdown(options=choices, value="", description="Or an example:", layout=WIDE, style=LABEL)
    answer = ipywidgets.HTML(table(start))

    def show(change: dict[str, Any]) -> None:
        answer.value = table(change["new"])
        if examples.value != change["new"]:
            examples.value = ""  # what is in the field now is no example any more

    def take(change: dict[str, Any]) -> None:
        if change["new"]:
            name.value = change["new"]

    name.observe(show, "value")
    examples.observe(take, "value")
    return Control(SENTENCE, [name, examples], answer)
