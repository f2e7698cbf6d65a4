"""A regional agro-food network, week by week over years: farms, processors, retailers, loops, soil and microgrids.

Two regions; everything is computed for all replications at once. The network of `scenarios/agro_food` is read by
`read_study`, run by `simulate_agro`, and appraised with `esc_sim.circular.appraise`.
"""

from __future__ import annotations

from esc_sim.circular.agro.capital import capital_cost, yearly_gain
from esc_sim.circular.agro.chance import Chance, draw_chance
from esc_sim.circular.agro.coefficients import Coefficients, Switches, read_coefficients, read_switches
from esc_sim.circular.agro.result import AgroResult
from esc_sim.circular.agro.simulate import simulate_agro

__all__ = [
    "AgroResult",
    "Chance",
    "Coefficients",
    "Switches",
    "capital_cost",
    "draw_chance",
    "read_coefficients",
    "read_switches",
    "simulate_agro",
    "yearly_gain",
]
