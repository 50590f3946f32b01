"""A wheel is read as its specification says, and what is missing or wrong in it hides nothing else."""

import pytest
from hostile_zip import INFO, rewrite

from wheel_lab import archive
from wheel_lab.wheelfile import WheelError


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


@pytest.mark.parametrize("function", [archive.read_wheel, archive.check_record])
def test_what_is_no_wheel(function, tmp_path):
    text = tmp_path / "text-1.0-py3-none-any.whl"
    text.write_text("hello")
    with pytest.raises(WheelError, match="not a zip archive"):
        function(text)
    with pytest.raises(FileNotFoundError):
        function(tmp_path / "nothing-1.0-py3-none-any.whl")


def test_a_name_that_is_no_wheels(make_wheel, tmp_path):
    path = make_wheel().rename(tmp_path / "archive.zip")
    with pytest.raises(WheelError, match=r"extension must be '\.whl'"):
        archive.read_wheel(path)


@pytest.mark.parametrize("name", ["METADATA", "WHEEL", "RECORD"])
def test_a_file_that_is_missing_hides_no_other(make_wheel, name):
    wheel = archive.read_wheel(rewrite(make_wheel(), {f"{INFO}/{name}": None}))
    assert [(one.member, one.kind) for one in wheel.problems] == [(f"{INFO}/{name}", "missing")]
    assert (wheel.metadata == {}) == (name == "METADATA")
    assert (wheel.wheel_metadata.keys() == []) == (name == "WHEEL")
    assert (wheel.record == ()) == (name == "RECORD")
    assert f"problems      {INFO}/{name} is not in the archive" in str(wheel)


def test_several_problems_are_counted(make_wheel):
    path = rewrite(make_wheel(), {f"{INFO}/METADATA": None, f"{INFO}/WHEEL": None})
    assert ", and 1 more" in str(archive.read_wheel(path))


def test_a_folder_of_another_name(make_wheel, tmp_path):
    path = make_wheel().rename(tmp_path / "other-2.0-py3-none-any.whl")
    wheel = archive.read_wheel(path)
    assert (wheel.name, wheel.info, wheel.metadata["name"]) == ("other", INFO, "tiny")
    assert archive.check_record(path).holds
    none = rewrite(path, {f"{INFO}/{name}": None for name in ("METADATA", "WHEEL", "RECORD")})
    wheel = archive.read_wheel(none)
    assert (wheel.info, [one.kind for one in wheel.problems]) == ("other-2.0.dist-info", ["missing"] * 3)


def test_metadata_that_is_none(make_wheel):
    wheel = archive.read_wheel(rewrite(make_wheel(), {f"{INFO}/METADATA": b"Name: tiny\nVersion: \xff\n"}))
    assert [str(one) for one in wheel.problems] == [
        f"{INFO}/METADATA does not say its Metadata-Version",
        f"{INFO}/METADATA does not say its Version",
    ]
    assert wheel.metadata["name"] == "tiny"


def test_metadata_that_is_a_mail_in_a_mail(make_wheel):
    """Parts in parts take the parser of mails a minute for 2 MB, so they are left as the description that they are."""
    parts = "".join(f"--b{n}\nContent-Type: multipart/mixed; boundary=b{n + 1}\n\n" for n in range(2000))
    head = "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\nContent-Type: multipart/mixed; boundary=b0\n\n"
    wheel = archive.read_wheel(rewrite(make_wheel(), {f"{INFO}/METADATA": (head + parts).encode()}))
    assert wheel.problems == ()
    assert wheel.metadata["description"] == parts


def test_names_that_do_not_print(make_wheel):
    path = make_wheel(
        {"tiny/\x1b[2J.py": b"", f"{INFO}/licenses/\x1b[2J": b""}, rows=["\x1b[31m.py,,", f"{INFO}/RECORD,,"]
    )
    assert str(archive.read_wheel(path)).replace("\n", "").isprintable()
    assert str(archive.check_record(path)).replace("\n", "").isprintable()


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_metadata_of_a_hundred_thousand_fields(make_wheel, end):
    fields = ["Metadata-Version: 2.1", "Name: tiny", "Version: 1.0", *(f"X-{number}: a" for number in range(100_000))]
    wheel = archive.read_wheel(rewrite(make_wheel(), {f"{INFO}/METADATA": end.join(fields).encode()}))
    (problem,) = wheel.problems
    assert str(problem).startswith(f"{INFO}/METADATA has 100,003 fields of 100,003 names")
    assert wheel.metadata == {}
