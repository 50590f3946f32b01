"""Any bytes at all: what the library says of them is an answer or a `WheelError`, and nothing else."""

import io

import pytest
from hostile_elf import MACHINES, Elf
from hostile_zip import MB, NAME, Entry, wheel
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_macho import macho, universal
from tiny_pe import pe

from wheel_lab import archive, zipform
from wheel_lab.binaries import elf
from wheel_lab.binaries.reading import read_binaries
from wheel_lab.wheelfile import Limits, WheelError, open_wheel


def everything(data: bytes) -> None:
    """Do all that the library does with a wheel. It may raise WheelError, and nothing else."""
    limits = Limits(members=1000, total_size=MB, member_size=MB, seconds=None)
    said = ""
    try:
        with open_wheel(io.BytesIO(data), name=NAME, limits=limits) as one:
            assert str(archive.read_wheel(one))
            for problem in [*one.problems, *read_binaries(one).problems]:
                assert str(problem).isprintable()
            zipform.read_form(one)
            str(archive.check_record(one))
    except WheelError as error:
        said = str(error)
    assert said.isprintable()


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> bytes:
    versions = {"libc.so.6": {"GLIBC_2.17": ["memcpy", "free"]}, "libm.so.6": {"GLIBC_2.29": ["pow"]}}
    binary = bytes(Elf(versions=versions, runpath="$ORIGIN", needed=("libc.so.6", "libm.so.6")))
    entries = [Entry("tiny/x.so", binary, method=0), Entry("tiny/y.so", binary)]
    entries.append(Entry("tiny/z.pyd", pe("amd64", ["python312.dll"], ["later.dll"], ["PyInit_z"]), method=0))
    apple = macho("x86_64", needed=("/usr/lib/libSystem.B.dylib",), rpaths=("@loader_path",), exports=("PyInit_a",))
    entries.append(Entry("tiny/a.so", universal(apple, apple), method=0))
    return wheel(tmp_path_factory.mktemp("sound"), *entries, comment=b"a comment").read_bytes()


FUZZED = settings(max_examples=300, deadline=None)


@FUZZED
@given(data=st.binary(max_size=200))
def test_random_bytes(data):
    everything(data)
    everything(data + b"PK\x05\x06" + bytes(18))


@FUZZED
@given(changes=st.lists(st.tuples(st.integers(0, 1 << 14), st.binary(min_size=1, max_size=8)), min_size=1, max_size=6))
def test_a_sound_wheel_with_bytes_changed(sound, changes):
    data = bytearray(sound)
    for place, new in changes:
        place %= len(data)
        data[place : place + len(new)] = new
    everything(bytes(data))


@FUZZED
@given(start=st.integers(0, 1 << 14), length=st.integers(0, 1 << 10), again=st.booleans())
def test_a_sound_wheel_with_a_part_left_out_or_twice_there(sound, start, length, again):
    start %= len(sound)
    everything(sound[:start] + sound[start : start + length] * 2 * again + sound[start + length :])


@FUZZED
@given(metadata=st.binary(max_size=300), record=st.binary(max_size=300), binary=st.binary(max_size=300))
def test_any_content_of_the_files_that_are_read(tmp_path_factory, metadata, record, binary):
    folder = tmp_path_factory.getbasetemp()
    entry = Entry("tiny/x.so", b"\x7fELF\x02\x01\x01" + binary)
    everything(wheel(folder, entry, metadata=metadata, record=record).read_bytes())


@settings(FUZZED, max_examples=60)
@given(
    architecture=st.sampled_from(sorted(MACHINES)),
    changes=st.lists(st.tuples(st.integers(16, 1 << 10), st.binary(min_size=1, max_size=8)), min_size=1, max_size=6),
)
def test_an_elf_file_with_bytes_changed_hides_no_other(tmp_path_factory, architecture, changes):
    versions = {"libc.so.6": {"GLIBC_2.17": ["memcpy", "free"]}, "libm.so.6": {"GLIBC_2.29": ["pow"]}}
    good = bytes(Elf(architecture, versions=versions, soname="libx.so.1", interpreter="/lib/ld.so"))
    data = bytearray(good)
    for place, new in changes:
        data[place % len(good) : place % len(good) + len(new)] = new
    path = wheel(tmp_path_factory.getbasetemp(), Entry("tiny/x.so", bytes(data)), Entry("tiny/good.so", good))
    everything(path.read_bytes())
    found = elf.examine(path)
    assert found.found[-1].file == "tiny/good.so"
    assert all(found.found[0].needed) or len(found) == 1
    assert all(need.library and need.version for one in found for need in one.needs)
