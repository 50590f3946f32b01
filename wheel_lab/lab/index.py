"""A package index of one's own, on this machine alone: pypiserver, for as long as the process that started it lives.

It listens on 127.0.0.1, on a port that is free. Everybody here may install from it; to upload, one needs a name and a
password, which are new each time. Its clients get their settings from the environment, so that no ``~/.pypirc``, no
pip configuration and no keyring is read or written.

pypiserver cannot yank a release (its issue 555, open since March 2024; 2.4.2 of September 2026 does not, either). To
yank is to put the attribute ``data-yanked`` on a file's link
(https://packaging.python.org/en/latest/specifications/simple-repository-api/, read November 2026), and that is done
here, to the page as it is served, from what ``yanked.txt`` in the index's folder says.
"""

import contextlib
import fnmatch
import html
import json
import os
import re
import secrets
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from wheel_lab.lab import environment

__all__ = ["YANKED", "Index", "clients", "main", "serve", "start"]

HOST = "127.0.0.1"
YANKED = "yanked.txt"
LOG = ".index.log"  # pypiserver passes over a file whose name begins with a dot
LINK = re.compile(r'<a href="([^"]*)">([^<]+)</a>')
# What a learner, or a machine of CI, may have set for the clients of another index.
FOREIGN = ("PIP_", "TWINE_", "UV_")

_running: list["Index"] = []  # of this kernel


@dataclass(frozen=True)
class Index:
    """A running index: its `folder`, what else it serves (`more`), its `address`, and who may upload."""

    folder: Path
    more: tuple[Path, ...]
    address: str
    user: str
    password: str = field(repr=False)
    _process: subprocess.Popen[str] = field(repr=False, compare=False)

    def __str__(self) -> str:
        folders = " and ".join(path.name for path in (self.folder, *self.more))
        return f"an index at {self.simple} with what is in {folders}; {self.user} may upload"

    @property
    def simple(self) -> str:
        """The address that pip is given."""
        return f"{self.address}/simple/"

    def files(self) -> tuple[str, ...]:
        """Return the names of the files that were uploaded, sorted."""
        kinds = (".whl", ".tar.gz")
        return tuple(sorted(path.name for path in self.folder.iterdir() if path.name.endswith(kinds)))

    def stop(self) -> None:
        """End the server; what was uploaded stays in the folder."""
        for pipe in filter(None, (self._process.stdin, self._process.stdout)):
            pipe.close()
        self._process.wait()


def clients(index: Index, base: Mapping[str, str]) -> dict[str, str]:
    """Return the variables `base` with those that make pip and twine know this index, and no other.

    Parameters
    ----------
    index
        A running index.
    base
        The variables to start from, ``os.environ`` as a rule. None of pip, twine and uv in it stays.
    """
    kept = {name: value for name, value in base.items() if not name.startswith(FOREIGN)}
    return kept | _settings(index, base)


def _settings(index: Index, base: Mapping[str, str]) -> dict[str, str]:
    others = (base.get("no_proxy") or base.get("NO_PROXY") or "").split(",")
    direct = ",".join([*(name for name in others if name not in ("", HOST)), HOST])
    return {
        "PIP_INDEX_URL": index.simple,
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_KEYRING_PROVIDER": "disabled",
        "PIP_NO_CACHE_DIR": "1",
        "PIP_NO_INPUT": "1",
        "PIP_RETRIES": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
        "PIP_PROGRESS_BAR": "off",
        "TWINE_REPOSITORY_URL": f"{index.address}/",  # with this, twine does not open ~/.pypirc
        "TWINE_USERNAME": index.user,
        "TWINE_PASSWORD": index.password,
        "TWINE_NON_INTERACTIVE": "1",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "NETRC": os.devnull,  # a default entry in ~/.netrc would be sent to any server
        "no_proxy": direct,
        "NO_PROXY": direct,
    }


# --- starting and ending it ------------------------------------------------------------------------------------------


def _launch(folder: str | Path, more: tuple[str | Path, ...]) -> Index:
    root = Path(folder).absolute()
    root.mkdir(parents=True, exist_ok=True)
    others = tuple(Path(one).absolute() for one in more)
    for other in others:
        if not other.is_dir():
            raise FileNotFoundError(f"there is no folder {other.name} to serve")
    user, password = "learner", secrets.token_urlsafe(16)
    # -P: nothing in the current folder is imported. In a session of its own the interrupt of a cell does not reach it.
    command = [sys.executable, "-P", "-m", "wheel_lab.lab.index", str(root), *map(str, others)]
    with (root / LOG).open("w") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
        )
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError):  # it has ended, and the next line says so
        process.stdin.write(json.dumps([user, password]) + "\n")
        process.stdin.flush()
    address = process.stdout.readline().strip()
    if not address:
        process.wait()
        words = (root / LOG).read_text(errors="replace").strip().splitlines() or ["no word"]
        raise RuntimeError(f"the index did not start: {words[-1]}")
    return Index(root, others, address, user, password, process)


@contextlib.contextmanager
def serve(folder: str | Path, *more: str | Path) -> Iterator[Index]:
    """Run an index for the length of a ``with``, and change nothing in this process; see :func:`clients`.

    Parameters
    ----------
    folder
        Where uploaded files go; it is made when it is not there, and served.
    *more
        Folders of files that are served as well.

    Raises
    ------
    FileNotFoundError
        One of `more` is not there.
    RuntimeError
        The server did not start; the message ends in its own last line.
    """
    index = _launch(folder, more)
    try:
        yield index
    finally:
        index.stop()


def start(folder: str | Path, *more: str | Path) -> Index:
    """Run an index until this kernel ends, and let every command that follows know it, and no other.

    Called again, for the same folder or another, it ends the index that it has started before. See :func:`serve` for
    the parameters, and for what it raises.
    """
    while _running:
        _running.pop().stop()
    index = _launch(folder, more)
    _running.append(index)
    environment.add(_settings(index, os.environ), without=FOREIGN)
    return index


# --- the server, a process of its own --------------------------------------------------------------------------------


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Bind without asking for the name of this machine, which takes seconds where there is no network."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]  # bytes, says the stub
        self.setup_environ()


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Keep no record of requests."""


def _yanking(folder: Path) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a plugin for pypiserver's pages that marks the links of the files which ``yanked.txt`` names.

    Each line of it has the name of a file, in which ``*`` stands for anything, and after a space the reason.
    """

    def mark(link: re.Match[str]) -> str:
        href, name = link.groups()
        lines = (folder / YANKED).read_text(encoding="utf-8").splitlines()
        for pattern, _, reason in (line.strip().partition(" ") for line in lines):
            if fnmatch.fnmatchcase(html.unescape(name), pattern):
                return f'<a href="{href}" data-yanked="{html.escape(reason.strip())}">{name}</a>'
        return link[0]

    def plugin(callback: Callable[..., Any]) -> Callable[..., Any]:
        def page(*args: Any, **kwargs: Any) -> Any:
            made = callback(*args, **kwargs)
            return LINK.sub(mark, made) if isinstance(made, str) and (folder / YANKED).exists() else made

        return page

    return plugin


def main(folders: list[str]) -> None:
    """Serve the folders, the first of which takes uploads, until standard input is closed.

    It reads a name and a password from the first line of its input, and prints its address. The other end of that
    pipe is held by the process that started it alone; when that one ends, in whatever way, the input ends.
    """
    import pypiserver  # type: ignore[import-untyped]

    known = json.loads(sys.stdin.readline())
    app = pypiserver.app(
        roots=[Path(folder) for folder in folders],
        authenticate=["update"],
        auther=lambda user, password: secrets.compare_digest(json.dumps([user, password]), json.dumps(known)),
        disable_fallback=True,  # else it would send pip to the public index for what it does not have
        hash_algo="sha256",
        backend_arg="simple-dir",
    )
    app.install(_yanking(Path(folders[0])))
    with make_server(HOST, 0, app, server_class=_Server, handler_class=_Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"http://{HOST}:{server.server_port}", flush=True)
        sys.stdin.read()
        os._exit(0)  # without waiting for a client that is slow


if __name__ == "__main__":
    main(sys.argv[1:])
