"""Dispatch of farm microgrids: the exact linear program of a day, rolled day by day, and the plan that nodes follow.

Source of the task: Wang (2026), "Transition Toward Regenerative Resource Models in Agro-Food Supply Networks", which
names dispatch, coordination of several microgrids and locational prices, and gives no model; the model is stated in
docs/background/regenerative.md.
"""

from __future__ import annotations

from esc_sim.energy.dispatch import Dispatch, Dispatcher
from esc_sim.energy.microgrid import Battery, Bus, Chp, Day, Line, Microgrid
from esc_sim.energy.plan import EnergyPlan, EnergyPlanner
from esc_sim.energy.rolling import gas_value, roll
from esc_sim.energy.settlement import Settlement, settle

__all__ = [
    "Battery",
    "Bus",
    "Chp",
    "Day",
    "Dispatch",
    "Dispatcher",
    "EnergyPlan",
    "EnergyPlanner",
    "Line",
    "Microgrid",
    "Settlement",
    "gas_value",
    "roll",
    "settle",
]
