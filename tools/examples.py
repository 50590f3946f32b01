"""An example of each finding: a wheel that has it, built on the spot, and what the doctor says of that wheel.

The wheels are those by which the doctor is tested, in ``tests/library/doctor``.
"""

import importlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.notebooks import ROOT
from wheel_lab.doctor import RULES, Finding, examine
from wheel_lab.doctor.text import as_text

__all__ = ["Example", "examples"]

CASES = ROOT / "tests" / "library" / "doctor"
WIDTH = 80  # columns
Build = Callable[[Path], Path]


@dataclass(frozen=True)
class Example:
    """A finding in a wheel, and what the command says of it."""

    finding: Finding
    said: str


def examples() -> dict[str, Example]:
    """Return a wheel's finding of each rule, by the rule's code.

    Raises
    ------
    ValueError
        There is a rule that no case breaks.
    """
    said: dict[str, Example] = {}
    for code, build in _builds():
        if code not in said:
            with tempfile.TemporaryDirectory() as folder:
                said |= _example(code, build(Path(folder)))
    if missing := set(RULES) - set(said):
        raise ValueError(f"no case in {CASES.relative_to(ROOT)} has {', '.join(sorted(missing))}")
    return said


def _example(code: str, wheel: Path) -> dict[str, Example]:
    """Return by its code a finding in that wheel, or nothing when it has no such finding."""
    for option in ("", "--deep "):
        report = examine(wheel, deep=bool(option))
        codes = {one.code for one in report.findings}
        if code in codes:
            others = sorted(codes - {code})
            ignored = f"--ignore {','.join(others)} " if others else ""
            said = as_text(report.without(others), width=WIDTH)
            finding = next(one for one in report.findings if one.code == code)
            return {code: Example(finding, f"$ wheel-lab doctor {option}{ignored}{wheel.name}\n{said}")}
    return {}


def _builds() -> Iterator[tuple[str, Build]]:
    """Return (code, what builds a wheel that has it), as the tests' tables have them."""
    sys.path += [str(CASES), str(CASES.parent), str(ROOT / "tests" / "lab")]
    names = [path.stem for path in sorted(CASES.glob("*cases.py"))]
    for module in map(importlib.import_module, [*names, "test_sdist"]):
        built = getattr(module, "built", importlib.import_module("cases").built)
        for table in (value for name, value in vars(module).items() if name.endswith("CASES")):
            yield from ((code, _build(built, case[1])) for code, cases in table.items() for case in cases)
    yield from ((code, _build(importlib.import_module("cases").built, defect)) for code, defect in _others().items())


def _others() -> dict[str, Any]:
    """Return what the tests make without a table, as a table has it."""
    cases, bill, importing = (importlib.import_module(name) for name in ("cases", "bill_cases", "import_cases"))
    make = importlib.import_module("making").make
    wide = importlib.import_module("test_deep").WIDE

    def with_debug_information(shop: Any) -> Path:
        library = shop.compile_c(bill.WORDY, "-g", name="a.so").read_bytes()
        return Path(make(shop.folder, cases.file("tiny/heavy.so", library)))

    def with_an_end_that_lies(shop: Any) -> Path:
        wheel = Path(make(shop.folder))
        data = bytearray(wheel.read_bytes())
        data[data.rindex(b"PK\5\6") + 10] = 7  # the number of members
        wheel.write_bytes(data)
        return wheel

    return {
        "B102": with_debug_information,
        "I111": with_an_end_that_lies,
        "I501": [cases.file("tiny/large.bin", bytes(100 << 20), method=0)],
        "M308": importing.alone(wide, "-O2"),
    }


def _build(built: Callable[[Path, Any], Path], defect: Any) -> Build:
    """Return what builds the wheel of a case, as it is described or as it is compiled."""
    if not callable(defect):
        return lambda folder: built(folder, defect)
    shop = importlib.import_module("import_cases").Workshop
    return lambda folder: Path(defect(shop(folder, _compiler(folder))))


def _compiler(folder: Path) -> Callable[..., Path]:
    """Return what compiles lines of C into a shared library of that folder."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise FileNotFoundError("the examples on the website need a C compiler. On Debian: apt install gcc")

    def compile_(code: str, *options: str, name: str) -> Path:
        source, target = folder / "sample.c", folder / name
        source.write_text(code)
        subprocess.run([compiler, "-shared", "-fPIC", "-o", target, source, *options], check=True, capture_output=True)
        return target

    return compile_
