"""Machine code, taken apart by capstone: which instructions it holds that not every processor has."""

import io
import struct
from dataclasses import replace

import pytest
from import_cases import INIT, Workshop, alone

from wheel_lab.binaries.elffunctions import Functions, read_functions
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


# --- functions ---

HIDDEN = WIDE.replace("void add", 'void __attribute__((visibility("hidden"))) add')


def several(count):
    """Write functions that use wide registers, the later ones more often."""
    one = '__attribute__((target("avx512f"))) void f{}(volatile wide *a, const wide *b) {{ {} }}\n'
    functions = (one.format(number, "*a += *b; " * number) for number in range(1, count + 1))
    return f"{INIT}typedef float wide __attribute__((vector_size(64)));\n{''.join(functions)}"


def test_the_functions_are_named_those_with_the_most_first(shop):
    (finding,) = told(alone(WIDE, "-O2")(shop))
    assert finding.what.endswith("of AVX-512 (in add)")
    (finding,) = told(alone(several(2), "-O2")(shop))
    assert finding.what.endswith("of AVX-512 (in f2 and f1)")
    (finding,) = told(alone(several(5), "-O2")(shop))
    assert finding.what.endswith("of AVX-512 (in f5, f4, f3 and 2 more functions)")


def test_a_stripped_file_names_what_others_may_ask_for(shop):
    (finding,) = told(alone(WIDE, "-O2", "-s")(shop))
    assert finding.what.endswith("(in add)")
    (finding,) = told(alone(HIDDEN, "-O2", "-s")(shop))
    assert finding.what.endswith("of AVX-512")
    both = HIDDEN + MIDDLE.replace(INIT, "").replace("add", "more").replace("wide", "middle")
    (finding,) = told(alone(both, "-O2", "-s")(shop))
    assert finding.what.partition("of AVX-512, ")[2].endswith("of AVX (in more)")


def test_what_lies_in_no_function_is_elsewhere(shop):
    bare = 'asm(".text\\n vaddps %zmm0, %zmm1, %zmm2\\n");\n'
    (finding,) = told(alone(WIDE + bare, "-O2")(shop))
    assert finding.what.endswith("(in add and elsewhere)")


def test_a_damaged_table_names_nothing(shop):
    data = shop.extension(WIDE, "-O2")
    functions = read_functions(io.BytesIO(data))
    number = functions.at(functions.starts[0])
    assert functions.at(functions.starts[0] - 1) is None
    assert functions.at(functions.ends[-1]) is None
    assert functions.name(number) in {"PyInit__x", "add"}
    for place in (len(data), functions.names[0]):  # names that begin, or end, beyond the table
        assert replace(functions, names=(place,), text=functions.text[: place + 1][:-1] + b"a").name(0) == "?"
    headers = struct.unpack_from("<Q", data, 40)[0]
    for damaged in (b"\x7fELF", data[:headers], data[: len(data) - 70]):
        assert read_functions(io.BytesIO(damaged)) == Functions()
    plain = shop.compile_c("int nothing;", "-nostdlib", name="plain.so").read_bytes()
    assert read_functions(io.BytesIO(plain)).at(0) is None
