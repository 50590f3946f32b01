"""What a web page shows of one file: the doctor's report and the pictures. The page runs this in a browser's Python."""

import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from wheel_lab.doctor.child import MORE_TIME, Job, examine_here
from wheel_lab.doctor.report import Unexamined, as_json
from wheel_lab.doctor.text import as_text
from wheel_lab.limits import WheelError
from wheel_lab.linkgraph import link_graph
from wheel_lab.listing import list_wheel
from wheel_lab.views import layers, treemap
from wheel_lab.views.drawing import Drawing
from wheel_lab.views.report import body

__all__ = ["Examined", "examined", "pictures", "rehearse"]

MUCH = bytes(range(256)) * 16_384  # 4 MiB


@dataclass(frozen=True)
class Examined:
    """What the doctor said of a file: as text, as the command's JSON and as HTML.

    When there is no report, `refused` says why, and `html` is "".
    """

    text: str
    json: str
    html: str = ""
    refused: str = ""


def examined(path: str, seconds: float | None, tell: Callable[[str], None]) -> Examined:
    """Examine the file at `path` within `seconds`; `tell` is called with what is done now."""
    try:
        report = examine_here(path, Job(seconds=seconds, memory=None), tell)
    except WheelError as error:
        # The page has no option that allows more.
        none = Unexamined(Path(path).name, str(error).removesuffix(MORE_TIME), error.limit)
        return Examined(str(none), as_json([], [none]), refused=str(none))
    return Examined(as_text(report), report.to_json(), body(report.as_dict()))


def pictures(path: str) -> Iterator[tuple[str, Drawing]]:
    """Yield the pictures of a wheel, each with its title; of a file that cannot be drawn there are none."""
    if not path.endswith(".whl"):
        return
    try:
        listing = list_wheel(Path(path))
        if listing.entries:
            yield "What is in it", treemap.figure(listing)
        graph = link_graph(Path(path))
        if graph.nodes:
            yield "Who needs whom", layers.figure(graph)
    except (WheelError, OSError):  # the report has said what is wrong
        return


def rehearse(path: str) -> None:
    """Do what an examination does, with the file at `path`.

    A browser compiles what is run often. Done a few times while the page waits, this takes a third off the first file's
    time.
    """
    hashlib.sha256(MUCH)
    zlib.decompress(zlib.compress(MUCH, 1))
    examined(path, None, lambda words: None)
