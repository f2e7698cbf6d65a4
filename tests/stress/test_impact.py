"""What an outage does, against numbers worked out by hand, in both engines."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from esc_sim.disruptions.health import ACTIVITIES
from esc_sim.instance.build import instance_of
from esc_sim.instance.struck import Outage, struck
from esc_sim.simulation import simulate
from esc_sim.stress.impact import Impact, Twin, _lost, impact_of, runner_of, twin_of
from esc_sim.stress.values import unit_costs
from tests.helpers.networks import scenario_of
from tests.stress.line import LATE, LATE_WHERE_ORDERS_ARE_LOST, LOST, START, line

OWED = {"unmet": "backorder", "unmet_orders": "backorder"}
ENGINES = ("compiled", "agents")
AT_ONCE, NEVER = 0.0, math.inf


@cache
def twin(engine: str, unmet: str = "lost", orders: str = "lost") -> Twin:
    instance = replace(instance_of(line({"unmet": unmet, "unmet_orders": orders})), service=True)
    return twin_of(instance, engine, 1, range(1))


def test_rounding_is_no_loss() -> None:
    base = np.full(50, 1e3)
    assert _lost(base, np.array([3e-12, -8e-11]), np.array([2e-6])) == 0.0
    assert _lost(base, np.array([0.25, 1e-3])) == 0.251


def factory_out(duration: int, known_after: float | None, start: int = START) -> Outage:
    return Outage("factory", (2,), (), ACTIVITIES, 0.0, start, duration, known_after)


def of_line(engine: str, duration: int, known_after: float, **rules: str) -> Impact:
    return impact_of(twin(engine, **rules), factory_out(duration, known_after))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("known_after", [AT_ONCE, NEVER])
def test_a_hole_that_only_stock_beyond_the_pipeline_fills(engine: str, known_after: float) -> None:
    for duration, lost in LOST.items():
        found = of_line(engine, duration, known_after)
        assert found.lost.tolist() == [[lost]]
        assert found.late.tolist() == [[0.0]]
        assert found.survive.tolist() == [7.0 if lost else math.inf]
        # A unit lost is sold for 5; to bring it to the shop would have cost 0.75 besides prices.
        assert found.impact.tolist() == [4.25 * lost]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("known_after", [AT_ONCE, NEVER])
def test_what_is_owed_comes_late(engine: str, known_after: float) -> None:
    for duration, late in LATE.items():
        found = of_line(engine, duration, known_after, unmet="backorder", orders="backorder")
        assert found.late.tolist() == [[late]]
        assert found.lost.tolist() == [[0.0]]
        assert found.survive.tolist() == [7.0]
    for duration, late in LATE_WHERE_ORDERS_ARE_LOST.items():
        assert of_line(engine, duration, known_after, unmet="backorder").late.tolist() == [[late]]


def test_steady_state_of_the_line() -> None:
    assert twin("agents").stock[START - 1, :2].tolist() == [17.0, 5.0]
    assert twin("agents").costs.tolist() == [0.75, 0.5, 0.0]


@pytest.mark.parametrize("engine", ENGINES)
def test_both_engines_and_a_disruption_of_the_scenario_say_the_same(engine: str) -> None:
    dates = [{"start": START, "duration": 6}]
    said = {"name": "factory", "nodes": ["factory"], "dates": dates, "stops": list(ACTIVITIES)}
    run = simulate(line(disruptions=[said]), engine=engine)  # type: ignore[arg-type]
    own = runner_of(engine)(struck(twin(engine).instance, factory_out(6, None)), 1, [0])
    assert run.values.tobytes() == own.periods.tobytes()


def test_an_outage_that_nobody_meets_leaves_every_bit() -> None:
    base = twin("compiled")
    hit = struck(base.instance, replace(factory_out(5, None), health=1.0))
    assert runner_of("compiled")(hit, 1, [0]).periods.tobytes() == base.blocks[0].periods.tobytes()


def two_suppliers() -> Twin:
    """A shop with two suppliers, each able to carry all; the second costs 2 more a unit."""
    factory = {"initial_stock": 1000, "target_stock": 1000, "production": {"mean": 1000}}
    scenario = scenario_of(
        {
            "nodes": [
                {"id": "shop", "initial_stock": 30, "demand": {"mean": 10, "price": 20},
                 "order": {"policy": "base_stock", "order_up_to": 40}},
                {"id": "near", **factory},
                {"id": "far", **factory},
                {"id": "alone", "initial_stock": 7},
            ],
            "arcs": [
                {"buyer": "shop", "supplier": "near", "price": 4, "other_cost": 1, "lead_time": 2},
                {"buyer": "shop", "supplier": "far", "price": 5, "other_cost": 3, "lead_time": 2},
            ],
            "run": {"periods": 60, "replications": 1, "seed": 1},
        }
    )  # fmt: skip
    return twin_of(replace(instance_of(scenario), service=True), "agents", 1, range(1))


def test_another_supplier_costs_the_difference_and_the_spare_one_nothing() -> None:
    base = two_suppliers()

    def loss(node: int) -> Impact:
        return impact_of(base, Outage("x", (node,), (), ACTIVITIES, 0.0, 20, 6, AT_ONCE))

    assert loss(1).impact.tolist() == [6 * 10 * 2.0]
    assert loss(1).lost.tolist() == [[0.0]]
    assert loss(2).impact.tolist() == [0.0]
    assert loss(3).impact.tolist() == [0.0]


def test_unit_costs_follow_the_cheapest_way() -> None:
    costs = unit_costs(two_suppliers().instance)
    assert costs.tolist() == [1.0, 0.0, 0.0, 0.0]


def test_orders_to_a_site_that_is_out_are_counted() -> None:
    assert of_line("agents", 6, AT_ONCE).in_vain.tolist() == [0.0]
    assert of_line("agents", 6, NEVER).in_vain.tolist() == [130.0]
    assert np.isfinite(of_line("agents", 6, NEVER).recover).all()
