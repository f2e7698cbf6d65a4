"""The agro-food network as a scenario: products, nodes, arcs and takers, from the coefficients.

Every list holds mappings as a scenario file has them; ``when`` names the switches under which an entry is there.
"""

from __future__ import annotations

from typing import Any

from experiments.regenerative.agro.coefficients import Coefficients
from experiments.regenerative.agro.names import FARM, GATE_FEE, MADE, PLANT, RAW, SOLD, SUPPLIERS, TRANSFER, Entry
from experiments.regenerative.agro.sizes import CHAINS, GROWTH, REGIONS, WEEKS, Sizes, contents, other
from experiments.regenerative.agro.stocks import stocks


def products(c: Coefficients) -> list[Entry]:
    """Products with what a unit holds."""
    held = contents(c)
    food = {"grain": "Grain", "veg": "Vegetables"}
    found: list[Entry] = []
    for chain in CHAINS:
        forms = {
            RAW[chain]: food[chain],
            MADE[chain]: "Flour" if chain == "grain" else "Packed vegetables",
            SOLD[chain]: "Flour on the shelf" if chain == "grain" else "Vegetables on the shelf",
            f"{chain}_waste": f"{food[chain]} waste, collected apart",
            f"{chain}_kitchen": f"{food[chain]} waste of households",
            f"{chain}_rest": f"{food[chain]} waste among rubbish",
        }
        waste = {f"{chain}_{kind}": {"waste": True} for kind in ("waste", "kitchen", "rest")}
        found += [
            {"id": name, "name": title, "contents": held[chain], **waste.get(name, {})} for name, title in forms.items()
        ]
    found.append({"id": "bran", "name": "Bran", "contents": held["grain"]})
    found.append({"id": "straw", "name": "Straw", "contents": held["straw"]})
    for name, title, available, retained in (
        ("digestate_grain", "Digestate of flour waste", c["dig_n_avail"], c["h_dig"]),
        ("digestate_veg", "Digestate of vegetable waste", c["dig_n_avail"], c["h_dig"]),
        ("compost_grain", "Compost of flour waste", c["compost_n_avail"], c["h_comp"]),
        ("compost_veg", "Compost of vegetable waste", c["compost_n_avail"], c["h_comp"]),
        ("compost_straw", "Compost of straw", c["compost_n_avail"], c["h_comp"]),
    ):
        nutrient = {"available": available, "retained": retained}
        found.append({"id": name, "name": title, "contents": held[name], "nutrient": nutrient})
    found += [
        {"id": "biogas", "name": "Biogas", "contents": held["biogas"]},
        {
            "id": "fertiliser",
            "name": "Nitrogen in synthetic fertiliser",
            "contents": {"mass": 1.0, "nitrogen": 1000.0},
            "nutrient": {"available": 1.0},
        },
        {"id": "information_service", "name": "Shared information", "when": "information"},
        {"id": "solar_upkeep", "name": "Upkeep of solar power", "when": "microgrid"},
        _of_air("air_nitrogen", "Nitrogen of the air", {"mass": 1.0, "nitrogen": 1000.0}),
        _of_air("nitrogen_to_air", "Nitrogen lost to the air", {"mass": 1.0, "nitrogen": 1000.0}),
        _of_air("carbon_to_air", "Carbon lost to the air", {"mass": 1.0, "carbon": 1.0}),
        _of_air("water_vapour", "Water vapour", {"mass": 1.0}),
    ]
    return found


def _of_air(name: str, title: str, held: dict[str, float]) -> Entry:
    return {"id": name, "name": title, "contents": held, "environment": True}


def nodes_and_stocks(c: Coefficients) -> tuple[list[Entry], list[Entry]]:
    """Members with what they hold of their first product, and their further products."""
    members, rest = [], stocks(c)
    for node in _nodes(c):
        own = [entry for entry in rest if (entry["node"], entry["product"]) == (node["id"], node["product"])]
        rest = [entry for entry in rest if entry not in own]
        for entry in own or [{}]:
            held = {key: value for key, value in entry.items() if key not in ("node", "product")}
            members.append({**node, **held})
    return members, rest


def _nodes(c: Coefficients) -> list[Entry]:
    s = Sizes(c)
    found = fertiliser_makers(c)
    for row, region in enumerate(reversed(REGIONS)):
        y = 6.0 * row
        found += [
            _node("cereal_farm", region, "farm", 4, 1.0, y + 3.0, "grain"),
            _node("vegetable_farm", region, "farm", 4, 1.0, y + 1.0, "vegetables"),
            _node("mill", region, "processor", 3, 2.0, y + 3.0, "flour"),
            _node("packer", region, "processor", 3, 2.0, y + 1.0, "packed_vegetables"),
            _node("distributor", region, "distributor", 2, 3.0, y + 2.0, "flour"),
            _node("town", region, "retailer", 1, 4.0, y + 2.0, "shelf_flour"),
            _node("digester", region, "treatment", 3, 3.0, y + 4.0, "veg_waste", when="loops"),
            _node("composter", region, "treatment", 3, 2.0, y + 4.5, "straw", when="loops"),
        ]
    found += [
        {"id": "feed_mill", "name": "Feed mill", "role": "outlet", "x": 3.0, "y": 11.0},
        {"id": "grain_trade", "name": "Grain trade", "role": "outlet", "x": 1.5, "y": 11.0},
        {"id": "cooperative", "name": "Cooperative of all members", "role": "operator", "x": 4.0, "y": 5.0},
    ]
    first = {"feed_mill": "bran", "grain_trade": "grain", "cooperative": "biogas"}
    for node in found:
        node.setdefault("product", first.get(node["id"], ""))
    spare = sum(s.area(g, "grain") * c["yield_wheat"] / WEEKS - s.raw(g, "grain") for g in REGIONS)
    bran = sum(s.raw(g, "grain") for g in REGIONS) * (1.0 - c["flour_yield"] - c["flour_waste"])
    found[-3] |= {"room": 26.0 * bran, "demand": {"mean": 1.05 * bran, "price": c["p_bran"]}}
    found[-2] |= {"demand": {"mean": 1.5 * max(1.0, spare), "price": c["p_grain_export"]}}
    return found


def fertiliser_makers(c: Coefficients) -> list[Entry]:
    """Suppliers and spot markets: each has a season's stock, which it makes again in the course of a year."""
    s = Sizes(c)
    need = {region: GROWTH * sum(s.nitrogen(region, chain) for chain in CHAINS) for region in REGIONS}
    found: list[Entry] = []
    for region in REGIONS:
        y = 8.0 if region == "north" else 2.0
        sup = SUPPLIERS[region]
        maker = {
            "id": sup,
            "name": f"Fertiliser {sup.replace('_', ' ')}",
            "role": "supplier",
            "layer": 5,
            "x": 0.0,
            "y": y,
        }
        alone, both = need[region], c["dual_cap"] * sum(need.values())
        for most, when in ((alone, "not second_supplier"), (both, "second_supplier")):
            found.append({**maker, "product": "fertiliser", "initial_stock": most, "target_stock": most, "when": when})
        spot = {"id": f"spot_{region}", "name": f"Spot market of the {region}", "role": "spot", "layer": 5, "x": 0.0}
        most = c["spot"] * need[region]
        found.append({**spot, "y": y - 2.0, "product": "fertiliser", "initial_stock": most, "target_stock": most})
    return found


def _node(name: str, region: str, role: str, layer: int, x: float, y: float, product: str, **more: Any) -> Entry:
    title = f"{name.replace('_', ' ').capitalize()} {region}"
    return {
        "id": f"{name}_{region}", "name": title, "role": role, "layer": layer, "x": x, "y": y, "region": region,
        "product": product, **more,
    }  # fmt: skip


def arcs(c: Coefficients) -> list[Entry]:
    """Who buys from whom."""
    s = Sizes(c)
    found: list[Entry] = []
    for region in REGIONS:
        for chain in CHAINS:
            retail = c["p_flour"] if chain == "grain" else c["p_veg"]
            found += _fertiliser_arcs(c, region, chain)
            line = {"buyer": f"{PLANT[chain]}_{region}", "supplier": f"{FARM[chain]}_{region}", "product": RAW[chain]}
            found.append({**line, "price": TRANSFER["raw"] * retail, "lead_time": 1.0})
            found += _delivery_arcs(c, region, chain, TRANSFER["made"] * retail, s.stocked(region, chain))
            line = {"buyer": f"town_{region}", "supplier": f"distributor_{region}", "product": MADE[chain]}
            found.append({**line, "price": TRANSFER["delivered"] * retail, "lead_time": 1.0})
        line = {"buyer": f"composter_{region}", "supplier": f"cereal_farm_{region}", "product": "straw"}
        found.append({**line, "other_cost": c["straw_cost"], "lead_time": 1.0, "when": "loops"})
    return found


def _fertiliser_arcs(c: Coefficients, region: str, chain: str) -> list[Entry]:
    """One supplier, or two that can each serve a part; and the spot market, which serves less at twice the price."""
    need = GROWTH * Sizes(c).nitrogen(region, chain)
    line = {"buyer": f"{FARM[chain]}_{region}", "product": "fertiliser", "lead_time": 1.0}
    price, dear = c["p_synth"], (1.0 + c["dual_premium"]) * c["p_synth"]
    own, second = SUPPLIERS[region], SUPPLIERS[other(region)]
    most = c["dual_cap"] * need
    two = {"price": dear, "cap": most, "when": "second_supplier"}
    return [
        {**line, "supplier": own, "price": price, "when": "not second_supplier"},
        {**line, "supplier": own, "preference": 0, **two},
        {**line, "supplier": second, "preference": 1, **two},
        {**line, "supplier": f"spot_{region}", "price": 2.0 * price, "cap": c["spot"] * need, "preference": 2},
    ]


def _delivery_arcs(c: Coefficients, region: str, chain: str, price: float, mean: float) -> list[Entry]:
    """Processors to distributors: a share comes from the other region; where it may step in, all that is missing."""
    line = {"buyer": f"distributor_{region}", "product": MADE[chain], "price": price, "lead_time": 1.0}
    own = {**line, "supplier": f"{PLANT[chain]}_{region}"}
    far = {**line, "supplier": f"{PLANT[chain]}_{other(region)}", "other_cost": c["c_backup"]}
    cross = c["cross_share"]
    usual, backup = "not backup_arcs, not localisation", "backup_arcs, not localisation"
    return [
        {**own, "share": 1.0 - cross, "when": usual},
        {**far, "share": cross, "when": usual},
        {**own, "cap": (1.0 - cross) * mean, "preference": 0, "when": backup},
        {**far, "preference": 1, "when": backup},
        {**own, "when": "localisation"},
        {**far, "preference": 1, "when": "localisation, backup_arcs"},
    ]


def takers(c: Coefficients) -> list[Entry]:
    """Who takes what nobody ordered."""
    found: list[Entry] = []
    for region in REGIONS:
        found.append(_taker(f"mill_{region}", "feed_mill", "bran", gate_fee=-0.8 * c["p_bran"]))
        found.append(_taker(f"cereal_farm_{region}", "grain_trade", "grain", gate_fee=-0.8 * c["p_grain_export"]))
        givers = {"grain": ("mill", "town"), "veg": ("vegetable_farm", "packer", "distributor", "town")}
        for chain in CHAINS:
            for giver in givers[chain]:
                for plant, fee in GATE_FEE.items():
                    line = _taker(f"{giver}_{region}", f"{plant}_{region}", f"{chain}_waste", gate_fee=fee)
                    found.append({**line, "when": "loops"})
    return found


def _taker(giver: str, taker: str, product: str, **more: Any) -> Entry:
    return {"giver": giver, "taker": taker, "product": product, **more}
