"""The doctor's report as HTML: for a notebook and for a web page. Made with the core alone."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from wheel_lab.doctor.report import QUESTIONS
from wheel_lab.members import shown

__all__ = ["COMMAND", "STYLE", "body", "pieces", "report"]

# A fix that is a command: (what stands before it): the command (a remark), or something else.
COMMAND = re.compile(
    r"(?:(?P<before>[^:()]+): )?(?P<command>(?:python -m|auditwheel|delvewheel|delocate-wheel) [^(;]*?)"
    r"(?: \((?P<remark>.*?)\))?(?:[,;] (?P<after>.*))?"
)
# What is code in any other sentence.
CODE = re.compile(
    r"""(?<![\w'"$/.-])(?:
        python\ -m\ \w+  # a module that is run
        | --?[a-z][\w-]*(?:=[\w.*]+)?  # an option
        | (?=[\w+/-]*[._@]\w)/?[\w.+@-]+(?:/[\w.+@*-]*[\w*])+/?  # a path
        | [\w.+-]*[\w+-]\.(?:so(?:\.\d+)*|dll|dylib|pyd|pyi?|toml|txt|whl|tar\.gz|dist-info)\b  # a file
        | \w*[A-Za-z0-9]_\w+(?:\.\d+)*(?:\(\))?  # a tag, or a symbol
    )""",
    re.VERBOSE,
)

# How a notebook shows it; a web page has its own style, and may allow none inside of it. A link has the text's own
# colour, which both themes allow for.
STYLE = (
    "<style>.wheel-lab-report p, .wheel-lab-report li { line-height: 1.5; margin: 0 0 0.3em; overflow-wrap: anywhere } "
    ".wheel-lab-report ul { margin: 0 0 0.8em } .wheel-lab-report a { color: inherit }</style>"
)


def report(wheel: Mapping[str, Any]) -> str:
    """Return the report on one wheel, as the doctor's JSON holds it, with the file's name above."""
    return (
        f'<div class="wheel-lab-report"><p><strong>{html.escape(shown(wheel["file"]))}</strong></p>{body(wheel)}</div>'
    )


def body(wheel: Mapping[str, Any]) -> str:
    """Return the verdicts and the findings of a report."""
    verdicts = "".join(
        f'<li>{html.escape(QUESTIONS.get(key, key))}: <strong class="{html.escape(said.replace(" ", "-"))}">'
        f"{html.escape(said)}</strong></li>"
        for key, said in wheel["verdicts"].items()
    )
    findings = "".join(map(_finding, wheel["findings"])) or "<p>Nothing was found.</p>"
    return f'<ul class="verdicts">{verdicts}</ul>{findings}'


def pieces(text: str, fix: bool = False) -> Iterator[tuple[str, bool]]:
    """Take words of the doctor apart: (a piece, whether it is code). A `fix` may be a whole command."""
    command = COMMAND.fullmatch(text) if fix else None
    at = 0
    for start, end in [command.span("command")] if command else [found.span() for found in CODE.finditer(text)]:
        yield text[at:start], False
        yield text[start:end], True
        at = end
    yield text[at:], False


def _marked(text: str, fix: bool = False) -> str:
    return "".join(f"<code>{html.escape(one)}</code>" if code else html.escape(one) for one, code in pieces(text, fix))


def _finding(one: Mapping[str, str]) -> str:
    level = html.escape(one["level"])
    # In a new tab: it must not take the place of the notebook, or of a page with a report that is lost then.
    code = f'<a href="{html.escape(one["link"])}" target="_blank" rel="noopener">{html.escape(one["code"])}</a>'
    return (
        f'<p class="finding {level}"><strong>{level} {code} {html.escape(one["name"])}</strong>: '
        f"{_marked(one['what'])}</p>"
        f"<ul><li>why: {_marked(one['why'])}</li><li>fix: {_marked(one['fix'], fix=True)}</li></ul>"
    )
