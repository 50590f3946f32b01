"""What the tests of the image share: the program that runs containers, and the image."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.image.containers import run

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def engine() -> str:
    """Name the program that runs containers here."""
    for name in ("podman", "docker"):
        if shutil.which(name) and subprocess.run([name, "info"], capture_output=True).returncode == 0:
            return name
    pytest.fail("these tests need podman or docker, and neither works here")


@pytest.fixture(scope="session")
def image(engine: str) -> str:
    """Build the stand-in and the image, just as a person would."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    start = time.monotonic()
    told = run("make", "image-build", "BASE=standin", f"ENGINE={engine}", cwd=ROOT, env=clean)
    print(*[line for line in told.splitlines() if line.startswith("standin:")], sep="\n")
    print(f"stand-in and image: {time.monotonic() - start:.0f} s")
    return "localhost/wheel-lab"
