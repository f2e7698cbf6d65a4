"""Figures 5 to 7 of the paper from the tables of the study."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from esc_sim.recovery.drawing import LINES
from esc_sim.recovery.search import STRATEGIES
from esc_sim.views.style import BLACK, BLUE, ORANGE, VERMILION, finish_with, legend_of, new_figure, save, styled
from experiments.recovery import study, tables
from experiments.recovery.study import Row

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
NOTE = "synthetic networks; reference: selected draw"
BAND = f"{NOTE}; band: +/- 1 standard deviation"
PAPER_FIG6 = {50: {0.0: 926, 50.0: 943, 100.0: 952}, 100: {0.0: 685}, 150: {0.0: 13}}  # printed in the text
PAPER_FIG7 = {  # budget, removed nodes; the budget of the first is not printed
    (50.0, 20): {"memetic": 968, "load-asc": 968, "load-desc": 956, "degree-asc": 964, "degree-desc": 956},
    (200.0, 120): {"memetic": 895, "load-asc": 384, "load-desc": 531, "degree-asc": 92, "degree-desc": 188},
}


def all_figures(out: Path) -> None:
    """Draw every figure whose table exists."""
    out.mkdir(parents=True, exist_ok=True)
    for name, figure in (("fig5", figure5), ("fig6", figure6), ("fig7", figure7)):
        save(figure(tables.read(name)), out / f"{name}.png")


@styled
def figure5(rows: list[Row]) -> Figure:
    """Convergence of the searches on the reference instance (five search seeds)."""
    figure = new_figure(height=4.4)
    axes = figure.subplots(2, 3).ravel()
    for axis, (removed, budget) in zip(axes, study.CONVERGENCE, strict=False):
        for strategy in study.SEARCHES:
            colour, dash = LINES[strategy]
            line = _chosen(rows, "reference", removed=removed, budget=budget, strategy=strategy)
            _banded(axis, line, "evaluations", colour, dash, strategy)
        axis.set_title(f"{removed} removed, budget {budget:g}", fontsize=8)
        axis.set_xlabel("evaluations")
    axes[0].set_ylabel("resilience RN (nodes)")
    axes[3].set_ylabel("resilience RN (nodes)")
    axes[5].axis("off")
    return finish_with(
        figure, "Convergence on the reference instance", f"mean of 5 search seeds; {BAND}", legend_of(axes[0])
    )


@styled
def figure6(rows: list[Row]) -> Figure:
    """Resilience against the budget."""
    figure = new_figure(height=4.6)
    axes = figure.subplots(2, 3).ravel()
    legend: dict[str, Artist] = {}
    for axis, removed in zip(axes[:3], study.REMOVALS, strict=True):
        _banded(axis, _chosen(rows, tables.FRESH, removed=removed), "budget", ORANGE, "--", "fresh networks, mean", "s")
        _banded(axis, _chosen(rows, "reference", removed=removed), "budget", BLUE, "-", "reference instance", "o")
        printed = PAPER_FIG6[removed]
        axis.plot(list(printed), list(printed.values()), "x", color=BLACK, label="printed in the paper")
        axis.set_title(f"{removed} of 1,000 removed", fontsize=8.5)
        legend |= legend_of(axis)
    for axis, removed in zip(axes[3:], study.SMALL_REMOVALS, strict=True):
        _banded(axis, _chosen(rows, "small", removed=removed), "budget", VERMILION, "-.", "37 nodes", "^")
        axis.set_title(f"{removed} of 37 removed", fontsize=8.5)
        axis.set_xlabel("recovery budget (load)")
        legend |= legend_of(axis)
    axes[0].set_ylabel("resilience RN (nodes)")
    axes[3].set_ylabel("resilience RN (nodes)")
    return finish_with(figure, "Resilience against the recovery budget", BAND, legend)


@styled
def figure7(rows: list[Row]) -> Figure:
    """Strategies against the number of removed nodes."""
    figure = new_figure(height=5.6)
    axes = figure.subplots(2, 2)
    for row, budget in zip(axes, study.STRATEGY_REMOVALS, strict=True):
        low = min(r["rn_mean"] for r in rows if r["budget"] == budget)
        for axis, kind in zip(row, ("reference", tables.FRESH), strict=True):
            for strategy, marker in zip(STRATEGIES, MARKERS, strict=True):
                colour, dash = LINES[strategy]
                line = _chosen(rows, kind, strategy=strategy, budget=budget)
                axis.plot(
                    [r["removed"] for r in line], [r["rn_mean"] for r in line], color=colour, linestyle=dash,
                    marker=marker, markersize=3.5, label=strategy,
                )  # fmt: skip
            axis.set_ylim(0.9 * low, 1020)
            name = "reference" if kind == "reference" else "fresh networks, mean"
            axis.set_title(f"{name}, budget {budget:g}", fontsize=8.5)
    for (budget, removed), printed in PAPER_FIG7.items():
        axis = axes[list(study.STRATEGY_REMOVALS).index(budget)][0]
        for strategy, rn in printed.items():
            axis.plot(removed + 3, rn, marker="_", markersize=7, color=LINES[strategy][0], linestyle="none")
    for axis in axes[1]:
        axis.set_xlabel("removed nodes")
    for row in axes:
        row[0].set_ylabel("resilience RN (nodes)")
    return finish_with(
        figure,
        "Recovery strategies",
        f"dashes: printed in the paper, for another network; {NOTE}; spread: tables/fig7.csv",
        legend_of(axes[0, 0]),
    )


def _chosen(rows: list[Row], network: str, **wanted: object) -> list[Row]:
    return [
        row for row in rows if row["network"] == network and all(row[key] == value for key, value in wanted.items())
    ]


def _banded(axis: Axes, rows: list[Row], x: str, colour: str, dash: object, label: str, marker: str = "") -> None:
    across = np.array([row[x] for row in rows])
    mean, sd = np.array([row["rn_mean"] for row in rows]), np.array([row["rn_sd"] for row in rows])
    axis.plot(across, mean, color=colour, linestyle=dash, marker=marker, markersize=3.5, label=label)
    axis.fill_between(across, mean - sd, mean + sd, color=colour, alpha=0.15, linewidth=0)
