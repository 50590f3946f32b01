"""How macOS finds the libraries of a wheel's files, played through without loading anything; from dyld(1)."""

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from wheel_lab.binaries.macho import MachOFile
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.outside import installed, is_extension

__all__ = ["Loading", "Lost", "is_absolute", "is_of_system"]

SYSTEM = ("/usr/lib/", "/System/")
# Search paths, and libraries of one file, that are followed. Real files have a twentieth.
PATHS, LIBRARIES = 200, 1000


@dataclass(frozen=True)
class Lost:
    """A library that is not found, or not for the processor: `file` needs it.

    Attributes
    ----------
    file, library
        The slice that needs it, and how it names it.
    kind
        ``"absolute"`` for a path outside of the system, ``"processor"`` when it is there for others, ``"missing"``.
    found
        The processors that the wheel has it for.
    carried
        A file of the wheel with that name at another place; "" without one.
    imported
        Whether an extension module needs it, directly or through others.
    """

    file: MachOFile
    library: str
    kind: Literal["absolute", "missing", "processor"]
    found: tuple[str, ...] = ()
    carried: str = ""
    imported: bool = True


def is_absolute(path: str) -> bool:
    """Tell a path that is on another machine as it is on this one, or is nowhere."""
    return path.startswith("/")


def is_of_system(path: str) -> bool:
    """Tell a path of macOS itself."""
    return path.startswith(SYSTEM)


class Loading:
    """The slices of a wheel's Mach-O files, and who finds whom.

    Attributes
    ----------
    slices
        All of them.
    modules
        Those of extension modules.
    """

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self.slices = contents.binaries.macho
        self.modules = [one for one in self.slices if is_extension(one.file, one.exports)]
        self._placed: dict[str, list[MachOFile]] = {}
        self._named: dict[str, str] = {}
        for one in self.slices:
            self._placed.setdefault(installed(one.file), []).append(one)
        for member in contents.source.members:
            self._named.setdefault(posixpath.basename(member.name), member.name)

    def lost(self) -> Iterator[Lost]:
        """Find the libraries that macOS does not find when Python imports the modules; then those of other files."""
        reached: set[tuple[str, str | None]] = set()
        for module in self.modules:
            yield from self._loaded(module, reached, imported=True)
        for one in self.slices:
            if (one.file, one.architecture) not in reached:
                yield from self._loaded(one, reached, imported=False)

    def _loaded(self, root: MachOFile, reached: set[tuple[str, str | None]], *, imported: bool) -> Iterator[Lost]:
        """Go through all that is loaded with a slice that is not loaded yet."""
        waiting: list[tuple[MachOFile, tuple[str, ...]]] = [(root, ())]
        for one, inherited in waiting:
            if (one.file, one.architecture) in reached:
                continue
            reached.add((one.file, one.architecture))
            paths = (*_paths(one.rpaths, one), *inherited)[:PATHS]
            for library in one.needed[:LIBRARIES]:
                self._contents.source.check_time()
                if library in one.weak or is_of_system(library):
                    continue
                if is_absolute(library):
                    yield Lost(one, library, "absolute", (), self._carried(library), imported)
                    continue
                places = [place for place in _candidates(library, one, paths) if place in self._placed]
                fitting = [own for place in places for own in self._placed[place] if _fits(own, one)]
                if fitting:
                    waiting.append((fitting[0], paths))
                elif places:
                    found = (own.architecture or "another" for own in self._placed[places[0]])
                    yield Lost(one, library, "processor", tuple(found), places[0], imported)
                elif not any(is_of_system(place) for place in _candidates(library, one, paths)):
                    yield Lost(one, library, "missing", (), self._carried(library), imported)

    def _carried(self, library: str) -> str:
        return self._named.get(posixpath.basename(library), "")


def _fits(library: MachOFile, one: MachOFile) -> bool:
    """Tell whether a slice can be loaded by another: code for a newer processor takes what is for all of them."""
    return library.architecture in (one.architecture, (one.architecture or "").rstrip("eh"))


def _candidates(library: str, one: MachOFile, paths: Iterable[str]) -> list[str]:
    """Return where a library is looked for, relative to the folder of packages, or as absolute paths."""
    head, _, rest = library.partition("/")
    if head == "@rpath":
        return [posixpath.normpath(posixpath.join(path, rest)) for path in paths]
    return list(_paths([library], one))


def _paths(entries: Iterable[str], one: MachOFile) -> Iterator[str]:
    """Return what paths mean for a file. Those that begin at the program say nothing about a wheel."""
    here = posixpath.dirname(installed(one.file))
    for entry in entries:
        head, _, rest = entry.partition("/")
        if head == "@loader_path":
            yield posixpath.normpath(posixpath.join(here, rest))
        elif is_absolute(entry):
            yield posixpath.normpath(entry)
