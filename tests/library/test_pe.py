"""What is read of PE files: real headers written byte by byte, and damaged ones."""

import io
import struct

import pytest
from hostile_zip import Entry, wheel
from tiny_pe import BASE, RAW, pe

from wheel_lab.binaries import pe as module
from wheel_lab.binaries import reading
from wheel_lab.binaries.pe import read_pe, read_stream
from wheel_lab.binaries.reading import read_binaries
from wheel_lab.wheelfile import Limits, WheelError, open_wheel

NEEDED = {"python312.dll": ("PyList_New", "Py_DecRef"), "WS2_32.dll": ("#12",), "KERNEL32.dll": ("Sleep",)}


def read(data, name="tiny/one.pyd"):
    return read_stream(io.BytesIO(data), name)


@pytest.mark.parametrize("machine", ["amd64", "win32", "arm64", "arm32"])
def test_everything_that_a_file_asks_for(machine):
    data = pe(machine, NEEDED, {"later.dll": ("call",)}, ("PyInit_one", "other"), pdb="C:\\build\\one.pdb",
              signed=True, debug=bytes(300), symbols=10)  # fmt: skip
    one = read(data)
    assert (one.file, one.architecture, one.kind) == ("tiny/one.pyd", machine, "dll")
    assert one.needed == tuple(NEEDED)
    assert one.delayed == ("later.dll",)
    assert dict(one.imports) == {**NEEDED, "WS2_32.dll": ("inet_ntoa",), "later.dll": ("call",)}
    assert one.undefined == ("PyList_New", "Py_DecRef", "Sleep", "call", "inet_ntoa")
    assert one.exports == {"PyInit_one", "other"}
    assert (one.managed, one.signed, one.debug, one.pdb) == (False, True, 300 + 10 * 18, "C:\\build\\one.pdb")
    text = str(one)
    for word in (machine, "dll", "python312.dll", "later.dll", "one.pdb"):
        assert word in text


def test_a_file_that_says_little(tmp_path):
    path = tmp_path / "one.exe"
    path.write_bytes(pe("alpha", dll=False, managed=True))
    one = read_pe(path)
    assert (one.file, one.architecture, one.kind, one.managed) == (str(path), None, "program", True)
    assert (one.needed, one.delayed, one.imports, one.exports, one.signed) == ((), (), (), frozenset(), False)
    assert (one.debug, one.pdb) == (0, None)
    assert "unknown processor" in str(one)


def test_names_are_read_of_what_is_for_python(tmp_path):
    whole = [pe("amd64", [library], exports=["name"]) for library in ("Python3.dll", "other.dll")]
    entries = [Entry("tiny/a.dll", whole[0]), Entry("tiny/b.dll", whole[1]), Entry("tiny/c.pyd", whole[1])]
    first, second, third = read_binaries(wheel(tmp_path, *entries)).pe
    assert (first.exports, first.undefined) == ({"name"}, ("function",))
    assert (second.exports, second.undefined, second.needed) == (set(), (), ("other.dll",))
    assert third.exports == {"name"}
    assert read(whole[1], "tiny/b.dll").exports == {"name"}


def test_many_imports_and_exports():
    # By itself, pefile stops in the middle of the 4,097th import and at the 8,193rd export.
    names = [f"function{number}" for number in range(10_000)]
    one = read(pe("amd64", {"a.dll": names, "b.dll": ["last"]}, exports=names))
    assert one.needed == ("a.dll", "b.dll")
    assert len(one.undefined) == 10_001
    assert one.exports == set(names)


def test_a_large_file_is_mapped_and_a_stream_is_read(tmp_path, monkeypatch):
    data = pe("amd64", NEEDED)
    path = tmp_path / "one.pyd"
    path.write_bytes(data)
    mapped = []
    monkeypatch.setattr(module.mmap, "mmap", lambda *a, **k: mapped.append(a) or pytest.fail("not mapped here"))
    assert read(data).needed == tuple(NEEDED)
    assert mapped == []
    monkeypatch.undo()
    with open(path, "rb") as stream:
        assert read_stream(stream, "tiny/one.pyd") == read(data)


SOUND = pe("amd64", NEEDED, ["later.dll"], ("PyInit_one",))


def patched(at, form, value, data=SOUND):
    data = bytearray(data)
    struct.pack_into(form, data, at, value)
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(SOUND[:2], id="two letters"),
        pytest.param(SOUND[:70], id="cut in the header"),
        pytest.param(SOUND[:100], id="cut in the optional header"),
        pytest.param(patched(60, "<L", 0xFFFFFFFF), id="a header beyond the end"),
        pytest.param(patched(64, "<4s", b"NE\0\0"), id="a program of 1985"),
        pytest.param(pe("amd64", NEEDED, patch={1: (0xFFFFFF00, 40)}), id="imports beyond the end"),
        pytest.param(SOUND[: RAW + 16], id="cut in the tables"),
        pytest.param(pe("amd64", {"a\x01b.dll": ("x",)}), id="a DLL whose name is none"),
    ],
)
def test_damage_is_a_problem_of_the_member(tmp_path, data):
    with pytest.raises(WheelError) as caught:
        read(data)
    assert caught.value.problem.kind == "malformed"
    assert str(caught.value.problem).isprintable()
    found = read_binaries(wheel(tmp_path, Entry("tiny/one.pyd", data), Entry("tiny/two.pyd", SOUND)))
    assert [one.file for one in found.pe] == ["tiny/two.pyd"]
    assert {one.member for one in found.problems} <= {"tiny/one.pyd"}


def test_two_letters_in_another_file_mean_nothing(tmp_path):
    found = read_binaries(wheel(tmp_path, Entry("tiny/one.txt", b"MZ is how it begins"), Entry("tiny/b.exe", SOUND)))
    assert [one.file for one in found.pe] == ["tiny/b.exe"]
    assert found.problems == ()


def test_a_table_of_imports_that_does_not_end(tmp_path, monkeypatch):
    # Each entry is well formed and names the same DLL: only a budget ends it.
    name = BASE
    row = struct.pack("<5L", name, 0, 0, name, name)
    body = b"a.dll\0\0\0" + row * 200_000
    base = pe("amd64", debug=body)
    section = base.index(b"/4\0")
    address = struct.unpack_from("<L", base, section + 12)[0]
    data = bytearray(base)
    struct.pack_into("<2L", data, 64 + 24 + 112 + 8, address + 8, 40)
    monkeypatch.setattr(module, "PIECES", 100_000)
    with pytest.raises(WheelError, match="do not end where real ones do"):
        read(bytes(data))


def test_the_time_of_a_wheel_holds_for_its_files(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "CLOCK", 1)
    path = wheel(tmp_path, Entry("tiny/one.pyd", SOUND))
    with open_wheel(path, limits=Limits(seconds=1000)) as source, source.open(source.members[0]) as stream:
        source.deadline.work = 0  # the time is over
        with pytest.raises(WheelError) as caught:
            read_stream(stream, "tiny/one.pyd")
    assert caught.value.limit == "seconds"


def test_files_whose_names_take_too_much_memory_are_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "KEPT", 10)
    found = read_binaries(wheel(tmp_path, Entry("tiny/one.pyd", SOUND), Entry("tiny/two.pyd", SOUND)))
    assert [one.file for one in found.pe] == ["tiny/one.pyd"]
    assert [(one.member, one.kind) for one in found.problems] == [("tiny/two.pyd", "size")]


def test_webassembly_is_known_by_its_head(tmp_path):
    whole, cut = Entry("tiny/one.so", b"\0asm\1\0\0\0\0"), Entry("tiny/two.so", b"\0asm\1")
    found = read_binaries(wheel(tmp_path, whole, cut))
    assert [str(one) for one in found.wasm] == ["tiny/one.so (WebAssembly 1)"]
    assert [str(one).partition(" begins")[0] for one in found.problems] == ["tiny/two.so"]
