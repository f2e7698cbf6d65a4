"""What the switches cost to build, and what they bring a year."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from esc_sim.circular.agro.coefficients import Coefficients, Switches
from esc_sim.circular.agro.result import AgroResult
from esc_sim.errors import InputError

BATTERY_LIFE = 12
BATTERY_REPLACEMENT = 0.6


def capital_cost(c: Coefficients, sw: Switches) -> float:
    """Capital cost at the start, EUR, both regions together."""
    total = 0.0
    if sw.loops:
        total += 2.0 * (c["dig_cap"] * c["capex_dig"] + c["comp_cap"] * c["capex_comp"])
    if sw.microgrid:
        total += 2.0 * (1000.0 * (c["pv_mw"] * c["capex_pv"] + c["bat_mwh"] * c["capex_bat"]) + c["capex_grid"])
    if sw.information:
        total += c["capex_it"]
    return total


def yearly_gain(c: Coefficients, built: AgroResult, baseline: AgroResult) -> NDArray[np.float64]:
    """Yearly cash of a variant less that of the baseline, [R, Y], with the batteries' replacement in year 12.

    Raises:
        InputError: runs of different size; they must share their random numbers.
    """
    if built.profit.shape != baseline.profit.shape:
        raise InputError("appraisal: both runs need the same replications and years")
    gain = built.profit - baseline.profit
    if built.switches.microgrid and gain.shape[1] >= BATTERY_LIFE:
        gain[:, BATTERY_LIFE - 1] -= BATTERY_REPLACEMENT * 2.0 * 1000.0 * c["bat_mwh"] * c["capex_bat"]
    return np.asarray(gain)
