"""The JSON Schema: valid, complete, and of one mind with the reader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from esc_sim.scenario.json_schema import scenario_json_schema
from tests.scenario.helpers import GOOD, changed

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = sorted([*ROOT.glob("scenarios/*/scenario.yaml"), *ROOT.glob("esc_sim/scenario/templates/*/scenario.yaml")])


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = scenario_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    return jsonschema.Draft202012Validator(schema)


def test_every_key_is_described() -> None:
    schema = scenario_json_schema()
    parts: dict[str, Any] = {**schema["$defs"], "Scenario": schema}
    silent = [
        f"{part}.{key}"
        for part, content in parts.items()
        for key, field in content.get("properties", {}).items()
        if not field.get("description")
    ]
    assert silent == []


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.parent.name)
def test_scenarios_of_the_project_fit(validator: jsonschema.Draft202012Validator, path: Path) -> None:
    content = json.loads(json.dumps(yaml.safe_load(path.read_text())))  # keys that are numbers are text in JSON
    assert [error.message for error in validator.iter_errors(content)] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 1", "version: 2"),
        ("periods: 30", "periods: 0"),
        ("sd: 1,", "sd: -1,"),
        ("lead_time: 1", "leadtime: 1"),
        ("lead_time: 1", "lead_time: {law: unifrm}"),
        ("lead_time: 1", "lead_time: -1"),
        ("probability: 0.1", "probability: 1.1"),
    ],
)
def test_mistakes_do_not_fit(validator: jsonschema.Draft202012Validator, old: str, new: str) -> None:
    assert validator.is_valid(yaml.safe_load(GOOD))
    assert not validator.is_valid(yaml.safe_load(changed(old, new)))


def test_laws_of_times_may_be_spans(validator: jsonschema.Draft202012Validator) -> None:
    content = yaml.safe_load(GOOD)
    content["arcs"][0]["lead_time"] = {"law": "uniform", "low": "2 days", "high": "1 week"}
    assert [error.message for error in validator.iter_errors(content)] == []
    content["arcs"][0]["lead_time"]["low"] = True
    assert list(validator.iter_errors(content))
