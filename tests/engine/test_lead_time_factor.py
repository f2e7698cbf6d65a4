"""Disruptions that multiply lead times, worked by hand on a chain that moves 10 units a period."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest

from esc_sim.behaviours.disrupt import LONGEST, stretched
from esc_sim.engine.block import Block
from esc_sim.instance.build import instance_of
from esc_sim.instance.slowing import greatest_factor
from esc_sim.instance.spreading import timetable_of
from esc_sim.scenario.schema import Scenario
from tests.engine.test_disruptions import MIDDLE, SHOP, SHOP_ARC, Run, dated, disturbed, received, shipped
from tests.engine.test_disruptions import run as run  # the fixture: either engine
from tests.helpers.networks import scenario_of
from tests.helpers.runs import agents, compiled, differences, item


def slow(*disruptions: dict[str, Any], lead: float = 2.0, crossing: bool = False, **changes: Any) -> Scenario:
    """The chain, with a lead time to the shop that disruptions multiply."""
    content = disturbed(*disruptions, lead=lead, **changes).model_dump(by_alias=True)
    content["arcs"][0]["crossing"] = crossing
    return scenario_of(content)


@pytest.mark.parametrize("whom", [{"arcs": SHOP_ARC}, {"nodes": ["middle"]}], ids=["arc", "supplier"])
def test_what_leaves_meanwhile_takes_longer_and_nothing_overtakes_it(run: Run, whom: dict[str, Any]) -> None:
    # What left in 1 and 2 comes in 3 and 4. What leaves in 3 and 4 takes 4 periods and comes in 7 and 8; what leaves
    # in 5 would come in 7, and waits for what left in 4.
    block = run(slow(dated(3, 2, lead_time_factor=2, **whom)))
    assert shipped(block) == [10] * 12
    assert received(block) == [0, 0, 10, 10, 10, 0, 0, 10, 30, 10, 10, 10]
    assert item(block, "in_transit")[0, :, SHOP].tolist() == [10, 20, 20, 20, 20, 30, 40, 40, 20, 20, 20, 20]


def test_where_shipments_may_cross_later_ones_overtake(run: Run) -> None:
    block = run(slow(dated(3, 2, arcs=SHOP_ARC, lead_time_factor=2), crossing=True))
    assert received(block) == [0, 0, 10, 10, 10, 0, 0, 20, 20, 10, 10, 10]


def test_what_others_ship_is_not_touched(run: Run) -> None:
    block = run(slow(dated(3, 2, nodes=["source"], lead_time_factor=2)))
    assert received(block) == [0, 0] + [10] * 10
    # From the source to the middle it takes no time, and twice that is none.
    assert received(block, MIDDLE) == [0] + [10] * 11


def test_a_factor_below_1_speeds_up(run: Run) -> None:
    # Half of 3 periods are 1.5: the goods are there at the second review after.
    block = run(slow(dated(4, 20, arcs=SHOP_ARC, lead_time_factor=0.5), lead=3, crossing=True))
    assert received(block) == [0, 0, 0, 10, 10, 10, 20] + [10] * 5


def test_factors_of_several_disruptions_multiply(run: Run) -> None:
    both = [dated(3, 1, arcs=SHOP_ARC, lead_time_factor=2), dated(2, 2, nodes=["middle"], lead_time_factor=1.5)]
    # In 2 it takes 3 periods, in 3 it takes 6; from 4 on 2 again.
    block = run(slow(*both, crossing=True))
    assert received(block) == [0, 0, 10, 10, 0, 10, 10, 10, 10, 20, 10, 10]


def test_the_factor_returns_to_1_in_the_recovery(run: Run) -> None:
    # Factors of what leaves in 2 to 5: 3, 3, 2, 1.
    slowed = dated(2, 1, arcs=SHOP_ARC, lead_time_factor=3, recovery={"duration": 2})
    assert received(run(slow(slowed, crossing=True))) == [0, 0, 10, 10, 0, 0, 0, 10, 30, 20, 10, 10]


def test_a_closed_arc_holds_up_what_is_slow_already(run: Run) -> None:
    # What leaves in 3 would come in 7, and waits for a period; what leaves in 5 finds the arc closed.
    slowed = dated(3, 1, arcs=SHOP_ARC, lead_time_factor=2)
    block = run(slow(slowed, dated(5, 1, arcs=SHOP_ARC, in_transit="hold"), crossing=True))
    assert received(block) == [0, 0, 10, 10, 10, 0, 0, 10, 20, 10, 10, 10]


@pytest.mark.parametrize(
    "law", [{"law": "discrete", "values": [2.0], "probabilities": [1.0]}, 2.0], ids=["drawn", "fixed"]
)
def test_a_case_multiplies_lead_times_whether_drawn_or_fixed(run: Run, law: Any) -> None:
    cases = [{"name": "always", "probability": 1.0, "lead_time": {"middle": 2.5}}]
    block = run(slow(lead=law, joint_disruptions=[{"name": "port", "drawn": "replication", "cases": cases}]))
    assert received(block) == [0] * 5 + [10] * 7


def test_goods_that_come_after_the_end_stay_on_their_way(run: Run) -> None:
    block = run(slow(dated(3, 1, arcs=SHOP_ARC, lead_time_factor=1e15), crossing=True))
    assert received(block) == [0, 0, 10, 10, 10, 0] + [10] * 6
    assert item(block, "in_transit")[0, -1, SHOP] == 30


def test_the_undisrupted_twin_is_as_fast_as_ever() -> None:
    scenario = slow(dated(3, 2, arcs=SHOP_ARC, lead_time_factor=2))
    twins: list[Block] = [engine(scenario, disrupted=False) for engine in (agents, compiled)]
    assert differences(*twins) == []
    assert received(twins[0]) == [0, 0] + [10] * 10


def test_the_factor_of_a_lead_time_is_bounded_by_what_is_in_force_at_once() -> None:
    events = [dated(start, 2, arcs=SHOP_ARC, lead_time_factor=factor) for start, factor in ((1, 2), (2, 3), (5, 4))]
    events.append(dated(0, 1, nodes=["middle"], lead_time_factor=1.5))
    instance = instance_of(slow(*events))
    # 2 * 3 in period 2 on the arc, and 1.5 of the supplier, at whatever time.
    assert greatest_factor(instance, timetable_of(instance, 1, 0)) == pytest.approx(9.0)


def test_products_are_whole_ticks() -> None:
    period = float(2**20)
    assert stretched(10 * period, 1.1) == 11 * period
    assert stretched(3.0, 0.5) == 2.0
    assert stretched(3.0, 0.0) == 0.0
    assert stretched(2 * period, 1.0) == 2 * period
    assert stretched(period, 1e15) == stretched(period, inf) == LONGEST


def test_the_bound_is_never_below_what_it_bounds() -> None:
    instance = instance_of(slow(dated(1, 2, arcs=SHOP_ARC, lead_time_factor=3)))
    assert 3.0 <= greatest_factor(instance, timetable_of(instance, 1, 0)) < 3.0 + 1e-6
