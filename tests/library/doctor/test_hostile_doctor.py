"""Wheels that are made to harm: within limits of memory the doctor says what is wrong, and goes on.

What the door does with them is tested in `test_hostile.py`. Here all rules see them, in a process of their own that
may take 1 GiB. An endless loop would show as a test that does not end.
"""

import json
import struct
import sys
import zipfile
from pathlib import Path

import pytest
from child import measured
from hostile_binaries import MACHO_FILES, PE_FILES, WASM_FILES
from hostile_elf import Elf
from hostile_zip import MB, Entry, bomb, write_zip
from making import FIELDS, NAME, make
from test_hostile import ENDLESS_TABLES, FEW

from wheel_lab.__main__ import main
from wheel_lab.doctor import Limits, WheelError, examine

pytestmark = [
    pytest.mark.linux,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the peak of memory from /proc"),
]
INFO = "tiny-1.0.dist-info"
FOR_LINUX = "tiny-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"
SUFFIX = ".cpython-312-x86_64-linux-gnu.so"
EXAMINE = (
    "from wheel_lab.doctor import examine\n"
    "try: answer = [[one.code, one.member, one.what] for one in examine(path, Limits(seconds=None)).findings]\n"
    "except WheelError as error: answer = str(error)"
)


def said(path: Path, ceiling: float = FEW):
    """Return the findings as (code, member, what) or the error, found within a ceiling of memory in MB."""
    answer, peak = measured(EXAMINE, path)
    assert peak < ceiling
    return answer


def codes(findings, member):
    return {code for code, about, _ in findings if about == member}


def own(name, data):
    """Put a file of .dist-info in the place of the sound one."""
    return {"change": {name: data if isinstance(data, Entry) else Entry(f"{INFO}/{name}", data)}}


# --- archives ---


def quoting(folder):
    """Make a flat bomb: a member that holds the header and the data of the next one."""
    kernel = bomb("tiny/kernel", b"", 50 * MB)
    whole = write_zip(folder / "one.zip", [kernel]).read_bytes()
    outer = Entry("tiny/quoting", whole[: whole.index(b"PK\x01\x02")], method=0)
    inner = Entry("tiny/kernel", packed=kernel.packed, size=kernel.size, crc=kernel.crc, at=0)
    path = make(folder, outer, inner)
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    struct.pack_into("<L", data, entry + 42, 30 + len("tiny/quoting"))
    path.write_bytes(data)
    return path


def nested(folder):
    """Make a wheel that holds an archive that holds an archive, each of them much larger when it is unpacked."""
    data = write_zip(folder / "core.zip", [bomb("zeros", b"", 2000 * MB)]).read_bytes()
    for number in range(3):
        data = write_zip(folder / f"{number}.zip", [Entry(f"{n}.zip", data) for n in range(16)]).read_bytes()
    return make(folder, Entry("tiny/nested.zip", data))


def shared(folder):
    """Make 1,000 members that all have the same 100 MB."""
    one = bomb("tiny/0", b"\x7fELF", 100 * MB)
    more = (Entry(f"tiny/{n}", packed=one.packed, size=one.size, crc=one.crc, at=0) for n in range(1, 1000))
    return make(folder, one, *more)


ARCHIVES = {
    "a member of 2 GB in 2 MB": (lambda folder: make(folder, bomb("tiny/a", b"", 2000 * MB)), "", "I116"),
    "a member that holds the next one": (quoting, "tiny/kernel", "I110"),
    "1,000 members that share their bytes": (shared, "tiny/999", "I110"),
    "encrypted": (lambda folder: make(folder, Entry("tiny/a", b"a", flags=1)), "tiny/a", "I115"),
    "a name above the folder": (lambda folder: make(folder, Entry("../../a")), "../../a", "I113"),
    "an absolute name": (lambda folder: make(folder, Entry("/etc/passwd")), "/etc/passwd", "I113"),
    "a name on a drive": (lambda folder: make(folder, Entry("C:/a")), "C:/a", "I113"),
    "a link": (lambda folder: make(folder, Entry("tiny/a", b"/etc/passwd", mode=0o120777)), "tiny/a", "I114"),
    "escape codes": (lambda folder: make(folder, Entry("tiny/\x1b[2J\x07")), "tiny/\x1b[2J\x07", "I112"),
    "a name that is no text": (lambda folder: make(folder, Entry(b"tiny/\xff\xfe")), r"tiny/\xff\xfe", "I112"),
}


@pytest.mark.parametrize("case", ARCHIVES)
def test_an_archive_that_is_made_to_harm(tmp_path, case):
    build, member, code = ARCHIVES[case]
    findings = said(build(tmp_path))
    assert code in {found for found, _, _ in findings}, findings
    assert any(code == found and (about == member or "more" in what) for found, about, what in findings), findings


def test_archives_within_are_not_unpacked(tmp_path):
    path = nested(tmp_path)
    assert path.stat().st_size < 4 * MB
    assert [code for code, member, _ in said(path) if member == "tiny/nested.zip" and code[0] != "B"] == []


@pytest.mark.parametrize(("count", "code"), [(99_990, "I402"), (100_000, None)])
def test_a_hundred_thousand_members(tmp_path, count, code):
    path = make(tmp_path, *(Entry(f"tiny/{n}.py", method=0) for n in range(count)), rows=("tiny/lost.py,,",))
    answer = said(path, ceiling=2 * FEW)
    if code:
        assert code in codes(answer, "tiny/lost.py")
    else:
        assert answer.startswith(f"{NAME} lists more than 100,000 members")


# --- the files of .dist-info ---

W = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n"
PARTS = ".".join(f"a{number}" for number in range(3000))
ENDLESS = b"A line of a description that has no end.\n" * (MB // 41)
DEEP = "(" * 20_000 + "{}" + ")" * 20_000
SCRIPTS = f"{INFO}/entry_points.txt"
FILES = {
    "METADATA of 540 MB": (
        own("METADATA", bomb(f"{INFO}/METADATA", FIELDS.encode() + b"\n", 540 * MB, ENDLESS)),
        "I117",
    ),
    "a million fields": (own("METADATA", FIELDS.encode() + b"Classifier: a\n" * 1_000_000), "I117"),
    "a marker 20,000 levels deep": ({"more": f"Requires-Dist: a; {DEEP.format('os_name')}\n"}, "I301"),
    "a marker 2,000 levels deep": ({"more": f"Requires-Dist: a; {DEEP[18_000:-18_000].format('os_name')}\n"}, "I301"),
    "a licence 2,000 levels deep": ({"more": f"License-Expression: {DEEP[18_000:-18_000].format('MIT')}\n"}, "I301"),
    "a version of 200,000 parts": ({"fields": FIELDS.replace("1.0", "1." * 200_000 + "0")}, "I301"),
    "METADATA in UTF-16": (own("METADATA", FIELDS.encode("utf-16")), "I301"),
    "METADATA in Latin-1": (own("METADATA", (FIELDS + "Author: \xe9\n").encode("latin-1")), "I304"),
    "RECORD without end": (own("RECORD", bomb(f"{INFO}/RECORD", b"", 15 * MB, b"a,,\n" * (MB // 4))), "I117"),
    "RECORD that quotes without end": (own("RECORD", b'"' + b"a\n" * 1_000_000), "I117"),
    "RECORD in UTF-16": (own("RECORD", "a,,\n".encode("utf-16")), "I403"),
    "RECORD with NUL": (own("RECORD", b"a\0b,,\n" * 10), "I402"),
    "WHEEL without end": (own("WHEEL", W.encode() + b"Tag: py3-none-any\n" * 100_000), "I117"),
    "a tag that stands for 27 billion": (own("WHEEL", f"{W}Tag: {PARTS}-{PARTS}-{PARTS}\n".encode()), "P103"),
    "a version of a million digits": (own("WHEEL", W.replace("1.0", "9" * 100_000).encode()), "P104"),
    "WHEEL in Latin-1": (own("WHEEL", f"{W}Tag: \xe9-none-any\n".encode("latin-1")), "P106"),
    "commands that are no text": ({"entries": [Entry(SCRIPTS, b"[console_scripts]\n\xff = a:b\n")]}, "I401"),
    "a million brackets": ({"entries": [Entry(SCRIPTS, b"[" * 1_000_000)]}, "I401"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_of_dist_info_that_is_made_to_harm(tmp_path, case):
    defect, code = FILES[case]
    path = make(tmp_path, *defect.get("entries", ()), **{key: one for key, one in defect.items() if key != "entries"})
    findings = said(path)
    assert code in {found for found, _, _ in findings}, findings


def test_a_name_that_stands_for_thousands_of_tags(tmp_path):
    some = ".".join("abcdefghijklmnopqrst")
    findings = said(make(tmp_path, name=f"tiny-1.0-{some}-{some}-{some}.whl"))
    assert "I201" in {code for code, _, _ in findings}


# --- compiled files: one that lies, and a sound one beside it whose floor must still be found ---

TOO_NEW = bytes(Elf(versions={"libc.so.6": {"GLIBC_2.34": ["dlopen"]}}))
BROKEN_ELF = {
    "cut off": TOO_NEW[:70],
    "offsets of ones": TOO_NEW[:32] + b"\xff" * 16 + TOO_NEW[48:],
    "a class that is none": TOO_NEW[:4] + b"\x09" + TOO_NEW[5:],
    "segments of ones": TOO_NEW[:64] + b"\xff" * 168 + TOO_NEW[232:],
}
BINARIES = {
    **{f"ELF: {name}": data for name, data in BROKEN_ELF.items()},
    **{f"PE: {name}": data for name, data in PE_FILES.items()},
    **{f"Mach-O: {name}": data for name, data in MACHO_FILES.items()},
    **{f"WebAssembly: {name}": data for name, data in WASM_FILES.items()},
}


# What these begin with is also a program's that is linked statically, a Java class's, or whatever WebAssembly is for.
SILENT = {"ELF: segments of ones", "Mach-O: 4 billion slices", "Mach-O: 10,000 slices in one place"}


@pytest.mark.parametrize("case", BINARIES)
def test_a_compiled_file_that_lies_hides_no_other(tmp_path, case):
    lie, good = f"tiny/a{'.cp312-win_amd64.pyd' if case[:2] == 'PE' else SUFFIX}", f"tiny/b{SUFFIX}"
    findings = said(make(tmp_path, Entry(lie, BINARIES[case]), Entry(good, TOO_NEW), name=FOR_LINUX))
    assert any(about == good and "GLIBC_2.34" in what for _, about, what in findings), findings
    assert case in SILENT or any(lie in what for _, _, what in findings), findings
    assert not any(" at 0x" in what for _, _, what in findings), "an object's address: another one in each run"


@pytest.mark.parametrize("case", ENDLESS_TABLES)
def test_elf_tables_without_end(tmp_path, case):
    lie, good = f"tiny/a{SUFFIX}", f"tiny/b{SUFFIX}"
    path = make(tmp_path, Entry(lie, ENDLESS_TABLES[case](), method=0), Entry(good, TOO_NEW), name=FOR_LINUX)
    findings = said(path, ceiling=2 * FEW)
    assert any(about == good and "GLIBC_2.34" in what for _, about, what in findings), findings
    assert any(about == lie for _, about, _ in findings), findings


# --- nothing of it reaches a terminal, or the disk ---

EVIL = "tiny/\x1b]0;title\x07\x1b[2J\r\n::error::\u202e\x9b2J.py"


@pytest.mark.parametrize("form", ["text", "json", "github", "gitlab"])
def test_no_escape_code_reaches_a_terminal(tmp_path, capsys, form):
    metadata = f"{FIELDS}Requires-Dist: \x1b[2J\nX-\x1b[2J: a\n\x1b[2J\n"
    elf = bytes(Elf(needed=("lib\x1b[2J.so", "libc.so.6"), runpath="/home/\x1b[2J", soname="\x9b2J"))
    path = make(
        tmp_path, Entry(EVIL), Entry(f"tiny/x{SUFFIX}", elf), Entry(SCRIPTS, b"[console_scripts]\n\x1b[2J = a:b\n"),
        fields=metadata, name=FOR_LINUX, rows=("\x1b[2J,,",), comment=b"\x1b[2J", change={
            "WHEEL": Entry(f"{INFO}/WHEEL", f"{W}Tag: \x1b[2J\n\x1b[2J".encode()),
        },
    )  # fmt: skip
    assert main(["doctor", str(path), "--format", form]) == 1
    out, err = capsys.readouterr()
    assert err == ""
    assert not [one for one in out if not one.isprintable() and one != "\n"]
    assert "\n::error::\u202e" not in out
    if form == "json":
        members = {one["member"] for one in json.loads(out)["wheels"][0]["findings"]}
        assert EVIL in members  # a program gets the name as it is


def test_nothing_is_written(tmp_path, monkeypatch):
    path = make(tmp_path, Entry("../../escaped"), Entry("/tmp/wheel-lab-escaped"), Entry("a", b"/tmp", mode=0o120777))
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)
    assert main(["doctor", str(path)]) in (0, 1)
    assert sorted(tmp_path.rglob("*")) == before
    assert not Path("/tmp/wheel-lab-escaped").exists()
    assert not (tmp_path.parents[1] / "escaped").exists()


def test_limits_hold_for_the_doctor_too(tmp_path):
    path = make(tmp_path)
    with zipfile.ZipFile(path) as opened:
        count = len(opened.namelist())
    for limits in (Limits(members=count - 1), Limits(total_size=10), Limits(seconds=0)):
        with pytest.raises(WheelError) as caught:
            examine(path, limits)
        assert caught.value.limit
