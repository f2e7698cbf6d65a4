"""What a run loses against its undisrupted twin: profit and demand of each replication, their mean and their tail.

Cost and its tail do not see service that is lost: an outage lowers purchases and storage, and with them cost. Profit
lost and demand lost do. Both are taken replication by replication on the same random numbers, so that what is left is
what the disruptions did.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from esc_sim.results.run import Floats, RunResult, column
from esc_sim.risk.intervals import Interval, mean_interval
from esc_sim.risk.measures import RiskSetting
from esc_sim.risk.tails import Tail, cvar_interval, is_largest, replications_for_interval, var_interval

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario

YEAR: Final = "year"
HORIZON: Final = "horizon"

PERIODS_A_YEAR: Final = {
    "minute": 525_600.0,
    "hour": 8_760.0,
    "day": 365.0,
    "week": 52.0,
    "month": 12.0,
    "quarter": 4.0,
    YEAR: 1.0,
}
"""Review periods of a year of 365 days, by the scenario's ``units.period``; a year of weeks has 52."""

NO_TWIN: Final = "the scenario has no disruption, so there is no undisrupted twin to lose anything against"
NO_DEMAND: Final = "no customer asks for anything"


@dataclass(frozen=True)
class LossFigure:
    """A figure of what is lost.

    Attributes:
        name: key in summary.json.
        label: words for tables and figures; {level} is the level of the risk measures.
        quantity: "profit" or "demand".
        statistic: "mean", "var" or "cvar", over replications.
    """

    name: str
    label: str
    quantity: str
    statistic: str

    def words(self, scenario: Scenario) -> str:
        """The label with its level."""
        return self.label.format(level=f"{100 * scenario.risk.level:g} %")

    def unit_pattern(self, scenario: Scenario) -> str:
        """Money or goods, per year where a year of the scenario's periods is known; to be filled from its units."""
        what = "{money}" if self.quantity == "profit" else "{goods}"
        return what if periods_a_year(scenario.units.period) is None else f"{what}/{YEAR}"

    def unit(self, scenario: Scenario) -> str:
        """The unit in words."""
        return self.unit_pattern(scenario).format(money=scenario.units.money, goods=scenario.units.goods)


LOSSES: Final = (
    LossFigure("profit_lost", "Profit lost", "profit", "mean"),
    LossFigure("profit_lost_var", "VaR {level} of profit lost", "profit", "var"),
    LossFigure("profit_lost_cvar", "CVaR {level} of profit lost", "profit", "cvar"),
    LossFigure("demand_lost", "Demand lost", "demand", "mean"),
    LossFigure("demand_lost_var", "VaR {level} of demand lost", "demand", "var"),
    LossFigure("demand_lost_cvar", "CVaR {level} of demand lost", "demand", "cvar"),
)
"""What is lost against the undisrupted twin, per replication and scaled to a year."""


def periods_a_year(period: str) -> float | None:
    """Review periods of a year, None where the name of the period does not tell."""
    name = period.strip().lower()
    return PERIODS_A_YEAR.get(name, PERIODS_A_YEAR.get(name.removesuffix("s")))


def unserved(values: Floats) -> Floats:
    """Demand that was not served in the end, [R]: what was lost, and what was still owed when the run ended.

    Args:
        values: float64[R, T, K]. What customers were owed when the first of these periods began counts as demand.
    """
    short = column(values, "demand") - column(values, "served")
    # Owed before the first period: what its backlog holds beyond the demand that it left unserved. 0 where sales are
    # lost, since there is no backlog then.
    owed_before = np.maximum(column(values, "backlog")[:, 0] - short[:, 0], 0.0)
    found: Floats = short.sum(axis=1) + owed_before
    return found


def lost(quantity: str, values: Floats, twin: Floats) -> Floats:
    """Profit or demand lost of each replication over the periods given, [R].

    Profit lost is the twin's profit less the run's. Demand lost is the demand not served in the end, less that of
    the twin: what customers asked for and did not get because of disruptions, also where a disruption changes what
    they ask for. Either is negative where a disruption does good.

    Args:
        quantity: "profit" or "demand".
        values: float64[R, T, K] of the run.
        twin: the same of its undisrupted twin, on the same random numbers.
    """
    if quantity == "profit":
        # Summed over differences, so that periods that are alike leave nothing.
        found: Floats = (column(twin, "profit") - column(values, "profit")).sum(axis=1)
        return found
    return unserved(values) - unserved(twin)


def loss_tail(quantity: str, values: Floats, twin: Floats, scenario: Scenario) -> Tail:
    """Losses of replications, scaled to a year, as a sample whose tail is measured.

    Args:
        quantity: "profit" or "demand".
        values: float64[R, T, K] of the run, counted periods only.
        twin: the same of its undisrupted twin.
        scenario: whose level, estimator and period hold.
    """
    risk = scenario.risk
    year = periods_a_year(scenario.units.period)
    scale = 1.0 if year is None else year / values.shape[1]
    losses = scale * lost(quantity, values, twin)
    return Tail(losses[:, None], RiskSetting(risk.level, risk.estimator, "horizon"))


def tail_of(figure: LossFigure, result: RunResult) -> Tail | None:
    """What a run lost, None where that cannot be said.

    Args:
        figure: which loss.
        result: the run, without its warm-up.
    """
    twin = result.twin
    if twin is None or (figure.quantity == "demand" and not _asked(result.values, twin)):
        return None
    return loss_tail(figure.quantity, result.values, twin, result.scenario)


def loss_interval(figure: LossFigure, tail: Tail | None, base: Tail | None = None, *, batch: int = 1) -> Interval:
    """A figure of what is lost, or with a base its paired difference from that of the base.

    Args:
        figure: which statistic.
        tail: of :func:`tail_of`; without one there is nothing to estimate from.
        base: of another run on the same random numbers.
        batch: replications that were stratified together.
    """
    if tail is None:
        return Interval(math.nan, math.nan, math.nan, 0)
    if figure.statistic == "mean":
        losses = tail.table[:, 0] if base is None else tail.table[:, 0] - base.table[:, 0]
        return mean_interval(losses, batch=batch)
    measured = var_interval if figure.statistic == "var" else cvar_interval
    return measured(tail, base, batch=batch)


def losses_block(result: RunResult) -> dict[str, Any]:
    """How losses were measured, for summary.json; ``not_estimated`` says why something is missing.

    Args:
        result: the run, without its warm-up.
    """
    scenario, twin = result.scenario, result.twin
    year = periods_a_year(scenario.units.period)
    missing = {}
    if twin is None:
        missing = {"profit_lost": NO_TWIN, "demand_lost": NO_TWIN}
    elif not _asked(result.values, twin):
        missing = {"demand_lost": NO_DEMAND}
    return {
        "per": HORIZON if year is None else YEAR,
        "periods": result.periods,
        "periods_a_year": year,
        "is_largest": is_largest(result.replications, scenario.risk.level),
        "replications_for_interval": replications_for_interval(scenario.risk.level),
        "not_estimated": missing,
    }


def losses_line(summary: dict[str, Any]) -> str:
    """What tables of losses must say in words: against what, over which time, and how much the tail is worth."""
    block = summary["risk"]["losses"]
    missing = block["not_estimated"]
    if "profit_lost" in missing:
        return f"Profit lost and demand lost are not estimated: {missing['profit_lost']}."
    period, count, replications = summary["units"]["period"], block["periods"], summary["replications"]
    what = "Profit lost" if "demand_lost" in missing else "Profit lost and demand lost"
    counted = f"{count:,} {period}{'s' if count > 1 else ''}"
    over = f"over all {counted} (how many make a year, the unit '{period}' does not tell)"
    if block["per"] == YEAR:
        over = f"per {YEAR}" if count == block["periods_a_year"] else f"scaled from {counted} to a {YEAR}"
    text = f"{what}: each replication against its undisrupted twin, {over}."
    level, needed = f"{100 * summary['risk']['level']:g} %", block["replications_for_interval"]
    if block["is_largest"]:
        seen = f"{replications} replications are" if replications > 1 else "1 replication is"
        text += f" {seen} too few for their tail: VaR and CVaR {level} are the largest loss seen."
    if replications < needed:
        text += f" Their CVaR {level} has an interval from {needed:,} replications on."
    return text


def _asked(values: Floats, twin: Floats) -> bool:
    """Whether customers asked for anything."""
    return bool(np.any(column(values, "demand")) or np.any(column(twin, "demand")))
