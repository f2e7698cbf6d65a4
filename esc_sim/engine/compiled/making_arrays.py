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
    """Recipes, perishable goods and offers; K perishable items, Q recipes, G items that are offered."""

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
