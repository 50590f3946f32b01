"""The page of licences: what "Check a wheel" gives to a browser, who made it, and under which terms."""

import html
import json
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from importlib.metadata import distribution
from pathlib import Path

from tools import pyodide
from wheel_lab.lab.paths import ROOT

__all__ = ["page"]

# Compiled into Pyodide's core, by its own list of what it is built of.
WITHIN = (
    "zlib (Zlib), bzip2 (bzip2-1.0.6), liblzma (0BSD), libffi (MIT), Emscripten and musl (MIT), libmpdec and HACL* (as "
    "Python has them), error-stack-parser (MIT)"
)
HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What "Check a wheel" is made of — Wheel Lab</title>
<meta name="description" content="The programs that the page Check a wheel gives to your browser, and their licences.">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{version}/check.css">
<script src="{version}/theme.js"></script>
</head>
<body>
<header><nav aria-label="Wheel Lab"><a href="../index.html"><strong>Wheel Lab</strong></a>
<a href="./">Check a wheel</a></nav></header>
<main>
<h1>What “Check a wheel” is made of</h1>
<p>The page gives these programs to your browser, unchanged but for being packed together. Each stands under its own
licence, whose text follows.</p>
"""


def page() -> str:
    """Return the page as HTML, with {policy} and {version} to be filled in.

    Raises
    ------
    ValueError
        A wheel holds no licence.
    """
    sections = [_section(*one) for one in _parts()]
    return HEAD + "\n".join(sections) + "\n</main>\n</body>\n</html>\n"


def _parts() -> Iterator[tuple[str, str, str, dict[str, str]]]:
    """Yield (name, where it comes from, a remark, the texts by their names)."""
    about = json.loads((pyodide.CORE / "package.json").read_text())
    source = about["repository"]["url"].removeprefix("git+").removesuffix(".git")
    yield (
        f"Pyodide {about['version']} ({about['license']})",
        source,
        f"Python for WebAssembly. The source of this version: {source}/tree/{about['version']}. Within it: {WITHIN}.",
        _installed("pathspec", "Mozilla Public License"),
    )
    yield (
        "Python and its standard library (PSF-2.0)",
        "https://www.python.org",
        "A part of Pyodide.",
        _installed("typing_extensions", "PYTHON SOFTWARE FOUNDATION"),
    )
    for wheel in sorted(pyodide.WHEELS.glob("*.whl")):
        yield _wheel(wheel)
    yield "Wheel Lab (BSD-3-Clause)", "../index.html", "The doctor.", {"LICENSE": (ROOT / "LICENSE").read_text()}


def _wheel(wheel: Path) -> tuple[str, str, str, dict[str, str]]:
    """Return what a wheel says of itself, and the licences in it."""
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        said = Parser().parsestr(archive.read(metadata).decode())
        texts = {
            name: archive.read(name).decode(errors="replace")
            for name in archive.namelist()
            if Path(name).name.upper().startswith(("LICEN", "COPYING", "NOTICE", "AUTHORS"))
            and Path(name).suffix != ".py"
        }
    if not texts:
        raise ValueError(f"{wheel.name} holds no licence")
    addresses = [one.split(",")[-1].strip() for one in said.get_all("Project-URL", [])]
    licence = said["License-Expression"] or said["License"] or "its own licence"
    return f"{said['Name']} {said['Version']} ({licence})", said["Home-page"] or (addresses or [""])[0], "", texts


def _installed(name: str, holds: str) -> dict[str, str]:
    """Return the text of a well-known licence, which a package of this environment carries."""
    for file in distribution(name).files or ():
        if file.name == "LICENSE" and holds in (text := file.read_text()):
            return {file.name: text}
    raise ValueError(f"{name} carries no {holds} any more")


def _section(title: str, address: str, remark: str, texts: dict[str, str]) -> str:
    link = f' <a href="{html.escape(address)}">{html.escape(address)}</a>' if address else ""
    bodies = "".join(
        f'<details><summary>{html.escape(name)}</summary><pre class="licence">{html.escape(text)}</pre></details>'
        for name, text in texts.items()
    )
    return f"<h2>{html.escape(title)}</h2>\n<p>{html.escape(remark)}{link}</p>\n{bodies}"
