"""Each report of the doctor keeps the published schema. (jsonschema comes with the lab, not with the library.)"""

import importlib
import json
from pathlib import Path

import jsonschema
import pytest

from wheel_lab.__main__ import main
from wheel_lab.doctor import RULES, Report, examine
from wheel_lab.doctor.findings import FAMILIES
from wheel_lab.doctor.report import as_json, json_schema

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
    """Return all cases of all families: (name, the module that builds it, the defect)."""
    for path in sorted(FOLDER.glob("*cases.py")):
        module = importlib.import_module(path.stem)
        for code, own in module.CASES.items():
            for number, case in enumerate(own):
                yield pytest.param(module, case[1], id=f"{code} {number}")


@pytest.mark.parametrize(("module", "defect"), list(cases()))
def test_each_report_keeps_it(tmp_path, compile_c, module, defect):
    path = module.built(tmp_path, defect) if hasattr(module, "built") else defect(module.Workshop(tmp_path, compile_c))
    report = examine(path)
    assert report.findings
    assert complaints(report) == []
    assert Report.from_dict(json.loads(json.dumps(report.as_dict()))) == report


def complaints(*reports):
    return [error.message for error in VALIDATOR.iter_errors(json.loads(as_json(reports)))]


def test_it_would_complain(tmp_path):
    import cases as of_the_index

    report = examine(of_the_index.built(tmp_path, of_the_index.CASES["I102"][0][1]))
    (finding,) = report.findings
    assert complaints(report, Report("a.whl", {"index": "cannot tell"})) == []
    assert complaints(Report("a.whl", {"index": "perhaps"}))
    for wrong in ({"level": "bad"}, {"code": "X101"}, {"what": "a\x1b[2J"}, {"fix": ""}, {"link": "http://a"}):
        assert complaints(Report("a.whl", {}, (type(finding)(**{**vars(finding), **wrong}),))), wrong
