"""What a plan is judged by: each measure turns the periods of many replications into one number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.results.estimable import why_not
from esc_sim.results.kpis import net_cost
from esc_sim.results.losses import LOSSES, LossFigure, loss_tail
from esc_sim.results.run import column
from esc_sim.results.service import SERVICE_MEASURES, ServiceMeasure, service_of_periods
from esc_sim.results.unpriced import customers_without_cost, names_of
from esc_sim.risk.intervals import mean_interval
from esc_sim.risk.measures import RiskSetting

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """A measure of a plan.

    Attributes:
        name: as in a scenario.
        label: words for tables and figures; {level} is the level of the risk measures.
        unit: with {money}, {goods} and {period} to be filled from the scenario's units.
        maximize: whether more is better.
        of: function of periods [R, T, K], the risk setting and the budget. What it needs of a scenario stands in
            :mod:`esc_sim.results.estimable`.
    """

    name: str
    label: str
    unit: str
    maximize: bool
    of: Callable[[Floats, RiskSetting, float], float]


def _mean_service(measure: ServiceMeasure) -> Callable[[Floats, RiskSetting, float], float]:
    """Mean over the replications that have any demand, as in the summary of a run."""
    return lambda v, risk, budget: mean_interval(measure.of(service_of_periods(v))).mean


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
            "emissions", "emissions", "per {period}", False,
            lambda v, risk, budget: float(column(v, "emissions").mean()),
        ),
        *(Measure(m.name, m.label.lower(), m.unit, m.maximize, _mean_service(m)) for m in SERVICE_MEASURES),
    )
}  # fmt: skip
"""All measures by name. Profit is P of Chen, Wang, Zio (eq. 8), cvar their eqs 7 and 15."""


LOSS_MEASURES: Final = {figure.name: figure for figure in LOSSES if figure.statistic != "mean"}
"""Tails of what a plan loses against its own undisrupted twin: measures of two runs."""
NAMES: Final = (*MEASURES, *LOSS_MEASURES)
"""All names that a scenario may use."""


def is_maximized(name: str) -> bool:
    """Whether more of a measure is better."""
    return name in MEASURES and MEASURES[name].maximize


_OF_COST: Final = ("cost", "cvar", "cvar_net", "var", "epf")
_OF_SERVICE: Final = {"fill_rate", "demand_lost_var", "demand_lost_cvar"}


class Yardstick:
    """Some measures with the scenario's risk setting: periods in, one number for each measure out."""

    def __init__(self, scenario: Scenario, names: Sequence[str]) -> None:
        risk = scenario.risk
        self.names = tuple(names)
        self.needs_twin = any(name in LOSS_MEASURES for name in names)
        self._scenario = scenario
        self._risk = RiskSetting(risk.level, risk.estimator, risk.pooling)
        self._budget = risk.budget if risk.budget is not None else float("inf")
        losses = [name for name in names if name in LOSS_MEASURES]
        for name in losses:
            reason = why_not(name, scenario, 1)
            if reason is not None:
                raise InputError(f"{name} cannot be estimated: {reason}")
        if losses and not {"profit", "fill_rate"} & set(names):
            raise InputError(
                f"{losses[0]}: a plan that serves nobody loses nothing either; add profit or fill_rate to the "
                "objectives or the constraints"
            )

    @property
    def notices(self) -> list[str]:
        """What the user should know of the measures: a cost that does not see lost demand is low where none is met."""
        blind = [name for name in self.names if name in _OF_COST]
        free = customers_without_cost(self._scenario)
        if not blind or not free or set(self.names) & _OF_SERVICE:
            return []
        return [
            f"{', '.join(blind)}: demand that is lost costs nothing at {names_of(free)}, so plans that serve less look "
            "better; add fill_rate or demand_lost_cvar to the constraints, or set demand.shortage_cost"
        ]

    def __call__(self, values: Floats, twin: Floats | None = None) -> Floats:
        """The measures, float64[len(names)]; nan where these periods give none.

        Args:
            values: float64[R, T, K] of the run.
            twin: the same of its undisrupted twin; only where ``needs_twin``.
        """
        found = np.array([self._known(name, values, twin) for name in self.names])
        return np.where(np.isfinite(found), found, np.nan)

    def _known(self, name: str, values: Floats, twin: Floats | None) -> float:
        try:
            return self._measured(name, values, twin)
        except ValueError:  # the risk measures refuse samples that are not finite
            return float("nan")

    def _measured(self, name: str, values: Floats, twin: Floats | None) -> float:
        if name in MEASURES:
            return MEASURES[name].of(values, self._risk, self._budget)
        assert twin is not None
        figure = LOSS_MEASURES[name]
        tail = loss_tail(figure.quantity, values, twin, self._scenario)
        return tail.setting.var(tail.table) if figure.statistic == "var" else tail.setting.cvar(tail.table)


def label_of(name: str, scenario: Scenario) -> str:
    """Words and unit of a measure, for axes and tables."""
    if name in LOSS_MEASURES:
        return _label_of_loss(LOSS_MEASURES[name], scenario)
    measure, units, risk = MEASURES[name], scenario.units, scenario.risk
    unit = measure.unit.format(
        money=units.money,
        goods=units.goods,
        period=units.period,
        risk=units.money if risk.pooling == "horizon" else f"{units.money}/{units.period}",
    )
    text = measure.label.format(level=f"{100 * risk.level:g} %")
    return f"{text[0].upper()}{text[1:]} [{unit}]"


def _label_of_loss(figure: LossFigure, scenario: Scenario) -> str:
    return f"{figure.words(scenario)} [{figure.unit(scenario)}]"
