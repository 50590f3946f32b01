"""The checks of chapter 7, "Reach old systems"."""

import os
import subprocess
import sys
from pathlib import Path

from packaging.version import Version

from wheel_lab import policies
from wheel_lab.binaries import elf
from wheel_lab.lab import systems
from wheel_lab.lab.checks import NotYet, compare, exercise, reset, solution
from wheel_lab.wheelfile import WheelError

__all__ = ["clock_for_old_systems", "compare", "reset", "runs_on_ubuntu", "solution"]

UBUNTU = systems.System("jammy", "2.35", "11.4.0")
CLOCK = Path("yours/libclock.so")
HIGHEST = "2.5"
# A clock that was set while it was read is not the learner's fault: a minute is near enough.
READ = """
import ctypes, time
now = ctypes.CDLL("./libclock.so").now
now.restype = ctypes.c_double
print(abs(now() - time.time()) < 60, any(now() % 1 for _ in range(3)))
"""


@exercise("you can count on two of the three wheels on Ubuntu 22.04")
def runs_on_ubuntu(answer: object) -> None:
    """Say for each recorded wheel whether its tag promises that it runs with glibc 2.35."""
    wheels = {wheel.built_on: wheel.is_for(UBUNTU) for wheel in systems.load_record().wheels}
    if not isinstance(answer, dict) or set(answer) != set(wheels):
        raise NotYet(f"answer must have these keys: {', '.join(wheels)}")
    if any(value is None for value in answer.values()):
        raise NotYet("there is still a None behind one of the wheels")
    if any(not isinstance(value, bool) for value in answer.values()):
        raise NotYet("only True or False may stand behind a wheel")
    if any(answer[name] and not runs for name, runs in wheels.items()):
        raise NotYet("you count on a wheel whose tag asks for a newer system than this")
    if any(runs and not answer[name] for name, runs in wheels.items()):
        raise NotYet("you do not count on a wheel whose tag is satisfied with an older system than this")


@exercise("now() works, and asks for glibc 2.5 at most")
def clock_for_old_systems() -> None:
    """Let ``yours/libclock.so`` tell the time, and ask for no glibc above 2.5."""
    if not CLOCK.is_file():
        raise NotYet("there is no yours/libclock.so; did the compiler say why?")
    try:
        linkage = elf.read_elf(CLOCK)
    except WheelError:
        raise NotYet("yours/libclock.so is not a shared library; link it with -shared") from None
    version = policies.floor(linkage).version
    if version and Version(version) > Version(HIGHEST):
        raise NotYet(f"the library asks for a glibc above {HIGHEST}; which symbol sets its floor?")
    if any("clock_gettime" in need.symbols for need in linkage.needs):
        raise NotYet("clock_gettime was not in libc.so.6 before 2.17, only in librt; use another function")
    lenders = {name: value for name, value in os.environ.items() if not name.startswith("LD_")}
    command = [sys.executable, "-c", READ]
    done = subprocess.run(command, cwd=CLOCK.parent, env=lenders, capture_output=True, text=True)
    if done.returncode:
        raise NotYet("the library does not load, or has no function now() that can be called")
    right, fractions = (word == "True" for word in done.stdout.split())
    if not right:
        raise NotYet("now() does not return the seconds since 1970 as a double")
    if not fractions:
        raise NotYet("now() returns whole seconds only; it must return fractions, too")
