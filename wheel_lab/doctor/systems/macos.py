"""What macOS makes of a wheel's files: rules P401 to P404 (the promise) and M401 to M409 (the import).

The rules, with their sources and dates, are in :mod:`wheel_lab.doctor.systems.macosrules`, and how macOS looks for
libraries in :mod:`wheel_lab.doctor.systems.dyld`. What the files do not show is not judged: whether a signature is
valid, which functions an older macOS has, and whether a library of another release has the functions that are asked of
it. The fixes need a Mac: codesign, install_name_tool and delocate run there alone.
"""

import re
import shlex
from collections.abc import Callable, Iterator, Sequence

from wheel_lab.binaries.macho import MachOFile
from wheel_lab.doctor.claims import Claim, claims_of
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.findings import Finding, found_in
from wheel_lab.doctor.importing.libraries import givers
from wheel_lab.doctor.outside import find_openmp, is_extension, named_in_code, once
from wheel_lab.doctor.systems.dyld import Loading, Lost, is_absolute, is_of_system
from wheel_lab.doctor.systems.macosrules import UNDECIDED
from wheel_lab.members import shown

__all__ = ["find_imports", "find_promises"]

Case = dict[str, str]
Version = tuple[int, ...]
# What a tag promises code for. Code for 32 bits, and for PowerPC, no macOS of today runs.
PROMISED = {"universal2": ("x86_64", "arm64"), "intel": ("x86_64",), "fat64": ("x86_64",), "universal": ("x86_64",)}
KNOWN = ("x86_64", "arm64")
FIRST = {"arm64": (11, 0)}  # no macOS before it runs on these
PYTHON = re.compile(r"(^|/)(Python3?\.framework|libpython3[\d.]*t?\.dylib)(/|$)")


def find_promises(contents: Contents) -> Iterator[Finding]:
    """Find files that ask for a newer macOS than the tags promise, and those without code for a processor."""
    promised = _promised(contents)
    if not promised:
        return
    slices = [one for one in contents.binaries.macho if one.platform in ("macos", None)]
    above = once(_floors(slices, promised, _is_above), by=("subject", "promised"))
    yield from found_in("P401", above, file=contents.file)
    yield from found_in("P402", once(_floors(slices, promised, _is_minor)), file=contents.file)
    files: dict[str, list[MachOFile]] = {}
    for one in slices:
        files.setdefault(one.file, []).append(one)
    for architecture, claim in promised.items():
        if architecture not in KNOWN:
            continue
        cases: dict[str, list[Case]] = {"P403": [], "P404": []}
        lacking = {file: own for file, own in files.items() if not any(_runs(one, architecture) for one in own)}
        libraries = [file for file, own in files.items() if own[0].kind != "program" and not _is_module(own)]
        aside = any(file not in lacking for file in libraries)
        for file, own in lacking.items():
            module = _is_module(own)
            if module or (file in libraries and not aside):
                there = " and ".join(one.architecture or "another" for one in own)
                cases["P403" if module else "P404"].append(
                    {"member": file, "found": there, "justified": _justified(own, slices)}
                )
        for code, several in cases.items():
            yield from found_in(code, several, wanted=architecture, tag=claim.tag, file=contents.file)


def find_imports(contents: Contents) -> Iterator[Finding]:
    """Find libraries that macOS does not find, paths of the machine that built the wheel, and missing signatures."""
    if not _promised(contents) or not contents.binaries.macho:
        return
    loading = Loading(contents)
    others, lost = bool(givers(contents)), list(loading.lost())
    aside = () if loading.modules else (one.file.file for one in lost if not one.imported)
    named = named_in_code(contents, aside)
    cases: dict[str, list[Case]] = {}
    for one in lost:
        cases.setdefault(_code(one, others, named), []).append(_case(one))
    for code, several in sorted(cases.items()):
        # What another package brings is said once, and not for each file that needs it.
        yield from found_in(code, once(several) if code in UNDECIDED else several, file=contents.file)
    left = (
        {"member": one.file, "subject": path, "quoted": shlex.quote(shown(path, 500))}
        for one in loading.slices
        for path in one.rpaths
        if is_absolute(path) and not is_of_system(path)
    )
    yield from found_in("M405", once(left))
    unsigned = (one for one in loading.slices if (one.architecture or "").startswith("arm64") and not one.signed)
    yield from found_in("M406", ({"member": one.file} for one in unsigned if one.platform in ("macos", None)))
    yield from find_openmp(contents, (one.file for one in loading.slices))


def _promised(contents: Contents) -> dict[str, Claim]:
    """Return for each processor that the tags name the claim with the oldest macOS."""
    found: dict[str, Claim] = {}
    for claim in claims_of(contents.platforms):
        if claim.system == "macos" and claim.architecture and claim.version:
            for architecture in PROMISED.get(claim.architecture, (claim.architecture,)):
                if architecture not in found or claim.version < (found[architecture].version or ()):
                    found[architecture] = claim
    return found


def _floors(
    slices: Sequence[MachOFile], promised: dict[str, Claim], judge: Callable[[Version, Version], bool]
) -> Iterator[Case]:
    """Return the slices that ask for a newer macOS than is promised, as `judge` tells."""
    found: dict[tuple[str, Version, str], list[MachOFile]] = {}
    for one in slices:
        architecture = (one.architecture or "").rstrip("eh")
        claim = promised.get(architecture)
        if claim is not None and one.minimum is not None:
            floor = max(claim.version or (), FIRST.get(architecture, ()))
            if judge(one.minimum, floor):
                found.setdefault((one.file, floor, claim.tag), []).append(one)
    for (file, floor, tag), own in found.items():
        major, minor = max(one.minimum or (0, 0) for one in own)
        yield {
            "member": file,
            "architecture": " and ".join(one.architecture or "" for one in own),
            "subject": f"{major}.{minor}",
            "tag": tag,
            "promised": ".".join(map(str, floor)),
            "justified": re.sub(r"_\d+_\d+_", f"_{major}_{minor if major < 11 else 0}_", tag),
        }


def _is_above(minimum: Version, floor: Version) -> bool:
    """Tell whether a tag could say so: since macOS 11 it names the major version alone."""
    return minimum[0] > floor[0] or (minimum[0] == floor[0] < 11 and minimum > floor)


def _is_minor(minimum: Version, floor: Version) -> bool:
    return minimum[0] == floor[0] >= 11 and minimum > floor


def _runs(one: MachOFile, architecture: str) -> bool:
    """Tell whether a slice runs on a processor; those for newer ones alone (x86_64h, arm64e) do not run on all."""
    return one.architecture == architecture


def _is_module(slices: Sequence[MachOFile]) -> bool:
    return is_extension(slices[0].file, slices[0].exports)


def _justified(own: Sequence[MachOFile], slices: Sequence[MachOFile]) -> str:
    """Return the platform tag that a file's processors justify, with the macOS that all files for them need."""
    names = {one.architecture or "" for one in own}
    asked = (one.minimum for one in slices if one.minimum and (one.architecture or "") in names)
    major, minor = max(asked, default=(11, 0))
    machine = "universal2" if names >= set(KNOWN) else min(names)
    return f"macosx_{major}_{minor if major < 11 else 0}_{machine}"


def _case(one: Lost) -> Case:
    where = "which is not in the wheel: another package may bring it, or the user"
    if one.carried:
        where = f"which the wheel has where it is not looked for: {one.carried}"
    architecture = one.file.architecture or "another processor"
    found = {"subject": one.library, "where": where, "wanted": architecture, "found": " and ".join(one.found)}
    return {"member": one.file.file, "architecture": architecture, **found}


def _code(one: Lost, others: bool, named: frozenset[str]) -> str:
    """Choose the rule for a library that is not found; `others` may bring it, and code of the wheel loads `named`."""
    if not one.imported:
        return "M409" if one.file.file in named and one.kind != "processor" and not others else "M402"
    if PYTHON.search(one.library):
        return "M404"
    if one.kind == "absolute":
        return "M403"
    if one.kind == "processor":
        return "M408"
    return "M402" if others or one.carried else "M401"
