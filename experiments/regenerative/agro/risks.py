"""What goes wrong in the agro-food network: suppliers, droughts, roads, the grid."""

from __future__ import annotations

from experiments.regenerative.agro.coefficients import Coefficients
from experiments.regenerative.agro.names import FARM, MADE, PLANT, Entry
from experiments.regenerative.agro.sizes import CHAINS, REGIONS, WEEKS

DROUGHT_WEEKS = 26
"""A drought lasts half a year, so that a crop is hit by one that began in the half-year before its harvest."""


def disruptions(c: Coefficients) -> list[Entry]:
    """Section ``disruptions``."""
    return [*_suppliers(c), *_droughts(c), *_roads(c), *_outages(c)]


def _weekly(monthly: float) -> float:
    return monthly * 12.0 / WEEKS


def _geometric(mean: float) -> Entry:
    return {"law": "geometric", "probability": 1.0 / max(1.0, mean)}


def _suppliers(c: Coefficients) -> list[Entry]:
    lasts = _geometric(c["sup_dur"] * WEEKS / 12.0)
    own = [
        {"name": f"{node}_out", "nodes": [node], "probability": _weekly(c["p_sup_own"]), "duration": lasts}
        for node in ("supplier_one", "supplier_two")
    ]
    both = {"name": "both_suppliers_out", "nodes": ["supplier_one", "supplier_two"]}
    return [*own, {**both, "probability": _weekly(c["p_sup_common"]), "duration": lasts}]


def _droughts(c: Coefficients) -> list[Entry]:
    """Slight and severe ones, each half of the years with a drought; a share is common to both regions."""
    span = c["drought_hi"] - c["drought_lo"]
    found: list[Entry] = []
    for where, share in (("common", c["drought_rho"]), *((region, 1.0 - c["drought_rho"]) for region in REGIONS)):
        hit = [f"{FARM[chain]}_{region}" for region in REGIONS for chain in CHAINS if where in ("common", region)]
        for kind, depth in (("slight", 0.25), ("severe", 0.75)):
            yearly = 0.5 * share * c["p_drought"]
            found.append(
                {
                    "name": f"drought_{where}_{kind}",
                    "nodes": hit,
                    "probability": 1.0 - (1.0 - yearly) ** (1.0 / DROUGHT_WEEKS),
                    "duration": float(DROUGHT_WEEKS),
                    "health": 1.0 - (c["drought_lo"] + span * depth),
                    "stops": ["produce"],
                }
            )
    return [entry for entry in found if entry["probability"] > 0.0]


def _roads(c: Coefficients) -> list[Entry]:
    """Roads from a processor to the distributor of its region."""
    return [
        {
            "name": f"road_{MADE[chain]}_{region}",
            "arcs": [
                {
                    "buyer": f"distributor_{region}",
                    "supplier": f"{PLANT[chain]}_{region}",
                    "product": MADE[chain],
                }
            ],
            "probability": _weekly(c["p_arc"]),
            "duration": _geometric(c["arc_dur"]),
        }
        for region in REGIONS
        for chain in CHAINS
    ]


def _outages(c: Coefficients) -> list[Entry]:
    """The grid of a region fails at any time, for hours or days."""
    between = {"law": "exponential", "mean": WEEKS / (12.0 * c["p_out"])}
    repair = {"law": "exponential", "mean": c["out_days"] / 7.0}
    return [
        {
            "name": f"grid_{region}",
            "buses": [f"{place}_{region}_bus" for place in ("farm", "plant", "town", *more)],
            "stops": ["grid"],
            "time_between_failures": between,
            "time_to_repair": repair,
            "when": when,
        }
        for region in REGIONS
        for more, when in (((), "not loops"), (("digester",), "loops"))
    ]
