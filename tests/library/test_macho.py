"""What is read of Mach-O files: real headers written byte by byte, and damaged ones."""

import io
import struct

import pytest
from hostile_zip import Entry, wheel
from tiny_macho import macho, universal

from wheel_lab.binaries.macho import SLICES, read_macho, read_stream
from wheel_lab.binaries.reading import read_binaries
from wheel_lab.wheelfile import Limits, WheelError, open_wheel

FULL = {
    "name": "@rpath/libone.1.dylib",
    "needed": ("/usr/lib/libSystem.B.dylib", "@rpath/libtwo.dylib"),
    "weak": ("/usr/lib/libnew.dylib",),
    "rpaths": ("@loader_path/../lib", "/opt/homebrew/lib"),
    "undefined": ("PyList_New", "malloc"),
    "optional": ("new_function",),
    "exports": ("PyInit_one", "_Z3onev"),
    "local": ("helper",),
}


def read(data, name="tiny/one.so"):
    return read_stream(io.BytesIO(data), name)


@pytest.mark.parametrize("cpu", ["x86_64", "arm64", "i386", "arm64e"])
@pytest.mark.parametrize("ranges", [True, False])
def test_everything_that_a_slice_asks_for(cpu, ranges):
    (one,) = read(macho(cpu, "dylib", minimum=(13, 3), ranges=ranges, **FULL))
    assert (one.file, one.architecture, one.kind) == ("tiny/one.so", cpu, "dylib")
    assert (one.platform, one.minimum, one.signed) == ("macos", (13, 3), True)
    assert one.install_name == FULL["name"]
    assert one.needed == FULL["needed"] + FULL["weak"]
    assert one.weak == FULL["weak"]
    assert one.rpaths == FULL["rpaths"]
    assert one.undefined == FULL["undefined"]
    assert one.exports == set(FULL["exports"])
    text = str(one)
    for word in (cpu, "dylib", "macos 13.3 or later", *FULL["needed"], *FULL["rpaths"], "may be missing"):
        assert word in text


def test_a_slice_that_says_little():
    (one,) = read(macho(platform=None, signed=False, table=False))
    assert (one.platform, one.minimum, one.signed, one.needed, one.exports) == (None, None, False, (), frozenset())
    assert "no platform" in str(one)
    (one,) = read(macho("x86_64", old=True, minimum=(10, 9)))
    assert (one.platform, one.minimum) == ("macos", (10, 9))
    assert read(macho(platform="iossimulator"))[0].platform == "iossimulator"


@pytest.mark.parametrize("wide", [False, True])
def test_a_universal_file_has_a_record_for_each_slice(tmp_path, wide):
    path = tmp_path / "one.so"
    path.write_bytes(universal(macho("x86_64", minimum=(10, 9), old=True), macho("arm64", **FULL), wide=wide))
    first, second = read_macho(path)
    assert (first.architecture, first.minimum, first.file) == ("x86_64", (10, 9), str(path))
    assert (second.architecture, second.undefined) == ("arm64", FULL["undefined"])


def test_a_long_name_of_a_symbol():
    name = "_Z" + "x" * 3000
    assert read(macho(exports=(name,)))[0].exports == {name}


def test_a_java_class_is_no_universal_file(tmp_path):
    java = struct.pack(">L2H", 0xCAFEBABE, 0, 45) + bytes(100)
    assert read(java) == ()
    assert SLICES < 45
    path = tmp_path / "One.class"
    path.write_bytes(java)
    for text in (java, b"text"):
        path.write_bytes(text)
        with pytest.raises(WheelError, match=r"One\.class is not a Mach-O file"):
            read_macho(path)
    found = read_binaries(wheel(tmp_path, Entry("tiny/One.class", java)))
    assert (found.macho, found.problems) == ((), ())


def test_an_object_file_is_linked_by_no_loader():
    with pytest.raises(WheelError) as caught:
        read(macho(kind="object"))
    assert caught.value.problem.kind == "unlinked"


def segment(sections, place, size, command=0x19, declared=None):
    """Return a load command with sections that lie at `place`."""
    one = struct.pack("<16s16s2Q8L", b"", b"", 0, size, place, 0, 0, 0, 0, 0, 0, 0)
    length = 72 + 80 * sections
    head = struct.pack("<2L16s4Q4L", command, length, b"", 0, 0, 0, 0, 0, 0, declared or sections, 0)
    return head + one * sections


SOUND = macho("arm64", **FULL)


def patched(at, form, value, data=SOUND):
    data = bytearray(data)
    struct.pack_into(form, data, at, value)
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(SOUND[:40], id="cut in the load commands"),
        pytest.param(SOUND[:-40], id="cut in the symbols"),
        pytest.param(SOUND[:4], id="cut after the magic"),
        pytest.param(patched(16, "<L", 0xFFFFFFFF), id="four billion load commands"),
        pytest.param(patched(20, "<L", 0xFFFFFFF0), id="load commands of four gigabytes"),
        pytest.param(patched(36, "<L", 0), id="a load command of no size"),
        pytest.param(patched(24 + 32 + 8, "<L", 0xFFFF), id="a name outside its command"),
        pytest.param(macho(more=segment(1, 0, 10, declared=0xFFFFFFFF)), id="four billion sections"),
        pytest.param(macho(more=segment(900, 0, 1 << 40) * 8), id="sections that overlap the header"),
        pytest.param(struct.pack(">2L", 0xCAFEBABE, SLICES), id="slices that are not there"),
        pytest.param(struct.pack(">7L", 0xCAFEBABE, 1, 0x0100000C, 0, 0, 0xFFFFFFFF, 0), id="a slice beyond the end"),
        pytest.param(struct.pack(">7L", 0xCAFEBABE, 1, 0x0100000C, 0, 0, 28, 0), id="a file that is its own slice"),
        pytest.param(universal(b"\0" * 64), id="a slice that is none"),
    ],
)
def test_damage_is_a_problem_of_the_member(tmp_path, data):
    with pytest.raises(WheelError) as caught:
        read(data)
    assert caught.value.problem.kind == "malformed"
    assert str(caught.value.problem).isprintable()
    found = read_binaries(wheel(tmp_path, Entry("tiny/one.so", data), Entry("tiny/two.so", SOUND)))
    assert [one.file for one in found.macho] == ["tiny/two.so"]
    assert [one.member for one in found.problems] == ["tiny/one.so"]


@pytest.mark.parametrize(("field", "value"), [(8, 0x7FFFFFFF), (12, 0xFFFFFFFF), (16, 0xFFFFFFFF), (20, 0xFFFFFFFF)])
def test_a_symbol_table_that_lies(field, value):
    place = SOUND.index(struct.pack("<2L", 2, 24))
    with pytest.raises(WheelError, match="cannot be read as one"):
        read(patched(place + field, "<L", value))


@pytest.mark.parametrize("field", [20, 28])
def test_ranges_of_symbols_that_lie(field):
    place = SOUND.index(struct.pack("<2L", 0xB, 80))
    with pytest.raises(WheelError, match="more symbols than"):
        read(patched(place + field, "<L", 0xFFFFFFFF))


def test_a_symbol_whose_name_lies_elsewhere():
    place = SOUND.index(struct.pack("<2L", 2, 24))
    (entries,) = struct.unpack_from("<L", SOUND, place + 8)
    with pytest.raises(WheelError, match="outside its table"):
        read(patched(entries + 16, "<L", 0x7FFFFFFF))  # the first is a local one


def test_the_time_of_a_wheel_holds_for_its_files(tmp_path):
    path = wheel(tmp_path, Entry("tiny/one.so", SOUND))
    with open_wheel(path, limits=Limits(seconds=1000)) as source, source.open(source.members[0]) as stream:
        source.deadline.work = 0  # the time is over
        with pytest.raises(WheelError) as caught:
            read_stream(stream, "tiny/one.so")
    assert caught.value.limit == "seconds"


def test_sections_are_not_read_into_memory():
    # macholib reads the content of each section that a header names.
    data = macho(more=segment(3, 0x10000, 0x100000)) + bytes(0x200000)
    assert len(read(data)) == 1
