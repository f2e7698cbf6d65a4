"""Relative values at their places: what stands there, and what a day or a period is worth there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import esc_sim
from esc_sim.errors import InputError
from esc_sim.fields.parts import A_TIME
from esc_sim.scenario.fields import item_of, kind_of
from esc_sim.scenario.items import states_item
from esc_sim.scenario.messages import Path
from esc_sim.scenario.relative import IN_DAYS, nearly_relative, periods_of, relative_of
from esc_sim.scenario.run import Units
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.times import is_time

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

Read = Callable[[dict[str, Any], Sequence[Any]], Scenario]
"""Makes a scenario of changed data, given the changes."""


class CannotError(Exception):
    """Why an override cannot be applied."""


class AbsentError(CannotError):
    """Why an override cannot be applied here, though it may elsewhere: its part is not there."""


class NoDaysError(CannotError):
    """Why a value cannot be given in days or periods, at this place or any other."""


def is_in_days(value: Any) -> bool:
    """Whether a value is given in days or periods."""
    change = relative_of(value)
    return change is not None and bool(change.unit)


class Worth:
    """What a day and a period are worth: in periods where a time stands, in units where an amount of a stock does."""

    def __init__(self, data: Mapping[str, Any], others: Callable[[], Scenario] | None = None) -> None:
        """Nothing is worked out before it is asked for.

        Args:
            data: the scenario as plain dicts and lists.
            others: the scenario with all changes that are not in days.
        """
        self._data = data
        self._others = others

    @cached_property
    def _demands(self) -> Mapping[tuple[str, str], float]:
        assert self._others is not None
        try:
            found: Mapping[tuple[str, str], float] = esc_sim.from_above("mean_demands")(self._others())
        except (InputError, ValueError, KeyError):  # what the schema refuses, and names that nobody bears
            raise NoDaysError("the scenario has mistakes, so that nobody knows its mean demands") from None
        return found

    @property
    def first_product(self) -> str:
        """What is meant where no product is named."""
        products = self._data.get("products")
        first = products[0] if isinstance(products, list) and products else {"id": "goods"}
        return str(first.get("id")) if isinstance(first, dict) else ""

    def at(self, path: Path, unit: str, time: bool) -> float:
        """What one is worth at a place.

        Args:
            path: of the value.
            unit: "d" or "p".
            time: whether a time stands there.

        Raises:
            NoDaysError: days mean nothing there.
        """
        try:
            periods = periods_of(unit, self._step())
        except ValueError as reason:
            raise NoDaysError(str(reason)) from None
        if time:
            return periods
        if path[0] not in ("nodes", "stocks") or path[-1] not in IN_DAYS:
            *most, last = IN_DAYS
            raise NoDaysError(f"days and periods are for times, and for {', '.join(most)} and {last} of a stock")
        entry = self._data[str(path[0])][path[1]]
        node, product = entry.get("id", entry.get("node")), entry.get("product") or self.first_product
        return periods * self._demands.get((node, product), 0.0)

    def _step(self) -> str:
        run, units = self._data.get("run") or {}, self._data.get("units") or {}
        return str(run.get("step") or units.get("period") or Units().period)


_IN_PLACE: Mapping[str, Sequence[str]] = {
    "mean": ("law", "series", "arrivals"),
    "sd": ("law", "arrivals"),
    "law": ("mean", "series", "arrivals"),
    "series": ("mean", "law", "arrivals"),
}
"""Keys of demand and production, and those that take their place."""


def _taken(part: Mapping[str, Any], path: Path) -> str:
    """Why a key has no place, as another one has taken it; '' where it has one."""
    *most, key = map(str, path)
    if most[-1:] not in (["demand"], ["production"]) or part.get(key) is not None:
        return ""
    other = next((name for name in _IN_PLACE.get(key, ()) if part.get(name)), None)
    if other is None:
        return ""
    change = f"series.{part[other]}" if other == "series" else f"{most[-1]}.{other}"
    such = ", such as +20%" if other != "arrivals" else ""
    return f"'{'.'.join(most)}' has no {key}, but {other}: change '{change}'{such}"


def relative_to(part: Mapping[str, Any], field: FieldInfo, path: Path, value: Any, worth: Worth, each: bool) -> Any:
    """The value that a key gets: a relative one is worked out from what stands there, any other is taken as it is.

    Args:
        part: what holds the key.
        field: what belongs there.
        path: of the key.
        value: as given.
        worth: of days and periods.
        each: whether a ``*`` named the place: nodes that hold nothing are then left as they are.

    Raises:
        CannotError: nothing stands there that could be changed so.
    """
    change, present = relative_of(value), part.get(str(path[-1]))
    taken = _taken(part, path) if each or change is not None else ""
    if taken:
        raise CannotError(taken)
    numbers = {kind_of(field.annotation), kind_of(item_of(field.annotation))} & {"number", "integer"}
    meant = nearly_relative(value) if numbers and isinstance(value, str) else ""
    if meant:
        raise CannotError(f"'{value}' is no change that can be read: write {meant}")
    if change is None or not (numbers or (isinstance(present, dict) and "law" in present)):
        return value
    if change.unit and not change.factor:  # 5d: what stands there does not matter
        present = 0
    elif present is None and not (each and path[0] == "nodes" and not states_item(part)):
        present = field.default
    place = ".".join(map(str, path))
    if not isinstance(present, int | float | list | dict):
        raise CannotError(f"'{place}' is not given, so there is nothing to change: set it to a number")
    time = A_TIME in field.metadata or is_time(field.annotation)
    try:
        return change.of(present, worth.at(path, change.unit, time) if change.unit else 1.0)
    except ValueError as reason:
        raise CannotError(f"'{place}' is {reason}: set it to a number") from None
