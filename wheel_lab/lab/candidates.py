"""Files for the exercises of chapter 11: six that may be refused, and three releases of which two are bad."""

import io
import tarfile
import warnings
import zipfile
from pathlib import Path

from wheel_lab.lab.index import YANKED, Index
from wheel_lab.lab.patients import MANYLINUX, extension, packed

__all__ = ["releases", "six_files"]

PURE = "notes-1.0-py3-none-any.whl"
ABOUT = "Description-Content-Type: text/markdown\n\nNotes, for an exercise.\n"  # or twine would warn
CODE: dict[str, bytes | str] = {"notes/__init__.py": ""}


def six_files() -> dict[str, Path]:
    """Make six files of a release, each in a folder of its own under `six`, and return them by their letters."""
    folder = Path("six")
    compiled = {**CODE, "notes/_core.abi3.so": extension(True)}
    six = {
        "a": packed(folder / "a" / f"notes-1.0-{MANYLINUX}.whl", compiled, more=ABOUT),
        "b": packed(folder / "b" / "notes-1.0-cp311-abi3-linux_x86_64.whl", compiled, more=ABOUT),
        "c": packed(folder / "c" / PURE, CODE, pure=True, more=ABOUT),
        "d": packed(folder / "d" / PURE, CODE, pure=True, more=ABOUT).rename(folder / "d" / PURE.replace("1.0", "1.1")),
        "e": _sdist(folder / "e"),
        "f": packed(folder / "f" / PURE.replace("1.0", "1.0+cuda12"), CODE, pure=True, more=ABOUT),
    }
    with zipfile.ZipFile(six["c"], "a") as again, warnings.catch_warnings(action="ignore"):
        again.writestr("notes/__init__.py", "")
    return six


def _sdist(folder: Path) -> Path:
    """Write a source distribution."""
    project = '[build-system]\nrequires = ["setuptools"]\n\n[project]\nname = "notes"\nversion = "1.0"\n'
    files = {
        "PKG-INFO": f"Metadata-Version: 2.1\nName: notes\nVersion: 1.0\n{ABOUT}",
        "pyproject.toml": project,
        "notes/__init__.py": "",
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "notes-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as made:
        for name, text in files.items():
            member = tarfile.TarInfo(f"notes-1.0/{name}")
            member.size = len(text)
            made.addfile(member, io.BytesIO(text.encode()))
    return path


def releases(own: Index) -> None:
    """Put three releases of a package into an index, none of them yanked, and leave other packages as they are."""
    versions = ("1.0", "1.1", "1.2")
    for version in versions:
        packed(own.folder / PURE.replace("1.0", version), CODE, pure=True, more=ABOUT)
    yanked = own.folder / YANKED
    lines = yanked.read_text(encoding="utf-8").splitlines() if yanked.exists() else []
    kept = [line for line in lines if not line.startswith("notes")]
    if not any("0.2.0" in line for line in kept):
        kept.append("septembrse-0.2.0* the sum begins at one")  # as the chapter has left it
    yanked.write_text("\n".join(kept) + "\n", encoding="utf-8")
    print("published: notes", ", ".join(versions))
