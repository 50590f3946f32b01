"""auditwheel's policies as data: manylinux (PEP 600) and musllinux (PEP 656), for each architecture."""

import functools
import json
from dataclasses import dataclass, field
from importlib import resources

from auditwheel.architecture import Architecture
from auditwheel.libc import Libc
from auditwheel.policy import WheelPolicies
from packaging.version import Version

__all__ = ["Policy", "auditwheels", "known"]

LIBCS = {"glibc": (Libc.GLIBC, "manylinux"), "musl": (Libc.MUSL, "musllinux")}


@dataclass(frozen=True)
class Policy:
    """One policy for one architecture: manylinux for glibc, musllinux for musl.

    Attributes
    ----------
    name, aliases
        ``manylinux_2_17_x86_64``, and older names for the same: ``manylinux2014_x86_64``.
    libc, version
        The C library that a system must have, and its version at least: ``"glibc"``, ``"2.17"``.
    architecture
        ``"x86_64"``, ``"aarch64"``, …
    priority
        auditwheel's order: the higher, the more systems.
    newest
        The newest symbol version allowed of each family: ``{"GLIBC": "2.17", "GLIBCXX": "3.4.19", …}``. Empty for musl,
        which has no symbol versions.
    libraries
        The libraries that a system brings, so that a wheel need not carry them.
    allowed
        All versions allowed of each family, what is no number among them: ``{"GLIBC": {"2.17", …}, …}``.
    internal
        The symbols of a library that it has for itself, so that another build of it may lack them.
    """

    name: str
    aliases: tuple[str, ...]
    libc: str
    version: str
    architecture: str
    priority: int
    newest: dict[str, str]
    libraries: frozenset[str] = field(repr=False)
    allowed: dict[str, frozenset[str]] = field(repr=False)
    internal: dict[str, frozenset[str]] = field(repr=False)

    @property
    def glibc(self) -> str:
        """The glibc version; only a manylinux policy has one."""
        if self.libc != "glibc":
            raise AttributeError(f"{self.name} is a policy for {self.libc}")
        return self.version

    def __str__(self) -> str:
        newest = f" GLIBCXX {self.newest['GLIBCXX']:<8}" if "GLIBCXX" in self.newest else ""
        return f"{self.name:<24} {self.libc} {self.version:<6}{newest} {', '.join(self.aliases)}".rstrip()


def known(architecture: str = "x86_64", libc: str = "glibc") -> tuple[Policy, ...]:
    """Return the policies that auditwheel knows for an architecture and a C library, the oldest version first.

    Raises
    ------
    ValueError
        auditwheel has no policy for this architecture, or `libc` is neither ``"glibc"`` nor ``"musl"``.
    """
    return _known(architecture, libc)


@functools.cache
def _known(architecture: str, libc: str) -> tuple[Policy, ...]:
    found = [
        Policy(
            name=policy.name,
            aliases=policy.aliases,
            libc=libc,
            version=".".join(policy.name.split("_")[1:3]),
            architecture=architecture,
            priority=policy.priority,
            newest={
                # 14.0 and 14.0.0 are equal, and a set has no order: the longer word of the two, always.
                family: max(versions, key=lambda version: (Version(version), version))
                for family, versions in _numbered(policy.symbol_versions).items()
            },
            libraries=policy.whitelist,
            allowed=policy.symbol_versions,
            internal=policy.blacklist,
        )
        for policies in auditwheels(architecture, libc)
        for policy in policies
        if policy.priority > 0
    ]
    if not found:
        raise ValueError(f"auditwheel has no policy for {libc} on {architecture}")
    return tuple(sorted(found, key=lambda policy: Version(policy.version)))


@functools.cache
def auditwheels(architecture: str, libc: str) -> tuple[WheelPolicies, ...]:
    """Return auditwheel's own objects: one for glibc, one for each version of musl, which is how it keeps them."""
    names = [one.value for one in Architecture if one.baseline == one]
    if architecture not in names:
        raise ValueError(f"auditwheel has no policy for {architecture}: it knows {', '.join(sorted(names))}")
    if libc not in LIBCS:
        raise ValueError(f"{libc!r} is no C library of Linux wheels: glibc or musl")
    kind, prefix = LIBCS[libc]
    machine = Architecture(architecture)
    if kind == Libc.GLIBC:
        return (WheelPolicies(libc=kind, arch=machine),)
    # Without a name, auditwheel would run the C library of this machine to ask its version.
    table = json.loads(resources.files("auditwheel.policy").joinpath(f"{prefix}-policy.json").read_text("utf-8"))
    own = [policy["name"] for policy in table if architecture in policy["symbol_versions"]]
    return tuple(WheelPolicies(libc=kind, arch=machine, musl_policy=name) for name in own)


def _numbered(symbol_versions: dict[str, frozenset[str]]) -> dict[str, list[str]]:
    """Leave out what is no number (``ABI_DT_RELR``), and a family that has none at all."""
    kept = {
        family: [version for version in versions if version.replace(".", "").isdecimal()]
        for family, versions in sorted(symbol_versions.items())
    }
    return {family: versions for family, versions in kept.items() if versions}
