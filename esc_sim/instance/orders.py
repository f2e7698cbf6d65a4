"""From the order policies of a scenario to numbers per item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from esc_sim.errors import InputError
from esc_sim.fields.making import Recipe, RecipePart
from esc_sim.fields.rows import objects
from esc_sim.instance.making import Making
from esc_sim.instance.model import Lines, OrderNumbers
from esc_sim.network.model import Network
from esc_sim.policies.forecast import ForecastOrder
from esc_sim.policies.mean import MeanOrder
from esc_sim.policies.policy import DRAWN, Order
from esc_sim.policies.registry import MOST_PARAMETERS, must_be_above_zero, policy_of, rule_number
from esc_sim.scenario.rules import Rules
from esc_sim.scenario.schema import StockData


def order_numbers(
    lines_of_items: Sequence[StockData], network: Network, lines: Lines, rules: Rules, making: Making
) -> OrderNumbers:
    """Policy and parameters of every item, and when each is planned.

    Args:
        lines_of_items: what the scenario says of each item.
        network: the scenario's network.
        lines: its buyer lines.
        rules: switches; the grid of goods is in them.
        making: recipes, by which goods go on as another product.

    Raises:
        InputError: an echelon policy on a network where echelons overlap.
    """
    size = 2.0**rules.goods_quantum
    orders = [line.order or MeanOrder() for line in lines_of_items]

    def amounts(name: str, default: float = 0.0) -> np.ndarray:
        return np.round(np.array([getattr(o, name, default) for o in orders], np.float64) * size) / size

    parameters = np.array([_parameters(order, network.item_name(i), rules) for i, order in enumerate(orders)])
    buys = np.unique(lines.line_item)
    policies = [policy_of(order) for order in orders]
    way = np.array([policy.way for policy in policies], np.int64)
    continuous = np.array([getattr(o, "review", "") == "continuous" for o in orders], np.bool_)
    by_position = buys[(way[buys] != DRAWN) & ~continuous[buys]]
    first = rules.sequence == "order_before_demand"
    forecasts = [o if isinstance(o, ForecastOrder) else None for o in orders]
    window = np.array([f.window if f and f.method == "moving_average" else 0 for f in forecasts], np.int64)
    late_start, late_items = _by_market(by_position if not first else by_position[:0], lines)
    echelon_start, echelon_items = _echelons(
        [i for i in buys.tolist() if getattr(orders[i], "echelon", False)], network, _made_of(making, network)
    )
    return OrderNumbers(
        names=tuple(line.order.policy if line.order is not None else "" for line in lines_of_items),
        way=way,
        rule=np.array([rule_number(policy) for policy in policies], np.int64),
        parameters=parameters,
        every=np.array([getattr(o, "every", 1) for o in orders], np.int64),
        first=np.array([getattr(o, "first", 0) for o in orders], np.int64),
        minimum=amounts("minimum"),
        order_multiple=amounts("order_multiple"),
        fixed_cost=np.array([o.fixed_cost for o in orders], np.float64),
        in_transit_holding_cost=np.array([line.in_transit_holding_cost for line in lines_of_items], np.float64),
        backorder_cost=np.array([line.backorder_cost for line in lines_of_items], np.float64),
        drawn_items=buys[way[buys] == DRAWN].astype(np.int64),
        early_items=(by_position if first else by_position[:0]).astype(np.int64),
        late_start=late_start,
        late_items=late_items,
        echelon_start=echelon_start,
        echelon_items=echelon_items,
        window=window,
        weight=np.array([f.weight if f else 0.0 for f in forecasts], np.float64),
        cover=np.array([f.cover if f else 0.0 for f in forecasts], np.float64),
        buffer=np.array([f.buffer if f else 0.0 for f in forecasts], np.float64),
        initial=np.array([f.initial if f else 0.0 for f in forecasts], np.float64),
        history_start=np.r_[0, np.cumsum(window)].astype(np.int64),
    )


def _parameters(order: Order, item: str, rules: Rules) -> list[float]:
    """What the rule of an order's policy reads, on the grid of goods."""
    size, found = 2.0**rules.goods_quantum, []
    for name in policy_of(order).parameters:
        value = getattr(order, name)
        found.append(float(np.round(value * size) / size))
        if value > 0.0 and found[-1] <= 0.0 and must_be_above_zero(order, name):
            raise InputError(
                f"order of '{item}': {name} {value:g} is nothing on the grid of goods "
                f"(rules.goods_quantum {rules.goods_quantum}); choose a smaller unit of goods or a larger goods_quantum"
            )
    return [*found, *[0.0] * (MOST_PARAMETERS - len(found))]


def _by_market(items: np.ndarray, lines: Lines) -> tuple[np.ndarray, np.ndarray]:
    """Items grouped by the first market in which each has a line."""
    wanted, seen = set(items.tolist()), set()
    start, found = [0], []
    for market in range(len(lines.market_start) - 1):
        for item in lines.line_item[lines.market_start[market] : lines.market_start[market + 1]].tolist():
            if item in wanted and item not in seen:
                seen.add(item)
                found.append(item)
        start.append(len(found))
    return np.array(start, np.int64), np.array(found, np.int64)


def _made_of(making: Making, network: Network) -> dict[int, list[int]]:
    """Items that are made of an item at once, a unit of a unit, and can be had in no other way."""
    inputs, outputs = objects(RecipePart, making.inputs), objects(RecipePart, making.outputs)
    otherwise = set(network.arc_buyer.tolist())
    ways = Counter(part.item for part in outputs)
    found: dict[int, list[int]] = {}
    for recipe in objects(Recipe, making.recipes):
        made = outputs[recipe.first_output]
        if recipe.lag or recipe.end_output - recipe.first_output > 1 or ways[made.item] > 1 or made.item in otherwise:
            continue
        for part in inputs[recipe.first_input : recipe.end_input]:
            if part.amount == made.amount:
                found.setdefault(part.item, []).append(made.item)
    return found


def _echelons(
    items: Sequence[int], network: Network, made_of: Mapping[int, Sequence[int]]
) -> tuple[np.ndarray, np.ndarray]:
    """For each item with an echelon policy, itself first and then all that it becomes or supplies, directly or not."""
    buyers: dict[int, list[int]] = {item: list(made) for item, made in made_of.items()}
    suppliers: dict[int, set[int]] = {}
    for buyer, supplier in zip(network.arc_buyer.tolist(), network.arc_supplier.tolist(), strict=True):
        buyers.setdefault(supplier, []).append(buyer)
        suppliers.setdefault(buyer, set()).add(supplier)
    members: list[list[int]] = [[] for _ in range(network.item_count)]
    for item in items:
        seen, waiting = {item}, [item]
        while waiting:
            for buyer in buyers.get(waiting.pop(), []):
                if buyer in seen:
                    continue
                if len(suppliers.get(buyer, ())) > 1:
                    raise InputError(
                        f"order of '{network.item_name(item)}': echelon stock needs a tree, but "
                        f"'{network.item_name(buyer)}' in its echelon has {len(suppliers[buyer])} suppliers; "
                        "use 'echelon: false'"
                    )
                seen.add(buyer)
                waiting.append(buyer)
        members[item] = [item, *sorted(seen - {item})]
    start = np.r_[0, np.cumsum([len(m) for m in members])].astype(np.int64)
    return start, np.array([i for m in members for i in m], np.int64)
