"""The pages of the website about findings, made from the doctor's own rules: ``findings/I101.md`` and so on."""

import json
import re
import tomllib
from collections.abc import Iterator

from tools import messages
from tools.examples import Example
from tools.messages import plain
from tools.notebooks import FOLDER, ROOT, notebooks
from wheel_lab.doctor import RULES, Rule
from wheel_lab.doctor.findings import FAMILIES
from wheel_lab.views.report import COMMAND, pieces

__all__ = ["pages"]

HEADINGS = {
    "index": ("Will the index take it?", "A package index refuses the upload, or writes to you about it."),
    "promise": (
        "Does it keep what its name promises?",
        "An installer believes the name, and the file does not keep it.",
    ),
    "import": ("Will it import?", "It installs, and then Python or the loader cannot load it."),
    "bill": ("What does it cost?", "It works, and is larger, or owes more, than it needs to."),
}
# The chapters that teach what a finding is about, by the beginning of its code; the longest one counts.
CHAPTERS = {
    "I": ["03"], "I2": ["01", "03"], "I201": ["01", "05"], "I3": ["03", "11"], "I307": ["06", "11"], "I5": ["06"],
    "I6": ["11"], "P1": ["01", "03"], "P2": ["04", "07"], "P215": ["05"], "P3": ["10", "01"], "P31": ["10"],
    "P4": ["10"], "P5": ["10"], "P6": ["10"], "M1": ["04", "05"], "M2": ["04"], "M207": ["05"], "M3": ["04", "05"],
    "M304": ["04", "08"], "M308": ["08"], "M4": ["10"], "M5": ["10"], "M6": ["06"], "M601": ["12"], "B1": ["06"],
    "B2": ["03"], "B3": ["06", "11"],
}  # fmt: skip
# What the index looks at, in its order: (the beginning of the codes, a heading).
REFUSALS = (
    ("I3", "What METADATA says"),
    ("I5", "How large the file is"),
    ("I1", "How the archive is written"),
    ("I2", "What the file is called, and what belongs to the name"),
    ("I4", "What the wheel lists and offers"),
    ("I6", "Source distributions"),
)
INDEX, OURS = "the index", "wheel-lab doctor"  # among the tools that were tried


def pages(examples: dict[str, Example]) -> Iterator[tuple[str, str]]:
    """Return the pages, as (name without suffix, text in MyST).

    A rule's own sentences have holes for names; those of its example, which stand on the pages, have none.
    """
    yield "findings/index", overview(examples)
    yield "refused", refused(examples)
    named = named_by()
    for rule in RULES.values():
        yield f"findings/{rule.code}", page(rule, examples[rule.code], named.get(rule.code, []))


def head(description: str, *, alone: bool = False) -> list[str]:
    """Return the beginning of a page: what search engines show of it, and whether no list of pages has it.

    The list beside each page would be long with all findings in it, and the site slow to make.
    """
    return [
        "---",
        *(["orphan: true"] if alone else []),
        "myst:",
        "  html_meta:",
        f"    description: {json.dumps(description)}",
        "---",
        "",
    ]


def overview(examples: dict[str, Example]) -> str:
    """Return the page that lists all findings."""
    lines = [
        *head("Paste the message of a refused upload or a failed import, and read what it means and what to do."),
        "# Look up a message",
        "",
        "Paste what your screen says, with your own file names in it:",
        "",
        '<label for="message">Your message</label>',
        '<textarea id="message" rows="4" spellcheck="false" autocomplete="off"></textarea>',
        "",
        f"Or look for the code in the doctor's report: these are its {len(RULES)} findings. "
        "Is it the upload that failed? All refusals are on [one page](../refused.md).",
        "",
    ]
    for letter, family in FAMILIES.items():
        heading, sentence_ = HEADINGS[family]
        lines += [f"## {heading}", "", sentence_, "", "| code | name | level | for example |", "|---|---|---|---|"]
        for rule in (one for one in RULES.values() if one.code[0] == letter):
            what = sentence(examples[rule.code].finding.what)
            lines.append(f"| [{rule.code}]({rule.code}.md) | {rule.name} | {rule.level} | {what} |")
        lines.append("")
    lines += ["## It is not the file", "", *asides("findings/index")]
    return "\n".join(lines)


def page(rule: Rule, example: Example, named: list[str]) -> str:
    """Return the page about one rule."""
    found = example.finding
    lines = [*head(f"{rule.code} {rule.name}: {found.what}. {found.why}.", alone=True)]
    lines += [
        f"# {rule.code} {rule.name}",
        "",
        f"**{rule.level.capitalize()}.** For example: {sentence(found.what, start=False)}",
        "",
    ]
    if known := messages.by_code(rule.code):
        lines += ["## What you may have read", "", *quoted(known)]
    lines += ["## Why it matters", "", sentence(found.why), "", "## What to do", "", *fix(found.fix), ""]
    lines += [
        "## An example", "", "A file with this defect, and what the doctor said of it when this page was made:",
        "", ":::{div} example", "```text", example.said, "```", ":::", "",
    ]  # fmt: skip
    if named:
        lines += [f"Tools that name this too: {', '.join(named)}. [Which tool tells you what](../judges.md)", ""]
    lines += ["## Read more", ""]
    titles = {path.stem[:2]: path.stem for path in notebooks() if path.parent == FOLDER}
    key = max((key for key in CHAPTERS if rule.code.startswith(key)), key=len)
    lines += [f"- {{doc}}`../{titles[one]}`" for one in CHAPTERS[key] if one in titles]
    lines.append(f"- [The rule, or where it is argued]({rule.reference}). Read for this page: {rule.source}")
    threads = [f"[{one}](https://github.com/{one.replace('#', '/issues/')})" for one in messages.seen_in(rule.code)]
    if threads:
        lines.append(f"- People who met it: {', '.join(threads)}")
    return "\n".join([*lines, "- [All findings](index.md)", ""])


def refused(examples: dict[str, Example]) -> str:
    """Return the page that an index could link to from its message: each refusal, in order, with its fix."""
    lines = [
        *head("Why a package index refuses a wheel or a source distribution, and what to do about each refusal."),
        "# Why was my file refused?", "",
        "A package index refuses a file that installers could not use, or that two of them would read differently. "
        "Find your message below, in the order in which the index looks, and do what stands there. "
        "To check files before you upload them:", "",
        "```bash", "pip install wheel-lab", "wheel-lab doctor dist/*", "```", "",
    ]  # fmt: skip
    for start, heading in REFUSALS:
        lines += [f"## {heading}", ""]
        for rule in (one for one in RULES.values() if one.code.startswith(start) and refuses(one)):
            title = rule.name.replace("-", " ").capitalize()
            lines += [f"### [{title}](findings/{rule.code}.md)", "", *quoted(messages.by_code(rule.code))]
            found = examples[rule.code].finding
            lines += [
                f"For example: {sentence(found.what, start=False)}",
                "",
                sentence(found.why),
                "",
                *fix(found.fix),
                "",
            ]
    lines += ["## It is not the file", "", *asides("refused")]
    return "\n".join(lines)


def refuses(rule: Rule) -> bool:
    """Tell whether the index refuses the file, or writes to its owner about it."""
    return rule.level == "error" or bool(messages.by_code(rule.code))


def asides(place: str) -> list[str]:
    """Return what to say of messages that are about no defect of the file."""
    lines: list[str] = []
    for one in messages.ASIDES:
        if one.page == place:
            lines += [f"({one.anchor})=", f"### {one.title}", "", *quoted(one.messages)]
            lines += [one.why, "", one.fix, ""]
    return lines


def quoted(known: list[str]) -> list[str]:
    """Return messages as they are printed."""
    return [":::{div} example", "```text", *map(plain, known), "```", ":::", ""] if known else []


def named_by() -> dict[str, list[str]]:
    """Return the tools that named a defect when they were tried, by the doctor's codes for it."""
    folder = ROOT / "benchmarks"
    verdicts = json.loads((folder / "judges.json").read_text(encoding="utf-8"))["named"]
    named: dict[str, list[str]] = {}
    for key, rules in tomllib.loads((folder / "judging.toml").read_text(encoding="utf-8"))["defect"].items():
        tools = [tool for tool, (verdict, _) in verdicts[key].items() if verdict == "named"]
        for code in rules["codes"]:
            named.setdefault(code, []).extend(
                tool for tool in tools if not tool.startswith(OURS) and tool not in (*named.get(code, ()), INDEX)
            )
    return named


def fix(text: str) -> list[str]:
    """Return what to do, with a command in a block of its own."""
    if not (parts := COMMAND.fullmatch(text)):
        return [sentence(text)]
    before = [f"{sentence(parts['before'], stop=False)}:", ""] if parts["before"] else []
    rest = [sentence(part) for part in (parts["remark"], parts["after"]) if part]
    return [*before, ":::{div} example", "```bash", parts["command"], "```", ":::", "", " ".join(rest)]


def sentence(text: str, stop: bool = True, start: bool = True) -> str:
    """Return words of the doctor as a sentence of Markdown."""
    words = "".join(f"`{one}`" if code else re.sub(r"([\\`*_{}\[\]<>$|])", r"\\\1", one) for one, code in pieces(text))
    # A file's name keeps its letters.
    first = words[:1].upper() if start and re.match(r"[a-z]+[ ,]", words) else words[:1]
    return first + words[1:] + ("." if stop else "")
