"""What the tests of several views draw, and what they read in an answer."""

from html.parser import HTMLParser

from wheel_lab.memory import Cache
from wheel_lab.timing import Step, Steps, Sweep
from wheel_lab.views.picture import Picture

SWEEP = Sweep({"fast": {1: 6e-8, 1000: 1.85e-7}, "slow": {1: 1e-7, 1000: 5e-5}, "steady <1>": {1: 5e-7, 1000: 5e-7}})
ONCE = Steps((Step("compile a file with a long name.cpp", 3.3), Step("link", 1.9)))
AGAIN = Steps((Step("build", 1.4), Step("repair", 0.0007)))
LIMITS = Sweep({"an empty call": {1: 2e-8, 1000: 2e-8}, "reading alone": {1: 1e-9, 1000: 1e-7}})
CACHES = (Cache("L1", 1600), Cache("L2", 2 << 20))  # full at 100, and at 131,072


class Tags(HTMLParser):
    """Collect the tags and the text of an HTML answer."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def images(self) -> list[dict]:
        return [attributes for tag, attributes in self.found if tag == "img"]


def contestants(picture: Picture) -> list:
    """Return the lines of the contestants in a roofline: those with a marker at more than one point."""
    return [line for line in picture.figure.axes[0].lines if line.get_marker() != "None" and len(line.get_xdata()) > 1]


def words(picture: Picture) -> list[str]:
    """Return what is written in a picture, from the first to the last."""
    return [text.get_text().replace("\n", " ") for text in picture.figure.axes[0].texts]
