"""The manylinux policies against the distributions: which system can run which wheel."""

from typing import Any

import ipywidgets
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from wheel_lab import distributions, policies
from wheel_lab.distributions import Distribution
from wheel_lab.views.picture import BLUE, GREY, Control, Picture, answer_text, style
from wheel_lab.views.slider import Slider

__all__ = ["control", "figure", "sentences"]

SENTENCE = "A slider over glibc versions, and under it which distributions have enough. Run this cell to use it."

RUST = "#A33C00"  # Okabe and Ito's vermilion, darkened until it is easy to read as a text
PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}  # behind a text, so that a line does not cross it


def sentences(floor: str) -> str:
    """Say which distributions can load a file with this glibc floor, and which cannot."""
    known = distributions.known()
    runs = [_name(one) for one in known if one.runs(floor)]
    not_on = [_name(one) for one in known if one.libc == "glibc" and not one.runs(floor)]
    musl = [_name(one) for one in known if one.libc == "musl"]
    return (
        f"A floor of glibc {floor} runs on: {', '.join(runs) or 'none of these'}; not on: "
        f"{', '.join(not_on) or 'none of these'}. It does not apply to {', '.join(musl)}, which has musl."
    )


def figure(floor: str | None = None) -> Picture:
    """Draw a bar for each distribution, as long as the policies that it runs.

    Parameters
    ----------
    floor
        A glibc version, such as ``"2.28"``. A line then marks the policy that it needs, and each distribution says
        whether it runs a wheel with that floor.
    """
    columns, known = policies.known(), distributions.known()
    with style():
        drawing = Figure(figsize=(8.4, 6.2), layout="constrained")
        axes = drawing.subplots()
        for row, one in enumerate(known):
            _bar(axes, row, one, floor)
        axes.set_yticks(range(len(known)), [_label(one) for one in known])
        axes.set_ylim(len(known) - 0.2, -0.7)
        axes.set_xticks(range(len(columns)), [policy.glibc for policy in columns], fontsize=8.5)
        axes.set_xlim(-0.5, len(columns) + 2)
        axes.set_xlabel("manylinux policy, by the glibc that it allows")
        axes.xaxis.set_label_coords(0.42, -0.06)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        title = "Which distribution runs which manylinux policy"
        if floor is not None:
            axes.axvline(_column(floor), color="black", linewidth=1.6, linestyle="--")
            tag = policies.tag_for(floor).removesuffix("_x86_64")
            title = f"A floor of glibc {floor}: " + (tag if tag != "linux" else "newer than every policy")
        axes.set_title(title)
        drawing.supxlabel("hatched: standard support has ended", fontsize=9.5, x=0.99, ha="right")
    return Picture(drawing, _alt(floor))


def control(start: str = "2.28") -> Control:
    """Return the slider over the policies, beginning with the glibc version `start`.

    Raises
    ------
    ValueError
        No policy has that glibc version.
    """
    versions = [policy.glibc for policy in policies.known()]
    if start not in versions:
        raise ValueError(f"no policy is for glibc {start}: take one of {', '.join(versions)}")
    options = [(f"glibc {version}", version) for version in versions]
    slider = Slider(description="The wheel's floor:", options=options, value=start)
    answer = ipywidgets.HTML(_answer(start))

    def show(change: dict[str, Any]) -> None:
        answer.value = _answer(change["new"])

    slider.observe(show, "value")
    return Control(SENTENCE, [slider], answer)


def _answer(floor: str) -> str:
    return f"{answer_text(sentences(floor))}{figure(floor).html()}"


def _bar(axes: Axes, row: int, one: Distribution, floor: str | None) -> None:
    if one.libc != "glibc":
        axes.text(-0.4, row, f"does not apply: {one.libc} {one.version}, not glibc", va="center", style="italic",
                  bbox=PAPER)  # fmt: skip
        return
    runs = floor is None or one.runs(floor)
    columns = policies.known()
    length: float = sum(one.runs(policy.glibc) for policy in columns)
    if one.version not in [policy.glibc for policy in columns] and length == len(columns):
        length += 0.7  # newer than the newest policy: the bar goes on a little
    hatch = "////" if one.ended else None
    axes.barh(row, length, left=-0.5, height=0.72, color=BLUE if runs else "#e3e3e3", hatch=hatch,
              edgecolor="white" if runs else GREY, linewidth=0.5)  # fmt: skip
    verdict = "" if floor is None else "  runs" if runs else "  does not"
    axes.text(length - 0.4, row, one.version + verdict, va="center", color="black" if runs else RUST,
              bbox=PAPER)  # fmt: skip


def _column(floor: str) -> float:
    """Return where the line stands: at the left edge of the first policy that allows the floor."""
    names = [policy.name for policy in policies.known()]
    tag = policies.tag_for(floor)
    return (names.index(tag) if tag in names else len(names)) - 0.5


def _name(one: Distribution) -> str:
    return f"{one.name} {one.release}"


def _label(one: Distribution) -> str:
    return _name(one) + (f" (ended {one.end_of_life:%Y-%m})" if one.ended else "")


def _alt(floor: str | None) -> str:
    known = [one for one in distributions.known() if one.libc == "glibc"]
    ended = ", ".join(_name(one) for one in known if one.ended)
    if floor is not None:
        told = sentences(floor)
        return f"A bar for each distribution, and a line at the floor. {told} Support has ended for: {ended}."
    columns = policies.known()
    versions = ", ".join(f"{_name(one)}: {one.version}" for one in known)
    return (
        f"A bar for each distribution, over the manylinux policies from glibc {columns[0].glibc} to "
        f"{columns[-1].glibc}: each runs the policies up to its own glibc. {versions}. "
        "Alpine has musl: no policy applies. "
        f"Support has ended for: {ended}."
    )
