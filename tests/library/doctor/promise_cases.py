"""For each rule about WHEEL, pure wheels and Linux wheels with that one defect, and for each of these a good twin."""

from hostile_elf import Elf
from promise_making import (
    EXTENSION,
    FIRST,
    LIBC_MUSL,
    MUSL,
    OLD,
    OURS,
    SOFT,
    anywhere,
    asking,
    elf,
    lines,
    musl,
    ours,
    tagged,
)

LIBS = "$ORIGIN/../tiny.libs"
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
        ("library for Linux on x86_64", anywhere({"tiny/libx.so": elf()}),
         tagged(f"py3-none-{OURS}", {"tiny/libx.so": elf()}), ()),
    ],
    "P114": [
        ("tiny/tool", anywhere({"tiny/tool": elf(interpreter="/lib64/ld-linux-x86-64.so.2")}), anywhere(), ()),
        ("tiny/libx.so", anywhere({"tiny/libx.so": elf(), "tiny/arm/libx.so": elf(architecture="aarch64")}), anywhere(),
         ()),
        ("tiny/tests/libx.so", anywhere({"tiny/tests/libx.so": elf()}), anywhere(), ()),
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
        ("inflateReset2 (ZLIB_1.2.3.4), and manylinux1_x86_64 promises that libz.so.1 without such versions",
         ours({EXTENSION: asking("libz.so.1", "ZLIB_1.2.3.4", "inflateReset2")}, "manylinux1_x86_64"),
         ours({EXTENSION: asking("libz.so.1", "ZLIB_1.2.3.4", "inflateReset2")}), ()),
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
         ours({EXTENSION: elf("libfoo.so.1", runpath=LIBS), "tiny.libs/libfoo.so.1": elf()}), ()),
        ("libstdc++.so.6, and musllinux", ours({"tiny/_x.so": bytes(Elf(needed=(*LIBC_MUSL, "libstdc++.so.6")))}, MUSL),
         ours({"tiny/_x.cpython-312-x86_64-linux-musl.so": bytes(Elf(needed=(*LIBC_MUSL, "libz.so.1")))}, MUSL),
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
         ours({EXTENSION: elf("libfoo.so.1", runpath=LIBS), "tiny.libs/libfoo.so.1": elf(architecture="i686")}),
         ours({EXTENSION: elf("libfoo.so.1", runpath=LIBS), "tiny.libs/libfoo.so.1": elf()}), ()),
        ("is for x86_64", tagged("py3-none-linux_aarch64", {"tiny/libx.so": elf()}),
         tagged("py3-none-manylinux_2_28_aarch64", {"tiny/libx.so": elf(architecture="aarch64")}), ()),
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
}  # fmt: skip
