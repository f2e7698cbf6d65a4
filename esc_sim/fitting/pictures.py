"""What the figure of a fit needs: the history, the band of the law, histogram and quantiles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from esc_sim.fitting.proposal import Fit
from esc_sim.sampling.inverse import values_of
from esc_sim.scenario.empirical import Empirical
from esc_sim.scenario.laws import Law

Floats = NDArray[np.float64]
BAND: Final = (0.05, 0.95)
_DRAWN: Final = (np.arange(4000) + 0.5) / 4000.0


@dataclass(frozen=True)
class Picture:
    """A history beside its law.

    Attributes:
        name: of the series.
        words: the proposal.
        values: [T] the history.
        middle, low, high: [T] mean and band of the law in each period.
        rest: the values without trend and season, which the law is fitted to.
        drawn: quantiles of the law at equal steps.
        bounded: the law has a longest value.
        longest: a value that one in a thousand exceeds, or the greatest of the history.
        trended: the values vary around a straight line.
        begins: row of the table that holds the first value, from 0.
        start, step: date of the table's first row, and time from row to row; None where they are not known.
        unit: what a value belongs to: a period, a delivery.
    """

    name: str
    words: str
    values: Floats
    middle: Floats
    low: Floats
    high: Floats
    rest: Floats
    drawn: Floats
    bounded: bool
    longest: float
    trended: bool
    begins: int
    start: str | None
    step: str | None
    unit: str


def law_of(fit: Fit) -> Law:
    """The proposed law as a part of a scenario, with its history at hand."""
    law: Any = TypeAdapter(Law).validate_python(fit.law)
    if isinstance(law, Empirical):
        law.bind(fit.values)
    return law


def picture_of(
    fit: Fit, begins: int = 0, start: str | None = None, step: str | None = None, unit: str = "period"
) -> Picture:
    """What is drawn of a fit.

    Args:
        fit: of a history.
        begins, start, step, unit: as in :class:`Picture`.
    """
    law = law_of(fit)
    values, rest = np.array(fit.values), np.array(fit.rest)
    drawn = values_of(law, np.asarray(_DRAWN, np.float64))
    low, high = (float(np.quantile(drawn, share)) for share in BAND)
    factor = np.resize(fit.season, len(values)) if fit.season else np.ones(len(values))
    move = fit.trend * np.arange(len(values))
    middle = float(drawn.mean())
    bands = [middle * factor, low * factor, high * factor]
    if fit.trend:  # deviations around a straight line are added to it, after the season
        expected = (float(fit.law["mean"]) + move) * factor
        bands = [expected, expected + low - middle, expected + high - middle]
        drawn = drawn - float(fit.law["mean"])
    mean, lower, upper = (np.maximum(band, 0.0) for band in bands)
    longest = float(math.ceil(max(float(np.quantile(drawn, 0.999)), float(values.max()))))
    words = fit.words.removeprefix(f"{fit.name}: ")
    return Picture(
        fit.name, words, values, mean, lower, upper, rest, drawn, math.isfinite(law.upper), longest, fit.trend != 0.0,
        begins, start, step, unit,
    )  # fmt: skip
