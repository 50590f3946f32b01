"""ELF facts against `readelf`, on files compiled here, and what ends a file that has no end."""

import shutil
import struct
import subprocess
import zipfile
from dataclasses import replace

import pytest
from hostile_elf import HASH, STRTAB, VERNEED, VERSYM, Elf
from hostile_zip import NAME, Entry, wheel, write_zip

from wheel_lab import policies
from wheel_lab.binaries import elf, elftables, reading
from wheel_lab.wheelfile import Limits, WheelError, open_wheel

MEMCPY = "#include <string.h>\nvoid f(char *a, const char *b, size_t n) { memcpy(a, b, n); }\n"


def test_read_a_compiled_file(compile_c):
    options = ["-Wl,-soname,libsample.so.1", "-Wl,--no-as-needed", "-lm", "-Wl,--disable-new-dtags,-rpath,$ORIGIN/a:/b"]
    found = elf.read_elf(compile_c(MEMCPY, *options))
    assert found.soname == "libsample.so.1"
    assert {"libm.so.6", "libc.so.6"} <= set(found.needed)
    assert (found.rpath, found.runpath) == (("$ORIGIN/a", "/b"), ())
    assert found.file.endswith("sample.so")


def test_it_prints_what_it_asks_for(compile_c):
    text = str(elf.read_elf(compile_c(MEMCPY, "-Wl,--enable-new-dtags,-rpath,/a:/b")))
    assert text.splitlines()[1:] == [
        "  SONAME   none",
        "  NEEDED   libc.so.6",
        "  RPATH    none",
        "  RUNPATH  /a:/b",
    ]


def test_runpath_is_told_from_rpath(compile_c):
    found = elf.read_elf(compile_c(MEMCPY, "-Wl,--enable-new-dtags,-rpath,/b"))
    assert (found.rpath, found.runpath, found.soname) == ((), ("/b",), None)


def test_symbols_agree_with_readelf(compile_c):
    path = compile_c(MEMCPY, "-fno-builtin")
    shown = subprocess.run(["readelf", "-W", "--dyn-syms", path], capture_output=True, text=True, check=True).stdout
    words = [line.split()[7] for line in shown.splitlines() if " UND " in line and "@" in line]
    theirs = {tuple(word.replace("@@", "@").split("@")) for word in words}
    ours = {(symbol, need.version) for need in elf.read_elf(path).needs for symbol in need.symbols}
    assert ours == theirs
    assert "memcpy" in {symbol for symbol, _ in ours}


def test_no_versions_at_all(compile_c):
    found = elf.read_elf(compile_c("int f(void) { return 1; }\n", "-nostdlib"))
    assert found.needs == found.needed == ()
    assert policies.floor(found).version is None
    assert policies.floor(found).tag is None


def test_what_is_no_elf_file(tmp_path, compile_c):
    text = tmp_path / "text.so"
    text.write_text("hello")
    with pytest.raises(WheelError, match=r"^text\.so is not an ELF file"):
        elf.read_elf(text)
    with pytest.raises(WheelError, match=r"^sample\.o is an object file"):
        elf.read_elf(compile_c("int f(void) { return 1; }\n", "-r", "-nostdlib", "-no-pie", name="sample.o"))
    with pytest.raises(FileNotFoundError):
        elf.read_elf(tmp_path / "nothing.so")
    with pytest.raises(WheelError, match="not a zip archive"):
        elf.elf_files_of(text)


def test_of_wheel_reads_members_by_content(make_wheel, compile_c):
    data = compile_c(MEMCPY).read_bytes()
    files = {"tiny/ext.so": data, "tiny/data.bin": data, "tiny/not.so": b"text"}
    assert [one.file for one in elf.elf_files_of(make_wheel(files))] == ["tiny/ext.so", "tiny/data.bin"]
    assert elf.elf_files_of(make_wheel()) == ()


def test_zip_members_are_not_unpacked(make_wheel, compile_c, tmp_path):
    wheel = make_wheel({"tiny/ext.so": compile_c(MEMCPY).read_bytes()})
    before = sorted(tmp_path.rglob("*"))
    elf.elf_files_of(wheel)
    assert sorted(tmp_path.rglob("*")) == before
    assert zipfile.is_zipfile(wheel)


# --- as the loader reads it: by segments ---


def strip_sections(data: bytes) -> bytes:
    """Leave out the section headers, as some packers do: the loader never looks at them."""
    return data[:40] + bytes(8) + data[48:60] + bytes(4) + data[64:]


def overwrite_sections(data: bytes) -> bytes:
    start = struct.unpack_from("<Q", data, 40)[0]
    return data[:start] + b"\x41" * (len(data) - start)


@pytest.mark.parametrize("change", [strip_sections, overwrite_sections])
@pytest.mark.parametrize("style", ["gnu", "sysv"])
@pytest.mark.parametrize("visible", [True, False])
def test_without_sound_section_headers(compile_c, change, style, visible):
    code = MEMCPY if visible else f"{MEMCPY.replace('void f', 'static void f')}void *p[] = {{f}};\n"
    path = compile_c(
        code, "-fno-builtin", f"-Wl,--hash-style={style}", f"-fvisibility={'default' if visible else 'hidden'}"
    )
    whole = elf.read_elf(path)
    assert "memcpy" in {symbol for need in whole.needs for symbol in need.symbols}
    path.write_bytes(change(path.read_bytes()))
    assert whole.symtab > 0
    assert elf.read_elf(path) == replace(whole, symtab=0)


def test_a_program_and_its_loader(compile_c):
    code = '#include <stdio.h>\nint main(void) { return puts("hello"); }\n'
    program = elf.read_elf(compile_c(code, "-no-pie", "-fno-pic", "-nostartfiles", "-Wl,-e,main", name="program"))
    assert (program.libc, program.needed) == ("glibc", ("libc.so.6",))
    assert "puts" in {symbol for need in program.needs for symbol in need.symbols}


def test_debug_symbols_by_themselves(compile_c, tmp_path):
    path = compile_c(MEMCPY, "-g")
    objcopy = shutil.which("objcopy")
    assert objcopy, "this test needs objcopy, which comes with the compiler"
    subprocess.run([objcopy, "--only-keep-debug", path, tmp_path / "sample.debug"], check=True)
    with pytest.raises(WheelError, match="not linked dynamically"):
        elf.read_elf(tmp_path / "sample.debug")


def test_one_broken_file_hides_no_other(tmp_path, compile_c):
    good = compile_c(MEMCPY).read_bytes()
    small = Elf(versions={"libc.so.6": {"GLIBC_2.17": ["memcpy"]}})
    beyond = 1 << 40
    broken = {
        "cut.so": good[:1200],
        "short.so": good[:20],
        "text": b"\x7fELF is how this text begins",
        "names.so": bytes(replace(small, tags={STRTAB: beyond})),
        "versions.so": bytes(replace(small, tags={VERNEED: beyond})),
        "numbers.so": bytes(replace(small, tags={VERSYM: beyond})),
        "hash.so": bytes(replace(small, tags={HASH: beyond})),
        "empty.so": bytes(replace(small, needed=("",))),
        "strings.so": bytes(small).replace(b"libc.so.6", b"\xff\xfe.so.6"),
    }
    unlinked = {
        "object.o": bytes(Elf(kind=1)),
        "static": b"\x7fELF\x02\x01\x01" + bytes(9) + bytes(Elf())[16:56] + bytes(8),
    }
    entries = [Entry(f"tiny/{name}", data) for name, data in (broken | unlinked).items()]
    path = wheel(tmp_path, Entry("tiny/locked.so", good, flags=1), *entries, Entry("tiny/good.so", good))
    found = elf.examine(path)
    assert [one.file for one in found] == ["tiny/good.so"]
    assert len(found) == 1
    kinds = {problem.member.removeprefix("tiny/"): problem.kind for problem in found.problems}
    assert kinds == {
        "locked.so": "encrypted",
        **dict.fromkeys(broken, "malformed"),
        **dict.fromkeys(unlinked, "unlinked"),
    }
    assert elf.elf_files_of(path) == found.found
    with open_wheel(path) as opened:
        assert elf.examine(opened) == found
        assert set(opened.problems) <= set(found.problems)


def test_a_version_that_is_asked_for_without_a_symbol(tmp_path):
    (tmp_path / "x.so").write_bytes(
        bytes(Elf(versions={"libc.so.6": {"GLIBC_ABI_DT_RELR": [], "GLIBC_2.4": ["free"]}}))
    )
    needs = elf.read_elf(tmp_path / "x.so").needs
    assert [(need.version, need.symbols) for need in needs] == [("GLIBC_2.4", ("free",)), ("GLIBC_ABI_DT_RELR", ())]
    assert "the version alone" in str(needs[1])


# --- what ends it ---


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BUDGET", 2000, "its tables or names do not end"),
        ("STRETCH", 40, "its tables or names do not end"),
        ("TAGS", 5, "its dynamic table does not end"),
    ],
)
def test_a_file_that_asks_for_too_much_work(compile_c, monkeypatch, name, value, words):
    path = compile_c(MEMCPY)
    monkeypatch.setattr(elftables, name, value)
    with pytest.raises(WheelError, match=words) as caught:
        elf.read_elf(path)
    assert caught.value.problem.kind == "malformed"


def test_files_whose_names_take_too_much_memory(tmp_path, monkeypatch):
    data = bytes(Elf(versions={"libc.so.6": {"GLIBC_2.17": ["memcpy"]}}))
    path = wheel(tmp_path, *(Entry(f"tiny/{name}.so", data) for name in "abc"))
    assert len(elf.examine(path)) == 3
    monkeypatch.setattr(reading, "KEPT", 200)  # one takes 64 and its length for each of two names
    found = elf.examine(path)
    assert [one.file for one in found] == ["tiny/a.so", "tiny/b.so"]
    assert [(one.member, one.kind) for one in found.problems] == [("tiny/c.so", "size")]


def test_time_that_ends_within_a_file(tmp_path, compile_c, monkeypatch):
    path, now = write_zip(tmp_path / NAME, [Entry("tiny/x.so", compile_c(MEMCPY).read_bytes())]), [0.0]

    def clock():
        now[0] += 0.01  # of a second for each read
        return now[0]

    monkeypatch.setattr("time.process_time", clock)
    with open_wheel(path, limits=Limits(seconds=1e9)) as opened:
        assert elf.examine(opened).found
    with open_wheel(path, limits=Limits(seconds=now[0] * 0.9)) as opened, pytest.raises(WheelError) as caught:
        elf.examine(opened)
    assert (caught.value.limit, caught.value.problem) == ("seconds", None)
