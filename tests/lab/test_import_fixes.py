"""The fixes of the import's rules are typed as they stand, with patchelf, and what they were for is gone."""

import pytest
from import_cases import CASES, Workshop
from test_doctor_fixes import typed

from wheel_lab.doctor import RULES, examine

COMMANDS = [code for code, rule in RULES.items() if code.startswith("M") and "patchelf" in rule.fix.partition(" ")[2]]


@pytest.fixture
def shop(tmp_path, compile_c):
    return Workshop(tmp_path, compile_c)


def test_there_are_commands():
    assert {"M105", "M106", "M107", "M108", "M109", "M110", "M111", "M113", "M301"} <= set(COMMANDS)


@pytest.mark.parametrize(
    ("code", "defect"),
    [
        pytest.param(code, case[1], id=f"{code} {case[0]}")
        for code in COMMANDS
        if RULES[code].fix.startswith("python ")
        for case in CASES[code]
    ],
)
def test_the_finding_is_gone(shop, code, defect):
    path = defect(shop)
    before = examine(path)
    (command,) = {one.fix for one in before.findings if one.code == code}
    assert "patchelf" in command
    typed(command, shop.folder)
    after = examine(path)
    assert code not in {one.code for one in after.findings}, command
    assert {one.code for one in after.findings} <= {one.code for one in before.findings}
    assert after.verdicts["import"] == "yes", after
