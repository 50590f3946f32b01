"""Set the lab up: ``.venv`` from the lock, and under ``.lab`` the specimen wheels and the wheelhouse.

``python3 -m wheel_lab.lab.setup`` is the whole of ``make setup``. It runs before anything is installed, so it uses the
standard library alone. A step that is whole leaves a stamp and is not done again; an interrupted step is taken up
where it stopped. With ``--here`` it fills the environment that is active (conda, a container image) and makes no
``.venv``.
"""

import argparse
import contextlib
import errno
import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from wheel_lab.lab import desk
from wheel_lab.lab.commands import DISK_FULL, SetupError, digest, pip, run, say, version_of, works
from wheel_lab.lab.fetching import fetch_specimens, fetch_wheelhouse, locks_within, pinned
from wheel_lab.lab.paths import ROOT, STORE, VENV

__all__ = [
    "alone",
    "check_disk",
    "check_machine",
    "compiler",
    "folder_mb",
    "install",
    "keep_to_itself",
    "main",
    "make_environment",
    "prepare_jupyter",
]

# Measured: a finished set-up takes 940 MB; the rest is room for pip's temporary files and for the chapters.
NEEDED_MB = 1500


def compiler() -> str | None:
    """Return the path of the C++ compiler that CMake would take: ``$CXX``, or the first of ``c++`` and ``g++``."""
    named = os.environ.get("CXX", "").split()
    return shutil.which(named[0]) if named else shutil.which("c++") or shutil.which("g++")


def check_machine() -> None:
    """Raise :class:`SetupError` for the first thing that this machine lacks."""
    if not sys.platform.startswith("linux"):
        raise SetupError("the lab builds Linux wheels and runs on Linux. Elsewhere, open it on Binder (see README.md)")
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise SetupError("Python's venv module is missing. On Debian or Ubuntu: sudo apt install python3-venv")
    if compiler() is None:
        raise SetupError("a C++ compiler is missing. On Debian or Ubuntu: sudo apt install g++; on Fedora: gcc-c++")
    if shutil.which("unzip") is None:
        raise SetupError("unzip is missing. On Debian or Ubuntu: sudo apt install unzip")


def check_disk() -> None:
    """Raise :class:`SetupError` when the disk is too full for what is still to be made."""
    there = sum(folder_mb(folder) for folder in (VENV, STORE))
    free = shutil.disk_usage(ROOT).free // 1_000_000
    if free + there < NEEDED_MB:
        need = NEEDED_MB - there
        raise SetupError(f"set-up needs {need} MB, and the disk has {free} MB free. Free some, and run it again")


def folder_mb(folder: Path) -> int:
    """Return how many MB the files under `folder` take; 0 when there is no such folder."""
    size = 0
    for place, _, files in os.walk(folder):
        for file in files:
            with contextlib.suppress(FileNotFoundError):  # another set-up may be clearing it away at this moment
                size += os.lstat(os.path.join(place, file)).st_size
    return size // 1_000_000


# --- the environment -------------------------------------------------------------------------------------------------


def make_environment(lock: Path) -> Path:
    """Fill ``.venv`` from `lock` and return its Python; keep what is there when it is whole."""
    python, stamp = VENV / "bin" / "python", VENV / ".wheel-lab"
    # The learner's lock is part of the other one: after `make test`, `make lab` has nothing to add.
    wanted = {digest(file) for file in locks_within(lock)}
    if stamp.exists() and wanted <= set(stamp.read_text().split()) and works(python):
        return python
    if not stamp.exists() or not works(python, "-m", "pip", "--version"):
        say("making .venv")
        shutil.rmtree(VENV, ignore_errors=True)
        run([sys.executable, "-m", "venv", str(VENV)])
    stamp.write_text("")  # the environment is whole, and nothing is promised about what is in it
    # pip writes INSTALLER when all else of a package is there. What a kill left without it would count as installed.
    for package in list(VENV.glob("lib/python3*/site-packages/*.dist-info")):
        if not (package / "INSTALLER").exists():
            shutil.rmtree(package)
    install(python, lock)
    stamp.write_text("\n".join(digest(file) for file in locks_within(lock)) + "\n")
    return python


def install(python: Path, lock: Path) -> None:
    """Install `lock` and the helper package into the environment of `python`, telling how far it is."""
    say(f"installing {lock.name} (a minute or two, the first time)")
    pins = sum(len(lines) for file in locks_within(lock) for lines in pinned(file).values())
    # The pip of the lock first: an older one (Debian 12's) does not see that pydantic[email]==… pins pydantic, too.
    if newer := pinned(ROOT / "requirements.txt").get("pip"):
        first = STORE / "pip.txt"
        first.write_text("\n".join(newer) + "\n")
        pip(python, "install", "--require-hashes", "--requirement", first)
    pip(python, "install", "--require-hashes", "--requirement", lock, pins=pins)
    # The build backend is in the lock, so this asks no index.
    pip(python, "install", "--no-deps", "--no-build-isolation", "--no-index", "--editable", ROOT)
    prepare_jupyter(python.parent.parent)


def prepare_jupyter(environment: Path) -> None:
    """Settle what a learner should not have to: news are off, names are shown whole, and kernels know the chapters."""
    keep_to_itself(environment)
    # Without the column of dates there is room for the names of the chapters.
    settings = environment / "share/jupyter/lab/settings/overrides.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    browser = {"@jupyterlab/filebrowser-extension:browser": {"showLastModifiedColumn": False}}
    settings.write_text(json.dumps(browser, indent=4) + "\n")
    # Every kernel of this environment reads this file, whoever starts it.
    kernel = environment / "etc/ipython/ipython_config.py"
    kernel.parent.mkdir(parents=True, exist_ok=True)
    kernel.write_text('c.InteractiveShellApp.extensions.append("wheel_lab.lab.kernel")\n')


def keep_to_itself(environment: Path) -> None:
    """Switch off what asks the learner about Jupyter's news, and the network about a newer JupyterLab."""
    page = environment / "etc/jupyter/labconfig/page_config.json"  # where `jupyter labextension disable` writes
    config = json.loads(page.read_text()) if page.exists() else {}
    config.setdefault("disabledExtensions", {})["@jupyterlab/apputils-extension:announcements"] = True
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(json.dumps(config, indent=4) + "\n")


# --- all of it -------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Let one set-up run at a time; a second one waits, and then finds its work done."""
    import fcntl  # only on Unix; elsewhere check_machine has said that the lab runs on Linux

    STORE.mkdir(exist_ok=True)
    with (STORE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up is running here: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments: list[str] | None = None) -> int:
    """Set up, and return the exit code."""
    parser = argparse.ArgumentParser(prog="wheel_lab.lab.setup", description="Set Wheel Lab up, once.")
    parser.add_argument("--dev", action="store_true", help="install what only checks need as well")
    parser.add_argument("--here", action="store_true", help="fill the active environment instead of making .venv")
    options = parser.parse_args(arguments)
    lock = ROOT / ("requirements-dev.txt" if options.dev else "requirements.txt")
    new = [folder for folder in (STORE, VENV) if not folder.exists()]
    try:
        check_machine()
        check_disk()
        with alone():
            python = Path(sys.executable) if options.here else make_environment(lock)
            if options.here:
                install(python, lock)
            elif (there := version_of(python)) != (asked := version_of(Path(sys.executable))):
                say(f"keeping the .venv that is here, of Python {there}. For {asked}, run `make clean` first")
            fetch_wheelhouse(python)
            fetch_specimens(python)
            for line in desk.lay():
                say(f"desk: {line}")
    except (SetupError, OSError) as error:
        full = getattr(error, "errno", None) == errno.ENOSPC or str(error) == DISK_FULL
        if full:  # a half-filled disk is worse than a set-up to be done again
            for folder in new:
                shutil.rmtree(folder, ignore_errors=True)
        print(f"wheel lab: {DISK_FULL if full else error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nwheel lab: stopped. Run the same command again, and it goes on", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
