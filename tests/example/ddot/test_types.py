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


def test_the_documentation_names_arguments_and_errors():
    text = inspect.getdoc(ddot)
    assert text.startswith("ddot(x: object, y: object) -> float")
    for word in ("float64", "ValueError", "TypeError", "OverflowError"):
        assert word in text
