"""Overrides: ``--set disruptions.refinery_3_outage.probability=0.2`` and the same from Python.

A path is dotted. An entry of a list is named by its id or name, by ``buyer/supplier`` (an arc; then ``/product`` and
``/mode`` where there are several), ``node/product`` (a stock line), or by its number, from 0; a name that several
entries share (each for a ``when`` of its own) means all of them. The value is read as YAML.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esc_sim.errors import InputError
from esc_sim.fields.parts import plain
from esc_sim.scenario.fields import (
    DISCRIMINATORS,
    WHEN,
    item_of,
    keys_of,
    kind_named,
    kind_of,
    mapped_of,
    models_of,
    narrowed,
    suggestion,
)
from esc_sim.scenario.located import Located, read_yaml
from esc_sim.scenario.messages import Path, shown
from esc_sim.scenario.recipes import AMOUNTS, read_amounts
from esc_sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Override:
    """A value set from outside the scenario: where it landed, and how it was written."""

    path: Path
    """Where it landed: keys and numbers that lead there."""
    label: str
    """How it was written, for messages."""
    value: Located | None = None
    """The value as it was written; None from Python."""


Overrides = Sequence[str] | Mapping[str, Any]


def as_texts(overrides: Overrides) -> list[str]:
    """Changes as 'path=value' texts; values are written as JSON, which is YAML, and read back bit for bit."""
    if not isinstance(overrides, Mapping):
        return _texts(overrides)
    return [f"{path}={json.dumps(plain(value))}" for path, value in overrides.items()]


def _texts(overrides: Sequence[str]) -> list[str]:
    """Changes that are given as texts.

    Raises:
        InputError: they are none.
    """
    texts = [overrides] if isinstance(overrides, str) else overrides
    if not isinstance(texts, Iterable) or not all(isinstance(text, str) for text in texts):
        raise InputError(
            f"overrides: {shown(overrides)} cannot be read as changes; give a dict such as {{'run.periods': 100}}"
        )
    return list(texts)


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
    for label, dotted, value, raw, located in _pairs(overrides, problems):
        try:
            paths = _set(data, dotted, value, raw)
        except _CannotError as reason:
            problems.append(f"{label}: {reason}")
        else:
            applied += [Override(path, label, located) for path in paths]
    return applied, problems


class _CannotError(Exception):
    """Why an override cannot be applied."""


_Pair = tuple[str, str, Any, str | None, Located | None]


def _pairs(overrides: Overrides, problems: list[str]) -> list[_Pair]:
    """Label, path, value, and the value as written: as text, and part by part (None from Python)."""
    if isinstance(overrides, Mapping):
        return [
            (f"override '{path}'", str(path), copy.deepcopy(plain(value)), None, None)
            for path, value in overrides.items()
        ]
    pairs: list[_Pair] = []
    for text in _texts(overrides):
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
        pairs.append((label, path.strip(), located.plain() if located else None, written.strip(), located))
    return pairs


def _set(data: dict[str, Any], dotted: str, value: Any, raw: str | None) -> list[Path]:
    """Set a value; returns the places where it landed."""
    steps = dotted.split(".")
    if steps[0] == "tables":
        raise _CannotError("tables are read before values are set; change the scenario file")
    return _set_in(data, Scenario, steps, (), value, raw)


def _set_in(part: Any, annotation: Any, steps: list[str], path: Path, value: Any, raw: str | None) -> list[Path]:
    """Set a value within the part at ``path``, which holds keys or entries; returns the places where it landed."""
    if isinstance(part, list):
        return _set_in_entries(part, item_of(annotation), steps, path, value, raw)
    free = mapped_of(annotation) if not models_of(annotation) else None
    if free is not None and mapped_of(free) is not None and len(steps) > 1:  # variants: names that hold names
        inner = part.setdefault(steps[0], {})
        if not isinstance(inner, dict):
            raise _CannotError(f"'{_dotted((*path, steps[0]))}' is {shown(inner)} and holds no keys")
        return _set_in(inner, free, steps[1:], (*path, steps[0]), value, raw)
    if free is not None and item_of(free) is None:  # names of the user's own, such as nodes; they may hold dots
        name = ".".join(steps)
        part[name] = _as_text(value, raw, free)
        return [(*path, name)]
    name, rest = steps[0], steps[1:]
    kind = value if not rest and name in DISCRIMINATORS else kind_named(part)
    keys = keys_of(narrowed(models_of(annotation), kind))
    if name not in keys:
        place = f"'{_dotted(path)}' has no key '{name}'" if path else f"unknown key '{name}'"
        raise _CannotError(place + suggestion(name, keys, listed="keys here:"))
    path = (*path, name)
    if not rest:
        part[name] = value if name == WHEN and value is False else _as_text(value, raw, keys[name])
        return [path]
    return _set_in(_descend(part, name, keys[name], path, rest), keys[name], rest, path, value, raw)


def _set_in_entries(
    entries: list[Any], annotation: Any, steps: list[str], path: Path, value: Any, raw: str | None
) -> list[Path]:
    """Set a value within each entry that the next steps name, or in place of it."""
    numbers, used = _named(entries, steps, path)
    landed: list[Path] = []
    for number in numbers:
        here, own = (*path, number), copy.deepcopy(value)
        if used == len(steps):
            entries[number] = own
            landed.append(here)
            continue
        if not isinstance(entries[number], dict):
            raise _CannotError(f"'{_dotted(here)}' is {shown(entries[number])} and holds no keys")
        landed += _set_in(entries[number], annotation, steps[used:], here, own, raw)
    return landed


def _descend(part: dict[str, Any], name: str, annotation: Any, path: Path, steps: list[str]) -> Any:
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


def _amounts(part: dict[str, Any], name: str, path: Path) -> Any:
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


def _named(entries: list[Any], steps: list[str], path: Path) -> tuple[list[int], int]:
    """Numbers of the entries that the next steps name, and how many steps the name takes (ids may hold dots)."""
    names: dict[str, list[int]] = {}
    for number, entry in enumerate(entries):
        for name in _names(entry):
            names.setdefault(name, []).append(number)
    for used in range(1, len(steps) + 1):
        found = names.get(".".join(steps[:used]))
        if found and any(_names(entries[number]) != _names(entries[found[0]]) for number in found):
            several = [key for key in ("product", "mode") if len({entries[number].get(key) for number in found}) > 1]
            raise _CannotError(
                f"'{'.'.join(steps[:used])}' names {len(found)} entries of '{_dotted(path)}'; "
                f"add {' and '.join(f'/{key}' for key in several)}"
            )
        if found:
            return found, used
    if steps[0].isdecimal():
        if int(steps[0]) < len(entries):
            return [int(steps[0])], 1
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
    if isinstance(entry.get("buyer"), str) and isinstance(entry.get("supplier"), str):
        names = [f"{entry['buyer']}/{entry['supplier']}"]
        for key in ("product", "mode"):
            more = entry.get(key)
            names += [f"{name}/{more}" for name in names] if isinstance(more, str) else []
        return names
    if isinstance(entry.get("node"), str) and isinstance(entry.get("product"), str):
        return [f"{entry['node']}/{entry['product']}"]
    return []
