"""Series that are shorter than the run: what the scenario says follows them, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from esc_sim.counted import counted
from esc_sim.scenario.calendar import calendar_of, step_of, written
from esc_sim.scenario.demand import Then
from esc_sim.scenario.items import items_of
from esc_sim.scenario.laws import Constant, Discrete, Gamma, Law, Normal
from esc_sim.scenario.messages import Problem
from esc_sim.scenario.schema import Scenario


def following_law(then: Then, series: Sequence[float]) -> Law | None:
    """The law from which levels are drawn after a series has ended; None where they are not drawn.

    A fitted law has the mean and the standard deviation (of a sample: n - 1) of the series' values; one that does not
    vary is held. ``empirical`` draws one of the values, each with the same chance.
    """
    if not isinstance(then, str):
        return then
    if then in ("repeat", "hold", "zero"):
        return None
    if then == "empirical":
        return Discrete(law="discrete", values=list(series), probabilities=[1.0 / len(series)] * len(series))
    mean = math.fsum(series) / len(series)
    spread = math.fsum((value - mean) * (value - mean) for value in series)
    sd = math.sqrt(spread / (len(series) - 1)) if len(series) > 1 else 0.0
    if sd == 0.0:
        return Constant(law="constant", value=mean)
    return Normal(law="normal", mean=mean, sd=sd) if then == "normal" else Gamma(law="gamma", mean=mean, sd=sd)


def series_end_problems(scenario: Scenario) -> Iterator[Problem]:
    """Series of demand that end before the run does, where nothing says what follows."""
    for path, item in items_of(scenario).values():
        demand = item.demand
        if demand is None or demand.series is None or demand.then is not None:
            continue
        count, periods = len(scenario.series.get(demand.series, ())), scenario.run.periods
        if 0 < count < periods:
            yield Problem(
                (*path, "demand", "series"),
                f"series '{demand.series}' has {counted(count, 'value')}, and the run {counted(periods, 'period')}: "
                "say what follows with 'then' beside the series (repeat, hold, zero, normal, gamma, empirical, or a "
                f"law), or run {counted(count, 'period')}",
            )


def start_problems(scenario: Scenario) -> Iterator[Problem]:
    """A run in working days that begins on none."""
    dates = calendar_of(scenario)
    if dates is not None and dates.step.workdays and dates.start.weekday() > 4:
        day = f"{dates.start:%A}"
        yield Problem(
            ("run", "start"), f"{written(dates.start)} is a {day}: periods of working days begin on a weekday"
        )


def step_oddities(scenario: Scenario) -> Iterator[Problem]:
    """A step of periods that is not what the unit of periods says, and a start of which no label can be made."""
    run, unit = scenario.run, scenario.units.period
    named, step = step_of(unit), None if run.step is None else step_of(run.step)
    if step is not None and named is not None and step != named:
        yield Problem(("run", "step"), f"warning: periods are {run.step} apart, but units.period is '{unit}'")
    if run.start is not None and named is None and step is None:
        text = f"warning: '{unit}' (units.period) is no calendar time, so periods get no dates: give run.step"
        yield Problem(("run", "start"), f"{text} ('1 day')")
