"""A dot product, once by OpenBLAS and once in plain Python."""

from .dot_product import dot_product
from .example import ddot

__all__ = ["ddot", "dot_product"]
