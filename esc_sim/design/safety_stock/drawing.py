"""Where safety stock is held: service times of every stage, and what its stock costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from esc_sim.results.observed import in_words
from esc_sim.views.style import BLACK, BLUE, LIGHT_GREY, ORANGE, finish_with, legend_of, new_figure, styled
from esc_sim.written import number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@styled
def safety_stock_figure(
    names: Sequence[str],
    inbound: Ints,
    processing: Ints,
    quoted: Ints,
    cost: Floats,
    title: str,
    footer: str,
    money: str,
    period: str,
) -> Figure:
    """A row for each stage: how long until its goods are there, what of it stock covers, what that costs.

    Args:
        names: of N stages, suppliers first.
        inbound, processing, quoted: int64[N] SI, T and S, periods.
        cost: float64[N] of safety stock, money per period.
        title, footer: of the figure.
        money, period: names of units.
    """
    rows = np.arange(len(names))
    figure = new_figure(height=1.4 + 0.19 * len(names))
    times, costs = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    times.barh(rows, inbound, 0.7, color=LIGHT_GREY, label="waiting for inputs")
    times.barh(rows, processing, 0.7, inbound, color=BLUE, alpha=0.55, label="processing")
    covered = inbound + processing - quoted
    times.barh(rows, covered, 0.25, quoted, color=ORANGE, label="covered by stock")
    times.plot(quoted, rows, "|", color=BLACK, ms=8, mew=1.6, label="service time quoted")
    times.set_yticks(rows, [in_words(name) for name in names])
    times.set_ylim(-0.6, len(names) - 0.4)
    times.set_xlabel(f"{period}s after an order")
    times.set_xlim(left=-0.4)
    costs.barh(rows, cost, 0.7, color=ORANGE)
    for row in np.flatnonzero(cost > 0).tolist():
        costs.annotate(number(cost[row]), (cost[row], row), (3, 0), textcoords="offset points", va="center", fontsize=7)
    costs.margins(x=0.25)
    costs.set_xlim(left=0.0)
    costs.tick_params(axis="y", length=0)
    costs.set_xlabel(f"cost of safety stock ({money}/{period})")
    return finish_with(figure, title, footer, legend_of(times))
