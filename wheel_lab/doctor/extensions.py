"""What the name of an extension module says: which Python imports it, and on which system.

An interpreter imports a file only when it ends in one of its own suffixes (``importlib.machinery.EXTENSION_SUFFIXES``):
CPython 3.12 on Linux takes ``.cpython-312-x86_64-linux-gnu.so``, ``.abi3.so`` and ``.so``. Read 2026-11-25 in CPython's
``Python/dynload_shlib.c``, ``Python/dynload_win.c`` and ``Misc/platform_triplet.c``; PEP 3149 and PEP 803.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from packaging.tags import Tag

__all__ = ["Extension", "extension_of", "extensions_in", "package_path"]

MIDDLES = (
    # Up to 3.7 an m stood for pymalloc; t is without the GIL, d a debug build.
    (r"cpython-(?P<python>3\d+)(?P<flags>[a-z]*)(?:-(?P<place>.+))?", "cp"),
    (r"cp(?P<python>3\d+)(?P<flags>[a-z]*)-(?P<place>win\w+)", "cp"),
    (r"pypy(?P<python>3\d+)-pp(?P<own>\d+)-(?P<place>.+)", "pp"),
    (r"graalpy(?P<own>\d+)-(?P<python>3\d+)-native-(?P<place>.+)", "graalpy"),
    # Since 3.15 the suffix of the stable ABI may name the platform as well.
    (r"(?P<stable>abi3t?)(?:-(?P<place>.+))?", ""),
)
PROCESSORS = {"i386": "i686", "arm": "armv7l", "powerpc64le": "ppc64le", "powerpc64": "ppc64"}
LINUX = {"x86_64", "i686", "aarch64", "armv7l", "ppc64le", "ppc64", "s390x", "riscv64", "loongarch64"}
# A Python of its own that a wheel carries, and files that tests read: no interpreter finds them on its path.
ASIDE = {"lib-dynload", "site-packages", "dist-packages", "tests", "test", "fixtures", "testdata"}


@dataclass(frozen=True)
class Extension:
    """What the name of an extension module says.

    Attributes
    ----------
    file
        Its path in the wheel.
    module
        Its path without the suffix, where it is installed: ``"pkg/_fast"``.
    interpreter, abi
        As in a wheel's tag: ``"cp312"`` and ``"cp312"``, ``"pp311"`` and ``"pypy311_pp73"``. For the stable ABI the
        interpreter is None and the abi is ``"abi3"`` or ``"abi3t"``; for a plain ``.so`` both are None.
    system, architecture, libc
        What the suffix says of the platform; None where it does not say.
    """

    file: str
    module: str
    interpreter: str | None = None
    abi: str | None = None
    system: str | None = None
    architecture: str | None = None
    libc: str | None = None

    @property
    def suffix(self) -> str:
        """The end of the file's name: ``".cpython-312-x86_64-linux-gnu.so"``."""
        name = self.file.rpartition("/")[2]
        return name[name.index(".") :]

    def fits(self, tag: Tag) -> bool:
        """Tell whether an interpreter that accepts the tag imports a file of that name, the platform aside."""
        if self.abi is None:
            return True
        if self.interpreter is None:
            # CPython without the GIL took .abi3.so up to 3.14, but such a file is made for the other layout of objects.
            stable = tag.abi in ("abi3", "abi3t", "none")
            same = stable or tag.abi.endswith("t") == self.abi.endswith("t")
            return same and tag.interpreter.startswith(("cp", "py"))
        return tag.abi == self.abi


def extension_of(file: str) -> Extension | None:
    """Read the name of a file; None when it is not the name of an extension module, or not at a place for one."""
    path = package_path(file)
    if path is None:
        return None
    folder, _, name = path.rpartition("/")
    stem, _, rest = name.partition(".")
    if not stem.isidentifier() or not all(part.isidentifier() for part in folder.split("/") if part):
        return None
    if not ASIDE.isdisjoint(folder.split("/")):
        return None
    middle, _, last = rest.rpartition(".")
    if last not in ("so", "pyd"):
        return None
    module = f"{folder}/{stem}" if folder else stem
    if not middle:
        return Extension(file, module)
    for pattern, kind in MIDDLES:
        if match := re.fullmatch(pattern, middle):
            parts = match.groupdict()
            place = _place(parts.get("place") or "")
            if not kind:
                return Extension(file, module, None, parts["stable"], *place)
            python, flags = parts["python"], (parts.get("flags") or "").replace("d", "")
            abis = {
                "cp": f"cp{python}{flags}",
                "pp": f"pypy{python}_pp{parts.get('own')}",
                "graalpy": f"graalpy{parts.get('own')}_{python}_native",
            }
            return Extension(file, module, f"{kind}{python}", abis[kind], *place)
    return None


def extensions_in(files: Iterable[str]) -> Iterator[Extension]:
    """Find the extension modules among files by their names. One that ends in a plain ``.so`` may be a library."""
    yield from (found for file in files if (found := extension_of(file)) is not None)


def package_path(file: str) -> str | None:
    """Return where an installer puts a file below its folder of packages; None when it puts it elsewhere."""
    first, _, rest = file.partition("/")
    if not first.endswith(".data"):
        return file
    kind, _, rest = rest.partition("/")
    return rest if kind in ("purelib", "platlib") else None


def _place(text: str) -> tuple[str | None, str | None, str | None]:
    """Return the system, the processor and the C library of the end of a suffix."""
    if match := re.fullmatch(r"(\w+)-linux(?:-(gnu|musl)\w*)?", text):
        processor = PROCESSORS.get(match[1], match[1])
        libc = {"gnu": "glibc", "musl": "musl"}.get(match[2] or "")
        return "linux", processor if processor in LINUX else None, libc
    if text.startswith("win"):
        return "windows", {"win32": "x86"}.get(text, text.removeprefix("win_")), None
    if text == "darwin":
        return "macos", None, None
    if "android" in text:
        return "android", None, None
    if "iphone" in text:
        return "ios", None, None
    return ("emscripten", None, None) if text.endswith("emscripten") else (None, None, None)
