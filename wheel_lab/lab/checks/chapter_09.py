"""The checks of chapter 9: builds trimmed, steps told apart, a wheel taken, and an sdist that can be built."""

import subprocess
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from wheel_lab.lab.checks import NotYet, compare, exercise, reset, solution

__all__ = ["compare", "reset", "sdist_builds", "solution", "trimmed", "wheel_taken", "which_step"]

# --- which builds ----------------------------------------------------------------------------------------------------

# Each platform of cibuildwheel's with one kind of processor; for the others the Pythons are the same.
PLATFORMS = {"linux": "x86_64", "macos": "arm64", "windows": "AMD64"}


@exercise("all builds that are wanted, and no others, on all platforms")
def trimmed() -> None:
    """Skip musl and free-threaded Pythons in ``trimmed/pyproject.toml``."""
    for platform in PLATFORMS:
        everything = _builds("example_project", platform)
        wanted = {one for one in everything if "musllinux" not in one and "t-" not in one}
        found = _builds("trimmed", platform)
        if any("musllinux" in one for one in found):
            raise NotYet("there are still builds for musllinux")
        if unwanted := sorted(found - wanted):
            raise NotYet(f"a free-threaded Python is still there: {unwanted[0]}")
        if not found:
            raise NotYet(f"on {platform} nothing would be built; do your patterns name Linux?")
        if missing := sorted(wanted - found):
            raise NotYet(f"{missing[0]} is wanted, and is not built any more")


def _builds(project: str, platform: str) -> set[str]:
    """Ask cibuildwheel for its builds."""
    command = ["cibuildwheel", "--platform", platform, "--archs", PLATFORMS[platform], "--print-build-identifiers"]
    if not Path(project, "pyproject.toml").is_file():
        raise NotYet(f"there is no {project}/pyproject.toml")
    done = subprocess.run([*command, "--allow-empty", project], capture_output=True, text=True)
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
        raise NotYet(f"cibuildwheel does not understand {project}/pyproject.toml: {words[-1]}")
    return set(done.stdout.split())


# --- which step ------------------------------------------------------------------------------------------------------

STEPS = {"a": "test", "b": "repair", "c": "build", "d": "audit"}
LOOK_AGAIN = {
    "a": "a: nothing is imported before the wheel is installed in a new environment",
    "b": "b: what copies OpenBLAS into the wheel, and where does it look for it?",
    "c": "c: who reads header files?",
    "d": "d: which step reads the metadata as the index does?",
}


@exercise("each of the four faults has its step")
def which_step(stops_in: object) -> None:
    """Say in which step of cibuildwheel each of four faults stops the run."""
    if not isinstance(stops_in, Mapping) or set(stops_in) != set(STEPS):
        raise NotYet("there should be one answer for each of the letters a to d")
    if any(value is None for value in stops_in.values()):
        raise NotYet("at least one of the answers is still None")
    if any(value not in STEPS.values() for value in stops_in.values()):
        raise NotYet(f"an answer is one of {', '.join(sorted(STEPS.values()))}")
    for letter, step in STEPS.items():
        if stops_in[letter] != step:
            raise NotYet(LOOK_AGAIN[letter])


# --- which file ------------------------------------------------------------------------------------------------------


@exercise("pip took the wheel, although there is a newer sdist")
def wheel_taken() -> None:
    """Let pip download the wheel of ``septembrse`` into ``taken``, where an sdist has a newer version."""
    there = sorted(path.name for path in Path("taken").glob("*"))
    if not there:
        raise NotYet("there is nothing in the folder taken")
    if any(name.endswith(".tar.gz") for name in there):
        raise NotYet("pip has taken the sdist; which option allows wheels alone?")
    if _wheel_version(there) != "0.0.0":
        raise NotYet(f"a wheel of septembrse is wanted in taken, and there is {there[0]}")


def _wheel_version(names: list[str]) -> str | None:
    """Return the version of the only wheel among files, if it is one of the example."""
    try:
        (name,) = names
        project, version, _, _ = parse_wheel_filename(name)
    except (ValueError, InvalidWheelFilename):
        return None
    return str(version) if project == "septembrse" else None


# --- a whole sdist ---------------------------------------------------------------------------------------------------


@exercise("the sdist has all that a build needs, and the wheel was made from it")
def sdist_builds() -> None:
    """Complete ``fixed/MANIFEST.in``, and make sdist and wheel in ``release``."""
    sdist = Path("release/septembrse-0.1.0.tar.gz")
    try:
        with tarfile.open(sdist) as archive:
            inside = {name.partition("/")[2] for name in archive.getnames()}
    except (OSError, tarfile.TarError):
        raise NotYet("there is no sdist of version 0.1.0 in release") from None
    needed = {path.relative_to("newer").as_posix() for path in Path("newer/src").rglob("*.[ch]pp")}
    if missing := sorted(needed - inside):
        raise NotYet(f"the sdist in release lacks {missing[0]}")
    wheels = [path for path in Path("release").glob("septembrse-0.1.0-*.whl") if zipfile.is_zipfile(path)]
    if not wheels:
        raise NotYet("the sdist is whole; now let build make the wheel from it, too")
    if max(path.stat().st_mtime for path in wheels) < sdist.stat().st_mtime:
        raise NotYet("the wheel in release is older than the sdist, so it was not made from it")
