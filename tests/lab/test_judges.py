"""The contest of ``make judges``: its rule for naming a defect, its page, and that the doctor names what it should."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
import defects
import judges
from judge import RULES

PATTERNS = judges.tomllib.loads(RULES.read_text())["defect"]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    return defects.build(tmp_path_factory.mktemp("forty"))


def test_there_are_forty_and_each_has_a_rule():
    assert len(defects.DEFECTS) == 40
    assert {one.key for one in defects.DEFECTS} == set(PATTERNS)
    assert len({one.title for one in defects.DEFECTS}) == 40
    assert all(PATTERNS[one.key]["codes"] for one in defects.DEFECTS)
    names = {judge.name for judge in judges.judges()}
    for rules in PATTERNS.values():
        assert set(rules.get("half", {})) | set(rules.get("by", {})) <= names


def test_the_doctor_names_each_defect_and_accuses_no_sound_wheel(wheels):
    found = judges.run_doctor(wheels)
    assert [finding for finding in found["sound"] if finding[1] != "note"] == []
    sound = {code for code, _, _ in found["sound"]}
    silent = {
        key for key, rules in PATTERNS.items() if not set(rules["codes"]) & {code for code, _, _ in found[key]} - sound
    }
    assert silent == set()


def test_the_sound_wheel_can_be_imported(wheels, tmp_path):
    zipfile.ZipFile(wheels["sound"]).extractall(tmp_path)
    (module,) = (tmp_path / "sample").glob("*.so")
    # Under its plain suffix every Python takes it: the module uses what all of them have.
    module.rename(module.with_name("_core.so"))
    done = subprocess.run([sys.executable, "-c", "import sample._core"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def said(lines, sound=()):
    """Return what all tools but one say nothing to, in the form of a run's outputs."""
    outputs = {
        judge.name: {key: [0, []] for key in ["sound", *(one.key for one in defects.DEFECTS)]}
        for judge in judges.judges()
    }
    outputs["twine check --strict"]["executable-stack"] = [1, list(lines)]
    outputs["twine check --strict"]["sound"] = [1, list(sound)]
    outputs[judges.OURS] = {key: [] for key in outputs["twine check --strict"]}
    return outputs


@pytest.mark.parametrize(
    ("lines", "sound", "verdict"),
    [
        (["core.so needs an executable stack"], [], "named"),
        (["FAILED"], [], None),
        (["core.so needs an executable stack"], ["core.so needs an executable stack"], None),
    ],
    ids=["names it", "an exit status alone", "says it of the sound wheel too"],
)
def test_what_counts_as_naming_a_defect(lines, sound, verdict):
    found = judges.judged(said(lines, sound))["executable-stack"].get("twine check --strict")
    assert found == (None if verdict is None else [verdict, lines[0]])


def test_half_is_what_shows_the_fact():
    outputs = said([])
    line = 'This constrains the platform tag to "manylinux_2_34_x86_64".'
    outputs["auditwheel show"]["floor"] = [0, [line]]
    assert judges.judged(outputs)["floor"] == {"auditwheel show": ["half", line]}


def test_the_committed_page_says_what_the_committed_results_say():
    found = json.loads(judges.RESULTS.read_text())
    assert judges.TABLES.read_text() == judges.markdown(found)
    assert set(found["named"]) == set(PATTERNS)
    assert str(Path.home()) not in judges.RESULTS.read_text()  # nothing of the machine that it was made on
