"""Mesa's own tools work on the model: batch_run, DataCollector, AgentSet, the count of steps."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np
import pytest
from mesa.datacollection import DataCollector

from esc_sim.engine.agents.agents import SupplyAgent
from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.scenario.reader import load_scenario
from tests.helpers.networks import chain, scenario_of
from tests.helpers.runs import SCENARIOS

OIL_GAS = SCENARIOS / "oil_gas"


def test_steps_count_reviews_however_the_model_is_run() -> None:
    stepped, run = SupplyChainModel(chain()), SupplyChainModel(chain())
    assert (run.steps, run.running) == (0, True)
    for _ in range(3):
        stepped.step()
    run.run(3)
    assert (stepped.steps, run.steps, run.period, run.running) == (3, 3, 3, True)
    run.run()
    assert (run.steps, run.running) == (12, False)
    stepped.run_model()  # Mesa's own: step while running
    assert stepped.steps == 12
    assert stepped.recorder.periods.tobytes() == run.recorder.periods.tobytes()


def test_steps_count_reviews_of_agents_that_act_at_any_time() -> None:
    order = {"policy": "base_stock", "order_up_to": 5, "review": "continuous"}
    content = chain().model_dump(by_alias=True, exclude_unset=True)
    content["nodes"][0] |= {"order": order}
    model = SupplyChainModel(scenario_of(content))
    model.run(4)
    assert (model.steps, model.running) == (4, True)


def test_batch_run() -> None:
    rows = mesa.batch_run(
        SupplyChainModel,
        parameters={"scenario": str(OIL_GAS), "seed": [1, 2], "negotiation": ["lowest_cost", "most_reliable"]},
        max_steps=1000,
        display_progress=False,
    )
    assert [(row["seed"], row["negotiation"], row["Step"]) for row in rows] == [
        (seed, protocol, 364) for seed in (1, 2) for protocol in ("lowest_cost", "most_reliable")
    ]
    model = SupplyChainModel(OIL_GAS, seed=2, negotiation="most_reliable")
    model.run()
    assert [rows[3][name] for name in PERIOD_COLUMNS] == model.recorder.periods[-1].tolist()


def test_batch_run_every_few_steps() -> None:
    rows = mesa.batch_run(
        SupplyChainModel,
        parameters={"scenario": [chain()], "replication": range(2)},
        data_collection_period=5,
        display_progress=False,
    )
    assert [(row["replication"], row["Step"]) for row in rows] == [(r, step) for r in (0, 1) for step in (0, 5, 10, 11)]


def test_the_models_own_collector_has_the_periods() -> None:
    model = SupplyChainModel(chain())
    model.run(2)
    model.step()
    frame = model.datacollector.get_model_vars_dataframe()
    assert list(frame.columns) == list(PERIOD_COLUMNS)
    np.testing.assert_array_equal(frame.to_numpy(), model.recorder.periods)


@pytest.mark.parametrize("by_steps", [True, False])
def test_a_collector_of_ones_own_is_fed_after_every_review(by_steps: bool) -> None:
    model = SupplyChainModel(OIL_GAS, seed=1)
    model.datacollector = DataCollector(
        model_reporters={"day": "day", "on_road": lambda m: sum(m.books.of_items("in_transit"))},
        agent_reporters={"name": "node_id", "on_hand": "on_hand"},
    )
    if by_steps:
        for _ in range(6):
            model.step()
    else:
        model.run(6)
    days = model.datacollector.get_model_vars_dataframe()
    assert days["day"].tolist() == [1, 2, 3, 4, 5, 6]
    stock = model.datacollector.get_agent_vars_dataframe().reset_index()
    last = stock[stock["Step"] == 6].set_index("name")["on_hand"]
    assert last.to_dict() == model.snapshot()["stock"]


def test_sets_of_agents() -> None:
    model = SupplyChainModel(load_scenario(OIL_GAS, ["run.periods=10"]))
    model.run()
    terminals = model.agents.select(lambda agent: agent.role == "terminal")
    assert terminals.get("node_id") == ["terminal_1", "terminal_2", "terminal_3"]
    assert terminals.get("on_hand") == [model.agent_of(name).on_hand for name in terminals.get("node_id")]
    by_role: dict[str, Any] = dict(model.agents.groupby("role"))
    assert {role: len(found) for role, found in by_role.items()} == {
        "retailer": 3, "terminal": 3, "refinery": 3, "storage": 2, "producer": 2,
    }  # fmt: skip


class Calm(SupplyAgent):
    """Orders what its policy says."""


def test_members_of_ones_own_keep_their_type() -> None:
    model = SupplyChainModel(OIL_GAS, members={"terminal": Calm})
    assert model.agents_by_type[Calm].get("node_id") == ["terminal_1", "terminal_2", "terminal_3"]
