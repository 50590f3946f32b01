"""Rules P201 to P217: what a Linux tag claims, held against what the ELF files ask of a system.

A set of tags promises all of them, so the strictest counts. What the files do not show: with musl, the version that
they need, since its symbols have none; and which libraries another wheel, loaded first, leaves in memory. A program
that is linked with no library asks nothing of a system, and its processor is not looked at.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from wheel_lab.binaries.elf import Linkage, Need, version_key
from wheel_lab.doctor.claims import Claim
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.findings import Finding, found, found_in
from wheel_lab.doctor.promise.place import at_home
from wheel_lab.doctor.promise.rules import IMAGE
from wheel_lab.justified import carried_by, is_expected, is_loader, tag_by_contents, used_of
from wheel_lab.members import shown
from wheel_lab.policies import Policy, known, release_of, tag_by_symbols

__all__ = ["find_in_linux"]

NAMED, LENGTH = 3, 60  # symbols that a sentence names, and characters of each: C++ has names of hundreds
Case = Mapping[str, str]


@dataclass(frozen=True)
class _Bench:
    """What the rules share about one wheel: the claims, the files that are for them, and the names that it carries."""

    claims: tuple[Claim, ...]
    files: tuple[Linkage, ...]
    carried: frozenset[str]
    justified: str  # the tag by all that the files hold, and by the versions of their symbols; "" when there is none
    symbols: str


def find_in_linux(contents: Contents, claims: tuple[Claim, ...]) -> Iterator[Finding]:
    """Find what breaks the promise of the Linux tags among `claims`.

    Raises
    ------
    WheelError
        A limit is reached.
    """
    linux = tuple(claim for claim in claims if claim.system == "linux")
    if not linux:
        return
    files = yield from at_home(contents, linux)
    members = [member.name for member in contents.source.members]
    justified = symbols = ""
    if any(one.architecture is not None for one in files):
        # For several processors, or for both C libraries, there is no one tag.
        with contextlib.suppress(ValueError):
            justified, symbols = tag_by_contents(files, members), tag_by_symbols(files)
    symbols = "" if symbols.startswith("linux_") else symbols
    bench = _Bench(linux, files, carried_by(files, members), justified, symbols)
    yield from found_in("P201", _versions(bench, "glibc"), file=contents.file)
    yield from found_in("P202", _versions(bench, "others"), file=contents.file)
    yield from found_in("P203", _private(bench))
    yield from found_in("P204", _outside(bench), file=contents.file)
    yield from found_in("P205", _internal(bench))
    for claim in linux:
        if claim.libc is None and justified and not justified.startswith("linux_"):
            yield found("P215", subject=claim.tag, justified=justified, file=contents.file)
        policies = _policies(claim) if claim.libc == "musl" and any(one.libc == "musl" for one in files) else ()
        if policies and (claim.version or ()) < _numbers(policies[-1].version):
            yield found("P217", subject=claim.tag, promised=claim.spoken, newest=policies[-1].version)


def _strictest(bench: _Bench, one: Linkage) -> Claim | None:
    """Return the claim about glibc that asks the least of a system, for a file's processor."""
    own = [claim for claim in bench.claims if claim.libc == "glibc" and claim.architecture == one.architecture]
    return min(own, key=lambda claim: claim.version or (), default=None)


def _policies(claim: Claim) -> tuple[Policy, ...]:
    """Return auditwheel's policies for a claim's processor, the oldest first; none for one that it does not know."""
    try:
        return known(claim.architecture or "", claim.libc or "glibc")
    except ValueError:
        return ()


def _policy(claim: Claim) -> Policy | None:
    """Return the policy of a tag; of one between two policies, the newer, which accuses nobody wrongly."""
    later = (policy for policy in _policies(claim) if _numbers(policy.version) >= (claim.version or ()))
    return next(later, None)


def _asked(bench: _Bench) -> Iterator[tuple[Linkage, Claim, Need]]:
    """Go through what is asked of glibc systems. A library that the wheel carries keeps its own promises."""
    for one in bench.files:
        claim = _strictest(bench, one)
        if claim is not None and one.libc != "musl":
            yield from ((one, claim, need) for need in one.needs if need.library not in bench.carried)


def _versions(bench: _Bench, which: str) -> Iterator[Case]:
    """Collect, for each file and library, the versions that are newer than the tag allows."""
    late: dict[tuple[str, str], tuple[Claim, list[Need]]] = {}
    for one, claim, need in _asked(bench):
        family, _, word = need.version.partition("_")
        if is_loader(need.library) or (family == "GLIBC") != (which == "glibc"):
            continue
        if family == "GLIBC":
            release = release_of(word, claim.architecture or "x86_64")
            new = release is not None and release.release > (claim.version or ())
        else:
            policy = _policy(claim)
            new = policy is not None and family in policy.allowed and word not in policy.allowed[family]
        if new:
            late.setdefault((one.file, need.library), (claim, []))[1].append(need)
    for (file, library), (claim, needs) in late.items():
        needs.sort(key=lambda need: version_key(need.version), reverse=True)
        newest = needs[0]
        policy = _policy(claim)
        family = newest.version.partition("_")[0]
        limit = policy.newest.get(family) if policy is not None else None
        others = f"{family}_{limit}" if limit else f"{library} without such versions"
        yield {
            "member": file,
            "library": library,
            "subject": f"{newest.symbols[0]}@{newest.version}" if newest.symbols else newest.version,
            "asked": _spoken(needs),
            "version": newest.version,
            "tag": claim.tag,
            "promised": claim.spoken if which == "glibc" else others,
            "justified": bench.symbols,
            **({} if bench.symbols else {"fix": IMAGE}),
        }


def _spoken(needs: list[Need]) -> str:
    """Put the newest symbols into words: ``"pthread_once (GLIBC_2.34), memfd_create (GLIBC_2.27) and 7 more"``."""
    pairs = [(symbol, need.version) for need in needs for symbol in need.symbols or ("the version itself",)]
    words = ", ".join(f"{shown(symbol, LENGTH)} ({version})" for symbol, version in pairs[:NAMED])
    return words + (f" and {len(pairs) - NAMED:,} more" if len(pairs) > NAMED else "")


def _private(bench: _Bench) -> Iterator[Case]:
    for one, claim, need in _asked(bench):
        family, _, word = need.version.partition("_")
        unknown = family == "GLIBC" and release_of(word, claim.architecture or "x86_64") is None
        if unknown and not is_loader(need.library):
            subject = f"{need.symbols[0]}@{need.version}" if need.symbols else need.version
            yield {"member": one.file, "library": need.library, "subject": subject, "asked": _spoken([need])}


def _outside(bench: _Bench) -> Iterator[Case]:
    """Name the libraries that are neither carried nor expected on each system that a tag is for, as one finding."""
    lacking: dict[str, tuple[Linkage, Claim]] = {}
    for one in bench.files:
        for claim in bench.claims:
            policy = _policy(claim) if claim.libc is not None else None
            if policy is None or claim.architecture != one.architecture or one.libc not in (None, claim.libc):
                continue
            for library in one.needed:
                if library not in bench.carried and not is_expected(library, policy):
                    lacking.setdefault(library, (one, claim))
    if lacking:
        one, claim = next(iter(lacking.values()))
        names = list(lacking)
        words = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED:,} more" if len(names) > NAMED else "")
        justified = bench.justified or f"linux_{claim.architecture}"
        yield {"member": one.file, "subject": names[0], "named": words, "tag": claim.tag, "justified": justified}


def _internal(bench: _Bench) -> Iterator[Case]:
    """Name the symbols that a library has for itself, in some of its builds."""
    for one in bench.files:
        claim = _strictest(bench, one)
        policy = _policy(claim) if claim is not None else None
        if claim is None or policy is None or one.libc == "musl":
            continue
        for library, symbols in policy.internal.items():
            if library in one.needed and library not in bench.carried:
                for symbol in sorted(used_of(one) & symbols):
                    yield {"member": one.file, "subject": symbol, "library": library, "tag": claim.tag}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
