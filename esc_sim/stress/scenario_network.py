"""The network of the aggregate programs of a scenario: what stands where at the start dates, and who makes what."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from esc_sim.fields.making import Recipe, RecipePart
from esc_sim.fields.rows import objects
from esc_sim.instance.model import NO_COLUMN, Instance
from esc_sim.results.columns import SERVICE_COLUMNS
from esc_sim.scenario.laws import mean_of
from esc_sim.stress.aggregate_network import AggregateNetwork
from esc_sim.stress.impact import Twin

Floats = NDArray[np.float64]


def why_no_network(instance: Instance) -> str:
    """Why a scenario has no aggregate programs, in words; empty where it has."""
    recipes = instance.making.recipes
    if (recipes["end_output"] - recipes["first_output"] > 1).any():
        return "a recipe makes several products at once"
    if instance.farming.used:
        return "it has fields"
    return ""


@dataclass
class _Parts:
    """Makers and needs while they are put together; the first makers are the items."""

    names: list[str]
    node: list[int]
    capacity: list[float]
    suppliers: list[int] = field(default_factory=list)
    served: list[int] = field(default_factory=list)
    makers: list[int] = field(default_factory=list)
    units: list[float] = field(default_factory=list)

    def maker(self, name: str, node: int, capacity: float) -> int:
        """Add a maker that is no item."""
        self.names.append(name)
        self.node.append(node)
        self.capacity.append(capacity)
        return len(self.names) - 1

    def need(self, maker: int, units: float) -> int:
        """Add a need."""
        self.makers.append(maker)
        self.units.append(units)
        return len(self.units) - 1

    def edge(self, supplier: int, need: int) -> None:
        """Add an edge."""
        self.suppliers.append(supplier)
        self.served.append(need)


def network_of_scenario(twin: Twin, starts: tuple[int, ...]) -> tuple[AggregateNetwork, NDArray[np.int64]]:
    """Makers of a scenario, the items first, and the node of each.

    An item needs itself, from its suppliers, from what produces it, or from a recipe; what produces it is a maker of
    its own with the mean of its production as capacity. Stock is the twin's on average at the end of the period before
    an outage, demand the twin's mean, and with a unit not sold its price and shortage cost are lost, less what it
    would have cost to bring it there.

    Args:
        twin: the runs without an outage.
        starts: periods in which outages begin.
    """
    instance = twin.instance
    network, items = instance.network, instance.items
    parts = _Parts(
        [network.item_name(i) for i in range(network.item_count)],
        network.item_node.tolist(),
        [float(most) for most in items.capacity],
    )
    own: dict[int, int] = {}
    for arc in range(network.arc_count):
        buyer = int(network.arc_buyer[arc])
        if items.yield_factor[buyer] > 0.0:
            parts.edge(int(network.arc_supplier[arc]), _own(parts, own, buyer, 1.0 / float(items.yield_factor[buyer])))
    _add_production(instance, parts, own)
    _add_recipes(instance, parts, own)
    for i in range(network.item_count):
        if i not in own:
            parts.capacity[i] = 0.0  # nothing brings it: there is what is in stock
    more = len(parts.names) - network.item_count
    sold = np.zeros(network.item_count)
    counted = instance.periods - instance.warm_up
    for block in twin.blocks:
        sold[instance.customers] += block.service[0][:, SERVICE_COLUMNS.index("demand")] / counted / len(twin.blocks)
    margin = np.maximum(items.retail_price + items.shortage_cost - twin.costs, 0.0)
    found = AggregateNetwork(
        names=tuple(parts.names),
        stock=np.r_[_stock(twin, starts), np.zeros(more)],
        capacity=np.array(parts.capacity),
        demand=np.r_[sold, np.zeros(more)],
        margin=np.r_[np.where(sold > 0.0, margin, 0.0), np.zeros(more)],
        supplier=np.array(parts.suppliers, np.int64),
        need=np.array(parts.served, np.int64),
        need_maker=np.array(parts.makers, np.int64),
        need_units=np.array(parts.units),
    )
    return found, np.array(parts.node, np.int64)


def _own(parts: _Parts, own: dict[int, int], item: int, units: float) -> int:
    """The need of an item for itself."""
    if item not in own:
        own[item] = parts.need(item, units)
    return own[item]


def _add_production(instance: Instance, parts: _Parts, own: dict[int, int]) -> None:
    items = instance.items
    for i in np.flatnonzero((items.production_loc != 0.0) | (items.production_scale != 0.0)).tolist():
        column, mean = int(items.production_column[i]), float(items.production_loc[i])
        law = None if column == NO_COLUMN else instance.columns.laws[column]
        if law is not None:
            mean += float(items.production_scale[i]) * mean_of(law)
        units = parts.units[own[i]] if i in own else 1.0
        maker = parts.maker(f"production of {parts.names[i]}", parts.node[i], max(mean, 0.0) * units)
        parts.edge(maker, _own(parts, own, i, units))


def _add_recipes(instance: Instance, parts: _Parts, own: dict[int, int]) -> None:
    making = instance.making
    inputs, outputs = objects(RecipePart, making.inputs), objects(RecipePart, making.outputs)
    for name, recipe in zip(making.names, objects(Recipe, making.recipes), strict=True):
        made, amount = outputs[recipe.first_output].item, outputs[recipe.first_output].amount
        units = parts.units[own[made]] if made in own else 1.0
        maker = parts.maker(f"recipe {name}", recipe.node, recipe.capacity * amount * units)
        for part in inputs[recipe.first_input : recipe.end_input]:
            if part.limits:
                parts.edge(part.item, parts.need(maker, part.amount / amount / units))
        parts.edge(maker, _own(parts, own, made, units))


def _stock(twin: Twin, starts: tuple[int, ...]) -> Floats:
    """Mean stock at the end of the period before an outage, float64[I]."""
    stock = twin.stock
    rows = [twin.instance.items.initial_stock if start == 0 else stock[start - 1] for start in starts]
    found: Floats = np.mean(rows, axis=0)
    return np.maximum(found, 0.0)
