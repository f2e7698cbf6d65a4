"""Whether what a sweep varies has any effect: looked at before it runs, and in its table."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.scenario.dotted import path_of
from esc_sim.scenario.unread import Reads, reason_unread
from esc_sim.sweep.designs import Point
from esc_sim.sweep.parameters import Parameter

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario

_MOST_POINTS: Final = 32
"""Points of a sweep at which a parameter is looked at, before it is said to have no effect."""
_MOST_VALUES: Final = 16


def check_effect(
    parameters: Sequence[Parameter],
    overrides: Sequence[str],
    places: Sequence[Point],
    load: Callable[[Point], Scenario],
    reads: Reads,
) -> None:
    """Refuse a sweep over values that change nothing that its points read.

    Args:
        parameters: what varies.
        overrides: values that are set at all points, as 'path=value' texts.
        places: the points.
        load: the scenario at a point.
        reads: what the run of a point reads of it.

    Raises:
        InputError: a parameter has no effect, or is set at all points as well.
    """
    fixed = {path_of(text) for text in overrides}
    problems = [
        f"--vary {parameter.path}: is also set to one value (--set {parameter.path}): leave one of the two out"
        for parameter in parameters
        if parameter.path in fixed
    ]
    for number, parameter in enumerate(parameters):
        pair = _unread_pair(number, parameters, places, load, reads)
        if pair is not None:
            reason = reason_unread("sweep", parameter.path, *pair)
            problems.append(f"--vary {parameter.path}: all its values give the same runs: {reason}")
    if problems:
        raise InputError(problems)


def _unread_pair(
    number: int,
    parameters: Sequence[Parameter],
    places: Sequence[Point],
    load: Callable[[Point], Scenario],
    reads: Reads,
) -> tuple[Scenario, Scenario] | None:
    """Two scenarios that differ in a parameter alone, where it has an effect at no point; else None."""
    values = _values(parameters[number])
    for place in _some(parameters, places):
        try:
            found = [load((*place[:number], value, *place[number + 1 :])) for value in values[:2]]
            first = reads(found[0])
            later = (load((*place[:number], value, *place[number + 1 :])) for value in values[2:])
            if reads(found[1]) != first or any(reads(scenario) != first for scenario in later):
                return None
        except InputError:  # a point that cannot be run is refused when its turn comes
            return None
    return found[0], found[1]


def _values(parameter: Parameter) -> list[Any]:
    """Values of a parameter that are looked at: the ends of a range, or some of a list, ends first."""
    if not parameter.values:
        return [parameter.low, parameter.high]
    middle = parameter.values[1:-1]
    step = max(1, -(-len(middle) // _MOST_VALUES))
    return [parameter.values[0], parameter.values[-1], *middle[::step]]


def _some(parameters: Sequence[Parameter], places: Sequence[Point]) -> Iterator[Point]:
    """The middle of all parameters, and some points: what a parameter does may hang on the others."""
    yield tuple(parameter.value_at(0.5) for parameter in parameters)
    if len(parameters) > 1:
        yield from random.Random(0).sample(places, min(len(places), _MOST_POINTS))


def unmoved(parameters: Sequence[Parameter], table: pd.DataFrame, kpis: Sequence[str]) -> list[str]:
    """A sentence for each parameter with which no key figure changed, where the points show it.

    Args:
        parameters: what was varied.
        table: of the sweep.
        kpis: key figures that the table has.
    """
    means = table[[f"{name}.mean" for name in kpis]].to_numpy(np.float64)
    return [
        f"no key figure changed with {parameter.path} at any point: under the other values it has no effect"
        for parameter in parameters
        if _moved(table, means, [other.path for other in parameters if other is not parameter]) is False
    ]


def _moved(table: pd.DataFrame, means: NDArray[np.float64], others: list[str]) -> bool | None:
    """Whether key figures differ between points that are alike in the other parameters; None where there are none."""
    numbers = table.groupby(others, sort=False, dropna=False).ngroup().to_numpy() if others else np.zeros(len(table))
    groups = [rows for rows in (means[numbers == number] for number in np.unique(numbers)) if len(rows) > 1]
    if not groups:
        return None
    return any(not np.array_equal(rows[1:], rows[:-1], equal_nan=True) for rows in groups)
