"""The door: what is wrong with one member hides no other."""

import io
import struct
import tempfile
import zipfile
import zlib

import pytest
from hostile_zip import MB, NAME, SOUND, Entry, bomb, deflated, kinds, wheel

from wheel_lab import archive, members
from wheel_lab.binaries import elf
from wheel_lab.wheelfile import Limits, WheelError, noted, open_wheel

# --- a sound wheel ---


def test_members_are_the_central_directory(make_wheel):
    path = make_wheel({"tiny/data.bin": bytes(10_000)})
    with open_wheel(path) as opened, zipfile.ZipFile(path) as theirs:
        assert opened.name == path.name
        assert opened.size == path.stat().st_size
        assert opened.problems == ()
        assert [one.index for one in opened.members] == list(range(len(opened.members)))
        for ours, info in zip(opened.members, theirs.infolist(), strict=True):
            assert (ours.name, ours.size, ours.packed) == (info.filename, info.file_size, info.compress_size)
            assert (ours.offset, ours.method, ours.flags) == (info.header_offset, info.compress_type, info.flag_bits)
            assert (ours.crc, ours.attributes, ours.comment) == (info.CRC, info.external_attr, b"")
            assert opened.read(ours) == b"".join(opened.chunks(ours)) == theirs.read(info)
        data = opened.find("tiny/data.bin")
        assert str(data) == f"      10,000 {data.packed:>12,}  tiny/data.bin"
        assert opened.find("nothing") is None
        assert not data.is_dir


def test_head_reads_no_more_than_it_must(tmp_path):
    path = wheel(tmp_path, bomb("tiny/big", b"start", 40 * MB), Entry("tiny/small", b"ab"))
    with open_wheel(path, limits=Limits(ratio=None)) as opened:
        big, small = opened.members[:2]
        assert (opened.head(big, 5), opened.head(small, 5), opened.head(small, 0)) == (b"start", b"ab", b"")
        assert len(opened.head(big, 3 * MB)) == 3 * MB


@pytest.mark.parametrize("size", [100, 33 * MB])
def test_a_stream_can_seek_and_leaves_nothing_behind(tmp_path, monkeypatch, size):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    path = wheel(tmp_path, Entry("tiny/data", bytes(size) + b"end"))
    with open_wheel(path, limits=Limits(ratio=None)) as opened:
        with opened.open(opened.members[0]) as stream:
            assert (stream.readable(), stream.seekable(), stream.tell()) == (True, True, 0)
            assert stream.seek(-3, io.SEEK_END) == size
            assert stream.read() == b"end"
            assert stream.seek(0) == 0
            assert stream.read(2) == b"\0\0"
        with pytest.raises(ValueError, match="closed"):
            stream.read(1)
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_stream_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    path = wheel(tmp_path, Entry("tiny/data", bytes(33 * MB), crc=1))
    with open_wheel(path, limits=Limits(ratio=None)) as opened, pytest.raises(WheelError, match="CRC"):
        opened.open(opened.members[0])
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_file_object_is_not_closed(make_wheel):
    path = make_wheel()
    with open(path, "rb") as file:
        with open_wheel(file) as opened:
            assert opened.name == path.name
        assert not file.closed
    data = io.BytesIO(path.read_bytes())
    with open_wheel(data, name="other-1.0-py3-none-any.whl") as opened:
        assert opened.name == "other-1.0-py3-none-any.whl"
    assert not data.closed
    assert archive.read_wheel(open_wheel(data, name=path.name)).name == "tiny"


def test_an_open_wheel_can_be_used_again(make_wheel):
    with open_wheel(make_wheel()) as opened:
        assert archive.check_record(opened).holds
        assert archive.read_wheel(opened).problems == ()
        assert elf.elf_files_of(opened) == ()


# --- what is wrong with a member ---

BROKEN = {
    "encrypted": Entry("tiny/a", b"secret", flags=1),
    "strong encryption": Entry("tiny/a", b"secret", flags=0x40),
    "bzip2": Entry("tiny/a", b"data", method=12, packed=b"BZh9"),
    "LZMA": Entry("tiny/a", b"data", method=14, packed=b"data"),
    "method 77": Entry("tiny/a", b"data", method=77, packed=b"data"),
    "patched": Entry("tiny/a", b"data", flags=0x20),
    "checksum": Entry("tiny/a", b"data", crc=1),
    "stored, checksum": Entry("tiny/a", b"data", method=0, crc=1),
    "garbage": Entry("tiny/a", b"data", packed=b"\xff" * 9),
    "cut off": Entry("tiny/a", b"data" * 99, packed=deflated(b"data" * 99)[:-3]),
    "larger than it says": Entry("tiny/a", b"data" * 99, size=9, crc=zlib.crc32(b"datadatad")),
    "smaller than it says": Entry("tiny/a", b"data", size=99),
    "stored, larger": Entry("tiny/a", b"data", method=0, size=2),
    "another local name": Entry("tiny/a", b"data", local_name=b"tiny/b"),
    "a local name that is no UTF-8": Entry("tiny/\N{EURO SIGN}", b"data", local_name=b"tiny/\xe2\x82\xff"),
}
KINDS = {"encrypted": "encrypted", "strong encryption": "encrypted", "bzip2": "compression", "LZMA": "compression",
         "method 77": "compression"}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_member_that_cannot_be_read_hides_no_other(tmp_path, case):
    with open_wheel(wheel(tmp_path, BROKEN[case], SOUND)) as opened:
        broken, sound = opened.members[:2]
        for read in (opened.read, opened.open, lambda member: list(opened.chunks(member))):
            with pytest.raises(WheelError) as caught:
                read(broken)
            problem = caught.value.problem
            assert (problem.member, problem.kind) == (broken.name, KINDS.get(case, "damaged"))
            assert str(caught.value) == str(problem)
            assert caught.value.limit is None
        assert problem.kind == "damaged" or problem in opened.problems
        assert opened.read(sound) == SOUND.data
        with opened.open(sound) as stream:
            assert stream.read() == SOUND.data


def test_a_member_that_is_cut_off_by_the_end_of_the_file(tmp_path):
    path = wheel(tmp_path, Entry("tiny/a", bytes(range(256)) * 99, method=0))
    data = bytearray(path.read_bytes())
    place = data.index(b"PK\x01\x02")
    struct.pack_into("<L", data, place + 42, place - 10)  # its header lies beyond the last member's, as if cut
    path.write_bytes(data)
    with open_wheel(path) as opened:
        assert ("tiny/a", "overlap") in kinds(opened.problems)
        assert opened.read(opened.find("tiny.py")) == b"ANSWER = 42\n"


@pytest.mark.parametrize(
    ("entry", "kind", "words"),
    [
        (Entry("/etc/passwd"), "name", "an absolute name"),
        (Entry("C:/windows.py"), "name", "an absolute name"),
        (Entry("../../up.py"), "name", "no plain path"),
        (Entry("tiny//twice.py"), "name", "no plain path"),
        (Entry("tiny/./dot.py"), "name", "no plain path"),
        (Entry("tiny\\back.py"), "name", "a backslash"),
        (Entry("tiny/\x1b[2Jclear.py"), "control", "do not print"),
        (Entry("tiny/\x00hidden.py"), "control", "do not print"),
        (Entry("tiny/\N{RIGHT-TO-LEFT OVERRIDE}yp.py"), "control", "do not print"),
        (Entry("tiny/link", b"/etc/passwd", mode=0o120777), "link", "a symbolic link"),
        (Entry("tiny.py", b"again"), "duplicate", "more than once"),
    ],
)
def test_names_are_told_and_can_be_read(tmp_path, entry, kind, words):
    with open_wheel(wheel(tmp_path, SOUND, entry)) as opened:
        (problem,) = [one for one in opened.problems if one.kind == kind]
        assert words in problem.message
        assert str(problem).isprintable()
        assert opened.read(opened.members[1]) == entry.data
        assert opened.members[1].name == entry.name
        assert str(opened.members[1]).isprintable()
        # Of a name that is there twice the last is found, here that of `wheel` after the entries.
        assert opened.find("tiny.py").index == 2


def test_folders_and_modes(tmp_path):
    with open_wheel(wheel(tmp_path, Entry("tiny/", mode=0o40755))) as opened:
        folder = opened.members[0]
        assert (folder.is_dir, folder.mode, opened.problems) == (True, 0o40755, ())


def test_a_long_name_is_cut_where_it_is_shown():
    assert members.shown("a" * 300) == "a" * 200 + "…"
    assert members.shown("a\x1b[0m\N{EURO SIGN}\ud800") == "a\\x1b[0m€\\ud800"


def test_noted_lets_pass_what_is_about_the_whole_file():
    problems: list = []
    one = members.MemberProblem("a", "damaged", "is damaged")
    with noted(problems):
        raise WheelError.about(one)
    assert problems == [one]
    with pytest.raises(WheelError, match="over"), noted(problems):
        raise WheelError("over", limit="seconds")


# --- what is no wheel ---


def test_what_is_no_zip_archive(tmp_path, make_wheel):
    text = tmp_path / NAME
    text.write_text("hello")
    with pytest.raises(WheelError, match=r"tiny-1\.0-py3-none-any\.whl is not a zip archive") as caught:
        open_wheel(text)
    assert (caught.value.limit, caught.value.problem) == (None, None)
    assert str(tmp_path) not in str(caught.value)
    with pytest.raises(FileNotFoundError):
        open_wheel(tmp_path / "nothing.whl")
    whole = make_wheel().read_bytes()
    with pytest.raises(WheelError):
        open_wheel(io.BytesIO(whole[: len(whole) // 2]))


@pytest.mark.parametrize(
    "entry",
    [
        Entry(b"tiny/\xff.py", flags=0x800),  # says that its name is UTF-8
        Entry("tiny/a", version=99),  # of a zip version that is to come
        Entry("tiny/a", extra=b"\x01\x00\xff\x00"),  # an extra field that is longer than it is
    ],
)
def test_a_directory_that_zipfile_cannot_read(tmp_path, entry):
    with pytest.raises(WheelError, match="not a zip archive"):
        open_wheel(wheel(tmp_path, entry))
