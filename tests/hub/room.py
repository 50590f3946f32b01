"""A room on this machine, as `make hub` starts it, with names of its own so that it disturbs no other."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import requests

from tests.hub.learners import Learner

ROOT = Path(__file__).resolve().parents[2]
SERVE = ROOT / "deploy" / "hub" / "serve.py"
WORD = "tests-are-fun"
PREFIX = ["--room", "wheel-lab-test-room", "--subnet", "10.89.78", "--files", "0.5"]
STATE = ROOT / ".lab" / "hub" / PREFIX[1]
IMAGE = os.environ.get("IMAGE", "localhost/wheel-lab")


def room_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run serve.py for the room of the tests."""
    return subprocess.run(
        [sys.executable, str(SERVE), *PREFIX, *arguments], capture_output=True, text=True, timeout=120
    )


def two_free_ports() -> int:
    """Return a port that is free, and whose successor is, too."""
    while True:
        with closing(socket.socket()) as one, closing(socket.socket()) as other:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            try:
                other.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


class Room:
    """The room of the tests: start it, stop it, kill a part of it."""

    def __init__(self, log: Path) -> None:
        self.log, self.port = log, two_free_ports()
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        """Start the hub, and wait until it answers."""
        command = [sys.executable, str(SERVE), *PREFIX, "--port", str(self.port), "--image", IMAGE, "--word", WORD]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([*command, *options], stdout=log, stderr=log)
        self.wait()

    def wait(self) -> None:
        """Wait until the hub answers, for two minutes at most."""
        for _ in range(240):
            try:
                if requests.get(f"{self.address}/hub/health", timeout=5).ok:
                    return
            except requests.ConnectionError:
                pass
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            time.sleep(0.5)
        raise AssertionError(self.log.read_text()[-3000:])

    def stop(self) -> None:
        """Stop the hub as Ctrl-C does; the learners' servers go on."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)

    def kill_hub(self) -> None:
        """Kill the hub as a lack of memory would; the program that started it starts it again."""
        assert self.process is not None
        hub = subprocess.run(["pgrep", "-f", "jupyterhub --config", "-P", str(self.process.pid)],
                             capture_output=True, text=True, check=True)  # fmt: skip
        os.kill(int(hub.stdout), signal.SIGKILL)

    def learner(self, name: str) -> Learner:
        """Return a learner who knows the word."""
        return Learner(self.address, name, WORD)


def take_away() -> None:
    """Take away all that the room of the tests has in the engine, and its files."""
    room_command("stop")
    engine = os.environ.get("ENGINE", "podman")
    named = subprocess.run(
        [engine, "volume", "ls", "--quiet", "--filter", f"name={PREFIX[1]}-"], capture_output=True, text=True
    )
    for volume in named.stdout.split():
        subprocess.run([engine, "volume", "rm", volume], capture_output=True)
    shutil.rmtree(STATE, ignore_errors=True)
