"""What the libraries that every Linux system brings export: the names of their symbols.

The table is made by ``python -m tools.exports`` from Debian's packages, and holds all architectures together. Other
systems leave names out, and nothing here tells which version of a library has a name first: use it to say that nobody
gives a symbol, not that a system has it.
"""

import functools
from collections.abc import Collection, Mapping
from importlib import resources

__all__ = ["TABLE", "system_exports", "written"]

TABLE = "exports.txt"  # beside this module


@functools.cache
def system_exports(libc: str) -> Mapping[str, frozenset[str]]:
    """Return what each library exports, by its name, for ``"glibc"`` or ``"musl"``.

    The loader of glibc, which has another name on each architecture, is ``"ld.so"`` here, and musl is ``"libc.so"``.
    """
    found: dict[str, frozenset[str]] = {}
    # Each library is a block: its C library and its name, and a symbol on each further line.
    for block in resources.files(__package__).joinpath(TABLE).read_text("ascii").split("\n\n")[1:]:
        head, *symbols = block.split()
        own, _, name = head.partition("/")
        if own == libc:
            found[name] = frozenset(symbols)
    return found


def written(found: Mapping[tuple[str, str], Collection[str]], source: str) -> str:
    """Write the table of ``(C library, library): symbols``; `source` says where they were read."""
    blocks = [f"# What the libraries of a Linux system export, by tools/exports.py from {source}"]
    blocks += ["\n".join([f"{libc}/{name}", *sorted(symbols)]) for (libc, name), symbols in sorted(found.items())]
    return "\n\n".join(blocks) + "\n"
