"""Old and new systems: the record is read and compared as it should be, and is what a fresh run finds."""

import copy
import subprocess
import warnings

import pytest

from tools import debians
from tools import systems as try_systems
from tools.records import systems_disagreements, verdicts
from wheel_lab.lab import records, systems

LOADER = "ImportError: /lib/libc.so.6: version `GLIBC_2.34' not found (required by /from/new/example_pkg/example.so)"
PIP = "ERROR: septembrse-0.0.0-cp313-cp313-manylinux_2_34_x86_64.whl is not a supported wheel on this platform."
AUDITWHEEL = 'auditwheel: error: cannot repair "a.whl" to "b" ABI because of the presence of too-recent symbols. Wait.'
TABLE = {
    "date": "2026-11-24",
    "versions": {"CPython": "3.13.5", "auditwheel": "6.8.2"},
    "missing": [],
    "systems": [
        {"suite": "old", "glibc": "2.9", "compiler": "10.2.1"},
        {"suite": "new", "glibc": "2.36", "compiler": "12.2.0"},
    ],
    "wheels": [
        {"built_on": "old", "tag": "manylinux_2_5_x86_64.manylinux1_x86_64", "floor": "2.4", "symbols": ["free"],
         "extension_floor": "2.2.5", "reasons": ["GLIBC_2.4: free"], "refusal": ""},
        {"built_on": "new", "tag": "manylinux_2_34_x86_64", "floor": "2.34", "symbols": ["pthread_once"],
         "extension_floor": "2.34", "reasons": ["GLIBC_2.34: pthread_once"], "refusal": AUDITWHEEL},
    ],
    "runs": [
        {"built_on": "old", "run_on": "old", "pip": "", "loader": ""},
        {"built_on": "new", "run_on": "old", "pip": PIP, "loader": LOADER},
        {"built_on": "old", "run_on": "new", "pip": "", "loader": ""},
        {"built_on": "new", "run_on": "new", "pip": "", "loader": ""},
    ],
    "linked": {"against": "2.17", "floor": "2.16", "symbols": ["getauxval"], "tag": "manylinux_2_17_x86_64",
               "runs": [["old", ""], ["new", ""]]},
}  # fmt: skip


def parsed(table: dict) -> systems.SystemsRecord:
    """Return what stands in a record's file as a record."""
    return records.parse(systems.SystemsRecord, table)


def changed(*path: str | int, to: object) -> systems.SystemsRecord:
    """Return the record in which the value at `path` is another one."""
    table = copy.deepcopy(TABLE)
    place = table
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return parsed(table)


def without(suite: str) -> systems.SystemsRecord:
    """Return the record of a run for which the mirror did not have `suite`."""
    table = copy.deepcopy(TABLE)
    table["missing"] = [suite]
    table["systems"] = [row for row in table["systems"] if row["suite"] != suite]
    table["wheels"] = [row for row in table["wheels"] if row["built_on"] != suite]
    table["runs"] = [row for row in table["runs"] if suite not in (row["built_on"], row["run_on"])]
    table["linked"]["runs"] = [row for row in table["linked"]["runs"] if row[0] != suite]
    return parsed(table)


# --- reading ---------------------------------------------------------------------------------------------------------


def test_a_record_is_read_and_told():
    record = parsed(TABLE)
    assert str(record).splitlines() == [
        "recorded on 2026-11-24, with CPython 3.13.5, auditwheel 6.8.2",
        "",
        "built on  tag                              on old, 2.9    on new, 2.36",
        "old       manylinux_2_5_x86_64.manylinux1  runs           runs",
        "new       manylinux_2_34                   no GLIBC_2.34  runs",
    ]
    with pytest.raises(AttributeError):
        record.date = "tomorrow"


def test_a_tag_is_for_its_glibc_and_newer_ones():
    old, new = parsed(TABLE).wheels
    assert (old.glibc, new.glibc) == ("2.5", "2.34")
    assert [[wheel.is_for(system) for system in parsed(TABLE).systems] for wheel in (old, new)] == [
        [True, True],  # 2.9 is newer than 2.5, and older than 2.34
        [False, True],
    ]


@pytest.mark.parametrize(("words", "verdict"), [
    ("", "runs"),
    (LOADER, "no GLIBC_2.34"),
    ("ImportError: /usr/lib/libstdc++.so.6: version `CXXABI_1.3.15' not found (required by a.so)", "no CXXABI_1.3.15"),
    ("ImportError: libopenblas.so.0: cannot open it", "ImportError: libopenblas.so.0: cannot open it"),
])  # fmt: skip
def test_the_loaders_words_are_understood(words, verdict):
    assert systems.outcome(words) == verdict


@pytest.mark.parametrize("spoil", [lambda table: table.pop("linked"), lambda table: table.update(news=1),
                                   lambda table: table["runs"][0].pop("pip")])  # fmt: skip
def test_a_record_of_another_form_is_refused(spoil):
    table = copy.deepcopy(TABLE)
    spoil(table)
    with pytest.raises(ValueError, match="not a record of the form SystemsRecord"):
        parsed(table)


# --- comparing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "to", "words"), [
    (("runs", 1, "loader"), "", "import, new, old: it was 'no GLIBC_2.34', and now is 'runs'"),
    (("runs", 2, "loader"), LOADER, "import, old, new"),
    (("runs", 1, "loader"), LOADER.replace("2.34", "2.32"), "GLIBC_2.32"),
    (("runs", 1, "loader"), "Segmentation fault", "Segmentation"),
    (("runs", 1, "pip"), "", "taken"),
    (("runs", 0, "pip"), PIP, "not a supported wheel"),
    (("wheels", 0, "tag"), "manylinux_2_12_x86_64", "tag of the wheel, old"),
    (("wheels", 1, "floor"), "2.35", "floor of the wheel, new"),
    (("wheels", 1, "refusal"), "", "given"),
    (("wheels", 0, "refusal"), AUDITWHEEL, "too-recent"),
    (("linked", "floor"), "2.18", "needs 2.18"),
    (("linked", "against"), "2.28", "linked against"),
    (("linked", "runs", 1, 1), LOADER, "linked, import, new"),
    (("runs", 3, "run_on"), "old", "import, new, new: it was 'runs', and now is 'not asked'"),
])  # fmt: skip
def test_a_changed_verdict_is_caught(path, to, words):
    found = systems_disagreements(parsed(TABLE), changed(*path, to=to))
    assert words in "\n".join(found)


@pytest.mark.parametrize(("path", "to"), [
    (("date",), "2027-01-01"),
    (("versions", "CPython"), "3.13.9"),
    (("systems", 1, "compiler"), "12.3.0"),
    (("wheels", 0, "symbols"), ["malloc"]),
    (("wheels", 1, "refusal"), AUDITWHEEL.replace("a.whl", "c.whl")),
    (("runs", 1, "loader"), LOADER.replace("/lib/", "/usr/lib/")),
    (("runs", 1, "pip"), PIP.replace("0.0.0", "0.0.1")),
    (("linked", "floor"), "2.14"),
])  # fmt: skip
def test_what_is_information_is_not_compared(path, to):
    assert changed(*path, to=to) != parsed(TABLE)
    assert systems_disagreements(parsed(TABLE), changed(*path, to=to)) == []


@pytest.mark.parametrize("suite", ["old", "new"])
def test_a_suite_that_the_mirror_lost_is_no_disagreement(suite):
    kept = parsed(TABLE)
    assert systems_disagreements(kept, without(suite)) == systems_disagreements(without(suite), kept) == []
    other = without(suite)
    assert systems_disagreements(other, other) == []
    assert len(verdicts(other)) < len(verdicts(kept))


# --- the record that is kept -----------------------------------------------------------------------------------------


def test_in_the_record_a_wheel_runs_where_its_tag_says_and_nowhere_else():
    record = systems.load_record()
    assert len(record.runs) == len(record.systems) ** 2 >= 4
    for wheel in record.wheels:
        for system in record.systems:
            run = record.run(wheel.built_on, system.suite)
            assert wheel.is_for(system) == run.taken == (run.outcome == systems.RUNS), run
    assert {run.outcome for run in record.runs} > {systems.RUNS}, "no run failed: this record shows nothing"


def test_in_the_record_the_oldest_tag_is_given_to_the_oldest_wheel_alone():
    oldest, *newer = systems.load_record().wheels
    assert oldest.refusal == ""
    assert all("too-recent versioned symbols" in wheel.refusal for wheel in newer)


def test_in_the_record_our_sources_need_no_newer_glibc_than_they_were_linked_against():
    linked = systems.load_record().linked
    assert verdicts(systems.load_record())["linked against", linked.against] == "keeps to it"
    assert {systems.outcome(words) for _, words in linked.runs} == {systems.RUNS}


# --- making one ------------------------------------------------------------------------------------------------------


def test_what_the_machine_lacks_is_named(monkeypatch):
    monkeypatch.setattr(debians.shutil, "which", lambda program: None)
    with pytest.raises(debians.CannotRun, match="mmdebstrap is missing"):
        debians.check_machine()
    monkeypatch.setattr(debians.shutil, "which", lambda program: program)
    monkeypatch.setattr(debians, "run", lambda *command: subprocess.CompletedProcess(command, 1))
    with pytest.raises(debians.CannotRun, match="root"):
        debians.check_machine()


def test_only_a_suite_that_is_not_there_is_passed_over(monkeypatch, tmp_path):
    said = "E: The repository 'http://example.org/debian old Release' does not have a Release file."
    monkeypatch.setattr(debians, "run", lambda *command: subprocess.CompletedProcess(command, 1, "", said))
    assert debians.unpack("old", tmp_path) is False
    said = "E: You don't have enough free space in /var/cache/apt/archives/."
    with pytest.raises(debians.CannotRun, match="free space"):
        debians.unpack("old", tmp_path)


def test_pips_request_for_the_tools_is_the_locks(monkeypatch, tmp_path):
    asked = {}
    monkeypatch.setattr(debians, "pip", lambda verb, folder, lines, *options: asked.update({folder.name: lines}))
    debians.fetch_tools(tmp_path)
    names = [line.split("==")[0] for line in asked["tools"]]
    assert {"numpy", "pip", "cmake", "pybind11", "scipy-openblas32"} <= set(names)
    assert len(names) == len(set(names)), "one version of each, chosen for the Python that is built"
    assert all("--hash=sha256:" in line and ";" not in line for line in asked["tools"])


@pytest.mark.image
def test_a_fresh_run_finds_what_is_recorded():
    fresh = try_systems.measure()
    print(fresh)
    for suite in fresh.missing:
        warnings.warn(f"not compared: the mirror no longer has {suite}", stacklevel=1)
    assert systems_disagreements(systems.load_record(), fresh) == [], "run `make systems`, and look at what it changes"
