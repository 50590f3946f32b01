"""Rules P301 to P316: what the tags say about Python's own interface, held against names and symbols.

What the files do not show: whether a module declares that it runs without the GIL (``Py_mod_gil`` is a value in its
data), and whether it reads fields of objects that the stable ABI hides, since that leaves no symbol. Modules of PyPy
and GraalPy are judged by their names alone.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from packaging.tags import Tag

from wheel_lab.doctor.claims import Claim
from wheel_lab.doctor.compiled import Compiled
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.extensions import Extension, extensions_in
from wheel_lab.doctor.findings import Finding, found, found_in
from wheel_lab.doctor.stableabi import FREE_THREADED, exported_since, stable_since

__all__ = ["find_in_python"]

SYSTEMS = {"linux", "macos", "windows"}
LIBCS = {"glibc": "Linux (glibc)", "musl": "Linux (musl)", None: "Linux"}
SPOKEN = {"macos": "macOS", "windows": "Windows", "android": "Android", "ios": "iOS", "emscripten": "Emscripten"}
KINDS = {"cp": "CPython", "pp": "PyPy", "graalpy": "GraalPy"}
MUSL_SUFFIX = 11  # the first minor version of CPython whose suffix says musl on musl
Case = Mapping[str, str]


def find_in_python(contents: Contents, claims: Sequence[Claim], files: Sequence[Compiled]) -> Iterator[Finding]:
    """Find what breaks the promise of the Python and ABI tags."""
    real = {one.file for one in files if one.extension is not None}
    named = [one for one in extensions_in(member.name for member in contents.source.members)]
    modules = [one for one in named if one.abi is not None or one.file in real]
    tags = contents.tags
    cases: dict[str, list[Case]] = defaultdict(list)
    for several in _by_module(modules).values():
        for code, case in _of_module(several, tags):
            cases[code].append(case)
    for one in modules:
        for code, case in _of_place(one, claims, files):
            cases[code].append(case)
    for code, case in _of_symbols(files, tags):
        cases[code].append(case)
    for code in sorted(cases):
        yield from found_in(code, cases[code], file=contents.file)
    if files and not modules and not contents.binaries.problems:
        for tag in sorted({f"{tag.interpreter}-{tag.abi}" for tag in tags if tag.abi != "none"}):
            yield found("P316", subject=tag, file=contents.file)


def _by_module(modules: Iterable[Extension]) -> dict[str, list[Extension]]:
    groups: dict[str, list[Extension]] = defaultdict(list)
    for one in modules:
        groups[one.module].append(one)
    return groups


def _of_module(several: Sequence[Extension], tags: frozenset[Tag]) -> Iterator[tuple[str, Case]]:
    """Judge the files of one module by their suffixes: each tag needs one that its interpreters see."""
    wanted = _spoken_tags(tags)
    for tag in sorted(tags, key=str):
        if tag.abi.endswith("t") and tag.abi != "abi3t" and any(one.abi == "abi3" for one in several):
            if not any(one.abi == tag.abi for one in several):
                yield from (("P314", {"member": one.file, "wanted": wanted}) for one in several if one.abi == "abi3")
            return
    generic = any(tag.abi == "none" and re.fullmatch(r"py3\d*", tag.interpreter) for tag in tags)
    anywhere = any(tag.platform == "any" for tag in tags)  # of which the rules about pure wheels tell
    lonely = len(several) == 1 and several[0].interpreter is not None
    if generic:
        # One file for each of several Pythons is meant so.
        if lonely and not anywhere:
            (one,) = several
            yield "P304", {**_case(one, wanted), "python": one.interpreter or "", "abi": one.abi or ""}
        return
    fitting = [one for one in several if any(_accepts(tag, one) for tag in tags)]
    for one in several:
        if one in fitting:
            continue
        stable = any(tag.abi == "abi3" for tag in tags)
        code = "P302" if fitting else "P303" if stable and (one.interpreter or "").startswith("cp") else "P301"
        yield code, _case(one, wanted)


def _accepts(tag: Tag, one: Extension) -> bool:
    if one.interpreter is not None and tag.abi == "none":
        return tag.interpreter == one.interpreter
    return one.fits(tag)


def _case(one: Extension, wanted: str) -> Case:
    return {"member": one.file, "subject": one.suffix, "importer": _importer(one), "wanted": wanted}


def _importer(one: Extension) -> str:
    if one.interpreter is None:
        return "CPython without the GIL" if one.abi == "abi3t" else "CPython"
    match = re.fullmatch(r"([a-z]+)(\d)(\d+)", one.interpreter)
    kind, major, minor = match.groups() if match else (one.interpreter, "", "")
    free = (one.abi or "").endswith("t")
    return f"{KINDS.get(kind, kind)} {major}.{minor}{' without the GIL' if free else ''}"


def _spoken_tags(tags: frozenset[Tag]) -> str:
    return ", ".join(sorted({f"{tag.interpreter}-{tag.abi}" for tag in tags}))


def _of_place(one: Extension, claims: Sequence[Claim], files: Sequence[Compiled]) -> Iterator[tuple[str, Case]]:
    """Compare the platform in a suffix with the tags, where the file itself is for the right machine."""
    if one.system is None or not claims or any(claim.system == "any" for claim in claims):
        return
    minor = int((one.interpreter or "")[3:] or 0) if (one.interpreter or "").startswith("cp3") else 0
    libc = one.libc if minor >= MUSL_SUFFIX else None
    processor = next((own.architecture for own in files if own.file == one.file), None)
    for claim in claims:
        system = claim.system == one.system or one.system not in (*SYSTEMS, "android", "ios", "emscripten")
        same = one.architecture is None or claim.architecture in (None, one.architecture)
        if system and (same or processor not in (None, claim.architecture)) and libc in (None, claim.libc or libc):
            return
    where = " ".join(filter(None, (LIBCS[libc] if one.system == "linux" else SPOKEN.get(one.system), one.architecture)))
    wanted = ", ".join(claim.tag for claim in claims)
    yield "P305", {"member": one.file, "subject": one.suffix, "importer": where, "wanted": wanted}


def _of_symbols(files: Sequence[Compiled], tags: frozenset[Tag]) -> Iterator[tuple[str, Case]]:
    """Judge what the files ask of Python. What another file of the wheel offers, they do not ask of Python."""
    own = frozenset[str]().union(*(one.exports for one in files if one.exports))
    wanted = _spoken_tags(tags)
    for one in files:
        asked = one.asked - own
        if not asked:
            continue
        fitting = [tag for tag in tags if one.extension is None or _accepts(tag, one.extension) or tag.abi == "none"]
        cpython = [tag for tag in fitting if re.fullmatch(r"cp3\d+", tag.interpreter)]
        stable = [tag for tag in cpython if tag.abi == "abi3"]
        free = sorted(asked & FREE_THREADED)
        if free and cpython and not any(tag.abi.endswith("t") for tag in tags):
            yield "P313", {"member": one.file, "subject": free[0], "wanted": wanted}
        elif cpython:
            oldest = min(int(tag.interpreter[3:]) for tag in stable or cpython)
            yield from _too_new(one, asked, oldest, bool(stable))
        if stable and not free:
            outside = [name for name in sorted(asked) if stable_since(name) is None]
            oldest = min(int(tag.interpreter[3:]) for tag in stable)
            tag = f"cp3{oldest}-abi3"
            values = {"member": one.file, "tag": tag, "hex": _hex(oldest)}
            yield from (("P310", {**values, "subject": name}) for name in outside)
        generic = any(tag.abi == "none" and re.fullmatch(r"py3\d*", tag.interpreter) for tag in tags)
        if generic and not cpython and one.extension is not None and one.extension.interpreter is None:
            outside = [name for name in sorted(asked) if stable_since(name) is None]
            if outside:
                yield "P315", {"member": one.file, "subject": outside[0], "wanted": wanted}


def _too_new(one: Compiled, asked: Iterable[str], oldest: int, stable: bool) -> Iterator[tuple[str, Case]]:
    for name in sorted(asked):
        added, there = stable_since(name), exported_since(name, one.system)
        if added is None or there is None or added <= oldest or (there <= oldest and not stable):
            continue
        code = "P311" if there > oldest else "P312"
        case = {"member": one.file, "subject": name, "added": f"3.{added}", "promised": f"3.{oldest}"}
        yield code, {**case, "hex": _hex(oldest)}


def _hex(minor: int) -> str:
    return f"0x{3:02x}{minor:02x}0000"
