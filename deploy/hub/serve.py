"""Serve the lab to a room: JupyterHub in front of one container for each learner. `make hub` runs this.

    python deploy/hub/serve.py              start the hub; Ctrl-C stops it, and the learners' servers go on
    python deploy/hub/serve.py prepare      only install what it needs
    python deploy/hub/serve.py stop         end the learners' servers; their files stay
    python deploy/hub/serve.py desk         offer the pages as they are now, and print the link that brings them
    python deploy/hub/serve.py progress     which exercises are done, by name (in a room that was started with it)
    python deploy/hub/serve.py volume NAME  make the volume of one learner (the hub does that)

What outlives a run is in ``.lab/hub/<room>``, and in the engine's volumes, whose names begin with the room's.
"""

import argparse
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from engine import CannotServe, Room, find_engine, run, works
from pages import Pages, summary

HERE = Path(__file__).resolve().parent
STATE = HERE.parents[1] / ".lab" / "hub"  # a folder for each room, and the proxy
HUB_PORT, GIT_PORT = 8081, 8082  # on the bridge that only the learners' containers are connected to
WORDS = (
    "amber basil cedar daisy elder fern ginger hazel iris juniper kelp laurel maple nettle olive poppy quince rowan "
    "sage tulip umber violet willow yarrow"
)


def say(text: str) -> None:
    """Tell the facilitator something."""
    print(f"wheel lab hub: {text}", flush=True)


# --- what the room needs ---------------------------------------------------------------------------------------------


def install_proxy() -> Path:
    """Install the proxy from its lock, once, and return its program."""
    place = STATE / "proxy"
    program = place / "node_modules" / ".bin" / "configurable-http-proxy"
    locks = [folder / "package-lock.json" for folder in (HERE, place)]
    if not program.exists() or locks[0].read_bytes() != locks[1].read_bytes():
        if not shutil.which("npm"):
            raise CannotServe("the proxy needs npm. On Debian or Ubuntu: sudo apt install nodejs npm")
        say("installing the proxy, once")
        place.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, place)
        run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=place)
    return program


def secret(state: Path, name: str, fresh: str) -> str:
    """Return a secret that stays the same from run to run, `fresh` the first time."""
    kept = state / name
    if not kept.exists():
        with open(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(fresh)
    return kept.read_text().strip()


def word_of_the_room(state: Path, given: str | None) -> str:
    """Return the word that lets learners in: the given one, that of the last run, or a new one."""
    if given:
        if len(given) < 8:
            raise CannotServe("the word needs eight characters or more; three or four ordinary words do well")
        (state / "word").unlink(missing_ok=True)
    return secret(state, "word", given or "-".join(secrets.choice(WORDS.split()) for _ in range(4)))


# --- running it ------------------------------------------------------------------------------------------------------


def serve(room: Room, given: argparse.Namespace) -> None:
    """Start engine, proxy and hub, and keep them running until a signal comes."""
    if bool(given.certificate) != bool(given.key):
        raise CannotServe("--certificate and --key belong together")
    if not works(room.engine, "image", "inspect", given.image):
        raise CannotServe(f"there is no image {given.image} here. Make it first: make image-build")
    proxy = install_proxy()
    room.prepare_network(given.image)
    pages = Pages(room.state / "pages")
    pages.offer()
    word = word_of_the_room(room.state, given.word)
    names = Path(given.names).read_text().split() if given.names else []
    progress = "yes" if given.progress else "no"
    (room.state / "progress").write_text(progress)
    hub = f"http://{room.gateway}:{HUB_PORT}"
    chosen = {
        "ROOM": room.name, "ROOM_STATE": room.state, "ROOM_NAMES": " ".join(names), "ROOM_GATEWAY": room.gateway,
        "ROOM_HUB_PORT": HUB_PORT, "ROOM_BIND": given.bind, "ROOM_PORT": given.port, "ROOM_PROXY_PORT": given.port + 1,
        "ROOM_IMAGE": given.image, "ROOM_MEMORY": given.memory, "ROOM_CPUS": given.cpus,
        "ROOM_PROGRESS": progress,
        "ROOM_VOLUME": json.dumps([sys.executable, __file__, *room_arguments(given), "volume"]),
        "ENGINE": room.engine, "CONFIGPROXY_AUTH_TOKEN": secret(room.state, "proxy_token", secrets.token_hex(32)),
        "JUPYTERHUB_API_TOKEN": secret(room.state, "culler_token", secrets.token_hex(32)),
        "JUPYTERHUB_API_URL": f"{hub}/hub/api",
    }  # fmt: skip
    environment = os.environ | {name: str(value) for name, value in chosen.items()}
    private = Path(tempfile.mkdtemp(prefix="wheel-lab-hub-"))  # the path of a socket may have 107 bytes at most
    commands: dict[str, list[str]] = {}
    if room.engine == "podman":
        environment["DOCKER_HOST"] = f"unix://{private / 'engine'}"
        commands["engine"] = ["podman", "system", "service", "--time=0", environment["DOCKER_HOST"]]
    commands["proxy"] = [
        str(proxy), f"--ip={given.bind}", f"--port={given.port}", "--api-ip=127.0.0.1", f"--api-port={given.port + 1}",
        f"--default-target={hub}", f"--error-target={hub}/hub/error", "--log-level=warn",
        *([f"--ssl-cert={given.certificate}", f"--ssl-key={given.key}"] if given.certificate else []),
    ]  # fmt: skip
    commands["hub"] = [sys.executable, "-m", "jupyterhub", "--config", str(HERE / "jupyterhub_config.py")]
    commands["culler"] = [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={given.idle}"]
    # Pages are what anyone may read: a plain server of files will do.
    commands["pages"] = [sys.executable, "-m", "http.server", str(GIT_PORT), f"--bind={room.gateway}",
                        f"--directory={pages.served}"]  # fmt: skip
    say(f"{address_of(given)} lets in {'the names on the list' if names else 'any name'} with the word {word}")
    try:
        keep_running(commands, environment, room.state)
    finally:
        shutil.rmtree(private, ignore_errors=True)
        say("stopped. The learners' servers go on: `make hub` takes them up again, `make hub-stop` ends them")


def address_of(given: argparse.Namespace) -> str:
    """Return the address where learners connect."""
    return f"{'https' if given.certificate else 'http'}://{given.bind}:{given.port}/"


def keep_running(commands: dict[str, list[str]], environment: dict[str, str], folder: Path) -> None:
    """Run commands side by side in a folder until a signal comes; what ends by itself is started again.

    Raises
    ------
    CannotServe
        One of them ends within five seconds of its start.
    """
    wanted = True

    def stop(*_: object) -> None:
        nonlocal wanted
        wanted = False

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    running: dict[str, subprocess.Popen[bytes]] = {}
    started: dict[str, float] = {}
    try:
        while wanted:
            for name, command in commands.items():
                if name in running:
                    if running[name].poll() is None:
                        continue
                    if time.monotonic() - started[name] < 5:
                        raise CannotServe(f"the {name} ends as soon as it starts; what it said stands above")
                    say(f"the {name} ended with status {running[name].returncode}, and is started again")
                # In a group of its own: Ctrl-C reaches this program alone, which then ends the others in order.
                running[name] = subprocess.Popen(command, env=environment, cwd=folder, start_new_session=True)
                started[name] = time.monotonic()
                time.sleep(1)
            time.sleep(0.5)
    finally:
        for process in reversed(running.values()):
            process.terminate()
        for process in running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


# --- how far the room is ---------------------------------------------------------------------------------------------


def show_progress(room: Room) -> None:
    """Print which exercises are done, a line for each learner who is here."""
    if not (room.state / "progress").exists() or (room.state / "progress").read_text() != "yes":
        raise CannotServe("this room was started without it, and learners were not told: make hub HUB_ARGS=--progress")
    for learner in room.learners():
        print(f"{learner:32} {summary(room.read(learner, 'desk/.progress.json'))}")


def room_arguments(given: argparse.Namespace) -> list[str]:
    """Return the arguments that name the same room again."""
    return ["--room", given.room, "--subnet", given.subnet, "--files", str(given.files)]


def main() -> None:
    """Read the command line, and do what it asks."""
    parser = argparse.ArgumentParser(description="Serve the lab to a room.")
    parser.add_argument(
        "--port", type=int, default=8000, help="where learners connect; the next one is the proxy's own"
    )
    parser.add_argument(
        "--bind", default="127.0.0.1", help="address to listen on; 0.0.0.0 opens the room to the network"
    )
    parser.add_argument("--certificate", type=os.path.abspath, help="TLS certificate with its chain (PEM)")
    parser.add_argument("--key", type=os.path.abspath, help="the certificate's key (PEM)")
    parser.add_argument("--word", help="what lets learners in (default: four words, made up once)")
    parser.add_argument("--names", help="a file with the names that are let in (default: any name)")
    parser.add_argument("--image", default="localhost/wheel-lab", help="the lab's image")
    parser.add_argument("--memory", default="2G", help="memory of each learner")
    parser.add_argument("--cpus", type=float, default=2, help="processors that one learner can use at most")
    parser.add_argument("--files", type=float, default=2, help="gigabytes of files that one learner can keep (podman)")
    parser.add_argument("--idle", type=int, default=3600, help="seconds after which an unused server ends")
    parser.add_argument("--progress", action="store_true", help="the facilitator can see who has done which exercises")
    parser.add_argument("--room", default="wheel-lab-room", help="begins the names of network, containers and volumes")
    parser.add_argument("--subnet", default="10.89.77", help="first three numbers of the containers' addresses")
    commands = parser.add_subparsers(dest="command")
    for name in ("prepare", "stop", "desk", "progress"):
        commands.add_parser(name)
    commands.add_parser("volume").add_argument("volume")
    given = parser.parse_args()
    try:
        os.umask(0o077)
        STATE.mkdir(parents=True, exist_ok=True)
        room = Room(given.room, given.subnet, STATE / given.room, find_engine())
        if given.command == "prepare":
            install_proxy()
            return
        room.state.mkdir(exist_ok=True)
        if given.command == "stop":
            ended = room.end()
            say(f"ended {ended} server{'s' * (ended != 1)}; the files stay, in the volumes {room.name}-…")
        elif given.command == "desk":
            pages = Pages(room.state / "pages")
            pages.offer()
            say(f"this link brings the pages as they are now: {pages.link(address_of(given), room.gateway, GIT_PORT)}")
        elif given.command == "progress":
            show_progress(room)
        elif given.command == "volume":
            room.make_volume(given.volume, given.files)
        else:
            serve(room, given)
    except CannotServe as reason:
        sys.exit(f"wheel lab hub: {reason}")


if __name__ == "__main__":
    main()
