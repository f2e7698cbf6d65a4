"""Instances in which somebody outside decides how much some items order.

The order of such an item is a column of the tape that is written, period by period, by whoever plays the run. The
engines take it for an order that is drawn, so that no rule knows of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from esc_sim.behaviours.switches import FEEDBACK_NONE
from esc_sim.errors import InputError
from esc_sim.fields.names import listed
from esc_sim.fields.parts import LARGEST
from esc_sim.instance.build import instance_of
from esc_sim.instance.model import Instance
from esc_sim.network.model import Network, network_of, stock_lines
from esc_sim.policies.mean import MeanOrder
from esc_sim.sampling.tape import tape_block
from esc_sim.scenario.checked import checked
from esc_sim.scenario.fields import suggestion
from esc_sim.scenario.schema import Scenario, StockData

_LOOKED_AT: Final = 256
"""Periods of demand that are drawn to see how large it gets."""

Controls = Sequence[str] | Mapping[str, float]
"""Names of nodes (all that they buy) or of items (node/product), perhaps with the largest order of each."""


@dataclass(frozen=True)
class Controlled:
    """An instance with orders from outside.

    Attributes:
        instance: what is run. The tape of its columns is followed by M more, which hold the orders.
        items: int64[M] items whose orders come from outside.
        names: their names.
        most: float64[M] the largest order of each, units.
    """

    instance: Instance
    items: NDArray[np.int64]
    names: tuple[str, ...]
    most: NDArray[np.float64]


def controlled(scenario: Scenario, controls: Controls | None = None, *, allow_code: bool = False) -> Controlled:
    """A scenario in which the orders of some items come from outside.

    Such an order is placed before the final demand of its period is known, as one of policy ``mean`` is. Its fixed
    cost, least size and multiple stay the scenario's. Sums count from the first period on: there is no warm-up.

    Args:
        scenario: the scenario.
        controls: what is controlled, in this order; None: everything that buys.
        allow_code: may Python files that the scenario names be run.

    Raises:
        InputError: there is no such node or item, it buys nothing, or its largest order is not known.
    """
    scenario = checked(scenario)
    network = network_of(scenario)
    chosen = _chosen(controls, network)
    instance = instance_of(_ordering_nothing(scenario, set(chosen)), network, allow_code=allow_code)
    items = np.array(list(chosen), np.int64)
    most = np.array(list(chosen.values()))
    unknown = np.isnan(most)
    most[unknown] = largest_orders(instance, items[unknown])
    instance = _with_columns(replace(instance, tally=True, warm_up=0), items)
    return Controlled(instance, items, tuple(map(network.item_name, items.tolist())), most)


def largest_orders(instance: Instance, items: NDArray[np.int64]) -> NDArray[np.float64]:
    """What an item may order at most where nobody says it, a whole number of units.

    That is the final demand of its node and of all nodes downstream in the period in which it is largest, of the first
    256 of a run, times two more than the periods of the longest lead time.

    Args:
        instance: what is run.
        items: int64[M].

    Raises:
        InputError: no final demand lies downstream.
    """
    network, periods = instance.network, int(min(_LOOKED_AT, instance.periods, instance.columns.end))
    draws = np.c_[tape_block(instance.columns, 0, 0, 0, periods), np.zeros(periods)]
    goods = instance.items
    demand = np.maximum(goods.demand_loc + goods.demand_scale * draws[:, goods.demand_column], 0.0)
    of_node = np.zeros((periods, network.node_count))
    np.add.at(of_node.T, network.item_node, demand.T)
    buyers: dict[int, set[int]] = {}
    ends = (network.item_node[network.arc_supplier].tolist(), network.item_node[network.arc_buyer].tolist())
    for supplier, buyer in zip(*ends, strict=True):
        buyers.setdefault(supplier, set()).add(buyer)
    found = []
    for item in items.tolist():
        reached, waiting = set[int](), [int(network.item_node[item])]
        while waiting:
            node = waiting.pop()
            if node not in reached:
                reached.add(node)
                waiting += buyers.get(node, ())
        peak = float(of_node[:, sorted(reached)].sum(axis=1).max())
        if peak <= 0.0:
            name = network.item_name(item)
            raise InputError(
                f"controls: no final demand lies downstream of '{name}', from which its largest order could be "
                f"taken; state it: controls={{'{name}': 100.0}}"
            )
        lead = float(instance.arcs.max_lead[network.arc_buyer == item].max()) / instance.clock.ticks
        found.append(math.ceil(peak * (math.ceil(lead) + 2)))
    return np.array(found, np.float64)


def _chosen(controls: Controls | None, network: Network) -> dict[int, float]:
    """Items that are controlled, with the largest order of each; nan where nobody states it."""
    buys = set(network.arc_buyer.tolist())
    if controls is None:
        return dict.fromkeys(sorted(buys), math.nan)
    if not isinstance(controls, Mapping):
        controls = listed("controls", controls)
    if not controls:
        raise InputError("controls: nothing is controlled; name a node that buys, or leave controls out")
    limits = controls if isinstance(controls, Mapping) else dict.fromkeys(controls, math.nan)
    found: dict[int, float] = {}
    for name, most in limits.items():
        if isinstance(controls, Mapping) and (
            isinstance(most, bool) or not (isinstance(most, (int, float)) and 0.0 < most <= LARGEST)
        ):
            raise InputError(f"controls: '{name}': {most!r} is no largest order; give a number of units above 0")
        items = items_called(name, network, "controls")
        bought = [item for item in items if item in buys]
        if not bought:
            raise InputError(f"controls: '{name}' buys nothing: no arc leads to it")
        found.update(dict.fromkeys(bought, most))
    return found


def items_called(name: str, network: Network, argument: str) -> list[int]:
    """Items of a node, or the item, that a user names.

    Args:
        name: a node's id, or node/product.
        network: the network.
        argument: where it was named, for the message.

    Raises:
        InputError: there is no such node or item.
    """
    node, slash, product = str(name).partition("/")
    if node in network.node_index:
        items = np.flatnonzero(network.item_node == network.node_index[node]).tolist()
        found = [i for i in items if not slash or network.products[network.item_product[i]] == product]
        if found:
            return found
        held = ", ".join(f"{node}/{network.products[network.item_product[i]]}" for i in items)
        raise InputError(f"{argument}: there is no '{name}'; '{node}' holds {held or 'nothing'}")
    raise InputError(f"{argument}: there is no node '{node}'{suggestion(node, network.node_ids, listed='nodes are')}")


def _ordering_nothing(scenario: Scenario, items: set[int]) -> Scenario:
    """The scenario with orders of nothing for some items; what an order costs, its least size and multiple stay."""
    mine = {id(line) for item, (_, _, line) in enumerate(stock_lines(scenario)) if item in items}

    def changed(line: StockData) -> dict[str, MeanOrder]:
        if id(line) not in mine or line.order is None:
            return {}
        kept = {name: getattr(line.order, name) for name in ("fixed_cost", "minimum", "order_multiple")}
        return {"order": MeanOrder(policy="mean", **kept)}

    return scenario.model_copy(
        update={
            "nodes": [node.model_copy(update=changed(node)) for node in scenario.nodes],
            "stocks": [stock.model_copy(update=changed(stock)) for stock in scenario.stocks],
            "optimize": None,  # it may name parameters of the policies that are left out
        }
    )


def _with_columns(instance: Instance, items: NDArray[np.int64]) -> Instance:
    """The instance with orders read from columns behind those of the tape, as they stand."""
    goods = instance.items
    scale, column, target = goods.order_scale.copy(), goods.order_column.copy(), goods.target_stock.copy()
    scale[items] = 1.0
    column[items] = len(instance.columns.names) + np.arange(len(items))
    if instance.switches.feedback != FEEDBACK_NONE:
        made = (goods.production_loc != 0) | (goods.production_scale != 0)
        made[instance.making.outputs["item"]] = True
        for item in items[made[items] & np.isfinite(target[items])].tolist():
            raise InputError(
                f"controls: the target stock of '{instance.network.item_name(item)}' caps what is made there, and "
                "changes its orders, too; say rules.feedback: none"
            )
        target[items] = math.inf  # nothing is added to a given order, or taken from it
    return replace(instance, items=replace(goods, order_scale=scale, order_column=column, target_stock=target))
