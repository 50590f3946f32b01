"""A tool that looks at a wheel: its pins, its environment, and what it says about a wheel."""

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from wheel_lab.lab.paths import STORE

HERE = Path(__file__).resolve().parent
RULES, LOCKS = HERE / "judging.toml", HERE / "judges"
PLACE = STORE / "judges"
UV = Path(sys.executable).parent / "uv"
SECONDS = 300


@dataclass(frozen=True)
class Judge:
    """A tool that looks at a wheel.

    Attributes
    ----------
    name
        What the table calls it.
    package
        What is installed for it; its pins are ``judges/<package>.txt``.
    command
        ``{wheel}``, ``{folder}`` (that holds the wheel alone) and ``{empty}`` (to write into) are replaced.
    paragraphs
        Whether it breaks its sentences into lines, and parts them by an empty one.
    speaks
        A pattern: the lines of its output that are verdicts, where it prints facts besides.
    accuses
        A pattern: what it holds against a wheel that is sound.
    remark
        What a reader of the table should know.
    """

    name: str
    package: str
    command: list[str]
    paragraphs: bool = False
    speaks: str = ""
    accuses: str = ""
    remark: str = ""

    @property
    def environment(self) -> Path:
        """Where it is installed."""
        return PLACE / self.package

    @property
    def version(self) -> str:
        """The version that its pins name."""
        found = re.search(rf"^{self.package}(?:\[.*\])?==(\S+)", self.lock.read_text(), flags=re.MULTILINE)
        assert found is not None, self.package
        return found[1]

    @property
    def lock(self) -> Path:
        """The file of its pins."""
        return LOCKS / f"{self.package}.txt"

    def install(self) -> None:
        """Install it into an environment of its own."""
        uv("venv", "--clear", "--python", sys.executable, str(self.environment))
        python = str(self.environment / "bin" / "python")
        uv("pip", "install", "--python", python, "--require-hashes", "--requirement", str(self.lock))

    def says(self, wheel: Path) -> tuple[int, list[str]]:
        """Give it a wheel; return its exit status, and what it says line by line, without what names this machine."""
        programs = self.environment / "bin"
        with tempfile.TemporaryDirectory() as empty:
            words = {"wheel": wheel, "folder": wheel.parent, "empty": empty}
            command = [part.format(**words) for part in self.command]
            command[0] = str(programs / command[0])
            env = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "1000",
                   "NO_COLOR": "1"}  # fmt: skip
            done = subprocess.run(command, env=env, cwd=empty, capture_output=True, text=True, errors="replace",
                                  timeout=SECONDS)  # fmt: skip
            output = re.sub("\x1b\\[[0-9;]*m", "", f"{done.stdout}\n{done.stderr}")
            # Names and paths differ from wheel to wheel, and hold tags: no pattern is to find its word in them.
            for text, sign in ((str(wheel), "WHEEL"), (wheel.name, "WHEEL"), (str(wheel.parent), "FOLDER"),
                               (empty, "EMPTY"), (str(STORE), "STORE")):  # fmt: skip
                output = output.replace(text, sign)
        parts = re.split(r"\n\s*\n", output) if self.paragraphs else output.splitlines()
        lines = (" ".join(part.split()) for part in parts)
        return done.returncode, [line for line in lines if line and re.search(self.speaks, line)]


def uv(*arguments: str) -> None:
    """Run uv quietly."""
    subprocess.run([str(UV), *arguments, "--quiet"], check=True)


def judges() -> list[Judge]:
    """Return the tools, in the order of the table."""
    return [Judge(**one) for one in tomllib.loads(RULES.read_text())["judge"]]
