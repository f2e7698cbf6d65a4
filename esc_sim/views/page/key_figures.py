"""The strip of key figures: profit, cost, CVaR, fill rate and demand not served of the run so far."""

from __future__ import annotations

import math
from dataclasses import dataclass

from esc_sim.results.kpis import KPIS
from esc_sim.results.losses import unserved
from esc_sim.results.run import column
from esc_sim.risk.measures import conditional_value_at_risk
from esc_sim.scenario.schema import Scenario
from esc_sim.views.page.show import ShownRun
from esc_sim.views.palette import compact

_KPI = {kpi.name: kpi for kpi in KPIS}
NO_VALUE = "\N{EN DASH}"


@dataclass(frozen=True)
class KeyFigure:
    """A figure of one run.

    Attributes:
        label: its name.
        value: its value; nan: none yet.
        unit: its unit.
        share: whether it is a share, shown in percent.
    """

    label: str
    value: float
    unit: str
    share: bool = False

    @property
    def text(self) -> str:
        """The value for reading."""
        return shown(self.value, share=self.share)

    def difference(self, other: KeyFigure) -> str:
        """Other less this, for reading; empty when either has no value."""
        change = other.value - self.value
        if not math.isfinite(change):
            return ""
        sign = "+" if change > 0 else ""
        return sign + (f"{100 * change:.1f} pts".replace("-", "\N{MINUS SIGN}") if self.share else shown(change))


def shown(value: float, *, share: bool = False) -> str:
    """A number for reading: 88,610 or 1.23 M, a share in percent."""
    if not math.isfinite(value):
        return NO_VALUE
    text = f"{100 * value:.1f} %" if share else compact(value)
    return text.replace("-", "\N{MINUS SIGN}")


def key_figures(run: ShownRun, scenario: Scenario) -> list[KeyFigure]:
    """Key figures of the periods so far, without the warm-up, which no figure counts.

    CVaR is of the cost per period, by the scenario's level and estimator; it needs a period in the tail, so it
    begins as the largest cost and settles as periods add up. Tails of what is lost need many replications, and the
    page plays one; demand not served is shown in their place, and its difference between two runs.
    """
    units, risk = scenario.units, scenario.risk
    rate = f"{units.money}/{units.period}"
    periods = run.periods[scenario.run.warm_up :]

    def figure(name: str) -> float:
        return float(_KPI[name].of(periods[None])[0]) if len(periods) else math.nan

    cvar, unmet = math.nan, math.nan
    if len(periods):
        unmet = float(unserved(periods[None])[0])
        cvar = conditional_value_at_risk(column(periods, "cost"), risk.level, estimator=risk.estimator)
    return [
        KeyFigure("Profit so far", figure("profit_total"), units.money),
        KeyFigure("Profit", figure("profit_per_period"), rate),
        KeyFigure("Cost", figure("cost_per_period"), rate),
        KeyFigure(f"CVaR {100 * risk.level:g} % of cost", cvar, rate),
        KeyFigure("Fill rate", figure("fill_rate"), "", share=True),
        KeyFigure("Demand not served", unmet, units.goods),
        KeyFigure("Contracts kept", figure("contracts_kept"), "", share=True),
    ]
