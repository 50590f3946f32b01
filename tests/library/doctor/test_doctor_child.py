"""On Linux a child does the work: what reaches a limit gets one clear line, the other files go on, nothing stays."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from making import make

from wheel_lab.__main__ import main
from wheel_lab.doctor import child, examine
from wheel_lab.doctor.child import Job, examine_apart, examine_here
from wheel_lab.limits import WheelError

GOOD = "tiny-1.0-py3-none-any.whl"
linux = pytest.mark.skipif(not child.has_children(), reason="limits hold a child on Linux alone")
SMALL = Job(seconds=1, memory=400 << 20)


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """Return a good wheel; temporary files go into a folder of the test's own."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return make(tmp_path, rows=("a/,,",))


def nothing(step):
    """Listen to nothing."""


def forever(*_, **__):
    while True:
        pass


def asleep(*_, **__):
    time.sleep(600)


def hog(*_, **__):
    return [bytearray(64 << 20) for _ in range(100)]


def broken(*_, **__):
    raise KeyError("a bug\x1b")


def killed(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def ended(*_, **__):
    os._exit(7)


def interrupt(*_, **__):
    raise KeyboardInterrupt


def littering(*_, **__):
    handle, _ = tempfile.mkstemp()
    os.close(handle)
    raise WheelError(tempfile.gettempdir() + " " + os.environ["TMPDIR"])


@linux
def test_a_child_says_what_the_library_says(wheel):
    steps = []
    report = examine_apart(str(wheel), Job(), steps.append)
    assert report == examine(wheel) == examine_here(str(wheel), Job(), nothing)
    assert steps[0] == "will the index take it"


@linux
@pytest.mark.parametrize(
    ("what", "limit", "message"),
    [
        (forever, "seconds", "takes more than 1 seconds of the processor's time; --time SECONDS allows more"),
        (asleep, "seconds", "is not done after 1 seconds; --time SECONDS allows more"),
        (hog, "memory", "takes more than 419,430,400 bytes of memory; --memory SIZE allows more"),
        (
            broken,
            None,
            "this is a bug in wheel-lab, please report it: KeyError: 'a bug\\x1b' (test_doctor_child.py, line ",
        ),
        (killed, None, "was ended by the system, which happens when the machine runs out of memory"),
        (ended, None, "or Python itself failed (status 7)"),
    ],
)
def test_why_there_is_no_report(wheel, monkeypatch, what, limit, message):
    monkeypatch.setattr(child, "examine", what)
    monkeypatch.setattr(child, "PATIENCE", 1 if what is asleep else 100)  # a busy machine is no slow one
    with pytest.raises(WheelError) as caught:
        examine_apart(str(wheel), SMALL, nothing)
    assert message in str(caught.value)
    assert caught.value.limit == limit


@linux
def test_the_private_folder_goes_whatever_happens(wheel, monkeypatch):
    temporary = Path(tempfile.gettempdir())
    monkeypatch.setattr(child, "examine", littering)
    with pytest.raises(WheelError) as caught:
        examine_apart(str(wheel), SMALL, nothing)
    used, told = str(caught.value).split()
    assert used == told != str(temporary)
    assert Path(used).parent == temporary
    for what in (killed, forever):
        monkeypatch.setattr(child, "examine", what)
        with pytest.raises(WheelError):
            examine_apart(str(wheel), SMALL, nothing)
    monkeypatch.setattr(child, "examine", asleep)
    with pytest.raises(KeyboardInterrupt):
        examine_apart(str(wheel), Job(seconds=None, memory=None), interrupt)
    assert list(temporary.iterdir()) == []


@linux
def test_one_file_at_a_limit_does_not_stop_the_others(wheel, monkeypatch, capsys):
    monkeypatch.chdir(wheel.parent)
    real = child.examine
    (wheel.parent / "slow-1.0-py3-none-any.whl").write_bytes(wheel.read_bytes())
    monkeypatch.setattr(
        child, "examine", lambda path, *rest, **more: (forever if "slow" in path else real)(path, *rest, **more)
    )
    assert main(["doctor", "slow-1.0-py3-none-any.whl", GOOD, "--time", "1"]) == 2
    out, err = capsys.readouterr()
    took = "takes more than 1 seconds of the processor's time; --time SECONDS allows more"
    assert err == f"wheel-lab: slow-1.0-py3-none-any.whl: {took}\n"
    assert out.startswith(GOOD)


@linux
def test_a_signal_ends_the_child_and_removes_its_folder(wheel):
    temporary = Path(tempfile.gettempdir())
    code = (
        "import time, wheel_lab.doctor.child as child; from wheel_lab.__main__ import main\n"
        "child.examine = lambda *_, **more: (more['tell']('x'), time.sleep(600))\n"
        "raise SystemExit(main())"
    )
    command = [sys.executable, "-c", code, "doctor", wheel, "--time", "0"]
    env = {**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(command, env=env) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while process.poll() is None and not (children.read_text().strip() and list(temporary.iterdir())):
            time.sleep(0.05)
        (pid,) = children.read_text().split()
        process.terminate()
        assert process.wait() == 128 + signal.SIGTERM
    assert list(temporary.iterdir()) == []
    assert not Path(f"/proc/{pid}").exists()


def test_a_bug_is_one_line_in_this_process_too(wheel, monkeypatch, capsys):
    monkeypatch.chdir(wheel.parent)
    monkeypatch.setattr(child, "examine", broken)
    assert main(["doctor", GOOD, "--no-child"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "this is a bug in wheel-lab, please report it: KeyError: 'a bug\\x1b'" in line


def test_too_little_memory_in_this_process(wheel, monkeypatch):
    def fail(*_, **__):
        raise MemoryError

    monkeypatch.setattr(child, "examine", fail)
    with pytest.raises(WheelError, match="takes more memory than there is"):
        examine_here(str(wheel), Job(memory=None), nothing)


def test_an_interrupt_is_no_traceback(wheel, monkeypatch, capsys):
    monkeypatch.chdir(wheel.parent)
    monkeypatch.setattr(child, "examine", interrupt)
    assert main(["doctor", GOOD, "--no-child"]) == 130
    assert capsys.readouterr() == ("", "")


def test_a_file_that_is_not_there(tmp_path):
    for look in (examine_here, *([examine_apart] if child.has_children() else [])):
        with pytest.raises(WheelError, match="No such file or directory"):
            look(str(tmp_path / GOOD), Job(), nothing)


def test_a_thread_starts_no_child(wheel, monkeypatch, capsys):
    found = []
    thread = threading.Thread(target=lambda: found.append(child.has_children()))
    thread.start()
    thread.join()
    assert found == [False]
    monkeypatch.setattr("sys.platform", "win32")
    assert not child.has_children()
    assert main(["doctor", str(wheel)]) == 0


@linux
@pytest.mark.parametrize(("what", "key"), [(examine, "report"), (littering, "error")])
def test_what_the_child_does(wheel, monkeypatch, what, key):
    """Do the child's part in this process, where everything that it changes is put back."""

    class Ended(BaseException):
        pass

    def end(status):
        raise Ended(status)

    temporary = tempfile.gettempdir()
    monkeypatch.setenv("TMPDIR", temporary)
    monkeypatch.setattr(child, "examine", what)
    monkeypatch.setattr(child, "_limit", nothing)
    monkeypatch.setattr("os._exit", end)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    receiving, sending = os.pipe()
    with pytest.raises(Ended, match="0"):
        child._work_and_end(str(wheel), SMALL, str(wheel.parent), sending)
    os.close(sending)
    answer = child._listen(receiving, nothing)
    os.close(receiving)
    assert key in answer
    assert tempfile.tempdir == os.environ["TMPDIR"] == str(wheel.parent)


@linux
@pytest.mark.parametrize("hard", [-1, 50])
def test_the_limits_that_the_child_sets(monkeypatch, hard):
    import resource

    assert resource.RLIM_INFINITY == -1
    limits, timers = {}, []
    monkeypatch.setattr("resource.getrlimit", lambda which: (hard, hard))
    monkeypatch.setattr("resource.setrlimit", lambda which, pair: limits.update({which: pair}))
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("signal.setitimer", lambda which, seconds: timers.append((which, seconds)))
    child._limit(Job(seconds=None, memory=None))
    assert limits == {resource.RLIMIT_CORE: (0, hard)}
    assert timers == []
    child._limit(Job(seconds=10.5, memory=1000))
    assert limits[resource.RLIMIT_DATA] == (min(1000, hard) if hard > 0 else 1000, hard)
    assert limits[resource.RLIMIT_CPU] == (12, hard)
    assert timers == [(signal.ITIMER_REAL, 106)]
