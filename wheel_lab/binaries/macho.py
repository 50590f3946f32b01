"""What a Mach-O file of macOS or iOS asks of its system, one record for each slice. Read with `macholib`.

A universal file holds a slice for each processor. Each is a file of its own: it has its own libraries, search paths,
minimum version and signature.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from macholib import mach_o
from macholib.MachO import MachOHeader, lc_str_value
from macholib.ptypes import sizeof

from wheel_lab.binaries.elftables import Frugal
from wheel_lab.binaries.machosymbols import read_symbols
from wheel_lab.limits import WheelError
from wheel_lab.members import Kind, MemberProblem, shown

__all__ = ["MAGICS", "MachOFile", "read_macho", "read_stream"]

# The first bytes as a big-endian number: (how its header is laid out, in which order its bytes are).
THIN = {
    mach_o.MH_MAGIC: (mach_o.mach_header, ">"),
    mach_o.MH_CIGAM: (mach_o.mach_header, "<"),
    mach_o.MH_MAGIC_64: (mach_o.mach_header_64, ">"),
    mach_o.MH_CIGAM_64: (mach_o.mach_header_64, "<"),
}
UNIVERSAL = {mach_o.FAT_MAGIC: mach_o.fat_arch, mach_o.FAT_MAGIC_64: mach_o.fat_arch64}
MAGICS = tuple(number.to_bytes(4, "big") for number in (*THIN, *UNIVERSAL))
# A Java class begins with the same four bytes as a universal file. Where that counts its slices, the class has its
# version, which is 45 at least.
SLICES = 30
COMMANDS = 1 << 20  # bytes of load commands in one slice. Real ones take a hundredth.
# By number, and by (number, subtype) where the subtype decides who can run it; as platform tags name them.
PROCESSORS = {7: "i386", 0x01000007: "x86_64", 12: "arm", 0x0100000C: "arm64", 18: "ppc", 0x01000012: "ppc64"}
SPECIAL = {(0x01000007, 8): "x86_64h", (0x0100000C, 2): "arm64e", (0x0200000C, 1): "arm64_32"}
KINDS = {1: "object", 2: "program", 6: "dylib", 8: "bundle"}
LINKED = ("program", "dylib", "bundle")
PLATFORMS = {1: "macos", 2: "ios", 3: "tvos", 4: "watchos", 6: "maccatalyst", 7: "iossimulator", 8: "tvossimulator",
             9: "watchossimulator", 11: "visionos", 12: "visionossimulator"}  # fmt: skip
OLDER = {
    mach_o.LC_VERSION_MIN_MACOSX: "macos",
    mach_o.LC_VERSION_MIN_IPHONEOS: "ios",
    mach_o.LC_VERSION_MIN_TVOS: "tvos",
    mach_o.LC_VERSION_MIN_WATCHOS: "watchos",
}
NEEDED = {
    mach_o.LC_LOAD_DYLIB,
    mach_o.LC_LOAD_WEAK_DYLIB,
    mach_o.LC_REEXPORT_DYLIB,
    mach_o.LC_LOAD_UPWARD_DYLIB,
    mach_o.LC_LAZY_LOAD_DYLIB,
}


@dataclass(frozen=True)
class MachOFile:
    """What one slice of a Mach-O file asks for.

    Attributes
    ----------
    file
        Its path: in the wheel where it came from one, else as it was given.
    architecture
        The processor, as platform tags name it: ``"x86_64"``, ``"arm64"``; None for one that they have no name for.
    kind
        ``"bundle"`` (an extension module), ``"dylib"`` or ``"program"``.
    platform
        ``"macos"``, ``"ios"``, ``"iossimulator"``, …; None when it does not say.
    minimum
        The oldest version of that platform that it was built for, as (major, minor); None when it does not say.
    install_name
        The name that others link to it by; None for most extension modules.
    needed
        The libraries that must be loaded with it, in order, as paths or with ``@rpath``, ``@loader_path``.
    weak
        Those of `needed` that may be missing.
    rpaths
        What stands for ``@rpath``, in order.
    undefined
        The symbols that it asks of others, as C spells them (without the underscore that Mach-O puts before each),
        sorted; without those that may be missing.
    exports
        The symbols that it offers, spelled in the same way.
    signed
        Whether it carries a code signature. Whether that is valid is not checked.
    """

    file: str
    architecture: str | None
    kind: str
    platform: str | None
    minimum: tuple[int, int] | None
    install_name: str | None
    needed: tuple[str, ...]
    weak: tuple[str, ...]
    rpaths: tuple[str, ...]
    undefined: tuple[str, ...]
    exports: frozenset[str]
    signed: bool

    @property
    def memory(self) -> int:
        """About how many bytes its names take in memory."""
        names = (*self.needed, *self.weak, *self.rpaths, *self.undefined, *self.exports)
        return sum(len(name) + 64 for name in names)

    def __str__(self) -> str:
        version = "" if self.minimum is None else " {}.{} or later".format(*self.minimum)
        needed = ", ".join(f"{name} (may be missing)" if name in self.weak else name for name in self.needed)
        rows = [
            ("FOR", f"{self.platform or 'no platform'}{version}"),
            ("NAME", self.install_name),
            ("NEEDED", needed),
            ("RPATH", ":".join(self.rpaths)),
            ("SIGNED", "yes" if self.signed else "no"),
        ]
        title = f"{shown(self.file)} ({self.architecture or 'unknown processor'} {self.kind})"
        return "\n".join([title, *(f"  {name:<8} {shown(value or 'none', 1000)}" for name, value in rows)])


def read_macho(path: str | Path) -> tuple[MachOFile, ...]:
    """Read one Mach-O file: its slices, in their order.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    WheelError
        It is not a Mach-O file, it is damaged, or it is one that no loader links. A ValueError.
    """
    with open(path, "rb") as stream:
        slices = read_stream(stream, str(path))
    if not slices:
        raise WheelError(f"{shown(Path(path).name)} is not a Mach-O file")
    return slices


def read_stream(stream: BinaryIO, name: str) -> tuple[MachOFile, ...]:
    """Read the slices of a Mach-O file from a stream; a file that is none, such as a Java class, has no slices.

    Raises
    ------
    WheelError
        The file is damaged, or no loader links it.
    """
    kind: Kind = "malformed"
    try:
        slices = tuple(_slice(stream, name, *place) for place in _places(stream))
        if all(one.kind in LINKED for one in slices):
            return slices
        kind, message = "unlinked", f"is a Mach-O file that no loader links to others ({slices[0].kind})"
    except WheelError:
        raise
    # What macholib meets in a damaged file is anything: struct.error, ValueError, OSError, …
    except Exception as error:
        message = f"begins like a Mach-O file, and cannot be read as one: {shown(_words(error))}"
    raise WheelError.about(MemberProblem(name, kind, message))


def _words(error: Exception) -> str:
    """Return what an error says, and nothing that differs from run to run."""
    unfilled = isinstance(error, ValueError) and len(error.args) > 1  # macholib's template, a size, and its stream
    return f"a size of {error.args[1]}" if unfilled else str(error) or type(error).__name__


def _places(stream: BinaryIO) -> Iterator[tuple[int, int]]:
    """Return where the slices lie, as (offset, size)."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    magic = int.from_bytes(stream.read(4), "big")
    if magic in THIN:
        yield 0, size
    elif magic in UNIVERSAL:
        stream.seek(0)
        count = mach_o.fat_header.from_fileobj(stream).nfat_arch
        for one in [UNIVERSAL[magic].from_fileobj(stream) for _ in range(count)] if count <= SLICES else ():
            if one.offset + one.size > size:
                raise ValueError("a slice ends after the file")
            yield int(one.offset), int(one.size)


def _slice(stream: BinaryIO, name: str, offset: int, size: int) -> MachOFile:
    header = _header(stream, offset, size)
    commands = {load.cmd: (load, command, data) for load, command, data in reversed(header.commands)}

    def texts(kinds: set[int], field: str) -> tuple[str, ...]:
        found = (one for one in header.commands if one[0].cmd in kinds)
        return tuple(_text(getattr(one[1], field), one) for one in found)

    processor, subtype = int(header.header.cputype), int(header.header.cpusubtype) & 0xFFFFFF
    platform, minimum = _floor(commands)
    undefined, exports = read_symbols(stream, header, offset, size)
    return MachOFile(
        file=name,
        architecture=SPECIAL.get((processor, subtype)) or PROCESSORS.get(processor),
        kind=KINDS.get(int(header.header.filetype), "of another kind"),
        platform=platform,
        minimum=minimum,
        install_name=next(iter(texts({mach_o.LC_ID_DYLIB}, "name")), None),
        needed=texts(NEEDED, "name"),
        weak=texts({mach_o.LC_LOAD_WEAK_DYLIB}, "name"),
        rpaths=texts({mach_o.LC_RPATH}, "path"),
        undefined=undefined,
        exports=exports,
        signed=mach_o.LC_CODE_SIGNATURE in commands,
    )


def _header(stream: BinaryIO, offset: int, size: int) -> Any:
    """Let macholib read the header and the load commands alone: given more, it reads all sections into memory."""
    stream.seek(offset)
    magic = int.from_bytes(stream.read(4), "big")
    if magic not in THIN:
        raise ValueError("a slice does not begin like one")
    layout, order = THIN[magic]
    stream.seek(offset)
    length = layout.from_fileobj(stream, _endian_=order).sizeofcmds + sizeof(layout)
    if length > min(size, COMMANDS):
        raise ValueError("its load commands do not end where real ones do")
    stream.seek(offset)
    part = Frugal(io.BytesIO(stream.read(length)))
    return MachOHeader(None, part, 0, size, magic, layout, order, allow_unknown_load_commands=True)


def _text(offset: int, command: tuple[Any, Any, Any]) -> str:
    """Return a text of a load command; an empty one is what a damaged file gives."""
    text = lc_str_value(offset, command).partition(b"\0")[0].decode("utf-8", "backslashreplace")
    if not text:
        raise ValueError("a name is not where its load command says")
    return str(text)


def _floor(commands: dict[int, tuple[Any, Any, Any]]) -> tuple[str | None, tuple[int, int] | None]:
    """Return the platform and its oldest version. Before 2018 another command said it."""
    if mach_o.LC_BUILD_VERSION in commands:
        command = commands[mach_o.LC_BUILD_VERSION][1]
        return PLATFORMS.get(int(command.platform)), _version(command.minos)
    for kind, platform in OLDER.items():
        if kind in commands:
            return platform, _version(commands[kind][1].version)
    return None, None


def _version(number: int) -> tuple[int, int]:
    return int(number) >> 16, int(number) >> 8 & 0xFF
