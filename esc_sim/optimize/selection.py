"""Which of the last few designs is best: ranking and selection on replications that the search has not seen.

KN gives a guarantee: where the best design is better than every other by the indifference zone or more, it is selected
with the confidence that was asked for, common random numbers or not. OCBA gives an estimate: it sends replications
where they raise the probability of a correct selection most, until a bound of that probability, as it looks then, is as
high as the confidence.

Sources:
    Kim, Nelson (2001), "A fully sequential procedure for indifference-zone selection in simulation", ACM TOMACS 11(3),
    251-273.
    Chen, Lee (2011), Stochastic Simulation Optimization: An Optimal Computing Budget Allocation, World Scientific,
    chapters 3 and 4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from esc_sim.errors import InputError
from esc_sim.optimize.judge import Draws, Judging
from esc_sim.optimize.settings import Settings

if TYPE_CHECKING:
    from esc_sim.optimize.problem import PlanningProblem

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Observe = Callable[[Rows, int, int], Floats]
"""Costs of designs in replications, float64[rows, count]: (rows of designs, first replication, count)."""

FIRST: Final = 20
"""Replications of each design to begin with."""
STEP: Final = 10
"""Replications that are made together: of each design left (KN), of all designs (OCBA)."""
MOST: Final = 200_000
"""Replications that a selection may take."""
_APART: Final = 2**32
"""Replications of two designs that meet different random numbers begin so far apart."""
DELTA: Final = 0.01
"""Indifference zone where none is given, as a share of the cost of the design that leads."""


@dataclass(frozen=True)
class Selection:
    """What was selected of K designs.

    Attributes:
        method: "kn" or "ocba".
        best: row of the selected design.
        order: rows, the selected one first, then by mean cost.
        delta: indifference zone, in the unit of the objective.
        confidence: that was asked for.
        probability: of a correct selection: what KN guarantees, or what OCBA estimates.
        counts: int64[K], replications of each design.
        limited: whether there are limits, which the compared designs are likely to keep.
        looked: replications before, on which these limits were judged.
    """

    method: str
    best: int
    order: Rows
    delta: float
    confidence: float
    probability: float
    counts: Rows
    limited: bool = False
    looked: int = 0

    @property
    def words(self) -> str:
        """What can be said of it."""
        spent = f"{self.counts.sum():,} replications of new random numbers"
        spent += f", and {self.looked:,} before for the limits" if self.looked else ""
        designs = f"{len(self.counts)} designs{' that are likely to keep the limits' if self.limited else ''}"
        if self.method == "kn":
            return (
                f"KN selected the best of {designs}: correct with probability at least "
                f"{100 * self.probability:g} % where it is better than each other by {self.delta:.4g}; {spent}."
            )
        return (
            f"OCBA selected the best of {designs}: correct with an estimated probability (APCS) of "
            f"{100 * self.probability:.3g} %, no guarantee; {spent}."
        )

    def entry(self) -> dict[str, Any]:
        """As summary.json has it."""
        kind = "guaranteed" if self.method == "kn" else "estimated"
        return {
            "method": self.method,
            "designs": len(self.counts),
            "delta": self.delta,
            "confidence": self.confidence,
            "probability_of_correct_selection": self.probability,
            "probability_is": kind,
            "replications": int(self.counts.sum()) + self.looked,
        }


def select(method: str, observe: Observe, designs: int, delta: float, confidence: float) -> Selection:
    """Select the design of least mean cost.

    Args:
        method: "kn" or "ocba".
        observe: gives costs; for KN those of one replication should be on common random numbers, for OCBA they must be
            independent.
        designs: how many there are.
        delta: least difference of mean costs that matters.
        confidence: wanted probability of a correct selection.

    Raises:
        InputError: it would take too many replications.
    """
    return (kim_nelson if method == "kn" else ocba)(observe, designs, delta, confidence)


def selected(
    problem: PlanningProblem, judge: Judging, designs: Floats, settings: Settings, leading: float
) -> Selection | None:
    """What the settings want selected among the last designs of a search with one objective; None where nothing is.

    Args:
        problem: knows which way is better.
        judge: judges designs.
        designs: float64[K, D].
        settings: method, indifference zone and confidence.
        leading: what the first design seems to cost.

    Raises:
        InputError: a design gives no number in a replication, or it would take too many replications.
    """
    if settings.select is None or len(designs) < 2:
        return None
    apart = 0 if settings.select == "kn" else _APART

    def observe(rows: Rows, first: int, count: int) -> Floats:
        draws = [Draws(settings.selection_seed, first + int(row) * apart, count) for row in rows]
        costs = judge.by_replication(designs[rows], draws)[:, :, 0] * problem.signs[0]
        if np.isnan(costs).any():
            raise InputError(f"--select: {problem.objectives[0]} gives no number in some replications")
        return np.asarray(costs)

    delta = DELTA * abs(leading) if settings.delta is None else settings.delta
    return select(settings.select, observe, len(designs), delta or 1.0, settings.confidence)


def kim_nelson(observe: Observe, designs: int, delta: float, confidence: float) -> Selection:
    """KN (Kim and Nelson 2001) with c = 1, for designs that may depend on one another.

    Args:
        observe, designs, delta, confidence: as of :func:`select`.

    Raises:
        InputError: it may take more replications than a selection may take.
    """
    left = np.arange(designs)
    costs = observe(left, 0, FIRST)
    counts = np.full(designs, FIRST)
    eta = 0.5 * ((2.0 * (1.0 - confidence) / max(designs - 1, 1)) ** (-2.0 / (FIRST - 1)) - 1.0)
    differences = costs[:, None] - costs[None]
    spread = 2.0 * eta * (FIRST - 1) * differences.var(axis=2, ddof=1)
    longest = float(spread.max(initial=0.0)) / delta**2
    if longest * designs > MOST:
        raise InputError(
            f"--select kn: {designs} designs may take {longest * designs:,.0f} replications to tell differences of "
            f"{delta:.4g} apart; ask for a larger --delta, less --confidence, or --select ocba"
        )
    means, done = costs.mean(axis=1), FIRST
    pending = np.empty((len(left), 0))
    while len(left) > 1:
        mean = means[left]
        slack = np.maximum(0.0, delta / (2.0 * done) * (spread[np.ix_(left, left)] / delta**2 - done))
        kept = (mean[:, None] <= mean[None] + slack).all(axis=1)
        if done > longest:  # nothing but equal means is left
            kept = np.arange(len(left)) == mean.argmin()
        pending, left = pending[kept], left[kept]
        if len(left) == 1:
            break
        if not pending.shape[1]:
            pending = observe(left, done, STEP)
            counts[left] += STEP
        done += 1
        means[left] += (pending[:, 0] - means[left]) / done
        pending = pending[:, 1:]
    best = int(left[0])
    return Selection("kn", best, _order(best, means), delta, confidence, confidence, counts)


def ocba(observe: Observe, designs: int, delta: float, confidence: float) -> Selection:
    """OCBA (Chen and Lee 2011), until the estimated probability of a correct selection is high enough.

    Designs that differ by less than the indifference zone count as different by it.

    Args:
        observe, designs, delta, confidence: as of :func:`select`.
    """
    rows = np.arange(designs)
    costs = list(observe(rows, 0, FIRST))
    while True:
        means, counts, best, estimate = _apcs(costs, delta)
        if estimate >= confidence or counts.sum() + STEP > MOST:
            break
        wanted = _allocated(costs, means, best, delta, int(counts.sum()) + STEP) - counts
        more = np.maximum(wanted, 0.0)
        shares = np.floor(STEP * more / (more.sum() or 1.0)).astype(np.int64)
        shares[int(more.argmax())] += STEP - int(shares.sum())
        for row in np.flatnonzero(shares):
            new = observe(np.array([row]), int(counts[row]), int(shares[row]))[0]
            costs[row] = np.r_[costs[row], new]
    return Selection("ocba", best, _order(best, means), delta, confidence, estimate, counts)


def _order(best: int, means: Floats) -> Rows:
    order = np.argsort(means, kind="stable")
    return np.r_[best, order[order != best]].astype(np.int64)


def _gaps(means: Floats, best: int, delta: float) -> Floats:
    return np.maximum(means - means[best], delta)


def _apcs(costs: list[Floats], delta: float) -> tuple[Floats, Rows, int, float]:
    """Means, replications, the best row, and Bonferroni's bound of the probability that it is the best."""
    means = np.array([one.mean() for one in costs])
    counts = np.array([len(one) for one in costs])
    noise = np.array([one.var(ddof=1) for one in costs]) / counts
    best = int(means.argmin())
    spread = np.sqrt(np.maximum(noise + noise[best], 1e-300))
    wrong = ndtr(-_gaps(means, best, delta) / spread)
    wrong[best] = 0.0
    return means, counts, best, float(max(0.0, 1.0 - wrong.sum()))


def _allocated(costs: list[Floats], means: Floats, best: int, delta: float, total: int) -> Floats:
    """How OCBA divides so many replications."""
    spread = np.maximum(np.array([one.std(ddof=1) for one in costs]), 1e-12)
    ratios = (spread / _gaps(means, best, delta)) ** 2
    others = np.arange(len(costs)) != best
    ratios[best] = spread[best] * np.sqrt(((ratios[others] / spread[others]) ** 2).sum())
    return np.asarray(total * ratios / ratios.sum())
