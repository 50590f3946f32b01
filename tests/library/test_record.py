"""Every way in which RECORD can be wrong is told apart."""

import zipfile

import pytest
from hostile_zip import INFO, rewrite, sha256

from wheel_lab import archive, distinfo
from wheel_lab.wheelfile import Limits, WheelError, open_wheel

SOURCE = b"ANSWER = 42\n"


def test_good_record(make_wheel):
    check = archive.check_record(make_wheel())
    assert check.holds
    assert str(check) == "RECORD holds: 3 files, every hash agrees"


def test_altered(make_wheel):
    check = archive.check_record(rewrite(make_wheel(), {"tiny.py": b"ANSWER = 43\n"}))
    assert (check.holds, check.checked, check.altered) == (False, 2, ("tiny.py",))
    assert "tiny.py: its content is not what RECORD says" in str(check)


def test_a_size_that_is_wrong_where_the_hash_is_right(make_wheel):
    path = make_wheel(rows=[f"tiny.py,{sha256(SOURCE)},13"])
    check = archive.check_record(path)
    assert (check.altered, check.malformed) == (("tiny.py",), ())


def test_unlisted(make_wheel):
    check = archive.check_record(rewrite(make_wheel(), {"stowaway.py": b""}))
    assert (check.holds, check.checked, check.unlisted) == (False, 3, ("stowaway.py",))


def test_absent(make_wheel):
    check = archive.check_record(rewrite(make_wheel(), {"tiny.py": None}))
    assert (check.holds, check.checked, check.absent) == (False, 2, ("tiny.py",))


def test_row_without_hash(make_wheel):
    path = make_wheel(rows=["tiny.py,,12", "tiny-1.0.dist-info/METADATA,,", "tiny-1.0.dist-info/RECORD,,"])
    check = archive.check_record(path)
    assert check.malformed == ("tiny.py", "tiny-1.0.dist-info/METADATA")
    assert check.unlisted == ("tiny-1.0.dist-info/WHEEL",)
    assert check.checked == 0


def test_member_twice(make_wheel):
    path = make_wheel()
    with zipfile.ZipFile(path, "a") as wheel, pytest.warns(UserWarning, match="Duplicate name"):
        wheel.writestr("tiny.py", b"ANSWER = 42\n")
    assert archive.check_record(path).malformed == ("tiny.py",)


def test_damaged_member(make_wheel):
    noise = bytes(range(256))
    path = make_wheel({"noise.bin": noise})
    with zipfile.ZipFile(path) as wheel:
        start = wheel.getinfo("noise.bin").header_offset + 30 + len("noise.bin")
    data = bytearray(path.read_bytes())
    data[start + 100] ^= 0xFF  # inside the packed data, so that zip's own sum fails before RECORD's
    path.write_bytes(data)
    assert archive.check_record(path).malformed == ("noise.bin",)


def test_signature_needs_no_row(make_wheel):
    path = rewrite(make_wheel(), {"tiny-1.0.dist-info/RECORD.jws": b"signed"})
    assert archive.check_record(path).holds


def test_a_record_that_is_not_there_or_too_large(make_wheel, monkeypatch):
    with pytest.raises(WheelError, match=r"tiny-1\.0\.dist-info/RECORD is not in the archive") as caught:
        archive.check_record(rewrite(make_wheel(), {f"{INFO}/RECORD": None}))
    assert caught.value.problem.kind == "missing"
    monkeypatch.setitem(distinfo.LARGEST, "RECORD", 20)
    with pytest.raises(WheelError, match="at most 20 are read"):
        archive.check_record(make_wheel())


@pytest.mark.parametrize(
    ("row", "name", "words"),
    [
        ("tiny.py,sha256,12", "tiny.py", "`hash` does not follow the required format"),
        ("tiny.py,sha256=abc,twelve", "tiny.py", "`size` cannot be non-integer"),
        ("tiny.py,nosuch=abc,12", "tiny.py", "invalid hash algorithm"),
        (",,", "line 1 of RECORD", "`path` cannot be empty"),
        ("only-one", "line 1 of RECORD", "line 1 has 1 columns instead of 3"),
        ("a,b,c,d", "line 1 of RECORD", "line 1 has 4 columns instead of 3"),
        ("a" * 70_000, "line 1 of RECORD", "line 1 is 70,001 bytes long"),
        ("tiny\udcff.py,,", "line 1 of RECORD", "can't decode byte 0xff"),
        ("tiny\rx.py,,", "line 1 of RECORD", "new-line character"),
    ],
)
def test_a_bad_row_hides_no_other(make_wheel, row, name, words):
    good = [f"{INFO}/METADATA,,", f"{INFO}/WHEEL,,", f"{INFO}/RECORD,,"]
    record = "\n".join([row, *good, "", ""]).encode("utf-8", "surrogateescape")
    path = rewrite(make_wheel(), {f"{INFO}/RECORD": record})
    wheel = archive.read_wheel(path)
    assert len(wheel.record) == 3
    (problem,) = wheel.problems
    assert (problem.member, problem.kind) == (f"{INFO}/RECORD", "malformed")
    assert words in str(problem)
    check = archive.check_record(path)
    assert name in check.malformed
    assert (check.absent, check.checked) == ((), 0)


def test_many_bad_rows_are_counted(make_wheel):
    path = rewrite(make_wheel(), {f"{INFO}/RECORD": b"bad\n" * 500})
    problems = archive.read_wheel(path).problems
    assert len(problems) == archive.LISTED + 1
    assert str(problems[-1]) == f"{INFO}/RECORD has 480 more bad rows"


def test_more_rows_than_members_may_be(make_wheel):
    path = rewrite(make_wheel(), {f"{INFO}/RECORD": b"a.py,,\n" * 12})
    with open_wheel(path, limits=Limits(members=10)) as opened:
        wheel = archive.read_wheel(opened)
        assert (len(wheel.record), str(wheel.problems[0])) == (
            10, f"{INFO}/RECORD has more than 10 rows, and is read no further",
        )  # fmt: skip


def test_backslashes_of_windows(make_wheel):
    rows = ["tiny\\a.py,,"]
    assert archive.read_wheel(make_wheel(rows=rows)).record[0].path == "tiny/a.py"


@pytest.mark.parametrize("kind", ["shake_128", "sha256"])
def test_a_hash_that_files_have_not(make_wheel, kind):
    path = make_wheel(rows=[f"tiny.py,{kind}=AAAA,12"])
    check = archive.check_record(path)
    assert (check.malformed, check.altered) == ((("tiny.py",), ()) if kind == "shake_128" else ((), ("tiny.py",)))


def test_a_record_that_signs_itself(make_wheel):
    assert archive.check_record(make_wheel(rows=[f"{INFO}/RECORD,sha256=AAAA,12"])).malformed == (f"{INFO}/RECORD",)


def test_folders_are_no_files(make_wheel):
    path = make_wheel({"tiny/": b""})
    assert "tiny/" not in [member.name for member in archive.read_wheel(path).members]
    assert "tiny/" in archive.check_record(path).absent
