"""The book of a run: money, nitrogen, waste and energy a year, and the balances that prove nothing was lost."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from esc_sim.circular.agro.chance import WEEKS, Chance
from esc_sim.circular.agro.coefficients import Coefficients, Switches
from esc_sim.circular.agro.field import CEREALS, VEGETABLES, Applied, Fields
from esc_sim.circular.agro.flows import WeekGoods, weigh
from esc_sim.circular.agro.power import PowerWeek
from esc_sim.circular.agro.result import AgroResult
from esc_sim.circular.agro.waste import COMPOST, DIGESTATE, WeekWaste

FloatArray = NDArray[np.float64]
MONEY = (
    "food sold", "bran and grain sold", "farming", "processing", "synthetic nitrogen", "spreading", "landfill",
    "collection", "digesters and composters", "energy", "haul between regions", "soil measure", "information", "solar",
)  # fmt: skip
ENERGY = ("load", "imported", "exported", "shed", "solar", "engines", "flared", "deviation")
FLOWS = (
    "synthetic", "background", "digestate", "compost", "grain", "vegetables", "straw", "field losses", "eaten",
    "bran and grain sold", "food waste", "landfilled", "to air",
)  # fmt: skip


class Book:
    """Collects a run; every entry is added in the order of weeks.

    Args:
        c: coefficients.
        sw: switches.
        chance: for the shape.
        fields: for the start of the soil.
    """

    def __init__(self, c: Coefficients, sw: Switches, chance: Chance, fields: Fields) -> None:
        R, Y = chance.replications, chance.years
        self.c, self.sw = c, sw
        self.money = {name: np.zeros((R, Y)) for name in MONEY}
        self.energy = {name: np.zeros((R, Y)) for name in ENERGY}
        self.flows = {name: np.zeros((R, Y)) for name in FLOWS}
        self.sales = np.zeros((R, Y * WEEKS))
        self.carbon, self.yields = np.zeros((R, Y + 1, 2, 2)), np.zeros((R, Y, 2, 2))
        self.carbon[:, 0] = fields.carbon
        self.synthetic, self.organic = np.zeros((R, Y)), np.zeros((R, Y))
        self.collected, self.landfilled = np.zeros((R, Y)), np.zeros((R, Y))
        self.mass_gap = self.nitrogen_gap = self.power_gap = 0.0
        self.prices = np.array([c["p_flour"], c["p_veg"]])
        self.food_nitrogen = np.array([c["n_grain"], c["n_veg"]])
        self.pool = fields.pool.sum(axis=(1, 2))

    def open_year(self, year: int, fields: Fields) -> None:
        """Costs that do not depend on what happens."""
        c, m = self.c, self.money
        m["farming"][:, year] -= c["area_wheat"] * c["c_wheat"] + c["area_veg"] * c["c_veg"]
        if self.sw.soil_measure:
            m["soil measure"][:, year] -= c["soil_cost"] * (c["area_wheat"] + c["area_veg"])
        if self.sw.information:
            m["information"][:, year] -= c["info_opex"]
        if self.sw.microgrid:
            m["solar"][:, year] -= c["opex_pv"] * 1000.0 * c["pv_mw"] * 2
        self.flows["background"][:, year] += fields.background.sum()

    def applied(self, year: int, crop: int, done: Applied) -> None:
        """Nitrogen of an application week."""
        c = self.c
        price = c["p_synth"] / 1000.0 * (1.0 + (c["dual_premium"] if self.sw.second_supplier else 0.0))
        bought = done.synthetic.sum(axis=1)
        self.money["synthetic nitrogen"][:, year] -= price * (bought + done.dear.sum(axis=1))
        self.synthetic[:, year] += bought
        self.flows["synthetic"][:, year] += bought
        self.organic[:, year] += done.organic.sum(axis=1)
        for name, product, cost in (("digestate", DIGESTATE, c["spread_dig"]), ("compost", COMPOST, c["spread_comp"])):
            left = done.taken[:, :, product].sum(axis=1)
            self.money["spreading"][:, year] -= cost * left[:, 0]
            self.flows[name][:, year] += left[:, 1]

    def exported(self, year: int, tonnes: FloatArray) -> None:
        """Surplus grain sold abroad, [R]."""
        self.money["bran and grain sold"][:, year] += self.c["p_grain_export"] * tonnes
        self.flows["bran and grain sold"][:, year] += self.c["n_grain"] * tonnes

    def week(self, year: int, t: int, goods: WeekGoods, waste: WeekWaste, power: PowerWeek) -> None:
        """A week of trade, waste and energy."""
        c, m = self.c, self.money
        self.sales[:, t] = weigh(goods.sold.sum(axis=1), self.prices)
        m["food sold"][:, year] += self.sales[:, t]
        bran = goods.bran.sum(axis=1)
        m["bran and grain sold"][:, year] += c["p_bran"] * bran
        m["processing"][:, year] -= c["c_proc"] * goods.made.sum(axis=(1, 2))
        m["landfill"][:, year] -= c["landfill_fee"] * waste.landfilled[:, 0]
        m["collection"][:, year] -= c["collect"] * waste.households
        composted = waste.composted[:, :, 0].sum(axis=1)
        treated = c["opex_dig"] * waste.digested[:, :, 0].sum(axis=1) + c["opex_comp"] * composted
        m["digesters and composters"][:, year] -= treated
        m["energy"][:, year] -= power.cost
        m["haul between regions"][:, year] -= c["c_backup"] * goods.crossed
        for name in ENERGY:
            self.energy[name][:, year] += getattr(power, name)
        self.collected[:, year] += waste.collected[:, 0]
        self.landfilled[:, year] += waste.landfilled[:, 0]
        f = self.flows
        f["eaten"][:, year] += self._eaten(goods)[:, 1]
        f["bran and grain sold"][:, year] += c["n_grain"] * bran
        f["food waste"][:, year] += waste.collected[:, 1]
        f["landfilled"][:, year] += waste.landfilled[:, 1]
        f["to air"][:, year] += waste.air[:, 1]
        self.power_gap = max(self.power_gap, power.imbalance)

    def _eaten(self, goods: WeekGoods) -> FloatArray:
        """What customers eat, [R, 2] (t, kg N)."""
        eaten = (goods.sold * (1.0 - np.array([self.c["hh_flour"], self.c["hh_veg"]]))).sum(axis=1)
        return np.stack([eaten.sum(axis=1), weigh(eaten, self.food_nitrogen)], axis=1)

    def check(
        self, start: FloatArray, end: FloatArray, surplus: FloatArray, goods: WeekGoods, waste: WeekWaste
    ) -> None:
        """Mass and nitrogen of the week: what was inside or came in is inside or went out, [R, 2] each."""
        bran = np.outer(goods.bran.sum(axis=1), [1.0, self.c["n_grain"]])
        out = surplus + bran + self._eaten(goods) + waste.landfilled[:, :2] + waste.air[:, :2]
        gap = np.abs(start - end - out) / np.maximum(1.0, start)
        self.mass_gap = max(self.mass_gap, float(gap[:, 0].max()))
        self.nitrogen_gap = max(self.nitrogen_gap, float(gap[:, 1].max()))

    def close_year(self, year: int, fields: Fields, harvests: FloatArray, straw: FloatArray) -> None:
        """Soils, and the nitrogen balance of the fields."""
        self.carbon[:, year + 1] = fields.carbon
        self.yields[:, year] = harvests / fields.area
        taken = straw[:, :, 1].sum(axis=1)
        self.money["farming"][:, year] -= self.c["straw_cost"] * straw[:, :, 0].sum(axis=1)
        grain = self.c["n_grain"] * harvests[:, CEREALS].sum(axis=1)
        vegetables = self.c["n_veg"] * harvests[:, VEGETABLES].sum(axis=1)
        residues = (harvests * fields.uptake).sum(axis=(1, 2)) - grain - vegetables - taken
        lost = fields.losses.sum(axis=(1, 2)) + residues
        for name, amount in (("grain", grain), ("vegetables", vegetables), ("straw", taken), ("field losses", lost)):
            self.flows[name][:, year] += amount
        pool = fields.pool.sum(axis=(1, 2))
        saved = fields.saved.sum(axis=(1, 2))
        came = fields.background.sum() + fields.entered.sum(axis=(1, 2)) + saved
        gap = np.abs(came + self.pool - pool - grain - vegetables - taken - lost) / came
        self.nitrogen_gap = max(self.nitrogen_gap, float(gap.max()))
        self.pool = pool

    def result(self, switches: Switches, plans: int) -> AgroResult:
        """Close the book."""
        return AgroResult(
            switches, self.money, self.sales, self.carbon, self.yields, self.synthetic, self.organic, self.collected,
            self.landfilled, self.energy, self.flows, self.mass_gap, self.nitrogen_gap, self.power_gap, plans,
        )  # fmt: skip
