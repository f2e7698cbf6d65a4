"""How often a recipe is run in a period, and what a run uses and makes."""

from __future__ import annotations

from math import inf

from esc_sim.behaviours.grid import to_grid
from esc_sim.behaviours.sell import reduced_cap
from esc_sim.behaviours.terms import Terms
from esc_sim.behaviours.types import AllGoods, Items
from esc_sim.fields.item import Goods, Item
from esc_sim.fields.making import Making
from esc_sim.fields.network import NetworkSums
from esc_sim.fields.node import Node
from esc_sim.fields.sequences import Changing, Floats


def mature(goods: Goods, item: Item, done: float) -> None:
    """Outputs of an earlier run come in.

    Args:
        goods, item: of the output; written.
        done: units.
    """
    item.in_process -= done
    goods.stock += done
    goods.produced += done


def possible_runs(
    terms: Terms, making: Making, goods: AllGoods, items: Items, node: Node, q: int, health: float
) -> float:
    """Runs of a recipe that capacity and health, inputs on hand, room for outputs, and energy allow.

    Args:
        terms: of the run.
        making: recipes.
        goods, items: all of them.
        node: that runs it.
        q: number of the recipe.
        health: share of its production that the node can do.
    """
    runs = reduced_cap(making.run_capacity[q], health, terms.offset)
    for k in range(making.input_start[q], making.input_start[q + 1]):
        i = making.input_item[k]
        if making.environment[i] == 0:
            runs = runs_within(runs, goods[i].stock, making.input_amount[k])
    for k in range(making.output_start[q], making.output_start[q + 1]):
        if making.output_limits[k] != 0:
            i = making.output_item[k]
            runs = runs_within(runs, room_for(goods[i], items[i]), making.output_amount[k])
    if making.run_energy[q] > 0.0:
        runs = runs_within(runs, node.energy, making.run_energy[q])
    return runs


def room_for(goods: Goods, item: Item) -> float:
    """What may still be made of an item: up to its target stock.

    Args:
        goods, item: which.
    """
    return goods.target_stock - goods.stock - item.in_process


def use_input(terms: Terms, making: Making, goods: Goods, item: Item, k: int, runs: float) -> None:
    """Use an input of so many runs of a recipe.

    Args:
        terms: of the run.
        making: recipes.
        goods, item: of the input; written.
        k: place of the input among those of all recipes.
        runs: of the recipe.
    """
    if making.environment[goods.index] != 0:
        amount = recipe_amount(making.input_amount[k], runs, inf, terms.offset)
        goods.produced += amount
    else:
        amount = recipe_amount(making.input_amount[k], runs, goods.stock, terms.offset)
        goods.stock -= amount
    item.consumed += amount
    if terms.tally != 0:
        item.requested += amount
        item.filled += amount


def make_output(
    terms: Terms, making: Making, goods: Goods, item: Item, ripening: Changing, q: int, k: int, runs: float
) -> None:
    """Make an output of so many runs of a recipe: now, or later where it takes time.

    Args:
        terms: of the run.
        making: recipes.
        goods, item: of the output; written.
        ripening: what will have been made of all items when this recipe's outputs come in; written.
        q: number of the recipe.
        k: place of the output among those of all recipes.
        runs: of the recipe.
    """
    most = room_for(goods, item) if making.output_limits[k] != 0 else inf
    amount = recipe_amount(making.output_amount[k], runs, most, terms.offset)
    if making.lag[q] > 0:
        ripening[goods.index] += amount
        item.in_process += amount
    else:
        goods.stock += amount
        goods.produced += amount


def spend_on_runs(terms: Terms, making: Making, node: Node, sums: NetworkSums, q: int, runs: float) -> float:
    """Runs of a recipe use energy, cost money and emit.

    Args:
        terms: of the run.
        making: recipes.
        node: that runs it; written.
        sums: of the network; written.
        q: number of the recipe.
        runs: how many.

    Returns:
        Energy.
    """
    energy = recipe_amount(making.run_energy[q], runs, node.energy, terms.offset)
    node.energy -= energy
    sums.energy += energy
    node.recipe_cost += making.run_cost[q] * runs
    sums.making_emissions += making.run_emissions[q] * runs
    return energy


def trial_runs(
    terms: Terms, making: Making, goods: AllGoods, stock: Floats, process: Floats, q: int, health: float, energy: float
) -> float:
    """Runs that would be possible if stocks were others (:func:`possible_runs`).

    Args:
        terms: of the run.
        making: recipes.
        goods: of all items.
        stock, process: on hand, and being made, of all items.
        q: number of the recipe.
        health: share of its production that the node can do.
        energy: that there is.
    """
    runs = reduced_cap(making.run_capacity[q], health, terms.offset)
    for k in range(making.input_start[q], making.input_start[q + 1]):
        i = making.input_item[k]
        if making.environment[i] == 0:
            runs = runs_within(runs, stock[i], making.input_amount[k])
    for k in range(making.output_start[q], making.output_start[q + 1]):
        if making.output_limits[k] != 0:
            i = making.output_item[k]
            runs = runs_within(runs, goods[i].target_stock - stock[i] - process[i], making.output_amount[k])
    if making.run_energy[q] > 0.0:
        runs = runs_within(runs, energy, making.run_energy[q])
    return runs


def try_runs(
    terms: Terms, making: Making, goods: AllGoods, stock: Changing, process: Changing, q: int, runs: float
) -> None:
    """Let so many runs of a recipe change the stocks of a trial.

    Args:
        terms: of the run.
        making: recipes.
        goods: of all items.
        stock, process: on hand, and being made, of all items; written.
        q: number of the recipe.
        runs: how many.
    """
    for k in range(making.input_start[q], making.input_start[q + 1]):
        i = making.input_item[k]
        if making.environment[i] == 0:
            stock[i] -= recipe_amount(making.input_amount[k], runs, stock[i], terms.offset)
    for k in range(making.output_start[q], making.output_start[q + 1]):
        i, most = making.output_item[k], inf
        if making.output_limits[k] != 0:
            most = goods[i].target_stock - stock[i] - process[i]
        amount = recipe_amount(making.output_amount[k], runs, most, terms.offset)
        if making.lag[q] > 0:
            process[i] += amount
        else:
            stock[i] += amount


def take_back(terms: Terms, goods: Goods, bought: Goods, share: float) -> None:
    """What customers leave of what they bought in this period comes back.

    Args:
        terms: of the run.
        goods: what they leave; written.
        bought: of which.
        share: units that they leave of each that they buy.
    """
    amount = recipe_amount(share, bought.served, inf, terms.offset)
    goods.stock += amount
    goods.produced += amount


def runs_within(runs: float, amount: float, per_run: float) -> float:
    """The runs that an amount allows: of an input on hand, of room for an output, of energy.

    Args:
        runs: runs that all else allows.
        amount: what there is.
        per_run: what a run takes, above 0.
    """
    if amount <= 0.0:
        return 0.0
    most = amount / per_run
    if most < runs:
        return most
    return runs


def recipe_amount(per_run: float, runs: float, most: float, offset: float) -> float:
    """What so many runs use or make of a product, on the grid of goods, and never more than there is (or room for).

    Args:
        per_run: units per run.
        runs: number of runs, a real number.
        most: units that there are, or that there is room for.
        offset: of the grid of goods.
    """
    amount = to_grid(per_run * runs, offset)
    if amount > most:
        return most
    return amount
