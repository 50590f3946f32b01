"""The compiled files of a wheel in one shape, whatever their format: what the rules about all systems ask of them."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from wheel_lab.binaries.elf import Linkage
from wheel_lab.binaries.macho import MachOFile
from wheel_lab.binaries.pe import PeFile
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.extensions import Extension, extension_of
from wheel_lab.justified import carried_by, is_loader
from wheel_lab.policies import known

__all__ = ["Compiled", "compiled_in"]


@dataclass(frozen=True)
class Compiled:
    """One compiled file, or one slice of it.

    Attributes
    ----------
    file
        Its path in the wheel.
    system
        The system whose format it has: ``"linux"``, ``"windows"``, ``"macos"``, ``"emscripten"``.
    architecture
        The processor, by the name that its reader gives; None for one without a name.
    extension
        What its name says, when it is an extension module: by its suffix, or because it has the function that an
        import calls.
    library
        Whether others load it.
    asked
        The symbols of Python that it cannot do without.
    exports
        The symbols that it offers.
    libc
        ``"glibc"`` or ``"musl"``; None when it does not tell, or on another system than Linux.
    outside
        Whether it needs a library that neither the wheel nor the system has: any symbol may be from there.
    """

    file: str
    system: str
    architecture: str | None
    extension: Extension | None
    library: bool
    asked: frozenset[str] = field(default=frozenset(), repr=False)
    exports: frozenset[str] = field(default=frozenset(), repr=False)
    libc: str | None = None
    outside: bool = False


def compiled_in(contents: Contents) -> tuple[Compiled, ...]:
    """Return the compiled files of a wheel that can be read; a Mach-O file once for each processor.

    A .NET library is none of them: it runs on any system that has .NET.
    """
    found = contents.binaries
    carried = carried_by(found.elf, [member.name for member in contents.source.members])
    files = [_of_elf(one, carried) for one in found.elf]
    files += [_of_pe(one) for one in found.pe if not one.managed]
    files += [_of_macho(one, carried) for one in found.macho]
    return (*files, *(_of_wasm(one.file) for one in found.wasm))


def _of_elf(one: Linkage, carried: Collection[str]) -> Compiled:
    expected = _expected(one.architecture, one.libc)
    others = (library for library in one.needed if library not in carried and not library.startswith("libpython"))
    return Compiled(
        file=one.file,
        system="linux",
        architecture=one.architecture,
        extension=_extension(one.file, one.exports),
        library=one.soname is not None or re.search(r"\.so(\.|$)", one.file) is not None,
        asked=frozenset(_of_python(one.undefined)),
        exports=one.exports,
        libc=one.libc,
        outside=any(library not in expected and not is_loader(library) for library in others),
    )


def _expected(architecture: str | None, libc: str | None) -> frozenset[str]:
    """Return the libraries of a current Linux system."""
    try:
        return known(architecture or "", libc or "glibc")[-1].libraries | {"libc.so"}
    except ValueError:
        return frozenset()


def _of_pe(one: PeFile) -> Compiled:
    # What is asked of the interpreter: python3.dll has the stable ABI, python312.dll what one version has.
    pythons = [names for library, names in one.imports if re.fullmatch(r"python3\d*t?(_d)?\.dll", library.lower())]
    return Compiled(
        file=one.file,
        system="windows",
        architecture=one.architecture,
        extension=_extension(one.file, one.exports),
        library=one.kind == "dll",
        asked=frozenset(name for names in pythons for name in _of_python(names)),
        exports=one.exports,
    )


def _of_macho(one: MachOFile, carried: Collection[str]) -> Compiled:
    others = (path for path in one.needed if not path.startswith(("/usr/lib/", "/System/")) and "Python" not in path)
    return Compiled(
        file=one.file,
        system="macos",
        architecture=one.architecture,
        extension=_extension(one.file, one.exports),
        library=one.kind != "program",
        asked=frozenset(_of_python(one.undefined)),
        exports=one.exports,
        outside=any(path.rpartition("/")[2] not in carried for path in others),
    )


def _of_wasm(file: str) -> Compiled:
    return Compiled(file, "emscripten", "wasm32", extension_of(file), library=True)


def _extension(file: str, exports: Collection[str]) -> Extension | None:
    """Take a file with a plain suffix for an extension module only if an import would find its function."""
    found = extension_of(file)
    if found is None or found.abi is not None:
        return found
    stem = found.module.rpartition("/")[2]
    return found if f"PyInit_{stem}" in exports or f"PyModExport_{stem}" in exports else None


def _of_python(names: Collection[str]) -> Iterator[str]:
    """Choose the symbols of Python; the functions that an import calls are the modules' own."""
    for name in names:
        if name.startswith(("Py", "_Py")) and not name.startswith(("PyInit_", "PyModExport_")):
            yield name
