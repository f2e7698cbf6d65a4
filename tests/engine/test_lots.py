"""Lots: what every stock is made of, by hand and on generated networks; following them changes no number."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from esc_sim.cli import main
from esc_sim.engine.agents.agents import Trader
from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.engine.block import Block
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.results.lots import LOT_PLACES, TRANSIT, LotTable, lots_summary
from esc_sim.scenario.schema import Scenario
from esc_sim.simulation import simulate
from tests.helpers.farms import farms
from tests.helpers.networks import Content, chain, scenario_of, scenarios
from tests.helpers.runs import SCENARIOS, agents, differences, item

Shares = dict[tuple[str, str], float]


def store(**changes: Any) -> Content:
    """Two farms, of which one is cheaper and gives no more than 6, and a store that packs what they send."""
    farm = {"target_stock": 10, "production": {"mean": 10}}
    return {
        "products": [{"id": "fruit"}, {"id": "paper"}, {"id": "pack"}],
        "nodes": [
            {"id": "store", "initial_stock": 8, "order": {"mean": 8}},
            {"id": "hill", "product": "fruit"} | farm,
            {"id": "vale", "product": "fruit"} | farm,
        ],
        "stocks": [
            {"node": "store", "product": "paper", "initial_stock": 100},
            {"node": "store", "product": "pack", "demand": {"mean": 3, "price": 1}},
        ],
        "arcs": [
            {"buyer": "store", "supplier": "hill", "price": 1, "cap": 6},
            {"buyer": "store", "supplier": "vale", "price": 2},
        ],
        "recipes": [
            {"id": "packing", "node": "store", "inputs": {"fruit": 1, "paper": 0.5}, "outputs": {"pack": 1},
             "capacity": 4},
        ],
        "rules": {"feedback": "none"},
        "run": {"periods": 2, "replications": 1},
    } | changes  # fmt: skip


def run(content: Content, periods: int = 2, **options: Any) -> SupplyChainModel:
    """A model whose lots were followed for some periods."""
    model = SupplyChainModel(scenario_of(content), lots=True, **options)
    model.run(periods)
    return model


def table(model: SupplyChainModel) -> LotTable:
    assert model.lots is not None
    return LotTable(model.instance.network, model.lots.amounts())


def amounts(model: SupplyChainModel, where: str, node: str, product: str) -> Shares:
    """Units by origin of what is somewhere."""
    found = table(model).rows()
    return {(o, p): amount for place, n, q, o, p, amount in found if (place, n, q) == (where, node, product)}


def test_two_sources_mix_in_a_store_and_pass_through_a_recipe() -> None:
    """Packs are two thirds fruit and one third paper; after the first period 6 units of hill and 2 of vale come in."""
    model = run(store())
    start, hill, vale = ("start at store", "fruit"), ("hill", "fruit"), ("vale", "fruit")
    paper = ("start at store", "paper")
    # 4 of 8 go into packs; then 4 + 6 + 2 = 12 are there, of which 4 go.
    assert amounts(model, "stock", "store", "fruit") == pytest.approx({start: 8 / 3, hill: 4, vale: 4 / 3})
    assert amounts(model, "consumed", "store", "fruit") == pytest.approx({start: 16 / 3, hill: 2, vale: 2 / 3})
    assert amounts(model, "transit", "store", "fruit") == pytest.approx({hill: 6, vale: 2})
    # Of 4 packs 3 are sold; the one that is left joins 4 others, and again 3 are sold.
    sold = {start: 44 / 15, hill: 4 / 5, vale: 4 / 15, paper: 2}
    assert amounts(model, "sold", "store", "pack") == pytest.approx(sold)
    assert table(model).shares("sold") == pytest.approx({name: amount / 6 for name, amount in sold.items()})
    assert model.lots is not None
    assert model.lots.shares("store", "fruit") == pytest.approx({start: 1 / 3, hill: 1 / 2, vale: 1 / 6})
    with pytest.raises(InputError, match="there is no 'wood' at 'store'; it holds fruit, paper, pack"):
        model.lots.shares("store", "wood")


def test_outputs_that_come_later_wait_with_their_origins() -> None:
    content = store()
    content["recipes"][0] |= {"lag": 2, "byproducts": {"paper": 0.1}, "inputs": {"fruit": 1}}
    model = run(content)
    start, hill, vale = ("start at store", "fruit"), ("hill", "fruit"), ("vale", "fruit")
    half = {start: 16 / 3, hill: 2, vale: 2 / 3}
    assert amounts(model, "process", "store", "pack") == pytest.approx(half)
    assert amounts(model, "process", "store", "paper") == pytest.approx({o: a / 10 for o, a in half.items()}, rel=1e-5)
    model.run(1)
    assert amounts(model, "sold", "store", "pack") == pytest.approx({start: 3})  # of the first 4


def test_a_recipe_without_inputs_is_an_origin_and_goods_shrink_or_grow_at_receipt() -> None:
    content = store()
    content["recipes"][0]["inputs"] = {}
    content["recipes"][0]["capacity"] = 4
    content["nodes"][0]["yield"] = 0.5
    model = run(content)
    assert amounts(model, "sold", "store", "pack") == {("store", "pack"): 6}
    assert amounts(model, "stock", "store", "fruit") == {("start at store", "fruit"): 8, ("hill", "fruit"): 3,
                                                        ("vale", "fruit"): 1}  # fmt: skip


def test_what_customers_leave_and_what_expires_keeps_its_origin() -> None:
    content: Content = {
        "products": [{"id": "bread"}, {"id": "crust"}, {"id": "crumbs"}],
        "nodes": [
            {"id": "shop", "initial_stock": 10, "shelf_life": 1, "waste": "crumbs",
             "demand": {"mean": 4, "price": 1, "leftovers": {"crust": 0.5}}},
            {"id": "farm", "product": "crust"},
        ],
        "stocks": [
            {"node": "shop", "product": "crust", "room": 0},
            {"node": "shop", "product": "crumbs", "room": 5},
        ],
        "takers": [{"giver": "shop", "taker": "farm", "product": "crust", "capacity": 1.5}],
        "run": {"periods": 1, "replications": 1},
    }  # fmt: skip
    model = run(content, 1)
    bread = ("start at shop", "bread")
    assert amounts(model, "sold", "shop", "bread") == {bread: 4}
    assert amounts(model, "expired", "shop", "bread") == {bread: 6}
    assert amounts(model, "stock", "shop", "crumbs") == pytest.approx({bread: 5})
    assert amounts(model, "disposed", "shop", "crumbs") == pytest.approx({bread: 1})
    assert amounts(model, "stock", "farm", "crust") == pytest.approx({bread: 1.5})
    assert amounts(model, "disposed", "shop", "crust") == pytest.approx({bread: 0.5})


def assert_accounted_for(scenario: Scenario, found: LotTable, block: Block) -> None:
    """All origins together give every item's stock and flows; nothing arises but where goods are made."""
    instance = instance_of(scenario)
    flows = {"sold": "served", "consumed": "consumed", "expired": "expired", "disposed": "disposed"}
    levels = {"stock": "stock", "transit": "in_transit", "process": "in_process"}
    expected = {where: item(block, name)[0].sum(axis=0) for where, name in flows.items()}
    expected |= {where: item(block, name)[0, -1] for where, name in levels.items()}
    taken_freely = instance.making.environment  # nothing of it is ever in stock before it is used
    expected["consumed"] = np.where(taken_freely, 0.0, expected["consumed"])
    totals = found.totals()
    for where, amount in expected.items():
        for i, units in enumerate(amount.tolist()):
            assert totals.get((LOT_PLACES.index(where), i), 0.0) == pytest.approx(units, rel=1e-9, abs=0), where
    lost = sum(units for (place, _), units in totals.items() if LOT_PLACES[place] == "lost")
    assert lost == pytest.approx(block.periods[0, :, PERIOD_COLUMNS.index("lost")].sum(), rel=1e-9, abs=0)
    size, making = instance.network.item_count, instance.making
    arise = set(np.flatnonzero((instance.items.production_loc != 0) | (instance.items.production_scale != 0)).tolist())
    arise |= set(instance.farming.fields.crop.tolist()) | set(instance.farming.fields.residue.tolist())
    for q in range(len(making.recipes)):
        used = making.inputs["item"][making.inputs["recipe"] == q]
        if taken_freely[used].all() or scenario.rules.goods_quantum < 20:  # what is used may round to nothing
            arise |= set(making.outputs["item"][making.outputs["recipe"] == q].tolist())
    begin = set(np.flatnonzero(instance.items.initial_stock).tolist())
    assert {origin for _, _, origin in found.amounts if origin < size} <= arise
    assert {origin - size for _, _, origin in found.amounts if origin >= size} <= begin


@settings(max_examples=70)
@given(scenarios(making=True) | scenarios(making=True, trading=True) | scenarios(trading=True))
def test_origins_add_up_and_change_no_number(scenario: Scenario) -> None:
    """Perishables, recipes, by-products, owed orders, docks, goods lost, held and rerouted on arcs that fail."""
    plain, followed = agents(scenario), agents(scenario, lots=True)
    assert differences(plain, followed) == []
    assert plain.lots is None
    assert followed.lots is not None
    assert_accounted_for(scenario, LotTable(instance_of(scenario).network, followed.lots), followed)


@settings(max_examples=20)
@given(farms())
def test_harvests_are_origins_and_fertilisers_are_followed_to_the_fields(scenario: Scenario) -> None:
    plain, followed = agents(scenario), agents(scenario, lots=True)
    assert differences(plain, followed) == []
    assert followed.lots is not None
    assert_accounted_for(scenario, LotTable(instance_of(scenario).network, followed.lots), followed)


def test_a_rest_that_is_nearly_nothing_still_adds_up() -> None:
    """Half of a stock goes each period, down to the grid of goods and to nothing."""
    content = store(recipes=[], arcs=[], run={"periods": 40, "replications": 1})
    content["nodes"][0] |= {"initial_stock": 1e6, "demand": {"mean": 1e6 - 2**-19, "price": 1}}
    del content["nodes"][0]["order"]
    model = run(content, 1)
    assert amounts(model, "stock", "store", "fruit") == pytest.approx({("start at store", "fruit"): 2**-19}, rel=1e-12)


def test_goods_before_an_arc_closed_by_hand_and_a_watched_run() -> None:
    content = store(rules={"known_after": 1000})
    for arc in content["arcs"]:
        arc["lead_time"] = 1
    model = run(content, 1, watch=True)
    closed = next(a for a, i in enumerate(model.books.supplier) if model.instance.network.item_name(i) == "hill/fruit")
    model.hazards.close_arc(closed)
    model.run(2)
    assert amounts(model, "transit", "store", "fruit") == pytest.approx({("hill", "fruit"): 6, ("vale", "fruit"): 2})
    assert model.watch is not None
    assert sum(model.watch.on_road) == 8
    assert ("hill", "fruit") not in table(model).shares("stock", "store")
    model.hazards.open_arc(closed)
    model.transport.release(closed)
    assert amounts(model, "transit", "store", "fruit") == pytest.approx({("hill", "fruit"): 6, ("vale", "fruit"): 2})
    model.run(1)
    assert table(model).totals()[TRANSIT, 0] == pytest.approx(model.books.items[0].in_transit, rel=1e-12)
    assert ("hill", "fruit") in table(model).shares("stock", "store")


def test_agents_of_ones_own_are_followed() -> None:
    class Finder(Trader):
        """Finds two units in every period, and eats three."""

        def open_book(self) -> None:
            self.items[0].stock += 2.0
            super().open_book()

        def order(self, draws: list[float]) -> None:
            super().order(draws)
            self.items[0].stock -= 3.0

    model = SupplyChainModel(chain(), members={"middle": Finder}, lots=True)
    assert isinstance(model.agent_of("middle"), Finder)
    model.run(3)
    found = table(model)
    middle = model.instance.network.node_index["middle"]
    assert found.totals()[LOT_PLACES.index("stock"), middle] == pytest.approx(
        model.books.items[middle].stock, rel=1e-12
    )
    assert ("middle", "goods") in found.shares("stock", "middle")
    assert ("middle", "goods") in found.shares("transit", "shop")


def test_customers_at_any_time_are_followed() -> None:
    nodes = [
        {"id": "shop", "initial_stock": 3, "order": {"policy": "base_stock", "order_up_to": 3, "review": "continuous"},
         "demand": {"arrivals": [{"between": 0.5, "size": 1, "first": 0.25}]}},
        {"id": "depot", "initial_stock": 20},
    ]  # fmt: skip
    arcs = [{"buyer": "shop", "supplier": "depot", "lead_time": 0.75}]
    rules = {"unmet": "backorder", "unmet_orders": "backorder"}
    scenario = scenario_of({"nodes": nodes, "arcs": arcs, "rules": rules, "run": {"periods": 6, "replications": 1}})
    plain, followed = agents(scenario), agents(scenario, lots=True)
    assert differences(plain, followed) == []
    assert followed.lots is not None
    found = LotTable(instance_of(scenario).network, followed.lots)
    assert_accounted_for(scenario, found, followed)
    origins: dict[str, float] = {}
    for *_, origin, _, units in found.rows():
        origins[origin] = origins.get(origin, 0.0) + units
    assert origins == pytest.approx({"start at shop": 3, "start at depot": 20}, rel=1e-12)
    assert 0.7 < found.shares("sold")["start at depot", "goods"] < 0.8  # of 12 sold about 3 were there at the start


def test_any_number_of_workers_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("esc_sim.replications._AGENT_CHUNK_WORK", 1)  # each replication a task of its own
    found = [
        simulate(SCENARIOS / "bakery", lots=True, replications=3, workers=workers, overrides={"run.periods": 20}).lots
        for workers in (1, 2)
    ]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0].amounts == found[1].amounts


def test_a_run_writes_its_lots(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    words = ["run", str(SCENARIOS / "bakery"), "--set", "run.periods=40", "--lots", "--out", str(out)]
    assert main([*words, "--replications", "2"]) == 0
    printed = capsys.readouterr().out
    assert "note: run by the agent engine: goods are followed by their origin (lots)" in printed
    assert "Final sales by origin: grain_farm " in printed
    with (out / "lots.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["where", "node", "product", "origin_node", "origin_product", "amount"]
    with (out / "products.csv").open(encoding="utf-8") as file:
        balance = {row["product"]: row for row in csv.DictReader(file)}
    for where, column in {"sold": "served", "stock": "end_stock", "expired": "expired"}.items():
        bread = sum(float(r["amount"]) for r in rows if (r["where"], r["product"]) == (where, "bread"))
        assert bread == pytest.approx(float(balance["bread"][column]), rel=1e-9)
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    shares = [entry["share"] for entry in summary["lots"]["final_sales"]]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) + summary["lots"]["rest"] == pytest.approx(1.0)
    assert main(["report", str(out)]) == 0
    assert "Where goods came from" in (out / "report.html").read_text(encoding="utf-8")
    assert main([*words, "--replications", "4", "--resume"]) == 2
    assert main([*words[:4], "--out", str(out), "--replications", "4", "--resume"]) == 2
    assert capsys.readouterr().err.count("traces and lots of the finished replications are not read back") == 2


def test_a_table_says_where_it_can_look() -> None:
    result = simulate(scenario_of(store()), lots=True)
    assert result.lots is not None
    assert result.lots.shares("lost") == {}
    with pytest.raises(InputError, match="there is no 'cellar'; places are stock, transit"):
        result.lots.shares("cellar")
    nothing = LotTable(result.network, {})
    assert lots_summary(nothing) == {"final_sales": [], "rest": 0}
    assert simulate(scenario_of(store()), engine="agents").lots is None
