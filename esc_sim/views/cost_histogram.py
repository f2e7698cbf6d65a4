"""Distribution of the cost per period, normal against disrupted, with value at risk and conditional value at risk."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from esc_sim.results.run import DISRUPTED, UNDISRUPTED, Floats, PeriodTable, Result
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
    if all(high - low <= 1e-9 * max(1.0, abs(low), abs(high)) for low, high in map(_ends, _runs(run).values())):
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
    runs = _runs(run)
    ends = [_ends(parts) for parts in runs.values()]
    edges = np.linspace(min(low for low, _ in ends), max(high for _, high in ends), _BINS + 1)
    figure = new_figure(height=1.5 + 1.35 * len(runs))
    axes = figure.subplots(len(runs), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for axis, (label, parts) in zip(axes, runs.items(), strict=True):
        _panel(axis, run, label, parts, edges)
    axes[-1].set_xlabel(f"network cost per {run.units.period} [{run.units.money}]")
    thousands(axes[-1])
    figure.supylabel(f"share of {run.units.period}s, logarithmic", fontsize=8.5)
    return finish(figure, run, "Cost distribution")


def _runs(run: Result) -> dict[str, Sequence[PeriodTable]]:
    """Periods of the twin, where there is one, and of the run, in parts."""
    twin = {} if run.twin is None else {UNDISRUPTED: PeriodTable(run.twin).parts()}
    return {**twin, run.label: PeriodTable(run.values).parts()}


def _ends(parts: Sequence[PeriodTable]) -> tuple[float, float]:
    """Least and largest cost."""
    found = [(float(costs.min()), float(costs.max())) for costs in (part["cost"] for part in parts)]
    return min(low for low, _ in found), max(high for _, high in found)


def _panel(axis: Axes, run: Result, label: str, parts: Sequence[PeriodTable], edges: Floats) -> None:
    colour = DISRUPTED_COLOUR if label == DISRUPTED else NORMAL_COLOUR
    counts = sum(np.histogram(part["cost"], edges)[0] for part in parts)
    shares = counts / (run.replications * run.period_count)
    axis.bar(edges[:-1], shares, np.diff(edges), align="edge", color=colour, edgecolor="white", linewidth=0.2)
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
