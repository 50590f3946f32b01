"""What people read on their screen, by the page that explains it: ``site/messages.toml``, and patterns for a search.

A search that wants every word finds nothing for a message that names someone else's files. So each message becomes a
pattern in which the names are left open; ``site/static/lookup.js`` holds what is typed against them.
"""

import json
import re
import tomllib
from dataclasses import dataclass
from typing import Any

from tools.notebooks import ROOT
from wheel_lab.doctor import RULES

__all__ = ["ASIDES", "Aside", "by_code", "plain", "script", "seen_in"]

FOUND: dict[str, Any] = tomllib.loads((ROOT / "site" / "messages.toml").read_text(encoding="utf-8"))
QUOTES = "'\"`\u2018\u2019\u201c\u201d"


@dataclass(frozen=True)
class Aside:
    """Messages that are about no defect of the file.

    Attributes
    ----------
    page
        The page on which they are explained, such as ``refused``.
    title, messages, why, fix
        What stands there.
    """

    page: str
    title: str
    messages: list[str]
    why: str
    fix: str

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return re.sub(r"[^a-z]+", "-", self.title.lower()).strip("-")


ASIDES = [Aside(**one) for one in FOUND.pop("aside")]


def by_code(code: str) -> list[str]:
    """Return the messages that lead to a finding."""
    return list(FOUND.get(code, {}).get("messages", ()))


def seen_in(code: str) -> list[str]:
    """Return the threads in which people met a finding, such as ``pypa/auditwheel#36``."""
    return list(FOUND.get(code, {}).get("seen", ()))


def plain(message: str) -> str:
    """Return a message as a reader sees it, with the names that differ in capitals."""
    return re.sub(r"{(\w+)}", lambda found: found[1].upper(), message.replace("<<", "").replace(">>", ""))


def pattern(message: str) -> str:
    """Return a regular expression, of Python and of JavaScript, for what tells in a message, wherever it stands.

    Names are left open, any white space and any quotation mark are as good as another, and case plays no part.
    """
    return ".{0,300}?".join("".join(map(_piece, re.split(r"({\w+}|\s+)", part))) for part in _told(message))


def _told(message: str) -> list[str]:
    return re.findall("<<(.*?)>>", message) or [message]


def _piece(text: str) -> str:
    if re.fullmatch(r"{\w+}", text):
        return r"\S.{0,300}?"
    if text.isspace():
        return r"\s+"
    return re.sub(f"[{QUOTES}]", f"[{QUOTES}]?", re.sub(r"[\\^$.|?*+()\[\]{}/]", r"\\\g<0>", text))


def script() -> str:
    """Return a script that holds, for each message, its pattern, its words, and the page with its title."""
    rows = []
    for code in FOUND:
        if code not in RULES:
            raise ValueError(f"site/messages.toml has {code}, and the doctor has no such rule")
        title = f"{code} {RULES[code].name}"
        rows += [(message, f"findings/{code}.html", title) for message in by_code(code)]
    rows += [(message, f"{one.page}.html#{one.anchor}", one.title) for one in ASIDES for message in one.messages]
    known = [
        {
            "pattern": pattern(message),
            "weight": len(re.sub(r"{\w+}|\s", "", "".join(_told(message)))),  # what it leaves open tells nothing
            "words": _words(message),
            "page": page,
            "title": title,
            "says": plain(message),
        }
        for message, page, title in rows
    ]
    return f"const MESSAGES = {json.dumps(known, indent=0)};\n"


def _words(message: str) -> list[str]:
    """Return the words of a message that are the same for everyone."""
    return sorted(set(re.findall(r"[a-z][a-z_.-]{3,}[a-z]", re.sub(r"{\w+}", " ", message).lower())))
