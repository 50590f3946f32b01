"""Layouts: slices, strides of every kind, broadcast and unaligned vectors, read where they are if BLAS can."""

import tracemalloc

import numpy as np
import pytest
from checks import exact, whole
from example_pkg import ddot
from hypothesis import given
from hypothesis import strategies as st


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
