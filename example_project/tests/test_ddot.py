"""What ddot promises: the right sum for every kind of vector, and a clear error for everything else."""

import array
import math
import sys
from fractions import Fraction

import numpy as np
import pytest
from example_pkg import ddot, dot_product


def test_a_sum_that_can_be_checked_by_hand():
    result = ddot([1, 2, 3], [4, 5, 6])
    assert (type(result), result) == (float, 32.0)
    assert ddot(y=[1, 2], x=[3, 4]) == 11.0
    assert ddot([], []) == 0.0


@pytest.mark.parametrize("n", [1, 2, 7, 33, 1000, 20_000])  # OpenBLAS sums long vectors with several threads
def test_agrees_with_numpy_and_plain_python(n):
    x, y = np.random.default_rng(n).standard_normal((2, n))
    # In whatever order n products are added up, rounding changes the sum by at most this.
    bound = n * sys.float_info.epsilon * math.fsum(abs(x * y))
    exact = math.fsum(x * y)
    for result in (ddot(x, y), ddot(x.tolist(), y.tolist()), np.dot(x, y), dot_product(x, y)):
        assert abs(result - exact) <= bound


def test_nan_and_infinity():
    assert ddot([math.inf, 1.0], [1.0, 1.0]) == math.inf
    assert math.isnan(ddot([math.nan, 1.0], [1.0, 1.0]))
    assert math.isnan(ddot([math.inf, -math.inf], [1.0, 1.0]))


@pytest.mark.parametrize(
    "view",
    [
        np.arange(6.0)[::2],
        np.arange(6.0)[::-1],
        np.arange(6.0).reshape(2, 3)[:, 1],
        np.broadcast_to(3.0, 5),
        np.arange(6.0).astype(">f8"),
        np.frombuffer(bytes(1) + np.arange(6.0).tobytes(), offset=1),
    ],
    ids=["strided", "reversed", "column", "broadcast", "big-endian", "unaligned"],
)
def test_every_layout_is_read_in_its_own_order(view):
    weights = [10.0**k for k in range(view.size)]
    assert ddot(view, weights) == ddot(weights, view) == sum(a * b for a, b in zip(view, weights, strict=True))


@pytest.mark.parametrize("make", [list, tuple, lambda v: array.array("d", v), lambda v: np.array(v, dtype="int16")])
def test_every_kind_of_vector(make):
    vector = make([1, 0, 1, 1])
    assert ddot(vector, vector) == 3.0


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float16", "float32", "longdouble"])
def test_every_type_of_number(dtype):
    vector = np.array([1, 0, 1], dtype=dtype)
    assert ddot(vector, [True, 2, 0.5]) == 1.5


def test_the_vectors_are_left_as_they_were():
    x, y = [1, 2, 3], np.array([4.0, 5.0, 6.0])
    ddot(x, y)
    assert (x, y.tolist()) == ([1, 2, 3], [4.0, 5.0, 6.0])


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ([1.0, 2.0, 3.0], ValueError),  # a vector, but too long
        ([[1.0, 2.0]], ValueError),
        (3.0, TypeError),
        ("12", TypeError),
        ([1.0, 2j], TypeError),
        ([1.0, Fraction(1, 2)], TypeError),
        ([1.0, 10**400], OverflowError),
    ],
    ids=repr,
)
def test_what_is_refused(bad, error):
    with pytest.raises(error):
        ddot(bad, [1.0, 2.0])
    with pytest.raises(error):
        ddot([1.0, 2.0], bad)
