"""A day of microgrids: what feeds each bus hour by hour, its load, and its price."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from esc_sim.results.observed import in_words
from esc_sim.views.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LIGHT_GREY,
    ORANGE,
    PURPLE,
    SKY_BLUE,
    VERMILION,
    finish_with,
    legend_of,
    new_figure,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

    from esc_sim.energy.microgrid import Microgrid
    from esc_sim.energy.plan import EnergyPlan

Floats = NDArray[np.float64]
PARTS = (
    ("from the grid", GREY, ""),
    ("to the grid", LIGHT_GREY, "--"),
    ("solar power", ORANGE, "//"),
    ("engine", GREEN, "\\\\"),
    ("battery", PURPLE, "xx"),
    ("lines", SKY_BLUE, ".."),
    ("shed", VERMILION, "++"),
)


def feeds_of(grid: Microgrid, plan: EnergyPlan) -> Floats:
    """What each part gives to each bus (below zero: takes), float64[7, B, 24], MW, in the order of PARTS."""
    run = plan.dispatch
    found = np.zeros((len(PARTS), *run.imp.shape))
    grid_power = run.imp - run.exp
    found[0], found[1] = np.maximum(grid_power, 0.0), np.minimum(grid_power, 0.0)
    found[2], found[6] = run.pv, run.shed
    for k, chp in enumerate(grid.chps):
        found[3, grid.at(chp.bus)] += run.chp[k]
    for q, cell in enumerate(grid.batteries):
        found[4, grid.at(cell.bus)] += run.discharge[q] - run.charge[q]
    for i, line in enumerate(grid.lines):
        there, back = run.flow[i]
        found[5, grid.at(line.from_bus)] += (1.0 - line.loss) * back - there
        found[5, grid.at(line.to_bus)] += (1.0 - line.loss) * there - back
    return found


@styled
def dispatch_figure(grid: Microgrid, plan: EnergyPlan, title: str, footer: str, money: str) -> Figure:
    """Stacked feeds of every bus, its load as a line, its price as another on a second axis.

    Args:
        grid: the design.
        plan: the day.
        title, footer: of the figure.
        money: currency.
    """
    feeds, hours = feeds_of(grid, plan), np.arange(plan.price.shape[1])
    columns = 2 if len(grid.buses) > 1 else 1
    rows = -(-len(grid.buses) // columns)
    figure = new_figure(height=1.0 + 1.75 * rows)
    legend: dict[str, Artist] = {}
    top = max(float(plan.price.max()) * 1.05, 1.0)
    for b, name in enumerate(grid.names):
        axis = figure.add_subplot(rows, columns, b + 1)
        up, down = np.zeros(len(hours)), np.zeros(len(hours))
        for (label, colour, hatch), power in zip(PARTS, feeds[:, b], strict=True):
            for base, part in ((up, np.maximum(power, 0.0)), (down, np.minimum(power, 0.0))):
                if part.any():
                    style: dict[str, Any] = {
                        "color": colour,
                        "hatch": hatch,
                        "edgecolor": "white",
                        "lw": 0.2,
                        "label": label,
                    }
                    axis.bar(hours, part, 1.0, base.copy(), **style)
                base += part
        axis.step(hours, plan.day.load[b], where="mid", color=BLACK, lw=1.2, label="load")
        axis.axhline(0.0, color=BLACK, lw=0.5)
        axis.set_title(in_words(name))
        axis.use_sticky_edges = False  # of bars: they keep off the frame
        axis.margins(y=0.08)
        axis.set_xlim(-0.5, 23.5)
        axis.set_xticks(range(0, 24, 6))
        price = axis.twinx()
        price.step(hours, plan.price[b], where="mid", color=BLUE, lw=1.0, ls="--", label="nodal price (right)")
        price.set_ylim(0.0, top)
        price.spines["right"].set_visible(True)
        if b % columns == 0:
            axis.set_ylabel("power (MW)")
        if b % columns == columns - 1 or b == len(grid.buses) - 1:
            price.set_ylabel(f"price ({money}/MWh)")
        if b >= len(grid.buses) - columns:
            axis.set_xlabel("hour of the day")
        legend |= legend_of(axis) | legend_of(price)
    return finish_with(figure, title, footer, legend)
