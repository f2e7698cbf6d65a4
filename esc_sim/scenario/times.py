"""The times that a scenario states, whatever part of it they stand in."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import Any, Final, get_args

from pydantic import BaseModel

from esc_sim.fields.parts import A_TIME
from esc_sim.scenario.empirical import Empirical
from esc_sim.scenario.fields import item_of, mapped_of, models_of
from esc_sim.scenario.laws import Discrete

TIMES: Final = frozenset({A_TIME})


def stated_times(part: BaseModel) -> tuple[set[float], set[float]]:
    """All times of a scenario or of a part of it, in review periods.

    A key states a time where its type says so (``A_TIME``), so that a new key needs no line here.

    Returns:
        Times that are taken as they are written: plain numbers, and values that laws give for certain or cut at; and
        means of laws, which only tell how long such times are.
    """
    exact: set[float] = set()
    means: set[float] = set()
    for value in _values(part):
        if isinstance(value, BaseModel):
            exact.update(value.values if isinstance(value, Discrete | Empirical) else [value.upper])  # type: ignore[attr-defined]
            means.add(getattr(value, "mean", math.inf))
        else:
            exact.add(float(value))
    return {t for t in exact if math.isfinite(t)}, {t for t in means if math.isfinite(t)}


def _values(part: BaseModel) -> Iterator[Any]:
    """Values of all keys that state times: numbers and laws."""
    own, deeper = time_keys(type(part))
    for name in own:
        value = getattr(part, name)
        if value is not None:
            yield value
    for name in deeper:
        value = getattr(part, name)
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]
        for one in inner:
            if isinstance(one, BaseModel):
                yield from _values(one)


@cache
def time_keys(model: type[BaseModel], marks: frozenset[str] = TIMES) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Keys of a part that state times, and keys of parts in which such keys stand.

    Args:
        model: the part.
        marks: of the types that are wanted.
    """
    own, deeper = [], []
    for name, field in model.model_fields.items():
        if not marks.isdisjoint(filter(_is_word, field.metadata)) or is_time(field.annotation, marks):
            own.append(name)
        else:
            inner = item_of(field.annotation) or mapped_of(field.annotation) or field.annotation
            if any(any(time_keys(one, marks)) for one in models_of(inner)):
                deeper.append(name)
    return tuple(own), tuple(deeper)


def is_time(annotation: Any, marks: frozenset[str] = TIMES) -> bool:
    """Whether what is written so is a time.

    Args:
        annotation: of a key.
        marks: of the types that are wanted.
    """
    if not marks.isdisjoint(filter(_is_word, getattr(annotation, "__metadata__", ()))):
        return True
    return any(is_time(part, marks) for part in get_args(annotation))


def _is_word(mark: Any) -> bool:
    return isinstance(mark, str)
