"""Each rule of the index has a wheel with that one defect, where it fires, and a good twin, where it does not."""

import struct
import sys

import pytest
from cases import CASES, INFO, built, file
from hostile_zip import MB
from making import FIELDS, NAME, make

from wheel_lab.doctor import RULES, examine
from wheel_lab.doctor.index.platformtags import is_taken
from wheel_lab.wheelfile import Limits, WheelError, open_wheel


def own(path):
    """Return the findings of this family: the wheels here are small, and what other families note is theirs to test."""
    return [finding for finding in examine(path).findings if finding.code.startswith("I")]


def worse_than_notes(path):
    return [finding for finding in own(path) if finding.level != "note"]


@pytest.mark.parametrize(
    ("code", "word", "defect", "twin", "others"),
    [pytest.param(code, *case, id=f"{code} {case[0]}") for code, cases in CASES.items() for case in cases],
)
def test_a_rule_fires_alone_and_not_on_the_good_twin(tmp_path, code, word, defect, twin, others):
    report = examine(built(tmp_path, defect))
    findings = own(built(tmp_path, defect))
    assert any(word in finding.what for finding in findings if finding.code == code), report
    assert {finding.code for finding in findings} - {code} == set(others), report
    errors = any(finding.level == "error" for finding in findings)
    assert report.verdicts["index"] == ("no" if errors else "cannot tell" if code == "I310" else "yes")
    assert code not in {finding.code for finding in examine(built(tmp_path, twin)).findings}
    assert worse_than_notes(built(tmp_path, twin)) == []


# What the index's own validator of archives (of 2026-08-21) said of the wheels above, case by case: its messages, or
# None where it takes the archive.
ANSWERS = {
    "I101": ["Duplicate filename in local headers", "Duplicate filename in local headers"],
    "I102": ["Trailing data"],
    "I103": ["Unknown record signature", "Unknown record signature"],
    "I104": ["ZIP contains a data descriptor"],
    "I105": ["Comment in central directory"],
    "I106": [None],
    "I108": ["Filename not in central directory", "Mis-matched file size"],
    "I109": ["Filename not in central directory"],
    "I110": ["Missing filename in local headers"],
    "I112": ["Invalid character in filename", "Filename not unicode", "Filename not in central directory"],
    "I113": [None, None],
    "I114": [None],
    "I118": [None, None],
    "I119": ["Malformed zip file", "Malformed zip file", "Invalid duplicate extra in local file", "Malformed zip file",
             "Malformed zip file"],
    "I402": [None, None, None],
}  # fmt: skip


@pytest.mark.parametrize("code", ANSWERS)
def test_the_verdict_is_the_one_that_the_index_gave(tmp_path, code):
    verdicts = [examine(built(tmp_path, defect)).verdicts["index"] for _, defect, _, _ in CASES[code]]
    assert verdicts == ["no" if answer else "yes" for answer in ANSWERS[code]]


def patched(path, at, form, value):
    """Change a number in a file; `at` counts from the end record."""
    data = bytearray(path.read_bytes())
    struct.pack_into(form, data, data.rindex(b"PK\5\6") + at, value)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("at", "form", "value", "what"),
    [
        (10, "<H", 7, "7 entries of a directory, and there are 5"),
        (8, "<H", 7, "7 entries on this disk, and there are 5"),
        (20, "<H", 9, "9 bytes of a comment, and there are 0"),
        (-len(f"{INFO}/RECORD") - 16, "<H", 3, "bytes of a directory, and there are"),  # the last entry's extra fields
        (-len(f"{INFO}/RECORD") - 14, "<H", 3, "bytes of a directory, and there are"),  # the last entry's comment
    ],
)
def test_an_end_record_that_lies(tmp_path, at, form, value, what):
    assert worse_than_notes(make(tmp_path)) == []
    (finding,) = own(patched(make(tmp_path), at, form, value))
    assert finding.code == "I111"
    assert what in finding.what


def test_an_end_record_that_points_elsewhere(tmp_path):
    path = make(tmp_path)
    place = struct.unpack_from("<L", path.read_bytes(), path.read_bytes().rindex(b"PK\5\6") + 16)[0]
    findings = own(patched(path, 16, "<L", place - 10))
    (finding,) = (one for one in findings if one.code == "I111")
    assert finding.what.endswith(f"a directory at byte {place - 10}, and there is one at byte {place}")
    # zipfile then looks for each member ten bytes too late.
    assert {one.code for one in findings} == {"I111", "I110", "I117"}


def test_a_zip64_record_holds_what_is_too_large_for_the_end_record(tmp_path):
    path = make(tmp_path)
    with open_wheel(path) as source:
        count, place = len(source.members), source.directory_offset
    data = path.read_bytes()
    end = data.rindex(b"PK\5\6")
    size = end - place
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, place)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    last = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(data[:end] + record + locator + last)
    assert examine(path).findings == ()


def test_a_header_that_leads_astray_is_the_one_that_is_named(tmp_path):
    path = make(tmp_path, file("a/b.py", method=0))
    data = bytearray(path.read_bytes())
    struct.pack_into("<L", data, 18, 9)
    path.write_bytes(data)
    (finding,) = worse_than_notes(path)
    assert (finding.code, finding.member) == ("I108", "a/b.py")
    assert "packed size than the directory: 9, not 6" in finding.what


def test_a_file_above_100_mib(tmp_path):
    path = make(tmp_path, file("tiny/b.bin", bytes(MB) * 100, method=0))
    report = examine(path)
    assert [finding.code for finding in report.findings] == ["I501", "B101"]
    assert report.verdicts["index"] == "cannot tell"
    report = examine(make(tmp_path, file("tiny/b.bin", bytes(MB) * 99, method=0)))
    assert ([finding.code for finding in report.findings], report.verdicts["index"]) == (["B101"], "yes")


def test_each_rule_has_a_case():
    own = {code for code in RULES if code.startswith("I") and not code.startswith("I6")}  # I6 is about sdists
    assert set(CASES) | {"I111", "I501"} == own


def test_folders_and_an_unreadable_member_are_left_to_their_own_rules(tmp_path):
    metadata = {"change": {"METADATA": file(f"{INFO}/METADATA", FIELDS.encode(), flags=1)}}
    (finding,) = worse_than_notes(built(tmp_path, metadata))
    assert finding.code == "I115"
    assert worse_than_notes(make(tmp_path, file("a/", b""), file("a/b.py"))) == []


# The index's own answers, read in its source: what its platform rules take and refuse.
TAKEN = [
    "any", "win32", "win_amd64", "win_arm64", "linux_armv6l", "linux_armv7l", "manylinux1_x86_64", "manylinux2010_i686",
    "manylinux2014_aarch64", "manylinux2014_ppc64", "manylinux_2_28_x86_64", "manylinux_2_39_riscv64",
    "manylinux_2_17_ppc64", "musllinux_1_2_armv7l", "macosx_10_9_universal2", "macosx_10_15_x86_64",
    "macosx_11_0_arm64", "macosx_15_0_x86_64", "macosx_26_0_arm64", "ios_13_0_arm64_iphoneos",
    "ios_13_0_x86_64_iphonesimulator", "android_24_arm64_v8a", "android_21_x86_64", "pyemscripten_2026_0_wasm32",
]  # fmt: skip
REFUSED = [
    "linux_x86_64", "linux_aarch64", "manylinux1_aarch64", "manylinux2010_aarch64", "manylinux2014_riscv64",
    "manylinux_2_36_loongarch64", "musllinux_1_2_ppc64", "manylinux_2_28_amd64", "manylinux3_x86_64",
    "macosx_11_1_arm64", "macosx_13_3_x86_64", "macosx_16_0_arm64", "macosx_26_1_arm64", "macosx_27_0_arm64",
    "macosx_10_9_aarch64", "win_x86_64", "ios_13_0_i386_iphonesimulator", "android_24_armv7", "pyodide_2024_0_wasm32",
    "emscripten_3_1_58_wasm32", "freebsd_14_amd64",
]  # fmt: skip


@pytest.mark.parametrize("platform", TAKEN)
def test_a_platform_that_the_index_takes(platform):
    assert is_taken(platform)


@pytest.mark.parametrize("platform", REFUSED)
def test_a_platform_that_the_index_refuses(tmp_path, platform):
    assert not is_taken(platform)
    (finding,) = worse_than_notes(make(tmp_path, name=f"tiny-1.0-cp312-cp312-{platform}.whl"))
    assert (finding.code, finding.subject) == ("I201", platform)


@pytest.mark.parametrize(
    ("platform", "words"),
    [
        ("linux_x86_64", "auditwheel repair tiny-1.0-py3-none-linux_x86_64.whl"),
        ("macosx_13_3_arm64", "MACOSX_DEPLOYMENT_TARGET=13.0"),
        ("macosx_13_3_arm64", "wheel tags --remove --platform-tag macosx_14_0_arm64 tiny"),
        ("macosx_15_1_arm64", "macosx_26_0_arm64"),
        ("macosx_26_1_arm64", "MACOSX_DEPLOYMENT_TARGET=26.0"),
        ("macosx_99_0_arm64", "build for one of these"),
        ("manylinux1_aarch64", "auditwheel repair"),
        ("beos", "build for a platform"),
    ],
)
def test_what_to_do_about_a_platform_tag(tmp_path, platform, words):
    (finding,) = worse_than_notes(make(tmp_path, name=f"tiny-1.0-py3-none-{platform}.whl"))
    assert words in finding.fix


@pytest.mark.parametrize("word", ["1.21.2", "cp314-manylinux", "musllinux"])
def test_pinned_specimens_are_fine(specimen, word):
    report = examine(specimen(word))
    untried = any(finding.code == "I310" for finding in report.findings)  # for want of docutils
    assert report.verdicts["index"] == ("cannot tell" if untried else "yes")
    assert word == "1.21.2" or not untried
    assert [finding for finding in report.findings if finding.level != "note"] == []


def test_what_is_no_wheel(tmp_path):
    text = tmp_path / NAME
    text.write_text("hello")
    with pytest.raises(WheelError, match="not a zip archive"):
        examine(text)
    with pytest.raises(WheelError, match=r"is neither a wheel \(.whl\) nor a source distribution"):
        examine(make(tmp_path).rename(tmp_path / "tiny-1.0.egg"))
    with pytest.raises(FileNotFoundError):
        examine(tmp_path / "none-1.0-py3-none-any.whl")


def test_limits_hold_and_an_open_wheel_stays_open(tmp_path):
    with pytest.raises(WheelError) as caught:
        examine(make(tmp_path), limits=Limits(members=3))
    assert caught.value.limit == "members"
    with open_wheel(make(tmp_path), limits=Limits(seconds=0.2)) as source:
        assert examine(source).findings == ()
        assert source.head(source.members[0], 3) == b"ANS"
        source.deadline.work = 0  # the time is over
        with pytest.raises(WheelError) as caught:
            examine(source)
    assert caught.value.limit == "seconds"


RST = "Description-Content-Type: text/x-rst\n\nIt answers.\n"


def test_without_docutils_nothing_is_said_for_sure(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "docutils.core", None)
    report = examine(make(tmp_path, more=RST))
    (finding,) = (one for one in report.findings if one.code == "I310")
    assert "docutils is not installed" in finding.what
    assert "wheel-lab[description]" in finding.fix
    assert report.verdicts["index"] == "cannot tell"
    assert worse_than_notes(tmp_path / NAME) == []
