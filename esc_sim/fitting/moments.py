"""Means and variances of laws, after their cuts."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from esc_sim.sampling.inverse import values_of
from esc_sim.scenario.cuts import cut_mean
from esc_sim.scenario.empirical import Empirical
from esc_sim.scenario.laws import (
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
)

Floats = NDArray[np.float64]
SHARES: Final[Floats] = np.asarray((np.arange(2000) + 0.5) / 2000.0, np.float64)
"""Shares of a law that lie below its values which are looked at, where there is no formula."""


def moments(law: Law | float) -> tuple[float, float]:
    """Mean and variance of a law's values, or of a number.

    The mean is exact, and so is the variance but of laws between two values, whose quantiles give it.
    """
    if isinstance(law, float):
        return law, 0.0
    mean = cut_mean(law)
    match law:
        case Gamma() | Lognormal() | NegativeBinomial():
            return mean, law.sd * law.sd
        case Poisson():
            return mean, mean
        case Exponential():
            return mean, mean * mean
        case Geometric():
            return mean, mean * (mean - 1.0)
        case Normal():
            return mean, float(normal_moments(np.array([law.mean]), law.sd)[1][0])
        case Discrete():
            values, chances = np.array(law.values), np.array(law.probabilities)
            return mean, float(chances @ (values - mean) ** 2)
        case Empirical():
            return mean, float(np.var(law.values))
        case Intermittent():
            size, variance = moments(law.size)
            return mean, law.probability * (variance + (1.0 - law.probability) * size * size)
    return mean, float(values_of(law, SHARES).var())


def normal_moments(means: Floats, sd: float) -> tuple[Floats, Floats]:
    """Means and variances of max(0, X), X normal with some means and one sd."""
    if not sd:
        return np.maximum(means, 0.0), np.zeros_like(means)
    z = means / sd
    above, density = special.ndtr(z), np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)
    cut = means * above + sd * density
    return cut, np.maximum((means * means + sd * sd) * above + means * sd * density - cut * cut, 0.0)
