"""Vectors that take long: other threads run meanwhile, and lengths and steps beyond a 32-bit integer."""

import mmap
import threading
import time

import numpy as np
import pytest
from example_pkg import ddot

pytestmark = pytest.mark.long_vectors


def test_other_threads_run_during_a_long_sum():
    ticks, done = [], threading.Event()

    def tick():
        while not done.wait(0.001):
            ticks.append(None)

    x = np.broadcast_to(1.0, 400_000_000)  # a third of a second
    thread = threading.Thread(target=tick)
    thread.start()
    while not ticks:
        time.sleep(0.001)
    before = len(ticks)
    assert ddot(x, x) == 400_000_000
    during = len(ticks) - before
    done.set()
    thread.join()
    assert during > 20


# Beyond what a 32-bit integer counts


def test_a_broadcast_vector_longer_than_an_int():
    n = 2**31 + 5
    x = np.broadcast_to(1.0, n)
    assert ddot(x, x) == n


@pytest.fixture(scope="module")
def long_vector():
    """16 GiB of zeros that take up no memory: pages that were never written are all the same page."""
    n = 2**31 + 5
    no_reserve = 0x4000  # mmap.MAP_NORESERVE: Python has a name for it from 3.13 on
    pages = mmap.mmap(-1, 8 * n, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | no_reserve)
    x = np.frombuffer(pages)
    # Ones where a wrong count or a wrong start would miss them: both ends, and both sides of 2**31 - 1.
    x[[0, 1, 2**31 - 2, 2**31 - 1, 2**31, n - 1]] = [1, 2, 4, 8, 16, 32]
    return x


def test_a_vector_longer_than_an_int(long_vector):
    want = 1 + 4 + 16 + 64 + 256 + 1024
    assert ddot(long_vector, long_vector) == want
    assert ddot(long_vector[::-1], long_vector[::-1]) == want
    ones = np.broadcast_to(1.0, long_vector.size)
    assert ddot(long_vector, ones) == 63


def test_a_step_longer_than_an_int(long_vector):
    far = long_vector[:: 2**31 + 4]
    assert far.tolist() == [1.0, 32.0]
    assert ddot(far, [1, 1]) == 33
    assert ddot(far[::-1], [1, 2]) == 34
