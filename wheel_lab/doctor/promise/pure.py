"""Rules P110 to P115, and P216: compiled files where the wheel says that it is pure, none where it says it is not."""

import re
from collections.abc import Iterator, Sequence

from wheel_lab.doctor.claims import claims_of
from wheel_lab.doctor.compiled import Compiled
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.extensions import ASIDE
from wheel_lab.doctor.findings import Finding, found, found_in

__all__ = ["find_in_contents"]

SYSTEMS = {"linux": "Linux", "macos": "macOS", "windows": "Windows", "emscripten": "Emscripten"}
COMPILED = re.compile(r"\.(so|pyd|dll|dylib)(\.|$)")  # in names; a member that is damaged may be anything


def find_in_contents(contents: Contents, files: Sequence[Compiled]) -> Iterator[Finding]:
    """Find compiled files where none belong, and a platform tag that nothing calls for."""
    platforms = {tag.platform for tag in contents.tags}
    if "any" in platforms:
        yield from _anywhere(contents, files)
        return
    yield from _purelib(contents, files)
    problems = (one for one in contents.binaries.problems if one.kind == "malformed" or COMPILED.search(one.member))
    unread = ({"member": one.member, "problem": one.message} for one in problems if one.kind != "unlinked")
    yield from found_in("P216", unread)
    # What cannot be read, what no loader links, and a .NET library are compiled as well.
    compiled = files or contents.binaries.problems or contents.binaries.pe
    if not compiled and claims_of(platforms):
        yield found("P115", subject=", ".join(sorted(platforms)), file=contents.file)


def _anywhere(contents: Contents, files: Sequence[Compiled]) -> Iterator[Finding]:
    """Weigh what is compiled in a wheel for any system: one file for each system is meant so, one alone is not."""
    several = len({(one.system, one.architecture) for one in files}) > 1
    extensions, libraries, rest = list[Compiled](), list[Compiled](), list[Compiled]()
    for one in files:
        if several or one.architecture is None or not ASIDE.isdisjoint(one.file.split("/")):
            rest.append(one)
        elif one.extension is not None:
            extensions.append(one)
        else:
            (libraries if one.library else rest).append(one)
    yield from found_in("P112", ({"member": one.file} for one in extensions))
    for one in libraries[:1]:
        platform = f"{SYSTEMS.get(one.system, one.system)} on {one.architecture}"
        yield found("P113", member=one.file, platform=platform, more=_more(libraries), file=contents.file)
    if rest:
        yield found("P114", member=rest[0].file, more=_more(rest))


def _purelib(contents: Contents, files: Sequence[Compiled]) -> Iterator[Finding]:
    fields = contents.wheel_fields
    pure = fields is not None and (fields.get("Root-Is-Purelib") or "").strip().lower() == "true"
    cases: dict[str, list[tuple[Compiled, str]]] = {"P110": [], "P111": []}
    for one in files:
        parts = one.file.split("/")
        inside = parts[0].endswith(".data")
        if inside and parts[1:2] != ["purelib"]:
            continue
        if inside or pure:
            where = "it lies in .data/purelib" if inside else "WHEEL says Root-Is-Purelib: true"
            cases["P111" if one.extension is None else "P110"].append((one, where))
    for code, several in cases.items():
        for one, where in several[:1]:
            yield found(code, member=one.file, where=where, more=_more([one for one, _ in several]))


def _more(files: Sequence[Compiled]) -> str:
    """Tell how many further files one finding is about; the slices of a file are one."""
    count = len({one.file for one in files}) - 1
    return f" (and {count:,} more)" if count else ""
