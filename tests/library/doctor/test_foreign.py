"""macOS, Windows, Android and iOS: each rule on a wheel with that one defect, and on a good twin."""

import re

import pytest
from foreign_cases import CASES, CTYPES, DLL, PATCHED, both, built, dylib, mac, module, pyd, tagged, win
from tiny_macho import macho
from tiny_pe import pe

from wheel_lab.doctor import RULES
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.systems import macos, macosrules, others, windows, windowsrules
from wheel_lab.doctor.systems.windowsdlls import is_debug, is_driver, is_of_python, is_of_runtime, is_of_windows
from wheel_lab.wheelfile import open_wheel

OWN = re.compile(r"P[456]\d\d|M[45]\d\d")


def findings(path):
    """Return what the rules of these systems say of a wheel."""
    with open_wheel(path) as source:
        contents = Contents(source)
        promises = [one for system in (macos, windows, others) for one in system.find_promises(contents)]
        return promises + [one for system in (macos, windows) for one in system.find_imports(contents)]


def codes(folder, defect):
    return {one.code for one in findings(built(folder, defect))}


@pytest.mark.parametrize(
    ("code", "word", "defect", "twin", "others"),
    [pytest.param(code, *case, id=f"{code} {case[0][:40]}") for code, cases in CASES.items() for case in cases],
)
def test_a_rule_fires_alone_and_not_on_the_good_twin(tmp_path, code, word, defect, twin, others):
    found = findings(built(tmp_path, defect))
    assert any(word in one.what for one in found if one.code == code), found
    assert {one.code for one in found} - {code} == set(others), found
    for one in found:
        assert "{" not in one.what + one.why + one.fix
    again = findings(built(tmp_path, twin))
    assert [one for one in again if one.level != "note"] == []
    assert code not in {one.code for one in again}


def test_each_rule_has_a_case():
    assert set(CASES) == {code for code in RULES if OWN.fullmatch(code)}


def test_what_leaves_an_answer_open_is_no_error():
    for code in macosrules.UNDECIDED | windowsrules.UNDECIDED:
        assert RULES[code].level != "error"


@pytest.mark.parametrize(
    ("defect", "fix"),
    [
        (mac(module(minimum=(13, 3))), "--platform-tag macosx_13_0_arm64 tiny-1.0-cp312-cp312-macosx_11_0_arm64.whl"),
        (mac(both(minimum=(10, 13)), platform="macosx_10_9_universal2"), "--platform-tag macosx_10_13_universal2 tiny"),
        (mac(module("x86_64", minimum=(10, 13))), "--platform-tag macosx_10_13_x86_64 tiny"),
    ],
)
def test_a_fix_names_the_tag_that_the_files_justify(tmp_path, defect, fix):
    assert any(fix in one.fix for one in findings(built(tmp_path, defect)))


def test_other_wheels_are_left_alone(tmp_path):
    files = {"tiny/a.dll": pe("win32", ["foo.dll"]), "tiny/_x.so": module(needed=("@rpath/b.dylib",), signed=False)}
    assert codes(tmp_path, tagged("py3-none-any", files)) == set()
    assert codes(tmp_path, tagged("cp312-cp312-beos_x86_64", files)) == set()
    assert codes(tmp_path, tagged("cp312-cp312-manylinux_2_28_x86_64", files)) == {"P605", "P606"}


def test_a_file_without_a_platform_or_a_floor_promises_nothing(tmp_path):
    assert codes(tmp_path, mac(module(platform=None))) == set()
    assert codes(tmp_path, mac(platform="macosx_10_6_intel", data=module("x86_64", minimum=(10, 6)))) == set()
    assert codes(tmp_path, mac(platform="macosx_10_6_ppc", data=macho("i386", minimum=(10, 6)))) == set()


def test_a_program_needs_no_code_for_each_processor(tmp_path):
    program = macho("x86_64", "program", minimum=(10, 9))
    assert codes(tmp_path, mac(None, {"tiny/bin/tool": program})) == set()


def test_libraries_that_load_each_other_end(tmp_path):
    one = dylib("libone.dylib", needed=("@loader_path/libtwo.dylib",))
    two = dylib("libtwo.dylib", needed=("@loader_path/libone.dylib",))
    files = {"tiny/.dylibs/libone.dylib": one, "tiny/.dylibs/libtwo.dylib": two}
    assert codes(tmp_path, mac(module(needed=("@loader_path/.dylibs/libone.dylib",)), files)) == set()
    files = {"tiny/a.dll": pe("amd64", ["b.dll"]), "tiny/b.dll": pe("amd64", ["a.dll"])}
    assert codes(tmp_path, win(pyd(needed=["a.dll"]), files)) == set()


def test_thousands_of_libraries_and_paths_are_not_all_tried(tmp_path):
    libraries = tuple(f"@rpath/lib{number}.dylib" for number in range(3000))
    paths = tuple(f"@loader_path/{number}" for number in range(3000))
    found = findings(built(tmp_path, mac(module(needed=libraries, rpaths=paths))))
    assert {one.code for one in found} == {"M401"}
    assert found[-1].what.endswith("the same holds for 979 more")


def test_code_for_newer_processors_takes_libraries_for_all(tmp_path):
    files = {"tiny/libone.dylib": dylib("libone.dylib")}
    found = findings(built(tmp_path, mac(module("arm64e", needed=("@loader_path/libone.dylib",)), files)))
    assert {one.code for one in found} == {"P403"}


def test_a_tag_for_what_is_there_asks_for_the_macos_that_every_file_needs(tmp_path):
    library = {"tiny/libone.dylib": dylib("libone.dylib", minimum=(13, 3))}
    needs = module(needed=("@loader_path/libone.dylib",))
    found = findings(built(tmp_path, mac(needs, library, "macosx_13_0_universal2")))
    fixes = {one.code: one.fix for one in found if one.code in ("P403", "P404")}
    assert set(fixes) == {"P403", "P404"}
    assert all("--platform-tag macosx_13_0_arm64 " in fix for fix in fixes.values())


def test_a_search_path_in_the_system_may_hold_anything(tmp_path):
    swift = module(needed=("@rpath/libswiftCore.dylib",), rpaths=("/usr/lib/swift",))
    assert codes(tmp_path, mac(swift)) == set()
    # Where the program lies that loads the file, a wheel does not know.
    assert codes(tmp_path, mac(module(needed=("@executable_path/../libone.dylib",)))) == {"M401"}


def test_code_that_only_python_loads_is_judged_where_python_names_it(tmp_path):
    assert codes(tmp_path, mac(b"", CTYPES)) == {"M409"}
    assert codes(tmp_path, mac(b"", {**CTYPES, "tiny/core.py": ""})) == {"M402"}
    assert codes(tmp_path, mac(b"", CTYPES, requires=["intel-openmp"])) == {"M402"}
    native = pe("amd64", ["MSVCP140.dll", "foo.dll"])
    named = {"tiny/native.dll": native, "tiny/core.py": "CDLL('native')"}
    assert codes(tmp_path, tagged("py3-none-win_amd64", named)) == {"M505", "M507"}
    assert codes(tmp_path, tagged("py3-none-win_amd64", {"tiny/native.dll": native})) == {"M502"}
    assert codes(tmp_path, win(None, {"tiny/native.dll": pe("amd64", ["MSVCP140.dll"])})) == set()


def test_a_package_that_brings_libraries_may_bring_the_runtime(tmp_path):
    assert codes(tmp_path, win(pyd(needed=["MSVCP140.dll"]), requires=["torch"])) == {"M502"}
    assert codes(tmp_path, win(pyd(needed=["MSVCP140.dll"]), requires=["numpy"])) == {"M505"}


def test_requirements_that_bring_no_libraries_are_no_excuse(tmp_path):
    missing = pyd(needed=["foo.dll"])
    assert codes(tmp_path, win(missing, requires=["a b c", "numpy"])) == {"M501"}


def test_code_that_is_too_large_to_search_helps_nobody(tmp_path):
    large = {"tiny.libs/foo.dll": DLL, "tiny/__init__.py": PATCHED["tiny/__init__.py"] + "#" * (1 << 20)}
    assert codes(tmp_path, win(pyd(needed=["foo.dll"]), large)) == {"M503"}
    many = {f"tiny/p{number}/__init__.py": "#" * ((1 << 20) - 1) for number in range(33)}
    late = {**many, "tiny/q/r/late.py": PATCHED["tiny/__init__.py"], "tiny.libs/foo.dll": DLL}
    assert codes(tmp_path, win(pyd(needed=["foo.dll"]), late)) == {"M503"}


def test_an_extension_module_of_another_python_is_left_to_the_rule_about_suffixes(tmp_path):
    files = {"tiny/_x.cp311-win_amd64.pyd": pe("amd64", ["python311.dll"])}
    assert codes(tmp_path, win(None, files)) == set()
    assert codes(tmp_path, tagged("pp310-pypy310_pp73-win_amd64", {"tiny/_x.pypy310-pp73-win_amd64.pyd": DLL})) == set()


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("kernel32.dll", is_of_windows),
        ("winspool.drv", is_of_windows),
        ("d3d12.dll", is_of_windows),
        ("api-ms-win-crt-runtime-l1-1-0.dll", is_of_windows),
        ("ucrtbase.dll", is_of_windows),
        ("msvcrt.dll", is_of_windows),
        ("python3.dll", is_of_python),
        ("python313t.dll", is_of_python),
        ("python312_d.dll", is_of_python),
        ("vcruntime140_1.dll", is_of_python),
        ("libpypy3.10-c.dll", is_of_python),
        ("msvcp140.dll", is_of_runtime),
        ("msvcp140_atomic_wait.dll", is_of_runtime),
        ("vcomp140.dll", is_of_runtime),
        ("mfc140u.dll", is_of_runtime),
        ("vcruntime140d.dll", is_debug),
        ("ucrtbased.dll", is_debug),
        ("python312_d.dll", is_debug),
        ("nvcuda.dll", is_driver),
    ],
)
def test_whose_dll_it_is(name, whose):
    assert whose(name)
    others = {is_of_windows, is_of_python, is_of_runtime, is_debug, is_driver} - {whose}
    assert [other.__name__ for other in others if other(name) and "_d" not in name and "0d" not in name] == []


@pytest.mark.parametrize("name", ["foo.dll", "libopenblas.dll", "zlib1.dll", "python.dll", "pywintypes312.dll"])
def test_a_dll_that_is_nobodys(name):
    assert not any(whose(name) for whose in (is_of_windows, is_of_python, is_of_runtime, is_debug, is_driver))
