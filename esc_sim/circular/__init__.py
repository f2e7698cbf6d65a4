"""Circular and regenerative resource flows: soil, nutrient market, indicators, investment appraisal.

Pure functions that know nothing of engines, files or time; `circular.agro` puts them together with the energy plan.
"""

from __future__ import annotations

from esc_sim.circular.appraisal import (
    Appraisal,
    BreakEven,
    appraise,
    break_even_subsidy,
    discounted_payback,
    irr,
    npv,
)
from esc_sim.circular.indicators import external_share, landfill_share, loss_area, self_sufficiency
from esc_sim.circular.nutrients import Clearing, Offer, Order, clear_market, nitrogen_need
from esc_sim.circular.soil import Soil

__all__ = [
    "Appraisal",
    "BreakEven",
    "Clearing",
    "Offer",
    "Order",
    "Soil",
    "appraise",
    "break_even_subsidy",
    "clear_market",
    "discounted_payback",
    "external_share",
    "irr",
    "landfill_share",
    "loss_area",
    "nitrogen_need",
    "npv",
    "self_sufficiency",
]
