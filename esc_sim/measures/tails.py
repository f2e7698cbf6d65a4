"""Measures of the tail of the cost per period."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from esc_sim.measures.measure import Floats, Measure, Need, Periods, Place, Sample, table_of
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
)  # fmt: skip
"""Measures of the tail of costs, in the order of tables."""
