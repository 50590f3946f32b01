"""The cell magic ``%%bash`` of a chapter: output as it comes, one line for a failure, and one word for an interrupt.

IPython has a ``%%bash`` of its own, and a cell means the same to both. That one answers a failure with a traceback
of its own code, and an interrupt with several.
"""

import contextlib
import os
import selectors
import shlex
import signal
import subprocess
import sys
import threading
from codecs import getincrementaldecoder
from collections.abc import Iterator

from IPython.core.error import UsageError

__all__ = ["CommandFailed", "Interrupted", "run_bash"]

PATIENCE = 2.0  # seconds that the commands have to end after an interrupt


class CommandFailed(subprocess.CalledProcessError):
    """The shell ended with another exit status than 0. JupyterLab shows one line, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]

    def __str__(self) -> str:
        if self.returncode < 0:
            return f"The commands were ended by signal {-self.returncode}."
        return f"The commands ended with exit status {self.returncode}. What went wrong is said above."


class Interrupted(KeyboardInterrupt):
    """The learner stopped the cell."""

    def _render_traceback_(self) -> list[str]:
        return ["interrupted"]


def run_bash(line: str, cell: str) -> None:
    """Run the commands of a cell in bash, and show what they print while they print it.

    Parameters
    ----------
    line
        What stands behind ``%%bash``: options of bash, such as ``-e -o pipefail``.
    cell
        The commands. They get no standard input.

    Raises
    ------
    CommandFailed
        The exit status is not 0.
    Interrupted
        The kernel was interrupted. All that the commands had started is ended.
    """
    try:
        options = shlex.split(line)
    except ValueError as error:
        raise UsageError(f"%%bash: {error}") from None
    # A process group of its own, so that an interrupt ends what the commands have started, and nothing else.
    with _no_interrupt() as interrupted:
        process = subprocess.Popen(
            ["bash", *options, "-c", cell],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    try:
        if interrupted:
            raise KeyboardInterrupt
        _show(process)
        process.wait()
    except KeyboardInterrupt:
        _end(process)
        raise Interrupted from None
    if process.returncode:
        raise CommandFailed(process.returncode, ["bash", *options])


@contextlib.contextmanager
def _no_interrupt() -> Iterator[list[int]]:
    """Note an interrupt instead of raising it: during a start, it would leave a process that nothing ends."""
    noted: list[int] = []
    if threading.current_thread() is not threading.main_thread():  # no interrupt comes here
        yield noted
        return
    before = signal.signal(signal.SIGINT, lambda number, _: noted.append(number))
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, before)


def _show(process: "subprocess.Popen[bytes]") -> None:
    """Pass on what a process prints until it has closed both streams."""
    with selectors.DefaultSelector() as waiting:
        for pipe, stream in ((process.stdout, sys.stdout), (process.stderr, sys.stderr)):
            assert pipe is not None
            decoder = getincrementaldecoder("utf-8")(errors="replace")
            waiting.register(pipe, selectors.EVENT_READ, (stream, decoder))
        while waiting.get_map():
            for key, _ in waiting.select():
                stream, decoder = key.data
                chunk = os.read(key.fd, 65536)
                stream.write(decoder.decode(chunk, final=not chunk))
                stream.flush()
                if not chunk:
                    waiting.unregister(key.fileobj)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a process and its children: first as Ctrl-C would, then for certain."""
    for way in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, way)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
            break
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # a child that ignored the first signal
