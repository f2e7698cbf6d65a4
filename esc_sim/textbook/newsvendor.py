"""The newsvendor: the level at which the last unit is as likely to be left over as it is worth.

Source: Snyder, Shen (2019), Fundamentals of Supply Chain Theory, section 4.3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.stats.distributions import rv_frozen

Floats = NDArray[np.float64]

_REACH = 8.0
"""Standard deviations on either side of the mean that are looked at."""


@dataclass(frozen=True)
class Demand:
    """Independent demands of periods: Poisson, or normal.

    Attributes:
        mean, sd: of a period, units.
        is_poisson: whole units; the variance is the mean.
    """

    mean: float
    sd: float
    is_poisson: bool = False

    def over(self, periods: float) -> rv_frozen:
        """Law of the demand of some periods together."""
        from scipy.stats import norm, poisson

        if self.is_poisson:
            return poisson(self.mean * periods)
        return norm(self.mean * periods, self.sd * math.sqrt(periods))

    @property
    def step(self) -> float:
        """Distance of the points of a grid that is fine enough for sums over it."""
        return 1.0 if self.is_poisson else self.sd / 50.0

    def shares(self, periods: float) -> Floats:
        """Chances that the demand of some periods is 0, 1, 2, ... steps, float64[n]; what is below 0 counts as 0."""
        law, step = self.over(periods), self.step
        most = math.ceil((law.mean() + _REACH * law.std()) / step) + 1
        edges = law.cdf((np.arange(most + 1) + (0.0 if self.is_poisson else 0.5)) * step)
        chances = np.diff(edges, prepend=0.0)
        return np.asarray(chances / chances.sum())


def newsvendor(demand: Demand, periods: float, holding: float, shortage: float) -> float:
    """The level that costs least in expectation: h for a unit left over, p for one that is missing.

    Args:
        demand: of a period.
        periods: that the level covers.
        holding, shortage: h and p, money per unit.
    """
    return float(demand.over(periods).ppf(shortage / (shortage + holding)))


def newsvendor_cost(levels: Floats, demand: Demand, periods: float, holding: float, shortage: float) -> Floats:
    """Expected cost of levels, float64[n].

    Args:
        levels: float64[n].
        demand, periods, holding, shortage: as of :func:`newsvendor`.
    """
    law = demand.over(periods)
    mean = demand.mean * periods
    if demand.is_poisson:
        missing = mean * law.sf(levels - 1.0) - levels * law.sf(levels)
        missing = np.where(levels < 0.0, mean - levels, missing)
    else:
        missing = law.std() ** 2 * law.pdf(levels) + (mean - levels) * law.sf(levels)
    return np.asarray(holding * (levels - mean) + (holding + shortage) * missing)
