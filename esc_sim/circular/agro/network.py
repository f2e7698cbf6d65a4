"""The agro-food network as a scenario: nodes, stocks, arcs, recipes, takers, from the coefficients.

Every list holds mappings as a scenario file has them; ``when`` names the switches under which an entry is there.
"""

from __future__ import annotations

from typing import Any

from esc_sim.circular.agro.coefficients import Coefficients
from esc_sim.circular.agro.sizes import (
    CHAINS,
    COMPOSTED_WASTE,
    GROWTH,
    REGIONS,
    WEEKS,
    Sizes,
    biogas_per_tonne,
    compost_losses,
    contents,
    gas_per_tonne,
    other,
)

Entry = dict[str, Any]
RAW = {"grain": "grain", "veg": "vegetables"}
MADE = {"grain": "flour", "veg": "packed_vegetables"}
SOLD = {"grain": "shelf_flour", "veg": "shelf_vegetables"}
FARM = {"grain": "cereal_farm", "veg": "vegetable_farm"}
PLANT = {"grain": "mill", "veg": "packer"}
SUPPLIERS = {"north": "supplier_one", "south": "supplier_two"}
GATE_FEE = {"digester": 40.0, "composter": 45.0}
"""EUR per t that a treatment plant asks; paid within the region, below the landfill's fee."""
TRANSFER = {"raw": 0.3, "made": 0.6, "delivered": 0.75}
"""Prices within the region, as shares of the retail price; they cancel in the profit of all members."""


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
        found += [{"id": name, "name": title, "contents": held[chain]} for name, title in forms.items()]
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
    members, rest = [], _stocks(c)
    for node in _nodes(c):
        own = [entry for entry in rest if (entry["node"], entry["product"]) == (node["id"], node["product"])]
        rest = [entry for entry in rest if entry not in own]
        for entry in own or [{}]:
            held = {key: value for key, value in entry.items() if key not in ("node", "product")}
            members.append({**node, **held})
    return members, rest


def _nodes(c: Coefficients) -> list[Entry]:
    s = Sizes(c)
    found = _fertiliser_makers(c)
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


def _fertiliser_makers(c: Coefficients) -> list[Entry]:
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
            found.append({**maker, "product": "fertiliser", "start_stock": most, "target_stock": most, "when": when})
        spot = {"id": f"spot_{region}", "name": f"Spot market of the {region}", "role": "spot", "layer": 5, "x": 0.0}
        most = c["spot"] * need[region]
        found.append({**spot, "y": y - 2.0, "product": "fertiliser", "start_stock": most, "target_stock": most})
    return found


def _node(name: str, region: str, role: str, layer: int, x: float, y: float, product: str, **more: Any) -> Entry:
    title = f"{name.replace('_', ' ').capitalize()} {region}"
    return {
        "id": f"{name}_{region}", "name": title, "role": role, "layer": layer, "x": x, "y": y, "region": region,
        "product": product, **more,
    }  # fmt: skip


def _stocks(c: Coefficients) -> list[Entry]:
    found: list[Entry] = []
    for region in REGIONS:
        found += [*_farm_stocks(c, region), *_plant_stocks(c, region), *_distributor_stocks(c, region)]
        found += [*_town_stocks(c, region), *_treatment_stocks(c, region)]
    yearly = (("information_service", "information", c["info_opex"]), ("solar_upkeep", "microgrid", _solar_upkeep(c)))
    for name, switch, cost in yearly:
        upkeep = {"node": "cooperative", "product": name, "start_stock": 1.0, "storage_cost": cost / WEEKS}
        found.append({**upkeep, "when": switch})
    return found


def _solar_upkeep(c: Coefficients) -> float:
    """EUR a year."""
    return c["opex_pv"] * 1000.0 * c["pv_mw"] * len(REGIONS)


def _gone(c: Coefficients, node: str, product: str, **more: Any) -> Entry:
    """Waste: what nobody takes goes to the landfill in the same period."""
    return {"node": node, "product": product, "room": 0.0, "disposal_cost": c["landfill_fee"], **more}


def _farm_stocks(c: Coefficients, region: str) -> list[Entry]:
    s = Sizes(c)
    cereal, vegetable = f"cereal_farm_{region}", f"vegetable_farm_{region}"
    fertiliser = [
        {"node": farm, "product": "fertiliser", "order": {"policy": "fields"}} for farm in (cereal, vegetable)
    ]
    return [
        *fertiliser,
        {
            "node": cereal,
            "product": "grain",
            "start_stock": 30.0 * 1.02 * s.raw(region, "grain"),
            "room": c["grain_reserve"] * WEEKS * s.raw(region, "grain"),
        },
        {
            "node": vegetable,
            "product": "vegetables",
            "start_stock": 22.0 * 1.02 * s.raw(region, "veg"),
            "shelf_life": WEEKS,
            "waste": "veg_waste",
        },
        {"node": cereal, "product": "straw", "room": 1.2 * WEEKS * c["comp_cap"] / WEEKS, "when": "loops"},
        _gone(c, vegetable, "veg_waste"),
    ]


def _plant_stocks(c: Coefficients, region: str) -> list[Entry]:
    s = Sizes(c)
    found = []
    for chain in CHAINS:
        plant, made, raw = f"{PLANT[chain]}_{region}", s.made(region, chain), s.raw(region, chain)
        keeps = {} if chain == "grain" else {"shelf_life": 3, "waste": "veg_waste"}
        most = c["proc_room"] * made
        found += [
            {"node": plant, "product": MADE[chain], "start_stock": most - made, "target_stock": most, **keeps},
            {"node": plant, "product": RAW[chain], "start_stock": 2.0 * raw, "order": _base_stock(2.5 * raw)},
            _gone(c, plant, f"{chain}_waste"),
            _gone(c, plant, f"{chain}_rest"),
        ]
    return [*found, {"node": f"mill_{region}", "product": "bran", "room": 0.0}]


def _base_stock(level: float, **more: Any) -> Entry:
    return {"policy": "base_stock", "up_to": level, **more}


def _distributor_stocks(c: Coefficients, region: str) -> list[Entry]:
    s = Sizes(c)
    found: list[Entry] = []
    for chain in CHAINS:
        mean = s.stocked(region, chain)
        keeps = {} if chain == "grain" else {"shelf_life": 5, "waste": "veg_waste"}
        item = {"node": f"distributor_{region}", "product": MADE[chain], "start_stock": c["cover_dist"] * mean, **keeps}
        # What a retailer orders again because it did not come looks like demand to who forecasts from its orders.
        local = {"policy": "forecast", "window": 4, "cover": c["cover_dist"], "initial": mean}
        seen = _base_stock((c["cover_dist"] + c["cover_shop"]) * mean, echelon=True)
        found.append({**item, "order": local, "when": "not information"})
        found.append({**item, "order": seen, "when": "information"})
    return [*found, _gone(c, f"distributor_{region}", "veg_waste")]


def _town_stocks(c: Coefficients, region: str) -> list[Entry]:
    s, town = Sizes(c), f"town_{region}"
    found: list[Entry] = []
    for chain, price, leftover in (("grain", c["p_flour"], c["hh_flour"]), ("veg", c["p_veg"], c["hh_veg"])):
        mean, stocked = s.demand(region, chain), s.stocked(region, chain)
        keeps = {} if chain == "grain" else {"shelf_life": 3, "waste": "veg_waste"}
        gone = {} if chain == "grain" else {"shelf_life": 1, "waste": "veg_waste"}
        kitchen = f"{chain}_kitchen"
        demand = {"mean": mean, "sd": c["demand_cv"] * mean, "price": price, "leftovers": {kitchen: leftover}}
        shelf = s.shelf(chain) * mean
        spare = max(0.0, s.shelf(chain) - 1.0) * mean if chain == "grain" else 0.0
        found += [
            {
                "node": town,
                "product": SOLD[chain],
                "start_stock": spare,
                "target_stock": shelf,
                "demand": demand,
                **gone,
            },
            {
                "node": town,
                "product": MADE[chain],
                "start_stock": c["cover_shop"] * stocked,
                "order": _base_stock(c["cover_shop"] * stocked),
                **keeps,
            },
            _gone(c, town, f"{chain}_waste"),
            _gone(c, town, f"{chain}_rest"),
            _gone(c, town, kitchen, when="not loops"),
            {**_gone(c, town, kitchen, when="loops"), "room": 2.0 * leftover * mean},
        ]
    return found


def _treatment_stocks(c: Coefficients, region: str) -> list[Entry]:
    s = Sizes(c)
    digester, composter = f"digester_{region}", f"composter_{region}"
    gas = 2.0 * biogas_per_tonne(c) * c["dig_cap"] / WEEKS
    straw = (1.0 - COMPOSTED_WASTE) * c["comp_cap"] / WEEKS
    found: list[Entry] = [{"node": digester, "product": "biogas", "room": gas}]
    for chain in CHAINS:
        line = s.digester_line(region, chain)
        found += [
            {**_gone(c, digester, f"{chain}_waste"), "room": line},
            {**_gone(c, composter, f"{chain}_waste"), "room": COMPOSTED_WASTE / 2.0 * c["comp_cap"] / WEEKS},
            {**_gone(c, digester, f"digestate_{chain}"), "room": WEEKS * line},
            {**_gone(c, composter, f"compost_{chain}"), "room": COMPOSTED_WASTE / 2.0 * c["comp_cap"]},
        ]
    found += [
        {"node": composter, "product": "straw", "order": _base_stock(straw)},
        {**_gone(c, composter, "compost_straw"), "room": WEEKS * straw},
    ]
    return [{**entry, "when": "loops"} for entry in found]


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


def recipes(c: Coefficients) -> list[Entry]:
    """What nodes make out of what."""
    found: list[Entry] = []
    for region in REGIONS:
        for chain in CHAINS:
            found += [_processing(c, region, chain), _shelving(c, region, chain), _separating(c, region, chain)]
        found += [{**recipe, "when": "loops"} for recipe in _treatment(c, region)]
    for maker in _fertiliser_makers(c):
        run = {"node": maker["id"], "id": f"fertiliser_{maker['id']}", "inputs": {"air_nitrogen": 1.0}}
        made = {"outputs": {"fertiliser": 1.0}, "capacity": maker["target_stock"] / WEEKS}
        when = {"when": maker["when"]} if "when" in maker else {}
        found.append({**run, **made, "cost": _price_of(c, maker), **when})
    return found


def _price_of(c: Coefficients, maker: Entry) -> float:
    """EUR per t of nitrogen: twice the usual on the spot market, and more where farms keep two suppliers."""
    if maker["role"] == "spot":
        return 2.0 * c["p_synth"]
    return c["p_synth"] * (1.0 + (c["dual_premium"] if maker["when"] == "second_supplier" else 0.0))


def _processing(c: Coefficients, region: str, chain: str) -> Entry:
    s = Sizes(c)
    made, energy = (s.yield_(chain), c["e_mill"] if chain == "grain" else c["e_vegproc"])
    bran = {"bran": 1.0 - made - c["flour_waste"]} if chain == "grain" else {}
    lost = 1.0 - made - bran.get("bran", 0.0)
    return {
        "node": f"{PLANT[chain]}_{region}",
        "id": f"{'milling' if chain == 'grain' else 'packing'}_{region}",
        "inputs": {RAW[chain]: 1.0},
        "outputs": {MADE[chain]: made},
        "byproducts": {**{k: v for k, v in bran.items() if v > 0.0}, **_caught(c, chain, lost)},
        "capacity": c["proc_room"] * s.raw(region, chain),
        "cost": c["c_proc"] * made,
        "energy": energy * made,
    }


def _caught(c: Coefficients, chain: str, lost: float) -> dict[str, float]:
    """Waste of a step by where it goes, without what is none."""
    share = c["capture_ind"]
    parts = {f"{chain}_waste": share * lost, f"{chain}_rest": (1.0 - share) * lost}
    return {name: amount for name, amount in parts.items() if amount > 0.0}


def _shelving(c: Coefficients, region: str, chain: str) -> Entry:
    lost = c["spoil_flour" if chain == "grain" else "spoil_veg"]
    return {
        "node": f"town_{region}",
        "id": f"shelving_{chain}_{region}",
        "inputs": {MADE[chain]: 1.0},
        "outputs": {SOLD[chain]: 1.0 - lost},
        "byproducts": _caught(c, chain, lost),
        "energy": c["e_retail"],
    }


def _separating(c: Coefficients, region: str, chain: str) -> Entry:
    """Households' waste is collected apart as far as they separate it."""
    share = c["capture_hh"]
    parts = {f"{chain}_waste": share, f"{chain}_rest": 1.0 - share}
    return {
        "node": f"town_{region}",
        "id": f"collecting_{chain}_{region}",
        "inputs": {f"{chain}_kitchen": 1.0},
        "byproducts": {name: amount for name, amount in parts.items() if amount > 0.0},
        "cost": c["collect"] * share,
        "when": "loops",
    }


def _treatment(c: Coefficients, region: str) -> list[Entry]:
    s, gas = Sizes(c), biogas_per_tonne(c)
    own = c["dig_own_use"] * c["chp_eta"] * gas_per_tonne(c)
    held, found = contents(c), []
    for chain in CHAINS:
        run = {"node": f"digester_{region}", "id": f"digesting_{chain}_{region}", "inputs": {f"{chain}_waste": 1.0}}
        made = {"outputs": {f"digestate_{chain}": 1.0 - gas}, "byproducts": {"biogas": gas}}
        found.append({**run, **made, "capacity": s.digester_line(region, chain), "cost": c["opex_dig"], "energy": own})
    shares = {"grain": COMPOSTED_WASTE / 2.0, "veg": COMPOSTED_WASTE / 2.0, "straw": 1.0 - COMPOSTED_WASTE}
    for name, share in shares.items():
        feed = "straw" if name == "straw" else f"{name}_waste"
        run = {"node": f"composter_{region}", "id": f"composting_{name}_{region}", "inputs": {feed: 1.0}}
        lost = {key: amount for key, amount in compost_losses(c, held[name]).items() if amount > 0.0}
        made = {"outputs": {f"compost_{name}": c["comp_mass"]}, "byproducts": lost}
        found.append({**run, **made, "capacity": share * c["comp_cap"] / WEEKS, "cost": c["opex_comp"]})
    return found


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
