"""Lets nbval's run of a chapter be kept, for the checks that judge it afterwards (see ``tools/runs.py``)."""

import pytest


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """After the last cell of a chapter, write down what all its cells put out."""
    chapter = item.parent
    if type(item).__name__ != "IPyNbCell" or chapter is None or (nextitem and nextitem.parent is chapter):
        return
    # Only here, since the tests of the library run in environments that have no notebook tools.
    from tools import runs

    cells = [one for one in item.session.items if one.parent is chapter]
    runs.record(chapter.path, chapter.nb, [cell.test_outputs for cell in cells])
