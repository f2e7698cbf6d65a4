"""Families of laws that may be proposed for a history, fitted by maximum likelihood.

Each family is described by the mean and standard deviation of its law, as scenarios write it, so that proposals can be
compared and pasted as they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

from esc_sim.sampling.inverse import values_of
from esc_sim.scenario.laws import (
    MOST_DISPERSION,
    Constant,
    Discrete,
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
INTERMITTENT: Final = 1.32
"""Mean periods from one demand to the next above which a history is intermittent (Syntetos and Boylan, 2005)."""
_DIFFERENT: Final = 12
"""Most different sizes that are proposed as a table of values."""


class MisfitError(Exception):
    """A family cannot have made a history; the text says why."""


@dataclass(frozen=True)
class Fitted:
    """A family fitted to a history.

    Attributes:
        law: the law, as a scenario's part.
        log_likelihood: of the values under it.
        count: number of parameters that were fitted.
        below: distribution function, array to array.
        parameters: name and value of what was fitted.
        log_likelihood_at: of the values at other parameters, in the order of ``parameters``; None where intervals are
            known without.
        intervals: 95 % intervals where they are known without the likelihood.
    """

    law: Law
    log_likelihood: float
    count: int
    below: Callable[[Floats], Floats]
    parameters: tuple[tuple[str, float], ...]
    log_likelihood_at: Callable[[Floats], float] | None = None
    intervals: tuple[tuple[float, float], ...] = ()

    def quantile(self, share: Floats) -> Floats:
        """Values of the law below which these shares lie."""
        return values_of(self.law, np.clip(share, 2.0**-53, 1.0 - 2.0**-53))


def maximised(log_likelihood: Callable[[Floats], float], start: Floats) -> Floats:
    """Parameters above 0 of the greatest likelihood; searched in their logarithms."""

    def loss(logs: Floats) -> float:
        value = log_likelihood(np.exp(np.clip(logs, -50.0, 50.0)))
        return -value if math.isfinite(value) else 1e300

    found = optimize.minimize(loss, np.log(start), method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-9})
    return np.exp(np.asarray(found.x, np.float64))


def _two(law: Law, at: Callable[[Floats], float], below: Callable[[Floats], Floats], mean: float, sd: float) -> Fitted:
    return Fitted(law, at(np.array([mean, sd])), 2, below, (("mean", mean), ("sd", sd)), at)


def _spread(values: Floats) -> tuple[float, float]:
    mean, sd = float(values.mean()), float(values.std())
    if sd == 0.0:
        raise MisfitError("the values do not vary")
    return mean, sd


def is_intermittent(values: Floats) -> bool:
    """Whether it takes more than 1.32 periods on average from one demand to the next."""
    return len(values) > INTERMITTENT * int((values > 0.0).sum())


def constant(values: Floats) -> Fitted:
    """Always the same."""
    if np.ptp(values) > 0.0:
        raise MisfitError("the values vary")
    value = float(values[0])
    return Fitted(
        Constant(value=value), 0.0, 1, lambda x: (x >= value).astype(float), (("value", value),), None,
        ((value, value),)
    )  # fmt: skip


def normal(values: Floats) -> Fitted:
    """Normal, what falls below 0 counting as 0 (a censored, or Tobit, likelihood)."""
    mean, sd = _spread(values)
    zeros, rest = int((values == 0.0).sum()), values[values > 0.0]
    if is_intermittent(values):
        raise MisfitError(f"intermittent: nothing in {zeros / len(values):.0%} of the periods")

    def at(p: Floats) -> float:
        below = zeros * special.log_ndtr(-p[0] / p[1]) if zeros else 0.0
        return float(below + stats.norm.logpdf(rest, p[0], p[1]).sum())

    if zeros:
        mean, sd = maximised(at, np.array([mean, sd]))
    return _two(Normal(mean=mean, sd=sd), at, lambda x: np.where(x < 0.0, 0.0, special.ndtr((x - mean) / sd)), mean, sd)


def _above_zero(values: Floats) -> None:
    if (values <= 0.0).any():
        raise MisfitError("its values are above 0, and there are zeros")


def gamma(values: Floats) -> Fitted:
    """Gamma; the mean is that of the values, the shape solves log k - digamma(k) = log(mean) - mean(log)."""
    mean, _ = _spread(values)
    _above_zero(values)
    logs = float(np.log(values).mean())
    gap = math.log(mean) - logs
    if gap < 1e-9:
        raise MisfitError("the values hardly vary")
    shape = optimize.brentq(lambda k: math.log(k) - float(special.digamma(k)) - gap, 0.25 / gap, 4.0 / gap)
    sd = mean / math.sqrt(shape)

    def at(p: Floats) -> float:
        k = (p[0] / p[1]) ** 2
        return float(len(values) * (k * math.log(k / p[0]) - special.gammaln(k) + (k - 1.0) * logs - k * mean / p[0]))

    return _two(Gamma(mean=mean, sd=sd), at, lambda x: special.gammainc(shape, np.maximum(x, 0.0) * shape / mean),
                mean, sd)  # fmt: skip


def lognormal(values: Floats) -> Fitted:
    """Lognormal; mean and sd follow from those of the logarithms."""
    _spread(values)
    _above_zero(values)
    logs = np.log(values)
    centre, width = float(logs.mean()), float(logs.std())
    mean = math.exp(centre + 0.5 * width * width)
    sd = mean * math.sqrt(math.expm1(width * width))

    def at(p: Floats) -> float:
        s = math.sqrt(math.log1p((p[1] / p[0]) ** 2))
        return float(stats.norm.logpdf(logs, math.log(p[0]) - 0.5 * s * s, s).sum() - logs.sum())

    def below(x: Floats) -> Floats:
        with np.errstate(divide="ignore"):
            return np.asarray(special.ndtr((np.log(np.maximum(x, 0.0)) - centre) / width))

    return _two(Lognormal(mean=mean, sd=sd), at, below, mean, sd)


def _whole(values: Floats) -> None:
    if (values != np.floor(values)).any():
        raise MisfitError("the values are not whole numbers")


def poisson(values: Floats) -> Fitted:
    """Poisson."""
    _whole(values)
    mean, total = float(values.mean()), float(special.gammaln(values + 1.0).sum())
    if not 0.0 < mean <= 1e6:
        raise MisfitError(f"a mean of {mean:g}")

    def at(p: Floats) -> float:
        return float(values.sum() * math.log(p[0]) - len(values) * p[0] - total)

    return Fitted(Poisson(mean=mean), at(np.array([mean])), 1,
                  lambda x: np.where(x < 0.0, 0.0, special.pdtr(np.floor(np.maximum(x, 0.0)), mean)),
                  (("mean", mean),), at)  # fmt: skip


def negative_binomial(values: Floats) -> Fitted:
    """Negative binomial; its mean is that of the values."""
    _whole(values)
    mean, sd = _spread(values)
    if sd * sd <= mean:
        raise MisfitError("the values scatter less than Poisson's")

    def at(p: Floats) -> float:
        if p[1] * p[1] <= p[0] * (1.0 + 1e-9):
            return -math.inf
        size, chance = p[0] * p[0] / (p[1] * p[1] - p[0]), p[0] / (p[1] * p[1])
        terms = special.gammaln(values + size) - special.gammaln(size) - special.gammaln(values + 1.0)
        return float((terms + size * math.log(chance) + values * math.log1p(-chance)).sum())

    def excess(log_extra: float) -> float:
        return -at(np.array([mean, math.sqrt(mean + math.exp(log_extra))]))

    guess = math.log(sd * sd - mean)
    extra = optimize.minimize_scalar(excess, bounds=(guess - 6.0, guess + 3.0), method="bounded").x
    sd = math.sqrt(mean + math.exp(float(extra)))
    if sd * sd <= 1.0001 * mean:
        raise MisfitError("the values scatter as Poisson's do")
    if mean > 1e6 or sd * sd > MOST_DISPERSION * mean:
        raise MisfitError("the values are as good as continuous")
    size, chance = mean * mean / (sd * sd - mean), mean / (sd * sd)

    def below(x: Floats) -> Floats:
        return np.where(x < 0.0, 0.0, special.betainc(size, np.floor(np.maximum(x, 0.0)) + 1.0, chance))

    return _two(NegativeBinomial(mean=mean, sd=sd), at, below, mean, sd)


def geometric(values: Floats) -> Fitted:
    """Trials up to the first success."""
    _whole(values)
    if (values < 1.0).any():
        raise MisfitError("its values are 1 and more")
    chance = min(1.0 / float(values.mean()), 1.0 - 1e-9)

    def at(p: Floats) -> float:
        return float(((values - 1.0) * np.log1p(-p[0]) + math.log(p[0])).sum()) if p[0] < 1.0 else -math.inf

    return Fitted(Geometric(probability=chance), at(np.array([chance])), 1,
                  lambda x: -np.expm1(np.floor(np.maximum(x, 0.0)) * math.log1p(-chance)),
                  (("probability", chance),), at)  # fmt: skip


def few_sizes(values: Floats) -> Fitted:
    """The few different values that there are, as often as they were there."""
    different, counts = np.unique(values, return_counts=True)
    if len(different) > min(_DIFFERENT, len(values) // 3):
        raise MisfitError(f"{len(different)} different values")
    shares = counts / counts.sum()
    law = Discrete(values=different.tolist(), probabilities=shares.tolist())
    table = np.concatenate([[0.0], np.cumsum(shares)])
    return Fitted(law, float((counts * np.log(shares)).sum()), len(different) - 1,
                  lambda x: table[np.searchsorted(different, x, side="right")], (), None)  # fmt: skip


def intermittent(values: Floats, size: Callable[[Floats], Fitted]) -> Fitted:
    """Nothing, or with a chance a value of the size's law: what Croston's method rests on.

    Args:
        values: the history.
        size: the family of what there is when there is something.
    """
    some = values[values > 0.0]
    if not 0 < len(some) < len(values):
        raise MisfitError("there is something in every period" if len(some) else "there is nothing at all")
    if len(some) < 4:
        raise MisfitError(f"there is something in {len(some)} periods only")
    sizes = size(some)
    if float(sizes.below(np.zeros(1))[0]) > 1e-3:
        raise MisfitError("its sizes would be 0 at times")
    share = len(some) / len(values)
    at_chance = len(some) * math.log(share) + (len(values) - len(some)) * math.log1p(-share)
    interval = stats.binomtest(len(some), len(values)).proportion_ci(0.95, "wilson")
    law = Intermittent(probability=share, size=sizes.law)
    own = intervals_of(sizes)
    return Fitted(
        law, at_chance + sizes.log_likelihood, 1 + sizes.count,
        lambda x: np.where(x < 0.0, 0.0, 1.0 - share + share * sizes.below(x)),
        (("probability", share), *((f"size.{name}", value) for name, value in sizes.parameters)), None,
        ((float(interval.low), float(interval.high)), *own),
    )  # fmt: skip


SIZES: Final[dict[str, Callable[[Floats], Fitted]]] = {
    "constant": constant,
    "geometric": geometric,
    "poisson": poisson,
    "negative_binomial": negative_binomial,
    "discrete": few_sizes,
    "gamma": gamma,
    "lognormal": lognormal,
}
_WHOLE: Final = ("constant", "geometric", "poisson", "negative_binomial", "discrete")
FAMILIES: Final[dict[str, Callable[[Floats], Fitted]]] = {
    "constant": constant,
    "normal": normal,
    "gamma": gamma,
    "lognormal": lognormal,
    "poisson": poisson,
    "negative_binomial": negative_binomial,
    **{f"intermittent, {name}": partial(intermittent, size=size) for name, size in SIZES.items()},
}
"""Families by name, the simple ones first."""
COUNTS: Final = frozenset({"constant", "poisson", "negative_binomial", *(f"intermittent, {name}" for name in _WHOLE)})
"""Families of whole numbers."""


def intervals_of(fitted: Fitted) -> tuple[tuple[float, float], ...]:
    """95 % intervals of the parameters: Wald's on the logarithms, from the curvature of the likelihood."""
    if fitted.log_likelihood_at is None or not fitted.parameters:
        return fitted.intervals
    at, best = fitted.log_likelihood_at, np.log([value for _, value in fitted.parameters])
    size, step = len(best), 1e-3
    curvature = np.empty((size, size))
    unit = step * np.eye(size)
    for i in range(size):
        for j in range(size):
            corners = [a * b * at(np.exp(best + a * unit[i] + b * unit[j])) for a in (1, -1) for b in (1, -1)]
            curvature[i, j] = -sum(corners) / (4.0 * step * step)
    try:
        variance = np.diag(np.linalg.inv(curvature))
    except np.linalg.LinAlgError:
        variance = np.full(size, np.nan)
    width = 1.96 * np.sqrt(np.where(variance > 0.0, variance, np.nan))
    return tuple((float(np.exp(b - w)), float(np.exp(b + w))) for b, w in zip(best, width, strict=True))


def law_as_written(law: Law) -> dict[str, Any]:
    """A law as a scenario writes it, with six digits."""
    from esc_sim.fields.parts import stated

    def rounded(value: Any) -> Any:
        if isinstance(value, float):
            return float(f"{value:.6g}")
        if isinstance(value, dict):
            return {key: rounded(one) for key, one in value.items()}
        return value  # lists of chances must keep their sum

    return dict(rounded(stated(law)))
