"""The manylinux policies against the distributions: which system can run which wheel."""

from typing import Any

import ipywidgets
from packaging.version import Version

from wheel_lab import distributions, policies
from wheel_lab.distributions import Distribution
from wheel_lab.views.drawing import BLUE, EDGE, INK, PALE, RUST, Drawing, answer_text, text
from wheel_lab.views.picture import Control
from wheel_lab.views.slider import Slider

__all__ = ["control", "figure", "sentences"]

SENTENCE = "A slider over glibc versions, and under it which distributions have enough. Run this cell to use it."

# In units of the drawing, which are pixels where it has room for its full width.
WIDTH = 768
LEFT, TOP = 234, 34  # where the bars begin
STEP, ROW, BAR = 24, 21, 14  # a policy's width, a distribution's height, a bar's height
BEYOND = 0.7  # of a step: how far the bar of a system goes on that is newer than every policy


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


def figure(floor: str | None = None) -> Drawing:
    """Draw a bar for each distribution, as long as the policies that it runs.

    Parameters
    ----------
    floor
        A glibc version, such as ``"2.28"``. A line then marks the policy that it needs, and each distribution says
        whether it runs a wheel with that floor.

    Raises
    ------
    ValueError
        `floor` is not like ``"2.28"``.
    """
    columns, known = policies.known(), distributions.known()
    glibc = [one for one in known if one.libc == "glibc"]
    foot = TOP + ROW * len(known)
    parts = [text(4, 16, _title(floor), size=15, weight="bold")]
    for row, one in enumerate(known):
        parts += _row(TOP + ROW * row, one, floor)
    for number, policy in enumerate(columns):
        line = foot + 14 + 13 * (number % 2)  # by turns, because side by side they would touch
        parts.append(text(LEFT + STEP * (number + 0.5), line, policy.glibc, size=11, anchor="middle"))
    axis = "manylinux policy, by the glibc that it allows"
    parts.append(text(LEFT + STEP * len(columns) / 2, foot + 45, axis, anchor="middle"))
    parts.append(text(4, foot + 45, "hatched: support has ended", size=11))
    if floor is not None:
        # It ends above the row of musl, where a text stands in its way.
        x = LEFT + STEP * _column(floor)
        parts.append(
            f'<path class="floor" d="M{x:g} {TOP - 8}V{TOP + ROW * len(glibc)}" stroke="{INK}" '
            'stroke-width="1.6" stroke-dasharray="6 4"/>'
        )
    return Drawing(WIDTH, foot + 52, "".join([HATCH, *parts]), _alt(floor))


def control(start: str = "2.28") -> Control:
    """Return the slider over the policies, beginning at the first that allows the glibc version `start`.

    Raises
    ------
    ValueError
        `start` is not like ``"2.28"``, or is newer than every policy allows.
    """
    versions = [policy.glibc for policy in policies.known()]
    place = _column(start)
    if place == len(versions):
        raise ValueError(f"no policy allows glibc {start}: the newest that auditwheel knows is for {versions[-1]}")
    options = [(f"glibc {version}", version) for version in versions]
    slider = Slider(description="The wheel's floor:", options=options, value=versions[place])
    answer = ipywidgets.HTML(_answer(slider.value))

    def show(change: dict[str, Any]) -> None:
        answer.value = _answer(change["new"])

    slider.observe(show, "value")
    return Control(SENTENCE, [slider], answer)


def _answer(floor: str) -> str:
    return f"{figure(floor).html()}{answer_text(sentences(floor))}"


# --- what is drawn ---------------------------------------------------------------------------------------------------

HATCH = "".join(
    f'<pattern id="{name}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<path d="M0 0V6" stroke="{colour}" stroke-width="3"/></pattern>'
    for name, colour in (("on-blue", "white"), ("on-pale", "#a0a0a0"))
)


def _row(top: int, one: Distribution, floor: str | None) -> list[str]:
    """Draw a distribution: its name, its bar, and beside the bars its C library and the verdict."""
    line = top + 15
    parts = [text(LEFT - 8, line, _label(one), anchor="end")]
    if one.libc != "glibc":
        return [*parts, text(LEFT, line, f"does not apply: {one.libc} {one.version}, not glibc", style="italic")]
    runs = floor is None or one.runs(floor)
    columns = policies.known()
    length: float = sum(one.runs(policy.glibc) for policy in columns)
    if Version(one.version) > Version(columns[-1].glibc):
        length += BEYOND
    shape = f'x="{LEFT}" y="{top + 4}" width="{STEP * length:g}" height="{BAR}"'
    parts.append(f'<rect class="bar" {shape} fill="{BLUE if runs else PALE}" stroke="{EDGE}" stroke-width="0.5"/>')
    if one.ended:
        parts.append(f'<rect class="hatch" {shape} fill="url(#{"on-blue" if runs else "on-pale"})"/>')
    verdict = "" if floor is None else "runs" if runs else "does not run"
    right = LEFT + STEP * (len(columns) + BEYOND)
    parts.append(text(right + 8, line, one.version))
    parts.append(text(right + 44, line, verdict, colour=INK if runs else RUST))
    return parts


def _title(floor: str | None) -> str:
    if floor is None:
        return "Which distribution runs which manylinux policy"
    tag = policies.tag_for(floor).removesuffix("_x86_64")
    return f"A floor of glibc {floor}: " + (tag if tag != "linux" else "newer than every policy")


def _column(floor: str) -> int:
    """Return the place of the first policy that allows the floor; their number where none does."""
    names = [policy.name for policy in policies.known()]
    tag = policies.tag_for(floor)
    return names.index(tag) if tag in names else len(names)


def _name(one: Distribution) -> str:
    return f"{one.name} {one.release}"


def _label(one: Distribution) -> str:
    return _name(one) + (f" (ended {one.end_of_life:%Y-%m})" if one.ended else "")


def _alt(floor: str | None) -> str:
    known = [one for one in distributions.known() if one.libc == "glibc"]
    ended = ", ".join(_name(one) for one in known if one.ended)
    if floor is not None:
        words = f"A bar for each distribution, and a line at the floor. {sentences(floor)}"
        return f"{words} Support has ended for: {ended}."
    columns = policies.known()
    versions = ", ".join(f"{_name(one)}: {one.version}" for one in known)
    return (
        f"A bar for each distribution, over the manylinux policies from glibc {columns[0].glibc} to "
        f"{columns[-1].glibc}: each runs the policies up to its own glibc. {versions}. "
        "Alpine has musl: no policy applies. "
        f"Support has ended for: {ended}."
    )
