"""Where the waste of a week goes: digesters, composters, landfill; and the stocks of digestate and compost.

Every amount is a row (tonnes, kg of N, t of C) in the last axis, so that mass, nitrogen and carbon go together; what
leaves to the air or as biogas and water vapour is named.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esc_sim.circular.agro.chance import WEEKS
from esc_sim.circular.agro.coefficients import Coefficients, Switches
from esc_sim.circular.agro.flows import WeekGoods, weigh

FloatArray = NDArray[np.float64]
DIGESTATE, COMPOST = 0, 1


def straw_nitrogen(c: Coefficients) -> float:
    """kg N in a tonne of straw: what the crop takes up beyond the grain."""
    return (c["n_uptake_wheat"] - c["n_grain"]) / c["straw_ratio"]


@dataclass(eq=False)
class WeekWaste:
    """A week of waste, rows (t, kg N, t C) in the last axis.

    Attributes:
        collected: [R, 3], food waste of all steps and households.
        landfilled: [R, 3], with by-products that found no room.
        digested: [R, 2, 3], into the digesters.
        composted: [R, 2, 3], into the composters, straw included.
        households: [R], t, collected apart from households.
        air: [R, 3], biogas, ammonia, carbon dioxide and water vapour.
    """

    collected: FloatArray
    landfilled: FloatArray
    digested: FloatArray
    composted: FloatArray
    households: FloatArray
    air: FloatArray


class Waste:
    """Treatment of waste, carried from week to week.

    Attributes:
        stock: [R, 2 regions, 2 (digestate, compost), 3], what lies in store.
        straw: [R, 2, 3], collected straw that waits for the composter.
    """

    def __init__(self, c: Coefficients, sw: Switches, replications: int) -> None:
        self.c, self.sw = c, sw
        self.stock = np.zeros((replications, 2, 2, 3))
        self.straw = np.zeros((replications, 2, 3))
        self.contents = np.array([[1.0, c["n_grain"], c["c_food"]], [1.0, c["n_veg"], c["c_food"]]])
        gas = c["vs_waste"] * c["biogas_vs"]
        self.digested = np.array([1.0 - gas * c["biogas_mass"] / 1000.0, 1.0, 1.0])
        self.biogas_carbon = gas * c["biogas_c"] / 1000.0
        self.kept = np.array([c["comp_mass"], 1.0 - c["comp_n_loss"], 1.0 - c["comp_c_loss"]])

    def collect_straw(self, grain: FloatArray) -> FloatArray:
        """Collect the share of the straw of a grain harvest [R, 2]; returns what leaves the field, [R, 2, 3]."""
        share = self.c["straw_share"] if self.sw.loops else 0.0
        row = np.array([1.0, straw_nitrogen(self.c), self.c["org_c_straw"]])
        taken = (share * self.c["straw_ratio"] * grain)[:, :, None] * row
        self.straw = self.straw + taken
        return np.asarray(taken)

    def week(self, goods: WeekGoods) -> WeekWaste:
        """Collect and treat the waste of a week."""
        c = self.c
        industry = goods.trimmed + goods.spoiled
        industry[:, :, 1] += goods.store_loss
        homes = goods.sold * np.array([c["hh_flour"], c["hh_veg"]])
        collected = weigh(industry + homes, self.contents)
        caught = c["capture_ind"] * industry + c["capture_hh"] * homes if self.sw.loops else np.zeros_like(homes)
        apart = weigh(caught, self.contents)
        landfilled = (collected - apart).sum(axis=1)
        share = _share(c["dig_cap"] / WEEKS, apart[:, :, 0])[:, :, None]
        feed = share * apart
        rest = apart - feed
        room = c["comp_cap"] / WEEKS
        share = _share(room, rest[:, :, 0])[:, :, None]
        pile = share * rest
        landfilled = landfilled + (rest - pile).sum(axis=1)
        straw = _share(room - pile[:, :, 0], self.straw[:, :, 0])[:, :, None] * self.straw
        self.straw = np.maximum(0.0, self.straw - straw)
        pile = pile + straw
        digestate = feed * self.digested
        digestate[:, :, 2] -= self.biogas_carbon * feed[:, :, 0]
        compost = pile * self.kept
        air = (feed - digestate + pile - compost).sum(axis=1)
        self.stock[:, :, DIGESTATE] += digestate
        self.stock[:, :, COMPOST] += compost
        landfilled = landfilled + self._overflow()
        separate = self.sw.loops * c["capture_hh"] * homes.sum(axis=(1, 2))
        return WeekWaste(collected.sum(axis=1), landfilled, feed, pile, separate, air)

    def _overflow(self) -> FloatArray:
        """Dispose of what exceeds a year's room, [R, 3]."""
        room = np.array([self.c["dig_cap"], self.c["comp_cap"]])
        gone = (1.0 - _share(room, self.stock[..., 0]))[..., None] * self.stock
        self.stock = self.stock - gone
        return np.asarray(gone.sum(axis=(1, 2)))


def _share(room: FloatArray | float, amount: FloatArray) -> FloatArray:
    """Share of an amount that fits into a room."""
    fits = np.broadcast_to(np.maximum(0.0, room), amount.shape)
    return np.minimum(1.0, np.divide(fits, amount, out=np.ones_like(amount), where=amount > 0.0))
