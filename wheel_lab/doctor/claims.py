"""What a platform tag claims: the system, the processor, the C library and its version.

The forms of the tags: PEP 425 and "Platform compatibility tags" of the packaging guide, PEP 600 (manylinux), PEP 656
(musllinux), PEP 730 (iOS), PEP 738 (Android) and PEP 783 (Emscripten), read 2026-08-22.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from wheel_lab.tags import LEGACY

__all__ = ["Claim", "claim_of", "claims_of"]

# By the names that auditwheel gives to processors. The baseline of all 32-bit ARM tags is the same calling convention.
PROCESSORS = {"armv6l": "armv7l", "armv8l": "armv7l", "i386": "i686", "i586": "i686", "amd64": "x86_64"}
PATTERNS = (
    (r"(?P<name>many)linux_(?P<version>\d+_\d+)_(?P<processor>\w+)", "linux"),
    (r"(?P<name>musl)linux_(?P<version>\d+_\d+)_(?P<processor>\w+)", "linux"),
    (r"linux_(?P<processor>\w+)", "linux"),
    (r"macosx_(?P<version>\d+_\d+)_(?P<processor>\w+)", "macos"),
    (r"win(?:32|_(?P<processor>amd64|arm64|arm32|ia64))", "windows"),
    (r"android_(?P<version>\d+)_(?P<processor>\w+)", "android"),
    (r"ios_(?P<version>\d+_\d+)_(?P<processor>\w+?)_iphone(?:os|simulator)", "ios"),
    (r"(?:py)?emscripten_(?P<version>\d+_\d+)(?:_\d+)?_(?P<processor>wasm32|wasm64)", "emscripten"),
    (r"pyodide_(?P<version>\d+_\d+)_(?P<processor>wasm32)", "emscripten"),
)
LIBCS = {"many": "glibc", "musl": "musl"}


@dataclass(frozen=True)
class Claim:
    """What one platform tag claims.

    Attributes
    ----------
    tag
        ``"manylinux2014_x86_64"``.
    system
        ``"linux"``, ``"macos"``, ``"windows"``, ``"android"``, ``"ios"``, ``"emscripten"``, or ``"any"``.
    architecture
        The processor; on Linux by auditwheel's name, else as the tag has it. None when the tag names none.
    libc
        ``"glibc"`` or ``"musl"``; None when the tag says nothing about it, as ``linux_x86_64``.
    version
        The version of the C library or of the system that must be there at least, such as ``(2, 17)``.
    """

    tag: str
    system: str
    architecture: str | None = None
    libc: str | None = None
    version: tuple[int, ...] | None = None

    @property
    def spoken(self) -> str:
        """The version as text: ``"2.17"``."""
        return ".".join(map(str, self.version or ()))


def claim_of(tag: str) -> Claim:
    """Take a platform tag apart.

    Raises
    ------
    ValueError
        It is no platform tag that the specifications know.
    """
    if tag == "any":
        return Claim(tag, "any")
    text = tag
    for old, new in LEGACY.items():
        text = re.sub(rf"^{old}_", f"{new}_", text)
    for pattern, system in PATTERNS:
        if match := re.fullmatch(pattern, text):
            parts = match.groupdict()
            processor = parts.get("processor") or "x86"
            if system == "linux":
                processor = PROCESSORS.get(processor, processor)
            version = tuple(map(int, parts["version"].split("_"))) if parts.get("version") else None
            return Claim(tag, system, processor, LIBCS.get(parts.get("name") or ""), version)
    raise ValueError(f"{tag!r} is not a platform tag, such as manylinux_2_28_x86_64, macosx_11_0_arm64 or win_amd64")


def claims_of(tags: Iterable[str]) -> tuple[Claim, ...]:
    """Take platform tags apart, sorted; a tag that is none is left out."""
    found = []
    for tag in sorted(tags):
        try:
            found.append(claim_of(tag))
        except ValueError:
            continue
    return tuple(found)
