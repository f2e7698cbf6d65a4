"""Laws from which histories are drawn: at parameters where they can be told apart, and where they cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Size = Callable[[np.random.Generator, int], Floats]


@dataclass(frozen=True)
class Drawn:
    """A law that histories are drawn from.

    Attributes:
        family: its name, as `fit` calls it; all intermittent ones are one family.
        words: its parameters.
        mean: of the law.
        draw: a history of so many values.
        sensible: whether 200 values are enough to tell it from other families.
    """

    family: str
    words: str
    mean: float
    draw: Size
    sensible: bool = True


def normal(mean: float, sd: float) -> Size:
    """Normal, cut at 0."""
    return lambda rng, count: np.maximum(rng.normal(mean, sd, count), 0.0)


def gamma(mean: float, sd: float) -> Size:
    """Gamma."""
    return lambda rng, count: rng.gamma((mean / sd) ** 2, sd * sd / mean, count)


def lognormal(mean: float, sd: float) -> Size:
    """Lognormal, mean and sd of the value."""
    width = np.sqrt(np.log1p((sd / mean) ** 2))
    return lambda rng, count: rng.lognormal(np.log(mean) - 0.5 * width * width, width, count)


def poisson(mean: float) -> Size:
    """Poisson."""
    return lambda rng, count: rng.poisson(mean, count).astype(float)


def negative_binomial(mean: float, sd: float) -> Size:
    """Negative binomial."""
    size, chance = mean * mean / (sd * sd - mean), mean / (sd * sd)
    return lambda rng, count: rng.negative_binomial(size, chance, count).astype(float)


def now_and_then(chance: float, size: Size) -> Size:
    """Nothing, or with a chance a size."""
    return lambda rng, count: np.where(rng.random(count) < chance, size(rng, count), 0.0)


LAWS = (
    Drawn("normal", "mean 100, sd 30", 100.0, normal(100.0, 30.0)),
    Drawn("normal", "mean 100, sd 40", 100.0, normal(100.0, 40.0)),
    Drawn("gamma", "mean 40, sd 24", 40.0, gamma(40.0, 24.0)),
    Drawn("gamma", "mean 40, sd 40", 40.0, gamma(40.0, 40.0)),
    Drawn("lognormal", "mean 20, sd 18", 20.0, lognormal(20.0, 18.0)),
    Drawn("lognormal", "mean 20, sd 30", 20.0, lognormal(20.0, 30.0)),
    Drawn("poisson", "mean 4", 4.0, poisson(4.0)),
    Drawn("poisson", "mean 40", 40.0, poisson(40.0)),
    Drawn("negative_binomial", "mean 8, sd 4", 8.0, negative_binomial(8.0, 4.0)),
    Drawn("negative_binomial", "mean 30, sd 12", 30.0, negative_binomial(30.0, 12.0)),
    Drawn("intermittent", "chance 0.25, gamma (30, 15)", 7.5, now_and_then(0.25, gamma(30.0, 15.0))),
    Drawn("intermittent", "chance 0.5, lognormal (20, 16)", 10.0, now_and_then(0.5, lognormal(20.0, 16.0))),
    Drawn("intermittent", "chance 0.15, Poisson (15)", 2.25, now_and_then(0.15, poisson(15.0))),
    Drawn("normal", "mean 100, sd 10", 100.0, normal(100.0, 10.0), False),
    Drawn("gamma", "mean 40, sd 4", 40.0, gamma(40.0, 4.0), False),
    Drawn("gamma", "mean 40, sd 12", 40.0, gamma(40.0, 12.0), False),
    Drawn("lognormal", "mean 20, sd 4", 20.0, lognormal(20.0, 4.0), False),
    Drawn("negative_binomial", "mean 2, sd 3", 2.0, negative_binomial(2.0, 3.0), False),
    Drawn("negative_binomial", "mean 4, sd 2.2", 4.0, negative_binomial(4.0, 2.2), False),
)
