"""A report as a person reads it on a terminal: short, and the worst first."""

import textwrap
from collections.abc import Iterable, Iterator
from itertools import groupby

from wheel_lab.doctor.findings import Finding
from wheel_lab.doctor.report import QUESTIONS, Report
from wheel_lab.members import shown

__all__ = ["as_text"]

COLOURS = {"error": "31", "warning": "33", "note": "36", "no": "31", "yes": "32", "cannot tell": "33"}
NARROW, USUAL = 40, 80  # columns


def as_text(report: Report, *, colour: bool = False, width: int | None = None) -> str:
    """Return a report for a terminal: the verdicts, and what is wrong, the worst first.

    A good wheel gets three lines at most. What several findings in a row have in common is said once.

    Parameters
    ----------
    report
        What is to be said.
    colour
        Whether to mark verdicts and levels with colours as well.
    width
        The terminal's width in columns. Without one, each sentence stays on one line, as a log and a search want it.
    """
    lines = [shown(report.file), *_verdicts(report, colour, max(width or USUAL, NARROW))]
    for _, same in groupby(report.findings, key=lambda one: (one.code, one.why, one.fix)):
        lines += _findings(list(same), colour, width)
    return "\n".join(lines)


def _painted(text: str, key: str, colour: bool) -> str:
    return text.replace(key, f"\x1b[{COLOURS[key]}m{key}\x1b[0m", 1) if colour else text


def _verdicts(report: Report, colour: bool, width: int) -> Iterator[str]:
    """Return the lines of the verdicts, as few as there can be, none of them broken."""
    pieces: list[tuple[str, str]] = [(f"{QUESTIONS[key]}: ", verdict) for key, verdict in report.verdicts.items()]
    if not report.findings:
        pieces.append((f"nothing found, {report.ignored} ignored" if report.ignored else "nothing found", ""))
    line, used = "", width
    for text, verdict in pieces:
        length = len(text) + len(verdict) + 2
        piece = text + (_painted(verdict, verdict, colour) if verdict else "")
        if line and used + length <= width:
            line, used = f"{line}; {piece}", used + length
        else:
            if line:
                yield line
            line, used = f"  {piece}", length
    if line:
        yield line


def _findings(same: Iterable[Finding], colour: bool, width: int | None) -> Iterator[str]:
    """Return the lines of findings that differ in what they are about alone."""
    last: Finding | None = None
    for last in same:
        first, *rest = _wrapped(str(last), "  ", width)
        yield from (_painted(first, last.level, colour), *rest)
    if last is not None:
        yield from _wrapped(f"why: {last.why}", "    ", width)
        yield f"    fix: {last.fix}"  # never wrapped: a command is to be copied


def _wrapped(text: str, indent: str, width: int | None) -> list[str]:
    if width is None:
        return [indent + text]
    wrapping = textwrap.TextWrapper(
        max(width, NARROW), initial_indent=indent, subsequent_indent=f"{indent}  ", break_long_words=False,
        break_on_hyphens=False, tabsize=1,
    )  # fmt: skip
    return wrapping.wrap(text)
