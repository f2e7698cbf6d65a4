"""Where a problem stands in a scenario that no file holds: the name of its node, arc or other entry, and the key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from esc_sim.errors import InputError
from esc_sim.fields import parts
from esc_sim.scenario.fields import item_of, keys_of, models_of
from esc_sim.scenario.messages import Problem, problems_of


def word_of(model: type[BaseModel]) -> str:
    """What a part is called: 'stock line' for StockLine."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", model.__name__).lower()


def name_of(entry: Any) -> str:
    """Name of an entry of a list, as an object or as plain values: 'shop', 'factory -> shop'; '' where it has none."""
    values = entry if isinstance(entry, Mapping) else getattr(entry, "__dict__", {})

    def value(key: str) -> str:
        found = values.get(key)
        return found if isinstance(found, str) else ""

    product = value("product")
    for start, end in (("supplier", "buyer"), ("giver", "taker"), ("seller", "farm")):
        if value(start) and value(end):
            more = ", ".join(filter(None, (product, value("mode"))))
            return f"{value(start)} -> {value(end)}" + (f" ({more})" if more else "")
    if value("id") or value("name"):
        return value("id") or value("name")
    return f"{product} at {value('node')}" if product and value("node") else ""


def place_of(path: Iterable[str | int], root: type[BaseModel], data: Any) -> str:
    """The place of a path: 'arc factory -> shop: lead_time', 'run.periods'; '' of the whole.

    Args:
        path: keys and numbers that lead there.
        root: model of the whole.
        data: its values, by key.
    """
    steps = list(path)
    entries = data.get(steps[0]) if steps and isinstance(data, Mapping) else None
    if len(steps) > 1 and isinstance(entries, list) and isinstance(steps[1], int) and steps[1] < len(entries):
        models = models_of(item_of(keys_of([root]).get(str(steps[0]))))
        name = name_of(entries[steps[1]])
        if models and name:
            return ": ".join([f"{word_of(models[0])} {name}", *([".".join(map(str, steps[2:]))] if steps[2:] else [])])
    return ".".join(map(str, steps))


def placed(problem: Problem, root: type[BaseModel], data: Any) -> str:
    """A problem with the name of its place.

    Args:
        problem: what is wrong.
        root: model of the whole.
        data: its values, by key.
    """
    missing = problem.about == "missing"  # the text names the key
    place = place_of(problem.path[:-1] if missing else problem.path, root, data)
    return f"{place}: {problem.text}" if place else problem.text


def _refused(error: ValidationError, part: type[BaseModel], values: dict[str, Any]) -> InputError:
    """What is said of a part that cannot be made of the values given in Python."""
    keys = {name: field.alias or name for name, field in part.model_fields.items()}
    data = {keys.get(name, name): value for name, value in values.items()}
    who = f"{word_of(part)} {name_of(data)}".strip()
    return InputError([f"{who}: {placed(problem, part, data)}" for problem in problems_of(error, part, data)])


parts.in_words[:] = [_refused]
