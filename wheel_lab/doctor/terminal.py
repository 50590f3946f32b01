"""What the command asks of a terminal: colours, its width, and one line that tells what is being done."""

import os
import shutil
import sys
import time
from typing import TextIO

from wheel_lab.members import shown

__all__ = ["Progress", "wants_colour", "width_of"]

CLEAR = "\r\x1b[K"  # back to the start of the line, and empty it
DELAY = 0.5  # seconds in which a file may be done without a word


def wants_colour(stream: TextIO) -> bool:
    """Tell whether to colour: NO_COLOR forbids it, FORCE_COLOR asks for it, else a terminal that can gets it."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    # Of the terminals of Windows only the new one is sure to know escape codes.
    return _is_terminal(stream) and (sys.platform != "win32" or "WT_SESSION" in os.environ)


def width_of(stream: TextIO) -> int | None:
    """Return the width of the terminal in columns; None when the stream is no terminal."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def _is_terminal(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


class Progress:
    """One line on a terminal that tells what is being done, when that takes a while; elsewhere nothing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._is_on, self._is_there = stream, _is_terminal(stream), False
        self._about, self._started = "", 0.0

    def begin(self, about: str) -> None:
        """Start with another file."""
        self._about, self._started = about, time.monotonic()

    def show(self, step: str) -> None:
        """Say which step is being done, and for how long the file has been examined."""
        passed = time.monotonic() - self._started
        if self._is_on and passed >= DELAY:
            room = shutil.get_terminal_size().columns - 1
            self._stream.write(f"{CLEAR}{shown(f'{self._about}: {step}, {passed:.0f} s', 1000)[:room]}")
            self._stream.flush()
            self._is_there = True

    def clear(self) -> None:
        """Take the line away."""
        if self._is_there:
            self._stream.write(CLEAR)
            self._stream.flush()
            self._is_there = False
