"""Overrides: ``--set disruptions.refinery_3_outage.probability=0.2`` and the same from Python.

A path is dotted. An entry of a list is named by its id or name, by ``buyer/supplier`` (an arc), ``node/product``
(a stock line), or by its number, from 0. The value is read as YAML.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esc_sim.errors import InputError
from esc_sim.scenario.fields import (
    DISCRIMINATORS,
    item_of,
    keys_of,
    kind_named,
    kind_of,
    mapped_of,
    models_of,
    narrowed,
    suggestion,
)
from esc_sim.scenario.located import read_yaml
from esc_sim.scenario.messages import Path, shown
from esc_sim.scenario.recipes import AMOUNTS, read_amounts
from esc_sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Override:
    """A value set from outside the scenario: where it landed, and how it was written."""

    path: Path
    label: str


Overrides = Sequence[str] | Mapping[str, Any]


def apply_overrides(data: dict[str, Any], overrides: Overrides) -> tuple[list[Override], list[str]]:
    """Change ``data`` in place.

    Args:
        data: the scenario as plain dicts and lists, tables included.
        overrides: 'path=value' texts, or a mapping of path to value.

    Returns:
        The overrides applied, and the problems of those that could not be.
    """
    applied: list[Override] = []
    problems: list[str] = []
    for label, dotted, value, raw in _pairs(overrides, problems):
        try:
            path = _set(data, dotted, value, raw)
        except _CannotError as reason:
            problems.append(f"{label}: {reason}")
        else:
            applied.append(Override(path, label))
    return applied, problems


class _CannotError(Exception):
    """Why an override cannot be applied."""


def _pairs(overrides: Overrides, problems: list[str]) -> list[tuple[str, str, Any, str | None]]:
    """Label, path, value, and the value as written (None from Python)."""
    if isinstance(overrides, Mapping):
        return [(f"override '{path}'", str(path), copy.deepcopy(value), None) for path, value in overrides.items()]
    if isinstance(overrides, str):
        overrides = [overrides]
    pairs: list[tuple[str, str, Any, str | None]] = []
    for text in overrides:
        path, equals, written = text.partition("=")
        label = f"--set {text if len(text) <= 100 else text[:97] + '...'}"
        if not equals or not path.strip():
            problems.append(f"{label}: write PATH=VALUE, such as run.periods=100")
            continue
        try:
            located, found = read_yaml(written, "value")
        except InputError as error:
            problems.extend(f"{label}: {problem.partition(': ')[2]}" for problem in error.problems)
            continue
        problems.extend(f"{label}: {problem.partition(': ')[2]}" for problem in found)
        pairs.append((label, path.strip(), located.plain() if located else None, written.strip()))
    return pairs


def _set(data: dict[str, Any], dotted: str, value: Any, raw: str | None) -> Path:
    steps = dotted.split(".")
    if steps[0] == "tables":
        raise _CannotError("tables are read before values are set; change the scenario file")
    path: list[str | int] = []
    part: Any = data
    annotation: Any = Scenario
    while steps:
        if isinstance(part, list):
            number, used = _entry(part, steps, path)
            path.append(number)
            steps = steps[used:]
            annotation = item_of(annotation)
            if not steps:
                part[number] = value
                return tuple(path)
            part = part[number]
            if not isinstance(part, dict):
                raise _CannotError(f"'{_dotted(path)}' is {shown(part)} and holds no keys")
            continue
        free = mapped_of(annotation) if not models_of(annotation) else None
        if free is not None and item_of(free) is None:  # names of the user's own, such as nodes; they may hold dots
            name = ".".join(steps)
            path.append(name)
            part[name] = _as_text(value, raw, free)
            return tuple(path)
        kind = value if len(steps) == 1 and steps[0] in DISCRIMINATORS else kind_named(part)
        keys = keys_of(narrowed(models_of(annotation), kind))
        name = steps.pop(0)
        if name not in keys:
            place = f"'{_dotted(path)}' has no key '{name}'" if path else f"unknown key '{name}'"
            raise _CannotError(place + suggestion(name, keys, listed="keys here:"))
        path.append(name)
        annotation = keys[name]
        if not steps:
            part[name] = _as_text(value, raw, annotation)
            return tuple(path)
        part = _descend(part, name, annotation, path, steps)
    raise _CannotError("write PATH=VALUE")


def _descend(part: dict[str, Any], name: str, annotation: Any, path: list[str | int], steps: list[str]) -> Any:
    inner = part.get(name)
    if name in AMOUNTS and len(steps) == 1:
        return _amounts(part, name, path)
    if isinstance(inner, (dict, list)):
        return inner
    if inner is None and (models_of(annotation) or mapped_of(annotation) is not None):
        part[name] = {}
        return part[name]
    if inner is None and item_of(annotation) is not None:
        raise _CannotError(f"'{_dotted(path)}' has no entries, so none named '{steps[0]}'")
    raise _CannotError(f"'{_dotted(path)}' is {shown(inner)} and holds no keys: set it as a whole")


def _amounts(part: dict[str, Any], name: str, path: list[str | int]) -> Any:
    """Amounts by name, which a table's cell has as text."""
    try:
        part[name] = read_amounts(part.get(name) or {})
    except ValueError:
        raise _CannotError(f"'{_dotted(path)}' is {shown(part.get(name))}: set it as a whole") from None
    return part[name]


def _as_text(value: Any, raw: str | None, annotation: Any) -> Any:
    """A number or boolean written where text belongs is text: a shell would take quotes away."""
    if raw is not None and kind_of(annotation) == "text" and isinstance(value, (bool, int, float)):
        return raw
    return value


def _dotted(path: Sequence[str | int]) -> str:
    return ".".join(str(step) for step in path)


def _entry(entries: list[Any], steps: list[str], path: list[str | int]) -> tuple[int, int]:
    """Number of the entry that the next steps name, and how many steps its name takes (ids may hold dots)."""
    names: dict[str, list[int]] = {}
    for number, entry in enumerate(entries):
        for name in _names(entry):
            names.setdefault(name, []).append(number)
    for used in range(1, len(steps) + 1):
        found = names.get(".".join(steps[:used]))
        if found and len(found) > 1:
            raise _CannotError(
                f"'{'.'.join(steps[:used])}' names {len(found)} entries of '{_dotted(path)}'; add /product"
            )
        if found:
            return found[0], used
    if steps[0].isdecimal():
        if int(steps[0]) < len(entries):
            return int(steps[0]), 1
        raise _CannotError(f"'{_dotted(path)}' has {len(entries)} entries, numbered from 0: there is no {steps[0]}")
    raise _CannotError(f"'{_dotted(path)}' has no entry '{steps[0]}'{suggestion(steps[0], names, listed='entries:')}")


def _names(entry: Any) -> list[str]:
    if not isinstance(entry, dict):
        return []
    for key in ("id", "name"):
        if isinstance(entry.get(key), str):
            return [entry[key]]
    if isinstance(entry.get("taker"), str):
        return [f"{entry.get('giver')}/{entry['taker']}/{entry.get('product')}"]
    for first, second in (("buyer", "supplier"), ("node", "product")):
        if isinstance(entry.get(first), str) and isinstance(entry.get(second), str):
            short = f"{entry[first]}/{entry[second]}"
            product = entry.get("product")
            return [short, f"{short}/{product}"] if first == "buyer" and isinstance(product, str) else [short]
    return []
