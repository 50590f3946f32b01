"""Pack the lab for a room without a network: ``python -m tools.bundle [PYTHON…]`` (or ``make bundle``).

One zip file under ``.lab/bundle``: the repository as it is committed, and beside its files a folder ``wheels`` with all
that set-up fetches, for Linux on x86-64 and each of the Pythons. Set-up takes from such a folder when there is one, and
asks no index then.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path

from packaging.requirements import Requirement

from wheel_lab.lab.commands import SetupError, pip, say
from wheel_lab.lab.fetching import pinned, specimens
from wheel_lab.lab.paths import ROOT, SPECIMENS, STORE, WHEELS

__all__ = ["PYTHONS", "bundle"]

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
NAME = "wheel-lab"
# The newest glibc that a wheel may ask for here: that of the image, and of every Linux since 2019.
GLIBC = 28
ALIASES = {5: "manylinux1", 12: "manylinux2010", 17: "manylinux2014"}


def bundle(target: Path, pythons: tuple[str, ...] = PYTHONS) -> Path:
    """Write the zip file into the folder `target`, and return its path.

    Raises
    ------
    SetupError
        The lab is not set up, or a wheel of the lock cannot be fetched.
    """
    if missing := [name for name in specimens() if not (SPECIMENS / name).exists()]:
        raise SetupError(f"{missing[0]} is not here. Set the lab up first: make setup")
    target.mkdir(parents=True, exist_ok=True)
    commit = git("rev-parse", "--short", "HEAD").decode().strip()
    with tempfile.TemporaryDirectory(dir=target) as name:
        lab = Path(name, NAME)
        with tarfile.open(fileobj=BytesIO(git("archive", "--format=tar", f"--prefix={NAME}/", "HEAD"))) as archive:
            archive.extractall(name, filter="tar")  # which keeps the links, and who may run what
        wheels = lab / WHEELS.name
        for python in pythons:
            say(f"fetching the wheels of Python {python}")
            fetch(python, wheels)
        for specimen in specimens():
            shutil.copy(SPECIMENS / specimen, wheels)
        return pack(lab, target / f"{NAME}-{commit}-python-{'-'.join(pythons)}.zip")


def git(*arguments: str) -> bytes:
    """Return what a git command prints about this repository."""
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True).stdout


def fetch(python: str, folder: Path) -> None:
    """Fetch what the learner's lock pins for one Python on Linux x86-64 into `folder`."""
    wanted = STORE / "bundle.txt"
    wanted.write_text("\n".join(pins(python)) + "\n")
    tag = f"cp{python.replace('.', '')}"
    platforms = [f"manylinux_2_{minor}_x86_64" for minor in range(GLIBC, 4, -1)]
    platforms += [f"{alias}_x86_64" for alias in ALIASES.values()]
    choice = ["--only-binary", ":all:", "--implementation", "cp", "--python-version", python]
    choice += [word for abi in (tag, "abi3", "none") for word in ("--abi", abi)]
    choice += [word for platform in platforms for word in ("--platform", platform)]
    pip(Path(sys.executable), "download", "--no-deps", "--require-hashes", *choice, "--requirement", wanted,
        "--dest", folder)  # fmt: skip


def pins(python: str) -> list[str]:
    """Return the lines of the learner's lock for one Python, without markers: pip would read them for its own."""
    there = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux",
             "os_name": "posix", "platform_system": "Linux", "platform_machine": "x86_64",
             "implementation_name": "cpython", "platform_python_implementation": "CPython", "extra": ""}  # fmt: skip
    lines = []
    for many in pinned(ROOT / "requirements.txt").values():
        for line in many:
            pin, *hashes = line.split(" --hash=")
            asked = Requirement(pin.strip())
            if asked.marker is None or asked.marker.evaluate(there):
                lines.append(" --hash=".join([f"{asked.name}{asked.specifier}", *hashes]))
    return lines


def pack(lab: Path, target: Path) -> Path:
    """Pack a folder, and return `target`. Wheels are compressed already."""
    new = target.with_name(f".{target.name}.new")
    with zipfile.ZipFile(new, "w") as archive:
        for path in sorted(lab.rglob("*")):
            if path.is_file():
                kind = zipfile.ZIP_STORED if path.suffix == ".whl" else zipfile.ZIP_DEFLATED
                archive.write(path, path.relative_to(lab.parent), kind)
    os.replace(new, target)
    return target


if __name__ == "__main__":
    try:
        made = bundle(STORE / "bundle", tuple(sys.argv[1:]) or PYTHONS)
        print(f"{made.relative_to(ROOT)}, {made.stat().st_size / 1e6:.0f} MB")
    except SetupError as error:
        sys.exit(f"wheel lab: {error}")
