"""A lab with a tiny lock, set up offline from wheels that are made here or were fetched by our own set-up."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from wheel_lab.lab import commands, paths

ROOT = Path(__file__).resolve().parents[2]
SPECIMEN = "tiny-1.0-cp39-cp39-manylinux_2_12_x86_64.manylinux2010_x86_64.whl"


def make_wheel(folder: Path, name: str, text: str = "") -> Path:
    """Write a small wheel with a module and a command; pip installs it like any other."""
    project, version, *_ = name.split("-")
    info = f"{project}-{version}.dist-info"
    files = {
        f"{project}.py": f"def main():\n    print({text!r})\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{project} = {project}:main\n",
    }
    with zipfile.ZipFile(folder / name, "w") as wheel:
        for file, content in files.items():
            wheel.writestr(file, content)
        wheel.writestr(f"{info}/RECORD", "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"]))
    return folder / name


class Lab:
    """A lab with the real ``wheel_lab``, a tiny lock, one specimen, and an index that is a folder."""

    def __init__(self, folder: Path):
        self.folder, self.index = folder / "a lab with spaces", folder / "index"
        self.index.mkdir(parents=True)
        made = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "wheel_lab", self.folder / "wheel_lab", ignore=made)
        for name in ("Makefile", "pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, self.folder)
        for project in ("example_project", "example_project/scikit_build_core"):
            (self.folder / project).mkdir()
            (self.folder / project / "pyproject.toml").write_text(
                '[build-system]\nrequires = ["tiny"]\n[project]\nname = "x"\ndependencies = ["packaging"]\n'
            )
        wheels = [*paths.WHEELHOUSE.glob("setuptools-*.whl"), *paths.WHEELHOUSE.glob("packaging-*.whl")]
        assert len(wheels) == 2
        for wheel in wheels:
            shutil.copy(wheel, self.index)
        make_wheel(self.index, "tiny-2.0-py3-none-any.whl", "two")
        self.lock()
        self.pin(commands.digest(make_wheel(self.index, SPECIMEN, "one")))

    def lock(self) -> None:
        """Pin what lies in the index."""
        wheels = sorted(self.index.glob("*-py3-none-any.whl"))
        pins = [(*wheel.name.split("-")[:2], commands.digest(wheel)) for wheel in wheels]
        lines = [f"{name}=={version} \\\n    --hash=sha256:{sha256}\n" for name, version, sha256 in pins]
        (self.folder / "requirements.txt").write_text("".join(lines))
        (self.folder / "requirements-dev.txt").write_text("-r requirements.txt\n")

    def pin(self, sha256: str) -> None:
        """Pin the one specimen."""
        (self.folder / "wheel_lab/lab/specimens.toml").write_text(
            f'[[specimen]]\nfile = "{SPECIMEN}"\nsha256 = "{sha256}"\nwhy = "a test"\n'
        )

    @property
    def log(self) -> Path:
        """Where pip notes that it was started."""
        return self.folder.parent / "pip.log"

    def start(self, *command: str, **environment: str) -> subprocess.Popen:
        """Start set-up, or another command, in a session of its own and with the folder for an index."""
        # MAKE…: a make that `make test` starts would say so
        others = ("PIP_", "PYTHON", "PYTEST_", "MAKE", "MFLAGS")
        clean = {key: value for key, value in os.environ.items() if not key.startswith(others)}
        clean |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": self.index.as_uri(),
                  "PIP_NO_CACHE_DIR": "1", "PIP_LOG": str(self.log)}  # fmt: skip
        return subprocess.Popen(
            command or [sys.executable, "-m", "wheel_lab.lab.setup"], cwd=self.folder, env=clean | environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    def run(self, *command: str, **environment: str) -> tuple[int, str, str]:
        """Run set-up, or another command, and return its exit code, stdout and stderr."""
        process = self.start(*command, **environment)
        told, errors = process.communicate()
        return process.returncode, told, errors

    def made(self) -> list[str]:
        """Return what set-up has made."""
        return [name for name in (".venv", ".lab", "wheel_lab.egg-info") if (self.folder / name).exists()]

    def assert_whole(self) -> None:
        """Check that all is there and works."""
        python = self.folder / ".venv/bin/python"
        said = subprocess.run([python, "-c", "import tiny, packaging, wheel_lab; tiny.main()"], capture_output=True)
        assert (said.stdout, said.stderr) == (b"two\n", b"")
        assert subprocess.run([self.folder / ".venv/bin/tiny"], capture_output=True).stdout == b"two\n"
        fetched = {path.name for path in (self.folder / ".lab").rglob("*.whl")}
        assert SPECIMEN in fetched
        assert {"tiny-2.0-py3-none-any.whl"} < fetched - {SPECIMEN}
        assert self.run() == (0, "", "")
