"""The exercises of chapter 10: a path left in a file for macOS, a DLL for Windows on ARM, a symbol that musl lacks."""

import tempfile
import zipfile
from pathlib import Path

from wheel_lab.binaries.exports import system_exports
from wheel_lab.binaries.reading import read_binaries
from wheel_lab.doctor import Report, WheelError, examine
from wheel_lab.lab.checks import NotYet, compare, exercise, reset, solution
from wheel_lab.lab.signatures import fits

__all__ = ["carries_its_dll", "compare", "missing_on_alpine", "no_path_of_the_build", "reset", "solution"]

EXTENSION = "twin/_dot.abi3.so"


def _one_wheel(folder: str) -> tuple[Path, Report]:
    """Return the one wheel in a folder, and what the doctor says of it."""
    made = sorted(Path(folder).glob("*.whl"))
    if len(made) != 1:
        there = "there are several" if made else "there is none"
        raise NotYet(f"there should be one wheel in the folder {folder}, and {there}")
    try:
        return made[0], examine(made[0])
    except (WheelError, OSError):
        raise NotYet(f"the file in the folder {folder} cannot be read as a wheel") from None


def _no_errors(report: Report) -> None:
    errors = [one for one in report.findings if one.level == "error"]
    if errors:
        raise NotYet(f"the doctor finds {errors[0].code} {errors[0].name}: {errors[0].subject}")


@exercise("the path is gone, the library is found, and each signature fits its file")
def no_path_of_the_build() -> None:
    """Take the leftover search path out of the repaired wheel for macOS, and sign the file anew."""
    wheel, report = _one_wheel("clean")
    slices = {one.file: one for one in read_binaries(wheel).macho}
    if EXTENSION not in slices:
        raise NotYet(f"that wheel has no {EXTENSION} for macOS; begin with the one in the folder mac")
    left = [path for one in slices.values() for path in one.rpaths if not path.startswith("@")]
    if left:
        raise NotYet(f"{EXTENSION} still has a path of another machine: {left[0]}")
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as opened:
        for name, one in slices.items():
            if not (one.signed and fits(opened.extract(name, folder))):
                raise NotYet(f"the path is gone, and the signature of {name} does not fit the file any more")
    _no_errors(report)


@exercise("the wheel for Windows on ARM carries its DLL, and Windows finds it")
def carries_its_dll() -> None:
    """Repair the wheel for Windows on ARM with the one DLL of three that is for that processor."""
    wheel, report = _one_wheel("arm")
    files = read_binaries(wheel).pe
    modules = [one for one in files if one.file.endswith(".pyd")]
    if not wheel.name.endswith("win_arm64.whl") or not any(one.architecture == "arm64" for one in modules):
        raise NotYet("that wheel is not the one for Windows on ARM: twins/…win_arm64.whl")
    wrong = [one for one in files if one.architecture != "arm64"]
    if wrong:
        raise NotYet(f"{wrong[0].file} is for {wrong[0].architecture}, and the wheel for arm64")
    if len(files) == len(modules):
        raise NotYet("that wheel carries no DLL yet")
    _no_errors(report)


@exercise("musl does not have that symbol, and glibc does")
def missing_on_alpine(symbol: object) -> None:
    """Name the symbol that stops the import of the musl wheel."""
    if symbol is None:
        raise NotYet("symbol is still None")
    if not isinstance(symbol, str) or not symbol.strip():
        raise NotYet("symbol must be the name of one symbol, as text")
    wheel, report = _one_wheel("musl")
    (module,) = read_binaries(wheel).elf
    name = symbol.strip().partition("@")[0]
    if name not in module.undefined:
        if name in module.exports:
            raise NotYet(f"the file has {name} itself; look at what it asks of others")
        raise NotYet("the file asks for no symbol of that name; spell it as nm does, with all its underscores")
    if name.startswith(("Py", "_Py")):
        raise NotYet(f"Python itself gives {name}, on Alpine too")
    if any(name in symbols for symbols in system_exports("musl").values()):
        raise NotYet(f"musl has {name}")
    if name not in {one.subject for one in report.findings}:
        raise NotYet(f"the import does not end because of {name}")
