"""Figures of a retail network design: cost against eps, cost of coverage."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from esc_sim.design.retail.solution import RetailPlan
from esc_sim.findings.drawings import draws
from esc_sim.views.style import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    VERMILION,
    WIDTH,
    finish_with,
    legend_of,
    new_figure,
    panel_letters,
    percent_axis,
    styled,
)

Floats = NDArray[np.float64]

SERIES = ((BLUE, "o", "-"), (VERMILION, "s", "--"), (GREEN, "^", "-."), (PURPLE, "D", ":"), (ORANGE, "v", "-"))
"""Colour, marker and dash of the series of a chart, in order."""
HATCHES = ("", "///", "...", "xx", "++")


def footer_of(plan: RetailPlan) -> str:
    """Where a plan's numbers come from: instance, model, proven gap, and what must be said of the data."""
    what = "stochastic" if plan.model == "stochastic" else f"{plan.model}, eps {plan.eps:g}, {plan.reading} reading"
    parts = [f"{plan.instance.name}: {what}, coverage {plan.coverage}, gap {100.0 * plan.gap:.2g} %"]
    return textwrap.fill("  |  ".join([*parts, plan.instance.notice] if plan.instance.notice else parts), 118)


@dataclass(frozen=True)
class EpsSeries:
    """A line of cost against eps.

    Attributes:
        label: its name.
        eps: violation probabilities.
        cost: costs of the designs.
        printed: the paper's costs at the same eps, or empty.
    """

    label: str
    eps: Sequence[float]
    cost: Sequence[float]
    printed: Sequence[float] = field(default_factory=tuple)


@styled
def cost_against_eps(
    panels: Mapping[str, Sequence[EpsSeries]],
    money: str,
    title: str = "Cost against the violation probability",
    footer: str = "",
) -> Figure:
    """Cost of the designs over the violation probability, one panel an instance (as fig. 5).

    A series at a single eps is drawn as a horizontal line (the stochastic design, the own reading). Printed costs of
    the paper are hollow marks of the same shape.

    Args:
        panels: heading -> lines.
        money: unit of the costs.
        title, footer: of the figure.
    """
    figure = new_figure(WIDTH, 3.4)
    axes = list(figure.subplots(1, len(panels), squeeze=False)[0])
    for axis, (heading, lines) in zip(axes, panels.items(), strict=True):
        for line, (colour, marker, dash) in zip(lines, SERIES, strict=False):
            cost = np.asarray(line.cost) / 1e6
            if len(cost) == 1:
                axis.axhline(cost[0], color=colour, linestyle=dash, label=line.label)
            else:
                axis.plot(line.eps, cost, color=colour, marker=marker, linestyle=dash, markersize=5, label=line.label)
            if line.printed:
                style: dict[str, Any] = {"markerfacecolor": "white", "markeredgecolor": colour, "markersize": 6.0}
                printed = np.asarray(line.printed) / 1e6
                axis.plot(line.eps, printed, marker, linestyle="", label=f"{line.label}, printed", **style)
        if len(panels) > 1:
            axis.set_title(heading)
        axis.set_xlabel(textwrap.fill("largest share of demands that may leave an area short (eps)", 70 // len(panels)))
        percent_axis(axis, "x")
        axis.yaxis.get_major_formatter().set_useOffset(False)
        axis.grid()
        axis.margins(y=0.12)
    axes[0].set_ylabel(f"cost, million {money}")
    panel_letters(axes)
    legend = {k: v for axis in axes for k, v in legend_of(axis).items()}
    return finish_with(figure, title, footer, legend)


@draws
def cost_of_eps(
    heading: str, lines: Sequence[tuple[str, Sequence[float], Sequence[float]]], money: str, footer: str
) -> Figure:
    """:func:`cost_against_eps` of one instance.

    Args:
        heading: name of the instance.
        lines: (label, eps, cost) each.
        money: unit of the costs.
        footer: of the figure.
    """
    return cost_against_eps({heading: [EpsSeries(*line) for line in lines]}, money, footer=footer)


def _grouped_bars(
    axis: Axes,
    heights: Mapping[str, Sequence[float]],
    groups: Sequence[str],
    text: Callable[[float], str],
    widest: float = 0.8,
) -> dict[str, Floats]:
    """Bars of several series side by side in each group, each with its height above it.

    Args:
        axis: where to draw.
        heights: series -> one height a group.
        groups: their names.
        text: what stands above a bar of a height.
        widest: most that a bar takes; groups are 1 apart.

    Returns:
        Series -> where its bars stand.
    """
    places = np.arange(len(groups), dtype=float)
    width = min(0.8 / len(heights), widest)
    found = {}
    for k, (label, values) in enumerate(heights.items()):
        at = places + (k - (len(heights) - 1) / 2) * width
        colour, hatch = SERIES[k % len(SERIES)][0], HATCHES[k % len(HATCHES)]
        axis.bar(at, values, width, color=colour, hatch=hatch, edgecolor="white", linewidth=0.6, label=label)
        for x, y in zip(at, values, strict=True):
            axis.annotate(text(y), (x, y), xytext=(0, 2), textcoords="offset points", ha="center", fontsize=6.5)
        found[label] = at
    axis.set_xticks(places, groups)
    return found


@styled
def coverage_bars(
    increments: Mapping[str, Mapping[str, float]],
    base: str,
    money: str,
    printed: Mapping[str, Mapping[str, float]] | None = None,
    title: str = "What more coverage costs",
    footer: str = "",
) -> Figure:
    """Cost above that of a base coverage strategy, grouped by strategy, one bar a model (as Table 5).

    Args:
        increments: model -> strategy -> cost above the model's base strategy.
        base: name of the base strategy.
        money: unit of the costs.
        printed: the paper's increments, drawn as stars.
        title, footer: of the figure.
    """
    figure = new_figure(WIDTH, 3.2)
    axis = figure.subplots()
    strategies = list(next(iter(increments.values())))
    heights = {model: [values[s] / 1e6 for s in strategies] for model, values in increments.items()}
    for model, at in _grouped_bars(axis, heights, strategies, "{:.2f}".format, widest=0.3).items():
        if printed and model in printed:
            stars = [printed[model][s] / 1e6 for s in strategies]
            style: dict[str, Any] = {"color": "white", "markeredgecolor": BLACK, "markersize": 9.0}
            axis.plot(at, stars, "*", label="printed in the paper", **style)
    axis.set_xlim(-0.6, len(strategies) - 0.4)
    axis.set_xlabel("least number of links into a DC, a store, an area")
    axis.set_ylabel(f"cost above that of {base},\nmillion {money}")
    axis.margins(y=0.12)
    axis.grid(axis="y")
    return finish_with(figure, title, footer, legend_of(axis, list(increments)))


@styled
def violation_bars(
    shares: Mapping[str, Mapping[str, float]],
    promised: float,
    title: str = "Some area is short: simulated and promised",
    footer: str = "",
) -> Figure:
    """Share of replications in which some area is short, grouped by the law of demand, one bar a design and operation.

    Args:
        shares: design and operation -> law -> share of replications.
        promised: the eps of the robust designs, drawn as a line.
        title, footer: of the figure.
    """
    figure = new_figure(WIDTH, 3.2)
    axis = figure.subplots()
    laws = list(next(iter(shares.values())))
    heights = {label: [values[law] for law in laws] for label, values in shares.items()}
    _grouped_bars(axis, heights, laws, lambda share: f"{100 * share:.0f}")
    axis.axhline(promised, color=BLACK, linestyle="--", linewidth=1.0, label=f"promised eps, {100 * promised:g} %")
    axis.set_xlabel("law of the demand's deviation")
    axis.set_ylabel("share of replications")
    axis.set_ylim(0.0, 1.08)
    percent_axis(axis, "y")
    axis.grid(axis="y")
    return finish_with(figure, title, footer, legend_of(axis))
