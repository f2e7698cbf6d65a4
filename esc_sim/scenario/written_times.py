"""Times as people write them, dates and spans such as '6 weeks': they become review periods before all is checked.

A key may hold them where its type says that it is a time (``A_TIME``), and dates where it says when (``A_MOMENT``), so
that a new key needs no line here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from esc_sim.errors import InputError
from esc_sim.fields.parts import A_MOMENT, A_SPAN, A_TIME
from esc_sim.scenario.calendar import Calendar, Step, calendar_from, calendar_of, date_advice, date_of, step_of, written
from esc_sim.scenario.cells import number_of
from esc_sim.scenario.fields import (
    field_of,
    item_of,
    kind_named,
    kind_of,
    mapped_of,
    models_of,
    narrowed,
)
from esc_sim.scenario.kinds import number
from esc_sim.scenario.messages import Path, Problem
from esc_sim.scenario.run import Units
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.times import time_keys

_SPAN: Final = re.compile(r"(?P<count>[0-9]+(?:\.[0-9]+)?)\s+(?P<unit>[a-z]+(?: days?)?)", re.IGNORECASE)
_LOOSE_DATE: Final = re.compile(r"\d{1,4}([-./])\d{1,2}\1\d{1,4}")
_WRITTEN: Final = frozenset({A_TIME, A_SPAN})
_DIGITS: Final = 4
"""Decimals of spans that do not go into periods evenly, such as a month in days."""
_ANY: Final = 1
"""Stands for a time that could not be read, so that nothing else is said of it."""


class _WrongTimeError(ValueError):
    """Why a time cannot be read."""


@dataclass(frozen=True)
class Clock:
    """What dates and spans mean in a scenario.

    Attributes:
        start: date of period 0, as written; None where none is given.
        step: time from one period to the next, or None where it is no calendar time.
        unit: name of the unit of periods, for messages.
    """

    start: str | None
    step: Step | None
    unit: str

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Clock:
        """The clock of a scenario.

        Args:
            data: the scenario as plain values, checked or not.
        """
        run, units = data.get("run"), data.get("units")
        run, units = run if isinstance(run, dict) else {}, units if isinstance(units, dict) else {}
        unit = str(units.get("period", Units().period))
        start = run.get("start")
        return cls(start if isinstance(start, str) else None, step_of(str(run.get("step") or unit)), unit)

    @property
    def calendar(self) -> Calendar | None:
        """Dates of the periods, where there are any."""
        return None if self.step is None else calendar_from(self.start, str(self.step), self.unit)

    def period_of(self, text: str) -> int:
        """The period that begins on a date.

        Raises:
            ValueError: the date is none, or no period begins on it.
        """
        date = date_of(text)
        if date is None:
            raise _WrongTimeError(f"a date such as 2026-01-31 belongs here, not '{text}'{date_advice(text)}")
        if self.start is None:
            raise _WrongTimeError(f"'{text}' is a date, and periods have none: give run.start, the date of period 0")
        calendar = self.calendar
        if calendar is None:
            raise _WrongTimeError(
                f"'{text}' is a date, and a '{self.unit}' has no length: give run.step, such as 1 day"
            )
        if date < calendar.start:
            raise _WrongTimeError(f"{text} is before the run begins: run.start is {written(calendar.start)}")
        period = calendar.step.until(calendar.start, date)
        if calendar.step.fits(calendar.start, period, date):
            return period
        if calendar.step.fits(calendar.start, period + 1, date):
            return period + 1
        raise _WrongTimeError(
            f"{text} falls between two periods: {period} begins on {calendar.label(period)}, "
            f"{period + 1} on {calendar.label(period + 1)}"
        )

    def periods_in(self, count: float, unit: str, text: str) -> float:
        """Periods in a span.

        Args:
            count: how many units.
            unit: name of the unit, in the singular.
            text: as it is written, for messages.

        Raises:
            ValueError: a period has no length, or is a working day where the unit is shorter than a week.
        """
        if unit == "period":
            return count
        one, step = step_of(unit), self.step
        assert one is not None  # asked for units of time only
        if step is None:
            raise _WrongTimeError(f"'{text}': a '{self.unit}' has no length: give run.step, such as 1 day, or periods")
        for whole, per in ((one.months, step.months), (one.seconds, step.seconds), (one.workdays, step.workdays)):
            if whole and per:
                return count * whole / per
        if step.workdays and not one.months and unit != "week":
            raise _WrongTimeError(
                f"'{text}': periods are working days: write '{count:g} working days', or weeks of five"
            )
        if not one.months and not step.months:  # a week has five working days
            return count * one.length / step.length
        return round(count * one.length / step.length, _DIGITS)


def read_times(data: dict[str, Any], root: type[BaseModel] = Scenario) -> list[Problem]:
    """Turn dates and spans into periods, in place.

    Args:
        data: a scenario as plain values; what is no date and no span stays as it is.
        root: model of the whole.

    Returns:
        What is wrong with those that cannot be turned; a harmless number then stands in their place.
    """
    reader = _Reader(Clock.of(data))
    reader.part(data, [root], ())
    return reader.problems


def time_given(argument: str, value: Any, scenario: Scenario) -> float:
    """A time that a caller gives beside a scenario: a number of periods, or text such as '2 weeks'.

    Args:
        argument: its name, for messages.
        value: what was given.
        scenario: says how long a period is.

    Raises:
        InputError: it is neither.
    """
    return number(argument, _given(argument, value, scenario, False))


def dates_given(argument: str, values: Any, scenario: Scenario) -> Any:
    """Times that a caller gives beside a scenario: dates in a list become periods, all else stays as it is.

    Args:
        argument: its name, for messages.
        values: what was given.
        scenario: says on which dates periods begin.

    Raises:
        InputError: no period begins on a date.
    """
    if isinstance(values, str | Mapping) or not isinstance(values, Iterable):
        return values
    return [_given(argument, value, scenario, True) for value in values]


def is_dated(values: Any) -> bool:
    """Whether a caller has given a date, or dates among others."""
    given = values if isinstance(values, Iterable) and not isinstance(values, str | Mapping) else [values]
    return any(isinstance(value, str) and date_of(value.strip()) is not None for value in given)


def labels_of(scenario: Scenario) -> Callable[[int], str]:
    """What periods are called in messages: their dates, where they have any."""
    calendar = calendar_of(scenario)
    return str if calendar is None else lambda period: calendar.label(period) or str(period)


def _given(argument: str, value: Any, scenario: Scenario, moment: bool) -> Any:
    run, units = scenario.run, scenario.units
    clock = Clock.of({"run": {"start": run.start, "step": run.step}, "units": {"period": units.period}})
    try:
        found = _periods(value.strip(), clock, moment) if isinstance(value, str) else value
    except _WrongTimeError as reason:
        raise InputError(f"{argument}: {reason}") from None
    plain = number_of(found) if isinstance(found, str) else None
    return found if plain is None else plain


@dataclass
class _Reader:
    """Goes through the parts of a scenario."""

    clock: Clock
    problems: list[Problem] = field(default_factory=list)

    def part(self, values: dict[str, Any], models: Sequence[type[BaseModel]], path: Path) -> None:
        """Turn what stands in a part, and in parts of it."""
        for model in narrowed(list(models), kind_named(values)):
            own, deeper = time_keys(model, _WRITTEN)
            texts, known = {key: values.get(key) for key in own}, len(self.problems)
            for key in own:
                value = values.get(key)
                if value is not None and not isinstance(value, float | int):
                    values[key] = self.value(value, model.model_fields[key], (*path, key))
            if len(self.problems) == known:
                self._in_order(values, texts, path)
            for key in deeper:
                self.inside(values.get(key), model.model_fields[key].annotation, (*path, key))

    def _in_order(self, values: dict[str, Any], texts: Mapping[str, Any], path: Path) -> None:
        """An end comes after its start: of those that are written as dates, the dates are said."""
        start, end, first, last = values.get("start"), values.get("end"), texts.get("start"), texts.get("end")
        if not (isinstance(first, str) and isinstance(last, str) and isinstance(start, int) and isinstance(end, int)):
            return
        if end <= start:
            self.problems.append(Problem((*path, "end"), f"it ends at {last}, not after its start at {first}"))
            values["end"] = start + _ANY

    def inside(self, value: Any, annotation: Any, path: Path) -> None:
        """Turn what stands in a part, a list of parts or a mapping of parts."""
        if isinstance(value, list):
            models = models_of(item_of(annotation))
            for number, one in enumerate(value):
                if isinstance(one, dict):
                    self.part(one, models, (*path, number))
        elif isinstance(value, dict):
            mapped = mapped_of(annotation)
            if models_of(annotation) or mapped is None:
                self.part(value, models_of(annotation), path)
                return
            for name, one in value.items():
                self.inside(one, mapped, (*path, name))

    def value(self, value: Any, about: FieldInfo, path: Path) -> Any:
        """A time, or a law of times, in periods where it says so."""
        if isinstance(value, dict):
            models = narrowed(models_of(about.annotation), kind_named(value))
            return {key: self._of_law(one, key, models, (*path, key)) for key, one in value.items()}
        return self._turned(value, A_MOMENT in about.metadata or _has_moment(about.annotation), path)

    def _of_law(self, value: Any, key: str, models: Sequence[type[BaseModel]], path: Path) -> Any:
        annotation = field_of(models, key).annotation
        if isinstance(value, list) and kind_of(item_of(annotation)) == "number":
            return [self._turned(one, False, (*path, number)) for number, one in enumerate(value)]
        return self._turned(value, False, path) if kind_of(annotation) == "number" else value

    def _turned(self, value: Any, moment: bool, path: Path) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return _periods(value.strip(), self.clock, moment)
        except _WrongTimeError as reason:
            self.problems.append(Problem(path, str(reason)))
            return _ANY


def _has_moment(annotation: Any) -> bool:
    return any(A_MOMENT in getattr(part, "__metadata__", ()) for part in getattr(annotation, "__args__", ()))


def _periods(text: str, clock: Clock, moment: bool) -> Any:
    """Periods that a text says; the text itself where it is no date and no span, for the schema to refuse."""
    found = _SPAN.fullmatch(text)
    unit = "" if found is None else found["unit"].lower()
    unit = unit.removesuffix("s") if unit != "s" else unit
    if found is not None and (unit == "period" or step_of(unit) is not None):
        return _whole(clock.periods_in(float(found["count"]), unit, text))
    if moment and (date_of(text) is not None or _LOOSE_DATE.fullmatch(text)):
        return clock.period_of(text)
    return text


def _whole(periods: float) -> float | int:
    return int(periods) if periods.is_integer() else periods
