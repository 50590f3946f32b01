"""JupyterHub for a room: each learner in a container of the lab's image. `make hub` starts it, by way of serve.py.

What the facilitator chooses comes in environment variables, which serve.py sets.
"""

import json
import os
import subprocess
from pathlib import Path

from dockerspawner import DockerSpawner

room = os.environ
state = Path(room["ROOM_STATE"])
c = get_config()  # noqa: F821  JupyterHub gives it

# --- who ---
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = (state / "word").read_text().strip()
names = set(room["ROOM_NAMES"].split())
if names:
    c.Authenticator.allowed_users = names
else:
    c.Authenticator.allow_all = True
# A name is part of the name of a container and of a volume, and a learner reads it on the page.
c.Authenticator.username_pattern = r"[a-z][a-z0-9-]{0,30}"

# --- where the parts listen: the proxy on the loopback (or where the facilitator says), the hub on the bridge that only
# the learners' containers are connected to ---
c.JupyterHub.bind_url = f"http://{room['ROOM_BIND']}:{room['ROOM_PORT']}"
c.JupyterHub.hub_ip = room["ROOM_GATEWAY"]
c.JupyterHub.hub_port = int(room["ROOM_HUB_PORT"])
c.ConfigurableHTTPProxy.should_start = False  # serve.py starts it, so that it outlives a hub that is restarted
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{room['ROOM_PROXY_PORT']}"

# --- what outlives the hub: its database and secrets, and the learners' containers with their kernels ---
c.JupyterHub.db_url = f"sqlite:///{state / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(state / "cookie_secret")
c.JupyterHub.cleanup_servers = False
c.JupyterHub.cleanup_proxy = False

# --- a learner's container ---
c.JupyterHub.spawner_class = DockerSpawner
c.DockerSpawner.image = room["ROOM_IMAGE"]
c.DockerSpawner.pull_policy = "never"
c.DockerSpawner.name_template = room["ROOM"] + "-{username}"
c.DockerSpawner.network_name = room["ROOM"]
c.DockerSpawner.remove = True
c.DockerSpawner.mem_limit = room["ROOM_MEMORY"]
c.DockerSpawner.cpu_limit = float(room["ROOM_CPUS"])
HOME = "/home/jovyan"
scratch = "rw,nosuid,nodev,mode=1777,size=256m"
c.DockerSpawner.extra_host_config = {
    # The image cannot be written to: what a learner writes goes into their volume, which has a size, or into memory,
    # which has a limit.
    "read_only": True,
    "tmpfs": {
        path: scratch for path in ("/tmp", *(f"{HOME}/{name}" for name in (".cache", ".ipython", ".jupyter", ".local")))
    },
    "pids_limit": 400,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    "memswap_limit": room["ROOM_MEMORY"],
}
# Forty people build the same sources within a minute: what the compiler made of them is in the image, by way of
# binder/Dockerfile. Each learner has a copy, so that nobody writes for others.
COMPILED = "/tmp/compiled"
c.Spawner.environment = {
    "SCCACHE_DIR": COMPILED,
    "SCCACHE_CACHE_SIZE": "64M",
    "SCCACHE_IGNORE_SERVER_IO_ERROR": "1",  # compile without the cache where its server does not start
}
# The desk is laid when a server starts: new chapters come with a new image, and what a learner has changed stays.
start = f"""
if [ -d /opt/lab/compiled ]; then  # an image of an older lab has neither this nor sccache
    cp -r /opt/lab/compiled {COMPILED}
    export CMAKE_CXX_COMPILER_LAUNCHER=sccache
fi
python3 -m wheel_lab.lab.desk && exec jupyterhub-singleuser "$@"
"""
c.DockerSpawner.cmd = ["sh", "-c", start, "learner"]
c.DockerSpawner.volumes = {room["ROOM"] + "-{username}": f"{HOME}/desk"}
c.Spawner.default_url = "/lab/tree/desk/00_start_here.ipynb"
c.Spawner.args = ["--KernelSpecManager.ensure_native_kernel=False"]
c.Spawner.start_timeout = c.Spawner.http_timeout = 300
# Nobody is turned away (status 429) when all come at once: a start takes longer then, and the page says so.
c.JupyterHub.concurrent_spawn_limit = 0


def make_volume(spawner: DockerSpawner) -> None:
    """Make a learner's volume on their first visit."""
    name = spawner.format_volume_name(room["ROOM"] + "-{username}", spawner)
    subprocess.run([*json.loads(room["ROOM_VOLUME"]), name], check=True, timeout=120)


c.Spawner.pre_spawn_hook = make_volume

# --- servers that nobody uses ---
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
# serve.py starts it: a hub that is killed leaves behind what it has started.
c.JupyterHub.services = [{"name": "idle-culler", "api_token": room["JUPYTERHUB_API_TOKEN"]}]

# --- what the pages say ---
name = "the name that you were given" if names else "a name of your choice"
told = f"Sign in with {name}, and the workshop's word as the password. The same name brings you back to your files."
if room["ROOM_PROGRESS"] == "yes":
    told += " In this room the facilitator can see which exercises are done, by name."
c.JupyterHub.template_vars = {"announcement": told}
