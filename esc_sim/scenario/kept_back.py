"""Safety stocks that keep back so much that orders up to a level cannot serve what is asked meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import esc_sim
from esc_sim.counted import counted
from esc_sim.errors import InputError
from esc_sim.policies.base_stock import BaseStockOrder
from esc_sim.scenario.items import Item, item_path, items_of
from esc_sim.scenario.laws import mean_of
from esc_sim.scenario.messages import Path, Problem
from esc_sim.scenario.schema import Scenario

_MOST_NAMED = 3


def kept_back_problems(scenario: Scenario) -> Iterator[Problem]:
    """One warning for all of them, at the first."""
    found = _kept_back(scenario)
    if found:
        yield Problem((*found[0][0], "safety_stock"), f"warning: {_words(found)}", "part")


def kept_back_notices(scenario: Scenario) -> list[str]:
    """The warning for those who run the scenario."""
    found = _kept_back(scenario)
    return [f"safety_stock: warning: {_words(found)}"] if found else []


def _words(found: list[tuple[Path, Item]]) -> str:
    names = ", ".join(item_path(*one) for one in found[:_MOST_NAMED]) + (", ..." if len(found) > _MOST_NAMED else "")
    return (
        f"safety_stock is kept back from sale, and at {counted(len(found), 'stock')} ({names}) what order_up_to leaves "
        "beside it is less than the mean demand until the next delivery, so that more of it lowers service: to hold "
        "more stock for sale, raise order.order_up_to"
    )


def _kept_back(scenario: Scenario) -> list[tuple[Path, Item]]:
    """Stocks with a base stock that, less the safety stock, is below the mean demand of lead time and one period."""
    held = {
        item: (path, data.order.order_up_to - data.safety_stock)
        for item, (path, data) in items_of(scenario).items()
        if data.safety_stock > 0.0 and isinstance(data.order, BaseStockOrder)
    }
    if not held:
        return []
    try:
        demands = esc_sim.from_above("mean_demands")(scenario)
    except (InputError, ValueError, KeyError):  # nobody knows them
        return []
    default, soonest = scenario.products[0].id, dict[Item, float]()
    for arc in scenario.arcs:
        item = arc.buyer, arc.product or default
        time = arc.lead_time if isinstance(arc.lead_time, float) else mean_of(arc.lead_time)
        soonest[item] = min(time, soonest.get(item, time))
    return [
        (path, item)
        for item, (path, free) in held.items()
        if free < demands.get(item, 0.0) * (1.0 + soonest.get(item, 0.0))
    ]
