"""``make judges``: forty wheels with one defect each, and which of them each tool names.

The wheels are built on the spot (``defects.py``); each tool gets an environment of its own, from ``judges/*.txt``. What
counts as naming a defect is stated in ``judging.toml``, by a pattern for each. It writes ``judges.json`` and
``JUDGES.md`` beside itself. ``--write-only`` judges again by the outputs of the last run, kept in ``.lab/judges``;
``--doctor-only`` has the doctor alone look at the wheels again. ``--lock`` makes the pins anew.
"""

import argparse
import json
import re
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import defects
from judge import PLACE, RULES, judges, uv
from report import table

from wheel_lab.doctor import examine
from wheel_lab.doctor.findings import RULES_AS_OF

HERE = Path(__file__).resolve().parent
RESULTS, TABLES = HERE / "judges.json", HERE / "JUDGES.md"
OUTPUTS = PLACE / "outputs.json"
INDEX, OURS = "the index", "wheel-lab doctor --deep"
NAMED, HALF = "named", "half"


def lock() -> None:
    """Pin the newest version of each tool, and of all that it needs, with hashes."""
    for judge in judges():
        (PLACE / "in.txt").write_text(f"{judge.package}\n")
        uv("pip", "compile", str(PLACE / "in.txt"), "--universal", "--python-version", "3.11", "--generate-hashes",
           "--no-annotate", "--upgrade", "--no-emit-index-url", "--custom-compile-command",
           "python benchmarks/judges.py --lock", "--output-file", str(judge.lock))  # fmt: skip


def run(wheels: dict[str, Path]) -> dict[str, Any]:
    """Have every tool, and the doctor, judge every wheel; return all that they say."""
    outputs: dict[str, Any] = {}
    for judge in judges():
        print(judge.name, judge.version, flush=True)
        judge.install()
        outputs[judge.name] = {key: judge.says(wheel) for key, wheel in wheels.items()}
    return outputs | {OURS: run_doctor(wheels)}


def run_doctor(wheels: dict[str, Path]) -> dict[str, list[list[str]]]:
    """Have the doctor judge every wheel, machine code included; return its findings."""
    return {
        key: [[one.code, one.level, one.what] for one in examine(wheel, deep=True).findings]
        for key, wheel in wheels.items()
    }


def judged(outputs: dict[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Hold what was said against the rules: for each defect, by tool, ``named`` or ``half`` and the words that say it.

    A tool names a defect when it says something about this wheel that it does not say about the sound one, and that
    the defect's pattern matches.
    """
    patterns = tomllib.loads(RULES.read_text())["defect"]
    found: dict[str, dict[str, list[str]]] = {}
    for defect in defects.DEFECTS:
        rules = patterns[defect.key]
        found[defect.key] = {}
        for judge in judges():
            sound = set(outputs[judge.name]["sound"][1])
            new = [line for line in outputs[judge.name][defect.key][1] if line not in sound]
            words = rules.get("by", {}).get(judge.name, rules["names"])
            for verdict, pattern in ((NAMED, words), (HALF, rules.get("half", {}).get(judge.name))):
                line = pattern and next((line for line in new if re.search(pattern, line, re.IGNORECASE)), None)
                if line:
                    found[defect.key][judge.name] = [verdict, line[:300]]
                    break
        found[defect.key] |= _by_codes(outputs[OURS], defect.key, rules)
    return found


def _by_codes(said: dict[str, Any], key: str, rules: dict[str, Any]) -> dict[str, list[str]]:
    """Tell by the doctor's codes whether it names a defect, and whether its index rules do."""
    sound = {code for code, _, _ in said["sound"]}
    answer: dict[str, list[str]] = {}
    for code, level, what in said[key]:
        if code in rules["codes"] and code not in sound:
            answer.setdefault(OURS, [NAMED, f"{level} {code}: {what}"[:300]])
            if code.startswith("I") and rules.get("index", True):
                answer.setdefault(INDEX, [NAMED, f"{code}: {what}"[:300]])
    if isinstance(rules.get("index"), str):
        answer[INDEX] = [NAMED, rules["index"]]
    return answer


def alarms(outputs: dict[str, Any]) -> dict[str, list[str]]:
    """Return what each tool holds against the sound wheel."""
    found = {}
    for judge in judges():
        lines = outputs[judge.name]["sound"][1]
        found[judge.name] = [line[:300] for line in lines if judge.accuses and re.search(judge.accuses, line)]
    found[OURS] = [f"{level} {code}: {what}" for code, level, what in outputs[OURS]["sound"] if level != "note"]
    return found


def results(outputs: dict[str, Any], when: str) -> dict[str, Any]:
    """Gather what is committed: versions, verdicts with the words that they rest on, and false alarms."""
    return {
        "date": when,
        "python": ".".join(map(str, sys.version_info[:3])),
        "versions": {one.name: one.version for one in judges()} | {OURS: version("wheel-lab"), INDEX: RULES_AS_OF},
        "named": judged(outputs),
        "sound wheel": alarms(outputs),
    }


def markdown(found: dict[str, Any]) -> str:
    """Write the results as a page."""
    names = [INDEX, *(one.name for one in judges()), OURS]
    signs = {NAMED: "yes", HALF: "half"}
    rows = []
    for defect in defects.DEFECTS:
        said = found["named"][defect.key]
        rows.append([defect.title, *(signs[said[name][0]] if name in said else "" for name in names)])
    totals = {name: _total(found["named"], name) for name in names}
    return "\n\n".join(_parts(found, names, rows, totals)) + "\n"


def _total(named: dict[str, Any], name: str) -> str:
    verdicts = [said[name][0] for said in named.values() if name in said]
    half = verdicts.count(HALF)
    return str(verdicts.count(NAMED)) + (f" and {half} by half" if half else "")


def _parts(found: dict[str, Any], names: list[str], rows: list[list[str]], totals: dict[str, str]) -> Iterator[str]:
    yield "# Forty wheels with one defect each, and who names it"
    yield (
        f"Written by `make judges` on {found['date']}, with Python {found['python']}. The wheels are built by "
        "[defects.py](defects.py); a defect is one that was met in the field. A tool **names** a defect when it says "
        "something about that wheel which it does not say about the sound one, and which the defect's pattern in "
        "[judging.toml](judging.toml) matches: words from which a reader learns what is wrong. An exit status alone "
        "is no name. **Half** is what shows the fact, and does not say that it is wrong. The words that each verdict "
        "rests on are in [judges.json](judges.json). The choice of the forty is ours, and each tool has a field of its "
        "own, in which it may do more than we do. If we are wrong about your tool, tell us: a pattern is a line."
    )
    remarks = {one.name: one.remark for one in judges()}
    remarks[OURS] = "with both extras: without capstone (`--deep`) and docutils it names one less each"
    remarks[INDEX] = "after the upload; its rules as wheel_lab restates them, of that day"
    against = {name: str(len(lines)) for name, lines in found["sound wheel"].items()}
    heads = [
        [name, found["versions"][name], totals[name], against.get(name, ""), remarks.get(name, "")] for name in names
    ]
    yield table(["tool", "version", f"names, of {len(rows)}", "holds against the sound wheel", "remark"], heads)
    nobody = [row[0] for row in rows if not any("yes" in cell for cell in row[1:-1])]
    yield f"Named by no other tool, and not by the index: {len(nobody)}: {'; '.join(nobody)}."
    missing = [row[0] for row in rows if row[-1] != "yes"]
    yield f"Not named by the doctor: {'; '.join(missing) or 'none'}."
    yield table(["defect", *names], rows)
    yield "What the tools hold against the sound wheel:"
    lines = [f"- {name}: {line}" for name, all_of in found["sound wheel"].items() for line in all_of]
    yield "\n".join(lines) or "- nothing"


def main() -> None:
    """Build, judge and write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--write-only", action="store_true", help="judge again by the outputs of the last run")
    parser.add_argument("--only", metavar="DEFECT", nargs="+", help="keep what was said, but for these defects")
    parser.add_argument("--doctor-only", action="store_true", help="keep what the tools said, and ask the doctor again")
    parser.add_argument("--lock", action="store_true", help="pin the newest version of each tool")
    options = parser.parse_args()
    PLACE.mkdir(parents=True, exist_ok=True)
    if options.lock:
        lock()
        return
    part = options.write_only or options.doctor_only or options.only
    kept = json.loads(OUTPUTS.read_text()) if part else {}
    if not options.write_only:
        with tempfile.TemporaryDirectory(dir=PLACE) as folder:
            wheels = defects.build(Path(folder))
            if part:
                for name, said in (run({key: wheels[key] for key in options.only}) if options.only else {}).items():
                    kept["said"][name] |= said
                kept["said"][OURS] = run_doctor(wheels)
            else:
                kept = {"date": date.today().isoformat(), "said": run(wheels)}
        OUTPUTS.write_text(json.dumps(kept))
    found = results(kept["said"], kept["date"])
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")
    TABLES.write_text(markdown(found))
    print(markdown(found))


if __name__ == "__main__":
    main()
