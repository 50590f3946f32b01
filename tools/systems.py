"""Old and new systems, for real: build the example on several Debians, and try each wheel on each of them.

`make systems` runs this and writes ``wheel_lab/lab/systems.json``; ``tests/lab/test_systems.py`` runs it afresh and
compares. CPython is built once, on the oldest, and lent to the others as it is: without that, each would bring another
Python.
"""

import dataclasses
import datetime
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import distributions, version
from pathlib import Path

from tools import debians
from tools.debians import (
    AGAINST,
    PYTHON,
    ROOT,
    SOURCE,
    ZIG,
    CannotRun,
    check_machine,
    fetch_source,
    fetch_tools,
    fetch_zig,
    inside,
    last_line,
    link,
    must,
    run,
    say,
    unpack,
)
from tools.records import systems_disagreements
from wheel_lab import policies
from wheel_lab.binaries import elf
from wheel_lab.lab import records, systems
from wheel_lab.lab.commands import SetupError

# The oldest first. A suite that the mirror no longer has is reported, and the next one plays its part.
SUITES = ("bullseye", "bookworm", "trixie")

# --- what is typed inside --------------------------------------------------------------------------------------------

# Left out is what is slow to compile and not needed here. The bytecode is not compiled either, hence --help.
BUILD_PYTHON = r"""
[ -e /usr/bin/awk ] || ln -s mawk /usr/bin/awk
mkdir /python
cd /python
tar -xf /lab/python.tar.xz --strip-components=1 --no-same-owner
printf '%s\n' '*disabled*' _codecs_{cn,hk,iso2022,jp,kr,tw} _multibytecodec _decimal _elementtree >Modules/Setup.local
./configure --quiet --prefix=/lab/python --disable-shared --disable-test-modules --with-ensurepip=no \
    --without-doc-strings OPT='-O1 -DNDEBUG -fwrapv -w'
make --silent -j"$(nproc)"
make --silent install COMPILEALL_OPTS=--help
"""
# The tools are lent. Compiler, linker and C library are the system's own.
BUILD_WHEEL = """
cp -r /lab/example /example
cd /example
PYTHONPATH=/lab/tools /lab/python/bin/python3 -m pip wheel --no-index --no-deps --no-build-isolation \
    --wheel-dir "/lab/built/$1" .
"""
INSTALL = 'PYTHONPATH=/lab/tools /lab/python/bin/python3 -m pip install --no-index --no-deps --target "/from/$1" "$2"'
UNPACK = '/lab/python/bin/python3 -m zipfile -e "$2" "/from/$1"'
USE = """
PYTHONPATH="$1:/lab/numpy" LD_LIBRARY_PATH="${2-}" /lab/python/bin/python3 -c '
from example_pkg import ddot
assert ddot([1, 2, 3], [4, 5, 6]) == 32'
"""
DESCRIBE = """
/lab/python/bin/python3 -c 'import os; print(os.confstr("CS_GNU_LIBC_VERSION").split()[1])'
g++ -dumpfullversion
"""


# --- the questions ---------------------------------------------------------------------------------------------------


def build(suite: str, root: Path, lab: Path) -> Path:
    """Build the example's wheel on a system."""
    must(inside(root, lab, BUILD_WHEEL, suite), f"building the example on {suite}")
    (raw,) = (lab / "built" / suite).glob("*.whl")
    say(f"{suite}: wheel built")
    return raw


def repair(raw: Path, lab: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Call auditwheel, as chapters 5 and 7 do; the result goes to a folder beside ``built``."""
    path = {"PATH": f"{PYTHON.parent}:{os.environ['PATH']}", "PYTHONHASHSEED": "0"}
    return run("auditwheel", "repair", *options, "--ldpaths", lab / "tools/scipy_openblas32/lib", raw,
               env={**os.environ, **path})  # fmt: skip


def examine(suite: str, raw: Path, lab: Path, old: str) -> tuple[dict, Path]:
    """Repair a wheel, ask for the tag `old` as well, and return its facts and the repaired file."""
    folder = lab / "repaired" / suite
    must(repair(raw, lab, "--wheel-dir", str(folder)), f"auditwheel repair, the wheel of {suite}")
    (repaired,) = folder.glob("*.whl")
    refusal = last_line(repair(raw, lab, "--plat", old, "--wheel-dir", str(lab / "old" / suite)))
    found = elf.elf_files_of(repaired)
    floor = policies.floor(found)
    return {
        "built_on": suite,
        "tag": repaired.stem.rsplit("-", 1)[1],
        "floor": floor.version,
        "symbols": list(floor.symbols),
        "extension_floor": policies.floor(elf.elf_files_of(raw)).version,
        "reasons": reasons(found),
        "refusal": refusal.replace(str(raw), raw.name),
    }, repaired


def reasons(found: tuple[elf.Linkage, ...]) -> list[str]:
    """Return which requests only the wheel's own policy allows, and none of the older ones."""
    own = policies.tag_by_symbols(found)
    asked: dict[str, set[str]] = {}
    for one in found:
        for need in one.needs:
            if policies.tag_by_symbols(dataclasses.replace(one, needs=(need,))) == own:
                asked.setdefault(need.version, set()).update(need.symbols)
    return [f"{asked_for}: {', '.join(sorted(symbols))}" for asked_for, symbols in sorted(asked.items())]


def attempt(built_on: str, wheel: Path, run_on: str, root: Path, lab: Path) -> dict:
    """Offer a wheel to pip on a system, unpack it by force where pip will not have it, and use it."""
    there = f"/lab/{wheel.relative_to(lab)}"
    offered = inside(root, lab, INSTALL, built_on, there)
    if offered.returncode:
        must(inside(root, lab, UNPACK, built_on, there), f"unpacking on {run_on}")
    used = inside(root, lab, USE, f"/from/{built_on}")
    return {"built_on": built_on, "run_on": run_on, "pip": last_line(offered), "loader": last_line(used)}


def link_old(zig: Path, place: Path, lab: Path) -> dict:
    """Link the example's extension against the old glibc, lay it into its package, and return its facts."""
    package, openblas = lab / "linked/example_pkg", lab / "tools/scipy_openblas32"
    shutil.copytree(ROOT / "example_project/example_pkg", package)
    extension = package / "example.so"
    headers = (lab / f"python/include/{SOURCE}", lab / "tools/pybind11/include", openblas / "include")
    includes = [f"-I{folder}" for folder in headers]
    must(link(zig, place, ROOT / "example_project/src/cpp/ddot.cpp", *includes, "-Dcblas_ddot=scipy_cblas_ddot",
              f"-L{openblas / 'lib'}", "-lscipy_openblas", "-o", extension), "linking with zig")  # fmt: skip
    found = elf.read_elf(extension)
    floor = policies.floor(found)
    say(f"linked against glibc {AGAINST}: asks for {floor.version}")
    tag = policies.tag_by_symbols(found)
    return {"against": AGAINST, "floor": floor.version, "symbols": list(floor.symbols), "tag": tag}


def measure() -> systems.SystemsRecord:
    """Make the systems, ask all questions, and return the answers.

    Raises
    ------
    CannotRun
        A tool or a right is missing, a step failed, or there are not two systems to compare.
    wheel_lab.lab.commands.SetupError
        pip could not fetch what is needed.
    """
    debians.start = time.monotonic()
    check_machine()
    with tempfile.TemporaryDirectory(prefix="wheel-lab-systems-") as folder, ThreadPoolExecutor() as pool:
        place = Path(folder)
        lab = place / "lab"
        lab.mkdir()
        source = pool.submit(fetch_source, place)
        there = {suite: pool.submit(unpack, suite, place / suite) for suite in SUITES}
        tools = pool.submit(fetch_tools, lab)
        zig = pool.submit(fetch_zig, place)
        shutil.copytree(ROOT / "example_project", lab / "example")
        shutil.copy(ROOT / "example_project/scikit_build_core/pyproject.toml", lab / "example")

        roots = {suite: place / suite for suite in SUITES if there[suite].result()}
        if len(roots) < 2:
            raise CannotRun("two systems are needed to compare an old one with a new one")
        oldest = next(iter(roots))
        source.result().rename(lab / "python.tar.xz")
        must(inside(roots[oldest], lab, BUILD_PYTHON), f"building CPython on {oldest}")
        say(f"CPython: built on {oldest}")
        described = {on: must(inside(root, lab, DESCRIBE), f"CPython on {on}").split() for on, root in roots.items()}
        say("CPython: starts on all of them")

        tools.result()
        raws = list(pool.map(lambda suite: build(suite, roots[suite], lab), roots))
        old = policies.tag_for(described[oldest][0])
        examined = list(pool.map(lambda suite, raw: examine(suite, raw, lab, old), roots, raws))
        linked = link_old(zig.result(), place, lab)
        runs = list(
            pool.map(
                lambda on: [attempt(facts["built_on"], wheel, on, roots[on], lab) for facts, wheel in examined], roots
            )
        )
        say("each wheel tried on each system")
        openblas = "/lab/tools/scipy_openblas32/lib"
        linked["runs"] = [
            [on, last_line(inside(root, lab, USE, "/lab/linked", openblas))] for on, root in roots.items()
        ]
        python = must(inside(roots[oldest], lab, "/lab/python/bin/python3 --version"), "python3 --version").split()[1]
        used = {one.name: one.version for one in distributions(path=[str(lab / "tools"), str(lab / "numpy")])}
        zig_version = ZIG.split()[0].removeprefix("ziglang==")
        named = {name: used[name] for name in ("pybind11", "scipy-openblas32", "numpy")}
        answers = {
            "date": datetime.date.today().isoformat(),
            "versions": {"CPython": python, "auditwheel": version("auditwheel"), **named, "zig": zig_version},
            "missing": [suite for suite in SUITES if suite not in roots],
            "systems": [{"suite": on, "glibc": glibc, "compiler": gxx} for on, (glibc, gxx) in described.items()],
            "wheels": [facts for facts, _ in examined],
            "runs": [one for many in runs for one in many],
            "linked": linked,
        }
        return records.parse(systems.SystemsRecord, answers)


def main() -> int:
    """Write the record, tell how it differs from the one before, and return the exit code."""
    # The folder of the systems is taken away however this ends; a plain SIGTERM would leave it there.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        fresh = measure()
    except (CannotRun, SetupError) as error:
        print(f"make systems: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("make systems: stopped; the record is as it was", file=sys.stderr)
        return 130
    changes = systems_disagreements(systems.load_record(), fresh) if systems.RECORD.exists() else []
    records.save(fresh, systems.RECORD)
    say(f"written: {systems.RECORD.relative_to(ROOT)}")
    print(fresh, *(f"changed: {change}" for change in changes), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
