"""Debian suites unpacked in folders, commands run inside them, and the tools that are lent to them.

A system here is a folder in which a Debian suite is unpacked: its C library, its compiler, its shell. Nothing inside
has a network, and what is mounted there is seen by no other process and goes away with the last one.
"""

import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from wheel_lab.lab import commands, fetching
from wheel_lab.lab.paths import ROOT, WHEELHOUSE

PYTHON = Path(sys.executable)
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


def run(*command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
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
    known = fetching.pinned(ROOT / "requirements.txt")
    target = {"python_version": PYTHON_VERSION, "python_full_version": f"{PYTHON_VERSION}.0"}
    wanted = []
    for line in (line for name in [*fetching.wheelhouse_names(PYTHON), "pip"] for line in known[name]):
        pin, _, hashes = line.partition(" --hash")
        marker = Requirement(pin).marker
        if marker is None or marker.evaluate(target):  # pip would ask for the Python that it runs on
            wanted.append(f"{pin.split(';')[0]} --hash{hashes}")
    # Wheels that run on any system with a glibc of 2.28.
    old = [word for minor in range(5, 29) for word in ("--platform", f"manylinux_2_{minor}_x86_64")]
    pip("install", lab / "tools", wanted, "--no-compile", "--python-version", PYTHON_VERSION, *old,
        "--platform", "manylinux2014_x86_64", "--find-links", WHEELHOUSE)  # fmt: skip
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
    commands.pip(PYTHON, verb, "--no-deps", "--require-hashes", "--only-binary", ":all:", *options, into, folder,
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
