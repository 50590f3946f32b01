"""The compiled files of a wheel in one shape, whatever their format: what the rules about all systems ask of them."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from wheel_lab.binaries.elf import Linkage
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.extensions import Extension, extension_of

__all__ = ["Compiled", "compiled_in"]


@dataclass(frozen=True)
class Compiled:
    """One compiled file.

    Attributes
    ----------
    file
        Its path in the wheel.
    system
        The system whose format it has: ``"linux"``, ``"windows"``, ``"macos"``.
    architecture
        The processor, by the name that its reader gives; None for one without a name.
    extension
        What its name says, when it is an extension module: by its suffix, or because it has the function that an
        import calls.
    library
        Whether others load it: by its name, or by the name that it wants to be known by.
    asked
        The symbols of Python that it cannot do without.
    exports
        The symbols that it offers.
    needed
        The libraries that are loaded with it.
    """

    file: str
    system: str
    architecture: str | None
    extension: Extension | None
    library: bool
    asked: frozenset[str] = field(default=frozenset(), repr=False)
    exports: frozenset[str] = field(default=frozenset(), repr=False)
    needed: tuple[str, ...] = ()


def compiled_in(contents: Contents) -> tuple[Compiled, ...]:
    """Return the compiled files of a wheel that can be read, each once."""
    return tuple(_of_elf(one) for one in contents.binaries.elf)


def _of_elf(one: Linkage) -> Compiled:
    return Compiled(
        file=one.file,
        system="linux",
        architecture=one.architecture,
        extension=_extension(one.file, one.exports),
        library=one.soname is not None or re.search(r"\.so(\.|$)", one.file) is not None,
        asked=_of_python(one.undefined),
        exports=one.exports,
        needed=one.needed,
    )


def _extension(file: str, exports: Collection[str]) -> Extension | None:
    """Take a file with a plain suffix for an extension module only if an import would find its function."""
    found = extension_of(file)
    if found is None or found.abi is not None:
        return found
    stem = found.module.rpartition("/")[2]
    return found if f"PyInit_{stem}" in exports or f"PyModExport_{stem}" in exports else None


def _of_python(names: Collection[str]) -> frozenset[str]:
    """Choose the symbols of Python; the functions that an import calls are the modules' own."""
    return frozenset(
        name for name in names if name.startswith(("Py", "_Py")) and not name.startswith(("PyInit_", "PyModExport_"))
    )
