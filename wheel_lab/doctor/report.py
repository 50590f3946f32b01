"""What the doctor says about one wheel, or about several; as JSON of schema 1."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import PurePath
from typing import Any, Literal

from wheel_lab import __version__
from wheel_lab.doctor.findings import RULES_AS_OF, Finding, Level
from wheel_lab.members import shown

__all__ = ["QUESTIONS", "SCHEMA", "WORST", "Report", "Unexamined", "Verdict", "as_json", "json_schema"]

Verdict = Literal["yes", "no", "cannot tell"]
SCHEMA = 1
QUESTIONS = {
    "index": "will the index take it",
    "promise": "does it keep what its name promises",
    "import": "will it import",
}
WORST: dict[Level, int] = {"error": 0, "warning": 1, "note": 2}


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
    ignored
        How many findings were left out.
    """

    file: str
    verdicts: Mapping[str, Verdict]
    findings: tuple[Finding, ...] = field(default=())
    ignored: int = 0

    def count(self, level: Level) -> int:
        """Return how many findings have that level."""
        return sum(finding.level == level for finding in self.findings)

    def without(self, codes: Collection[str]) -> "Report":
        """Return the report without the findings of some rules. The verdicts stay: the index ignores nothing."""
        kept = tuple(one for one in self.findings if one.code not in codes)
        return replace(self, findings=kept, ignored=self.ignored + len(self.findings) - len(kept))

    def sorted(self) -> "Report":
        """Return the report with the worst findings first, otherwise in their order."""
        return replace(self, findings=tuple(sorted(self.findings, key=lambda one: WORST[one.level])))

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON holds it."""
        return {"file": self.file, "verdicts": dict(self.verdicts), "findings": [vars(one) for one in self.findings]}

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> "Report":
        """Make the report that :meth:`as_dict` was called on."""
        return cls(found["file"], found["verdicts"], tuple(Finding(**one) for one in found["findings"]))

    def to_json(self) -> str:
        """Return a JSON document, of schema 1, about this wheel alone."""
        return as_json([self])

    def __str__(self) -> str:
        from wheel_lab.doctor.text import as_text  # which takes reports

        return as_text(self)


@dataclass(frozen=True)
class Unexamined:
    """A file that there is no report of.

    Attributes
    ----------
    path
        The file, as it was given.
    why
        What is the matter with it, as it is; to print it, print this object.
    limit
        The limit that it reaches, by the name that :class:`~wheel_lab.limits.Limits` has for it, or ``"memory"``; None
        when it cannot be read, or is no wheel.
    """

    path: str
    why: str
    limit: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {"file": PurePath(self.path).name, "why": shown(self.why, 1000), "limit": self.limit}

    def __str__(self) -> str:
        return f"{shown(self.path, 1000)}: {shown(self.why, 1000)}"


def as_json(reports: Iterable[Report], unexamined: Collection[Unexamined] = ()) -> str:
    """Return one JSON document, of schema 1, about some wheels, and about files that could not be examined.

    It is ASCII alone, so that a terminal shows it as it is, whatever a member's name holds.
    """
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "tool": f"wheel-lab {__version__}",
        "rules_as_of": RULES_AS_OF,
        "wheels": [report.as_dict() for report in reports],
    }
    if unexamined:
        document["unexamined"] = [one.as_dict() for one in unexamined]
    return json.dumps(document, indent=2)


def json_schema() -> str:
    """Return the JSON Schema (draft 2020-12) that each document of :func:`as_json` keeps."""
    return files("wheel_lab.doctor").joinpath("report.schema.json").read_text(encoding="utf-8")
