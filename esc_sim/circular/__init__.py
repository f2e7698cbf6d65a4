"""Circular and regenerative resource flows: indicators and investment appraisal.

Pure functions that know nothing of engines, files or time.
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

__all__ = [
    "Appraisal",
    "BreakEven",
    "appraise",
    "break_even_subsidy",
    "discounted_payback",
    "external_share",
    "irr",
    "landfill_share",
    "loss_area",
    "npv",
    "self_sufficiency",
]
