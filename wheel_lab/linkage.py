"""What a compiled file asks of the system: libraries, search paths, versioned symbols, and the floor they set.

ELF is read with `pyelftools`; the manylinux policies (PEP 600) are those that `auditwheel` carries; which distribution
has which C library stands in ``distributions.toml``, each row with its source.
"""

import functools
import io
import tomllib
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from auditwheel.architecture import Architecture
from auditwheel.libc import Libc
from auditwheel.policy import WheelPolicies
from elftools.common.exceptions import ELFError
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection, GNUVerSymSection
from elftools.elf.sections import SymbolTableSection

DISTRIBUTIONS = Path(__file__).with_name("distributions.toml")
LINUX = "linux_x86_64"


# --- one file --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Need:
    """Symbols that are asked of one library in one version: ``libc.so.6``, ``GLIBC_2.14``, ``("memcpy",)``.

    `symbols` is empty where the version alone is asked for, as with ``GLIBC_ABI_DT_RELR``.
    """

    library: str
    version: str
    symbols: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.version:<18} {self.library:<18} {', '.join(self.symbols) or 'the version alone'}"


@dataclass(frozen=True)
class Linkage:
    """What one ELF file asks for.

    Attributes
    ----------
    file
        Its path: in the wheel where it came from one, else as it was given.
    soname
        The name it wants to be known by; None for most extension modules.
    needed
        The libraries that must be loaded with it, in order (DT_NEEDED).
    rpath, runpath
        Where they are looked for before (rpath) or after (runpath) ``LD_LIBRARY_PATH``.
    needs
        The versioned symbols, by library and version, the oldest version first.
    """

    file: str
    soname: str | None
    needed: tuple[str, ...]
    rpath: tuple[str, ...]
    runpath: tuple[str, ...]
    needs: tuple[Need, ...]

    def __str__(self) -> str:
        rows = [("SONAME", self.soname), ("NEEDED", ", ".join(self.needed))]
        rows += [("RPATH", ":".join(self.rpath)), ("RUNPATH", ":".join(self.runpath))]
        return "\n".join([self.file, *(f"  {name:<8} {value or 'none'}" for name, value in rows)])


def read(path: str | Path) -> Linkage:
    """Read one ELF file.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        It is not an ELF file, or it is one that is not linked dynamically.
    """
    with open(path, "rb") as stream:
        return _read(stream, str(path))


def of_wheel(path: str | Path) -> tuple[Linkage, ...]:
    """Read every ELF file in a wheel without unpacking it, in the archive's order; no ELF file, an empty tuple.

    Raises
    ------
    ValueError
        The file is not a zip archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if _starts_like_elf(archive, name)]
            return tuple(_read(io.BytesIO(archive.read(name)), name) for name in names)
    except zipfile.BadZipFile:
        raise ValueError(f"not a wheel: {Path(path).name} is not a zip archive") from None


def _starts_like_elf(archive: zipfile.ZipFile, name: str) -> bool:
    with archive.open(name) as stream:
        return stream.read(4) == b"\x7fELF"


def _read(stream: BinaryIO, name: str) -> Linkage:
    try:
        elf = ELFFile(stream)
    except ELFError:
        raise ValueError(f"{name} is not an ELF file") from None
    dynamic = elf.get_section_by_name(".dynamic")
    if not isinstance(dynamic, DynamicSection):
        raise ValueError(f"{name} is an ELF file, but not one that the loader links: it has no .dynamic section")
    found: dict[str, list[str]] = defaultdict(list)
    for tag in dynamic.iter_tags():
        for kind in ("needed", "soname", "rpath", "runpath"):
            if tag.entry.d_tag == f"DT_{kind.upper()}":
                found[kind].append(getattr(tag, kind))
    return Linkage(
        file=name,
        soname=next(iter(found["soname"]), None),
        needed=tuple(found["needed"]),
        rpath=tuple(folder for path in found["rpath"] for folder in path.split(":")),
        runpath=tuple(folder for path in found["runpath"] for folder in path.split(":")),
        needs=_needs(elf),
    )


def _needs(elf: ELFFile) -> tuple[Need, ...]:
    """Join three tables: the versions asked for, the version's index for each symbol, and the symbols' names."""
    sections = (".gnu.version_r", ".gnu.version", ".dynsym")
    versions, numbers, symbols = map(elf.get_section_by_name, sections)
    if not isinstance(versions, GNUVerNeedSection):
        return ()
    asked = {
        version["vna_other"]: (library.name, version.name)
        for library, own in versions.iter_versions()
        for version in own
    }
    names: dict[int | str, set[str]] = defaultdict(set)
    if isinstance(numbers, GNUVerSymSection) and isinstance(symbols, SymbolTableSection):
        for number, symbol in zip(numbers.iter_symbols(), symbols.iter_symbols(), strict=True):
            names[number["ndx"]].add(symbol.name)
    needs = (Need(*asked[index], tuple(sorted(names[index]))) for index in asked)
    return tuple(sorted(needs, key=lambda need: (need.library, _key(need.version))))


def _key(version: str) -> tuple:
    """Sort ``GLIBC_2.9`` before ``GLIBC_2.10``, and a version that is no number after those that are."""
    family, _, number = version.partition("_")
    words = number.split(".")
    numeric = all(map(str.isdecimal, words))
    return (family, not numeric, _numbers(number) if numeric else (), number)


# --- policies --------------------------------------------------------------------------------------------------------


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
def policies() -> tuple[Policy, ...]:
    """Return the policies that auditwheel knows for glibc on x86-64, the oldest glibc first."""
    known = [
        Policy(
            name=policy.name,
            aliases=policy.aliases,
            glibc=".".join(policy.name.split("_")[1:3]),
            priority=policy.priority,
            newest={
                family: max(versions, key=lambda version, family=family: _key(f"{family}_{version}"))
                for family, versions in _numbered(policy.symbol_versions).items()
            },
        )
        for policy in _auditwheel()
        if policy.name != LINUX
    ]
    return tuple(sorted(known, key=lambda policy: _numbers(policy.glibc)))


def _numbered(symbol_versions: dict[str, frozenset[str]]) -> dict[str, list[str]]:
    """Leave out what is no number (``ABI_DT_RELR``), and a family that has none at all."""
    kept = {
        family: [version for version in versions if version.replace(".", "").isdecimal()]
        for family, versions in sorted(symbol_versions.items())
    }
    return {family: versions for family, versions in kept.items() if versions}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


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
    return next((policy.name for policy in policies() if _numbers(policy.glibc) >= _numbers(version)), LINUX)


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
    asked: dict[tuple[int, ...], list[tuple[str, Need]]] = defaultdict(list)
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
    return Floor(".".join(map(str, newest)), tuple(asked[newest]), tuple(private))


def _release(word: str) -> tuple[int, ...] | None:
    """Return the glibc release behind a version, also behind a feature (``ABI_DT_RELR``) that came with a release."""
    if word.replace(".", "").isdecimal():
        return _numbers(word)
    since = [policy.name for policy in _auditwheel() if word in policy.symbol_versions.get("GLIBC", ())]
    return min((_numbers(policy.glibc) for policy in policies() if policy.name in since), default=None)


def _several(linkages: Linkage | Iterable[Linkage]) -> Iterable[Linkage]:
    return [linkages] if isinstance(linkages, Linkage) else linkages


# --- distributions ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Distribution:
    """A release of a Linux distribution; `libc` is glibc or musl, `version` the C library's.

    `end_of_life` is the last day of standard support; `ended` compares it with the day that ``distributions.toml``
    names, not with today.
    """

    name: str
    release: str
    libc: str
    version: str
    end_of_life: date
    ended: bool
    source: str

    def runs(self, glibc: str) -> bool:
        """Tell whether a file with that glibc floor can be loaded here. A musl system has no glibc at all."""
        return self.libc == "glibc" and _numbers(self.version) >= _numbers(glibc)

    def __str__(self) -> str:
        support = f"support {'ended' if self.ended else 'until'} {self.end_of_life:%Y-%m}"
        return f"{self.name + ' ' + self.release:<20} {self.libc} {self.version:<6} {support}"


@functools.cache
def distributions() -> tuple[Distribution, ...]:
    """Return the distributions of ``distributions.toml``, the oldest glibc first, those with musl last."""
    table = tomllib.loads(DISTRIBUTIONS.read_text(encoding="utf-8"))
    known = [Distribution(**row, ended=row["end_of_life"] < table["as_of"]) for row in table["distribution"]]
    return tuple(sorted(known, key=lambda one: (one.libc, _numbers(one.version), one.end_of_life)))
