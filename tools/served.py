"""The page of the website about the licences of what the site serves beside its own text."""

import importlib.metadata
from pathlib import Path

__all__ = ["page"]

# Packages of which something is served: (name, what).
SERVED = {
    "Sphinx": "the search, and scripts of each page",
    "sphinx-book-theme": "the look of the pages",
    "pydata-sphinx-theme": "the look of the pages",
    "sphinx-design": "the cards of the front page",
    "myst-nb": "the look of cells and outputs",
    "Pygments": "the colours of code",
}
# What comes inside these packages: (name, licence, what, where from).
INSIDE = (
    ("Bootstrap", "MIT", "menus and layout", "https://getbootstrap.com/"),
    ("Font Awesome Free", "CC BY 4.0 for the icons, MIT for the code", "icons", "https://fontawesome.com/license/free"),
    ("Snowball", "BSD-3-Clause", "the stems of words, for the search", "https://snowballstem.org/license.html"),
)


def page() -> str:
    """Return the page in MyST: each package with its version and the text of its licence."""
    lines = [
        "---", "orphan: true", "myst:", "  html_meta:",
        "    description: The licences of everything that this website serves.", "---", "",
        "# Licences", "",
        "Text, pictures and programs of this site are [Wheel Lab's](https://github.com/wheel-lab/wheel-lab), under "
        "BSD-3-Clause. What the page that checks a wheel gives to a browser has "
        '<a href="check/licences.html">a list of its own</a>. Beside these, the site serves parts of:', "",
    ]  # fmt: skip
    for name, what in SERVED.items():
        there = importlib.metadata.distribution(name)
        lines += [f"## {there.metadata['Name']} {there.version}", "", f"Served: {what}.", ""]
        lines += ["```text", *(text.strip() for text in texts(there)), "```", ""]
    lines += ["## Inside of these", "", "| what | licence | for |", "|---|---|---|"]
    lines += [f"| [{name}]({link}) | {licence} | {what} |" for name, licence, what, link in INSIDE]
    return "\n".join([*lines, ""])


def texts(there: importlib.metadata.Distribution) -> list[str]:
    """Return the licence texts that a package brings.

    Raises
    ------
    ValueError
        It brings none.
    """
    found = [
        Path(str(there.locate_file(one))).read_text(encoding="utf-8")
        for one in there.files or ()
        if one.parent.name == "licenses" and one.name.upper().startswith("LICEN")
    ]
    if not found:
        raise ValueError(f"{there.metadata['Name']} brings no licence text")
    return found
