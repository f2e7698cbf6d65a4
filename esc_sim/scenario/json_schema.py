"""The JSON Schema of scenario.yaml, for editors."""

from __future__ import annotations

from typing import Any

from esc_sim.scenario.fields import SECTIONS, WHEN
from esc_sim.scenario.schema import Scenario

_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}


def scenario_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of scenario.yaml.

    ``nodes`` is not required there, because a table nodes.csv may stand in for it. A key that can only say one
    thing, as the name of a law, can be left out in Python alone. Cross references, and what one value says about
    another, are beyond a schema: `esc-sim check` checks them.
    """
    schema: dict[str, Any] = _bounded(Scenario.model_json_schema(by_alias=True))
    for part in schema["$defs"].values():
        if "law" in part.get("properties", {}):
            _timed(part["properties"])
        _switchable(part)
    for name, part in schema["properties"].items():
        if name not in (*SECTIONS, "tables"):
            _switchable(part)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "esc_sim scenario"}


def _timed(values: dict[str, Any]) -> None:
    """Let the numbers of a law be spans, such as '2 days': it may be a law of times."""
    for kind in values.values():
        for number in (kind, kind.get("items"), *kind.get("anyOf", ())):
            if isinstance(number, dict) and number.get("type") == "number":
                number["type"] = ["number", "string"]


_SWITCH = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {"type": "array", "items": {"type": "string", "minLength": 1}},
        {"const": False},
    ],
    "description": "switches under which this part holds, all of them: 'loops', 'loops, not localisation', or a list; "
    "false: it is left out",
}


def _switchable(part: Any) -> None:
    """Let every group of keys in ``part`` carry `when`."""
    if isinstance(part, list):
        for item in part:
            _switchable(item)
    elif isinstance(part, dict):
        if part.get("type") == "object":
            _switchable(part.get("additionalProperties"))
            for inner in (*part.get("properties", {}).values(), *part.get("patternProperties", {}).values()):
                _switchable(inner)
            if "patternProperties" in part:  # names of the user's own, of which `when` is none
                named = part["patternProperties"].items()
                part["patternProperties"] = {pattern.replace("^", f"^(?!{WHEN}$)", 1): kind for pattern, kind in named}
            part["properties"] = {**part.get("properties", {}), WHEN: _SWITCH}
        else:
            _switchable([value for key, value in part.items() if key not in ("default", "examples", "const", "enum")])


def _bounded(part: Any) -> Any:
    """With the bounds of numbers under their names in JSON Schema; pydantic leaves them under its own."""
    if isinstance(part, list):
        return [_bounded(item) for item in part]
    if not isinstance(part, dict):
        return part
    number = part.get("type") == "number"
    found = {(_BOUNDS.get(key, key) if number else key): _bounded(value) for key, value in part.items()}
    if found.pop("written_time", None) is True:
        found["type"] = [part["type"], "string"]  # a date, or a span such as '6 weeks'; bounds are those of numbers
    keys = part.get("properties")
    if isinstance(keys, dict) and part.get("type") == "object":
        fixed = [key for key, kind in keys.items() if "const" in kind and "default" not in kind]
        required = [key for key in keys if key in (*fixed, *part.get("required", ()))]
        found |= {"required": required} if required else {}
        if "description" in part:
            found["description"] = part["description"].partition("\n\nExamples:")[0]
    return found
