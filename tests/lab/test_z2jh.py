"""The values for Zero to JupyterHub: the chart knows each key, and what they promise is in them."""

import json

import jsonschema
import pytest
import yaml

from tools.chartschema import structure
from wheel_lab.lab.paths import ROOT

FOLDER = ROOT / "deploy/z2jh"
SCHEMA = json.loads((FOLDER / "schema.json").read_text())
VALUES = yaml.safe_load((FOLDER / "values.yaml").read_text())


def test_the_chart_takes_the_values():
    jsonschema.Draft7Validator(SCHEMA).validate(VALUES)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [("singleuser.memory.limits", "2G"), ("prePuller.hook.enabled", "yes"), ("singleuser.storage.type", "disk")],
)
def test_and_refuses_a_key_or_a_value_that_it_does_not_know(path, wrong):
    values = json.loads(json.dumps(VALUES))
    *above, last = path.split(".")
    place = values
    for key in above:
        place = place[key]
    place[last] = wrong
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(SCHEMA).validate(values)


def test_a_learner_has_limits_and_no_way_out():
    learner = VALUES["singleuser"]
    assert learner["memory"]["limit"] == "2G"
    assert learner["networkPolicy"]["enabled"]
    assert not any(learner["networkPolicy"]["egressAllowRules"].values())
    assert VALUES["cull"]["enabled"]
    assert VALUES["prePuller"]["continuous"]["enabled"]
    assert VALUES["scheduling"]["userPlaceholder"]["replicas"] > 0


def test_no_word_and_no_address_is_committed():
    assert VALUES["hub"]["config"]["SharedPasswordAuthenticator"]["user_password"] is None
    assert VALUES["proxy"]["https"]["hosts"] == []


def test_the_structure_keeps_keys_and_types_and_drops_texts():
    schema = {"type": "object", "description": "a text", "required": ["a"], "properties": {"a": {"type": ["string"]}}}
    assert structure(schema) == {"type": "object", "properties": {"a": {"type": ["string"]}}}
