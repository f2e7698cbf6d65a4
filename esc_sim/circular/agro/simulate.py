"""The weeks of an agro-food network, all replications at once.

A year has 52 weeks: nitrogen in week 10 (cereals) and 14 (vegetables), cereals harvested in week 31, vegetables in
weeks 23 to 40. In every week, in this order: harvest and application, arrivals and orders, the energy plan and its
settlement, sales and production within the energy that there is, waste.

This is a simulation of its own, in yearly and weekly steps: one implementation over arrays, not the two engines.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from esc_sim.circular.agro.book import Book
from esc_sim.circular.agro.chance import WEEKS, Chance
from esc_sim.circular.agro.coefficients import Coefficients, Switches
from esc_sim.circular.agro.field import CEREALS, VEGETABLES, Applied, Fields
from esc_sim.circular.agro.flows import Goods, WeekGoods, weigh
from esc_sim.circular.agro.power import BUCKET, Planner, Power, PowerWeek, gas_per_tonne
from esc_sim.circular.agro.result import AgroResult
from esc_sim.circular.agro.waste import Waste
from esc_sim.errors import InputError

FloatArray = NDArray[np.float64]
Plans = dict[tuple[bool, bool, bool, bool], Planner]
APPLY = {9: CEREALS, 13: VEGETABLES}
GRAIN_WEEK = 30
_RAMP = np.minimum(np.arange(1, 19), np.arange(18, 0, -1)).astype(float)
VEGETABLE_SHARES = _RAMP / _RAMP.sum()
"""Shares of the vegetables' yield harvested in weeks 23 to 40."""


def simulate_agro(
    c: Coefficients,
    switches: Switches,
    chance: Chance,
    *,
    plans: Plans | None = None,
    bucket: float = BUCKET,
    progress: Callable[[int], None] | None = None,
) -> AgroResult:
    """Run the network.

    Args:
        c: coefficients.
        switches: what is built and done.
        chance: the random numbers; its shape says how many replications and years.
        plans: energy plans shared by runs on the same coefficients; None: made anew.
        bucket: width of a gas bucket of plans that are made anew, as a share of the store and of a day's burning.
        progress: called with the number of each year that is done.

    Returns:
        Results of every replication. The same numbers for a replication however many run beside it.

    Raises:
        InputError: no years.
    """
    if chance.years < 1 or chance.replications < 1:
        raise InputError("agro-food: at least one replication of one year is needed")
    run = _Run(c, switches, chance, {} if plans is None else plans, bucket)
    for year in range(chance.years):
        run.year(year)
        if progress is not None:
            progress(year + 1)
    return run.book.result(switches, run.power.planner.planner.solved)


class _Run:
    """State of one run: goods, fields, waste and power, and the book they are written into."""

    def __init__(self, c: Coefficients, sw: Switches, chance: Chance, plans: Plans, bucket: float) -> None:
        self.c, self.sw, self.chance = c, sw, chance
        R = chance.replications
        self.goods, self.fields, self.waste = Goods(c, sw, R), Fields(c, sw, R), Waste(c, sw, R)
        self.farm_load = c["e_farm"] * (self.fields.potential.sum(axis=0)) / WEEKS
        self.power = Power(self._planner(plans, bucket), chance)
        self.book = Book(c, sw, chance, self.fields)
        self.fed = np.zeros((R, 2))
        self.harvests, self.straw = np.zeros((R, 2, 2)), np.zeros((R, 2, 3))

    def _planner(self, plans: Plans, bucket: float) -> Planner:
        """The shared planner of this design, or a new one."""
        sw = self.sw
        key = (sw.loops, sw.microgrid, sw.coordinated, sw.localisation)
        if key not in plans:
            plans[key] = Planner(self.c, sw, self._expected_load(), bucket)
        if plans[key].c is not self.c:
            raise InputError("agro-food: energy plans were made with other coefficients and cannot be shared")
        return plans[key]

    def _expected_load(self) -> FloatArray:
        """Expected load of each bus, MWh a week."""
        c, goods = self.c, self.goods
        plant = goods.output @ np.array([c["e_mill"], c["e_vegproc"]])
        town = goods.mean.sum(axis=1) * c["e_retail"]
        own = self.sw.loops * c["dig_own_use"] * c["chp_eta"] * gas_per_tonne(c) * c["dig_cap"] / WEEKS * 0.8
        return np.stack([self.farm_load, plant, town, np.full(2, own)], axis=1).ravel()

    def year(self, year: int) -> None:
        """One year of weeks."""
        self.fields.new_year()
        self.book.open_year(year, self.fields)
        for w in range(WEEKS):
            t = year * WEEKS + w
            before = self._inside()
            if w in APPLY:
                applied = self.fields.apply(APPLY[w], self.waste.stock, self._served(t))
                self.book.applied(year, APPLY[w], applied)
                before = before - self._spread(applied)
            inflow, surplus = self._harvest(year, w)
            power, goods = self._week(t)
            waste = self.waste.week(goods)
            self.fed = waste.digested[:, :, 0]
            self.book.week(year, t, goods, waste, power)
            self.book.check(before + inflow, self._inside(), surplus, goods, waste)
        self.fields.end_year(self.harvests[:, CEREALS], self.straw[:, :, 2])
        self.book.close_year(year, self.fields, self.harvests, self.straw)

    def _served(self, t: int) -> FloatArray:
        """Share of an order for synthetic N that each region's suppliers serve, [R, 2]."""
        down = self.chance.supplier_down[:, t]
        if self.sw.information:
            down = down & ~self.chance.announced[:, t]
        up = (~down).astype(float)
        if not self.sw.second_supplier:
            return up
        one = np.where(up.sum(axis=1) == 2, 1.0, self.c["dual_cap"] * np.minimum(1.0, up.sum(axis=1)))
        return np.repeat(one[:, None], 2, axis=1)

    def _harvest(self, year: int, w: int) -> tuple[FloatArray, FloatArray]:
        """Bring in what is ripe: what enters the system and the grain exported, rows (t, kg N) [R, 2]."""
        R, c = self.chance.replications, self.c
        inflow, surplus = np.zeros((R, 2)), np.zeros((R, 2))
        if w == GRAIN_WEEK:
            grain = self._reap(year, CEREALS)
            exported = self.goods.harvest(grain, CEREALS).sum(axis=1)
            self.book.exported(year, exported)
            self.straw = self.waste.collect_straw(grain)
            inflow += np.outer(grain.sum(axis=1), [1.0, c["n_grain"]]) + self.straw.sum(axis=1)[:, :2]
            surplus += np.outer(exported, [1.0, c["n_grain"]])
        if 22 <= w < 40:
            if w == 22:
                self._reap(year, VEGETABLES)
            part = VEGETABLE_SHARES[w - 22] * self.harvests[:, VEGETABLES]
            self.goods.harvest(part, VEGETABLES)
            inflow += np.outer(part.sum(axis=1), [1.0, c["n_veg"]])
        return inflow, surplus

    def _reap(self, year: int, crop: int) -> FloatArray:
        """Yield of a crop, [R, 2], t."""
        tonnes = self.fields.harvest(crop, self.chance.drought[:, year], self.chance.weather[:, year, crop])
        self.harvests[:, crop] = tonnes
        return tonnes

    def _week(self, t: int) -> tuple[PowerWeek, WeekGoods]:
        """Orders, energy, sales and production."""
        sell, make = self.goods.wanted(self.chance.demand[:, t], self.chance.arc_down[:, t])
        c = self.c
        load = np.stack(
            [
                np.broadcast_to(self.farm_load, sell.shape[:2]),
                weigh(make, np.array([c["e_mill"], c["e_vegproc"]])),
                sell.sum(axis=2) * c["e_retail"],
                np.broadcast_to(self.power.weekly.reshape(2, 4)[:, 3], sell.shape[:2]),
            ],
            axis=2,
        ).reshape(len(sell), 8)
        ratio = np.divide(load, self.power.weekly, out=np.zeros_like(load), where=self.power.weekly > 0.0)
        gas = gas_per_tonne(c) * self.fed if self.sw.loops else np.zeros((len(sell), 0))
        power = self.power.week(t, ratio, gas)
        served = power.served.reshape(len(sell), 2, 4)
        return power, self.goods.move(served[:, :, 1], served[:, :, 2])

    def _inside(self) -> FloatArray:
        """Mass and nitrogen inside the chain and the treatment, [R, 2] (t, kg N)."""
        g, c = self.goods, self.c
        by_product = g.total() + g.raw.sum(axis=1)
        content = np.array([[1.0, c["n_grain"]], [1.0, c["n_veg"]]])
        return np.asarray(
            by_product @ content + self.waste.stock.sum(axis=(1, 2))[:, :2] + self.waste.straw.sum(axis=1)[:, :2]
        )

    def _spread(self, applied: Applied) -> FloatArray:
        """Compost and digestate that left for the fields, [R, 2] (t, kg N)."""
        return np.asarray(applied.taken.sum(axis=(1, 2))[:, :2])
