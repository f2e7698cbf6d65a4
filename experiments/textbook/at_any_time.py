"""Textbook models in which customers come at any time and stock is reviewed continuously; run by the agents."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.instance.build import instance_of
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.scenario.schema import Scenario
from experiments.textbook import exact
from experiments.textbook.cases import Case, chain

RATE = 4.0
"""Customers per period."""
_AT = {name: i for i, name in enumerate(PERIOD_COLUMNS)}


def customers(rate: float) -> dict[str, Any]:
    """Poisson demand at any time, one unit each."""
    return {"arrivals": [{"between": {"law": "exponential", "mean": 1.0 / rate}}]}


def at_any_time(cost: Callable[[float], float], scenario: Scenario) -> Callable[[int, int], NDArray[np.float64]]:
    """Mean cost of each replication, with the number of customers as a control variate.

    More customers than expected change the cost by about the slope of its exact value; that much is taken away, which
    leaves the mean as it is and most of the variance out.
    """
    instance, slope = instance_of(scenario), exact.slope(cost, RATE)

    def run(replications: int, seed: int) -> NDArray[np.float64]:
        values = []
        for replication in range(replications):
            model = SupplyChainModel(instance, seed=seed, replication=replication)
            model.run()
            counted = model.recorder.periods[instance.warm_up :]
            surplus = counted[:, _AT["demand"]].mean() - RATE
            values.append(counted[:, _AT["cost"]].mean() - slope * surplus)
        return np.array(values)

    return run


def stage(order: dict[str, Any], start: float, holding: float, **more: Any) -> dict[str, Any]:
    """A stage that reviews continuously."""
    return {"initial_stock": start, "holding_cost": holding, "order": {**order, "review": "continuous"}, **more}


def continuous_cases() -> list[Case]:
    """Poisson customers, continuous review."""
    run = {"periods": 1010, "warm_up": 10}
    demand = {**customers(RATE), "shortage_cost": 1.0}
    level = {"policy": "base_stock", "order_up_to": 5.0}
    one = chain([stage(level, 5.0, 1.0, demand=demand)], [0.5], run=run)

    def cost_of_one(rate: float) -> float:
        return exact.poisson_cost(5, rate * 0.5, 1.0, 1.0)

    lots = {"policy": "r_Q", "reorder_point": 2.0, "order_quantity": 8.0, "fixed_cost": 6.0}
    demand = {**customers(RATE), "shortage_cost": 2.0}
    reorder = chain([stage(lots, 10.0, 1.0, demand=demand)], [0.5], run=run)
    cost_of_lots = partial(_lots, 2, 8)
    levels, leads, holding = (4, 3), (0.25, 0.5), (1.5, 1.0)
    demand = {**customers(RATE), "shortage_cost": 1.5}
    lower = stage({"policy": "base_stock", "order_up_to": 4.0}, 4.0, 1.5, demand=demand)
    upper = stage({"policy": "base_stock", "order_up_to": 3.0}, 3.0, 1.0)
    two = chain([lower, upper], leads, run=run)

    def cost_of_two(rate: float) -> float:
        return exact.two_stages_one_for_one(levels, leads, holding, 1.5, rate)

    lossy = {"between": {"law": "exponential", "mean": 1.0 / RATE}}
    lost = chain(
        [stage({**level, "order_up_to": 6.0}, 6.0, 1.0, demand={"arrivals": [lossy], "shortage_cost": 0.25})],
        [0.5],
        rules={"unmet": "lost"},
        run=run,
        lead={"law": "uniform", "low": 0.25, "high": 0.75},
    )
    lot = {"policy": "r_Q", "reorder_point": 0.0, "order_quantity": 8.0, "fixed_cost": 10.0}
    outage = {
        "name": "outage",
        "nodes": ["source"],
        "stops": ["ship"],
        "time_between_failures": {"law": "exponential", "mean": 10.0},
        "time_to_repair": {"law": "exponential", "mean": 2.0},
    }
    failing = chain(
        [stage(lot, 8.0, 1.0, demand={**customers(RATE), "shortage_cost": 2.25})],
        [0.0],
        rules={"unmet": "lost"},
        run=run,
        disruptions=[outage],
    )

    def cost_of_lost(rate: float) -> float:
        return exact.lost_sales_one_for_one(6, rate, 0.5, 1.0, 0.25)

    def cost_of_failing(rate: float) -> float:
        return exact.lots_from_a_supplier_that_fails(8, rate, 0.1, 0.5, 1.0, 2.25, 10.0)

    return [
        Case("lost sales, random lead times", cost_of_lost(RATE), None, at_any_time(cost_of_lost, lost), 24),
        Case("supplier that fails, (0, Q)", cost_of_failing(RATE), None, at_any_time(cost_of_failing, failing), 48),
        Case("one for one, customers at any time", cost_of_one(RATE), None, at_any_time(cost_of_one, one), 16),
        Case("(r, Q), customers at any time", cost_of_lots(RATE), None, at_any_time(cost_of_lots, reorder), 40),
        Case("two stages, customers at any time", cost_of_two(RATE), None, at_any_time(cost_of_two, two), 14),
    ]


def _lots(reorder: int, quantity: int, rate: float) -> float:
    return exact.r_q_continuous(reorder, quantity, rate, 0.5, 1.0, 2.0, 6.0)


def distributor_cases() -> list[Case]:
    """Customers of 120 and of 80 units every second day, (s, S) = (200, 500) above a safety stock of 100."""
    order = {"policy": "s_S", "reorder_point": 200.0, "order_up_to": 500.0}
    arrivals = [{"between": 2.0, "size": size, "first": 0.0} for size in (120.0, 80.0)]
    node = stage(order, 500.0, 0.0, safety_stock=100.0, demand={"arrivals": arrivals})
    made = chain([node], [1.0], rules={"unmet": "lost"}, run={"periods": 59, "warm_up": 0})
    instance = instance_of(made)

    def measured(pick: Callable[[SupplyChainModel], float]) -> Callable[[int, int], NDArray[np.float64]]:
        def run(replications: int, seed: int) -> NDArray[np.float64]:
            model = SupplyChainModel(instance, seed=seed)
            model.run()
            return np.array([pick(model)])

        return run

    def counted(model: SupplyChainModel) -> float:
        assert model.live is not None
        return float(model.live.came)

    def total(place: int) -> Callable[[SupplyChainModel], float]:
        return lambda model: float(model.recorder.tally[0, place])

    return [
        Case("distributor by customer: demands", 60.0, 60.0, measured(counted), 1, True),
        Case("distributor by customer: demand met", 6000.0, 6000.0, measured(total(2)), 1, True),
        Case("distributor by customer: orders", 15.0, 15.0, measured(total(5)), 1, True),
        Case("distributor by customer: ordered", 5900.0, 5900.0, measured(total(3)), 1, True),
        Case("distributor by customer: end stock", 400.0, 400.0, measured(lambda m: m.books.items[0].stock), 1, True),
    ]
