"""Examines one file under limits of time and memory: in a child process on Linux, elsewhere in this one.

The library itself starts no process: :func:`wheel_lab.doctor.examine` works in a browser too, and there a worker can be
ended. This is for the command, which is given files that may be made to harm.
"""

import json
import math
import os
import select
import shutil
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

from wheel_lab.doctor import examine
from wheel_lab.doctor.report import Report
from wheel_lab.limits import DEFAULTS, PATIENCE, WheelError

__all__ = ["Job", "examine_apart", "examine_here", "has_children"]

GRACE = 1  # seconds after the door's own limit of time, which lets the child end by itself
MORE_TIME, MORE_MEMORY = "; --time SECONDS allows more", "; --memory SIZE allows more"
TICK = 0.5  # seconds after which the caller is told again what the child does
BLOCK = 1 << 16
ENDING = {signal.SIGINT, signal.SIGTERM}


@dataclass(frozen=True, kw_only=True)
class Job:
    """How a file is examined; `seconds` (of work) and `memory` (in bytes) may be None, for no limit."""

    policy: str | None = None
    deep: bool = False
    seconds: float | None = 30
    memory: int | None = 1 << 30


def has_children() -> bool:
    """Tell whether a child can be limited: Linux alone holds the limit of memory, and a thread must not fork."""
    return sys.platform == "linux" and threading.current_thread() is threading.main_thread()


def examine_here(path: str, job: Job, tell: Callable[[str], None]) -> Report:
    """Examine a file in this process; `tell` is called with what is done now.

    Raises
    ------
    WheelError
        There is no report, for the reason that it gives: whatever it is, other files can still be examined.
    """
    try:
        limits = replace(DEFAULTS, seconds=job.seconds)
        return examine(path, limits, policy=job.policy, deep=job.deep, tell=tell)
    except WheelError as error:
        if error.limit == "seconds":
            raise WheelError(f"{error}{MORE_TIME}", limit=error.limit) from None
        raise
    except MemoryError:
        raise WheelError(_too_large(job), limit="memory") from None
    except OSError as error:
        raise WheelError(error.strerror or str(error)) from None
    # A bug: it must not hide what is to be said of the other files.
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}, line {place.lineno}"
        message = f"this is a bug in wheel-lab, please report it: {type(error).__name__}: {error} ({where})"
        raise WheelError(message) from error


def examine_apart(path: str, job: Job, tell: Callable[[str], None]) -> Report:
    """Do as :func:`examine_here` does in a child process that the system ends when it reaches a limit.

    Its temporary files lie in a folder of its own, which is removed, however the child ends.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    with _terminable(), _private_folder() as folder:
        receiving, sending = os.pipe()
        # A signal in the middle of a fork would be lost, or leave a child that nobody ends.
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        child = os.fork()
        if child == 0:
            _work_and_end(path, job, folder, sending)
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
            os.close(sending)
            answer = _listen(receiving, tell)
        finally:
            os.close(receiving)
            os.kill(child, signal.SIGKILL)  # it may still be at work when this process is interrupted
            _, status = os.waitpid(child, 0)
    if "report" in answer:
        return Report.from_dict(answer["report"])
    if "error" in answer:
        raise WheelError(answer["error"], limit=answer["limit"])
    raise _ended(job, os.waitstatus_to_exitcode(status))


def _work_and_end(path: str, job: Job, folder: str, sending: int) -> NoReturn:
    """Be the child: examine, send what there is to say as lines of JSON, and end."""
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted, too, and ends this process
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        tempfile.tempdir = os.environ["TMPDIR"] = folder
        _limit(job)

        def send(**message: object) -> None:
            data = json.dumps(message).encode() + b"\n"
            while data:
                data = data[os.write(sending, data) :]

        try:
            send(report=examine_here(path, job, lambda step: send(step=step)).as_dict())
        except WheelError as error:
            send(error=str(error), limit=error.limit)
        status = 0
    finally:
        os._exit(status)


def _limit(job: Job) -> None:
    """Let the system end this process, and deny it memory, at the job's limits."""
    import resource  # which Windows does not have

    def lower(which: int, value: int) -> None:
        hard = resource.getrlimit(which)[1]
        resource.setrlimit(which, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))

    lower(resource.RLIMIT_CORE, 0)
    if job.memory is not None:
        # Not RLIMIT_AS: a file that is mapped takes addresses and no memory of its own.
        lower(resource.RLIMIT_DATA, job.memory)
    if job.seconds is not None:
        lower(resource.RLIMIT_CPU, math.ceil(job.seconds) + GRACE)
        # Time that passes while nothing is computed; no handler is set, so that the signal ends the process.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, PATIENCE * job.seconds + GRACE)


def _listen(receiving: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Pass on what the child says it does, and return its last message; {} when it ended without one."""
    step, rest = "", b""
    answer: dict[str, Any] = {}
    while True:
        if not select.select([receiving], [], [], TICK)[0]:
            tell(step)
            continue
        data = os.read(receiving, BLOCK)
        if not data:
            return answer
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "step" in message:
                step = message["step"]
                tell(step)
            else:
                answer = message


def _too_large(job: Job) -> str:
    if job.memory is None:
        return "takes more memory than there is"
    return f"takes more than {job.memory:,} bytes of memory{MORE_MEMORY}"


def _ended(job: Job, status: int) -> WheelError:
    """Say why the child ended without a message."""
    if -status == signal.SIGXCPU:
        return WheelError(
            f"takes more than {job.seconds:g} seconds of the processor's time{MORE_TIME}", limit="seconds"
        )
    if -status == signal.SIGALRM and job.seconds is not None:
        return WheelError(f"is not done after {PATIENCE * job.seconds:g} seconds{MORE_TIME}", limit="seconds")
    if -status == signal.SIGKILL:
        return WheelError("was ended by the system, which happens when the machine runs out of memory")
    return WheelError(f"{_too_large(job)}, or Python itself failed (status {status})")


@contextmanager
def _private_folder() -> Iterator[str]:
    folder = tempfile.mkdtemp(prefix="wheel-lab-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end this process in order, so that no child and no folder stay."""

    def end(number: int, _: object) -> NoReturn:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
