"""A slider over named values, which says its name and its value to a screen reader."""

from typing import Any

import anywidget
import traitlets

from wheel_lab.views.picture import WIDE

__all__ = ["Slider"]


class Slider(anywidget.AnyWidget):
    """The browser's own slider, with a label.

    The slider of ipywidgets has no name for a screen reader, and says the number of the choice in place of its text.

    Parameters
    ----------
    description
        The label.
    options
        The choices, each a pair of text and value.
    value
        The value of one of them.
    """

    description = traitlets.Unicode().tag(sync=True)
    options = traitlets.List[Any]().tag(sync=True)
    value = traitlets.Any().tag(sync=True)

    def __init__(self, **traits: object) -> None:
        super().__init__(layout=WIDE, **traits)

    @traitlets.validate("value")
    def _one_of_them(self, proposal: dict[str, Any]) -> object:
        if proposal["value"] not in [value for _, value in self.options]:
            raise traitlets.TraitError(f"{proposal['value']!r} is none of the slider's values")
        return proposal["value"]

    _css = """
    .wheel-lab-slider { display: flex; align-items: center; gap: 1em; font-size: var(--jp-widgets-font-size, 13px);
                        color: var(--jp-content-font-color1, inherit); }
    .wheel-lab-slider label { display: flex; align-items: center; gap: 1em; flex: 1; }
    .wheel-lab-slider input { flex: 1; min-width: 5em; accent-color: var(--jp-brand-color1, #0072b2); }
    .wheel-lab-slider span { min-width: 6em; }
    """

    _esm = """
    function render({ model, el }) {
        const label = document.createElement("label");
        const range = document.createElement("input");
        const chosen = document.createElement("span");
        const options = model.get("options");
        const describe = () => {
            chosen.textContent = options[range.value][0];
            range.setAttribute("aria-valuetext", chosen.textContent);
        };
        const follow = () => {
            range.value = options.findIndex(([, value]) => value === model.get("value"));
            describe();
        };
        range.type = "range";
        range.max = options.length - 1;
        range.setAttribute("data-lm-suppress-shortcuts", "true");  // else JupyterLab takes the arrow keys for itself
        // "input" comes at each step of a drag, "change" only when the slider is let go. Nothing piles up: while the
        // kernel is busy with one value, ipywidgets keeps only the last of those that follow.
        range.addEventListener("input", () => {
            describe();
            model.set("value", options[range.value][1]);
            model.save_changes();
        });
        model.on("change:value", follow);
        follow();
        label.append(model.get("description"), range);
        el.classList.add("wheel-lab-slider");
        el.append(label, chosen);
    }
    export default { render };
    """
