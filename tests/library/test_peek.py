"""A look into one file: a text, the headers of a compiled file, or first bytes; nothing that a terminal obeys."""

import pytest
from hostile_zip import Entry, write_zip
from tiny_macho import macho, universal
from tiny_pe import pe

from wheel_lab import peek as peeks
from wheel_lab.binaries.elf import read_elf
from wheel_lab.peek import Peek, difference, headers, headers_of, peek
from wheel_lab.wheelfile import WheelError


def test_a_text_is_shown_line_by_line(make_wheel):
    found = peek(make_wheel({"tiny/a.py": "x = 'ü'\n\tindented \x1b[31m\n".encode()}), "tiny/a.py")
    assert (found.kind, found.lines, found.cut) == ("text", ("x = 'ü'", "    indented \\x1b[31m"), False)
    assert str(found).splitlines() == ["tiny/a.py", "  x = 'ü'", "      indented \\x1b[31m"]
    assert peek(make_wheel({"e.py": b""}), "e.py").lines == ()


def test_a_long_text_is_cut_and_a_character_in_two_is_no_reason_to_call_it_binary(make_wheel):
    wheel = make_wheel(
        {"lines.txt": b"x\n" * 1000, "umlauts.txt": b"a" + "ü".encode() * peeks.HEAD, "line.txt": b"x" * 900}
    )
    lines = peek(wheel, "lines.txt")
    assert lines.cut
    assert len(lines.lines) == peeks.LINES
    assert str(lines).endswith("…")
    assert peek(wheel, "umlauts.txt").kind == "text"
    assert len(peek(wheel, "line.txt").lines[0]) == peeks.LINE + 1


@pytest.mark.parametrize("data", [b"\0\1\2" * 100, b"\xff\xfe no text", b"x" * 300 + b"\xff"])
def test_of_other_files_the_first_bytes_are_shown(make_wheel, data):
    found = peek(make_wheel({"data.bin": data}), "data.bin")
    assert found.kind == "bytes"
    assert found.lines[0].startswith(data[:16].hex(" "))
    assert found.cut == (len(data) > peeks.FIRST)


def test_what_cannot_be_read_says_so(tmp_path):
    wheel = write_zip(
        tmp_path / "tiny-1.0-py3-none-any.whl", [Entry("secret.py", b"x", flags=1), Entry("a.py", b"x", crc=7)]
    )
    assert peek(wheel, "secret.py").kind == "unreadable"
    assert "encrypted" in peek(wheel, "secret.py").lines[0]
    assert peek(wheel, "a.py").kind == "unreadable"
    with pytest.raises(WheelError, match=r"has no file b\\x1b\.py"):
        peek(wheel, "b\x1b.py")


def test_the_headers_of_a_compiled_file(make_wheel, compile_c):
    library = compile_c("#include <math.h>\ndouble f(double x) { return exp(x); }", "-lm", "-Wl,-soname,libf.so.1",
                        "-Wl,--disable-new-dtags", "-Wl,-rpath,$ORIGIN/../tiny.libs")  # fmt: skip
    wheel = make_wheel({"tiny/f.so": library.read_bytes()})
    found = peek(wheel, "tiny/f.so", headers(wheel))
    assert found.kind == "headers"
    assert found.lines == headers_of(read_elf(library))
    assert found.lines[:2] == ("format  ELF for x86_64", "SONAME  libf.so.1")
    assert "NEEDED  libm.so.6" in found.lines
    assert "RPATH   $ORIGIN/../tiny.libs" in found.lines
    assert any(line.startswith("asks    libm.so.6 for GLIBC_2.") and line.endswith(": exp") for line in found.lines)
    assert found.lines[-1].startswith("floor   glibc 2.")
    assert peek(wheel, "tiny/f.so").kind == "bytes"  # the headers are not known
    alone = compile_c("int g() { return 1; }", "-nostdlib", "-Wl,--enable-new-dtags,-rpath,/opt")
    lines = headers_of(read_elf(alone))
    assert {"SONAME  none", "NEEDED  none", "RUNPATH /opt"} <= set(lines)
    assert lines[-1] == "floor   none: nothing is asked of glibc by version"


def test_the_headers_of_other_formats(make_wheel):
    both = universal(macho("x86_64", needed=("@rpath/liba.dylib",)), macho("arm64"))
    known = headers(make_wheel({"a.pyd": pe(needed=("KERNEL32.dll",)), "a.so": both, "a.wasm": b"\0asm\1\0\0\0"}))
    assert any("KERNEL32.dll" in line for line in known["a.pyd"])
    assert sum(line.startswith("a.so (") for line in known["a.so"]) == 2
    assert any("@rpath/liba.dylib" in line for line in known["a.so"])
    assert known["a.wasm"] == ("a.wasm (WebAssembly 1)",)


def test_the_difference_of_two_files():
    old = Peek("a", "text", ("1", "2", "3", "4", "5", "6", "old", "8"))
    new = Peek("a", "text", ("1", "2", "3", "4", "5", "6", "new", "8", "9"))
    assert difference(old, new) == ("…", "  5", "  6", "- old", "+ new", "  8", "+ 9")
    assert difference(Peek("a", "text", ("x", "y")), Peek("a", "text", ("z", "y"))) == ("- x", "+ z", "  y")
    assert difference(old, old) == ()
