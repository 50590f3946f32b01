"""A wheel handed to the doctor: by its path, by an upload, or by the name of a project; and under it the report."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import ipywidgets

from wheel_lab import tags
from wheel_lab.members import shown
from wheel_lab.views.drawing import answer_text
from wheel_lab.views.picture import LABEL, WIDE, Control
from wheel_lab.views.report import STYLE, report
from wheel_lab.views.upload import LIMIT, Upload

__all__ = ["answer", "control"]

SENTENCE = "Fields that take a wheel, and under them what the doctor says of it. Run this cell to use them."
ASK = "Give the path of a wheel, or upload one. It is read, and nothing of it is run."


def answer(text: str) -> str:
    """Return what the doctor says of the wheel at the path `text` as HTML, or in words why it cannot say anything.

    The wheel is examined in a process of its own, as on the command line: the file may be malicious, and the notebook's
    kernel must not fall with it.
    """
    path = text.strip()
    if not path:
        return answer_text(ASK)
    if reason := _refuse(Path(path).name):
        return answer_text(reason)
    if not Path(path).is_file():
        return answer_text(f"There is no file {shown(path, 300)} in {Path.cwd().name}, the folder of this chapter.")
    command = [sys.executable, "-m", "wheel_lab", "doctor", "--json", "--", path]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", stdin=subprocess.DEVNULL)
    try:
        (wheel,) = json.loads(done.stdout)["wheels"]
    except (ValueError, KeyError):
        lines = done.stderr.strip().splitlines() or [f"the examination ended with status {done.returncode}"]
        return answer_text(lines[-1].removeprefix("wheel-lab: "))
    return STYLE + report(wheel)


def _refuse(name: str) -> str:
    """Say why a file of this name is not examined; "" when it may be."""
    try:
        tags.explain(name)
    except ValueError as error:
        return f"Not a wheel's name: {error}."
    return ""


def control(
    start: str | Path = "",
    *,
    folder: str | Path = "uploaded",
    fetch: Callable[[str, Path], Path] | None = None,
    command: Callable[[str], str] | None = None,
) -> Control:
    """Return the fields, beginning with the wheel at `start`.

    Parameters
    ----------
    start
        The path of a wheel; "" for none.
    folder
        Where uploaded files go, and those that are fetched.
    fetch
        Gets a project's file from a package index into a folder, and returns its path, or raises :class:`ValueError`
        with a sentence. Without it, there is no such field. It is called when the button is pressed, and only then.
    command
        Shows what `fetch` will do with a project, as one types it.
    """
    path = ipywidgets.Text(value=str(start), description="A path:", layout=WIDE, style=LABEL)
    said = ipywidgets.HTML(answer(str(start)))

    def show(change: Mapping[str, Any]) -> None:
        given = Path(change["new"].strip())
        if not _refuse(given.name) and given.is_file():
            said.value = answer_text(f"Examining {shown(given.name)} …")
        said.value = answer(change["new"])

    def take(file: Path) -> None:
        if path.value == str(file):
            show({"new": str(file)})  # it was uploaded again, and may be another one
        path.value = str(file)

    path.observe(show, "value")
    inputs = [path, Upload(folder, "Or upload a file:", _refuse, take, LIMIT)]
    if fetch is not None:
        inputs += _index(said, Path(folder), fetch, command or str, take)
    return Control(SENTENCE, inputs, said)


def _index(
    said: ipywidgets.HTML,
    folder: Path,
    fetch: Callable[[str, Path], Path],
    command: Callable[[str], str],
    take: Callable[[Path], None],
) -> list[ipywidgets.Widget]:
    """Return the field for a project, and the button that fetches its file."""
    project = ipywidgets.Text(description="Or a project on the package index:", layout=WIDE, style=LABEL)
    button = ipywidgets.Button(
        description="Fetch its wheel", layout=ipywidgets.Layout(width="auto", align_self="flex-start")
    )

    def tell(change: Mapping[str, Any]) -> None:
        said.value = answer_text(f"The button runs: {command(change['new'])}" if change["new"].strip() else ASK)

    def press(_: object) -> None:
        said.value = answer_text("Asking the package index …")
        try:
            file = fetch(project.value, folder)
        except (ValueError, KeyboardInterrupt) as error:
            said.value = answer_text(str(error) or "interrupted")
        else:
            take(file)

    project.observe(tell, "value")
    button.on_click(press)
    return [project, button]
