"""What auditwheel's policies allow (PEP 600), and the floor and the tag that follow from what files ask for."""

import functools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from auditwheel.architecture import Architecture
from auditwheel.libc import Libc
from auditwheel.policy import WheelPolicies
from packaging.version import Version

from wheel_lab.binaries.elf import Linkage, Need

__all__ = ["Floor", "Policy", "floor", "known", "tag_by_symbols", "tag_for"]

LINUX = "linux_x86_64"


@dataclass(frozen=True)
class Policy:
    """One manylinux policy for x86-64.

    Attributes
    ----------
    name, aliases
        ``manylinux_2_17_x86_64``, and older names for the same: ``manylinux2014_x86_64``.
    glibc
        The glibc that a system must have at least: ``"2.17"``.
    priority
        auditwheel's order: the higher, the more systems.
    newest
        The newest symbol version allowed of each family: ``{"GLIBC": "2.17", "GLIBCXX": "3.4.19", …}``.
    """

    name: str
    aliases: tuple[str, ...]
    glibc: str
    priority: int
    newest: dict[str, str]

    def __str__(self) -> str:
        words = f"{self.name:<24} glibc {self.glibc:<6} GLIBCXX {self.newest['GLIBCXX']:<8} {', '.join(self.aliases)}"
        return words.rstrip()


@functools.cache
def _auditwheel() -> WheelPolicies:
    return WheelPolicies(libc=Libc.GLIBC, arch=Architecture.x86_64)


@functools.cache
def known() -> tuple[Policy, ...]:
    """Return the policies that auditwheel knows for glibc on x86-64, the oldest glibc first."""
    found = [
        Policy(
            name=policy.name,
            aliases=policy.aliases,
            glibc=".".join(policy.name.split("_")[1:3]),
            priority=policy.priority,
            newest={
                family: max(versions, key=Version) for family, versions in _numbered(policy.symbol_versions).items()
            },
        )
        for policy in _auditwheel()
        if policy.name != LINUX
    ]
    return tuple(sorted(found, key=lambda policy: Version(policy.glibc)))


def _numbered(symbol_versions: dict[str, frozenset[str]]) -> dict[str, list[str]]:
    """Leave out what is no number (``ABI_DT_RELR``), and a family that has none at all."""
    kept = {
        family: [version for version in versions if version.replace(".", "").isdecimal()]
        for family, versions in sorted(symbol_versions.items())
    }
    return {family: versions for family, versions in kept.items() if versions}


def tag_for(version: str) -> str:
    """Return the platform tag for a glibc floor: the first policy that allows it.

    Newer than every policy that auditwheel knows gives ``linux_x86_64``.

    Raises
    ------
    ValueError
        `version` is not like ``"2.17"``.
    """
    if not all(map(str.isdecimal, version.split("."))):
        raise ValueError(f"{version!r} is not a glibc version, such as '2.17'")
    return next((policy.name for policy in known() if Version(policy.glibc) >= Version(version)), LINUX)


def tag_by_symbols(linkages: Linkage | Iterable[Linkage]) -> str:
    """Return the platform tag that auditwheel gives to the versioned symbols, libstdc++'s and libgcc's among them.

    It looks at nothing else: a library that is not there plays no part.

    Raises
    ------
    ValueError
        A file is linked with musl, which manylinux does not cover.
    """
    asked: dict[str, set[str]] = defaultdict(set)
    for linkage in _several(linkages):
        if any(library.startswith("libc.musl") for library in linkage.needed):
            raise ValueError(f"{linkage.file} is linked with musl: no manylinux policy covers it")
        for need in linkage.needs:
            # As auditwheel does: the loader comes with glibc, and its versions say nothing more than libc's.
            if not need.library.startswith("ld-linux"):
                asked[need.library].add(need.version)
    return _auditwheel().versioned_symbols_policy(dict(asked)).name


# --- the floor -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Floor:
    """The newest glibc version that is asked for, and who asks.

    Attributes
    ----------
    version
        ``"2.27"``; None when nothing is asked of glibc.
    reasons
        ``(file, need)`` for each file that asks for that version.
    private
        ``(file, need)`` for each request that no release of glibc promises to meet, such as ``GLIBC_PRIVATE``.
    """

    version: str | None
    reasons: tuple[tuple[str, Need], ...]
    private: tuple[tuple[str, Need], ...] = ()

    @property
    def tag(self) -> str | None:
        """The platform tag that the floor allows; None when nothing is asked of glibc."""
        if self.private:
            return LINUX
        return self.version and tag_for(self.version)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols that set the floor, sorted."""
        return tuple(sorted({symbol for _, need in self.reasons for symbol in need.symbols}))

    def __str__(self) -> str:
        if self.version is None:
            return "no floor: nothing is asked of glibc"
        lines = [f"glibc {self.version} or newer, because of"]
        for file, need in self.reasons:
            lines.append(f"  {file}: {', '.join(need.symbols) or need.version} ({need.library})")
        if self.private:
            lines.append("and these, which no release of glibc promises:")
            lines += [f"  {file}: {need.version} ({need.library})" for file, need in self.private]
        return "\n".join(lines)


def floor(linkages: Linkage | Iterable[Linkage]) -> Floor:
    """Find the glibc version that these files need at least, and the symbols that need it."""
    asked: dict[Version, list[tuple[str, Need]]] = defaultdict(list)
    private = []
    for linkage in _several(linkages):
        for need in linkage.needs:
            if need.version.startswith("GLIBC_"):
                version = _release(need.version.removeprefix("GLIBC_"))
                if version is None:
                    private.append((linkage.file, need))
                else:
                    asked[version].append((linkage.file, need))
    if not asked:
        return Floor(None, (), tuple(private))
    newest = max(asked)
    return Floor(str(newest), tuple(asked[newest]), tuple(private))


def _release(word: str) -> Version | None:
    """Return the glibc release behind a version, also behind a feature (``ABI_DT_RELR``) that came with a release."""
    if word.replace(".", "").isdecimal():
        return Version(word)
    since = [policy.name for policy in _auditwheel() if word in policy.symbol_versions.get("GLIBC", ())]
    return min((Version(policy.glibc) for policy in known() if policy.name in since), default=None)


def _several(linkages: Linkage | Iterable[Linkage]) -> Iterable[Linkage]:
    return [linkages] if isinstance(linkages, Linkage) else linkages
