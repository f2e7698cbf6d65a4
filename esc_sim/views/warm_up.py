"""Cost, profit and stock of the network by period, with the warm-up that was found."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from matplotlib.figure import Figure

from esc_sim.results.run import Floats, PeriodTable, Result
from esc_sim.views.style import (
    BLACK,
    LIGHT_GREY,
    NORMAL_COLOUR,
    finish,
    legend_of,
    new_figure,
    refuse_empty,
    styled,
    thousands,
    time_axis,
)

_HEIGHT: Final = 1.3


def why_empty(run: Result) -> str:
    """Why there is nothing to draw; empty where there is."""
    return "" if "warm_up_found" in run.summary else "no warm-up was sought; ask for one by warm_up auto"


@styled
def warm_up(run: Result) -> Figure:
    """Mean over replications of each series that had to settle, the warm-up shaded, the cut of the series as a line.

    Where the run has a twin, the twin is drawn: outages are no part of a warm-up.

    Raises:
        InputError: no warm-up was sought.
    """
    refuse_empty("warm_up", why_empty(run))
    series: dict[str, Any] = run.summary["warm_up_found"]["series"]
    figure = new_figure(height=1.3 + _HEIGHT * len(series))
    axes = figure.subplots(len(series), 1, sharex=True, squeeze=False)[:, 0]
    drawn = PeriodTable(run.values if run.twin is None else run.twin)
    for axis, (name, entry) in zip(axes, series.items(), strict=True):
        axis.axvspan(0, run.summary["warm_up"], color=LIGHT_GREY, alpha=0.6, linewidth=0, zorder=0, label="warm-up")
        axis.plot(np.arange(run.period_count), _mean(drawn, name), color=NORMAL_COLOUR, linewidth=1.1, label="mean")
        axis.axvline(entry["warm_up"], color=BLACK, linestyle=(0, (4, 2)), linewidth=0.9, label="cut of this series")
        unit = run.units.goods if name == "stock" else run.units.money
        axis.set_title(f"{name} [{unit}]" + ("" if entry["settled"] else ", not settled"))
        thousands(axis, "y")
        axis.grid(axis="y")
    time_axis(axes[-1], run)
    return finish(figure, run, "Warm-up" if run.twin is None else "Warm-up of the undisrupted twin", legend_of(axes[0]))


def _mean(periods: PeriodTable, name: str) -> Floats:
    """Mean over replications, float64[T]."""
    parts = periods.parts()
    total: Floats = np.add.reduce([part[name].sum(axis=0) for part in parts])
    return total / sum(len(part.array) for part in parts)
