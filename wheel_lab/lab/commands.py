"""Commands that set-up runs, and how it shows progress and says what went wrong. Standard library only."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

from wheel_lab.lab.paths import ROOT, WHEELS

__all__ = [
    "DISK_FULL",
    "SetupError",
    "digest",
    "failure",
    "pip",
    "progress",
    "run",
    "say",
    "version_of",
    "works",
]

# How pip begins a line about one package; "Processing" names a file.
PIP_NEWS = re.compile(
    r"(Collecting|Ignoring|Processing|Requirement already satisfied:) (\S*/)?(?P<name>\w[\w.-]*?)(-\d|[=:; <>])"
)
DISK_FULL = "the disk is full. Free some space, and run it again"


class SetupError(Exception):
    """Set-up cannot go on; the message says why, and how to fix it, in one line."""


def digest(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def version_of(python: Path) -> str:
    """Return the version of `python` as its wheels name it: ``3.13``."""
    return run([str(python), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).strip()


def works(python: Path, *arguments: str) -> bool:
    """Tell whether `python` can be started (with these arguments) and ends well."""
    command = [str(python), *(arguments or ("-c", "pass"))]
    return python.exists() and subprocess.run(command, capture_output=True).returncode == 0


def run(command: list[str]) -> str:
    """Run `command` and return what it printed; raise :class:`SetupError` with its last line when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        raise failure(command, done.stdout + done.stderr)
    return done.stdout


def pip(python: Path, *arguments: str | Path, pins: int = 0) -> None:
    """Run pip quietly, showing only how many of `pins` it has dealt with.

    pip's own words name the index and the configuration of this machine, which are nobody else's business: they are
    shown only in part, and only when pip fails. In a bundle, pip takes all from its wheels and asks no index.
    """
    if WHEELS.is_dir():
        arguments += ("--no-index", "--find-links", WHEELS)
    command = [str(python), "-m", "pip", *map(str, arguments), "--no-input", "--disable-pip-version-check",
               "--progress-bar", "off"]  # fmt: skip
    words: list[str] = []
    count = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT) as process:
        for line in process.stdout or ():
            words.append(line)
            if pins and (news := PIP_NEWS.match(line)):
                count += 1
                progress(count, pins, news["name"])
            elif pins and line.startswith("Installing collected"):
                progress(pins, pins, "unpacking them all")
    if sys.stdout.isatty() and count:
        print()
    if process.returncode:
        raise failure(command, "".join(words))


def failure(command: list[str], words: str) -> SetupError:
    """Say in one line why `command` failed, without the addresses and paths that belong to this machine."""
    if "No space left" in words or "Errno 28" in words:
        return SetupError(DISK_FULL)
    errors = [line.strip() for line in words.splitlines() if re.match(r"\s*(ERROR|error|fatal)", line)]
    last = re.sub(r"(https?|file)://\S+", "<index>", (errors or words.split("\n")[-2:] or ["no word"])[-1])
    return SetupError(f"{' '.join(command[1:4])} failed: {last.strip()} Is the network there? Run it again: it goes on")


def progress(done: int, of: int, name: str) -> None:
    """Show one line that grows in place on a terminal, and every tenth step elsewhere."""
    if sys.stdout.isatty():
        print(f"\r  [{min(done, of):>3}/{of}] {name:<40.40}", end="", flush=True)
    elif done % 10 == 0 or done >= of:
        print(f"  [{min(done, of):>3}/{of}] {name}", flush=True)


def say(text: str) -> None:
    """Print a line of progress at once."""
    print(f"wheel lab: {text}", flush=True)
