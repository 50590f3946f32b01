"""Cases that end when a compiled file is loaded."""

import tempfile
from pathlib import Path

from wheel_lab.lab.clinic.shared import CORE, HALF, build, extension, project
from wheel_lab.lab.patients import compiled, packed

__all__ = ["case_01", "case_06", "case_07", "case_08"]

MANYLINUX = "cp311-abi3-manylinux_2_17_x86_64"
# Half of a number, in assembly, as somebody wrote it for speed.
FAST = """\
    .globl half
    .type half, @function
half:
    mulsd factor(%rip), %xmm0
    ret

    .section .rodata
    .align 8
factor:
    .double 0.5
"""
# A C library with one function, which stands in for a newer one than this system may have while the file is linked.
NEWER = "int pthread_create(void) { return 0; }\n"
VERSIONS = "GLIBC_2.34 { global: pthread_create; };\n"
THREADS = "int (*volatile start)(void) = pthread_create; return PyBool_FromLong(start != NULL);"


def case_01() -> None:
    """A static library stands before the code that needs it on the linker's command line."""
    lines = (
        "${CC:-cc} -c -fPIC half.c\n"
        "ar rcs libhalf.a half.o\n"
        '${CC:-cc} -shared -fPIC -I "$include" -o tree/halves/_core.abi3.so -L. -lhalf core.c\n'
    )
    files = {"core.c": CORE, "half.c": HALF, "tree/halves/__init__.py": "from halves._core import halve\n"}
    project("halves", MANYLINUX, lines, files)
    build()


def case_06() -> None:
    """A wheel whose name was chosen by hand, and promises an older glibc than its extension needs."""
    code = extension("ready", "int pthread_create(void);", THREADS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "versions").write_text(VERSIONS)
        script = f"-Wl,--version-script={folder / 'versions'}"
        libc = compiled(folder, "libc.so.6", NEWER, "-nostdlib", "-Wl,-soname,libc.so.6", script)
        core = compiled(folder, "_core.abi3.so", code, "-nostdlib", libc).read_bytes()
    package = "from threads._core import ready\n"
    members: dict[str, bytes | str] = {"threads/__init__.py": package, "threads/_core.abi3.so": core}
    packed(Path("dist", f"threads-1.0-{MANYLINUX}.whl"), members)


def case_07() -> None:
    """An extension whose library lies in the wheel, and whose only search path leads past it."""
    lines = (
        "mkdir -p tree/halves/lib\n"
        "${CC:-cc} -shared -fPIC -o tree/halves/lib/libhalf.so -Wl,-soname,libhalf.so half.c\n"
        '${CC:-cc} -shared -fPIC -I "$include" -o tree/halves/_core.abi3.so core.c tree/halves/lib/libhalf.so \\\n'
        "    -Wl,--disable-new-dtags,-rpath,'$ORIGIN/../halves.libs'\n"
    )
    files = {"core.c": CORE, "half.c": HALF, "tree/halves/__init__.py": "from halves._core import halve\n"}
    project("halves", MANYLINUX, lines, files)
    build()


def case_08() -> None:
    """A function in assembly whose file does not say that it needs no executable stack."""
    lines = '${CC:-cc} -shared -fPIC -I "$include" -o tree/halves/_core.abi3.so core.c half.S\n'
    files = {"core.c": CORE, "half.S": FAST, "tree/halves/__init__.py": "from halves._core import halve\n"}
    project("halves", MANYLINUX, lines, files)
    build()
