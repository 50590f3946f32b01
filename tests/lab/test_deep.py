"""Machine code, taken apart by capstone: which instructions it holds that not every processor has."""

import pytest
from import_cases import INIT, Workshop, alone

from wheel_lab.doctor import examine
from wheel_lab.doctor.importing import machinecode
from wheel_lab.wheelfile import Limits, WheelError

VECTOR = """
typedef float wide __attribute__((vector_size({bytes})));
__attribute__((target("{target}"))) void add(wide *a, const wide *b) {{ *a += *b; }}
"""
WIDE = INIT + VECTOR.format(bytes=64, target="avx512f")
MIDDLE = INIT + VECTOR.format(bytes=32, target="avx")
PLAIN = INIT + "void add(float *a, const float *b) { *a += *b; }\n"


@pytest.fixture
def shop(tmp_path, compile_c):
    return Workshop(tmp_path, compile_c)


def told(path):
    return [one for one in examine(path, deep=True).findings if one.code == "M308"]


@pytest.mark.parametrize(("code", "subject"), [(WIDE, "AVX-512"), (MIDDLE, "AVX")])
def test_wide_instructions_are_noted_when_asked_for(shop, code, subject):
    path = alone(code, "-O2")(shop)
    (finding,) = told(path)
    assert (finding.level, finding.subject) == ("note", subject)
    assert f"of {subject}" in finding.what
    assert examine(path, deep=True).verdicts["import"] == "yes"
    assert [one for one in examine(path).findings if one.code == "M308"] == []


def test_plain_code_has_none(shop):
    assert told(alone(PLAIN, "-O2")(shop)) == []


def test_code_is_read_piece_by_piece(shop, monkeypatch):
    path = alone(WIDE + MIDDLE.replace("add", "more").replace("PyInit__x", "other").replace("wide", "middle"), "-O2")(
        shop
    )
    whole = told(path)
    assert "AVX-512" in whole[0].what
    assert ", " in whole[0].what
    monkeypatch.setattr(machinecode, "PIECE", 64)
    assert told(path) == whole


def test_time_ends_it(shop):
    with pytest.raises(WheelError) as caught:
        examine(alone(WIDE)(shop), Limits(seconds=0), deep=True)
    assert caught.value.limit == "seconds"
