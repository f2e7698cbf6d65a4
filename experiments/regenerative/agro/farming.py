"""Fields, soils and amendments of the agro-food network, as a scenario has them."""

from __future__ import annotations

from experiments.regenerative.agro.coefficients import Coefficients
from experiments.regenerative.agro.names import FARM, RAW, Entry
from experiments.regenerative.agro.sizes import CHAINS, REGIONS, WEEKS, Sizes, contents

APPLY = {"grain": 9, "veg": 13}
"""Weeks of the year, counted from 0, in which nitrogen is applied: the tenth and the fourteenth."""
WINDOW = 4
"""Weeks from then on in which a farm still orders what it misses."""
GRAIN_WEEK = 30
VEGETABLE_WEEKS = range(22, 40)
MARKDOWN = 0.05
"""By which sellers of digestate and compost stay below parity with synthetic nitrogen."""
AHEAD = 8
"""Weeks by which fertiliser is ordered ahead where information is shared."""


def farming(c: Coefficients) -> Entry:
    """Section ``farming``."""
    measure = {
        "when": "soil_measure",
        "till_factor": c["till_factor"],
        "cover_carbon": c["cover_c"],
        "nitrogen_kept": c["cover_nsave"],
        "cost": c["soil_cost"],
    }
    soil = {
        "start": c["soc0"],
        "saturation": c["soc_sat"],
        "gain": c["soil_gain"],
        "decay": c["k_soc"],
        "mineralisation": c["k_min"],
    }
    return {
        "year": WEEKS,
        "organic_limit": 170.0,
        "nitrogen": "nitrogen",
        "carbon": "carbon",
        "soil": soil,
        "measure": measure,
    }


def fields(c: Coefficients) -> list[Entry]:
    """Section ``fields``: what differs with the switches stands twice."""
    s = Sizes(c)
    found: list[Entry] = []
    for region in REGIONS:
        for chain in CHAINS:
            crop = "wheat" if chain == "grain" else "veg"
            field = {
                "id": f"{'wheat' if chain == 'grain' else 'vegetables'}_{region}",
                "node": f"{FARM[chain]}_{region}",
                "crop": RAW[chain],
                "fertiliser": "fertiliser",
                "area": s.area(region, chain),
                "potential": c[f"yield_{crop}"],
                "uptake": c[f"n_uptake_{crop}"],
                "recovery": c[f"recovery_{crop}"],
                "background": c["n_background"],
                "apply": APPLY[chain],
                "window": WINDOW,
                "harvest": {GRAIN_WEEK: 1.0} if chain == "grain" else _shares(),
                "yield_sd": c["yield_cv"],
                "cost": c[f"c_{crop}"],
            }
            for ahead, when in ((0, "not information"), (AHEAD, "information")):
                if chain == "veg":
                    found.append({**field, "ahead": ahead, "when": when})
                    continue
                for collected, loops in ((0.0, "not loops"), (c["straw_share"], "loops")):
                    straw = {"ratio": c["straw_ratio"], "collected": collected}
                    straw |= {"carbon": c["org_c_straw"], "retained": c["h_straw"]}
                    kept = {"product": "straw", **straw}
                    found.append({**field, "ahead": ahead, "residue": kept, "when": f"{when}, {loops}"})
    return found


def _shares() -> dict[int, float]:
    """Shares of the vegetables' yield by week: a triangle."""
    ramp = [min(k + 1, len(VEGETABLE_WEEKS) - k) for k in range(len(VEGETABLE_WEEKS))]
    return {week: part / sum(ramp) for week, part in zip(VEGETABLE_WEEKS, ramp, strict=True)}


def amendments(c: Coefficients) -> list[Entry]:
    """Section ``amendments``: digestate and compost for every farm, dearer from the other region."""
    found: list[Entry] = []
    kinds = [("digester", f"digestate_{chain}", c["spread_dig"]) for chain in CHAINS]
    kinds += [("composter", f"compost_{feed}", c["spread_comp"]) for feed in (*CHAINS, "straw")]
    for seller in REGIONS:
        for plant, product, spread in kinds:
            for region in REGIONS:
                cost = spread + (0.0 if region == seller else c["c_backup"])
                for chain in CHAINS:
                    line = {"seller": f"{plant}_{seller}", "product": product, "farm": f"{FARM[chain]}_{region}"}
                    found.append({**line, "cost": cost, "ask": _ask(c, product, spread), "when": "loops"})
    return found


def _ask(c: Coefficients, product: str, spread: float) -> float:
    """A little below the price at which synthetic nitrogen costs a neighbour the same, not below disposal; for all."""
    share = c["dig_n_avail" if product.startswith("digestate") else "compost_n_avail"]
    parity = c["p_synth"] / 1000.0 * share * contents(c)[product]["nitrogen"] - spread
    return max(-c["landfill_fee"], parity - MARKDOWN * abs(parity))
