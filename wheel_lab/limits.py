"""What a wheel may cost, the one exception that says it costs more, and streams that look at the clock."""

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Self

from wheel_lab.members import MemberProblem, shown

__all__ = [
    "DEFAULTS", "DIRECTORY", "PATIENCE", "CountedMembers", "Deadline", "Limits", "Watched", "WheelError", "noted",
]  # fmt: skip

# zipfile reads the whole central directory at once: 46 bytes, a name and extra fields for each member.
DIRECTORY, ENTRY = 32 << 20, b"PK\x01\x02"
# How many times as long as its work a file may take by the clock: others may use the machine, too, and a disk be slow.
PATIENCE = 10


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a wheel may cost. None is no limit. Real wheels stay far below all of these.

    Attributes
    ----------
    members
        How many entries the archive may have.
    total_size
        What all members together may unpack to, in bytes.
    member_size
        What one member may unpack to, in bytes; a larger one is a problem of its own and is not read.
    ratio
        How many times its packed size a member above 16 MiB may unpack to. Deflate reaches 1030, real files 20.
    seconds
        How much of the processor's time this process may use, from the file's opening on; by the clock, ten times as
        much.
    """

    members: int | None = 100_000
    total_size: int | None = 8 << 30
    member_size: int | None = 2 << 30
    ratio: float | None = 200
    seconds: float | None = 60


DEFAULTS = Limits()


class WheelError(ValueError):
    """A file cannot be opened as a wheel, a member cannot be read, or a limit is reached.

    Attributes
    ----------
    limit
        The name of the field of :class:`Limits` that was reached; None when it was something else.
    problem
        What is wrong with one member, which can be left out; None when it is about the whole file.
    """

    def __init__(self, message: str, *, limit: str | None = None, problem: MemberProblem | None = None) -> None:
        super().__init__(message)
        self.limit = limit
        self.problem = problem

    @classmethod
    def about(cls, problem: MemberProblem) -> Self:
        """Make the error that reading a member raises."""
        limit = {"size": "member_size", "ratio": "ratio"}.get(problem.kind)
        return cls(str(problem), limit=limit, problem=problem)


class Deadline:
    """When work at a file has to end; `seconds` as in :class:`Limits`.

    Attributes
    ----------
    work, clock
        Up to which processor time of this process, and up to which time by the clock; None when there is no limit.
    """

    work: float | None = None
    clock: float | None = None

    def __init__(self, name: str, seconds: float | None) -> None:
        self._name, self._seconds = name, seconds
        if seconds is not None:
            self.work, self.clock = time.process_time() + seconds, time.monotonic() + PATIENCE * seconds

    def check(self) -> None:
        """Raise :class:`WheelError` when the time is over."""
        if self._seconds is None or self.work is None or self.clock is None:
            return
        if time.process_time() > self.work:
            took = f"takes more than {self._seconds:g} seconds of the processor's time"
        elif time.monotonic() > self.clock:
            took = f"is not done after {PATIENCE * self._seconds:g} seconds"
        else:
            return
        raise WheelError(f"{shown(self._name)} {took}", limit="seconds")


@contextmanager
def noted(problems: list[MemberProblem]) -> Iterator[None]:
    """Add what is wrong with one member to `problems`, and go on; what is wrong with the whole file passes."""
    try:
        yield
    except WheelError as error:
        if error.problem is None:
            raise
        problems.append(error.problem)


class Watched(io.BufferedIOBase):
    """A stream that calls `check` before each read, so that it can end what would never end."""

    def __init__(self, file: IO[bytes], check: Callable[[], None], *, owned: bool) -> None:
        self._file, self._check, self._owned = file, check, owned

    def read(self, size: int | None = -1, /) -> bytes:
        """Read up to `size` bytes."""
        self._check()
        return self._file.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place, and return it."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._file.tell()

    def fileno(self) -> int:
        """Return the number of the file below, where the system knows it by one; OSError where not."""
        return self._file.fileno()

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def close(self) -> None:
        """Close this, and the file below when it is owned."""
        super().close()
        if self._owned:
            self._file.close()


class CountedMembers(Watched):
    """The file of an archive. It counts members before zipfile does, which makes an object for each at once."""

    opening: Callable[[], WheelError] | None = None
    most = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Read up to `size` bytes."""
        if self.opening is None:
            return super().read(size)
        if (size or 0) > DIRECTORY:
            raise self.opening()
        data = super().read(size)
        if data.count(ENTRY) > self.most:
            raise self.opening()
        return data
