"""Wheels whose names promise something: what the cases about that are described with."""

import struct

from hostile_elf import Elf
from hostile_zip import Entry
from making import make
from packaging.tags import parse_tag

EXTENSION = "tiny/_x.cpython-312-x86_64-linux-gnu.so"
OURS, OLD, MUSL = "manylinux_2_28_x86_64", "manylinux2014_x86_64", "musllinux_1_2_x86_64"
LIBC_MUSL = ("libc.musl-x86_64.so.1",)
FIRST = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\n"
SOFT = struct.pack("<L", 0x05000200)  # 32-bit ARM that hands numbers over in ordinary registers


def elf(*needed, **more):
    return bytes(Elf(needed=("libc.so.6", *needed), **more))


def asking(library, version, *symbols):
    return elf(versions={library: {version: list(symbols)}})


def musl(**more):
    return bytes(Elf(needed=LIBC_MUSL, **more))


def using(*names, file="tiny/_x.abi3.so"):
    """Return an extension module that uses functions of Python."""
    return {file: elf(undefined=names, exports=("PyInit__x",))}


def tagged(tags, files=None, *, pure=False, wheel=None, build=""):
    """Describe a wheel whose name and whose WHEEL have these tags, with files beside tiny.py."""
    lines = "".join(f"Tag: {tag}\n" for tag in sorted(map(str, parse_tag(tags))))
    first = FIRST.replace("false", "true") if pure else FIRST
    content = first + lines + (f"Build: {build}\n" if build else "")
    files = {EXTENSION: elf()} if files is None else files
    return {
        "name": f"tiny-1.0-{build + '-' if build else ''}{tags}.whl",
        "entries": [Entry(name, data) for name, data in files.items()],
        "wheel": content if wheel is None else wheel,
    }


def anywhere(files=None, **more):
    return tagged("py3-none-any", files or {}, pure=True, **more)


def ours(files=None, platform=OURS, **more):
    return tagged(f"cp312-cp312-{platform}", files, **more)


def stable(python, files):
    return tagged(f"{python}-abi3-{OURS}", files)


def lines(*more, version="1.0"):
    """Return the content of WHEEL for a wheel that runs anywhere."""
    return f"Wheel-Version: {version}\nRoot-Is-Purelib: true\n" + "".join(f"{line}\n" for line in more)


def built(folder, defect):
    """Make the wheel of a case."""
    defect = dict(defect)
    return make(folder, *defect.pop("entries", ()), **defect)
