"""Measures of the tail of the cost per period."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Literal

from esc_sim.measures.measure import Floats, Measure, Need, Periods, Place, Sample, by_parts, parts_of, table_of
from esc_sim.measures.money import net_cost
from esc_sim.risk.intervals import Interval, mean_interval
from esc_sim.risk.tails import Tail, cvar_interval, var_interval

Statistic = Literal["var", "cvar"]


def tail_interval(statistic: Statistic, tail: Tail, base: Tail | None, batch: int) -> Interval:
    """VaR or CVaR with its interval, or with a base its difference from that of the base.

    Args:
        statistic: which.
        tail: what is measured.
        base: the same of another run, on the same random numbers.
        batch: replications that were stratified together.
    """
    return (var_interval if statistic == "var" else cvar_interval)(tail, base, batch=batch)


def tail_value(statistic: Statistic, tail: Tail) -> float:
    """VaR or CVaR alone."""
    return (tail.setting.var if statistic == "var" else tail.setting.cvar)(tail.table)


@dataclass(frozen=True, kw_only=True)
class CostTail(Measure):
    """VaR or CVaR of a cost per period, pooled as the scenario's ``risk`` says.

    Attributes:
        of: function of the columns that gives costs [R, T]; large is bad.
        statistic: which.
    """

    of: Callable[[Periods], Floats]
    statistic: Statistic

    def _tail(self, sample: Sample) -> Tail:
        return Tail(table_of(self.of, sample.periods), sample.risk)

    def interval(self, sample: Sample, base: Sample | None = None) -> Interval:
        """Intervals of :mod:`esc_sim.risk.tails`."""
        before = None if base is None else self._tail(base)
        return tail_interval(self.statistic, self._tail(sample), before, sample.batch)

    def value(self, sample: Sample) -> float:
        """The estimate alone.

        Raises:
            ValueError: a cost is not finite.
        """
        return tail_value(self.statistic, self._tail(sample))


@dataclass(frozen=True, kw_only=True)
class Exceedance(Measure):
    """Share of costs above the scenario's budget.

    Attributes:
        of: function of the columns that gives costs [R, T].
    """

    of: Callable[[Periods], Floats]

    def _shares(self, sample: Sample) -> Floats:
        return sample.risk.epf_by_replication(
            table_of(self.of, sample.periods), float("inf") if sample.budget is None else sample.budget
        )

    def interval(self, sample: Sample, base: Sample | None = None) -> Interval:
        """Student's t interval of what each replication adds."""
        shares = self._shares(sample)
        return mean_interval(shares if base is None else shares - self._shares(base), batch=sample.batch)


def _cost(periods: Periods) -> Floats:
    return periods["cost"]


LEAST_YEARS: Final = 2
"""Whole years that a run must hold for the risk of a year: with one, that of the horizon is it."""


def whole_years(length: int, year: float | None) -> int:
    """Whole years in so many periods; 0 where the scenario's periods do not tell how long a year is."""
    return 0 if year is None else int(length // year)


@dataclass(frozen=True, kw_only=True)
class YearTail(Measure):
    """VaR or CVaR of a year's cost; the years of all replications are pooled.

    A season makes some periods dear in every year: the tail of the cost per period shows the season, that of a year
    the risk.

    Attributes:
        statistic: which.
    """

    statistic: Statistic

    def is_asked(self, sample: Sample) -> bool:
        """Whether a summary has it: the run holds several whole years."""
        length = parts_of(sample.periods)[0]["cost"].shape[1]
        return whole_years(length, sample.year) >= LEAST_YEARS

    def costs(self, sample: Sample) -> Floats:
        """Cost of each whole year, [R, Y]."""
        return by_parts(lambda periods: yearly(periods["cost"], sample.year), sample.periods)

    def _tail(self, sample: Sample) -> Tail:
        return Tail(self.costs(sample), replace(sample.risk, pooling="pooled"))

    def interval(self, sample: Sample, base: Sample | None = None) -> Interval:
        """Intervals of :mod:`esc_sim.risk.tails`; nan where there are no years."""
        if not all(self.is_asked(one) for one in (sample, base) if one is not None):
            return Interval(math.nan, math.nan, math.nan, 0)
        before = None if base is None else self._tail(base)
        return tail_interval(self.statistic, self._tail(sample), before, sample.batch)

    def value(self, sample: Sample) -> float:
        """The estimate alone."""
        return tail_value(self.statistic, self._tail(sample)) if self.is_asked(sample) else math.nan


@dataclass(frozen=True, kw_only=True)
class YearTailAbove(YearTail):
    """VaR or CVaR of what a year costs more than in the undisrupted twin."""

    of_twin: ClassVar[bool] = True

    def is_asked(self, sample: Sample) -> bool:
        """Whether a summary has it: there is a twin, and the run holds several whole years."""
        return sample.twin is not None and super().is_asked(sample)

    def costs(self, sample: Sample) -> Floats:
        """Cost of each whole year less that of the twin's, [R, Y]."""
        assert sample.twin is not None
        return super().costs(sample) - super().costs(replace(sample, periods=sample.twin))


def yearly(costs: Floats, year: float | None) -> Floats:
    """Sums over whole years, [R, Y], of numbers by period, [R, T]; what is left at the end is cut."""
    count = whole_years(costs.shape[1], year)
    length = round(year or 1.0)
    found: Floats = costs[:, : count * length].reshape(len(costs), count, length).sum(axis=2)
    return found


_YEAR: Final[dict[str, Any]] = {
    "unit": "{money}/year", "better": "smaller", "is_cost": True, "needs": (Need.YEARS,),
}  # fmt: skip
_ABOVE: Final[dict[str, Any]] = _YEAR | {"needs": (Need.YEARS, Need.DISRUPTION)}

MEASURES: Final = (
    CostTail(
        name="var", label="VaR {level} of cost", unit="{tail}", better="smaller", is_cost=True,
        definition=r"$\mathrm{VaR}_a(X)$",
        literature="value at risk",
        needs=(Need.TAIL,),
        of=_cost, statistic="var",
    ),
    CostTail(
        name="cvar", label="CVaR {level} of cost", unit="{tail}", better="smaller", is_cost=True,
        definition=r"$\mathrm{CVaR}_a(X)$; never below VaR",
        literature="conditional value at risk, expected shortfall (Chen, Wang, Zio, eqs 7 and 15)",
        needs=(Need.TAIL,), highlights=frozenset({Place.PAGE, Place.SWEEP, Place.REPORT}),
        of=_cost, statistic="cvar",
    ),
    CostTail(
        name="cvar_net", label="CVaR {level} of cost net of transfers", unit="{tail}", better="smaller", is_cost=True,
        definition="CVaR of the cost net of transfers",
        needs=(Need.TAIL,),
        of=net_cost, statistic="cvar",
    ),
    Exceedance(
        name="epf", label="Chance of exceeding {budget}", unit="share", range=(0.0, 1.0), better="smaller",
        is_cost=True,
        definition="share of costs above the budget",
        literature="excess probability",
        needs=(Need.BUDGET,),
        of=_cost,
    ),
    YearTail(
        name="var_year", label="VaR {level} of a year's cost", **_YEAR,
        definition=r"$\mathrm{VaR}_a$ of the cost of a year, over the whole years of all replications",
        literature="value at risk",
        statistic="var",
    ),
    YearTail(
        name="cvar_year", label="CVaR {level} of a year's cost", **_YEAR,
        definition=r"$\mathrm{CVaR}_a$ of the cost of a year; seasons, which CVaR of the cost per period shows, cancel",
        literature="conditional value at risk",
        statistic="cvar",
    ),
    YearTailAbove(
        name="var_year_above", label="VaR {level} of a year's cost above normal", **_ABOVE,
        definition=r"$\mathrm{VaR}_a$ of a year's cost less that of the undisrupted twin",
        literature="value at risk",
        statistic="var",
    ),
    YearTailAbove(
        name="cvar_year_above", label="CVaR {level} of a year's cost above normal", **_ABOVE,
        definition=r"$\mathrm{CVaR}_a$ of a year's cost less that of the undisrupted twin",
        literature="conditional value at risk",
        statistic="cvar",
    ),
)  # fmt: skip
"""Measures of the tail of costs, in the order of tables."""
