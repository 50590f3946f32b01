"""What the rules about several systems ask of a wheel: which file is an extension module, and what its code does.

A loader knows the files of a system alone. Python code helps it: it loads a library or names a folder before it imports
what needs them. Nothing is run, so an answer may stay open.
"""

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.extensions import extension_of, package_path
from wheel_lab.doctor.findings import Finding, found_in
from wheel_lab.limits import noted

__all__ = ["find_openmp", "installed", "is_extension", "named_in_code", "names_folders", "once"]

# What Python code calls to load a library, or to name a folder where Windows looks for DLLs.
LOADING = re.compile(
    rb"add_dll_directory|LoadLibrary|SetDllDirectory|\b(?:CDLL|WinDLL|OleDLL|PyDLL)\(|cdll\.|PATH['\"]\]"
)
OPENMP = re.compile(r"lib(omp|iomp5|gomp)[-.\d].*\.dylib|(libiomp5md|libomp|libgomp|vcomp)[-.\d].*\.dll", re.IGNORECASE)
WORD = re.compile(rb"[\w+-]+")
CODE = (".py", ".pth")
ONE, ALL = 1 << 20, 32 << 20  # bytes that are searched of one file, and of all


def find_openmp(contents: Contents, files: Iterable[str]) -> Iterator[Finding]:
    """Find carried copies of OpenMP's runtime, of which a process should have one."""
    carried = (file for file in dict.fromkeys(files) if OPENMP.fullmatch(posixpath.basename(file)))
    advice = (
        "nothing, unless others are loaded beside it: then leave it out (--exclude of delocate-wheel, --exclude of "
        "delvewheel repair), and say where it comes from"
    )
    yield from found_in("M602", ({"member": file} for file in carried), file=contents.file, fix=advice)


def names_folders(contents: Contents) -> bool:
    """Tell whether Python code of the wheel loads libraries, or names folders for them."""
    return any(LOADING.search(code) for code in _code(contents))


def named_in_code(contents: Contents, files: Iterable[str]) -> frozenset[str]:
    """Choose the files that Python code of the wheel names, with a suffix or without one: it may load them."""
    stems: dict[bytes, set[str]] = {}
    for file in files:
        stems.setdefault(posixpath.basename(file).partition(".")[0].encode(), set()).add(file)
    found: set[str] = set()
    for code in _code(contents) if stems else ():
        for word in WORD.findall(code):
            found |= stems.get(word, set())
    return frozenset(found)


def _code(contents: Contents) -> Iterator[bytes]:
    """Read the Python code of the wheel, 32 MiB of it at most."""
    source, rest = contents.source, ALL
    code = [member for member in source.members if member.name.endswith(CODE) and member.size <= ONE]
    # Packages load libraries when they are imported, most of them in the uppermost __init__.py.
    for member in sorted(code, key=lambda one: (not one.name.endswith(("__init__.py", ".pth")), one.name.count("/"))):
        rest -= member.size
        if rest < 0:
            break
        with noted([]):
            yield source.read(member)


def installed(file: str) -> str:
    """Return where an installer puts a file, relative to its folder of packages."""
    path = package_path(file)
    return posixpath.normpath(file if path is None else path)


def is_extension(file: str, exports: Collection[str]) -> bool:
    """Tell an extension module: by a suffix that no other file has, or by the function that an import calls."""
    found = extension_of(file)
    if found is None or found.abi is not None:
        return found is not None
    stem = posixpath.basename(found.module)
    return f"PyInit_{stem}" in exports or f"PyModExport_{stem}" in exports


def once(cases: Iterable[Mapping[str, str]], by: Sequence[str] = ("subject",)) -> list[dict[str, str]]:
    """Return one case for each subject, about the first file that it is about; ``others`` says how many more it is.

    `by` names what must be the same in the cases that are taken together.
    """
    found: dict[tuple[str, ...], list[Mapping[str, str]]] = {}
    for case in cases:
        found.setdefault(tuple(case[key] for key in by), []).append(case)
    several = ((own[0], len({case["member"] for case in own}) - 1) for own in found.values())
    return [{**case, "others": f" (and {more:,} more)" if more else ""} for case, more in several]
