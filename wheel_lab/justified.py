"""The platform tag that a wheel's files justify, by all that auditwheel's policies look at.

auditwheel itself looks libraries up on the machine that it runs on, unpacks the wheel, and asks a musl for its version
by running it. Here the same policies are asked about the files alone, so that the answer is the same everywhere.
"""

from collections.abc import Collection, Iterable

from wheel_lab.binaries.elf import Linkage
from wheel_lab.policies import tag_by_symbols
from wheel_lab.policytable import Policy, known

__all__ = ["carried_by", "is_expected", "is_loader", "tag_by_contents", "used_of"]

# musl is one file, and its loader answers to all these names itself (musl's ldso/dynlink.c, read 2026-11-25).
MUSL = tuple(f"lib{name}." for name in ("c", "pthread", "rt", "m", "dl", "util", "xnet"))
# Such a file was built for a Python 2 with other strings, or for one with fpectl: no Linux policy takes it.
FORBIDDEN = ("PyFPE_jbuf", "PyFPE_dummy", "PyFPE_counter")


def tag_by_contents(linkages: Iterable[Linkage], members: Collection[str] = ()) -> str:
    """Return the platform tag that ``auditwheel show`` calls a wheel consistent with.

    Parameters
    ----------
    linkages
        The wheel's ELF files.
    members
        The names of all members: a library among them need not be on the system. That the loader finds it there is
        another question.

    Returns
    -------
    ``"manylinux_2_17_x86_64"``; ``"linux_x86_64"`` when no policy allows what the files need. For musl it is the newest
    policy or none, since nothing in a file tells which musl it needs.

    Raises
    ------
    ValueError
        The files are for more than one architecture or for both C libraries, or there is none to judge by.
    """
    files = [one for one in linkages if one.architecture is not None]
    by_symbols = tag_by_symbols(files)
    architecture = files[0].architecture or ""
    libc = "musl" if by_symbols.startswith("musllinux") else "glibc"
    policies = known(architecture, libc)
    names = [policy.name for policy in policies]
    generic = f"linux_{architecture}"
    if by_symbols not in names or any(one.isa is not None or _is_forbidden(one) for one in files):
        return generic
    carried = carried_by(files, members)
    for policy in policies[names.index(by_symbols) :]:
        outside = {
            library
            for one in files
            for library in one.needed
            if library not in carried and not is_expected(library, policy)
        }
        internal = any(
            not used_of(one).isdisjoint(symbols)
            for one in files
            for library, symbols in policy.internal.items()
            if library in one.needed
        )
        if not outside and not internal:
            return policy.name
    return generic


def carried_by(linkages: Iterable[Linkage], members: Collection[str]) -> frozenset[str]:
    """Return the names under which a wheel's own libraries can be asked for."""
    own = {one.soname for one in linkages if one.soname is not None}
    return frozenset(own.union(member.rpartition("/")[2] for member in members))


def used_of(linkage: Linkage) -> frozenset[str]:
    """Return all symbols that a file cannot do without, with and without a version."""
    return frozenset(linkage.undefined).union(*(need.symbols for need in linkage.needs))


def is_expected(library: str, policy: Policy) -> bool:
    """Tell whether a system that the policy is for has the library."""
    if policy.libc == "musl" and library.startswith(MUSL):
        return True
    return library in policy.libraries or is_loader(library)


def is_loader(library: str) -> bool:
    """Tell the loader, which is always there and is part of no policy."""
    return library.startswith(("ld-linux", "ld64.so."))


def _is_forbidden(linkage: Linkage) -> bool:
    return any(name in FORBIDDEN or name.startswith("PyUnicodeUCS2_") for name in linkage.undefined)
