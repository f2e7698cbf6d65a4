"""Soil organic carbon of a farm, what it does to the yield, and the organic nitrogen that the soil gives back.

Carbon s in t C per ha (0-30 cm). Over a year

    s' = s + sum_i h_i C_i / area + root - k s          (k till_factor under reduced tillage, + cover-crop carbon)

a one-pool model of the kind of Henin and Dupuis (1945): a share h_i of the carbon of amendment i stays. Yields are
multiplied by m(s) = phi(s) / phi(s_0), phi(s) = 1 - A exp(-3 s / s_sat): they rise with carbon and level off near
s_sat, as Oldfield et al. (2019), SOIL 5, 15-32, find. `root` is set so that s_0 holds without amendments.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.errors import InputError

FloatArray = NDArray[np.float64]

REFERENCE = 50.0
"""t C per ha from which the gain in yield up to saturation is counted."""


@dataclass(frozen=True)
class Soil:
    """Law of the soil.

    Attributes:
        s0: carbon at the start, t/ha.
        saturation: s_sat, t/ha.
        gain: yield gained between 50 t/ha and saturation, as a share.
        decay: k, share of the carbon lost a year.
        till_factor: factor on k under reduced tillage.
        cover_carbon: carbon that a cover crop leaves, t/ha a year.
        mineralisation: share of the organic nitrogen pool that becomes available a year.
    """

    s0: float
    saturation: float
    gain: float
    decay: float
    till_factor: float = 1.0
    cover_carbon: float = 0.0
    mineralisation: float = 0.0

    def __post_init__(self) -> None:
        if not (self.s0 > 0 and self.saturation > REFERENCE and self.gain >= 0 and 0 <= self.decay < 1):
            raise InputError(
                f"soil: s0 {self.s0:g} > 0, saturation {self.saturation:g} > {REFERENCE:g}, gain {self.gain:g} >= 0, "
                f"0 <= decay {self.decay:g} < 1 must all hold"
            )
        if self.shape >= 1.0 / math.exp(-3.0 * min(self.s0, REFERENCE) / self.saturation):
            raise InputError(f"soil: a gain of {self.gain:g} would make the yield of poor soil negative")

    @property
    def shape(self) -> float:
        """A, from phi(s_sat) = (1 + gain) phi(50)."""
        return self.gain / ((1.0 + self.gain) * math.exp(-3.0 * REFERENCE / self.saturation) - math.exp(-3.0))

    def root(self, straw_carbon: ArrayLike = 0.0) -> FloatArray:
        """Carbon from roots and stubble, t/ha a year, such that s_0 holds with this much straw carbon staying."""
        return np.asarray(self.decay * self.s0 - np.asarray(straw_carbon, dtype=float))

    def yield_factor(self, carbon: ArrayLike) -> FloatArray:
        """m(s), 1 at s_0."""
        s = np.asarray(carbon, dtype=float)
        return np.asarray(self._phi(s) / self._phi(np.asarray(self.s0)))

    def _phi(self, s: FloatArray) -> FloatArray:
        return np.asarray(1.0 - self.shape * np.exp(-3.0 * s / self.saturation))

    def next_year(self, carbon: ArrayLike, kept: ArrayLike, root: ArrayLike, *, measure: bool = False) -> FloatArray:
        """Carbon a year later, t/ha.

        Args:
            carbon: s, t/ha.
            kept: sum of h_i C_i / area over straw and amendments, t/ha.
            root: carbon from roots, t/ha, see :meth:`root`.
            measure: reduced tillage and a cover crop.
        """
        s = np.asarray(carbon, dtype=float)
        decay = self.decay * (self.till_factor if measure else 1.0)
        added = np.asarray(kept, dtype=float) + np.asarray(root, dtype=float) + (self.cover_carbon if measure else 0.0)
        return np.asarray(s + added - decay * s)

    def mineralised(self, pool: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """A year of the organic nitrogen pool: (available, left), in the pool's unit; together they are the pool."""
        stock = np.asarray(pool, dtype=float)
        freed = self.mineralisation * stock
        return np.asarray(freed), np.asarray(stock - freed)
