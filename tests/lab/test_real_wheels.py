"""Real wheels of careful projects: each gets a report, and none an accusation that nobody could defend."""

import pytest

from tools.realwheels import LIMITS, RealWheel, accused_by, at_hand, real_wheels, tag_of_auditwheel, tag_of_ours
from wheel_lab.doctor import RULES, examine
from wheel_lab.doctor.report import QUESTIONS

WHEELS = real_wheels()


def test_the_list_has_many_kinds():
    names = [wheel.file for wheel in WHEELS]
    assert len(set(names)) == len(names) >= 60
    for kind in ("-manylinux", "-musllinux", "-macosx", "-win", "-ios", "-pyemscripten", "-none-any", "-abi3-",
                 "-cp314t-", "-pypy", "_x86_64", "_i686", "_aarch64", "_ppc64le", "_s390x", "_armv7l", "_riscv64",
                 "_arm64", "_universal2", "win32"):  # fmt: skip
        assert any(kind in name for name in names), kind
    assert any(wheel.large for wheel in WHEELS)


def test_each_accusation_is_of_a_rule_and_defended():
    for wheel in WHEELS:
        for code, defence in wheel.defence.items():
            assert RULES[code].level != "note"
            assert len(defence.split()) > 4


@pytest.mark.wheels
@pytest.mark.parametrize("wheel", WHEELS, ids=lambda wheel: wheel.file.removesuffix(".whl"))
def test_a_real_wheel_is_judged_as_its_maintainers_would(wheel: RealWheel):
    with at_hand(wheel) as path:
        report = examine(path, LIMITS)
        assert set(report.verdicts) == set(QUESTIONS)
        said = "\n".join(str(finding) for finding in report.findings if finding.level != "note")
        assert accused_by(report) == wheel.accused, said
        theirs = tag_of_auditwheel(path)
        if theirs is not None:
            assert (tag_of_ours(path) == theirs) == (not wheel.differs), theirs
