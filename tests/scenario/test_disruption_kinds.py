"""What may stand together in a disruption is up to its kind; who is wrong is told what to leave out."""

from __future__ import annotations

from typing import Any

import pytest

from esc_sim.errors import InputError
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from esc_sim.views.page.parameters import parameters_of

QUICKSTART = "scenarios/quickstart"
ARC = [{"buyer": "warehouse", "supplier": "factory_near"}]


def with_disruption(**keys: Any) -> Scenario:
    one = {"name": "it", "dates": [{"start": 5, "duration": 3}]} | keys
    return load_scenario(QUICKSTART, {"disruptions": [one]})


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"nodes": ["shop_north"], "demand_factor": 2, "lead_time_factor": 2}, "a disruption does one thing"),
        ({"nodes": ["warehouse"], "lead_time_factor": 2, "health": 0.5}, "'health' means nothing beside lead_time_fac"),
        ({"nodes": ["shop_north"], "demand_factor": 2, "stops": ["retail"]}, "'stops' means nothing beside demand_fac"),
        ({"nodes": ["shop_north"], "demand_factor": 2, "stops": []}, "'stops' means nothing beside demand_fac"),
        ({"nodes": ["shop_north"], "demand_factor": 2, "health": 1}, "'health' means nothing beside demand_fac"),
        ({"nodes": ["shop_north"], "demand_factor": 2, "cascade": True}, "'cascade' means nothing beside demand_fac"),
        ({"arcs": ARC, "price_factor": 2}, "price_factor is for nodes, not for arcs"),
        ({"nodes": ["shop_north"], "price_factor": 2}, "none of the nodes named sells anything"),
        ({"arcs": ARC, "demand_factor": 2}, "demand_factor is for nodes, not for arcs"),
        ({"buses": ["b"], "lead_time_factor": 2}, "lead_time_factor is for nodes or arcs, not for buses"),
        ({"nodes": ["warehouse"], "arcs": ARC, "lead_time_factor": 2}, "give each a disruption of its own"),
        ({"nodes": ["shop_north"], "lead_time_factor": 2}, "none of the nodes named sells anything"),
        ({"arcs": ARC, "lead_time_factor": 2, "known_after": 1}, "known_after is for what buyers are to learn of"),
        ({"arcs": ARC, "lead_time_factor": -1}, "lead_time_factor"),
    ],
)
def test_what_does_not_go_together(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        with_disruption(**keys)


def test_cases_slow_only_who_sells() -> None:
    cases = [{"name": "slow", "probability": 1.0, "lead_time": {"shop_north": 2.0}}]
    with pytest.raises(InputError, match="'shop_north' sells nothing, so it has no lead time to move"):
        load_scenario(QUICKSTART, {"disruptions": [], "joint_disruptions": [{"name": "port", "cases": cases}]})


def test_each_kind_has_a_slider_of_its_own() -> None:
    found = {
        key: next(p for p in parameters_of(with_disruption(**keys)) if p.key == f"disruptions.it.{key}")
        for key, keys in {
            "lead_time_factor": {"nodes": ["warehouse"], "lead_time_factor": 2},
            "health": {"nodes": ["warehouse"], "health": 0.25},
        }.items()
    }
    slow, weak = found["lead_time_factor"], found["health"]
    assert (slow.label, slow.value, slow.high, slow.unit) == ("Lead times are multiplied by", 2.0, 5.0, "")
    assert (weak.label, weak.value, weak.high, weak.unit) == ("Capacity left", 0.25, 1.0, "share")
