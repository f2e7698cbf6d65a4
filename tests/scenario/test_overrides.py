"""Overrides: paths by number, id and name; checked like the scenario; located at the override."""

from __future__ import annotations

from pathlib import Path

import pytest

from esc_sim.scenario.fields import kind_named
from esc_sim.scenario.reader import load_scenario
from tests.scenario.helpers import GOOD, folder_of, problems_of

ROOT = Path(__file__).resolve().parents[2]


def test_values_are_set_by_number_id_name_and_pair(tmp_path: Path) -> None:
    scenario = load_scenario(
        folder_of(tmp_path),
        [
            "nodes.0.demand.mean=120",
            "nodes.maker.initial_stock=7.5",
            "disruptions.outage.probability=0.2",
            "arcs.shop/maker.price=33",
            "rules.unmet=backorder",
            "risk.budget=1000",
            "title=2024",
        ],
    )
    assert scenario.nodes[0].demand is not None
    assert scenario.nodes[0].demand.mean == 120
    assert scenario.nodes[1].initial_stock == 7.5
    assert scenario.disruptions[0].probability == 0.2
    assert scenario.arcs[0].price == 33
    assert scenario.rules.unmet == "backorder"
    assert scenario.risk.budget == 1000
    assert scenario.title == "2024"


def test_whole_parts_can_be_set_and_taken_away(tmp_path: Path) -> None:
    scenario = load_scenario(
        folder_of(tmp_path),
        ["disruptions=[]", "arcs.0.lead_time={law: uniform, low: 1, high: 2}", "nodes.shop.region=null"],
    )
    assert scenario.disruptions == []
    assert scenario.arcs[0].lead_time.upper == 2  # type: ignore[union-attr]
    assert scenario.nodes[0].region is None


def test_mapping_from_python(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    scenario = load_scenario(folder, {"disruptions.outage.probability": 0.3, "run.periods": 10})
    assert (scenario.disruptions[0].probability, scenario.run.periods) == (0.3, 10)
    assert load_scenario(folder, {"run.periods": 10}) == load_scenario(folder, ["run.periods=10"])


def test_values_from_tables(tmp_path: Path) -> None:
    scenario = load_scenario(
        ROOT / "scenarios" / "oil_gas",
        ["nodes.retailer_1.demand.mean=120", "arcs.refinery_3/storage_1.other_cost=9", "nodes.storage_1.region=west"],
    )
    assert scenario.nodes[0].demand is not None
    assert scenario.nodes[0].demand.mean == 120
    assert [arc.other_cost for arc in scenario.arcs if arc.buyer == "refinery_3"] == [9.0, 7.5]


def test_ids_may_hold_dots_and_digits(tmp_path: Path) -> None:
    text = GOOD.replace("shop", "s.1").replace("maker", '"0"')
    scenario = load_scenario(folder_of(tmp_path, text), ["nodes.s.1.initial_stock=4", "nodes.0.initial_stock=9"])
    assert [node.initial_stock for node in scenario.nodes] == [4, 9]


def test_arc_with_several_products_needs_the_product(tmp_path: Path) -> None:
    text = GOOD.replace("run: {periods: 30, seed: 5}", "products: [{id: a}, {id: b}]").replace(
        "arcs:\n", "arcs:\n  - {buyer: shop, supplier: maker, product: b}\n"
    )
    text = text.replace("price: 30, lead", "product: a, price: 30, lead")
    folder = folder_of(tmp_path, text)
    assert load_scenario(folder, ["arcs.shop/maker/b.price=3"]).arcs[0].price == 3
    assert problems_of(folder, "arcs.shop/maker.price=3") == [
        "--set arcs.shop/maker.price=3: 'shop/maker' names 2 entries of 'arcs'; add /product"
    ]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("disruptions.outage.probability=2", "must be at most 1, not 2"),
        ("disruptions.outage.probability=high", "a number belongs here, not 'high'"),
        ("run.periods=12.5", "a whole number belongs here, not 12.5"),
        ("run.period=12", "'run' has no key 'period'; did you mean 'periods'?"),
        ("disruptoins.outage.probability=0.2", "unknown key 'disruptoins'; did you mean 'disruptions'?"),
        ("disruptions.outrage.probability=0.2", "'disruptions' has no entry 'outrage'; did you mean 'outage'?"),
        ("nodes.7.initial_stock=1", "'nodes' has 2 entries, numbered from 0: there is no 7"),
        ("run.periods.x=1", "'run.periods' is 30 and holds no keys: set it as a whole"),
        ("stocks.0.penalty=1", "'stocks' has no entries, so none named '0'"),
        ("run.periods", "write PATH=VALUE, such as run.periods=100"),
        ("tables=book.xlsx", "tables are read before values are set; change the scenario file"),
        ("=3", "write PATH=VALUE, such as run.periods=100"),
        ("nodes.shop.demand.law={law: uniform, low: 1, high: 3}", "give demand either a mean (and sd) or a law"),
        ("nodes.shop.id=maker", "id: 'maker' is given twice"),
        ("arcs.0.supplier=nobody", "there is no node 'nobody'"),
    ],
)
def test_mistakes_are_located_at_the_override(tmp_path: Path, override: str, message: str) -> None:
    found = [problem for problem in problems_of(folder_of(tmp_path), override) if problem.startswith("--set ")]
    if override.startswith("nodes.shop.id"):
        # The second of two equal ids stands in the file; the renamed arc end is reported as well.
        assert any("'maker' is given twice" in problem for problem in problems_of(tmp_path, override))
        return
    assert found == [f"--set {override}: {message}"]


def test_value_that_is_no_yaml(tmp_path: Path) -> None:
    (problem,) = problems_of(folder_of(tmp_path), "run.periods=[1")
    assert problem.startswith("--set run.periods=[1: not valid YAML")


def test_several_mistakes_of_overrides_and_file_are_listed_together(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, GOOD.replace("seed: 5", "sed: 5"))
    found = problems_of(folder, "run.periods=0", "risk.level=1")
    assert found == [
        "scenario.yaml:3:20: run.sed: unknown key; did you mean 'seed'?",
        "--set run.periods=0: must be at least 1, not 0",
        "--set risk.level=1: must be below 1, not 1",
    ]


def test_what_a_value_says_it_is_narrows_the_keys_offered() -> None:
    assert kind_named({"law": "gamma", "mean": 2}) == "gamma"
    assert kind_named({"policy": "s_S"}) == "s_S"
    assert kind_named({"mean": 2}) is None
    assert kind_named(2.0) is None
