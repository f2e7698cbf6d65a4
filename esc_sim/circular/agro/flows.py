"""Goods of a week: shelves, orders, mills and packing houses, and the waste of each step.

Arrays are [R replications, 2 regions] or [R, 2 regions, 2 products]; product 0 is flour, 1 vegetables; tonnes.
A week: what is on the road arrives; customers buy; retailers order and distributors ship; processors make what
distributors ask for, limited by capacity, raw goods, energy and open roads, and ship it. Everything on the road
arrives a week later.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esc_sim.circular.agro.chance import WEEKS, BoolArray
from esc_sim.circular.agro.coefficients import Coefficients, Switches

FloatArray = NDArray[np.float64]
SPLIT = np.array([[0.6, 0.4], [0.4, 0.6]])
"""Shares of the regions (rows) in flour and vegetables (columns), in area and in demand."""


def weigh(amounts: FloatArray, weights: FloatArray) -> FloatArray:
    """Sum over the two products, [..., 2] with weights [2] or [2, n]: [...] or [..., n].

    Written out, since a matrix product adds in an order that depends on how many replications run side by side.
    """
    if weights.ndim == 1:
        return np.asarray(amounts[..., 0] * weights[0] + amounts[..., 1] * weights[1])
    return np.asarray(amounts[..., 0, None] * weights[0] + amounts[..., 1, None] * weights[1])


def mean_demand(c: Coefficients) -> FloatArray:
    """Mean demand a week, float64[2 regions, 2 products], t."""
    return np.asarray(SPLIT * np.array([c["demand_flour"], c["demand_veg"]]) / WEEKS)


def mean_output(c: Coefficients, sw: Switches) -> FloatArray:
    """Mean output of the processors a week, float64[2 regions, 2 products], t."""
    needed = mean_demand(c) / (1.0 - np.array([c["spoil_flour"], c["spoil_veg"]]))
    cross = 0.0 if sw.localisation else c["cross_share"]
    return np.asarray((1.0 - cross) * needed + cross * needed[::-1])


@dataclass(eq=False)
class WeekGoods:
    """What moved in a week, tonnes; arrays as in the module.

    Attributes:
        demand, sold: [R, 2, 2].
        spoiled: [R, 2, 2], on the shelves.
        made: [R, 2, 2], output of the processors.
        raw: [R, 2, 2], grain milled and vegetables packed.
        trimmed: [R, 2, 2], waste of the processors.
        bran: [R, 2].
        store_loss: [R, 2], vegetables lost in the cold store.
        crossed: [R], shipped between regions.
    """

    demand: FloatArray
    sold: FloatArray
    spoiled: FloatArray
    made: FloatArray
    raw: FloatArray
    trimmed: FloatArray
    bran: FloatArray
    store_loss: FloatArray
    crossed: FloatArray


class Goods:
    """Stocks of the chain, carried from week to week.

    Args:
        c: coefficients.
        sw: switches.
        replications: R.

    Attributes:
        raw: [R, 2, 2], grain in silos and vegetables in cold stores.
        dist: [R, 2, 2], at the distributors; `to_dist` on the road to them.
        shop: [R, 2, 2], at the retailers; `to_shop` on the road to them.
    """

    def __init__(self, c: Coefficients, sw: Switches, replications: int) -> None:
        self.c, self.sw = c, sw
        R = replications
        self.mean, self.output = mean_demand(c), mean_output(c, sw)
        self.yields = np.array([c["flour_yield"], 1.0 - c["veg_trim"]])
        self.spoil = np.array([c["spoil_flour"], c["spoil_veg"]])
        self.weekly_loss = 1.0 - (1.0 - c["veg_store_loss"]) ** (12.0 / WEEKS)
        weeks = np.array([30.0 * 1.02, 22.0 * (1.0 + 11.0 * self.weekly_loss)])  # from New Year to the next harvest
        self.raw = np.broadcast_to(self.output / self.yields * weeks, (R, 2, 2)).copy()
        self.to_dist, self.to_shop = (np.broadcast_to(self.mean, (R, 2, 2)).copy() for _ in range(2))
        self.dist, self.shop = (1.2 * self.to_dist, 1.2 * self.to_shop)
        self.past_demand = np.broadcast_to(self.mean, (4, R, 2, 2)).copy()
        self.past_orders = self.past_demand.copy()
        self.week = 0

    def total(self) -> FloatArray:
        """Everything in the chain, [R, 2 products]; flour and vegetables as they are, grain as grain."""
        return np.asarray(self.dist.sum(1) + self.to_dist.sum(1) + self.shop.sum(1) + self.to_shop.sum(1))

    def harvest(self, tonnes: FloatArray, crop: int) -> FloatArray:
        """Bring in a harvest [R, 2]; returns the grain exported: what exceeds the reserve of a year's milling."""
        self.raw[:, :, crop] += tonnes
        if crop == 1:
            return np.zeros_like(tonnes)
        most = self.c["grain_reserve"] * WEEKS * self.output[:, 0] / self.yields[0]
        surplus = np.maximum(0.0, self.raw[:, :, 0] - most)
        self.raw[:, :, 0] -= surplus
        return surplus

    def wanted(self, factor: FloatArray, arc_down: BoolArray) -> tuple[FloatArray, FloatArray]:
        """Receive what is on the road and say what retailers can sell and processors are asked to make, [R, 2, 2] each.

        Args:
            factor: [R, 2, 2], of mean demand.
            arc_down: [R, 2, 2], roads from the region's own processor that are closed.
        """
        arrived = self.to_shop
        self.spoiled = self.spoil * arrived
        self.shop += arrived - self.spoiled
        self.dist += self.to_dist
        self.demand = self.mean * factor
        seen = self.past_demand if self.sw.information else self.past_orders
        target = self.c["cover_dist"] * seen.mean(axis=0)
        request = np.maximum(0.0, target - self.dist)
        cross = 0.0 if self.sw.localisation else self.c["cross_share"]
        own, other = np.where(arc_down, 0.0, (1.0 - cross) * request), cross * request
        if self.sw.backup_arcs:
            other = np.where(arc_down, request, other)
        asked = own + other[:, ::-1]
        self.loss = self.weekly_loss * self.raw[:, :, 1]
        stock = self.raw.copy()
        stock[:, :, 1] -= self.loss
        most = np.minimum(self.c["proc_room"] * self.output, stock * self.yields)
        scale = np.minimum(1.0, np.divide(most, asked, out=np.ones_like(asked), where=asked > 0.0))
        self.own, self.other = own * scale, other * scale[:, ::-1]
        return np.minimum(self.shop, self.demand), asked * scale

    def move(self, plant: FloatArray, town: FloatArray) -> WeekGoods:
        """Sell, ship and make, with the share of the energy that plants and towns got, [R, 2] each."""
        sold = np.minimum(self.shop, self.demand * town[:, :, None])
        self.shop -= sold
        left = self.shop[:, :, 1] * self.c["spoil_left"]
        self.shop[:, :, 1] -= left
        spoiled = self.spoiled.copy()
        spoiled[:, :, 1] += left
        self.past_demand[self.week % 4] = self.demand
        order = np.maximum(0.0, self.c["cover_shop"] * self.past_demand.mean(axis=0) - self.shop)
        self.past_orders[self.week % 4] = order
        self.to_shop = np.minimum(order, self.dist)
        self.dist = self.dist - self.to_shop
        own, other = self.own * plant[:, :, None], self.other * plant[:, ::-1, None]
        made = own + other[:, ::-1]
        raw = made / self.yields
        self.raw = self.raw - raw
        self.raw[:, :, 1] -= self.loss
        self.raw = np.maximum(0.0, self.raw)
        self.to_dist = own + other
        trimmed = raw * np.array([self.c["flour_waste"], self.c["veg_trim"]])
        bran = (1.0 - self.c["flour_yield"] - self.c["flour_waste"]) * raw[:, :, 0]
        self.week += 1
        return WeekGoods(self.demand, sold, spoiled, made, raw, trimmed, bran, self.loss, other.sum(axis=(1, 2)))
