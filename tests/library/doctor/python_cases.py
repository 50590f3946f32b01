"""For each rule about Python's own interface wheels with that one defect, and for each of these a good twin."""

from promise_making import EXTENSION, MUSL, OURS, elf, musl, ours, stable, tagged, using

# As in promise_cases.
CASES = {
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
         tagged("cp312-cp312-win_amd64", {"tiny/_x.cp312-win_amd64.pyd": b"text"}), {"P115"}),
    ],
    "P302": [
        ("only CPython 3.11 imports", ours({EXTENSION: elf(), "tiny/_x.cpython-311-x86_64-linux-gnu.so": elf()}),
         ours({EXTENSION: elf(), "tiny/tests/_x.cpython-311-x86_64-linux-gnu.so": elf()}), ()),
    ],
    "P303": [
        ("the wheel is for cp38-abi3 and later", stable("cp38", {"tiny/_x.cpython-38-x86_64-linux-gnu.so": elf()}),
         stable("cp38", {"tiny/_x.abi3.so": elf()}), ()),
    ],
    "P304": [
        ("only CPython 3.12 imports", tagged(f"py3-none-{OURS}"),
         tagged(f"py3-none-{OURS}", {EXTENSION: elf(), "tiny/_x.cpython-313-x86_64-linux-gnu.so": elf()}), ()),
        ("only CPython 3.12 imports", tagged(f"py2.py3-none-{OURS}"),
         tagged(f"cp312-none-{OURS}"), ()),
    ],
    "P305": [
        ("suffix of Linux (glibc) aarch64", ours({"tiny/_x.cpython-312-aarch64-linux-gnu.so": elf()}), ours(), ()),
        ("suffix of Linux (glibc) x86_64, and the wheel is for musllinux",
         ours({EXTENSION: musl()}, MUSL),
         # Up to Python 3.10 the suffix says gnu on musl too.
         tagged(f"cp310-cp310-{MUSL}", {"tiny/_x.cpython-310-x86_64-linux-gnu.so": musl()}), ()),
        ("suffix of macOS", ours({"tiny/_x.cpython-312-darwin.so": elf()}), ours(), ()),
        ("suffix of Windows amd64", tagged("cp312-cp312-win_arm64", {"tiny/_x.cp312-win_amd64.pyd": b"text"}),
         tagged("cp312-cp312-win32", {"tiny/_x.cp312-win32.pyd": b"text"}), {"P115"}),
    ],
    "P310": [
        ("uses PyFrame_FastToLocals, not in the stable ABI that cp38-abi3 promises",
         stable("cp38", using("PyFrame_FastToLocals", "PyObject_Call")), stable("cp38", using("PyObject_Call")), ()),
        # A name that begins like Python's own, and is another file's.
        ("uses PyOwn_New", stable("cp38", using("PyOwn_New")),
         stable("cp38", {**using("PyOwn_New"), "tiny.libs/libown.so": elf(exports=("PyOwn_New",))}), ()),
    ],
    "P311": [
        ("uses PyType_GetName (3.11) of a later Python, and the wheel is for 3.8",
         stable("cp38", using("PyType_GetName")), stable("cp311", using("PyType_GetName")), ()),
        ("uses PyType_GetName", tagged(f"cp310-cp310-{OURS}", using("PyType_GetName")),
         tagged(f"cp310-cp310-{OURS}", using("PyObject_GetBuffer")), ()),
        ("uses PyLong_Export", stable("cp313", using("PyLong_Export")),
         tagged(f"cp314-cp314-{OURS}", using("PyLong_Export")), ()),
        ("the wheel is for 3.8", tagged(f"cp38.cp311-abi3-{OURS}", using("PyType_GetName")),
         stable("cp311", using("PyType_GetName")), ()),
    ],
    "P312": [
        ("uses PyObject_GetBuffer (3.11) of a later stable ABI, and the wheel is for 3.8",
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
        ("the wheel is for cp314-abi3, cp314-cp314t", tagged(f"cp314-abi3.cp314t-{OURS}", using()),
         tagged(f"cp314-abi3.cp314t-{OURS}", {**using(), "tiny/_x.cpython-314t-x86_64-linux-gnu.so": elf()}), ()),
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
