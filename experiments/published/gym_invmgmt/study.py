"""One case: policies of ours on the benchmark's ten paths, beside its rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.published.gym_invmgmt.cases import SEEDS, Case, FloatArray, by_seed

T_95 = {1: 12.706, 2: 4.303, 4: 2.776, 9: 2.262}
"""Student's t at 97.5 % by degrees of freedom."""


@dataclass(frozen=True)
class Row:
    """A policy's profits on paths, beside those of the oracle on the same.

    Attributes:
        profits, oracle: [paths].
    """

    profits: FloatArray
    oracle: FloatArray

    @property
    def gap(self) -> float:
        """Gap of the mean profit to the oracle's, percent."""
        return 100.0 * (1.0 - float(self.profits.mean() / self.oracle.mean()))

    @property
    def margin(self) -> float:
        """Half width of its 95 % interval, percent: of the ratio of two means over the same paths."""
        ratio = self.profits.mean() / self.oracle.mean()
        rest = self.profits - ratio * self.oracle
        count = len(rest)
        if count < 2:
            return math.nan
        return 100.0 * T_95[count - 1] * float(rest.std(ddof=1) / math.sqrt(count) / self.oracle.mean())

    @property
    def worst(self) -> float:
        """CVaR of the worst 5 %, as the table has it: of ten paths, the worst."""
        count = max(1, math.ceil(0.05 * len(self.profits)))
        return float(np.sort(self.profits)[:count].mean())


def published(case: Case, who: str, paths: Sequence[int]) -> FloatArray:
    """Published profits on paths, by numbers of their seeds."""
    return np.array([by_seed()[case.name, SEEDS[k]][who] for k in paths])
