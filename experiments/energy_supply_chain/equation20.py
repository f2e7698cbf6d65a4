"""Equation 20 in both readings, on the front of figure 8: ``python -m experiments.energy_supply_chain.equation20``.

As printed, eq. 18 measures profit from its minimum. On a front where profit rises with risk the end of least profit is
then perfect in both objectives. Corrected, profit is measured from its maximum, and an interior point is chosen.
"""

from __future__ import annotations

from typing import Final, get_args

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from esc_sim.optimize.compromise import Reading, min_max_compromise, non_dominated, relative_deviations
from esc_sim.views.style import (
    BLACK,
    BLUE,
    ORANGE,
    VERMILION,
    finish_with,
    legend_of,
    new_figure,
    styled,
    thousands,
)
from experiments.energy_supply_chain import case

Floats = NDArray[np.float64]

READINGS: Final[tuple[Reading, ...]] = get_args(Reading)
SENSE: Final = (True, False)


def front() -> Floats:
    """Profit and CVaR of the front of figure 8 on held-out draws, those that no other dominates, by profit."""
    rows = case.read("figure08_front")
    points = np.array([[float(row["profit.held_out"]), float(row["cvar.held_out"])] for row in rows])
    points = points[non_dominated(points, SENSE)]
    return points[np.argsort(points[:, 0])]


def make() -> None:
    """Table and figure."""
    points = front()
    rows: list[case.Row] = []
    for reading in READINGS:
        row = min_max_compromise(points, SENSE, reading)
        z = relative_deviations(points, SENSE, reading)[row]
        rows.append(
            {
                "reading": reading,
                "point_by_profit": f"{row + 1} of {len(points)}",
                "profit": float(points[row, 0]),
                "cvar": float(points[row, 1]),
                "z_profit": float(z[0]),
                "z_cvar": float(z[1]),
                "largest_z": float(z.max()),
                "paper_profit": case.PAPER["profit"],
                "paper_cvar": case.PAPER["cvar"],
                "bounds": case.BOUNDS,
            }
        )
    case.write("equation20", rows)
    case.draw("equation20", figure(points))


@styled
def figure(points: Floats) -> Figure:
    """Deviations along the front, one panel a reading, with the point that each picks."""
    drawn = new_figure(height=3.4)
    axes = drawn.subplots(1, len(READINGS), sharey=True)
    for axis, reading in zip(axes, READINGS, strict=True):
        z = relative_deviations(points, SENSE, reading)
        row = min_max_compromise(points, SENSE, reading)
        axis.plot(points[:, 0], z[:, 0], color=BLUE, linestyle="--", label="profit")
        axis.plot(points[:, 0], z[:, 1], color=ORANGE, linestyle=":", label="CVaR")
        axis.plot(points[:, 0], z.max(axis=1), color=BLACK, linewidth=0.8, label="larger of the two")
        axis.plot(points[row, 0], z[row].max(), marker="*", markersize=13, color=VERMILION, markeredgecolor=BLACK,
                  linestyle="none", label="picked")  # fmt: skip
        axis.set_title(
            {"corrected": "z of profit from its maximum", "printed": "as printed: from its minimum"}[reading]
        )
        axis.set_xlabel("profit over the horizon [EUR]")
        axis.margins(x=0.06, y=0.06)
        axis.locator_params(axis="x", nbins=5)
        thousands(axis)
        axis.grid()
    axes[0].set_ylabel("relative deviation z")
    footer = f"front of figure 8 on held-out draws, {len(points)} plans; {case.DATA}\n{case.BOUNDS}"
    return finish_with(drawn, "Min-max compromise, equations 18 to 20", footer, legend_of(axes[0]))


if __name__ == "__main__":
    make()
