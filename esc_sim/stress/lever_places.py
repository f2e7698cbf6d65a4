"""Where levers take hold: entries of a scenario by name, the path of each as ``--set`` writes it, and what it says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from esc_sim.errors import InputError
from esc_sim.fields.parts import ArcName, arc_path
from esc_sim.instance.model import Instance
from esc_sim.policies.policy import DRAWN
from esc_sim.policies.registry import policy_of
from esc_sim.results.columns import SERVICE_COLUMNS
from esc_sim.scenario.dotted import quoted
from esc_sim.scenario.fields import suggestion
from esc_sim.scenario.items import Item, item_path, items_of
from esc_sim.scenario.messages import Path
from esc_sim.scenario.schema import Arc, Scenario, StockData
from esc_sim.stress.impact import runner_of

_LEVELS: Final = ("order_up_to", "reorder_point", "buffer")
"""Parameters of order policies that are amounts of stock: more stock raises all that a policy has."""


@dataclass(frozen=True)
class Places:
    """Entries of a scenario.

    Attributes:
        scenario: the scenario.
        use: units of each item that leave it in a period, on average.
    """

    scenario: Scenario
    use: Mapping[Item, float]

    @cached_property
    def _items(self) -> dict[Item, tuple[Path, StockData]]:
        return items_of(self.scenario)

    @cached_property
    def nodes(self) -> dict[str, int]:
        """Number of each node."""
        return {node.id: number for number, node in enumerate(self.scenario.nodes)}

    def item(self, node: str, product: str | None) -> tuple[Item, str, StockData]:
        """A product at a node, by default the one that the node's own fields speak of: path and entry.

        Raises:
            InputError: there is none.
        """
        named = product or self.scenario.nodes[self.node(node)].product or self.scenario.products[0].id
        if (node, named) not in self._items:
            raise InputError(f"node '{node}' has no entry of product '{named}' in nodes or stocks")
        path, entry = self._items[node, named]
        return (node, named), item_path(path, (node, named)), entry

    def node(self, name: str) -> int:
        """Number of a node.

        Raises:
            InputError: there is none of that name.
        """
        if name not in self.nodes:
            raise InputError(f"there is no node '{name}'{suggestion(name, self.nodes)}")
        return self.nodes[name]

    def arcs(self, name: ArcName) -> dict[int, Arc]:
        """The arcs of a name by their number in the network.

        Raises:
            InputError: there is none.
        """
        default = self.scenario.products[0].id
        found = {
            number: arc
            for number, arc in enumerate(self.scenario.arcs)
            if name.means(arc.buyer, arc.supplier, arc.product or default, arc.mode)
        }
        if not found:
            self.node(name.buyer), self.node(name.supplier)
            raise InputError(f"'{name.buyer}' buys nothing of that kind from '{name.supplier}'")
        return found

    def arc_path(self, number: int, arc: Arc) -> str:
        """How ``--set`` names an arc; by its number where its name is that of several.

        Args:
            number: among all arcs, options too.
            arc: the arc.
        """
        every = [*self.scenario.arcs, *(option for _, option in self.scenario.options)]
        alike = [one for one in every if (one.buyer, one.supplier) == (arc.buyer, arc.supplier)]
        alone = [one for one in alike if arc.product in (None, one.product) and arc.mode in (None, one.mode)]
        named = len(alone) == 1
        name = quoted(arc_path(arc.buyer, arc.supplier, arc.product, arc.mode))
        return f"arcs.{name}" if named else f"arcs.{number}"

    def number_among_all(self, arc: int) -> int:
        """Number that an arc of the network has among all arcs, options too."""
        return in_force(self.scenario)[arc]


def in_force(scenario: Scenario) -> list[int]:
    """Number of each arc of the network among all arcs, options too."""
    left_out = {number for number, _ in scenario.options}
    return [n for n in range(len(scenario.arcs) + len(left_out)) if n not in left_out]


def stock_fields(path: str, entry: StockData) -> list[tuple[str, float]]:
    """Values that more stock of an item raises, with their paths.

    Raises:
        InputError: it keeps no stock, or none that a lever could raise.
    """
    levels: Collection[str] = ()
    if entry.order is not None:
        policy = policy_of(entry.order)
        levels = [name for name in _LEVELS if name in policy.decided and name in policy.order.model_fields]
        if not levels and policy.way != DRAWN:
            raise InputError(f"its orders follow policy '{policy.name}', which has no level of stock to raise")
    elif entry.production is None and entry.target_stock is None and not entry.initial_stock:
        raise InputError("it keeps no stock: it neither orders nor produces, and begins with none")
    found = [(f"{path}.initial_stock", entry.initial_stock)]
    if entry.target_stock is not None:
        found.append((f"{path}.target_stock", entry.target_stock))
    return found + [(f"{path}.order.{name}", _value(entry.order, name)) for name in levels]


def capacity_fields(path: str, entry: StockData) -> list[tuple[str, float]]:
    """Values that more capacity of an item raises, with their paths.

    Raises:
        InputError: nothing limits it.
    """
    found = [] if entry.capacity is None else [(f"{path}.capacity", entry.capacity)]
    if entry.production is not None and entry.production.mean is not None:
        found.append((f"{path}.production.mean", entry.production.mean))
    if not found:
        raise InputError("it has neither capacity nor production.mean, so there is nothing to widen")
    return found


def _value(part: Any, name: str) -> float:
    return float(getattr(part, name))


def use_of(instance: Instance, engine: str, seed: int) -> dict[Item, float]:
    """Units of each item sold on or served in a period, on average over the first replication of the undisturbed run.

    Where nothing is, what comes in (recipes use it up).

    Args:
        instance: what is run; it keeps the service of customers.
        engine: "compiled" or "agents".
        seed: of all random numbers.
    """
    network = instance.network
    block = runner_of(engine)(instance, seed, [0])
    out, into = np.zeros(network.item_count), np.zeros(network.item_count)
    np.add.at(out, network.arc_supplier, block.arc_shipped / instance.periods)
    np.add.at(into, network.arc_buyer, block.arc_shipped / instance.periods)
    counted = instance.periods - instance.warm_up
    out[instance.customers] += block.service[0, :, SERVICE_COLUMNS.index("demand")] / counted
    used = np.where(out > 0.0, out, into)
    return {
        (network.node_ids[network.item_node[i]], network.products[network.item_product[i]]): float(used[i])
        for i in range(network.item_count)
    }
