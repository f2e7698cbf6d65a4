"""What cannot mean anything, and what is odd: each said once, at its place, and not one step before its limit."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from esc_sim.scenario.meaning import MOST_CUSTOMERS, meaning_problems, oddities, targets_of
from esc_sim.scenario.schema import Scenario
from tests.helpers.networks import chain_content

Content = dict[str, Any]
SHOP, MIDDLE, SOURCE = 0, 1, 2
TO_SHOP, TO_MIDDLE = 0, 1


def scenario(**changes: Any) -> Scenario:
    return Scenario.model_validate({"version": 1, "name": "test"} | chain_content(**changes))


def changed(change: Callable[[Content], Any]) -> Scenario:
    """The chain after a change of its content."""
    content = copy.deepcopy(chain_content(products=[{"id": "goods"}, {"id": "other"}]))
    change(content)
    return Scenario.model_validate({"version": 1, "name": "test"} | content)


def node(place: int, **values: Any) -> Callable[[Content], Any]:
    return lambda content: content["nodes"][place].update(values)


def arc(place: int, **values: Any) -> Callable[[Content], Any]:
    return lambda content: content["arcs"][place].update(values)


def struck(**values: Any) -> Callable[[Content], Any]:
    """A disruption of the middle."""
    whole = {"name": "strike", "nodes": ["middle"], **values}
    return lambda content: content.update(disruptions=[whole])


def said(found: Any) -> list[str]:
    return [f"{'.'.join(map(str, problem.path))}: {problem.text}" for problem in found]


def second_supplier(first: float | None, second: float | None, **more: Any) -> Callable[[Content], Any]:
    """The shop buys from the source as well, with these shares of its orders."""

    def change(content: Content) -> None:
        content["arcs"].append({"buyer": "shop", "supplier": "source", "price": 9, **more})
        for place, share in ((0, first), (2, second)):
            if share is not None:
                content["arcs"][place]["share"] = share

    return change


LAW = {"law": "uniform", "low": 1.0, "high": 3.0}
ENDLESS = {"law": "poisson", "mean": 1.5}
NEVER = {"law": "constant", "value": 0.0}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (node(SHOP, waste="other"), [
            "nodes.0.waste: nothing perishes without a shelf_life: add one, or leave waste out"]),
        (node(SHOP, waste="goods", shelf_life=3), [
            "nodes.0.waste: 'goods' cannot become itself: name another product"]),
        (node(SHOP, waste="other", shelf_life=3), []),
        (node(SHOP, shelf_life=3), []),
        (node(SOURCE, order={"mean": 1}), ["nodes.2.order: 'source' orders 'goods', but no arc brings it"]),
        (arc(0, lead_time=ENDLESS), [
            "arcs.0.lead_time: this law has no longest lead time: add max_lead_time to the arc"]),
        (arc(1, lead_time=ENDLESS, max_lead_time=4), []),
        (arc(1, lead_time=LAW), []),
        (arc(1, lead_time=LAW, max_lead_time=2), []),
        (arc(1, lead_time=4, max_lead_time=3), ["arcs.1.max_lead_time: is below the lead time 4"]),
        (arc(1, lead_time=3, max_lead_time=3), []),
        (arc(1, lead_time=3), []),
        (second_supplier(None, None), []),
        (second_supplier(1, 2), []),
        (second_supplier(0, 2), []),
        (second_supplier(1, None), [
            "arcs.2: other suppliers of 'shop' have a share of its orders: give this one a share, too (0: nothing)"]),
        (second_supplier(None, 1), [
            "arcs.0: other suppliers of 'shop' have a share of its orders: give this one a share, too (0: nothing)"]),
        (second_supplier(0, 0), ["arcs.0.share: all shares of the orders of 'shop' are 0"]),
        (second_supplier(1, None, market="other"), []),
        (arc(1, share=0), ["arcs.1.share: all shares of the orders of 'middle' are 0"]),
        (struck(probability=0.1), []),
        (struck(dates=[]), ["disruptions.0.dates: no date is given"]),
        (struck(dates=[{"start": 3, "duration": 1}]), []),
        (struck(time_between_failures=NEVER, time_to_repair=NEVER), [
            "disruptions.0.time_to_repair: failures and repairs both take no time"]),
        (struck(time_between_failures=LAW, time_to_repair=NEVER), []),
        (struck(time_between_failures=NEVER, time_to_repair=LAW), []),
        (struck(probability=0.1, demand_factor=2.0), [
            "disruptions.0.demand_factor: none of the nodes named has final demand"]),
        (struck(probability=0.1, demand_factor=2.0, nodes=["middle", "shop"]), []),
        (struck(probability=0.1, demand_factor=2.0, nodes=[], regions=["south"]), []),
        (struck(probability=0.1, demand_factor=2.0, nodes=[], regions=["north"]), [
            "disruptions.0.demand_factor: none of the nodes named has final demand"]),
        (struck(probability=0.1, demand_factor=2.0, nodes=[], roles=["shop"]), []),
    ],
)  # fmt: skip
def test_what_cannot_mean_anything(change: Callable[[Content], Any], expected: list[str]) -> None:
    assert said(meaning_problems(changed(change))) == expected


def test_the_chain_itself_is_in_order() -> None:
    assert said(meaning_problems(scenario())) == []
    assert said(oddities(scenario())) == []


@pytest.mark.parametrize(("between", "told"), [(1.0 / MOST_CUSTOMERS, False), (0.99 / MOST_CUSTOMERS, True)])
@pytest.mark.parametrize("law", [False, True])
def test_customers_who_come_too_often(between: float, told: bool, law: bool) -> None:
    assert MOST_CUSTOMERS == 10_000
    given = {"law": "exponential", "mean": between} if law else between
    arrivals = [{"between": 1.0, "size": 1.0}, {"between": given, "size": 1.0}]
    found = said(meaning_problems(changed(node(SHOP, demand={"arrivals": arrivals, "price": 20}))))
    text = "more than 10,000 customers a period: take shorter periods, or larger sizes"
    assert found == [f"nodes.0.demand.arrivals.1.between: {text}"] * told


def test_cascades_need_a_supplier() -> None:
    text = "no node has the role 'supplier', and a cascade keeps what a supplier still feeds: give the role to some"
    cascading = struck(probability=0.1, cascade=True)
    assert said(meaning_problems(changed(cascading))) == [f"disruptions.0.cascade: {text}"]

    def of_all(content: Content) -> None:
        content["cascade"] = {}
        content["disruptions"] = [
            {"name": name, "nodes": ["middle"], "probability": 0.1, "cascade": name == "b"} for name in "ab"
        ]

    assert said(meaning_problems(changed(of_all))) == [f"cascade: {text}", f"disruptions.1.cascade: {text}"]

    def with_supplier(content: Content) -> None:
        of_all(content)
        content["nodes"][SOURCE]["role"] = "supplier"

    assert said(meaning_problems(changed(with_supplier))) == []


def test_joint_disruptions_of_demand_that_is_none() -> None:
    cases = [
        {"name": "a", "probability": 0.5, "demand": {"shop": 2.0}},
        {"name": "b", "probability": 0.25, "demand": {"middle": 0.0, "shop": 1.0}},
        {"name": "c", "probability": 0.25, "demand": {"middle": 3.0}},
    ]
    found = said(meaning_problems(scenario(joint_disruptions=[{"name": "wave", "cases": cases}])))
    # The first place where it stands.
    assert found == ["joint_disruptions.0.cases.1.demand.middle: 'middle' has no final demand"]


def test_whom_a_disruption_hits() -> None:
    def hit(**values: Any) -> set[str]:
        found = changed(struck(probability=0.1, **values))
        return targets_of(found, found.disruptions[0])

    assert hit() == {"middle"}
    assert hit(nodes=[], regions=["north"]) == {"middle", "source"}
    assert hit(nodes=[], roles=["shop", "source"]) == {"shop", "source"}
    assert hit(nodes=["shop"], regions=["north"], roles=["source"]) == {"shop", "middle", "source"}


def without(place: int, *names: str) -> Callable[[Content], Any]:
    def change(content: Content) -> None:
        for name in names:
            del content["nodes"][place][name]

    return change


def alone(**values: Any) -> Callable[[Content], Any]:
    """One more node, to which no arc leads."""
    return lambda content: content["nodes"].append({"id": "other", "role": "other", **values})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (without(SHOP, "demand"), [
            "nodes: warning: no node has final demand"]),
        (without(MIDDLE, "order"), ["nodes.1: warning: has suppliers but no order: it buys nothing"]),
        (node(SOURCE, production=None, initial_stock=0), [
            "nodes.2: warning: sells or uses, but neither buys nor produces nor holds stock"]),
        (node(SOURCE, production=None, initial_stock=5, safety_stock=5), [
            "nodes.2: warning: sells or uses, but neither buys nor produces nor holds stock"]),
        (node(SOURCE, production=None, initial_stock=6, safety_stock=5), []),
        (alone(), ["nodes.3: warning: has neither arcs nor final demand: it stands alone"]),
        (alone(demand={"mean": 1, "price": 2}), []),
        (alone(production={"mean": 1}), []),
        (node(SOURCE, safety_stock=31), ["nodes.2: warning: safety_stock 31 is above target_stock 30"]),
        (node(SOURCE, safety_stock=30), []),
        (node(SHOP, safety_stock=31), []),
        (struck(probability=0.1, health=1), [
            "disruptions.0: warning: 'strike' leaves full health: it changes nothing"]),
        (struck(probability=0.1, health=0.9), []),
        (struck(probability=0.1, stops=[]), [
            "disruptions.0: warning: 'strike' stops nothing: it changes nothing"]),
        (struck(dates=[{"start": 11, "duration": 1}, {"start": 12, "duration": 1}]), [
            "disruptions.0: warning: 'strike' begins at 12, after the run's end (12 periods)"]),
        (lambda content: content.update(markets=[{"id": "m"}, {"id": "n"}]) or content["arcs"][0].update(market="n"), [
            "markets.0: warning: no arc names market 'm'"]),
    ],
)  # fmt: skip
def test_what_is_odd(change: Callable[[Content], Any], expected: list[str]) -> None:
    assert said(oddities(changed(change))) == expected


def test_a_product_without_a_row_of_stocks() -> None:
    def two_products(content: Content) -> None:
        content["arcs"].append({"buyer": "shop", "supplier": "middle", "product": "other", "price": 1})
        content["stocks"] = [{"node": "middle", "product": "other", "initial_stock": 5}]

    found = said(oddities(changed(two_products)))
    assert found == [
        "arcs.2.buyer: warning: 'shop' has no row for 'other' in stocks: it starts empty and orders nothing"
    ]
