"""Measures of money."""

from __future__ import annotations

from typing import Any, Final

from esc_sim.measures.measure import Floats, Mean, Periods, Place, mean_of, total


def net_cost(periods: Periods) -> Floats:
    """Network cost per period net of what nodes pay one another, [R, T]: internal transfers cancel in profit."""
    return periods["cost"] - periods["internal_income"]


_RATE: Final = "{money}/{period}"
_COST: Final[dict[str, Any]] = {"unit": _RATE, "better": "smaller", "is_cost": True}
_PART: Final[dict[str, Any]] = _COST | {"range": (0.0, None), "is_part": True}

MEASURES: Final = (
    Mean(
        name="cost_per_period", label="Cost", search_name="cost", **_COST,
        definition=r"$\frac{1}{T} \sum_t E_t$, cost of all members: the parts below",
        literature="cost $E$ (Chen, Wang, Zio)",
        highlights=frozenset({Place.PAGE, Place.REPORT, Place.COMPARISON}),
        of=mean_of("cost"),
    ),
    Mean(
        name="net_cost_per_period", label="Cost net of transfers", **_COST,
        definition="cost less what members pay one another",
        literature="cost net of internal transfers",
        of=lambda periods: net_cost(periods).mean(axis=1),
    ),
    Mean(
        name="procurement_per_period", label="procurement", **_PART,
        definition="what is paid for goods and their way",
        literature="purchasing cost $B$",
        of=mean_of("procurement"),
    ),
    Mean(
        name="storage_per_period", label="storage", **_PART,
        definition="stock, and what is on its way, times its cost",
        literature="holding cost $C$",
        of=mean_of("storage"),
    ),
    Mean(
        name="penalty_per_period", label="penalty", **_PART,
        definition="contracts that were not kept",
        literature="penalty $D$",
        of=mean_of("penalty"),
    ),
    Mean(
        name="shortage_cost_per_period", label="shortage cost", if_any=True, **_PART,
        definition="demand that is lost or waits, and orders owed, times its cost",
        literature="shortage, stockout or backorder cost",
        of=mean_of("shortage_cost"),
    ),
    Mean(
        name="fixed_cost_per_period", label="fixed cost", if_any=True, **_PART,
        definition="orders placed times their fixed cost",
        literature="ordering or set-up cost",
        of=mean_of("fixed_cost"),
    ),
    Mean(
        name="recipe_cost_per_period", label="running recipes", if_any=True, **_PART,
        definition="runs of recipes times their cost",
        literature="processing cost",
        of=mean_of("recipe_cost"),
    ),
    Mean(
        name="disposal_cost_per_period", label="disposal", if_any=True, **_PART,
        definition="what is disposed of times its fee",
        literature="disposal cost",
        of=mean_of("disposal_cost"),
    ),
    Mean(
        name="profit_per_period", label="Profit", unit=_RATE, better="larger",
        definition="income less cost of all members",
        literature="profit",
        highlights=frozenset({Place.PAGE, Place.REPORT, Place.COMPARISON}),
        of=mean_of("profit"),
    ),
    Mean(
        name="profit_total", label="Profit over the horizon", unit="{money}", better="larger", search_name="profit",
        definition="profit over all counted periods",
        literature="$P$ (Chen, Wang, Zio, eq. 8)",
        highlights=frozenset({Place.PAGE, Place.SWEEP}),
        of=lambda periods: total(periods, "profit"), of_horizon=True,
    ),
)  # fmt: skip
"""Measures of money, in the order of tables."""
