"""What nodes do with goods beside trading them: recipes, perishable goods, by-products."""

from __future__ import annotations

from typing import NamedTuple

from esc_sim.fields.sequences import Floats, Integers


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

    perishable: Integers
    shelf_life: Integers
    ring_start: Integers
    waste: Integers
    perishable_of: Integers
    disposal_cost: Floats
    environment: Integers
    energy_limit: Floats
    lagged: Integers
    recipe_node: Integers
    run_capacity: Floats
    run_cost: Floats
    run_energy: Floats
    run_emissions: Floats
    lag: Integers
    input_start: Integers
    input_item: Integers
    input_amount: Floats
    output_start: Integers
    output_item: Integers
    output_amount: Floats
    output_limits: Integers
    room: Floats
    giver: Integers
    taker_start: Integers
    taker: Integers
    taker_capacity: Floats
    gate_fee: Floats
    haul: Floats
    haul_emissions: Floats
    bought: Integers
    left: Integers
    left_share: Floats
