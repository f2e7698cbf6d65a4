"""Fields: nitrogen of a season, yields, soil carbon. Arrays are [R replications, 2 crops, 2 regions]."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esc_sim.circular.agro.chance import REGIONS
from esc_sim.circular.agro.coefficients import Coefficients, Switches
from esc_sim.circular.agro.flows import SPLIT
from esc_sim.circular.agro.waste import COMPOST, DIGESTATE
from esc_sim.circular.nutrients import Offer, Order, clear_market, nitrogen_need
from esc_sim.circular.soil import Soil

FloatArray = NDArray[np.float64]
CEREALS, VEGETABLES = 0, 1
CROPS = ("cereals", "vegetables")


@dataclass(eq=False)
class Applied:
    """Nitrogen applied to one crop, [R, 2 regions] unless said otherwise; N in kg.

    Attributes:
        synthetic: bought from fertiliser suppliers.
        dear: the part of it bought on the spot market at twice the price.
        organic: total N of compost and digestate.
        need: plant-available N that was needed.
        taken: [R, 2 sellers' regions, 2 (digestate, compost), 3], what left the stores (t, kg N, t C).
    """

    synthetic: FloatArray
    dear: FloatArray
    organic: FloatArray
    need: FloatArray
    taken: FloatArray


class Fields:
    """State of the farms' soils.

    Attributes:
        carbon: [R, 2, 2], t C per ha.
        pool: [R, 2, 2], organic N, kg.
        available: [R, 2, 2], plant-available N of this year so far, kg.
        losses: [R, 2, 2], N that was not taken up last year, kg.
    """

    def __init__(self, c: Coefficients, sw: Switches, replications: int) -> None:
        self.c, self.sw = c, sw
        area, potential = np.array([c["area_wheat"], c["area_veg"]]), np.array([c["yield_wheat"], c["yield_veg"]])
        self.area = area[:, None] * SPLIT.T
        self.potential = potential[:, None] * self.area
        self.uptake = np.array([c["n_uptake_wheat"], c["n_uptake_veg"]])[:, None]
        self.recovery = np.array([c["recovery_wheat"], c["recovery_veg"]])[:, None]
        self.background = c["n_background"] * self.area
        self.soil = Soil(
            c["soc0"], c["soc_sat"], c["soil_gain"], c["k_soc"], c["till_factor"], c["cover_c"], c["k_min"]
        )
        straw = c["h_straw"] * c["org_c_straw"] * c["straw_ratio"] * c["yield_wheat"]
        self.straw_kept = np.array([straw, 0.0])[:, None]
        self.root = self.soil.root(self.straw_kept)
        shape = (replications, 2, 2)
        self.carbon = np.full(shape, c["soc0"])
        self.pool, self.available, self.losses = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self.added_carbon, self.entered = np.zeros(shape), np.zeros(shape)
        self.target = np.zeros(shape)

    def new_year(self) -> None:
        """Mineralise, and set the target yields of the year."""
        factor = self.soil.yield_factor(self.carbon) if self.sw.soil_model else np.ones_like(self.carbon)
        self.target = self.potential * factor
        self.mineral, self.pool = self.soil.mineralised(self.pool)
        saved = self.c["cover_nsave"] * self.losses if self.sw.soil_measure else np.zeros_like(self.losses)
        self.saved, self.mineral = saved, self.mineral + saved
        self.available = self.background + self.mineral
        self.added_carbon = np.zeros_like(self.carbon)
        self.entered = np.zeros_like(self.carbon)

    def apply(self, crop: int, stock: FloatArray, served: FloatArray) -> Applied:
        """Cover the need of a crop in its application week.

        Args:
            crop: 0 cereals, 1 vegetables.
            stock: [R, 2, 2, 3], digestate and compost in store; what is sold is taken out of it.
            served: [R, 2], share of an order that the farm's fertiliser suppliers can serve.
        """
        need = nitrogen_need(
            self.target[:, crop],
            self.uptake[crop, 0],
            self.recovery[crop, 0],
            self.background[crop],
            self.mineral[:, crop],
        )
        taken, organic, available, carbon = self._market(crop, stock, need)
        open_need = np.maximum(0.0, need - available)
        regular = served * open_need
        dear = self.c["spot"] * (open_need - regular)
        self.available[:, crop] += available + regular + dear
        self.pool[:, crop] += organic - available
        self.added_carbon[:, crop] += carbon
        self.entered[:, crop] += organic + regular + dear
        return Applied(regular + dear, dear, organic, need, taken)

    def _market(
        self, crop: int, stock: FloatArray, need: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Clear the nutrient market of each replication: (taken, total N, available N, carbon kept in the soil)."""
        c, R = self.c, len(stock)
        taken = np.zeros_like(stock)
        organic, available, carbon = np.zeros((R, 2)), np.zeros((R, 2)), np.zeros((R, 2))
        price = c["p_synth"] / 1000.0 * (1.0 + (c["dual_premium"] if self.sw.second_supplier else 0.0))
        lasting = {DIGESTATE: c["h_dig"], COMPOST: c["h_comp"]}
        first_year = {DIGESTATE: c["dig_n_avail"], COMPOST: c["compost_n_avail"]}
        for r in np.flatnonzero((stock[..., 0] > 1e-6).any(axis=(1, 2))):
            lots = [(g, p) for g in range(2) for p in (DIGESTATE, COMPOST) if stock[r, g, p, 0] > 1e-6]
            offers = [self._offer(stock[r, g, p], g, p, first_year[p], price) for g, p in lots]
            orders = [
                Order(
                    f"{CROPS[crop]} {REGIONS[f]}",
                    need[r, f],
                    self.area[crop, f],
                    [self._haul(f, g, p) for g, p in lots],
                )
                for f in range(2)
            ]
            sold = clear_market(offers, orders, price).tonnes
            for s, (g, p) in enumerate(lots):
                row = stock[r, g, p] / stock[r, g, p, 0]
                for f in range(2):
                    part = sold[f][s] * row
                    taken[r, g, p] += part
                    organic[r, f] += part[1]
                    available[r, f] += first_year[p] * part[1]
                    carbon[r, f] += lasting[p] * part[2]
            stock[r] = np.maximum(0.0, stock[r] - taken[r])
        return taken, organic, available, carbon

    def _haul(self, farm: int, seller: int, product: int) -> float:
        """Haul and spreading, EUR per tonne."""
        spread = self.c["spread_dig"] if product == DIGESTATE else self.c["spread_comp"]
        return spread + (0.0 if farm == seller else self.c["c_backup"])

    def _offer(self, lot: FloatArray, region: int, product: int, first_year: float, price: float) -> Offer:
        """An offer a little below the price at which synthetic N costs a neighbour the same, not below disposal."""
        total, carbon = lot[1] / lot[0], lot[2] / lot[0]
        parity = price * first_year * total - self._haul(region, region, product)
        ask = max(-self.c["landfill_fee"], parity - 0.05 * abs(parity))
        return Offer(f"{REGIONS[region]}/{product}", lot[0], first_year * total, total, carbon, ask)

    def harvest(self, crop: int, drought: FloatArray, weather: FloatArray) -> FloatArray:
        """Yield of a crop, [R, 2], t: what the target or the nitrogen allows, times drought and weather."""
        possible = self.available[:, crop] * self.recovery[crop] / self.uptake[crop]
        tonnes = np.minimum(self.target[:, crop], possible) * (1.0 - drought) * weather
        self.losses[:, crop] = np.maximum(0.0, self.available[:, crop] - tonnes * self.uptake[crop])
        return np.asarray(tonnes)

    def end_year(self, grain: FloatArray, straw_taken: FloatArray) -> None:
        """Carry soil carbon on: grain harvest [R, 2], t, and straw taken from the fields [R, 2], t C."""
        c = self.c
        straw = np.zeros_like(self.carbon)
        straw[:, CEREALS] = c["h_straw"] * (c["org_c_straw"] * c["straw_ratio"] * grain - straw_taken)
        kept = (straw + self.added_carbon) / self.area
        self.carbon = self.soil.next_year(self.carbon, kept, self.root, measure=self.sw.soil_measure)
