"""The JSON Schema of scenario.yaml, for editors."""

from __future__ import annotations

from typing import Any

from esc_sim.scenario.schema import Scenario


def scenario_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of scenario.yaml.

    ``nodes`` is not required there, because a table nodes.csv may stand in for it. Cross references, and what one
    value says about another, are beyond a schema: `esc-sim check` checks them.
    """
    schema = Scenario.model_json_schema(by_alias=True)
    schema["required"] = [key for key in schema["required"] if key != "nodes"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "esc_sim scenario", **schema}
