"""Fuzz the doctor for a while, each round with other examples: ``make fuzz``, or ``python -m tools.fuzz SECONDS``.

A round that fails ends it, and prints the example and the seed that makes it again.
"""

import os
import secrets
import subprocess
import sys
import time

TESTS = ("tests/library/doctor/test_fuzz_doctor.py", "tests/library/test_any_bytes.py")
EXAMPLES = 1000  # for each test in a round, which then takes a minute or two


def main(seconds: float) -> int:
    """Run rounds until the time is over, and return 1 when one of them fails."""
    end, rounds = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        rounds += 1
        seed = secrets.randbelow(1 << 32)
        command = [sys.executable, "-m", "pytest", "-q", "-x", f"--hypothesis-seed={seed}", *TESTS]
        print(f"round {rounds}: WHEEL_LAB_FUZZ={EXAMPLES} {' '.join(command[1:])}", flush=True)
        if subprocess.run(command, env={**os.environ, "WHEEL_LAB_FUZZ": str(EXAMPLES)}).returncode:
            return 1
    print(f"after {rounds} of these: nothing but reports and WheelErrors")
    return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 600))
