"""Reports as continuous integration shows them beside the code: annotations of GitHub, a quality report of GitLab."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from wheel_lab.doctor.findings import Finding, Level
from wheel_lab.doctor.report import QUESTIONS, Report, Unexamined
from wheel_lab.members import shown

__all__ = ["as_github", "as_gitlab", "told_to_github"]

# Their words for our levels.
GITHUB: dict[Level, str] = {"error": "error", "warning": "warning", "note": "notice"}
GITLAB: dict[Level, str] = {"error": "major", "warning": "minor", "note": "info"}
UNEXAMINED = "not examined"


def as_github(report: Report, path: str) -> str:
    """Return a report as annotations of a GitHub workflow, one line each; `path` is the file's as it was given.

    The last line is plain text that names the wheel and its verdicts in the log. The form is that of "Workflow commands
    for GitHub Actions" in GitHub's documentation, read on 2026-11-25.
    """
    lines = []
    for finding in report.findings:
        title = f"{finding.code} {finding.name}"
        message = _message(finding)
        properties = f"file={_property(path)},title={_property(title)}"
        lines.append(f"::{GITHUB[finding.level]} {properties}::{_data(message)}")
    verdicts = ", ".join(f"{QUESTIONS[key]}: {verdict}" for key, verdict in report.verdicts.items())
    return "\n".join([*lines, f"{shown(report.file)}: {verdicts}"])


def told_to_github(file: Unexamined) -> str:
    """Return an annotation about a file that could not be examined."""
    return f"::error file={_property(file.path)},title={UNEXAMINED}::{_data(shown(file.why, 1000))}"


def as_gitlab(reports: Iterable[tuple[Report, str]], unexamined: Iterable[Unexamined] = ()) -> str:
    """Return reports, each with the file's path as it was given, as one code quality report of GitLab, in JSON.

    A file that could not be examined is an issue as well.

    The form is that of "Code Quality report format" in GitLab's documentation, read on 2026-11-25. GitLab shows one
    issue for each fingerprint.
    """
    issues = []
    for report, path in reports:
        for finding in report.findings:
            about = [path, finding.code, finding.member, finding.subject, finding.what]
            issues.append(_issue(path, _message(finding), f"{finding.code} {finding.name}", finding.level, about))
    for file in unexamined:
        about = [file.path, UNEXAMINED, file.why]
        issues.append(_issue(file.path, shown(file.why, 1000), UNEXAMINED, "error", about))
    return json.dumps(issues, indent=2)


def _message(finding: Finding) -> str:
    """Say all of a finding."""
    return f"{finding.what}. {finding.why}. Fix: {finding.fix}. More: {finding.link}"


def _issue(path: str, text: str, name: str, level: Level, about: list[str]) -> dict[str, Any]:
    """Return an issue; `about` tells it from all others."""
    return {
        "description": text,
        "check_name": name,
        "fingerprint": hashlib.sha256(json.dumps(about).encode()).hexdigest(),
        "severity": GITLAB[level],
        "location": {"path": shown(path, 1000), "lines": {"begin": 1}},
    }


def _data(text: str) -> str:
    """Escape a text as a workflow command needs it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape the value of a property of a workflow command."""
    return _data(shown(text, 1000)).replace(":", "%3A").replace(",", "%2C")
