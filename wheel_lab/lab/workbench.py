"""What this machine offers to a packager, and the clean folder that each chapter works in."""

import itertools
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from wheel_lab.lab import environment
from wheel_lab.lab.paths import DESK, PUBLISHED, ROOT, SPECIMENS, TWINS, WHEELHOUSE
from wheel_lab.lab.setup import compiler

__all__ = [
    "LEFTOVERS",
    "Machine",
    "Tool",
    "chapter",
    "enter",
    "entered",
    "image_pythons",
    "machine",
    "on_desk",
    "tools",
    "work",
]

# Left behind by building or testing the example in place; a chapter starts without it.
LEFTOVERS = ("_skbuild", "build", "dist", "*.egg-info", "__pycache__", ".*cache", ".hypothesis")

# What a chapter may need beside the specimens.
SOURCES = {"example_project": ROOT / "example_project", "attested": ROOT / "wheel_lab/lab/attested", "twins": TWINS}

# A kernel is started in the folder of its notebook, and imports this before any cell changes the folder.
_STARTED_IN = Path.cwd()

_entered: dict[str, Path] = {}
_locks: list[IO[str]] = []  # open files: a lock lasts as long as its file


def enter(chapter: str, *needs: str) -> None:
    """Step into the chapter's own folder, with a copy of what it `needs` on the table.

    The folder, ``_work/<chapter>`` beside the notebooks, is emptied when a fresh kernel enters it, so that the chapter
    starts the same way every time; entering again from the same kernel leaves it as it is. A chapter that is already
    open in another kernel keeps its folder, and this one gets ``<chapter>-2``, and so on.

    It also prints which Python runs here, and on which system: the reader of a published page sees where it was made.

    Commands run from here on find the lab's own tools first on ``PATH``, read no pip configuration of this machine,
    speak English, and take wheels from ``fetched`` (what set-up fetched), so that they need no network.

    Parameters
    ----------
    chapter
        Two digits, as in the notebook's name; for a case of the clinic with a c before them.
    *needs
        ``"example_project"``, ``"attested"`` (two published files with their attestations), ``"twins"`` (wheels for
        other systems), or the beginning of a specimen's file name, such as ``"numpy-1.21.2"``.

    Raises
    ------
    FileNotFoundError
        When set-up has not been run, or no specimen has that name.
    """
    if not WHEELHOUSE.is_dir():
        raise FileNotFoundError("the lab is not set up yet: run `make setup` in its folder, then this cell again")
    sources = [_find(need) for need in needs]
    fresh = chapter not in _entered
    if fresh:
        _entered[chapter] = _claim(chapter)
    folder = _entered[chapter]
    for source in sources:
        there = folder / (source.stem if source == TWINS else source.name)
        if there.exists():
            continue
        if source == TWINS:
            shutil.unpack_archive(source, there)
        elif source.is_dir():
            shutil.copytree(source, there, ignore=shutil.ignore_patterns(*LEFTOVERS))
        else:
            shutil.copy(source, there)
    os.chdir(folder)
    environment.set_up()
    page = f"case {chapter[1:]}" if chapter.startswith("c") else f"chapter {chapter}"
    print(f"{page}:", "a fresh folder with" if fresh else "the same folder, with", end=" ")
    print(*("twins" if source == TWINS else source.name for source in sources), "fetched", sep=", ")
    if fresh:
        print(f"Python {sys.version_info.major}.{sys.version_info.minor} on {_distribution()}")


def on_desk() -> bool:
    """Tell whether this kernel belongs to a notebook on the learner's desk."""
    return _STARTED_IN.is_relative_to(DESK)


def entered() -> bool:
    """Tell whether a chapter has been entered in this kernel."""
    return bool(_entered)


def chapter() -> str | None:
    """Return the number of the chapter or case that this kernel has entered; None before that."""
    return next(reversed(_entered), None)


def work() -> Path:
    """Return the folder that holds those of the chapters: beside the notebook, on the desk or among the published."""
    return (DESK if on_desk() else PUBLISHED) / "_work"


def _find(need: str) -> Path:
    if need in SOURCES:
        return SOURCES[need]
    found = sorted(SPECIMENS.glob(need + "*.whl"))
    if not found:
        raise FileNotFoundError(f"no specimen is called {need}…: run `make setup` again, it fetches what is missing")
    return found[0]


def _claim(chapter: str) -> Path:
    """Return an empty folder that no other kernel is using."""
    place = work()
    place.mkdir(parents=True, exist_ok=True)
    names = (chapter if number == 1 else f"{chapter}-{number}" for number in itertools.count(1))
    name = next(name for name in names if _lock(place, name))
    folder = place / name
    # A build that was killed may leave a child that still writes: its folder is moved away, and it writes there. Nor
    # can such a folder always be emptied; so each one moves to a name of its own, and goes when nobody writes any more.
    if folder.exists():
        folder.rename(tempfile.mkdtemp(prefix=f".{name}.old-", dir=place))
    for old in place.glob(f".{name}.old-*"):
        shutil.rmtree(old, ignore_errors=True)
    folder.mkdir()
    (folder / "fetched").symlink_to(os.path.relpath(WHEELHOUSE, folder))
    return folder


def _lock(place: Path, name: str) -> bool:
    """Reserve the folder of that name for as long as this kernel lives; False when another kernel has it."""
    import fcntl  # only on Unix, and this is the one place that needs it

    lock = (place / f".{name}.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return False
    _locks.append(lock)
    return True


# --- what is on this machine -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tool:
    """One tool of a packager: the version it prints, or what to do when it is not there."""

    name: str
    version: str | None
    fix: str

    def __str__(self) -> str:
        return f"{self.name:<12} ok       {self.version}" if self.version else f"{self.name:<12} MISSING  {self.fix}"


APT = "sudo apt install {0}, or: sudo dnf install {1}"
SET_UP = "run `make setup` in the lab's folder"
# name, command that prints a version, fix
TOOLS = [
    ("python", [sys.executable, "--version"], ""),
    ("c++", ["<compiler>", "-dumpfullversion"], APT.format("g++", "gcc-c++")),
    ("unzip", ["unzip", "-v"], APT.format("unzip", "unzip")),
    ("ldd", ["ldd", "--version"], APT.format("libc-bin", "glibc-common")),
    ("readelf", ["readelf", "--version"], APT.format("binutils", "binutils")),
    ("objdump", ["objdump", "--version"], APT.format("binutils", "binutils")),
    ("pip", ["pip", "--version"], SET_UP),
    ("build", ["pyproject-build", "--version"], SET_UP),
    ("cmake", ["cmake", "--version"], SET_UP),
    ("ninja", ["ninja", "--version"], SET_UP),
    ("wheel", ["wheel", "version"], SET_UP),
    ("auditwheel", ["auditwheel", "--version"], SET_UP),
    ("patchelf", ["patchelf", "--version"], SET_UP),
]


def tools() -> list[Tool]:
    """Ask each tool that the chapters type for its version."""
    return [Tool(name, _version(command), fix) for name, command, fix in TOOLS]


def _version(command: list[str]) -> str | None:
    program = compiler() if command[0] == "<compiler>" else shutil.which(command[0], path=environment.path())
    if program is None:
        return None
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    found = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
    return found[0] if done.returncode == 0 and found else None


@dataclass(frozen=True)
class Machine:
    """The system under the lab: its C library, its distribution, and the manylinux image when it is one."""

    libc: str
    libc_version: str
    distribution: str
    architecture: str
    image: str | None

    def __str__(self) -> str:
        image = self.image or "none: this is not a manylinux image, and the chapters say where that matters"
        return (
            f"C library    {self.libc} {self.libc_version}\nsystem       {self.distribution} on {self.architecture}\n"
            f"image        {image}"
        )


def machine() -> Machine:
    """Describe this machine. The image is known by ``AUDITWHEEL_PLAT``, which every manylinux image sets."""
    libc, version = platform.libc_ver()
    image = os.environ.get("AUDITWHEEL_PLAT") if image_pythons() else None
    return Machine(libc or "not glibc", version, _distribution(), platform.machine(), image)


def _distribution() -> str:
    """Return the name of the distribution, as it calls itself to people."""
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "an unknown system")
    except OSError:
        return "an unknown system"


def image_pythons() -> list[str]:
    """Return the names under ``/opt/python``, where a manylinux image keeps its Pythons; empty elsewhere."""
    return sorted(path.name for path in Path("/opt/python").glob("cp*"))
