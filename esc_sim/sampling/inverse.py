"""From uniform draws to a law's values: one inverse distribution function per law.

Only ``scipy.special`` functions and table look-ups, which give an element the same bits wherever it stands in an
array; NumPy's vectorised exponentials and powers do not promise that.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import special

from esc_sim.scenario.laws import (
    Constant,
    Discrete,
    Exponential,
    Gamma,
    Geometric,
    Law,
    Normal,
    Poisson,
    TruncatedNormal,
    Uniform,
)

FloatArray = NDArray[np.float64]


def standard_normal(uniform: FloatArray, out: FloatArray | None = None) -> FloatArray:
    """Standard normal values, in a new array or in ``out``."""
    return np.asarray(special.ndtri(uniform, out))


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


def _poisson_table(mean: float) -> FloatArray:
    longest = math.ceil(mean + 12.0 * math.sqrt(mean) + 30.0)
    return np.asarray(special.pdtr(np.arange(longest + 1), mean))


def _from_table(table: FloatArray, uniform: FloatArray) -> FloatArray:
    """Smallest k with table[k] >= u; the last one where rounding left the table's end below 1."""
    return np.minimum(np.searchsorted(table, uniform, side="left"), len(table) - 1).astype(np.float64)
