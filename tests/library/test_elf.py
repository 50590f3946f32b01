"""ELF facts against `readelf`, on files compiled here and on pinned specimens."""

import subprocess
import zipfile

import pytest

from wheel_lab import policies
from wheel_lab.binaries import elf

MEMCPY = "#include <string.h>\nvoid f(char *a, const char *b, size_t n) { memcpy(a, b, n); }\n"


def test_read_a_compiled_file(compile_c):
    options = ["-Wl,-soname,libsample.so.1", "-Wl,--no-as-needed", "-lm", "-Wl,--disable-new-dtags,-rpath,$ORIGIN/a:/b"]
    found = elf.read_elf(compile_c(MEMCPY, *options))
    assert found.soname == "libsample.so.1"
    assert {"libm.so.6", "libc.so.6"} <= set(found.needed)
    assert (found.rpath, found.runpath) == (("$ORIGIN/a", "/b"), ())
    assert found.file.endswith("sample.so")


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
    with pytest.raises(ValueError, match=r"text\.so is not an ELF file"):
        elf.read_elf(text)
    with pytest.raises(ValueError, match=r"no \.dynamic section"):
        elf.read_elf(compile_c("int f(void) { return 1; }\n", "-r", "-nostdlib", "-no-pie", name="sample.o"))
    with pytest.raises(FileNotFoundError):
        elf.read_elf(tmp_path / "nothing.so")
    with pytest.raises(ValueError, match="not a zip archive"):
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
