"""For each rule wheels with that one defect, and for each of these a good twin."""

import hashlib
import struct
import zlib
from base64 import urlsafe_b64encode

from hostile_zip import MB, Entry, bomb, sha256
from making import FIELDS, make

INFO = "tiny-1.0.dist-info"
CODE = b"x = 1\n"
SCRIPTS = f"{INFO}/entry_points.txt"
HASH = sha256(CODE)
STRONGER = "sha512=" + urlsafe_b64encode(hashlib.sha512(CODE).digest()).decode().rstrip("=")
DESCRIPTOR = struct.pack("<4s3L", b"PK\x07\x08", zlib.crc32(CODE), len(CODE), len(CODE))
UNICODE_PATH = struct.pack("<2HBL", 0x7075, 11, 1, 0) + b"a/b.py"


def file(name, data=CODE, **more):
    return Entry(name, data, **more)


def extra(data, **more):
    return Entry("a/b.py", CODE, local_extra=data, **more)


def fields(more, version="2.4"):
    return {"fields": FIELDS.replace("2.4", version), "more": more}


def named(name, text=FIELDS):
    return {"name": name, "fields": text}


def without(name):
    return {"change": {name: None}}


def recorded(hashed, size=6):
    """Give a/b.py that hash and that size in RECORD."""
    return {"entries": [file("a/b.py")], "leave": ("a/b.py",), "rows": (f"a/b.py,{hashed},{size}",)}


def scripts(text):
    return [file(SCRIPTS, text.encode() if isinstance(text, str) else text)]


# For each rule: (what, the defect, its good twin, what else fires with it). A defect is further members, keywords of
# `make`, or both.
CASES = {
    "I101": [
        ("a/b.py", [file("a/b.py"), file("a/b.py")], [file("a/b.py"), file("a/c.py")], ()),
        ("a/b.py", [file("a/b.py"), file("a/b.py", listed=False)], [file("a/b.py")], ()),
    ],
    "I102": [("8 bytes", {"after": b"trailing"}, {}, ())],
    "I103": [
        ("byte 0", {"before": b"#!/bin/sh\n"}, {}, ()),
        ("byte", [file("a/b.py", gap=b"stray")], [file("a/b.py")], ()),
    ],
    "I104": [("a/b.py", [file("a/b.py", method=0, flags=8, gap=DESCRIPTOR)], [file("a/b.py", method=0)], ())],
    "I105": [("7 bytes", [file("a/b.py", comment=b"comment")], [file("a/b.py")], ())],
    "I106": [("9 bytes", {"comment": b"a comment"}, {}, ())],
    "I107": [
        ("LZMA", [file("a/b.py", method=14, packed=b"")], [file("a/b.py", method=0)], ()),
        ("method 77", [file("a/b.py", method=77, packed=b"")], [file("a/b.py")], ()),
    ],
    "I108": [
        ("name than the directory: a/c.py, not a/b.py", [file("a/b.py", local_name=b"a/c.py")], [file("a/b.py")], ()),
        ("size than the directory: 9, not 6", [file("a/b.py", local_size=9)], [file("a/b.py")], ()),
    ],
    "I109": [("a/b.py", [file("a/b.py", listed=False)], [file("a/b.py")], ())],
    "I110": [("a/c.py", [file("a/b.py"), file("a/c.py", at=0)], [file("a/b.py"), file("a/c.py")], ())],
    "I112": [
        ("a control character", [file("a/b\x07.py")], [file("a/b.py")], ()),
        ("bytes that are not UTF-8", [file("a/\xe9.py".encode("latin-1"))], [file("a/\xe9.py")], ()),
        ("does not say so", [file("a/\xe9.py".encode())], [file("a/\xe9.py")], ()),
    ],
    "I113": [
        ("../b.py", [file("../b.py")], [file("b.py")], ()),
        ("absolute", [file("/etc/b.py")], [file("etc/b.py")], ()),
    ],
    "I114": [("a/b.py", [file("a/b.py", b"c.py", mode=0o120777)], [file("a/b.py")], ())],
    "I115": [("a/b.py", [file("a/b.py", flags=1)], [file("a/b.py")], ())],
    "I116": [("to 1", [bomb("tiny/b.bin", b"", 70 * MB)], [bomb("tiny/b.bin", b"", 60 * MB)], ())],
    "I117": [
        ("is damaged", {"change": {"METADATA": file(f"{INFO}/METADATA", FIELDS.encode(), crc=1)}}, {}, ()),
        ("20,003 fields of 4 names", fields("Requires-Dist: a\n" * 20_000), {}, ()),
        ("203 names", fields("".join(f"X-{number}: a\n" for number in range(200))), {}, ()),
        ("large", {"change": {"WHEEL": file(f"{INFO}/WHEEL", bytes(1 << 19))}}, {}, ()),
        ("large", scripts("\n" * (2 << 20)), scripts(""), ()),
        ("rows", {"rows": tuple(f"{number},," for number in range(100_001))}, {}, ()),
    ],
    "I118": [
        ("a/b.py", [file("a/b.py"), file("A/b.py")], [file("a/b.py"), file("A/c.py")], ()),
        ("A/b.py", [file("a/b.py"), file("A/b.py")], {"entries": [file("a/b.py"), file("A/b.py")],
         "name": "tiny-1.0-cp312-cp312-manylinux_2_28_x86_64.whl"}, ()),
    ],
    "I119": [
        ("cut off", [extra(b"\x01")], [extra(UNICODE_PATH)], ()),
        ("cut off", [extra(b"\x75\x70\xff\x00")], [extra(b"")], ()),
        ("there twice", [extra(UNICODE_PATH * 2)], [extra(struct.pack("<2HL", 9, 4, 0) * 2)], ()),
        ("wrong size", [extra(struct.pack("<2HLB", 1, 5, 0, 0))], [extra(struct.pack("<2H2Q", 1, 16, 6, 8))], ()),
        ("wrong size", [extra(struct.pack("<2HQ", 1, 8, 6))], [extra(struct.pack("<2HQ", 1, 8, 6), method=0)], ()),
    ],
    "I120": [
        ("is damaged", [file("a/b.py", crc=1)], [file("a/b.py")], ()),
        ("is damaged", [file("a/b.py", packed=b"\xff\xff")], [file("a/b.py")], ()),
    ],
    "I201": [
        ("linux_x86_64", {"name": "tiny-1.0-cp312-cp312-linux_x86_64.whl"},
         {"name": "tiny-1.0-cp312-cp312-manylinux_2_28_x86_64.whl"}, ()),
        ("macosx_15_3_arm64", {"name": "tiny-1.0-cp312-cp312-macosx_15_3_arm64.whl"},
         {"name": "tiny-1.0-cp312-cp312-macosx_15_0_arm64.whl"}, ()),
    ],
    "I202": [
        ("has other-2.dist-info", {"info": "other-2.dist-info"}, {}, ()),
        ("no such folder",
         {"change": dict.fromkeys(("METADATA", "WHEEL", "RECORD", "licenses/LICENSE"))}, {}, ()),
    ],
    "I203": [
        ("METADATA", without("METADATA"), {}, {"I402"}),
        ("WHEEL", without("WHEEL"), {}, {"I402"}),
        ("RECORD", without("RECORD"), {}, ()),
    ],
    "I204": [("for the project tiny, and METADATA for small", {"fields": FIELDS.replace("tiny", "small")}, {}, ())],
    "I205": [
        ("begin with tiny_one, not Tiny.one",
         named("Tiny.one-1.0-py3-none-any.whl", FIELDS.replace("tiny", "tiny-one")),
         named("tiny_one-1.0-py3-none-any.whl", FIELDS.replace("tiny", "Tiny.One")), ()),
    ],
    "I206": [("version 1.0, and METADATA 1.1", {"fields": FIELDS.replace("1.0", "1.1")}, {}, ())],
    "I207": [
        ("1.0+cu118", named("tiny-1.0+cu118-py3-none-any.whl", FIELDS.replace("1.0", "1.0+cu118")), {}, ()),
    ],
    "I301": [
        ("name is not there", {"fields": "Metadata-Version: 2.4\nVersion: 1.0\n"}, {}, ()),
        ("metadata-version is not there", {"fields": "Name: tiny\nVersion: 1.0\n"}, {}, ()),
        ("'one two' is invalid for 'version'", {"fields": FIELDS.replace("1.0", "one two")}, {}, ()),
        ("requires-python", fields("Requires-Python: three\n"), fields("Requires-Python: >=3.9\n"), ()),
        ("license-expression", fields("License-Expression: mine\n"), fields("License-Expression: MIT\n"), ()),
        ("the dependency 'a b' cannot", fields("Requires-Dist: a b\n"), fields("Requires-Dist: a; extra=='b'\n"), ()),
        ("longer than 512", fields(f"Summary: {'a' * 513}\n"), fields(f"Summary: {'a' * 512}\n"), ()),
        ("1 to 32 characters", fields(f"Project-URL: {'a' * 33}, https://a\n"),
         fields("Project-URL: a, https://a\n"), ()),
        ("has no URL", fields("Project-URL: home\n"), fields("Project-URL: a, https://a\n"), ()),
        ("'license-file', paths must be", fields("License-File: /etc/a\n"), {}, {"I307"}),
        ("longer than 4,096", fields(f"Requires-Python: >={'1' * 4096}\n"), {}, ()),
        ("longer than 4,096", fields(f"Provides-Extra: {'1' * 4097}\n"), {}, ()),
        ("longer than 4,096", fields(f"Requires-Dist: {'a' * 4097}\n"), {}, ()),
        ("the marker of a dependency is nested", fields(f"Requires-Dist: a; {'(' * 2000}\n"), {}, ()),
        ("is nested too deep", fields(f"Description-Content-Type: text/plain; {'(' * 4000}\n"), {}, ()),
        ("values of fields", fields("Requires-Dist: a\n" * 10_001), fields("Requires-Dist: a\n" * 99), ()),
    ],
    "I302": [("2.6", fields("", "2.6"), fields("", "2.5"), ()), ("9", fields("", "9"), {}, ())],
    "I303": [
        ("2.1, which has no field license-expression", fields("License-Expression: MIT\n", "2.1"),
         fields("License-Expression: MIT\n"), ()),
        ("has no field dynamic", fields("Dynamic: Summary\n", "2.1"), fields("License-File: LICENSE\n", "2.1"), ()),
        ("has no field requires-dist", fields("Requires-Dist: a\n", "1.1"), fields("Requires-Dist: a\n", "1.2"), ()),
    ],
    "I304": [
        ("colour", fields("Colour: blue\n"), {}, ()),
        ("summary", fields("Summary: a\nSummary: b\n"), fields("Summary: a\n"), ()),
        ("content-type", fields("Content-Type: text/plain\n"), fields("Description-Content-Type: text/plain\n"), ()),
    ],
    "I305": [
        ("a @ https://b/c", fields("Requires-Dist: a @ https://b/c\n"), fields("Requires-Dist: a\n"), ()),
        ("a @ https://b/c", fields("Obsoletes-Dist: a @ https://b/c\n"), fields("Obsoletes-Dist: a\n"), ()),
    ],
    "I306": [("Do Not", fields("Classifier: Private :: Do Not Upload\n"), fields("Classifier: Typing :: Typed\n"), ())],
    "I307": [
        ("COPYING, and", fields("License-File: COPYING\n"),
         {**fields("License-File: COPYING\n"), "entries": [file(f"{INFO}/licenses/COPYING")]}, ()),
    ],
    "I308": [("both", fields("License: MIT\nLicense-Expression: MIT\n"), fields("License: MIT\n"), ())],
    # What takes docutils is tried in tests/lab/test_descriptions.py.
    "I309": [
        ("taken for without a Description-Content-Type: it is of blanks alone", fields("\n \n"),
         fields("Description-Content-Type: text/plain\n\n \n"), ()),
        ("as Markdown", fields("Description-Content-Type: text/markdown; charset=UTF-8\n\n \n"),
         fields("Description-Content-Type: text/markdown\n\n# `tiny\n"), ()),
    ],
    "I310": [
        ("was not tried: it is longer than 250,000 characters", fields("\n" + "a\n" * 130_000),
         fields("Description-Content-Type: text/plain\n\n" + "a\n" * 130_000), ()),
    ],
    "I401": [
        ("not UTF-8", scripts(b"[a]\nb = \xff\n"), scripts("[a]\nb = c\n"), ()),
        ("cannot be read", scripts("[other]\nb: c\n"), scripts("[other]\nb = c:d\n"), ()),
        ("cannot be read: File contains no section", scripts("tiny = tiny:main\n"), scripts("[console_scripts]\n"), ()),
        ("underscores: a/b", scripts("[console_scripts]\na/b = tiny:main\n"),
         scripts("[console_scripts]\na-b = tiny:main\n"), ()),
        ("underscores: a b", scripts("[gui_scripts]\na b = tiny:main\n"), scripts("[other]\na b = tiny:main\n"), ()),
    ],
    "I402": [
        ("a/ is in RECORD, but", {"entries": [file("a/", b""), file("a/b.py")], "rows": ("a/,,",)},
         {"entries": [file("a/", b""), file("a/b.py")]}, ()),
        ("a/b.py is in the archive, but", {"entries": [file("a/b.py")], "leave": ("a/b.py",)},
         {"entries": [file(f"{INFO}/RECORD.jws")], "leave": (f"{INFO}/RECORD.jws",)}, ()),
        ("line 5 has 2 columns", {"rows": ("a,b",)}, {}, ()),
    ],
    "I403": [("not UTF-8", {"change": {"RECORD": file(f"{INFO}/RECORD", b"\xff,,\n")}}, {}, ())],
    "I404": [
        ("a/b.py has another content", recorded(HASH.replace("sha256=", "sha256=A")), recorded(HASH), ()),
        ("a/b.py has another size", recorded(HASH, 7), recorded(HASH), ()),
    ],
    "I405": [
        ("md5: of 1 members", recorded("md5=AAAAAAAAAAAAAAAAAAAAAA"), recorded(HASH), ()),
        ("sha1: of 1 members", recorded("sha1=AAAAAAAAAAAAAAAAAAAAAA"), recorded(HASH), ()),
        ("sha224: of 1 members", recorded("sha224=AAAA"), recorded(STRONGER), ()),
    ],
    "I406": [
        ("a/b.py is in RECORD, and there is no hash and no size", recorded("", ""), recorded(HASH), ()),
        ("there is no hash", recorded(""), recorded(HASH), ()),
        ("there is no size", recorded(HASH, ""), recorded(HASH), ()),
        ("fancy", recorded("fancy=AAAA"), recorded(HASH), ()),
        ("line 5: ", recorded(HASH, "six"), recorded(HASH), ()),
        ("there is a hash or a size, and",
         {"rows": (f"{INFO}/RECORD,{HASH},6",), "leave": (f"{INFO}/RECORD",)}, {}, ()),
    ],
}  # fmt: skip


def built(folder, defect):
    """Make the wheel of a case."""
    defect = {"entries": defect} if isinstance(defect, list) else dict(defect)
    return make(folder, *defect.pop("entries", ()), **defect)
