"""The section ``optimize``: which variables it names, and the message for every mistake in it."""

from __future__ import annotations

from pathlib import Path

import pytest

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
        ("[profit, cvar]", "[profit]", "at least 2 entries are needed here"),
        ("[profit, cvar]", "[profit, profit]", "objective 'profit' is given twice"),
        ("[profit, cvar]", "[profit, cvarr]", "did you mean 'cvar'?"),
        ("[profit, cvar]", "[profit, epf]", "set risk.budget"),
        ("[profit, cvar]", "[profit, cvar]\n  constraints: [{measure: fill_rate}]", "give a limit"),
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
