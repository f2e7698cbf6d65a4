"""Goods that do not keep: ages worked out by hand, what expiry costs, and what a scenario may say of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from esc_sim.scenario.meaning import check_scenario
from esc_sim.scenario.schema import Scenario
from tests.helpers.networks import Content, scenario_of
from tests.helpers.runs import agents, compiled, differences, item, node, period

ENGINES = [agents, compiled]


def shop(demand: list[float], received: float = 0.0, **stock: Any) -> Content:
    """A shop that gets so much in every period but the first, and is asked for what a series says."""
    content: Content = {
        "products": [{"id": "bread"}, {"id": "crumbs"}],
        "nodes": [
            {"id": "shop", "demand": {"series": "asked", "price": 2}, "order": {"mean": received}} | stock,
            {"id": "oven", "initial_stock": 1000},
        ],
        "arcs": [{"buyer": "shop", "supplier": "oven", "price": 1}],
        "series": {"asked": demand},
        "run": {"periods": len(demand)},
    }
    return content


def of_shop(run: Any, content: Content, column: str, product: int = 0) -> list[float]:
    values: list[float] = item(run(scenario_of(content)), column)[0, :, product].tolist()
    return values


@pytest.mark.parametrize("run", ENGINES)
class TestAges:
    def test_a_shelf_life_of_one_period_leaves_nothing(self, run: Any) -> None:
        content = shop([4, 4, 12, 4], received=10, initial_stock=10, shelf_life=1)
        assert of_shop(run, content, "expired") == [6, 6, 0, 6]
        assert of_shop(run, content, "stock") == [0, 0, 0, 0]

    def test_goods_sell_for_as_many_periods_as_they_keep(self, run: Any) -> None:
        # 10 at the start keep for periods 0, 1, 2; nothing comes in.
        content = shop([1, 1, 1, 1], initial_stock=10, shelf_life=3)
        assert of_shop(run, content, "expired") == [0, 0, 7, 0]
        assert of_shop(run, content, "served") == [1, 1, 1, 0]

    def test_the_oldest_leave_first(self, run: Any) -> None:
        # Period 0: 10, of which 4 leave. 1: 6 old and 10 new, 4 of the old leave and 2 expire. 2: 10 and 10, 4 of the
        # old leave, 6 expire; so on.
        content = shop([4, 4, 4, 4], received=10, initial_stock=10, shelf_life=2)
        assert of_shop(run, content, "expired") == [0, 2, 6, 6]
        assert of_shop(run, content, "stock") == [6, 10, 10, 10]

    def test_a_long_shelf_life_changes_nothing_but_the_books(self, run: Any) -> None:
        kept = shop([4, 14, 4, 9], received=10, initial_stock=10)
        block = run(scenario_of(shop([4, 14, 4, 9], received=10, initial_stock=10, shelf_life=500)))
        np.testing.assert_array_equal(block.items, run(scenario_of(kept)).items)

    def test_the_safety_stock_ages_too(self, run: Any) -> None:
        content = shop([0, 0, 0], initial_stock=5, safety_stock=5, shelf_life=2)
        assert of_shop(run, content, "expired") == [0, 5, 0]


@pytest.mark.parametrize("run", ENGINES)
class TestWaste:
    def test_disposal_is_paid_for(self, run: Any) -> None:
        block = run(scenario_of(shop([4, 4], received=10, initial_stock=10, shelf_life=1, disposal_cost=0.5)))
        assert period(block, "disposal_cost")[0].tolist() == [3, 3]
        # Bought 10 a period at 1, disposal 3; sold 4 at 2.
        assert node(block, "cost")[0, :, 0].tolist() == [13, 13]
        assert node(block, "profit")[0, :, 0].tolist() == [-5, -5]

    def test_waste_is_a_product_of_the_node(self, run: Any) -> None:
        content = shop([4, 4, 4], received=10, initial_stock=10, shelf_life=1, waste="crumbs", disposal_cost=0.5)
        assert of_shop(run, content, "stock", 1) == [6, 12, 18]
        assert of_shop(run, content, "produced", 1) == [6, 6, 6]
        assert not period(run(scenario_of(content)), "disposal_cost").any()

    def test_waste_may_be_sold_and_perish_in_turn(self, run: Any) -> None:
        # 6 a period become crumbs that keep for one period; a farm orders 2 a period of them.
        content = shop([4, 4, 4], received=10, initial_stock=10, shelf_life=1, waste="crumbs")
        content["stocks"] = [
            {"node": "shop", "product": "crumbs", "shelf_life": 1, "disposal_cost": 1},
            {"node": "farm", "product": "crumbs", "order": {"mean": 2}},
        ]
        content["nodes"].append({"id": "farm"})
        content["arcs"].append({"buyer": "farm", "supplier": "shop", "product": "crumbs"})
        assert of_shop(run, content, "shipped", 1) == [0, 2, 2]
        assert of_shop(run, content, "expired", 1) == [0, 4, 4]
        assert of_shop(run, content, "stock", 1) == [6, 6, 6]
        assert period(run(scenario_of(content)), "disposal_cost")[0].tolist() == [0, 4, 4]


def test_engines_agree_on_long_rings() -> None:
    demand = [float(k * 7 % 13) for k in range(60)]
    content = shop(demand, received=7, initial_stock=40, shelf_life=9, waste="crumbs")
    scenario = scenario_of(content)
    assert differences(agents(scenario), compiled(scenario)) == []
    assert item(agents(scenario), "expired").any()


@pytest.mark.parametrize(
    ("stock", "message"),
    [
        ({"shelf_life": 2, "waste": "brad"}, "there is no product 'brad'; did you mean 'bread'?"),
        ({"waste": "crumbs"}, "nothing perishes without a shelf_life: add one, or leave waste out"),
        ({"shelf_life": 2, "waste": "bread"}, "'bread' cannot become itself: name another product"),
    ],
)
def test_what_cannot_be_is_refused(stock: Content, message: str) -> None:
    content = {"version": 1, "name": "test"} | shop([1], **stock)
    assert [problem for problem in check_scenario(Scenario.model_validate(content)) if message in problem]
