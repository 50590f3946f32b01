"""WebAssembly files, known by their first bytes alone: no library of pure Python reads what they ask for.

What can be told: that a file is one, and of which version of the format. Which functions it imports, which side modules
it needs and which Emscripten built it stand in sections that are not read.
"""

from dataclasses import dataclass
from typing import BinaryIO

from wheel_lab.limits import WheelError
from wheel_lab.members import MemberProblem, shown

__all__ = ["MAGIC", "WasmFile", "read_stream"]

MAGIC = b"\0asm"


@dataclass(frozen=True)
class WasmFile:
    """A WebAssembly file.

    Attributes
    ----------
    file
        Its path in the wheel.
    version
        The version of the format: 1 for the modules that Emscripten writes.
    """

    file: str
    version: int

    @property
    def memory(self) -> int:
        """About how many bytes its names take in memory."""
        return len(self.file) + 64

    def __str__(self) -> str:
        return f"{shown(self.file)} (WebAssembly {self.version})"


def read_stream(stream: BinaryIO, name: str) -> WasmFile:
    """Read the head of a WebAssembly file; raises :class:`WheelError` when it ends there."""
    head = stream.read(8)
    if len(head) < 8 or not head.startswith(MAGIC):
        message = "begins like a WebAssembly file, and cannot be read as one: its head is cut off"
        raise WheelError.about(MemberProblem(name, "malformed", message))
    return WasmFile(name, int.from_bytes(head[4:], "little"))
