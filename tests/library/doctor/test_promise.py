"""Does the wheel keep what its name promises: each rule on a wheel with that one defect, and on a good twin."""

import pytest
from promise_cases import CASES, built

from wheel_lab.doctor import RULES, examine
from wheel_lab.doctor.promiserules import UNDECIDED


def promises(path, **how):
    """Return the findings of this family."""
    return [one for one in examine(path, **how).findings if one.code.startswith("P") and int(one.code[1]) < 4]


def codes(path, **how):
    return {one.code for one in promises(path, **how)}


@pytest.mark.parametrize(
    ("code", "word", "defect", "twin", "others"),
    [pytest.param(code, *case, id=f"{code} {case[0][:40]}") for code, cases in CASES.items() for case in cases],
)
def test_a_rule_fires_alone_and_not_on_the_good_twin(tmp_path, code, word, defect, twin, others):
    path = built(tmp_path, defect)
    found = promises(path)
    assert any(word in one.what for one in found if one.code == code), found
    assert {one.code for one in found} - {code} == set(others), found
    levels = {one.level for one in found}
    undecided = not UNDECIDED.isdisjoint(one.code for one in found)
    expected = "no" if "error" in levels else "cannot tell" if undecided else "yes"
    assert examine(path).verdicts["promise"] == expected
    again = built(tmp_path, twin)
    assert [one for one in promises(again) if one.level != "note"] == []
    assert code not in codes(again)


def test_each_rule_has_a_case():
    assert set(CASES) == {code for code in RULES if code.startswith(("P1", "P2", "P3"))}
