"""A control follows its inputs, and says what it is where nothing runs."""

import ipywidgets
import pytest
from traitlets import TraitError
from view_samples import SWEEP

from wheel_lab.views import filename, floor, timings
from wheel_lab.views.slider import Slider

CONTROLS = {"filename": filename.control, "floor": floor.control, "timings": lambda: timings.control(SWEEP)}


@pytest.mark.parametrize("name", CONTROLS)
def test_form_of_a_control(name):
    control = CONTROLS[name]()
    assert isinstance(control, ipywidgets.VBox)
    assert len(repr(control)) <= 110
    assert control._repr_mimebundle_()["text/plain"] == repr(control)
    assert repr(control).endswith("Run this cell to use it.")
    assert control.children == (*control.inputs, control.answer)
    for one in control.inputs:
        assert one.description.endswith(":")
        assert isinstance(one, Slider) or one.style.description_width == "initial"
    assert isinstance(control.answer, ipywidgets.HTML)


@pytest.mark.parametrize("name", CONTROLS)
def test_every_choice_gives_an_answer_of_its_own(name):
    control = CONTROLS[name]()
    chooser = control.inputs[-1]
    values = [value for _, value in chooser.options if value]
    values = values if len(values) <= 10 else values[::5]  # each picture takes its time
    answers = []
    for value in values:
        chooser.value = value
        answers.append(control.answer.value)
    assert len(set(answers)) == len(values) >= 2


def test_a_slider_takes_one_of_its_values():
    slider = Slider(description="Number:", options=[("one", 1), ("two", 2)], value=1)
    slider.value = 2
    with pytest.raises(TraitError, match="3 is none of the slider's values"):
        slider.value = 3
    assert slider.value == 2
