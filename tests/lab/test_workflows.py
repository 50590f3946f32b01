"""The workflows, this repository's and the example's: what linters say of them, and what may happen in which job."""

import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import cibuildwheel
import pytest
import yaml

from tests.lab.workflows import (
    CANNOT,
    EXAMPLE,
    GITHUB,
    GITLAB,
    OURS,
    ROOT,
    TRIED,
    every_step,
    github_steps,
    gitlab_jobs,
    gitlab_steps,
    load,
    named,
)

BIN = Path(sys.executable).parent
ENV = {**os.environ, "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]])}  # actionlint finds shellcheck there
RELEASES = [ROOT / ".github/workflows/release.yml", EXAMPLE / ".github/workflows/wheels.yml"]
ACTION = ROOT / "action.yml"
# The index that an audience is for is named by it; what follows may happen for a tag, or a release, and in one job.
PUBLISH = "publish"


def snippets(word: str) -> list[str]:
    """Return the blocks of `docs/doctor.md` in YAML that hold a word."""
    page = (ROOT / "docs/doctor.md").read_text(encoding="utf-8")
    return [text for text in re.findall(r"^```yaml\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL) if word in text]


def as_workflow(steps: str) -> str:
    """Return a whole workflow with the steps that a page shows."""
    table = {"on": "push", "permissions": {}, "jobs": {"one": {"runs-on": "ubuntu-latest", **yaml.safe_load(steps)}}}
    return yaml.safe_dump(table, sort_keys=False)


def lint(program: str, *arguments: str | Path) -> str:
    """Return what a linter says, or nothing when it is content."""
    command = [BIN / program, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=ENV, capture_output=True, text=True)
    return done.stdout + done.stderr if done.returncode else ""


def by_schema(kind: str, file: Path) -> str:
    return lint("check-jsonschema", "--builtin-schema", f"vendor.{kind}", file)


# --- what linters say ------------------------------------------------------------------------------------------------


def test_there_are_as_many_as_we_think():
    assert [named(path) for path in GITHUB] == [
        ".github/workflows/check.yml",
        ".github/workflows/release.yml",
        ".github/workflows/site.yml",
        "example_project/.github/workflows/wheels.yml",
    ]


@pytest.mark.parametrize("file", GITHUB, ids=named)
def test_schema_actionlint_and_zizmor_are_content(file):
    assert by_schema("github-workflows", file) == ""
    assert lint("actionlint", file) == ""
    assert lint("zizmor", "--offline", "--quiet", file) == ""


def test_the_schemas_are_content_with_the_action_and_the_pipeline():
    assert by_schema("github-actions", ACTION) == ""
    assert by_schema("gitlab-ci", GITLAB) == ""


def test_what_the_doctors_page_shows_is_as_good(tmp_path):
    (gitlab,) = snippets("script:")
    (tmp_path / "pipeline.yml").write_text(gitlab)
    assert by_schema("gitlab-ci", tmp_path / "pipeline.yml") == ""
    shown = snippets("steps:")
    assert len(shown) == 2
    for number, steps in enumerate(shown):
        file = tmp_path / f"{number}.yml"
        file.write_text(as_workflow(steps))
        assert by_schema("github-workflows", file) == ""
        assert lint("actionlint", file) == ""


@pytest.mark.parametrize(("program", "old", "new", "words"), [
    ("actionlint", "matrix.runner", "matrix.machine", 'property "machine" is not defined'),
    ("actionlint", "needs: check\n", "needs: czech\n", "czech"),
    ("actionlint", "runner: macos-latest", "runner: macos-1", "macos-1"),
    ("actionlint", 'ls -l dist\n', "ls $dist\n", "SC2086"),
    ("zizmor", "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "actions/checkout@v7", "unpinned"),
    ("zizmor", "          persist-credentials: false\n", "          fetch-depth: 1\n", "artipacked"),
    ("zizmor", "permissions:\n  contents: read", "permissions: write-all", "excessive-permissions"),
])  # fmt: skip
def test_a_mistake_is_seen(program, old, new, words, tmp_path):
    text = (
        RELEASES[1]
        .read_text(encoding="utf-8")
        .replace("run: |\n          for", "run: |\n          ls -l dist\n          for")
    )
    assert old in text
    spoilt = tmp_path / ".github/workflows/wheels.yml"
    spoilt.parent.mkdir(parents=True)
    spoilt.write_text(text.replace(old, new))
    assert words in lint(program, *(["--offline"] if program == "zizmor" else []), spoilt)


@pytest.mark.parametrize(("kind", "file", "old", "new"), [
    ("github-workflows", RELEASES[1], "runs-on:", "run-on:"),
    ("github-actions", ACTION, "using: composite", "using: composed"),
    ("gitlab-ci", GITLAB, "stage: build", "stages: build"),
])  # fmt: skip
def test_a_slip_is_no_longer_of_the_schema(kind, file, old, new, tmp_path):
    text = file.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / file.name).write_text(text.replace(old, new))
    assert "alidation" in by_schema(kind, tmp_path / file.name)


@pytest.mark.parametrize("step", [one for one in gitlab_steps() if one.job not in ("windows", "macos")],
                         ids=lambda one: f"{one.job}-{one.name}")  # fmt: skip
def test_shellcheck_is_content_with_the_pipeline(step, tmp_path):
    (tmp_path / "step").write_text(f"#!/bin/bash\nset -eo pipefail\n{step.script}\n")
    # The variables come from the runner.
    assert lint("shellcheck", "--exclude=SC2154", tmp_path / "step") == ""


# --- what may happen where -------------------------------------------------------------------------------------------


def test_each_action_is_pinned_by_a_hash_with_its_version_beside():
    used = [one for file in GITHUB for one in re.findall(r"uses: (.*)", file.read_text(encoding="utf-8"))]
    steps = [step for file in GITHUB for job in load(file)["jobs"].values() for step in job.get("steps", [])]
    called = [one for one in used if one.startswith("$/")]  # a workflow of this repository, as it is at this commit
    assert called == ["$/.github/workflows/check.yml"]
    assert len(used) - len(called) == sum("uses" in step for step in steps) > 20
    pins = {re.fullmatch(r"([\w-]+/[\w-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)", one).groups()
            for one in used if one not in called}  # fmt: skip
    assert len({name for name, _, _ in pins}) == len(pins), "an action has two versions"


# The jobs that may do more than to read, by the name of their workflow.
RIGHTS = {
    "release": {PUBLISH: {"id-token": "write"}},
    "wheels": {PUBLISH: {"id-token": "write"}},
    "site": {PUBLISH: {"pages": "write", "id-token": "write"}, "desk": {"contents": "write"}},
}


@pytest.mark.parametrize("file", GITHUB, ids=named)
def test_a_workflow_may_read_and_few_jobs_may_more(file):
    table = load(file)
    reads: dict[str, str] = {"contents": "read"}
    assert table["permissions"] in (reads, {})
    more = {name: job["permissions"] for name, job in table["jobs"].items() if job.get("permissions", reads) != reads}
    assert more == RIGHTS.get(table["name"], {})
    for job in table["jobs"].values():
        for step in job.get("steps", []):
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
    assert "secrets." not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", GITHUB, ids=named)
def test_each_job_has_a_limit_and_each_command_a_name(file):
    for job in load(file)["jobs"].values():
        assert "uses" in job or 5 <= job["timeout-minutes"] <= 340
    assert all(step.name for step in github_steps(file))


@pytest.mark.parametrize("file", RELEASES, ids=named)
def test_who_publishes_runs_nothing_else_and_not_before_all_is_well(file):
    jobs = load(file)["jobs"]
    job = jobs[PUBLISH]
    assert job["environment"] == "pypi"
    assert job["if"] == "github.event_name == 'release'"
    assert [step["uses"].partition("@")[0] for step in job["steps"]] == [
        "actions/download-artifact", "pypa/gh-action-pypi-publish",
    ]  # fmt: skip
    # The action attests what it uploads, unless it is told not to.
    assert "with" not in job["steps"][-1]
    waited, new = set(), {PUBLISH}
    while new:
        needs = [jobs[name].get("needs", []) for name in new]
        new = {name for one in needs for name in ([one] if isinstance(one, str) else one)} - waited
        waited |= new
    assert waited == set(jobs) - {PUBLISH}


def test_our_release_waits_for_every_check():
    called = load(RELEASES[0])["jobs"]["check"]["uses"]
    assert (ROOT / called.removeprefix("$/")) in OURS
    assert "workflow_call" in load(ROOT / called.removeprefix("$/"))[True]


# --- the example -----------------------------------------------------------------------------------------------------


def test_the_example_is_built_on_every_kind_of_machine():
    rows = load(RELEASES[1])["jobs"]["wheels"]["strategy"]["matrix"]["include"]
    assert {row["platform"]: row["runner"] for row in rows} == {
        "linux-x86-64": "ubuntu-latest",
        "linux-arm": "ubuntu-24.04-arm",
        "macos-intel": "macos-15-intel",  # the last label with Intel
        "macos-apple-silicon": "macos-latest",
        "windows": "windows-latest",
    }


def test_the_workflows_take_the_cibuildwheel_that_is_tried_here():
    asked = [
        re.search(r'"cibuildwheel\[uv\]==([\d.]+)"', step.script) for file in GITHUB for step in github_steps(file)
    ]
    asked += [re.search(r'"cibuildwheel\[uv\]==([\d.]+)"', step.script) for step in gitlab_steps()]
    assert [one[1] for one in asked if one] == [version("cibuildwheel")] * 3


def test_the_pipeline_takes_the_images_that_cibuildwheel_takes():
    text = GITLAB.read_text(encoding="utf-8")
    assert f"cibuildwheel {version('cibuildwheel')} takes" in text
    tag = load(GITLAB)["variables"]["IMAGE_TAG"]
    pinned = (Path(cibuildwheel.__file__).parent / "resources/pinned_docker_images.cfg").read_text(encoding="utf-8")
    images = [
        image
        for job in gitlab_jobs().values()
        for row in job.get("parallel", {}).get("matrix", [])
        for image in row["IMAGE"]
    ]
    assert len(images) == 4
    for image in images:
        assert re.search(rf"= quay\.io/pypa/{image}@sha256:[0-9a-f]{{64}}  # {tag}$", pinned, flags=re.MULTILINE), image


def test_on_gitlab_one_of_two_ways_publishes_a_tag_and_nothing_else_does():
    jobs = gitlab_jobs()
    rules = {
        name: [rule["if"] for rule in job.get("rules", [])] for name, job in jobs.items() if job["stage"] == PUBLISH
    }
    assert rules == {
        "publish": ['$CI_COMMIT_TAG && $CI_SERVER_HOST == "gitlab.com"'],
        "publish-with-token": ['$CI_COMMIT_TAG && $CI_SERVER_HOST != "gitlab.com"'],
    }
    assert {name for name, job in jobs.items() if "id_tokens" in job} == {"publish"}
    assert {name: token["aud"] for name, token in jobs["publish"]["id_tokens"].items()} == {
        "PYPI_ID_TOKEN": "pypi", "SIGSTORE_ID_TOKEN": "sigstore",
    }  # fmt: skip


# --- what of it runs here --------------------------------------------------------------------------------------------


def test_each_step_is_run_by_make_test_release_or_it_is_said_why_not():
    found: dict[tuple[str, str], list[str]] = {}
    for step in every_step():
        found.setdefault((step.file, step.job), []).append(step.name)
    assert {place: names for place, names in found.items() if place not in CANNOT} == TRIED
    assert set(CANNOT) <= set(found)
    assert all(CANNOT.values())


def test_the_arm_job_differs_from_the_one_that_runs_here_in_its_machine_alone():
    here, there = (gitlab_jobs()[name] for name in ("linux", "linux-arm"))
    assert {key for key in here | there if here.get(key) != there.get(key)} == {"parallel", "rules", "tags"}
