"""Cases of what a wheel carries, and of what its extension asks of Python."""

from wheel_lab.lab.clinic.shared import build, extension, project

__all__ = ["case_13", "case_14", "case_15"]

MANYLINUX = "cp311-abi3-manylinux_2_17_x86_64"
PLUGINS = "static int count;\nvoid add(void) { count++; }\nint counted(void) { return count; }\n"
COUNTER = "int counted(void);\nint plugins(void) { return counted(); }\n"
COUNTS = """\
import ctypes
from pathlib import Path

from plugins._core import announce

count = ctypes.CDLL(str(Path(__file__).with_name("libcounter.so"))).plugins
"""
RAISED = """\
PyObject *PyErr_GetRaisedException(void);  /* this header may be older than the function */"""
FAILED = (
    "PyObject *called = PyObject_CallNoArgs(x); if (called) return called;"
    " PyObject *error = PyErr_GetRaisedException(); return error;"
)
# A runtime that keeps to one thing of LLVM's: the second one in a process says what that one says, and ends it.
RUNTIME = """\
#include <stdio.h>
#include <stdlib.h>
static int threads = 1;
void omp_set_num_threads(int count) { threads = count; }
int omp_get_max_threads(void) { return threads; }
__attribute__((constructor)) static void start(void)
{
    if (getenv("__KMP_REGISTERED_LIB")) {
        fputs("OMP: Error #15: Initializing libomp.so, but found libomp.so already initialized.\\n", stderr);
        abort();
    }
    setenv("__KMP_REGISTERED_LIB", "libomp.so", 1);
}
"""
SETS = "void omp_set_num_threads(int);\nvoid prepare(int count) { omp_set_num_threads(count); }\n"
ASKS = "(void)m; prepare((int)PyLong_AsLong(x)); return PyLong_FromLong(omp_get_max_threads());"


def case_13() -> None:
    """A library under three names, which were links before they were packed, and two of which are loaded."""
    lines = (
        "${CC:-cc} -shared -fPIC -o libplugins.so.1.0.0 plugins.c\n"
        "ln -sf libplugins.so.1.0.0 libplugins.so.1\n"
        "ln -sf libplugins.so.1 libplugins.so\n"
        "rm -f tree/plugins/*.so*\n"
        "cp libplugins.so* tree/plugins\n"
        "${CC:-cc} -shared -fPIC -o tree/plugins/libcounter.so counter.c -L. -l:libplugins.so.1.0.0 \\\n"
        "    -Wl,-rpath,'$ORIGIN'\n"
        '${CC:-cc} -shared -fPIC -I "$include" -o tree/plugins/_core.abi3.so core.c -L. -lplugins \\\n'
        "    -Wl,-rpath,'$ORIGIN'\n"
    )
    files = {"core.c": extension("announce", "void add(void);", "(void)m; add(); return Py_NewRef(x);")}
    files |= {"plugins.c": PLUGINS, "counter.c": COUNTER, "tree/plugins/__init__.py": COUNTS}
    project("plugins", MANYLINUX, lines, files)
    build()


def case_14() -> None:
    """A function that came with Python 3.12, in a wheel that promises Python 3.11."""
    lines = '${CC:-cc} -shared -fPIC -I "$include" -o tree/calls/_core.abi3.so core.c\n'
    code = extension("result", RAISED, FAILED)
    project("calls", MANYLINUX, lines, {"core.c": code, "tree/calls/__init__.py": "from calls._core import result\n"})
    build()


def case_15() -> None:
    """Two OpenMP runtimes: one came with a library, the other was put in by a repair."""
    lines = (
        "mkdir -p tree/pairs/lib tree/pairs.libs\n"
        "${CC:-cc} -shared -fPIC -Wl,-soname,libomp.so -o tree/pairs/lib/libomp.so omp.c\n"
        "${CC:-cc} -shared -fPIC -Wl,-soname,libomp-5f2d0c1a.so -o tree/pairs.libs/libomp-5f2d0c1a.so omp.c\n"
        "${CC:-cc} -shared -fPIC -Wl,-soname,libpairs.so -o tree/pairs/lib/libpairs.so pairs.c \\\n"
        "    -L tree/pairs/lib -lomp -Wl,-rpath,'$ORIGIN'\n"
        '${CC:-cc} -shared -fPIC -I "$include" -o tree/pairs/_core.abi3.so core.c tree/pairs/lib/libpairs.so \\\n'
        "    tree/pairs.libs/libomp-5f2d0c1a.so -Wl,-rpath,'$ORIGIN/lib:$ORIGIN/../pairs.libs'\n"
    )
    code = extension("threads", "void prepare(int);\nint omp_get_max_threads(void);", ASKS)
    files = {"core.c": code, "omp.c": RUNTIME, "pairs.c": SETS}
    project("pairs", MANYLINUX, lines, {**files, "tree/pairs/__init__.py": "from pairs._core import threads\n"})
    build()
