"""The JSON Schema of scenario.yaml, for editors."""

from __future__ import annotations

from typing import Any

from esc_sim.scenario.schema import Scenario

_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}


def scenario_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of scenario.yaml.

    ``nodes`` is not required there, because a table nodes.csv may stand in for it. Cross references, and what one
    value says about another, are beyond a schema: `esc-sim check` checks them.
    """
    schema: dict[str, Any] = _bounded(Scenario.model_json_schema(by_alias=True))
    schema["required"] = [key for key in schema["required"] if key != "nodes"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "esc_sim scenario"}


def _bounded(part: Any) -> Any:
    """With the bounds of numbers under their names in JSON Schema; pydantic leaves them under its own."""
    if isinstance(part, list):
        return [_bounded(item) for item in part]
    if not isinstance(part, dict):
        return part
    number = part.get("type") == "number"
    return {(_BOUNDS.get(key, key) if number else key): _bounded(value) for key, value in part.items()}
