"""Recipes and by-products: runs worked out by hand, what limits them, who takes what, and what is refused at load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.errors import InputError
from esc_sim.network.model import network_of
from esc_sim.results.columns import NODE_COLUMNS
from esc_sim.results.products import product_balance
from esc_sim.scenario.meaning import check_scenario
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.writing import write_scenario
from esc_sim.simulation import simulate
from esc_sim.views.page.book import book_of
from esc_sim.views.page.show import ShownRun
from esc_sim.views.page.variants import BASE, Variant
from esc_sim.views.page.what_if import WhatIf
from tests.helpers.networks import Content, scenario_of
from tests.helpers.runs import SCENARIOS, agents, compiled, item, node, period
from tests.scenario.helpers import GOOD, folder_of

ENGINES = [agents, compiled]
MILLING: Content = {
    "id": "milling", "node": "mill", "inputs": {"grain": 2}, "outputs": {"flour": 1.5}, "byproducts": {"bran": 0.5},
    "capacity": 10,
}  # fmt: skip


def mill(recipe: Content | None = None, stocks: list[Content] | None = None, **changes: Any) -> Content:
    """A mill with grain on hand, and whoever is asked for flour, bran and dust."""
    return {
        "products": [{"id": "grain"}, {"id": "flour"}, {"id": "bran"}, {"id": "air", "environment": True}],
        "nodes": [{"id": "mill", "initial_stock": 30}, {"id": "farm", "product": "bran"}],
        "stocks": stocks or [],
        "recipes": [MILLING | (recipe or {})],
        "run": {"periods": 3},
    } | changes


def course(run: Any, content: Content, column: str, name: str = "mill/flour") -> list[float]:
    """What a column of an item was, period by period."""
    scenario = scenario_of(content)
    found: dict[str, list[float]] = {}
    block = run(scenario)
    network = network_of(scenario)
    for i in range(network.item_count):
        found[network.item_name(i)] = item(block, column)[0, :, i].tolist()
    return found[name]


@pytest.mark.parametrize("run", ENGINES)
class TestRuns:
    def test_capacity_then_inputs_on_hand_limit_the_runs(self, run: Any) -> None:
        assert course(run, mill(), "produced") == [15, 7.5, 0]
        assert course(run, mill(), "consumed", "mill/grain") == [20, 10, 0]
        assert course(run, mill(), "stock", "mill/bran") == [5, 7.5, 7.5]

    def test_room_for_outputs_limits_the_runs_and_byproducts_do_not(self, run: Any) -> None:
        stocks = [
            {"node": "mill", "product": "flour", "target_stock": 18},
            {"node": "mill", "product": "bran", "target_stock": 1},
        ]
        assert course(run, mill(stocks=stocks), "produced") == [15, 3, 0]

    def test_energy_limits_the_runs_and_is_counted(self, run: Any) -> None:
        content = mill({"energy": 2})
        content["nodes"][0]["energy"] = 8
        assert course(run, content, "produced") == [6, 6, 6]
        assert period(run(scenario_of(content)), "energy")[0].tolist() == [8, 8, 8]

    def test_a_disruption_of_production_scales_the_capacity(self, run: Any) -> None:
        halved = {"name": "half", "nodes": ["mill"], "stops": ["produce"], "health": 0.5,
                  "dates": [{"start": 0, "duration": 1}]}  # fmt: skip
        assert course(run, mill(disruptions=[halved]), "produced") == [7.5, 15, 0]

    def test_outputs_come_after_the_lag_and_keep_their_room_until_then(self, run: Any) -> None:
        stocks = [{"node": "mill", "product": "flour", "target_stock": 18}]
        content = mill({"lag": 2}, stocks)
        assert course(run, content, "produced") == [0, 0, 15]
        assert course(run, content, "in_process") == [15, 18, 3]

    def test_recipes_run_in_the_order_in_which_they_are_listed(self, run: Any) -> None:
        baking = {"id": "baking", "node": "mill", "inputs": {"flour": 1}, "outputs": {"air": 1}, "capacity": 4}
        first, last = mill(recipes=[MILLING, baking]), mill(recipes=[baking, MILLING])
        assert course(run, first, "consumed") == [4, 4, 4]
        assert course(run, last, "consumed") == [0, 4, 4]

    def test_running_costs_money_and_emissions(self, run: Any) -> None:
        block = run(scenario_of(mill({"cost": 0.5, "emissions": 2})))
        assert period(block, "recipe_cost")[0].tolist() == [5, 2.5, 0]
        assert node(block, "cost")[0, :, 0].tolist() == [5, 2.5, 0]
        assert period(block, "emissions")[0].tolist() == [20, 10, 0]

    def test_the_environment_gives_and_takes_freely(self, run: Any) -> None:
        content = mill({"inputs": {"air": 2}, "outputs": {"flour": 2}, "byproducts": {}, "capacity": 3})
        assert course(run, content, "produced") == [6, 6, 6]
        content = mill({"outputs": {"air": 2}, "byproducts": {}})
        assert course(run, content, "disposed", "mill/air") == [20, 10, 0]
        assert not period(run(scenario_of(content)), "disposal_cost").any()


FARM = {"giver": "mill", "taker": "farm", "product": "bran"}


@pytest.mark.parametrize("run", ENGINES)
class TestByproducts:
    """10 runs make 5 bran in the first period, 5 runs 2.5 in the second."""

    def test_what_exceeds_the_room_is_given_and_the_rest_disposed_of(self, run: Any) -> None:
        stocks = [{"node": "mill", "product": "bran", "room": 1, "disposal_cost": 2}]
        content = mill(stocks=stocks, takers=[FARM | {"capacity": 1.5, "gate_fee": 0.4, "haul": 0.1}])
        assert course(run, content, "given", "mill/bran") == [1.5, 1.5, 0]
        assert course(run, content, "taken", "farm/bran") == [1.5, 1.5, 0]
        assert course(run, content, "disposed", "mill/bran") == [2.5, 1, 0]
        block = run(scenario_of(content))
        assert period(block, "disposal_cost")[0].tolist() == [5, 2, 0]
        assert node(block, "income")[0, 0].tolist() == pytest.approx([0, 0.6])
        assert node(block, "procurement")[0, 0].tolist() == pytest.approx([0.75, 0])

    def test_a_taker_may_pay(self, run: Any) -> None:
        block = run(scenario_of(mill(takers=[FARM | {"gate_fee": -0.4, "haul": 0.1}])))
        assert node(block, "income")[0, 0].tolist() == pytest.approx([2, 0])
        assert node(block, "procurement")[0, 0].tolist() == pytest.approx([0.5, 2])

    def test_takers_are_asked_in_rising_net_cost_within_their_room(self, run: Any) -> None:
        content = mill(takers=[FARM | {"gate_fee": 1}, FARM | {"taker": "zoo", "gate_fee": 0.2, "haul": 0.3}])
        content["nodes"].append({"id": "zoo", "product": "bran", "room": 3, "initial_stock": 1})
        assert course(run, content, "taken", "zoo/bran") == [2, 0, 0]
        assert course(run, content, "taken", "farm/bran") == [3, 2.5, 0]

    def test_what_an_order_waits_for_is_not_offered(self, run: Any) -> None:
        content = mill(takers=[FARM], rules={"unmet_orders": "backorder"})
        content["nodes"].append({"id": "stable", "product": "bran", "order": {"mean": 3}})
        content["arcs"] = [{"buyer": "stable", "supplier": "mill", "product": "bran", "cap": 1}]
        assert course(run, content, "shipped", "mill/bran") == [1, 1, 1]
        assert course(run, content, "given", "mill/bran") == [2, 0, 0]

    def test_no_outage_hides_goods(self, run: Any) -> None:
        closed = {"name": "shut", "nodes": ["farm"], "stops": ["receive"], "dates": [{"start": 0, "duration": 1}]}
        content = mill(takers=[FARM], disruptions=[closed])
        assert course(run, content, "given", "mill/bran") == [0, 2.5, 0]
        assert course(run, content, "disposed", "mill/bran") == [5, 0, 0]


def refused(content: Content) -> str:
    return "\n".join(check_scenario(Scenario.model_validate({"version": 1, "name": "test"} | content)))


class TestRefused:
    def test_a_recipe_that_does_not_balance_names_the_content_and_the_gap(self) -> None:
        mass = {"mass": 1.0}
        products = [{"id": "grain", "contents": mass | {"N": 0.02}}, {"id": "flour", "contents": mass | {"N": 0.02}},
                    {"id": "bran", "contents": mass | {"N": 0.0201}}]  # fmt: skip
        said = refused(mill(products=products))
        assert "recipe 'milling' does not balance N: 0.04 goes into a run and 0.04005 comes out (gap +5e-05)" in said
        assert "mass" not in said
        products[2]["contents"]["N"] = 0.02 + 1e-10
        assert refused(mill(products=products)) == ""

    def test_waste_must_hold_what_the_goods_held(self) -> None:
        content = mill(products=[{"id": "grain", "contents": {"N": 0.02}}, {"id": "flour", "contents": {"N": 0.02}},
                                 {"id": "bran", "contents": {"N": 0.02}}, {"id": "husk"}])  # fmt: skip
        content["nodes"][0] |= {"shelf_life": 2, "waste": "husk"}
        assert "a unit of 'grain' holds 0.02 N, one of 'husk' 0: it must be the same" in refused(content)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"recipes": [MILLING | {"inputs": {}, "capacity": None}]}, "nothing limits the runs of 'milling'"),
            ({"recipes": [MILLING | {"outputs": {}, "byproducts": {}}]}, "recipe 'milling' makes nothing"),
            ({"recipes": [MILLING | {"byproducts": {"grain": 1}}]}, "'grain' may stand only once in recipe 'milling'"),
            ({"recipes": [MILLING | {"inputs": {"grian": 1}}]}, "there is no product 'grian'; did you mean 'grain'?"),
            ({"recipes": [MILLING | {"node": "mil"}]}, "there is no node 'mil'; did you mean 'mill'?"),
            ({"recipes": [MILLING, MILLING]}, "'milling' is given twice"),
            ({"takers": [FARM | {"taker": "mill"}]}, "'mill' gives to itself"),
            ({"takers": [FARM, FARM]}, "'farm' takes 'bran' of 'mill' twice"),
            ({"takers": [FARM | {"product": "brain"}]}, "there is no product 'brain'; did you mean 'bran'?"),
        ],
    )
    def test_what_cannot_be(self, change: Content, message: str) -> None:
        assert message in refused(mill() | change)

    def test_a_cell_that_is_no_recipe(self, tmp_path: Path) -> None:
        table = "node,id,inputs,outputs,capacity\nmaker,bake,0.6 of flour,1 goods,3\nmaker,cook,2flour,1 goods,3\n"
        with pytest.raises(InputError) as caught:
            load_scenario(folder_of(tmp_path / "s", GOOD, recipes_csv=table))
        said = caught.value.problems
        assert any(
            p.startswith("recipes.csv:2: column 'inputs'") and "there is no product 'of flour'" in p for p in said
        )
        assert any(p.startswith("recipes.csv:3: column 'inputs'") and "write amounts such as" in p for p in said)


def test_recipes_are_written_as_they_are_read(tmp_path: Path) -> None:
    scenario = load_scenario(SCENARIOS / "bakery")
    write_scenario(scenario, tmp_path / "again")
    without_switches = scenario.model_copy(update={"switches": {}, "variants": {}})
    assert load_scenario(tmp_path / "again") == without_switches


def test_recipes_and_takers_can_be_set() -> None:
    values = ["recipes.kneading.inputs=0.7 flour + 0.3 water", "takers.mill/pig_farm/bran.capacity=3"]
    scenario = load_scenario(SCENARIOS / "bakery", values)
    assert scenario.recipes[1].inputs == {"flour": 0.7, "water": 0.3}
    assert scenario.takers[0].capacity == 3


class TestBakery:
    def test_nothing_vanishes_and_something_of_everything_happens(self) -> None:
        result = simulate(load_scenario(SCENARIOS / "bakery", {"run.periods": 60}), replications=3)
        balance = product_balance(result)
        assert {name for name, row in balance.items() if row["gap"]} == set()
        assert balance["stale_bread"]["given"] > 0 < balance["stale_bread"]["disposed"]
        assert balance["bread"]["expired"] == pytest.approx(balance["stale_bread"]["produced"])
        assert balance["dough"]["expired"] > 0 < balance["bran"]["disposed"]

    def test_mass_is_kept_over_all_products(self) -> None:
        """What is on hand and under way changes by what sources make, what is eaten, sold, lost to air or dumped."""
        scenario = load_scenario(SCENARIOS / "bakery", {"run.periods": 60})
        block = compiled(scenario)
        made_by_sources = 0.0
        network = network_of(scenario)
        for i in range(network.item_count):
            if network.item_name(i) in ("grain_farm/grain", "yeast_maker/yeast"):
                made_by_sources += item(block, "produced")[0, :, i].sum()
        air = [network.products[p] in ("water", "eaten") for p in network.item_product]
        taken_from_air = item(block, "consumed")[..., air].sum()
        start = sum(line.initial_stock for line in [*scenario.nodes, *scenario.stocks])
        dumped = item(block, "disposed").sum()
        no_waste = [network.products[p] in ("dough", "yeast") for p in network.item_product]
        perished = item(block, "expired")[..., no_waste].sum()
        left = item(block, "stock")[0, -1].sum() + item(block, "in_transit")[0, -1].sum()
        assert left == pytest.approx(
            start + made_by_sources + taken_from_air - dumped - perished - item(block, "served").sum(), abs=1e-3
        )
        np.testing.assert_array_equal(item(block, "given").sum(axis=2), item(block, "taken").sum(axis=2))

    def test_the_book_of_the_page_shows_its_products_and_what_becomes_of_them(self) -> None:
        scenario = load_scenario(SCENARIOS / "bakery")
        model = SupplyChainModel(scenario, watch=True, trace=True)
        model.run(20)
        bakery = model.instance.network.node_index["bakery"]
        book = book_of(ShownRun(WhatIf(), Variant(BASE), scenario, model), "bakery", "kg", "EUR")
        lines = {line.label: line.value for part in (book.stock, book.orders, book.money) for line in part}
        for product in ("bread", "dough", "flour", "yeast", "stale_bread"):
            assert f"{product}: on hand" in lines
        assert lines["flour: used by recipes"] == pytest.approx(0.6 * lines["dough: produced"], abs=1e-5)
        assert lines["bread: outlived its shelf life"] == lines["stale_bread: produced"]
        assert lines["profit"] == pytest.approx(model.recorder.nodes[-1, bakery, NODE_COLUMNS.index("profit")])
        assert lines["running recipes"] < 0
