"""Overrides: ``--set disruptions.refinery_3_outage.probability=0.2`` and the same from Python.

A path is dotted. An entry of a list is named by its id or name, by ``buyer/supplier`` (an arc; then ``/product`` and
``/mode`` where there are several), ``node/product`` (a stock line), or by its number, from 0; a name that several
entries share (each for a ``when`` of its own) means all of them, and ``*`` stands for any text without a slash. The
value is read as YAML, or changes what stands there (:mod:`esc_sim.scenario.relative`).
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic.fields import FieldInfo

from esc_sim.errors import InputError
from esc_sim.fields.parts import plain
from esc_sim.scenario.dotted import quoted, split_change, steps_of
from esc_sim.scenario.entry_names import dotted, named, names_of, pattern_of
from esc_sim.scenario.fields import (
    DISCRIMINATORS,
    WHEN,
    field_of,
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
from esc_sim.scenario.relative import is_signed, is_written_relative
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.worth import AbsentError, CannotError, NoDaysError, Read, Worth, is_in_days, relative_to


@dataclass(frozen=True)
class Override:
    """A value set from outside the scenario: where it landed, and how it was written."""

    path: Path
    """Where it landed: keys and numbers that lead there."""
    label: str
    """How it was written, for messages."""
    value: Located | None = None
    """The value as it was written; None from Python."""
    wildcard: str = ""
    """The 'path=value' text, where it may change several entries."""


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


def apply_overrides(data: dict[str, Any], overrides: Overrides, read: Read) -> tuple[list[Override], list[str]]:
    """Change ``data`` in place.

    Args:
        data: the scenario as plain dicts and lists, tables included.
        overrides: 'path=value' texts, or a mapping of path to value.
        read: makes a scenario of changed data, for amounts in days of mean demand.

    Returns:
        The overrides applied, and the problems of those that could not be.
    """
    problems: list[str] = []
    wanted = _wanted(overrides, problems)
    rest = [one for one in wanted if not is_in_days(one.value)]
    others = copy.deepcopy(data) if len(rest) < len(wanted) else {}
    worth = Worth(data, lambda: read(others, _apply(others, rest, Worth(others), [])))
    return _apply(data, wanted, worth, problems), problems


def _apply(data: dict[str, Any], wanted: list[_Wanted], worth: Worth, problems: list[str]) -> list[Override]:
    applied: list[Override] = []
    for one in wanted:
        try:
            applied += _set(data, one, worth)
        except CannotError as reason:
            problems.append(f"{one.label}: {reason}")
    return applied


def entries_changed(applied: Iterable[Override]) -> dict[str, int]:
    """How many entries each change reached that names several by ``*``."""
    return dict(Counter(one.wildcard for one in applied if one.wildcard))


@dataclass(frozen=True)
class _Wanted:
    """A change as it is asked for: how it is written, for messages and in full; its value, as text and part by part."""

    label: str
    text: str
    path: str
    value: Any
    raw: str | None = None
    located: Located | None = None


def _wanted(overrides: Overrides, problems: list[str]) -> list[_Wanted]:
    if isinstance(overrides, Mapping):
        texts = as_texts(overrides)
        return [
            _Wanted(f"override '{path}'", text, str(path), copy.deepcopy(plain(value)))
            for text, (path, value) in zip(texts, overrides.items(), strict=True)
        ]
    found: list[_Wanted] = []
    for text in _texts(overrides):
        label = f"--set {text if len(text) <= 100 else text[:97] + '...'}"
        change = split_change(text)
        if change is None:
            problems.append(f"{label}: write PATH=VALUE, such as run.periods=100")
            continue
        path, raw = change
        if is_written_relative(raw):  # most of these are no YAML
            found.append(_Wanted(label, text, path, raw, raw, Located(raw, 1, 1)))
            continue
        try:
            located, wrong = read_yaml(raw, "value")
        except InputError as error:
            problems.extend(f"{label}: {problem.partition(': ')[2]}" for problem in error.problems)
            continue
        problems.extend(f"{label}: {problem.partition(': ')[2]}" for problem in wrong)
        found.append(_Wanted(label, text, path, located.plain() if located else None, raw, located))
    return found


@dataclass(frozen=True)
class _New:
    """What is set, on the way to its places."""

    value: Any
    raw: str | None
    worth: Worth
    each: bool = False
    """Whether a ``*`` has led here: nothing is added that an entry has no part for."""


def _set(data: dict[str, Any], wanted: _Wanted, worth: Worth) -> list[Override]:
    """Set a value; returns the places where it landed."""
    steps = steps_of(wanted.path)
    if steps[0] == "tables":
        raise CannotError("tables are read before values are set; change the scenario file")
    paths = _set_in(data, Scenario, steps, (), _New(wanted.value, wanted.raw, worth))
    if "*" not in wanted.path:
        return [Override(path, wanted.label, wanted.located) for path in paths]
    return [Override(path, f"{wanted.label}: {_place(data, path)}", wanted.located, wanted.text) for path in paths]


def _set_in(part: Any, annotation: Any, steps: list[str], path: Path, new: _New) -> list[Path]:
    """Set a value within the part at ``path``, which holds keys or entries; returns the places where it landed."""
    if isinstance(part, list):
        return _set_in_entries(part, item_of(annotation), steps, path, new)
    free = mapped_of(annotation) if not models_of(annotation) else None
    if free is not None and mapped_of(free) is not None and len(steps) > 1:  # variants: names that hold names
        inner = part.setdefault(steps[0], {})
        if not isinstance(inner, dict):
            raise CannotError(f"'{dotted((*path, steps[0]))}' is {shown(inner)} and holds no keys")
        return _set_in(inner, free, steps[1:], (*path, steps[0]), new)
    if free is not None and models_of(free) and len(steps) > 1:
        return _set_in_named(part, free, steps, path, new)
    if free is not None:
        return _set_names(part, free, ".".join(steps), path, new)
    name, rest = steps[0], steps[1:]
    kind = new.value if not rest and name in DISCRIMINATORS else kind_named(part)
    models = narrowed(models_of(annotation), kind)
    keys = keys_of(models)
    if name not in keys:
        place = f"'{dotted(path)}' has no key '{name}'" if path else f"unknown key '{name}'"
        raise CannotError(place + suggestion(name, keys, listed="keys here:"))
    if new.each and name not in part and len(models) > 1:
        raise CannotError(f"'{dotted(path)}' has no key '{name}'")
    path = (*path, name)
    if rest:
        return _set_in(_descend(part, name, keys[name], path, rest, new.each), keys[name], rest, path, new)
    value = relative_to(part, field_of(models, name), path, new.value, new.worth, new.each)
    part[name] = value if name == WHEN and value is False else _as_text(value, new.raw, keys[name])
    return [path]


def _set_in_named(part: dict[str, Any], annotation: Any, steps: list[str], path: Path, new: _New) -> list[Path]:
    """Set a value within what a name of the user's own holds, such as a mode's speed; ``*`` names some."""
    used, wild, names = 1, False, [steps[0]]
    for most in range(1, len(steps)):  # names may hold dots
        name = ".".join(steps[:most])
        found = [name] if name in part else [one for one in part if "*" in name and pattern_of(name).fullmatch(one)]
        if found:
            used, wild, names = most, name not in part, found
            break
    if "*" in names[0] and names[0] not in part:
        listed = suggestion(names[0], part, listed="keys here:")
        raise CannotError(f"'{dotted(path)}' has no key '{names[0]}'{listed}")
    landed: list[Path] = []
    for one in names:
        inner, here = part.get(one, {}), (*path, one)
        if not isinstance(inner, dict):
            raise CannotError(f"'{dotted(here)}' is {shown(inner)} and holds no keys")
        own = replace(new, value=copy.deepcopy(new.value), each=new.each or wild)
        landed += _set_in(inner, annotation, steps[used:], here, own)
        part[one] = inner
    return landed


def _set_names(part: dict[str, Any], annotation: Any, name: str, path: Path, new: _New) -> list[Path]:
    """Set the value of a name of the user's own, such as a node or a series, which may hold dots; ``*`` names some."""
    is_known = name in part
    names = [name] if is_known or "*" not in name else [one for one in part if pattern_of(name).fullmatch(one)]
    if not names or (item_of(annotation) is not None and not is_known and "*" not in name):
        raise CannotError(f"'{dotted(path)}' has no key '{name}'{suggestion(name, part, listed='keys here:')}")
    field = FieldInfo(annotation=annotation)
    for one in names:
        own = relative_to(part, field, (*path, one), copy.deepcopy(new.value), new.worth, new.each)
        part[one] = _as_text(own, new.raw, annotation)
    return [(*path, one) for one in names]


def _set_in_entries(entries: list[Any], annotation: Any, steps: list[str], path: Path, new: _New) -> list[Path]:
    """Set a value within each entry that the next steps name, or in place of it."""
    numbers, used, wild = named(entries, steps, path, new.worth.first_product)
    landed: list[Path] = []
    refused: list[CannotError] = []
    for number in numbers:
        here, own = (*path, number), replace(new, value=copy.deepcopy(new.value), each=new.each or wild)
        if used == len(steps):
            entries[number] = own.value
            landed.append(here)
            continue
        try:
            if not isinstance(entries[number], dict):
                raise CannotError(f"'{dotted(here)}' is {shown(entries[number])} and holds no keys")
            landed += _set_in(entries[number], annotation, steps[used:], here, own)
        except CannotError as reason:
            if not wild or isinstance(reason, NoDaysError):
                raise
            refused.append(reason)
    if not landed:
        why = next((one for one in refused if not isinstance(one, AbsentError)), refused[0])
        what = f"'{'.'.join(steps[:used])}' names {len(numbers)} {'entry' if len(numbers) == 1 else 'entries'}"
        raise CannotError(f"{what} of '{dotted(path)}', none of which this can change: {why}")
    return landed


def _descend(part: dict[str, Any], name: str, annotation: Any, path: Path, steps: list[str], each: bool) -> Any:
    inner = part.get(name)
    if name in AMOUNTS and len(steps) == 1:
        return _amounts(part, name, path)
    if isinstance(inner, (dict, list)):
        return inner
    if inner is None and each:
        raise AbsentError(f"'{dotted(path)}' is not there")
    if inner is None and (models_of(annotation) or mapped_of(annotation) is not None):
        part[name] = {}
        return part[name]
    if inner is None and item_of(annotation) is not None:
        hint = "; a node's own product stands at the node (nodes.*)" if path == ("stocks",) and steps[0] == "*" else ""
        raise CannotError(f"'{dotted(path)}' has no entries, so none named '{steps[0]}'{hint}")
    raise CannotError(f"'{dotted(path)}' is {shown(inner)} and holds no keys: set it as a whole")


def _amounts(part: dict[str, Any], name: str, path: Path) -> Any:
    """Amounts by name, which a table's cell has as text."""
    try:
        part[name] = read_amounts(part.get(name) or {})
    except ValueError:
        raise CannotError(f"'{dotted(path)}' is {shown(part.get(name))}: set it as a whole") from None
    return part[name]


def _as_text(value: Any, raw: str | None, annotation: Any) -> Any:
    """A number or boolean written where text belongs is text: a shell would take quotes away."""
    if raw is not None and kind_of(annotation) == "text" and isinstance(value, (bool, int, float)):
        return raw
    if raw is not None and kind_of(annotation) == "text" and value == raw and is_signed(raw):
        raise CannotError(f"text stands here, which '{raw}' cannot change: to write just that, put it in double quotes")
    return value


def _place(data: Any, path: Path) -> str:
    """A path as for ``--set``, entries by their names."""
    steps = []
    for step in path:
        data = data[step]
        names = names_of(data) if isinstance(step, int) else []
        steps.append(quoted(names[-1]) if names else quoted(str(step)))
    return ".".join(steps)
