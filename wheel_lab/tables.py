"""A plain table: columns as wide as their widest cell, two spaces between them."""

from collections.abc import Iterable, Sequence

__all__ = ["plain_table"]


def plain_table(rows: Iterable[Sequence[str]], align: str = "", at_least: int = 0) -> str:
    """Return `rows` as lines of text, without spaces at their ends.

    Parameters
    ----------
    rows
        The cells, the titles among them; each row has as many.
    align
        A character for each column, ``<`` for left and ``>`` for right; a column beyond the last one is like that one.
        Without it all columns are left-aligned.
    at_least
        The width of every column but the first where its cells are narrower: a table of measured times then keeps its
        form from one run to the next.

    Raises
    ------
    ValueError
        The rows are of different length, or `align` holds another character.
    """
    cells = [list(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    widths[1:] = [max(width, at_least) for width in widths[1:]]
    sides = (align or "<").ljust(len(widths), (align or "<")[-1])
    if set(sides) - set("<>"):
        raise ValueError(f"a column is aligned by < or >, not by {align!r}")
    return "\n".join(
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(row, sides, widths, strict=False)).rstrip()
        for row in cells
    )
