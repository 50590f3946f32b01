"""Build the example's wheel in every way that chapter 6 compares, and write the record: ``make variants``.

Each wheel is installed in a clean room of its own, imported, and computed with, before it gets a row. Some ways need an
OpenBLAS of the system, with its static library; where that is missing they are named, and nothing is written.
"""

import dataclasses
import datetime
import importlib.metadata
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import scipy_openblas32

from tools.records import SYSTEM
from wheel_lab import cleanroom, policies
from wheel_lab.binaries import elf
from wheel_lab.cleanroom import PROVIDER, CleanRoom
from wheel_lab.lab import records, workbench
from wheel_lab.lab.paths import WHEELHOUSE
from wheel_lab.lab.setup import compiler
from wheel_lab.lab.variants import RECORD, Variant, VariantsRecord

PROJECT = Path(__file__).resolve().parent.parent / "example_project"
FIX = "sudo apt install libopenblas-dev, or: sudo dnf install openblas-devel openblas-static"
# CMake finds the shared library by OpenBLAS's own CMake file; without that, it takes the file we name.
STATIC = f"{SYSTEM} -DCMAKE_DISABLE_FIND_PACKAGE_OpenBLAS=ON -DOpenBLAS_LIBRARIES=<libopenblas.a>"
LEAN = "-DCMAKE_MODULE_LINKER_FLAGS=-Wl,--gc-sections,--exclude-libs,ALL,--strip-all"

COMPUTE = "from example_pkg import ddot; print(ddot([1, 2, 3], [4, 5, 6]))"
DECOY = 'extern "C" double cblas_ddot(...) { return 42; }\nextern "C" double scipy_cblas_ddot(...) { return 42; }\n'
# One thread, and the least of many turns; prints the seconds of one call. Where a vector begins matters for the widest
# instructions, and each process would put it elsewhere: it begins on a cache line.
CLOCK = """
import os
os.environ["OPENBLAS_NUM_THREADS"] = "1"
{first}
import timeit
import numpy as np
from example_pkg import ddot
room = np.ones(1008)
start = -room.ctypes.data % 64 // 8
x = room[start:start + 1000]
print(min(timeit.repeat("ddot(x, x)", globals=globals(), number=2000, repeat=60)) / 2000)
"""
ROUNDS = 7


@dataclass(frozen=True)
class Way:
    """A way to give the wheel its OpenBLAS: options for CMake and for ``auditwheel repair``, and what it risks."""

    name: str
    cmake: str
    repair: str
    risk: str

    @property
    def system(self) -> bool:
        """Whether it needs an OpenBLAS of the system."""
        return SYSTEM in self.cmake


WAYS = (
    Way("PyPI's, carried whole", "", "", "each bug in OpenBLAS is now yours to fix, with a release of your own"),
    Way("PyPI's, stripped", "", "--strip", "a crash inside OpenBLAS can no longer be traced to a function"),
    Way("PyPI's, compressed less", "", "-z 1", "none; the repair is quicker, each download slower"),
    Way("PyPI's, compressed more", "", "-z 9", "none; the repair is slower, each download a little quicker"),
    Way("PyPI's, left outside", "", "--exclude libscipy_openblas.so",
        "its users need scipy-openblas32, imported first, and its makers ask you not to rely on it"),
    Way("Debian's, carried whole", SYSTEM, "", "two libraries of GCC come along, each with a licence of its own"),
    Way("Debian's, linked statically", STATIC, "", "no tool sees that OpenBLAS is inside; each extension has its own"),
    Way("Debian's, static and private", f"{STATIC} {LEAN}", "", "as before; but no other library can take its place"),
)  # fmt: skip


# --- building --------------------------------------------------------------------------------------------------------


def static_library() -> Path | None:
    """Return the system's ``libopenblas.a``, as the compiler finds it; None where there is none."""
    done = subprocess.run(
        [compiler() or "c++", "-print-file-name=libopenblas.a"], capture_output=True, text=True, check=True
    )
    found = Path(done.stdout.strip())  # the bare name, when there is none
    return found if found.is_absolute() else None


def run(*command: str | Path, cwd: Path, **more: str) -> str:
    """Run a command with the lab's own tools, and return what it said; its words come with the error if it fails."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "PYTHON", "CMAKE", "SKBUILD"))}
    kept |= {"PATH": f"{sys.prefix}/bin{os.pathsep}{os.environ['PATH']}", "PIP_CONFIG_FILE": os.devnull}
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=kept | more, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


class Workshop:
    """Builds the wheels in `folder`; what was compiled for one way is not compiled again for the next."""

    def __init__(self, folder: Path, say: Callable[[str], None] = print) -> None:
        self.folder = folder
        self.say = say
        self.raw: dict[str, Path] = {}
        self.rooms: dict[str, CleanRoom] = {}
        (folder / "decoy.cpp").write_text(DECOY)
        run(compiler() or "c++", "-shared", "-fPIC", "-o", "decoy.so", "decoy.cpp", cwd=folder)

    def build(self, way: Way) -> Path:
        """Return the raw wheel. Ways that share a BLAS share CMake's folder, and with it ``ddot.cpp.o``."""
        if way.cmake not in self.raw:
            project = self.folder / ("system" if way.system else "pypi")
            if not project.exists():
                shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns(*workbench.LEFTOVERS))
            out = self.folder / f"raw-{len(self.raw)}"
            options = way.cmake.replace("<libopenblas.a>", str(static_library()))
            command = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out)
            run(*command, cwd=project, CMAKE_ARGS=options)
            (self.raw[way.cmake],) = out.glob("*.whl")
        return self.raw[way.cmake]

    def repair(self, way: Way, raw: Path) -> Path:
        """Return the repaired wheel."""
        out = self.folder / f"repaired-{WAYS.index(way)}"
        where = () if way.system else ("--ldpaths", scipy_openblas32.get_lib_dir())
        run("auditwheel", "repair", *way.repair.split(), *where, "--wheel-dir", out, raw, cwd=self.folder)
        (wheel,) = out.glob("*.whl")
        return wheel

    def variant(self, way: Way) -> Variant:
        """Build, repair, import and compute, and say what came of it; `time` is yet to be measured.

        Raises
        ------
        RuntimeError
            A step fails, the sum is wrong, or an OpenBLAS from outside the wheel is at work.
        """
        wheel = self.repair(way, self.build(way))
        room = self.rooms[way.name] = cleanroom.make(
            self.folder / f"room-{WAYS.index(way)}", wheel, find_links=WHEELHOUSE
        )
        members = zipfile.ZipFile(wheel).infolist()
        grafted = {name.rpartition("/")[2] for member in members if ".libs/lib" in (name := member.filename)}
        alone = room.run(COMPUTE).ok
        if not alone:  # then with what it asks for
            pip = (sys.executable, "-m", "pip", "--python", room.python, "install", "--quiet", "--no-compile")
            run(*pip, "--no-index", "--find-links", WHEELHOUSE, "scipy-openblas32", cwd=self.folder)
        outcome = room.run(first(alone) + COMPUTE)
        if outcome.stdout != "32.0\n":
            raise RuntimeError(f"{way.name}: {outcome}")
        mapped = {name for name in room.mapped_libraries(first(alone) + COMPUTE) if "openblas" in name}
        numpys = {name for name in mapped if name.startswith("libscipy_openblas64_")}
        if alone and not mapped - numpys <= grafted:
            raise RuntimeError(f"{way.name}: it computes with {', '.join(sorted(mapped - numpys - grafted))}")
        decoy = f"import ctypes; ctypes.CDLL({str(self.folder / 'decoy.so')!r}, ctypes.RTLD_GLOBAL)\n"
        answer = room.run(decoy + first(alone) + COMPUTE).stdout
        if answer not in ("32.0\n", "42.0\n"):
            raise RuntimeError(f"{way.name}: beside the decoy it computes {answer!r}")
        return Variant(
            name=way.name,
            cmake=way.cmake,
            repair=way.repair,
            wheel=wheel.stat().st_size,
            unpacked=sum(member.file_size for member in members),
            libraries=tuple(sorted(re.match(r"[a-z_]+", name)[0] for name in grafted)),
            tag=wheel.stem.rpartition("-")[2],
            floor=policies.floor(elf.elf_files_of(wheel)).version,
            alone=alone,
            private=answer == "32.0\n",
            sbom=any("/sboms/" in member.filename for member in members),
            time=None,
            risk=way.risk,
        )

    def build_all(self, ways: tuple[Way, ...]) -> tuple[Variant, ...]:
        """Return a variant for each way, and say which one is being built."""
        made = []
        for number, way in enumerate(ways, start=1):
            self.say(f"{number} of {len(ways)}: {way.name} …")
            made.append(self.variant(way))
        return tuple(made)

    def clock(self, variants: tuple[Variant, ...]) -> tuple[Variant, ...]:
        """Time a call of each, in a process of its own, round after round in mixed order."""
        seconds: dict[str, list[float]] = {one.name: [] for one in variants}
        order, shuffle = list(variants), random.Random(0).shuffle
        for number in range(1, ROUNDS + 1):
            self.say(f"timing, round {number} of {ROUNDS} …")
            shuffle(order)
            for one in order:
                outcome = self.rooms[one.name].run(CLOCK.format(first=first(one.alone)))
                seconds[one.name].append(float(outcome.stdout))
        base = min(seconds[variants[0].name])
        return tuple(dataclasses.replace(one, time=round(min(seconds[one.name]) / base, 2)) for one in variants)


def first(alone: bool) -> str:
    """Return what must be run before the import."""
    return "" if alone else f"import {PROVIDER}\n"


def possible() -> tuple[tuple[Way, ...], str]:
    """Return the ways that can be built on this machine, and in words which ones cannot; empty when all can."""
    if static_library():
        return WAYS, ""
    left = [way.name for way in WAYS if way.system]
    words = f"not built, for this system has no OpenBLAS with a static library: {'; '.join(left)}. {FIX}"
    return tuple(way for way in WAYS if not way.system), words


def write(variants: tuple[Variant, ...], path: Path = RECORD) -> None:
    """Write the record, with the day, the system, and the versions of what was at work."""
    gnu = run(compiler() or "c++", "-dumpfullversion", cwd=Path.cwd()).strip()
    versions = [f"{name} {importlib.metadata.version(name)}" for name in ("scipy-openblas32", "auditwheel")]
    system = re.search(r"\d+\.\d+\.\d+", os.path.realpath(static_library()))[0]
    where = ", ".join([workbench.machine().distribution, f"GCC {gnu}", *versions, f"Debian's OpenBLAS {system}"])
    records.save(VariantsRecord(datetime.date.today().isoformat(), where, variants), path)


def main() -> int:
    """Build all, time all, write the record; return 1 when a way cannot be built here."""
    ways, missing = possible()
    with tempfile.TemporaryDirectory(prefix="wheel variants ") as folder:
        workshop = Workshop(Path(folder))
        variants = workshop.clock(workshop.build_all(ways))
    print(VariantsRecord(datetime.date.today().isoformat(), workbench.machine().distribution, variants))
    if missing:
        print(f"{missing}\nThe record stays as it was.", file=sys.stderr)
        return 1
    write(variants)
    return 0


if __name__ == "__main__":
    sys.exit(main())
