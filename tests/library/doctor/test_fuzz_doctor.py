"""A fuzzer for the whole doctor: wheels of real headers with parts changed, cut out or repeated.

Whatever a file holds, the answer is a report that every form of output can print, or a WheelError. The same few hundred
examples are tried each time; ``make fuzz`` tries others for ten minutes, with WHEEL_LAB_FUZZ as their number.
"""

import io
import json
import os
import sys
from pathlib import Path

import pytest
from hostile_elf import MACHINES, Elf
from hostile_zip import MB, Entry
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from making import FIELDS, make
from tiny_macho import macho, universal
from tiny_pe import pe

from wheel_lab.doctor import Limits, WheelError, examine
from wheel_lab.doctor.annotations import as_github, as_gitlab
from wheel_lab.doctor.text import as_text

EXAMPLES = int(os.environ.get("WHEEL_LAB_FUZZ", "0"))
FUZZED = settings(
    max_examples=EXAMPLES or 100, derandomize=not EXAMPLES, database=None, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
LIMITS = Limits(members=1000, total_size=64 * MB, member_size=16 * MB, seconds=None)
INFO = "tiny-1.0.dist-info"
NAMES = {
    "elf": ("tiny-1.0-cp312-cp312-manylinux_2_17_x86_64.whl", "tiny/x.cpython-312-x86_64-linux-gnu.so"),
    "pe": ("tiny-1.0-cp312-cp312-win_amd64.whl", "tiny/x.cp312-win_amd64.pyd"),
    "macho": ("tiny-1.0-cp312-cp312-macosx_11_0_universal2.whl", "tiny/x.cpython-312-darwin.so"),
}


def told(data: bytes, name: str) -> None:
    """Examine a wheel and print what was found, in each form. It may raise WheelError, and nothing else."""
    file = io.BytesIO(data)
    file.name = name
    try:
        report = examine(file, LIMITS)
    except WheelError as error:
        texts = [str(error)]
    else:
        texts = [as_text(report), as_text(report, width=60), as_github(report, name), as_gitlab([(report, name)])]
        assert json.loads(report.to_json())["wheels"][0]["file"] == name
    for text in texts:
        assert not [one for one in text if not one.isprintable() and one != "\n"]


# A change is (where, how much of it goes, what comes in its place). Places are drawn by a fraction of the file, or near
# its beginning, where the headers are.
PLACES = st.one_of(st.floats(0, 1, exclude_max=True), st.integers(0, 1023))
BYTES = st.one_of(
    st.binary(max_size=8),
    st.sampled_from([b"\0" * 4, b"\xff" * 4, b"\xff" * 8, b"\x7f\xff\xff\xff", b"\0\0\0\x80", b"\x01\0\0\0"]),
)
CHANGES = st.lists(st.tuples(PLACES, st.sampled_from([0, 1, 2, 4, 8, 64, 4096]), BYTES), min_size=1, max_size=5)


def changed(data: bytes, changes) -> bytes:
    for place, length, new in changes:
        start = int(place * len(data)) if isinstance(place, float) else min(place, len(data))
        data = data[:start] + new + data[start + length :]
    return data


# --- compiled files ---


def elf_files():
    """Return ELF files by name: one for each architecture, and what this machine's own linker has made."""
    versions = {"libc.so.6": {"GLIBC_2.17": ["memcpy", "free"]}, "libm.so.6": {"GLIBC_2.29": ["pow"]}}
    found = {one: bytes(Elf(one, versions=versions, soname="libx.so.1", runpath="$ORIGIN")) for one in MACHINES}
    for path in sorted(Path(sys.base_prefix).glob("lib/python3*/lib-dynload/_[a-q]*.so"))[:6]:
        if path.read_bytes()[:4] == b"\x7fELF":
            found[path.name.split(".")[0]] = path.read_bytes()
    return found


CORPUS = {
    **{f"elf {name}": data for name, data in elf_files().items()},
    "pe amd64": pe(needed={"python312.dll": ["PyList_New"], "foo.dll": ["bar"]}, exports=["PyInit_x"], pdb="x.pdb"),
    "pe arm64": pe("arm64", delayed={"bar.dll": ["baz"]}, exports=["PyInit_x"], debug=b"debug" * 10),
    "macho arm64": macho(
        needed=("@rpath/libx.dylib",), rpaths=("/opt/x",), undefined=("_foo",), exports=("_PyInit_x",)
    ),
    "macho old": macho("x86_64", old=True, needed=("/usr/lib/libSystem.B.dylib",), optional=("_foo",), signed=False),
    "macho fat": universal(macho("arm64", needed=("@loader_path/a.dylib",)), macho("x86_64")),
}


@FUZZED
@given(name=st.sampled_from(sorted(CORPUS)), changes=CHANGES)
def test_a_compiled_file_with_changes(tmp_path, name, changes):
    wheel, member = NAMES[name.split()[0]]
    path = make(tmp_path, Entry(member, changed(CORPUS[name], changes), method=0), name=wheel)
    told(path.read_bytes(), path.name)


def test_the_corpus_is_sound(tmp_path):
    """What is changed above is worth changing only when the doctor reads it."""
    for name, data in CORPUS.items():
        wheel, member = NAMES[name.split()[0]]
        codes = {one.code for one in examine(make(tmp_path, Entry(member, data), name=wheel)).findings}
        assert not codes & {"P216", "M112"}, (name, codes)


# --- the archive ---


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Return the bytes of a sound wheel with compiled files, a script and every file of .dist-info."""
    wheel, member = NAMES["elf"]
    more = "Requires-Dist: a (>=1,<2); python_version > '3.11'\nLicense-Expression: MIT\nClassifier: Typing :: Typed\n"
    scripts = Entry(f"{INFO}/entry_points.txt", b"[console_scripts]\na = tiny:main\n")
    entries = [Entry(member, CORPUS["elf x86_64"]), Entry("tiny/y.so", CORPUS["elf i686"], method=0), scripts]
    return make(tmp_path_factory.mktemp("sound"), *entries, name=wheel, more=more, comment=b"hello").read_bytes()


@FUZZED
@given(changes=CHANGES)
@example(changes=[(0, 0, b"\0" * 4)])
def test_an_archive_with_changes(sound, changes):
    told(changed(sound, changes), NAMES["elf"][0])


# --- the text files, and the file's name ---

WORDS = st.sampled_from(
    ["Metadata-Version", "Name", "Version", "Requires-Dist", "License-Expression", "License-File", "Tag", "Build",
     "Wheel-Version", "Root-Is-Purelib", ": ", ":", "\n", "\r", "\n ", "\n\n", "2.4", "2.1", "tiny", "1.0", "1.0+x",
     "a; ", "(", ")", "[", "]", "==", "@ https://x", " and ", "python_version", "'3'", "MIT", "WITH", "-", ".", ",",
     '"', "\0", "\x1b[2J", "\u202e", "\xe9", "\ufeff", "=", "sha256=", "true", "py3-none-any", "../", "/", "\\",
     "9" * 5000]
)  # fmt: skip
TEXT = (
    st.lists(st.one_of(WORDS, st.text(max_size=3)), max_size=40)
    .map("".join)
    .map(lambda text: text.encode(errors="surrogatepass"))
)
FILES = ["METADATA", "WHEEL", "RECORD", "entry_points.txt", "top_level.txt", "sboms/a.json", "licenses/LICENSE"]


@FUZZED
@given(file=st.sampled_from(FILES), start=st.booleans(), text=st.one_of(TEXT, st.binary(max_size=100)))
def test_any_content_of_the_files_of_dist_info(tmp_path, file, start, text):
    old = {"METADATA": FIELDS.encode(), "WHEEL": b"Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\n"}
    entry = Entry(f"{INFO}/{file}", old.get(file, b"") * start + text)
    path = make(tmp_path, change={file: entry}) if file in ("METADATA", "WHEEL", "RECORD") else make(tmp_path, entry)
    told(path.read_bytes(), path.name)


ANY = st.one_of(TEXT.map(lambda text: text.decode(errors="replace")), st.text(max_size=20))


@FUZZED
@given(name=ANY, data=st.binary(max_size=50))
def test_any_name_of_a_member_and_any_python(tmp_path, name, data):
    script = Entry("tiny/__init__.py", name.encode(errors="replace"))
    path = make(tmp_path, Entry(name.encode(errors="replace")), Entry("tiny/a.py", data), script)
    told(path.read_bytes(), path.name)


TAGS = st.sampled_from(
    ["py3", "cp312", "cp3", "cp", "cp39.cp310", "pp311", "cp314t", "abi3", "none", "any", "abi3t", "x", "cp312d", "1",
     "_", "linux_x86_64", "manylinux_2_17_x86_64", "manylinux2014_i686", "musllinux_1_2_x86_64", "manylinux_2_x86_64",
     "macosx_11_0_arm64", "macosx_10_9_universal2", "macosx_99999999999_0_arm64", "manylinux_2_99999999999_x86_64",
     "win32", "win_amd64", "ios_13_0_arm64_iphoneos", "android_21_arm64_v8a", "pyemscripten_2025_0_wasm32",
     "cp" + "3" * 100, "pp\u0663"]
)  # fmt: skip
VERSIONS = st.sampled_from(["1.0", "1!2.post3+a.b", "0", "1.0-1", "1.0-2x"])


@FUZZED
@given(tags=st.tuples(TAGS, TAGS, TAGS), version=VERSIONS, kind=st.sampled_from(sorted(CORPUS)))
def test_any_tags_of_the_name(tmp_path, tags, version, kind):
    path = make(tmp_path, Entry(NAMES[kind.split()[0]][1], CORPUS[kind], method=0))
    told(path.read_bytes(), f"tiny-{version}-{'-'.join(tags)}.whl")
