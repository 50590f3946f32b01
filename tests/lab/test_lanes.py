"""CI's lanes (.ci/lanes.sh): they report, fail and end as they should, and leave nothing behind.

They run small steps of their own here. What a step waits for is a file, never a time.
"""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120  # seconds for what takes one
SUMMARY = "======= 3 passed, 1 warning in 65.43s (0:01:05) ======="


class Run:
    """A script of lanes that runs in `folder`; what it says goes into a file that can be read meanwhile."""

    def __init__(self, folder: Path, body: str, **environment: str) -> None:
        self.folder = folder
        start = f'. "{ROOT}/.ci/lanes.sh"\nat_end() {{ touch cleared; }}\nbegin "{folder}/the logs"\n'
        (folder / "run").write_text(f"set -euo pipefail\n{start}{body}\n")
        self.output = folder / "output"
        with self.output.open("w") as stream:
            self.process = subprocess.Popen(
                ["bash", folder / "run"], cwd=folder, stdout=stream, stderr=stream, env={**os.environ, **environment}
            )

    def said(self) -> str:
        """Return all that it has said by now."""
        return self.output.read_text()

    def ended(self) -> int:
        """Wait for its end, and return its exit status."""
        return self.process.wait(PATIENCE)

    def until(self, there: Callable[[], bool]) -> None:
        """Wait for something."""
        end = time.monotonic() + PATIENCE
        while not there():
            assert time.monotonic() < end, self.said()
            time.sleep(0.05)

    def table(self) -> dict[tuple[str, str], str]:
        """Return from the table at its end how each step ended, by lane and step."""
        rows = self.said().partition("\nlane ")[2].splitlines()[1:]
        assert rows.pop().split()[:3] == ["all", "of", "it"]
        return {(row[:9].strip(), row[11:57].strip()): row[68:] for row in rows}


@pytest.fixture
def lanes(tmp_path):
    """Start a script of lanes; whatever happens, it is ended after the test."""
    runs = []

    def start(body: str, **environment: str) -> Run:
        runs.append(Run(tmp_path, body, **environment))
        return runs[-1]

    yield start
    for run in runs:
        run.process.terminate()
        run.process.wait(PATIENCE)


MEET = """
meet() { touch "$1"; until [ -e "$2" ]; do sleep 0.05; done; }
"""


def test_lanes_run_side_by_side_and_tell_what_they_did(lanes):
    # Each waits for the other: one after the other they would never end.
    run = lanes(f"""{MEET}
    test_run() {{ echo noise; echo "{SUMMARY}"; echo "Required test coverage of 95.0% reached."; }}
    lane_a() {{ step "one / first" meet a b; step tests test_run; }}
    lane_b() {{ step two meet b a; }}
    step before true
    run_lanes a b
    echo at last""")
    assert run.ended() == 0, run.said()
    assert re.search(r"^\d\d:\d\d  a          tests  ok in \d+ s\n" + re.escape(SUMMARY), run.said(), re.MULTILINE)
    assert "Required test coverage" in run.said()
    assert "noise" not in run.said()
    assert run.table() == dict.fromkeys([("start", "before"), ("a", "one / first"), ("a", "tests"), ("b", "two")], "ok")
    logs = {path.name for path in (run.folder / "the logs").glob("*.log")}
    assert logs == {"start, before.log", "a, one - first.log", "a, tests.log", "b, two.log"}
    assert "noise" in (run.folder / "the logs/a, tests.log").read_text()


def test_a_failure_shows_the_whole_log_ends_its_lane_and_fails_the_run(lanes):
    # `false` is not the last command: a step ends at the first one that fails.
    run = lanes(f"""{MEET}
    broken() {{ seq 1000 2000; touch failed; false; echo beyond; }}
    lane_a() {{ step broken broken; step later touch later; }}
    lane_b() {{ step slow meet b failed; step last touch last; }}
    run_lanes a b
    echo never""")
    assert run.ended() == 1
    said = run.said()
    assert 'all that "broken" said:\n1000\n1001\n' in said
    assert '\n2000\n----- the end of "broken"' in said
    assert "beyond" not in said
    assert "never" not in said
    assert run.table() == {
        ("a", "broken"): "failed with status 1",
        ("a", "later"): "not run",
        ("b", "slow"): "ok",
        ("b", "last"): "ok",
    }
    assert (run.folder / "last").exists()
    assert not (run.folder / "later").exists()
    assert (run.folder / "cleared").exists()


def test_a_failure_before_the_lanes_ends_the_run(lanes):
    run = lanes("step before sh -c 'echo why; exit 7'\nlane_a() { step one touch one; }\nrun_lanes a")
    assert run.ended() == 1
    assert "\nwhy\n" in run.said()
    assert run.table() == {("start", "before"): "failed with status 7"}
    assert not (run.folder / "one").exists()


def test_a_running_step_shows_that_it_lives(lanes):
    run = lanes(f"""{MEET}
    slow() {{ printf '....s. [ 41%%]\\r....s. [ 42%%]\\n\\n'; meet a told; }}
    lane_a() {{ step slow slow; }}
    run_lanes a""", LANES_PULSE="1")  # fmt: skip
    line = re.compile(r"^\d\d:\d\d  a          slow  for \d+ s now: \.{4}s\. \[ 42%\]$", re.MULTILINE)
    run.until(lambda: line.search(run.said()))
    (run.folder / "told").touch()
    assert run.ended() == 0


def test_a_run_that_takes_too_long_is_ended_and_says_where(lanes):
    run = lanes('lane_a() { step hangs sh -c "echo deep inside; sleep 1000"; }\nrun_lanes a', LANES_LIMIT="2")
    assert run.ended() == 143
    assert "the time is over" in run.said()
    assert "\ndeep inside\n" in run.said()
    assert run.table() == {("a", "hangs"): "stopped"}


# Children that are hard to find or to end: in a session of its own with a parent that has ended, without an
# environment, and deaf to a request. Each writes its number into a file.
STUBBORN = """
stubborn() {
    (setsid sh -c 'echo $$ >orphan.pid; exec sleep 1000' &)
    env -i /bin/sh -c 'echo $$ >bare.pid; exec sleep 1000' &
    sh -c 'trap "" TERM; echo $$ >deaf.pid; while :; do sleep 1; done' &
    wait
}
lane_a() { step stubborn stubborn; step later true; }
lane_b() { step plain sh -c 'echo $$ >plain.pid; sleep 1000'; }
run_lanes a b
"""


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL], ids=["ended", "killed"])
def test_a_run_that_is_killed_leaves_no_child(lanes, sent):
    run = lanes(STUBBORN, LANES_GRACE="1")
    pids = [run.folder / f"{name}.pid" for name in ("orphan", "bare", "deaf", "plain")]
    run.until(lambda: all(path.exists() and path.read_text().endswith("\n") for path in pids))
    children = [psutil.Process(int(path.read_text())) for path in pids]
    assert all(child.is_running() for child in children)
    run.process.send_signal(sent)
    assert run.ended() == (143 if sent == signal.SIGTERM else -signal.SIGKILL)
    _, left = psutil.wait_procs(children, PATIENCE)
    assert left == []
    # A run that was killed outright is brought to its end by its heartbeat.
    run.until((run.folder / "cleared").exists)
    assert run.table() == {("a", "stubborn"): "stopped", ("a", "later"): "not run", ("b", "plain"): "stopped"}


def test_a_run_within_a_run_ends_its_own_alone(lanes):
    inner = f'set -e; . "{ROOT}/.ci/lanes.sh"; begin "$PWD/inner logs"; step one true'
    run = lanes(f"""{MEET}
    inner() {{ printf '%s\\n' '{inner}' >inner; bash inner; touch told; }}
    lane_a() {{ step waits meet a told; }}
    lane_b() {{ step inner inner; }}
    run_lanes a b""")
    assert run.ended() == 0, run.said()
