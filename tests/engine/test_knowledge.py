"""When buyers learn of an outage and of its end, and that they then look elsewhere; in both engines.

A supplier, two depots, two shops of 10 units a period each: the near depot is cheaper, the far one has all they need.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from esc_sim.behaviours.sell import share_kept
from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.engine.block import Block
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.results.columns import ITEM_COLUMNS
from esc_sim.results.knowledge import known_after_words
from esc_sim.sampling.timetable import timetable
from esc_sim.scenario.meaning import oddities
from esc_sim.scenario.reader import load_scenario
from tests.helpers.networks import Content, scenario_of
from tests.helpers.runs import agents, compiled, differences, item, node, period

NEAR, FAR = 2, 3
NEVER = 1000.0


def depots(*disruptions: Content, known_after: Any = None, periods: int = 20, **changes: Any) -> Content:
    """The network of this file; both shops order 10 in every period."""
    shop = {"initial_stock": 40, "demand": {"mean": 10, "price": 20}, "order": {"mean": 10}}
    depot = {"initial_stock": 1000, "order": {"mean": 0}, "penalty": 3}
    return {
        "nodes": [{"id": "shop_1"} | shop, {"id": "shop_2"} | shop, {"id": "near"} | depot, {"id": "far"} | depot,
                  {"id": "supplier", "initial_stock": 1000}],
        "arcs": [
            *({"buyer": shop, "supplier": depot, "price": price, "lead_time": 1}
              for shop in ("shop_1", "shop_2") for depot, price in (("near", 4), ("far", 5))),
            *({"buyer": depot, "supplier": "supplier", "price": 1} for depot in ("near", "far")),
        ],
        "disruptions": list(disruptions),
        "rules": {} if known_after is None else {"known_after": known_after},
        "run": {"periods": periods, "seed": 5},
    } | changes  # fmt: skip


def shut(start: float, duration: float, **event: Any) -> Content:
    return {"name": "shut", "nodes": ["near"], "dates": [{"start": start, "duration": duration}]} | event


def both(content: Content) -> Block:
    """A run of the agents, which the compiled engine gives to the last bit."""
    scenario = scenario_of(content)
    block = agents(scenario, [0])
    assert differences(block, compiled(scenario, [0])) == []
    return block


def asked(block: Block, who: int = NEAR) -> list[int]:
    """Periods in which anything was contracted with a depot."""
    return np.flatnonzero(item(block, "contracted")[0, :, who]).tolist()


@pytest.mark.parametrize(
    ("known_after", "in_vain", "asked_again"), [(0, 0, 11), (1, 1, 12), (None, 1, 12), (7, 7, 18), (NEVER, 8, 11)]
)
def test_a_depot_that_is_shut_is_asked_until_buyers_know(known_after: Any, in_vain: int, asked_again: int) -> None:
    """Shut from 3 to 11, eight periods."""
    block = both(depots(shut(3, 8), known_after=known_after))
    expected = [*range(3 + in_vain), *range(asked_again, 20)]
    assert asked(block) == expected
    assert asked(block, FAR) == sorted(set(range(20)) - set(expected))
    assert period(block, "contracted_from_closed")[0].tolist() == [0] * 3 + [20.0] * in_vain + [0] * (17 - in_vain)
    assert node(block, "penalty")[0, :, NEAR].sum() == 3 * 20 * in_vain
    assert period(block, "shipped")[0].sum() == 20 * (20 - in_vain)


@pytest.mark.parametrize(
    ("start", "duration", "known_after", "believed_shut"),
    [
        # An outage of one period is over before the next review: nobody ever knows of it, as in the paper.
        (3, 1, 1, []),
        (3, 1, 0, [3]),
        (3, 2, 1, [4, 5]),
        (3, 2, 2, []),
        # Known at the first review at or after start + known_after, open again at the first one after end + that.
        (3, 4, 0.5, [4, 5, 6, 7]),
        (3.5, 4, 0.5, [4, 5, 6, 7]),
        (3.5, 4, 1, [5, 6, 7, 8]),
        (3, 4, 3.25, [7, 8, 9, 10]),
        (2.25, 0.5, 0.25, []),
        (2.25, 1.0, 0.5, [3]),
    ],
)
def test_what_buyers_know(start: float, duration: float, known_after: float, believed_shut: list[int]) -> None:
    block = both(depots(shut(start, duration), known_after=known_after, periods=14))
    assert sorted(set(range(14)) - set(asked(block))) == believed_shut


def test_a_recovery_is_seen_as_late_as_the_outage() -> None:
    """Half of its capacity of 20 from 3 to 5, then 0.625 ... back to 20 in period 9; seen two periods later."""
    content = depots(shut(3, 2, health=0.5, recovery={"duration": 4}), known_after=2)
    content["nodes"][NEAR]["capacity"] = 20
    block = both(content)
    assert item(block, "contracted")[0, 2:12, NEAR].tolist() == [20, 20, 20, 10, 10, 10, 12.5, 15, 17.5, 20]
    assert item(block, "shipped")[0, 2:12, NEAR].tolist() == [20, 10, 10, 10, 10, 10, 12.5, 15, 17.5, 20]


def test_an_arc_that_is_out_is_learnt_of_like_a_node() -> None:
    road = [{"buyer": "shop_1", "supplier": "near"}]
    block = both(depots(shut(3, 3, nodes=[], arcs=road), known_after=1))
    assert item(block, "contracted")[0, 2:8, NEAR].tolist() == [20, 20, 10, 10, 10, 20]
    assert period(block, "contracted_from_closed")[0, 2:5].tolist() == [0, 10, 0]


def test_what_is_not_known_reduces_what_was_sold_in_knowledge_of_the_rest() -> None:
    """Known: half of it is left. Not known: a quarter is. Half of what was contracted can be shipped, and no more."""
    events = [shut(2, 9, health=0.5, known_after=0), shut(4, 1, name="worse", health=0.25)]
    content = depots(*events)
    content["nodes"][NEAR] |= {"initial_stock": 20, "order": {"mean": 20}}
    block = both(content)
    assert item(block, "contracted")[0, 2:6, NEAR].tolist() == [10, 15, 17.5, 20]
    assert item(block, "shipped")[0, 4, NEAR] == 8.75
    assert node(block, "penalty")[0, :6, NEAR].tolist() == [0, 0, 0, 0, 3 * 8.75, 0]


OWED: Content = {"unmet_orders": "backorder", "known_after": 7}


@pytest.mark.parametrize("place", ["node", "arc"])
@pytest.mark.parametrize("allocation", ["highest_bid", "proportional", "first_come"])
def test_a_supplier_that_is_back_delivers_what_it_owes_before_buyers_know(place: str, allocation: str) -> None:
    """Out from 3 to 11, believed to be out from 10 to 18: what it owes leaves at 11, later orders a period late."""
    event = shut(3, 8) if place == "node" else shut(3, 8, nodes=[], arcs=[{"buyer": "shop_1", "supplier": "near"}])
    content = depots(event, rules=OWED | {"allocation": allocation})
    alone = {"shop_1": "far", "shop_2": "near"}
    content["arcs"] = [arc for arc in content["arcs"] if alone.get(arc["buyer"]) != arc["supplier"]]
    sent = item(both(content), "shipped")[0, :, NEAR].tolist()
    assert sent == [10] * 3 + [0] * 8 + [80] + [10] * 6 + [20, 10]


@pytest.mark.parametrize("known_after", [0, 1, 3, 7])
def test_what_was_ordered_in_vain_leaves_when_the_depot_is_back(known_after: float) -> None:
    """Out from 3 to 11: so long as they do not know, buyers order 20 a period of it, which all leaves at 11."""
    block = both(depots(shut(3, 8), periods=30, rules=OWED | {"known_after": known_after}))
    new = 20 if known_after == 0 else 0  # who knew at once knows at once that it is back
    assert item(block, "shipped")[0, 3:12, NEAR].tolist() == [0] * 8 + [20 * known_after + new]
    assert period(block, "shipped")[0].sum() == 20 * 30


def test_share_kept() -> None:
    assert share_kept(0.25, 1.0) == 0.25
    assert share_kept(0.25, 0.5) == 0.5
    assert share_kept(0.0, 0.5) == 0.0
    assert [share_kept(health, known) for health, known in ((0.5, 0.5), (0.5, 0.25), (0.0, 0.0), (1.0, 1.0))] == [
        1.0
    ] * 4


def test_a_disruption_has_a_time_of_its_own() -> None:
    events = [shut(3, 4, known_after=3), shut(3, 4, name="far", nodes=["far"])]
    block = both(depots(*events, known_after=0))
    assert asked(block) == [0, 1, 2, 3, 4, 5, *range(10, 20)]
    assert asked(block, FAR) == [7, 8, 9]


def test_a_case_that_holds_for_the_run_is_learnt_of_and_one_of_a_period_is_not() -> None:
    def law(drawn: str) -> Content:
        return {"name": "law", "drawn": drawn, "cases": [{"name": "out", "probability": 1, "health": {"near": 0}}]}

    assert asked(both(depots(joint_disruptions=[law("period")]))) == list(range(20))
    assert asked(both(depots(joint_disruptions=[law("replication")]))) == [0]
    assert asked(both(depots(joint_disruptions=[law("replication") | {"known_after": 4}]))) == [0, 1, 2, 3]


def test_a_law_is_drawn_for_each_event_and_moves_no_other_number() -> None:
    event = shut(0, 0, dates=[{"start": 3.0 * k, "duration": 2} for k in range(60)])
    law = {"law": "uniform", "low": 0.0, "high": 2.5}
    events = [event, {"name": "by_chance", "nodes": ["far"], "probability": 0.2, "duration": 3}]
    tables = [
        timetable(instance_of(scenario_of(depots(*events, known_after=known, periods=200))).triggers, 5, 0, 200)
        for known in (1, law)
    ]
    for name in ("channel", "start", "end", "effect"):
        assert np.array_equal(*(getattr(table, name) for table in tables))
    assert set(tables[0].known_after) == {2.0**20}
    drawn = tables[1].known_after / 2**20
    assert len(np.unique(drawn)) > 0.9 * len(drawn)
    assert 0.0 <= drawn.min() < 0.2
    assert 2.3 < drawn.max() <= 2.5
    both(depots(*events, known_after=law, periods=120))


def test_only_networks_in_which_something_can_be_known_pay_for_it() -> None:
    """The compiled engine has a kernel without any of it, for outages that are over before the next review."""
    chance = {"name": "x", "nodes": ["near"], "probability": 0.3}
    assert not len(instance_of(scenario_of(depots(chance))).learnt)
    assert not len(instance_of(scenario_of(depots(chance | {"duration": 5}, known_after=20))).learnt)
    assert not len(instance_of(scenario_of(depots(chance | {"stops": ["receive"]}, known_after=0))).learnt)
    for longer in (
        {"duration": 1.5},
        {"recovery": {"duration": 1}},
        {"duration": {"law": "gamma", "mean": 1, "sd": 1}},
    ):
        assert len(instance_of(scenario_of(depots(chance | longer))).learnt) == 1
    assert len(instance_of(scenario_of(depots(chance, known_after={"law": "poisson", "mean": 9}))).learnt) == 1


def contracted_by_hand(known_after: Any, actions: dict[int, float]) -> list[float]:
    """What the near depot contracts while it is disrupted and restored (1.0) by hand before some periods."""
    model = SupplyChainModel(scenario_of(depots(known_after=known_after)), trace=True)
    for time in range(20):
        if actions.get(time, 1.0) < 1.0:
            model.disrupt("near", actions[time])
        elif time in actions:
            model.restore("near")
        model.step()
    return model.recorder.items[:, NEAR, ITEM_COLUMNS.index("contracted")].tolist()


@pytest.mark.parametrize(
    ("known_after", "first", "last"),
    [(0, 3, 11), (1, 4, 12), (3, 6, 14), (8, 20, 20), ({"law": "constant", "value": 2}, 5, 13)],
)
def test_an_outage_by_hand_is_learnt_of_too(known_after: Any, first: int, last: int) -> None:
    contracted = contracted_by_hand(known_after, {3: 0.0, 11: 1.0})
    assert [time for time, amount in enumerate(contracted) if not amount] == list(range(first, last))


def test_another_level_by_hand_is_news_of_its_own() -> None:
    content = depots(known_after=2)
    content["nodes"][NEAR]["capacity"] = 20
    model = SupplyChainModel(scenario_of(content), trace=True)
    for time in range(12):
        if time in (3, 6):
            model.disrupt("near", {3: 0.0, 6: 0.5}[time])
        model.step()
    assert model.recorder.items[:, NEAR, ITEM_COLUMNS.index("contracted")].tolist() == [20] * 5 + [0] * 3 + [10] * 4


def test_stepping_is_one_long_run() -> None:
    scenario = scenario_of(depots(shut(3, 8, recovery={"duration": 2}), known_after=2.5))
    whole, stepped = SupplyChainModel(scenario), SupplyChainModel(scenario)
    whole.run()
    for _ in range(20):
        stepped.step()
    assert np.array_equal(whole.recorder.periods, stepped.recorder.periods)


# What a scenario may say


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"stops": ["produce"]}, "known_after is for what buyers are to learn of"),
        ({"demand_factor": 2}, "known_after is for what buyers are to learn of"),
    ],
)
def test_a_time_without_effect_is_refused(event: Content, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        scenario_of(depots(shut(3, 8, known_after=2, **event)))


def test_the_words_that_summary_and_figures_use() -> None:
    assert known_after_words(scenario_of(depots())) == ""
    assert known_after_words(scenario_of(depots(shut(3, 8, stops=["receive"])))) == ""
    assert known_after_words(scenario_of(depots(shut(3, 8)))) == "outages known after 1 period"
    law = {"law": "poisson", "mean": 2}
    own = depots(shut(3, 8), shut(3, 8, name="b"), shut(3, 8, name="road", known_after=law), known_after=7)
    assert known_after_words(scenario_of(own)) == "outages known after 7 periods (road: a time drawn (poisson))"


def test_buyers_under_continuous_review_know_at_once_and_that_is_said() -> None:
    content = depots(shut(3, 8), known_after=7)
    continuous = {"policy": "base_stock", "order_up_to": 10, "review": "continuous"}
    warning = "all orders are placed at any time, answered at once, and so outages known at once"
    content["nodes"][0]["order"] = continuous
    words = "outages known after 7 periods, at once to those who order at any time"
    assert known_after_words(scenario_of(content)) == words
    assert not any(warning in problem.text for problem in oddities(scenario_of(content)))
    for buyer in content["nodes"][1:4]:
        buyer["order"] = continuous
    made = scenario_of(content)
    assert known_after_words(made) == "outages known at once, since orders are placed at any time"
    (problem,) = [problem for problem in oddities(made) if warning in problem.text]
    assert problem.path == ("rules", "known_after")
    run = agents(made, [0])
    assert period(run, "contracted_from_closed")[0].sum() == 0.0


def test_the_old_key_is_answered_with_the_new_one() -> None:
    with pytest.raises(InputError, match=r"disruption_known.*it is now called 'known_after': periods until buyers"):
        load_scenario("scenarios/quickstart", {"rules.disruption_known": "before_contracting"})
