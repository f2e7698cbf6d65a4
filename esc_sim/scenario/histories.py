"""Laws that draw from a series of the scenario: they are handed its values, and what cannot be so is told."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from esc_sim.counted import counted
from esc_sim.scenario.empirical import Empirical
from esc_sim.scenario.fields import item_of, mapped_of, models_of, suggestion
from esc_sim.scenario.messages import Path, Problem

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario

_BY_PERIOD = (("demand", "law"), ("demand", "then"), ("production", "law"))
"""Places of laws of which a value is drawn in each period, so that blocks of periods mean something."""

_PLAIN = (float, type(None))


def empirical_laws(part: BaseModel, path: Path = (), like: BaseModel | None = None) -> Iterator[tuple[Path, Empirical]]:
    """Every law ``empirical`` that a part is or holds, with its path from there.

    Args:
        part: a scenario, or a part of one.
        path: of the part.
        like: another part of its kind: what both hold is left out.
    """
    if isinstance(part, Empirical):
        yield path, part
        return
    for name, key in _leading(type(part)):
        value, other = getattr(part, name), getattr(like, name, None)
        if value is other:
            continue
        if isinstance(value, BaseModel):
            yield from empirical_laws(value, (*path, key))
        elif isinstance(value, list):
            known = set(map(id, other)) if isinstance(other, list) else ()
            for number, one in enumerate(value):
                if isinstance(one, BaseModel) and id(one) not in known and _may_hold(one):
                    yield from empirical_laws(one, (*path, key, number))
        elif isinstance(value, dict):
            for word, one in value.items():
                if isinstance(one, BaseModel):
                    yield from empirical_laws(one, (*path, key, word))


def _may_hold(part: BaseModel) -> bool:
    """Whether the law may stand in a part; told quickly of a million arcs whose lead times are numbers."""
    for name, _ in _leading(type(part)):
        if type(getattr(part, name)) not in _PLAIN:
            return True
    return isinstance(part, Empirical)


@cache
def _leading(model: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    """Fields of a part, and their keys, in which the law may stand, however deep."""
    found = []
    for name, field in model.model_fields.items():
        inner: Any = item_of(field.annotation) or mapped_of(field.annotation) or field.annotation
        if any(one is Empirical or _leading(one) for one in models_of(inner)):
            found.append((name, field.alias or name))
    return tuple(found)


def bind_histories(scenario: Scenario) -> None:
    """Hand every law ``empirical`` the values of its series, where there is one of that name.

    Raises:
        ValueError: a law is part of another scenario with other values.
    """
    for _, law in empirical_laws(scenario) if scenario.series else ():
        if law.series in scenario.series:
            law.bind(tuple(scenario.series[law.series]))


def history_problems(scenario: Scenario, like: Scenario | None = None) -> Iterator[Problem]:
    """Laws of a series that is not there, or shorter than a block; blocks where no periods are drawn.

    Args:
        scenario: the scenario.
        like: one that has no such problems: parts that both hold are not looked at, if their series are the same.
    """
    like = like if like is not None and like.series is scenario.series else None
    for path, law in empirical_laws(scenario, like=like):
        count = len(scenario.series.get(law.series, ()))
        if not count:
            hint = suggestion(law.series, scenario.series) or "; give it under 'series', or in a table series.csv"
            yield Problem((*path, "series"), f"there is no series '{law.series}'{hint}")
        elif law.block > 1 and path[-2:] not in _BY_PERIOD:
            yield Problem((*path, "block"), "blocks of periods are for the laws of demand and production: leave it out")
        elif law.block > count:
            text = f"a block of {law.block} is longer than series '{law.series}', which has {counted(count, 'value')}"
            yield Problem((*path, "block"), text)
