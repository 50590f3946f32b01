"""The floor and the platform tag that follow from what files ask for, by auditwheel's policies."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from packaging.version import Version

from wheel_lab.binaries.elf import Linkage, Need
from wheel_lab.policytable import Policy, auditwheels, known

__all__ = ["Floor", "Policy", "floor", "known", "release_of", "tag_by_symbols", "tag_for"]


def tag_for(version: str, architecture: str = "x86_64") -> str:
    """Return the platform tag for a glibc floor: the first policy that allows it.

    Newer than every policy that auditwheel knows gives ``linux_x86_64``, or that of another `architecture`.

    Raises
    ------
    ValueError
        `version` is not like ``"2.17"``, or auditwheel does not know the architecture.
    """
    if not all(map(str.isdecimal, version.split("."))):
        raise ValueError(f"{version!r} is not a glibc version, such as '2.17'")
    allowing = (policy.name for policy in known(architecture) if Version(policy.version) >= Version(version))
    return next(allowing, f"linux_{architecture}")


def tag_by_symbols(linkages: Linkage | Iterable[Linkage]) -> str:
    """Return the platform tag that auditwheel gives to the versioned symbols, libstdc++'s and libgcc's among them.

    It looks at nothing else: a library that is not there plays no part. Files for a processor that auditwheel does not
    know, such as a graphics card's, are left out, as auditwheel leaves them out. musl gives its symbols no versions, so
    nothing in a file tells which musl it needs: the tag is that of the newest policy, which promises the least.

    Raises
    ------
    ValueError
        The files are for more than one architecture or for both C libraries, or there is none to judge by.
    """
    files = list(_several(linkages))
    architecture = _architecture(files)
    if architecture is None:
        raise ValueError("no file is for an architecture that auditwheel knows, so no tag follows")
    libcs = {one.libc: one.file for one in files if one.architecture == architecture and one.libc is not None}
    if len(libcs) > 1:
        raise ValueError(f"{libcs['glibc']} is linked with glibc and {libcs['musl']} with musl: no tag covers both")
    if "musl" in libcs:
        return known(architecture, "musl")[-1].name
    asked: dict[str, set[str]] = defaultdict(set)
    for linkage in files:
        if linkage.architecture == architecture:
            for need in linkage.needs:
                # As auditwheel does: the loader comes with glibc, and its versions say nothing more than libc's.
                if not need.library.startswith(("ld-linux", "ld64.so.")):
                    asked[need.library].add(need.version)
    (policies,) = auditwheels(architecture, "glibc")
    name: str = policies.versioned_symbols_policy(dict(asked)).name
    return name


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
    architecture
        The processor; None when auditwheel does not know it.
    """

    version: str | None
    reasons: tuple[tuple[str, Need], ...]
    private: tuple[tuple[str, Need], ...]
    architecture: str | None

    @property
    def tag(self) -> str | None:
        """The platform tag that the floor allows; None when nothing is asked of glibc, or the processor is unknown."""
        if self.architecture is None:
            return None
        if self.private:
            return f"linux_{self.architecture}"
        return self.version and tag_for(self.version, self.architecture)

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
    """Find the glibc version that these files need at least, and the symbols that need it.

    Raises
    ------
    ValueError
        The files are for more than one architecture: each has a floor of its own.
    """
    files = list(_several(linkages))
    architecture = _architecture(files)
    asked: dict[Version, list[tuple[str, Need]]] = defaultdict(list)
    private = []
    for linkage in files:
        for need in linkage.needs:
            if need.version.startswith("GLIBC_"):
                version = release_of(need.version.removeprefix("GLIBC_"), architecture or "x86_64")
                if version is None:
                    private.append((linkage.file, need))
                else:
                    asked[version].append((linkage.file, need))
    newest = max(asked, default=None)
    reasons = tuple(asked[newest]) if newest is not None else ()
    return Floor(None if newest is None else str(newest), reasons, tuple(private), architecture)


def release_of(word: str, architecture: str) -> Version | None:
    """Return the glibc release behind a version, also behind a feature (``ABI_DT_RELR``) that came with a release.

    It is None for what no release promises, such as ``PRIVATE``.
    """
    if word.replace(".", "").isdecimal():
        return Version(word)
    (policies,) = auditwheels(architecture, "glibc")
    since = [policy.name for policy in policies if word in policy.symbol_versions.get("GLIBC", ())]
    return min((Version(policy.version) for policy in known(architecture) if policy.name in since), default=None)


def _architecture(files: list[Linkage]) -> str | None:
    """Return the architecture of these files, None when none is known."""
    first = {one.architecture: one.file for one in reversed(files) if one.architecture is not None}
    if len(first) > 1:
        words = ", ".join(f"{file} for {architecture}" for architecture, file in sorted(first.items()))
        raise ValueError(f"one platform tag cannot cover files for different processors: {words}")
    return next(iter(first), None)


def _several(linkages: Linkage | Iterable[Linkage]) -> Iterable[Linkage]:
    return [linkages] if isinstance(linkages, Linkage) else linkages
