"""Which measures a scenario can give at all: what each needs, and what to do where that is missing.

The one place that knows: searches, sweeps and comparisons ask here before they run anything.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from esc_sim.measures.measure import Need
from esc_sim.measures.registry import key_figure
from esc_sim.measures.tails import LEAST_YEARS, whole_years
from esc_sim.measures.terms import periods_a_year
from esc_sim.scenario.decisions import without_budget
from esc_sim.scenario.items import items_of

if TYPE_CHECKING:
    from esc_sim.scenario.demand import Demand
    from esc_sim.scenario.schema import Scenario

_SLACK = 1e-9
"""20 * (1 - 0.95) must not fall below 1 by a rounding error."""


def never_asks(scenario: Scenario, demand: Demand) -> bool:
    """Whether a final demand is 0 in every period, whatever is drawn."""
    if demand.arrivals:
        return all(
            not (source.size if isinstance(source.size, float) else source.size.upper) for source in demand.arrivals
        )
    if demand.law is not None:
        level = demand.law.upper > 0.0
    elif demand.series is not None:
        level = any(scenario.series.get(demand.series, [1.0])) or demand.sd > 0.0 or demand.trend > 0.0
    else:
        level = bool(demand.mean) or demand.sd > 0.0 or demand.trend > 0.0
    return not level or (bool(demand.season) and not any(demand.season))


def _without_demand(scenario: Scenario) -> str | None:
    sold = [item.demand for _, item in items_of(scenario).values() if item.demand is not None]
    if not sold:
        return "no node of this scenario has final demand: give one 'demand'"
    if all(never_asks(scenario, demand) for demand in sold):
        return "the final demand of this scenario is always 0: give one a mean above 0"
    return None


def _without_trade(scenario: Scenario) -> str | None:
    return None if scenario.arcs else "no arc of this scenario lets anybody order: add 'arcs'"


def _without_disruption(scenario: Scenario) -> str | None:
    if scenario.is_disrupted:
        return None
    return "nothing goes wrong in this scenario, so there is no undisrupted twin to compare with: add 'disruptions'"


def _without_years(scenario: Scenario) -> str | None:
    year = periods_a_year(scenario.units.period)
    if year is None:
        return f"how many make a year, the unit '{scenario.units.period}' does not tell"
    years = whole_years(scenario.run.periods - scenario.run.warm_up, year)
    if years < LEAST_YEARS:
        least = math.ceil(LEAST_YEARS * year) + scenario.run.warm_up
        return f"the run holds fewer than {LEAST_YEARS} whole years: from run.periods {least} on"
    return None


def _without(name: str, add: str) -> Callable[[Scenario], str | None]:
    """Whether a section is there, and what to add where it is not."""
    return lambda scenario: None if getattr(scenario, name) else f"the scenario has no section '{name}': add {add}"


def _without_waste(scenario: Scenario) -> str | None:
    if any(product.waste for product in scenario.products):
        return None
    return "no product of this scenario is waste: give one 'waste: true'"


def _without_investment(scenario: Scenario) -> str | None:
    if scenario.reference is not None:
        return None
    return "nothing is invested in this scenario: add 'appraisal' with investments and the variant without them"


_MISSING: Final[Mapping[Need, Callable[[Scenario], str | None]]] = {
    Need.DEMAND: _without_demand,
    Need.TRADE: _without_trade,
    Need.BUDGET: without_budget,
    Need.DISRUPTION: _without_disruption,
    Need.YEARS: _without_years,
    Need.WASTE: _without_waste,
    Need.FIELDS: _without("fields", "fields and their crops"),
    Need.BUSES: _without("power", "buses and their loads"),
    Need.INVESTMENT: _without_investment,
}


def why_not(name: str, scenario: Scenario, replications: int, option: str = "--replications") -> str | None:
    """Why a measure cannot be estimated from so many replications of a scenario; None where it can.

    The tail of a VaR or CVaR needs one sample at least: 20 costs at a level of 95 %. Below that both are the largest
    cost that was met, and grow with the number of samples.

    Args:
        name: of a key figure or of a measure of a search.
        scenario: the scenario.
        replications: over which it is to be estimated.
        option: how the user says how many.
    """
    declared = scenario.measures.get(name) or key_figure(name)
    if declared is None:
        return None
    for need in declared.needs:
        reason = _MISSING[need](scenario) if need in _MISSING else None
        if reason is not None:
            return reason
    return _without_tail(scenario, replications, option) if Need.TAIL in declared.needs else None


def _without_tail(scenario: Scenario, replications: int, option: str) -> str | None:
    risk, periods = scenario.risk, scenario.run.periods - scenario.run.warm_up
    samples = {"pooled": replications * periods, "horizon": replications, "per_replication": periods}[risk.pooling]
    if samples * (1.0 - risk.level) >= 1.0 - _SLACK:
        return None
    needed = math.ceil(1.0 / (1.0 - risk.level) - _SLACK)
    per = {"pooled": periods, "horizon": 1, "per_replication": 0}[risk.pooling]
    more = f"{option} {math.ceil(needed / per)}" if per else f"run.periods {needed + scenario.run.warm_up}"
    return (
        f"{samples} costs (risk.pooling {risk.pooling}) have no tail beyond {100 * risk.level:g} %: "
        f"that takes {needed}, from {more} on, or a lower risk.level"
    )
