"""A build that fails in chapter 2 shows the compiler's own words, whatever its cell does with the log otherwise."""

import os
import shutil
import subprocess
import sys

import pytest

from tools.notebooks import ROOT, TEXTS, code_cells, read_text, tags
from wheel_lab.lab.paths import WHEELHOUSE

WORDS = "broken on purpose"


def shell_cells():
    """Return the shell cells of the chapter in order, without those that the learner writes or fixes."""
    cells = code_cells(read_text(TEXTS / "02_build_the_wheel.md"))
    shell = [cell.source for cell in cells if cell.source.startswith("%%bash") and "exercise" not in tags(cell)]
    return [source for source in shell if "theirs" not in source]  # it fails before anything is compiled


@pytest.fixture
def broken(tmp_path):
    """A chapter's folder whose example does not compile."""
    left_behind = shutil.ignore_patterns("_skbuild", "build", "dist", "*.egg-info", "__pycache__", ".*_cache")
    shutil.copytree(ROOT / "example_project", tmp_path / "example_project", ignore=left_behind)
    source = tmp_path / "example_project/src/cpp/ddot.cpp"
    source.write_text(f"#error {WORDS}\n{source.read_text(encoding='utf-8')}", encoding="utf-8")
    return tmp_path


def test_a_failed_build_shows_the_words_of_the_compiler(broken):
    tools = os.path.join(sys.prefix, "bin")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "FORCE_COLOR"))}
    environment |= {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "PIP_CONFIG_FILE": os.devnull,
                    "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": WHEELHOUSE.as_uri()}  # fmt: skip
    failed = []
    for source in shell_cells():
        options, commands = source.removeprefix("%%bash").split("\n", 1)
        done = subprocess.run(
            ["bash", *options.split(), "-c", commands], cwd=broken, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        if "-m build" in commands:
            assert done.returncode != 0, commands
            assert WORDS in done.stdout, f"{commands}\n{done.stdout}"
            failed.append(commands)
    assert len(failed) == 3, "the two builds, and the old way beside a third"
