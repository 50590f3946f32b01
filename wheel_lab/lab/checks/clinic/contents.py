"""The checks of the cases 13 to 15: copies, Python's stable ABI, and OpenMP."""

import sys
import zipfile
from pathlib import Path

from packaging.utils import parse_wheel_filename

from wheel_lab.lab.checks import NotYet, exercise
from wheel_lab.lab.checks.clinic.shared import both, fixed_wheel, healthy, line, member, named, number, word, works

__all__ = ["cause_13", "cause_14", "cause_15", "fixed_13", "fixed_14", "fixed_15"]

PLUGINS, CALLS, PAIRS = "plugins/_core.abi3.so", "calls/_core.abi3.so", "pairs/_core.abi3.so"
CAUSES = {
    "13": {
        "copies": number("how many files of the wheel have the same content?", 3),
        "loaded": both("under which two names is the library asked for? Look at NEEDED of each compiled file",
                       "libplugins.so", "libplugins.so.1.0.0"),
    },
    "14": {
        "member": member("which file of the wheel has been compiled?", CALLS),
        "symbol": word("which function of Python's does the file ask for, and an older Python does not have?",
                       "PyErr_GetRaisedException"),
        "tag": word("which tag of the wheel's name says which Python it is for, and newer ones? Give that one alone",
                    "cp311"),
    },
    "15": {
        "runtimes": both("which two members are a runtime of OpenMP? Look at the names of the libraries",
                         "pairs/lib/libomp.so", "pairs.libs/libomp-5f2d0c1a.so"),
        "needs": member("which member asks for the one in pairs.libs?", PAIRS),
        "line": line("which line of build.sh compiles the second one?", "-soname,libomp-5f2d0c1a.so"),
    },
}  # fmt: skip


@exercise("you counted the copies, and named the two that are loaded")
def cause_13(cause: object) -> None:
    """Say how many copies there are, and under which names two of them are loaded."""
    named(cause, CAUSES["13"])


@exercise("the library is there once, and counts what is announced")
def fixed_13(cause: object) -> None:
    """Let the library be in the wheel once, under the name that all ask for."""
    named(cause, CAUSES["13"])
    wheel = fixed_wheel("plugins", PLUGINS, "plugins/libcounter.so")
    works(wheel, "import plugins; plugins.announce(1); print(plugins.count())", "1")
    healthy(wheel, "B104")
    with zipfile.ZipFile(wheel) as archive:
        copies = [name for name in archive.namelist() if "/libplugins" in name]
    if len(copies) > 1:
        raise NotYet(f"it works, and the wheel still has {' and '.join(copies)}")


@exercise("you named the file, the function, and the tag that promises too much")
def cause_14(cause: object) -> None:
    """Name the file, the function, and the tag."""
    named(cause, CAUSES["14"])


@exercise("the name promises the Pythons that have all that the file asks for")
def fixed_14(cause: object) -> None:
    """Let the name and the extension agree."""
    named(cause, CAUSES["14"])
    wheel = fixed_wheel("calls", CALLS)
    healthy(wheel, "P101", "P315")
    if _for_this_python(wheel):
        works(wheel, "import calls; print(calls.result(list))", "[]")


def _for_this_python(wheel: Path) -> bool:
    """Tell whether the name promises that the wheel runs on this Python."""
    pythons = {one.interpreter for one in parse_wheel_filename(wheel.name)[3]}
    return min(int(one[3:]) for one in pythons) <= sys.version_info.minor


@exercise("you named the two runtimes, who asks for the second one, and where it comes from")
def cause_15(cause: object) -> None:
    """Name the two runtimes, the file that asks for the second one, and the line of ``build.sh``."""
    named(cause, CAUSES["15"])


@exercise("there is one runtime, and all parts of the wheel use it")
def fixed_15(cause: object) -> None:
    """Let all parts use one runtime, and take the other away."""
    named(cause, CAUSES["15"])
    wheel = fixed_wheel("pairs", PAIRS, "pairs/lib/libpairs.so")
    works(wheel, "import pairs; print(pairs.threads(3))", "3")
    report = healthy(wheel)
    runtimes = [one.member for one in report.findings if one.code == "M602"]
    if len(runtimes) != 1:
        raise NotYet(f"it works, and the wheel still has {' and '.join(runtimes) or 'no runtime'}")
