"""What Windows makes of a wheel's files: rules P501 to P503 (the promise) and M501 to M507 (the import).

The rules, with their sources and dates, are in :mod:`wheel_lab.doctor.systems.windowsrules`. What the files do not show
is not judged: which DLLs a system has beyond those of Windows, in which order DLLs are loaded, and whether a DLL of
another release has the functions that are asked of it. ARM64EC code counts as what its header says: amd64.
"""

import posixpath
from collections.abc import Iterator
from functools import cached_property

from packaging.tags import Tag

from wheel_lab.binaries.pe import PeFile
from wheel_lab.doctor.claims import claims_of
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.extensions import extension_of
from wheel_lab.doctor.findings import Finding, found_in
from wheel_lab.doctor.importing.libraries import givers
from wheel_lab.doctor.outside import find_openmp, installed, is_extension, named_in_code, names_folders, once
from wheel_lab.doctor.systems.windowsdlls import is_debug, is_driver, is_of_python, is_of_runtime, is_of_windows
from wheel_lab.doctor.systems.windowsrules import UNDECIDED

__all__ = ["find_imports", "find_promises"]

Case = dict[str, str]
PROCESSORS = {"x86": "win32"}  # of a claim, by the name that the reader gives


def find_promises(contents: Contents) -> Iterator[Finding]:
    """Find extension modules for another processor, or another Python, than the tags for Windows name."""
    wanted = _wanted(contents)
    if not wanted:
        return
    modules = [one for one in contents.binaries.pe if is_extension(one.file, one.exports)]
    spoken = " or ".join(sorted(wanted))
    wrong = [one for one in modules if one.architecture not in wanted and not one.managed]
    cases = ({"member": one.file, "subject": one.architecture or "another processor"} for one in wrong)
    yield from found_in("P501", cases, wanted=spoken)
    libraries = set().union(*map(_libraries, contents.tags))
    if libraries:
        stable = {tag.abi for tag in contents.tags} <= {"abi3", "abi3t"}
        code = "P503" if stable else "P502"
        others = (one for one in modules if _is_judged(one, contents.tags))
        cases = (case for one in others for case in _of_another_python(one, libraries))
        yield from found_in(code, cases, wanted=" or ".join(sorted(libraries)))


def find_imports(contents: Contents) -> Iterator[Finding]:
    """Find DLLs that are missing, of the wrong kind, or where Windows does not look for them."""
    if not _wanted(contents) or not contents.binaries.pe:
        return
    cases: dict[str, list[Case]] = {}
    for code, case in _Search(contents).cases():
        if case not in cases.setdefault(code, []):
            cases[code].append(case)
    for code, several in sorted(cases.items()):
        # What another package brings is said once, and not for each file that needs it.
        yield from found_in(code, once(several) if code in UNDECIDED else several, file=contents.file)
    yield from find_openmp(contents, (one.file for one in contents.binaries.pe))


def _wanted(contents: Contents) -> frozenset[str]:
    """Return the processors that the tags for Windows name."""
    claims = (claim for claim in claims_of(contents.platforms) if claim.system == "windows")
    return frozenset(PROCESSORS.get(claim.architecture or "", claim.architecture or "") for claim in claims)


def _libraries(tag: Tag) -> set[str]:
    """Return which DLLs of Python an extension module may be linked to that the tag stands for; none for any."""
    if tag.abi in ("abi3", "abi3t"):
        return {"python3.dll" if tag.abi == "abi3" else "python3t.dll"}
    if tag.interpreter.startswith("cp3") and tag.abi.startswith("cp"):
        own = tag.abi.removeprefix("cp").rstrip("dmu")
        return {f"python{own}.dll", "python3t.dll" if own.endswith("t") else "python3.dll"}
    return set()


def _is_judged(one: PeFile, tags: frozenset[Tag]) -> bool:
    """Leave out modules whose suffix is of a Python that no tag names: other rules tell of those."""
    found = extension_of(one.file)
    abi = None if found is None else found.abi
    return abi is None or not abi.startswith("cp") or abi in {tag.abi for tag in tags}


def _of_another_python(one: PeFile, libraries: set[str]) -> Iterator[Case]:
    for name in (*one.needed, *one.delayed):
        lower = name.lower()
        if lower.startswith("python3") and is_of_python(lower) and not is_debug(lower) and lower not in libraries:
            yield {"member": one.file, "subject": name}


class _Search:
    """Looks for the DLLs of a wheel's files as Windows does when Python imports the wheel's modules."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._files = [one for one in contents.binaries.pe if not one.managed]
        self._named: dict[str, list[PeFile]] = {}
        for one in self._files:
            self._named.setdefault(posixpath.basename(one.file).lower(), []).append(one)
        self._carried = {posixpath.basename(member.name).lower() for member in contents.source.members}
        self._modules = [one for one in self._files if is_extension(one.file, one.exports)]
        self._reached: set[str] = set()

    def cases(self) -> Iterator[tuple[str, Case]]:
        """Return what goes wrong, as (code, case)."""
        for module in self._modules:
            yield from self._loaded(module)
        for one in self._files:
            if one.kind == "dll" and one.file not in self._reached:
                for name in one.needed:
                    lower = name.lower()
                    if lower not in self._carried and (code := self._lost(lower, one)):
                        yield code, self._case(one, name)

    def _loaded(self, module: PeFile) -> Iterator[tuple[str, Case]]:
        """Go through all that is loaded with an extension module, whose folder is the one that counts."""
        waiting, seen = [module], set[str]()
        for one in waiting:
            self._contents.source.check_time()
            self._reached.add(one.file)
            for name in one.needed:
                lower = name.lower()
                if lower in seen:
                    continue
                seen.add(lower)
                if lower in self._named:
                    yield from self._found(module, one, name, waiting)
                elif lower not in self._carried and (code := self._lost(lower)):
                    yield code, self._case(one, name)

    def _found(self, module: PeFile, one: PeFile, name: str, waiting: list[PeFile]) -> Iterator[tuple[str, Case]]:
        """Look at a DLL that the wheel has: of which processor it is, and where."""
        own = self._named[name.lower()]
        fitting = [other for other in own if other.architecture == module.architecture]
        if not fitting:
            found = own[0].architecture or "another processor"
            case = {"member": one.file, "subject": name, "found": found, "wanted": module.architecture or "this one"}
            yield "M506", case
            return
        folder = posixpath.dirname(installed(module.file))
        beside = [other for other in fitting if posixpath.dirname(installed(other.file)) == folder]
        chosen = (beside or fitting)[0]
        waiting.append(chosen)
        if not beside and not is_of_windows(name.lower()) and not self._is_beside_python(chosen) and not self._helped:
            yield "M503", {"member": one.file, "subject": name, "place": chosen.file}

    def _lost(self, name: str, aside: PeFile | None = None) -> str | None:
        """Choose the rule for a DLL that the wheel does not have; None when that is right.

        `aside` is the file that needs it, when no extension module does.
        """
        if is_of_windows(name) or (is_of_python(name) and not is_debug(name)):
            return None
        if aside and self._modules and is_of_runtime(name):
            return None  # a process that loads it has what its modules need
        if is_driver(name) or (aside and (self._modules or aside.file not in self._named_in_code)):
            return "M502"
        if is_debug(name):
            return "M504"
        if self._given:
            return "M502"
        if is_of_runtime(name):
            return "M505"
        if self._helped and not aside:
            return "M502"
        return "M507" if aside else "M501"

    def _case(self, one: PeFile, name: str) -> Case:
        where = "a driver brings it" if is_driver(name.lower()) else "another package may bring it, or the user"
        return {"member": one.file, "subject": name, "where": where}

    def _is_beside_python(self, one: PeFile) -> bool:
        """Tell a file that an installer puts into the folder of python.exe."""
        return posixpath.dirname(one.file).endswith(".data/data")

    @cached_property
    def _named_in_code(self) -> frozenset[str]:
        return named_in_code(self._contents, (one.file for one in self._files))

    @cached_property
    def _given(self) -> bool:
        return bool(givers(self._contents))

    @cached_property
    def _helped(self) -> bool:
        return names_folders(self._contents)
