"""Will it import: what the Python code of a wheel imports from it, and runtimes that may be loaded twice."""

import ast
import posixpath
import re
from collections.abc import Iterator

from wheel_lab.binaries.elf import Linkage
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.findings import Finding, found_in
from wheel_lab.doctor.importing.linking import Linking
from wheel_lab.doctor.outside import installed, is_extension
from wheel_lab.limits import noted
from wheel_lab.members import Member

__all__ = ["find_in_python", "find_runtimes"]

OPENMP = re.compile(r"^lib(gomp|iomp5|omp)(-[0-9a-f]+)?\.so")
CPP = re.compile(r"^lib(stdc\+\+|c\+\+)(-[0-9a-f]+)?\.so")
# What only a C++ runtime defines: it throws, it ends the program, it sets up the streams.
RUNTIME = ("__cxa_throw", "__gxx_personality_v0", "_ZSt9terminatev", "_ZNSt8ios_base4InitC1Ev", "__cxa_begin_catch")
SOURCE, SOURCES, MODULES = 1 << 20, 16 << 20, 5000  # bytes that are read of one Python file, and of all; files
# Imports at the left edge, to be found before anything is parsed: `from .a import`, `import a.b`, `from . import a, b`.
LINE = re.compile(rb"^(?:from|import)[ \t]+([\w.]*\w)", re.MULTILINE)
LIST = re.compile(rb"^from[ \t]+\.[ \t]+import[ \t]+(?:\(([^)]{0,2000})\)|([\w \t,]+))", re.MULTILINE)


def find_runtimes(contents: Contents, linking: Linking) -> Iterator[Finding]:
    """Find carried copies of OpenMP's and C++'s runtimes, of which a process should have one each."""
    glibc = [one for one in linking.files if linking.libc(one) == "glibc"]
    for code, pattern, files in (("M602", OPENMP, linking.files), ("M603", CPP, tuple(glibc))):
        carried = (one for one in files if pattern.match(posixpath.basename(one.file)))
        yield from found_in(code, ({"member": one.file} for one in carried), file=contents.file)
    exporting = (one for one in glibc if is_extension(one.file, one.exports) and _has_runtime(one))
    cases = (
        {"member": one.file, "subject": next(name for name in RUNTIME if name in one.exports)} for one in exporting
    )
    yield from found_in("M604", cases, file=contents.file)


def _has_runtime(one: Linkage) -> bool:
    return sum(name in one.exports for name in RUNTIME) > 1


def find_in_python(contents: Contents) -> Iterator[Finding]:
    """Find imports of a private module of the wheel's own that is not there, made when a package is imported.

    A private name, imported where nothing catches the failure, in a wheel that is made for one platform, is that of an
    extension module as a rule. Whether it really is one, no file tells.
    """
    if contents.platforms != {"any"}:
        yield from found_in("M601", _Imports(contents).missing(), file=contents.file)


class _Imports:
    """Follows the imports of a wheel's packages from their ``__init__.py`` on, as far as they are not conditional."""

    def __init__(self, contents: Contents) -> None:
        self.source = contents.source
        self.files: dict[str, Member] = {}  # Python files, by their paths once installed, without `.py`
        self.there: set[str] = set()  # what can be imported, and all folders
        for member in contents.source.members:
            path = installed(member.name)
            folder, _, base = path.rpartition("/")
            self.there.add(posixpath.join(folder, base.partition(".")[0]))
            if path.endswith(".py"):
                self.files[path.removesuffix(".py")] = member
            while folder and folder not in self.there:
                self.there.add(folder)
                folder = folder.rpartition("/")[0]

    def missing(self) -> Iterator[dict[str, str]]:
        """Return a case for each module that is missing: where it is imported first."""
        waiting = [path for path in self.files if path.count("/") == 1 and path.endswith("/__init__")]
        seen, told, rest = set(waiting), set(), SOURCES
        for path in waiting:
            self.source.check_time()
            member = self.files[path]
            data = b""
            if member.size <= min(SOURCE, rest):
                with noted([]):
                    data = self.source.read(member)
            rest -= len(data)
            lost = False
            for module in _written(data, path):
                target = _target(module, path)
                lost |= self._is_missing(target, path)
                for own in (target, f"{target}/__init__"):
                    if own in self.files and own not in seen and len(seen) < MODULES:
                        seen.add(own)
                        waiting.append(own)
            for module, line in _parsed(data, path) if lost else ():
                target = _target(module, path)
                if target not in told and self._is_missing(target, path):
                    told.add(target)
                    yield {"member": member.name, "subject": target.replace("/", "."), "line": str(line)}

    def _is_missing(self, target: str, path: str) -> bool:
        """Tell a private module that is not there, in a package into which nobody else puts modules."""
        folder, _, name = target.rpartition("/")
        private = name.startswith("_") and not name.startswith("__")
        return (
            private
            and folder == posixpath.dirname(path)
            and f"{folder}/__init__" in self.files
            and (target not in self.there)
        )


def _target(module: str, path: str) -> str:
    """Return the path of the module that an import at the top of a file names, or of the first below its package."""
    folder = posixpath.dirname(path)
    below = f"{folder}/" if module.startswith(".") else ""
    parts = module.lstrip(".").split(".")
    target = below + "/".join(parts)
    # `from ._x.y import z` needs _x first.
    if target.startswith(f"{folder}/_"):
        return f"{folder}/{target[len(folder) + 1 :].partition('/')[0]}"
    return target


def _written(data: bytes, path: str) -> Iterator[str]:
    """Return the modules that the lines at the left edge import, as they are written."""
    for name in LINE.findall(data):
        if not name.startswith(b".."):
            yield name.decode("ascii", "replace")
    for several, line in LIST.findall(data):
        for name in re.findall(rb"\w+", re.sub(rb"\bas\s+\w+|#[^\n]*", b"", several or line)):
            yield f".{name.decode('ascii', 'replace')}"


def _parsed(data: bytes, path: str) -> Iterator[tuple[str, int]]:
    """Return the modules that a file imports wherever it is imported, with the lines: not below `try` or `if`."""
    if b"__path__" in data or b"def __getattr__" in data:
        return  # it finds modules in its own ways
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level <= 1:
            if node.module:
                yield "." * node.level + node.module, node.lineno
            # Elsewhere than in the package's own file, a name may be anything that the package defines.
            elif path.endswith("/__init__"):
                yield from ((f".{alias.name}", node.lineno) for alias in node.names if alias.name not in bound)
