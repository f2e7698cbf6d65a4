"""From uniform draws to a law's values: one inverse distribution function per law.

Only ``scipy.special`` functions and table look-ups, which give an element the same bits wherever it stands in an
array; NumPy's vectorised exponentials and powers do not promise that.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from esc_sim import special
from esc_sim.scenario.empirical import Empirical
from esc_sim.scenario.laws import (
    Constant,
    Discrete,
    Exponential,
    Gamma,
    Geometric,
    Intermittent,
    Law,
    Lognormal,
    NegativeBinomial,
    Normal,
    Poisson,
    TruncatedNormal,
    Uniform,
)
from esc_sim.scenario.three_points import Pert, Triangular

FloatArray = NDArray[np.float64]


def standard_normal(uniform: FloatArray) -> FloatArray:
    """Standard normal values."""
    return np.asarray(special.ndtri(uniform))


def make_normal_by_scipy(uniform: FloatArray) -> None:
    """Replace uniform draws, in one block of memory, by standard normal ones."""
    special.ndtri(uniform, uniform)


make_normal: Callable[[FloatArray], None] = make_normal_by_scipy
"""What does so; compiled code takes its place where it is at hand and has the same bits (``sampling.compiled``)."""


def values_of(law: Law, uniform: FloatArray) -> FloatArray:
    """Values of a law, never negative, of the shape of ``uniform``."""
    match law:
        case Constant():
            return np.full_like(uniform, law.value)
        case Uniform():
            return np.asarray(law.low + (law.high - law.low) * uniform, np.float64)
        case Normal():
            return np.asarray(np.maximum(law.mean + law.sd * standard_normal(uniform), 0.0), np.float64)
        case TruncatedNormal():
            return _truncated_normal(law, uniform)
        case Exponential():
            return -law.mean * np.asarray(special.log1p(-uniform))
        case Gamma():
            shape = (law.mean / law.sd) * (law.mean / law.sd)
            return np.asarray(special.gammaincinv(shape, uniform) * (law.mean / shape), np.float64)
        case Poisson():
            return _from_table(_poisson_table(law.mean), uniform)
        case Geometric():
            if law.probability >= 1.0:
                return np.ones_like(uniform)
            return np.maximum(np.ceil(np.asarray(special.log1p(-uniform)) / math.log1p(-law.probability)), 1.0)
        case Discrete():
            possible = sorted((v, p) for v, p in zip(law.values, law.probabilities, strict=True) if p > 0.0)
            values, probabilities = np.array(possible, np.float64).T
            return values[_from_table(np.cumsum(probabilities), uniform).astype(np.int64)]
        case Triangular():
            return _triangular(law, uniform)
        case Pert():
            return law.low + (law.high - law.low) * np.asarray(special.betaincinv(*law.shapes, uniform), np.float64)
        case Lognormal():  # the inverse of a Box-Cox transform with exponent 0 is the exponential function
            return np.asarray(special.inv_boxcox(law.log_mean + law.log_sd * standard_normal(uniform), 0.0))
        case NegativeBinomial():
            return _from_table(_negative_binomial_table(law.size, law.mean / (law.sd * law.sd)), uniform)
        case Empirical():
            return np.sort(law.values)[np.asarray(uniform * len(law.values), np.int64)]
        case Intermittent():
            return _intermittent(law, uniform)
    raise TypeError(f"no such law: {law!r}")


def _truncated_normal(law: TruncatedNormal, uniform: FloatArray) -> FloatArray:
    """Quantiles between those of low and high, taken in the lower tail of the normal law, which keeps all digits."""
    low, high = (law.low - law.mean) / law.sd, (law.high - law.mean) / law.sd
    if low > 0.0:  # mirrored: in the upper tail the distribution function is too near to 1
        below, above = float(special.ndtr(-high)), float(special.ndtr(-low))
        drawn = -np.asarray(special.ndtri(above * (1.0 - uniform) + below * uniform))
    else:
        below, above = float(special.ndtr(low)), float(special.ndtr(high))
        drawn = np.asarray(special.ndtri(below * (1.0 - uniform) + above * uniform))
    return np.clip(law.mean + law.sd * drawn, law.low, law.high)


def _triangular(law: Triangular, uniform: FloatArray) -> FloatArray:
    width, left, right = law.high - law.low, law.most_likely - law.low, law.high - law.most_likely
    rising = law.low + np.sqrt(uniform * (width * left))
    return np.where(uniform * width < left, rising, law.high - np.sqrt((1.0 - uniform) * (width * right)))


def _intermittent(law: Intermittent, uniform: FloatArray) -> FloatArray:
    """Nothing from the lowest draws, the size's quantiles from the others."""
    nothing = 1.0 - law.probability
    drawn = np.zeros_like(uniform)
    some = uniform > nothing
    place = np.maximum((uniform[some] - nothing) / law.probability, 2.0**-53)
    drawn[some] = values_of(law.size, np.minimum(place, 1.0 - 2.0**-53))
    return drawn


def blocks_of(law: Empirical, uniform: FloatArray, first: int) -> FloatArray:
    """Values of blocks of periods, from the uniform draws of consecutive periods.

    The draw of a block's first period says where in the series the block begins; the others are not used. After the
    last value of the series comes its first.

    Args:
        law: the law.
        uniform: float64[R, T], draws of the periods from ``first`` on.
        first: number of the first period; the values of a block that began before it are of no use.
    """
    values, periods = np.array(law.values), np.arange(first, first + uniform.shape[1])
    place = periods % law.block
    begun = uniform[:, np.maximum(np.arange(len(periods)) - place, 0)]
    start = np.asarray(begun * len(values), np.int64)
    return np.asarray(values[(start + place) % len(values)])


@lru_cache(64)
def _negative_binomial_table(size: float, probability: float) -> FloatArray:
    """Distribution function at 0, 1, ..., to where it cannot be told from 1."""
    longest = 64
    while special.betainc(longest + 1.0, size, 1.0 - probability) > 2.0**-54:
        longest *= 2
    return np.asarray(special.betainc(size, np.arange(longest + 1) + 1.0, probability))


def _poisson_table(mean: float) -> FloatArray:
    longest = math.ceil(mean + 12.0 * math.sqrt(mean) + 30.0)
    return np.asarray(special.pdtr(np.arange(longest + 1), mean))


def _from_table(table: FloatArray, uniform: FloatArray) -> FloatArray:
    """Smallest k with table[k] >= u; the last one where rounding left the table's end below 1."""
    return np.minimum(np.searchsorted(table, uniform, side="left"), len(table) - 1).astype(np.float64)
