"""Measures of the resilience curve, against the undisrupted twin."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from esc_sim.measures.measure import Declaration, Floats, Need
from esc_sim.risk.intervals import Interval, mean_interval
from esc_sim.risk.resilience import Resilience


@dataclass(frozen=True, kw_only=True)
class Recovery(Declaration):
    """A measure of a performance curve.

    Attributes:
        of: value of each replication, [R]; or the share of cases itself, over all replications.
        cases: of a share, how many cases it is a share of.
    """

    of: Callable[[Resilience], Floats | float]
    cases: Callable[[Resilience], int] | None = None

    def interval(self, found: Resilience, batch: int, base: Resilience | None = None) -> Interval:
        """Student's t interval over replications; none of a share of cases, which tells how much of a mean is missing
        because the run ended before.

        Args:
            found: of a run.
            batch: replications that were stratified together.
            base: of another run on the same random numbers; the difference from it is estimated then, of the
                replications that have a value in both.
        """
        before = 0.0 if base is None else self.of(base)
        if self.cases is not None:
            return Interval(float(self.of(found)) - float(before), math.nan, math.nan, self.cases(found))
        return mean_interval(np.asarray(self.of(found)) - before, batch=batch)


_NEEDS: Final = (Need.DISRUPTION,)

MEASURES: Final = (
    Recovery(
        name="depth", label="Deepest loss", unit="share", range=(None, None), better="smaller",
        definition="deepest loss against the twin; up to 1, above it where a profit turns negative",
        literature="depth, robustness is 1 less it",
        needs=_NEEDS,
        of=lambda found: found.depth,
    ),
    Recovery(
        name="loss_area", label="Loss area", unit="{period}", range=(0.0, None), better="smaller",
        definition="area between the twin's course and the run's",
        literature="resilience triangle, loss of resilience",
        needs=_NEEDS,
        of=lambda found: found.loss_area,
    ),
    Recovery(
        name="time_to_recover", label="Time to recover", unit="{period}", range=(0.0, None), better="smaller",
        definition="from the start of a disruption until performance is back, if it is; 0 where it never fell",
        literature="TTR, time to recover",
        needs=_NEEDS,
        of=lambda found: found.time_to_recover,
    ),
    Recovery(
        name="share_recovered", label="Recovered", unit="share", range=(0.0, 1.0), better="larger",
        definition="disruptions from which the run recovered before its end",
        needs=_NEEDS,
        of=lambda found: found.share_recovered, cases=lambda found: int(found.episodes.sum()),
    ),
    Recovery(
        name="time_to_survive", label="Time to survive", unit="{period}", range=(0.0, None), better="larger",
        definition="from the strike until performance falls",
        literature="TTS, time to survive",
        needs=_NEEDS,
        of=lambda found: found.time_to_survive,
    ),
    Recovery(
        name="share_surviving", label="Never fell", unit="share", range=(0.0, 1.0), better="larger",
        definition="strikes after which performance never fell",
        needs=_NEEDS,
        of=lambda found: found.share_surviving, cases=lambda found: int(found.struck.sum()),
    ),
)  # fmt: skip
"""Measures of the resilience curve, in the order of tables."""
