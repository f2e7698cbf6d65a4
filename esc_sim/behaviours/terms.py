"""What all behaviours of a run have in common: the grid of goods, the scenario's switches, and what the network has.

Switches are whole numbers: compiled code drops what those that are known switch off.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Terms:
    """Terms of a run; an object with slots, since tuples give their fields out more slowly.

    Attributes:
        offset: of the grid of goods (``behaviours.grid``).
        feedback: what planned orders heed of the stock (``behaviours.order``).
        holding_cost_timing: when stock is charged (``behaviours.switches``).
        backorder: whether final demand that is not met waits.
        partial: whether a supplier may accept part of an order.
        learns: whether buyers may come to know of any outage while it lasts.
        owing: whether suppliers owe what they could not accept.
        tally: whether what items were asked for is kept.
        partial_demand: whether a customer may be served in part.
        allocation: number of the rule by which goods that are short are divided, or IN_TURN.
        by_age: whether what is owed goes by the age of its order.
        order_terms: whether any order has a fixed cost, a least size or a multiple, or looks at the inventory position.
        transit_charged: whether goods on their way cost anything.
        makes: whether anything perishes, is made by a recipe, or is offered.
        powered: whether there are microgrids.
        prices_move: whether a disruption can multiply prices.
        farms: whether there are fields.
        warm_up: periods that no statistic counts.
        horizon: periods of a run.
        ticks: of a review period; lead times, and outages of arcs, are in ticks.
        splits: whether any order is split by shares.
        yields: whether any yield factor is not 1.
        leads_vary: whether any lead time is drawn or can be multiplied, or any arc can be out.
        slows: whether a disruption can multiply lead times.
        lanes: whether arcs share capacities.
    """

    offset: float
    feedback: int
    holding_cost_timing: int
    backorder: int
    partial: int
    learns: int
    owing: int
    tally: int
    partial_demand: int
    allocation: int
    by_age: int
    order_terms: int
    transit_charged: int
    makes: int
    powered: int
    prices_move: int
    farms: int
    warm_up: int
    horizon: int
    ticks: int
    splits: int
    yields: int
    leads_vary: int
    slows: int
    lanes: int
