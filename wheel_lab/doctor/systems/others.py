"""What Android, iOS and Emscripten make of a wheel's files, and files of another system than the tags: P601 to P606.

The rules, with their sources and dates, are in :mod:`wheel_lab.doctor.systems.othersrules`. What the files do not show:
which libraries an app brings, whether iOS code is signed (the app signs it), and which Emscripten built a WebAssembly
file.
"""

import posixpath
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from wheel_lab.binaries.elf import Linkage
from wheel_lab.binaries.macho import MachOFile
from wheel_lab.doctor.claims import Claim, claims_of
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.extensions import extension_of
from wheel_lab.doctor.findings import Finding, found_in
from wheel_lab.doctor.outside import is_extension, once

__all__ = ["find_promises"]

Case = dict[str, str]
# Of a claim, by the name that the reader gives. 32-bit ARM of Android has no name there.
ANDROID = {"arm64_v8a": "aarch64", "x86_64": "x86_64", "x86": "i686"}
SPOKEN = {"linux": "Linux", "macos": "macOS", "windows": "Windows", "android": "Android", "ios": "iOS",
          "emscripten": "Emscripten", "iossimulator": "the simulator of iOS"}  # fmt: skip
# No older simulator runs on these: compilers raise what they are asked for.
FIRST = {("iossimulator", "arm64"): (14, 0)}
# The format of files by system, and what to call them.
FORMATS = {"linux": "ELF", "android": "ELF", "macos": "Mach-O", "ios": "Mach-O", "windows": "PE", "emscripten": "wasm"}
OF = {"ELF": "Linux or Android", "Mach-O": "macOS or iOS", "PE": "Windows", "wasm": "Emscripten"}


class _File(NamedTuple):
    """A compiled file: its path, its format, and whether Python imports it."""

    path: str
    format: str
    module: bool


def find_promises(contents: Contents) -> Iterator[Finding]:
    """Find files for another processor, level or system than the tags name."""
    claims = claims_of(contents.platforms)
    if any(claim.system == "any" for claim in claims):
        return
    android = [claim for claim in claims if claim.system == "android"]
    if android:
        yield from found_in("P601", _of_processors(contents.binaries.elf, android))
        yield from found_in("P602", _of_levels(contents.binaries.elf, android[0]), file=contents.file)
    ios = [claim for claim in claims if claim.system == "ios"]
    if ios:
        slices = contents.binaries.macho
        yield from found_in("P603", _of_targets(slices, ios))
        yield from found_in("P604", _of_floors(slices, ios), file=contents.file)
    systems = sorted({claim.system for claim in claims})
    if systems:
        modules, files = _foreign(contents, systems)
        wanted = " or ".join(SPOKEN[system] for system in systems)
        yield from found_in("P605", modules, wanted=wanted)
        yield from found_in("P606", once(files), wanted=wanted)


def _of_processors(files: Sequence[Linkage], claims: Sequence[Claim]) -> Iterator[Case]:
    wanted = {ANDROID[claim.architecture] for claim in claims if claim.architecture in ANDROID}
    for one in files:
        if wanted and one.architecture not in (None, *wanted) and is_extension(one.file, one.exports):
            words = {"tag": claims[0].tag, "wanted": " or ".join(sorted(wanted))}
            yield {"member": one.file, "subject": one.architecture or "", **words}


def _of_levels(files: Sequence[Linkage], claim: Claim) -> Iterator[Case]:
    (promised,) = claim.version or (0,)
    for one in files:
        if one.android is not None and one.android > promised:
            justified = f"android_{one.android}_{claim.architecture}"
            words = {"tag": claim.tag, "promised": str(promised), "justified": justified}
            yield {"member": one.file, "subject": str(one.android), **words}


def _target(claim: Claim) -> tuple[str, str]:
    """Return the platform and the processor that a tag of iOS names, as a slice has them."""
    return ("iossimulator" if claim.tag.endswith("simulator") else "ios", claim.architecture or "")


def _of_targets(slices: Sequence[MachOFile], claims: Sequence[Claim]) -> Iterator[Case]:
    """Return the modules that lack a slice for a target."""
    modules: dict[str, list[MachOFile]] = {}
    for one in slices:
        if is_extension(one.file, one.exports):
            modules.setdefault(one.file, []).append(one)
    for claim in claims:
        for file, own in modules.items():
            there = [(one.platform, one.architecture) for one in own]
            if _target(claim) not in there and (None, claim.architecture) not in there:
                words = {"subject": " and ".join(map(_spoken, there)), "wanted": _spoken(_target(claim))}
                yield {"member": file, "tag": claim.tag, **words}


def _spoken(target: tuple[str | None, str | None]) -> str:
    platform, architecture = target
    return f"{SPOKEN.get(platform or '', platform or 'no system')} on {architecture or 'another processor'}"


def _of_floors(slices: Sequence[MachOFile], claims: Sequence[Claim]) -> Iterator[Case]:
    promised = {_target(claim): claim for claim in claims}
    for one in slices:
        claim = promised.get((one.platform or "", one.architecture or ""))
        if claim is None or claim.version is None or one.minimum is None:
            continue
        if one.minimum <= max(claim.version, FIRST.get(_target(claim), ())):
            continue
        major, minor = one.minimum
        place = claim.tag.rpartition("_")[2]
        words = {"promised": claim.spoken, "justified": f"ios_{major}_{minor}_{claim.architecture}_{place}"}
        yield {"member": one.file, "subject": f"{major}.{minor}", "tag": claim.tag, **words}


def _foreign(contents: Contents, systems: Sequence[str]) -> tuple[list[Case], list[Case]]:
    """Return the extension modules of another system without a twin, and the other files of another system."""
    expected = {FORMATS[system] for system in systems}
    files = list(_files(contents))
    names = {_module(one.path) for one in files if one.module and one.format in expected}
    modules: list[Case] = []
    others: list[Case] = []
    for one in files:
        if one.format in expected:
            continue
        case = {"member": one.path, "subject": OF[one.format]}
        found = extension_of(one.path)
        if one.module and found is not None:
            # Where the suffix names another system, Python does not even see the file: another rule says so.
            if (found.system is None or found.system in systems) and found.module not in names:
                modules.append(case)
        elif not one.path.endswith(".exe") and one.format != "wasm":
            # Programs that start others, as setuptools has them, and WebAssembly are of use on any system.
            others.append(case)
    return modules, others


def _module(path: str) -> str:
    found = extension_of(path)
    return posixpath.basename(path) if found is None else found.module


def _files(contents: Contents) -> Iterator[_File]:
    """Return each compiled file once; what runs on .NET belongs to no system."""
    binaries = contents.binaries
    yield from (_File(one.file, "ELF", is_extension(one.file, one.exports)) for one in binaries.elf)
    yield from (_File(one.file, "PE", is_extension(one.file, one.exports)) for one in binaries.pe if not one.managed)
    slices = {one.file: one for one in binaries.macho}
    yield from (_File(one.file, "Mach-O", is_extension(one.file, one.exports)) for one in slices.values())
    yield from (_File(one.file, "wasm", is_extension(one.file, ())) for one in binaries.wasm)
