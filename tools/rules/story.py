"""Rules that hold a page to one run: what two of its cells say about the same thing agrees.

The outputs are searched for facts (this wheel has that hash, that library has this size), each about one artefact. A
cell tagged ``record`` or ``several-pythons`` shows other artefacts on purpose, and is left out.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from tools.notebooks import Chapter, agreed_python, output_texts, tags
from tools.rules.cells import EXCEPTIONS

OURS = {"septembrse", "example"}  # the distribution and the extension that a chapter builds, with the Python it runs on
RECORDED = re.compile(r"(?m)^(?:recorded|built) on \d{4}-\d\d-\d\d\b")
THIS_RUN = "the Python of this run"
METADATA = 0  # stands for the number of a cell


@dataclass(frozen=True)
class Fact:
    """What a cell says about one property of one artefact."""

    artefact: str
    what: str
    value: str
    cell: int


Said = Iterator[tuple[str, str, str]]  # artefact, property, value


def _wheel(found: re.Match[str]) -> Said:
    name, version, python, abi, platform = found.groups()
    project = f"{canonicalize_name(name)} {version}"
    yield project, "Python tag", f"{python}-{abi}"
    family = re.match(r"[a-z]+", platform)
    yield f"the {family[0] if family else platform} wheel of {project}", "platform tag", platform
    if name in OURS and python.startswith("cp3"):
        yield THIS_RUN, "version", f"3.{python[3:]}"


def _row(found: re.Match[str]) -> Said:
    yield found[1], "sha256", found[2]
    yield found[1], "size", found[3]


def _asked(found: re.Match[str]) -> Said:
    yield f"{canonicalize_name(found[1])} {found[2]}", ASKED, found[3]


ASKED, IN_NAME = "sha256 that is asked for", "hash in its name"
FACTS: list[tuple[str, Callable[[re.Match[str]], Said]]] = [
    (r"\b([A-Za-z]\w*)-(\d[\w.!+]*)-((?:cp|py)\d[\w.]*)-(\w+)-([\w.]+)\.whl", _wheel),
    # a line of RECORD; a line of `unzip -l`; a size in MB, with the folder where several files have that name
    (r"(?m)^(\S.*),sha256=([\w-]{43}),(\d+)$", _row),
    (r"(?m)^ *(\d+)  \d{4}-\d\d-\d\d \d\d:\d\d   (\S.*)$", lambda found: iter([(found[2], "size", found[1])])),
    (r"(?m)^(\d+\.\d+ MB)  (\S+\.whl(?: in \S+)?)$", lambda found: iter([(found[2], "size", found[1])])),
    # what a lock file and an index's page ask for
    (r"(?m)^([\w.-]+)==(\S+) .*?--hash=sha256:([0-9a-f]{64})", _asked),
    (r"([A-Za-z][\w.]*)-(\d[\w.!+]*)-[^/\s\"]+\.whl#sha256=([0-9a-f]{64})", _asked),
    (
        r"\b(lib[\w+-]+?)-([0-9a-f]{8})((?:\.\d+)*\.so[\d.]*)",
        lambda found: iter([(found[1] + found[3], IN_NAME, found[2])]),
    ),
    *(
        (pattern, lambda found: iter([(THIS_RUN, "version", f"3.{found[1]}")]))
        for pattern in (
            r"(?m)^Python 3\.(\d+) on ",
            r"(?m)^python +ok +3\.(\d+)",
            r'\bFound Python: .*"3\.(\d+)',
            r"\bexample\.cpython-3(\d+)-",
            r"\.cpython-3(\d+)\.pyc\b",
            r"\bhere, number \d+: cp3(\d+)-",
            r"\b(?:Tag|WHEEL info tags): cp3(\d+)-",
            r"\bProcessing \./fetched/\S+-cp3(\d+)-cp3",
        )
    ),
]
# A value without the name of its artefact has to be one of those that the page gives with a name.
NAMELESS = [
    (r"\bExpected sha256 ([0-9a-f]{64})", ASKED),
    (r"\bsha256 of the original begins with ([0-9a-f]{8})\b", IN_NAME),
]


def told(chapter: Chapter) -> Iterator[tuple[int, str]]:
    """Yield the number of a cell and a text in its output, for each cell that shows this run and nothing else."""
    for number, cell in chapter.code:
        if not EXCEPTIONS & set(tags(cell)):
            yield from ((number, text) for text in output_texts(cell))


def facts(chapter: Chapter) -> list[Fact]:
    """Return what the page says about the artefacts of its run, and the Python in the notebook's metadata."""
    made_by = chapter.notebook.metadata.get("language_info", {}).get("version")
    found = [Fact(THIS_RUN, "version", made_by, METADATA)] if made_by else []
    for number, text in told(chapter):
        for pattern, read in FACTS:
            found += [Fact(*said, number) for match in re.finditer(pattern, text) for said in read(match)]
    return found


def one_artefact_one_value(chapter: Chapter) -> Iterator[str]:
    """An artefact has one hash, one size, one tag; a run has one Python."""
    seen: dict[tuple[str, str], dict[str, int]] = {}
    for fact in facts(chapter):
        seen.setdefault((fact.artefact, fact.what), {}).setdefault(fact.value, fact.cell)
    for (artefact, what), values in seen.items():
        if len(values) > 1:
            places = (f"{value} ({f'cell {cell}' if cell else 'metadata'})" for value, cell in values.items())
            yield f"{artefact} has more than one {what}: {', '.join(places)}"
    for artefact, what in seen:
        plain, _, folder = artefact.partition(" in ")
        if folder and (plain, what) in seen:
            somewhere = {value for one in seen if one[0].startswith(f"{plain} in ") for value in seen[one]}
            if not set(seen[plain, what]) & somewhere:
                yield f"{plain} has another {what} in each folder than where no folder is named"


def values_without_a_name_are_known(chapter: Chapter) -> Iterator[str]:
    """The hash that pip expects is one that the page has shown, if it has shown any."""
    named = facts(chapter)
    for number, text in told(chapter):
        for pattern, what in NAMELESS:
            known = {fact.value for fact in named if fact.what == what}
            for found in re.finditer(pattern, text):
                if known and found[1] not in known:
                    yield f"cell {number} names {found[1]}, and the {what} is {' or '.join(sorted(known))} elsewhere"


UNITS = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1.0}


def parts_fit_their_total(chapter: Chapter) -> Iterator[str]:
    """Times add up to the time of all, and sizes to that of all."""
    total, steps = None, 0.0
    for number, text in told(chapter):
        yield from (f"cell {number}: {fault}" for fault in (*sums_of_times(text), *sums_of_sizes(text)))
        if found := re.search(r"\bthe whole build took (\d+) s\b", text):
            total, steps = int(found[1]), 0.0
        steps += sum(map(float, re.findall(r"(?m)^(\d+\.\d) s  \S", text)))  # Ninja's diary: one step after the other
        # the shell counts the changes of the clock's second, so that 14 may be anything below 15
        if total is not None and steps > total + 1:
            yield f"cell {number}: steps of {steps:.1f} s in a build that took {total} s"
            total = None


def sums_of_times(text: str) -> Iterator[str]:
    """Check each table of times that ends in a row called ``together``."""
    parts, slack = 0.0, 0.0
    for line in text.splitlines():
        found = re.fullmatch(r"(\S.*?)  +((\d+)(\.\d+)?) (ns|µs|ms|s)", line)
        if found is None:
            parts, slack = 0.0, 0.0
            continue
        time = float(found[2]) * UNITS[found[5]]
        slack += 10.0 ** -len((found[4] or ".")[1:]) / 2 * UNITS[found[5]]  # of a rounded number: half its last digit
        if found[1] == "together":
            if abs(time - parts) > slack * 1.001:
                yield f"the parts take {parts:.3g} s, and together it says {time:.3g} s"
            parts, slack = 0.0, 0.0
        else:
            parts += time


def sums_of_sizes(text: str) -> Iterator[str]:
    """Check the last line of ``unzip -l``."""
    if found := re.search(r"(?m)^ *(\d+) {15,}(\d+) files$", text):
        sizes = [int(size) for size in re.findall(r"(?m)^ *(\d+)  \d{4}-\d\d-\d\d \d\d:\d\d   ", text[: found.start()])]
        if (sum(sizes), len(sizes)) != (int(found[1]), int(found[2])):
            yield f"{len(sizes)} files of {sum(sizes)} bytes are listed, and the sum says {found[2]} of {found[1]}"


def exceptions_say_why(chapter: Chapter) -> Iterator[str]:
    """A record is tagged as one, and each cell that is left out of these rules says why."""
    for number, cell in chapter.code:
        exempt = EXCEPTIONS & set(tags(cell))
        if exempt and not str(cell.metadata.get("reason", "")).strip():
            yield f"cell {number} is tagged {' and '.join(sorted(exempt))} without a reason"
        if "record" not in exempt and any(RECORDED.search(text) for text in output_texts(cell)):
            yield f"cell {number} shows a record, and is not tagged record"


def made_by_the_agreed_python(chapter: Chapter) -> Iterator[str]:
    """All pages come from the Python that the image has, and say so where a reader sees it."""
    made_by, agreed = chapter.notebook.metadata.get("language_info", {}).get("version"), agreed_python()
    if made_by != agreed:
        yield f"the notebook's metadata names Python {made_by}; the pages are made by {agreed}: run `make notebooks`"
    if not any(re.search(r"(?m)^Python 3\.\d+ on \S", text) for _, text in told(chapter)):
        yield "no cell says which Python made the page; workbench.enter does"
