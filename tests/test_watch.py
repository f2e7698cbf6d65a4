"""A watched run: it changes no number, keeps every bid and its answer, and knows what is on the road."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.scenario.reader import load_scenario
from tests.page.networks import write_layered

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module", params=["oil_gas", "quickstart", "layered"])
def scenario(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> object:
    if request.param == "layered":
        return load_scenario(write_layered(tmp_path_factory.mktemp("watch") / "network", 60))
    return load_scenario(ROOT / "scenarios" / request.param)


def test_watching_changes_no_number(scenario: object) -> None:
    plain, watched = (SupplyChainModel(scenario, seed=3, keep_stock=True, watch=watch) for watch in (False, True))
    for model in (plain, watched):
        model.run(70)
    assert np.array_equal(plain.recorder.periods, watched.recorder.periods)
    assert np.array_equal(plain.recorder.stock, watched.recorder.stock)
    assert plain.books.arc_total == watched.books.arc_total
    assert plain.watch is None


def test_bids_goods_on_the_road_and_the_books_agree(scenario: object) -> None:
    model = SupplyChainModel(scenario, seed=5, watch=True)
    watch, books = model.watch, model.books
    assert watch is not None
    total = np.zeros(len(books.cap))
    refused = 0
    for period in range(70):
        if period == 20:
            model.disrupt(model.members[-1].node_id, 0.5)
        model.step()
        asked_by_arc = [arc for arc, _, _ in watch.bids]
        assert len(set(asked_by_arc)) == len(asked_by_arc)
        assert all(0.0 <= accepted <= wanted for _, wanted, accepted in watch.bids)
        accepted = {arc: amount for arc, _, amount in watch.bids if amount > 0.0}
        assert accepted == dict(zip(books.contracts, books.contracted, strict=True))
        refused += sum(amount == 0.0 for _, _, amount in watch.bids)
        total += watch.shipped
        assert total.tolist() == books.arc_total
        road = np.bincount(books.of_arcs("buyer"), watch.on_road, books.item_count)
        assert (road + np.array(books.of_items("dock"))).tolist() == books.of_items(
            "in_transit"
        )  # exact: goods live on a grid
    assert refused > 0


def test_an_arc_is_new_when_first_used_after_a_disruption() -> None:
    scenario = load_scenario(ROOT / "scenarios" / "oil_gas", {"disruptions.refinery_3_outage.probability": 0})
    model = SupplyChainModel(scenario, seed=1, watch=True)
    model.run(30)
    assert model.watch is not None
    assert model.watch.new_arcs == set()
    before = {arc for arc, amount in enumerate(model.books.arc_total) if amount > 0}
    model.disrupt("refinery_3")
    model.run(30)
    after = {arc for arc, amount in enumerate(model.books.arc_total) if amount > 0}
    assert model.watch.new_arcs == after - before != set()


def test_recovering_nodes_are_those_whose_disruptions_are_over() -> None:
    model = SupplyChainModel(load_scenario(ROOT / "scenarios" / "quickstart"), seed=1)  # out 60-81, back at 91
    names = {}
    for day in range(95):
        model.step()
        names[day] = {model.members[node].node_id for node in model.hazards.recovering_nodes()}
    assert [day for day, nodes in names.items() if nodes == {"factory_near"}] == list(range(81, 91))
    assert all(nodes <= {"factory_near"} for nodes in names.values())
