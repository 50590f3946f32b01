"""The sum itself: as exact as doubles allow, for every length, and NaN and infinity as in NumPy."""

import array
import math

import numpy as np
import pytest
from checks import EPS, assert_close
from example_pkg import ddot, dot_product
from hypothesis import given
from hypothesis import strategies as st

doubles = st.floats(-1e100, 1e100)
pairs = st.lists(st.tuples(doubles, doubles), max_size=80)


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
