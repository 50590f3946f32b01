"""The levels of a machine's memory: its caches, and the speed at which two vectors can be read from each of them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from wheel_lab.timing import PAIR, speed

__all__ = ["Cache", "Ceiling", "caches", "ceilings", "size_text"]


@dataclass(frozen=True)
class Cache:
    """One level of the memory between a processor and the main memory: ``"L1"`` and its size in bytes."""

    name: str
    size: int

    def __str__(self) -> str:
        return f"{self.name} {size_text(self.size)}"


def size_text(size: int) -> str:
    """Write a cache's size as one says it: ``"48 KiB"``, ``"1.25 MiB"``."""
    return f"{size / (1 << 20):g} MiB" if size >= 1 << 20 else f"{size / (1 << 10):g} KiB"


CPU = Path("/sys/devices/system/cpu/cpu0")


def caches(cpu: Path = CPU) -> tuple[Cache, ...]:
    """Return the caches that hold data for the first processor, the smallest first, as the Linux kernel tells them.

    None where it tells nothing, as in some containers. A virtual machine is told what its host chooses to tell it.
    """
    found = []
    for index in cpu.glob("cache/index*"):
        try:
            level, kind, size = ((index / name).read_text().strip() for name in ("level", "type", "size"))
        except OSError:
            continue
        number = re.fullmatch(r"(\d+)([KMG]?)", size)
        if number and kind != "Instruction":
            found.append(Cache(f"L{level}", int(number[1]) << {"": 0, "K": 10, "M": 20, "G": 30}[number[2]]))
    return tuple(sorted(found, key=lambda cache: cache.size))


@dataclass(frozen=True)
class Ceiling:
    """The speed at which two vectors can be read that fit into one level of the memory, and not into the one before.

    `first` and `last` are lengths, both included; `last` is None where the memory has no end. `size` is that of the
    cache in bytes, None beyond the caches. `speed` is in bytes per second.
    """

    name: str
    size: int | None
    first: int
    last: int | None
    speed: float


def ceilings(reading: Mapping[int, float], caches: Iterable[Cache]) -> tuple[Ceiling, ...]:
    """Tell the levels of the memory apart in the times that it took to read both vectors.

    In a cache the highest speed counts, because vectors that just fit share it with others. Beyond the caches it is
    that of the longest vectors, of which the least is left in a cache.

    Parameters
    ----------
    reading
        For each length the seconds of reading two vectors of doubles.
    caches
        As :func:`caches` gives them. With none of them known there are no levels to tell apart.
    """
    found: list[Ceiling] = []
    first, name = 1, ""
    for cache in caches:
        name, last = cache.name, cache.size // PAIR
        inside = [speed(n, seconds) for n, seconds in reading.items() if first <= n <= last]
        if inside:
            found.append(Ceiling(name, cache.size, first, last, max(inside)))
        first = last + 1
    longest = max(reading, default=0)
    if name and longest >= first:
        found.append(Ceiling(f"beyond {name}", None, first, None, speed(longest, reading[longest])))
    return tuple(found)
