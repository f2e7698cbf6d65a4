"""Figures of a sourcing design: who buys what from whom, cost against risk, violations, and the demand set."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Polygon
from numpy.typing import NDArray

from esc_sim.design.sourcing import SourcingDesign, SourcingInstance, SourcingPlan
from esc_sim.design.sourcing.demand import DemandKind, design_demand
from esc_sim.design.uncertainty import UncertaintySet
from esc_sim.findings.drawings import draws
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
    WIDTH,
    YELLOW,
    finish_with,
    legend_of,
    new_figure,
    panel_letters,
    percent_axis,
    styled,
    thousands,
)

Floats = NDArray[np.float64]

PRIMARY_COLOURS = (BLUE, ORANGE, GREEN, SKY_BLUE, PURPLE, YELLOW)
SPOT = "spot market"
PRINTED = "printed in the paper"
SERIES = ((BLUE, "o", "-"), (VERMILION, "s", "--"), (GREEN, "^", "-."), (PURPLE, "D", ":"), (ORANGE, "v", "-"))
"""Colour, marker and dash of the series of a chart, in order."""


@dataclass(frozen=True)
class Series:
    """A line of a chart.

    Attributes:
        label: its name.
        x, y: values, shapes (n,).
        mark: values of the paper to show beside it, as (x, y) pairs.
    """

    label: str
    x: Sequence[float]
    y: Sequence[float]
    mark: Sequence[tuple[float, float]] = field(default_factory=tuple)


@styled
def procurement(
    designs: Mapping[str, SourcingDesign],
    title: str = "Procurement by buyer",
    footer: str = "",
    unit: str = "units per period",
) -> Figure:
    """Stacked bars of what each buyer gets from each source, one panel a design (figs 3, 4, 6, 8, 9 of the paper).

    Primaries have colours, backups dots, the spot market stripes, and long pieces their supplier's name; second-stage
    amounts are expected ones.

    Args:
        designs: label -> design; all of one instance.
        title, footer: of the figure.
        unit: of amounts.
    """
    figure = new_figure(WIDTH, 0.9 + 2.1 * len(designs))
    axes = list(figure.subplots(len(designs), 1, squeeze=False, sharex=True, sharey=True)[:, 0])
    found: dict[str, Patch] = {}
    for axis, (label, design) in zip(axes, designs.items(), strict=True):
        found |= _stack(axis, design.instance, design.plan)
        axis.set_title(label)
        axis.set_ylabel(unit)
        axis.margins(x=0.01)
        thousands(axis, "y")
    axes[-1].set_xlabel("buyer")
    panel_letters(axes)
    last = next(iter(designs.values())).instance
    names = [n for n in (*last.primaries, *last.backups, SPOT) if n in found]
    return finish_with(figure, title, footer, {n: found[n] for n in names})


def _stack(axis: Axes, instance: SourcingInstance, plan: SourcingPlan) -> dict[str, Patch]:
    p = instance.probability
    rows: list[tuple[str, Floats, str, str]] = []
    for m, name in enumerate(instance.primaries):
        rows.append((name, plan.contract[m], PRIMARY_COLOURS[m % 6], ("", "xx", "++")[m // 6 % 3]))
    for b, name in enumerate(instance.backups):
        rows.append((name, np.tensordot(p, plan.backup[:, b], 1), LIGHT_GREY, ("...", "ooo", "OO")[b % 3]))
    rows.append((SPOT, p @ plan.spot, VERMILION, "////"))
    places = np.arange(len(instance.buyers))
    bottom = np.zeros(places.size)
    used: dict[str, Patch] = {}
    for name, amount, colour, hatch in rows:
        if amount.max() > 1e-6 * bottom.max(initial=1.0):
            axis.bar(places, amount, 0.8, bottom, color=colour, hatch=hatch, edgecolor="white", linewidth=0.4)
            axis.bar(places, amount, 0.8, bottom, color="none", edgecolor=BLACK, linewidth=0.4)
            for place, size, low in zip(places, amount, bottom, strict=True):
                if size > 0.12 * plan.supply().max():  # the name in the bar, so that colour does not stand alone
                    box = {"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
                    word = "spot" if name == SPOT else name
                    axis.text(float(place), low + size / 2, word, ha="center", va="center", fontsize=5.5, bbox=box)
            used[name] = Patch(facecolor=colour, hatch=hatch, edgecolor=GREY, label=name)
            bottom = bottom + amount
    axis.set_xticks(places, instance.buyers)
    return used


@styled
def cost_epf_front(
    fronts: Mapping[str, Sequence[tuple[float, float]]],
    money: str,
    title: str = "Cost against the probability of exceeding the budget",
    footer: str = "",
) -> Figure:
    """Pareto fronts (fig. 7): excess probability across, cost up; a step joins the points, for a limit between two of
    them buys the plan of the lower one.

    Args:
        fronts: label -> points (excess probability, cost).
        money: unit of the costs.
        title, footer: of the figure.
    """
    figure = new_figure(WIDTH, 3.2)
    axis = figure.subplots()
    for (label, points), (colour, marker, dash) in zip(fronts.items(), SERIES, strict=False):
        risk, cost = np.array(sorted(points), dtype=float).T
        axis.step(risk, cost, where="post", color=colour, linestyle=dash, linewidth=1.0)
        axis.plot(risk, cost, marker, color=colour, markeredgecolor=BLACK, markersize=5, label=label)
    axis.set_xlabel("probability that the second-stage cost exceeds the budget")
    axis.set_ylabel(f"total cost, {money}")
    percent_axis(axis, "x")
    thousands(axis, "y")
    axis.grid()
    return finish_with(figure, title, footer, legend_of(axis))


@styled
def violation_densities(
    shares: Mapping[str, Floats], title: str = "Violations out of sample", footer: str = "", bins: int = 30
) -> Figure:
    """Histograms of the violation probability of several designs (figs 5 and 12), one panel each.

    Args:
        shares: label -> VP of every experiment.
        title, footer: of the figure.
        bins: number of bins of each histogram.
    """
    columns = min(len(shares), 2)
    rows = math.ceil(len(shares) / columns)
    figure = new_figure(WIDTH, 0.7 + 1.9 * rows)
    axes = list(figure.subplots(rows, columns, squeeze=False).ravel())
    for axis, (label, values), (colour, _, _) in zip(axes, shares.items(), SERIES, strict=False):
        if np.ptp(values) > 0.0:
            axis.hist(values, bins=bins, color=colour, edgecolor=BLACK, linewidth=0.3)
            axis.axvline(float(values.mean()), color=BLACK, linestyle="--", linewidth=1.0)
        else:
            axis.bar([float(values[0])], [values.size], width=2e-4, color=colour, edgecolor=BLACK, linewidth=0.3)
            axis.set_xlim(float(values[0]) - 1e-3, float(values[0]) + 1e-2)
        axis.set_title(label)
        words = f"mean {100.0 * values.mean():.3g} %"
        axis.annotate(words, (0.98, 0.95), xycoords="axes fraction", ha="right", va="top", fontsize=7.5)
        axis.set_xlabel("share of demands not met")
        axis.set_ylabel("experiments")
        percent_axis(axis, "x")
        axis.locator_params(axis="x", nbins=5)
    for axis in axes[len(shares) :]:
        axis.set_visible(False)
    panel_letters(axes[: len(shares)])
    return finish_with(figure, title, footer)


@styled
def curves(
    panels: Mapping[str, Sequence[Series]], x_label: str, title: str, footer: str = "", *, percent: Sequence[str] = ()
) -> Figure:
    """Lines over a parameter, one panel for each quantity (figs 11 and 13: theta, number of samples).

    Args:
        panels: label of the y axis -> its lines.
        x_label: label of the x axis.
        title, footer: of the figure.
        percent: y labels whose values are shares.
    """
    figure = new_figure(WIDTH, 0.9 + 2.2 * len(panels))
    axes = list(figure.subplots(len(panels), 1, squeeze=False, sharex=True)[:, 0])
    for axis, (label, lines) in zip(axes, panels.items(), strict=True):
        for line, (colour, marker, dash) in zip(lines, SERIES, strict=False):
            axis.plot(line.x, line.y, color=colour, marker=marker, linestyle=dash, markersize=5, label=line.label)
            if line.mark:
                x, y = zip(*line.mark, strict=True)
                axis.plot(x, y, "*", color="white", markeredgecolor=BLACK, markersize=9, label=PRINTED)
        axis.set_ylabel(label)
        axis.grid()
        if label in percent:
            percent_axis(axis)
        else:
            thousands(axis, "y")
    axes[-1].set_xlabel(x_label)
    panel_letters(axes)
    legend = {k: v for axis in axes for k, v in legend_of(axis).items()}
    if PRINTED in legend:
        legend[PRINTED] = legend.pop(PRINTED)  # last
    return finish_with(figure, title, footer, legend)


@styled
def demand_sets(
    samples: Floats,
    sets: Mapping[str, UncertaintySet],
    axes_of: tuple[int, int] = (0, 1),
    names: tuple[str, str] = ("buyer 1", "buyer 2"),
    title: str = "Past demand and uncertainty sets",
    footer: str = "",
    unit: str = "units per period",
) -> Figure:
    """Samples and the shadows of uncertainty sets in the plane of two buyers.

    The shadow of a set over more buyers is drawn exactly, as the polygon of its support lines in 180 directions.

    Args:
        samples: past demand, shape (periods, buyers).
        sets: label -> set over all buyers.
        axes_of: the two buyers.
        names: their labels.
        title, footer: of the figure.
        unit: of demand.
    """
    figure = new_figure(0.75 * WIDTH, 0.7 * WIDTH)
    axis = figure.subplots()
    points = samples[:, list(axes_of)]
    axis.plot(points[:, 0], points[:, 1], ".", color=GREY, markersize=2.5, alpha=0.6, label="past demand")
    for (label, uncertainty), (colour, _, dash) in zip(sets.items(), SERIES, strict=False):
        outline = shadow(uncertainty, axes_of)
        axis.add_patch(Polygon(outline, fill=False, edgecolor=colour, linestyle=dash, linewidth=1.6, label=label))
        axis.update_datalim(outline)
    axis.autoscale_view()
    axis.set_aspect("equal", adjustable="datalim")
    axis.set_xlabel(f"demand of {names[0]}, {unit}")
    axis.set_ylabel(f"demand of {names[1]}, {unit}")
    return finish_with(figure, title, footer, legend_of(axis))


@draws
def sets_of_past(
    kind: DemandKind,
    past: Floats,
    thetas: Sequence[float],
    buyers: tuple[str, str],
    title: str,
    footer: str,
    unit: str = "units per period",
) -> Figure:
    """Past demand of the first two buyers, and the sets made of it.

    Args:
        kind: of demand in the design.
        past: demand of past periods, shape (periods, buyers).
        thetas: shares of past demands that may lie outside, a set for each.
        buyers: names of the first two.
        title, footer: of the figure.
        unit: of demand.
    """
    found = {}
    for theta in thetas:
        made = design_demand(kind, past, theta).uncertainty
        if made is not None and not isinstance(made, tuple):
            found[f"set that leaves out {100 * theta:g} % of past demands"] = made
    return demand_sets(past, found, (0, 1), buyers, title, footer, unit)


def shadow(uncertainty: UncertaintySet, axes_of: tuple[int, int], directions: int = 180) -> Floats:
    """Corners of the polygon that the support lines of a set cut out of a plane, shape (directions, 2).

    Args:
        uncertainty: the set.
        axes_of: coordinates of the plane.
        directions: number of support lines, evenly spread; the polygon is exact where the set's edges lie among them.
    """
    angles = np.arange(directions) * (2.0 * np.pi / directions)
    normals = np.column_stack([np.cos(angles), np.sin(angles)])
    full = np.zeros((directions, uncertainty.size))
    full[:, list(axes_of)] = normals
    reach = np.array([uncertainty.support(c) for c in full])
    following = np.roll(normals, -1, axis=0)
    pairs = np.stack([normals, following], axis=1)  # each corner lies on two neighbouring support lines
    return np.asarray(np.linalg.solve(pairs, np.stack([reach, np.roll(reach, -1)], axis=1)[:, :, None])[:, :, 0])
