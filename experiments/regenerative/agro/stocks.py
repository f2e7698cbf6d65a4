"""What the members of the agro-food network hold, order and throw away."""

from __future__ import annotations

from typing import Any

from experiments.regenerative.agro.coefficients import Coefficients
from experiments.regenerative.agro.names import MADE, PLANT, RAW, SOLD, Entry
from experiments.regenerative.agro.sizes import CHAINS, COMPOSTED_WASTE, REGIONS, WEEKS, Sizes, biogas_per_tonne


def stocks(c: Coefficients) -> list[Entry]:
    """Products at nodes, first ones too."""
    found: list[Entry] = []
    for region in REGIONS:
        found += [*_farm_stocks(c, region), *_plant_stocks(c, region), *_distributor_stocks(c, region)]
        found += [*_town_stocks(c, region), *_treatment_stocks(c, region)]
    yearly = (("information_service", "information", c["info_opex"]), ("solar_upkeep", "microgrid", _solar_upkeep(c)))
    for name, switch, cost in yearly:
        upkeep = {"node": "cooperative", "product": name, "initial_stock": 1.0, "holding_cost": cost / WEEKS}
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
            "initial_stock": 30.0 * 1.02 * s.raw(region, "grain"),
            "room": c["grain_reserve"] * WEEKS * s.raw(region, "grain"),
        },
        {
            "node": vegetable,
            "product": "vegetables",
            "initial_stock": 22.0 * 1.02 * s.raw(region, "veg"),
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
            {"node": plant, "product": MADE[chain], "initial_stock": most - made, "target_stock": most, **keeps},
            {"node": plant, "product": RAW[chain], "initial_stock": 2.0 * raw, "order": _base_stock(2.5 * raw)},
            _gone(c, plant, f"{chain}_waste"),
            _gone(c, plant, f"{chain}_rest"),
        ]
    return [*found, {"node": f"mill_{region}", "product": "bran", "room": 0.0}]


def _base_stock(level: float, **more: Any) -> Entry:
    return {"policy": "base_stock", "order_up_to": level, **more}


def _distributor_stocks(c: Coefficients, region: str) -> list[Entry]:
    s = Sizes(c)
    found: list[Entry] = []
    for chain in CHAINS:
        mean = s.stocked(region, chain)
        keeps = {} if chain == "grain" else {"shelf_life": 5, "waste": "veg_waste"}
        item = {
            "node": f"distributor_{region}",
            "product": MADE[chain],
            "initial_stock": c["cover_dist"] * mean,
            **keeps,
        }
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
                "initial_stock": spare,
                "target_stock": shelf,
                "demand": demand,
                **gone,
            },
            {
                "node": town,
                "product": MADE[chain],
                "initial_stock": c["cover_shop"] * stocked,
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
