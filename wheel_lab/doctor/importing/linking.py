"""How the loader of Linux finds the libraries of a wheel's files, played through without loading anything."""

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from wheel_lab.binaries.elf import Linkage
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.outside import installed, is_extension
from wheel_lab.justified import is_expected
from wheel_lab.limits import noted
from wheel_lab.policytable import Policy, known

__all__ = ["MUSL", "PYTHONS", "Linking", "Lost", "Scope"]

# musl answers these names itself, whatever a distribution calls the file (ldso/dynlink.c, read 2026-11-25).
MUSL = re.compile(r"ld-musl-|lib(c|pthread|rt|m|dl|util|xnet)\.")
# What the process of each Python holds already.
PYTHONS = {
    "glibc": frozenset({"libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1"}),
    "musl": frozenset({"libc.so"}),
}
# Platform tags of systems with loaders of their own, some of which take ELF files, too.
OTHERS = ("android", "macosx", "win", "ios", "emscripten", "pyemscripten", "pyodide")
PRELOADING = re.compile(rb"\b(?:CDLL|PyDLL|LoadLibrary|RTLD_GLOBAL|setdlopenflags|cdll\.)")
SOURCE, SOURCES = 1 << 20, 32 << 20  # bytes that are searched of one Python file, and of all


@dataclass(frozen=True)
class Lost:
    """A library that the loader does not find when it loads `root`: `file` needs it.

    `carried` is the path in the wheel of a file that has this name, in a folder where it is not looked for.
    """

    root: Linkage
    file: Linkage
    library: str
    carried: str | None


@dataclass(frozen=True)
class Scope:
    """What is loaded with one file.

    Attributes
    ----------
    root
        The file that Python imports, or that is run or loaded otherwise.
    files
        The wheel's own files, the root first.
    system
        The libraries that the system brings, by the names that they are needed by.
    lost
        What is not found.
    """

    root: Linkage
    files: tuple[Linkage, ...]
    system: frozenset[str]
    lost: tuple[Lost, ...] = field(default=())


class Linking:
    """The ELF files of a wheel for Linux, and who finds whom.

    Attributes
    ----------
    files
        The files for processors that wheels are made for. Those for graphics cards, and the like, are left out.
    """

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        linux = not all(platform.startswith(OTHERS) for platform in contents.platforms)
        self.files = tuple(one for one in contents.binaries.elf if linux and one.architecture is not None)
        self._paths = {installed(one.file): one for one in self.files}
        # What cannot be read is there, and what it needs and exports is not known.
        self._unread = {installed(one.member) for one in contents.binaries.problems}
        self._named: dict[str, str] = {}
        for member in contents.source.members:
            self._named.setdefault(posixpath.basename(member.name), member.name)
        for one in self.files:
            if one.soname:
                self._named.setdefault(one.soname, one.file)

    def libc(self, one: Linkage) -> str:
        """Return the C library of a file: what it says, or else what the tag says."""
        musl = any(platform.startswith("musllinux") for platform in self._contents.platforms)
        return one.libc or ("musl" if musl else "glibc")

    def policy(self, one: Linkage) -> Policy | None:
        """Return the strictest policy that the tags claim for a file; None for a tag such as ``linux_x86_64``."""
        if one.architecture is None:
            return None
        claimed = self._contents.platforms
        found = (own for own in known(one.architecture, self.libc(one)) if claimed & {own.name, *own.aliases})
        return next(found, None)

    def is_system(self, one: Linkage, library: str) -> bool:
        """Tell whether the system brings that library, by the policy that is claimed, or by the newest without one."""
        if one.architecture is None or (self.libc(one) == "musl" and MUSL.match(library)):
            return True
        return is_expected(library, self.policy(one) or known(one.architecture, self.libc(one))[-1])

    def carried(self, library: str) -> str | None:
        """Return the path of a file of the wheel that has that name, or wants to be known by it."""
        return self._named.get(library)

    @cached_property
    def scopes(self) -> tuple[Scope, ...]:
        """What each file loads when it is the first: extension modules, programs, and what only Python code loads."""
        return tuple(self._loaded(one) for one in self.files)

    @cached_property
    def imported(self) -> Mapping[str, list[Scope]]:
        """For each file that is loaded by an import, the scopes of the extension modules that do it, by its path."""
        found: dict[str, list[Scope]] = {}
        for scope in self.scopes:
            if is_extension(scope.root.file, scope.root.exports):
                for one in scope.files:
                    found.setdefault(one.file, []).append(scope)
        return found

    @cached_property
    def found_by_others(self) -> frozenset[str]:
        """The paths of the libraries that some file of the wheel finds."""
        return frozenset(one.file for scope in self.scopes for one in scope.files[1:])

    @cached_property
    def preloads(self) -> bool:
        """Whether Python code of the wheel loads libraries itself, as far as the first 32 MiB of code show."""
        source, rest = self._contents.source, SOURCES
        for member in source.members:
            if member.name.endswith(".py") and member.size <= min(SOURCE, rest):
                rest -= member.size
                with noted([]):
                    if PRELOADING.search(source.read(member)):
                        return True
        return False

    def _loaded(self, root: Linkage) -> Scope:
        """Load a file as the loader does: breadth first, and by name what is loaded already."""
        musl = self.libc(root) == "musl"
        names, files, system, lost = {root.soname}, [root], set(), []
        waiting: list[tuple[Linkage, tuple[str, ...]]] = [(root, ())]
        for one, inherited in waiting:
            self._contents.source.check_time()
            # An RPATH holds for what the library needs in turn, a RUNPATH for itself alone; musl makes no difference.
            lasting = _folders(one, [*one.rpath, *one.runpath] if musl else () if one.runpath else one.rpath)
            folders = (*lasting, *inherited) if musl or not one.runpath else _folders(one, one.runpath)
            for library in one.needed:
                if library in names:
                    continue
                places = [posixpath.join(folder, library) for folder in folders]
                path = next((place for place in places if place in self._paths), None)
                if path is not None:
                    own = self._paths[path]
                    names |= {library, own.soname}
                    files.append(own)
                    waiting.append((own, (*lasting, *inherited)))
                elif self.is_system(one, library) or any(place in self._unread for place in places):
                    system.add(library)
                else:
                    lost.append(Lost(root, one, library, self.carried(library)))
        return Scope(root, tuple(files), frozenset(system), tuple(lost))


def _folders(one: Linkage, entries: Iterable[str]) -> tuple[str, ...]:
    """Return the folders that search paths name relative to the file; what is absolute is no part of the wheel."""
    here = posixpath.dirname(installed(one.file)) or "."
    relative = [entry for entry in entries if re.match(r"\$(ORIGIN|{ORIGIN})(/|$)", entry)]
    found = [posixpath.normpath(re.sub(r"^\$(ORIGIN|{ORIGIN})", here, entry)) for entry in relative]
    # `.` is site-packages itself, where a file's path has no folder.
    return tuple("" if folder == "." else folder for folder in found)
