"""Echelons that go on through recipes, and those that end there."""

from __future__ import annotations

from typing import Any

import pytest

from esc_sim.instance.build import instance_of
from esc_sim.scenario.given import given_scenario


def echelon(recipe: dict[str, Any]) -> list[str]:
    """Names of the items in the echelon of the bolts that a plant buys, makes kits of, and a shop sells."""
    order = {"policy": "base_stock", "order_up_to": 9, "echelon": True}
    scenario = given_scenario(
        {
            "version": 1,
            "name": "kits",
            "products": [{"id": "kit"}, {"id": "bolt"}],
            "nodes": [
                {"id": "shop", "demand": {"mean": 3, "price": 1}, "order": {"policy": "base_stock", "order_up_to": 9}},
                {"id": "plant"},
                {"id": "mill", "product": "bolt", "initial_stock": 99},
            ],
            "stocks": [{"node": "plant", "product": "bolt", "order": order}],
            "arcs": [
                {"buyer": "shop", "supplier": "plant", "product": "kit", "lead_time": 1},
                {"buyer": "plant", "supplier": "mill", "product": "bolt", "lead_time": 1},
            ],
            "recipes": [{"node": "plant", "id": "packing", "inputs": {"bolt": 1}, "outputs": {"kit": 1}} | recipe],
        },
        (),
    )
    instance = instance_of(scenario)
    name = instance.network.item_name
    item = next(i for i in range(instance.network.item_count) if name(i) == "plant/bolt")
    start = instance.orders.echelon_start
    return [name(i) for i in instance.orders.echelon_items[start[item] : start[item + 1]].tolist()]


def test_a_unit_made_of_a_unit_is_on_its_way_to_the_customer() -> None:
    assert echelon({}) == ["plant/bolt", "shop/kit", "plant/kit"]


@pytest.mark.parametrize("recipe", [{"inputs": {"bolt": 4}}, {"lag": 2}, {"outputs": {"kit": 0.5}}], ids=str)
def test_other_recipes_end_the_echelon(recipe: dict[str, Any]) -> None:
    assert echelon(recipe) == ["plant/bolt"]
