"""Numbers at the edge: times longer than any run, failures without end, amounts too large for the goods grid."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from esc_sim.errors import InputError
from esc_sim.sampling.clock import Clock
from esc_sim.scenario.meaning import check_scenario
from esc_sim.scenario.schema import Scenario
from tests.helpers.networks import chain, chain_content, scenario_of
from tests.helpers.runs import agents, compiled, differences, item

ROAD = [{"buyer": "shop", "supplier": "middle"}]


def both(scenario: Scenario) -> list[float]:
    """What the middle ships, the same in both engines."""
    block = compiled(scenario)
    assert differences(agents(scenario), block) == []
    shipped: list[float] = item(block, "shipped")[0, :, 1].tolist()
    return shipped


@pytest.mark.parametrize("long", [1e6, 1e10, 1e15])
def test_a_disruption_without_end(long: float) -> None:
    dates = [{"start": 3, "duration": long}]
    assert both(chain(disruptions=[{"name": "end", "nodes": ["middle"], "dates": dates}])) == [10, 10, 10] + [0] * 9
    assert both(chain(disruptions=[{"name": "end", "arcs": ROAD, "dates": dates}])) == [10, 10, 10] + [0] * 9


@pytest.mark.parametrize("long", [1e6, 1e10, 1e15])
def test_goods_that_never_arrive(long: float) -> None:
    content = chain_content()
    content["arcs"][0]["lead_time"] = long
    scenario = scenario_of(content)
    assert both(scenario) == [10.0] * 12
    assert item(compiled(scenario), "in_transit")[0, :, 0].tolist() == [10.0 * k for k in range(1, 13)]
    content["arcs"][0] |= {"lead_time": {"law": "exponential", "mean": long}, "max_lead_time": long}
    assert both(scenario_of(content)) == [10.0] * 12


@pytest.mark.parametrize("long", [1e10, 1e15])
def test_drawn_times_without_end(long: float) -> None:
    law: dict[str, Any] = {"law": "exponential", "mean": long}
    event = {"name": "end", "nodes": ["middle"], "probability": 1, "duration": law}
    assert both(chain(disruptions=[event])) == [0.0] * 12
    event = {"name": "never", "nodes": ["middle"], "time_between_failures": law, "time_to_repair": law}
    assert both(chain(disruptions=[event])) == [10.0] * 12


def test_times_are_whole_ticks_up_to_their_limit() -> None:
    times = np.array([0.0, 1e-7, 0.1, 1 / 3, 7.25, 1e6 + 1e-5, 1e9, np.inf])
    for ticks in (2**20, 3 * 2**20, 10**9):
        clock = Clock(ticks)
        gridded = clock.of_all(times)
        np.testing.assert_array_equal(gridded, [clock.of(t) for t in times])
        assert (gridded == np.round(gridded)).all()
        assert np.abs(gridded - times * ticks)[:5].max() <= 0.5
        assert gridded[-2:].tolist() == [min(2.0**24 * ticks, 2.0**51)] * 2


def test_a_component_that_does_nothing_but_fail_is_an_error() -> None:
    law: dict[str, Any] = {"law": "exponential", "mean": 1e-5}
    event = {"name": "flicker", "nodes": ["middle"], "time_between_failures": law, "time_to_repair": law}
    with pytest.raises(InputError, match=r"disruption flicker: more than 1000 failures a period"):
        compiled(chain(disruptions=[event]))


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("initial_stock", 3e9),
        ("demand", {"mean": 3e9}),
        ("demand", {"mean": 1, "sd": 1e8}),
        ("demand", {"law": {"law": "uniform", "low": 0, "high": 1e12}}),
        ("demand", {"law": {"law": "exponential", "mean": 1e10}}),
        ("order", {"mean": 1e15}),
    ],
)
def test_amounts_too_large_for_the_grid_are_refused(where: str, value: Any) -> None:
    content = chain_content()
    content["nodes"][0][where] = value
    (problem,) = check_scenario(Scenario.model_validate({"version": 1, "name": "large"} | content))
    assert problem.startswith(
        f"node shop: {where}: amounts of goods must stay below 2.14748e+09 with rules.goods_quantum 20"
    )
    content["rules"] = {"goods_quantum": 1}
    if value != {"mean": 1e15}:
        assert check_scenario(Scenario.model_validate({"version": 1, "name": "large"} | content)) == []


def test_amounts_just_below_the_limit_are_exact() -> None:
    content = chain_content()
    content["nodes"][0] |= {"initial_stock": 2.0**31 - 2.0**-20, "demand": {"mean": 2.0**31 - 2, "price": 1}}
    scenario = scenario_of(content)
    both(scenario)
    assert item(compiled(scenario), "stock")[0, 0, 0] == 2 - 2.0**-20


def test_a_quantity_that_is_nothing_on_the_grid_is_refused() -> None:
    content = chain_content(rules={"goods_quantum": 1})
    content["nodes"][0]["order"] = {"policy": "r_Q", "reorder_point": 5, "order_quantity": 0.2}
    made = Scenario.model_validate({"version": 1, "name": "small"} | content)
    (problem,) = check_scenario(made)
    assert problem.startswith("node shop: order.order_quantity: 0.2 cannot be held on the grid of goods")
    with pytest.raises(InputError, match=r"node shop: order.order_quantity: 0.2 cannot be held"):
        compiled(made)
