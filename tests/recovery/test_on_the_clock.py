"""Cascades that listen to the running model: nodes restored in the middle, outages by hand, loads measured anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import esc_sim as esc
from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.plans.apply import apply_plan
from esc_sim.plans.recovery import RecoveryPlan
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from tests.helpers.networks import spreading_scenarios
from tests.helpers.runs import SCENARIOS, compiled, differences
from tests.recovery.test_in_the_model import falling

STRUCK = ["0", "6", "7", "9", "15", "24", "30"]
"""Nodes of cascade_37 that fail at 60."""


def small(breakdowns: bool = False, **changes: Any) -> Scenario:
    """cascade_37 with its failure, at 60 for 40 days, in rounds of five days; breakdowns by chance are left out."""
    base = {"run.periods": 110, "cascade.delay": 5} | ({} if breakdowns else {"disruptions.breakdown.when": False})
    return load_scenario(SCENARIOS / "cascade_37", base | changes)


def failed(model: SupplyChainModel) -> list[tuple[float, str]]:
    """When which nodes failed in a cascade."""
    return [(time, node) for time, node, what, _ in model.events if what == "failed in the cascade"]


def played(scenario: Scenario, at: int = 0, restore: Any = (), disrupt: Any = ()) -> SupplyChainModel:
    """A whole run, in which nodes are restored and put out by hand at one time."""
    model = SupplyChainModel(scenario, seed=1)
    model.run(at)
    for node in restore:
        model.restore(node)
    for node in disrupt:
        model.disrupt(node)
    model.run()
    return model


def test_nodes_restored_in_the_middle_change_who_fails_later() -> None:
    assert failed(played(small())) == [(65, "5"), (65, "25")]
    everybody = played(small(), 62, STRUCK)
    assert failed(everybody) == []
    assert everybody.agent_of("6").state == "normal"
    assert failed(played(small(), 62, ["15"])) == [(65, "25")]
    # node 6 lives, has lost partners, and fails in turn: its own loss takes the 25 a round later
    assert failed(played(small(), 62, ["6"])) == [(65, "5"), (65, "6"), (70, "25")]
    # once their loss is shed, their coming back changes nothing for those who failed already
    assert failed(played(small(), 66, STRUCK)) == [(65, "5"), (65, "25")]


def test_nodes_put_out_by_hand_in_the_middle_are_down_for_the_next_round() -> None:
    """Node 5 would fail at 65; it cannot be hit any more, nor can it once it is back too late to be."""

    def after(*done: tuple[int, str], health: float = 0.0) -> list[tuple[float, str]]:
        model = SupplyChainModel(small(), seed=1)
        for day, what in done:
            model.run(day - model.period)
            getattr(model, what)("5", *([health] if what != "restore" else []))
        model.run()
        return failed(model)

    assert after((62, "disrupt")) == after((50, "disrupt")) == after((62, "disrupt"), (67, "restore")) == [(65, "25")]
    usual = [(65, "5"), (65, "25")]
    assert after((62, "disrupt"), (64, "restore")) == after((62, "disrupt"), health=0.5) == usual
    assert after((62, "close")) == usual  # as a dated disruption of the scenario


def test_a_restored_node_trades_again_at_once() -> None:
    model = SupplyChainModel(small(), seed=1, trace=True)
    model.run(66)
    node = model.instance.network.node_index["5"]
    assert model.health.ship[node] == 0.0
    model.restore("5")
    assert model.health.is_whole(node)
    model.run(1)
    assert model.health.is_whole(node)
    assert model.health.ship[model.instance.network.node_index["25"]] == 0.0
    played_out = model.hazards.played
    assert played_out.end[played_out.start == 65.0 * model.env.clock.ticks].min() == 66.0 * model.env.clock.ticks


def test_a_member_may_intervene() -> None:
    class Rescuer(esc.SupplyAgent):
        """Two days after the failure it brings back who is down."""

        def receive(self) -> None:
            super().receive()
            if self.model.day == 62:
                for node in STRUCK:
                    self.model.restore(node)

    model = SupplyChainModel(small(), seed=1, members={"36": Rescuer})
    model.run()
    assert failed(model) == []


@pytest.mark.parametrize("known_after", [0, 3])
def test_outages_by_hand_spread_as_those_of_the_scenario_do(known_after: float) -> None:
    """Amid breakdowns by chance, which spread as well; restored all at once, as the event of the scenario ends."""
    own = {"rules.known_after": known_after, "cascade.delay": 1.5}
    declared = played(small(True, **own))
    ours = small(True, **own, **{"disruptions.failure.when": False, "cascade.by_hand": True})
    by_hand = SupplyChainModel(ours, seed=1)
    by_hand.run(60)
    for node in STRUCK:
        by_hand.disrupt(node)
    by_hand.run(40)
    for node in STRUCK:
        by_hand.restore(node)
    by_hand.run()
    assert len(failed(declared)) > 5
    assert sorted(failed(by_hand)) == sorted(failed(declared))
    assert np.array_equal(by_hand.recorder.periods, declared.recorder.periods)
    one, other = by_hand.hazards.played, declared.hazards.played
    for column in ("start", "end", "known_after"):
        assert np.array_equal(np.sort(getattr(one, column)), np.sort(getattr(other, column)))


def test_at_one_instant_they_spread_together_with_those_of_the_scenario() -> None:
    whole = small(**{"disruptions.failure.nodes": [*STRUCK, "1"]})
    for node in ("1", "6"):  # node 6 is struck by the scenario too
        model = SupplyChainModel(small(**{"cascade.by_hand": True}), seed=1)
        model.run(60)
        model.disrupt(node)
        model.run()
        same = played(whole) if node == "1" else played(small())
        assert [who for time, who in failed(model) if time < 100] == [who for time, who in failed(same)]


def test_without_the_switch_an_outage_by_hand_stays_where_it_is() -> None:
    model = played(small(True, disruptions=[]), 60, disrupt=STRUCK)
    assert failed(model) == []
    assert failed(played(small(True, **{"disruptions": [], "cascade.by_hand": True}), 60, disrupt=STRUCK)) != []


def test_what_a_recovery_plan_restores_resumes_by_hand_too() -> None:
    def instance(scenario: Scenario, after: float) -> Any:
        plan = RecoveryPlan(version=1, name="rescue", restore=["6", "15"], resume_after=after)
        return apply_plan(instance_of(scenario), plan, scenario)

    for after in (0.0, 2.0):
        one, other = (
            SupplyChainModel(instance(scenario, after), seed=1)
            for scenario in (small(), small(True, **{"disruptions": [], "cascade.by_hand": True}))
        )
        other.run(60)
        for node in STRUCK:
            other.disrupt(node)
        one.run(99)
        other.run(39)
        assert failed(one) == failed(other)
        assert np.array_equal(one.recorder.periods, other.recorder.periods)
    other.disrupt("6")
    assert other.agent_of("6").state == "normal"  # from the next event on
    other.run(1)
    assert other.agent_of("6").state != "normal"
    other.restore("6")
    assert other.agent_of("6").state == "normal"


def test_the_switch_alone_changes_no_number_in_either_engine() -> None:
    @settings(max_examples=10)
    @given(spreading_scenarios())
    def same(scenario: Scenario) -> None:
        content = scenario.model_dump(by_alias=True, exclude_unset=True)
        content["cascade"]["by_hand"] = True
        other = Scenario.model_validate(content)
        assert differences(compiled(scenario), compiled(other)) == []
        model = SupplyChainModel(other, seed=scenario.run.seed)
        model.run()
        assert np.array_equal(model.recorder.periods, compiled(scenario).periods[0])

    same()


def test_a_round_may_read_everybody_who_is_down() -> None:
    """The middle is out for another reason when its supplier fails: it has no load to lose, and so nobody follows."""
    repair = {"name": "repair", "nodes": ["middle"], "dates": [{"start": 1, "duration": 20}]}
    failure = {"name": "failure", "nodes": ["source"], "dates": [{"start": 2, "duration": 6}], "cascade": True}
    for whole, expected in ((True, ["middle", "shop"]), (False, [])):
        scenario = falling(cascade={"whole_network": whole}, disruptions=[repair, failure])
        assert [node for _, node in failed(played(scenario))] == expected
    with pytest.raises(InputError, match="whole_network"):
        compiled(scenario)
    # what is down by hand is read too, and so is its return
    open_again = falling(cascade={"whole_network": False, "delay": 2})
    assert [node for _, node in failed(played(open_again))] == ["middle", "shop"]
    assert [node for _, node in failed(played(open_again, 3, disrupt=["middle"]))] == []


def test_loads_may_be_measured_at_every_round() -> None:
    once, again = (played(small(**{"cascade.load": f"{kind}throughput"})) for kind in ("", "current_"))
    first = [node for time, node in failed(once) if time == 65]
    assert [node for time, node in failed(again) if time == 65] == first
    assert first
    assert failed(again) != failed(once)
    assert esc.simulate(small(**{"cascade.load": "current_throughput"}), replications=1).engine == "agents"
