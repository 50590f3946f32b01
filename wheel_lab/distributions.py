"""Linux distributions and the C library that each one has: ``distributions.toml``, each row with its source."""

import functools
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from packaging.version import Version

__all__ = ["Distribution", "known"]

DISTRIBUTIONS = Path(__file__).with_name("distributions.toml")


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
        return self.libc == "glibc" and Version(self.version) >= Version(glibc)

    def __str__(self) -> str:
        support = f"support {'ended' if self.ended else 'until'} {self.end_of_life:%Y-%m}"
        return f"{self.name + ' ' + self.release:<20} {self.libc} {self.version:<6} {support}"


@functools.cache
def known() -> tuple[Distribution, ...]:
    """Return the distributions of ``distributions.toml``, the oldest glibc first, those with musl last."""
    table = tomllib.loads(DISTRIBUTIONS.read_text(encoding="utf-8"))
    found = [Distribution(**row, ended=row["end_of_life"] < table["as_of"]) for row in table["distribution"]]
    return tuple(sorted(found, key=lambda one: (one.libc, Version(one.version), one.end_of_life)))
