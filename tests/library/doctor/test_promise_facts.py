"""What the rules about the promise stand on: tags and suffixes taken apart, the stable ABI, auditwheel's answers."""

import ctypes
import importlib.machinery
import json
import subprocess
import sys

import pytest
from hostile_elf import Elf
from packaging.tags import Tag, sys_tags
from promise_making import elf

from wheel_lab.binaries.elf import elf_files_of, read_elf
from wheel_lab.doctor.claims import Claim, claim_of, claims_of
from wheel_lab.doctor.extensions import Extension, extension_of
from wheel_lab.doctor.promise.stableabi import EXPORTED, FREE_THREADED, NEWEST, exported_since, stable_since
from wheel_lab.justified import tag_by_contents
from wheel_lab.wheelfile import open_wheel


@pytest.mark.parametrize(
    ("tag", "claim"),
    [
        ("any", ("any", None, None, None)),
        ("manylinux1_i686", ("linux", "i686", "glibc", (2, 5))),
        ("manylinux2014_aarch64", ("linux", "aarch64", "glibc", (2, 17))),
        ("manylinux_2_28_x86_64", ("linux", "x86_64", "glibc", (2, 28))),
        ("musllinux_1_2_armv7l", ("linux", "armv7l", "musl", (1, 2))),
        ("linux_armv6l", ("linux", "armv7l", None, None)),
        ("macosx_10_9_universal2", ("macos", "universal2", None, (10, 9))),
        ("win32", ("windows", "x86", None, None)),
        ("win_amd64", ("windows", "amd64", None, None)),
        ("android_24_arm64_v8a", ("android", "arm64_v8a", None, (24,))),
        ("ios_13_0_arm64_iphonesimulator", ("ios", "arm64", None, (13, 0))),
        ("pyemscripten_2026_0_wasm32", ("emscripten", "wasm32", None, (2026, 0))),
        ("pyodide_2024_0_wasm32", ("emscripten", "wasm32", None, (2024, 0))),
    ],
)
def test_what_a_tag_claims(tag, claim):
    assert claim_of(tag) == Claim(tag, *claim)
    assert claims_of([tag, "beos"]) == (Claim(tag, *claim),)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("_x.cpython-312-x86_64-linux-gnu.so", ("cp312", "cp312", "linux", "x86_64", "glibc")),
        ("_x.cpython-37m-i386-linux-gnu.so", ("cp37", "cp37m", "linux", "i686", "glibc")),
        ("_x.cpython-314t-powerpc64le-linux-gnu.so", ("cp314", "cp314t", "linux", "ppc64le", "glibc")),
        ("_x.cpython-312-arm-linux-musleabihf.so", ("cp312", "cp312", "linux", "armv7l", "musl")),
        ("_x.cpython-313d-x86_64-linux-gnu.so", ("cp313", "cp313", "linux", "x86_64", "glibc")),
        ("_x.cpython-312-darwin.so", ("cp312", "cp312", "macos", None, None)),
        ("_x.cp314t-win_arm64.pyd", ("cp314", "cp314t", "windows", "arm64", None)),
        ("_x.pypy311-pp73-x86_64-linux-gnu.so", ("pp311", "pypy311_pp73", "linux", "x86_64", "glibc")),
        ("_x.pypy311-pp73-win_amd64.pyd", ("pp311", "pypy311_pp73", "windows", "amd64", None)),
        ("_x.graalpy242-311-native-x86_64-linux.so", ("graalpy311", "graalpy242_311_native", "linux", "x86_64", None)),
        ("_x.cpython-313-aarch64-linux-android.so", ("cp313", "cp313", "android", None, None)),
        ("_x.cpython-313-iphoneos.so", ("cp313", "cp313", "ios", None, None)),
        ("_x.cpython-313-wasm32-emscripten.so", ("cp313", "cp313", "emscripten", None, None)),
        ("_x.cpython-313-hurd.so", ("cp313", "cp313", None, None, None)),
        ("_x.abi3.so", (None, "abi3", None, None, None)),
        ("_x.abi3-x86_64-linux-gnu.so", (None, "abi3", "linux", "x86_64", "glibc")),
        ("_x.abi3t.so", (None, "abi3t", None, None, None)),
        ("_x.so", (None, None, None, None, None)),
        ("_x.pyd", (None, None, None, None, None)),
    ],
)
def test_what_a_suffix_says(name, parts):
    assert extension_of(f"tiny/{name}") == Extension(f"tiny/{name}", "tiny/_x", *parts)
    assert extension_of(f"tiny-1.0.data/platlib/{name}").module == "_x"
    for elsewhere in ("tests", "tiny.libs", "tiny-1.0.data/scripts", "lib/lib-dynload", "one two"):
        assert extension_of(f"{elsewhere}/{name}") is None


@pytest.mark.parametrize(
    "name", ["libx.so.1", "x-1.so", "x.1.so", "x.dll", "x.py", "x.cpython-312.txt", "x.cpython-27.so"]
)
def test_what_is_no_extension_module(name):
    assert extension_of(name) is None


def test_this_pythons_own_suffixes_fit_its_own_tag():
    best = next(iter(sys_tags()))
    for suffix in importlib.machinery.EXTENSION_SUFFIXES:
        found = extension_of(f"tiny/_x{suffix}")
        assert found.suffix == suffix
        assert found.fits(best) or best.abi.endswith("t"), (suffix, best)
    other = Tag("cp36", "cp36m", best.platform)
    assert not extension_of(f"tiny/_x{importlib.machinery.EXTENSION_SUFFIXES[0]}").fits(other)


def test_the_stable_abi_is_what_this_python_exports():
    this = sys.version_info.minor
    for minor, names in EXPORTED.items():
        for name in names.split():
            assert exported_since(name, "linux") == minor
            assert exported_since(name, "windows") == stable_since(name) >= 7
            if minor <= this:
                assert hasattr(ctypes.pythonapi, name), name
    if this <= NEWEST:
        for name in ("PyType_GetName", "PyLong_Export", "Py_IsFinalizing", "PyType_GetDict", "PyDict_SetDefaultRef"):
            there = exported_since(name, "linux")
            assert there is None or hasattr(ctypes.pythonapi, name) == (there <= this), name
    assert stable_since("PyFrame_FastToLocals") is exported_since("PyFrame_FastToLocals", "linux") is None
    assert exported_since("PyObject_Call", "linux") == 0
    assert not any(hasattr(ctypes.pythonapi, name) for name in FREE_THREADED)


def shown_by_auditwheel(path):
    done = subprocess.run(
        [sys.executable, "-m", "auditwheel", "show", "--json", str(path)], capture_output=True, check=True
    )
    return json.loads(done.stdout)["overall_tag"]


def justified(path):
    with open_wheel(path) as source:
        return tag_by_contents(elf_files_of(source), [member.name for member in source.members])


@pytest.mark.linux
@pytest.mark.parametrize("word", ["1.21.2", "cp314-manylinux", "musllinux"])
def test_the_tag_of_a_specimen_is_auditwheels(specimen, word):
    assert justified(specimen(word)) == shown_by_auditwheel(specimen(word))


def test_the_tag_of_a_fetched_wheel_is_auditwheels(wheelhouse):
    paths = [*wheelhouse.glob("ninja-*.whl"), *wheelhouse.glob("scipy_openblas32-*.whl")]
    assert len(paths) == 2
    for path in paths:
        assert justified(path) == shown_by_auditwheel(path)


def read(tmp_path, name="x.so", **more):
    path = tmp_path / name
    path.write_bytes(elf(*more.pop("needed", ()), **more))
    return read_elf(path)


@pytest.mark.parametrize(
    ("more", "tag"),
    [
        ({}, "manylinux_2_5_x86_64"),
        ({"needed": ("libz.so.1",)}, "manylinux_2_5_x86_64"),
        ({"needed": ("libfoo.so.1",)}, "linux_x86_64"),
        ({"needed": ("libfoo.so.1", "ld-linux-x86-64.so.2")}, "linux_x86_64"),
        ({"needed": ("libz.so.1",), "undefined": ("zcalloc",)}, "linux_x86_64"),
        ({"needed": ("libz.so.1",), "undefined": ("crc32_combine_gen",)}, "manylinux_2_37_x86_64"),
        ({"undefined": ("PyFPE_jbuf",)}, "linux_x86_64"),
        ({"undefined": ("PyUnicodeUCS2_AsUTF8",)}, "linux_x86_64"),
        ({"versions": {"libc.so.6": {"GLIBC_2.34": ["a"]}}}, "manylinux_2_34_x86_64"),
        ({"versions": {"libc.so.6": {"GLIBC_PRIVATE": ["a"]}}}, "linux_x86_64"),
    ],
)
def test_what_decides_on_the_tag(tmp_path, more, tag):
    assert tag_by_contents([read(tmp_path, **more)]) == tag


def test_a_carried_library_need_not_be_on_the_system(tmp_path):
    needing = read(tmp_path, needed=("libfoo.so.1",))
    assert tag_by_contents([needing], ["tiny.libs/libfoo.so.1"]) == "manylinux_2_5_x86_64"
    assert tag_by_contents([needing, read(tmp_path, "y.so", soname="libfoo.so.1")]) == "manylinux_2_5_x86_64"
    (tmp_path / "m.so").write_bytes(bytes(Elf(needed=("libc.musl-x86_64.so.1", "libc.so", "libpthread.so.0"))))
    musl = read_elf(tmp_path / "m.so")
    assert tag_by_contents([musl]) == "musllinux_1_2_x86_64"
    with pytest.raises(ValueError, match="no tag covers both"):
        tag_by_contents([musl, needing])
    with pytest.raises(ValueError, match="no tag follows"):
        tag_by_contents([])
