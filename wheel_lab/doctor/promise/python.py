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
from wheel_lab.doctor.findings import Finding, found_in
from wheel_lab.doctor.promise.stableabi import FREE_THREADED, exported_since, stable_since

__all__ = ["find_in_python"]

LIBCS = {"glibc": "Linux (glibc)", "musl": "Linux (musl)", None: "Linux"}
SPOKEN = {"macos": "macOS", "windows": "Windows", "android": "Android", "ios": "iOS", "emscripten": "Emscripten"}
KINDS = {"cp": "CPython", "pp": "PyPy", "graalpy": "GraalPy"}
NAMED = 3  # symbols that a sentence names
MUSL_SUFFIX = 11  # the first minor version of CPython whose suffix says musl on musl
Case = Mapping[str, str]


def find_in_python(contents: Contents, claims: Sequence[Claim], files: Sequence[Compiled]) -> Iterator[Finding]:
    """Find what breaks the promise of the Python and ABI tags."""
    real = {one.file for one in files if one.extension is not None}
    named = [one for one in extensions_in(member.name for member in contents.source.members)]
    modules = [one for one in named if one.abi is not None or one.file in real]
    kinds = sorted({Tag(tag.interpreter, tag.abi, "any") for tag in contents.tags}, key=str)
    cases: dict[str, list[Case]] = defaultdict(list)
    anywhere = any(claim.system == "any" for claim in claims)  # of which the rules about pure wheels tell
    for code, case in _of_suffixes(contents, modules, kinds):
        if not anywhere:
            cases[code].append(case)
    machines = {one.file: (one.architecture, one.libc) for one in files}
    for one in modules:
        contents.source.check_time()
        for code, case in _of_place(one, claims, *machines.get(one.file, (None, None))):
            cases[code].append(case)
    for code, case in _of_symbols(files, kinds):
        cases[code].append(case)
    for code in sorted(cases):
        yield from found_in(code, cases[code], file=contents.file)
    if files and not modules and not contents.binaries.problems:
        names = (f"{tag.interpreter}-{tag.abi}" for tag in kinds if tag.abi != "none")
        yield from found_in("P316", ({"subject": name} for name in names), file=contents.file)


def _of_suffixes(contents: Contents, modules: Sequence[Extension], kinds: Sequence[Tag]) -> Iterator[tuple[str, Case]]:
    """Judge the files by their suffixes: an interpreter that takes the wheel has to see them."""
    wanted = _spoken_tags(kinds)
    interpreters = {one.interpreter for one in modules if one.interpreter is not None}
    if any(_is_generic(tag) for tag in kinds):
        # Files for each of several Pythons are meant so.
        for one in modules:
            if one.interpreter is not None and len(interpreters) == 1:
                yield "P304", {**_case(one, wanted), "python": one.interpreter, "abi": one.abi or ""}
        return
    fitting: list[Extension] = []
    others: list[Extension] = []
    for one in modules:
        contents.source.check_time()
        (fitting if any(_accepts(tag, one) for tag in kinds) else others).append(one)
    named = {one.module for one in fitting}
    some = any(one.abi is not None for one in fitting)
    stable = any(tag.abi == "abi3" for tag in kinds)
    free = {tag.abi for tag in kinds if tag.abi.endswith("t") and tag.abi != "abi3t"}
    if free and not any(one.abi is None or one.abi in free for one in modules):
        several = [one for one in modules if one.abi == "abi3"]
        yield from (("P314", _case(one, wanted)) for one in several)
        others = [one for one in others if one.abi != "abi3"]
    for one in others:
        accused = "P303" if stable and (one.interpreter or "").startswith("cp") else "P301"
        yield "P302" if some or one.module in named else accused, _case(one, wanted)


def _is_generic(tag: Tag) -> bool:
    """Tell a tag that every Python 3, or every one since some, takes."""
    return tag.abi == "none" and re.fullmatch(r"py3\d*", tag.interpreter) is not None


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


def _spoken_tags(tags: Iterable[Tag]) -> str:
    return ", ".join(sorted({f"{tag.interpreter}-{tag.abi}" for tag in tags}))


def _of_place(
    one: Extension, claims: Sequence[Claim], processor: str | None, libc: str | None
) -> Iterator[tuple[str, Case]]:
    """Compare the platform in a suffix with the tags.

    Where the file itself is for another `processor` or for another `libc`, that is the cause, and other rules tell.
    """
    if one.system is None or not claims or any(claim.system == "any" for claim in claims):
        return
    # Up to 3.10 the suffix says gnu on musl as well.
    tells = one.interpreter is None or int(re.sub(r"\D", "", one.interpreter)[1:]) >= MUSL_SUFFIX
    for claim in claims:
        same = None in (one.architecture, claim.architecture) or one.architecture == claim.architecture
        alike = not tells or None in (one.libc, claim.libc) or one.libc == claim.libc
        cause = processor not in (None, claim.architecture) or (claim.libc and libc not in (None, claim.libc))
        if claim.system == one.system and (cause or (same and alike)):
            return
    where = " ".join(
        filter(None, (LIBCS[one.libc] if one.system == "linux" else SPOKEN.get(one.system), one.architecture))
    )
    wanted = ", ".join(claim.tag for claim in claims)
    yield "P305", {"member": one.file, "subject": one.suffix, "importer": where, "wanted": wanted}


def _of_symbols(files: Sequence[Compiled], tags: Sequence[Tag]) -> Iterator[tuple[str, Case]]:
    """Judge what the files ask of Python. What another file of the wheel offers, they do not ask of Python."""
    asking = any(one.asked for one in files)
    own = {name for one in files if asking for name in one.exports if name.startswith(("Py", "_Py"))}
    wanted = _spoken_tags(tags)
    for one in files:
        asked = sorted(one.asked - own)
        fitting = [tag for tag in tags if one.extension is None or _accepts(tag, one.extension)]
        cpython = [tag for tag in fitting if re.fullmatch(r"cp3\d+", tag.interpreter)]
        stable = [tag for tag in cpython if tag.abi == "abi3"]
        oldest = min((int(tag.interpreter[3:]) for tag in stable or cpython), default=0)
        # A library that is not here may offer what looks like Python's own.
        unstable = [name for name in asked if stable_since(name) is None and not one.outside]
        values = {"member": one.file, "wanted": wanted, "hex": f"0x03{oldest:02x}0000", "promised": f"3.{oldest}"}
        free = [name for name in asked if name in FREE_THREADED]
        if free and cpython and not any(tag.abi.endswith("t") for tag in tags):
            yield "P313", {**values, "subject": free[0]}
        elif cpython:
            for code, late in _late(one, asked, oldest, bool(stable)).items():
                added = f"3.{max(late.values())}"
                yield (
                    code,
                    {**values, **_named([f"{name} (3.{minor})" for name, minor in late.items()]), "added": added},
                )
            if stable and unstable:
                yield "P310", {**values, **_named(unstable), "tag": f"cp3{oldest}-abi3"}
        elif unstable and one.extension is not None and one.extension.abi is None and any(map(_is_generic, tags)):
            yield "P315", {**values, **_named(unstable)}


def _late(one: Compiled, names: Iterable[str], oldest: int, stable: bool) -> dict[str, dict[str, int]]:
    """Return the symbols of a later Python than the `oldest`, by what they break, and since when they are stable."""
    late: dict[str, dict[str, int]] = {}
    for name in names:
        # A file for one Python is linked with all that this one has, on Windows too.
        added, there = stable_since(name), exported_since(name, one.system if stable else "linux")
        if added is not None and there is not None and there > oldest:
            late.setdefault("P311", {})[name] = added
        elif added is not None and added > oldest and stable:
            late.setdefault("P312", {})[name] = added
    return late


def _named(names: Sequence[str]) -> Case:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return {"subject": names[0].partition(" ")[0], "names": ", ".join(names[:NAMED]) + more}
