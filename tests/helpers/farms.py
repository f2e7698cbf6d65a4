"""Farms for tests: one written out, and generated ones with everything that fields can do."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from esc_sim.scenario.schema import Scenario
from tests.helpers.networks import Content, scenario_of


def farm_content(**changes: Any) -> Content:
    """A farm with one field in a year of six periods: applied in period 1, harvested in 3 and 4, without chance.

    It needs 100 x 8 x 20 / 0.5 - 100 x 20 = 30,000 kg of nitrogen. A composter holds 500 t of compost (8 kg of
    nitrogen, 2 of them available, 0.1 t of carbon a tonne).
    """
    content: Content = {
        "products": [
            {"id": "grain", "contents": {"nitrogen": 18}},
            {"id": "straw", "contents": {"nitrogen": 4}},
            {"id": "compost", "contents": {"nitrogen": 8, "carbon": 0.1},
             "nutrient": {"available": 0.25, "retained": 0.35}},
            {"id": "urea", "contents": {"nitrogen": 1}, "nutrient": {"available": 1}},
        ],
        "nodes": [
            {"id": "farm", "product": "grain", "role": "farm"},
            {"id": "composter", "product": "compost", "start_stock": 500, "disposal_cost": 50, "role": "composter"},
            {"id": "plant", "product": "urea", "start_stock": 1000000, "role": "plant"},
        ],
        "stocks": [{"node": "farm", "product": "urea", "order": {"policy": "fields"}}],
        "arcs": [{"buyer": "farm", "supplier": "plant", "product": "urea", "price": 0.9, "other_cost": 0.1,
                  "lead_time": 1}],
        "farming": {"year": 6, "soil": {"start": 50, "mineralisation": 0.1}},
        "fields": [
            {"id": "north", "node": "farm", "crop": "grain", "fertiliser": "urea", "area": 100, "potential": 8,
             "uptake": 20, "recovery": 0.5, "background": 20, "apply": 1, "harvest": {"3": 0.75, "4": 0.25},
             "cost": 10,
             "residue": {"product": "straw", "ratio": 1.5, "collected": 0.2, "carbon": 0.4, "retained": 0.1}},
        ],
        "amendments": [
            {"seller": "composter", "product": "compost", "farm": "farm", "cost": 6, "markdown": 0.05},
        ],
        "run": {"periods": 12, "replications": 1, "seed": 1},
    }  # fmt: skip
    return content | changes


def farm(**changes: Any) -> Scenario:
    """The farm of :func:`farm_content` as a scenario."""
    return scenario_of(farm_content(**changes))
