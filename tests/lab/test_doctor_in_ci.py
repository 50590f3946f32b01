"""What `docs/doctor.md` shows for continuous integration, run as far as a Linux machine can: each block of the page.

Where a package is installed, that is left out here; the tests marked `installed` do it, from wheels at hand.
"""

import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest
import yaml
from cibuildwheel import errors
from cibuildwheel.audit import needs_audit, run_audit
from cibuildwheel.options import CommandLineArguments, compute_options
from cibuildwheel.util.cmd import shell
from cibuildwheel.util.helpers import prepare_command
from making import make
from test_installed import built  # noqa: F401  (the library, built)

from tools import library
from wheel_lab.doctor.settings import DEFAULTS, find_settings
from wheel_lab.lab.paths import ROOT, WHEELHOUSE

PAGE = (ROOT / "docs/doctor.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
BIN = Path(sys.executable).parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
(STEP,) = ACTION["runs"]["steps"]
INSTALL = "pip install wheel-lab"
GOOD, BAD = "tiny-1.0-py3-none-any.whl", "tiny-1.0-cp312-cp312-linux_x86_64.whl"


def blocks(language, word):
    """Return the blocks of the page in that language that hold a word."""
    return [text for kind, text in BLOCKS if kind == language and word in text]


def in_bash(script, folder, **more):
    """Run a script as CI does, with this environment's commands in reach."""
    env = {**os.environ, "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]), **more}
    options = ["--noprofile", "--norc", "-eo", "pipefail"]
    return subprocess.run(["bash", *options, "-c", script], cwd=folder, env=env, capture_output=True, text=True)


@pytest.fixture
def dist(tmp_path):
    """Return a folder whose `dist` and `wheelhouse` hold a good wheel, and a function that adds a bad one."""
    for name in ("dist", "wheelhouse"):
        (tmp_path / name).mkdir()
        make(tmp_path / name)

    def spoil():
        for name in ("dist", "wheelhouse"):
            make(tmp_path / name, name=BAD)

    return tmp_path, spoil


def test_each_block_is_one_that_is_tested_here():
    assert len(BLOCKS) == 8
    tested = [*blocks("bash", "wheel-lab"), *blocks("toml", "doctor"), *blocks("yaml", "wheel-lab")]
    assert sorted(tested) == sorted(text for _, text in BLOCKS)


@pytest.mark.parametrize("block", [text for kind, text in BLOCKS if kind == "bash"])
def test_commands(dist, block):
    folder, spoil = dist
    script = block.replace(INSTALL, "true")
    done = in_bash(script, folder)
    assert done.returncode == 0, done.stderr
    spoil()
    done = in_bash(script, folder)
    assert done.returncode == (1 if "dist/" in script else 0)
    assert done.stderr == ""


def test_the_json_keeps_the_schema_beside_it(dist):
    import jsonschema

    folder, _ = dist
    (block,) = blocks("bash", "--schema")
    assert in_bash(block, folder).returncode == 0
    report, schema = (json.loads((folder / name).read_text()) for name in ("report.json", "report.schema.json"))
    jsonschema.validate(report, schema, jsonschema.Draft202012Validator)
    assert [one["file"] for one in report["wheels"]] == [GOOD]


def test_settings(tmp_path):
    (block,) = blocks("toml", "[tool.wheel-lab.doctor]")
    (tmp_path / "pyproject.toml").write_text(block)
    found = find_settings(tmp_path)
    assert found == {"ignore": ["I402"], "strict": True, "format": "text", "time": 60.0, "memory": 2 << 30}
    # The page names every setting, and the values that hold without one.
    assert all(f"{key} = " in PAGE.replace("\n", " ") for key in DEFAULTS)
    assert (DEFAULTS["time"], DEFAULTS["memory"]) == (30, 1 << 30)


# --- cibuildwheel ---


def options_of(folder, platform="linux", identifier="cp312-manylinux_x86_64"):
    """Let cibuildwheel itself read the page's settings."""
    (block,) = blocks("toml", "[tool.cibuildwheel]")
    project = '[project]\nname = "tiny"\nversion = "1"\n'
    (folder / "pyproject.toml").write_text(f"{project}{block}build-frontend = 'build[uv]'\n")
    arguments = CommandLineArguments.defaults()
    arguments.package_dir = folder
    return compute_options(platform, arguments, {}).build_options(identifier)


@pytest.mark.parametrize(
    ("platform", "identifier"),
    [("linux", "cp312-manylinux_x86_64"), ("macos", "cp312-macosx_arm64"), ("windows", "cp312-win_amd64")],
)
def test_cibuildwheel_runs_the_doctor_on_each_wheel(dist, platform, identifier):
    folder, _ = dist
    options = options_of(folder, platform, identifier)
    assert options.audit_requires == ["wheel-lab", "abi3audit"]
    assert len(options.audit_command) == 2
    assert needs_audit(options.audit_command, GOOD)
    (command,) = (one for one in options.audit_command if "{wheel}" in one)
    env = {**os.environ, "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]])}
    shell(prepare_command(command, wheel=folder / "dist" / GOOD), env=env)
    with pytest.raises(subprocess.CalledProcessError) as caught:
        shell(prepare_command(command, wheel=make(folder, name=BAD)), env=env)
    assert caught.value.returncode == 1


@pytest.mark.installed
def test_cibuildwheel_installs_the_doctor_and_audits(dist, built, monkeypatch, capfd):  # noqa: F811
    folder, _ = dist
    options = options_of(folder)
    options.audit_requires.remove("abi3audit")  # which is not at hand here, and is for wheels of the stable ABI
    options.audit_command[:] = [one for one in options.audit_command if "{wheel}" in one]
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", f"{built[1].parent},{library.WHEELS}")
    monkeypatch.setenv("PATH", os.pathsep.join([str(BIN), os.environ["PATH"]]))
    monkeypatch.setattr(sys, "_base_executable", sys.executable)
    run_audit(tmp_dir=folder, build_options=options, wheel=folder / "dist" / GOOD)
    assert (folder / "audit_venv/bin/wheel-lab").exists()
    with pytest.raises(errors.AuditCommandFailedError):
        run_audit(tmp_dir=folder, build_options=options, wheel=make(folder, name=BAD))
    out, _ = capfd.readouterr()
    assert "nothing found" in out
    assert "error I201 platform-tag" in out


# --- GitHub ---


def test_the_action_that_is_shown_is_ours_with_inputs_that_it_has():
    (block,) = blocks("yaml", "uses:")
    (step,) = yaml.safe_load(block)["steps"]
    url = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]["Homepage"]
    assert step["uses"].partition("@")[0] == url.removeprefix("https://github.com/")
    assert set(step["with"]) <= set(ACTION["inputs"])
    assert all(one["description"] and "default" in one for one in ACTION["inputs"].values())
    assert (ACTION["runs"]["using"], STEP["shell"]) == ("composite", "bash")


def test_zizmor_and_shellcheck_are_content_with_the_action(tmp_path):
    zizmor = [BIN / "zizmor", "--offline", "--quiet", ROOT / "action.yml"]
    done = subprocess.run(zizmor, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    (tmp_path / "step").write_text(f"#!/bin/bash -e\n{STEP['run']}")
    done = subprocess.run([BIN / "shellcheck", tmp_path / "step"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.installed
def test_the_action_installs_the_doctor_and_annotates(dist, built, tmp_path):  # noqa: F811
    folder, spoil = dist
    with tarfile.open(built[0]) as sdist:  # a build in the repository's own folder would leave something there
        sdist.extractall(tmp_path / "action", filter="data")
    (source,) = (tmp_path / "action").iterdir()
    links = " ".join(folder.as_uri() for folder in (library.WHEELS, WHEELHOUSE))  # a path may hold a space
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": links, "PIP_CONFIG_FILE": os.devnull}
    (block,) = blocks("yaml", "uses:")
    asked = yaml.safe_load(block)["steps"][0]["with"]
    given = {"${{ github.action_path }}": str(source)}
    given |= {f"${{{{ inputs.{key} }}}}": asked.get(key, one["default"]) for key, one in ACTION["inputs"].items()}
    env = {key: given[value] for key, value in STEP["env"].items()}
    for status in (0, 1):
        done = in_bash(STEP["run"], folder, RUNNER_TEMP=str(tmp_path / "runner"), **env, **offline)
        assert done.returncode == status, done.stdout + done.stderr
        assert ("::error file=wheelhouse/" in done.stdout) is bool(status)
        spoil()


def test_the_github_step_without_the_action(dist):
    folder, spoil = dist
    (block,) = blocks("yaml", "--format github")
    install, step = (one["run"] for one in yaml.safe_load(block)["steps"])
    assert install == INSTALL
    assert in_bash(step, folder).returncode == 0
    spoil()
    done = in_bash(step, folder)
    assert done.returncode == 1
    assert done.stdout.startswith(f"::error file=dist/{BAD},title=I201 platform-tag::")


# --- GitLab ---


def test_the_gitlab_job_writes_its_report_and_fails_for_errors_alone(dist):
    folder, spoil = dist
    (block,) = blocks("yaml", "codequality")
    job = yaml.safe_load(block)["doctor"]
    install, *script = job["script"]
    assert install == INSTALL
    report = folder / job["artifacts"]["reports"]["codequality"]
    assert in_bash("\n".join(script), folder).returncode == 0
    assert json.loads(report.read_text()) == []
    spoil()
    done = in_bash("\n".join(script), folder)
    assert done.returncode == 1
    assert "error I201" in done.stdout
    issue, *notes = json.loads(report.read_text())
    assert {one["severity"] for one in notes} <= {"info"}
    # What GitLab asks of each issue.
    assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
    assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
    assert issue["location"] == {"path": f"dist/{BAD}", "lines": {"begin": 1}}
