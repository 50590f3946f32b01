"""A file name is taken apart as PEP 425, 427, 600 and 656 say, and the choice between files is pip's."""

import subprocess
import sys

import pytest
from packaging.tags import sys_tags
from packaging.utils import parse_wheel_filename

from wheel_lab import compatibility, tags

OLD = "numpy-1.21.2-cp39-cp39-manylinux_2_12_x86_64.manylinux2010_x86_64.whl"
NEW = "numpy-2.5.5-cp314-cp314-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl"
MUSL = "numpy-2.5.5-cp314-cp314-musllinux_1_2_x86_64.whl"
GLIBC = ["manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_12_x86_64"]


def meanings(filename: str) -> dict[str, str]:
    return {part.text: part.meaning for part in tags.explain(filename).parts}


def test_the_seeds_file():
    name = tags.explain(OLD)
    assert [(part.role, part.text) for part in name.parts] == [
        ("distribution", "numpy"),
        ("version", "1.21.2"),
        ("interpreter", "cp39"),
        ("abi", "cp39"),
        ("platform", "manylinux_2_12_x86_64"),
        ("platform", "manylinux2010_x86_64"),
    ]
    assert name.tags == ("cp39-cp39-manylinux2010_x86_64", "cp39-cp39-manylinux_2_12_x86_64")
    assert name.of("platform") == ("manylinux_2_12_x86_64", "manylinux2010_x86_64")
    assert len(str(name).splitlines()) == 6


@pytest.mark.parametrize(
    ("tag", "part", "meaning"),
    [
        ("py3-none-any", "py3", "any Python 3"),
        ("py3-none-any", "none", "uses no binary interface of Python"),
        ("py3-none-any", "any", "any system, any processor"),
        ("py312-none-any", "py312", "Python 3.12 or newer"),
        ("cp313-cp313-win_amd64", "cp313", "the binary interface of CPython 3.13"),
        ("cp314-cp314t-win_arm64", "cp314t", "the binary interface of CPython 3.14, built without the GIL"),
        ("cp37-cp37m-win32", "cp37m", "the binary interface of CPython 3.7, with pymalloc"),
        ("cp311-abi3-win_amd64", "cp311", "CPython 3.11 or newer"),
        ("cp314-cp314-win_arm64", "win_arm64", "Windows, 64-bit ARM"),
        ("cp314-cp314-win32", "win32", "Windows, 32-bit Intel and AMD"),
        ("cp311-abi3-win32", "abi3", "the stable interface: this CPython and every later 3.x with a GIL"),
        ("cp315-abi3t-win32", "abi3t", "the stable interface of CPython without the GIL"),
        ("pp311-pypy311_pp73-win_amd64", "pypy311_pp73", "the binary interface of PyPy 7.3 for Python 3.11"),
        ("cp39-cp39-manylinux1_i686", "manylinux1_i686", "the legacy alias of manylinux_2_5_i686"),
        ("cp39-cp39-manylinux2014_aarch64", "manylinux2014_aarch64", "the legacy alias of manylinux_2_17_aarch64"),
        ("cp39-cp39-manylinux_2_28_aarch64", "manylinux_2_28_aarch64", "Linux with glibc 2.28 or newer, 64-bit ARM"),
        ("cp39-cp39-musllinux_1_2_armv7l", "musllinux_1_2_armv7l", "Linux with musl 1.2 or newer, 32-bit ARM"),
        ("cp39-cp39-macosx_11_0_arm64", "macosx_11_0_arm64", "macOS 11.0 or newer, 64-bit ARM"),
        ("cp313-cp313-android_24_arm64_v8a", "android_24_arm64_v8a", "Android with API level 24 or newer, 64-bit ARM"),
        ("cp313-cp313-ios_13_0_arm64_iphoneos", "ios_13_0_arm64_iphoneos", "iOS 13.0 or newer, 64-bit ARM"),
        ("cp313-cp313-linux_armv7l", "linux_armv7l", "some Linux, it does not say which (PyPI takes it), 32-bit ARM"),
        (
            "cp39-cp39-manylinux_2_28_x8664",
            "manylinux_2_28_x8664",
            "Linux with glibc 2.28 or newer, a processor that this lab does not know",
        ),
        (
            "cp39-cp39-manylinux2014_x8664",
            "manylinux2014_x8664",
            "the legacy alias of manylinux_2_17_x8664, a processor that this lab does not know",
        ),
        ("cp39-cp39-beos", "beos", "a platform that this lab does not know"),
    ],
)
def test_meanings(tag, part, meaning):
    explained = tags.explain(f"thing-1.0-{tag}.whl").parts
    assert meaning in [one.meaning for one in explained if one.text == part]


def test_plain_linux_is_refused_by_pypi():
    assert "PyPI refuses it" in meanings("thing-1.0-cp39-cp39-linux_x86_64.whl")["linux_x86_64"]


def test_build_number_and_compressed_tags():
    name = tags.explain("thing-1.0-2b-py2.py3-none-any.whl")
    assert name.of("build") == ("2b",)
    assert name.of("interpreter") == ("py2", "py3")
    assert name.tags == ("py2-none-any", "py3-none-any")


@pytest.mark.parametrize(
    ("filename", "reason"),
    [
        ("thing-1.0.tar.gz", "that is how a source archive is called"),
        ("thing-1.0-py3-none-any", "does not end in .whl"),
        ("thing-1.0.whl", "separate 2 parts, and a wheel's name has 5"),
        ("thing-1.0-1-2-py3-none-any.whl", "separate 7 parts,"),
        ("dist/thing-1.0-py3-none-any.whl", "is a path or a URL"),
        (f"{'thing' * 600}-1.0-py3-none-any.whl", "at most 255 characters, and this one has 3,021"),
        ("thing-one-py3-none-any.whl", "invalid version"),
        ("thing-1.0-x-py3-none-any.whl", "Invalid build number"),
        ("", "there is no name yet"),
    ],
)
def test_wrong_names(filename, reason):
    with pytest.raises(ValueError, match=reason.replace(".", r"\.")):
        tags.explain(filename)


@pytest.mark.parametrize(
    "pasted",
    [
        NEW,
        f"  {NEW}\n",
        f"./dist/{NEW}",
        f'"C:\\Users\\me\\{NEW}"',
        f"https://example.org/packages/{NEW}#sha256=00ff",
        f"https://example.org/packages/{NEW}?download=1",
        f"file:///tmp/{NEW}/",
    ],
)
def test_the_file_name_in_what_was_pasted(pasted):
    assert tags.file_name_in(pasted) == NEW


def test_a_url_hides_a_plus_in_a_version():
    pasted = "https://example.org/thing-1.0%2Blocal.1-py3-none-any.whl"
    assert tags.file_name_in(pasted) == "thing-1.0+local.1-py3-none-any.whl"


def test_no_meaning_shows_marks_of_another_language():
    for name in (OLD, NEW, MUSL, "thing-1.0-2b-py2.py3-none-any.whl"):
        assert "`" not in str(tags.explain(name))


def test_accepted_here_is_what_packaging_and_pip_say():
    here = compatibility.accepted()
    assert here == tuple(map(str, sys_tags()))
    assert compatibility.accepted(3) == here[:3]
    command = [sys.executable, "-m", "pip", "debug", "--verbose"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    # pip carries its own, perhaps older, copy of packaging: it may order by another rule, but accepts the same.
    theirs = {line.strip() for line in shown.stdout.partition("Compatible tags")[2].splitlines()[1:]}
    assert theirs <= set(here)
    assert len(theirs) > 10


def test_accepted_elsewhere():
    assert compatibility.accepted(4, python=(3, 9), platforms=["manylinux_2_17_x86_64"]) == (
        "cp39-cp39-manylinux_2_17_x86_64",
        "cp39-abi3-manylinux_2_17_x86_64",
        "cp39-none-manylinux_2_17_x86_64",
        "cp38-abi3-manylinux_2_17_x86_64",
    )
    every = compatibility.accepted(python=(3, 9), platforms=["manylinux_2_17_x86_64"])
    assert "py3-none-any" in every
    assert len(every) == len(set(every))
    free = compatibility.accepted(1, python=(3, 14), abi="cp314t", platforms=["win_amd64"])
    assert free == ("cp314-cp314t-win_amd64",)


def test_accepted_wants_the_whole_answer():
    with pytest.raises(ValueError, match="which platforms"):
        compatibility.accepted(python=(3, 9))
    with pytest.raises(ValueError, match="which python"):
        compatibility.accepted(platforms=["win_amd64"])


def test_choose_by_interpreter_and_platform():
    files = [OLD, NEW, MUSL]
    choice = compatibility.choose(files, python=(3, 14), platforms=GLIBC)
    assert choice.taken == NEW
    assert [verdict.rank for verdict in choice.verdicts] == [None, 1, None]
    assert "the platform musllinux_1_2_x86_64 is not accepted here" in choice.verdicts[2].reason
    assert compatibility.choose(files, python=(3, 9), platforms=GLIBC).taken == OLD
    assert compatibility.choose(files, python=(3, 14), platforms=["musllinux_1_2_x86_64"]).taken == MUSL
    nothing = compatibility.choose(files, python=(3, 12), platforms=GLIBC)
    assert nothing.taken is None
    assert not any(verdict.taken for verdict in nothing.verdicts)


@pytest.mark.parametrize(
    ("better", "worse", "reason"),
    [
        ("a-2.0-py3-none-any.whl", "a-1.9-cp39-cp39-manylinux_2_28_x86_64.whl", "version 2.0 is newer"),
        ("a-1.10-py3-none-any.whl", "a-1.9-py3-none-any.whl", "version 1.10 is newer"),
        ("a-1.0-cp39-cp39-manylinux_2_28_x86_64.whl", "a-1.0-py3-none-any.whl", "behind number 1"),
        ("a-1.0-cp39-cp39-manylinux_2_28_x86_64.whl", "a-1.0-cp39-cp39-manylinux_2_12_x86_64.whl", "behind number 1"),
        ("a-1.0-2-py3-none-any.whl", "a-1.0-1-py3-none-any.whl", "build number is not higher"),
        ("a-1.0-py3-none-any.whl", "a-2.0rc1-py3-none-any.whl", "is a pre-release"),
        ("a-1.0-py3-none-any.whl", "a-2.0-py2-none-any.whl", "interpreter py2 is not accepted"),
        ("a-1.0-py3-none-any.whl", "a-2.0-cp38-none-manylinux_2_28_x86_64.whl", "not the three together"),
    ],
)
def test_choose_one_of_two(better, worse, reason):
    for files in ([better, worse], [worse, better]):
        choice = compatibility.choose(files, python=(3, 9), platforms=GLIBC)
        assert choice.taken == better
        verdict = next(verdict for verdict in choice.verdicts if verdict.filename == worse)
        assert reason in verdict.reason
        assert not verdict.taken


def test_a_prerelease_is_better_than_nothing():
    only = "a-2.0rc1-py3-none-any.whl"
    assert compatibility.choose([only], python=(3, 9), platforms=GLIBC).taken == only


def test_choose_takes_what_pip_takes(make_wheel, tmp_path):
    """Ask pip itself, offline, with the files in a folder."""
    names = [
        "tiny-1.0-py3-none-any.whl",
        "tiny-1.2-py3-none-any.whl",
        "tiny-1.2-1-py3-none-any.whl",
        "tiny-1.2-py2-none-any.whl",
        "tiny-1.3-cp27-none-any.whl",
        "tiny-2.0rc1-py3-none-any.whl",
        f"tiny-1.2-{compatibility.accepted(1)[0]}.whl",
    ]
    for name in names:
        make_wheel(name=name)
    target = tmp_path / "taken"
    command = [sys.executable, "-m", "pip", "--isolated", "download", "--no-index", "--find-links", tmp_path, "--dest"]
    subprocess.run([*command, target, "tiny"], check=True, capture_output=True)
    assert [path.name for path in target.iterdir()] == [compatibility.choose(names).taken]


def test_choose_wants_one_project():
    with pytest.raises(ValueError, match="several projects"):
        compatibility.choose(["a-1.0-py3-none-any.whl", "b-1.0-py3-none-any.whl"])


def test_names_are_compared_in_their_normal_form():
    assert parse_wheel_filename("A_b-1.0-py3-none-any.whl")[0] == "a-b"
    older, newer = "A_b-1.0-py3-none-any.whl", "a.b-1.1-py3-none-any.whl"
    assert compatibility.choose([older, newer]).taken == newer
