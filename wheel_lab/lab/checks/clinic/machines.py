"""The checks of the cases 09 to 12: macOS, Windows, musl, and another processor."""

import re
import subprocess
import tempfile
import zipfile
from pathlib import Path

from wheel_lab.lab.checks import NotYet, exercise
from wheel_lab.lab.checks.clinic.shared import fixed_wheel, healthy, line, member, named, named_first, word, works
from wheel_lab.lab.signatures import fits

__all__ = ["cause_09", "cause_10", "cause_11", "cause_12", "fixed_09", "fixed_10", "fixed_11", "fixed_12"]

DOTS, THREADS = "dots/_core.abi3.so", "threads/_core.abi3.so"
CAUSES = {
    "09": {
        "member": member("which file of the wheel asks for the library?", "twin/_dot.abi3.so"),
        "library": word("which library does it ask for, as it stands in the file?", "@rpath/libdot.dylib"),
        "path": word("which folder stands in the file, in which @rpath is looked up?", "/opt/dot/lib", "/opt/dot/lib/"),
    },
    "10": {
        "member": member("which file of the wheel is a DLL for Windows, whatever it is called?", "twin/_dot.pyd"),
        "library": word("which of the DLLs that it imports is neither Python's nor of Windows?",
                        "dot.dll", "DOT.DLL"),
    },
    "11": {
        "member": member("which file of the wheel has been compiled?", THREADS),
        "symbol": word("which of the functions that the file asks for does musl not have?", "__cxa_thread_atexit_impl"),
        "option": word("which option of the build chooses the code that calls it?", "-DCLEANUP_CXX11", "CLEANUP_CXX11"),
    },
    "12": {
        "member": member("which file of the wheel has been compiled?", DOTS),
        "function": word("in which function do registers of 512 bits stand? They are called zmm", "dot", "dot()"),
        "option": line("which option of the compiler names a processor?", "march=skylake-avx512"),
    },
}  # fmt: skip


@exercise("you named the file, the library, and the folder that only the builder has")
def cause_09(cause: object) -> None:
    """Name the file, the library, and the folder."""
    named(cause, CAUSES["09"])


@exercise("the wheel brings the library, and looks for it beside itself")
def fixed_09(cause: object) -> None:
    """Put the library into the wheel for macOS."""
    named_first(cause, CAUSES["09"])
    wheel = fixed_wheel("twin", "twin/_dot.abi3.so")
    if "macosx" not in wheel.name:
        raise NotYet("that is not a wheel for macOS any more")
    healthy(wheel, "M402", "P401")
    _signed(wheel)


@exercise("you named the file, and the DLL that is missing")
def cause_10(cause: object) -> None:
    """Name the file, and the DLL."""
    named(cause, CAUSES["10"])


@exercise("the wheel brings the DLL, for the right processor")
def fixed_10(cause: object) -> None:
    """Put the DLL into the wheel for Windows."""
    named_first(cause, CAUSES["10"])
    wheel = fixed_wheel("twin", "twin/_dot.pyd")
    if "win_amd64" not in wheel.name:
        raise NotYet("that is not a wheel for Windows any more")
    healthy(wheel)


@exercise("you named the file, the function, and the option that brings it in")
def cause_11(cause: object) -> None:
    """Name the file, the function that musl does not have, and the option of the build."""
    named(cause, CAUSES["11"])


@exercise("the wheel for musl asks for nothing that musl does not have")
def fixed_11(cause: object) -> None:
    """Build the extension without the function."""
    named_first(cause, CAUSES["11"])
    wheel = fixed_wheel("threads", THREADS)
    if "-musllinux_" not in wheel.name:
        raise NotYet("that is not a wheel for musl any more")
    healthy(wheel)


@exercise("you named the file, the function, and the option")
def cause_12(cause: object) -> None:
    """Name the file, the function with the wide registers, and the option."""
    named(cause, CAUSES["12"])


@exercise("no register in the wheel is wider than those of every x86-64 processor, and it works")
def fixed_12(cause: object) -> None:
    """Build the extension for every processor of the architecture."""
    named_first(cause, CAUSES["12"])
    wheel = fixed_wheel("dots", DOTS)
    if wide := _wide(wheel):
        raise NotYet(f"{DOTS} still uses {wide}, which not every x86-64 processor has")
    healthy(wheel)
    works(wheel, "import dots; print(dots.squares(2.0))", "256.0")


def _signed(wheel: Path) -> None:
    """Check that each signature in a wheel for macOS fits its file: the doctor only looks whether there is one."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith((".so", ".dylib")) and not fits(archive.extract(name, folder)):
                raise NotYet(f"the signature of {name} does not fit the file any more, and a Mac would not run it")


def _wide(wheel: Path) -> str:
    """Return a register of more than 128 bits that the extension uses; empty when there is none."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as archive:
        file = archive.extract(DOTS, folder)
        done = subprocess.run(["objdump", "-d", file], capture_output=True, text=True, check=True)
    found = re.search(r"%[yz]mm\d+", done.stdout)
    return found[0] if found else ""
