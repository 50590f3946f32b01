"""What these tests share: how to draw vectors, and how exact a sum must be."""

import math
import sys

from hypothesis import strategies as st

EPS = sys.float_info.epsilon
TINY = sys.float_info.min * EPS  # the smallest double above zero: what a product may lose by underflow

# Small whole numbers: sums of their products are exact in any order, so that equality can be asked for.
whole = st.lists(st.integers(-1000, 1000), max_size=60)


def exact(x, y):
    return sum(int(a) * int(b) for a, b in zip(x, y, strict=True))


def assert_close(result, x, y):
    """A sum of n products, in whatever order, is off by at most n * eps * sum(|x_i * y_i|)."""
    products = [float(a) * float(b) for a, b in zip(x, y, strict=True)]
    bound = len(products) * (EPS * math.fsum(map(abs, products)) + TINY)
    assert abs(result - math.fsum(products)) <= bound
