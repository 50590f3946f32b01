"""Learners who send what a person's browser sends: they log in, wait for a seat, open a chapter, run its cells."""

import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
import websocket

CHAPTER = "02_build_the_wheel.ipynb"
PATIENCE = 600  # seconds, for one learner's server or cell on a machine that serves forty


class Lost(Exception):
    """Something that a learner would have to call the facilitator for."""


@dataclass
class Learner:
    """One learner of a room.

    Attributes
    ----------
    address
        Where the room is, such as ``http://127.0.0.1:8000``.
    name, word
        What they log in with.
    """

    address: str
    name: str
    word: str
    session: requests.Session = field(default_factory=requests.Session)
    kernel: str = ""

    @property
    def home(self) -> str:
        """The address of this learner's own server."""
        return f"{self.address}/user/{self.name}"

    @property
    def xsrf(self) -> str:
        """What the own server wants to see beside its cookie."""
        return self.session.cookies.get("_xsrf", path=f"/user/{self.name}/") or ""

    def log_in(self) -> requests.Response:
        """Log in, and return the page that answers."""
        page = self.session.get(f"{self.address}/hub/login", timeout=PATIENCE)
        return self.session.post(
            f"{self.address}/hub/login?next=%2Fhub%2Fspawn",
            data={
                "username": self.name,
                "password": self.word,
                "_xsrf": self.session.cookies.get("_xsrf", path="/hub/"),
            },
            headers={"Referer": page.url},
            timeout=PATIENCE,
        )

    def sit(self) -> float:
        """Log in and wait until the own server answers; return the seconds that it took."""
        began = time.monotonic()
        answered = self.log_in()
        if answered.status_code >= 400:
            raise Lost(f"{self.name} is not let in: status {answered.status_code}")
        while time.monotonic() - began < PATIENCE:
            # A page first: it is there that the server asks the hub who this is.
            page = self.session.get(f"{self.home}/lab", timeout=PATIENCE)
            if page.ok and urlsplit(page.url).path.startswith(f"/user/{self.name}/lab"):
                return time.monotonic() - began
            time.sleep(1)
        raise Lost(f"{self.name} has no seat after {PATIENCE} s")

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """Ask the own server, and return what it answers."""
        answer = self.session.request(
            method, f"{self.home}/api/{path}", headers={"X-XSRFToken": self.xsrf}, timeout=PATIENCE, **options
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def open(self, notebook: str) -> list[str]:
        """Open a notebook of the desk in a fresh kernel, run its first cell, and return the code cells of it."""
        made = self.ask("POST", "sessions", json={"path": f"desk/{notebook}", "type": "notebook", "name": notebook,
                                                  "kernel": {"name": "python3"}})  # fmt: skip
        self.kernel = made["kernel"]["id"]
        cells = self.ask("GET", f"contents/desk/{notebook}")["content"]["cells"]
        sources = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
        self.run(sources[0])  # the others refuse to run before it
        return sources

    def run(self, code: str, patience: float = PATIENCE) -> str:
        """Run code in the kernel and return what it printed; :class:`Lost` when it fails."""
        place = f"{self.home.replace('http', 'ws', 1)}/api/kernels/{self.kernel}/channels?session_id={uuid.uuid4().hex}"
        cookies = "; ".join(f"{one.name}={one.value}" for one in self.session.cookies)
        channel = websocket.create_connection(place, timeout=PATIENCE, cookie=cookies, origin=self.address)
        channel.settimeout(5)
        asked = uuid.uuid4().hex
        header = {"msg_id": asked, "msg_type": "execute_request", "session": asked, "username": "", "version": "5.3"}
        content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False}
        channel.send(
            json.dumps({"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content})
        )
        printed, deadline = [], time.monotonic() + patience
        reply, idle = None, False  # they come on two channels, in either order
        try:
            while (reply is None or not idle) and time.monotonic() < deadline:
                try:
                    message = json.loads(channel.recv())
                except websocket.WebSocketTimeoutException:
                    continue  # the server's pings come more seldom than that, and would put off a longer one for ever
                content = message["content"]
                if message["msg_type"] == "status" and content["execution_state"] in ("restarting", "dead"):
                    raise Lost(f"{self.name}: the kernel died")
                if message["parent_header"].get("msg_id") != asked:
                    continue
                if message["msg_type"] == "stream":
                    printed.append(content["text"])
                elif message["msg_type"] == "execute_reply":
                    reply = content
                elif message["msg_type"] == "status":
                    idle = content["execution_state"] == "idle"
        finally:
            channel.close()
        if reply is None:
            raise Lost(f"{self.name}: the cell did not end within {patience} s")
        if reply["status"] != "ok":
            raise Lost(f"{self.name}: {reply.get('evalue', 'the cell was given up')}")
        return "".join(printed)

    def prepare(self) -> str:
        """Open chapter 2, run its cells up to the build, and return the source of the cell that builds."""
        cells = self.open(CHAPTER)
        build = next(number for number, cell in enumerate(cells) if "-m build" in cell)
        for cell in cells[1:build]:
            self.run(cell)
        return cells[build]
