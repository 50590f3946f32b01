"""Run something in a process with a ceiling of memory, and say how much it took."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

CODE = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
from wheel_lab import archive, policies, wheelfile, zipform
from wheel_lab.binaries import elf
from wheel_lab.wheelfile import Limits, WheelError, open_wheel
path = sys.argv[1]
answer = None
{}
# The peak of this process alone: getrusage would count what the parent had when it forked.
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
print(json.dumps([answer, peak]))
"""


def measured(code: str, path: Path) -> tuple[Any, float]:
    """Run `code`, which sets `answer`, on the file `path`; return the answer and the peak memory in MB. Linux alone."""
    command = [sys.executable, "-c", CODE.format(code), path]
    done = subprocess.run(command, capture_output=True, text=True, cwd=path.parent)
    assert done.returncode == 0, done.stderr
    answer, peak = json.loads(done.stdout)
    return answer, peak
