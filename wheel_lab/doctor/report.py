"""What the doctor says about one wheel, or about several: as text, as JSON, as annotations of GitHub."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from wheel_lab import __version__
from wheel_lab.doctor.findings import RULES_AS_OF, Finding, Level
from wheel_lab.members import shown

__all__ = ["QUESTIONS", "SCHEMA", "Report", "Verdict", "as_github", "as_json", "as_text"]

Verdict = Literal["yes", "no", "cannot tell"]
SCHEMA = 1
# Only what is judged so far is asked.
QUESTIONS = {"index": "will the index take it", "promise": "does it keep what its name promises"}
WORST: dict[Level, int] = {"error": 0, "warning": 1, "note": 2}
COLOURS = {"error": "31", "warning": "33", "note": "36", "no": "31", "yes": "32", "cannot tell": "33"}
# GitHub's words for our levels.
ANNOTATIONS: dict[Level, str] = {"error": "error", "warning": "warning", "note": "notice"}


@dataclass(frozen=True)
class Report:
    """The verdicts on a wheel and what they rest on.

    Attributes
    ----------
    file
        The file's name, without its folder.
    verdicts
        The answers to :data:`QUESTIONS`, by their short names. Nothing is run, so an answer can be ``cannot tell``.
    findings
        What is wrong, the worst first.
    """

    file: str
    verdicts: Mapping[str, Verdict]
    findings: tuple[Finding, ...] = field(default=())

    def count(self, level: Level) -> int:
        """Return how many findings have that level."""
        return sum(finding.level == level for finding in self.findings)

    def without(self, codes: Collection[str]) -> "Report":
        """Return the report without the findings of some rules. The verdicts stay: the index ignores nothing."""
        return replace(self, findings=tuple(one for one in self.findings if one.code not in codes))

    def sorted(self) -> "Report":
        """Return the report with the worst findings first, otherwise in their order."""
        return replace(self, findings=tuple(sorted(self.findings, key=lambda one: WORST[one.level])))

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON holds it."""
        return {"file": self.file, "verdicts": dict(self.verdicts), "findings": [vars(one) for one in self.findings]}

    def to_json(self) -> str:
        """Return a JSON document, of schema 1, about this wheel alone."""
        return as_json([self])

    def __str__(self) -> str:
        return as_text(self)


def as_json(reports: Iterable[Report]) -> str:
    """Return one JSON document, of schema 1, about some wheels.

    It is ASCII alone, so that a terminal shows it as it is, whatever a member's name holds.
    """
    document = {
        "schema": SCHEMA,
        "tool": f"wheel-lab {__version__}",
        "rules_as_of": RULES_AS_OF,
        "wheels": [report.as_dict() for report in reports],
    }
    return json.dumps(document, indent=2)


def as_text(report: Report, colour: bool = False) -> str:
    """Return a report for a terminal: the verdicts, and what is wrong, the worst first."""

    def painted(text: str, key: str) -> str:
        return f"\x1b[{COLOURS[key]}m{text}\x1b[0m" if colour else text

    lines = [shown(report.file)]
    lines += [f"  {QUESTIONS[key]}: {painted(verdict, verdict)}" for key, verdict in report.verdicts.items()]
    if not report.findings:
        lines.append("  nothing found")
    for finding in report.findings:
        lines += [
            f"  {painted(finding.level, finding.level)} {finding.code} {finding.name}: {finding.what}",
            f"    why: {finding.why}",
            f"    fix: {finding.fix}",
        ]
    return "\n".join(lines)


def as_github(report: Report, path: str) -> str:
    """Return a report as annotations of a GitHub workflow, one line each; `path` is the file's as it was given.

    A wheel without findings gets one line of plain text, so that the log names it.
    """
    lines = []
    for finding in report.findings:
        title = f"{finding.code} {finding.name}"
        message = f"{finding.what}. {finding.why}. Fix: {finding.fix}"
        properties = f"file={_property(path)},title={_property(title)}"
        lines.append(f"::{ANNOTATIONS[finding.level]} {properties}::{_data(message)}")
    verdicts = ", ".join(f"{QUESTIONS[key]}: {verdict}" for key, verdict in report.verdicts.items())
    return "\n".join([*lines, f"{shown(report.file)}: {verdicts}"])


def _data(text: str) -> str:
    """Escape a text as a workflow command needs it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape the value of a property of a workflow command."""
    return _data(shown(text, 1000)).replace(":", "%3A").replace(",", "%2C")
