"""Figures of recovery: convergence of searches, strategies, RN over beta."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from esc_sim.recovery.beta_range import BetaRange
from esc_sim.recovery.maps import cascade_rounds, recovery_map
from esc_sim.recovery.search import RecoveryResult
from esc_sim.recovery.strategies import strategy_words
from esc_sim.views.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY_BLUE,
    VERMILION,
    finish_with,
    new_figure,
    styled,
)

Floats = NDArray[np.float64]


__all__ = ["cascade_rounds", "convergence", "recovery_map", "rn_over_beta", "strategy_bars"]  # folders name them here
BEGUN = 0.05  # part of the cascades after which a search has begun
LEAST_HEIGHT = 2.0  # inches that title, legend and axis need beside one bar
LINES = {
    "memetic": (BLUE, "-"),
    "exact": (BLUE, "-"),
    "paper-memetic": (VERMILION, "--"),
    "ga": (ORANGE, ":"),
    "load-asc": (GREEN, "-."),
    "load-desc": (PURPLE, (0, (5, 1, 1, 1, 1, 1))),
    "degree-asc": (SKY_BLUE, (0, (1, 1))),
    "degree-desc": (GREY, (0, (8, 2))),
    "none": (BLACK, (0, (2, 4))),
}


@styled
def convergence(results: Sequence[RecoveryResult], footer: str = "") -> Figure:
    """Best resilience so far against the number of cascades run, one line a search.

    The axis of RN begins with what the searches have soon: their first sets would hide what comes of them.

    Args:
        results: of searches; strategies with a single evaluation are drawn as level lines.
        footer: line that says where the numbers come from.
    """
    figure = new_figure(height=3.4)
    axis = figure.subplots()
    last = max(result.evaluations for result in results)
    ends: list[tuple[float, str, str]] = []
    begun: list[float] = []
    for result in results:
        colour, dash = LINES.get(result.strategy, (GREY, "-"))
        x = [evaluations for evaluations, _ in result.trace]
        y = [best for _, best in result.trace]
        axis.step(
            [*x, last], [*y, y[-1]], where="post", color=colour, linestyle=dash, label=strategy_words(result.strategy)
        )
        begun.append(max(best for done, best in result.trace if done <= max(BEGUN * last, x[0])))
        ends.append((y[-1], strategy_words(result.strategy), colour))
    axis.set_xlim(0, last)
    low, high = min(begun), max(best for best, _, _ in ends)
    room = max(0.08 * (high - low), 0.5)
    axis.set_ylim(max(low - room, -0.02 * (high + room)), high + room)  # there are no fewer than no nodes
    for numbers in (axis.xaxis, axis.yaxis):
        numbers.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10], min_n_ticks=1))
    axis.set_xlabel("cascades run (evaluations)")
    axis.set_ylabel("resilience RN (nodes)")
    axis.grid(axis="y")
    _name_lines(axis, ends, last)
    return finish_with(figure, "Convergence of the recovery searches", footer)


def _name_lines(axis: Axes, ends: list[tuple[float, str, str]], x: float) -> None:
    """Names beside the ends of lines, moved apart where they would overlap."""
    low, high = axis.get_ylim()
    gap = 0.055 * (high - low)
    at = -np.inf
    for value, name, colour in sorted(ends):
        at = max(value, at + gap)
        axis.annotate(
            f"{name} {value:g}",
            (x, value),
            (x * 1.015, at),
            color=colour,
            va="center",
            annotation_clip=False,
            fontsize=7.5,
        )


@styled
def strategy_bars(results: Sequence[RecoveryResult], footer: str = "") -> Figure:
    """Resilience of each strategy: mean and range on cascade seeds that no search has seen, and on those of the search.

    Args:
        results: one for each strategy, on the same removed nodes and budget.
        footer: line that says where the numbers come from.
    """
    ordered = sorted(results, key=lambda result: result.expected)
    figure = new_figure(height=max(LEAST_HEIGHT, 0.9 + 0.34 * len(ordered)))
    axis = figure.subplots()
    places = np.arange(len(ordered))
    axis.barh(places, [result.expected for result in ordered], height=0.62, color=SKY_BLUE)
    for place, result in zip(places, ordered, strict=True):
        outside = result.out_of_seed
        axis.plot([outside.min(), outside.max()], [place, place], color=BLACK, linewidth=1.0)
        axis.plot(result.rn, place, marker="D", color=BLACK, markersize=4, linestyle="none")
        axis.annotate(
            f"{result.expected:.1f}  ({len(result.restored)} restored)",
            (max(result.rn, float(outside.max())), place),
            (5, 0),
            textcoords="offset points",
            va="center",
            fontsize=7.5,
        )
    axis.set_yticks(places, [strategy_words(result.strategy) for result in ordered])
    axis.set_xlim(0, 1.28 * max(1.0, *(max(r.rn, float(r.out_of_seed.max())) for r in ordered)))
    axis.set_xlabel("resilience RN (nodes)")
    axis.tick_params(axis="y", length=0)
    legend: dict[str, Artist] = {
        f"mean over {len(ordered[0].out_of_seed)} cascade seeds that no search has seen": Line2D(
            [], [], color=SKY_BLUE, linewidth=6
        ),
        "their range": Line2D([], [], color=BLACK, linewidth=1.0),
        "on the cascade seeds of the search": Line2D([], [], color=BLACK, marker="D", markersize=4, linestyle="none"),
    }
    return finish_with(figure, "Recovery strategies", footer, legend)


@styled
def rn_over_beta(found: BetaRange, strategy: str, footer: str = "") -> Figure:
    """RN over beta without recovery and with a set restored: mean and range over cascade seeds, the chosen beta marked.

    Args:
        found: RN over beta.
        strategy: which found the set.
        footer: line that says where the numbers come from.
    """
    figure = new_figure(height=3.4)
    axis = figure.subplots()
    marked = axis.axvline(found.beta, color=GREY, linewidth=1.0, linestyle=":")
    legend: dict[str, Artist] = {}
    both = (
        (found.restored, f"restored: {strategy_words(strategy)}", BLUE, "-"),
        (found.without, "without recovery", BLACK, "--"),
    )
    for values, name, colour, dash in both[found.nothing :]:
        axis.fill_between(found.betas, values.min(axis=1), values.max(axis=1), color=colour, alpha=0.15, linewidth=0)
        (legend[name],) = axis.plot(found.betas, values.mean(axis=1), color=colour, linestyle=dash)
    legend[f"chosen: beta {found.beta:g}"] = marked
    axis.set_ylim(0, 1.03 * found.nodes)
    axis.set_xlim(float(found.betas[0]), float(found.betas[-1]))
    axis.set_xlabel("beta: share of its load below which an affected node fails")
    axis.set_ylabel(f"{found.measure} (of {found.nodes:,} nodes)")
    axis.grid()
    seeds = f"mean and range over cascade seeds {found.seeds[0]} to {found.seeds[-1]}"
    return finish_with(figure, "How far the result hangs on beta", "\n".join(filter(None, (seeds, footer))), legend)
