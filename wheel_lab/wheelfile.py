"""The one door to a wheel: everything that reads a wheel's members reads them here, streamed and under limits.

`zipfile` does the zip. What is wrong with one member is data (:class:`~wheel_lab.members.MemberProblem`) and hides no
other member; what is wrong with the whole file, or reaches a limit, is a :class:`WheelError`. Nothing is run.
"""

import copy
import hashlib
import io
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Self, cast

from wheel_lab.limits import DEFAULTS, CountedMembers, Deadline, Limits, Watched, WheelError, noted
from wheel_lab.members import UNREADABLE, Member, MemberProblem, find_problems, shown

__all__ = ["Limits", "Member", "MemberProblem", "OpenWheel", "WheelError", "name_of", "noted", "open_wheel", "opened"]

CHUNK = 1 << 18
# What `read` returns at most, and what `open` keeps in memory; a larger member goes to a temporary file.
IN_MEMORY = 32 << 20
# What zipfile and zlib raise at a damaged file. NotImplementedError is a RuntimeError, UnicodeError a ValueError.
DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError, OverflowError)


class OpenWheel:
    """An open wheel, made by :func:`open_wheel`.

    Attributes
    ----------
    name
        The file's name, without its folder.
    size
        The file's size in bytes.
    members
        All entries of the central directory in its order, folders and duplicates among them.
    problems
        What the headers show to be wrong with members. Damaged content shows only when it is read.
    limits, deadline
        The limits that hold, and when the time is over.
    hashes
        Once this is a dictionary: the SHA-256 of each member that was read to its end, by the member's index.
    """

    hashes: dict[int, bytes] | None = None

    def __init__(self, file: IO[bytes], name: str, limits: Limits, *, owned: bool) -> None:
        self.name, self.limits = name, limits
        self.deadline = Deadline(name, limits.seconds)
        self._file = CountedMembers(file, self.check_time, owned=owned)
        if limits.members is not None:
            self._file.most, self._file.opening = limits.members, self._too_many
        try:
            self._archive = zipfile.ZipFile(cast(IO[bytes], self._file))
            self.size = self._file.seek(0, io.SEEK_END)
        except WheelError:
            raise
        except DAMAGE as error:
            raise WheelError(f"not a wheel: {shown(name)} is not a zip archive ({_reason(error)})") from None
        self._file.opening = None
        self._infos = self._archive.infolist()
        self.members = tuple(Member.of(info, index) for index, info in enumerate(self._infos))
        found = list(find_problems(self.members, limits.member_size, limits.ratio, self.directory_offset))
        self.problems = tuple(problem for _, problem in found)
        self._refused = {index: problem for index, problem in reversed(found) if problem.kind in UNREADABLE}
        self._by_name = {member.name: member for member in self.members}
        total = sum(member.size for member in self.members if member.index not in self._refused)
        if limits.total_size is not None and total > limits.total_size:
            message = f"{shown(name)} unpacks to {total:,} bytes, and the limit is {limits.total_size:,}"
            raise WheelError(message, limit="total_size")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, if :func:`open_wheel` opened it."""
        self._archive.close()
        self._file.close()

    def find(self, name: str) -> Member | None:
        """Return the member of that name; of several, the last, which is the one that installers take."""
        return self._by_name.get(name)

    def chunks(self, member: Member) -> Iterator[bytes]:
        """Unpack a member piece by piece, each up to 256 KiB, and check its size and its checksum.

        Raises
        ------
        WheelError
            The member cannot be read, or the time is over. Damage may show only after some pieces.
        """
        if member.index in self._refused:
            raise WheelError.about(self._refused[member.index])
        found = 0
        digest = None if self.hashes is None or member.index in self.hashes else hashlib.sha256()
        # zipfile stops at the size that the header gives. One byte of room shows whether there would be more.
        info = copy.copy(self._infos[member.index])
        info.file_size += 1
        try:
            with self._archive.open(info) as stream:
                while found <= member.size and (data := stream.read(CHUNK)):
                    found += len(data)
                    if digest is not None:
                        digest.update(data)
                    yield data
                    self.check_time()
        except WheelError:
            raise
        except DAMAGE as error:
            raise WheelError.about(member.problem("damaged", f"is damaged: {_reason(error)}")) from None
        if found != member.size:
            than = "more" if found > member.size else "less"
            raise WheelError.about(member.problem("damaged", f"unpacks to {than} than its header says"))
        if digest is not None and self.hashes is not None:
            self.hashes[member.index] = digest.digest()

    def head(self, member: Member, count: int) -> bytes:
        """Return the first `count` bytes of a member, or all when there are fewer; the rest is not unpacked."""
        found = b""
        for chunk in self.chunks(member):
            found += chunk
            if len(found) >= count:
                break
        return found[:count]

    def read(self, member: Member, at_most: int = IN_MEMORY) -> bytes:
        """Return a whole member.

        Raises
        ------
        WheelError
            The member is larger than `at_most` bytes, it cannot be read, or the time is over.
        """
        if member.size > at_most and member.index not in self._refused:
            message = f"is {member.size:,} bytes large, and at most {at_most:,} are read"
            raise WheelError.about(member.problem("size", message))
        return b"".join(self.chunks(member))

    def open(self, member: Member) -> BinaryIO:
        """Return a whole member as a stream to read and seek in: in memory up to 32 MiB, else in a temporary file.

        The file has no name where the system allows that, and goes when the stream is closed. What reads ELF and Mach-O
        seeks in it, what reads PE maps it: none of them loads it. The copy costs a tenth of the unpacking; a member
        that is stored would need none, but of the large ones in a hundred real wheels not one is (2026-11-26). Each
        read of the stream raises :class:`WheelError` once the time is over.

        Raises
        ------
        WheelError
            The member cannot be read, or the time is over.
        OSError
            There is no room for the temporary file.
        """
        file: IO[bytes] = io.BytesIO() if member.size <= IN_MEMORY else tempfile.TemporaryFile()  # noqa: SIM115
        try:
            file.writelines(self.chunks(member))
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return cast(BinaryIO, Watched(file, self.check_time, owned=True))

    def bytes_at(self, offset: int, count: int) -> bytes:
        """Return `count` bytes of the file as they lie there, from `offset` on; fewer at its end."""
        if offset >= self.size:
            return b""
        self._file.seek(offset)
        return self._file.read(count)

    @property
    def comment(self) -> bytes:
        """The comment at the end of the archive."""
        return self._archive.comment

    @property
    def directory_offset(self) -> int:
        """Where the central directory begins, in bytes from the start of the file."""
        return self._archive.start_dir

    def check_time(self) -> None:
        """Raise :class:`WheelError` when the time is over. Work that reads nothing for long calls this."""
        self.deadline.check()

    def _too_many(self) -> WheelError:
        message = f"{shown(self.name)} lists more than {self.limits.members:,} members, or takes 32 MiB to list them"
        return WheelError(message, limit="members")


def open_wheel(file: str | Path | IO[bytes], name: str | None = None, limits: Limits = DEFAULTS) -> OpenWheel:
    """Open a wheel; use it in a ``with`` statement.

    Parameters
    ----------
    file
        A path, or an open binary file that can seek; such a file is not closed.
    name
        The file's name, where it is not the path's.
    limits
        What it may cost.

    Raises
    ------
    WheelError
        The file is not a zip archive that can be read, or it reaches a limit.
    OSError
        There is no such file, or it cannot be opened.
    """
    if isinstance(file, str | Path):
        stream: IO[bytes] = open(file, "rb")  # noqa: SIM115
        try:
            return OpenWheel(stream, name or name_of(file), limits, owned=True)
        except BaseException:
            stream.close()
            raise
    return OpenWheel(file, name or name_of(file), limits, owned=False)


def name_of(file: str | Path | IO[bytes]) -> str:
    """Return the name of a file without its folder; ``"wheel"`` for an open file that has none."""
    return Path(file if isinstance(file, str | Path) else str(getattr(file, "name", "wheel"))).name


@contextmanager
def opened(wheel: str | Path | IO[bytes] | OpenWheel) -> Iterator[OpenWheel]:
    """Open a wheel for one block, or take one that is open already, and leave that open."""
    if isinstance(wheel, OpenWheel):
        yield wheel
    else:
        with open_wheel(wheel) as one:
            yield one


def _reason(error: BaseException) -> str:
    return shown(str(error) or type(error).__name__)
