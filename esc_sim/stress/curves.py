"""Resilience curves of the worst outages: what is served against the twin, around the start."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from esc_sim.crews.crew import Crew, alone
from esc_sim.results.run import column
from esc_sim.risk.resilience import performance
from esc_sim.stress.impact import struck_run
from esc_sim.stress.stressors import Stressor
from esc_sim.stress.tasks import Plan

BEFORE = 5
AFTER_DURATIONS = 4
"""How many times its duration a curve is followed."""


def worst_curves(plan: Plan, stressors: Sequence[Stressor], crew: Crew = alone) -> dict[str, NDArray[np.float64]]:
    """Mean performance from a few periods before the start on, by name; nan beyond the run.

    Args:
        plan: how the outages are played.
        stressors: whose curves.
        crew: plays them.
    """
    curves = crew(partial(_curve, plan, plan.durations.longest(stressors)), stressors)
    return {one.name: curve for one, curve in zip(stressors, curves, strict=True)}


def _curve(plan: Plan, longest: float, stressor: Stressor) -> NDArray[np.float64]:
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
