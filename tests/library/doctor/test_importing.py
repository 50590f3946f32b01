"""Will it import: each rule has a wheel with that one defect, where it fires, and a good twin, where it does not."""

import subprocess
import sys
import zipfile

import pytest
from hostile_elf import Elf
from import_cases import CASES, EXTENSION, INIT, TAG, UP, Workshop, alone, python, with_foo
from making import make

from wheel_lab.binaries.exports import system_exports, written
from wheel_lab.doctor import examine
from wheel_lab.limits import WheelError
from wheel_lab.policytable import known


@pytest.fixture
def shop(tmp_path, compile_c):
    return Workshop(tmp_path, compile_c)


def told(path):
    """Return the findings of this family."""
    return [finding for finding in examine(path).findings if finding.code.startswith("M")]


@pytest.mark.parametrize(
    ("code", "word", "defect", "twin", "others"),
    [pytest.param(code, *case, id=f"{code} {case[0]}") for code, cases in CASES.items() for case in cases],
)
def test_a_rule_fires_alone_and_not_on_the_good_twin(shop, code, word, defect, twin, others):
    path = defect(shop)
    found, report = told(path), examine(path)
    assert any(word in one.what for one in found if one.code == code), report
    assert {one.code for one in found} - {code} == set(others), report
    if any(one.level == "error" for one in found):
        assert report.verdicts["import"] == "no"
    else:
        undecided = {"M102", "M103", "M104", "M107", "M112", "M203", "M601"}
        assert report.verdicts["import"] == ("cannot tell" if code in undecided else "yes")
    path = twin(shop)
    assert told(path) == []
    assert examine(path).verdicts["import"] == "yes"


# --- what the loader of this machine says ---

LOADED = {
    "M101": "libfoo.so.1: cannot open shared object file",
    "M105": "libfoo.so.1: cannot open shared object file",
    "M106": "libfoo.so.1: cannot open shared object file",
    "M201": "undefined symbol: ",
    "M202": "undefined symbol: _ZSt9terminatev",
    "M204": "version `A_2' not found",
    "M302": "not page-aligned",
}


def loaded(path, folder):
    """Unpack a wheel, have the loader load its extension module as Python does, and return what it says."""
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    code = f"import ctypes\ntry: ctypes.CDLL({str(folder / EXTENSION)!r})\nexcept OSError as error: print(error)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("code", "defect", "twin"),
    [pytest.param(code, case[1], case[2], id=f"{code} {case[0]}") for code in LOADED for case in CASES[code]],
)
def test_the_loader_agrees(shop, tmp_path, code, defect, twin):
    assert LOADED[code] in loaded(defect(shop), tmp_path / "broken")
    if code != "M202":  # whose twin is linked with a stand-in of the library
        assert loaded(twin(shop), tmp_path / "sound") == ""


# --- what is not accused ---


def test_a_pure_wheel_imports(tmp_path):
    report = examine(make(tmp_path))
    assert (report.verdicts["import"], told(tmp_path / report.file)) == ("yes", [])


@pytest.mark.parametrize(
    "options",
    [
        # by the name of the folder above, as auditwheel writes it, and by RPATH, which holds for what is loaded in turn
        ["-Wl,-rpath,$ORIGIN/../tiny.libs"],
        ["-Wl,--disable-new-dtags,-rpath,${ORIGIN}/../tiny.libs"],
        ["-Wl,-rpath,$ORIGIN/../tiny/../tiny.libs/"],
    ],
)
def test_search_paths_that_lead_there(shop, options):
    assert told(with_foo(*options)(shop)) == []


def chain(shop, first, *options):
    """Build a module that needs libfoo, which needs libbar; each is linked with its own options."""
    shop.library("libbar.so.1", "int bar(void) { return 1; }\n")
    foo = "extern int bar(void);\nint foo(void) { return bar(); }\n"
    shop.library("libfoo.so.1", foo, f"-L{shop.folder}", "-l:libbar.so.1", *options)
    code = f"extern int foo(void);\n{INIT}int call(void) {{ return foo(); }}\n"
    own = shop.extension(code, *first, "-Wl,--allow-shlib-undefined", needs=["libfoo.so.1"])
    libraries = {f"tiny.libs/{name}": (shop.folder / name).read_bytes() for name in ("libfoo.so.1", "libbar.so.1")}
    return shop.wheel({EXTENSION: own, **libraries})


@pytest.mark.parametrize(
    ("first", "second", "codes"),
    [
        (["-Wl,--enable-new-dtags,-rpath,$ORIGIN/../tiny.libs"], [], ["M106"]),
        (["-Wl,--disable-new-dtags,-rpath,$ORIGIN/../tiny.libs"], [], []),
        (["-Wl,--enable-new-dtags,-rpath,$ORIGIN/../tiny.libs"], ["-Wl,-rpath,$ORIGIN"], []),
        (
            ["-Wl,--disable-new-dtags,-rpath,$ORIGIN/../tiny.libs"],
            ["-Wl,--enable-new-dtags,-rpath,$ORIGIN/no"],
            ["M106"],
        ),
    ],
)
def test_an_rpath_holds_for_what_is_needed_in_turn(shop, tmp_path, first, second, codes):
    path = chain(shop, first, *second)
    assert [one.code for one in told(path)] == codes
    assert ("libbar.so.1: cannot open" in loaded(path, tmp_path / "unpacked")) == bool(codes)


def test_musl_goes_by_a_runpath_as_by_an_rpath(shop):
    path = chain(shop, ["-Wl,--enable-new-dtags,-rpath,$ORIGIN/../tiny.libs"])
    assert [one.code for one in told(path)] == ["M106"]
    name = path.with_name(path.name.replace("manylinux_2_28", "musllinux_1_2"))
    path.rename(name)
    # Compiled here, it says that it is for glibc, which is the promise's matter.
    assert {one.code for one in told(name)} == {"M106"}


@pytest.mark.parametrize("name", ["libc.so", "libpthread.so.0", "libm.so.6", "libc.musl-armv7l.so.1"])
def test_musl_is_all_of_its_libraries(shop, name):
    files = {EXTENSION.replace("gnu", "musl"): bytes(Elf(needed=(name,)))}
    assert told(shop.wheel(files, "cp312-cp312-musllinux_1_2_x86_64")) == []


def test_a_command_holds_any_name_as_a_shell_takes_it(shop):
    path = with_foo(name="tiny/a b;c$(d)/_x.cpython-312-x86_64-linux-gnu.so")(shop)
    (finding,) = told(path)
    assert finding.code == "M107"  # Python imports nothing from such a folder
    assert "--set-rpath '$ORIGIN/../../tiny.libs' 'tiny-1.0/tiny/a b;c$(d)/_x.cpython" in finding.fix


def test_a_library_that_was_loaded_before_is_found_by_its_name(shop, tmp_path):
    shop.library("libbar.so.1", "int bar(void) { return 1; }\n")
    foo = "extern int bar(void);\nint foo(void) { return bar(); }\n"
    shop.library("libfoo.so.1", foo, f"-L{shop.folder}", "-l:libbar.so.1")
    code = f"extern int foo(void);\n{INIT}int call(void) {{ return foo(); }}\n"
    options = ["-Wl,--enable-new-dtags,-rpath,$ORIGIN/../tiny.libs"]
    own = shop.extension(code, *options, needs=["libfoo.so.1", "libbar.so.1"])
    libraries = {f"tiny.libs/{name}": (shop.folder / name).read_bytes() for name in ("libfoo.so.1", "libbar.so.1")}
    path = shop.wheel({EXTENSION: own, **libraries})
    assert told(path) == []
    assert loaded(path, tmp_path / "unpacked") == ""


def test_what_goes_to_platlib_lies_beside_the_rest(shop):
    shop.library()
    own = shop.extension(f"extern int foo(void);\n{INIT}int c(void) {{ return foo(); }}\n", "-Wl,-rpath,$ORIGIN",
                         needs=["libfoo.so.1"])  # fmt: skip
    files = {f"tiny-1.0.data/platlib/{EXTENSION}": own, "tiny/libfoo.so.1": (shop.folder / "libfoo.so.1").read_bytes()}
    assert told(shop.wheel(files)) == []


def test_python_and_other_files_of_the_wheel_give_symbols(shop):
    code = f"{INIT}extern int PyLong_AsLong(void), _Py_Dealloc(void), given(void);\n"
    code += "int f(void) { return PyLong_AsLong() + _Py_Dealloc() + given(); }\n"
    host = shop.library("host", "int given(void) { return 1; }\n")
    assert told(alone(code, files={"tiny/host": host})(shop)) == []


def test_a_weak_symbol_may_stay_undefined(shop):
    code = f"{INIT}extern int maybe(void) __attribute__((weak));\nint f(void) {{ return maybe ? maybe() : 0; }}\n"
    assert told(alone(code)(shop)) == []


def test_a_plugin_may_be_loaded_into_what_has_its_symbols(shop):
    assert told(alone("extern int host(void);\nint f(void) { return host(); }\n", name="tiny/plugin.so")(shop)) == []


def test_a_library_that_is_not_known_may_give_anything(shop):
    code = f"extern int nowhere(void);\n{INIT}int f(void) {{ return nowhere(); }}\n"
    assert {one.code for one in told(alone(code, needs=["libEGL.so.1"])(shop))} == {"M104"}


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    from ._z import f\nexcept ImportError:\n    f = None\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ._z import f\n",
        "def late():\n    from ._z import f\n",
        "from .z import f\n",  # a name that is not private is any file's
        "from other._z import f\n",
        "_z = 1\nfrom . import _z\n",
        "__path__.append('elsewhere')\nfrom ._z import f\n",
        "from ._x import (\n    f,\n",
    ],
)
def test_imports_that_may_well_work(shop, text):
    assert told(python(text)(shop)) == []


def test_a_module_that_is_imported_on_a_condition_may_lack_its_own(shop):
    text = "import sys\nif sys.implementation.name == 'pypy':\n    from .other import f\n"
    assert told(python(text, other="from ._z import f\n")(shop)) == []
    assert [one.code for one in told(python("from .other import f\n", other="from ._z import f\n")(shop))] == ["M601"]


def test_modules_of_tests_and_of_packages_without_init_are_left_alone(shop):
    files = {"tiny/tests/__init__.py": b"from ._z import f\n", "space/a.py": b"from ._z import f\n"}
    assert told(alone(files=files)(shop)) == []


def test_a_wheel_for_any_platform_has_no_extension_modules(tmp_path, shop):
    path = shop.wheel({"tiny/__init__.py": b"from ._z import f\n"}, "py3-none-any")
    assert told(path) == []


def test_what_a_library_that_cannot_be_read_gives_is_not_known(shop):
    files = {"tiny.libs/libfoo.so.1": b"\x7fELF and no more"}
    found = told(with_foo(UP, carried=None, files=files)(shop))
    assert [(one.code, one.level) for one in found] == [("M112", "warning")]


def test_files_for_android_and_for_graphics_cards_are_left_alone(shop):
    data = bytearray(bytes(Elf(needed=("libfoo.so",))))
    assert told(shop.wheel({EXTENSION: bytes(data)}, "cp312-cp312-android_24_x86_64")) == []
    data[18] = 224  # the machine of AMD's graphics cards
    assert told(shop.wheel({"tiny/kernel.hsaco": bytes(data)})) == []


def test_the_policy_that_was_asked_for_counts(shop):
    path = with_foo(carried=None, tag=TAG.replace("manylinux_2_28", "linux"))(shop)
    assert [one.code for one in told(path)] == ["M104"]
    report = examine(path, policy=TAG.rpartition("-")[2])
    assert "M101" in {one.code for one in report.findings}


def test_a_damaged_member_hides_nothing(shop):
    path = with_foo(carried=None, files={"tiny/a.py": b"x = 1\n"})(shop)
    data = path.read_bytes().replace(b"x = 1\n", b"y = 1\n")
    path.write_bytes(data)
    assert [one.code for one in told(path)] == ["M101"]


# --- machine code ---


def test_reading_machine_code_without_capstone_says_what_to_install(shop, monkeypatch):
    monkeypatch.setitem(sys.modules, "capstone", None)
    path = alone()(shop)
    assert told(path) == []
    with pytest.raises(WheelError, match=r"pip install 'wheel-lab\[deep\]'"):
        examine(path, deep=True)
    assert examine(make(shop.folder), deep=True).findings == ()  # where there is none, nothing is missing


# --- the table of what systems export ---


def test_the_table_knows_each_library_that_the_policies_allow():
    glibc = system_exports("glibc")
    for architecture in ("x86_64", "aarch64"):
        assert known(architecture)[-1].libraries <= set(glibc)
    assert {"memcpy", "pthread_create", "dladdr"} <= glibc["libc.so.6"]
    assert {"pow", "fmod"} <= glibc["libm.so.6"]
    assert {"inflate", "deflate"} <= glibc["libz.so.1"]
    assert "__tls_get_addr" in glibc["ld.so"]
    assert "_ZSt9terminatev" in glibc["libstdc++.so.6"]
    musl = system_exports("musl")
    assert {"memcpy", "pthread_create", "dlopen", "pow"} <= musl["libc.so"]
    assert "__cxa_thread_atexit_impl" in glibc["libc.so.6"] - musl["libc.so"]


def test_the_table_is_written_as_it_is_read():
    text = written({("glibc", "liba.so"): {"b", "a"}, ("musl", "libc.so"): {"c"}}, "a test")
    head, _, rest = text.partition("\n")
    assert head == "# What the libraries of a Linux system export, by tools/exports.py from a test"
    assert rest == "\nglibc/liba.so\na\nb\n\nmusl/libc.so\nc\n"
