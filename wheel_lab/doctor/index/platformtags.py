"""Which platform tags the index takes: rule I201.

Restated from ``warehouse/forklift/legacy.py``, read on 2026-08-21. The macOS rule: of 10 each minor version, since 11
only the minor version 0 of a major version that exists.
"""

import re
from collections.abc import Iterator

from wheel_lab.doctor.findings import Finding, found

__all__ = ["find_in_tags", "is_taken"]

LEGACY = {"x86_64", "i686"}  # of manylinux1 and manylinux2010
MANYLINUX2014 = LEGACY | {"aarch64", "armv7l", "ppc64", "ppc64le", "s390x"}
LINUX = {"x86_64", "i686", "aarch64", "armv7l", "ppc64le", "s390x", "riscv64"}
MACOS = ("11", "12", "13", "14", "15", "26")
MACHINES = {"ppc", "ppc64", "i386", "x86_64", "arm64", "intel", "fat", "fat3", "fat64", "universal", "universal2"}
# A pattern whose first group must be one of the words beside it.
PATTERNS = (
    (r"(any|win32|win_amd64|win_arm64|win_ia64|linux_armv6l|linux_armv7l)", None),
    (r"manylinux(?:1|2010)_(.*)", LEGACY),
    (r"manylinux2014_(.*)", MANYLINUX2014),
    (r"manylinux_\d+_\d+_(.*)", LINUX | {"ppc64"}),
    (r"musllinux_\d+_\d+_(.*)", LINUX),
    (r"macosx_10_\d+_(.*)", MACHINES),
    (rf"macosx_(?:{'|'.join(MACOS)})_0_(.*)", MACHINES),
    (r"ios_\d+_\d+_(.*)_(?:iphoneos|iphonesimulator)", {"arm64", "x86_64"}),
    (r"android_\d+_(.*)", {"armeabi_v7a", "arm64_v8a", "x86", "x86_64"}),
    (r"(pyemscripten)_\d+_\d+_wasm32", None),
)


def is_taken(platform: str) -> bool:
    """Tell whether the index takes a platform tag."""
    for pattern, words in PATTERNS:
        match = re.fullmatch(pattern, platform)
        if match and (words is None or match.group(1) in words):
            return True
    return False


def find_in_tags(file: str, platforms: frozenset[str]) -> Iterator[Finding]:
    """Find the platform tags that the index does not take; `file` is the file's name as a shell takes it."""
    for platform in sorted(platforms):
        if not is_taken(platform):
            reason, fix = _advice(platform)
            yield found("I201", file=file, subject=platform, why=reason, fix=fix)


def _advice(platform: str) -> tuple[str, str]:
    """Return why the index does not take a tag, and a template of what to do."""
    if platform.startswith("linux_"):
        reason = "It does not say which C library and which versions of it the wheel needs"
        return (
            reason,
            "auditwheel repair {file} (on an old system, such as a manylinux image); renaming repairs nothing",
        )
    if match := re.fullmatch(r"macosx_(\d+)_(\d+)_(\w+)", platform):
        major, minor, machine = match.groups()
        later = next((one for one in MACOS if int(one) > int(major)), None)
        if major in MACOS and minor != "0" and machine in MACHINES:
            reason = "Since macOS 11 the index takes only tags whose minor version is 0"
            again = f"build with MACOSX_DEPLOYMENT_TARGET={major}.0"
            rename = f"python -m wheel tags --remove --platform-tag macosx_{later}_0_{machine} {{file}}"
            return reason, f"{again}, or ask for more than it needs: {rename}" if later else again
        return "The index takes macOS 10, 11 to 15 and 26, and the processors of Macs", "build for one of these"
    if platform.startswith(("manylinux", "musllinux")):
        fix = "let auditwheel name the wheel: auditwheel repair {file}"
        return "The index does not take this processor, or this spelling of the tag", fix
    return "The index knows no such platform", "build for a platform that the index takes"
