"""Rules and findings: what the doctor can say, each under a code that never changes.

A code is a letter for the family (``I`` the index, ``P`` the promise of the name, ``M`` the import, ``B`` the bill) and
three digits. A code and its name are frozen once they are published: never reused, never renamed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from wheel_lab import SITE
from wheel_lab.members import shown

__all__ = ["FAMILIES", "RULES", "RULES_AS_OF", "Finding", "Level", "Rule", "found", "found_in", "register", "rule"]

Level = Literal["error", "warning", "note"]
FAMILIES = {"I": "index", "P": "promise", "M": "import", "B": "bill"}
RULES_AS_OF = "2026-08-21"  # the day of what the rules were read in
LISTED = 20  # findings of one rule that are listed one by one


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Something that can be wrong with a wheel.

    Attributes
    ----------
    code, name
        ``I102`` and ``trailing-data``.
    level
        ``error``: the upload, the installation or the import fails. ``warning``: something else goes wrong, or may.
        ``note``: worth knowing.
    what, why, fix
        One sentence each, as templates for :meth:`str.format`: ``{member}``, ``{subject}``, ``{file}`` and what the
        rule's check adds. `fix` is a command where there is one.
    reference
        Where the rule is explained by those who made it, or where people met it.
    source
        Where the rule is stated, with the date of what was read.
    """

    code: str
    name: str
    level: Level
    what: str
    why: str
    fix: str
    reference: str
    source: str

    @property
    def link(self) -> str:
        """The page of the website about this rule. It never moves."""
        return f"{SITE}findings/{self.code}.html"

    def __str__(self) -> str:
        def spoken(template: str) -> str:
            return re.sub(r"{(\w+)}", lambda match: match.group(1).upper(), template)

        lines = [
            f"{self.code} {self.name} ({self.level})",
            f"  what: {spoken(self.what)}",
            f"  why:  {spoken(self.why)}",
            f"  fix:  {spoken(self.fix)}",
            f"  link: {self.link}",
            f"  see:  {self.reference}",
            f"  from: {self.source}",
        ]
        return "\n".join(lines)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A rule that a wheel breaks, and where.

    Attributes
    ----------
    code, name, level, link
        Those of the :class:`Rule`.
    member
        The member that it is about, as it is; "" when it is about the whole file. To print it, print the finding.
    subject
        What it is about in there, such as a tag, a field, a library or a symbol; "" when there is nothing to name.
    what, why, fix
        One sentence each, safe to print.
    """

    code: str
    name: str
    level: Level
    member: str
    subject: str
    what: str
    why: str
    fix: str
    link: str

    def __str__(self) -> str:
        return f"{self.level} {self.code} {self.name}: {self.what}"


def rule(code: str, name: str, level: Level, source: str, reference: str, what: str, why: str, fix: str) -> Rule:
    """Make a rule of what stands in a table of rules, in this order."""
    return Rule(
        code=code, name=name, level=level, what=what, why=why, fix=fix, reference=reference, source=source
    )  # fmt: skip


RULES: dict[str, Rule] = {}


def register(rules: Iterable[Rule]) -> None:
    """Add rules to :data:`RULES`.

    Raises
    ------
    ValueError
        A code or a name is taken or malformed, or the family is unknown.
    """
    names = {known.name for known in RULES.values()}
    for one in rules:
        if not re.fullmatch(f"[{''.join(FAMILIES)}][0-9]{{3}}", one.code):
            raise ValueError(f"{one.code!r} is no code: a code is one of {', '.join(FAMILIES)} and three digits")
        if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", one.name):
            raise ValueError(f"{one.name!r} is no name of a rule: words in lower case with dashes between them")
        if one.code in RULES or one.name in names:
            raise ValueError(f"{one.code} {one.name}: the code or the name is taken")
        RULES[one.code] = one
        names.add(one.name)


def found(code: str, *, member: str = "", subject: str = "", why: str = "", fix: str = "", **values: str) -> Finding:
    """Make a finding of the rule `code`.

    Parameters
    ----------
    code
        The rule's code.
    member, subject
        What the finding is about.
    why, fix
        Templates to use instead of the rule's, where the case allows a better one.
    values
        What the templates of the rule ask for. Characters that do not print are escaped.
    """
    known = RULES[code]
    safe = {key: shown(value, 500) for key, value in {**values, "member": member, "subject": subject}.items()}
    return Finding(
        code=code, name=known.name, level=known.level, member=member, subject=subject, link=known.link,
        what=known.what.format_map(safe), why=(why or known.why).format_map(safe),
        fix=(fix or known.fix).format_map(safe),
    )  # fmt: skip


def found_in(code: str, cases: Iterable[Mapping[str, str]], **values: str) -> Iterator[Finding]:
    """Make a finding of the rule `code` for each of the first 20 `cases`; the last of them tells how many more follow.

    Each case holds ``member`` or ``subject``, and what the rule's templates ask for beyond `values`.
    """
    rest = iter(cases)
    findings = [found(code, **{**values, **case}) for case in islice(rest, LISTED)]
    more = sum(1 for _ in rest)
    for number, finding in enumerate(findings, start=1):
        if more and number == len(findings):
            what = f"{finding.what}; the same holds for {more:,} more"
            yield Finding(**{**vars(finding), "what": what})
        else:
            yield finding
