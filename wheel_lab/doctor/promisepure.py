"""Rules P110 to P115: compiled files where the wheel says that it is pure, and none where it says that it is not."""

from collections.abc import Iterator, Sequence

from wheel_lab.doctor.claims import claims_of
from wheel_lab.doctor.compiled import Compiled
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.extensions import ASIDE
from wheel_lab.doctor.findings import Finding, found, found_in

__all__ = ["find_in_contents"]

ELSEWHERE = (".dll", ".dylib", ".exe")  # what other systems have, by its name


def find_in_contents(contents: Contents, files: Sequence[Compiled]) -> Iterator[Finding]:
    """Find compiled files where none belong, and a platform tag that nothing calls for."""
    platforms = {tag.platform for tag in contents.tags}
    if "any" in platforms:
        yield from _anywhere(contents, files)
        return
    yield from _purelib(contents, files)
    # What cannot be read, and what no loader links, is compiled as well. Files of other systems are not read yet.
    linux = {claim.system for claim in claims_of(platforms)} == {"linux"}
    if linux and not files and not contents.binaries.problems:
        yield found("P115", subject=", ".join(sorted(platforms)), file=contents.file)


def _anywhere(contents: Contents, files: Sequence[Compiled]) -> Iterator[Finding]:
    """Weigh what is compiled in a wheel for any system: one file for each system is meant so, one alone is not."""
    kinds = {f"{one.system} {one.architecture}" for one in files}
    kinds.update(one.name.rpartition(".")[2] for one in contents.source.members if one.name.endswith(ELSEWHERE))
    several = len(kinds) > 1
    rest: list[Compiled] = []
    libraries: list[Compiled] = []
    for one in files:
        if one.extension is not None and not several:
            yield found("P112", member=one.file)
        elif several or not one.library or one.architecture is None or not ASIDE.isdisjoint(one.file.split("/")):
            rest.append(one)
        else:
            libraries.append(one)
    yield from found_in("P113", ({"member": one.file, **_named(one)} for one in libraries), file=contents.file)
    yield from found_in("P114", ({"member": one.file} for one in rest))


def _named(one: Compiled) -> dict[str, str]:
    return {"platform": f"{one.system} on {one.architecture}", "justified": f"linux_{one.architecture}"}


def _purelib(contents: Contents, files: Sequence[Compiled]) -> Iterator[Finding]:
    fields = contents.wheel_fields
    pure = fields is not None and (fields.get("Root-Is-Purelib") or "").strip().lower() == "true"
    cases: dict[str, list[dict[str, str]]] = {"P110": [], "P111": []}
    for one in files:
        parts = one.file.split("/")
        inside = parts[0].endswith(".data")
        if inside and parts[1:2] != ["purelib"]:
            continue
        if inside or pure:
            where = "it lies in .data/purelib" if inside else "WHEEL says Root-Is-Purelib: true"
            cases["P111" if one.extension is None else "P110"].append({"member": one.file, "where": where})
    for code, several in cases.items():
        yield from found_in(code, several)
