"""Histories that move together: correlations of normal scores, as the normal copula of a scenario takes them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from esc_sim.fitting.proposal import Fit

Floats = NDArray[np.float64]
LEVEL: Final = 0.01
"""Chance with which some pair of independent histories is taken for correlated."""
FEWEST: Final = 20
"""Periods that histories must share."""


@dataclass(frozen=True)
class Together:
    """Correlations of histories, their trend and season taken out.

    Attributes:
        names: of the series.
        matrix: [N, N] of their normal scores (van der Waerden), a correlation matrix.
        periods: that all the histories share.
        seen: whether some pair is correlated beyond chance, by Fisher's z at 0.01 divided by the number of pairs.
    """

    names: tuple[str, ...]
    matrix: Floats
    periods: int
    seen: bool


def together(fits: Sequence[Fit], begins: Mapping[str, int] | None = None) -> Together | None:
    """Correlations of the histories that vary and are drawn period by period; None where there are too few.

    Args:
        fits: of the histories.
        begins: period of the first value of those that begin later than others.
    """
    moving = [fit for fit in fits if np.ptp(fit.rest) > 0.0 and fit.law.get("block", 1) == 1]
    first = [(begins or {}).get(fit.name, 0) for fit in moving]
    start = max(first, default=0)
    periods = min((begin + len(fit.values) for begin, fit in zip(first, moving, strict=True)), default=0) - start
    if len(moving) < 2 or periods < FEWEST:
        return None
    shared = [fit.rest[start - begin : start - begin + periods] for begin, fit in zip(first, moving, strict=True)]
    scores = np.array([special.ndtri(stats.rankdata(rest) / (periods + 1.0)) for rest in shared])
    if (np.ptp(scores, axis=1) == 0.0).any():
        return None
    matrix = np.corrcoef(scores)
    pairs = matrix[np.triu_indices(len(moving), 1)]
    least = math.tanh(float(stats.norm.isf(LEVEL / len(pairs) / 2.0)) / math.sqrt(periods - 3.0))
    return Together(tuple(fit.name for fit in moving), matrix, periods, bool((np.abs(pairs) > least).any()))


def as_written(matrix: Floats) -> list[list[float]]:
    """The matrix as a scenario has it: symmetric to the last digit, with 1 on its diagonal."""
    rounded = np.round(0.5 * (matrix + matrix.T), 4) * (1.0 - 1e-3)
    np.fill_diagonal(rounded, 1.0)
    return [[float(f"{value:.6g}") for value in row] for row in rounded.tolist()]
