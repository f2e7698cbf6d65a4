"""Demand that was lost, or owed, where that costs nothing: cost and its tail do not see it, so a run must say so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from esc_sim.network.model import stock_lines
from esc_sim.results.run import Floats, PeriodTable, RunResult

if TYPE_CHECKING:
    from esc_sim.scenario.schema import Scenario

START: Final = "demand at no cost: "
"""How the notice begins."""
_MOST_NAMED: Final = 3
_ROUNDING: Final = 1e-9


def customers_without_cost(scenario: Scenario) -> list[str]:
    """Items with final demand whose ``shortage_cost`` is 0: the node, and its product where there are several."""
    several = len(scenario.products) > 1
    return [
        scenario.nodes[node].id + (f"/{scenario.products[product].id}" if several else "")
        for node, product, line in stock_lines(scenario)
        if line.demand is not None and line.demand.shortage_cost == 0.0
    ]


def unpriced_notice(result: RunResult) -> str | None:
    """What to tell about demand that was lost or owed at no cost; None where there was none.

    Args:
        result: a run; its warm-up is left out.
    """
    scenario, parts = result.scenario, PeriodTable(result.without_warm_up().values).parts()
    free = customers_without_cost(scenario)
    owed = any(np.any(part["backlog"]) for part in parts)
    # What shortage_cost is charged for: what is owed at the end of a period, or lost in it.
    short = math.fsum(float((part["backlog"] if owed else _lost(part)).sum()) for part in parts)
    if not free or not short:
        return None
    certain = _lost_at_no_cost(scenario, math.fsum(float(part["shortage_cost"].sum()) for part in parts), short)
    if certain is False:
        return None
    return told(free, "owed" if owed else "lost", certain=certain is True)


def told(customers: Sequence[str], how: str, *, certain: bool) -> str:
    """The notice: which customers, what follows, what to do.

    Args:
        customers: those whose shortage costs nothing.
        how: what became of demand, "lost" or "owed".
        certain: whether it is known that their demand was, and not that of others alone.
    """
    return (
        f"{START}demand was {how}{'' if certain else ', perhaps'} where shortage_cost is 0 ({names_of(customers)}). "
        "Cost, its VaR and its CVaR do not see that; profit lost and demand lost do. To count it as a cost, set "
        "demand.shortage_cost of these customers."
    )


def names_of(customers: Sequence[str]) -> str:
    """The first few customers, and how many there are beside them."""
    shown, more = ", ".join(customers[:_MOST_NAMED]), len(customers) - _MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def is_told(notices: Sequence[str]) -> bool:
    """Whether notices say that demand was lost, or owed, at no cost."""
    return any(text.startswith(START) for text in notices)


def noticed(notices: Sequence[str], result: RunResult) -> list[str]:
    """Notices of a run with that of demand at no cost, in place of one of a part of the run."""
    notice = unpriced_notice(result)
    return [text for text in notices if not text.startswith(START)] + ([] if notice is None else [notice])


def _lost(part: PeriodTable) -> Floats:
    """Units of final demand that were lost in a period, [R, T]."""
    lost: Floats = np.maximum(part["demand"] - part["served"], 0.0)
    return lost


def _lost_at_no_cost(scenario: Scenario, charged: float, short: float) -> bool | None:
    """Whether some of what was short costs nothing; None where totals do not tell.

    What was charged, over the costs of a unit, is between what was short at customers whose shortage costs something.
    """
    lines = [line for _, _, line in stock_lines(scenario)]
    costs = [line.demand.shortage_cost for line in lines if line.demand is not None and line.demand.shortage_cost > 0]
    if not costs:
        return True
    slack = _ROUNDING * short
    if short > charged / min(costs) + slack:
        return True
    mixed = any(line.backorder_cost > 0.0 for line in lines)  # what is owed to buyers is charged in the same column
    if not mixed and short <= charged / max(costs) + slack:
        return False
    return None
