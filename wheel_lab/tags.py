"""A wheel's file name taken apart and put into words.

The name is ``distribution-version(-build)?-interpreter-abi-platform.whl`` (PEP 427), the last three parts are tags
(PEP 425), and each may hold several, joined by dots. PEP 600 defines ``manylinux_X_Y``, PEP 656 ``musllinux_X_Y``.
"""

import re
import urllib.parse
from dataclasses import dataclass

from packaging.tags import Tag
from packaging.utils import BuildTag, NormalizedName, parse_wheel_filename
from packaging.version import Version

__all__ = ["FileName", "Part", "explain", "file_name_in", "parse_filename"]

LONGEST = 255  # the longest name that the usual file systems of Linux, macOS and Windows allow
# PEP 600 keeps the three older names, and says what they are in the new spelling.
LEGACY = {"manylinux1": "manylinux_2_5", "manylinux2010": "manylinux_2_12", "manylinux2014": "manylinux_2_17"}
INTERPRETERS = {"py": "Python", "cp": "CPython", "pp": "PyPy", "graalpy": "GraalPy", "ip": "IronPython", "jy": "Jython"}
PROCESSORS = {
    "x86_64": "64-bit Intel and AMD",
    "amd64": "64-bit Intel and AMD",
    "i686": "32-bit Intel and AMD",
    "aarch64": "64-bit ARM",
    "arm64": "64-bit ARM",
    "arm64_v8a": "64-bit ARM",
    "armv6l": "32-bit ARM",
    "armv7l": "32-bit ARM",
    "armeabi_v7a": "32-bit ARM",
    "x86": "32-bit Intel and AMD",
    "loongarch64": "64-bit LoongArch",
    "ppc64": "64-bit POWER",
    "ppc64le": "64-bit POWER",
    "s390x": "IBM Z",
    "riscv64": "64-bit RISC-V",
    "universal2": "ARM and Intel in one file",
    "intel": "32-bit and 64-bit Intel in one file",
    "wasm32": "WebAssembly",
}
UNKNOWN_PROCESSOR = "a processor that this lab does not know"


@dataclass(frozen=True)
class Part:
    """One part of a file name: its role, the text as it stands there, and what that means."""

    role: str
    text: str
    meaning: str

    def __str__(self) -> str:
        return f"{self.role:<13} {self.text:<24} {self.meaning}"


@dataclass(frozen=True)
class FileName:
    """A wheel's file name in its parts; a tag that holds several is there several times."""

    text: str
    parts: tuple[Part, ...]
    tags: tuple[str, ...]

    def of(self, role: str) -> tuple[str, ...]:
        """Return the texts with that role: distribution, version, build, interpreter, abi or platform."""
        return tuple(part.text for part in self.parts if part.role == role)

    def __str__(self) -> str:
        return "\n".join(map(str, self.parts))


def file_name_in(text: str) -> str:
    """Return the file name in a text that may be a path or a URL, as one pastes it, with quotation marks around it."""
    text = text.strip().strip("\"'")
    if "://" in text:
        text = urllib.parse.unquote(text.partition("#")[0].partition("?")[0])
    return re.split(r"[/\\]", text.rstrip("/\\"))[-1]


def explain(filename: str) -> FileName:
    """Take a wheel's file name apart.

    Raises
    ------
    ValueError
        It is not the name of a wheel; the message says what is wrong.
    """
    _, version, build, tags = parse_filename(filename)
    distribution, _, *rest = filename.removesuffix(".whl").split("-")
    interpreters, abis, platforms = (text.split(".") for text in rest[-3:])
    stable = any(abi.startswith("abi3") for abi in abis)
    parts = [
        Part("distribution", distribution, "the project, by the name that pip install is given"),
        Part("version", str(version), "a pre-release" if version.is_prerelease else "a release of that project"),
    ]
    if build:
        parts.append(Part("build", "".join(map(str, build)), "built again: of equal files the higher number is taken"))
    parts += [Part("interpreter", text, _interpreter(text, stable)) for text in interpreters]
    parts += [Part("abi", text, _abi(text)) for text in abis]
    parts += [Part("platform", text, _platform(text)) for text in platforms]
    return FileName(filename, tuple(parts), tuple(sorted(map(str, tags))))


def parse_filename(filename: str) -> tuple[NormalizedName, Version, BuildTag, frozenset[Tag]]:
    """Do as :func:`packaging.utils.parse_wheel_filename`, with errors that tell a learner what to look at."""
    if not filename:
        raise ValueError("there is no name yet; a wheel's name ends in .whl")
    if len(filename) > LONGEST:
        raise ValueError(f"a file name has at most {LONGEST} characters, and this one has {len(filename):,}")
    if filename.endswith((".tar.gz", ".zip")):
        raise ValueError(f"{filename!r} does not end in .whl: that is how a source archive is called")
    if not filename.endswith(".whl"):
        raise ValueError(f"{filename!r} is not a wheel's file name: it does not end in .whl")
    if "/" in filename or "\\" in filename:
        raise ValueError(f"{filename!r} is a path or a URL, not a file name alone")
    count = filename.count("-") + 1
    if count not in (5, 6):
        raise ValueError(
            f"{filename!r} is not a wheel's file name: dashes separate {count} parts, and a wheel's name has 5, "
            "or 6 with a build number"
        )
    return parse_wheel_filename(filename)


def _interpreter(text: str, stable: bool) -> str:
    match = re.fullmatch(r"(py|cp|pp|graalpy|ip|jy)(\d)(\d*)", text)
    if match is None:
        return "an interpreter that this lab does not know"
    kind, major, minor = match.groups()
    name = f"{INTERPRETERS[kind]} {major}" + (f".{minor}" if minor else "")
    if not minor:
        return f"any {name}"
    return f"{name} or newer" if kind == "py" or stable else name


def _abi(text: str) -> str:
    if text == "none":
        return "uses no binary interface of Python"
    if text == "abi3":
        return "the stable interface: this CPython and every later 3.x with a GIL"
    if text == "abi3t":
        return "the stable interface of CPython without the GIL"
    if match := re.fullmatch(r"cp(\d)(\d+)([a-z]*)", text):
        major, minor, flags = match.groups()
        notes = {"t": "built without the GIL", "d": "a debug build", "m": "with pymalloc", "u": "wide Unicode"}
        described = ", ".join(notes[flag] for flag in flags if flag in notes)
        return f"the binary interface of CPython {major}.{minor}" + (f", {described}" if described else "")
    if match := re.fullmatch(r"pypy(\d)(\d+)_pp(\d)(\d+)", text):
        return "the binary interface of PyPy {2}.{3} for Python {0}.{1}".format(*match.groups())
    return "a binary interface that this lab does not know"


def _platform(text: str) -> str:
    if text == "any":
        return "any system, any processor"
    legacy = next((name for name in LEGACY if text.startswith(name + "_")), None)
    if legacy is not None:
        known = text.removeprefix(legacy + "_") in PROCESSORS
        alias = f"the legacy alias of {text.replace(legacy, LEGACY[legacy], 1)}"
        return alias if known else f"{alias}, {UNKNOWN_PROCESSOR}"
    patterns = {
        r"manylinux_(\d+)_(\d+)_(\w+)": "Linux with glibc {}.{} or newer, {}",
        r"musllinux_(\d+)_(\d+)_(\w+)": "Linux with musl {}.{} or newer, {}",
        # For 32-bit ARM there was no manylinux tag for a long time, so PyPI takes these two.
        r"linux_(armv[67]l)": "some Linux, it does not say which (PyPI takes it), {}",
        r"linux_(\w+)": "some Linux, it does not say which (PyPI refuses it), {}",
        r"macosx_(\d+)_(\d+)_(\w+)": "macOS {}.{} or newer, {}",
        r"win_(\w+)": "Windows, {}",
        r"android_(\d+)_(\w+)": "Android with API level {} or newer, {}",
        r"ios_(\d+)_(\d+)_(\w+?)_iphone(?:os|simulator)": "iOS {}.{} or newer, {}",
        r"(?:pyodide|pyemscripten|emscripten)_(\d+)_(\d+)(?:_\d+)?_(\w+)": "a web browser, by Emscripten ({}.{}), {}",
    }
    if text == "win32":
        return "Windows, 32-bit Intel and AMD"
    for pattern, words in patterns.items():
        if match := re.fullmatch(pattern, text):
            *numbers, processor = match.groups()
            return words.format(*numbers, PROCESSORS.get(processor, UNKNOWN_PROCESSOR))
    return "a platform that this lab does not know"
