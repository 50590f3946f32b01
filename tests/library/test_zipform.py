"""Everything that lies in the file of a wheel is accounted for: twice, between, before and after."""

import io
import struct
import zipfile

import pytest
from hostile_zip import INFO, METADATA, WHEEL, Entry, wheel, write_zip

from wheel_lab.wheelfile import Limits, WheelError, open_wheel
from wheel_lab.zipform import read_form


def names(form) -> list[str]:
    return [header.name.decode() for header in form.headers]


def test_a_sound_wheel(make_wheel):
    path = make_wheel({"tiny/data.bin": bytes(1000)})
    form = read_form(path)
    with open_wheel(path) as opened:
        assert form.walked == form.directory == form.directory_offset == opened.directory_offset
        assert form.directory + form.directory_size == opened.size - 22
        assert (form.entries, form.after, form.comment) == (len(opened.members), 0, b"")
        for member, header in zip(opened.members, form.headers, strict=True):
            assert (member.name.encode(), member.offset) == (header.name, header.offset)
            assert (member.packed, member.size, member.crc) == (header.packed, header.size, header.crc)
            assert (member.method, member.flags, b"", None) == (
                header.method, header.flags, header.extra, header.descriptor,
            )  # fmt: skip
            assert opened.bytes_at(header.data, 1) == opened.bytes_at(header.offset + 30 + len(header.name), 1)
            assert header.end == header.data + header.packed
        assert opened.bytes_at(1 << 64, 9) == b""


def test_pinned_specimens(specimen):
    form = read_form(specimen("musllinux"))
    assert form.walked == form.directory
    assert len(form.headers) == form.entries > 700


def test_bytes_before_after_and_a_comment(tmp_path):
    form = read_form(wheel(tmp_path, comment=b"a comment", after=b"trailing"))
    assert (form.comment, form.after) == (b"a comment", 8)
    form = read_form(wheel(tmp_path, before=b"#!/bin/sh\n"))
    assert (form.walked, form.headers) == (0, ())
    assert form.directory == form.directory_offset + 10


def test_a_member_that_the_directory_leaves_out(tmp_path):
    path = wheel(tmp_path, Entry("tiny/hidden.py", b"x = 1", listed=False))
    form = read_form(path)
    assert names(form)[0] == "tiny/hidden.py"
    assert len(form.headers) == form.entries + 1
    with open_wheel(path) as opened:
        assert opened.find("tiny/hidden.py") is None


def test_headers_that_differ(tmp_path):
    form = read_form(wheel(tmp_path, Entry("tiny/a.py", b"x = 1", local_name=b"tiny/b.py", local_size=9)))
    assert (form.headers[0].name, form.headers[0].size) == (b"tiny/b.py", 9)


class Pipe(io.RawIOBase):
    """A file that cannot seek, so that zipfile writes data descriptors."""

    def __init__(self) -> None:
        self.data = b""

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        self.data += bytes(data)
        return len(data)


@pytest.mark.parametrize("force_zip64", [False, True])
def test_data_descriptors(tmp_path, force_zip64):
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in ((f"{INFO}/METADATA", METADATA), (f"{INFO}/WHEEL", WHEEL), ("tiny.py", b"x = 1")):
            with archive.open(name, "w", force_zip64=force_zip64) as member:
                member.write(data)
    path = tmp_path / "tiny-1.0-py3-none-any.whl"
    path.write_bytes(pipe.data)
    form = read_form(path)
    assert names(form) == [f"{INFO}/METADATA", f"{INFO}/WHEEL", "tiny.py"]
    assert form.walked == form.directory
    assert {len(header.descriptor) for header in form.headers} == {24 if force_zip64 else 16}


def test_a_descriptor_without_a_signature(tmp_path):
    data = b"x = 1"
    whole = write_zip(tmp_path / "one.zip", [Entry("tiny.py", data, method=0, flags=8)]).read_bytes()
    place = whole.index(b"PK\x01\x02")
    bare = whole[:place] + struct.pack("<3L", 0, len(data), len(data)) + whole[place:]
    end = bare.rindex(b"PK\x05\x06")
    path = tmp_path / "tiny-1.0-py3-none-any.whl"
    path.write_bytes(bare[: end + 16] + struct.pack("<L", place + 12) + bare[end + 20 :])
    form = read_form(path)
    assert len(form.headers[0].descriptor) == 12
    assert form.walked == form.directory


def test_sizes_in_the_zip64_field(tmp_path):
    with zipfile.ZipFile(tmp_path / "tiny-1.0-py3-none-any.whl", "w") as archive:
        with archive.open("tiny.py", "w", force_zip64=True) as member:
            member.write(b"x = 1")
        archive.writestr("other.py", b"y = 2")
    form = read_form(tmp_path / "tiny-1.0-py3-none-any.whl")
    assert names(form) == ["tiny.py", "other.py"]
    assert (form.headers[0].size, form.headers[0].packed, len(form.headers[0].extra)) == (5, 5, 20)
    assert form.walked == form.directory


def test_a_zip64_field_that_is_cut_off(tmp_path):
    extra = b"\1\0\x10\0" + bytes(9)
    form = read_form(wheel(tmp_path, Entry("tiny/a", b"x", local_size=0xFFFFFFFF, local_extra=extra)))
    assert form.headers[0].size == 0
    assert form.walked == form.directory


def test_an_end_record_of_many_disks_and_a_long_comment(tmp_path):
    path = wheel(tmp_path)
    data = bytearray(path.read_bytes())
    end = data.rindex(b"PK\5\6")
    struct.pack_into("<H", data, end + 8, 3)
    struct.pack_into("<H", data, end + 20, 7)
    path.write_bytes(data)
    form = read_form(path)
    assert (form.entries, form.disk_entries, form.comment, form.comment_size, form.after) == (4, 3, b"", 7, 0)


def test_a_header_that_points_far_away(tmp_path):
    path = wheel(tmp_path, Entry("tiny/a", b"x" * 50, method=0))
    data = bytearray(path.read_bytes())
    struct.pack_into("<L", data, 18, 1 << 31)
    path.write_bytes(data)
    assert read_form(path).walked == (1 << 31) + 30 + len("tiny/a")


def test_more_local_headers_than_may_be(tmp_path):
    path = wheel(tmp_path, *(Entry(f"tiny/{number}", listed=False) for number in range(9)))
    with open_wheel(path, limits=Limits(members=12)) as opened, pytest.raises(WheelError) as caught:
        read_form(opened)
    assert caught.value.limit == "members"
