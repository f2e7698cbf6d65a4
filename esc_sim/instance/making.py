"""What nodes do with goods beside trading them, as numbers: recipes, shelf lives, takers of by-products, disposal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from esc_sim.instance.model import NO_ITEM, FloatArray, IntArray
from esc_sim.network.model import Network, stock_lines
from esc_sim.scenario.recipes import Recipe, Taker
from esc_sim.scenario.schema import Scenario, StockData

Lines = Sequence[tuple[int, int, StockData]]


@dataclass(frozen=True)
class Recipes:
    """Q recipes, sorted by node and within a node as listed; ranges of inputs and outputs.

    Attributes:
        names: of the recipes.
        node: int64[Q].
        capacity: float64[Q] runs in a period, infinite where unlimited.
        cost, energy, emissions: float64[Q] per run; energy on the grid of goods.
        lag: int64[Q] periods from a run to its outputs.
        input_start: int64[Q + 1] range of each recipe's inputs.
        input_item, input_amount: items, and units per run.
        output_start: int64[Q + 1] range of each recipe's outputs.
        output_item, output_amount: items, and units per run.
        output_limits: 1 where the target stock of an output limits the runs.
        lagged: items that some recipe makes with a lag.
    """

    names: tuple[str, ...]
    node: IntArray
    capacity: FloatArray
    cost: FloatArray
    energy: FloatArray
    emissions: FloatArray
    lag: IntArray
    input_start: IntArray
    input_item: IntArray
    input_amount: FloatArray
    output_start: IntArray
    output_item: IntArray
    output_amount: FloatArray
    output_limits: IntArray
    lagged: IntArray

    @property
    def longest_lag(self) -> int:
        """The longest lag."""
        return int(self.lag.max(initial=0))


@dataclass(frozen=True)
class Offers:
    """What is offered at the end of a period, and to whom; G items with limited room, their takers in rising cost.

    Attributes:
        room: float64[I] most that is kept of an item, infinite where unlimited.
        giver: int64[G] items whose excess is offered, then disposed of.
        taker_start: int64[G + 1] range of each giver's takers.
        taker: items that take them.
        capacity: float64 most that each takes in a period, units.
        gate_fee, haul, emissions: float64 per unit: money paid to the taker, money for the way, emissions.
    """

    room: FloatArray
    giver: IntArray
    taker_start: IntArray
    taker: IntArray
    capacity: FloatArray
    gate_fee: FloatArray
    haul: FloatArray
    emissions: FloatArray


@dataclass(frozen=True)
class Leftovers:
    """What customers leave of what they buy, which comes back to where they bought it; L pairs of items.

    Attributes:
        bought: int64[L] items that customers buy.
        left: int64[L] items, at the same nodes, that comes back.
        share: float64[L] units that come back of a unit bought.
    """

    bought: IntArray
    left: IntArray
    share: FloatArray


@dataclass(frozen=True)
class Making:
    """Numbers of making and keeping goods; N nodes, I items, K of them perishable.

    Attributes:
        perishable: int64[K] items.
        shelf_life: int64[K] periods that goods keep.
        ring_start: int64[K + 1] places of what came in during the latest (shelf life - 1) periods.
        waste: int64[K] item that expired goods become; NO_ITEM: they are disposed of.
        perishable_of: int64[I] place of an item among the perishable ones, or NO_ITEM.
        disposal_cost: float64[I] money per unit disposed of.
        environment: int64[I] 1 for air, water and the like, which recipes take freely.
        energy: float64[N] most energy that a node's recipes use in a period; on the grid of goods.
        recipes, offers, leftovers: see there.
    """

    perishable: IntArray
    shelf_life: IntArray
    ring_start: IntArray
    waste: IntArray
    perishable_of: IntArray
    disposal_cost: FloatArray
    environment: IntArray
    energy: FloatArray
    recipes: Recipes
    offers: Offers
    leftovers: Leftovers

    @property
    def items(self) -> frozenset[int]:
        """Items that recipes use or make, those that are offered or taken, and those with leftovers."""
        recipes, offers, back = self.recipes, self.offers, self.leftovers
        parts = (recipes.input_item, recipes.output_item, offers.giver, offers.taker, back.bought, back.left)
        return frozenset(i for part in parts for i in part.tolist())

    @property
    def used(self) -> bool:
        """Whether anything perishes, is made by a recipe, is offered, or comes back from customers."""
        return len(self.perishable) + len(self.recipes.node) + len(self.offers.giver) + len(self.leftovers.left) > 0


def making_of(scenario: Scenario, network: Network) -> Making:
    """Shelf lives, recipes, takers and fees of a scenario."""
    lines = stock_lines(scenario)
    item_of = {
        (network.node_ids[n], network.products[p]): i for (n, p), i in network.item_index.items()
    }  # names to items
    size = 2.0**scenario.rules.goods_quantum
    perishable = [i for i, (_, _, line) in enumerate(lines) if line.shelf_life is not None]
    shelf_life = np.array([lines[i][2].shelf_life for i in perishable], np.int64)
    waste = [(network.node_ids[lines[i][0]], lines[i][2].waste) for i in perishable]
    of_item = np.full(network.item_count, NO_ITEM, np.int64)
    of_item[perishable] = np.arange(len(perishable))
    free = np.array([product.environment for product in scenario.products], np.int64)[network.item_product]
    energy = np.array([inf if node.energy is None else node.energy for node in scenario.nodes])
    return Making(
        perishable=np.array(perishable, np.int64),
        shelf_life=shelf_life,
        ring_start=np.r_[0, np.cumsum(shelf_life - 1)].astype(np.int64),
        waste=np.array([NO_ITEM if p is None else item_of[node, p] for node, p in waste], np.int64),
        perishable_of=of_item,
        disposal_cost=np.array([line.disposal_cost for _, _, line in lines], np.float64),
        environment=free.astype(np.int64),
        energy=np.round(energy * size) / size,
        recipes=_recipes(scenario.recipes, network, item_of),
        offers=_offers(scenario.takers, lines, free, item_of, size),
        leftovers=_leftovers(lines, network, item_of),
    )


def _recipes(listed: Sequence[Recipe], network: Network, item_of: Mapping[tuple[str, str], int]) -> Recipes:
    recipes = sorted(listed, key=lambda recipe: network.node_index[recipe.node])
    made = [[*r.outputs.items(), *r.byproducts.items()] for r in recipes]
    items = [[item_of[r.node, product] for product, _ in parts] for r, parts in zip(recipes, made, strict=True)]
    lagged = sorted({i for r, own in zip(recipes, items, strict=True) if r.lag for i in own})
    return Recipes(
        names=tuple(r.id for r in recipes),
        node=np.array([network.node_index[r.node] for r in recipes], np.int64),
        capacity=np.array([inf if r.capacity is None else r.capacity for r in recipes], np.float64),
        cost=np.array([r.cost for r in recipes], np.float64),
        energy=np.array([r.energy for r in recipes], np.float64),
        emissions=np.array([r.emissions for r in recipes], np.float64),
        lag=np.array([r.lag for r in recipes], np.int64),
        input_start=_starts([len(r.inputs) for r in recipes]),
        input_item=np.array([item_of[r.node, product] for r in recipes for product in r.inputs], np.int64),
        input_amount=np.array([amount for r in recipes for amount in r.inputs.values()], np.float64),
        output_start=_starts([len(parts) for parts in made]),
        output_item=np.array([i for own in items for i in own], np.int64),
        output_amount=np.array([amount for parts in made for _, amount in parts], np.float64),
        output_limits=np.array([k < len(r.outputs) for r, parts in zip(recipes, made, strict=True)
                                for k in range(len(parts))], np.int64),
        lagged=np.array(lagged, np.int64),
    )  # fmt: skip


def _offers(
    takers: Sequence[Taker], lines: Lines, free: IntArray, item_of: Mapping[tuple[str, str], int], size: float
) -> Offers:
    mine: dict[int, list[tuple[float, int, Taker]]] = {}
    for taker in takers:
        link = (taker.gate_fee + taker.haul, item_of[taker.taker, taker.product], taker)
        mine.setdefault(item_of[taker.giver, taker.product], []).append(link)
    room = np.array([inf if line.room is None else line.room for _, _, line in lines], np.float64)
    room[[i for i in mine if lines[i][2].room is None]] = 0.0
    room[free == 1] = 0.0
    giver = np.flatnonzero(room < inf)
    links = [link for i in giver.tolist() for link in sorted(mine.get(i, []), key=lambda entry: entry[:2])]
    capacity = np.array([inf if t.capacity is None else t.capacity for _, _, t in links], np.float64)
    return Offers(
        room=np.round(room * size) / size,
        giver=giver.astype(np.int64),
        taker_start=_starts([len(mine.get(i, [])) for i in giver.tolist()]),
        taker=np.array([item for _, item, _ in links], np.int64),
        capacity=np.round(capacity * size) / size,
        gate_fee=np.array([t.gate_fee for _, _, t in links], np.float64),
        haul=np.array([t.haul for _, _, t in links], np.float64),
        emissions=np.array([t.emissions for _, _, t in links], np.float64),
    )


def _leftovers(lines: Lines, network: Network, item_of: Mapping[tuple[str, str], int]) -> Leftovers:
    found = [
        (i, item_of[network.node_ids[node], product], share)
        for i, (node, _, line) in enumerate(lines)
        if line.demand is not None
        for product, share in line.demand.leftovers.items()
    ]
    return Leftovers(
        bought=np.array([bought for bought, _, _ in found], np.int64),
        left=np.array([left for _, left, _ in found], np.int64),
        share=np.array([share for _, _, share in found], np.float64),
    )


def _starts(counts: Sequence[int]) -> IntArray:
    return np.r_[0, np.cumsum(counts)].astype(np.int64)
