"""Cases of other machines: another system, another C library, another processor."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

from wheel_lab.lab.clinic.shared import build, extension, project
from wheel_lab.lab.paths import TWINS

__all__ = ["case_09", "case_10", "case_11", "case_12"]

MUSL = "cp311-abi3-musllinux_1_2_x86_64"
MANYLINUX = "cp311-abi3-manylinux_2_17_x86_64"
# A library that frees something when a thread ends, in one of two ways.
CLEAN = """\
#include <stddef.h>
extern void *__dso_handle __attribute__((visibility("hidden")));
void *__dso_handle = 0;
int __cxa_thread_atexit_impl(void (*)(void *), void *, void *);
int pthread_key_create(unsigned *, void (*)(void *));
static void clean(void *what) { (void)what; }
int watch(void) {
#ifdef CLEANUP_CXX11
    return __cxa_thread_atexit_impl(clean, NULL, &__dso_handle);
#else
    static unsigned key;
    return pthread_key_create(&key, clean);
#endif
}
"""
# What is used of musl's libc, so that the project links on a machine that has another one.
STUB = "int pthread_key_create(unsigned *key, void (*end)(void *)) { (void)key; (void)end; return 0; }\n"
DOTS = """\
double dot(const double *one, const double *other, long count)
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (long place = 0; place < count; place++)
        sum += one[place] * other[place];
    return sum;
}
"""
SQUARES = (
    "double one[64]; for (int n = 0; n < 64; n++) one[n] = PyFloat_AsDouble(x);"
    " return PyFloat_FromDouble(dot(one, one, 64));"
)


def _from_twins(files: Mapping[str, str]) -> None:
    """Copy files out of the archive of twins, each to the path that it is given."""
    with zipfile.ZipFile(TWINS) as archive:
        for name, target in files.items():
            path = Path(target)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.read(name))


def case_09() -> None:
    """A wheel for macOS that looks for its library in a folder of the machine that built it."""
    wheel = "twin-1.0-cp311-abi3-macosx_11_0_arm64.whl"
    _from_twins({wheel: f"dist/{wheel}", "macos/libdot.dylib": "build/lib/libdot.dylib"})


def case_10() -> None:
    """A wheel for Windows that lacks a DLL, and two DLLs of that name."""
    wheel = "twin-1.0-cp311-abi3-win_amd64.whl"
    _from_twins({wheel: f"dist/{wheel}", "windows/job-1/dot.dll": "build/one/dot.dll",
                 "windows/job-3/dot.dll": "build/other/dot.dll"})  # fmt: skip


def case_11() -> None:
    """A function that only glibc has, in a wheel for musl."""
    lines = (
        "# libc.c stands in for musl's libc, which this machine may not have\n"
        "${CC:-cc} -shared -fPIC -nostdlib -Wl,-soname,libc.musl-x86_64.so.1 -o libc.musl-x86_64.so.1 libc.c\n"
        '${CC:-cc} -shared -fPIC -nostdlib -DCLEANUP_CXX11 -I "$include" -o tree/threads/_core.abi3.so \\\n'
        "    core.c clean.c -Wl,--no-as-needed libc.musl-x86_64.so.1\n"
    )
    code = extension("watched", "int watch(void);", "return PyLong_FromLong(x != 0 && watch() == 0);")
    files = {"core.c": code, "clean.c": CLEAN, "libc.c": STUB}
    project("threads", MUSL, lines, {**files, "tree/threads/__init__.py": "from threads._core import watched\n"})
    build()


def case_12() -> None:
    """Machine code for the processor of the machine that built it."""
    lines = (
        "# as they stand in the log of CI\n"
        "flags='-O3 -fopenmp-simd -march=skylake-avx512 -mprefer-vector-width=512'\n"
        '${CC:-cc} $flags -shared -fPIC -I "$include" -o tree/dots/_core.abi3.so core.c dot.c\n'
    )
    code = extension("squares", "double dot(const double *, const double *, long);", SQUARES)
    files = {"core.c": code, "dot.c": DOTS, "tree/dots/__init__.py": "from dots._core import squares\n"}
    project("dots", MANYLINUX, lines, files)
    build()
