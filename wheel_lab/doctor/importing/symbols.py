"""Will it import: the symbols that a file asks for, and who could give them.

Python loads extension modules with all that they need resolved at once (RTLD_NOW), so that one function that nobody
gives stops the import, called or not. What is not accused: a symbol that any file of the wheel exports, Python's own,
and whatever a file asks for that is loaded by other means than an import, or together with a library that is not known.
"""

from collections.abc import Iterator, Mapping, Sequence

from wheel_lab.binaries.elf import Linkage
from wheel_lab.binaries.exports import system_exports
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.findings import Finding, found_in
from wheel_lab.doctor.importing.libraries import givers
from wheel_lab.doctor.importing.linking import MUSL, PYTHONS, Linking, Scope

__all__ = ["find_in_symbols"]

PYTHON = ("Py", "_Py")
# Some Pythons are linked with these, such as Debian's, and others are not.
SOMETIMES = frozenset({"libz.so.1", "libexpat.so.1"})
NAMED = 3  # symbols that are named one by one


def find_in_symbols(contents: Contents, linking: Linking) -> Iterator[Finding]:
    """Find symbols that nobody gives, or not to this file, and versions that a carried library does not have."""
    given = {symbol for one in linking.files for symbol in one.exports}
    judge = _Judge(contents, linking)
    cases: dict[str, list[dict[str, str]]] = {}
    for one in linking.files:
        contents.source.check_time()
        asked = [symbol for symbol in one.undefined if symbol not in given and not symbol.startswith(PYTHON)]
        # A file that no extension module loads may be loaded into anything that has its symbols.
        if asked and one.file in linking.imported:
            for code, symbols, more in judge.sort(one, asked, linking.imported[one.file]):
                case = {"member": one.file, "subject": symbols[0], "symbols": _listed(symbols), **more}
                cases.setdefault(code, []).append(case)
    for code, own in sorted(cases.items()):
        yield from found_in(code, own, file=contents.file)
    yield from found_in("M204", _versions(linking), file=contents.file)
    yield from found_in("M207", _damaged(linking))


def _listed(symbols: Sequence[str]) -> str:
    """Name the first symbols, and count the others; a version may be asked for without any."""
    if not symbols:
        return "the version alone"
    rest = len(symbols) - NAMED
    return ", ".join(symbols[:NAMED]) + (f" and {rest:,} more" if rest > 0 else "")


class _Judge:
    """Sorts the symbols of one file that the wheel itself does not give."""

    def __init__(self, contents: Contents, linking: Linking) -> None:
        self.linking = linking
        self.elsewhere = bool(givers(contents)) or linking.preloads

    def sort(
        self, one: Linkage, asked: list[str], scopes: list[Scope]
    ) -> Iterator[tuple[str, list[str], dict[str, str]]]:
        """Give each rule's code with its symbols and what the rule asks for."""
        libc = self.linking.libc(one)
        glibc = system_exports("glibc")
        tables = glibc if libc == "glibc" else {**system_exports("musl"), "libz.so.1": glibc["libz.so.1"]}
        own = {name for name in tables if name in PYTHONS[libc] or name == "ld.so"}
        if any(scope.lost or any(_table(name, tables) is None for name in scope.system) for scope in scopes):
            return  # what is not known may give them
        reached = own.union(*(filter(None, (_table(name, tables) for name in scope.system)) for scope in scopes))
        left = [symbol for symbol in asked if not any(symbol in tables[name] for name in reached)]
        sorted_: dict[tuple[str, str], list[str]] = {}
        for symbol in left:
            sorted_.setdefault(self._rule(symbol, libc, tables), []).append(symbol)
        for (code, library), symbols in sorted_.items():
            yield code, symbols, {"library": library}

    def _rule(self, symbol: str, libc: str, tables: Mapping[str, frozenset[str]]) -> tuple[str, str]:
        owner = next((name for name, symbols in sorted(tables.items()) if symbol in symbols), None)
        if owner in SOMETIMES:
            return "M206", owner
        if self.elsewhere:
            return "M203", ""
        if owner is not None:
            return "M202", owner
        if libc == "musl" and any(symbol in system_exports("glibc")[name] for name in PYTHONS["glibc"]):
            return "M205", ""
        return "M201", ""


def _table(library: str, tables: Mapping[str, frozenset[str]]) -> str | None:
    """Return the name under which a library has its place in the tables; None when it has none."""
    if "libc.so" in tables and MUSL.match(library):
        return "libc.so"
    if library.startswith("ld"):
        return "ld.so"
    return library if library in tables else None


def _damaged(linking: Linking) -> Iterator[dict[str, str]]:
    """Find versions asked of glibc's libraries that are no names of its versions."""
    for one in linking.files:
        for need in one.needs:
            if need.library in PYTHONS["glibc"] and not need.version.startswith("GLIBC_"):
                yield {
                    "member": one.file,
                    "subject": need.version,
                    "library": need.library,
                    "symbols": _listed(need.symbols),
                }


def _versions(linking: Linking) -> Iterator[dict[str, str]]:
    """Find versions that are asked of a carried library which has versions, and not this one."""
    for one in linking.files:
        for scope in linking.imported.get(one.file, ())[:1]:
            by_name = {name: own for own in scope.files for name in (own.soname, own.file.rpartition("/")[2])}
            for need in one.needs:
                own = by_name.get(need.library)
                if own is not None and own.versions and need.version not in own.versions:
                    yield {
                        "member": one.file, "subject": need.version, "carried": own.file,
                        "symbols": _listed(need.symbols),
                    }  # fmt: skip
