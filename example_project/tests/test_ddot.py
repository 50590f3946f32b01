"""What ddot promises: the right sum for every layout and type, and a plain error for everything else."""

import array
import contextlib
import datetime
import decimal
import fractions
import inspect
import math
import mmap
import os
import subprocess
import sys
import sysconfig
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from example_pkg import ddot, dot_product
from hypothesis import given
from hypothesis import strategies as st

EPS = sys.float_info.epsilon
TINY = sys.float_info.min * EPS  # the smallest double above zero: what a product may lose by underflow

doubles = st.floats(-1e100, 1e100)
pairs = st.lists(st.tuples(doubles, doubles), max_size=80)
# Small whole numbers: sums of their products are exact in any order, so that equality can be asked for.
whole = st.lists(st.integers(-1000, 1000), max_size=60)


def exact(x, y):
    return sum(int(a) * int(b) for a, b in zip(x, y, strict=True))


def assert_close(result, x, y):
    """A sum of n products, in whatever order, is off by at most n * eps * sum(|x_i * y_i|)."""
    products = [float(a) * float(b) for a, b in zip(x, y, strict=True)]
    bound = len(products) * (EPS * math.fsum(map(abs, products)) + TINY)
    assert abs(result - math.fsum(products)) <= bound


# The sum itself


@given(pairs)
def test_is_as_exact_as_a_sum_of_doubles_can_be(pairs):
    x, y = np.array(pairs, dtype=float).reshape(-1, 2).T
    assert_close(ddot(x, y), x, y)
    assert_close(ddot(x.copy(), y.copy()), x, y)


@given(pairs)
def test_agrees_with_numpy_and_with_plain_python(pairs):
    x, y = [a for a, _ in pairs], [b for _, b in pairs]
    assert_close(np.dot(np.array(x), np.array(y)), x, y)
    assert_close(dot_product(x, y), x, y)
    assert_close(ddot(x, y), x, y)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([1e16, 1.0, -1e16], [1.0, 1.0, 1.0]),  # the large ones cancel
        ([1e200, 1e-200, -1e200], [1e-200, 1e200, 1e-200]),
        ([0.1] * 10, [1.0] * 10),
        ([5e-324, 2.2e-308], [0.5, 0.5]),  # below the smallest normal number
        ([1.0, -1.0] * 500, [1 + EPS] * 1000),
    ],
)
def test_stays_within_the_bound_where_sums_are_hard(x, y):
    assert_close(ddot(x, y), x, y)
    assert_close(ddot(np.array(x)[::-1], np.array(y)[::-1]), x, y)


# Around the widths at which BLAS unrolls its loops, and beyond 10,000, where it starts to use threads and where
# other Python threads may run.
@pytest.mark.parametrize("n", [1, 2, 3, 7, 8, 15, 16, 31, 32, 33, 64, 127, 1000, 9_999, 10_000, 10_001, 30_011])
@pytest.mark.parametrize("step", [1, 2, 3, -1, -2, 0])
def test_is_exact_on_whole_numbers_of_any_length(n, step):
    base = np.arange(n * max(abs(step), 1), dtype=float) % 17 - 8
    x = base[::step] if step else np.broadcast_to(base[:1], n)
    y = np.arange(n, dtype=float) % 13 - 6
    want = int(x.astype(int) @ y.astype(int))
    assert (x.size, x.strides[0]) == (n, 8 * step)
    assert ddot(x, y) == ddot(y, x) == want


def test_empty_gives_zero():
    nothing = np.ones(8)[8:]
    for empty in ([], (), np.array([]), np.array([], dtype=int), array.array("d"), nothing, nothing[::-2]):
        result = ddot(empty, [])
        assert (type(result), result) == (float, 0.0)


@pytest.mark.parametrize(
    ("x", "y", "want"),
    [
        ([math.inf, 1], [1, 1], math.inf),
        ([-math.inf, 1], [1, 1], -math.inf),
        ([math.inf, -math.inf], [1, 1], math.nan),
        ([math.inf], [0], math.nan),
        ([math.nan, 1], [1, 1], math.nan),
        ([1, 2], [0, math.nan], math.nan),
        ([1e200] * 3, [1e200] * 3, math.inf),
    ],
)
@pytest.mark.parametrize("step", [1, 2, -1])
def test_nan_and_infinity_are_as_in_numpy(x, y, want, step):
    x, y = (np.repeat(np.array(v, dtype=float), abs(step))[::step] for v in (x, y))
    with np.errstate(all="ignore"):
        np.testing.assert_equal(np.dot(x, y), want)
    np.testing.assert_equal(ddot(x, y), want)


# Layouts


@given(st.data(), whole, whole)
def test_any_slice_is_read_in_its_own_order(data, first, second):
    x = np.array(first, dtype=float)[data.draw(st.slices(len(first)), label="x")]
    y = np.array(second, dtype=float)[data.draw(st.slices(len(second)), label="y")]
    n = min(x.size, y.size)
    x, y = x[:n], y[:n]
    assert ddot(x, y) == exact(x, y)


@given(whole, st.integers(-1000, 1000))
def test_a_broadcast_vector_has_stride_zero(values, scalar):
    x, y = np.array(values, dtype=float), np.broadcast_to(float(scalar), len(values))
    assert y.strides == (0,)
    assert ddot(x, y) == ddot(y, x) == scalar * sum(values)
    assert ddot(y, y) == scalar * scalar * len(values)


@given(whole.filter(len))
def test_strides_that_are_no_whole_elements(values):
    for layout in ("pad: i1, v: f8", "v: f8, pad: i4", "pad: i4, v: >f8, last: i1"):
        layout = [tuple(field.split(": ")) for field in layout.split(", ")]
        x = np.zeros(len(values), dtype=layout)
        x["v"] = values
        for v in (x["v"], x["v"][::-1]):
            assert v.strides[0] % 8
            assert ddot(v, v) == exact(values, values)
            assert ddot(v, list(v)) == exact(values, values)


@given(whole, st.integers(1, 7))
def test_unaligned(values, offset):
    room = np.zeros(8 * len(values) + 8, dtype=np.uint8)
    offset += -room.ctypes.data % 8
    if offset > 8:
        offset -= 8
    x = room[offset : offset + 8 * len(values)].view(float)
    x[:] = values
    assert ddot(x, values) == ddot(values, x) == ddot(x[::-1], values[::-1]) == exact(values, values)


def test_read_only():
    x = np.arange(5.0)
    x.flags.writeable = False
    assert ddot(x, x) == ddot(x[::-1], x[::-1]) == 30.0
    assert ddot(np.frombuffer(x.tobytes()), x) == 30.0


def test_inputs_are_left_as_they_were():
    x, y = np.arange(6.0)[::-2], np.arange(3)
    ddot(x, y)
    assert (x.tolist(), y.tolist(), y.dtype) == ([5.0, 3.0, 1.0], [0, 1, 2], int)


@pytest.mark.parametrize("step", [1, 2, -1, -3])
def test_float64_arrays_are_not_copied(step):
    x, few = np.ones(300_000)[::step], [1.0] * 10
    ddot(few, few)  # whatever is set up once, is set up now
    tracemalloc.start()
    try:
        ddot(x, x)
        with pytest.raises(ValueError, match="length"):  # not even when the other one has to be converted
            ddot(x, few)
        in_place = tracemalloc.get_traced_memory()[1]
        ddot(x.astype(np.float32), x)
        converted = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert in_place < 20_000
    assert converted > 8 * x.size  # so the measurement would have seen a copy


# Types


@given(st.lists(st.integers(0, 1), max_size=20))
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("kind", ["?", *"bhilq", *"BHILQ", *"efdg"])
def test_every_real_type(kind, order, values):
    x = np.array(values, dtype=np.dtype(kind).newbyteorder(order))
    assert ddot(x, x) == ddot(x[::-1], x[::-1]) == ddot(x, values) == sum(values)


@given(whole)
@pytest.mark.parametrize(
    "make",
    [
        list,
        tuple,
        lambda v: array.array("d", v),
        lambda v: array.array("i", v),
        lambda v: memoryview(array.array("d", v)),
        lambda v: memoryview(array.array("d", v))[::-1][::-1],
        lambda v: np.array(v, dtype=">f8"),
        lambda v: np.array(v, dtype=object),
        lambda v: np.array([fractions.Fraction(i) for i in v], dtype=object),
        lambda v: [decimal.Decimal(i) for i in v],
        lambda v: [np.float32(i) for i in v],
    ],
)
def test_other_vectors(make, values):
    assert ddot(make(values), make(values)) == exact(values, values)
    assert ddot(make(values), np.array(values, dtype=float)) == exact(values, values)


def test_objects_that_offer_an_array():
    class Vector:
        def __array__(self, dtype=None, copy=None):
            return np.array([1.0, 2.0])

    assert ddot(Vector(), Vector()) == ddot(range(1, 3), Vector()) == 5.0


def test_a_type_of_float64_with_a_note_on_it():
    x = np.arange(3.0).astype(np.dtype(float, metadata={"unit": "m"}))
    assert ddot(x, x) == 5.0


def test_lists_of_numbers_of_many_kinds():
    numbers = [-1.0, 2, True, np.float32(0.5), fractions.Fraction(1, 4), decimal.Decimal("0.125"), np.int8(-3)]
    for start in range(len(numbers)):
        some = numbers[start:] + numbers[:start]
        assert ddot(some, [1] * 7) == ddot(tuple(some), [1.0] * 7) == sum(map(float, some))


def test_numbers_too_long_for_an_int64():
    assert ddot([10**30, 1], [1, 2]) == 1e30
    for values in ([10**400], [1.0, 10**400], [decimal.Decimal(1), 10**400]):
        with pytest.raises(OverflowError):
            ddot(values, [1.0] * len(values))


def test_subclasses_of_ndarray_count_as_arrays():
    class Named(np.ndarray):
        pass

    assert ddot(np.arange(3.0).view(Named), np.arange(3).view(Named)) == 5.0


def test_arguments_have_names():
    assert ddot(y=[1, 2], x=[3, 4]) == 11.0
    with pytest.raises(TypeError):
        ddot([1])


# What is refused


@pytest.mark.parametrize(
    ("bad", "error", "says"),
    [
        (None, TypeError, "must have one dimension, and this NoneType has none"),
        (3.0, TypeError, "must have one dimension, and this float has none"),
        ("12", TypeError, "must have one dimension, and this str has none"),
        (b"12", TypeError, "must have one dimension, and this bytes has none"),
        ({1.0, 2.0}, TypeError, "must have one dimension, and this set has none"),
        (iter([1.0, 2.0]), TypeError, "must have one dimension, and this list_iterator has none"),
        (np.array(1.0), TypeError, "must have one dimension, and this numpy.ndarray has none"),
        (np.float64(1.0), TypeError, "must have one dimension, and this numpy.float64 has none"),
        (np.ones((2, 1)), ValueError, "must have one dimension, and this numpy.ndarray has 2"),
        (np.ones((0, 2)), ValueError, "must have one dimension, and this numpy.ndarray has 2"),
        (np.ones((1, 2, 1)), ValueError, "must have one dimension, and this numpy.ndarray has 3"),
        ([[1.0, 2.0]], ValueError, "must have one dimension, and this list has 2"),
        ([1.0, [2.0]], ValueError, "inhomogeneous"),
        ([1j, 2.0], TypeError, "must hold real numbers, not complex128"),
        (np.ones(2, dtype=np.complex64), TypeError, "must hold real numbers, not complex64"),
        (["1", "2"], TypeError, "must hold real numbers, not str"),
        ([b"1", b"2"], TypeError, "must hold real numbers, not bytes"),
        ([1.0, "2"], TypeError, "must hold real numbers, not str"),
        (np.array(["2026-01-01", "NaT"], dtype="M8[D]"), TypeError, "must hold real numbers, not datetime64"),
        (np.array([1, 2], dtype="m8[s]"), TypeError, "must hold real numbers, not timedelta64"),
        (np.zeros(2, dtype=[("a", "f8")]), TypeError, "must hold real numbers, not void"),
        ([1.0, None], TypeError, r"\[1\] is not a real number"),
        ([object(), 1.0], TypeError, r"\[0\] is not a real number"),
        ([datetime.date(2026, 1, 1), 1], TypeError, r"\[0\] is not a real number"),
        (np.array([1.0, "2"], dtype=object), TypeError, r"\[1\] is not a real number"),
        (np.array([1.0, 2j], dtype=object), TypeError, r"\[1\] is not a real number"),
    ],
    ids=repr,
)
def test_bad_input_is_named(bad, error, says):
    with pytest.raises(error, match=says if says == "inhomogeneous" else f"^x.*{says}"):
        ddot(bad, [1.0, 2.0])
    with pytest.raises(error, match=says if says == "inhomogeneous" else f"^y.*{says}"):
        ddot(np.ones(2), bad)


@given(whole, whole)
def test_unequal_lengths_are_refused(first, second):
    if len(first) == len(second):
        second = [*second, 0]
    says = f"^x has length {len(first)} and y has length {len(second)}: "
    for make in (list, lambda v: np.array(v, dtype=float), lambda v: np.array(v, dtype=float)[::-1]):
        with pytest.raises(ValueError, match=says):
            ddot(make(first), make(second))
    with pytest.raises(ValueError, match=says):
        dot_product(first, second)


def test_an_error_in_foreign_code_comes_through():
    class Broken:
        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("no array today")

    class Number:
        def __float__(self):
            raise RuntimeError("no number today")

    with pytest.raises(RuntimeError, match="no array today"):
        ddot([1.0], Broken())
    with pytest.raises(RuntimeError, match="no number today"):
        ddot([Number()], [1.0])


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


@pytest.mark.parametrize("change", ["grow", "shrink"])
@pytest.mark.parametrize("make", [list, lambda v: np.array(v, dtype=object)])
def test_objects_are_read_as_they_were_before_their_code_ran(make, change):
    class Vandal:
        def __float__(self):
            if isinstance(x, list):
                x[:] = [7.0] * 50 if change == "grow" else []
            else:
                x.resize(50 if change == "grow" else 1, refcheck=False)
            return 1.0

    x = make([Vandal(), 1.0, 2.0])
    assert ddot(x, [1.0, 2.0, 3.0]) == 9.0


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


@pytest.mark.long_vectors
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


@pytest.mark.long_vectors
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


@pytest.mark.long_vectors
def test_a_vector_longer_than_an_int(long_vector):
    want = 1 + 4 + 16 + 64 + 256 + 1024
    assert ddot(long_vector, long_vector) == want
    assert ddot(long_vector[::-1], long_vector[::-1]) == want
    ones = np.broadcast_to(1.0, long_vector.size)
    assert ddot(long_vector, ones) == 63


@pytest.mark.long_vectors
def test_a_step_longer_than_an_int(long_vector):
    far = long_vector[:: 2**31 + 4]
    assert far.tolist() == [1.0, 32.0]
    assert ddot(far, [1, 1]) == 33
    assert ddot(far[::-1], [1, 2]) == 34


# The rest


def test_the_documentation_names_arguments_and_errors():
    text = inspect.getdoc(ddot)
    assert text.startswith("ddot(x: object, y: object) -> float")
    for word in ("float64", "ValueError", "TypeError", "OverflowError"):
        assert word in text
