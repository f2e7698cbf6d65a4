"""What rolling plans promised over their horizons, beside what their nodes earned over the same periods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from esc_sim.counted import counted
from esc_sim.results.observed import Observed
from esc_sim.results.period_table import Floats
from esc_sim.risk.intervals import mean_interval
from esc_sim.scenario.rolling import RollingPlan
from esc_sim.written import format_interval, number

PROMISED = "profit promised"
REALISED = "profit realised"
"""What a plan shows of itself in every period: the profit of its nodes over its horizon, and that of the period."""


def rolling_summary(
    plans: Sequence[RollingPlan], observed: Sequence[Observed], observations: Floats, batch: int, money: str
) -> dict[str, Any]:
    """Entries of summary.json under ``rolling_plans``, by plan: means over replications of each plan that was made.

    Plans whose horizon goes on after the run are left out: nobody knows what they would have earned.

    Args:
        plans: as the scenario states them.
        observed: names of the numbers that features show.
        observations: float64[R, T, X] of them.
        batch: replications that were stratified together.
        money: name of its unit.
    """
    places, found = {number.name: k for k, number in enumerate(observed)}, {}
    for plan in plans:
        total = observations.shape[1]
        made = np.arange(0, total, plan.every)
        ends = np.minimum(made + plan.horizon, total) if plan.until_end else made + plan.horizon
        made, ends = made[ends <= total], ends[ends <= total]
        realised = np.pad(observations[:, :, places[f"{REALISED}/{plan.name}"]].cumsum(axis=1), ((0, 0), (1, 0)))
        promised = observations[:, made, places[f"{PROMISED}/{plan.name}"]]
        earned = realised[:, ends] - realised[:, made]
        entry: dict[str, Any] = {"horizon": plan.horizon, "made": made.tolist()}
        entry |= {"promised": promised.mean(axis=0).tolist(), "realised": earned.mean(axis=0).tolist()}
        if len(made):
            kept = mean_interval((earned - promised).mean(axis=1), batch=batch)
            low, high = (None if np.isnan(end) else float(end) for end in (kept.low, kept.high))
            entry["difference"] = {"mean": float(kept.mean), "ci_low": low, "ci_high": high, "n": kept.n, "unit": money}
        found[plan.name] = entry
    return found


def rolling_lines(summary: dict[str, Any]) -> list[str]:
    """What each rolling plan promised and earned, in a line."""
    lines, units = [], summary["units"]
    for name, entry in summary.get("rolling_plans", {}).items():
        over = counted(entry["horizon"], units["period"])
        if not entry["made"]:
            lines.append(f"Rolling plan '{name}': the run is shorter than its horizon of {over}.")
            continue
        promised, realised = (number(float(np.mean(entry[key]))) for key in ("promised", "realised"))
        lines.append(
            f"Rolling plan '{name}': {counted(len(entry['made']), 'plan')} over {over} promised {promised} "
            f"{units['money']} on average, and its nodes earned {realised} (difference "
            f"{format_interval(entry['difference'], sign=True)}). A promise leaves out purchases for after its horizon."
        )
    return lines
