"""A wheel is read as its specification says, and every way in which RECORD can be wrong is told apart."""

import zipfile
from pathlib import Path

import pytest

from wheel_lab import archive


def rewrite(path: Path, change: dict[str, bytes | None]) -> Path:
    """Write the archive anew, with members changed, added, or (None) left out."""
    with zipfile.ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    members |= change
    with zipfile.ZipFile(path, "w") as new:
        for name, data in members.items():
            if data is not None:
                new.writestr(name, data)
    return path


def test_specimen_of_2021(specimen):
    wheel = archive.read_wheel(specimen("1.21.2"))
    assert (wheel.name, wheel.version) == ("numpy", "1.21.2")
    assert wheel.tags == ("cp39-cp39-manylinux2010_x86_64", "cp39-cp39-manylinux_2_12_x86_64")
    assert wheel.metadata["name"] == "numpy"
    assert sorted(wheel.wheel_metadata.get_all("Tag")) == list(wheel.tags)
    assert len(wheel.members) == len(wheel.record) == 711
    assert wheel.sboms == ()
    assert wheel.licences == tuple(f"numpy-1.21.2.dist-info/{name}.txt" for name in ("LICENSE", "LICENSES_bundled"))
    assert str(archive.check_record(specimen("1.21.2"))) == "RECORD holds: 710 files, every hash agrees"


def test_specimen_with_sbom(specimen):
    wheel = archive.read_wheel(specimen("musllinux"))
    assert wheel.sboms == ("numpy-2.5.5.dist-info/sboms/auditwheel.cdx.json",)
    assert "numpy-2.5.5.dist-info/licenses/LICENSE.txt" in wheel.licences


def test_sizes(make_wheel):
    wheel = archive.read_wheel(make_wheel({"data.bin": bytes(10_000)}))
    data = next(member for member in wheel.members if member.name == "data.bin")
    assert data.size == 10_000
    assert 0 < data.packed < 100
    assert wheel.size == sum(member.size for member in wheel.members) > 10_000


def test_str_names_the_parts(make_wheel):
    text = str(archive.read_wheel(make_wheel({"tiny-1.0.dist-info/licenses/LICENSE": b"do as you like"})))
    for word in ("tiny 1.0", "py3-none-any", "built by      test", "tiny-1.0.dist-info/licenses/LICENSE"):
        assert word in text


def test_good_record(make_wheel):
    check = archive.check_record(make_wheel())
    assert check.holds
    assert str(check) == "RECORD holds: 3 files, every hash agrees"


def test_altered(make_wheel):
    check = archive.check_record(rewrite(make_wheel(), {"tiny.py": b"ANSWER = 43\n"}))
    assert (check.holds, check.checked, check.altered) == (False, 2, ("tiny.py",))
    assert "tiny.py: its content is not what RECORD says" in str(check)


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


@pytest.mark.parametrize("function", [archive.read_wheel, archive.check_record])
def test_what_is_no_wheel(function, tmp_path, make_wheel):
    text = tmp_path / "text-1.0-py3-none-any.whl"
    text.write_text("hello")
    with pytest.raises(ValueError, match="not a zip archive"):
        function(text)
    with pytest.raises(ValueError, match=r"extension must be '\.whl'"):
        function(tmp_path / "archive.zip")
    with pytest.raises(FileNotFoundError):
        function(tmp_path / "nothing-1.0-py3-none-any.whl")
    with pytest.raises(ValueError, match=r"has no tiny-1\.0\.dist-info/RECORD"):
        function(rewrite(make_wheel(), {"tiny-1.0.dist-info/RECORD": None}))


def test_read_wants_metadata(make_wheel):
    with pytest.raises(ValueError, match=r"has no tiny-1\.0\.dist-info/METADATA"):
        archive.read_wheel(rewrite(make_wheel(), {"tiny-1.0.dist-info/METADATA": None}))
