"""The line worked out by hand: factory -> depot -> shop, demand 10 a period, nothing by chance."""

from __future__ import annotations

from typing import Any

from esc_sim.scenario.schema import Scenario
from tests.helpers.networks import scenario_of

START = 40
LOST = {1: 0, 2: 0, 3: 8, 4: 18, 5: 28, 6: 38, 8: 58, 12: 98}
LATE = {3: 8, 4: 26, 5: 54, 6: 92, 8: 198, 12: 530}
LATE_WHERE_ORDERS_ARE_LOST = {3: 11, 4: 53, 5: 143, 6: 283, 8: 713, 12: 2173}


def line(rules: dict[str, Any] | None = None, **changes: Any) -> Scenario:
    """Lead times 2 and 3, base stocks 25 and 47, reviews after demand."""
    shop = {"demand": {"mean": 10, "price": 5}, "order": {"policy": "base_stock", "order_up_to": 47}}
    return scenario_of(
        {
            "nodes": [
                {"id": "shop", "layer": 1, "initial_stock": 47, **shop},
                {"id": "depot", "layer": 2, "initial_stock": 25, "order": {"policy": "base_stock", "order_up_to": 25}},
                {"id": "factory", "layer": 3, "initial_stock": 100000, "target_stock": 100000,
                 "production": {"mean": 100000}},
            ],
            "arcs": [
                {"buyer": "shop", "supplier": "depot", "price": 3, "other_cost": 0.25, "lead_time": 3},
                {"buyer": "depot", "supplier": "factory", "price": 2, "other_cost": 0.5, "lead_time": 2},
            ],
            "rules": rules or {},
            "run": {"periods": 120, "replications": 1, "seed": 1, "warm_up": 20},
        }
        | changes
    )  # fmt: skip
