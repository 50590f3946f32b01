"""The pages of the website about findings, made from the doctor's own rules: ``findings/I101.md`` and so on."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from tools.notebooks import ROOT
from wheel_lab.doctor import RULES, Rule
from wheel_lab.doctor.findings import FAMILIES

MESSAGES: dict[str, dict[str, Any]] = tomllib.loads((ROOT / "site" / "messages.toml").read_text(encoding="utf-8"))
HEADINGS = {
    "index": ("Will the index take it?", "A package index refuses the upload, or writes to you about it."),
    "promise": (
        "Does it keep what its name promises?",
        "An installer believes the name, and the file does not keep it.",
    ),
    "import": ("Will it import?", "It installs, and then Python or the loader cannot load it."),
    "bill": ("What does it cost?", "It works, and is larger, or owes more, than it needs to."),
}
# A fix that is a command: (what stands before it): the command (a remark), or something else.
COMMAND = re.compile(
    r"(?:(?P<before>[^:()]+): )?(?P<command>(?:python -m|auditwheel|delvewheel|delocate-wheel) [^(;]*?)"
    r"(?: \((?P<remark>.*?)\))?(?:[,;] (?P<after>.*))?"
)


def pages() -> Iterator[tuple[str, str]]:
    """Return the pages, as (name without suffix, text in MyST)."""
    yield "findings/index", overview()
    yield "refused", refused()
    for rule in RULES.values():
        yield f"findings/{rule.code}", page(rule)


def overview() -> str:
    """Return the page that lists all findings."""
    lines = [
        "# Look up a message",
        "",
        "Search for the words on your screen, or for the code in the doctor's report.",
        "",
    ]
    for letter, family in FAMILIES.items():
        rules = [rule for rule in RULES.values() if rule.code[0] == letter]
        if rules:
            heading, sentence = HEADINGS[family]
            lines += [f"## {heading}", "", sentence, "", "| code | name | level |", "|---|---|---|"]
            lines += [f"| [{rule.code}]({rule.code}.md) | {rule.name} | {rule.level} |" for rule in rules]
            lines.append("")
    return "\n".join([*lines, "```{toctree}", ":hidden:", ":glob:", "", "[A-Z]*", "```", ""])


def page(rule: Rule) -> str:
    """Return the page about one rule."""
    known = MESSAGES.get(rule.code, {})
    lines = [
        "---",
        "myst:",
        "  html_meta:",
        f'    description: "{rule.code} {rule.name}: {spoken(rule.why)}"',
        "---",
        "",
    ]
    lines += [f"# {rule.code} {rule.name}", "", f"*{rule.level.capitalize()}.* {sentence(rule.what)}", ""]
    if messages := known.get("messages"):
        lines += ["## What you may have read", "", "```text", *messages, "```", ""]
    lines += ["## Why it matters", "", sentence(rule.why), "", "## What to do", "", *fix(rule.fix), ""]
    lines += ["## More", ""]
    if chapter := known.get("chapter"):
        lines.append(f"- [The chapter that shows it](../{chapter}.ipynb)")
    lines.append(f"- [Where the rule is explained]({rule.reference})")
    lines.append(f"- Where it was read: {rule.source}")
    for thread in known.get("seen", ()):
        project, _, number = thread.partition("#")
        lines.append(f"- [{thread}](https://github.com/{project}/issues/{number})")
    return "\n".join([*lines, ""])


def refused() -> str:
    """Return the page that an index could link to from its message: each refusal, in order, with its fix."""
    lines = [
        "---", "myst:", "  html_meta:",
        "    description: Why a package index refuses a wheel, and what to do about each refusal.", "---", "",
        "# Why was my file refused?", "",
        "A package index refuses a file that installers could not use, or that two of them would read in two ways. "
        "Find what the message says, and do what stands beside it. To check a file before you upload it:", "",
        "```bash", "pip install wheel-lab", "wheel-lab doctor dist/*", "```", "",
    ]  # fmt: skip
    for rule in RULES.values():
        if rule.code[0] == "I" and rule.level == "error":
            lines += [f"## {sentence(rule.what, stop=False)}", ""]
            for message in MESSAGES.get(rule.code, {}).get("messages", ()):
                lines += ["```text", message, "```", ""]
            lines += [
                f"{sentence(rule.why)}",
                "",
                *fix(rule.fix),
                "",
                f"[{rule.code} {rule.name}](findings/{rule.code}.md)",
                "",
            ]
    return "\n".join(lines)


def fix(template: str) -> list[str]:
    """Return what to do, with a command in a block of its own."""
    if not (parts := COMMAND.fullmatch(template)):
        return [sentence(template)]
    before = [f"{sentence(parts['before'], stop=False)}:", ""] if parts["before"] else []
    rest = [sentence(part) for part in (parts["remark"], parts["after"]) if part]
    return [*before, "```bash", spoken(parts["command"]), "```", "", " ".join(rest)]


def spoken(template: str) -> str:
    """Return a template with the names of what it is filled with, in capitals."""
    return re.sub(r"{(\w+)}", lambda match: match.group(1).upper(), template)


def sentence(template: str, stop: bool = True) -> str:
    """Return a template as a sentence of Markdown."""
    text = re.sub(r"([\\`*_{}\[\]<>$])", r"\\\1", spoken(template))
    return text[:1].upper() + text[1:] + ("." if stop else "")
