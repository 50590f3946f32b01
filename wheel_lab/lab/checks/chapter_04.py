"""The exercises of "Find what it needs": a floor and its symbol, what would lower a floor, and tags from floors."""

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from packaging.version import InvalidVersion, Version

from wheel_lab import policies
from wheel_lab.binaries import elf
from wheel_lab.binaries.elf import Linkage
from wheel_lab.lab.checks import NotYet, compare, exercise, reset, solution

__all__ = ["compare", "floor_of_libgfortran", "lower_the_floor", "reset", "solution", "tags_from_floors"]

FLOORS = ("2.10", "2.14", "2.25", "2.34")


def _files(project: str) -> tuple[Linkage, ...]:
    found = sorted(Path().glob(f"{project}-*.whl"))
    if not found:
        raise NotYet(f"the wheel {project}-….whl is not in this folder: run the chapter's first cell again")
    return elf.elf_files_of(found[0])


def _version(given: object, name: str) -> Version:
    """Return a glibc version as it was typed, with or without ``GLIBC_``."""
    if given is None:
        raise NotYet(f"{name} is still None")
    if not isinstance(given, str):
        raise NotYet(f'{name} must be text, such as "2.5": as a number, 2.10 would be the same as 2.1')
    try:
        return Version(given.strip().removeprefix("GLIBC_"))
    except InvalidVersion:
        raise NotYet(f'{name} must be a version of glibc, such as "2.5"') from None


@exercise("you found the version that libgfortran needs, and the symbol that is the reason")
def floor_of_libgfortran(answer: object) -> None:
    """Say which glibc libgfortran needs at least, and why; `answer` is ``{"version": "2.5", "symbol": "memcpy"}``."""
    if not isinstance(answer, Mapping) or not {"version", "symbol"} <= set(answer):
        raise NotYet('answer must keep its two entries, "version" and "symbol"')
    version, symbol = _version(answer["version"], "the version"), answer["symbol"]
    (library,) = (one for one in _files("numpy-1.21.2") if "libgfortran" in one.file)
    right = policies.floor(library)
    asked = {name: need.version for need in library.needs for name in need.symbols}
    if version != Version(str(right.version)):
        if f"GLIBC_{version}" in asked.values():
            raise NotYet("libgfortran needs that version, and a newer one is there too")
        raise NotYet("libgfortran does not ask for that version; is it the right file?")
    if symbol is None:
        raise NotYet("the version is right, and the symbol is still None")
    name = str(symbol).strip().partition("@")[0]
    if name not in asked:
        raise NotYet("the version is right, but libgfortran does not ask for a symbol of that name")
    if name not in right.symbols:
        raise NotYet("the version is right, but that symbol is needed in an older one")


@exercise("you know which files would have to change, and how low the floor would be then")
def lower_the_floor(files: object, then: object) -> None:
    """Say which files of NumPy 2.5.5 set its floor, and which floor is left without what they need.

    Parameters
    ----------
    files
        Their names, with folders or without.
    then
        The version that would be the floor then.
    """
    if isinstance(files, str) or not isinstance(files, Iterable):
        raise NotYet("files must be a list of names")
    given = {PurePosixPath(str(one)).name for one in files}
    if not given:
        raise NotYet("the list of files is still empty")
    linkages = _files("numpy-2.5.5")
    floor = policies.floor(linkages)
    right = {PurePosixPath(name).name for name, _ in floor.reasons}
    if unknown := sorted(given - {PurePosixPath(one.file).name for one in linkages}):
        raise NotYet(f"the wheel has no compiled file with the name {unknown[0]!r}")
    if needless := sorted(given - right):
        raise NotYet(f"{needless[0]} need not change: it asks for nothing as new as the floor")
    if given != right:
        raise NotYet("these files set the floor, and others do so too")
    lower = _version(then, "the files are right, and the version")
    if lower == Version(str(floor.version)):
        raise NotYet("the files are right, and that version is the floor as it is now")
    if lower != _next_version(linkages, Version(str(floor.version))):
        raise NotYet("the files are right; of the versions below the floor, which is the newest that any file needs?")


def _next_version(linkages: Iterable[Linkage], floor: Version) -> Version:
    """Return the newest glibc version below the floor that any file asks for."""
    needs = (need.version for one in linkages for need in one.needs if need.version.startswith("GLIBC_2."))
    return max(version for need in needs if (version := Version(need.removeprefix("GLIBC_"))) < floor)


@exercise("each wheel gets the tag that reaches the most systems")
def tags_from_floors(tags_of: object) -> None:
    """Say which tag auditwheel gives to a wheel, for each of four floors; ``{"2.10": …}``."""
    if not isinstance(tags_of, Mapping) or set(tags_of) != set(FLOORS):
        raise NotYet(f"tags_of must keep its four floors, {', '.join(FLOORS)}")
    names = {name.removesuffix("_x86_64"): one for one in policies.known() for name in (one.name, *one.aliases)}
    for floor in FLOORS:
        given = tags_of[floor]
        if given is None:
            raise NotYet(f"the tag for {floor} is still None")
        tag = str(given).strip().removesuffix("_x86_64")
        if tag not in names:
            raise NotYet(f"for {floor}: auditwheel has no policy with the name {tag!r}")
        if Version(names[tag].glibc) < Version(floor):
            raise NotYet(f"for {floor}: {tag} promises less than the wheel needs")
        if names[tag].name != policies.tag_for(floor):
            raise NotYet(f"for {floor}: {tag} is true, but a lower one is true as well, and reaches more systems")
