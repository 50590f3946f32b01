"""The checks of chapter 5, "Make it portable"."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from wheel_lab.binaries import elf
from wheel_lab.lab.checks import NotYet, compare, exercise, reset, solution
from wheel_lab.wheelfile import WheelError

__all__ = ["chain_loads_anywhere", "compare", "name_of_the_copy", "reset", "solution"]

PART = Path("parts/libbottom.so")
YOURS = Path("yours")
# The sixth field of a line of maps is the file; it may hold spaces.
LOAD = """
import ctypes
ctypes.CDLL("chain/top.so")
files = {line.rstrip("\\n").split(maxsplit=5)[5] for line in open("/proc/self/maps") if "/chain.libs/lib" in line}
print(*files, sep="\\n")
"""


@exercise("you know the name that auditwheel gives to a copy")
def name_of_the_copy(name: object) -> None:
    """Say which name auditwheel gives to ``parts/libbottom.so``."""
    if name is None:
        raise NotYet("name is still None")
    if not isinstance(name, str):
        raise NotYet('a name is text, such as "libbottom-01234567.so"')
    if not PART.exists():
        raise NotYet("there is no parts/libbottom.so; run the cell above that compiles it")
    digits = hashlib.sha256(PART.read_bytes()).hexdigest()
    if name == f"libbottom-{digits[:8]}.so":
        return
    if digits[:8] not in name:
        raise NotYet("the hash is not the sha256 of parts/libbottom.so")
    if digits[:9] in name:
        raise NotYet("the hash is the right one, and auditwheel takes only its first 8 digits")
    raise NotYet("the hash is there, and its place in the name or the rest of the name is not right")


@exercise("top.so, libmiddle and libbottom load wherever the folder lies")
def chain_loads_anywhere() -> None:
    """Let ``yours/chain/top.so`` find its libraries without ``LD_LIBRARY_PATH``, and wherever ``yours`` is moved."""
    parts = [YOURS / "chain/top.so", *sorted(YOURS.glob("chain.libs/lib*-*.so"))]
    if len(parts) != 3 or not all(map(Path.is_file, parts)):
        raise NotYet("the folder yours must hold top.so, libmiddle and libbottom; run the cell of the exercise again")
    top, bottom, middle = parts
    for file, wanted in ((top, middle), (middle, bottom)):
        try:
            needed = elf.read_elf(file).needed
        except WheelError:
            raise NotYet(f"{file.name} is damaged; run the cell of the exercise again") from None
        if wanted.name not in needed:
            name = wanted.name.split("-")[0]
            raise NotYet(f"{file.name} no longer needs {name}: change where it searches, not what it needs")
    if _loaded(YOURS) is None:
        raise NotYet("top.so does not load yet; which of the two files has no path to libbottom?")
    with tempfile.TemporaryDirectory() as folder:
        elsewhere = Path(folder).resolve() / "elsewhere"
        shutil.copytree(YOURS, elsewhere)
        found = _loaded(elsewhere)
        if found is None or not all(file.is_relative_to(elsewhere) for file in found):
            raise NotYet("it loads here, but not after a move: a path must begin with $ORIGIN to move along")


def _loaded(folder: Path) -> list[Path] | None:
    """Load ``chain/top.so`` in `folder` in a fresh process, with no help from a variable.

    Returns the libraries that came with it; None when it does not load.
    """
    lenders = {name: value for name, value in os.environ.items() if not name.startswith("LD_")}
    done = subprocess.run([sys.executable, "-c", LOAD], cwd=folder, env=lenders, capture_output=True, text=True)
    return None if done.returncode else [Path(line) for line in done.stdout.splitlines()]
