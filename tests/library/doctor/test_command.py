"""The command, as it is typed: its exit status, its three forms of output, and nothing hidden in a name."""

import json
import os
import subprocess
import sys

import pytest
from hostile_zip import Entry
from making import make

from wheel_lab import __version__
from wheel_lab.__main__ import main
from wheel_lab.doctor import RULES, examine
from wheel_lab.doctor.annotations import as_github
from wheel_lab.doctor.findings import RULES_AS_OF
from wheel_lab.doctor.report import QUESTIONS
from wheel_lab.doctor.settings import FORMATS

GOOD = "tiny-1.0-py3-none-any.whl"
LINUX = "tiny-1.0-cp312-cp312-linux_x86_64.whl"
KEYS = ["code", "name", "level", "member", "subject", "what", "why", "fix", "link"]


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a good wheel, one with an error, one with a warning, and a text file."""
    make(tmp_path)
    make(tmp_path, name=LINUX)
    more = tmp_path / "more"
    more.mkdir()
    make(more, rows=("a/,,",))
    (tmp_path / "text.whl").write_text("hello")
    return tmp_path


def environment(**more):
    """Return an environment in which wheel_lab is found and nothing asks for colours or against them."""
    place = os.pathsep.join(path for path in sys.path if path)
    kept = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")}
    return {**kept, "TERM": "xterm", "PYTHONPATH": place, "PYTHONIOENCODING": "utf-8", **more}


def typed(folder, *arguments, **more):
    """Run the command in a process of its own, in that folder."""
    command = [sys.executable, "-m", "wheel_lab", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=environment(**more), capture_output=True, encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ([GOOD], 0),
        ([LINUX], 1),
        ([f"more/{GOOD}"], 0),
        ([f"more/{GOOD}", "--strict"], 1),
        ([GOOD, "--strict"], 0),
        ([f"more/{GOOD}", "--strict", "--ignore", "I402"], 0),
        ([LINUX, "--ignore", "I402, i201"], 0),
        ([LINUX, "--ignore", "I402", "--ignore", "I201"], 0),
        ([GOOD, LINUX], 1),
        (["text.whl"], 2),
        (["text.whl", LINUX, GOOD], 2),
        (["absent-1.0-py3-none-any.whl"], 2),
        (["more"], 2),
        ([GOOD, "--ignore", "I999"], 2),
        (["--explain", "I999"], 2),
        ([GOOD, "--format", "xml"], 2),
        ([GOOD, "--format", "github", "--json"], 2),
        ([GOOD, "--policy", "manylinux_2_28"], 2),
        ([GOOD, "--time", "soon"], 2),
        ([GOOD, "--memory", "-1"], 2),
        ([GOOD, "--no-child", "--time", "0", "--memory", "0"], 0),
        ([GOOD, "--time", "0.000001"], 2),
        (["--schema"], 0),
        ([], 2),
        (["--explain", "i201"], 0),
        (["--version"], 0),
        (["--help"], 0),
    ],
)
def test_exit_status(folder, capsys, monkeypatch, arguments, status):
    monkeypatch.chdir(folder)
    try:
        found = main(["doctor", *arguments])
    except SystemExit as end:
        found = end.code
    assert found == status
    out, err = capsys.readouterr()
    assert bool(err) == (status == 2)
    assert "Traceback" not in out + err


def test_a_process_of_its_own_says_the_same(folder):
    assert [typed(folder, "doctor", name).returncode for name in (GOOD, LINUX, "text.whl")] == [0, 1, 2]
    done = typed(folder, "doctor", "text.whl")
    assert done.stdout == ""
    assert done.stderr.startswith("wheel-lab: text.whl: not a wheel: text.whl is not a zip archive")


def test_text_names_the_cause_and_the_fix_the_worst_first(tmp_path):
    path = make(tmp_path, Entry("a/", b""), name=LINUX, rows=("a/,,",), comment=b"hello")
    report = examine(path)
    first, verdicts, *lines = str(report).splitlines()
    assert first == LINUX
    assert verdicts.startswith("  will the index take it: no")
    said = [line.split()[:2] for line in lines if line.startswith(("  error", "  warning", "  note"))]
    assert [one for one in said if one[1][0] == "I"] == [["error", "I201"], ["warning", "I402"], ["note", "I106"]]
    assert [level for level, _ in said] == sorted((level for level, _ in said), key=["error", "warning", "note"].index)
    assert (
        f"    fix: auditwheel repair {LINUX} (on an old system, such as a manylinux image); renaming repairs nothing"
        in lines
    )


def test_json_is_of_schema_1(folder):
    done = typed(folder, "doctor", "--json", LINUX, GOOD)
    document = json.loads(done.stdout)
    assert list(document) == ["schema", "tool", "rules_as_of", "wheels"]
    assert (document["schema"], document["tool"]) == (1, f"wheel-lab {__version__}")
    assert document["rules_as_of"] == RULES_AS_OF
    bad, good = document["wheels"]
    assert good == {"file": GOOD, "verdicts": dict.fromkeys(QUESTIONS, "yes"), "findings": []}
    assert (bad["file"], bad["verdicts"]["index"], list(bad["verdicts"])) == (LINUX, "no", list(QUESTIONS))
    finding = bad["findings"][0]
    assert list(finding) == KEYS
    assert (finding["code"], finding["subject"], finding["member"]) == ("I201", "linux_x86_64", "")
    assert all(isinstance(value, str) for value in finding.values())
    assert json.loads(examine(folder / LINUX).to_json())["wheels"] == [bad]


def test_a_file_that_cannot_be_examined_is_in_each_form(folder):
    (folder / "more/other.whl").write_text("hello")
    done = typed(folder, "doctor", "--json", "text.whl", GOOD, "more/other.whl")
    document = json.loads(done.stdout)
    assert list(document) == ["schema", "tool", "rules_as_of", "wheels", "unexamined"]
    assert [one["file"] for one in document["wheels"]] == [GOOD]
    assert [one["file"] for one in document["unexamined"]] == ["text.whl", "other.whl"]
    first = document["unexamined"][0]
    assert first["limit"] is None
    assert done.stderr.splitlines()[0] == f"wheel-lab: text.whl: {first['why']}"
    annotation, log = typed(folder, "doctor", "--format", "github", "text.whl", GOOD).stdout.splitlines()
    assert annotation == f"::error file=text.whl,title=not examined::{first['why']}"
    assert log.startswith(GOOD)
    (issue,) = json.loads(typed(folder, "doctor", "--format", "gitlab", "text.whl", GOOD).stdout)
    assert (issue["check_name"], issue["severity"], issue["description"]) == ("not examined", "major", first["why"])
    assert issue["location"]["path"] == "text.whl"


def test_a_limit_that_is_reached_is_named(folder):
    (found,) = json.loads(typed(folder, "doctor", "--json", "--time", "0.000001", GOOD).stdout)["unexamined"]
    assert found["limit"] == "seconds"
    assert found["why"].endswith("; --time SECONDS allows more")


def test_an_ignored_rule_leaves_the_verdict(folder):
    (wheel,) = json.loads(typed(folder, "doctor", "--json", "--ignore", "I201", LINUX).stdout)["wheels"]
    assert wheel["verdicts"]["index"] == "no"
    assert "I201" not in [one["code"] for one in wheel["findings"]]


def test_github_annotations(folder):
    done = typed(folder, "doctor", "--format", "github", LINUX, f"more/{GOOD}")
    assert done.returncode == 1
    lines = [line for line in done.stdout.splitlines() if not line.startswith("::notice")]
    assert lines[0].startswith(f"::error file={LINUX},title=I201 platform-tag::the index does not take the platform")
    assert lines[1].startswith(f"{LINUX}: will the index take it: no")
    assert lines[2].startswith(f"::warning file=more/{GOOD},title=I402 record-names::a/ is in RECORD")
    assert lines[3].startswith(f"{GOOD}: will the index take it: yes")
    assert len(lines) == 4


def test_gitlab_gets_one_issue_for_each_finding(folder):
    done = typed(folder, "doctor", "--format", "gitlab", LINUX, f"more/{GOOD}", GOOD)
    assert done.returncode == 1
    issues = json.loads(done.stdout)
    first, second = (one for one in issues if one["severity"] != "info")
    assert (first["check_name"], first["severity"]) == ("I201 platform-tag", "major")
    assert (second["check_name"], second["severity"]) == ("I402 record-names", "minor")
    assert second["location"] == {"path": f"more/{GOOD}", "lines": {"begin": 1}}
    assert "Fix: auditwheel repair" in first["description"]
    assert len({one["fingerprint"] for one in issues}) == len(issues)
    assert typed(folder, "doctor", "--format", "gitlab", GOOD).stdout == "[]\n"


def test_github_escapes(tmp_path):
    report = examine(make(tmp_path, Entry("100%\n::error::x.py", b"", listed=False)))
    first, second, *_ = as_github(report, "a,b:c%.whl").splitlines()
    assert first.startswith("::error file=a%2Cb%3Ac%25.whl,title=I109 hidden-member::100%25\\n::error::x.py lies")
    assert second.startswith("::error file=a%2Cb%3Ac%25.whl,title=I112 member-name-characters::the name of 100%25\\n")


@pytest.mark.parametrize("code", ["I101", "I501"])
def test_explain(folder, code):
    done = typed(folder, "doctor", "--explain", code)
    assert done.stdout == f"{RULES[code]}\n"
    for several in (["I101,I102"], ["I101", "I102"]):
        assert typed(folder, "doctor", "--explain", *several).stdout.count("  fix:") == 2


def test_patterns_are_expanded_where_the_shell_did_not(folder, capsys, monkeypatch):
    monkeypatch.chdir(folder)
    assert main(["doctor", "tiny-*.whl", "--json"]) == 1
    assert [one["file"] for one in json.loads(capsys.readouterr().out)["wheels"]] == [LINUX, GOOD]
    assert main(["doctor", "none-*.whl"]) == 2
    assert "none-*.whl" in capsys.readouterr().err


def test_names_cannot_play_with_the_terminal(folder):
    evil = "a\x1b]0;title\x07\x1b[2J\r\n::error::b\u202e.py"
    make(folder, Entry(evil), name=GOOD)
    for arguments in ([], ["--json"], ["--format", "github"], ["--format", "gitlab"]):
        done = typed(folder, "doctor", *arguments, GOOD)
        assert done.returncode == 1
        assert not [one for one in done.stdout if not one.isprintable() and one != "\n"]
        assert "\n::error::b" not in done.stdout
    (wheel,) = json.loads(typed(folder, "doctor", "--json", GOOD).stdout)["wheels"]
    # A line of RECORD ends in the middle of that name, too.
    assert [one["member"] for one in wheel["findings"] if one["level"] == "error"] == [evil]


def test_a_terminal_that_knows_ascii_alone(folder):
    make(folder, Entry("é.py"), Entry("é.py"), name=GOOD)
    done = typed(folder, "doctor", GOOD, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert "\\xe9.py is in the archive more than once" in done.stdout


@pytest.mark.linux
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
@pytest.mark.parametrize(("no_colour", "coloured"), [("", True), ("1", False)])
def test_no_color_on_a_terminal(folder, no_colour, coloured):
    status, output = on_a_terminal(folder, LINUX, NO_COLOR=no_colour)
    assert status == 1
    assert b"I201" in output
    assert (b"\x1b[31m" in output) is coloured


@pytest.mark.linux
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_a_terminal_shows_what_takes_long_and_a_pipe_does_not(folder):
    code = "import time; from wheel_lab.doctor import index; old = index.find\n"
    code += "index.find = lambda contents: time.sleep(1.2) or old(contents)\n"
    code += "from wheel_lab.__main__ import main; raise SystemExit(main())"
    command = [sys.executable, "-c", code, "doctor", GOOD, LINUX]
    status, output = on_a_terminal(folder, command=command)
    assert status == 1
    assert b"\r\x1b[K1/2 tiny-1.0-py3-none-any.whl: will the index take it, 1 s" in output
    assert b"\r\x1b[K2/2 tiny-1.0-cp312-cp312-linux_x86_64.whl: will" in output
    assert output.count(b"\r\x1b[Ktiny-1.0") == 2  # the line is taken away before the report
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True)
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr == ""


def on_a_terminal(folder, *files, command=None, **more):
    """Run the doctor on a terminal of its own, and return its status and all that the terminal gets."""
    import pty

    main_end, other_end = pty.openpty()
    command = command or [sys.executable, "-m", "wheel_lab", "doctor", *files]
    output = b""
    with subprocess.Popen(command, cwd=folder, env=environment(**more), stdout=other_end, stderr=other_end) as process:
        os.close(other_end)
        try:
            while data := os.read(main_end, 4096):
                output += data
        except OSError:
            pass  # Linux says so when the other end is closed
        status = process.wait()
    os.close(main_end)
    return status, output


def test_help_says_what_is_judged_and_loads_no_doctor(folder):
    done = typed(folder, "doctor", "--help")
    words = " ".join(done.stdout.split())
    assert "Will the package index take the file, does it keep what its name promises, and will it import?" in words
    assert len(QUESTIONS) == 3
    assert "Exit status" in words
    assert "text (the default), json, github or gitlab" in words
    assert FORMATS == ("text", "json", "github", "gitlab")
    assert (
        typed(folder, "--version").stdout == typed(folder, "doctor", "--version").stdout == f"wheel-lab {__version__}\n"
    )
    code = (
        "import sys; from wheel_lab.__main__ import main\n"
        "try: main(['doctor', '--help'])\n"
        "except SystemExit: pass\n"
        "print([one for one in sys.modules if one.startswith(('wheel_lab.doctor', 'wheel_lab.wheelfile', 'elftools'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_a_reader_that_wants_no_more_ends_it_quietly():
    command = [sys.executable, "-m", "wheel_lab", "doctor", "--schema"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141
