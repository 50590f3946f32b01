"""Running the lab's image: in a container like Binder's, and with a fault in it."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

# What a public Binder gives, and less of it: its learners have 2 GB and share the processors.
ROOM = ["--network", "none", "--memory", "2g", "--cpus", "1"]


def run(*command: str | Path, **options) -> str:
    """Run a command and return what it said; when it fails, fail with the end of its words."""
    words = list(map(str, command))
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    assert done.returncode == 0, f"{command[0]} {command[1]}: exit {done.returncode}\n{done.stdout[-6000:]}"
    return done.stdout


def inside(engine: str, image: str, script: str, *options: str) -> str:
    """Run a shell script in a fresh container, and return what it says."""
    return run(engine, "run", "--rm", *ROOM, *options, image, "bash", "-euc", script)


@contextlib.contextmanager
def started(engine: str, image: str, *command: str) -> Iterator[str]:
    """Give a container in which `command` runs, or what the image runs when nothing is said."""
    container = run(engine, "run", "--detach", *ROOM, image, *command).split()[-1]
    try:
        yield container
    finally:
        run(engine, "rm", "--force", container)


@contextlib.contextmanager
def spoilt(engine: str, image: str, fault: str, folder: Path) -> Iterator[str]:
    """Give an image made from `image` with one more line in its Dockerfile."""
    (folder / "Dockerfile").write_text(f"FROM {image}\n{fault}\n")
    name = f"{image}-spoilt"
    run(engine, "build", "--tag", name, folder)
    try:
        yield name
    finally:
        run(engine, "rmi", "--force", name)
