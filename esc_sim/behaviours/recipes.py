"""How often a recipe is run in a period, and what a run uses and makes."""

from __future__ import annotations

from math import inf

from esc_sim.behaviours.grid import to_grid
from esc_sim.behaviours.sell import reduced_cap
from esc_sim.behaviours.terms import Terms
from esc_sim.behaviours.types import AllGoods, Items
from esc_sim.fields.item import Goods, Item
from esc_sim.fields.making import Leftover, Making, Recipe, RecipePart
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
    terms: Terms, making: Making, recipe: Recipe, goods: AllGoods, items: Items, node: Node, health: float
) -> float:
    """Runs of a recipe that capacity and health, inputs on hand, room for outputs, and energy allow.

    Args:
        terms: of the run.
        making: parts of recipes.
        recipe: which.
        goods, items: all of them.
        node: that runs it.
        health: share of its production that the node can do.
    """
    runs = reduced_cap(recipe.capacity, health, terms.offset)
    for k in range(recipe.first_input, recipe.end_input):
        part = making.inputs[k]
        if part.limits != 0:
            runs = runs_within(runs, goods[part.item].stock, part.amount)
    for k in range(recipe.first_output, recipe.end_output):
        part = making.outputs[k]
        if part.limits != 0:
            runs = runs_within(runs, room_for(goods[part.item], items[part.item]), part.amount)
    if recipe.energy > 0.0:
        runs = runs_within(runs, node.energy, recipe.energy)
    return runs


def room_for(goods: Goods, item: Item) -> float:
    """What may still be made of an item: up to its target stock.

    Args:
        goods, item: which.
    """
    return goods.target_stock - goods.stock - item.in_process


def use_input(terms: Terms, part: RecipePart, goods: Goods, item: Item, runs: float) -> None:
    """Use an input of so many runs of a recipe.

    Args:
        terms: of the run.
        part: the input.
        goods, item: of the input; written.
        runs: of the recipe.
    """
    if part.limits != 0:
        amount = recipe_amount(part.amount, runs, goods.stock, terms.offset)
        goods.stock -= amount
    else:
        amount = recipe_amount(part.amount, runs, inf, terms.offset)
        goods.produced += amount
    item.consumed += amount
    if terms.tally != 0:
        item.requested += amount
        item.filled += amount


def make_output(
    terms: Terms, recipe: Recipe, part: RecipePart, goods: Goods, item: Item, ripening: Changing, runs: float
) -> None:
    """Make an output of so many runs of a recipe: now, or later where it takes time.

    Args:
        terms: of the run.
        recipe: which.
        part: the output.
        goods, item: of the output; written.
        ripening: what will have been made of all items when this recipe's outputs come in; written.
        runs: of the recipe.
    """
    most = room_for(goods, item) if part.limits != 0 else inf
    amount = recipe_amount(part.amount, runs, most, terms.offset)
    if recipe.lag > 0:
        ripening[part.item] += amount
        item.in_process += amount
    else:
        goods.stock += amount
        goods.produced += amount


def spend_on_runs(terms: Terms, recipe: Recipe, node: Node, sums: NetworkSums, runs: float) -> float:
    """Runs of a recipe use energy, cost money and emit.

    Args:
        terms: of the run.
        recipe: which.
        node: that runs it; written.
        sums: of the network; written.
        runs: how many.

    Returns:
        Energy.
    """
    energy = recipe_amount(recipe.energy, runs, node.energy, terms.offset)
    node.energy -= energy
    sums.energy += energy
    node.recipe_cost += recipe.cost * runs
    sums.making_emissions += recipe.emissions * runs
    return energy


def trial_runs(
    terms: Terms,
    making: Making,
    recipe: Recipe,
    goods: AllGoods,
    stock: Floats,
    process: Floats,
    health: float,
    energy: float,
) -> float:
    """Runs that would be possible if stocks were others (:func:`possible_runs`).

    Args:
        terms: of the run.
        making: parts of recipes.
        recipe: which.
        goods: of all items.
        stock, process: on hand, and being made, of all items.
        health: share of its production that the node can do.
        energy: that there is.
    """
    runs = reduced_cap(recipe.capacity, health, terms.offset)
    for k in range(recipe.first_input, recipe.end_input):
        part = making.inputs[k]
        if part.limits != 0:
            runs = runs_within(runs, stock[part.item], part.amount)
    for k in range(recipe.first_output, recipe.end_output):
        part = making.outputs[k]
        if part.limits != 0:
            i = part.item
            runs = runs_within(runs, goods[i].target_stock - stock[i] - process[i], part.amount)
    if recipe.energy > 0.0:
        runs = runs_within(runs, energy, recipe.energy)
    return runs


def try_runs(
    terms: Terms, making: Making, recipe: Recipe, goods: AllGoods, stock: Changing, process: Changing, runs: float
) -> None:
    """Let so many runs of a recipe change the stocks of a trial.

    Args:
        terms: of the run.
        making: parts of recipes.
        recipe: which.
        goods: of all items.
        stock, process: on hand, and being made, of all items; written.
        runs: how many.
    """
    for k in range(recipe.first_input, recipe.end_input):
        part = making.inputs[k]
        if part.limits != 0:
            stock[part.item] -= recipe_amount(part.amount, runs, stock[part.item], terms.offset)
    for k in range(recipe.first_output, recipe.end_output):
        part, most = making.outputs[k], inf
        i = part.item
        if part.limits != 0:
            most = goods[i].target_stock - stock[i] - process[i]
        amount = recipe_amount(part.amount, runs, most, terms.offset)
        if recipe.lag > 0:
            process[i] += amount
        else:
            stock[i] += amount


def take_back(terms: Terms, leftover: Leftover, goods: AllGoods) -> None:
    """What customers leave of what they bought in this period comes back.

    Args:
        terms: of the run.
        leftover: of what.
        goods: of all items; what they leave is written.
    """
    amount = recipe_amount(leftover.share, goods[leftover.bought].served, inf, terms.offset)
    goods[leftover.item].stock += amount
    goods[leftover.item].produced += amount


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
