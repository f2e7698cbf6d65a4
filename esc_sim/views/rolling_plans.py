"""What each rolling plan promised over its horizon, and what its nodes earned over the same periods."""

from __future__ import annotations

from typing import Any, Final

from matplotlib.figure import Figure

from esc_sim.counted import counted
from esc_sim.results.run import Result
from esc_sim.views.style import (
    BLUE,
    VERMILION,
    finish,
    legend_of,
    new_figure,
    refuse_empty,
    styled,
    thousands,
    time_axis,
)

_HEIGHT: Final = 1.9
_LABELS: Final = {"promised": "promised, without purchases for after the horizon", "realised": "realised"}


def why_empty(run: Result) -> str:
    """Why there is nothing to draw; empty where there is."""
    if not run.summary.get("rolling_plans"):
        return "no node follows a rolling plan"
    return "" if _drawn(run) else "the run is too short for two plans whose whole horizon it holds"


def _drawn(run: Result) -> dict[str, Any]:
    return {name: entry for name, entry in run.summary["rolling_plans"].items() if len(entry["made"]) > 1}


@styled
def rolling_plans(run: Result) -> Figure:
    """A panel for each plan: by the period in which it was made anew, the profit promised and that earned.

    Raises:
        InputError: no node follows a rolling plan, or the run is too short.
    """
    refuse_empty("rolling_plans", why_empty(run))
    plans = _drawn(run)
    figure = new_figure(height=1.3 + _HEIGHT * len(plans))
    axes = list(figure.subplots(len(plans), 1, sharex=True, squeeze=False)[:, 0])
    for axis, (name, entry) in zip(axes, plans.items(), strict=True):
        for key, colour, style in (("promised", VERMILION, "--"), ("realised", BLUE, "-")):
            axis.plot(entry["made"], entry[key], color=colour, linestyle=style, linewidth=1.3, label=_LABELS[key])
        axis.set_title(f"{name}: profit over {counted(entry['horizon'], run.units.period)} [{run.units.money}]")
        thousands(axis, "y")
        axis.grid(axis="y")
    time_axis(axes[-1], run)
    return finish(figure, run, "Rolling plans by the period of each plan", legend_of(axes[0]))
