"""Starting policies: order policies and starting stocks for a wanted fill rate, where a scenario states none."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from scipy import optimize, special

from esc_sim.errors import InputError
from esc_sim.fitting.flows import Asked, Point, points_of
from esc_sim.policies.base_stock import BaseStockOrder
from esc_sim.policies.mean import MeanOrder
from esc_sim.policies.reorder_up_to import ReorderUpToOrder
from esc_sim.scenario.checked import checked
from esc_sim.scenario.items import Item, items_of
from esc_sim.scenario.schema import Scenario, StockData, StockLine

_STATED: Final = ("fixed_cost", "minimum", "order_multiple")
"""What an order may say without saying how much."""


def starting_policies(scenario: Scenario, fill_rate: float = 0.95) -> Scenario:
    """The scenario with an order policy and a starting stock wherever a stocking point states none.

    Mean and variance of demand are pushed up the network, through recipes and by the suppliers that a run would ask;
    each stocking point gets the base stock with which, under a gamma law of the demand over its lead time, the wanted
    share of what it is asked for is met from stock; (s, S), with the economic order quantity between the two, where an
    order has a fixed cost. What recipes make gets a ``target_stock`` in the same way. Policies, targets and starting
    stocks that are stated stay.

    Args:
        scenario: the scenario.
        fill_rate: share of the units asked for that is to be met from stock, above 0 and below 1.

    Raises:
        InputError: the fill rate is out of range, or the scenario cannot be used.

    Examples:
        >>> import esc_sim as esc
        >>> from esc_sim.fitting.starting import starting_policies
        >>> shop = esc.Node(id="shop", demand=esc.Demand(mean=40, sd=6))
        >>> maker = esc.Node(id="maker", initial_stock=500, production=esc.Production(mean=45))
        >>> arcs = [esc.Arc(buyer="shop", supplier="maker", lead_time=2)]
        >>> ready = starting_policies(esc.Scenario(name="two", nodes=[shop, maker], arcs=arcs))
        >>> ready.nodes[0].order.policy, ready.nodes[0].initial_stock == ready.nodes[0].order.order_up_to
        ('base_stock', True)
    """
    if not 0.0 < fill_rate < 1.0:
        raise InputError(f"fill_rate: must lie between 0 and 1, not {fill_rate:g}")
    scenario = checked(scenario)
    points, items = points_of(scenario), items_of(scenario)
    early = 1.0 if scenario.rules.sequence == "order_before_demand" else 0.0
    nodes, stocks = list(scenario.nodes), list(scenario.stocks)
    waits: dict[Item, float] = {}
    for item, point in reversed(
        points.items()
    ):  # from the sources down, since buyers wait for suppliers that are short
        path, data = items[item] if item in items else ((), StockLine(node=item[0], product=item[1]))
        update, waits[item] = _policy(point, data, fill_rate, early, waits)
        if not update:
            continue
        made: Any = data.model_copy(update=update)
        if not path:
            stocks.append(made)
        elif path[0] == "nodes":
            nodes[int(path[1])] = made
        else:
            stocks[int(path[1])] = made
    return checked(scenario.model_copy(update={"nodes": nodes, "stocks": stocks}))


def stated_nothing(data: StockData) -> bool:
    """Whether an item says of no order how large it is."""
    order = data.order
    return order is None or (isinstance(order, MeanOrder) and order.mean == 0.0 and order.sd == 0.0)


def _policy(
    point: Point, data: StockData, fill_rate: float, early: float, waits: Mapping[Item, float]
) -> tuple[dict[str, Any], float]:
    """Fields of an item that are new, and how long what is asked of it waits on average.

    By Little's law the mean wait is what is owed on average over what is asked for in a period (Sherbrooke, 1968).
    """
    asked = point.asked
    update: dict[str, Any] = {}
    if not asked.mean > 0.0:
        return {}, 0.0
    bought = any(not way.made for way in point.ways)
    periods, more = point.lead_time(waits)
    periods += max(early, float(point.late)) if bought else 0.0
    level = base_stock(asked, periods, more, fill_rate)
    wait = gamma_loss(*asked.over(periods, more), level) / asked.mean if point.ways else 0.0
    if bought and stated_nothing(data):
        stated = {key: getattr(data.order, key) for key in _STATED if data.order is not None}
        lot = _economic_quantity(asked.mean, data)
        if lot > asked.mean:
            point_s, level = reorder_levels(asked, periods, more, lot, fill_rate)
            update["order"] = ReorderUpToOrder(reorder_point=_written(point_s), order_up_to=_written(level), **stated)
        else:
            update["order"] = BaseStockOrder(order_up_to=_written(level), **stated)
    if any(way.made for way in point.ways) and data.target_stock is None:
        update["target_stock"] = _written(level + data.safety_stock)
    if data.initial_stock == 0.0 and (update or not point.ways):
        wanted = level + data.safety_stock
        update["initial_stock"] = _written(wanted if data.target_stock is None else min(wanted, data.target_stock))
    return update, wait


def _written(level: float) -> float:
    return float(f"{level:.5g}")


def _economic_quantity(mean: float, data: StockData) -> float:
    """EOQ (Harris, 1913): sqrt(2 K d / h); 0 without a fixed cost or without a holding cost."""
    fixed = data.order.fixed_cost if data.order is not None else 0.0
    return math.sqrt(2.0 * fixed * mean / data.holding_cost) if fixed and data.holding_cost else 0.0


def gamma_loss(mean: float, variance: float, level: float) -> float:
    """E[(D - level)+] of a gamma demand; of a certain one where the variance is 0.

    Args:
        mean, variance: of the demand D.
        level: what there is to meet it.
    """
    if level <= 0.0:
        return mean - level
    if mean <= 0.0:
        return 0.0
    shape = mean * mean / variance if variance > 0.0 else math.inf
    if shape > 1e7:
        return max(mean - level, 0.0)
    z = level * shape / mean
    return float(mean * special.gammaincc(shape + 1.0, z) - level * special.gammaincc(shape, z))


def base_stock(asked: Asked, periods: float, more: float, fill_rate: float) -> float:
    """Level S that meets a share of demand from stock: 1 - (loss over L periods - loss over L - 1) / mean.

    Args:
        asked: demand.
        periods: reviews from an order to its goods, L, on average.
        more: variance of what is on order that comes on top, see :meth:`~esc_sim.fitting.flows.Point.lead_time`.
        fill_rate: the wanted share.
    """
    whole, before = asked.over(periods, more), asked.over(max(periods - 1.0, 0.0), more)

    def missed(level: float) -> float:
        return (gamma_loss(*whole, level) - gamma_loss(*before, level)) / asked.mean - (1.0 - fill_rate)

    return _solved(missed, before[0], whole[0] + 40.0 * math.sqrt(whole[1]) + asked.mean)


def reorder_levels(asked: Asked, periods: float, more: float, lot: float, fill_rate: float) -> tuple[float, float]:
    """Levels (s, S) with S - s so large that a lot is ordered on average, and s such that the fill rate is met.

    Once a cycle goods are short just before they come, L - 1 periods after the position was seen at or below s. How
    far below, the undershoot, is on average (mean^2 + variance) / (2 mean), as of a renewal process.

    Args:
        asked: demand.
        periods: reviews from an order to its goods, L, on average.
        more: variance of what is on order that comes on top, see :meth:`~esc_sim.fitting.flows.Point.lead_time`.
        lot: the wanted order quantity, units.
        fill_rate: the wanted share.
    """
    under = (asked.mean * asked.mean + asked.variance) / (2.0 * asked.mean)
    gap = max(lot - under, 0.0)
    before = asked.over(max(periods - 1.0, 0.0), more)
    whole = before[0] + under, before[1] + under * under / 3.0

    def missed(level: float) -> float:
        return (gamma_loss(*whole, level) - gamma_loss(*before, level + gap)) / (gap + under) - (1.0 - fill_rate)

    point = _solved(missed, 0.0, whole[0] + 40.0 * math.sqrt(whole[1]))
    return point, point + gap


def _solved(missed: Callable[[float], float], low: float, high: float) -> float:
    """Least level at which no more than the allowed share is missed."""
    if missed(low) <= 0.0:
        return low
    return float(optimize.brentq(missed, low, high, xtol=1e-9 * max(high, 1.0)))
