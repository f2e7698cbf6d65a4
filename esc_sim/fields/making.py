"""What nodes do with goods beside trading them: recipes, perishable goods, by-products, what customers leave."""

from __future__ import annotations

from typing import NamedTuple

from esc_sim.fields.rows import fixed, key, row, state
from esc_sim.fields.sequences import Integers, Rows


@row
class Recipe:
    """What a node makes out of what."""

    index: int = key("its number")
    node: int = key("number of the node that runs it")
    lag: int = key("periods from a run to its outputs; 0: at once")
    first_input: int = key("where its inputs begin in the list of inputs")
    end_input: int = key("where they end")
    first_output: int = key("where its outputs begin in the list of outputs")
    end_output: int = key("where they end")
    capacity: float = fixed("runs in a period, scaled by the node's health (produce)", "runs")
    cost: float = fixed("what it costs", "money per run")
    energy: float = fixed("what it uses", "energy per run")
    emissions: float = fixed("what it emits", "emissions per run")


@row
class RecipePart:
    """An input or an output of a recipe."""

    recipe: int = key("number of the recipe")
    item: int = key("number of the item that is used or made")
    limits: int = key("1: what there is of the input, or room up to the output's target stock, limits the runs")
    amount: float = fixed("used or made", "units per run")


@row
class Perishable:
    """Goods that keep for a time, of an item."""

    item: int = key("number of the item")
    waste: int = key("number of the item that they become, if any; else they are disposed of")
    shelf_life: int = key("periods that goods keep here; 1: what is not used in its period is gone")
    first_entry: int = key("where its ring begins of what came in during the latest (shelf life - 1) periods")
    late: float = state("came in after the review, and counts as of the next one; at first the starting stock")
    recent: float = state("sum of its ring")


@row
class Giver:
    """An item whose excess is offered at the end of a period, then disposed of."""

    item: int = key("number of the item")
    first_taker: int = key("where its takers begin in the list of takers, in rising cost")
    end_taker: int = key("where they end")


@row
class Taker:
    """Whom an item is given to of which nobody ordered any more and the store is full."""

    item: int = key("number of the item that it becomes")
    capacity: float = fixed("most that is taken in a period", "units")
    gate_fee: float = fixed("what the giver pays the taker; negative: is paid", "money per unit")
    haul: float = fixed("what the giver pays for the way", "money per unit")
    emissions: float = fixed("what the way emits", "emissions per unit")


@row
class Leftover:
    """What customers leave of what they buy, which comes back to where they bought it."""

    bought: int = key("number of the item that they buy")
    item: int = key("number of the item that they leave")
    share: float = fixed("comes back of a unit bought", "units")


class Making(NamedTuple):
    """All of them that do not change, as lists of objects or as records.

    Attributes:
        recipes: in the order in which they are run; their inputs and outputs recipe by recipe.
        inputs, outputs: see there.
        lagged: items that some recipe makes with a lag.
        givers, leftovers: in the order of items.
        takers: giver by giver, in rising cost.
    """

    recipes: Rows[Recipe]
    inputs: Rows[RecipePart]
    outputs: Rows[RecipePart]
    lagged: Integers
    givers: Rows[Giver]
    takers: Rows[Taker]
    leftovers: Rows[Leftover]
