"""For each rule about the promise of the name wheels with that one defect, and for each of these a good twin."""

import struct

from hostile_elf import Elf
from hostile_zip import Entry
from making import make

EXTENSION = "tiny/_x.cpython-312-x86_64-linux-gnu.so"
OURS, OLD, MUSL = "manylinux_2_28_x86_64", "manylinux2014_x86_64", "musllinux_1_2_x86_64"
LIBC_MUSL = ("libc.musl-x86_64.so.1",)
FIRST = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\n"
SOFT = struct.pack("<L", 0x05000200)  # 32-bit ARM that hands numbers over in ordinary registers


def elf(*needed, **more):
    return bytes(Elf(needed=("libc.so.6", *needed), **more))


def asking(library, version, *symbols):
    return elf(versions={library: {version: list(symbols)}})


def musl(**more):
    return bytes(Elf(needed=LIBC_MUSL, **more))


def using(*names, file="tiny/_x.abi3.so"):
    """Return an extension module that uses functions of Python."""
    return {file: elf(undefined=names, exports=("PyInit__x",))}


def tagged(tags, files=None, *, pure=False, wheel=None, build=""):
    """Describe a wheel whose name and whose WHEEL have these tags, with files beside tiny.py."""
    python, abi, platforms = tags.split("-")
    lines = "".join(f"Tag: {python}-{abi}-{platform}\n" for platform in platforms.split("."))
    first = FIRST.replace("false", "true") if pure else FIRST
    content = first + lines + (f"Build: {build}\n" if build else "")
    files = {EXTENSION: elf()} if files is None else files
    return {
        "name": f"tiny-1.0-{build + '-' if build else ''}{tags}.whl",
        "entries": [Entry(name, data) for name, data in files.items()],
        "wheel": content if wheel is None else wheel,
    }


def anywhere(files=None, **more):
    return tagged("py3-none-any", files or {}, pure=True, **more)


def ours(files=None, platform=OURS, **more):
    return tagged(f"cp312-cp312-{platform}", files, **more)


def stable(python, files):
    return tagged(f"{python}-abi3-{OURS}", files)


def lines(*more, version="1.0"):
    """Return the content of WHEEL for a wheel that runs anywhere."""
    return f"Wheel-Version: {version}\nRoot-Is-Purelib: true\n" + "".join(f"{line}\n" for line in more)


GOOD = "Tag: py3-none-any"
# For each rule: (what, the defect, its good twin, what else of the family fires with it).
CASES = {
    "P101": [
        ("py3-none-any is in the file's name", anywhere(wheel=lines("Tag: py2-none-any")), anywhere(), ()),
        ("py2-none-any is in WHEEL", anywhere(wheel=lines(GOOD, "Tag: py2-none-any")), anywhere(), ()),
        # The two spellings of one tag, and several tags in one line, are no difference.
        ("cp311", ours(wheel=f"{FIRST}Tag: cp311-cp311-{OURS}\n"), ours(platform=OLD, wheel=FIRST +
         "Tag: cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64\n"), ()),
    ],
    "P102": [("has no Tag", anywhere(wheel=lines()), anywhere(), ())],
    "P103": [
        ("line 3 of tiny-1.0.dist-info/WHEEL is no tag: Tag: -any", anywhere(wheel=lines("Tag: -any")), anywhere(),
         {"P102"}),
        ("line 3 of tiny-1.0.dist-info/WHEEL is no tag: Tag:", anywhere(wheel=lines("Tag:", GOOD)), anywhere(), ()),
        ("line 4 of tiny-1.0.dist-info/WHEEL goes on", anywhere(wheel=lines("Tag:", "  py3-none-any")), anywhere(), ()),
        ("line 3 of tiny-1.0.dist-info/WHEEL is no field: hello", anywhere(wheel=lines("hello", GOOD)), anywhere(),
         {"P102"}),
        ("line 4 of tiny-1.0.dist-info/WHEEL comes after", anywhere(wheel=lines("", GOOD)),
         anywhere(wheel=lines(GOOD, "")),
         {"P102"}),
    ],
    "P104": [
        ("has no Wheel-Version", anywhere(wheel=f"{GOOD}\nRoot-Is-Purelib: true\n"), anywhere(), ()),
        ("in version 2.0", anywhere(wheel=lines(GOOD, version="2.0")), anywhere(wheel=lines(GOOD, version="1.9")), ()),
        ("is no version: one", anywhere(wheel=lines(GOOD, version="one")), anywhere(), ()),
    ],
    "P105": [
        ("no build number, and tiny-1.0.dist-info/WHEEL says 2", anywhere(wheel=lines(GOOD, "Build: 2")), anywhere(),
         ()),
        ("the build number 1, and tiny-1.0.dist-info/WHEEL has none", anywhere(build="1", wheel=lines(GOOD)),
         anywhere(build="1"), ()),
        ("the build number 1a, and tiny-1.0.dist-info/WHEEL says 1",
         anywhere(build="1a", wheel=lines(GOOD, "Build: 1")),
         anywhere(build="1a"), ()),
    ],
    "P106": [("not UTF-8", anywhere(wheel=lines(GOOD).encode() + b"X: \xff\n"), anywhere(), ())],
    "P110": [
        ("Root-Is-Purelib: true", ours(pure=True), ours(), ()),
        ("lies in .data/purelib", ours({f"tiny-1.0.data/purelib/{EXTENSION}": elf()}),
         ours({f"tiny-1.0.data/platlib/{EXTENSION}": elf()}, pure=True), ()),
    ],
    "P111": [
        ("tiny/libx.so.1", tagged(f"py3-none-{OURS}", {"tiny/libx.so.1": elf()}, pure=True),
         tagged(f"py3-none-{OURS}", {"tiny/libx.so.1": elf()}), ()),
    ],
    "P112": [
        ("is an extension module", anywhere({EXTENSION: elf()}), tagged(f"cp312-cp312-{OURS}"), ()),
        ("is an extension module", anywhere({"tiny/_x.so": elf(exports=("PyInit__x",))}),
         anywhere({"tiny/_x.so.txt": b"text"}), ()),
    ],
    "P113": [
        ("library for linux on x86_64", anywhere({"tiny/libx.so": elf()}),
         tagged(f"py3-none-{OURS}", {"tiny/libx.so": elf()}), ()),
    ],
    "P114": [
        ("tiny/tool", anywhere({"tiny/tool": elf(interpreter="/lib64/ld-linux-x86-64.so.2")}), anywhere(), ()),
        ("tiny/libx.so", anywhere({"tiny/libx.so": elf(), "tiny/arm/libx.so": elf(architecture="aarch64")}), anywhere(),
         ()),
        ("tests/libx.so", anywhere({"tests/libx.so": elf()}), anywhere(), ()),
        ("libx.so", anywhere({"tiny/libx.so": elf(), "tiny/x.dll": b"MZ"}), anywhere({"tiny/x.dll": b"MZ"}), ()),
    ],
    "P115": [
        (OURS, tagged(f"py3-none-{OURS}", {}), anywhere(), ()),
        (OLD, tagged(f"py3-none-{OLD}.{OURS}", {}), tagged(f"py3-none-{OURS}", {"tiny/x.o": elf(kind=1)}), ()),
    ],
    "P201": [
        ("asks libc.so.6 for pthread_once (GLIBC_2.34), and manylinux2014_x86_64 promises that glibc 2.17",
         ours({EXTENSION: asking("libc.so.6", "GLIBC_2.34", "pthread_once")}, OLD),
         ours({EXTENSION: asking("libc.so.6", "GLIBC_2.34", "pthread_once")}, "manylinux_2_34_x86_64"), ()),
        # Of several tags the strictest counts.
        ("for exp (GLIBC_2.29), log (GLIBC_2.29), log2 (GLIBC_2.29) and 1 more",
         ours({EXTENSION: asking("libm.so.6", "GLIBC_2.29", "pow", "exp", "log", "log2")},
              "manylinux_2_28_x86_64.manylinux_2_31_x86_64"),
         ours({EXTENSION: asking("libm.so.6", "GLIBC_2.29", "pow")}, "manylinux_2_31_x86_64.manylinux_2_34_x86_64"),
         ()),
        ("the version itself (GLIBC_ABI_DT_RELR)", ours({EXTENSION: asking("libc.so.6", "GLIBC_ABI_DT_RELR")}),
         ours({EXTENSION: asking("libc.so.6", "GLIBC_ABI_DT_RELR")}, "manylinux_2_36_x86_64"), ()),
        # A tag between two policies, and one that is newer than all.
        ("glibc 2.29", ours({EXTENSION: asking("libc.so.6", "GLIBC_2.30", "a")}, "manylinux_2_29_x86_64"),
         ours({EXTENSION: asking("libc.so.6", "GLIBC_2.77", "a")}, "manylinux_2_77_x86_64"), ()),
    ],
    "P202": [
        ("_ZSt4cerr (GLIBCXX_3.4.30), and manylinux_2_28_x86_64 promises that GLIBCXX_3.4.24",
         ours({EXTENSION: asking("libstdc++.so.6", "GLIBCXX_3.4.30", "_ZSt4cerr")}),
         ours({EXTENSION: asking("libstdc++.so.6", "GLIBCXX_3.4.24", "_ZSt4cerr")}), ()),
        # What the wheel carries, keeps its own promises.
        ("GLIBCXX_3.4.30", ours({EXTENSION: asking("libstdc++.so.6", "GLIBCXX_3.4.30", "_ZSt4cerr")}, OLD),
         ours({EXTENSION: asking("libstdc++.so.6", "GLIBCXX_3.4.30", "_ZSt4cerr"), "tiny/libstdc++.so.6": elf()}, OLD),
         ()),
    ],
    "P203": [
        ("_dl_sym (GLIBC_PRIVATE)", ours({EXTENSION: asking("libc.so.6", "GLIBC_PRIVATE", "_dl_sym")}),
         ours({EXTENSION: asking("libc.so.6", "GLIBC_2.17", "_dl_sym")}), ()),
    ],
    "P204": [
        ("does not carry libfoo.so.1, and manylinux_2_28_x86_64", ours({EXTENSION: elf("libfoo.so.1", "libz.so.1")}),
         ours({EXTENSION: elf("libfoo.so.1"), "tiny.libs/libfoo.so.1": elf()}), ()),
        ("libstdc++.so.6, and musllinux", ours({"tiny/_x.so": bytes(Elf(needed=(*LIBC_MUSL, "libstdc++.so.6")))}, MUSL),
         ours({"tiny/_x.cpython-312-x86_64-linux-musl.so": bytes(Elf(needed=("libc.so", "libz.so.1")))}, MUSL),
         {"P316"}),
    ],
    "P205": [
        ("zcalloc, which libz.so.1", ours({EXTENSION: elf("libz.so.1", undefined=("zcalloc",))}),
         ours({EXTENSION: elf("libz.so.1", undefined=("inflate",))}), ()),
    ],
    "P210": [
        ("is for aarch64, and the wheel for x86_64", ours({EXTENSION: elf(architecture="aarch64")}), ours(), ()),
        ("is for x86_64, and the wheel for s390x", ours(platform="manylinux_2_28_s390x"),
         ours({"tiny/_x.cpython-312-s390x-linux-gnu.so": elf(architecture="s390x")}, "manylinux_2_28_s390x"), ()),
        # One that a file for the right machine loads.
        ("tiny.libs/libfoo.so.1 is for i686",
         ours({EXTENSION: elf("libfoo.so.1"), "tiny.libs/libfoo.so.1": elf(architecture="i686")}),
         ours({EXTENSION: elf("libfoo.so.1"), "tiny.libs/libfoo.so.1": elf(), "tiny/y/libfoo.so.1": elf()}), ()),
        ("is for x86_64", tagged("py3-none-linux_aarch64", {"tiny/libx.so": elf()}),
         tagged("py3-none-manylinux_2_28_aarch64", {"tiny/libx.so": elf(architecture="aarch64")}), {"P215"}),
    ],
    "P211": [
        ("tiny/libdevice.so is for aarch64", ours({EXTENSION: elf(), "tiny/libdevice.so": elf(architecture="aarch64")}),
         ours({EXTENSION: elf(), "tiny/libdevice.so": elf()}), ()),
    ],
    "P212": [
        ("is linked with musl, and manylinux_2_28_x86_64 promises that glibc", ours({"tiny/_x.abi3.so": musl()}),
         ours(), ()),
        ("is linked with glibc, and musllinux_1_2_x86_64 promises that musl", ours({"tiny/_x.abi3.so": elf()}, MUSL),
         ours({"tiny/_x.abi3.so": musl()}, MUSL), ()),
        # A tag for each C library, and a file for one of them.
        ("is linked with glibc, and musllinux", tagged(f"py3-none-{OURS}.{MUSL}", {"tiny/libx.so": elf()}),
         tagged(f"py3-none-{OURS}.{MUSL}", {"tiny/libx.so": elf(), "tiny/musl/libx.so": musl()}), ()),
    ],
    "P213": [
        ("tiny/musl.so is linked with musl", ours({EXTENSION: elf(), "tiny/musl.so": musl()}),
         ours({EXTENSION: elf(), "tiny/musl.so": bytes(Elf(needed=()))}), ()),
    ],
    "P214": [
        ("without floating-point registers", tagged("py3-none-manylinux_2_31_armv7l", {"tiny/libx.so": b"".join((
            elf(architecture="armv7l")[:36], SOFT, elf(architecture="armv7l")[40:]))}),
         tagged("py3-none-manylinux_2_31_armv7l", {"tiny/libx.so": elf(architecture="armv7l")}), ()),
    ],
    "P215": [
        ("linux_x86_64 promises nothing", ours({EXTENSION: asking("libc.so.6", "GLIBC_2.34", "a")}, "linux_x86_64"),
         ours({EXTENSION: asking("libc.so.6", "GLIBC_2.34", "a")}, "manylinux_2_34_x86_64"), ()),
    ],
    "P216": [
        ("cannot be read", ours({EXTENSION: elf(), "tiny/y.so": b"\x7fELF" + bytes(60)}),
         ours({EXTENSION: elf(), "tiny/y.o": elf(kind=1)}), ()),
    ],
    "P217": [
        ("promises that musl 1.1 is enough", ours({"tiny/_x.abi3.so": musl()}, "musllinux_1_1_x86_64"),
         ours({"tiny/_x.abi3.so": musl()}, MUSL), ()),
    ],
    "P301": [
        ("only CPython 3.11 imports tiny/_x.cpython-311", ours({"tiny/_x.cpython-311-x86_64-linux-gnu.so": elf()}),
         ours({"tiny/_x.abi3.so": elf()}), ()),
        ("only CPython 3.12 imports", tagged(f"cp312-cp312t-{OURS}"),
         tagged(f"cp312-cp312t-{OURS}", {"tiny/_x.cpython-312t-x86_64-linux-gnu.so": elf()}), ()),
        ("only CPython 3.12 without the GIL imports", ours({"tiny/_x.cpython-312t-x86_64-linux-gnu.so": elf()}), ours(),
         ()),
        ("only CPython 3.12 imports", tagged(f"pp311-pypy311_pp73-{OURS}"),
         tagged(f"pp311-pypy311_pp73-{OURS}", {"tiny/_x.pypy311-pp73-x86_64-linux-gnu.so": elf()}), ()),
        ("only GraalPy 3.11 imports", ours({"tiny/_x.graalpy242-311-native-x86_64-linux.so": elf()}),
         tagged(f"graalpy311-graalpy242_311_native-{OURS}", {"tiny/_x.graalpy242-311-native-x86_64-linux.so": elf()}),
         ()),
        ("only CPython 3.13 imports tiny/_x.cp313-win_amd64.pyd",
         tagged("cp312-cp312-win_amd64", {"tiny/_x.cp313-win_amd64.pyd": b"text"}),
         tagged("cp312-cp312-win_amd64", {"tiny/_x.cp312-win_amd64.pyd": b"text"}), ()),
    ],
    "P302": [
        ("only CPython 3.11 imports", ours({EXTENSION: elf(), "tiny/_x.cpython-311-x86_64-linux-gnu.so": elf()}),
         ours({EXTENSION: elf(), "tests/_x.cpython-311-x86_64-linux-gnu.so": elf()}), ()),
    ],
    "P303": [
        ("the wheel is for cp38-abi3 and later", stable("cp38", {"tiny/_x.cpython-38-x86_64-linux-gnu.so": elf()}),
         stable("cp38", {"tiny/_x.abi3.so": elf()}), ()),
    ],
    "P304": [
        ("only CPython 3.12 imports", tagged(f"py3-none-{OURS}"),
         tagged(f"py3-none-{OURS}", {EXTENSION: elf(), "tiny/_x.cpython-313-x86_64-linux-gnu.so": elf()}), ()),
        ("only CPython 3.12 imports", tagged(f"py2.py3-none-{OURS}", wheel=f"{FIRST}Tag: py2.py3-none-{OURS}\n"),
         tagged(f"cp312-none-{OURS}"), ()),
    ],
    "P305": [
        ("suffix of Linux (glibc) aarch64", ours({"tiny/_x.cpython-312-aarch64-linux-gnu.so": elf()}), ours(), ()),
        ("suffix of Linux (glibc) x86_64, and the wheel is for musllinux",
         ours({EXTENSION: bytes(Elf(needed=()))}, MUSL),
         # Up to Python 3.10 the suffix says gnu on musl too.
         tagged(f"cp310-cp310-{MUSL}", {"tiny/_x.cpython-310-x86_64-linux-gnu.so": musl()}), {"P212"}),
        ("suffix of macOS", ours({"tiny/_x.cpython-312-darwin.so": elf()}), ours(), ()),
        ("suffix of Windows amd64", tagged("cp312-cp312-win_arm64", {"tiny/_x.cp312-win_amd64.pyd": b"text"}),
         tagged("cp312-cp312-win32", {"tiny/_x.cp312-win32.pyd": b"text"}), ()),
    ],
    "P310": [
        ("uses PyFrame_FastToLocals, which is not in the stable ABI that cp38-abi3",
         stable("cp38", using("PyFrame_FastToLocals", "PyObject_Call")), stable("cp38", using("PyObject_Call")), ()),
        # A name that begins like Python's own, and is another file's.
        ("uses PyOwn_New", stable("cp38", using("PyOwn_New")),
         stable("cp38", {**using("PyOwn_New"), "tiny.libs/libown.so": elf(exports=("PyOwn_New",))}), ()),
    ],
    "P311": [
        ("uses PyType_GetName, which came with Python 3.11, and the wheel is for 3.8",
         stable("cp38", using("PyType_GetName")), stable("cp311", using("PyType_GetName")), ()),
        ("uses PyType_GetName", tagged(f"cp310-cp310-{OURS}", using("PyType_GetName")),
         tagged(f"cp310-cp310-{OURS}", using("PyObject_GetBuffer")), ()),
        ("uses PyLong_Export", stable("cp313", using("PyLong_Export")),
         tagged(f"cp314-cp314-{OURS}", using("PyLong_Export")), ()),
        ("the wheel is for 3.8", tagged(f"cp38.cp311-abi3-{OURS}", using("PyType_GetName"),
         wheel=f"{FIRST}Tag: cp38.cp311-abi3-{OURS}\n"), stable("cp311", using("PyType_GetName")), ()),
    ],
    "P312": [
        ("uses PyObject_GetBuffer, in the stable ABI since Python 3.11, and the wheel is for 3.8",
         stable("cp38", using("PyObject_GetBuffer")), stable("cp311", using("PyObject_GetBuffer")), ()),
    ],
    "P313": [
        ("uses _Py_DecRefShared", tagged(f"cp314-cp314-{OURS}", using("_Py_DecRefShared")),
         tagged(f"cp314-cp314t-{OURS}", using("_Py_DecRefShared", file="tiny/_x.cpython-314t-x86_64-linux-gnu.so")),
         ()),
        ("uses _Py_MergeZeroLocalRefcount", stable("cp314", using("_Py_MergeZeroLocalRefcount")),
         stable("cp314", using("Py_IncRef")), ()),
    ],
    "P314": [
        ("the wheel is for cp314-cp314t", tagged(f"cp314-cp314t-{OURS}", {"tiny/_x.abi3.so": elf()}),
         tagged(f"cp315-abi3t-{OURS}", {"tiny/_x.abi3t.so": elf()}), ()),
    ],
    "P315": [
        ("uses PyFrame_FastToLocals", tagged(f"py3-none-{OURS}", using("PyFrame_FastToLocals", file="tiny/_x.so")),
         tagged(f"py3-none-{OURS}", using("PyObject_Call", file="tiny/_x.so")), ()),
    ],
    "P316": [
        ("the name says cp312-cp312", ours({"tiny/libx.so": elf()}), ours(), ()),
        ("the name says cp38-abi3", stable("cp38", {"tiny/libx.so": elf()}), stable("cp38", using()), ()),
    ],
}  # fmt: skip


def built(folder, defect):
    """Make the wheel of a case."""
    defect = dict(defect)
    return make(folder, *defect.pop("entries", ()), **defect)
