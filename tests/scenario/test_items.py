"""A product at a node, stated by the node's own fields or by a line of stocks: both mean the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import esc_sim
from esc_sim.fields.parts import stated
from esc_sim.instance.build import instance_of
from esc_sim.instance.fingerprint import fingerprint
from esc_sim.instance.plugins import with_policies
from esc_sim.scenario.checked import scenario_of
from esc_sim.scenario.items import items_of
from esc_sim.scenario.schema import Scenario, StockData
from tests.scenario.helpers import folder_of, problems_of

ROOT = Path(__file__).parents[2]
OF_STOCKS = {field.alias or name for name, field in StockData.model_fields.items()}


def all_in_stocks(scenario: Scenario) -> Scenario:
    """The scenario with what its nodes say of their own products in lines of stocks."""
    content: dict[str, Any] = stated(scenario, ("switches", "variants", "variant", "tables"))
    default = scenario.products[0].id
    lines = content.setdefault("stocks", [])
    for node in content["nodes"]:
        line = {key: node.pop(key) for key in OF_STOCKS & set(node)}
        lines.append({"node": node["id"], "product": node.pop("product", default), **line})
    return scenario_of(content)


@pytest.mark.smoke
@pytest.mark.parametrize("name", ["bakery", "three_tier", "oil_gas", "beer_game"])
def test_first_products_may_stand_in_stocks_like_the_others(name: str) -> None:
    scenario = esc_sim.load_scenario(ROOT / "scenarios" / name)
    moved = all_in_stocks(scenario)
    assert not any(stated(node).keys() & OF_STOCKS for node in moved.nodes)
    assert {path[0] for path, _ in items_of(moved).values()} == {"stocks"}
    one, other = (instance_of(each) for each in (scenario, moved))
    assert one.network.structure_hash == other.network.structure_hash
    assert fingerprint(one, leave_out=("scenario",)) == fingerprint(other, leave_out=("scenario",))


TWO = """\
version: 1
name: two
products: [{id: tea}, {id: coffee}]
nodes:
  - {id: shop%s}
  - {id: maker, product: coffee, initial_stock: 20, production: {mean: 12}}
stocks:
  - {node: shop, product: coffee, initial_stock: 5, demand: {mean: 10}, order: {policy: base_stock, order_up_to: 30}}
arcs:
  - {buyer: shop, supplier: maker, product: coffee, price: 30}
"""


def test_a_node_whose_products_stand_in_stocks_holds_no_other(tmp_path: Path) -> None:
    scenario = esc_sim.load_scenario(folder_of(tmp_path, TWO % ""))
    assert set(items_of(scenario)) == {("shop", "coffee"), ("maker", "coffee")}
    assert instance_of(scenario).network.item_count == 2


@pytest.mark.parametrize("said", [", product: tea", ", initial_stock: 3"])
def test_a_node_that_says_something_of_a_stock_has_one_of_its_own(tmp_path: Path, said: str) -> None:
    scenario = esc_sim.load_scenario(folder_of(tmp_path, TWO % said))
    assert set(items_of(scenario)) == {("shop", "tea"), ("shop", "coffee"), ("maker", "coffee")}


def test_a_stock_line_may_speak_of_the_product_that_the_node_names(tmp_path: Path) -> None:
    scenario = esc_sim.load_scenario(folder_of(tmp_path, TWO % ", product: coffee, initial_stock: 0"))
    assert items_of(scenario)["shop", "coffee"][0] == ("stocks", 0)


def test_an_item_that_node_and_stocks_both_state_is_refused(tmp_path: Path) -> None:
    found = problems_of(folder_of(tmp_path, TWO % ", product: coffee, holding_cost: 1"))
    assert len(found) == 1
    assert found[0].endswith("product 'coffee' of node 'shop' is given twice (first in nodes.0)")


def test_python_policies_find_the_product_of_a_node_in_stocks(tmp_path: Path) -> None:
    scenario = esc_sim.load_scenario(folder_of(tmp_path, TWO % ", product: coffee"))
    for name in ("shop", "shop/coffee"):
        changed = with_policies(scenario, {name: lambda view: 10.0})
        assert [line.order.policy for line in changed.stocks if line.order is not None] == ["code"]
        assert changed.nodes == scenario.nodes
