"""What a unit has cost the network where it is: prices between members cancel, what is paid besides remains."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from esc_sim.instance.model import Instance

Floats = NDArray[np.float64]


def unit_costs(instance: Instance) -> Floats:
    """Money that the network has spent on a unit of each item, the cheapest way, float64[I].

    What is produced without inputs has cost nothing. A unit that is bought has cost what it had cost at the supplier,
    and the other cost of the arc, over the buyer's yield. The cost of a run of a recipe, and of its inputs, is that of
    its outputs, shared out by units. The price is the supplier's income, so it is no cost of the network.
    """
    network, items, making = instance.network, instance.items, instance.making
    made = (items.production_loc != 0.0) | (items.production_scale != 0.0)
    cost = np.where(made, 0.0, np.inf)
    cost[making.environment] = 0.0
    buyer, supplier = network.arc_buyer.astype(np.int64), network.arc_supplier.astype(np.int64)
    gained = items.yield_factor[buyer]
    for _ in range(network.item_count + 1):
        before = cost.copy()
        paid = np.full(len(buyer), np.inf)
        np.divide(cost[supplier] + instance.arcs.other_cost, gained, out=paid, where=gained > 0.0)
        np.minimum.at(cost, buyer, paid)
        for recipe in making.recipes:
            used = making.inputs[recipe["first_input"] : recipe["end_input"]]
            out = making.outputs[recipe["first_output"] : recipe["end_output"]]
            spent = recipe["cost"] + float((cost[used["item"]] * used["amount"]).sum())
            if out["amount"].sum() > 0.0:
                np.minimum.at(cost, out["item"], spent / float(out["amount"].sum()))
        if np.array_equal(before, cost):
            break
    return np.where(np.isfinite(cost), cost, 0.0)
