"""The levels of the memory: the caches that the kernel lists, and the best speed in each."""

from pathlib import Path

import pytest

from wheel_lab import memory
from wheel_lab.memory import Cache, Ceiling

CACHES = (Cache("L1", 32 << 10), Cache("L2", 1 << 20))  # full at 2,048 and at 65,536


def times(speeds: dict[int, float]) -> dict[int, float]:
    """Return the seconds of reading at these lengths with these GB/s."""
    return {n: 16e-9 * n / speed for n, speed in speeds.items()}


def test_each_level_has_its_best_speed_and_what_is_beyond_that_of_the_longest():
    reading = times({10: 5, 2048: 200, 2049: 90, 65_536: 80, 65_537: 40, 10**7: 20})
    found = memory.ceilings(reading, CACHES)
    assert [round(one.speed / 1e9, 9) for one in found] == [200, 90, 20]
    assert [(one.name, one.size, one.first, one.last) for one in found] == [
        ("L1", 32 << 10, 1, 2048),
        ("L2", 1 << 20, 2049, 65_536),
        ("beyond L2", None, 65_537, None),
    ]


def test_a_level_that_was_not_measured_is_left_out():
    assert [one.name for one in memory.ceilings(times({10: 5, 10**7: 20}), CACHES)] == ["L1", "beyond L2"]
    # vectors that all fit say nothing about what is beyond
    assert memory.ceilings(times({65_536: 80}), CACHES) == (Ceiling("L2", 1 << 20, 2049, 65_536, pytest.approx(80e9)),)
    assert memory.ceilings({}, CACHES) == ()


def test_without_known_caches_there_are_no_levels():
    assert memory.ceilings(times({10: 5, 10**7: 20}), ()) == ()


def cache(cpu: Path, index: int, **files: str) -> None:
    """Lay out one cache as the kernel does under ``/sys``."""
    folder = cpu / "cache" / f"index{index}"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text + "\n")


def test_caches_are_those_that_hold_data_the_smallest_first(tmp_path):
    cache(tmp_path, 3, level="3", type="Unified", size="32768K")
    cache(tmp_path, 0, level="1", type="Data", size="48K")
    cache(tmp_path, 1, level="1", type="Instruction", size="32K")
    cache(tmp_path, 2, level="2", type="Unified", size="1280K")
    assert [str(one) for one in memory.caches(tmp_path)] == ["L1 48 KiB", "L2 1.25 MiB", "L3 32 MiB"]
    assert memory.caches(tmp_path)[0] == Cache("L1", 49_152)


def test_caches_that_the_system_does_not_tell_are_left_out(tmp_path):
    assert memory.caches(tmp_path) == ()
    cache(tmp_path, 0, level="1", type="Data")  # some virtual machines have the folder, and no size in it
    cache(tmp_path, 1, level="2", type="Unified", size="")
    assert memory.caches(tmp_path) == ()


def test_this_machines_caches_grow():
    sizes = [one.size for one in memory.caches()]
    assert sizes == sorted(sizes)
    assert all(size >= 1024 for size in sizes)
