"""The doctor's report as HTML: for a notebook and for a web page. Made with the core alone."""

import html
from collections.abc import Mapping
from typing import Any

from wheel_lab.doctor.report import QUESTIONS
from wheel_lab.members import shown

__all__ = ["STYLE", "body", "report"]

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


def _finding(one: Mapping[str, str]) -> str:
    level = html.escape(one["level"])
    # In a new tab: it must not take the place of the notebook, or of a page with a report that is lost then.
    code = f'<a href="{html.escape(one["link"])}" target="_blank" rel="noopener">{html.escape(one["code"])}</a>'
    return (
        f'<p class="finding {level}"><strong>{level} {code} {html.escape(one["name"])}</strong>: '
        f"{html.escape(one['what'])}</p>"
        f"<ul><li>why: {html.escape(one['why'])}</li><li>fix: {html.escape(one['fix'])}</li></ul>"
    )
