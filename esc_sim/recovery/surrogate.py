"""A linear model of the resilience of recovery sets, learned while a search runs.

Recursive least squares with forgetting: resilience = constant + sum of the worths of the restored nodes. It costs no
cascade, and ranks candidates before one of them is evaluated. Worths are drawn from their posterior (Thompson
sampling), so that nodes about which little is known get their chance.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.compile import cached_kernel, kernel_key
from esc_sim.recovery.problem import BoolArray

FORGET = 0.998  # weight of the past at every new set
SPREAD = 1.5  # prior variance of a worth in units of the noise variance
UNKNOWN = 1e4  # prior variance of the constant, and the limit to which forgetting may raise any variance
MEMORY = 100  # sets over which the noise is averaged


class LinearSurrogate:
    """Worths of R nodes.

    Attributes:
        mean: (R + 1,) posterior means of the worths and the constant.
        covariance: (R + 1, R + 1), in units of the noise variance.
        noise: standard deviation of the errors of its predictions.
    """

    def __init__(self, size: int) -> None:
        self.mean = np.zeros(size + 1)
        self.covariance = np.diag(np.append(np.full(size, SPREAD), UNKNOWN))
        self.noise = 1.0
        self._seen = 0

    def learn(self, sets: BoolArray, fitness: NDArray[np.float64]) -> None:
        """Take in (S, R) sets and their (S,) resilience, in order."""
        update, _ = _kernels(kernel_key(__file__))
        gain = np.empty(len(self.mean))
        for chosen, value in zip(sets, fitness.tolist(), strict=True):
            error = update(self.mean, self.covariance, np.append(chosen, True), value, gain)
            if self._seen > 0:  # the first only sets the constant
                self.noise = float(np.sqrt(self.noise**2 + (error - self.noise**2) / min(self._seen, MEMORY)))
            self._seen += 1

    def draw(self, count: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """(count, R) draws of the worths, each on its own (correlations are left out)."""
        spread = self.noise * np.sqrt(np.maximum(np.diagonal(self.covariance)[:-1], 0.0))
        return self.mean[:-1] + spread * rng.standard_normal((count, len(spread)))


def worth(sets: BoolArray, worths: NDArray[np.float64], group: NDArray[np.int64]) -> NDArray[np.float64]:
    """(S,) sums of the worths in row group[s] over the nodes of set s.

    Args:
        sets: (S, R) sets.
        worths: (., R) worth of each node, one row a group.
        group: (S,) row of each set.
    """
    out = np.empty(len(sets))
    _kernels(kernel_key(__file__))[1](sets, worths, group, out)
    return out


@cache
def _kernels(key: int) -> tuple[Any, Any]:
    @cached_kernel("float64(float64[::1], float64[:, ::1], boolean[::1], float64, float64[::1])")
    def update(mean: Any, covariance: Any, chosen: Any, value: Any, gain: Any) -> Any:
        key  # noqa: B018
        size = len(mean)
        error, whole, largest = value, 1.0, 0.0
        for a in range(size):
            gain[a] = 0.0
            largest = max(largest, covariance[a, a])
        forget = FORGET if largest < UNKNOWN * 2 else 1.0
        for b in range(size):
            if chosen[b]:
                error -= mean[b]
                for a in range(size):
                    gain[a] += covariance[b, a] / forget
        for a in range(size):
            if chosen[a]:
                whole += gain[a]
        for a in range(size):
            mean[a] += gain[a] / whole * error
            for b in range(size):
                covariance[a, b] = covariance[a, b] / forget - gain[a] * gain[b] / whole
        return error * error / whole

    @cached_kernel("void(boolean[:, ::1], float64[:, ::1], int64[::1], float64[::1])")
    def score(sets: Any, worths: Any, group: Any, out: Any) -> None:
        key  # noqa: B018
        for s in range(len(sets)):
            total = 0.0
            for a in range(sets.shape[1]):
                if sets[s, a]:
                    total += worths[group[s], a]
            out[s] = total

    return update, score
