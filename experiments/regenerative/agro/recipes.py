"""What the members of the agro-food network make out of what; every recipe balances mass, nitrogen and carbon."""

from __future__ import annotations

from experiments.regenerative.agro.coefficients import Coefficients
from experiments.regenerative.agro.names import MADE, PLANT, RAW, SOLD, Entry
from experiments.regenerative.agro.network import fertiliser_makers
from experiments.regenerative.agro.sizes import (
    CHAINS,
    COMPOSTED_WASTE,
    REGIONS,
    WEEKS,
    Sizes,
    biogas_per_tonne,
    compost_losses,
    contents,
    gas_per_tonne,
)


def recipes(c: Coefficients) -> list[Entry]:
    """What nodes make out of what."""
    found: list[Entry] = []
    for region in REGIONS:
        for chain in CHAINS:
            found += [_processing(c, region, chain), _shelving(c, region, chain), _separating(c, region, chain)]
        found += [{**recipe, "when": "loops"} for recipe in _treatment(c, region)]
    for maker in fertiliser_makers(c):
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
