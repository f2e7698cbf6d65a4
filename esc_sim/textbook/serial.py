"""Stages in a row: echelon base-stock levels that cost least, exactly, stage by stage from the customer up.

Sources:
    Clark, Scarf (1960), Management Science 6(4), 475-490.
    Chen, Zheng (1994), Management Science 40(11), 1426-1443 (the recursion).
    Snyder, Shen (2019), Fundamentals of Supply Chain Theory, section 6.2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from esc_sim.textbook.newsvendor import Demand

Floats = NDArray[np.float64]


def serial_levels(
    leads: Sequence[int], echelon_holding: Sequence[float], shortage: float, demand: Demand
) -> tuple[list[float], float]:
    """Echelon base-stock levels and expected cost of a period, without that of goods on their way.

    Args:
        leads: periods from each stage's supplier to it, the customer's stage first.
        echelon_holding: what holding a unit costs more than at the supplier, money per unit and period.
        shortage: money per unit owed and period.
        demand: of customers.
    """
    from scipy.signal import fftconvolve

    step, shares = demand.step, [demand.shares(lead) for lead in leads]
    below = sum(len(share) for share in shares)
    high = math.ceil((demand.over(sum(leads)).mean() + 8.0 * demand.over(sum(leads)).std()) / step)
    places = np.arange(-below, high + 1) * step
    carried = (shortage + sum(echelon_holding)) * np.maximum(-places, 0.0)
    levels, cost = [], 0.0
    for share, holding in zip(shares, echelon_holding, strict=True):
        expected = fftconvolve(holding * places + carried, share, mode="valid")
        places = places[len(share) - 1 :]
        best = int(expected.argmin())
        level = _vertex(places, expected, best) if not demand.is_poisson else float(places[best])
        levels.append(level)
        cost = float(expected[best])
        carried = np.where(places < level, expected, expected[best])
    return levels, cost


def local_levels(echelon: Sequence[float]) -> list[float]:
    """Levels that each stage keeps of its own stock and do the same as echelon levels.

    Args:
        echelon: levels, the customer's stage first.
    """
    least = [min(echelon[k:]) for k in range(len(echelon))]
    return [least[0], *(above - below for below, above in pairwise(least))]


def _vertex(places: Floats, values: Floats, best: int) -> float:
    """Where the parabola through the least value and its neighbours is least."""
    if not 0 < best < len(values) - 1:
        return float(places[best])
    before, here, after = values[best - 1 : best + 2]
    bend = before - 2.0 * here + after
    return float(places[best] + (0.0 if bend <= 0.0 else 0.5 * (before - after) / bend * (places[1] - places[0])))
