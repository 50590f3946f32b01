"""The one formatter of plain tables."""

import pytest

from wheel_lab.tables import plain_table


def test_columns_are_as_wide_as_their_widest_cell():
    rows = [("name", "size", "note"), ("a", "1,234", "x"), ("long one", "5", "")]
    assert plain_table(rows, "<><").splitlines() == [
        "name       size  note",
        "a         1,234  x",
        "long one      5",
    ]


def test_the_last_alignment_is_that_of_all_further_columns():
    assert plain_table([("n", "1", "10"), ("ab", "2", "3")], "<>") == "n   1  10\nab  2   3"
    assert plain_table([("n", "1", "10"), ("ab", "2", "3")]) == "n   1  10\nab  2  3"


def test_a_least_width_keeps_the_form_of_a_table_of_times():
    assert plain_table([("n", "9 ns")], "<>", at_least=6) == "n    9 ns"
    assert plain_table([("n", "999.9 ns")], "<>", at_least=6) == "n  999.9 ns"


def test_what_is_no_table():
    assert plain_table([]) == ""
    with pytest.raises(ValueError, match="shorter"):
        plain_table([("a", "b"), ("c",)])
    with pytest.raises(ValueError, match=r"aligned by < or >"):
        plain_table([("a",)], "^")
