"""Writes the page of all keys of a scenario from the schema; docs/conf.py calls it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, get_args

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pydantic import BaseModel  # noqa: E402
from pydantic.fields import FieldInfo  # noqa: E402

from esc_sim.fields.parts import A_TIME  # noqa: E402
from esc_sim.scenario.fields import DISCRIMINATORS, choices_of, item_of, mapped_of, models_of  # noqa: E402
from esc_sim.scenario.schema import Scenario  # noqa: E402

HEAD: Final = """(all-keys)=
# All keys of a scenario

Every key of `scenario.yaml` and of the tables beside it, made from the schema that checks them.
[](../../guides/scenarios.md) shows how they are used; `esc-sim check` says what is wrong with them. `--set PATH=VALUE`
changes one for a run: `--set nodes.shop.holding_cost=2`, where an entry of a list goes by its name.

Money and goods are in the units that [](#keys-units) names, times in review periods; a time may also be written as
`2 weeks`, and where a key says when something happens, as a date ([](../../guides/scenarios.md#series-and-dates)).
Every part may also say `when`, the switches under which it holds
([](../../guides/scenarios.md#switches-and-variants)). A key in bold has no default.
"""
_NO_BOUND: Final = 1e6
"""Bounds from here on are there to keep sums exact, and say nothing to a reader."""
SEE: Final = {
    "nodes": "guides/policies.md",
    "rules": "guides/allocation.md",
    "rolling_plans": "guides/rolling-plans.md",
    "series": "guides/scenarios.md",
    "disruptions": "guides/disruptions.md",
    "distances": "guides/scenarios.md",
    "joint_disruptions": "guides/disruptions.md",
    "cascade": "guides/recovery.md",
    "optimize": "guides/optimize.md",
    "design": "guides/design.md",
    "power": "guides/microgrids.md",
    "recipes": "background/multi-product.md",
    "farming": "background/farming.md",
    "risk": "background/risk.md",
    "appraisal": "guides/microgrids.md",
}
"""Page that tells more of a section."""
KINDS: Final = {"law": "Laws of random numbers", "policy": "Order policies"}
"""Headings of parts that say by one key what they are."""


def page() -> str:
    """The page as Markdown."""
    parts: list[str] = [HEAD]
    known: dict[type[BaseModel], str] = {}
    kinds = _kinds()
    for models in kinds.values():
        known |= {model: _anchor(model) for model in models}
    top = [(name, field) for name, field in Scenario.model_fields.items() if not _inside(field.annotation)]
    parts += ["## The scenario itself", _table(top, known, "")]
    for name, field in Scenario.model_fields.items():
        inside = _inside(field.annotation)
        if not inside:
            continue
        key = field.alias or name
        see = f" More: [](../../{SEE[key]})." if key in SEE else ""
        said = _sentence(field.description or "")
        if len(inside) == 1 and _about(inside[0]).startswith(said.rstrip(".")):
            said = ""  # the part says it, and more
        parts += [f"(keys-{key})=\n## {key}", f"{said}{see}".strip()]
        new = list(_reached(inside, known))
        known |= {model: f"keys-{key}" if model in inside else _anchor(model) for model in new}
        for model in new:
            if model not in inside:
                parts += [f"({known[model]})=\n### {_words(model)}"]
            elif len(inside) > 1:
                parts += [f"### {_words(model)}"]
            parts += [
                _about(model),
                _table(list(model.model_fields.items()), known, f"{key}." if model in inside else None),
            ]
    for kind, models in kinds.items():
        parts += [f"(keys-{kind})=\n## {KINDS[kind]}"]
        for model in models:
            parts += [f"({known[model]})=\n### {_said(model, kind)}", _about(model)]
            fields = [item for item in model.model_fields.items() if item[0] != kind]
            parts += [_table(fields, known, None)] if fields else []
    return "\n\n".join(part for part in parts if part) + "\n"


def _kinds() -> dict[str, list[type[BaseModel]]]:
    """Models by the key that says which of several one is."""
    found: dict[str, list[type[BaseModel]]] = {kind: [] for kind in KINDS}
    for model in _reached([Scenario], {}):
        for kind in DISCRIMINATORS:
            if _is_kind(model, kind):
                found[kind].append(model)
    return found


def _is_kind(model: type[BaseModel], kind: str) -> bool:
    """Whether the key says what the model is: it has but one value."""
    return kind in model.model_fields and len(choices_of(model.model_fields[kind].annotation)) == 1


def _inside(annotation: Any) -> list[type[BaseModel]]:
    """Models of a value, of a list's entries, or of a mapping's values."""
    found = models_of(annotation)
    for inner in (item_of(annotation), mapped_of(annotation)):
        found = found or ([] if inner is None else _inside(inner))
    return found


def _reached(models: list[type[BaseModel]], known: dict[type[BaseModel], str]) -> Iterator[type[BaseModel]]:
    """The models, and those within them, each once; what is known is left out."""
    seen, waiting = set(known), list(models)
    while waiting:
        model = waiting.pop(0)
        if model not in seen:
            seen.add(model)
            yield model
            waiting += [inner for field in model.model_fields.values() for inner in _inside(field.annotation)]


def _table(fields: list[tuple[str, FieldInfo]], known: dict[type[BaseModel], str], path: str | None) -> str:
    rows = ["| Key | Type | Unit | Default | Meaning |", "|---|---|---|---|---|"]
    for name, field in fields:
        key = field.alias or name
        anchor = "" if path is None else f'<span id="{path}{key}"></span>'
        shown = f"**`{key}`**" if field.is_required() else f"`{key}`"
        cells = (anchor + shown, _type(field, known), _unit(field), _default(field), _cell(field.description or ""))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _type(field: FieldInfo, known: dict[type[BaseModel], str]) -> str:
    inside = _inside(field.annotation)
    plain = _plain(field.annotation, field.metadata)
    kinds = [kind for kind in KINDS if inside and all(_is_kind(model, kind) for model in inside)]
    if kinds:
        links = [f"[{'law' if kinds[0] == 'law' else 'policy'}](#keys-{kinds[0]})"]
    else:
        links = [f"[{_words(model).lower()}](#{known.get(model, _anchor(model))})" for model in inside]
    what = " or ".join([*plain, *links])
    if item_of(field.annotation) is not None:
        return f"list of {what}"
    if mapped_of(field.annotation) is None:
        return what
    one = "text" if "text" in plain else ""
    return f"{one}, or names to {one}" if one else f"names to {what}"


def _plain(annotation: Any, metadata: list[Any]) -> list[str]:
    """Words for the values that are no parts."""
    schema = _schema(annotation, metadata)
    found: list[str] = []
    for one in schema.get("anyOf", schema.get("oneOf", [schema])):
        found += _one(one)
    return list(dict.fromkeys(found))


def _schema(annotation: Any, metadata: list[Any]) -> dict[str, Any]:
    from typing import Annotated

    from pydantic import TypeAdapter

    marked = [mark for mark in metadata if mark != A_TIME]
    kind = Annotated[(annotation, *marked)] if marked else annotation  # type: ignore[valid-type]
    schema: dict[str, Any] = TypeAdapter(kind).json_schema()
    return schema


def _one(schema: dict[str, Any]) -> list[str]:
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return ["one of " + ", ".join(f"`{value}`" for value in values) if len(values) > 1 else f"`{values[0]}`"]
    kind = schema.get("type")
    if kind == "array":
        return [word for one in schema["items"].get("anyOf", [schema["items"]]) for word in _one(one)]
    if kind == "object":
        inner = schema.get("additionalProperties") or next(iter(schema.get("patternProperties", {}).values()), {})
        return _one(inner) if isinstance(inner, dict) and "$ref" not in inner else []
    words = {"number": "number", "integer": "whole number", "boolean": "true or false", "string": "text"}.get(
        kind or ""
    )
    return [f"{words}{_bounds(schema)}"] if words else []


def _bounds(schema: dict[str, Any]) -> str:
    def bound(*names: str) -> Any:
        value = next((schema[name] for name in names if name in schema), None)
        return (
            None
            if value is None or abs(value) >= _NO_BOUND
            else f"{value:,}"
            if isinstance(value, int)
            else f"{value:g}"
        )

    low, high = bound("minimum", "ge"), bound("maximum", "le")
    if low is not None and high is not None:
        return f" {low} to {high}"
    signs = {"≥": low, ">": bound("exclusiveMinimum", "gt"), "≤": high, "<": bound("exclusiveMaximum", "lt")}
    return "".join(f" {sign} {value}" for sign, value in signs.items() if value is not None)


_UNITS: Final = re.compile(
    r"^(money per unit|units|periods|seconds|emissions per unit)"
    r"|, (money(?: per [a-z ]+)?|emissions per unit|units(?: per [a-z ]+)?|[a-z ]*periods|seconds)(?=[:;,]|$)"
    r"|\[([^\]]+)\]|, ((?:kg|t|ha|MW|MWh|EUR)[^ ,;]*(?: per [a-zA-Z ]+)?)$"
)


def _unit(field: FieldInfo) -> str:
    """The unit, as far as type or description say it."""
    if _is_time(field.annotation) or A_TIME in field.metadata:
        return "periods"
    found = _UNITS.search(field.description or "")
    if found:
        return next(group for group in found.groups() if group)
    bounds = {type(mark).__name__: getattr(mark, type(mark).__name__.lower(), None) for mark in _marks(field)}
    return "share" if bounds.get("Ge") == 0 and bounds.get("Le") == 1 else ""


def _is_time(annotation: Any) -> bool:
    return any(part == A_TIME or _is_time(part) for part in get_args(annotation))


def _marks(field: FieldInfo) -> list[Any]:
    found = list(field.metadata)
    for part in get_args(field.annotation):
        found += getattr(part, "__metadata__", ())
    flat: list[Any] = []
    for mark in found:
        flat += mark.metadata if isinstance(mark, FieldInfo) else [mark]
    return flat


def _default(field: FieldInfo) -> str:
    if field.is_required() or field.default_factory is not None:
        return ""
    value = field.default
    if value is None or value in ("", [], {}):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list) and not isinstance(value[0], BaseModel):
        return ", ".join(map(str, value))
    if isinstance(value, BaseModel) or (isinstance(value, list) and isinstance(value[0], BaseModel)):
        return "its defaults"
    return f"{value:g}" if isinstance(value, float) else f"{value}"


def _anchor(model: type[BaseModel]) -> str:
    return f"keys-{model.__name__.lower()}"


def _words(model: type[BaseModel]) -> str:
    """CropField -> Crop field."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", model.__name__)
    return spaced[:1] + spaced[1:].lower()


def _said(model: type[BaseModel], kind: str) -> str:
    field = model.model_fields[kind]
    return f"`{get_args(field.annotation)[0]}`"


def _about(model: type[BaseModel]) -> str:
    """The first paragraph of the model's docstring."""
    return " ".join((model.__doc__ or "").split("\n\n")[0].replace("``", "`").split())


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")


if __name__ == "__main__":
    print(page())
