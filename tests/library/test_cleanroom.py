"""A clean room lends nothing: no library, no module, no index; and it says what went wrong in one line."""

import sys

import pytest

from wheel_lab import cleanroom

pytestmark = pytest.mark.linux


def test_import_of_an_installed_wheel(tmp_path, make_wheel):
    room = cleanroom.make(tmp_path / "a room", make_wheel())
    assert str(room.run("import tiny; print(tiny.ANSWER)")) == "ok: 42"
    assert str(room) == "a clean room with tiny-1.0-py3-none-any.whl"


def test_nothing_is_lent(tmp_path, monkeypatch, compile_c):
    (tmp_path / "lent.py").write_text("")
    library = compile_c("int f(void) { return 1; }\n", name="liblent.so")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("LD_LIBRARY_PATH", str(library.parent))
    room = cleanroom.make(tmp_path / "room")
    monkeypatch.chdir(tmp_path)
    assert str(room.run("import lent")) == "failed: ModuleNotFoundError: No module named 'lent'"
    assert str(room.run("import ctypes; ctypes.CDLL('liblent.so')")) == (
        "failed: OSError: liblent.so: cannot open shared object file: No such file or directory"
    )
    assert not room.run("import numpy").ok


def test_the_loaders_words_hold_no_path_of_this_machine(tmp_path, make_wheel, compile_c):
    broken = compile_c("extern int nowhere(void);\nint f(void) { return nowhere(); }\n")
    room = cleanroom.make(tmp_path / "room", make_wheel({"broken.so": broken.read_bytes()}))
    outcome = room.run("import ctypes, tiny; ctypes.CDLL(tiny.__file__.replace('tiny.py', 'broken.so'), 2)")
    assert not outcome.ok
    assert outcome.error.endswith("site-packages/broken.so: undefined symbol: nowhere")
    assert str(tmp_path) not in outcome.error


def test_mapped_libraries(tmp_path, make_wheel, compile_c):
    library = compile_c("int f(void) { return 1; }\n", name="libsample.so.1")
    room = cleanroom.make(tmp_path / "room", make_wheel({"libsample.so.1": library.read_bytes()}))
    load = "import ctypes, tiny; ctypes.CDLL(tiny.__file__.replace('tiny.py', 'libsample.so.1'))"
    assert "libsample.so.1" in room.mapped_libraries(load)
    assert "libsample.so.1" not in room.mapped_libraries("import tiny")
    assert any(name.startswith("libc.so") for name in room.mapped_libraries("pass"))
    with pytest.raises(RuntimeError, match="ZeroDivisionError: division by zero"):
        room.mapped_libraries("1 / 0")


def test_a_crash_is_told(tmp_path):
    assert "killed by signal 6" in str(cleanroom.make(tmp_path / "room").run("import os; os.abort()"))


def test_requirements_come_from_find_links(tmp_path, make_wheel):
    (tmp_path / "links").mkdir()
    needed = make_wheel(name="needed-1.0-py3-none-any.whl")
    needed.rename(tmp_path / "links" / needed.name)
    wheel = make_wheel(requires=("needed",))
    room = cleanroom.make(tmp_path / "room", wheel, find_links=tmp_path / "links")
    assert room.run("import importlib.metadata as m; print(m.version('needed'))").stdout == "1.0\n"
    with pytest.raises(ValueError, match="No matching distribution found for needed"):
        cleanroom.make(tmp_path / "other", wheel, find_links=tmp_path)


def test_made_anew(tmp_path, make_wheel):
    cleanroom.make(tmp_path / "room", make_wheel())
    assert not cleanroom.make(tmp_path / "room").run("import tiny").ok


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("ten years")
    with pytest.raises(ValueError, match="no clean room"):
        cleanroom.make(tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "ten years"


def test_a_wheel_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"tiny-1\.0-py3-none-any\.whl"):
        cleanroom.make(tmp_path / "room", tmp_path / "tiny-1.0-py3-none-any.whl")


def test_a_wheel_that_pip_refuses(tmp_path, make_wheel):
    other = make_wheel(name="tiny-1.0-cp27-none-win32.whl")
    with pytest.raises(ValueError, match="is not a supported wheel on this platform"):
        cleanroom.make(tmp_path / "room", other)


def test_openblas_makes_it_unclean(tmp_path, wheelhouse):
    provider = next(wheelhouse.glob("scipy_openblas32-*.whl"))
    with pytest.raises(cleanroom.NotCleanError, match="scipy_openblas32 can be imported"):
        cleanroom.make(tmp_path / "room", provider)


def test_same_python(tmp_path):
    room = cleanroom.make(tmp_path / "room")
    assert room.run("import sys; print(*sys.version_info[:2])").stdout.split() == [*map(str, sys.version_info[:2])]
