"""Objects and threads that change a vector while it is read."""

import contextlib
import os
import subprocess
import sys
import sysconfig
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from example_pkg import ddot


def test_an_error_in_foreign_code_comes_through():
    class Broken:
        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("no array today")

    with pytest.raises(RuntimeError, match="no array today"):
        ddot([1.0], Broken())
    with pytest.raises(RuntimeError, match="no array today"):
        ddot([1.0, Broken()], [1.0, 2.0])


def test_an_array_that_shrinks_while_the_other_one_is_read():
    class Vandal:
        def __array__(self, dtype=None, copy=None):
            x.resize(1, refcheck=False)
            return np.ones(1000)

    x = np.ones(1000)
    with pytest.raises(ValueError, match="x has length 1 and y has length 1000"):
        ddot(x, Vandal())


def test_an_array_that_changes_its_type_while_the_other_one_is_read():
    class Vandal:
        def __array__(self, dtype=None, copy=None):
            x.__setstate__((1, (4,), np.dtype(np.int8), False, b"abcd"))
            return np.ones(4)

    x = np.ones(4)
    with pytest.raises(ValueError, match="x was changed while y was converted"):
        ddot(x, Vandal())


def vandal(kind, ran):
    """Make a number of this kind whose own code, if anything asks it for its value, empties the list that holds it."""

    def strike(self):
        ran.append(self)
        for vector in list(self.inside):
            vector.clear()
        return 1.0

    number = type("Vandal", (kind,), {"__float__": strike, "__index__": strike, "__int__": strike, "inside": ()})
    return number()


@pytest.mark.parametrize("make", [list, tuple, lambda v: np.array(v, dtype=object)])
def test_objects_are_refused_before_their_code_runs(make):
    ran = []
    x = make([vandal(object, ran), 1.0, 2.0])
    x[0].inside = [x] if isinstance(x, list) else []
    with pytest.raises(TypeError, match="must hold floats, ints or bools, not object"):
        ddot(x, [1.0, 2.0, 3.0])
    with pytest.raises(TypeError, match="must hold floats, ints or bools, not object"):
        ddot(np.ones(3), x)
    assert (len(x), ran) == (3, [])


@pytest.mark.parametrize("kind", [int, float])
def test_numbers_are_read_without_running_their_code(kind):
    ran = []
    x = [1.0, vandal(kind, ran), *[2.0] * 1000]
    x[1].inside = [x]
    assert ddot(x, x) == 4001.0  # the value of the vandal is 0, whatever its code says
    assert (len(x), ran) == (1002, [])


# Threads


def test_many_threads_at_once():
    vectors = [np.arange(n, dtype=float) % 11 - 5 for n in (1, 10, 999, 9_999, 10_001, 50_000)] * 8
    wanted = [int(v.astype(int) @ v[::-1].astype(int)) for v in vectors]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            assert list(pool.map(lambda v: ddot(v, v[::-1]), vectors)) == wanted


def test_a_list_that_other_threads_change_meanwhile():
    x, done = [1.0] * 1000, threading.Event()

    def change():
        while not done.is_set():
            x.extend([1.0] * 1000)
            del x[1000:]
            x[:] = [float(i) for i in [1] * 1000]

    with ThreadPoolExecutor(4) as pool:
        changes = [pool.submit(change) for _ in range(2)]
        try:
            for _ in range(2000):
                with contextlib.suppress(ValueError):  # x was of two lengths
                    assert ddot(x, x) % 1000 == 0
        finally:
            done.set()
    assert [one.result() for one in changes] == [None, None]


@pytest.mark.skipif(not sysconfig.get_config_var("Py_GIL_DISABLED"), reason="this Python has no way without a GIL")
def test_importing_it_does_not_bring_the_gil_back():
    alone = [sys.executable, "-c", "import sys, numpy, example_pkg; sys.exit(sys._is_gil_enabled())"]
    assert subprocess.run(alone, env=os.environ | {"PYTHON_GIL": ""}).returncode == 0
