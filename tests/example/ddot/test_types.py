"""Types: what counts as a vector of numbers, and the error that everything else gets."""

import array
import datetime
import decimal
import fractions
import inspect

import numpy as np
import pytest
from checks import exact, whole
from example_pkg import ddot, dot_product
from hypothesis import given
from hypothesis import strategies as st

SINGLE = "must be a vector, and NumPy reads it as a single value"
OBJECT = "must hold floats, ints or bools, not object"


class Count(int):
    """An int to `isinstance`, and to `ddot`."""


class Percent(float):
    """A float to `isinstance`, and to `ddot`."""


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
        lambda v: [np.float32(i) for i in v],
        lambda v: [np.float64(i) for i in v],
        lambda v: list(np.array(v, dtype=float)),
        lambda v: [Percent(i) for i in v],
        lambda v: tuple(map(Count, v)),
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
    numbers = [-1.0, 2, True, np.float32(0.5), np.float64(0.25), Percent(0.125), np.int8(-3), Count(7)]
    for start in range(len(numbers)):
        some = numbers[start:] + numbers[:start]
        assert ddot(some, [1] * 8) == ddot(tuple(some), [1.0] * 8) == 6.875


def test_numbers_too_long_for_an_int64():
    assert ddot([10**30, 1], [1, 2]) == ddot((1, 10**30), [2, True]) == 1e30
    for values in ([10**400], [1.0, 10**400], (1.0, 10**400), [True, -(10**400)]):
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
        (None, TypeError, SINGLE),
        (3.0, TypeError, SINGLE),
        ("12", TypeError, SINGLE),
        (b"12", TypeError, SINGLE),
        ({1.0, 2.0}, TypeError, SINGLE),
        (iter([1.0, 2.0]), TypeError, SINGLE),
        (np.array(1.0), TypeError, SINGLE),
        (np.float64(1.0), TypeError, SINGLE),
        (fractions.Fraction(1, 2), TypeError, SINGLE),
        (np.ones((2, 1)), ValueError, "must have one dimension, not 2"),
        (np.ones((0, 2)), ValueError, "must have one dimension, not 2"),
        (np.ones((1, 2, 1)), ValueError, "must have one dimension, not 3"),
        ([[1.0, 2.0]], ValueError, "must have one dimension, not 2"),
        (([1.0, 2.0],), ValueError, "must have one dimension, not 2"),
        ([1.0, [2.0]], ValueError, "inhomogeneous"),
        ([1j, 2.0], TypeError, "must hold floats, ints or bools, not complex128"),
        (np.ones(2, dtype=np.complex64), TypeError, "must hold floats, ints or bools, not complex64"),
        (["1", "2"], TypeError, "must hold floats, ints or bools, not str"),
        ([b"1", b"2"], TypeError, "must hold floats, ints or bools, not bytes"),
        ([1.0, "2"], TypeError, "must hold floats, ints or bools, not str"),
        (np.array(["2026-01-01", "NaT"], dtype="M8[D]"), TypeError, "must hold floats, ints or bools, not datetime64"),
        (np.array([1, 2], dtype="m8[s]"), TypeError, "must hold floats, ints or bools, not timedelta64"),
        (np.zeros(2, dtype=[("a", "f8")]), TypeError, "must hold floats, ints or bools, not void"),
        ([1.0, None], TypeError, OBJECT),
        ([object(), 1.0], TypeError, OBJECT),
        ([datetime.date(2026, 1, 1), 1], TypeError, OBJECT),
        (np.array([1.0, "2"], dtype=object), TypeError, OBJECT),
        (np.array([1.0, 2j], dtype=object), TypeError, OBJECT),
        # Real numbers, too, but to convert them would be to run their own code.
        ([fractions.Fraction(1, 2), 1.0], TypeError, OBJECT),
        ((1.0, decimal.Decimal("0.5")), TypeError, OBJECT),
        ([decimal.Decimal(1), 10**400], TypeError, OBJECT),
        (np.array([fractions.Fraction(1, 2), 1.0], dtype=object), TypeError, OBJECT),
        (np.array([1.0, 2.0], dtype=object), TypeError, OBJECT),
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


def test_the_documentation_names_arguments_and_errors():
    text = inspect.getdoc(ddot)
    assert text.startswith("ddot(x: object, y: object) -> float")
    for word in ("float64", "ValueError", "TypeError", "OverflowError"):
        assert word in text
