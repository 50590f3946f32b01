"""Old and new systems, for real: build the example on several Debians, and try each wheel on each of them.

`make systems` runs this and writes ``wheel_lab/lab/systems.json``; ``tests/lab/test_systems.py`` runs it afresh and
compares.

A system here is a folder in which a Debian suite is unpacked: its C library, its compiler, its shell. CPython is built
once, on the oldest, and lent to the others as it is: without that, each would bring another Python. Nothing inside has
a network, and what is mounted there is seen by nobody else and goes away with the last process.
"""

import dataclasses
import datetime
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import distributions, version
from pathlib import Path

from packaging.requirements import Requirement

from wheel_lab import policies
from wheel_lab.binaries import elf
from wheel_lab.lab import setup, systems

PYTHON = Path(sys.executable)
ROOT = Path(__file__).resolve().parent.parent
# The oldest first. A suite that the mirror no longer has is reported, and the next one plays its part.
SUITES = ("bullseye", "bookworm", "trixie")
# They are unpacked and not configured, which takes a third of the time; a compiler needs no more.
PACKAGES = ("g++", "make", "libc-bin", "zlib1g-dev", "bash", "dash", "coreutils", "sed", "grep", "mawk", "findutils",
            "diffutils", "tar", "xz-utils")  # fmt: skip
# Debian's source package of the CPython for all of them, and the newest suite that has it.
SOURCE, SOURCE_SUITE = "python3.13", "trixie"
PYTHON_VERSION = SOURCE.removeprefix("python")
# The glibc of the oldest policy that the sources promise to keep to.
AGAINST = "2.17"
# Zig is a compiler that can link against any glibc. It is not in the lock: it takes 400 MB, and only this needs it.
ZIG = "ziglang==0.17.0 --hash=sha256:97079827064a7492cce5541ceb438ae8003ce1e54e399676da2d62fb7a5dc08b"

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
# Run by `sh` in namespaces of its own: $0 is the system's folder, $1 the folder that all of them see as /lab.
ENTER = """
mkdir -p "$0/lab" "$0/dev" "$0/proc"
mount --bind "$1" "$0/lab"
mount --rbind /dev "$0/dev"
mount -t proc proc "$0/proc"
shift
exec chroot "$0" bash -euc "$@"
"""


class CannotRun(Exception):
    """The machine lacks something, or a step failed; the message says what."""


start = time.monotonic()


def say(words: str) -> None:
    """Print a line of progress with the seconds since the start."""
    print(f"[{time.monotonic() - start:4.0f} s] {words}", flush=True)


def run(*command: str | Path, **options) -> subprocess.CompletedProcess[str]:
    """Run a command and keep what it says."""
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, errors="replace", **options)


def must(done: subprocess.CompletedProcess[str], what: str) -> str:
    """Return what a command printed; raise :class:`CannotRun` with its last words when it failed."""
    if done.returncode:
        words = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise CannotRun(f"{what}: exit {done.returncode}\n{words}")
    return done.stdout


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return the last line that a failed command said; an empty text when it did not fail."""
    return (done.stderr.strip() or f"exit {done.returncode}").splitlines()[-1] if done.returncode else ""


# --- the systems -----------------------------------------------------------------------------------------------------


# Mounts, network and processes of their own. Who is not root is taken for root in there.
APART = ["unshare", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--mount", "--net", "--pid", "--kill-child"]


def check_machine() -> None:
    """Raise :class:`CannotRun` for what this machine lacks."""
    for program in ("mmdebstrap", "unshare"):
        if shutil.which(program) is None:
            raise CannotRun(f"{program} is missing. On Debian or Ubuntu: sudo apt install mmdebstrap util-linux")
    if run(*APART, "true").returncode:
        raise CannotRun("entering another system (unshare, chroot) is not allowed here. Run this as root")


def unpack(suite: str, folder: Path) -> bool:
    """Make a system of `suite` in `folder`; False when the mirror does not have it."""
    archive = folder.with_suffix(".tar")
    done = run("mmdebstrap", "--variant=extract", f"--include={','.join(PACKAGES)}", suite, archive)
    if done.returncode and "does not have a Release file" in done.stderr:
        say(f"{suite}: the mirror no longer has it")
        return False
    must(done, f"mmdebstrap {suite}")
    folder.mkdir()
    # All files are ours then, so that they need no rights to be used and to be taken away. /dev is lent later.
    leave = ("--exclude=./dev/*", "--exclude=./usr/share/*")
    unpacked = run("tar", "-xf", archive, "-C", folder, "--no-same-owner", *leave)
    must(unpacked, f"unpacking {suite}")
    archive.unlink()
    say(f"{suite}: unpacked")
    return True


def fetch_source(place: Path) -> Path:
    """Fetch the source package of CPython from the mirror that mmdebstrap knows, checked by apt, and return it."""
    hook = f"""
        cd "$1"
        sed 's/^deb /deb-src /' etc/apt/sources.list >etc/apt/sources.list.d/source.list
        export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"
        apt-get update --quiet
        apt-get source --quiet --download-only {SOURCE}
    """
    archive = place / "source.tar"
    done = run("mmdebstrap", "--variant=custom", f"--setup-hook={hook}", SOURCE_SUITE, archive)
    must(done, f"apt-get source {SOURCE}")
    must(run("tar", "-xf", archive, "-C", place, "--wildcards", "./*.orig.tar.xz"), f"unpacking {SOURCE}")
    (source,) = place.glob("*.orig.tar.xz")
    say(f"CPython: {source.name} fetched")
    return source


def inside(root: Path, lab: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script with bash in the system at `root`, which sees the folder `lab` as ``/lab``, and no network."""
    clean = {"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/", "LC_ALL": "C.UTF-8"}
    return run(*APART, "sh", "-euc", ENTER, root, lab, script, "bash", *arguments, env=clean)


# --- the tools -------------------------------------------------------------------------------------------------------


def fetch_tools(lab: Path) -> None:
    """Put what builds and runs the example into ``tools`` and ``numpy``, from the lab's lock."""
    known = setup.pinned(ROOT / "requirements.txt")
    target = {"python_version": PYTHON_VERSION, "python_full_version": f"{PYTHON_VERSION}.0"}
    wanted = []
    for line in (line for name in [*setup.wheelhouse_names(PYTHON), "pip"] for line in known[name]):
        pin, _, hashes = line.partition(" --hash")
        marker = Requirement(pin).marker
        if marker is None or marker.evaluate(target):  # pip would ask for the Python that it runs on
            wanted.append(f"{pin.split(';')[0]} --hash{hashes}")
    # Wheels that run on any system with a glibc of 2.28.
    old = [word for minor in range(5, 29) for word in ("--platform", f"manylinux_2_{minor}_x86_64")]
    pip("install", lab / "tools", wanted, "--no-compile", "--python-version", PYTHON_VERSION, *old,
        "--platform", "manylinux2014_x86_64", "--find-links", setup.WHEELHOUSE)  # fmt: skip
    # What runs the wheel is apart from what builds it: an OpenBLAS that is lying about must not help.
    (lab / "numpy").mkdir()
    for path in (lab / "tools").glob("numpy*"):
        path.rename(lab / "numpy" / path.name)
    say("tools: installed from the lock")


def pip(verb: str, folder: Path, lines: list[str], *options: str | Path) -> None:
    """Install or download the pinned `lines` into `folder`, as wheels that have the pinned hash."""
    lock = folder.with_suffix(".txt")
    lock.write_text("\n".join(lines) + "\n")
    into = "--target" if verb == "install" else "--dest"
    setup.pip(PYTHON, verb, "--no-deps", "--require-hashes", "--only-binary", ":all:", *options, into, folder,
                  "--requirement", lock)  # fmt: skip


def fetch_zig(place: Path) -> Path:
    """Fetch zig, and let it compile its C++ library for the old glibc, which takes longer than our own sources."""
    pip("download", place / "zig", [ZIG])
    (wheel,) = (place / "zig").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        # It brings the headers of many systems. These are not needed here, and are four files in five.
        foreign = re.compile(r"/lib/libc/(darwin|mingw|musl|wasi|include/(?!generic-glibc|any-linux|x86))")
        archive.extractall(place / "zig", [name for name in archive.namelist() if not foreign.search(name)])
    zig = place / "zig/ziglang/zig"
    zig.chmod(0o755)
    say("zig: unpacked")
    (place / "empty.cpp").write_text("")
    must(link(zig, place, place / "empty.cpp", "-o", place / "empty.so"), "zig c++")
    say("zig: its C++ library is ready")
    return zig


def link(zig: Path, place: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Compile and link a shared library against the old glibc, not optimised: that asks for no less, and is faster."""
    caches = {name: str(place / "zig.cache") for name in ("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR")}
    target = f"x86_64-linux-gnu.{AGAINST}"
    return run(zig, "c++", "-target", target, "-shared", "-fPIC", "-std=c++17", "-O0", "-s", "-w", *arguments,
               env={**os.environ, **caches})  # fmt: skip


# --- the questions ---------------------------------------------------------------------------------------------------


def build(suite: str, root: Path, lab: Path) -> Path:
    """Build the example's wheel on a system."""
    must(inside(root, lab, BUILD_WHEEL, suite), f"building the example on {suite}")
    (raw,) = (lab / "built" / suite).glob("*.whl")
    say(f"{suite}: wheel built")
    return raw


def repair(raw: Path, lab: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Call auditwheel, as chapter 5 does; the result goes to a folder beside ``built``."""
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


def measure() -> dict:
    """Make the systems, ask all questions, and return the answers as :func:`wheel_lab.lab.systems.parse` takes them.

    Raises
    ------
    CannotRun
        A tool or a right is missing, a step failed, or there are not two systems to compare.
    wheel_lab.lab.setup.SetupError
        pip could not fetch what is needed.
    """
    global start
    start = time.monotonic()
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
        runs = list(pool.map(
            lambda on: [attempt(facts["built_on"], wheel, on, roots[on], lab) for facts, wheel in examined], roots
        ))  # fmt: skip
        say("each wheel tried on each system")
        openblas = "/lab/tools/scipy_openblas32/lib"
        linked["runs"] = [
            [on, last_line(inside(root, lab, USE, "/lab/linked", openblas))] for on, root in roots.items()
        ]
        python = must(inside(roots[oldest], lab, "/lab/python/bin/python3 --version"), "python3 --version").split()[1]
        used = {one.name: one.version for one in distributions(path=[str(lab / "tools"), str(lab / "numpy")])}
        zig_version = ZIG.split()[0].removeprefix("ziglang==")
        named = {name: used[name] for name in ("pybind11", "scipy-openblas32", "numpy")}
        return {
            "date": datetime.date.today().isoformat(),
            "versions": {"CPython": python, "auditwheel": version("auditwheel"), **named, "zig": zig_version},
            "missing": [suite for suite in SUITES if suite not in roots],
            "systems": [{"suite": on, "glibc": glibc, "compiler": gxx} for on, (glibc, gxx) in described.items()],
            "wheels": [facts for facts, _ in examined],
            "runs": [one for many in runs for one in many],
            "linked": linked,
        }


def main() -> int:
    """Write the record, tell how it differs from the one before, and return the exit code."""
    # The folder of the systems is taken away however this ends; a plain SIGTERM would leave it there.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        table = measure()
    except (CannotRun, setup.SetupError) as error:
        print(f"make systems: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("make systems: stopped; the record is as it was", file=sys.stderr)
        return 130
    fresh = systems.parse(table)
    changes = systems.disagreements(systems.read(), fresh) if systems.RECORD.exists() else []
    systems.RECORD.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    say(f"written: {systems.RECORD.relative_to(ROOT)}")
    print(fresh, *(f"changed: {change}" for change in changes), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
