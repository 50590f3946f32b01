"""The example project, built as a reader would build it, installed, repaired, and tested.

Every build happens in a copy, in a folder with a space in its name, without isolation and without a network.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from elftools.elf.elffile import ELFFile

PROJECT = Path(__file__).parents[2] / "example_project"
DDOT = Path(__file__).parent / "ddot"
NOTICES = "LICENSE.openblas"  # written by carried.py, for a release
MADE = shutil.ignore_patterns("_skbuild", "build", "dist", "wheelhouse", "*.egg-info", "__pycache__", ".[!g]*", NOTICES)
OPENBLAS = Path(importlib.util.find_spec("scipy_openblas32").origin).parent


def run(*command, cwd, fails=False, **more_env):
    """Run a command as on a machine of its own, show what it prints, and return that. It must succeed (or fail)."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "PYTHON", "CMAKE", "SKBUILD"))}
    env |= {"PATH": f"{sys.prefix}/bin{os.pathsep}{env['PATH']}", "PIP_CONFIG_FILE": os.devnull}
    command, output = [str(word) for word in command], {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    result = subprocess.run(command, cwd=cwd, env=env | more_env, text=True, **output)
    print("$", *command, "\n", result.stdout)
    assert fails is None or (result.returncode != 0) == fails, f"{command} ended with {result.returncode}"
    return result.stdout


def copy(folder, backend="scikit-build"):
    folder = folder / "my project"
    shutil.copytree(PROJECT, folder, ignore=MADE)
    if backend == "scikit-build-core":
        shutil.copy(PROJECT / "scikit_build_core" / "pyproject.toml", folder)
    return folder


def build(folder, *args, **env):
    """Build the wheel, by way of the source distribution unless told otherwise."""
    output = run(sys.executable, "-m", "build", "--no-isolation", *args, cwd=folder, **env)
    [wheel] = folder.glob("dist/*.whl")
    return wheel, output


def install(wheel, folder):
    run(sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--target", folder, wheel, cwd=wheel.parent)
    return folder


def repair(wheel, folder):
    run("auditwheel", "repair", "--ldpaths", OPENBLAS / "lib", "--wheel-dir", folder, wheel, cwd=wheel.parent)
    [repaired] = folder.glob("*manylinux*.whl")
    return repaired


def dynamic(wheel):
    """The entries of the extension's dynamic section."""
    with zipfile.ZipFile(wheel) as archive:
        [name] = [n for n in archive.namelist() if n.endswith(".so")]
        with archive.open(name) as file:
            section = ELFFile(file).get_section_by_name(".dynamic")
            return list(section.iter_tags())


def needed(wheel):
    return {tag.needed for tag in dynamic(wheel) if tag.entry.d_tag == "DT_NEEDED"}


def search_paths(wheel):
    return [tag for tag in dynamic(wheel) if tag.entry.d_tag in ("DT_RPATH", "DT_RUNPATH")]


def files(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def run_tests(installed, folder, *args, prefix=(), **env):
    """Run the project's own tests and ours from a folder without sources, so that they import what is installed."""
    shutil.copytree(PROJECT / "tests", folder / "tests", ignore=MADE)
    shutil.copytree(DDOT, folder / "ddot", ignore=MADE)
    shutil.copy(PROJECT / "pyproject.toml", folder)
    command = (*prefix, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests", "ddot", *args)
    return run(*command, cwd=folder, PYTHONPATH=str(installed), PYTHONDONTWRITEBYTECODE="1", **env)
