"""The pages that a room offers to its learners while it runs, and how far the learners are with them."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from engine import run

from wheel_lab.lab import desk, paths

__all__ = ["Pages", "summary"]

GIT = ("git", "-c", "user.name=Wheel Lab", "-c", "user.email=wheel-lab@localhost", "-c", "commit.gpgsign=false")


@dataclass(frozen=True)
class Pages:
    """A repository of the pages as they are handed out, from which nbgitpuller brings them to a learner.

    Attributes
    ----------
    folder
        Where it is kept.
    """

    folder: Path

    @property
    def served(self) -> Path:
        """The folder that learners may read."""
        return self.folder / "served"

    def offer(self) -> None:
        """Commit the pages as they would be handed out now, if they have changed."""
        repository, work = self.served / "desk.git", self.folder / "desk"
        if not repository.exists():
            run("git", "init", "--quiet", "--bare", "--initial-branch=desk", repository)
            run("git", "clone", "--quiet", repository, work)
        desk.lay(paths.PUBLISHED, work)
        run(*GIT, "add", "--all", cwd=work)
        if run("git", "status", "--porcelain", cwd=work):
            run(*GIT, "commit", "--quiet", "--message", "The pages as they are handed out", cwd=work)
            run("git", "push", "--quiet", "origin", "HEAD:desk", cwd=work)
            run("git", "update-server-info", cwd=repository)  # who only pulls can do with a plain server of files

    def link(self, address: str, gateway: str, port: int) -> str:
        """Return the link that brings the pages into the folder ``newer`` of a learner's desk, and opens it."""
        # With its whole history (depth=0), which is short: a plain server of files cannot cut it.
        what = {"repo": f"http://{gateway}:{port}/desk.git", "branch": "desk", "depth": "0",
                "targetPath": "desk/newer", "urlpath": "lab/tree/desk/newer"}  # fmt: skip
        return f"{address}hub/user-redirect/git-pull?{urlencode(what)}"


def summary(noted: str) -> str:
    """Return in a line how many exercises of which chapter are done; a learner may have written anything there."""
    try:
        done = {key: sum("done" in one for one in made.values()) for key, made in json.loads(noted).items()}
    except (ValueError, AttributeError, TypeError, RecursionError):
        done = {}
    told = [
        f"chapter {int(key)}: {count}"
        for key, count in sorted(done.items())
        if count and re.fullmatch(r"[0-9]{2}", key)
    ]
    return ", ".join(told) or "nothing yet"
