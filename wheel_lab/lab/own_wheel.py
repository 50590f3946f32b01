"""The learner's own wheel in chapter 12: the control of the doctor, and a project's file from the package index."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from wheel_lab.lab import environment
from wheel_lab.views import doctor
from wheel_lab.views.picture import Control

__all__ = ["command", "control", "fetch"]

OPTIONS = ["--no-deps", "--only-binary=:all:"]
# What `pip -vv` says of an index that gives no answer, where it says no more than "from versions: none" without that.
UNREACHABLE = r"Could not fetch URL (?!.* \d\d\d (Client|Server) Error)"
OFFLINE = "The package index cannot be reached from here. Upload the file, or give its path."


def command(project: str) -> str:
    """Return what :func:`fetch` does for a project, as one types it."""
    return shlex.join(["pip", "download", *OPTIONS, project.strip()])


def fetch(project: str, folder: Path) -> Path:
    """Let pip fetch the wheel of a project that suits this Python, with the learner's own settings of pip.

    Nothing of the file is run or installed.

    Parameters
    ----------
    project
        A name, and a version where one is wanted: ``"numpy"`` or ``"numpy==2.5.5"``.
    folder
        Where the file goes.

    Raises
    ------
    ValueError
        In one sentence: this is no name of a project, the index cannot be reached, or pip finds no such wheel.
    """
    try:
        wanted = Requirement(project)
    except InvalidRequirement:
        raise ValueError(
            "Type the name of a project, with a version where you want one: numpy, or numpy==2.5.5."
        ) from None
    if wanted.url is not None:
        raise ValueError("Type the name of a project without a URL; a file that you have, you can upload.")
    folder.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "download", "-vv", "--no-input", "--disable-pip-version-check", *OPTIONS]
    done = subprocess.run(
        [*pip, "--dest", str(folder), str(wanted)],
        capture_output=True,
        text=True,
        errors="replace",
        env=environment.before(),
        stdin=subprocess.DEVNULL,
    )
    saved = re.findall(r"(?m)^(?:Saved|  File was already downloaded) (.+\.whl)$", done.stdout)
    if done.returncode == 0 and saved:
        return folder / Path(saved[-1]).name
    if re.search(UNREACHABLE, done.stderr + done.stdout):
        raise ValueError(OFFLINE)
    errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR: ")]
    raise ValueError(f"pip says: {errors[0].removeprefix('ERROR: ')}" if errors else "pip fetched no wheel.")


def control(start: str | Path = "") -> Control:
    """Return the fields that take a wheel, with one for a project on the package index; see `doctor.control`."""
    return doctor.control(start, fetch=fetch, command=command)
