"""What nodes do with goods beside trading them, as rows (``fields.making``): recipes, shelf lives, by-products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from esc_sim.fields.making import Giver, Leftover, Perishable, RecipePart
from esc_sim.fields.making import Recipe as RecipeRow
from esc_sim.fields.making import Taker as TakerRow
from esc_sim.fields.rows import NO_ROW, Records, ranges, row_type, table, table_of
from esc_sim.instance.model import FloatArray
from esc_sim.network.model import Network, stock_lines
from esc_sim.scenario.recipes import Recipe, Taker
from esc_sim.scenario.schema import Scenario, StockData

Lines = Sequence[tuple[int, int, StockData]]
Places = Mapping[tuple[str, str], int]
"""Items by the ids of their node and product."""

RECIPE, PART, PERISHABLE = row_type(RecipeRow), row_type(RecipePart), row_type(Perishable)
GIVER, TAKER, LEFTOVER = row_type(Giver), row_type(TakerRow), row_type(Leftover)
"""Types of the tables."""


@dataclass(frozen=True)
class Making:
    """Rows of making and keeping goods; N nodes, I items.

    Attributes:
        names: of the recipes.
        recipes: [Q] Recipe, sorted by node and within a node as listed.
        inputs, outputs: RecipePart, recipe by recipe.
        lagged: uint32 items that some recipe makes with a lag.
        perishables: [K] Perishable, in the order of their items; what came in is not known.
        givers: [G] Giver, in the order of their items: those with limited room.
        takers: Taker, giver by giver, in rising cost.
        leftovers: [L] Leftover.
        disposal_cost: float64[I] money per unit disposed of.
        room: float64[I] most that is kept of an item, infinite where unlimited.
        environment: bool[I] whether it is air, water and the like, which recipes take freely.
        energy: float64[N] most energy that a node's recipes use in a period; on the grid of goods.
    """

    names: tuple[str, ...]
    recipes: Records
    inputs: Records
    outputs: Records
    lagged: Records
    perishables: Records
    givers: Records
    takers: Records
    leftovers: Records
    disposal_cost: FloatArray
    room: FloatArray
    environment: Records
    energy: FloatArray

    @property
    def longest_lag(self) -> int:
        """Of all recipes."""
        return int(self.recipes["lag"].max(initial=0))

    @property
    def entries(self) -> int:
        """Length of the rings of all perishable goods."""
        return int((self.perishables["shelf_life"] - 1).sum())

    @property
    def items(self) -> frozenset[int]:
        """Items that recipes use or make, those that are offered or taken, and those with leftovers."""
        tables = (self.inputs, self.outputs, self.givers, self.takers, self.leftovers)
        parts = (*(rows["item"] for rows in tables), self.leftovers["bought"])
        return frozenset(i for part in parts for i in part.tolist())

    @property
    def used(self) -> bool:
        """Whether anything perishes, is made by a recipe, is offered, or comes back from customers."""
        return len(self.perishables) + len(self.recipes) + len(self.givers) + len(self.leftovers) > 0


def making_of(scenario: Scenario, network: Network) -> Making:
    """Shelf lives, recipes, takers and fees of a scenario."""
    lines, size = stock_lines(scenario), 2.0**scenario.rules.goods_quantum
    item_of = {(network.node_ids[n], network.products[p]): i for (n, p), i in network.item_index.items()}
    free = np.array([product.environment for product in scenario.products], np.bool_)[network.item_product]
    energy = np.array([inf if node.energy is None else node.energy for node in scenario.nodes])
    recipes = sorted(scenario.recipes, key=lambda recipe: network.node_index[recipe.node])
    inputs = _parts(recipes, item_of, inputs=1)
    outputs = _parts(recipes, item_of, outputs=1, byproducts=0)
    inputs["limits"] = ~free[inputs["item"]]
    rows = table_of(
        RECIPE,
        [_recipe(q, one, network) for q, one in enumerate(recipes)],
        **ranges("input", np.bincount(inputs["recipe"], minlength=len(recipes))),
        **ranges("output", np.bincount(outputs["recipe"], minlength=len(recipes))),
    )
    room, givers, takers = _offers(scenario.takers, lines, free, item_of, size)
    return Making(
        names=tuple(recipe.id for recipe in recipes),
        recipes=rows,
        inputs=inputs,
        outputs=outputs,
        lagged=np.unique(outputs["item"][rows["lag"][outputs["recipe"]] > 0]),
        perishables=_perishables(lines, network, item_of),
        givers=givers,
        takers=takers,
        leftovers=_leftovers(lines, network, item_of),
        disposal_cost=np.array([line.disposal_cost for _, _, line in lines], np.float64),
        room=np.round(room * size) / size,
        environment=free,
        energy=np.round(energy * size) / size,
    )


def _recipe(number: int, recipe: Recipe, network: Network) -> dict[str, float]:
    return {
        "index": number,
        "node": network.node_index[recipe.node],
        "lag": recipe.lag,
        "capacity": inf if recipe.capacity is None else recipe.capacity,
        "cost": recipe.cost,
        "energy": recipe.energy,
        "emissions": recipe.emissions,
    }


def _parts(recipes: Sequence[Recipe], item_of: Places, **limits: int) -> Records:
    """Parts of recipes under some keys, and whether those of each key limit the runs."""
    return table_of(
        PART,
        [
            {"recipe": q, "item": item_of[one.node, product], "limits": does, "amount": amount}
            for q, one in enumerate(recipes)
            for key, does in limits.items()
            for product, amount in getattr(one, key).items()
        ],
    )


def _perishables(lines: Lines, network: Network, item_of: Places) -> Records:
    found = [(i, network.node_ids[n], line) for i, (n, _, line) in enumerate(lines) if line.shelf_life is not None]
    shelf_life = np.array([line.shelf_life for _, _, line in found], np.int64)
    return table_of(
        PERISHABLE,
        [
            {"item": i, "waste": NO_ROW if line.waste is None else item_of[node, line.waste]}
            for i, node, line in found
        ],
        shelf_life=shelf_life,
        first_entry=np.cumsum(shelf_life - 1) - (shelf_life - 1),
    )  # fmt: skip


def _offers(
    listed: Sequence[Taker], lines: Lines, free: Records, item_of: Places, size: float
) -> tuple[FloatArray, Records, Records]:
    """Room for each item, those with limited room, and their takers."""
    links = sorted(
        ((item_of[t.giver, t.product], t.gate_fee + t.haul, item_of[t.taker, t.product], t) for t in listed),
        key=lambda link: link[:3],
    )
    of = np.array([giver for giver, _, _, _ in links], np.int64)
    room = np.array([inf if line.room is None else line.room for _, _, line in lines], np.float64)
    room[[i for i in of.tolist() if lines[i][2].room is None]] = 0.0
    room[free] = 0.0
    giver = np.flatnonzero(room < inf)
    capacity = np.array([inf if t.capacity is None else t.capacity for _, _, _, t in links], np.float64)
    takers = [
        {"item": item, "gate_fee": t.gate_fee, "haul": t.haul, "emissions": t.emissions} for _, _, item, t in links
    ]
    givers = table(len(giver), GIVER, item=giver, **ranges("taker", np.bincount(of, minlength=len(lines))[giver]))
    return room, givers, table_of(TAKER, takers, capacity=np.round(capacity * size) / size)


def _leftovers(lines: Lines, network: Network, item_of: Places) -> Records:
    return table_of(
        LEFTOVER,
        [
            {"bought": i, "item": item_of[network.node_ids[node], product], "share": share}
            for i, (node, _, line) in enumerate(lines)
            if line.demand is not None
            for product, share in line.demand.leftovers.items()
        ],
    )
