"""Demand that changes with time, and demands of several customers that move together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esc_sim import special
from esc_sim.sampling.timetable import JointLaw

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Course:
    """Course of a demand in time: max(0, (level_t + trend t) factor_t + sd n), or a law's value times factor_t.

    Attributes:
        column: column of the tape: standard normal n, or the law's values.
        level: constant level, units per period; the series is used instead where there is one.
        sd: standard deviation, units per period; 0 without chance, None when the column holds a law's values.
        trend: units per period and period.
        factors: seasonal factors, repeated; empty for none.
        series: levels period by period; empty for none.
        then: what follows the series: "repeat", "hold", "zero", "drawn" (a law's values); "" for nothing.
        then_column: column of the tape with the levels drawn after the series; -1 for none.
    """

    column: int
    level: float
    sd: float | None
    trend: float
    factors: tuple[float, ...]
    series: tuple[float, ...]
    then: str = ""
    then_column: int = -1

    def fill(self, block: FloatArray, first: int) -> None:
        """Replace the column's draws by the demands of the periods from ``first`` on.

        Blocks go on after the run's end: where nothing follows a series, it is held there, and ``end`` says so.
        """
        drawn = block[:, self.column]
        periods = np.arange(first, first + len(drawn))
        factor = np.array(self.factors)[periods % len(self.factors)] if self.factors else np.ones(len(drawn))
        if self.sd is None:
            block[:, self.column] = drawn * factor
            return
        level = self._levels(block, periods) if self.series else np.full(len(drawn), self.level)
        block[:, self.column] = np.maximum((level + self.trend * periods) * factor + self.sd * drawn, 0.0)

    @property
    def end(self) -> float:
        """Periods for which there is a demand; infinite where something follows the series."""
        return len(self.series) if self.series and not self.then else np.inf

    def _levels(self, block: FloatArray, periods: NDArray[np.int64]) -> FloatArray:
        """Levels of the series, and what follows it."""
        series, count = np.array(self.series), len(self.series)
        if self.then == "repeat":
            return np.asarray(series[periods % count])
        levels = np.asarray(series[np.minimum(periods, count - 1)])
        after = periods >= count
        if not after.any() or self.then in ("hold", ""):
            return levels
        levels[after] = 0.0 if self.then == "zero" else block[after, self.then_column]
        return levels


@dataclass(frozen=True)
class Group:
    """Columns that move together: normal draws n become ``weights`` n, row by row.

    Attributes:
        columns: the members' columns; after them those of common factors, which nobody reads.
        weights: [members, columns], each row of unit length.
        normal: whether a member's column holds standard normal draws (else uniform ones, for a law).
    """

    columns: tuple[int, ...]
    weights: tuple[tuple[float, ...], ...]
    normal: tuple[bool, ...]

    def mix(self, block: FloatArray) -> None:
        """Replace the members' columns of a block; sums run in the order of the columns."""
        drawn = [block[:, c].copy() for c in self.columns]
        for k, normal in enumerate(self.normal):
            if not normal:
                drawn[k] = np.asarray(special.ndtri(drawn[k]))
        for k, row in enumerate(self.weights):
            mixed = np.zeros(len(block))
            for weight, values in zip(row, drawn, strict=True):
                if weight != 0.0:
                    mixed = mixed + weight * values
            block[:, self.columns[k]] = mixed if self.normal[k] else special.ndtr(mixed)


@dataclass(frozen=True)
class Spread:
    """How far a demand lies from its mean, case by case of a joint disruption.

    Attributes:
        column: column of the tape: standard normal draws, or the law's values.
        mean: of the law; None for standard normal draws.
        law: draws the case.
        factors: float64[K] factor of each case on the distance from the mean.
    """

    column: int
    mean: float | None
    law: JointLaw
    factors: FloatArray

    def fill(self, block: FloatArray, cases: NDArray[np.int64]) -> None:
        """Move the column's draws away from the mean, or towards it; amounts do not fall below 0.

        Args:
            block: rows of the tape.
            cases: int64[rows] number of the case that holds.
        """
        factor, drawn = self.factors[cases], block[:, self.column]
        if self.mean is None:
            block[:, self.column] = drawn * factor
        else:
            moved = np.maximum(self.mean + factor * (drawn - self.mean), 0.0)
            block[:, self.column] = np.where(factor == 1.0, drawn, moved)


def cholesky(matrix: list[list[float]]) -> list[list[float]] | None:
    """Lower triangular root of a correlation matrix; None when it has none (is not positive semidefinite)."""
    size = len(matrix)
    root = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i][j] - sum(root[i][k] * root[j][k] for k in range(j))
            if i == j:
                if rest < -1e-9:
                    return None
                root[i][i] = float(np.sqrt(max(rest, 0.0)))
            elif root[j][j] > 1e-9:
                root[i][j] = rest / root[j][j]
            elif abs(rest) > 1e-9:
                return None
    return root
