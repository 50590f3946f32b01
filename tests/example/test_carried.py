"""A release of the example: the notices of what the repair copied into it, and a list of it that scanners can read."""

import email
import hashlib
import json
import sys
from importlib import metadata

import pytest
from building import NOTICES, build, copy, files, repair, run

from wheel_lab import archive
from wheel_lab.doctor import examine

PROVIDER = "scipy-openblas32"
INFO = "septembrse-0.0.0.dist-info"


def carried(*arguments, cwd, **options):
    return run(sys.executable, "-I", cwd / "carried.py", *arguments, cwd=cwd, **options)


def bill_codes(wheel):
    return {one.code for one in examine(wheel).findings if one.code.startswith("B30")}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return copy(tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="module")
def released(project):
    carried("notices", cwd=project)
    raw, _ = build(project, "--wheel")
    wheel = repair(raw, project / "repaired")
    assert bill_codes(wheel) == {"B304"}
    carried("sbom", wheel.parent, cwd=project)
    return wheel


def test_without_it_a_repaired_wheel_owes_notices_and_a_list(classic, tmp_path):
    assert bill_codes(repair(classic[0], tmp_path)) == {"B303", "B304"}


def test_a_release_owes_nothing(released):
    assert bill_codes(released) == set()
    assert archive.check_record(released).holds


def test_it_carries_the_notices_of_openblas_and_of_gccs_runtime(released):
    [installed] = [one for one in metadata.files(PROVIDER) if "licenses" in one.parts]
    members = files(released)
    assert members[f"{INFO}/licenses/{NOTICES}"] == installed.locate().read_bytes()
    assert email.message_from_bytes(members[f"{INFO}/METADATA"]).get_all("License-File") == ["LICENSE", NOTICES]
    text = members[f"{INFO}/licenses/{NOTICES}"].decode()
    for words in ("The OpenBLAS Project", "libgfortran", "GCC RUNTIME LIBRARY EXCEPTION", "GNU GENERAL PUBLIC LICENSE"):
        assert words in text


def test_its_sbom_names_what_is_inside_and_which_file_it_is(released):
    members = files(released)
    [document] = [json.loads(data) for name, data in members.items() if name.startswith(f"{INFO}/sboms/")]
    assert document["bomFormat"] == "CycloneDX"
    assert document["metadata"]["component"]["purl"] == "pkg:pypi/septembrse@0.0.0"
    [component] = document["components"]
    version = metadata.version(PROVIDER)
    assert component["purl"] == f"pkg:pypi/{PROVIDER}@{version}"
    [place] = component["evidence"]["occurrences"]
    assert component["hashes"][0]["content"] == hashlib.sha256(members[place["location"]]).hexdigest()
    inside = {one["name"]: one.get("version") for one in component["components"]}
    assert inside == {
        "OpenBLAS": version.rpartition(".")[0].rpartition(".")[0],
        "LAPACK": None,
        "GCC runtime library": None,
    }
    assert document["dependencies"] == [{"ref": "septembrse", "dependsOn": [component["bom-ref"]]}]


def test_a_second_time_it_changes_nothing(released, project):
    before = released.read_bytes()
    carried("sbom", released.parent, cwd=project)
    assert released.read_bytes() == before


def test_the_rest_of_the_wheel_stays_as_it_was(released, project):
    before = files(repair(next(project.glob("dist/*.whl")), project / "again"))
    after = files(released)
    assert after.keys() - before.keys() == {f"{INFO}/sboms/{PROVIDER}.cdx.json"}
    assert {name for name in before if before[name] != after[name]} == {f"{INFO}/RECORD"}


def test_a_raw_wheel_is_refused(classic, project):
    assert "carries no OpenBLAS: repair it first" in carried("sbom", classic[0], cwd=project, fails=True)


def test_it_says_when_it_does_not_find_openblas(project, tmp_path):
    said = carried("notices", "--from", tmp_path, cwd=project, fails=True)
    assert f"{PROVIDER} is not installed here" in said
    [installed] = [one for one in metadata.files(PROVIDER) if "licenses" in one.parts]
    found = carried("notices", "--from", installed.locate().parents[2], cwd=project)
    assert "GCC runtime library (GPL-3.0-with-GCC-exception)" in found
