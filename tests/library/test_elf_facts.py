"""What an ELF file gives and asks for beside versions: symbols, stack, segments, notes and what only debuggers read."""

import io
import shutil
import struct
import subprocess
from dataclasses import replace

import pytest
from child import measured
from hostile_elf import GNU_HASH, STRSZ, STRTAB, SYMTAB, VERSYM, Elf
from hostile_zip import MB, Entry, wheel

from wheel_lab.binaries import elf, elfsymbols
from wheel_lab.binaries.elffile import Load
from wheel_lab.wheelfile import WheelError

CODE = """
extern int asked(void); extern int maybe(void) __attribute__((weak));
__attribute__((visibility("hidden"))) int hidden(void) { return 1; }
static int own(void) { return 2; }
int given(void) { return asked() + (maybe ? maybe() : 0) + own() + hidden(); }
int data_given = 3;
"""


def words_of(path, *options):
    shown = subprocess.run(["readelf", "-W", *options, path], capture_output=True, text=True, check=True).stdout
    return [line.split() for line in shown.splitlines()]


@pytest.mark.parametrize("style", ["gnu", "sysv"])
def test_symbols(compile_c, style):
    found = elf.read_elf(compile_c(CODE, "-nostdlib", f"-Wl,--hash-style={style}"))
    assert (found.undefined, found.weak) == (("asked",), ("maybe",))
    assert found.exports == {"given", "data_given"}
    assert found.memory > 64 * 4


def test_symbols_agree_with_readelf(compile_c):
    path = compile_c(f"#include <stdio.h>\n{CODE}int g(void) {{ return puts(stderr ? 0 : 0); }}\n", "-w")
    rows = [row for row in words_of(path, "--dyn-syms") if len(row) >= 8 and row[0].rstrip(":").isdigit()]
    plain = {(row[6] == "UND", row[4], row[7]) for row in rows if "@" not in row[7]}
    found = elf.read_elf(path)
    assert {name for undefined, bind, name in plain if undefined and bind == "GLOBAL"} == set(found.undefined)
    assert {name for undefined, bind, name in plain if undefined and bind == "WEAK"} >= set(found.weak)
    assert {name for undefined, _, name in plain if not undefined} == found.exports
    assert "puts" not in found.undefined


def test_versions_that_a_library_defines(compile_c, tmp_path):
    script = tmp_path / "map"
    script.write_text("A_1 { global: given; };\nA_2 { global: data_given; local: *; } A_1;\n")
    found = elf.read_elf(compile_c(CODE, "-Wl,-soname,libg.so.1", f"-Wl,--version-script={script}"))
    assert found.versions == {"libg.so.1", "A_1", "A_2"}
    assert found.exports == {"given", "data_given", "A_1", "A_2"}
    assert elf.read_elf(compile_c(CODE)).versions == frozenset()


def test_a_version_that_is_in_no_table(compile_c, tmp_path):
    """A damaged table of versions: the loader looks such a symbol up without a version."""
    whole = Elf(versions={"libc.so.6": {"GLIBC_2.17": ["memcpy"], "GLIBC_2.34": ["free"]}})
    data = bytearray(bytes(whole))
    (tmp_path / "x.so").write_bytes(data)
    assert elf.read_elf(tmp_path / "x.so").undefined == ()
    place = data.index(struct.pack("<3H", 0, 2, 3))
    struct.pack_into("<3H", data, place, 0, 2, 9)
    (tmp_path / "x.so").write_bytes(data)
    found = elf.read_elf(tmp_path / "x.so")
    assert found.undefined == ("free",)
    assert [(need.version, need.symbols) for need in found.needs] == [("GLIBC_2.17", ("memcpy",)), ("GLIBC_2.34", ())]


@pytest.mark.parametrize(("options", "stack"), [(["-z", "execstack"], True), (["-z", "noexecstack"], False)])
def test_the_stack(compile_c, options, stack):
    assert elf.read_elf(compile_c(CODE, *options)).stack is stack


def test_a_file_that_does_not_say_what_stack_it_wants(compile_c, tmp_path):
    path = compile_c(CODE)
    data = bytearray(path.read_bytes())
    place = data.index(struct.pack("<L", 0x6474E551))
    struct.pack_into("<L", data, place, 0)
    path.write_bytes(data)
    assert elf.read_elf(path).stack is None


def test_segments_agree_with_readelf(compile_c):
    path = compile_c(CODE)
    found = elf.read_elf(path)
    rows = [row for row in words_of(path, "-l") if row[:1] == ["LOAD"]]
    theirs = [
        Load(
            offset=int(row[1], 16), address=int(row[2], 16), size=int(row[4], 16), memory=int(row[5], 16),
            alignment=int(row[-1], 16), executable="E" in row[6:-1],
        )
        for row in rows
    ]  # fmt: skip
    assert list(found.loads) == theirs
    assert found.size == path.stat().st_size


@pytest.mark.parametrize(("asked", "level"), [("v2", "x86-64-v2"), ("v3", "x86-64-v3"), ("v4", "x86-64-v4")])
def test_the_declared_instruction_set(compile_c, asked, level):
    found = elf.read_elf(compile_c(CODE, f"-Wl,-z,x86-64-{asked}"))
    assert found.isa == level
    assert elf.read_elf(compile_c(CODE)).isa is None


def test_other_machines_have_no_levels(tmp_path):
    (tmp_path / "x.so").write_bytes(bytes(Elf("aarch64")))
    assert elf.read_elf(tmp_path / "x.so").isa is None


def test_machine_code_that_the_loader_changes(tmp_path):
    for tags, changed in (({}, False), ({22: 0}, True), ({30: 4}, True), ({30: 8}, False)):
        (tmp_path / "x.so").write_bytes(bytes(Elf(tags=tags)))
        assert elf.read_elf(tmp_path / "x.so").textrel is changed


def test_what_no_loader_needs(compile_c):
    path = compile_c(CODE, "-g")
    whole = elf.read_elf(path)
    sizes = {row[-10 if row[-4].isalpha() else -9]: row for row in words_of(path, "-S") if ".debug_info" in row}
    assert sizes
    assert whole.debug > 100
    assert whole.symtab > 100
    strip = shutil.which("strip")
    assert strip, "this test needs strip, which comes with the compiler"
    subprocess.run([strip, "--strip-debug", path], check=True)
    assert (elf.read_elf(path).debug, elf.read_elf(path).symtab > 100) == (0, True)
    subprocess.run([strip, path], check=True)
    found = elf.read_elf(path)
    assert (found.debug, found.symtab) == (0, 0)
    assert replace(whole, debug=0, symtab=0, size=0, loads=()) == replace(found, size=0, loads=())


def test_sections_beyond_the_end_count_nothing(compile_c):
    path = compile_c(CODE, "-g")
    data = bytearray(path.read_bytes())
    start, count = struct.unpack_from("<Q", data, 40)[0], struct.unpack_from("<H", data, 60)[0]
    for number in range(count):
        struct.pack_into("<Q", data, start + 64 * number + 32, 1 << 60)
    path.write_bytes(data)
    found = elf.read_elf(path)
    assert (found.debug, found.symtab, "given" in found.exports) == (0, 0, True)


@pytest.mark.parametrize("style", ["gnu", "sysv"])
def test_more_symbols_take_no_more_reads(compile_c, style):
    """Large libraries export tens of thousands; none of the tables is read word by word."""

    class Counted(io.BytesIO):
        reads = 0

        def read(self, size: int | None = -1, /) -> bytes:
            self.reads += 1
            return super().read(size)

    reads = {}
    for count in (10, 3000):
        code = "".join(f"int given{number}(void) {{ return {number}; }}\n" for number in range(count))
        stream = Counted(compile_c(code, "-nostdlib", f"-Wl,--hash-style={style}").read_bytes())
        assert len(elf.read_stream(stream, "many.so").exports) == count
        reads[count] = stream.reads
    assert reads[3000] < reads[10] + 50  # the last chain of the hash table is as long as it happens to be


# --- tables that lie ---


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({STRSZ: 1 << 40}, "do not end"),
        ({STRSZ: 1 << 24}, "beyond the end of the file"),
        ({STRSZ: 3}, "a name is not where its table says"),
        ({SYMTAB: 1 << 40}, "DT_SYMTAB points out"),
        ({VERSYM: 1 << 40}, "DT_VERSYM points out"),
    ],
)
def test_symbol_tables_that_lie(tmp_path, tags, words):
    data = bytes(Elf(versions={"libc.so.6": {"GLIBC_2.17": ["memcpy"]}}, tags=tags))
    (tmp_path / "x.so").write_bytes(data)
    with pytest.raises(WheelError, match=words):
        elf.read_elf(tmp_path / "x.so")


def test_names_that_overlap(tmp_path, monkeypatch):
    """Each symbol's name is a part of one long name: together they take more than the file has."""
    (tmp_path / "x.so").write_bytes(bytes(Elf(versions={"libc.so.6": {"GLIBC_2.17": ["a" * 90, "a" * 80, "a" * 70]}})))
    assert elf.read_elf(tmp_path / "x.so").needs
    monkeypatch.setattr(elfsymbols, "KEPT", 400)
    with pytest.raises(WheelError, match="do not end where real ones do"):
        elf.read_elf(tmp_path / "x.so")


@pytest.mark.linux
def test_a_million_symbols_with_long_names(tmp_path):
    """The worst that the limits let through: it may take more memory than other files, and ends."""
    good = bytes(Elf())
    start = len(bytes(Elf(tags={GNU_HASH: 0})))
    count = (1 << 20) - 1
    # DT_GNU_HASH: one bucket, which leads to the last symbol, and for each symbol the end of a chain
    table = struct.pack("<4LQL", 1, 1, 1, 0, 0, count - 1) + b"\1\0\0\0" * count
    table += bytes(-(start + len(table)) % 8)
    size = 24 * count
    tags = {GNU_HASH: start, SYMTAB: start + len(table), STRTAB: start + len(table) + size, STRSZ: 124 * MB}
    table += b"".join(struct.pack("<LBBHQQ", 1 + 120 * n, 0x12, 0, 1, 0, 0) for n in range(count))
    data = bytes(Elf(tags=tags, padding=table + (b"a" * 119 + b"\0") * (125 * MB // 120)))
    path = wheel(tmp_path, Entry("tiny/x.so", data, method=0), Entry("tiny/good.so", good))
    code = (
        "with open_wheel(path, limits=Limits(seconds=None, ratio=None)) as one: found = elf.examine(one)\n"
        "answer = [[x.file for x in found], [str(p) for p in found.problems]]"
    )
    (found, problems), peak = measured(code, path)
    assert found == ["tiny/good.so"]
    assert len(problems) == 1
    assert "do not end where real ones do" in problems[0]
    assert peak < 500
