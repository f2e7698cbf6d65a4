"""One check for a scenario, whoever made it: read from files, from plain values, put together in Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import ValidationError

from esc_sim.errors import InputError
from esc_sim.fields.parts import Part
from esc_sim.measures.measure import Measure
from esc_sim.scenario.fields import SECTIONS, WHEN, is_scalar, item_of, models_of
from esc_sim.scenario.meaning import check_scenario
from esc_sim.scenario.messages import Problem, problems_of
from esc_sim.scenario.overrides import Override, Overrides, apply_overrides, as_texts, entries_changed
from esc_sim.scenario.places import placed
from esc_sim.scenario.schema import Arc, Scenario
from esc_sim.scenario.written_times import read_times


def checked(scenario: Scenario) -> Scenario:
    """The scenario, once its values, references and meaning are in order.

    A scenario that was checked, here or by its reader, is not checked again unless a part of it was changed since
    (``model_copy``, a list that was added to, however deep it stands).

    Raises:
        InputError: with every problem and the path of its value (``arcs.0.supplier: there is no node 'shop1'``).
    """
    if scenario._checked is not None and scenario._checked == _held(scenario.__dict__):
        return scenario
    # Values that were put in by model_copy, or added to a list, have not been seen by the models yet.
    made = scenario_of(_values(scenario, scenario.arcs), scenario.measures)
    if made == scenario:
        made = scenario
    came_from(made, scenario)
    made._measures = scenario._measures
    made._options = made._options or scenario._options
    mark_checked(made)
    return made


def scenario_of(data: dict[str, Any], measures: Mapping[str, Measure] | None = None) -> Scenario:
    """A checked scenario from plain values.

    Args:
        data: as in scenario.yaml, tables filled in.
        measures: of the user's own, which the section ``optimize`` may name.

    Raises:
        InputError: as :func:`checked`.
    """
    try:
        made = Scenario.model_validate(data, strict=True, context=measures)
    except ValidationError as error:
        raise InputError([placed(problem, Scenario, data) for problem in problems_of(error, Scenario, data)]) from None
    made._measures = dict(measures or {})
    wrong = check_scenario(made)
    if wrong:
        raise InputError(wrong)
    mark_checked(made)
    return made


def mark_checked(scenario: Scenario, like: Scenario | None = None) -> None:
    """Remember that the scenario, as it stands, has been checked.

    Args:
        scenario: that was checked.
        like: another one that was: what is remembered of a part holds of the same part here as well.
    """
    if like is None or like._checked is None:
        scenario._checked = _held(scenario.__dict__)
    else:
        parts = zip(scenario.__dict__.items(), like.__dict__.values(), like._checked, strict=True)
        scenario._checked = tuple((key, _held(value, other, held)) for (key, value), other, (_, held) in parts)


_UNCHANGING = frozenset({bool, float, int, str, type(None)})


def _held(value: Any, like: Any = None, held: Any = None) -> Any:
    """What a value holds, in tuples that do not change when lists and mappings, its own or those of its parts, do.

    Args:
        value: list, mapping or part, or what does not change.
        like: another value, of which most may be the same.
        held: what that one held, which is taken over where it is the same, or a list whose entry is the same.
    """
    if value is like:
        return held
    if isinstance(value, list):
        if _UNCHANGING.issuperset(map(type, value)):
            return tuple(value)
        if isinstance(like, list) and isinstance(held, tuple) and len(value) == len(like) == len(held):
            return tuple(map(_held, value, like, held))
        return tuple(map(_held, value))
    if isinstance(value, dict):
        return tuple((key, _held(one)) for key, one in value.items())
    inner = [_held(one) for name in _inner(value.__class__) if type(one := getattr(value, name)) not in _UNCHANGING]
    return (value, *inner) if inner else value


@cache
def _inner(kind: type) -> tuple[str, ...]:
    """Fields of a part that may hold something that changes; nothing else has such."""
    fields = kind.model_fields if issubclass(kind, Part) else {}
    return tuple(name for name, field in fields.items() if not is_scalar(field.annotation))


def changed(scenario: Scenario, overrides: Overrides) -> Scenario:
    """The scenario with values changed as by ``--set``, checked. Its options stand among the arcs, as in its files.

    What its switches left out is gone, so they cannot be turned any more.

    Raises:
        InputError: a change cannot be made, or what it makes cannot be used.
    """
    data = as_data(scenario)
    applied, problems = apply_overrides(data, overrides, _read_of)
    problems += [_said(problem, applied, data) for problem in read_times(data)]
    problems += [
        f"{one.label}: the scenario has been read, and what its switches left out is gone: give its path, or its dict"
        for one in applied
        if one.path[0] in SECTIONS or WHEN in one.path
    ]
    if problems:
        raise InputError(problems)
    made = scenario_of(data, scenario.measures)
    came_from(made, scenario)
    made._changes = (*scenario.changes, *as_texts(overrides))
    made._entries_changed = {**scenario.entries_changed, **entries_changed(applied)}
    return made


def _read_of(data: dict[str, Any], _applied: Sequence[Override]) -> Scenario:
    read_times(data)
    return Scenario.model_validate(data, strict=True)


def _said(problem: Problem, applied: Sequence[Override], data: dict[str, Any]) -> str:
    """A problem with the change that made it."""
    made = [one.label for one in applied if problem.path[: len(one.path)] == one.path]
    return f"{made[-1]}: {problem.text}" if made else placed(problem, Scenario, data)


def as_data(scenario: Scenario) -> dict[str, Any]:
    """The scenario as plain values, its options among the arcs."""
    return _values(scenario, arcs_and_options(scenario))


def _values(scenario: Scenario, arcs: list[Arc]) -> dict[str, Any]:
    """The scenario as plain values, with these arcs; what their distances gave them is left out."""
    data = scenario.model_dump(by_alias=True, warnings=False, exclude={"arcs"})
    return {**data, "arcs": list(map(_as_stated, arcs)) if isinstance(arcs, list) else arcs}


def _as_stated(arc: Arc) -> Any:
    """Plain values of an arc without those that are not stated; what is no arc, as it is."""
    return arc.model_dump(by_alias=True, warnings=False, exclude_unset=True) if isinstance(arc, Arc) else arc


def came_from(made: Scenario, scenario: Scenario) -> None:
    """Note on a scenario made of another one where that was read from, and how."""
    made._folder, made._whole = scenario._folder, scenario._whole
    made._notices, made._changes = scenario._notices, scenario._changes
    made._entries_changed, made._stated = scenario._entries_changed, scenario._stated


def arcs_and_options(scenario: Scenario) -> list[Arc]:
    """All arcs in the order of the files, with those that are options."""
    arcs = list(scenario.arcs)
    for number, arc in scenario.options:
        arcs.insert(number, arc)
    return arcs


def with_parts(scenario: Scenario, parts: Sequence[Part]) -> Scenario:
    """The scenario with further entries of its lists, each part in the list of its kind; not checked.

    Raises:
        InputError: a scenario has no list of such parts.
    """
    fields = {name: getattr(scenario, name) for name in scenario.model_fields_set} | {
        "arcs": arcs_and_options(scenario)
    }
    lists = {
        model: name for name, field in Scenario.model_fields.items() for model in models_of(item_of(field.annotation))
    }
    for part in parts:
        name = next((name for model, name in lists.items() if isinstance(part, model)), None)
        if name is None:
            known = ", ".join(model.__name__ for model in lists)
            raise InputError(f"add: a scenario has no list of {type(part).__name__}; its lists are of {known}")
        fields[name] = [*fields.get(name, ()), part]
    made = Scenario(**fields)
    came_from(made, scenario)
    made._whole, made._measures = None, scenario._measures
    return made
