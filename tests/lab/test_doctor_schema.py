"""Each report of the doctor keeps the published schema. (jsonschema comes with the lab, not with the library.)"""

import importlib
import json
from dataclasses import fields
from pathlib import Path

import cases as of_the_index
import jsonschema
import pytest
from import_cases import Workshop

from wheel_lab.__main__ import main
from wheel_lab.doctor import RULES, Report, examine
from wheel_lab.doctor.findings import FAMILIES
from wheel_lab.doctor.report import Unexamined, as_json, json_schema
from wheel_lab.limits import Limits

SCHEMA = json.loads(json_schema())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
FOLDER = Path(__file__).parents[1] / "library/doctor"


def test_the_schema_is_one_and_is_printed(capsys):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert main(["doctor", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == SCHEMA


def test_it_knows_the_families():
    pattern = SCHEMA["$defs"]["finding"]["properties"]["code"]["pattern"]
    assert pattern == f"^[{''.join(FAMILIES)}][0-9]{{3}}$"
    assert all(VALIDATOR.evolve(schema={"pattern": pattern}).is_valid(code) for code in RULES)


def cases():
    """Return all cases of all families: (what builds it, the defect)."""
    for path in (*sorted(FOLDER.glob("*cases.py")), FOLDER / "test_sdist.py"):
        module = importlib.import_module(path.stem)
        for table in (value for name, value in vars(module).items() if name.endswith("CASES")):
            for code, own in table.items():
                for number, case in enumerate(own):
                    build = getattr(module, "built", of_the_index.built)
                    yield pytest.param(build, case[1], id=f"{path.stem} {code} {number}")


def test_each_family_has_cases():
    codes = {code for one in cases() for code in one.id.split() if code in RULES}
    assert {code[0] for code in codes} == set(FAMILIES)
    assert len(codes) > len(RULES) - 10  # a few are tried by hand


@pytest.mark.parametrize(("build", "defect"), list(cases()))
def test_each_report_keeps_it(tmp_path, compile_c, build, defect):
    path = defect(Workshop(tmp_path, compile_c)) if callable(defect) else build(tmp_path, defect)
    report = examine(path)
    assert report.findings
    assert complaints(report) == []
    assert Report.from_dict(json.loads(json.dumps(report.as_dict()))) == report


def complaints(*reports, unexamined=()):
    return [error.message for error in VALIDATOR.iter_errors(json.loads(as_json(reports, unexamined)))]


def test_a_file_that_cannot_be_examined_keeps_it():
    limits = [None, "memory", *(field.name for field in fields(Limits))]
    assert SCHEMA["$defs"]["unexamined"]["properties"]["limit"]["enum"] == [*limits[2:], "memory", None]
    several = [Unexamined("a/b\n.whl", "is \x1b[2J no wheel", limit) for limit in limits]
    assert complaints(unexamined=several) == []
    assert complaints(unexamined=[Unexamined("a", "b", "c")])
    assert complaints(unexamined=[Unexamined("a", "")])


def test_it_would_complain(tmp_path):
    report = examine(of_the_index.built(tmp_path, of_the_index.CASES["I102"][0][1]))
    (finding,) = report.findings
    assert complaints(report, Report("a.whl", {"index": "cannot tell"})) == []
    assert complaints(Report("a.whl", {"index": "perhaps"}))
    for wrong in ({"level": "bad"}, {"code": "X101"}, {"what": "a\x1b[2J"}, {"fix": ""}, {"link": "http://a"}):
        assert complaints(Report("a.whl", {}, (type(finding)(**{**vars(finding), **wrong}),))), wrong
