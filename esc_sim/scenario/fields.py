"""Looking things up in the schema: which keys stand where, and what kind of value belongs there.

Used by the table columns, the overrides and the messages, so that all three know the same names.
"""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from esc_sim.fields.parts import Identifier


def _alternatives(annotation: Any) -> list[Any]:
    """The annotation without Annotated, its unions opened, None left out."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _alternatives(get_args(annotation)[0])
    if origin is Union or origin is types.UnionType:
        return [choice for part in get_args(annotation) for choice in _alternatives(part)]
    return [] if annotation is type(None) else [annotation]


def models_of(annotation: Any) -> list[type[BaseModel]]:
    """The models that a value of this annotation may be."""
    return [part for part in _alternatives(annotation) if isinstance(part, type) and issubclass(part, BaseModel)]


def is_scalar(annotation: Any) -> bool:
    """Whether one number, name, text or truth value belongs here: no part, list or mapping."""
    return all(part in (bool, float, int, str) or get_origin(part) is Literal for part in _alternatives(annotation))


def item_of(annotation: Any) -> Any | None:
    """The annotation of a list's items; None when no list belongs here."""
    for part in _alternatives(annotation):
        if get_origin(part) is list:
            return get_args(part)[0]
    return None


def mapped_of(annotation: Any) -> Any | None:
    """The annotation of the values of a mapping by free names; None when no mapping belongs here."""
    for part in _alternatives(annotation):
        if get_origin(part) is dict:
            return get_args(part)[1]
    return None


def choices_of(annotation: Any) -> list[Any]:
    """The literal values allowed (empty when others are too)."""
    return [value for part in _alternatives(annotation) if get_origin(part) is Literal for value in get_args(part)]


def kind_of(annotation: Any) -> str:
    """What a scalar here is: 'number', 'integer', 'boolean' or 'text'; '' where no scalar belongs."""
    for part in _alternatives(annotation):
        if part is bool:
            return "boolean"
        if part is int:
            return "integer"
        if part is float:
            return "number"
        if part is str or (get_origin(part) is dict and get_args(part)[0] == Identifier):
            return "text"  # amounts by name may be written as text
        if get_origin(part) is Literal:
            return "integer" if all(isinstance(value, int) for value in get_args(part)) else "text"
    return ""


SECTIONS = ("switches", "variants", "variant")
"""Keys of a scenario that say how its switches stand; a ``when`` within them is a name like any other."""
WHEN = "when"
"""Key of any part: the switches under which it holds. It is read, and gone, before the models see the part."""


def field_of(models: Iterable[type[BaseModel]], key: str) -> FieldInfo:
    """What belongs at a key of the models, which one of them has (or which is ``when``)."""
    fields = (model.model_fields.items() for model in models)
    found = (field for own in fields for name, field in own if key == (field.alias or name))
    return next(found, FieldInfo(annotation=str))


def keys_of(models: Iterable[type[BaseModel]]) -> dict[str, Any]:
    """Keys (as written by the user) of the models, with their annotations."""
    keys: dict[str, Any] = {}
    for model in models:
        for name, field in model.model_fields.items():
            keys.setdefault(field.alias or name, field.annotation)
    if keys:
        keys.setdefault(WHEN, str)
    return keys


DISCRIMINATORS = ("law", "policy")
"""Keys whose value says which of several models is meant."""


def kind_named(data: Any) -> Any:
    """What ``data`` says it is: its law or its policy; None where it does not."""
    if not isinstance(data, dict):
        return None
    return next((data[key] for key in DISCRIMINATORS if key in data), None)


def narrowed(models: list[type[BaseModel]], kind: Any) -> list[type[BaseModel]]:
    """Of several models (laws, policies), the one that ``kind`` names, if it names one."""
    if len(models) < 2:
        return models
    chosen = [
        m
        for m in models
        for key in DISCRIMINATORS
        if key in m.model_fields and kind in choices_of(m.model_fields[key].annotation)
    ]
    return chosen or models


def keys_at(root: type[BaseModel], data: Any, path: Sequence[str | int]) -> dict[str, Any]:
    """Keys allowed in the part at ``path`` of ``data`` (empty when no part belongs there).

    Args:
        root: model of the whole.
        data: plain data as the user wrote it.
        path: keys and numbers that lead to the part.
    """
    annotation: Any = root
    for step in path:
        if isinstance(step, int):
            annotation = item_of(annotation)
            data = data[step] if isinstance(data, list) and step < len(data) else None
        else:
            annotation = keys_of(narrowed(models_of(annotation), kind_named(data))).get(step)
            data = data.get(step) if isinstance(data, dict) else None
        if annotation is None:
            return {}
    return keys_of(narrowed(models_of(annotation), kind_named(data)))


@cache
def columns_of(model: type[BaseModel]) -> dict[str, Any]:
    """Columns that a table of ``model`` may have: dotted keys to the annotations of their cells."""
    columns: dict[str, Any] = {}
    _add_columns(columns, "", [model])
    return columns


def _add_columns(columns: dict[str, Any], prefix: str, models: list[type[BaseModel]]) -> None:
    for name, annotation in keys_of(models).items():
        if kind_of(annotation) or item_of(annotation) is not None:
            columns.setdefault(prefix + name, annotation)
        inner = models_of(annotation)
        if inner:
            _add_columns(columns, f"{prefix}{name}.", inner)


RENAMED: Final[Mapping[str, str]] = {
    "disruption_known": "known_after",
    "lot": "order_multiple",
    "owed_cost": "backorder_cost",
    "quantity": "order_quantity",
    "reorder_at": "reorder_point",
    "start_stock": "initial_stock",
    "storage_cost": "holding_cost",
    "storage_timing": "holding_cost_timing",
    "transit_cost": "in_transit_holding_cost",
    "up_to": "order_up_to",
}
"""Keys of earlier versions, and what each is called now."""
_MEANINGS: Final = {
    "known_after": "periods until buyers learn of an outage (0: before contracting; leave it out: from the next review "
    "on)",
}
"""What belongs there, where the values are others as well."""


def _folded(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum() or character == ".")


def suggestion(name: str, known: Iterable[str], *, listed: str = "") -> str:
    """'; did you mean ...?' for a misspelt name, or, with ``listed``, what there is; empty when nothing helps.

    Args:
        name: what the user wrote.
        known: what there is.
        listed: words before the list of what there is; "": no list.
    """
    known = list(known)
    before, dot, last = name.rpartition(".")
    now = before + dot + RENAMED.get(last, "")
    if last in RENAMED and now in known:
        return f"; it is now called '{now}'" + (f": {_MEANINGS[now]}" if now in _MEANINGS else "")
    folded = {_folded(candidate): candidate for candidate in known}
    close = difflib.get_close_matches(_folded(name), list(folded), n=1, cutoff=0.7)
    if close:
        return f"; did you mean '{folded[close[0]]}'?"
    if listed and known:
        shown = ", ".join(known[:20])
        return f"; {listed} {shown}{' ...' if len(known) > 20 else ''}"
    return ""
