"""Set the lab up: ``.venv`` from the lock, and under ``.lab`` the specimen wheels and the wheelhouse.

``python3 -m wheel_lab.lab.setup`` is the whole of ``make setup``. It runs before anything is installed, so it uses the
standard library alone. A step that is whole leaves a stamp and is not done again; an interrupted step is taken up
where it stopped. With ``--here`` it fills the environment that is active (conda, a container image) and makes no
``.venv``.
"""

import argparse
import contextlib
import errno
import hashlib
import importlib.util
import json
import os
import re
import shutil
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from wheel_lab.lab.commands import DISK_FULL, ROOT, SetupError, digest, pip, run, say, version_of, works

__all__ = [
    "SPECIMENS",
    "WHEELHOUSE",
    "alone",
    "check_disk",
    "check_machine",
    "closure",
    "compiler",
    "fetch_specimens",
    "fetch_wheelhouse",
    "folder_mb",
    "holds",
    "install",
    "keep_to_itself",
    "locks_within",
    "main",
    "make_environment",
    "pinned",
    "specimens",
    "wheelhouse_names",
]

VENV = ROOT / ".venv"
STORE = ROOT / ".lab"
WHEELHOUSE = STORE / "wheelhouse"
SPECIMENS = STORE / "specimens"
PINNED_SPECIMENS = Path(__file__).with_name("specimens.toml")
# Measured: a finished set-up takes 900 MB; the rest is room for pip's temporary files and for the chapters.
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
    pip(python, "install", "--require-hashes", "--requirement", lock, pins=pins)
    # The build backend is in the lock, so this asks no index.
    pip(python, "install", "--no-deps", "--no-build-isolation", "--no-index", "--editable", ROOT)
    keep_to_itself(python.parent.parent)


def keep_to_itself(environment: Path) -> None:
    """Switch off what asks the learner about Jupyter's news, and the network about a newer JupyterLab."""
    page = environment / "etc/jupyter/labconfig/page_config.json"  # where `jupyter labextension disable` writes
    config = json.loads(page.read_text()) if page.exists() else {}
    config.setdefault("disabledExtensions", {})["@jupyterlab/apputils-extension:announcements"] = True
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(json.dumps(config, indent=4) + "\n")


def locks_within(lock: Path) -> list[Path]:
    """Return `lock` and the locks that it includes with ``-r``."""
    included = re.findall(r"^-r (\S+)", lock.read_text(), flags=re.MULTILINE)
    return [lock, *(lock.parent / name for name in included)]


def pinned(lock: Path) -> dict[str, list[str]]:
    """Return the lines of each package that `lock` pins, by name: one entry a version that a marker chooses."""
    text = lock.read_text().replace("\\\n", " ")
    lines = [line.split(" #")[0].strip() for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)]
    found: dict[str, list[str]] = {}
    for line in lines:
        found.setdefault(line.split("==")[0], []).append(line)
    return found


# --- what is fetched -------------------------------------------------------------------------------------------------


def fetch_wheelhouse(python: Path) -> None:
    """Fetch what building and trying the example needs, so that isolated builds and clean rooms work offline."""
    lines = [line for name in wheelhouse_names(python) for line in pinned(ROOT / "requirements.txt").get(name, [])]
    wanted = "\n".join(lines) + "\n"
    stamp = WHEELHOUSE / ".whole"
    key = hashlib.sha256((version_of(python) + wanted).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == key:
        return
    say("fetching the wheelhouse: what an isolated build asks for")
    shutil.rmtree(WHEELHOUSE, ignore_errors=True)
    WHEELHOUSE.mkdir(parents=True)
    (STORE / "wheelhouse.txt").write_text(wanted)
    pip(python, "download", "--no-deps", "--require-hashes", "--requirement", STORE / "wheelhouse.txt",
        "--dest", WHEELHOUSE, pins=len(lines))  # fmt: skip
    stamp.write_text(key)


def wheelhouse_names(python: Path) -> list[str]:
    """Return the packages that the example's two build systems and its run need, with all that those need in turn."""
    projects = [ROOT / "example_project" / "pyproject.toml", ROOT / "example_project/scikit_build_core/pyproject.toml"]
    asked: set[str] = set()
    for project in projects:
        table = tomllib.loads(project.read_text())
        asked |= {*table["build-system"]["requires"], *table["project"].get("dependencies", [])}
    # `build` makes its environments with pip, and needs nothing else from here.
    return closure(python, asked)


def closure(python: Path, asked: Iterable[str]) -> list[str]:
    """Return the names of the packages `asked` for and of all that they need, as `python` has them installed."""
    # `importlib.metadata` of the lab's environment knows what each of them needs; ours may be another Python.
    code = (
        "import sys; from importlib.metadata import requires; from packaging.requirements import Requirement\n"
        "from packaging.utils import canonicalize_name\n"
        "todo, seen = [Requirement(text) for text in sys.argv[1:]], set()\n"
        "while todo:\n"
        "    one = todo.pop(); name = canonicalize_name(one.name)\n"
        "    if name not in seen and (one.marker is None or one.marker.evaluate({'extra': ''})):\n"
        "        seen.add(name); todo += [Requirement(text) for text in requires(name) or []]\n"
        "print(*sorted(seen))\n"
    )
    return run([str(python), "-c", code, *sorted(asked)]).split()


def specimens() -> dict[str, str]:
    """Return the SHA-256 of each specimen wheel by its file name, as ``specimens.toml`` pins them."""
    table = tomllib.loads(PINNED_SPECIMENS.read_text())
    return {entry["file"]: entry["sha256"] for entry in table["specimen"]}


def fetch_specimens(python: Path) -> None:
    """Fetch each specimen that is not there yet, whole and with the pinned hash."""
    SPECIMENS.mkdir(parents=True, exist_ok=True)
    missing = {name: sha for name, sha in specimens().items() if not holds(SPECIMENS / name, sha)}
    for number, (name, sha256) in enumerate(missing.items(), start=1):
        say(f"fetching specimen {number} of {len(missing)}: {name}")
        project, version, interpreter, abi, platforms = name.removesuffix(".whl").split("-")
        one = STORE / "specimen.txt"
        one.write_text(f"{project}=={version} --hash=sha256:{sha256}\n")
        choice = ["--only-binary", ":all:", "--implementation", interpreter[:2], "--python-version", interpreter[2:],
                  "--abi", abi, *(word for tag in platforms.split(".") for word in ("--platform", tag))]  # fmt: skip
        pip(python, "download", "--no-deps", "--require-hashes", *choice, "--requirement", one, "--dest", SPECIMENS)
        if not holds(SPECIMENS / name, sha256):
            raise SetupError(f"the index has no {name} with the pinned hash. See wheel_lab/lab/specimens.toml")


def holds(file: Path, sha256: str) -> bool:
    """Tell whether `file` is there with that SHA-256."""
    return file.exists() and digest(file) == sha256


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
