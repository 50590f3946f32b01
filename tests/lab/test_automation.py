"""cibuildwheel: its log is read as it should be, and a fresh run in the stand-in does what the record says."""

import copy
import json
import re

import pytest
from packaging.utils import parse_wheel_filename

from tools import automate
from tools.cibuildlog import read_log
from tools.debians import CannotRun
from tools.notebooks import leaks
from tools.records import automation_disagreements, conclusions
from wheel_lab.lab import automation, records

WHEEL = "tiny-1.0-cp312-cp312-manylinux_2_34_x86_64.whl"
MARK = " " * 70
LOG = f"""
cibuildwheel version 4.3.3
Here we go!

Starting container image the-image...

+ podman version
    + mkdir -p /project

{MARK}✓ 0.38s

Building cp312-manylinux_x86_64 wheel
CPython 3.12 manylinux x86_64

Building wheel...

    + python -m build /project --wheel
* Building wheel...
Working...
-- Check for working C compiler: /opt/rh/gcc-toolset-14/some/folder/bin/cc - skipped
 + numpy==2.5.5

{MARK}✓ 13.85s
+ podman cp cibuildwheel-94dea758-f51e-4e2a-b54a-7bf27730ec13:/tmp/cibuildwheel/repaired_wheel/. /some/place
Auditing wheel...

+ wheel-lab doctor /tmp/cibw-run-abc/{WHEEL}
{WHEEL}
  will the index take it: yes; does it keep what its name promises: yes
  will it import: yes
  note B304 no-sbom: the wheel carries 1 library

{MARK}✓ 2.49s
Testing wheel...

    + sh -c 'pytest tests'
============================== 32 passed in 0.91s ==============================

{MARK}✓ 5.79s

✓ cp312-manylinux_x86_64 finished in 48 seconds
Copying wheels back to host...

+ podman cp cibuildwheel-94dea758-f51e-4e2a-b54a-7bf27730ec13:/output/. /some/place

{MARK}✓ 0.31s

1 wheels produced in 1 minute

  cp312-manylinux_x86_64: {WHEEL} 7.8 MB in 48 seconds, SHA256=00
"""


# --- reading a log ---------------------------------------------------------------------------------------------------


def test_a_log_is_read():
    log = read_log(LOG, {"/some/place": "<place>"})
    (build,) = log.builds
    assert (build.identifier, build.wheel) == ("cp312-manylinux_x86_64", WHEEL)
    titles = [[one.title for one in steps] for steps in (log.before, build.steps, log.after)]
    assert titles == [
        ["Starting container image the-image"],
        ["Building wheel", "Auditing wheel", "Testing wheel"],
        ["Copying wheels back to host"],
    ]
    assert build.seconds == pytest.approx(13.85 + 2.49 + 5.79)
    made, audited, tested = build.steps
    assert made.inside == ("python -m build /project --wheel",)
    assert made.lines[-2:] == ("-- Check for working C compiler: cc - skipped", " + numpy==2.5.5")
    assert (audited.inside, tested.outside) == ((), ())
    assert audited.outside == (
        "podman cp <container>:<work>/repaired_wheel/. <place>",
        f"wheel-lab doctor <audit folder>/{WHEEL}",
    )
    assert conclusions(audited) == [
        "  will the index take it: yes; does it keep what its name promises: yes",
        "  will it import: yes",
    ]
    assert conclusions(tested) == ["passed"]


def test_a_path_with_a_space_is_read_as_any_other():
    quoted = LOG.replace("/some/place\nAuditing", "'/some/place'\nAuditing").replace(
        "+ wheel-lab doctor", "+ '/some/the lab/.venv/bin/uv' pip install wheel-lab\n+ wheel-lab doctor"
    )
    plain = LOG.replace("+ wheel-lab doctor", "+ uv pip install wheel-lab\n+ wheel-lab doctor")
    folders = {"/some/place": "wheelhouse"}
    assert read_log(quoted, folders) == read_log(plain, folders)


@pytest.mark.parametrize("spoilt", [LOG.replace("Here we go!", ""), LOG.replace("✓ 2.49s", "✕ 2.49s")])
def test_what_is_no_log_of_a_good_run_is_refused(spoilt):
    with pytest.raises(ValueError, match=r"not a log|Auditing wheel"):
        read_log(spoilt, {})


# --- comparing -------------------------------------------------------------------------------------------------------


def kept():
    """Return the committed record as it stands in its file."""
    return json.loads(automation.RECORD.read_text(encoding="utf-8"))


def parsed(table):
    return records.parse(automation.AutomationRecord, table)


def in_words(table, old, new):
    """Return the record with other words in its log."""
    text = json.dumps(table, ensure_ascii=False)
    assert old in text
    return parsed(json.loads(text.replace(old, new)))


@pytest.mark.parametrize(("old", "new", "words"), [
    ("auditwheel repair ", "auditwheel repair --strip ", "Repairing wheel, inside"),
    ("wheel-lab doctor ", "true ", "Auditing wheel, outside"),
    ("will it import: yes", "will it import: no", "will it import: no"),
    (" passed in ", " failed in ", "Testing wheel, concluded"),
    ("cp313-manylinux_x86_64", "cp314-manylinux_x86_64", "builds"),
    ("Testing wheel", "Trying wheel", "steps"),
    ('"build[uv]; args: --no-isolation"', '"build[uv]"', "settings"),
])  # fmt: skip
def test_a_change_is_caught(old, new, words):
    table = kept()
    assert words in "\n".join(automation_disagreements(parsed(table), in_words(table, old, new)))


def test_a_cache_that_gives_nothing_is_caught():
    table = copy.deepcopy(kept())
    table["timings"][-1]["cached"] = 0
    assert "cached" in "\n".join(automation_disagreements(parsed(kept()), parsed(table)))


@pytest.mark.parametrize(("old", "new"), [
    ("manylinux_2_34_x86_64.manylinux_2_36_x86_64", "manylinux_2_39_x86_64"),
    ("bookworm", "trixie"),
    ("podman 4.3.1", "podman 5.0"),
    ("32 passed in 0", "40 passed in 9"),
])  # fmt: skip
def test_what_is_another_machines_own_is_not_compared(old, new):
    table = kept()
    text = json.dumps(table, ensure_ascii=False)
    other = parsed(json.loads(text.replace(old, new)))
    assert automation_disagreements(parsed(table), other) == []


# --- the record that is kept -----------------------------------------------------------------------------------------


def test_in_the_record_two_pythons_have_a_wheel_that_was_repaired_examined_and_tested():
    record = automation.load_record()
    assert [one.identifier for one in record.builds] == list(automate.BUILDS)
    for build in record.builds:
        _, _, _, tags = parse_wheel_filename(build.wheel)
        assert {one.interpreter for one in tags} == {build.identifier.partition("-")[0]}
        assert all(one.platform.startswith("manylinux_2_") for one in tags)
        assert any("auditwheel repair" in one for one in build.step("Repairing wheel").inside)
        assert any(one.startswith("wheel-lab doctor ") for one in build.step("Auditing wheel").outside)
        assert "  will it import: yes" in "\n".join(conclusions(build.step("Auditing wheel")))
        assert conclusions(build.step("Testing wheel")) == ["passed"]


def test_in_the_record_a_full_cache_compiles_less():
    empty, full = automation.load_record().timings[-2:]
    assert full.settings == empty.settings
    assert full.compiled < empty.compiled
    assert full.cached > empty.cached
    assert full.processor < empty.processor


def test_the_record_names_no_folder_of_the_machine_that_made_it():
    text = automation.RECORD.read_text(encoding="utf-8")
    assert leaks(text) == []
    assert not re.search(r"https?://", text)


# --- making one ------------------------------------------------------------------------------------------------------


def test_without_an_engine_that_is_said(monkeypatch):
    monkeypatch.setattr(automate.shutil, "which", lambda program: None)
    with pytest.raises(CannotRun, match="neither podman nor docker"):
        automate.find_engine()


@pytest.mark.parametrize(("name", "foreign"), [
    ("CIBW_BUILD", True), ("GITHUB_ACTIONS", True), ("GITLAB_CI", True), ("CI", True), ("UV_INDEX", True),
    ("CONTAINERS_CONF", False), ("SSL_CERT_FILE", False), ("HOME", False), ("CIRCLE", False),
])  # fmt: skip
def test_what_would_change_the_run_is_left_out(name, foreign):
    assert bool(automate.FOREIGN.fullmatch(name)) is foreign


@pytest.mark.image
def test_a_fresh_run_does_what_is_recorded():
    fresh = automate.measure()
    print(fresh, fresh.times(), sep="\n")
    assert sorted(path.name for path in automate.WHEELS.iterdir()) == [one.wheel for one in fresh.builds]
    found = automation_disagreements(automation.load_record(), fresh)
    assert found == [], "run `make automation`, and look at what it changes"
