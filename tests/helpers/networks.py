"""Scenarios for tests of the engines: small ones written out, and a hypothesis strategy for networks of every kind."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import cache
from itertools import product as pairs
from typing import Any

from hypothesis import strategies as st

from esc_sim.scenario.meaning import check_scenario
from esc_sim.scenario.schema import Scenario

Content = dict[str, Any]

FEEDBACK = ["surplus", "none", "two_sided"]
STORAGE_TIMING = ["review", "end"]
UNMET = ["lost", "backorder"]
ALLOCATION = ["highest_bid", "priority", "proportional", "first_come", "first_come"]
SEQUENCE = ["order_after_demand", "order_before_demand"]
KNOWN = [1.0, 0.0]
NEWS = [1.0, 1.0, 0.0, 0.3, 2.5, 1000.0, {"law": "uniform", "low": 0.0, "high": 3.0}, {"law": "poisson", "mean": 1.4}]
"""When buyers learn of an outage."""


def scenario_of(content: Content) -> Scenario:
    """A checked scenario from plain values."""
    scenario = Scenario.model_validate({"version": 1, "name": "test"} | content)
    assert check_scenario(scenario) == []
    return scenario


def chain_content(**changes: Any) -> Content:
    """Source, middle, shop in a row, without chance: 10 units a period are ordered, sold and (at most) made.

    Lead time 1 throughout, so that stock at a review is what the spec's lead time 0 gives.
    """
    content: Content = {
        "nodes": [
            {"id": "shop", "role": "shop", "region": "south", "initial_stock": 30, "holding_cost": 1,
             "demand": {"mean": 10, "price": 20}, "order": {"mean": 10}},
            {"id": "middle", "role": "middle", "region": "north", "initial_stock": 30, "holding_cost": 1, "penalty": 5,
             "order": {"mean": 10}},
            {"id": "source", "role": "source", "region": "north", "initial_stock": 30, "target_stock": 30,
             "holding_cost": 1, "penalty": 5, "production": {"mean": 10}},
        ],
        "arcs": [
            {"buyer": "shop", "supplier": "middle", "price": 8, "other_cost": 1},
            {"buyer": "middle", "supplier": "source", "price": 4, "other_cost": 1},
        ],
        "run": {"periods": 12, "replications": 1, "seed": 1},
    }  # fmt: skip
    return content | changes


def chain(**changes: Any) -> Scenario:
    """The chain of :func:`chain_content` as a scenario."""
    return scenario_of(chain_content(**changes))


BOUNDED_LAWS: list[Content] = [
    {"law": "uniform", "low": 0.0, "high": 4.0},
    {"law": "uniform", "low": 1.3, "high": 2.7},
    {"law": "discrete", "values": [3.0, 0.5, 1.0], "probabilities": [0.2, 0.3, 0.5]},
    {"law": "constant", "value": 1.7},
    {"law": "truncated_normal", "mean": 2.0, "sd": 1.5, "low": 0.5, "high": 3.0},
]
OTHER_LAWS: list[Content] = [
    {"law": "normal", "mean": 2.0, "sd": 1.5},
    {"law": "exponential", "mean": 1.5},
    {"law": "gamma", "mean": 2.0, "sd": 1.0},
    {"law": "poisson", "mean": 1.4},
    {"law": "geometric", "probability": 0.6},
]


_KEPT: dict[str, st.SearchStrategy[Any]] = {}


def one_of(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    """`sampled_from` of values that do not change, made once: hypothesis looks into each strategy that is new to it."""
    name = repr(values)
    if name not in _KEPT:
        _KEPT[name] = st.sampled_from(values)
    return _KEPT[name]


LAWS = st.sampled_from(BOUNDED_LAWS + OTHER_LAWS)
AMOUNTS = one_of([0.0, 5.0, 7.3, 12.1, 20.0, 33.7, 60.0])
STOCKS = one_of([0.0, 3.3, 10.0, 25.0, 80.1])
MONEY = one_of([0.0, 0.1, 1.0, 2.7])


@cache
@st.composite
def _drawn_amount(draw: st.DrawFn) -> Content:
    if draw(st.booleans()):
        return {"mean": draw(AMOUNTS), "sd": draw(one_of([0.0, 1.0, 9.0]))}
    return {"law": draw(LAWS)}


@cache
@st.composite
def _order(draw: st.DrawFn, tree: bool) -> Content:
    policy = draw(one_of(["mean", "mean", "mean", "base_stock", "s_S", "r_Q", "periodic", "forecast"]))
    data: Content = {"policy": policy}
    if policy == "mean":
        data |= {"mean": draw(AMOUNTS), "sd": draw(one_of([0.0, 1.0, 9.0]))}
    else:
        data["echelon"] = tree and draw(st.booleans())
    if policy in ("base_stock", "s_S", "periodic"):
        data["order_up_to"] = draw(one_of([-2.0, 12.3, 41.0, 90.0]))
    if policy in ("s_S", "r_Q"):
        data["reorder_point"] = draw(one_of([-5.0, -2.0, 8.4, 12.3])) if policy == "r_Q" else data["order_up_to"] - 7.7
    if policy == "r_Q":
        data["order_quantity"] = draw(one_of([0.7, 6.4, 25.0]))
    if policy == "periodic":
        data |= {"every": draw(st.integers(1, 4)), "first": draw(st.integers(0, 2))}
    if policy == "forecast":
        method = draw(one_of(["moving_average", "exponential_smoothing"]))
        data |= {"method": method, "window": draw(st.integers(1, 4)), "cover": 2.3, "initial": draw(AMOUNTS)}
    if draw(st.integers(0, 3)) == 0:
        data |= {
            "fixed_cost": draw(MONEY),
            "minimum": draw(AMOUNTS),
            "order_multiple": draw(one_of([0.0, 0.6, 5.0])),
        }
    return data


@cache
@st.composite
def _stock_data(draw: st.DrawFn, buys: bool, tree: bool) -> Content:
    data: Content = {
        "initial_stock": draw(STOCKS),
        "safety_stock": draw(one_of([0.0, 0.0, 4.4])),
        "target_stock": draw(one_of([None, 15.0, 40.2])),
        "capacity": draw(one_of([None, None, 5.3, 18.0])),
        "holding_cost": draw(MONEY),
        "in_transit_holding_cost": draw(one_of([0.0, 0.0, 0.3])),
        "backorder_cost": draw(MONEY),
        "penalty": draw(MONEY),
        "yield": draw(one_of([1.0, 1.0, 0.9, 1.25])),
        "emissions": draw(MONEY),
    }
    if buys:
        data["order"] = draw(_order(tree))
    if not buys or draw(st.integers(0, 4)) == 0:
        data["production"] = draw(_drawn_amount())
    if draw(st.integers(0, 2)) == 0:
        data["demand"] = draw(_drawn_amount()) | {"price": draw(one_of([20.0, 77.6]))}
        data["demand"]["shortage_cost"] = draw(MONEY)
    return data


@st.composite
def _perishing(draw: st.DrawFn, product: str, products: list[str]) -> Content:
    """Shelf life of an item, and what becomes of what outlives it: another product, or disposal at a fee."""
    data: Content = {"shelf_life": draw(one_of([1, 2, 3, 5])), "disposal_cost": draw(MONEY)}
    others = [other for other in products if other != product]
    if others and draw(st.booleans()):
        data["waste"] = draw(st.sampled_from(others))
    return data


@cache
@st.composite
def _arc_data(draw: st.DrawFn) -> Content:
    lead = draw(st.one_of(one_of([0.0, 0.7, 1.0, 2.0, 2.5, 5.2]), LAWS))
    data: Content = {
        "price": draw(one_of([4.0, 4.0, 5.5, 6.1])),
        "other_cost": draw(one_of([0.0, 1.0, 2.1])),
        "lead_time": lead,
        "crossing": draw(st.booleans()),
        "cap": draw(one_of([None, None, 6.6, 0.0, 15.0])),
        "emissions": draw(MONEY),
    }
    if lead in OTHER_LAWS:
        data["max_lead_time"] = draw(one_of([3.0, 6.5]))
    return data


@cache
@st.composite
def _timing(draw: st.DrawFn) -> Content:
    kind = draw(one_of(["probability", "renewal", "dates"]))
    if kind == "probability":
        duration = draw(st.one_of(one_of([1.0, 0.5, 3.0, 4.25]), LAWS))
        return {"probability": draw(one_of([0.1, 0.3, 0.7])), "duration": duration}
    if kind == "renewal":
        return {"time_between_failures": draw(LAWS), "time_to_repair": draw(LAWS)}
    starts = draw(st.lists(one_of([0.0, 1.0, 2.6, 3.0, 6.3, 9.0]), min_size=1, max_size=3))
    lengths = one_of([1.0, 0.4, 2.0, 3.6])
    return {"dates": [{"start": start, "duration": draw(lengths)} for start in starts]}


@st.composite
def _disruption(draw: st.DrawFn, number: int, content: Content) -> Content:
    data: Content = {"name": f"event_{number}", "together": draw(st.booleans())} | draw(_timing())
    shape = draw(one_of(["linear", "slow_start", "fast_start"]))
    data["recovery"] = {"duration": draw(one_of([0.0, 1.0, 2.7, 4.0])), "shape": shape}
    nodes, arcs = content["nodes"], content["arcs"]
    demanding = {n["id"] for n in nodes if "demand" in n} | {s["node"] for s in content["stocks"] if "demand" in s}
    kinds = ["nodes", "regions", "roles", "arcs", "arcs", "slow", "slow", "dear"] + ["demand"] * bool(demanding)
    kind = draw(one_of(kinds))
    if kind not in ("demand", "slow", "dear"):
        data["health"] = draw(one_of([0.0, 0.0, 0.35, 0.8]))
    if kind == "slow":
        data["lead_time_factor"] = draw(one_of([0.0, 0.5, 1.5, 2.0, 3.3]))
        hit = draw(st.lists(st.sampled_from(arcs), min_size=1, max_size=3, unique_by=str))
        if draw(st.booleans()):
            data["arcs"] = [{key: arc[key] for key in ("buyer", "supplier", "product")} for arc in hit]
        else:
            data["nodes"] = sorted({arc["supplier"] for arc in hit})
    elif kind == "dear":
        data["price_factor"] = draw(one_of([0.0, 0.75, 1.3]))
        data["nodes"] = [draw(st.sampled_from(arcs))["supplier"]]
    elif kind == "demand":
        data["demand_factor"] = draw(one_of([0.0, 0.5, 1.7]))
        data["nodes"] = sorted(demanding)
    elif kind == "nodes":
        names = st.sampled_from([n["id"] for n in nodes])
        data["nodes"] = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    elif kind == "arcs":
        hit = draw(st.lists(st.sampled_from(arcs), min_size=1, max_size=3, unique_by=str))
        keys = ["buyer", "supplier"] + ["product"] * draw(st.booleans())
        data["arcs"] = [{key: arc[key] for key in keys} for arc in hit]
        data["in_transit"] = draw(one_of(["hold", "reroute", "lose"]))
        data["detour"] = draw(one_of([1.0, 0.3, 2.5]))
    else:
        data[kind] = [draw(st.sampled_from(nodes))[kind[:-1]]]
    if kind in ("nodes", "regions", "roles"):
        activities = ["ship", "receive", "produce", "retail", "order"]
        data["stops"] = draw(st.lists(one_of(activities), min_size=1, max_size=3, unique=True))
    if (kind == "arcs" or "ship" in data.get("stops", [])) and draw(st.integers(0, 2)) == 0:
        data["known_after"] = draw(one_of(NEWS))
    return data


@st.composite
def _joint(draw: st.DrawFn, content: Content) -> Content:
    nodes = sorted(n["id"] for n in content["nodes"])
    sellers = sorted({arc["supplier"] for arc in content["arcs"]})
    demanding = sorted(n["id"] for n in content["nodes"] if "demand" in n)
    shares, factors = one_of([0.0, 0.35, 0.8, 1.0]), one_of([0.0, 0.5, 1.0, 1.7])

    def some(names: list[str], values: st.SearchStrategy[float]) -> st.SearchStrategy[dict[str, float]]:
        return st.dictionaries(st.sampled_from(names), values, max_size=3) if names else st.just({})

    cases = [
        {"name": f"case_{k}", "probability": p, "health": draw(some(nodes, shares)),
         "price": draw(some(sellers, factors)), "demand": draw(some(demanding, factors)),
         "lead_time": draw(some(sellers, factors))}
        for k, p in enumerate(draw(one_of([[1.0], [0.25, 0.75], [0.5, 0.3, 0.2]])))
    ]  # fmt: skip
    stops = draw(st.lists(one_of(["ship", "receive", "produce"]), min_size=1, max_size=2, unique=True))
    joint = {"name": "joint", "drawn": draw(one_of(["period", "replication"])), "cases": cases, "stops": stops}
    return joint | ({"known_after": draw(one_of(NEWS))} if "ship" in stops and draw(st.booleans()) else {})


@cache
@st.composite
def _structure(draw: st.DrawFn, many: bool = False) -> tuple[list[Content], list[Content], list[str]]:
    """Nodes and arcs without numbers, and products: in layers, or any directed graph (cycles and all).

    With ``many``, at least six arcs where there is room, so that buyers have several suppliers.
    """
    count = draw(st.integers(2, 7))
    products = ["p", "q", "r"][: draw(one_of([1, 1, 2, 3]))]
    layered = draw(st.booleans())
    nodes: list[Content] = []
    for i in range(count):
        node: Content = {
            "id": f"n{i}",
            "role": draw(one_of(["role_a", "role_b"])),
            "region": draw(one_of(["north", "south"])),
            "product": draw(one_of(products)),
        }
        if layered:
            node["layer"] = 1 + (i * 3) // count
        nodes.append(node)
    possible = [
        (buyer["id"], supplier["id"])
        for buyer, supplier in pairs(nodes, nodes)
        if buyer is not supplier and (not layered or supplier["layer"] == buyer["layer"] + 1)
    ]
    possible = possible or [("n0", "n1")]
    least = min(len(possible), 6) if many else 1
    ends = draw(st.lists(st.sampled_from(possible), min_size=least, max_size=14, unique=True))
    arcs = [{"buyer": b, "supplier": s, "product": draw(one_of(products))} for b, s in ends]
    return nodes, arcs, products


@cache
@st.composite
def contents(
    draw: st.DrawFn, disrupted: bool = True, trading: bool = False, making: bool = False, routing: bool = False
) -> Content:
    """Plain values of a scenario: layered or cyclic, one to three products, every law, switch and disruption.

    Args:
        draw: of hypothesis.
        disrupted: with disruptions.
        trading: also every allocation, preferences, and orders that are split by shares.
        making: also goods that perish, recipes, by-products and their takers.
        routing: also several routes between two nodes, lanes that they share, and the quickest first.
    """
    nodes, arcs, products = draw(_structure(trading))
    buying = {(arc["buyer"], arc["product"]) for arc in arcs}
    selling = {(arc["supplier"], arc["product"]) for arc in arcs}
    # The inventory position of an echelon has a meaning where everybody has one supplier.
    tree = len(buying) == len(arcs)
    for node in nodes:
        node.update(draw(_stock_data((node["id"], node["product"]) in buying, tree)))
    own = {(node["id"], node["product"]) for node in nodes}
    stocks = [
        {"node": node, "product": product} | draw(_stock_data((node, product) in buying, tree))
        for node, product in sorted((buying | selling) - own)
    ]
    for arc in arcs:
        arc.update(draw(_arc_data()))
    content: Content = {
        "products": [{"id": product} for product in products],
        "nodes": nodes,
        "stocks": stocks,
        "arcs": arcs,
        "rules": {
            "feedback": draw(one_of(FEEDBACK)),
            "holding_cost_timing": draw(one_of(STORAGE_TIMING)),
            "unmet": draw(one_of(UNMET)),
            "unmet_orders": draw(one_of(UNMET)),
            "sequence": draw(one_of(SEQUENCE)),
            "partial": draw(st.booleans()),
            "partial_demand": draw(one_of([True, True, False])),
            "known_after": draw(one_of(NEWS)),
            "goods_quantum": draw(one_of([20, 20, 8, 8, 30] if making else [20, 20, 1, 8, 30])),
        },
        "run": {
            "periods": draw(st.integers(6, 20)),
            "warm_up": draw(one_of([0, 0, 3])),
            "replications": 2,
            "seed": draw(st.integers(0, 2**64 - 1)),
        },
    }
    if draw(st.integers(0, 3)) == 0:
        content["markets"] = [{"id": f"{product}-{k}"} for k in range(2) for product in products]
        for arc in arcs:
            arc["market"] = f"{arc['product']}-{draw(st.integers(0, 1))}"
    _let_whole_orders_queue(content)
    if routing:
        _add_routes(draw, content)
    if trading:
        _add_trading(draw, content)
    if making:
        _add_making(draw, content)
    keep_on_grid(content)
    count = draw(st.integers(1, 3)) if disrupted else 0
    content["disruptions"] = [draw(_disruption(number, content)) for number in range(count)]
    if disrupted and draw(st.integers(0, 2)) == 0:
        content["joint_disruptions"] = [draw(_joint(content))]
    if disrupted and routing:
        content["disruptions"].append(draw(_storm(content)))
    return content


_GOODS = ("initial_stock", "safety_stock", "target_stock", "capacity", "room", "mean", "order_up_to", "reorder_point",
          "order_quantity", "minimum", "order_multiple", "buffer", "cap", "low", "high", "value", "energy")  # fmt: skip


def keep_on_grid(content: Content) -> None:
    """Move all amounts to the grid of goods where it is coarse: what it cannot hold would be refused."""
    bits = content["rules"]["goods_quantum"]
    if bits >= 20:
        return

    def moved(amount: float) -> float:
        rounded = round(amount * 2**bits) / 2**bits
        return rounded if rounded or not amount else 2.0**-bits

    def walk(part: Any) -> None:
        for key, value in part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ():
            if key in _GOODS and isinstance(value, float):
                part[key] = moved(value)
            elif key == "values" and isinstance(value, list):
                part[key] = [moved(amount) for amount in value]
            else:
                walk(value)

    for key in ("nodes", "stocks", "arcs", "lanes", "recipes", "takers"):
        content[key] = copy.deepcopy(content.get(key, []))  # laws are shared by all that are drawn
        walk(content[key])


def _let_whole_orders_queue(content: Content) -> None:
    """Orders that are owed and delivered as a whole need an age; other allocations are refused."""
    rules = content["rules"]
    if not rules["partial"] and rules["unmet_orders"] == "backorder":
        rules["allocation"] = "first_come"


def _add_trading(draw: st.DrawFn, content: Content) -> None:
    """Allocation, ranks, and shares on all arcs of some lines."""
    content["rules"]["allocation"] = draw(one_of(ALLOCATION))
    content["rules"]["partial"] |= content["rules"]["allocation"] == "proportional"
    _let_whole_orders_queue(content)
    lines: dict[Any, list[Content]] = {}
    for arc in content["arcs"]:
        arc["preference"], arc["priority"] = draw(st.integers(0, 2)), draw(st.integers(0, 2))
        lines.setdefault((arc["buyer"], arc["product"], arc.get("market")), []).append(arc)
    for arcs in lines.values():
        if draw(st.booleans()):
            arcs[0]["share"] = draw(one_of([0.3, 1.0, 2.0]))
            for arc in arcs[1:]:
                arc["share"] = draw(one_of([0.0, 0.7, 1.0]))


def _add_routes(draw: st.DrawFn, content: Content) -> None:
    """A second route beside some arcs, lanes that arcs share, and in which order routes are tried."""
    content["rules"]["sourcing"] = draw(one_of(["cheapest", "quickest"]))
    capacities = one_of([5.3, 12.1, 20.0, 0.0, None])
    content["lanes"] = [{"id": name, "capacity": draw(capacities)} for name in ("canal", "port")]
    for arc in list(content["arcs"]):
        if draw(st.booleans()):
            ends = {key: arc[key] for key in ("buyer", "supplier", "product", "market") if key in arc}
            content["arcs"].append(ends | draw(_arc_data()) | {"mode": "air"})
            arc["mode"] = "sea"
    for arc in content["arcs"]:
        arc["lane"] = draw(one_of(["canal", "port", "port", None]))


@st.composite
def _storm(draw: st.DrawFn, content: Content) -> Content:
    """A disruption of all routes of a mode, or over a lane."""
    modes = sorted({arc["mode"] for arc in content["arcs"] if arc.get("mode")})
    hit = {"modes": [draw(st.sampled_from(modes))]} if modes and draw(st.booleans()) else {"lanes": ["port"]}
    effect = draw(one_of([{"health": 0.0}, {"health": 0.35}, {"health": 0.8}, {"lead_time_factor": 2.0}]))
    return {"name": "storm", "together": draw(st.booleans())} | hit | effect | draw(_timing())


def _add_making(draw: st.DrawFn, content: Content) -> None:
    """Goods that perish, recipes, by-products and their takers; a further product is the air."""
    products = [product["id"] for product in content["products"]]
    content["products"] = [*content["products"], {"id": "air", "environment": True}]
    for item in [*content["nodes"], *content["stocks"]]:
        if draw(st.booleans()):
            item.update(draw(_perishing(item["product"], products)))
        if draw(st.integers(0, 2)) == 0:
            item |= {"room": draw(STOCKS), "disposal_cost": draw(MONEY)}
        if "demand" in item and "arrivals" not in item["demand"] and draw(st.booleans()):
            item["demand"] = item["demand"] | {"leftovers": {draw(one_of(products)): 0.3}}
    for node in content["nodes"]:
        node["energy"] = draw(one_of([None, None, 3.3]))
    names = [node["id"] for node in content["nodes"]]
    content["recipes"] = [
        draw(_recipe(f"recipe_{k}", names, [*products, "air"])) for k in range(draw(st.integers(0, 3)))
    ]
    links = [(giver, taker, product) for giver in names for taker in names for product in products if giver != taker]
    content["takers"] = [
        {"giver": giver, "taker": taker, "product": product, "gate_fee": draw(one_of([-1.3, 0.0, 2.2])),
         "haul": draw(MONEY), "capacity": draw(one_of([None, 2.3, 9.9])), "emissions": draw(MONEY)}
        for giver, taker, product in draw(st.lists(st.sampled_from(links), max_size=4, unique=True))
    ]  # fmt: skip


@st.composite
def _recipe(draw: st.DrawFn, name: str, nodes: list[str], products: list[str]) -> Content:
    roles = {product: draw(one_of(["inputs", "outputs", "byproducts", ""])) for product in products}
    if not {"outputs", "byproducts"} & set(roles.values()):
        roles["air"] = "byproducts"
    recipe: Content = {
        "id": name,
        "node": draw(st.sampled_from(nodes)),
        "capacity": draw(one_of([0.0, 3.3, 3.3, 12.0])),
        "cost": draw(MONEY),
        "energy": draw(one_of([0.0, 0.7])),
        "emissions": draw(MONEY),
        "lag": draw(one_of([0, 0, 1, 3])),
    }
    for role in ("inputs", "outputs", "byproducts"):
        recipe[role] = {p: draw(one_of([0.3, 1.0, 2.1])) for p, is_as in roles.items() if is_as == role}
    return recipe


@st.composite
def spreading_scenarios(draw: st.DrawFn) -> Scenario:
    """A checked scenario with a further disruption that spreads, or two, and any parameters of the cascade."""
    content = draw(contents())
    for node in content["nodes"]:
        node["role"] = draw(one_of(["supplier", "supplier", "role_b"]))
    content["nodes"][-1]["role"] = "supplier"
    for disruption in content["disruptions"]:
        if disruption.pop("roles", None):
            disruption["regions"] = [content["nodes"][0]["region"]]
    names = st.sampled_from([node["id"] for node in content["nodes"]])
    for number in range(draw(st.integers(1, 2))):
        nodes = draw(st.lists(names, min_size=1, max_size=3, unique=True))
        recovery = {"duration": draw(one_of([0.0, 1.5]))}
        content["disruptions"].append(
            {"name": f"failure_{number}", "nodes": nodes, "together": draw(st.booleans()), "cascade": True}
            | {"recovery": recovery}
            | draw(_timing())
        )
    content["cascade"] = {
        "alpha": draw(one_of([1.0, 1.05, 1.5])),
        "beta": draw(one_of([0.5, 0.86, 1.0])),
        "tau": draw(one_of([0.0, 0.6])),
        "link_probability": draw(one_of([0.0, 0.5])),
        "delay": draw(one_of([0.0, 0.3, 1.0])),
        "seed": draw(st.integers(0, 3)),
    }
    return scenario_of(content)


@st.composite
def scenarios(
    draw: st.DrawFn, disrupted: bool = True, trading: bool = False, making: bool = False, routing: bool = False
) -> Scenario:
    """A checked scenario from :func:`contents`."""
    return scenario_of(draw(contents(disrupted, trading, making, routing)))
