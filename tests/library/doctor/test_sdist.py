"""Each rule about source distributions has a file with that one defect, where it fires, and a good twin."""

import bz2
import gzip
import io
import os
import tarfile
import zipfile
import zlib

import pytest
from hostile_zip import MB
from hypothesis import given, settings
from hypothesis import strategies as st

from wheel_lab.doctor import RULES, Limits, WheelError, examine
from wheel_lab.doctor.sdist.reading import read_sdist

FIELDS = "Metadata-Version: 2.4\nName: tiny\nVersion: 1.0\n"
TOP = "tiny-1.0"


def member(name, data=b"", kind=tarfile.REGTYPE, target="", **headers):
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname, info.pax_headers = len(data), kind, target, headers
    return info, data


def make(folder, *members, name="tiny-1.0.tar.gz", top=TOP, fields=FIELDS, more="", leave=(), after=b"", **options):
    """Write a source distribution that is sound but for what is asked."""
    parts = [member(f"{top}/PKG-INFO", (fields + more).encode()), member(f"{top}/pyproject.toml")]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=options.get("format", tarfile.PAX_FORMAT)) as archive:
        for info, data in [*(one for one in parts if one[0].name not in leave), *members]:
            archive.addfile(info, io.BytesIO(data))
    path = folder / name
    path.write_bytes(options.get("pack", gzip.compress)(buffer.getvalue()) + after)
    return path


def sparse(name):
    """Make a member in the newer of the two forms that GNU tar writes."""
    return member(name, b"1\n0\n1\n" + bytes(506) + b"x", **{"GNU.sparse.major": "1", "GNU.sparse.minor": "0",
                  "GNU.sparse.name": name, "GNU.sparse.realsize": "1"})  # fmt: skip


def a_zip():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", "b")
    return buffer.getvalue()


def link(target, kind=tarfile.SYMTYPE, name=f"{TOP}/a/link"):
    return [member(name, kind=kind, target=target)]


LICENSED = {"more": "License-File: LICENSE\n"}
# For each rule: (what, the members and keywords of `make` with the defect, the same of its good twin).
CASES = {
    "I117": [
        ("is too large, or not a file", {"more": "a" * (2 * MB)},
         {"more": f"Description-Content-Type: text/plain\n\n{'a' * MB}"}),
        ("fields of", {"more": "Requires-Dist: a\n" * 20_001}, {}),
    ],
    "I302": [("PKG-INFO is written in version nine", {"fields": FIELDS.replace("2.4", "nine")}, {})],
    "I301": [("PKG-INFO: 'three' is invalid", {"more": "Requires-Python: three\n"}, {})],
    "I601": [
        ("tiny-1.0.tar.gz", {"name": "Tiny-1.0.tar.gz"}, {}),
        ("tiny-1.0.tar.gz", {"name": "tiny-1.0.0.tar.gz", "top": "tiny-1.0.0"}, {}),
        ("tiny_two-1.0.tar.gz", {"fields": FIELDS.replace("tiny", "Tiny.two")},
         {"name": "tiny_two-1.0.tar.gz", "top": "tiny_two-1.0", "fields": FIELDS.replace("tiny", "Tiny.two")}),
        ("tiny-1.0.tar.gz", {"name": "tiny-1.0.zip", "pack": lambda data: a_zip()}, {}),
        ("{name}-{version}.tar.gz", {"name": "tiny.zip"}, {}),
    ],
    "I602": [
        ("Not a gzipped file", {"pack": bz2.compress}, {}),
        ("ended before",
         {"members": [member("a", os.urandom(8192))], "pack": lambda data: gzip.compress(data)[:-900]}, {}),
        ("decompress", {"pack": lambda data: gzip.compress(data)[:12] + b"\xff" * 100}, {}),
        ("header", {"pack": lambda data: gzip.compress(b"no tar " * 1000)}, {}),
        ("unexpected end", {"pack": lambda data: gzip.compress(data[:700])}, {}),
    ],
    "I603": [("at once", {"after": a_zip()}, {})],
    "I604": [(f"{TOP}/a", [sparse(f"{TOP}/a")], [member(f"{TOP}/a", b"x")])],
    "I605": [
        (f"{TOP}, other", [member("other/a")], [member(f"{TOP}/other/a")]),
        ("there are none", {"leave": (f"{TOP}/PKG-INFO", f"{TOP}/pyproject.toml")}, {}),
        ("in one folder", [member(f"/{TOP}/a")], []),
    ],
    "I606": [(f"{TOP}/PKG-INFO", {"leave": (f"{TOP}/PKG-INFO",), "members": [member(f"{TOP}/a")]}, {})],
    "I607": [(f"{TOP}/LICENSE", LICENSED, {**LICENSED, "members": [member(f"{TOP}/LICENSE")]})],
    "I608": [
        ("outside", [member(f"{TOP}/../../a")], [member(f"{TOP}/..a")]),
        ("has .. in its name", [member(f"{TOP}/a/../b")], [member(f"{TOP}/b")]),
        ("a device, a pipe", [member(f"{TOP}/a", kind=tarfile.FIFOTYPE)], [member(f"{TOP}/a", kind=tarfile.DIRTYPE)]),
        ("link to ../../../b", link("../../../b"), link("../../b")),
        ("link to /etc/passwd", link("/etc/passwd"), link("b")),
        ("link to ../b", link("../b", tarfile.LNKTYPE), link(f"{TOP}/b", tarfile.LNKTYPE)),
    ],
    "I609": [("other-1.0/", {"top": "other-1.0"}, {})],
    "I610": [
        ("pyproject.toml", {"leave": (f"{TOP}/pyproject.toml",), "members": [member(f"{TOP}/setup.py")]},
         [member(f"{TOP}/setup.py")]),
    ],
    "I611": [
        ("pyproject.toml", {"leave": (f"{TOP}/pyproject.toml",), "members": [member(f"{TOP}/a")]}, {}),
    ],
    "I612": [("2.1", {"fields": FIELDS.replace("2.4", "2.1")}, {"fields": FIELDS.replace("2.4", "2.2")})],
}  # fmt: skip
# With a path out of the folder, the members have no folder in common.
CONSEQUENCES = {"I608 outside": {"I605"}}


def built(folder, case):
    case = {"members": case} if isinstance(case, list) else dict(case)
    return make(folder, *case.pop("members", ()), **case)


@pytest.mark.parametrize(
    ("code", "word", "defect", "twin"),
    [pytest.param(code, *case, id=f"{code} {case[0]}") for code, cases in CASES.items() for case in cases],
)
def test_a_rule_fires_alone_and_not_on_the_good_twin(tmp_path, code, word, defect, twin):
    report = examine(built(tmp_path, defect))
    assert any(word in finding.what for finding in report.findings if finding.code == code), report
    assert {finding.code for finding in report.findings} - CONSEQUENCES.get(f"{code} {word}", set()) == {code}, report
    errors = any(finding.level == "error" for finding in report.findings)
    assert report.verdicts == {"index": "no" if errors else "yes"}
    assert examine(built(tmp_path, twin)).findings == ()


def test_each_rule_has_a_case():
    assert {code for code in RULES if code.startswith("I6")} <= set(CASES)


def test_an_archive_of_a_tag_is_no_source_distribution(tmp_path):
    path = make(tmp_path, member("tiny-v1.0/a"), name="v1.0.tar.gz", top="tiny-v1.0", leave=("tiny-v1.0/PKG-INFO",))
    assert {finding.code for finding in examine(path).findings} == {"I601", "I606"}


def test_a_large_file(tmp_path):
    path = make(tmp_path, after=bytes(100 * MB))
    report = examine(path)
    assert ([finding.code for finding in report.findings], report.verdicts) == (["I501"], {"index": "cannot tell"})
    assert "auditwheel" not in report.findings[0].fix


def test_an_open_file(tmp_path):
    with open(make(tmp_path), "rb") as file:
        assert examine(file).verdicts == {"index": "yes"}
        assert not file.closed


def deflated(*pieces):
    """Pack pieces, each (bytes, how many times), without ever holding them unpacked."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(data) for data, times in pieces for _ in range(times)) + packer.flush()


@pytest.mark.parametrize(
    ("limit", "limits", "packed"),
    [
        ("ratio", Limits(), lambda: deflated((header("a/b", 40 * MB), 1), (bytes(MB), 40))),
        (
            "total_size",
            Limits(total_size=9 * MB, ratio=None),
            lambda: deflated((header("a/b", 10 * MB), 1), (bytes(MB), 12)),
        ),
        ("members", Limits(members=99), lambda: deflated((header("a/b", 0), 100))),
        ("seconds", Limits(seconds=0), lambda: deflated((header("a/b", 0), 100))),
    ],
)
def test_limits(tmp_path, limit, limits, packed):
    path = tmp_path / "tiny-1.0.tar.gz"
    path.write_bytes(packed())
    with pytest.raises(WheelError) as caught:
        examine(path, limits)
    assert caught.value.limit == limit


def header(name, size, kind=tarfile.REGTYPE):
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("a header in it is larger than real ones", [(header("a", 1 << 30, tarfile.XHDTYPE), 1), (b"9 a=b\n", 999)]),
        ("a header in it is larger than real ones", [(header("a", 1 << 30, tarfile.GNUTYPE_LONGNAME), 1)]),
        ("", [(header("a", 512, tarfile.XHDTYPE) + b"6 a=b\n".ljust(512, b"\0"), 5000)]),
        ("", [(header("a", 512, tarfile.GNUTYPE_SPARSE), 1)]),
        ("", [(header("a", 0), 2), (header("b", -4096), 1)]),
        ("", [(sparse("a")[0].tobuf(tarfile.PAX_FORMAT) + b"1000000000\n1\n".ljust(512, b"0"), 1)]),
    ],
)
def test_tables_that_do_not_end(tmp_path, word, pieces):
    path = tmp_path / "tiny-1.0.tar.gz"
    path.write_bytes(deflated(*pieces))
    report = examine(path, Limits(seconds=30))
    assert {finding.code for finding in report.findings} <= {"I602", "I604", "I605"}
    assert word in report.findings[0].what


def test_only_some_files_named_pkg_info_are_kept(tmp_path):
    path = make(tmp_path, *(member(f"{n}/PKG-INFO", b"x") for n in range(9)))
    with open(path, "rb") as file:
        found = read_sdist(file, path.name, Limits(seconds=None, members=None, total_size=None, ratio=None)).pkg_info
    assert [len(found), sum(data is None for data in found.values())] == [10, 2]


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    path = make(tmp_path_factory.mktemp("sound"), sparse(f"{TOP}/a"), member(f"{TOP}/é" * 60, b"x"), *link("b"))
    return gzip.decompress(path.read_bytes())


@settings(max_examples=100, deadline=None)
@given(changes=st.lists(st.tuples(st.integers(0, 1 << 14), st.binary(min_size=1, max_size=8)), min_size=1, max_size=6))
def test_any_bytes_get_an_answer(sound, changes):
    data = bytearray(sound)
    for place, new in changes:
        place %= len(data)
        data[place : place + len(new)] = new
    for start in range(0, len(data) - 511, 512):  # tarfile reads no header whose checksum is wrong
        if data[start + 257 : start + 262] == b"ustar":
            data[start + 148 : start + 156] = b" " * 8
            data[start + 148 : start + 156] = b"%06o\0 " % sum(data[start : start + 512])
    file = io.BytesIO(gzip.compress(bytes(data), 1))
    file.name = "tiny-1.0.tar.gz"
    try:
        said = [str(finding) for finding in examine(file, Limits(seconds=None)).findings]
    except WheelError as error:
        said = [str(error)]
    assert all(one.isprintable() for one in said)
