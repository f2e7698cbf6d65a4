"""(s, S) of one stage with a fixed cost of orders, exact for demand in whole steps.

Source: Zheng, Federgruen (1991), Operations Research 39(4), 654-665. For a given S the cost of every s follows from the
same sums; S is raised from the level that costs least without a fixed cost until holding S alone costs more than the
best pair.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from esc_sim.textbook.newsvendor import Demand, newsvendor, newsvendor_cost

Floats = NDArray[np.float64]


def reorder_up_to(
    demand: Demand, periods: float, holding: float, shortage: float, fixed: float
) -> tuple[float, float, float]:
    """Reorder point, order-up-to level, and expected cost of a period.

    Args:
        demand: of a period.
        periods: that a position covers.
        holding, shortage: money per unit and period.
        fixed: cost of an order.
    """
    step = demand.step
    start = round(newsvendor(demand, periods, holding, shortage) / step)
    rate = max(demand.mean, step)
    span = math.ceil(4.0 * (math.sqrt(2.0 * fixed * rate / holding) + 8.0 * demand.sd + demand.mean) / step)
    visits = _visits(demand.shares(1.0), span)
    length = np.cumsum(visits)
    best = (math.inf, 0, 0)
    places: Floats = np.arange(start - span, start + span + 1, dtype=np.float64) * step
    alone = newsvendor_cost(places, demand, periods, holding, shortage)
    for up_to in range(start, start + span + 1):
        at = up_to - start + span  # place of S in `alone`
        if alone[at] > best[0]:
            break
        below = alone[at - span + 1 : at + 1][::-1]
        costs = (fixed + np.cumsum(visits * below)) / length
        k = int(costs.argmin())
        best = min(best, (float(costs[k]), up_to - k - 1, up_to))
    return best[1] * step, best[2] * step, best[0]


def _visits(shares: Floats, count: int) -> Floats:
    """How often a cycle is at each number of steps below S, in the mean, float64[count] (renewal equation)."""
    shares = np.pad(shares, (0, max(0, count - len(shares))))[:count]
    visits = np.zeros(count)
    visits[0] = 1.0 / (1.0 - shares[0])
    for j in range(1, count):
        visits[j] = shares[1 : j + 1] @ visits[j - 1 :: -1] / (1.0 - shares[0])
    return visits
