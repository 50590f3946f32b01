"""What costs too much is refused: the size, the ratio, the members, the directory and the time."""

import pytest
from hostile_zip import MB, SOUND, Entry, bomb, kinds, wheel

from wheel_lab import limits as module
from wheel_lab.binaries import elf
from wheel_lab.wheelfile import Limits, WheelError, open_wheel


def test_limits_of_size(tmp_path):
    path = wheel(tmp_path, Entry("tiny/a", bytes(1000)), SOUND)
    with open_wheel(path, limits=Limits(member_size=999)) as opened:
        assert kinds(opened.problems) == [("tiny/a", "size")]
        with pytest.raises(WheelError, match="1,000 bytes large, and the limit is 999") as caught:
            opened.head(opened.members[0], 4)
        assert caught.value.limit == "member_size"
        assert opened.read(opened.members[1]) == SOUND.data
    with open_wheel(path) as opened:
        with pytest.raises(WheelError, match="at most 999 are read") as caught:
            opened.read(opened.members[0], at_most=999)
        assert caught.value.problem.kind == "size"
        assert opened.read(opened.members[0], at_most=1000) == bytes(1000)
    with open_wheel(path) as opened:
        total = sum(member.size for member in opened.members)
    open_wheel(path, limits=Limits(total_size=total)).close()
    with pytest.raises(WheelError, match=f"unpacks to {total:,} bytes") as caught:
        open_wheel(path, limits=Limits(total_size=total - 1))
    assert caught.value.limit == "total_size"
    # What is refused by itself does not count, or it would hide the others.
    open_wheel(path, limits=Limits(total_size=total - 1, member_size=999)).close()


def test_limit_of_ratio(tmp_path):
    path = wheel(tmp_path, bomb("tiny/bomb", b"", 17 * MB), bomb("tiny/small", b"", 15 * MB))
    with open_wheel(path) as opened:
        assert kinds(opened.problems) == [("tiny/bomb", "ratio")]
        with pytest.raises(WheelError, match="more than 200 to 1") as caught:
            opened.read(opened.members[0])
        assert caught.value.limit == "ratio"
        assert len(opened.read(opened.members[1])) == 15 * MB
    with open_wheel(path, limits=Limits(ratio=None)) as opened:
        assert len(opened.read(opened.members[0])) == 17 * MB


def test_limit_of_members(tmp_path):
    path = wheel(tmp_path, *(Entry(f"tiny/{number}") for number in range(6)))
    with open_wheel(path, limits=Limits(members=10)) as opened:
        assert len(opened.members) == 10
    for limits in (Limits(members=9), Limits(members=0)):
        with pytest.raises(WheelError, match="more than") as caught:
            open_wheel(path, limits=limits)
        assert caught.value.limit == "members"
    open_wheel(path, limits=Limits(members=None)).close()


def test_content_that_looks_like_a_directory(tmp_path):
    path = wheel(tmp_path, Entry("tiny/a", b"PK\x01\x02" * 100_000, method=0))
    with open_wheel(path, limits=Limits(members=10)) as opened:
        assert len(opened.read(opened.members[0])) == 400_000


def test_limit_of_the_directory(tmp_path, monkeypatch):
    path = wheel(tmp_path, Entry("tiny/a", comment=bytes(60_000)))
    open_wheel(path).close()
    monkeypatch.setattr(module, "DIRECTORY", 50_000)
    with pytest.raises(WheelError) as caught:
        open_wheel(path)
    assert caught.value.limit == "members"


def test_limit_of_time(tmp_path, monkeypatch):
    path = wheel(tmp_path, Entry("tiny/a", bytes(range(256)) * 4096, method=0))
    now = [0.0]
    monkeypatch.setattr("time.process_time", lambda: now[0])
    with open_wheel(path, limits=Limits(seconds=5)) as opened, opened.open(opened.members[0]) as stream:
        chunks = opened.chunks(opened.members[0])
        next(chunks)
        now[0] = 5.0
        next(chunks)
        assert stream.read(1) == b"\0"
        now[0] = 5.1
        for late in (lambda: next(chunks), lambda: stream.read(1), lambda: opened.head(opened.members[0], 1)):
            with pytest.raises(WheelError, match="more than 5 seconds") as caught:
                late()
            assert (caught.value.limit, caught.value.problem) == ("seconds", None)
        with pytest.raises(WheelError, match="seconds"):
            elf.examine(opened)
    # What unpacks to much reads little, and is timed all the same.
    bombed = wheel(tmp_path, bomb("tiny/bomb", b"", 4 * MB))
    with open_wheel(bombed, limits=Limits(seconds=5)) as opened:
        chunks = opened.chunks(opened.members[0])
        next(chunks)
        now[0] += 6
        with pytest.raises(WheelError, match="seconds"):
            next(chunks)
    wheel(tmp_path, Entry("tiny/a", bytes(MB), method=0))
    with open_wheel(path, limits=Limits(seconds=None)) as opened:
        now[0] = 1e9
        assert len(opened.read(opened.members[0])) == MB


def test_work_counts_and_the_clock_only_when_it_takes_far_too_long(monkeypatch):
    work, clock = [0.0], [0.0]
    monkeypatch.setattr("time.process_time", lambda: work[0])
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    deadline = module.Deadline("a\n.whl", 30)
    work[0], clock[0] = 29, 299
    deadline.check()
    work[0] = 31
    with pytest.raises(WheelError, match=r"^a\\n\.whl takes more than 30 seconds of the processor's time$"):
        deadline.check()
    work[0], clock[0] = 29, 301
    with pytest.raises(WheelError, match="is not done after 300 seconds") as caught:
        deadline.check()
    assert caught.value.limit == "seconds"
    module.Deadline("a.whl", None).check()
