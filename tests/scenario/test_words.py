"""Keys of earlier versions are answered with the words of the field that took their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from esc_sim.errors import InputError
from esc_sim.scenario.fields import RENAMED
from esc_sim.scenario.json_schema import scenario_json_schema
from esc_sim.scenario.reader import load_scenario, read_scenario
from tests.helpers.command import ROOT

CHAIN = """
version: 1
name: chain
nodes:
  - {id: shop, demand: {mean: 5, price: 3}, order: {policy: POLICY}, NODE}
  - {id: maker, initial_stock: 50}
arcs: [{buyer: shop, supplier: maker, price: 1}]
rules: {RULES}
"""
PLACES = {
    "disruption_known": ("RULES", "disruption_known: before_contracting"),
    "lot": ("POLICY", "base_stock, order_up_to: 9, lot: 2"),
    "owed_cost": ("NODE", "owed_cost: 1"),
    "quantity": ("POLICY", "r_Q, reorder_point: 4, quantity: 8"),
    "reorder_at": ("POLICY", "s_S, reorder_at: 4, order_up_to: 8"),
    "start_stock": ("NODE", "start_stock: 1"),
    "storage_cost": ("NODE", "storage_cost: 1"),
    "storage_timing": ("RULES", "storage_timing: end"),
    "transit_cost": ("NODE", "transit_cost: 1"),
    "up_to": ("POLICY", "base_stock, up_to: 9"),
}
USUAL = {"POLICY": "base_stock, order_up_to: 9", "NODE": "holding_cost: 1", "RULES": "unmet: lost"}


def test_every_earlier_key_is_tried() -> None:
    assert set(PLACES) == set(RENAMED)
    schema = str(scenario_json_schema())
    assert not [key for key in RENAMED if f"'{key}'" in schema]
    assert not [key for key in RENAMED.values() if f"'{key}'" not in schema]


@pytest.mark.parametrize("key", PLACES)
def test_an_earlier_key_in_a_file(key: str, tmp_path: Path) -> None:
    place, text = PLACES[key]
    content = CHAIN
    for word, usual in USUAL.items():
        content = content.replace(word, text if word == place else usual)
    (tmp_path / "scenario.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_scenario(tmp_path)
    assert f"{key}: unknown key; it is now called '{RENAMED[key]}'" in str(refused.value)


def test_an_earlier_key_in_a_table(tmp_path: Path) -> None:
    content = CHAIN.replace("RULES", "").replace("POLICY", USUAL["POLICY"]).replace(", NODE", "")
    head, _, tail = content.partition("nodes:\n")
    (tmp_path / "scenario.yaml").write_text(head + "arcs" + tail.partition("arcs")[2], encoding="utf-8")
    (tmp_path / "nodes.csv").write_text(
        "id,start_stock,demand.mean,demand.price,order.policy,order.up_to\nshop,1,5,3,base_stock,9\nmaker,50,,,,\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as refused:
        read_scenario(tmp_path)
    assert "start_stock" in str(refused.value)
    assert "it is now called 'initial_stock'" in str(refused.value)
    assert "it is now called 'order.order_up_to'" in str(refused.value)


def test_an_earlier_key_in_a_change() -> None:
    with pytest.raises(InputError, match=r"has no key 'up_to'; it is now called 'order_up_to'"):
        load_scenario(ROOT / "scenarios" / "stock_levels", {"nodes.shop.order.up_to": 3})
