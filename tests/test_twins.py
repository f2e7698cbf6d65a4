"""Runs that differ in disruptions alone have one undisrupted twin, which is played once."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import esc_sim
from esc_sim import replications
from esc_sim.instance.build import instance_of
from esc_sim.instance.fingerprint import fingerprint
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from esc_sim.twins import Twins, without_disruptions
from tests.helpers.runs import SCENARIOS, SHIPPED

SMALL = {"run.periods": 40}


def harsher(scenario: Scenario) -> Scenario:
    """All nodes of the first disruption's scenario are out as well, for a while."""
    content = scenario.model_dump(mode="json", exclude_unset=True, by_alias=True)
    more = {
        "name": f"harsher_{len(scenario.disruptions)}",
        "nodes": [scenario.nodes[0].id],
        "dates": [{"start": 5, "duration": 6}],
    }
    content["disruptions"] = [*content.get("disruptions", []), more]
    return Scenario.model_validate(content)


def played(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each outcome of a simulation brought a twin, in the order of the outcomes."""
    seen: list[bool] = []
    play = replications.Player.play

    def counted(player: replications.Player, task: replications.Task) -> Any:
        for outcome in play(player, task):
            seen.append(outcome.twin is not None)
            yield outcome

    monkeypatch.setattr(replications.Player, "play", counted)
    return seen


@pytest.mark.parametrize("name", [name for name in SHIPPED if not name.endswith("_1000")])
def test_the_common_twin_is_the_twin_of_each(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = load_scenario(SCENARIOS / name, SMALL)
    other = harsher(scenario)
    alone = esc_sim.simulate(other, replications=3, seed=4, workers=1)
    seen = played(monkeypatch)
    twins = Twins()
    runs = [esc_sim.simulate(one, replications=3, seed=4, twins=twins) for one in (scenario, harsher(other), other)]
    assert any(seen)
    assert not seen[-1]
    for part in ("values", "twin", "arc_shipped", "twin_arc_shipped", "item_stock", "twin_item_stock", "tally"):
        assert getattr(runs[-1], part).tobytes() == getattr(alone, part).tobytes()


@pytest.mark.parametrize("change", [{"run.warm_up": 3}, {"nodes.retailer_1.holding_cost": 0.9}])
def test_another_network_has_another_twin(change: dict[str, Any]) -> None:
    twins = Twins()
    first, second = (load_scenario(SCENARIOS / "oil_gas", SMALL | more) for more in ({}, change))
    esc_sim.simulate(first, replications=2, seed=4, twins=twins)
    found = esc_sim.simulate(second, replications=2, seed=4, twins=twins)
    alone = esc_sim.simulate(second, replications=2, seed=4)
    assert found.twin is not None
    assert alone.twin is not None
    assert found.twin.tobytes() == alone.twin.tobytes()


def test_other_numbers_of_replications_seeds_and_plans_have_another_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    twins, scenario = Twins(), load_scenario(SCENARIOS / "oil_gas", SMALL)
    seen = played(monkeypatch)
    for options in ({"seed": 4}, {"seed": 5}, {"seed": 4, "first": 2}):
        esc_sim.simulate(scenario, replications=2, twins=twins, **options)  # type: ignore[arg-type]
    assert all(seen)


def test_points_of_a_sweep_over_a_disruption_have_one_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = played(monkeypatch)
    path, values, tables = "disruptions.refinery_3_outage.health", [0.0, 0.3, 0.6], {}
    for order in (values, values[::-1]):  # the twin comes from the first point of each
        swept = esc_sim.sweep(SCENARIOS / "oil_gas", {path: order}, replications=2, seed=4, overrides=SMALL, workers=1)
        tables[order[0]] = swept.table.drop(columns="point").sort_values(path, ignore_index=True)
    assert seen.count(True) == len(seen) // 3
    pd.testing.assert_frame_equal(tables[0.0], tables[0.6], check_exact=True)


def test_memory_holds_the_latest_twins_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("esc_sim.twins._MOST_BYTES", 100_000)
    twins, scenario = Twins(), load_scenario(SCENARIOS / "oil_gas", SMALL)
    for seed in range(12):
        esc_sim.simulate(scenario, replications=2, seed=seed, twins=twins)
    seen = played(monkeypatch)
    esc_sim.simulate(scenario, replications=2, seed=11, twins=twins)
    esc_sim.simulate(scenario, replications=2, seed=0, twins=twins)
    assert seen == [False, True]


def test_an_instance_with_other_disruptions_is_the_one_that_is_made_anew() -> None:
    scenario, twins = harsher(load_scenario(SCENARIOS / "oil_gas", SMALL)), Twins()
    other = harsher(scenario)
    made, like = (twins.instance_of(one, without_disruptions(one)) for one in (scenario, other))
    assert like.items is made.items
    assert fingerprint(like) == fingerprint(instance_of(other)) != fingerprint(made)
    assert fingerprint(twins.instance_of(scenario, without_disruptions(scenario))) == fingerprint(made)
