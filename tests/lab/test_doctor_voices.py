"""Other tools about the same wheels: what abi3audit accuses, we accuse, but for its mistakes.

An environment of the library alone does not have abi3audit.
"""

import subprocess
import sys

import pytest
from promise_making import built, stable

from wheel_lab.doctor import examine

CODE = """
#include <stddef.h>
extern void {name}(void);
void *PyInit__x(void) {{ {name}(); return NULL; }}
"""
VOICES = {
    "PyObject_Call": "cp38",
    "PyFrame_FastToLocals": "cp38",
    "PyType_GetName": "cp38",
    "PyObject_GetBuffer": "cp311",
}


@pytest.mark.parametrize("name", VOICES)
def test_a_second_voice_about_the_stable_abi(tmp_path, compile_c, name):
    library = compile_c(CODE.format(name=name), "-O2", name="_x.abi3.so")
    path = built(tmp_path, stable(VOICES[name], {"tiny/_x.abi3.so": library.read_bytes()}))
    done = subprocess.run([sys.executable, "-m", "abi3audit", "--strict", str(path)], capture_output=True)
    accused = {one.code for one in examine(path).findings} & {"P310", "P311", "P312"}
    assert bool(done.returncode) == bool(accused), done.stderr


def test_a_name_like_pythons_own_is_nobodys_but_the_files(tmp_path, compile_c):
    # abi3audit accuses this file: astropy's issue 19773.
    code = "__attribute__((noinline)) void PyOwn_New(void) {}\n" + CODE.format(name="PyOwn_New")
    library = compile_c(code, "-O2", name="_x.abi3.so")
    path = built(tmp_path, stable("cp38", {"tiny/_x.abi3.so": library.read_bytes()}))
    assert not {one.code for one in examine(path).findings} & {"P310", "P311", "P312"}
