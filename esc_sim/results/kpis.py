"""Key figures of a run: what each is, in which unit, and how it is worked out for one replication."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from esc_sim.results.run import Floats, column
from esc_sim.results.service import SERVICE_MEASURES, ServiceMeasure, service_of_periods, share


@dataclass(frozen=True)
class Kpi:
    """A key figure with one value per replication.

    Attributes:
        name: key in summary.json.
        label: words for tables and figures.
        unit: with {money}, {goods}, {period} to be filled from the scenario's units.
        of: function of period values [R, T, K] that returns [R]; nan where the replication has none.
    """

    name: str
    label: str
    unit: str
    of: Callable[[Floats], Floats]


def _mean_of(name: str) -> Callable[[Floats], Floats]:
    return lambda values: column(values, name).mean(axis=1)


def _of_service(measure: ServiceMeasure) -> Callable[[Floats], Floats]:
    return lambda values: measure.of(service_of_periods(values))


def net_cost(values: Floats) -> Floats:
    """Network cost per period net of what nodes pay one another, [R, T]: internal transfers cancel in profit."""
    return column(values, "cost") - column(values, "internal_income")


MONEY_RATE: Final = "{money}/{period}"
GOODS_RATE: Final = "{goods}/{period}"

KPIS: Final = (
    Kpi("cost_per_period", "Cost", MONEY_RATE, _mean_of("cost")),
    Kpi("net_cost_per_period", "Cost net of transfers", MONEY_RATE, lambda v: net_cost(v).mean(axis=1)),
    Kpi("procurement_per_period", "  procurement", MONEY_RATE, _mean_of("procurement")),
    Kpi("storage_per_period", "  storage", MONEY_RATE, _mean_of("storage")),
    Kpi("penalty_per_period", "  penalty", MONEY_RATE, _mean_of("penalty")),
    Kpi("shortage_cost_per_period", "  shortage cost", MONEY_RATE, _mean_of("shortage_cost")),
    Kpi("fixed_cost_per_period", "  fixed cost", MONEY_RATE, _mean_of("fixed_cost")),
    Kpi("recipe_cost_per_period", "  running recipes", MONEY_RATE, _mean_of("recipe_cost")),
    Kpi("disposal_cost_per_period", "  disposal", MONEY_RATE, _mean_of("disposal_cost")),
    Kpi("profit_per_period", "Profit", MONEY_RATE, _mean_of("profit")),
    Kpi("profit_total", "Profit over the horizon", "{money}", lambda v: column(v, "profit").sum(axis=1)),
    *(Kpi(measure.name, measure.label, measure.unit, _of_service(measure)) for measure in SERVICE_MEASURES),
    Kpi(
        "contracts_kept",
        "Contracts kept",
        "share",
        lambda v: share(column(v, "shipped").sum(axis=1), column(v, "contracted").sum(axis=1)),
    ),
    Kpi(
        "contracted_from_closed_per_period",
        "Ordered from closed sites",
        GOODS_RATE,
        _mean_of("contracted_from_closed"),
    ),
    Kpi("expired_per_period", "Goods expired", GOODS_RATE, _mean_of("expired")),
    Kpi("given_per_period", "By-products taken", GOODS_RATE, _mean_of("given")),
    Kpi("disposed_per_period", "Disposed of or given off", GOODS_RATE, _mean_of("disposed")),
    Kpi("energy_per_period", "Energy used by recipes", "per {period}", _mean_of("energy")),
    Kpi("emissions_per_period", "Emissions", "per {period}", _mean_of("emissions")),
)
"""Key figures that are means over replications. Risk and resilience are added by :mod:`esc_sim.results.summary`."""

RENAMED: Final = {
    "service_level": "cycle_service_level",
    "shortage_per_period": "unmet_per_period",
    "contract_fill_rate": "contracts_kept",
}
"""Earlier names of key figures."""
