"""The example built for Windows and macOS on Linux, against the very OpenBLAS that their machines get, and repaired.

What it cannot show: Microsoft's and Apple's compilers (zig's clang stands in for both), and that the wheels run. The
workflow of the example does that, on machines of each kind. Part of `make test-release`; fetches 25 MB.
"""

import email
import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import NamedTuple

import pybind11
import pytest
import ziglang
from building import PROJECT, copy, run
from wheel.wheelfile import WheelFile

from tools import library
from wheel_lab import doctor
from wheel_lab.lab.commands import pip

pytestmark = pytest.mark.release
ZIG = Path(ziglang.__file__).with_name("zig")
VERSION = "{}.{}".format(*sys.version_info)  # whose headers are here
PYTHON = VERSION.replace(".", "")

# What Python for Windows says of itself, as far as pybind11 asks. The other headers are the same everywhere.
PYCONFIG = """
#pragma once
#include <io.h>
#include <stdio.h>
#define MS_WIN32
#define MS_WIN64
#define MS_WINDOWS
#define NT_THREADS
#define Py_ENABLE_SHARED
#define HAVE_PY_SSIZE_T 1
#define HAVE_STDDEF_H 1
#define HAVE_STDINT_H 1
#define HAVE_WCHAR_H 1
#define SIZEOF_VOID_P 8
#define SIZEOF_SIZE_T 8
#define SIZEOF_SHORT 2
#define SIZEOF_INT 4
#define SIZEOF_LONG 4
#define SIZEOF_LONG_LONG 8
#define SIZEOF_WCHAR_T 2
#define SIZEOF_PID_T 4
#define SIZEOF_PTHREAD_T 8
#define ALIGNOF_MAX_ALIGN_T 16
#define PY_SSIZE_T_MAX 0x7fffffffffffffffLL
typedef __int64 Py_ssize_t;
"""

# zig's linker makes no bundles, which differ from libraries in one word of their header.
COMPILER = """#!/bin/sh
for word; do
    shift
    [ "$word" = -bundle ] && word=-shared
    set -- "$@" "$word"
done
exec "{zig}" c++ -target {target} "$@"
"""


class System(NamedTuple):
    """What another system is called by pip, CMake and zig, and what its machines get."""

    tag: str
    provider: str
    name: str
    processor: str
    target: str
    suffix: str
    library: str


WINDOWS = System("win_amd64", "win_amd64", "Windows", "AMD64", "x86_64-windows-gnu", f".cp{PYTHON}-win_amd64.pyd",
                 "libscipy_openblas.dll")  # fmt: skip
MACOS = System("macosx_11_0_arm64", "macosx_11_0_arm64", "Darwin", "arm64", "aarch64-macos.11.0",
               f".cpython-{PYTHON}-darwin.so", "libscipy_openblas.dylib")  # fmt: skip
# One more that is not compiled for: a Mac with Intel, whose oldest macOS the workflow raises to this one.
INTEL = MACOS._replace(tag="macosx_11_0_x86_64", provider="macosx_11_0_x86_64")


def fetch(system: System, folder: Path) -> Path:
    """Return a folder like a site-packages of that system, with OpenBLAS by the lock, and pybind11."""
    lock = folder / "lock.txt"
    lock.write_text("\n".join(library.pins(["scipy-openblas32"], VERSION)) + "\n")
    # A Mac of 11.0 takes what is for an older one; pip is to be told each.
    older = [f"macosx_10_{minor}_x86_64" for minor in range(9, 17)] if system == INTEL else []
    words = [word for platform in (system.provider, *older) for word in ("--platform", platform)]
    pip(Path(sys.executable), "install", "--no-deps", "--require-hashes", "--only-binary", ":all:", *words,
        "--python-version", VERSION, "--no-compile", "--target", folder / "site", "--requirement", lock)  # fmt: skip
    (folder / "site/pybind11").symlink_to(Path(pybind11.__file__).parent)
    return folder / "site"


def prepare(system: System, folder: Path) -> list[str]:
    """Write what CMake is to know of the system that it builds for, and return the options."""
    compiler = folder / "c++"
    compiler.write_text(COMPILER.format(zig=ZIG, target=system.target))
    compiler.chmod(0o755)
    headers = folder / "python"
    headers.symlink_to(sysconfig.get_path("include"))
    options = {
        "CMAKE_SYSTEM_NAME": system.name,
        "CMAKE_SYSTEM_PROCESSOR": system.processor,
        "CMAKE_CXX_COMPILER": compiler,
        "CMAKE_BUILD_TYPE": "Release",
        "CMAKE_STRIP": "",
        "CMAKE_MODULE_LINKER_FLAGS": "-s",
        "CMAKE_OSX_SYSROOT": "/",
        "CMAKE_INSTALL_NAME_TOOL": "true",
        "CMAKE_RC_COMPILER": "true",
        "Python_EXECUTABLE": sys.executable,
        "Python_INCLUDE_DIR": headers,
        "PYTHON_MODULE_EXTENSION": system.suffix,
        "PYTHON_MODULE_DEBUG_POSTFIX": "",
    }
    if system == WINDOWS:
        headers.unlink()
        headers.mkdir()
        for file in Path(sysconfig.get_path("include")).iterdir():
            if file.name != "pyconfig.h":
                (headers / file.name).symlink_to(file)
        (headers / "pyconfig.h").write_text(PYCONFIG)
        options |= {"Python_LIBRARY": import_library(folder), "CMAKE_MODULE_LINKER_FLAGS": f"-s -L{folder / 'none'}"}
        # This machine's Python asks for a library of Linux.
        (folder / "none").mkdir()
        (folder / "none/libdl.a").write_bytes(b"!<arch>\n")
    return [f"-D{name}={value}" for name, value in options.items()]


def import_library(folder: Path) -> Path:
    """Write a library by which a linker finds all that this Python exports."""
    python = subprocess.run(
        ["nm", "-D", "--defined-only", os.path.realpath(libpython())], capture_output=True, text=True
    )
    names = sorted(set(re.findall(r" [TDBR] (_?Py\w+)$", python.stdout, flags=re.MULTILINE)))
    assert len(names) > 1000
    dll, made = f"python{PYTHON}.dll", folder / f"python{PYTHON}.lib"
    (folder / "exports.def").write_text("\n".join([f"LIBRARY {dll}", "EXPORTS", *names]) + "\n")
    run(ZIG, "dlltool", "-m", "i386:x86-64", "-d", "exports.def", "-l", made, "-D", dll, cwd=folder)
    return made


def libpython() -> str:
    """Return the file that this Python's own functions are in: a library, or the program."""
    shared = Path(sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("LDLIBRARY"))
    return str(shared) if shared.suffix != ".a" and shared.exists() else sys.executable


def pack(system: System, folder: Path, extension: Path) -> Path:
    """Write a wheel with the example's files and one compiled for another system, as the build there would."""
    info = "septembrse-0.0.0.dist-info"
    message = email.message.Message()
    message["Metadata-Version"], message["Name"], message["Version"] = "2.4", "septembrse", "0.0.0"
    message["License-File"], message["Requires-Dist"] = "LICENSE", "numpy"
    tag = f"cp{PYTHON}-cp{PYTHON}-{system.tag}"
    path = folder / f"septembrse-0.0.0-{tag}.whl"
    with WheelFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for file in sorted((PROJECT / "example_pkg").glob("*.py*")):
            if file.is_file():
                made.write(file, f"example_pkg/{file.name}")
        made.write(extension, f"example_pkg/{extension.name}")
        made.write(PROJECT / "LICENSE", f"{info}/licenses/LICENSE")
        made.writestr(f"{info}/METADATA", message.as_bytes())
        made.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: {tag}\n")
    return path


def errors(wheel: Path) -> list[str]:
    """Return what the doctor calls errors: the code and what they are about."""
    return [f"{one.code} {one.subject}" for one in doctor.examine(wheel).findings if one.level == "error"]


@pytest.mark.parametrize("system", [WINDOWS, MACOS], ids=lambda system: system.tag)
def test_the_example_is_built_for_it_and_repaired(system, tmp_path):
    site = fetch(system, tmp_path)
    project, found = copy(tmp_path), site / "scipy_openblas32/lib"
    env = {"PYTHONPATH": str(site)}
    options = ["-G", "Ninja", *prepare(system, tmp_path)]
    told = run("cmake", "-S", project, "-B", tmp_path / "build", *options, cwd=tmp_path, **env)
    assert f"-- BLAS: scipy-openblas32 from {found}/" in told
    run("cmake", "--build", tmp_path / "build", cwd=tmp_path, **env)
    run("cmake", "--install", tmp_path / "build", "--prefix", tmp_path / "out", cwd=tmp_path, **env)
    extension = tmp_path / f"out/example_pkg/example{system.suffix}"
    raw = pack(system, tmp_path, extension)
    before = errors(raw)
    assert [one for one in before if system.library in one], before
    assert len(before) == 1, before
    if system == WINDOWS:  # the very command of the workflow, for another folder
        run("delvewheel", "repair", "--add-path", found, "-w", tmp_path / "repaired", raw, cwd=tmp_path)
    else:  # delocate needs Apple's tools
        run("repairwheel", "-l", found, "-o", tmp_path / "repaired", raw, cwd=tmp_path)
    (repaired,) = (tmp_path / "repaired").iterdir()
    assert errors(repaired) == []
    names = zipfile.ZipFile(repaired).namelist()
    assert [name for name in names if re.match(r"(septembrse\.libs|example_pkg/\.dylibs)/libscipy_openblas", name)]


@pytest.mark.parametrize("system", [WINDOWS, MACOS, INTEL], ids=lambda system: system.tag)
def test_what_cmake_is_told_to_link_is_in_the_package(system, tmp_path):
    package = fetch(system, tmp_path) / "scipy_openblas32"
    config = (package / "lib/cmake/openblas/OpenBLASConfig.cmake").read_text()
    linked, include = (
        re.search(rf"SET\({name} \$\{{_OpenBLAS_ROOT_DIR\}}/(\S+)\)", config)[1]
        for name in ("OpenBLAS_LIBRARIES", "OpenBLAS_INCLUDE_DIRS")
    )
    assert (package / include / "cblas.h").exists()
    assert b"scipy_cblas_ddot\0" in (package / linked).read_bytes()
    assert (package / "lib" / system.library).exists()  # what the repair looks for
