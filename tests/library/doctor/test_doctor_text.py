"""The text of a report: three lines for a good wheel, wrapped to the terminal, coloured where that is asked for."""

import io
import re

import pytest
from hostile_zip import Entry
from making import make

from wheel_lab.doctor import Report, examine
from wheel_lab.doctor.findings import found
from wheel_lab.doctor.report import QUESTIONS
from wheel_lab.doctor.terminal import Progress, wants_colour, width_of
from wheel_lab.doctor.text import as_text

GOOD = "tiny-1.0-py3-none-any.whl"
LINUX = "tiny-1.0-cp312-cp312-linux_x86_64.whl"
THREE = {
    "index": "will the index take it",
    "promise": "does it keep what its name promises",
    "import": "will it import",
}


@pytest.fixture
def three(monkeypatch):
    """Ask all three questions, whichever are judged."""
    for key, question in THREE.items():
        monkeypatch.setitem(QUESTIONS, key, question)
    return Report(GOOD, dict.fromkeys(THREE, "yes"))


@pytest.mark.parametrize("width", [80, 100, 200, None])
def test_a_good_wheel_gets_three_lines_at_most(three, width):
    lines = as_text(three, width=width).splitlines()
    assert len(lines) <= 3
    assert lines[0] == GOOD
    assert all(len(line) <= (width or 80) for line in lines)
    words = " ".join(" ".join(lines[1:]).split())
    assert words.replace(";", "") == " ".join([*(f"{one}: yes" for one in THREE.values()), "nothing found"])


def test_verdicts_are_never_broken_and_keep_their_order(three):
    assert as_text(three).splitlines()[1:] == [
        "  will the index take it: yes; does it keep what its name promises: yes",
        "  will it import: yes; nothing found",
    ]
    assert as_text(three, width=10).splitlines()[1:] == [
        "  will the index take it: yes",
        "  does it keep what its name promises: yes",
        "  will it import: yes; nothing found",
    ]


def test_without_verdicts_and_findings_there_is_still_an_answer():
    assert as_text(Report(GOOD, {})) == f"{GOOD}\n  nothing found"


def test_what_was_ignored_is_counted(tmp_path):
    report = examine(make(tmp_path, name=LINUX))
    text = as_text(report.without({one.code for one in report.findings}))
    assert "will the index take it: no" in text
    assert text.endswith(f"nothing found, {len(report.findings)} ignored")
    assert "ignored" not in as_text(report)


def test_what_findings_have_in_common_is_said_once(tmp_path):
    text = str(examine(make(tmp_path, rows=("a/,,", "b/,,"))))
    lines = [line.split(":")[0].strip() for line in text.splitlines()]
    place = lines.index("warning I402 record-names")
    assert lines[place : place + 4] == ["warning I402 record-names", "warning I402 record-names", "why", "fix"]


def test_lines_are_wrapped_to_the_terminal_and_commands_are_not(three):
    finding = found("I402", member="a-long-name/" * 3, where="in RECORD, but not in the archive", file=GOOD)
    report = Report(GOOD, three.verdicts, (finding,))
    lines = as_text(report, width=50).splitlines()
    assert all(len(line) <= 50 for line in lines if "fix:" not in line)
    assert [line for line in lines if "fix:" in line] == [f"    fix: {finding.fix}"]
    assert " ".join(lines).replace(";", "").split() == as_text(report).replace(";", "").split()
    assert len(as_text(report).splitlines()) == 6


def test_colour_is_asked_for_and_changes_no_words(tmp_path):
    report = examine(make(tmp_path, Entry("a/", b""), name=LINUX, rows=("a/,,",), comment=b"hello"))
    for width in (None, 60):
        coloured = as_text(report, colour=True, width=width)
        assert "\x1b[31merror\x1b[0m I201" in coloured
        assert "\x1b[33mwarning\x1b[0m I402" in coloured
        assert "will the index take it: \x1b[31mno\x1b[0m" in coloured
        assert re.sub("\x1b\\[[0-9]*m", "", coloured) == as_text(report, width=width)


class Terminal(io.StringIO):
    """A terminal that keeps what is written to it."""

    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "wanted"),
    [
        (Terminal(), {}, True),
        (io.StringIO(), {}, False),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (io.StringIO(), {"FORCE_COLOR": "1"}, True),
        (io.StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
    ],
)
def test_who_gets_colours(monkeypatch, stream, environment, wanted):
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.platform", "linux")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_colour(stream) is wanted


def test_the_old_console_of_windows_gets_none(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "WT_SESSION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("TERM", "xterm")
    assert not wants_colour(Terminal())
    monkeypatch.setenv("WT_SESSION", "1")
    assert wants_colour(Terminal())


def test_a_terminal_has_a_width_and_a_file_has_none(monkeypatch):
    monkeypatch.setenv("COLUMNS", "61")
    assert width_of(Terminal()) == 61
    assert width_of(io.StringIO()) is None


@pytest.mark.parametrize(
    ("stream", "seconds", "shown"), [(Terminal(), 2, True), (Terminal(), 0, False), (io.StringIO(), 2, False)]
)
def test_progress_shows_what_takes_long_on_a_terminal_alone(monkeypatch, stream, seconds, shown):
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm")
    progress = Progress(stream)
    progress.begin("a\x1b[2Jb.whl")
    now[0] += seconds
    progress.show("a step" * 9)
    progress.clear()
    progress.clear()
    line = "a\\x1b[2Jb.whl: " + "a step" * 9
    assert stream.getvalue() == (f"\r\x1b[K{line[:39]}\r\x1b[K" if shown else "")
