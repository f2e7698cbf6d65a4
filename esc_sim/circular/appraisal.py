"""Investment appraisal: net present value, internal rate of return, discounted payback, subsidy, break-even.

Cash flows are yearly, real, and compared with those of the world without the investment on the same random numbers.
Flow 0 is paid at once, flow t at the end of year t.

Sources: Brealey, Myers, Allen, "Principles of Corporate Finance", chapters 2 and 5 (npv, irr, discounted payback);
Efron, Tibshirani (1993), "An Introduction to the Bootstrap", section 13.3 (percentile interval).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from esc_sim.errors import InputError
from esc_sim.risk.intervals import Interval, mean_interval

FloatArray = NDArray[np.float64]


def _flows(flows: ArrayLike) -> FloatArray:
    table = np.asarray(flows, dtype=float)
    if table.ndim == 0 or table.shape[-1] == 0 or not np.isfinite(table).all():
        raise InputError("appraisal: cash flows must be at least one finite number a replication")
    return table


def _discounted(flows: ArrayLike, rate: float) -> FloatArray:
    if not rate > -1.0:
        raise InputError(f"appraisal: a rate of {rate:g} is not above -1")
    table = _flows(flows)
    return np.asarray(table / (1.0 + rate) ** np.arange(table.shape[-1]))


def npv(flows: ArrayLike, rate: float) -> FloatArray:
    """Net present value: sum over t of flow_t / (1 + rate)^t, along the last axis.

    Args:
        flows: [..., years + 1], money.
        rate: real discount rate a year, above -1.

    Raises:
        InputError: no flows, flows that are not finite, or such a rate.
    """
    return np.asarray(_discounted(flows, rate).sum(axis=-1))


def irr(flows: ArrayLike) -> float:
    """Internal rate of return: the rate at which the net present value is zero.

    Args:
        flows: [years + 1], money.

    Returns:
        The rate; nan where none exists (flows of one sign) or where it is not unique: flows that change sign more
        than once can have several, and none of them means anything.
    """
    from scipy.optimize import brentq

    table = _flows(flows).ravel()
    signs = np.sign(table[table != 0.0])
    if np.count_nonzero(np.diff(signs)) != 1:
        return math.nan
    low, high = -0.5, 1.0
    while npv(table, low) * npv(table, high) > 0.0:
        low, high = (low - 1.0) / 2.0, 2.0 * high + 1.0
        if high > 1e9:
            return math.nan
    return float(brentq(lambda rate: float(npv(table, rate)), low, high, xtol=1e-12))


def discounted_payback(flows: ArrayLike, rate: float) -> int | None:
    """First year in which the mean cumulative discounted cash is at least 0; None if it never is within the horizon.

    Args:
        flows: [years + 1] or [replications, years + 1], money; replications are averaged first.
        rate: real discount rate a year.
    """
    table = _discounted(flows, rate)
    mean = table.reshape(-1, table.shape[-1]).mean(axis=0)
    paid = np.flatnonzero(np.cumsum(mean) >= 0.0)
    return int(paid[0]) if paid.size else None


@dataclass(frozen=True)
class Appraisal:
    """An investment against the world without it.

    Attributes:
        npv: net present value with its interval over replications.
        irr: internal rate of return of the mean flows; nan where there is none.
        payback: discounted payback in years; None when it does not come within the horizon.
        subsidy: share of the capital cost that is granted.
        grant: money granted at the start.
        cumulative: float64[years + 1], mean cumulative discounted cash.
    """

    npv: Interval
    irr: float
    payback: int | None
    subsidy: float
    grant: float
    cumulative: FloatArray


def appraise(capital: float, gains: ArrayLike, rate: float, subsidy: float = 0.0) -> Appraisal:
    """Appraise an investment.

    Args:
        capital: what is paid at the start, money, at least 0.
        gains: [replications, years], yearly cash with the investment less without it, on the same random numbers;
            replacements within the horizon belong here.
        rate: real discount rate a year.
        subsidy: share of the capital cost granted at the start, from 0 to 1.

    Raises:
        InputError: a subsidy outside 0 to 1 (above 100 % it would be a payment for building), negative capital.
    """
    if not 0.0 <= subsidy <= 1.0:
        raise InputError(f"subsidy: {subsidy:g} is not a share of the capital cost from 0 to 1 (0 % to 100 %)")
    if not (math.isfinite(capital) and capital >= 0.0):
        raise InputError(f"capital: {capital!r} is not a number of at least 0")
    table = np.atleast_2d(_flows(gains))
    start = np.full((len(table), 1), -(1.0 - subsidy) * capital)
    flows = np.concatenate([start, table], axis=1)
    mean = flows.mean(axis=0)
    return Appraisal(
        npv=mean_interval(npv(flows, rate)),
        irr=irr(mean),
        payback=discounted_payback(flows, rate),
        subsidy=subsidy,
        grant=subsidy * capital,
        cumulative=np.cumsum(_discounted(mean, rate)),
    )


@dataclass(frozen=True)
class BreakEven:
    """The share of the capital cost that must be granted for a net present value of 0.

    Attributes:
        share: 0 where none is needed; above 1 where no grant of capital is enough.
        low: lower end of the bootstrap interval.
        high: upper end.
    """

    share: float
    low: float
    high: float

    def __str__(self) -> str:
        if self.share > 1.0:
            return "not by a capex grant"
        return f"{100 * self.share:.0f} % of capex ({100 * self.low:.0f} to {100 * self.high:.0f} %)"


def break_even_subsidy(
    capital: float, gains: ArrayLike, rate: float, *, seed: int = 0, resamples: int = 2000, confidence: float = 0.95
) -> BreakEven:
    """Break-even grant with a percentile bootstrap interval over replications.

    Args:
        capital: what is paid at the start, money, above 0.
        gains: [replications, years], see :func:`appraise`.
        rate: real discount rate a year.
        seed: seed of the resampling.
        resamples: bootstrap samples.
        confidence: probability that the interval aims to cover.

    Raises:
        InputError: no capital to grant a share of.
    """
    if not (math.isfinite(capital) and capital > 0.0):
        raise InputError("break-even: there is no capital cost to grant a share of")
    table = np.atleast_2d(_flows(gains))
    worth = npv(np.concatenate([np.zeros((len(table), 1)), table], axis=1), rate)
    draw = np.random.default_rng(seed)
    means = worth[draw.integers(0, len(worth), (resamples, len(worth)))].mean(axis=1)
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(1.0 - means / capital, [tail, 1.0 - tail])
    share, low, high = (max(0.0, float(x)) for x in (1.0 - worth.mean() / capital, low, high))
    return BreakEven(share, low, high)
