"""Cases of wheels whose code is sound, and whose archive, metadata or name is not."""

import os
import subprocess
import sys
from pathlib import Path

from wheel_lab.lab.clinic.shared import build, project, write

__all__ = ["case_02", "case_03", "case_04", "case_05"]

TONES = "int tone(int step) { return 440 + 55 * step; }\n"
LOADS = """\
import ctypes
from pathlib import Path

tone = ctypes.CDLL(str(Path(__file__).with_name("libtones.so"))).tone
"""
NOTES = "from pathlib import Path\n\nPLAIN = Path(__file__).with_name('templates').joinpath('plain.txt').read_text()\n"
ADD_SBOM = """\
# python add_sbom.py WHEEL adds a bill of materials to a finished wheel
import base64
import hashlib
import sys
import zipfile

INFO = "notes-1.0.dist-info"
BILL = '{"bomFormat": "CycloneDX", "specVersion": "1.4"}'

with zipfile.ZipFile(sys.argv[1]) as wheel:
    members = [(one, wheel.read(one)) for one in wheel.infolist()]
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    for one, content in members:
        if one.filename == f"{INFO}/RECORD":
            for name, text in [("", ""), ("notes.cdx.json", BILL)]:
                digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
                content += f"{INFO}/sboms/{name},sha256={digest.decode()},{len(text)}\\n".encode()
        wheel.writestr(one, content)
    wheel.mkdir(f"{INFO}/sboms")
    wheel.writestr(f"{INFO}/sboms/notes.cdx.json", BILL)
"""
TABLES = """\
[build-system]
requires = ["backend"]

[project]
name = "notes"
version = "1.0"

[tool.hatch.build.targets.wheel]
packages = ["src/notes"]

[tool.hatch.build.targets.wheel.force-include]
"src/notes/templates" = "notes/templates"
"""
# It reads the two tables as hatchling did until May 2026; a newer hatchling ends with an error instead.
BACKEND = """\
# python build.py FOLDER reads pyproject.toml, as a build backend of 2025 did, and puts the wheel into that folder
import sys
import tomllib
import warnings
from pathlib import Path

from wheel.wheelfile import WheelFile

here, folder = Path(__file__).parent, Path(sys.argv[1])
settings = tomllib.loads((here / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
copied = [(here / one, Path(one).name) for one in settings["packages"]]
copied += [(here / one, there) for one, there in settings.get("force-include", {}).items()]
warnings.simplefilter("ignore")  # what zipfile says about it went by in the log of CI
folder.mkdir(parents=True, exist_ok=True)
(folder / "notes-1.0-py3-none-any.whl").unlink(missing_ok=True)
with WheelFile(folder / "notes-1.0-py3-none-any.whl", "w") as wheel:
    for source, there in [*copied, (here / "notes-1.0.dist-info", "notes-1.0.dist-info")]:
        for file in sorted(path for path in source.rglob("*") if path.is_file()):
            wheel.write(file, str(Path(there, file.relative_to(source))))
"""
STREAM = """\
# python pack.py > WHEEL packs the tree, and sends it on as it goes: from here to storage, from there to the index
import base64
import hashlib
import sys
import zipfile
from pathlib import Path

tree, rows = Path(__file__).with_name("tree"), []
with zipfile.ZipFile(sys.stdout.buffer, "w", zipfile.ZIP_DEFLATED) as wheel:
    for path in sorted(path for path in tree.rglob("*") if path.is_file()):
        name, content = str(path.relative_to(tree)), path.read_bytes()
        wheel.writestr(name, content)
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={digest},{len(content)}\\n")
    record = "notes-1.0.dist-info/RECORD"
    wheel.writestr(record, "".join([*rows, f"{record},,\\n"]))
"""


def _metadata(folder: str) -> dict[str, str]:
    """Return the metadata of ``notes``, by its paths."""
    info = f"{folder}notes-1.0.dist-info"
    return {
        f"{info}/METADATA": "Metadata-Version: 2.4\nName: notes\nVersion: 1.0\nLicense-File: LICENSE\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: own\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/licenses/LICENSE": "Do with this package whatever you like.\n",
    }


def case_02() -> None:
    """A library for Linux in a wheel whose name says that it runs anywhere."""
    files = {"tones.c": TONES, "tree/tones/__init__.py": LOADS}
    lines = "${CC:-cc} -shared -fPIC -o tree/tones/libtones.so tones.c\n"
    project("tones", "py3-none-any", lines, files, pure=True)
    build()


def case_03() -> None:
    """A script that adds a file to a finished wheel, and writes RECORD by itself."""
    files = {"tree/notes/__init__.py": NOTES, "tree/notes/templates/plain.txt": "Dear\n"}
    project("notes", "py3-none-any", "", {**files, "add_sbom.py": ADD_SBOM}, pure=True)
    build()
    (wheel,) = Path("dist").glob("*.whl")
    subprocess.run([sys.executable, "project/add_sbom.py", wheel], check=True, stdin=subprocess.DEVNULL)


def case_04() -> None:
    """A folder that is included twice, by two tables of pyproject.toml."""
    sources = {"src/notes/__init__.py": NOTES, "src/notes/templates/plain.txt": "Dear\n"}
    write("project", {**sources, **_metadata(""), "pyproject.toml": TABLES, "build.py": BACKEND})
    subprocess.run([sys.executable, "project/build.py", "dist"], check=True, stdin=subprocess.DEVNULL)


def case_05() -> None:
    """A wheel that was written into a pipe: its sizes stand behind the members."""
    sources = {"tree/notes/__init__.py": NOTES, "tree/notes/templates/plain.txt": "Dear\n"}
    write("project", {**sources, **_metadata("tree/"), "pack.py": STREAM})
    Path("dist").mkdir(exist_ok=True)
    # A pipe cannot be wound back, as the file behind it could.
    command = f"'{sys.executable}' project/pack.py | cat > dist/notes-1.0-py3-none-any.whl"
    subprocess.run(command, shell=True, check=True, stdin=subprocess.DEVNULL, env=dict(os.environ))
