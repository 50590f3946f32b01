"""Wheels for the question whether they will import: for each rule, ones with that defect, and good twins without it.

``CODE: [(a word of what is said, builds the defect, builds the twin, other M codes that follow from it)]``. The files
are compiled on the spot: each builder takes a :class:`Workshop`.
"""

import platform
import struct
from pathlib import Path

from hostile_elf import Elf
from hostile_zip import Entry
from making import FIELDS, make

ARCHITECTURE = platform.machine()
TAG = f"cp312-cp312-manylinux_2_28_{ARCHITECTURE}"
MUSL, PLAIN = f"cp312-cp312-musllinux_1_2_{ARCHITECTURE}", f"cp312-cp312-linux_{ARCHITECTURE}"
EXTENSION = "tiny/_x.cpython-312-x86_64-linux-gnu.so"
INIT = "void *PyInit__x(void) { return 0; }\n"
FOO = "int foo(void) { return 1; }\n"
CALL = f"extern int foo(void);\n{INIT}int call(void) {{ return foo(); }}\n"
HERE, UP = "-Wl,-rpath,$ORIGIN", "-Wl,-rpath,$ORIGIN/../tiny.libs"
GNU_STACK, EH_FRAME, LOAD = 0x6474E551, 0x6474E550, 1


class Workshop:
    """Compiles files into one folder, and packs wheels."""

    def __init__(self, folder: Path, compile_c) -> None:
        self.folder, self.compile_c = folder, compile_c

    def library(self, name="libfoo.so.1", code=FOO, *options, soname=None):
        """Compile a library whose SONAME is its name."""
        return self.compile_c(code, f"-Wl,-soname,{soname or name}", *options, name=name).read_bytes()

    def extension(self, code=INIT, *options, needs=()):
        """Compile an extension module that needs libraries of the folder."""
        links = [f"-L{self.folder}", "-Wl,--no-as-needed", *(f"-l:{name}" for name in needs)]
        return self.compile_c(code, "-w", *links, *options, name="_x.so").read_bytes()

    def wheel(self, files, tag=TAG, more=""):
        """Pack a wheel."""
        entries = [Entry(name, data) for name, data in files.items()]
        return make(self.folder, *entries, name=f"tiny-1.0-{tag}.whl", fields=FIELDS, more=more)


def alone(code=INIT, *options, tag=TAG, more="", files=None, name=EXTENSION, needs=(), change=lambda data: data):
    """Return what builds a wheel of one extension module, and of further files."""

    def build(shop):
        for own in needs:
            shop.library(own)
        return shop.wheel({name: change(shop.extension(code, *options, needs=needs)), **(files or {})}, tag, more)

    return build


def with_foo(
    *options, carried="tiny.libs/libfoo.so.1", name=EXTENSION, soname=None, files=None, code=CALL, foo=FOO, **rest
):
    """Return what builds a wheel of one extension module that needs ``libfoo.so.1``, and of that library."""

    def build(shop):
        shop.library()
        own = shop.extension(code, *options, needs=["libfoo.so.1"])
        data = shop.library(code=foo, soname=soname)
        libraries = {carried: data} if carried else {}
        return shop.wheel({name: own, **libraries, **(files or {})}, **rest)

    return build


def two_modules(*options):
    """Return what builds a wheel of two modules that need one library, where the second is linked with `options`."""

    def build(shop):
        data = shop.library()
        first = shop.extension(CALL, UP, needs=["libfoo.so.1"])
        second = shop.extension(CALL.replace("_x", "_y"), *options, needs=["libfoo.so.1"])
        other = EXTENSION.replace("_x", "_y")
        return shop.wheel({EXTENSION: first, other: second, "tiny.libs/libfoo.so.1": data})

    return build


def versioned(asked, there):
    """Return what builds a wheel whose module asks for one version of a library that has another one."""

    def build(shop):
        script = shop.folder / "map"

        def library(version):
            script.write_text(f"{version} {{ global: foo; local: *; }};\n")
            return shop.library("libfoo.so.1", FOO, f"-Wl,--version-script={script}")

        carried = library(there)
        library(asked)
        own = shop.extension(CALL, UP, needs=["libfoo.so.1"])
        return shop.wheel({EXTENSION: own, "tiny.libs/libfoo.so.1": carried})

    return build


def by_hand(cut=0, **fields):
    """Return what builds a wheel of a module that no linker wrote."""
    architecture = fields.pop("architecture", "x86_64")
    tag = f"cp312-cp312-manylinux_2_28_{architecture}"
    data = bytes(Elf(architecture, **fields))
    return lambda shop: shop.wheel({EXTENSION: data[: len(data) - cut]}, tag)


def header(kind, new_kind, **fields):
    """Return what changes the first program header of a kind in a 64-bit file."""
    places = {"flags": (4, "<L"), "offset": (8, "<Q"), "address": (16, "<Q"), "size": (32, "<Q"), "memory": (40, "<Q")}

    def change(data):
        data = bytearray(data)
        start, count = struct.unpack_from("<Q", data, 32)[0], struct.unpack_from("<H", data, 56)[0]
        own = next(start + 56 * n for n in range(count) if struct.unpack_from("<L", data, start + 56 * n)[0] == kind)
        struct.pack_into("<L", data, own, new_kind)
        for name, value in fields.items():
            struct.pack_into(places[name][1], data, own + places[name][0], value)
        return bytes(data)

    return change


def python(text, **files):
    """Return what builds a wheel of one extension module ``_x`` and of Python files."""
    own = {"tiny/__init__.py": text.encode(), **{f"tiny/{name}.py": data.encode() for name, data in files.items()}}
    return alone(files=own)


PLUGIN = {"name": "tiny/plugin.so", "code": CALL.replace("PyInit__x", "start")}
PRELOAD = {"files": {"tiny/__init__.py": b"import ctypes\nctypes.CDLL('libfoo.so.1')\n"}}
NOWHERE = f"extern int nowhere(void);\n{INIT}int call(void) {{ return nowhere(); }}\n"
DEFINED = NOWHERE.replace("extern int nowhere(void);", "int nowhere(void) { return 1; }")
TORCH = {"more": "Requires-Dist: torch>=2\n"}


def asking(*symbols):
    """Write a module that asks for symbols."""
    return INIT + "".join(
        f"extern int {name}(void);\nint call_{name}(void) {{ return {name}(); }}\n" for name in symbols
    )


def given_by(library, *symbols, tag=TAG):
    """Return what builds a module that asks for symbols and needs a library which the system brings."""

    def build(shop):
        shop.library(library, "".join(f"int {name}(void) {{ return 1; }}\n" for name in symbols))
        return shop.wheel({EXTENSION: shop.extension(asking(*symbols), needs=[library])}, tag)

    return build


def musl(*symbols):
    """Return what builds a module for musl that asks for symbols of its C library."""
    libc = f"libc.musl-{ARCHITECTURE}.so.1"

    def build(shop):
        shop.library(libc, "int nothing;\n", "-nostdlib")
        own = shop.extension(asking(*symbols), "-nostdlib", needs=[libc])
        return shop.wheel({EXTENSION.replace("gnu", "musl"): own}, MUSL)

    return build


CASES = {
    "M101": [
        ("needs libfoo.so.1, which is not in the wheel", with_foo(carried=None), with_foo(UP), ()),
        ("needs libfoo.so.1", with_foo(carried=None, more="Requires-Dist: numpy\n"), with_foo(UP), ()),
    ],
    "M102": [
        ("tiny/plugin.so needs libfoo.so.1", with_foo(carried=None, **PLUGIN), with_foo(UP, **PLUGIN), ()),
    ],
    "M103": [
        ("another package, or code", with_foo(carried=None, **PRELOAD), with_foo(UP), ()),
        ("needs libfoo.so.1", with_foo(carried=None, **TORCH), with_foo(UP, **TORCH), ()),
        ("another package", with_foo(carried=None, more="Requires-Dist: tiny-base; extra == 'a'\n"), with_foo(UP), ()),
        ("another package", with_foo("-Wl,-rpath,$ORIGIN/../other", carried=None), with_foo(UP), ()),
        ("libcudart.so.12", alone(needs=["libcudart.so.12"]), alone(needs=["libz.so.1"]), ()),
    ],
    "M104": [
        ("libfoo.so.1 of the system", with_foo(carried=None, tag=PLAIN), with_foo(UP, tag=PLAIN), ()),
        ("libEGL.so.1 of the system", alone(needs=["libEGL.so.1"]), alone(needs=["libGL.so.1"]), ()),
    ],
    "M105": [
        ("libfoo.so.1, and the wheel carries it as libfoo-1a2b3c4d.so.1",
         with_foo(UP, carried="tiny.libs/libfoo-1a2b3c4d.so.1", soname="libfoo-1a2b3c4d.so.1"), with_foo(UP), ()),
    ],
    "M106": [
        ("in the wheel as tiny.libs/libfoo.so.1, where", with_foo(), with_foo(UP), ()),
        ("as tiny.libs/libfoo.so.1, where", with_foo(HERE), with_foo(HERE, carried="tiny/libfoo.so.1"), ()),
        ("as tiny/libfoo.so", with_foo(HERE, carried="tiny/libfoo.so"), with_foo(HERE, carried="tiny/libfoo.so.1"), ()),
    ],
    "M107": [
        ("_y.cpython-312-x86_64-linux-gnu.so does not find libfoo.so.1", two_modules(), two_modules(UP), ()),
        ("does not find libfoo.so.1", with_foo(**PRELOAD), with_foo(UP, **PRELOAD), ()),
        ("does not find libfoo.so.1", with_foo(**PLUGIN), with_foo(UP, **PLUGIN), ()),
    ],
    "M108": [
        ("linked with libpython3.12.so.1.0", alone(needs=["libpython3.12.so.1.0"]), alone(), ()),
    ],
    "M109": [
        ("in /home/builder/lib", alone(INIT, "-Wl,-rpath,/home/builder/lib"), alone(INIT, HERE), ()),
        ("in /opt/conda/lib", with_foo("-Wl,-rpath,/opt/conda/lib:$ORIGIN/../tiny.libs"), with_foo(UP), ()),
    ],
    "M110": [("in /usr/local/lib", alone(INIT, "-Wl,-rpath,/usr/local/lib"), alone(INIT, HERE), ())],
    "M111": [
        ("in lib, from", alone(INIT, "-Wl,-rpath,lib"), alone(INIT, "-Wl,-rpath,${ORIGIN}"), ()),
        ("in a/b, from", alone(INIT, "-Wl,-rpath,$ORIGIN:a/b"), alone(INIT, HERE), ()),
    ],
    "M112": [
        ("begins like an ELF file", lambda shop: shop.wheel({EXTENSION: b"\x7fELF is how this begins"}),
         lambda shop: shop.wheel({EXTENSION: bytes(Elf(kind=1))}), ()),
    ],
    "M113": [("has an empty search path", alone(INIT, "-Wl,-rpath,$ORIGIN:::"), alone(INIT, HERE), ())],
    "M201": [
        ("asks for nowhere, which nothing gives", alone(NOWHERE), alone(DEFINED), ()),
        ("b, c, d and 2 more", alone(asking(*"bcdef")), alone(asking("pow", "dladdr", "pthread_join")), ()),
        ("libfoo.so.1 asks for nowhere", with_foo(UP, foo=NOWHERE.replace("call", "foo")),
         with_foo(UP, foo=DEFINED.replace("call", "foo")), ()),
    ],
    "M202": [
        ("_ZSt9terminatev of libstdc++.so.6", alone(asking("_ZSt9terminatev")),
         given_by("libstdc++.so.6", "_ZSt9terminatev"), ()),
    ],
    "M203": [
        ("asks for nowhere", alone(NOWHERE, **TORCH), alone(DEFINED, **TORCH), ()),
        ("asks for nowhere", alone(NOWHERE, **PRELOAD), alone(DEFINED, **PRELOAD), ()),
    ],
    "M204": [("asks for A_2 (foo), which tiny.libs/libfoo.so.1", versioned("A_2", "A_1"), versioned("A_1", "A_1"), ())],
    "M205": [
        ("asks for __cxa_thread_atexit_impl, which glibc has", musl("__cxa_thread_atexit_impl", "malloc"),
         musl("malloc", "pthread_create", "dlopen"), ()),
    ],
    "M206": [("asks for inflate of libz.so.1", alone(asking("inflate")), given_by("libz.so.1", "inflate"), ())],
    "M207": [
        ("asks libc.so.6 for the version 6 (stderr)", by_hand(versions={"libc.so.6": {"6": ["stderr"]}}),
         by_hand(versions={"libc.so.6": {"GLIBC_2.17": ["stderr"]}}), ()),
    ],
    "M301": [
        ("asks for an executable stack", alone(INIT, "-z", "execstack"), alone(INIT, "-z", "noexecstack"), ()),
        ("does not say what stack", alone(change=header(GNU_STACK, 0)), alone(), ()),
    ],
    "M302": [
        ("at byte 0x1 of the file for address 0x100000",
         alone(change=header(EH_FRAME, LOAD, offset=1, address=1 << 20, size=8, memory=8)), alone(), ()),
    ],
    "M303": [
        ("of 0x1000 bytes", by_hand(architecture="aarch64", alignment=0x1000), by_hand(architecture="aarch64"), ()),
        ("pages of 0x1000 bytes", by_hand(architecture="ppc64le", alignment=0x1000), by_hand(alignment=0x1000), ()),
    ],
    "M304": [("needs x86-64-v3", alone(INIT, "-Wl,-z,x86-64-v3"), alone(), ())],
    "M305": [("change the machine code", by_hand(tags={22: 0}), by_hand(), ())],
    "M306": [("reach to byte", by_hand(padding=bytes(100), cut=50), by_hand(padding=bytes(100)), ())],
    "M307": [("alignment 0x8", by_hand(alignment=8), by_hand(), ())],
    "M601": [
        ("line 2 of tiny/__init__.py imports", python("a = 1\nfrom ._z import f\n"), python("from ._x import f\n"), ()),
        ("imports tiny._z", python("from . import (\n    _x,\n    _z,\n)\n"), python("from . import _x, tiny\n"), ()),
        ("line 1 of tiny/a.py imports tiny._z", python("from . import a\n", a="import tiny._z\n"),
         python("from .a import _x\n", a="import tiny._x\n"), ()),
        ("imports tiny._z", python("from tiny._z.a import b\n"), python("from tiny._x import b\n"), ()),
    ],
    "M602": [
        ("tiny/libgomp-1a2b3c4d.so.1", alone(files={"tiny/libgomp-1a2b3c4d.so.1": bytes(Elf())}),
         alone(files={"tiny/libfoo-1a2b3c4d.so.1": bytes(Elf())}), ()),
    ],
    "M603": [
        ("tiny.libs/libstdc++-1a2b3c4d.so.6", alone(files={"tiny.libs/libstdc++-1a2b3c4d.so.6.0.30": bytes(Elf())}),
         alone(files={"tiny.libs/libfoo-1a2b3c4d.so": bytes(Elf())}), ()),
    ],
    "M604": [
        ("(__cxa_throw)", alone(f"{INIT}void __cxa_throw(void) {{}}\nvoid _ZSt9terminatev(void) {{}}\n"),
         alone(f"{INIT}void __cxa_throw(void) {{}}\n"), ()),
    ],
}  # fmt: skip
