"""Will it import: what the loader and the processor refuse, whatever a file is linked with."""

from collections.abc import Iterator

from wheel_lab.binaries.elf import Linkage
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.findings import Finding, found_in
from wheel_lab.doctor.importing.libraries import words_of
from wheel_lab.doctor.importing.linking import Linking

__all__ = ["find_in_segments"]

PAGE = 4096
# The largest pages that kernels for these are built with, in bytes. Elsewhere all pages are of 4096 bytes.
PAGES = {"aarch64": 1 << 16, "ppc64le": 1 << 16, "ppc64": 1 << 16, "loongarch64": 1 << 14}
# Where glibc takes a file that does not say what stack it wants for one that wants an executable one.
UNSAID = ("x86_64", "i686", "armv7l")


def find_in_segments(contents: Contents, linking: Linking) -> Iterator[Finding]:
    """Find executable stacks, segments that cannot be mapped, and instructions that the tag does not promise."""
    glibc = [one for one in linking.files if linking.libc(one) == "glibc"]
    values = {"file": contents.file}
    stacks = ((one, asks) for one in glibc if (asks := _stack(one)))
    yield from found_in("M301", ({"member": one.file, "asks": asks, **words_of(contents, one)} for one, asks in stacks))
    broken = ((one, _misplaced(one)) for one in linking.files)
    yield from found_in("M302", ({"member": one.file, **place} for one, place in broken if place), **values)
    small = ((one, _small(one)) for one in linking.files)
    yield from found_in("M303", ({"member": one.file, **place} for one, place in small if place), **values)
    declared = ({"member": one.file, "subject": one.isa} for one in linking.files if one.isa)
    yield from found_in("M304", declared, **values)
    yield from found_in("M305", ({"member": one.file} for one in linking.files if one.textrel), **values)
    cut = ((one, _end(one)) for one in linking.files)
    ends = ({"member": one.file, "size": f"{one.size:,}", "end": f"{end:,}"} for one, end in cut if end > one.size)
    yield from found_in("M306", ends, **values)
    odd = ((one, _odd(one)) for one in glibc if not _misplaced(one))
    yield from found_in("M307", ({"member": one.file, **place} for one, place in odd if place), **values)


def _stack(one: Linkage) -> str:
    """Say how a file asks for an executable stack; "" when it does not."""
    if one.stack is None:
        return "does not say what stack it wants, which on its processor asks for" if one.architecture in UNSAID else ""
    return "asks for" if one.stack else ""


def _end(one: Linkage) -> int:
    """Return where the last segment ends in the file, in bytes."""
    return max((load.offset + load.size for load in one.loads if load.size), default=0)


def _misplaced(one: Linkage) -> dict[str, str]:
    """Describe the first segment that lies differently in its pages of the file and of memory."""
    return next((_place(one, n) for n, load in enumerate(one.loads) if (load.address - load.offset) % PAGE), {})


def _small(one: Linkage) -> dict[str, str]:
    """Describe the first segment that cannot be mapped where the kernel's pages are larger."""
    page = PAGES.get(one.architecture or "", PAGE)
    for number, load in enumerate(one.loads):
        if page > PAGE and (load.alignment % page or (load.address - load.offset) % page):
            return {**_place(one, number), "page": f"{page >> 10} KiB"}
    return {}


def _odd(one: Linkage) -> dict[str, str]:
    """Describe the first segment that an old glibc refuses: it holds it to the alignment that the file says."""
    for number, load in enumerate(one.loads):
        if load.alignment % PAGE or (load.alignment and (load.address - load.offset) % load.alignment):
            return _place(one, number)
    return {}


def _place(one: Linkage, number: int) -> dict[str, str]:
    load = one.loads[number]
    return {"offset": f"{load.offset:#x}", "address": f"{load.address:#x}", "alignment": f"{load.alignment:#x}"}
