"""Whether a record still holds: a fresh run compared with what is kept, in the verdicts alone."""

import re
from collections.abc import Iterable

from packaging.version import Version

from wheel_lab.lab.automation import AutomationRecord, Step
from wheel_lab.lab.systems import SystemsRecord, outcome
from wheel_lab.lab.variants import Variant, VariantsRecord

FOR_THE_OLDEST = "the tag of the oldest system, for the wheel"
SYSTEM = "-DBLAS=system"  # the option that builds a variant with the system's OpenBLAS
LATITUDE = 1.5  # how far a size, as a multiple of the first row's, may be from the record's on another machine


# --- old and new systems ---------------------------------------------------------------------------------------------


def verdicts(record: SystemsRecord) -> dict[tuple[str, ...], str]:
    """Return what must come out the same each time: ``(what was asked, suite, …)`` with the answer.

    Dates, versions of tools, and the names of symbols and files are information, and not among them.
    """
    found: dict[tuple[str, ...], str] = {}
    for wheel in record.wheels:
        found["tag of the wheel", wheel.built_on] = wheel.tag
        found["floor of the wheel", wheel.built_on] = wheel.floor
        refused = re.search(r"because of [^.]*", wheel.refusal)
        answer = (refused[0] if refused else wheel.refusal) or "given"
        found[FOR_THE_OLDEST, wheel.built_on] = answer
    for run in record.runs:
        found["import", run.built_on, run.run_on] = run.outcome
        found["pip", run.built_on, run.run_on] = "taken" if run.taken else re.sub(r"^.*\.whl ", "", run.pip)
    linked = record.linked
    found["linked against", linked.against] = (
        "keeps to it" if Version(linked.floor) <= Version(linked.against) else f"needs {linked.floor}"
    )
    for suite, words in linked.runs:
        found["linked, import", suite] = outcome(words)
    return found


def systems_disagreements(kept: SystemsRecord, fresh: SystemsRecord) -> list[str]:
    """Return, in a line each, the verdicts of `kept` and `fresh` that differ; none, and the record is still true.

    A suite that only one of them knows is passed over: the mirror may have lost it. So is the tag of the oldest, when
    that is no longer the same one.
    """
    suites = [[system.suite for system in record.systems] for record in (kept, fresh)]
    passed_over = set(suites[0]) ^ set(suites[1])
    if suites[0][0] != suites[1][0]:
        passed_over.add(FOR_THE_OLDEST)
    before, now = verdicts(kept), verdicts(fresh)
    return [
        f"{', '.join(asked)}: it was {before.get(asked, 'not asked')!r}, and now is {now.get(asked, 'not asked')!r}"
        for asked in sorted(before.keys() | now.keys())
        if not passed_over & set(asked) and before.get(asked) != now.get(asked)
    ]


# --- the variants ----------------------------------------------------------------------------------------------------


def variants_disagreements(record: VariantsRecord, fresh: tuple[Variant, ...]) -> list[str]:
    """Say in which verdicts new builds differ from the record. Bytes, tags and times are another machine's own."""
    wrong = []
    names = {one.name for one in fresh}
    kept = [one for one in record.variants if one.name in names]
    if [one.name for one in kept] != [one.name for one in fresh]:
        return [f"the record has {[one.name for one in kept]}, built were {[one.name for one in fresh]}"]
    for old, new in zip(kept, fresh, strict=True):
        for verdict in ("alone", "private", "sbom", "libraries"):
            if getattr(old, verdict) != getattr(new, verdict):
                wrong.append(f"{new.name}: {verdict} is {getattr(new, verdict)}, recorded {getattr(old, verdict)}")
        for kind in ("wheel", "unpacked"):
            ratio = getattr(new, kind) / getattr(fresh[0], kind)
            recorded = getattr(old, kind) / getattr(kept[0], kind)
            if not recorded / LATITUDE < ratio < recorded * LATITUDE:
                wrong.append(f"{new.name}: {kind} is {ratio:.2f} of the first row's, recorded {recorded:.2f}")
    for system in (False, True):  # how the two providers compare depends on their versions
        for kind in ("wheel", "unpacked"):
            order, recorded = (in_order(many, kind, system) for many in (fresh, kept))
            if order != recorded:
                wrong.append(f"by {kind}, the smallest first: {order}, recorded {recorded}")
    for one in (*kept, *fresh):
        promised = [int(minor) for minor in re.findall(r"manylinux_2_(\d+)", one.tag)]
        if not promised or min(promised) < int(one.floor.removeprefix("2.")):
            wrong.append(f"{one.name}: the tag is {one.tag}, and the files need glibc {one.floor}")
    return wrong


def in_order(variants: Iterable[Variant], kind: str, system: bool) -> list[str]:
    """Return the names of the variants with one provider, the smallest first."""
    mine = [one for one in variants if (SYSTEM in one.cmake) == system]
    return [one.name for one in sorted(mine, key=lambda one: getattr(one, kind))]


# --- cibuildwheel ----------------------------------------------------------------------------------------------------


def automation_disagreements(kept: AutomationRecord, fresh: AutomationRecord) -> list[str]:
    """Say in what two runs of cibuildwheel differ that should be the same each time.

    That are the builds, their steps, the commands of each step, what the doctor and the tests concluded, and what a
    full compiler cache saves. Times, versions and platform tags are another machine's own.
    """
    before, now = done(kept), done(fresh)
    return [
        f"{', '.join(asked)}: it was {before.get(asked, 'not there')!r}, and now is {now.get(asked, 'not there')!r}"
        for asked in [*before, *(asked for asked in now if asked not in before)]
        if before.get(asked) != now.get(asked)
    ]


def done(record: AutomationRecord) -> dict[tuple[str, ...], object]:
    """Return what must come out the same each time, by where it happened."""
    found: dict[tuple[str, ...], object] = {("builds",): [one.identifier for one in record.builds]}
    parts = {"before": record.before, **{one.identifier: one.steps for one in record.builds}, "after": record.after}
    for name, steps in parts.items():
        found[name, "steps"] = [one.title.split("image")[0] for one in steps]
        for step in steps:
            for place in ("inside", "outside"):
                found[name, step.title, place] = [settled(one) for one in getattr(step, place)]
            found[name, step.title, "concluded"] = conclusions(step)
    for one in record.timings:
        found["timed", one.name, "settings"] = one.settings
        found["timed", one.name, "compiled"] = one.compiled and "something"
        found["timed", one.name, "cached"] = one.cached and "something"
    return found


def settled(command: str) -> str:
    """Return a command without the platform tags, which the image's glibc decides, and without the image's name."""
    return re.sub(r"(many)?linux[\w.]*_x86_64(?=\.whl)", "<tag>", command)


def conclusions(step: Step) -> list[str]:
    """Return the doctor's verdicts and errors, and whether the tests passed, in the words of a step's log."""
    words = "\n".join(step.lines)
    found = re.findall(r"^ +(?:will the index|will it import|error ).*", words, flags=re.MULTILINE)
    return found + re.findall(r"\b(passed|failed|error)\b(?= in |, \d)", words)
