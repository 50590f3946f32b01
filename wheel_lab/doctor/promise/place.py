"""Rules P210 to P214: is each ELF file for a processor and a C library that the tags name.

A file for another machine breaks the promise when something needs it: it is an extension module, a file for the right
machine loads it, or no file is for the right machine. Otherwise it may be data, or for a device, and is a note.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import NamedTuple

from wheel_lab.binaries.elf import Linkage
from wheel_lab.doctor.claims import Claim
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.extensions import extension_of
from wheel_lab.doctor.findings import Finding, found_in

__all__ = ["at_home"]


class _Trait(NamedTuple):
    """A trait of a file, the codes of the error and of the note, and what the tags ask for."""

    of: Callable[[Linkage], str | None]
    codes: tuple[str, str]
    wanted: frozenset[str]


def at_home(contents: Contents, claims: Sequence[Claim]) -> Generator[Finding, None, tuple[Linkage, ...]]:
    """Find the files for another machine than the Linux `claims` name, and return the files for that one."""
    files = contents.binaries.elf
    wanted = frozenset(claim.architecture for claim in claims if claim.architecture is not None)
    processor = _Trait(lambda one: one.architecture, ("P210", "P211"), wanted)
    files = yield from _sorted_out(files, processor, claims)
    own = tuple(one for one in files if one.architecture is not None)
    if files and not own:
        words = " or ".join(sorted(wanted))
        yield from found_in("P214", ({"member": one.file} for one in files), wanted=words)
    libcs = frozenset(claim.libc for claim in claims if claim.libc is not None)
    there = {one.libc for one in own if one.libc is not None}
    if len(libcs) > 1 and len(there) == 1:
        # A tag for each C library, and files for one of them alone.
        (only,) = there
        other = next(claim for claim in claims if claim.libc not in (None, only))
        cases = ({"member": one.file, "subject": only} for one in own if one.libc == only)
        yield from found_in("P212", cases, tag=other.tag, wanted=other.libc or "")
    elif len(libcs) == 1:
        own = yield from _sorted_out(own, _Trait(lambda one: one.libc, ("P212", "P213"), libcs), claims)
    return own


def _sorted_out(
    files: Sequence[Linkage], trait: _Trait, claims: Sequence[Claim]
) -> Generator[Finding, None, tuple[Linkage, ...]]:
    """Find the files that have another trait, and return the rest."""
    home, away = list[Linkage](), list[Linkage]()
    for one in files:
        # Without the trait a file fits everywhere.
        (home if trait.of(one) is None or trait.of(one) in trait.wanted else away).append(one)
    tag = ", ".join(claim.tag for claim in claims)
    values = {"wanted": " or ".join(sorted(trait.wanted)), "tag": tag}
    for code, several in zip(trait.codes, _weighed(home, away, trait), strict=True):
        yield from found_in(code, ({"member": one.file, "subject": trait.of(one) or ""} for one in several), **values)
    return tuple(home)


def _weighed(home: Sequence[Linkage], away: Sequence[Linkage], trait: _Trait) -> Iterator[list[Linkage]]:
    """Return the files that something needs, and the others."""
    modules = {found.module for one in home if (found := extension_of(one.file)) is not None}
    names = {name for one in home for name in (one.soname, _base(one.file)) if name is not None}
    asked = {library for one in home for library in one.needed} - names
    nothing = not any(trait.of(one) in trait.wanted for one in home)
    broken, spare = [], []
    for one in away:
        found = extension_of(one.file)
        needed = found is not None and found.module not in modules and found.abi is not None
        if nothing or needed or not asked.isdisjoint({one.soname, _base(one.file)}):
            broken.append(one)
        else:
            spare.append(one)
    yield broken
    yield spare


def _base(file: str) -> str:
    return file.rpartition("/")[2]
