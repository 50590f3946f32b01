"""What the room asks of podman or docker: its network, its volumes, its containers."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CannotServe", "Room", "find_engine", "run", "works"]

UID = "1000"  # the image's user; see binder/Dockerfile


class CannotServe(Exception):
    """The room cannot be served; the message says why, and what to do."""


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """Return what a command printed; raise :class:`CannotServe` with its last line when it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=cwd)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()[-1]
        raise CannotServe(f"{' '.join(str(part) for part in command[:3])} failed: {said}")
    return done.stdout


def works(*command: str) -> bool:
    """Tell whether a command is there and ends well."""
    return bool(shutil.which(command[0])) and subprocess.run(command, capture_output=True).returncode == 0


def find_engine() -> str:
    """Return ``podman`` or ``docker``: what ENGINE names, or the first that works here."""
    asked = os.environ.get("ENGINE")
    engine = next((one for one in ([asked] if asked else ["podman", "docker"]) if works(one, "info")), None)
    if engine is None:
        raise CannotServe("neither podman nor docker works here. On Debian or Ubuntu: sudo apt install podman")
    if engine == "podman" and os.geteuid():
        raise CannotServe(
            "for an ordinary user podman makes no network that the hub can reach. Run it as root (sudo make hub), "
            "or use docker (make hub ENGINE=docker)"
        )
    return engine


@dataclass(frozen=True)
class Room:
    """One room on this machine.

    Attributes
    ----------
    name
        Begins the name of all that the room has in the engine: network, containers and volumes.
    subnet
        First three numbers of the addresses that its containers get, such as ``10.89.77``.
    state
        Folder with what the room keeps outside of the engine.
    engine
        ``podman`` or ``docker``.
    """

    name: str
    subnet: str
    state: Path
    engine: str

    @property
    def gateway(self) -> str:
        """The address of this machine on the room's network."""
        return f"{self.subnet}.1"

    def prepare_network(self, image: str) -> None:
        """Make the network that leads to the hub and nowhere else."""
        if not works(self.engine, "network", "inspect", self.name):
            # docker can also keep containers from one another; podman cannot.
            apart = (
                ("--opt", "com.docker.network.bridge.enable_icc=false")
                if self.engine == "docker"
                else ("--disable-dns",)
            )
            run(self.engine, "network", "create", "--internal", "--subnet", f"{self.subnet}.0/24", "--gateway",
                self.gateway, *apart, self.name)  # fmt: skip
        # podman takes the bridge away with the last container, and the hub listens on it before anyone has come.
        if not run(self.engine, "ps", "--quiet", "--filter", f"name=^{self.name}$").strip():
            subprocess.run([self.engine, "rm", "--force", self.name], capture_output=True)
            run(self.engine, "run", "--detach", "--name", self.name, "--network", self.name, "--memory", "64m",
                "--read-only", "--cap-drop", "all", image, "sleep", "infinity")  # fmt: skip

    def make_volume(self, name: str, gigabytes: float) -> None:
        """Make the volume for a learner's files, unless there is one; podman can give it a size."""
        if works(self.engine, "volume", "inspect", name):
            return
        if self.engine == "docker":
            run("docker", "volume", "create", name)
            return
        disk = self.state / "files" / f"{name}.img"
        if not disk.exists():
            disk.parent.mkdir(parents=True, exist_ok=True)
            fresh = disk.with_suffix(".new")
            fresh.write_bytes(b"")
            os.truncate(fresh, int(gigabytes * (1 << 30)))  # it takes up only what is written to it
            run("mkfs.ext4", "-q", "-F", "-E", f"root_owner={UID}:{UID}", fresh)
            run("debugfs", "-w", "-R", "rmdir lost+found", fresh)
            fresh.rename(disk)
        run("podman", "volume", "create", "--opt", "type=ext4", "--opt", f"device={disk}", "--opt",
            "o=loop,nosuid,nodev", name)  # fmt: skip

    def learners(self) -> list[str]:
        """Return the names of the learners whose servers run, as the engine spells them."""
        prefix = f"{self.name}-"
        names = run(self.engine, "ps", "--filter", f"name=^{prefix}", "--format", "{{.Names}}").split()
        return sorted(name.removeprefix(prefix) for name in names)

    def read(self, learner: str, file: str) -> str:
        """Return the first 64 kB of a file in a learner's container; "" when there is none."""
        command = [self.engine, "exec", f"{self.name}-{learner}", "head", "--bytes=65536", file]
        return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=20).stdout

    def end(self) -> int:
        """End the learners' servers and take the network away; return how many there were. Their files stay."""
        ended = self.learners()
        for name in [*(f"{self.name}-{learner}" for learner in ended), self.name]:
            subprocess.run([self.engine, "rm", "--force", "--time", "5", name], capture_output=True)
        subprocess.run([self.engine, "network", "rm", self.name], capture_output=True)
        return len(ended)
