"""The checks of the cases 13 to 15: copies, Python's stable ABI, and OpenMP."""

import re
import sys
import zipfile

from packaging.utils import parse_wheel_filename

from wheel_lab.lab.checks import NotYet, exercise
from wheel_lab.lab.checks.clinic.shared import (
    Part,
    both,
    fixed_wheel,
    healthy,
    line,
    member,
    named,
    named_first,
    number,
    word,
    works,
)

__all__ = ["cause_13", "cause_14", "cause_15", "fixed_13", "fixed_14", "fixed_15"]

NEEDED = 12  # the minor version of Python that brought the function of case 14
PLUGINS, CALLS, PAIRS = "plugins/_core.abi3.so", "calls/_core.abi3.so", "pairs/_core.abi3.so"


def _names(look: str, *right: str) -> Part:
    """Return the part that is a list of these names, each with or without the folder that it is in."""
    judge = both(look, *right)

    def without_folders(value: object) -> str | None:
        return judge([str(one).rpartition("/")[2] for one in value] if isinstance(value, list | tuple | set) else value)

    return without_folders


CAUSES = {
    "13": {
        "copies": number("how many files of the wheel have the same content?", 3),
        "loaded": _names("which two names do other compiled files have for it? Look at NEEDED of each",
                         "libplugins.so", "libplugins.so.1.0.0"),
    },
    "14": {
        "member": member("which file of the wheel has been compiled?", CALLS),
        "symbol": word("which function of Python's does the file ask for, and an older Python does not have?",
                       "PyErr_GetRaisedException", "PyErr_GetRaisedException()"),
        "since": number("since which Python is that function there? Give it as in 3.9", 3.12),
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
    named_first(cause, CAUSES["13"])
    wheel = fixed_wheel("plugins", PLUGINS, "plugins/libcounter.so")
    works(wheel, "import plugins; plugins.announce(1); print(plugins.count())", "1")
    healthy(wheel, "B104")
    with zipfile.ZipFile(wheel) as archive:
        copies = [name for name in archive.namelist() if "/libplugins" in name]
    if len(copies) > 1:
        raise NotYet(f"it works, and the wheel still has {' and '.join(copies)}")


@exercise("you named the file, the function, since when it is there, and the tag that promises too much")
def cause_14(cause: object) -> None:
    """Name the file, the function, the Python that brought it, and the tag."""
    named(cause, CAUSES["14"])


@exercise("the name promises the Pythons that have all that the file asks for")
def fixed_14(cause: object) -> None:
    """Let the name and the extension agree."""
    named_first(cause, CAUSES["14"])
    wheel = fixed_wheel("calls", CALLS)
    healthy(wheel, "P101", "P315")
    tags = parse_wheel_filename(wheel.name)[3]
    if not all(re.fullmatch(r"cp3\d+", one.interpreter) for one in tags):
        raise NotYet("the first of the three tags should say which CPython is the oldest, as cp39 does")
    oldest = min(int(one.interpreter.removeprefix("cp3")) for one in tags)
    if oldest > NEEDED or any(one.abi != "abi3" for one in tags):
        raise NotYet(
            f"the name is true, and leaves out a Python that has all it asks for: there are 3.{NEEDED} and newer ones"
        )
    if oldest <= sys.version_info.minor:
        works(wheel, "import calls; print(calls.result(list), calls.result(lambda: 1 / 0))", "[] division by zero")


@exercise("you named the two runtimes, who asks for the second one, and where it comes from")
def cause_15(cause: object) -> None:
    """Name the two runtimes, the file that asks for the second one, and the line of ``build.sh``."""
    named(cause, CAUSES["15"])


@exercise("there is one runtime, and all parts of the wheel use it")
def fixed_15(cause: object) -> None:
    """Let all parts use one runtime, and take the other away."""
    named_first(cause, CAUSES["15"])
    wheel = fixed_wheel("pairs", PAIRS, "pairs/lib/libpairs.so")
    works(wheel, "import pairs; print(pairs.threads(3))", "3")
    report = healthy(wheel)
    runtimes = [one.member for one in report.findings if one.code == "M602"]
    if len(runtimes) != 1:
        raise NotYet(f"it works, and the wheel still has {' and '.join(runtimes) or 'no runtime'}")
