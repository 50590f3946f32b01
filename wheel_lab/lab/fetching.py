"""What set-up fetches: the wheelhouse, so that builds need no network, and the specimens. Standard library only."""

import hashlib
import re
import shutil
import tomllib
from collections.abc import Iterable
from pathlib import Path

from wheel_lab.lab.commands import SetupError, digest, pip, run, say, version_of
from wheel_lab.lab.paths import ROOT, SPECIMENS, STORE, WHEELHOUSE

__all__ = [
    "closure",
    "fetch_specimens",
    "fetch_wheel",
    "fetch_wheelhouse",
    "holds",
    "locks_within",
    "pinned",
    "specimens",
    "wheelhouse_names",
]

PINNED_SPECIMENS = Path(__file__).with_name("specimens.toml")


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
        found.setdefault(re.split(r"==|\[", line)[0], []).append(line)
    return found


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
        fetch_wheel(python, name, sha256, SPECIMENS)


def fetch_wheel(python: Path, name: str, sha256: str, folder: Path) -> Path:
    """Fetch one wheel by its file name, for any system and any Python, and return its path.

    Raises
    ------
    SetupError
        The index has no such file, or with another hash.
    """
    project, version, *_, interpreters, abi, platforms = name.removesuffix(".whl").split("-")
    interpreter = interpreters.split(".")[-1]
    one = STORE / "specimen.txt"
    one.write_text(f"{project}=={version} --hash=sha256:{sha256}\n")
    # "py3" is every version of Python 3, and pip wants to know which: any that the project takes.
    python_version = interpreter[2:] if len(interpreter) > 3 else "3.13"
    choice = ["--only-binary", ":all:", "--implementation", interpreter[:2], "--python-version", python_version,
              "--abi", abi, *(word for tag in platforms.split(".") for word in ("--platform", tag))]  # fmt: skip
    pip(python, "download", "--no-deps", "--require-hashes", *choice, "--requirement", one, "--dest", folder)
    if not holds(folder / name, sha256):
        raise SetupError(f"the index has no {name} with the pinned hash")
    return folder / name


def holds(file: Path, sha256: str) -> bool:
    """Tell whether `file` is there with that SHA-256."""
    return file.exists() and digest(file) == sha256
