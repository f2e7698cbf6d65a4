"""Buses, lines, engines, batteries and the hours of the agro-food network's days, as a scenario has them.

Each region has a bus for its farms, one for mill and packing house, one for its town with the distributor, and with
loops one for digester and composter.
"""

from __future__ import annotations

import math

from experiments.regenerative.agro.coefficients import Coefficients
from experiments.regenerative.agro.names import Entry
from experiments.regenerative.agro.sizes import CHAINS, REGIONS, WEEKS, Sizes, gas_per_tonne

SEASONS = 13
_HOURS = range(24)
_PRICE = [
    1.0 + 0.25 * math.sin((hour - 5.0) / 12.0 * 2.0 * math.pi) + 0.15 * math.sin((hour - 14.0) / 24.0 * 2.0 * math.pi)
    for hour in _HOURS
]
_DAYLIGHT = [1.0 if 6 <= hour < 22 else 0.0 for hour in _HOURS]
_WEEKDAY, _WEEKEND = 1.1, 0.75
"""Load of a day over the week's mean."""


def power(c: Coefficients) -> Entry:
    """Section ``power``."""
    return {
        "operator": "cooperative",
        "days": 7,
        "year": WEEKS,
        "block": 6,
        "bucket": 0.1,
        "voll": c["voll_farm"],
        "coordinated": True,
        "sun": {"law": "uniform", "low": 1.0 - c["pv_cloud"], "high": 1.0 + c["pv_cloud"]},
        "day_types": _day_types(),
        "buses": _buses(c),
        "lines": _lines(c),
        "engines": _engines(c),
        "batteries": _batteries(c),
    }


def _day_types() -> list[Entry]:
    """Thirteen seasons of four weeks, weekdays and weekends; hours are in the series."""
    span = WEEKS // SEASONS
    return [
        {
            "first": span * season,
            "last": span * season + span - 1,
            "days": days,
            "import_price": f"import_{season + 1}_{days}",
            "export_price": f"export_{season + 1}_{days}",
            "sun": f"sun_{season + 1}",
        }
        for season in range(SEASONS)
        for days in ("weekdays", "weekends")
    ]


def series(c: Coefficients) -> dict[str, list[float]]:
    """Hourly prices (EUR per MWh) and sun (share of the installed power) of every day type."""
    found: dict[str, list[float]] = {}
    mean = sum(_PRICE) / len(_PRICE)
    light = [_light(season) for season in range(SEASONS)]
    mean_light = sum(sum(day) for day in light) / (24.0 * SEASONS)
    for season in range(SEASONS):
        yearly = 1.0 + 0.12 * math.cos((season + 0.5) / SEASONS * 2.0 * math.pi)
        for days, factor in (("weekdays", 1.048), ("weekends", 0.88)):
            shape = [price / mean * yearly * factor for price in _PRICE]
            found[f"import_{season + 1}_{days}"] = [round(c["p_import"] * part, 4) for part in shape]
            found[f"export_{season + 1}_{days}"] = [round(c["p_export"] * part, 4) for part in shape]
        found[f"sun_{season + 1}"] = [round(min(1.0, c["pv_cf"] * part / mean_light), 4) for part in light[season]]
    return found


def _light(season: int) -> list[float]:
    """Course of a day's light: longer and higher in summer."""
    phase = -math.cos((season + 0.5) / SEASONS * 2.0 * math.pi)
    length, height = 12.0 + 3.5 * phase, 1.0 + 0.45 * phase
    return [
        height * math.cos((hour - 12.0) / length * math.pi) if abs(hour - 12.0) < length / 2.0 else 0.0
        for hour in _HOURS
    ]


def _buses(c: Coefficients) -> list[Entry]:
    s = Sizes(c)
    weekend = _WEEKEND / _WEEKDAY
    found: list[Entry] = []
    for region in REGIONS:
        farm = {
            "id": f"farm_{region}_bus",
            "nodes": [f"cereal_farm_{region}", f"vegetable_farm_{region}"],
            "import_max": 4.0,
            "export_max": 2.0,
            "load": c["e_farm"] / WEEKS * sum(s.area(region, chain) * c[f"yield_{crop}"] for chain, crop in _CROPS),
            "weekend": weekend,
            "voll": c["voll_farm"],
        }
        found.append({**farm, "when": "not microgrid"})
        found.append({**farm, "pv": c["pv_mw"], "when": "microgrid"})
        making = c["e_mill"] * s.made(region, "grain") + c["e_vegproc"] * s.made(region, "veg")
        found.append(
            {
                "id": f"plant_{region}_bus",
                "nodes": [f"mill_{region}", f"packer_{region}"],
                "import_max": 4.0,
                "export_max": 1.0,
                "forecast": making,
                "profile": [0.3 + day for day in _DAYLIGHT],
                "weekend": weekend,
                "voll": c["voll_plant"],
            }
        )
        selling = c["e_retail"] * sum(s.stocked(region, chain) for chain in CHAINS)
        found.append(
            {
                "id": f"town_{region}_bus",
                "nodes": [f"town_{region}", f"distributor_{region}"],
                "import_max": 4.0,
                "forecast": selling,
                "profile": [0.6 + 0.4 * day for day in _DAYLIGHT],
                "weekend": weekend,
                "voll": c["voll_town"],
            }
        )
        own = c["dig_own_use"] * c["chp_eta"] * gas_per_tonne(c)
        found.append(
            {
                "id": f"digester_{region}_bus",
                "nodes": [f"digester_{region}", f"composter_{region}"],
                "import_max": 4.0,
                "export_max": 1.0,
                "forecast": own * _digested(c, region),
                "voll": c["voll_dig"],
                "when": "loops",
            }
        )
    return found


_CROPS = (("grain", "wheat"), ("veg", "veg"))


def _digested(c: Coefficients, region: str) -> float:
    """Waste that a digester is expected to take, t a week."""
    s = Sizes(c)
    return sum(min(s.waste(region, chain), s.digester_line(region, chain)) for chain in CHAINS)


def _lines(c: Coefficients) -> list[Entry]:
    found: list[Entry] = []
    cost = {"wheel": c["wheel"], "loss": c["line_loss"]}
    for region in REGIONS:
        plant = f"plant_{region}_bus"
        for place, limit, when in (
            ("farm", c["line_farm"], "microgrid"),
            ("town", c["line_town"], "microgrid"),
            ("digester", c["line_dig"], "microgrid, loops"),
        ):
            found.append({"from": f"{place}_{region}_bus", "to": plant, "limit": limit, **cost, "when": when})
    ends = {"from": f"plant_{REGIONS[0]}_bus", "to": f"plant_{REGIONS[1]}_bus"}
    return [*found, {**ends, "limit": c["line_region"], **cost, "when": "microgrid"}]


def _engines(c: Coefficients) -> list[Entry]:
    per_unit = gas_per_tonne(c) / (c["vs_waste"] * c["biogas_vs"] * c["biogas_mass"] / 1000.0)
    return [
        {
            "bus": f"digester_{region}_bus",
            "node": f"digester_{region}",
            "gas": "biogas",
            "energy_per_unit": per_unit,
            "p_max": c["chp_mw"],
            "eta": c["chp_eta"],
            "store": c["gas_room"],
            "forecast_gas": gas_per_tonne(c) * _digested(c, region),
            "when": "loops",
        }
        for region in REGIONS
    ]


def _batteries(c: Coefficients) -> list[Entry]:
    eta = {"eta_ch": c["bat_eta"], "eta_dis": c["bat_eta"]}
    return [
        {"bus": f"plant_{region}_bus", "e_max": c["bat_mwh"], **eta, "wear": c["bat_wear"], "when": "microgrid"}
        for region in REGIONS
    ]
