"""The steps of a build as bars, with and without what the first time takes."""

import re

import pytest
from view_samples import AGAIN, ONCE

from wheel_lab.timing import Steps
from wheel_lab.views import steps


def test_steps_figure():
    picture = steps.figure(AGAIN, ONCE)
    assert all(step.name in picture.alt for step in (*AGAIN.results, *ONCE.results))
    assert not re.search(r"\d m?s\b", picture.alt), "the text is compared, and times differ"
    axes = picture.figure.axes[0]
    assert [bar.get_width() for bar in axes.patches] == [3.3, 1.9, 1.4, 0.0007]
    assert [bool(bar.get_hatch()) for bar in axes.patches] == [True, True, False, False]
    assert [text.get_text() for text in axes.texts] == ["3.3 s", "1.9 s", "1.4 s", "700 µs"]
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "compile a file with a long name.cpp, first time only", "link, first time only", "build", "repair",
    ]  # fmt: skip
    assert axes.yaxis_inverted()  # the first step is on top


def test_steps_figure_without_a_first_time():
    picture = steps.figure(AGAIN)
    assert "first time" not in picture.alt
    assert [bar.get_width() for bar in picture.figure.axes[0].patches] == [1.4, 0.0007]
    with pytest.raises(ValueError, match="no steps"):
        steps.figure(Steps(()))
