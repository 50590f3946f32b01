"""Files that were made to harm: within a ceiling of memory, the door tells what is wrong and shows the rest."""

import struct
import sys
from dataclasses import replace

import pytest
from child import measured
from hostile_elf import GNU_HASH, HASH, NEEDED, RELA, STRTAB, Elf
from hostile_zip import INFO, MB, NAME, Entry, bomb, wheel, write_zip

from wheel_lab.wheelfile import Limits, open_wheel

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the peak of memory from /proc")
FEW = 200  # MB: what the library may take, whatever the file is

# --- zip bombs: in a process of their own, whose memory is measured ---

ENDLESS = b"A line of a description that has no end.\n" * (MB // 41)


@linux
@pytest.mark.parametrize("ratio", [200, None])
def test_metadata_of_540_mb(tmp_path, ratio):
    metadata = bomb(f"{INFO}/METADATA", b"Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n\n", 540 * MB, ENDLESS)
    path = wheel(tmp_path, metadata=metadata)
    assert path.stat().st_size < 3 * MB
    code = (
        f"with open_wheel(path, limits=Limits(ratio={ratio}, seconds=None)) as one: found = archive.read_wheel(one)\n"
        "answer = [str(found), [p.kind for p in found.problems], len(found.record), dict(found.metadata)]"
    )
    (text, problems, rows, metadata), peak = measured(code, path)
    assert problems == (["ratio"] * 2 if ratio else ["size"])
    assert (rows, metadata) == (4, {})
    assert "built by      test" in text
    assert peak < FEW


@linux
def test_a_record_without_end(tmp_path):
    path = wheel(tmp_path, record=bomb(f"{INFO}/RECORD", b"", 15 * MB, b"a,,\n" * (MB // 4)))
    code = (
        "found = archive.read_wheel(path)\n"
        "try: archive.check_record(path)\n"
        "except WheelError as error: answer = [str(error), len(found.record), [str(p) for p in found.problems]]"
    )
    (error, rows, problems), peak = measured(code, path)
    assert error == problems[0] == f"{INFO}/RECORD has more than 100,000 rows, and is read no further"
    assert rows == 100_000
    assert peak < FEW


@linux
@pytest.mark.parametrize("count", [100_000 - 4, 100_000])
def test_a_hundred_thousand_members(tmp_path, count):
    path = wheel(tmp_path, *(Entry(f"tiny/{number}.py", method=0) for number in range(count)))
    code = (
        "try:\n"
        "    with open_wheel(path, limits=Limits(seconds=None)) as one:\n"
        "        found, form = archive.read_wheel(one), zipform.read_form(one)\n"
        "        answer = [len(found.members), len(form.headers), len(elf.examine(one))]\n"
        "        answer.append(len(archive.check_record(one).unlisted))\n"
        "except WheelError as error: answer = error.limit"
    )
    answer, peak = measured(code, path)
    assert answer == ([100_000, 100_000, 0, count] if count < 100_000 else "members")
    assert peak < FEW


@linux
@pytest.mark.parametrize("count", [600_000, 1_000_000])
def test_a_directory_of_a_million_entries_is_refused_before_it_is_read(tmp_path, count):
    small = write_zip(tmp_path / NAME, [Entry("a")]).read_bytes()
    start, end = small.index(b"PK\x01\x02"), small.index(b"PK\x05\x06")
    size = count * (end - start)
    path = tmp_path / NAME
    path.write_bytes(
        small[:start] + small[start:end] * count + small[end : end + 12] + struct.pack("<2LH", size, start, 0)
    )
    answer, peak = measured("try: open_wheel(path)\nexcept WheelError as error: answer = error.limit", path)
    assert answer == "members"
    assert peak < FEW


@linux
def test_members_that_share_their_bytes(tmp_path):
    shared = bomb("tiny/0", b"\x7fELF", 100 * MB)
    same = [Entry(f"tiny/{n}", packed=shared.packed, size=shared.size, crc=shared.crc, at=0) for n in range(1, 1000)]
    path = wheel(tmp_path, shared, *same)
    code = (
        "with open_wheel(path, limits=Limits(ratio=None)) as one:\n"
        "    kinds = [problem.kind for problem in one.problems]\n"
        "    answer = [kinds.count('overlap'), one.read(one.find('tiny.py')).decode(), len(elf.examine(one).problems)]"
    )
    (overlaps, sound, problems), peak = measured(code, path)
    assert (overlaps, sound, problems) == (1000, "ANSWER = 42\n", 1000)
    assert peak < FEW


def test_members_that_hold_the_next_member(tmp_path):
    """The flat bomb: each member is stored, and its data are the headers and the data of all that follow."""
    kernel = bomb("tiny/kernel", b"", 50 * MB)
    whole = write_zip(tmp_path / "one.zip", [kernel]).read_bytes()
    inner = whole[: whole.index(b"PK\x01\x02")]
    quoting = Entry("tiny/quoting", inner, method=0)
    path = wheel(tmp_path, quoting, Entry("tiny/kernel", packed=kernel.packed, size=kernel.size, crc=kernel.crc, at=0))
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    struct.pack_into("<L", data, entry + 42, 30 + len("tiny/quoting"))  # the header inside the first one's data
    path.write_bytes(data)
    with open_wheel(path, limits=Limits(ratio=None)) as opened:
        assert [(one.member, one.kind) for one in opened.problems] == [("tiny/quoting", "overlap")]
        assert opened.read(opened.find("tiny.py")) == b"ANSWER = 42\n"


@linux
def test_a_binary_of_800_mb(tmp_path):
    start = bytes(Elf(versions={"libc.so.6": {"GLIBC_2.17": ["memcpy"]}}))
    path = wheel(tmp_path, bomb("tiny/big.so", start, 800 * MB), Entry("tiny/small.so", start))
    code = (
        "with open_wheel(path, limits=Limits(ratio={}, seconds=None)) as one:\n"
        "    found = elf.examine(one)\n"
        "    answer = [policies.tag_by_symbols(found), [x.file for x in found], [p.kind for p in found.problems]]"
    )
    answer, peak = measured(code.format(None), path)
    assert answer == ["manylinux_2_17_x86_64", ["tiny/big.so", "tiny/small.so"], []]
    assert peak < FEW  # it lies in a temporary file
    answer, peak = measured(code.format(200), path)
    assert answer == ["manylinux_2_17_x86_64", ["tiny/small.so"], ["ratio"]]
    assert peak < FEW


# --- ELF tables that do not end ---

MEMCPY = {"libc.so.6": {"GLIBC_2.17": ["memcpy"]}}


def beyond(padding: bytes, *tags: int, architecture: str = "x86_64", **patches: int) -> bytes:
    """Make a library whose `tags` point to the padding at its end; `patches` are further tags by their numbers."""
    values = {int(number.removeprefix("t")): value for number, value in patches.items()}
    empty = Elf(architecture, versions=MEMCPY, tags=dict.fromkeys(tags, 0) | values)
    return bytes(replace(empty, tags=dict.fromkeys(tags, len(bytes(empty))) | values, padding=padding))


def tables_at_the_end(table: bytes, strings: bytes = b"") -> bytes:
    """Make a library whose dynamic table lies at its end, and DT_STRTAB behind it."""
    data = bytearray(bytes(Elf(versions=MEMCPY)))
    start = len(data)
    data += table + struct.pack("<QQ", STRTAB, start + len(table) + 32) + bytes(16) + strings
    struct.pack_into("<3Q", data, 64 + 8, 0, 0, 0)  # PT_LOAD covers all of it
    struct.pack_into("<2Q", data, 64 + 32, len(data), len(data))
    struct.pack_into("<3Q", data, 64 + 56 + 8, start, start, start)
    struct.pack_into("<2Q", data, 64 + 56 + 32, len(table), len(table))
    return bytes(data)


ENDLESS_TABLES = {
    "versions in a circle": lambda: beyond(b"", t1879048191=0xFFFFFFFF),
    "names": lambda: beyond(b"a" * (40 * MB), STRTAB),
    "entries": lambda: tables_at_the_end(struct.pack("<QQ", NEEDED, 1) * (20 * MB // 16)),
    "long names": lambda: tables_at_the_end(struct.pack("<QQ", NEEDED, 1) * 9000, b"\0" + b"a" * (3 * MB) + b"\0"),
    "symbols": lambda: beyond(struct.pack("<2L", 1, 0xFFFFFFFF) + bytes(40 * MB), HASH),
    "buckets": lambda: beyond(struct.pack("<4L", 0xFFFFFFFF, 1, 1, 0) + b"\xff" * (40 * MB), GNU_HASH),
    "a chain": lambda: beyond(struct.pack("<4LQL", 1, 1, 1, 0, 0, 1) + bytes(40 * MB), GNU_HASH),
    "relocations": lambda: beyond(bytes(40 * MB), RELA, architecture="s390x", t8=40 * MB),
}


@linux
@pytest.mark.parametrize("case", ENDLESS_TABLES)
def test_elf_tables_without_end(tmp_path, case):
    endless, good = ENDLESS_TABLES[case](), bytes(Elf(versions=MEMCPY))
    path = wheel(tmp_path, Entry("tiny/endless.so", endless, method=0), Entry("tiny/good.so", good))
    code = (
        "with open_wheel(path, limits=Limits(seconds=None)) as one: found = elf.examine(one)\n"
        "answer = [[x.file for x in found], [str(p) for p in found.problems]]"
    )
    (found, problems), peak = measured(code, path)
    assert found == ["tiny/good.so"]
    assert len(problems) == 1
    assert "tiny/endless.so begins like an ELF file, and cannot be read as one" in problems[0]
    assert "do not end where real ones do" in problems[0] or "does not end" in problems[0]
    assert peak < FEW


@linux
def test_many_elf_files_of_long_names(tmp_path):
    data = tables_at_the_end(struct.pack("<QQ", NEEDED, 1) * 3, b"\0" + b"a" * (3 * MB) + b"\0")
    path = wheel(tmp_path, *(Entry(f"tiny/{number}.so", data) for number in range(60)))
    code = (
        "with open_wheel(path, limits=Limits(seconds=None)) as one: found = elf.examine(one)\n"
        "answer = [len(found), len(found.problems)]"
    )
    (read, left_out), peak = measured(code, path)
    assert read + left_out == 60
    assert 0 < read < 20
    assert peak < FEW + 50  # what may be kept of names, and what Python takes itself
