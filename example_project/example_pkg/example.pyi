from numpy.typing import ArrayLike

def ddot(x: ArrayLike, y: ArrayLike) -> float:
    """Return the dot product of two vectors of the same length."""
