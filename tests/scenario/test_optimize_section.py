"""The section ``optimize``: which variables it names, and the message for every mistake in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from esc_sim.errors import InputError
from esc_sim.optimize.space import decision_space
from esc_sim.scenario.decisions import decisions_of
from esc_sim.scenario.reader import load_scenario
from tests.scenario.helpers import GOOD, folder_of, problems_of

ROOT = Path(__file__).resolve().parents[2]

# Appended to GOOD, which has 14 lines: "optimize:" is line 15, "variables:" line 16, the first variable line 17.
SECTION = """\
optimize:
  variables:
    - {kind: order, relative: [-0.1, 0.2]}
    - {kind: price, absolute: [25, 40]}
  objectives: [profit, cvar]
"""


def test_the_oil_and_gas_case_decides_eleven_orders_and_28_prices() -> None:
    decisions = decisions_of(load_scenario(ROOT / "scenarios" / "oil_gas"))
    assert [d.kind for d in decisions] == ["order"] * 11 + ["price"] * 28
    first, last = decisions[0], decisions[-1]
    assert (first.name, first.value) == ("order/retailer_1", 103.0)
    assert (first.low, first.high) == pytest.approx((103 * 0.91, 103 * 1.09), rel=1e-15)
    assert (last.name, last.arc) == ("price/storage_2/producer_2", 27)
    assert (last.low, last.high) == pytest.approx((40.3472 * 0.955, 40.3472 * 1.045), rel=1e-15)


def test_absolute_bounds_and_chosen_targets(tmp_path: Path) -> None:
    section = SECTION.replace("absolute", "arcs: [{buyer: shop, supplier: maker}], absolute")
    decisions = decisions_of(load_scenario(folder_of(tmp_path / "s", GOOD + section)))
    assert [(d.name, d.low, d.high) for d in decisions] == [
        ("order/shop", 10.5 * 0.9, 10.5 * 1.2),
        ("price/shop/maker", 25.0, 40.0),
    ]


def test_several_products_are_named_and_chosen(tmp_path: Path) -> None:
    text = """\
version: 1
name: two
products: [{id: oil}, {id: gas}]
nodes:
  - {id: shop, order: {mean: 10}}
  - {id: maker, production: {mean: 12}}
stocks:
  - {node: shop, product: gas, order: {mean: 5}}
  - {node: maker, product: gas, production: {mean: 6}}
arcs:
  - {buyer: shop, supplier: maker, price: 3}
  - {buyer: shop, supplier: maker, product: gas, price: 4}
optimize:
  variables:
    - {kind: order, product: gas, relative: [-0.5, 0.5]}
    - {kind: price, arcs: [{buyer: shop, supplier: maker, product: oil}], relative: [-0.5, 0.5]}
"""
    decisions = decisions_of(load_scenario(folder_of(tmp_path / "s", text)))
    assert [(d.name, d.value) for d in decisions] == [("order/shop/gas", 5.0), ("price/shop/maker/oil", 3.0)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[-0.1, 0.2]", "[0.2, -0.1]", "scenario.yaml:17:21: optimize.variables.0.relative: bounds crossed"),
        ("[-0.1, 0.2]", "[0.2, 0.2]", "scenario.yaml:17:21: optimize.variables.0.relative: bounds crossed"),
        ("[25, 40]", "[40, 25]", "scenario.yaml:18:21: optimize.variables.1.absolute: bounds crossed"),
        ("[-0.1, 0.2]", "[-0.1]", "at least 2 entries are needed here"),
        ("[-0.1, 0.2]", "[-0.1, 0, 0.1]", "at most 2 entries belong here"),
        ("[-0.1, 0.2]", "[-1.1, 0.2]", "must be at least -1"),
        ("[25, 40]", "[-25, 40]", "must be at least 0"),
        ("[25, 40]", "[yes, 40]", "a number belongs here"),
        (", absolute: [25, 40]", "", "give bounds either as relative or as absolute"),
        ("kind: price", "kind: prices", "did you mean 'price'?"),
        ("kind: order", "kind: order, nodes: [shopp]", "17:29: optimize.variables.0.nodes.0: there is no node 'shopp'"),
        ("kind: order", "kind: order, nodes: [maker]", "'maker' has no mean order that could be decided"),
        ("kind: order", "kind: order, product: gas", "there is no product 'gas'"),
        (
            "kind: price",
            "kind: price, arcs: [{buyer: maker, supplier: shop}]",
            "there is no arc from 'shop' to 'maker'",
        ),
        ("kind: price", "kind: price, nodes: [shop]", "prices belong to arcs"),
        ("kind: order", "kind: order, arcs: [{buyer: shop, supplier: maker}]", "orders belong to nodes"),
        ("kind: price, absolute: [25, 40]", "kind: order, absolute: [9, 12]", "is a variable already (variables.0)"),
        ("[profit, cvar]", "[profit, profit]", "objective 'profit' is given twice"),
        ("[profit, cvar]", "[profit, cvarr]", "did you mean 'cvar'?"),
        ("[profit, cvar]", "[profit, epf]", "set risk.budget"),
        ("[profit, cvar]", "[profit, cvar]\n  constraints: [{measure: fill_rate}]", "give a limit"),
        (
            "[profit, cvar]",
            "[profit, cvar]\n  constraints: [{measure: fill_rate, at_least: 1.5}]",
            "at_least: fill_rate is never above 1: no plan can keep 1.5",
        ),
        (
            "[profit, cvar]",
            "[profit, cvar]\n  constraints: [{measure: fill_rate, at_most: -1, probability: 0.9}]",
            "at_most: fill_rate is never below 0: no plan can keep -1",
        ),
        (
            "[profit, cvar]",
            "[profit, cvar]\n  constraints: [{measure: var, at_least: 2, at_most: 1}]",
            "is above at_most",
        ),
        ("[profit, cvar]", "[profit, cvar]\n  constraints: [{measure: epf, at_most: 0.1}]", "set risk.budget"),
        (
            "[profit, cvar]",
            "[profit, cvar]\n  reference: [{measure: profit, value: 0}, {measure: profit, value: 1}]",
            "reference value of 'profit' is given twice",
        ),
    ],
)
def test_mistakes_have_a_message_and_a_place(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in SECTION
    problems = problems_of(folder_of(tmp_path / "s", GOOD + SECTION.replace(old, new, 1)))
    assert any(expected in problem for problem in problems), problems
    assert all(problem.startswith("scenario.yaml:") for problem in problems)
    assert len(problems) == 1


SETTINGS = """\
optimize:
  variables:
    - {kind: setting, path: nodes.shop.order.mean, absolute: [5, 20], whole: true}
    - {kind: price, choices: [25, 30, 40]}
"""


def test_settings_whole_numbers_and_choices(tmp_path: Path) -> None:
    text = GOOD.replace("price: 30", "price: 40") + SETTINGS
    setting, price, *_ = decisions_of(load_scenario(folder_of(tmp_path / "s", text)))
    assert (setting.name, setting.value, setting.low, setting.high) == ("nodes.shop.order.mean", 10.5, 5.0, 20.0)
    assert [setting.decided(number) for number in (10.5, 7.0)] == [10.5, 7]
    assert (price.name, price.value, price.low, price.high) == ("price/shop/maker", 2.0, 0.0, 2.0)
    assert (price.decided(1.0), price.shown(1.0)) == (30, "30")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "nodes.shop.order",
            "nodes.shp.order",
            "17:29: optimize.variables.0.path: 'nodes' has no entry 'shp'; did you mean 'shop'?",
        ),
        ("order.mean", "order.maen", "'nodes.0.order' has no key 'maen'; did you mean 'mean'?"),
        ("nodes.shop", "node.shop", "unknown key 'node'; did you mean 'nodes'?"),
        (
            "order.mean",
            "capacity",
            "'nodes.shop.capacity' is not given: write a number there to start from, or give choices",
        ),
        ("order.mean", "order", "'nodes.shop.order' is a group of keys: write a number there"),
        ("nodes.shop.order.mean", "run.periods", "'run' says how a scenario is named, run or measured"),
        ("nodes.shop.order.mean", "switches.depot", "there is no switch 'depot'"),
        ("nodes.shop.order.mean", "variant", "decide about the switches that a variant sets: path: switches.NAME"),
        ("path: nodes.shop.order.mean, ", "", "a setting needs a path"),
        ("whole: true", "nodes: [shop]", "a setting is named by its path alone"),
        ("kind: price", "kind: price, path: a.b", "path belongs to settings: take kind: setting"),
        ("kind: price", "kind: price, group: g", "group belongs to settings: take kind: setting"),
        ("[5, 20]", "[5.2, 5.8]", "17:52: optimize.variables.0.absolute: there are no two whole numbers"),
        ("whole: true", "group: g", "no other setting is of the group 'g'"),
        ("whole: true", "whole: true, group: g", "shares of a group are real numbers"),
        ("[25, 30, 40]", "[25]", "at least 2 entries are needed here"),
        ("[25, 30, 40]", "[25, 25.0]", "choice 25.0 is given twice"),
        ("[25, 30, 40]", "[25, road]", "choices of prices are numbers, not 'road'"),
        ("[5, 20], whole: true", "[5, 20], choices: [1, 2]", "give bounds either as relative or as absolute"),
        ("absolute: [5, 20], whole: true", "choices: [4, '*2']", "choices are values: write what '*2' makes of"),
        ("[25, 30, 40]", "[-25, 30]", "a price must be at least 0, not -25"),
        ("[25, 30, 40]", "[25, 30], whole: true", "choices say what is chosen from: leave out whole"),
        ("[25, 30, 40]", "[25, 30], absolute: [1, 2]", "give bounds either as relative or as absolute"),
        (
            "absolute: [5, 20], whole: true",
            "choices: [{law: normal}, 4]",
            "choices that are more than a word or a number need names",
        ),
    ],
)  # fmt: skip
def test_mistakes_in_settings_have_a_message_and_a_place(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in SETTINGS
    problems = problems_of(folder_of(tmp_path / "s", GOOD + SETTINGS.replace(old, new, 1)))
    assert any(expected in problem for problem in problems), problems
    assert all(problem.startswith("scenario.yaml:") for problem in problems)
    assert len(problems) == 1


def test_a_search_starts_from_what_stands_there(tmp_path: Path) -> None:
    scenario = load_scenario(folder_of(tmp_path / "s", GOOD + SETTINGS.replace("25, 30, 40", "25, 40")))
    with pytest.raises(InputError, match=r"what stands at price/shop/maker .* is not among the choices: add it"):
        decision_space(scenario)
