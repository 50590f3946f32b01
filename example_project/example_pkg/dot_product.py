"""The dot product in plain Python: what the extension is measured against."""


def dot_product(x, y):
    """Return the sum of x[i] * y[i] over two sequences of numbers of the same length."""
    if len(x) != len(y):
        raise ValueError(
            f"x has length {len(x)} and y has length {len(y)}: a dot product needs two vectors of the same length"
        )
    total = 0.0
    for a, b in zip(x, y, strict=True):
        total += a * b
    return total
