"""What a run of the agro-food network gives back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esc_sim.circular.agro.coefficients import Switches
from esc_sim.circular.indicators import external_share, landfill_share, self_sufficiency

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AgroResult:
    """Results of R replications over Y years of 52 weeks.

    Attributes:
        switches: what was built.
        money: name -> float64[R, Y], EUR a year; revenues positive, costs negative.
        sales: float64[R, W], value of what customers bought, EUR a week.
        carbon: float64[R, Y + 1, 2 crops, 2 regions], soil carbon, t/ha.
        yields: float64[R, Y, 2, 2], t/ha.
        synthetic, organic: float64[R, Y], N applied, kg.
        collected, landfilled: float64[R, Y], waste, t.
        energy: name -> float64[R, Y], MWh: load, imported, exported, shed, solar, engines, flared, deviation.
        nutrients: name -> float64[R, Y], kg N along each flow (for the flow diagram).
        mass_gap: largest part of the chain's weekly mass that a balance misses.
        nitrogen_gap: largest part of the system's yearly nitrogen that a balance misses.
        power_gap: largest imbalance of a bus and hour, MW.
        plans: energy plans that were solved.
    """

    switches: Switches
    money: dict[str, FloatArray]
    sales: FloatArray
    carbon: FloatArray
    yields: FloatArray
    synthetic: FloatArray
    organic: FloatArray
    collected: FloatArray
    landfilled: FloatArray
    energy: dict[str, FloatArray]
    nutrients: dict[str, FloatArray]
    mass_gap: float
    nitrogen_gap: float
    power_gap: float
    plans: int

    @property
    def profit(self) -> FloatArray:
        """Profit of all members together, float64[R, Y], EUR a year, before capital."""
        total: FloatArray = np.zeros_like(self.synthetic)
        for part in self.money.values():  # in the order of the book: the sum must not depend on anything else
            total = total + part
        return total

    @property
    def external_share(self) -> FloatArray:
        """Synthetic N over all applied N, [R, Y]."""
        return external_share(self.synthetic, self.organic)

    @property
    def landfill_share(self) -> FloatArray:
        """Landfilled over collected waste, [R, Y]."""
        return landfill_share(self.landfilled, self.collected)

    @property
    def self_sufficiency(self) -> FloatArray:
        """1 - grid import over load, [R, Y]."""
        return self_sufficiency(self.energy["imported"], self.energy["load"])
