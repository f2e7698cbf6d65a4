"""What a plan is judged by: each measure turns the periods of many replications into one number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.results.kpis import KPIS, net_cost
from esc_sim.results.run import column
from esc_sim.risk.measures import RiskSetting

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario

Floats = NDArray[np.float64]

_FILL_RATE: Final = next(kpi.of for kpi in KPIS if kpi.name == "fill_rate")


def _known_mean(by_replication: Floats) -> float:
    """Mean over the replications that have a value, as in a summary; nan where none has."""
    known = by_replication[~np.isnan(by_replication)]
    return float(known.mean()) if known.size else float("nan")


@dataclass(frozen=True)
class Measure:
    """A measure of a plan.

    Attributes:
        name: as in a scenario.
        label: words for tables and figures; {level} is the level of the risk measures.
        unit: with {money} and {period} to be filled from the scenario's units.
        maximize: whether more is better.
        of: function of periods [R, T, K], the risk setting and the budget. What it needs of a scenario stands in
            :mod:`esc_sim.results.estimable`.
    """

    name: str
    label: str
    unit: str
    maximize: bool
    of: Callable[[Floats, RiskSetting, float], float]


MEASURES: Final = {
    measure.name: measure
    for measure in (
        Measure(
            "profit", "profit over the horizon", "{money}", True,
            lambda v, risk, budget: float(column(v, "profit").sum(axis=1).mean()),
        ),
        Measure(
            "cost", "cost", "{money}/{period}", False,
            lambda v, risk, budget: float(column(v, "cost").mean()),
        ),
        Measure(
            "cvar", "CVaR {level} of cost", "{risk}", False,
            lambda v, risk, budget: risk.cvar(column(v, "cost")),
        ),
        Measure(
            "cvar_net", "CVaR {level} of cost net of transfers", "{risk}", False,
            lambda v, risk, budget: risk.cvar(net_cost(v)),
        ),
        Measure(
            "var", "VaR {level} of cost", "{risk}", False,
            lambda v, risk, budget: risk.var(column(v, "cost")),
        ),
        Measure(
            "epf", "chance of exceeding the budget", "share", False,
            lambda v, risk, budget: float(risk.epf_by_replication(column(v, "cost"), budget).mean()),
        ),
        Measure(
            "fill_rate", "fill rate", "share", True,
            lambda v, risk, budget: _known_mean(_FILL_RATE(v)),
        ),
        Measure(
            "emissions", "emissions", "per {period}", False,
            lambda v, risk, budget: float(column(v, "emissions").mean()),
        ),
    )
}  # fmt: skip
"""All measures by name. Profit is P of Chen, Wang, Zio (eq. 8), cvar their eqs 7 and 15."""


class Yardstick:
    """Some measures with the scenario's risk setting: periods in, one number for each measure out."""

    def __init__(self, scenario: Scenario, names: Sequence[str]) -> None:
        risk = scenario.risk
        self.names = tuple(names)
        self._measures = [MEASURES[name] for name in names]
        self._risk = RiskSetting(risk.level, risk.estimator, risk.pooling)
        self._budget = risk.budget if risk.budget is not None else float("inf")

    def __call__(self, values: Floats) -> Floats:
        """The measures, float64[len(names)], of periods [R, T, K]; nan where these periods give none."""
        found = np.array([self._one(measure, values) for measure in self._measures])
        return np.where(np.isfinite(found), found, np.nan)

    def _one(self, measure: Measure, values: Floats) -> float:
        try:
            return measure.of(values, self._risk, self._budget)
        except ValueError:  # the risk measures refuse samples that are not finite
            return float("nan")


def label_of(name: str, scenario: Scenario) -> str:
    """Words and unit of a measure, for axes and tables."""
    measure, units, risk = MEASURES[name], scenario.units, scenario.risk
    unit = measure.unit.format(
        money=units.money,
        period=units.period,
        risk=units.money if risk.pooling == "horizon" else f"{units.money}/{units.period}",
    )
    text = measure.label.format(level=f"{100 * risk.level:g} %")
    return f"{text[0].upper()}{text[1:]} [{unit}]"
