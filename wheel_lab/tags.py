"""A wheel's file name taken apart and put into words; which file pip would take here, and why.

The name is ``distribution-version(-build)?-interpreter-abi-platform.whl`` (PEP 427), the last three parts are tags
(PEP 425), and each may hold several, joined by dots. PEP 600 defines ``manylinux_X_Y``, PEP 656 ``musllinux_X_Y``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from packaging.specifiers import SpecifierSet
from packaging.tags import Tag, compatible_tags, cpython_tags, sys_tags
from packaging.utils import parse_wheel_filename
from packaging.version import Version

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
    "armv7l": "32-bit ARM",
    "ppc64le": "64-bit POWER",
    "s390x": "IBM Z",
    "riscv64": "64-bit RISC-V",
    "universal2": "ARM and Intel in one file",
    "intel": "32-bit and 64-bit Intel in one file",
    "wasm32": "WebAssembly",
}


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


def explain(filename: str) -> FileName:
    """Take a wheel's file name apart.

    Raises
    ------
    ValueError
        It is not the name of a wheel; the message says what is wrong.
    """
    _, version, build, tags = _parse(filename)
    distribution, _, *rest = filename.removesuffix(".whl").split("-")
    interpreters, abis, platforms = (text.split(".") for text in rest[-3:])
    stable = any(abi.startswith("abi3") for abi in abis)
    parts = [
        Part("distribution", distribution, "the project, as `pip install` is asked for it"),
        Part("version", str(version), "a pre-release" if version.is_prerelease else "a release of that project"),
    ]
    if build:
        parts.append(Part("build", "".join(map(str, build)), "built again: of equal files the higher number is taken"))
    parts += [Part("interpreter", text, _interpreter(text, stable)) for text in interpreters]
    parts += [Part("abi", text, _abi(text)) for text in abis]
    parts += [Part("platform", text, _platform(text)) for text in platforms]
    return FileName(filename, tuple(parts), tuple(sorted(map(str, tags))))


def _parse(filename: str) -> tuple:
    """Do as :func:`packaging.utils.parse_wheel_filename`, with errors that tell a learner what to look at."""
    if not filename.endswith(".whl"):
        raise ValueError(f"{filename!r} is not a wheel's file name: it does not end in .whl")
    count = filename.count("-") + 1
    if count not in (5, 6):
        raise ValueError(
            f"{filename!r} is not a wheel's file name: dashes part it into {count}, and a wheel's name has 5 parts, "
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
        told = ", ".join(notes[flag] for flag in flags if flag in notes)
        return f"the binary interface of CPython {major}.{minor}" + (f", {told}" if told else "")
    if match := re.fullmatch(r"pypy(\d)(\d+)_pp(\d)(\d+)", text):
        return "the binary interface of PyPy {2}.{3} for Python {0}.{1}".format(*match.groups())
    return "a binary interface that this lab does not know"


def _platform(text: str) -> str:
    if text == "any":
        return "any system, any processor"
    legacy = next((name for name in LEGACY if text.startswith(name + "_")), None)
    if legacy is not None:
        return f"the older name of {text.replace(legacy, LEGACY[legacy], 1)}"
    patterns = {
        r"manylinux_(\d+)_(\d+)_(\w+)": "Linux with glibc {}.{} or newer, {}",
        r"musllinux_(\d+)_(\d+)_(\w+)": "Linux with musl {}.{} or newer, {}",
        r"linux_(\w+)": "some Linux, it does not say which (an index refuses it), {}",
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
            return words.format(*numbers, PROCESSORS.get(processor, processor))
    return "a platform that this lab does not know"


def accepted(
    limit: int | None = None,
    *,
    python: tuple[int, int] | None = None,
    abi: str | None = None,
    platforms: Iterable[str] | None = None,
) -> tuple[str, ...]:
    """Return the tags that a Python accepts, the best first: all of them, or the first `limit`.

    Without further arguments it is this interpreter on this machine. With `python` it is that CPython, anywhere:
    ``accepted(python=(3, 9), platforms=["manylinux_2_17_x86_64"])``; `abi` is then its own (``"cp39"``) unless said
    otherwise, and `platforms` must be given, the best first.
    """
    return tuple(map(str, _accepted(python, abi, platforms)[:limit]))


def _accepted(python: tuple[int, int] | None, abi: str | None, platforms: Iterable[str] | None) -> list[Tag]:
    if python is None:
        if abi is not None or platforms is not None:
            raise ValueError("say which python the abi and the platforms belong to")
        return list(sys_tags())
    if platforms is None:
        raise ValueError("say which platforms that python accepts, the best first")
    name = f"cp{python[0]}{python[1]}"
    platforms = list(platforms)
    # A tag may come up twice (cp39-none-any is in both lists); the first place is the one that counts.
    tags = [*cpython_tags(python, [abi or name], platforms), *compatible_tags(python, name, platforms)]
    return list(dict.fromkeys(tags))


@dataclass(frozen=True)
class Verdict:
    """What becomes of one file: taken or not, and the reason.

    `rank` is the place of its best tag among the accepted ones, from 1; None where no tag is accepted.
    """

    filename: str
    taken: bool
    rank: int | None
    reason: str

    def __str__(self) -> str:
        return f"{'take ' if self.taken else 'leave'}  {self.filename}\n       {self.reason}"


@dataclass(frozen=True)
class Choice:
    """Which of several files is taken (None: no one fits), and a verdict on each, in the order given."""

    taken: str | None
    verdicts: tuple[Verdict, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.verdicts))


def choose(
    filenames: Iterable[str],
    *,
    python: tuple[int, int] | None = None,
    abi: str | None = None,
    platforms: Iterable[str] | None = None,
) -> Choice:
    """Choose between the wheels of one project as pip does: the newest version that fits, then the best tag.

    The interpreter is given as in :func:`accepted`. What pip reads outside the name (a yanked file, Requires-Python)
    plays no part here.

    Raises
    ------
    ValueError
        A name is not a wheel's, or the names belong to several projects.
    """
    order = _accepted(python, abi, platforms)
    places = {tag: place for place, tag in reversed(list(enumerate(order, start=1)))}
    files = {filename: _parse(filename) for filename in filenames}
    if len({name for name, *_ in files.values()}) > 1:
        raise ValueError("these are wheels of several projects, and pip chooses between the files of one")
    ranks = {
        filename: min((places[tag] for tag in tags if tag in places), default=None)
        for filename, (_, _, _, tags) in files.items()
    }
    fitting = [filename for filename in files if ranks[filename] is not None]
    # filter() leaves pre-releases out, unless there is nothing else: the rule that pip follows.
    versions = set(SpecifierSet().filter([files[filename][1] for filename in fitting]))
    candidates = [filename for filename in fitting if files[filename][1] in versions]
    taken = max(candidates, key=lambda name: (files[name][1], -ranks[name], files[name][2]), default=None)
    verdicts = []
    for filename, (_, version, _, tags) in files.items():
        if filename == taken:
            best = order[ranks[filename] - 1]
            reason = f"version {version} fits by the tag {best}, number {ranks[filename]} of those accepted"
        elif ranks[filename] is None:
            reason = _misfit(tags, order)
        else:
            reason = _lesser(version, ranks[filename], filename in candidates, files[taken][1], ranks[taken])
        verdicts.append(Verdict(filename, filename == taken, ranks[filename], reason))
    return Choice(taken, tuple(verdicts))


def _misfit(tags: Iterable[Tag], order: list[Tag]) -> str:
    """Name the part of the tags that no accepted tag has."""
    for part in ("interpreter", "abi", "platform"):
        offered = {getattr(tag, part) for tag in tags}
        if not offered & {getattr(tag, part) for tag in order}:
            return f"does not fit: the {part} {' or '.join(sorted(offered))} is not accepted here"
    return "does not fit: each part is accepted here, but not the three together"


def _lesser(version: Version, rank: int, candidate: bool, best: Version, best_rank: int) -> str:
    if not candidate:
        return f"fits, but {version} is a pre-release, and there is a release"
    if version != best:
        return f"fits, but version {best} is newer"
    if rank != best_rank:
        return f"fits, but its best tag is number {rank}, behind number {best_rank}"
    return "fits as well, but its build number is not higher"
