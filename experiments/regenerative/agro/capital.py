"""What the switches cost to build, and what they bring a year."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.errors import InputError
from experiments.regenerative.agro.coefficients import Coefficients

FloatArray = NDArray[np.float64]
BATTERY_LIFE = 12
BATTERY_REPLACEMENT = 0.6


def investments(c: Coefficients) -> list[dict[str, Any]]:
    """What is built, as the section ``appraisal`` has it: cost at the start, EUR, both regions together."""
    batteries = {"life": BATTERY_LIFE, "replacement": BATTERY_REPLACEMENT}
    return [
        {"id": "digesters", "cost": 2.0 * c["dig_cap"] * c["capex_dig"], "when": "loops"},
        {"id": "composters", "cost": 2.0 * c["comp_cap"] * c["capex_comp"], "when": "loops"},
        {"id": "solar power", "cost": 2000.0 * c["pv_mw"] * c["capex_pv"], "when": "microgrid"},
        {"id": "batteries", "cost": 2000.0 * c["bat_mwh"] * c["capex_bat"], **batteries, "when": "microgrid"},
        {"id": "lines and control", "cost": 2.0 * c["capex_grid"], "when": "microgrid"},
        {"id": "information", "cost": c["capex_it"], "when": "information"},
    ]


def capital_cost(c: Coefficients, switches: Collection[str]) -> float:
    """Capital cost of the switches that are on, at the start, EUR, both regions together."""
    return float(sum(one["cost"] for one in investments(c) if one["when"] in switches))


def yearly_gain(c: Coefficients, switches: Collection[str], profit: FloatArray, baseline: FloatArray) -> FloatArray:
    """Yearly cash of a variant less that of the baseline, [R, Y], with the batteries' replacement in year 12.

    Args:
        c: coefficients.
        switches: those that are on in the variant.
        profit, baseline: [R, Y], yearly profit on the same random numbers.

    Raises:
        InputError: runs of different size; they must share their random numbers.
    """
    if profit.shape != baseline.shape:
        raise InputError("appraisal: both runs need the same replications and years")
    gain = profit - baseline
    if "microgrid" in switches and gain.shape[1] >= BATTERY_LIFE:
        gain[:, BATTERY_LIFE - 1] -= BATTERY_REPLACEMENT * 2.0 * 1000.0 * c["bat_mwh"] * c["capex_bat"]
    return np.asarray(gain)
