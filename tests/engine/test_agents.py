"""The agent engine as a user of Python meets it: disrupting by hand, own agents, looking inside."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import mesa
import pytest

from esc_sim.engine.agents.agents import SupplyAgent, Trader
from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.scenario.reader import load_scenario
from tests.helpers.networks import chain, chain_content, scenario_of
from tests.helpers.runs import SCENARIOS, compiled, differences


def run_by_hand(actions: dict[int, tuple[str, float]], periods: int = 8) -> list[float]:
    """What the middle ships in each period when it is disrupted (level) or restored (level 1) before some of them."""
    model = SupplyChainModel(
        chain(
            rules={"known_after": 1000},
        ),
        trace=True,
    )
    for time in range(periods):
        if time in actions:
            node, level = actions[time]
            if level == 1.0:
                model.restore(node)
            else:
                model.disrupt(node, level)
        model.step()
    shipped: list[float] = model.recorder.items[:, 1, 4].tolist()
    return shipped


def test_a_node_disrupted_and_restored_by_hand() -> None:
    assert run_by_hand({2: ("middle", 0.0), 4: ("middle", 1.0)}) == [10, 10, 0, 0, 10, 10, 10, 10]


def test_another_level_by_hand_replaces_the_one_before() -> None:
    actions = {1: ("middle", 0.0), 2: ("middle", 0.5), 3: ("middle", 0.25), 5: ("middle", 1.0)}
    assert run_by_hand(actions) == [10, 0, 5, 2.5, 2.5, 10, 10, 10]


def test_by_hand_and_by_timetable_the_lower_level_counts() -> None:
    event = {"name": "event", "nodes": ["middle"], "dates": [{"start": 2, "duration": 4}], "health": 0.5}
    model = SupplyChainModel(chain(disruptions=[event], rules={"known_after": 1000}), trace=True)
    model.run(1)
    model.disrupt("middle", 0.75)
    model.run(2)
    model.disrupt("middle", 0.25)
    model.run(1)
    model.restore("middle")
    model.run(4)
    assert model.recorder.items[:, 1, 4].tolist() == [10, 7.5, 5, 2.5, 5, 5, 10, 10]


def test_the_log_tells_what_happened_and_when() -> None:
    event = {"name": "event", "nodes": ["middle"], "dates": [{"start": 2.5, "duration": 1}], "health": 0.5}
    model = SupplyChainModel(chain(disruptions=[event]))
    model.run(5)
    model.disrupt("source", 0.0)
    assert model.events == [
        (2.5, "middle (ship)", "disrupted", 0.5),
        (3.5, "middle (ship)", "restored", 1.0),
        (5.0, "source", "disrupted by hand", 0.0),
    ]


def test_looking_inside() -> None:
    model = SupplyChainModel(chain())
    model.run(3)
    model.disrupt("source", 0.5)
    assert model.snapshot() == {
        "day": 3.0,
        "stock": {"shop": 20.0, "middle": 20.0, "source": 20.0},
        "in_transit": {"shop": 10.0, "middle": 10.0, "source": 0.0},
        "health": {"shop": 1.0, "middle": 1.0, "source": 0.5},
    }
    assert [model.agent_of(name).state for name in ("shop", "source")] == ["normal", "reduced"]
    assert isinstance(model, mesa.Model)
    assert len(model.agents) == 3
    with pytest.raises(InputError, match="there is no node 'nobody'"):
        model.agent_of("nobody")


class Server(SupplyAgent):
    """Looks at customers, whether it has any or not."""

    looks = 0

    def serve(self, draws: list[float]) -> None:
        """Count the looks."""
        self.looks += 1
        super().serve(draws)


def test_reviews_have_the_steps_that_members_need() -> None:
    def steps(model: SupplyChainModel) -> list[list[str]]:
        reviews = model.reviews
        lists = (reviews.receive, reviews.produce, reviews.transform, reviews.order, reviews.serve)
        return [[step.__self__.node_id for step in one] for one in lists]

    plain = SupplyChainModel(chain())
    assert plain.reviews.by_phase
    assert steps(plain) == [["shop", "middle"], ["source"], [], ["shop", "middle"], ["shop"]]
    own = SupplyChainModel(chain(), members={"middle": Server}, trace=True)
    assert not own.reviews.by_phase
    assert steps(own)[-1] == ["shop", "middle"]
    plain.run()
    own.run()
    assert own.agent_of("middle").looks == own.period
    assert own.recorder.periods.tobytes() == plain.recorder.periods.tobytes()


class Cautious(Trader):
    """Keeps back five units more than its safety stock."""

    def open_book(self) -> None:
        """Offer less."""
        super().open_book()
        for item in self.items:
            self.books.limits[item.index] = max(0.0, self.books.limits[item.index] - 5.0)


def test_agents_of_ones_own() -> None:
    content = chain_content()
    content["nodes"][1]["initial_stock"] = 12
    model = SupplyChainModel(scenario_of(content), members={"middle": Cautious}, trace=True)
    assert type(model.agent_of("middle")) is Cautious
    model.run(2)
    # 12 - 5 can be sold; it keeps 5, gets 10, and sells 10 of 15 - 5.
    assert model.recorder.items[:, 1, 4].tolist() == [7, 10]
    with pytest.raises(InputError, match="members: there is no role or node 'nobody'; roles are middle, shop, source"):
        SupplyChainModel(chain(), members={"nobody": Trader})


def test_a_general_agent_does_all_that_the_special_ones_do() -> None:
    scenario = chain()
    general = dict.fromkeys(("shop", "middle", "source"), SupplyAgent)
    model = SupplyChainModel(scenario, members=general, trace=True)
    model.run()
    block = compiled(scenario)
    assert model.recorder.items.tobytes() == block.items[0].tobytes()
    assert model.recorder.periods.tobytes() == block.periods[0].tobytes()
    assert differences(block, compiled(scenario)) == []


def test_a_model_is_forgotten_with_its_last_user() -> None:
    model = SupplyChainModel(chain())
    model.run(2)
    assert sorted(agent.unique_id for agent in model.agents) == list(range(1, len(model.agents) + 1))
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


def test_an_instance_without_a_seed_has_seed_1_and_a_scenario_its_own() -> None:
    def sold(*made: Any, **seed: int) -> list[float]:
        model = SupplyChainModel(*made, **seed)
        model.run()
        return list(model.recorder.periods[:, PERIOD_COLUMNS.index("served")])

    scenario = load_scenario(SCENARIOS / "quickstart", ["run.seed=7", "run.periods=8"])
    instance = instance_of(scenario)
    assert sold(instance) == sold(instance, seed=1) != sold(instance, seed=7)
    assert sold(scenario) == sold(instance, seed=7)
