"""Safety stocks of a workbook: what is kept on top of what is asked for until goods come, there to be used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from esc_sim.counted import counted
from esc_sim.fitting.flows import Point, points_of
from esc_sim.importing.found import Found
from esc_sim.importing.history import Item
from esc_sim.policies.base_stock import BaseStockOrder
from esc_sim.scenario.schema import Scenario, StockLine

_DIGITS = 6


def with_buffers(scenario: Scenario, buffers: Mapping[Item, float], found: Found) -> Scenario:
    """The scenario with levels that hold the given safety stocks, where no sheet gives a level.

    A level is what is asked for on average from an order to its goods, and the safety stock. A ``safety_stock`` of a
    scenario is kept from sale, which is not what a workbook means by it.

    Args:
        scenario: the scenario, its items in ``stocks``.
        buffers: safety stocks, units.
        found: takes notes.
    """
    if not buffers:
        return scenario
    points, stocks, new = points_of(scenario), [], 0
    for line in scenario.stocks:
        item = line.node, line.product
        update = _levels(line, points[item], buffers[item]) if item in buffers and item in points else {}
        new += bool(update)
        stocks.append(line.model_copy(update=update))
    found.assumed.append(
        f"safety stocks are buffers that are used: {new} of {counted(len(buffers), 'item')} get what is asked for over "
        "their lead time and the safety stock as their level; of the others it is part of the level that a sheet gives"
    )
    return scenario.model_copy(update={"stocks": stocks})


def _levels(line: StockLine, point: Point, buffer: float) -> dict[str, Any]:
    """Fields of an item that are new; none where its level is stated, or where it comes from nowhere."""
    made = any(way.made for way in point.ways)
    if not point.ways or (line.target_stock if made else line.order) is not None:
        return {}
    periods = sum(way.share * way.periods for way in point.ways) + (0.0 if made else float(point.late))
    level = round(point.asked.mean * periods + buffer, _DIGITS)
    found = {"target_stock": level} if made else {"order": BaseStockOrder(order_up_to=level)}
    return found | {"initial_stock": line.initial_stock or level}
