"""Resilience curves of the worst outages: what is served against the twin, around the start."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from esc_sim.results.run import column
from esc_sim.risk.resilience import performance
from esc_sim.stress.impact import struck_run
from esc_sim.stress.stressors import Stressor
from esc_sim.stress.tasks import Plan

BEFORE = 5
AFTER_DURATIONS = 4
"""How many times its duration a curve is followed."""


def worst_curves(plan: Plan, stressors: Sequence[Stressor]) -> dict[str, NDArray[np.float64]]:
    """Mean performance from a few periods before the start on, by name; nan beyond the run.

    Args:
        plan: how the outages are played.
        stressors: whose curves.
    """
    longest = plan.durations.longest(stressors)
    return {one.name: _curve(plan, one, longest) for one in stressors}


def _curve(plan: Plan, stressor: Stressor, longest: float) -> NDArray[np.float64]:
    twin = np.concatenate([column(block.periods, "served") for block in plan.twin.blocks])
    length = BEFORE + int(AFTER_DURATIONS * longest) + 1
    rows = []
    for start in plan.starts:
        run = struck_run(plan.twin, plan.outages(stressor, start, "scenario"))
        curve = performance(column(run.periods, "served"), twin)
        at = np.arange(start - BEFORE, start - BEFORE + length)
        inside = (at >= 0) & (at < curve.shape[1])
        rows.append(np.where(inside, curve[:, np.clip(at, 0, curve.shape[1] - 1)], np.nan))
    whole = np.concatenate(rows)
    seen = np.isfinite(whole).any(axis=0)
    found = np.full(length, np.nan)
    found[seen] = np.nanmean(whole[:, seen], axis=0)
    return found
