"""What the compiled phases read of recipes, perishable goods and by-products (``instance.making``)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from esc_sim.instance.model import Instance

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Indices = NDArray[np.uint32]


class Making(NamedTuple):
    """Recipes, perishable goods and offers; I items, K perishable ones, Q recipes, G items that are offered.

    Amounts are in units, costs in money per unit or run; see ``instance.making``.

    Attributes:
        perishable: [K] items.
        shelf_life: [K] periods.
        ring_start: [K + 1] range of each item's ring of what came in.
        waste: [K] item that it becomes, or NO_ITEM.
        perishable_of: [I] place of an item among them, or NO_ITEM.
        disposal_cost: [I] money per unit.
        environment: [I] 1 for air, water and the like, which are never stocked.
        energy_limit: [N] most energy that a node's recipes use in a period.
        lagged: items that some recipe makes with a lag.
        recipe_node: [Q].
        run_capacity: [Q] runs in a period.
        run_cost, run_energy, run_emissions: [Q] per run.
        lag: [Q] periods from a run to its outputs.
        input_start, input_item, input_amount: [Q + 1] range of each recipe's inputs; items, units per run.
        output_start, output_item, output_amount: [Q + 1] range of its outputs; items, units per run.
        output_limits: 1 where the target stock of an output limits the runs.
        room: [I] most that is kept of an item.
        giver: [G] items whose excess is offered.
        taker_start, taker: [G + 1] range of each giver's takers, in rising cost; items.
        taker_capacity: most that a taker takes in a period.
        gate_fee, haul, haul_emissions: per unit given.
        bought: items of which customers leave something.
        left, left_share: items that they leave, units of each per unit bought.
    """

    perishable: Indices
    shelf_life: Ints
    ring_start: Ints
    waste: Ints
    perishable_of: Ints
    disposal_cost: Floats
    environment: Ints
    energy_limit: Floats
    lagged: Indices
    recipe_node: Indices
    run_capacity: Floats
    run_cost: Floats
    run_energy: Floats
    run_emissions: Floats
    lag: Ints
    input_start: Ints
    input_item: Indices
    input_amount: Floats
    output_start: Ints
    output_item: Indices
    output_amount: Floats
    output_limits: Ints
    room: Floats
    giver: Indices
    taker_start: Ints
    taker: Indices
    taker_capacity: Floats
    gate_fee: Floats
    haul: Floats
    haul_emissions: Floats
    bought: Indices
    left: Indices
    left_share: Floats


def making_arrays(instance: Instance) -> Making:
    """The instance's making as the compiled phases read it."""
    making = instance.making
    recipes, offers = making.recipes, making.offers
    return Making(
        perishable=making.perishable.astype(np.uint32),
        shelf_life=making.shelf_life,
        ring_start=making.ring_start,
        waste=making.waste,
        perishable_of=making.perishable_of,
        disposal_cost=making.disposal_cost,
        environment=making.environment,
        energy_limit=making.energy,
        lagged=recipes.lagged.astype(np.uint32),
        recipe_node=recipes.node.astype(np.uint32),
        run_capacity=recipes.capacity,
        run_cost=recipes.cost,
        run_energy=recipes.energy,
        run_emissions=recipes.emissions,
        lag=recipes.lag,
        input_start=recipes.input_start,
        input_item=recipes.input_item.astype(np.uint32),
        input_amount=recipes.input_amount,
        output_start=recipes.output_start,
        output_item=recipes.output_item.astype(np.uint32),
        output_amount=recipes.output_amount,
        output_limits=recipes.output_limits,
        room=offers.room,
        giver=offers.giver.astype(np.uint32),
        taker_start=offers.taker_start,
        taker=offers.taker.astype(np.uint32),
        taker_capacity=offers.capacity,
        gate_fee=offers.gate_fee,
        haul=offers.haul,
        haul_emissions=offers.emissions,
        bought=making.leftovers.bought.astype(np.uint32),
        left=making.leftovers.left.astype(np.uint32),
        left_share=making.leftovers.share,
    )
