"""The workflows of this repository and of the example, and each command in them."""

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from wheel_lab.lab.paths import ROOT

EXAMPLE = ROOT / "example_project"
OURS = sorted((ROOT / ".github/workflows").glob("*.yml"))
GITHUB = [*OURS, *sorted((EXAMPLE / ".github/workflows").glob("*.yml"))]
GITLAB = EXAMPLE / ".gitlab-ci.yml"
WHEELS = "example_project/.github/workflows/wheels.yml"
RELEASE = ".github/workflows/release.yml"
PIPELINE = "example_project/.gitlab-ci.yml"
NO_JOBS = {"stages", "workflow", "default", "variables"}


class Step(NamedTuple):
    """One thing that a shell is to run: where it stands, and its script. `name` is a key of GitLab's job."""

    file: str
    job: str
    name: str
    script: str
    env: dict[str, str]

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return f"{self.file}: {self.job}: {self.name}"


def load(path: Path) -> dict[Any, Any]:
    """Return a workflow as a table. (YAML takes the word `on` for true.)"""
    table = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(table, dict)
    return table


def named(path: Path) -> str:
    """Return the name of a file within the repository."""
    return path.relative_to(ROOT).as_posix()


def github_steps(path: Path) -> list[Step]:
    """Return all steps of a GitHub workflow that are shell, in their order."""
    found = []
    for name, job in load(path)["jobs"].items():
        for step in job.get("steps", []):
            if "run" in step:
                found.append(Step(named(path), name, step["name"], step["run"], step.get("env", {})))
    return found


def gitlab_jobs(path: Path = GITLAB) -> dict[str, dict[str, Any]]:
    """Return the jobs of a GitLab pipeline by their names, each with what it takes from the job that it extends."""
    table = {name: job for name, job in load(path).items() if name not in NO_JOBS}
    whole = {name: table.get(job.get("extends"), {}) | job for name, job in table.items()}
    return {name: job for name, job in whole.items() if not name.startswith(".")}


def gitlab_steps(path: Path = GITLAB) -> list[Step]:
    """Return the scripts of a GitLab pipeline: the lines of each, as its runner takes them one after the other."""
    shared = load(path)["variables"]
    return [
        Step(named(path), name, key, "\n".join(job[key]), shared | job.get("variables", {}))
        for name, job in gitlab_jobs(path).items()
        for key in ("before_script", "script")
        if key in job
    ]


def every_step() -> list[Step]:
    """Return all that a shell runs in the workflows of the example and in our release. `.ci/run` runs the others."""
    return [*github_steps(ROOT / WHEELS), *github_steps(ROOT / RELEASE), *gitlab_steps()]


# What `make test-release` runs, in the order of the files …
TRIED = {
    (WHEELS, "wheels"): ["Install cibuildwheel", "Build, repair, examine and test the wheels"],
    (WHEELS, "sdist"): [
        "Build it",
        "Install the system's OpenBLAS",
        "Build from it, as a user without a wheel would, and test",
    ],
    (WHEELS, "check"): ["Is there a wheel for each platform?", "Will the index take them?"],
    (RELEASE, "build"): [
        "Build the sdist, and the wheel from it",
        "Will the index take them?",
        "Is this the version that the tag names?",
    ],
    (PIPELINE, "linux"): ["before_script", "script"],
    (PIPELINE, "sdist"): ["script"],
    (PIPELINE, "check"): ["script"],
    (PIPELINE, "publish-with-token"): ["script"],
}
# … and what it cannot, and why.
CANNOT = {
    (PIPELINE, "linux-arm"): "the same lines as in the job linux, on another processor",
    (PIPELINE, "windows"): "needs Windows; the same command as in the job wheels on GitHub, which runs for Linux",
    (PIPELINE, "macos"): "needs a Mac; the same command as in the job wheels on GitHub, which runs for Linux",
    (PIPELINE, "publish"): "needs an identity that GitLab gives, and the public index",
}
