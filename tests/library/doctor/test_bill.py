"""Each rule of the bill has a wheel with that one defect, where it fires, and a good twin, where it does not."""

import pytest
from bill_cases import BILL_CASES, WORDY, carrying
from cases import INFO, built, file
from making import make

from wheel_lab.doctor import RULES, examine
from wheel_lab.doctor.bill.licences import carried_libraries
from wheel_lab.doctor.contents import Contents
from wheel_lab.wheelfile import open_wheel


def mine(path):
    """Return the findings of this family."""
    return [finding for finding in examine(path).findings if finding.code.startswith("B")]


@pytest.mark.parametrize(
    ("code", "word", "defect", "twin", "others"),
    [pytest.param(code, *case, id=f"{code} {case[0]}") for code, cases in BILL_CASES.items() for case in cases],
)
def test_a_rule_fires_alone_and_not_on_the_good_twin(tmp_path, code, word, defect, twin, others):
    path = built(tmp_path, defect)
    findings = mine(path)
    assert any(word in finding.what for finding in findings if finding.code == code), findings
    assert {finding.code for finding in findings} == {code}
    assert examine(path).verdicts["index"] == "yes"
    assert {finding.code for finding in mine(built(tmp_path, twin))} == set(others)


def test_each_rule_has_a_case():
    assert set(BILL_CASES) | {"B102"} == {code for code in RULES if code.startswith("B")}


def test_debug_information(tmp_path, compile_c):
    heavy, light = compile_c(WORDY, "-g", name="a.so").read_bytes(), compile_c(WORDY, name="b.so").read_bytes()
    (finding,) = mine(make(tmp_path, file("tiny/light.so", light), file("tiny/heavy.so", heavy)))
    assert (finding.code, finding.member) == ("B102", "tiny/heavy.so")
    assert mine(make(tmp_path, file("tiny/light.so", light))) == []
    # A twentieth of the wheel at least.
    rest = [file(f"tiny/{n}.bin", bytes([n]) + bytes(1 << 23)) for n in range(5)]
    assert mine(make(tmp_path, file("tiny/heavy.so", heavy), *rest)) == []


@pytest.mark.parametrize(
    ("member", "name"),
    [
        ("numpy.libs/libgfortran-040039e1.so.5.0.0", "gfortran"),
        ("numpy.libs/libscipy_openblas64_-4b78795a.so", "scipy_openblas"),
        ("scipy.libs/msvcp140-a4c2229bdc2a2a630acdc095b4d86008.dll", "msvcp"),
        ("sklearn/.dylibs/libomp.dylib", "omp"),
        ("tiny/libz-eb09ad1d.so.1.2.3", "z"),
        ("tiny.libs/libstdc++-5d72f927.so.6.0.33", "stdc++"),
        ("tiny.libs/12.so", "12"),
        ("tiny.libs/lib.so", "lib.so"),
        ("tiny.libs/libx264-0123abcd.so.164", "x264"),
        ("tiny.libs/libbz2-a1e77c99.so.1.0.6", "bz2"),
        ("tiny/_ext.cpython-312-x86_64-linux-gnu.so", None),
        ("tiny/libmine.so.1", None),
        ("tiny.libs/readme.txt", None),
    ],
)
def test_the_name_of_a_carried_library(tmp_path, member, name):
    with open_wheel(make(tmp_path, file(member))) as source:
        assert carried_libraries(Contents(source)) == ({member: name} if name else {})


def test_what_cannot_be_read_is_left_to_other_rules(tmp_path):
    damaged = make(tmp_path, file(f"{INFO}/sboms/bom.json", b"{}", crc=1), file(f"{INFO}/licenses/NOTICE", crc=1))
    assert {finding.code for finding in examine(damaged).findings} == {"I120"}


@pytest.mark.parametrize("sizes", [[5], [2, 3, 4]])
def test_texts_that_are_too_large_mention_anything(tmp_path, sizes):
    texts = [file(f"{INFO}/licenses/{n}", b"a " * (size << 19), method=0) for n, size in enumerate(sizes)]
    sbom = file(f"{INFO}/sboms/bom.json", b'{"bomFormat": "CycloneDX", "components": ["foo"]}')
    assert mine(make(tmp_path, file("tiny.libs/libfoo.so"), sbom, *texts)) == []


def test_a_licence_of_a_library_is_named(tmp_path):
    (finding,) = mine(built(tmp_path, carrying("libgfortran.so.5", "libquadmath.so.0", bom=["gcc"])))
    assert "GPL-3.0-or-later WITH GCC-exception-3.1; LGPL-2.1-or-later" in finding.why
    assert finding.level == "note"


@pytest.mark.parametrize("word", ["1.21.2", "cp314-manylinux", "musllinux"])
def test_nothing_above_a_note_on_pinned_specimens(specimen, word):
    assert {finding.level for finding in mine(specimen(word))} <= {"note"}
