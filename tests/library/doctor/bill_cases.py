"""For each rule of the bill wheels with that one defect, and for each of these a good twin."""

import json
import os

from cases import INFO, file
from hostile_elf import Elf
from hostile_zip import MB

DATA = "tiny-1.0.data"
LIBRARY = b"not looked into"
SBOM = f"{INFO}/sboms/bom.json"
# C whose names of types come to lie in debugging information, and nowhere else.
WORDY = "".join(f"struct s{'_' * 800}{number} {{ int a; }} v{number};\n" for number in range(1500))
NOISE = os.urandom(2 * MB)


def text(words):
    """Replace the licence text."""
    return {"change": {"licenses/LICENSE": file(f"{INFO}/licenses/LICENSE", words.encode())}}


def carrying(*names, words="", bom=None):
    """Carry these libraries, and mention some words in the licence text; the SBOM has these components."""
    document = {"bomFormat": "CycloneDX", "components": [{"name": one} for one in bom or ()]}
    sbom = [] if bom is None else [file(SBOM, json.dumps(document).encode())]
    return {"entries": [*(file(f"tiny.libs/{name}", LIBRARY) for name in names), *sbom], **text(words)}


def library(name, *, padding=b"", **more):
    return file(f"tiny/{name}", bytes(Elf(padding=padding, **more)))


THREE = ("libtiny.so", "libtiny.so.1", "libtiny.so.1.2")
COPIES = [library(name, soname="libtiny.so.1", padding=bytes(MB)) for name in THREE]
SMALL = [library(name, soname="libtiny.so.1") for name in THREE]
# For each rule: (what, the defect, its good twin, what else fires with it), as in `cases`.
BILL_CASES = {
    "B101": [
        ("tiny/b.bin (54,525,952 bytes)", [file("tiny/b.bin", bytes(MB) * 52, method=0)],
         [file("tiny/b.bin", bytes(MB) * 49, method=0)], ()),
        ("many small files", [file(f"tiny/{n}.bin", bytes([n]) * 2 * MB, method=0) for n in range(26)], [], ()),
    ],
    "B103": [
        ("2,097,152 bytes", [file("tiny/a.bin", NOISE), file("tiny/b.bin", NOISE)],
         [file("tiny/a.bin", NOISE), file("tiny/b.bin", NOISE[::-1])], ()),
        ("tiny/libtiny.so, tiny/libtiny.so.1, tiny/libtiny.so.1.2", COPIES, SMALL, ()),
        ("and 1 more", [*COPIES, library("libtiny.so.1.2.3", soname="libtiny.so.1", padding=bytes(MB))], COPIES[:1],
         ()),
        ("tiny/libtiny.so", [*COPIES, library("a.so", needed=("libtiny.so.1",))], COPIES[:1], ()),
    ],
    "B104": [
        ("libtiny.so, tiny/libtiny.so.1",
         [*COPIES, library("a.so", needed=("libtiny.so.1",)), library("b.so", needed=("libtiny.so",))],
         [*COPIES[:1], library("a.so", needed=("libtiny.so",)), library("b.so", needed=("libtiny.so",))], ()),
    ],
    "B105": [
        ("tiny/libtiny.a", [file("tiny/libtiny.a", NOISE)], [file("tiny/libtiny.a", NOISE[:1000])], ()),
        ("bytes are in 1 file that", [file("tiny/_a.cpp", NOISE), library("_a.cpython-312-x86_64-linux-gnu.so")],
         [file("tiny/_b.cpp", NOISE), library("_a.cpython-312-x86_64-linux-gnu.so")], ()),
    ],
    "B201": [
        ("tests/", [file("tests/__init__.py"), file("tests/test_a.py")], [file("tiny/tests/test_a.py")], ()),
        ("tests.py", [file("tests.py")], [file("tiny/tests.py")], ()),
        ("docs/", [file(f"{DATA}/purelib/docs/index.html")], [file("tiny/docs/index.html")], ()),
        ("src/", [file("src/a.py")], {"entries": [file("src/a.py")], "name": "src-1.0-py3-none-any.whl",
         "fields": "Metadata-Version: 2.4\nName: src\nVersion: 1.0\n"}, ()),
    ],
    "B202": [
        ("the wheel puts 1 file beside the packages in site-packages, and no module: setup.py", [file("setup.py")],
         [file("a.py"), file("a.pth"), file("b.pyi"), file("libc.so.6"), file("tiny.libs/liba.so.1")],
         {"B303", "B304"}),
        ("2 files", [file("a.c"), file("README.md")], [file("tiny/a.c")], ()),
    ],
    "B203": [
        ("2 files left over", [file("tiny/.DS_Store"), file("tiny/__pycache__/a.cpython-312.pyc"), file("tiny/a.py")],
         [file("tiny/b.pyc"), file("tiny/.gitignore")], ()),
        ("tiny/a.pyc", [file("tiny/a.pyc"), file("tiny/a.py")], [file("tiny/a.pyc")], ()),
        ("tiny/.git/config", [file("tiny/.git/config"), file("tiny/a.py~"), file("tiny/.a.py.swp")], [], ()),
    ],
    "B204": [
        ("share/", [file("share/a.txt")],
         [file("share/a.txt"), file("share/b/c.so.1"), file("tiny/d.txt"), file("tiny-stubs/a.txt")], ()),
    ],
    "B205": [
        ("stuff/a.txt", [file(f"{DATA}/stuff/a.txt")],
         [file(f"{DATA}/{one}/a/b") for one in ("headers", "scripts", "data")], ()),
        ("a.txt", [file(f"{DATA}/a.txt")], [file(f"{DATA}/scripts/a")], ()),
    ],
    "B206": [("README.md", [file(f"{DATA}/data/README.md")], [file(f"{DATA}/data/share/doc/tiny/README.md")], ())],
    "B207": [
        ("lib/python3.12/site-packages/a.txt", [file(f"{DATA}/data/lib/python3.12/site-packages/a.txt")],
         [file(f"{DATA}/data/lib/tiny/a.txt")], ()),
        ("Lib/site-packages", [file(f"{DATA}/data/Lib/site-packages/a.txt")], [file(f"{DATA}/data/etc/a.txt")], ()),
    ],
    "B301": [
        ("looks like", {"change": {"licenses/LICENSE": None}, "leave": (f"{INFO}/licenses/LICENSE",)},
         {"entries": [file("tiny/COPYING.txt")], "change": {"licenses/LICENSE": None},
          "leave": (f"{INFO}/licenses/LICENSE",)}, ()),
    ],
    "B302": [
        ("libquadmath-96973f99.so.0.0.0", carrying("libquadmath-96973f99.so.0.0.0", bom=["libquadmath"]),
         carrying("libquadmath-96973f99.so.0.0.0", words="contains libquadmath", bom=["libquadmath"]), ()),
        ("libgfortran", carrying("libgfortran-040039e1.so.5.0.0", "libmine.so", words="mine", bom=["gcc", "mine"]),
         carrying("libgfortran-040039e1.so.5.0.0", words="the GCC runtime library", bom=["gcc"]), ()),
    ],
    "B303": [
        ("1 library that none", carrying("libz-eb09ad1d.so.1.2.3", bom=["zlib"]),
         carrying("libz-eb09ad1d.so.1.2.3", words="zlib", bom=["zlib"]), ()),
        ("libfoo", carrying("libfoo.so.1", bom=["foo"]), carrying("libfoo.so.1", words="libfoo", bom=["foo"]), ()),
        ("brotli", carrying("libbrotlicommon-1.dll", words="broth", bom=["brotli"]),
         carrying("libbrotlicommon-1.dll", words="Brotli", bom=["brotli"]), ()),
        ("libbz2", carrying("libbz2-a1e77c99.so.1.0.6", bom=["bzip2-libs"]),
         carrying("libbz2-a1e77c99.so.1.0.6", words="bzip2", bom=["bzip2-libs"]), ()),
        ("liblzma", carrying("liblzma-51a76f52.so.5.2.4", bom=["xz-libs"]),
         carrying("liblzma-51a76f52.so.5.2.4", words="XZ Utils", bom=["xz-libs"]), ()),
        ("openblas", carrying("libopenblasp-r0-2d23e62b.3.17.so", bom=["openblas"]),
         carrying("libopenblasp-r0-2d23e62b.3.17.so", words="OpenBLAS", bom=["openblas"]), ()),
    ],
    "B304": [("1 library", carrying("libfoo.so", words="foo"), carrying("libfoo.so", words="foo", bom=["foo"]), ())],
    "B305": [
        ("is not JSON", [file(SBOM, b"{")], [file(SBOM, b'{"bomFormat": "CycloneDX"}')], ()),
        ("is not JSON", [file(SBOM, b"[" * 100_000)], [file(f"{INFO}/sboms/a.xml", b"<")], ()),
        ("neither", [file(SBOM, b"[]")], [file(SBOM, b'{"spdxVersion": "SPDX-2.3"}')], ()),
        ("large", [file(SBOM, bytes(5 * MB), method=0)], [file(SBOM, b'{"@context": "https://spdx.org"}')], ()),
    ],
    "B306": [
        ("libfoo.so", carrying("libfoo.so", "libbar.so", words="foo bar", bom=["bar"]),
         carrying("libfoo.so", "libbar.so", words="foo bar", bom=["bar", "foo"]), ()),
    ],
}  # fmt: skip
