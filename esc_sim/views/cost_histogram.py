"""Distribution of the cost per period, normal against disrupted, with value at risk and conditional value at risk."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from esc_sim.results.run import DISRUPTED, UNDISRUPTED, Floats, Result
from esc_sim.results.table import risk_labels
from esc_sim.views.style import (
    BLACK,
    DISRUPTED_COLOUR,
    NORMAL_COLOUR,
    compact,
    finish,
    new_figure,
    percent_axis,
    refuse_empty,
    styled,
    thousands,
)

_BINS = 60


def why_empty(run: Result) -> str:
    """Why there is nothing to draw; empty where there is."""
    samples = [costs for costs in (run.column("cost"), run.twin_column("cost")) if costs is not None]
    if all(np.ptp(costs) <= 1e-9 * max(1.0, float(np.abs(costs).max())) for costs in samples):
        return "the cost is the same in all periods"
    return ""


@styled
def cost_histogram(run: Result) -> Figure:
    """Share of periods by network cost (eq. 13 of Chen, Wang, Zio; their figures 9 to 11).

    One panel per run on common bins, so that the tail of rare costs is seen beside the bulk of usual ones. The share
    is on a logarithmic axis. VaR and CVaR are those of summary.json; lines are left out when costs were pooled over
    the horizon, for they are then not costs of a period.

    Raises:
        InputError: the cost is the same in all periods.
    """
    refuse_empty("cost_histogram", why_empty(run))
    panels = [(UNDISRUPTED, run.twin_column("cost"), NORMAL_COLOUR)] if run.twin is not None else []
    panels.append((run.label, run.column("cost"), DISRUPTED_COLOUR if run.label == DISRUPTED else NORMAL_COLOUR))
    edges = _edges([costs for _, costs, _ in panels if costs is not None])
    figure = new_figure(height=1.5 + 1.35 * len(panels))
    axes = figure.subplots(len(panels), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for axis, (label, costs, colour) in zip(axes, panels, strict=True):
        assert costs is not None
        _panel(axis, run, label, costs, edges, colour)
    axes[-1].set_xlabel(f"network cost per {run.units.period} [{run.units.money}]")
    thousands(axes[-1])
    figure.supylabel(f"share of {run.units.period}s, logarithmic", fontsize=8.5)
    return finish(figure, run, "Cost distribution")


def _edges(samples: list[Floats]) -> Floats:
    low = min(float(costs.min()) for costs in samples)
    high = max(float(costs.max()) for costs in samples)
    return np.linspace(low, high, _BINS + 1)


def _panel(axis: Axes, run: Result, label: str, costs: Floats, edges: Floats, colour: str) -> None:
    weights = np.full(costs.size, 1.0 / costs.size)
    axis.hist(costs.ravel(), bins=list(edges), weights=weights, color=colour, edgecolor="white", linewidth=0.2)
    axis.set_yscale("log")
    axis.yaxis.set_minor_locator(NullLocator())
    axis.set_ylim(0.5 / max(run.replications * run.period_count, 200), 2.0)
    percent_axis(axis)
    axis.grid(axis="y")
    axis.set_title("normal" if label == UNDISRUPTED else "disrupted", color=colour)
    if run.summary["risk"]["pooling"] != "horizon":
        _risk_lines(axis, run, label)


def _risk_lines(axis: Axes, run: Result, label: str) -> None:
    names = risk_labels(run.summary["risk"])
    for name, dash in (("var", (0, (4, 2))), ("cvar", "solid")):
        entry = run.summary["kpis"][label][name]
        axis.axvline(
            entry["mean"], color=BLACK, linestyle=dash, linewidth=1.1, label=f"{names[name]} = {compact(entry['mean'])}"
        )
    axis.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, handlelength=2.4, borderaxespad=0.2)
