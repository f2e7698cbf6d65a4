"""A change of one unit in the last place by any behaviour, in the agents only, makes the parity test fail."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from math import inf, nextafter
from typing import Any

import pytest

from esc_sim.allocations import dividing
from esc_sim.allocations.registry import SHARES
from esc_sim.behaviours.terms import Terms
from esc_sim.policies.registry import POLICIES, rule_number
from esc_sim.policies.registry import RULES as RULES_OF_POLICIES
from esc_sim.scenario.schema import Scenario
from tests.helpers.farms import two_farms
from tests.helpers.microgrids import checked, made_up, one_bus
from tests.helpers.networks import Content, scenario_of
from tests.helpers.runs import agents, compiled, differences

ENGINE = "esc_sim.engine.agents"


FORECAST = {"policy": "forecast", "cover": 3.1, "window": 3, "initial": 3}


def lively() -> Content:
    """A small network in which every rule decides something: shortage, caps, yields, outages, shocks, slow goods."""
    buyer = {"initial_stock": 8, "safety_stock": 1, "holding_cost": 0.1, "order": {"mean": 9, "sd": 2}, "penalty": 3}
    shop = {"demand": {"mean": 8, "sd": 3, "price": 9, "shortage_cost": 1}, "yield": 0.9, "target_stock": 7}
    maker = {
        "initial_stock": 20,
        "safety_stock": 2,
        "target_stock": 25,
        "penalty": 2,
        "production": {"mean": 9, "sd": 4},
    }
    gamma = {"law": "gamma", "mean": 2, "sd": 1}
    return {
        "nodes": [
            {"id": "shop_1", "region": "south"} | buyer | shop,
            {"id": "shop_2", "region": "south"} | buyer | shop,
            {"id": "store"} | buyer,
            {"id": "stall", "initial_stock": 5, "order": FORECAST, "demand": {"mean": 3, "sd": 1}},
            {"id": "booth", "initial_stock": 5, "demand": {"mean": 3, "sd": 1},
             "order": FORECAST | {"method": "exponential_smoothing"}},
            {"id": "maker_1"} | maker,
            {"id": "maker_2"} | maker,
        ],
        "arcs": [
            {"buyer": "shop_1", "supplier": "store", "price": 4.1, "other_cost": 1, "lead_time": 2},
            {"buyer": "shop_2", "supplier": "store", "price": 4.3, "lead_time": gamma, "max_lead_time": 6},
            {"buyer": "shop_2", "supplier": "maker_2", "price": 5.2, "cap": 3.5, "emissions": 0.3},
            {"buyer": "stall", "supplier": "maker_1", "price": 5.5},
            {"buyer": "booth", "supplier": "maker_1", "price": 5.5},
            {"buyer": "store", "supplier": "maker_1", "price": 3.1},
            {"buyer": "store", "supplier": "maker_2", "price": 3.4, "lead_time": 1.5},
        ],
        "disruptions": [
            {"name": "maker", "nodes": ["maker_1"], "probability": 0.3, "health": 0.3, "recovery": {"duration": 3},
             "stops": ["ship", "produce"]},
            {"name": "store", "nodes": ["store"], "probability": 0.2, "stops": ["ship", "receive", "order"],
             "health": 0.45},
            {"name": "road", "arcs": [{"buyer": "shop_1", "supplier": "store"}], "probability": 0.2},
            {"name": "lane", "arcs": [{"buyer": "shop_2", "supplier": "maker_2"}], "probability": 0.3, "health": 0.7},
            {"name": "fog", "arcs": [{"buyer": "shop_1", "supplier": "store"}], "probability": 0.3,
             "lead_time_factor": 1.5},
            {"name": "rush", "nodes": ["shop_2"], "probability": 0.3, "demand_factor": 1.3},
            {"name": "shock", "nodes": ["maker_2"], "probability": 0.3, "price_factor": 1.25},
        ],
        "run": {"periods": 60, "seed": 11},
    }  # fmt: skip


CASES = [
    scenario_of(lively() | {"rules": {"known_after": known, "unmet": unmet}})
    for known, unmet in ((1000.0, "lost"), (0.0, "backorder"))
]

ORDERS = {
    "shop_1": {"policy": "base_stock", "order_up_to": 30, "minimum": 2.5, "order_multiple": 0.5},
    "shop_2": {"policy": "s_S", "reorder_point": 18, "order_up_to": 32, "fixed_cost": 3},
    "store": {"policy": "base_stock", "order_up_to": 40},
    "stall": {"policy": "r_Q", "reorder_point": 6, "order_quantity": 2.3},
    "booth": {"policy": "periodic", "every": 2, "order_up_to": 12.5},
}


def positions() -> Content:
    """The same network with orders by inventory position, and orders that suppliers owe."""
    content = lively() | {"rules": {"unmet": "backorder", "unmet_orders": "backorder"}}
    nodes = [node | ({"order": ORDERS[node["id"]]} if node["id"] in ORDERS else {}) for node in content["nodes"]]
    return content | {"nodes": nodes}


def costs() -> Content:
    """The same with capacities, and costs of goods on the way and of what is owed."""
    content = positions()
    more = {"shop_2": {"in_transit_holding_cost": 0.07}, "store": {"capacity": 9.3, "backorder_cost": 0.4}}
    return content | {"nodes": [node | more.get(node["id"], {}) for node in content["nodes"]]}


def echelon() -> Content:
    """A chain whose store looks at the position of its echelon."""
    order = {"policy": "base_stock", "order_up_to": 60, "echelon": True}
    return {
        "nodes": [
            {"id": "maker", "initial_stock": 30, "target_stock": 30, "production": {"mean": 9, "sd": 4}},
            {"id": "store", "initial_stock": 20, "order": order, "holding_cost": 0.1},
            {"id": "shop", "initial_stock": 20, "order": {"mean": 9, "sd": 2}, "demand": {"mean": 8, "sd": 3}},
        ],
        "arcs": [
            {"buyer": "store", "supplier": "maker", "price": 3.1},
            {"buyer": "shop", "supplier": "store", "price": 4.1, "lead_time": 2},
        ],
        "run": {"periods": 40, "seed": 11},
    }  # fmt: skip


CASES.append(scenario_of(positions()))
CASES.append(scenario_of(costs()))
CASES.append(scenario_of(echelon()))
CASES.append(scenario_of(lively() | {"rules": {"allocation": "proportional"}}))
CASES.append(scenario_of(positions() | {"rules": {"unmet_orders": "backorder", "allocation": "first_come"}}))


def split() -> Content:
    """The same network with orders of shop_2 split by shares."""
    content = lively()
    shares = {"store": 0.7, "maker_2": 0.31}
    arcs = [arc | ({"share": shares[arc["supplier"]]} if arc["buyer"] == "shop_2" else {}) for arc in content["arcs"]]
    return content | {"arcs": arcs}


CASES.append(scenario_of(split()))


def routes() -> Content:
    """The same network with a second route to shop_1, and lanes that are short."""
    content = lively()
    lanes = {"store": "canal", "maker_2": "port"}
    arcs = [arc | {"lane": lanes.get(arc["supplier"])} for arc in content["arcs"]]
    arcs[0]["mode"] = "sea"
    arcs.append(arcs[0] | {"mode": "air", "other_cost": 2.3, "lead_time": 1, "lane": "port"})
    canal = {"name": "low water", "lanes": ["canal"], "probability": 0.3, "health": 0.43, "duration": 2}
    return content | {
        "arcs": arcs,
        "lanes": [{"id": "canal", "capacity": 9.1}, {"id": "port", "capacity": 7.7}],
        "rules": {"known_after": 0.0},
        "disruptions": [*content["disruptions"], canal],
    }


CASES.append(scenario_of(routes()))


def prices() -> Content:
    """The same network with prices that move."""
    cases = [{"name": "as usual", "probability": 0.6},
             {"name": "dear", "probability": 0.4, "price": {"store": 1.3, "maker_1": 0.7}}]  # fmt: skip
    return lively() | {"joint_disruptions": [{"name": "market", "cases": cases}]}


CASES.append(scenario_of(prices()))


def making() -> Content:
    """The same network with goods that keep for a few periods only, a recipe, and by-products that are given away."""
    content = lively()
    more = {
        "shop_1": {"shelf_life": 2},
        "store": {"shelf_life": 3, "waste": "bran"},
        "maker_1": {"shelf_life": 1, "disposal_cost": 0.3},
        "shop_2": {"room": 3.3},
        "stall": {"demand": {"mean": 3, "sd": 1, "leftovers": {"bran": 0.3}}},
    }
    recipes = [
        {"id": "mill", "node": "maker_2", "inputs": {"goods": 0.3}, "outputs": {"flour": 0.7},
         "byproducts": {"bran": 1}, "capacity": 5.7, "cost": 0.3},
        {"id": "oven", "node": "maker_2", "inputs": {"flour": 0.4}, "outputs": {"bran": 0.3}, "capacity": 2, "lag": 2},
    ]  # fmt: skip
    takers = [
        {"giver": "maker_2", "taker": "shop_1", "product": "bran", "gate_fee": 0.3, "haul": 0.1, "capacity": 1.7},
        {"giver": "shop_2", "taker": "stall", "product": "goods"},
    ]
    mill = {"name": "mill", "nodes": ["maker_2"], "probability": 0.3, "health": 0.3, "stops": ["produce", "ship"]}
    return content | {
        "products": [{"id": "goods"}, {"id": "flour"}, {"id": "bran"}],
        "nodes": [node | more.get(node["id"], {}) for node in content["nodes"]],
        "stocks": [{"node": "maker_2", "product": "flour", "target_stock": 40}],
        "recipes": recipes,
        "takers": takers,
        "disruptions": [*content["disruptions"], mill],
    }


CASES.append(scenario_of(making()))


def farming() -> Content:
    """Two farms with two fields, short of compost, digestate and urea by turns; prices and droughts move."""
    content = two_farms(400.0, 12.7)
    for seller in content["nodes"][2:4]:
        seller["production"] = {"mean": 60.0, "sd": 9.0}
    content["nodes"][4] |= {"initial_stock": 20000.0, "production": {"mean": 4000.0}}
    field = content["fields"][1] | {"yield_sd": 0.3, "harvest": {"3": 0.5, "4": 0.5}}
    content["fields"] += [field | {"id": "f3", "area": 30, "window": 2}]
    content["farming"] |= {"soil_value": 3.0, "organic_limit": 40.0, "measure": {"nitrogen_kept": 0.15, "cost": 40}}
    events = [{"name": name, "nodes": [name], "stops": stops, "probability": 0.3, "health": 0.35}
              for name, stops in (("farm_1", ["produce", "receive"]), ("s1", ["ship"]))]  # fmt: skip
    gas = [{"name": "usual", "probability": 0.5}, {"name": "dear", "probability": 0.5, "price": {"plant": 1.3}}]
    joint = [{"name": "gas", "cases": gas}]
    return content | {"disruptions": events, "joint_disruptions": joint, "run": {"periods": 25, "seed": 3}}


CASES.append(scenario_of(farming()))
CASES.append(checked(made_up(3)))
CASES.append(checked(one_bus()))

COARSE = {
    "of a policy", "smoothed", "weather_factor", "energy_allowed", "runs_within", "reduced_cap", "wished", "lost_of",
    "trial_runs", "units_wanted",
}  # fmt: skip
"""Rules whose smallest steps vanish on the grid of goods."""

WRITTEN = {"settle_day": -1, "in_proportion": -1}
"""Which argument a rule without result writes into, where it writes into a list that is not the first."""

NOT_OF_AGENTS = {
    "accept.in_proportion",  # a rule of allocation, of which the registry holds the function
    "opening.open_customers",  # customers at any time, whom only the agents can play
    "disrupt.review_at", "disrupt.arrival_review",  # events know when they happen
    "farming.exponential", "farming.response",  # parts of others, whose own steps are too small to be seen
    "power.settled_hour",
}  # fmt: skip
"""Functions that agents do not call, or of which no single step can be seen."""


def behaviours() -> list[tuple[str, str]]:
    """Every function of ``esc_sim.behaviours``: its module and name."""
    package = importlib.import_module("esc_sim.behaviours")
    found = []
    for module in sorted(one.name for one in pkgutil.iter_modules(package.__path__)):
        content = vars(importlib.import_module(f"{package.__name__}.{module}"))
        found += [
            (module, name) for name, value in content.items()
            if inspect.isfunction(value) and value.__module__ == f"{package.__name__}.{module}"
        ]  # fmt: skip
    return [one for one in found if ".".join(one) not in NOT_OF_AGENTS]


def rows_of(arguments: tuple[Any, ...]) -> list[Any]:
    """The rows among the arguments of a behaviour, those in lists of rows too."""
    found = []
    for argument in arguments:
        found += [one for one in (argument if isinstance(argument, list) else [argument]) if is_dataclass(one)]
    return [one for one in found if not isinstance(one, Terms)]


def a_little_more(rule: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The rule with its result, if it is not 0, and all that it changes of rows, one unit in the last place larger."""

    def mutant(*arguments: Any) -> Any:
        if name.startswith("open_"):  # what is cleared is 0: it is not cleared
            return None
        rows = rows_of(arguments)
        before = [{one.name: getattr(row, one.name) for one in fields(row)} for row in rows]
        result = rule(*arguments)
        for row, quantities in zip(rows, before, strict=True):
            for quantity, value in quantities.items():
                if getattr(row, quantity) != value:
                    setattr(row, quantity, nextafter(getattr(row, quantity), inf))
        if name in COARSE:
            return result + 2.0**-18
        if name == "is_review":
            return not result
        if name == "next_supplier":  # an index: the next one but one
            return result + 1 if result + 1 < arguments[1] else result
        if name == "best_offer":  # an index: none
            return arguments[0].end_link
        if name == "grid_offset":  # a power of two: half of it
            return result / 2.0
        if name == "try_runs":  # lists beside rows
            arguments[4][:] = [stock + 2.0**-18 for stock in arguments[4]]
        if result is None:  # it writes into what it is handed
            if not rows:
                written = arguments[WRITTEN.get(name, 0)]
                written[:] = [nextafter(number, inf) for number in written]
            return None
        if isinstance(result, tuple):
            return tuple(nextafter(part, inf) for part in result)
        return nextafter(result, inf) if result else result

    return mutant


def put_in_place_of(rule: Callable[..., Any], mutant: Callable[..., Any], patch: pytest.MonkeyPatch) -> None:
    """Let all modules of behaviours and agents, and the rules of allocation, call the mutant. Kernels are compiled."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("esc_sim.behaviours.", f"{ENGINE}.", "esc_sim.allocations.", "esc_sim.instance.rows")):
            for own, value in list(vars(module).items()):
                if value is rule:
                    patch.setattr(module, own, mutant)


@pytest.fixture(scope="module")
def expected() -> list[Any]:
    """What the compiled engine gives, and the agents too as long as nobody tampers with them."""
    blocks = [compiled(case) for case in CASES]
    assert [differences(agents(case), block) for case, block in zip(CASES, blocks, strict=True)] == [[]] * len(CASES)
    return blocks


@pytest.mark.parametrize(("module", "rule"), behaviours())
def test_one_unit_in_the_last_place_is_seen(module: str, rule: str, expected: list[Any]) -> None:
    own = getattr(importlib.import_module(f"esc_sim.behaviours.{module}"), rule)
    with pytest.MonkeyPatch.context() as patch:
        put_in_place_of(own, a_little_more(own, rule), patch)
        found = (differences(agents(case), block) for case, block in zip(CASES, expected, strict=True))
        assert any(found)


@pytest.mark.parametrize("policy", [name for name, policy in POLICIES.items() if policy.quantity is not None])
def test_one_unit_in_the_last_place_of_a_policy_is_seen(policy: str, expected: list[Any]) -> None:
    where = importlib.import_module(f"{ENGINE}.agents")
    number = rule_number(POLICIES[policy])
    rules = [
        *RULES_OF_POLICIES[:number],
        a_little_more(RULES_OF_POLICIES[number], "of a policy"),
        *RULES_OF_POLICIES[number + 1 :],
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(where, "RULES", rules)
        found = [differences(agents(case), block) for case, block in zip(CASES, expected, strict=True)]
    assert any(found)


@pytest.mark.parametrize("number", range(len(SHARES)), ids=[share.__name__ for share in SHARES])
def test_a_little_more_by_a_rule_of_allocation_is_seen(number: int, expected: list[Any]) -> None:
    """What a rule gives is rounded to the grid of goods, so the smallest step is one of the grid."""

    def mutant(rule: int, *arguments: Any) -> None:
        SHARES[rule](*arguments)
        first, last, given = arguments[1], arguments[2], arguments[-1]
        if rule == number:
            given[first:last] = [part + 2.0**-18 for part in given[first:last]]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dividing, "share_by_rule", mutant)
        found = [differences(agents(case), block) for case, block in zip(CASES, expected, strict=True)]
    assert any(found)


NAMES = [
    "after",
    "before",
    "positions",
    "costs",
    "echelon",
    "proportional",
    "first_come",
    "shares",
    "routes",
    "prices",
    "making",
    "farming",
    "power",
]


@pytest.mark.parametrize("case", CASES[: len(NAMES)], ids=NAMES)  # in the last one nothing is drawn
def test_another_seed_is_seen(case: Scenario) -> None:
    other = case.model_copy(update={"run": case.run.model_copy(update={"seed": 12})})
    assert differences(agents(case), compiled(other))
