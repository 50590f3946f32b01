"""CI's scripts and the workflow that checks: clean, name only what exists, leave nothing out."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.lab.test_lock import INSTALLS, PYTHONS, ROOT

BIN = Path(sys.executable).parent
SCRIPTS = [ROOT / ".ci/run", ROOT / ".ci/lanes.sh", ROOT / "tools/standin", ROOT / "tools/deskbranch"]
WORKFLOW = ROOT / ".github/workflows/check.yml"

TABLE = yaml.safe_load(WORKFLOW.read_text())
JOBS = TABLE["jobs"]


# --- the scripts -----------------------------------------------------------------------------------------------------


def complaints(*command: str | Path) -> str:
    """Return what a linter says, or nothing when it is content."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.stdout + done.stderr if done.returncode else ""


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_bash_and_shellcheck_are_content(script):
    assert complaints("bash", "-n", script) == ""
    assert complaints(BIN / "shellcheck", "--external-sources", script) == ""


def test_shellcheck_would_complain(tmp_path):
    (tmp_path / "run").write_text("#!/bin/bash\nrm -rf $1/*\n")
    assert "SC2115" in complaints(BIN / "shellcheck", tmp_path / "run")


def made() -> set[str]:
    """Return the targets of the Makefile."""
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))


def asked(text: str) -> set[str]:
    """Return the targets that a script or a workflow asks of make: at the beginning of a command, or after a word."""
    return set(re.findall(r'(?:^ *|" |run: )make ([a-z][a-z-]+)', text, flags=re.MULTILINE))


@pytest.mark.parametrize("file", [ROOT / ".ci/run", WORKFLOW], ids=lambda path: path.name)
def test_each_target_that_is_asked_for_exists(file):
    assert "test" in asked(file.read_text())
    assert asked(file.read_text()) <= made()


def test_ci_runs_every_kind_of_test_and_so_does_test_all():
    kinds = {target for target in made() if target.startswith("test-")} - {"test-notebooks", "test-all"}
    assert len(kinds) > 6
    in_ci = kinds - {"test-wheels", "test-bundle"}  # they fetch hundreds of megabytes, and run weekly, with all
    assert in_ci | {"test"} <= asked((ROOT / ".ci/run").read_text())
    (needs,) = re.findall(r"^test-all: (.*?) ##", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert set(needs.split()) == kinds | {"test"}


def test_every_marker_is_selected_somewhere():
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    (left_out,) = (option for option in options["addopts"] if option.startswith("-m="))
    markers = set(left_out.removeprefix("-m=").replace("not ", "").split(" and "))
    assert len(markers) > 6
    assert markers <= set(re.findall(r"-m \"?([a-z]+)", (ROOT / "Makefile").read_text()))


def test_everything_is_installed_with_make():
    assert not INSTALLS.search((ROOT / ".ci/run").read_text())
    steps = [step for name, job in JOBS.items() if name not in {"library", "chart"} for step in job["steps"]]
    commands = [step["run"] for step in steps if "run" in step]
    as_root = 'sudo env "PATH=$PATH" '
    assert commands
    assert [one for one in commands if not one.removeprefix(as_root).startswith(("make ", ".ci/run"))] == []


# --- the workflow ----------------------------------------------------------------------------------------------------


def test_the_oldest_and_the_newest_python_are_tried_on_every_system():
    matrix = JOBS["library"]["strategy"]["matrix"]
    assert matrix["os"] == ["ubuntu-latest", "macos-latest", "windows-latest"]
    assert matrix["python"] == JOBS["lab"]["strategy"]["matrix"]["python"] == [PYTHONS[0], PYTHONS[-1]]
    assert matrix["include"] == [{"os": "ubuntu-latest", "python": f"{PYTHONS[-1]}t"}]
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert table["project"]["requires-python"] == f">={PYTHONS[0]}"


def test_what_takes_hours_and_what_is_newest_is_tried_weekly():
    assert TABLE[True]["schedule"]  # YAML takes the word `on` for true
    weekly = {name for name, job in JOBS.items() if "schedule" in job.get("if", "")}
    assert weekly == {"all", "newest"}
    assert any("make test-all" in step.get("run", "") for step in JOBS["all"]["steps"])
    assert any("--upgrade" in step.get("run", "") for step in JOBS["newest"]["steps"])
