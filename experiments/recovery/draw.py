"""Figures 5 to 7 of the paper from the tables of the study."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from esc_sim.recovery.drawing import LINES
from esc_sim.recovery.search import STRATEGIES
from esc_sim.recovery.strategies import strategy_words
from esc_sim.views.style import BLACK, BLUE, GREEN, ORANGE, VERMILION, finish_with, legend_of, new_figure, save, styled
from experiments.recovery import study, tables
from experiments.recovery.printed import PUBLISHED
from experiments.recovery.study import Row

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
NOTE = "synthetic networks; reference: selected draw"
BAND = f"{NOTE}; band: +/- 1 standard deviation"
PAPER_FIG6 = {50: {0.0: 926, 50.0: 943, 100.0: 952}, 100: {0.0: 685}, 150: {0.0: 13}}  # printed in the text
PAPER_FIG7 = {  # budget, removed nodes; the budget of the first is not printed
    (50.0, 20): {"memetic": 968, "load-asc": 968, "load-desc": 956, "degree-asc": 964, "degree-desc": 956},
    (200.0, 120): {"memetic": 895, "load-asc": 384, "load-desc": 531, "degree-asc": 92, "degree-desc": 188},
}


def all_figures(folder: Path, out: Path) -> None:
    """Draw every figure whose table is in a folder."""
    out.mkdir(parents=True, exist_ok=True)
    figures = {"fig5": figure5, "fig5_iterations": figure5_iterations, "fig6": figure6, "fig7": figure7}
    for name, figure in figures.items():
        rows = tables.read(folder, name)
        if rows:
            save(figure(rows), out / f"{name}.png")


@styled
def figure5(rows: list[Row]) -> Figure:
    """Convergence of the searches on the reference instance (five search seeds)."""
    figure, axes = _panels()
    for axis, (removed, budget) in zip(axes, study.CONVERGENCE, strict=False):
        for strategy in study.SEARCHES:
            colour, dash = LINES[strategy]
            line = _chosen(rows, "reference", removed=removed, budget=budget, strategy=strategy)
            _banded(axis, line, "evaluations", colour, dash, strategy_words(strategy))
        axis.set_xlabel("cascades run (evaluations)")
    return finish_with(
        figure, "Convergence on the reference instance", f"mean of 5 search seeds; {BAND}", legend_of(axes[0])
    )


@styled
def figure5_iterations(rows: list[Row]) -> Figure:
    """Convergence of the published searches by iterations, the paper's axis, on the reference instance."""
    figure, axes = _panels()
    seeds = len({row["search_seed"] for row in rows if row["network"] == "reference"})
    means = tables.spread(rows, ["removed", "budget", "strategy", "iteration"])
    for axis, (removed, budget) in zip(axes, study.CONVERGENCE, strict=False):
        for name, (strategy, settings) in PUBLISHED.items():
            colour, dash = (GREEN, "-.") if settings.local_first else LINES[strategy]
            line = _chosen(means, "reference", removed=removed, budget=budget, strategy=name)
            words = strategy_words(strategy) + name.removeprefix(strategy)
            _banded(axis, line, "iteration", colour, dash, words, "o")
        axis.set_xlabel("iterations")
    return finish_with(
        figure, "Convergence by iterations on the reference instance", f"mean of {seeds} search seeds; {BAND}",
        legend_of(axes[0]),
    )  # fmt: skip


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
                    marker=marker, markersize=3.5, label=strategy_words(strategy),
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
        f"dashes: printed in the paper, for another network; {NOTE}",
        legend_of(axes[0, 0]),
    )


def _panels() -> tuple[Figure, list[Axes]]:
    """A figure with a panel for each of the paper's five cases of convergence."""
    figure = new_figure(height=4.4)
    axes = list(figure.subplots(2, 3).ravel())
    for axis, (removed, budget) in zip(axes, study.CONVERGENCE, strict=False):
        axis.set_title(f"{removed} removed, budget {budget:g}", fontsize=8)
        axis.yaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    axes[0].set_ylabel("resilience RN (nodes)")
    axes[3].set_ylabel("resilience RN (nodes)")
    axes[5].axis("off")
    return figure, axes


def _chosen(rows: list[Row], network: str, **wanted: object) -> list[Row]:
    return [
        row for row in rows if row["network"] == network and all(row[key] == value for key, value in wanted.items())
    ]


def _banded(axis: Axes, rows: list[Row], x: str, colour: str, dash: object, label: str, marker: str = "") -> None:
    across = np.array([row[x] for row in rows])
    mean, sd = np.array([row["rn_mean"] for row in rows]), np.array([row["rn_sd"] for row in rows])
    axis.plot(across, mean, color=colour, linestyle=dash, marker=marker, markersize=3.5, label=label)
    axis.fill_between(across, mean - sd, mean + sd, color=colour, alpha=0.15, linewidth=0)
