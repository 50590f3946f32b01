"""Make the page "Check a wheel": ``python -m tools.checkpage FOLDER`` (``make check-page``).

The page lies in FOLDER, and all that it loads in a folder below, whose name changes with its contents: so a browser
that has kept an older version cannot mix the two. Nothing is fetched here; ``make setup-site`` has done that.
"""

import contextlib
import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tools import licences, pyodide
from wheel_lab.lab import patients
from wheel_lab.lab.commands import digest
from wheel_lab.lab.environment import put_tools_on_path
from wheel_lab.lab.paths import ROOT, STORE

SOURCES = ROOT / "site/check"
FOLDER = STORE / "check-page"
ADDRESS = "https://wheel-lab.github.io/wheel-lab/check/"
SECONDS = 60  # that one file may take
# Scripts of this page alone, and WebAssembly; no style, picture or connection from elsewhere, and no form.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; connect-src 'self'; "
    "img-src 'self' data:; style-src 'self'; base-uri 'none'; form-action 'none'"
)
OWN = ("check.css", "check.mjs", "theme.js", "unpack.mjs", "worker.mjs")
PYODIDE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
COUNTED = ("pyodide.asm.wasm", "python_stdlib.zip", "doctor.files", "doctor.snapshot")  # what takes time to load


def make(target: Path) -> None:
    """Make the page in `target`, which may not be there yet.

    Raises
    ------
    FileNotFoundError
        ``make setup-site`` was not run.
    RuntimeError
        Node could not make Python's memory.
    """
    with tempfile.TemporaryDirectory(prefix="wheel-lab-page-") as scratch:
        inner = Path(scratch, "inner")
        inner.mkdir()
        for file in [*(SOURCES / name for name in OWN), *(pyodide.CORE / name for name in PYODIDE)]:
            shutil.copyfile(file, inner / file.name)
        pack(inner / "doctor.files")
        sample = make_sample(inner)
        version = version_of([*inner.iterdir(), *(file for file in SOURCES.iterdir() if file.is_file())])
        node(pyodide.CORE, inner / "doctor.files", inner / "doctor.snapshot", *samples(Path(scratch), sample))
        sizes = {name: (inner / name).stat().st_size for name in COUNTED}
        lock = {**json.loads((pyodide.CORE / "pyodide-lock.json").read_text()), "packages": {}}  # it has none to offer
        known = {"SIZES": sizes, "SAMPLE": sample.name, "SECONDS": SECONDS, "LOCK": lock}
        lines = [f"export const {name} = {json.dumps(value)};\n" for name, value in known.items()]
        (inner / "contents.mjs").write_text("".join(lines))
        target.mkdir(parents=True, exist_ok=True)
        shutil.copytree(inner, target / version)
    fill(target, version)


def fill(target: Path, version: str) -> None:
    """Write what lies beside the folder of a version: the page, its licences, and the service worker."""
    words = {"version": version, "policy": POLICY, "address": ADDRESS, "seconds": str(SECONDS)}
    for name, text in (("index.html", (SOURCES / "index.html").read_text()), ("licences.html", licences.page())):
        for key, value in words.items():
            text = text.replace(f"{{{key}}}", value)
        (target / name).write_text(text, encoding="utf-8")
    files = ["./", "index.html", "licences.html"]
    files += sorted(f"{version}/{file.name}" for file in (target / version).iterdir())
    names = f"const VERSION = {json.dumps(version)};\nconst FILES = {json.dumps(files, indent=4)};\n"
    (target / "sw.js").write_text(names + (SOURCES / "sw.js").read_text())


def pack(target: Path) -> None:
    """Write the library and what it needs into one file, as ``unpack.mjs`` reads it; the same sources make the same."""
    files = sorted(modules())
    names = json.dumps([(name, len(data)) for name, data in files]).encode()
    whole = b"".join([len(names).to_bytes(4), names, *(data for _, data in files)])
    target.write_bytes(gzip.compress(whole, mtime=0))


def modules() -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of each file that Python has in the browser."""
    for wheel in sorted(pyodide.WHEELS.glob("*.whl")):
        with zipfile.ZipFile(wheel) as source:
            yield from ((one.filename, source.read(one)) for one in source.infolist() if not one.is_dir())
    library = ROOT / "wheel_lab"
    for file in library.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts and library / "lab" not in file.parents:
            yield file.relative_to(ROOT).as_posix(), file.read_bytes()


def make_sample(folder: Path) -> Path:
    """Make the wheel for a reader who has none: that of chapter 12, which cannot find the library that it carries."""
    put_tools_on_path()
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        wheel = patients.patient()
        return Path(shutil.copy(wheel, folder))


def samples(folder: Path, broken: Path) -> list[Path]:
    """Return the files by whose examination Python gets to know what it needs: a wheel, and a source distribution."""
    sdist = folder / "tiny-1.0.tar.gz"
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch, "tiny-1.0")
        root.mkdir()
        (root / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        (root / "pyproject.toml").write_text("")
        shutil.make_archive(str(sdist).removesuffix(".tar.gz"), "gztar", scratch, "tiny-1.0")
    return [broken, sdist]


def version_of(files: list[Path]) -> str:
    """Return a name for what these files hold."""
    known = sorted((file.name, digest(file)) for file in files)
    return hashlib.sha256(repr(known).encode()).hexdigest()[:12]


def node(*arguments: Path) -> None:
    """Let Node write Python's memory into a file."""
    command = [shutil.which("node") or "node", str(SOURCES / "snapshot.mjs"), *map(str, arguments)]
    # In a folder of no meaning: Python remembers where it was started.
    done = subprocess.run(command, capture_output=True, text=True, cwd="/")
    if done.returncode:
        raise RuntimeError(f"Python's memory is not made: {done.stdout}{done.stderr}")


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if sys.argv[1:] else FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    make(folder)
    size = sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())
    print(f"Check a wheel, {size / 1e6:.1f} MB: {folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder}")
