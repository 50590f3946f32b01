"""A source distribution as data, read member by member under limits, and what the index makes of it.

`tarfile` does the tar and `gzip` the rest; nothing is unpacked to disk, and nothing is run. The rules are in
:mod:`wheel_lab.doctor.sdist.rules`.
"""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Literal, cast

from wheel_lab.limits import Deadline, Limits, Watched, WheelError
from wheel_lab.members import shown

__all__ = ["Entry", "Sdist", "is_sdist", "read_sdist"]

Kind = Literal["file", "folder", "symbolic link", "hard link", "device", "sparse file"]
SMALL = 16 << 20  # bytes, above which the ratio counts
ONE_READ = 4 << 20  # bytes that tarfile asks for at once at most: a header that is larger has no end
PKG_INFO, LARGEST, SEVERAL = "PKG-INFO", 2 << 20, 8  # how much is read of such a file, and of how many
BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class Entry:
    """One member: its name without a slash at the end, its kind, its size in bytes, and what a link points to."""

    name: str
    kind: Kind
    size: int
    target: str = ""


@dataclass(frozen=True)
class Sdist:
    """What a source distribution holds.

    Attributes
    ----------
    name, size
        The file's name without its folder, and its size in bytes.
    entries
        The members in the archive's order, as far as they can be read.
    pkg_info
        The contents of files named PKG-INFO one folder deep, by the member's name; None for one that is too large.
    problem
        Why the archive cannot be read to its end; "" when it can.
    is_zip
        Whether it is a zip archive as well.
    check_time
        Raises :class:`WheelError` when the time is over.
    """

    name: str
    size: int
    entries: tuple[Entry, ...]
    pkg_info: dict[str, bytes | None]
    problem: str
    is_zip: bool
    check_time: Callable[[], None]


def is_sdist(name: str) -> bool:
    """Tell by its name whether a file wants to be a source distribution."""
    return name.lower().endswith((".tar.gz", ".zip"))


class _Tape(io.RawIOBase):
    """The unpacked archive, which can be read forwards alone, up to the limits."""

    def __init__(self, file: IO[bytes], packed: int, limits: Limits, name: str) -> None:
        self._file, self._packed, self._limits, self._name = file, packed, limits, name
        self._place = 0

    def read(self, size: int = -1, /) -> bytes:
        if not 0 <= size <= ONE_READ:
            raise ValueError("a header in it is larger than real ones")
        data = self._file.read(size)
        self._place += len(data)
        most, ratio = self._limits.total_size, self._limits.ratio
        if most is not None and self._place > most:
            message = f"{shown(self._name)} unpacks to more than {most:,} bytes, which is the limit"
            raise WheelError(message, limit="total_size")
        if ratio is not None and self._place > max(SMALL, self._packed * ratio):
            message = f"{shown(self._name)} unpacks {self._packed:,} bytes to more than {ratio:g} times as many"
            raise WheelError(message, limit="ratio")
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        while self._place < offset and self.read(min(BLOCK, offset - self._place)):
            pass
        if offset < self._place:
            raise ValueError("its members do not follow each other")
        return self._place

    def tell(self) -> int:
        return self._place


def read_sdist(file: IO[bytes], name: str, limits: Limits) -> Sdist:
    """Read a source distribution.

    Parameters
    ----------
    file
        The open binary file, which can seek.
    name
        Its name, without its folder.
    limits
        What it may cost. The size of one member has no limit of its own: nothing is kept of it.

    Raises
    ------
    WheelError
        A limit is reached.
    """
    check_time = Deadline(name, limits.seconds).check
    size = file.seek(0, io.SEEK_END)
    is_zip = zipfile.is_zipfile(file)
    file.seek(0)
    entries: list[Entry] = []
    pkg_info: dict[str, bytes | None] = {}
    problem = ""
    try:
        with gzip.GzipFile(fileobj=cast(IO[bytes], Watched(file, check_time, owned=False))) as unpacked:
            _read_tar(_Tape(cast(IO[bytes], unpacked), size, limits, name), limits, name, entries, pkg_info)
    except WheelError:
        raise
    # What tarfile, gzip and zlib meet in a damaged file is anything: OSError, EOFError, TarError, RecursionError, …
    except Exception as error:
        problem = shown(str(error)) or type(error).__name__
    return Sdist(name, size, tuple(entries), pkg_info, problem, is_zip, check_time)


def _read_tar(tape: _Tape, limits: Limits, name: str, entries: list[Entry], pkg_info: dict[str, bytes | None]) -> None:
    with tarfile.open(fileobj=cast(IO[bytes], tape), mode="r:") as archive:
        while (info := archive.next()) is not None:
            archive.members = []  # type: ignore[attr-defined]  # it would keep them all
            if limits.members is not None and len(entries) >= limits.members:
                raise WheelError(f"{shown(name)} has more than {limits.members:,} members", limit="members")
            entries.append(Entry(info.name, _kind(info), info.size, info.linkname))
            if info.isreg() and info.name.count("/") == 1 and info.name.endswith(f"/{PKG_INFO}"):
                if len(pkg_info) < SEVERAL and info.size <= LARGEST:
                    stream = archive.extractfile(info)
                    pkg_info[info.name] = stream.read() if stream is not None else None
                else:
                    pkg_info[info.name] = None


def _kind(info: tarfile.TarInfo) -> Kind:
    if info.issparse():
        return "sparse file"
    if info.isdir():
        return "folder"
    if info.issym():
        return "symbolic link"
    if info.islnk():
        return "hard link"
    return "file" if info.isreg() else "device"
