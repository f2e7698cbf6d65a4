"""Figures of a retail network design: map with flows, cost against eps, cost of coverage."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from esc_sim.design.retail.data import FACILITY_ROLES, KINDS
from esc_sim.design.retail.solution import CLOSED, RetailPlan
from esc_sim.errors import InputError
from esc_sim.findings.drawings import draws
from esc_sim.views.labels import name_points
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
    compact,
    finish_with,
    legend_of,
    new_figure,
    panel_letters,
    percent_axis,
    styled,
)

Floats = NDArray[np.float64]

MOST_SCENARIOS = 4
MANY = 40
"""Lines of a kind above which they are drawn thin."""


@dataclass(frozen=True)
class _Kind:
    label: str
    colour: str
    dash: Literal["solid"] | tuple[int, tuple[float, ...]]


_KIND_STYLE: Mapping[str, _Kind] = {
    "supplier_dc": _Kind("supplier to DC", BLUE, "solid"),
    "supplier_store": _Kind("supplier to store (direct)", ORANGE, (0, (4, 1.5))),
    "dc_store": _Kind("DC to store", GREEN, (0, (1.2, 1.0))),
    "store_area": _Kind("store to area", PURPLE, "solid"),
}
_ROLE_STYLE: Mapping[str, tuple[str, str, float]] = {
    "supplier": ("supplier", "D", 42.0),
    "dc": ("DC", "s", 48.0),
    "area": ("customer area", "*", 90.0),
}
_WIDEST = 5.0
"""Width of the line of the largest flow, points."""
_STORE = {True: 5.0, False: 22.0}
"""Area of a store's marker, square points: in an overview, and near."""
_LEVEL_STYLE = (("v", YELLOW), ("o", SKY_BLUE), ("s", BLUE), ("^", BLACK), ("P", VERMILION), ("X", PURPLE))
SERIES = ((BLUE, "o", "-"), (VERMILION, "s", "--"), (GREEN, "^", "-."), (PURPLE, "D", ":"), (ORANGE, "v", "-"))
"""Colour, marker and dash of the series of a chart, in order."""
HATCHES = ("", "///", "...", "xx", "++")


def footer_of(plan: RetailPlan) -> str:
    """Where a plan's numbers come from: instance, model, proven gap, and what must be said of the data."""
    what = "stochastic" if plan.model == "stochastic" else f"{plan.model}, eps {plan.eps:g}, {plan.reading} reading"
    parts = [f"{plan.instance.name}: {what}, coverage {plan.coverage}, gap {100.0 * plan.gap:.2g} %"]
    return textwrap.fill("  |  ".join([*parts, plan.instance.notice] if plan.instance.notice else parts), 118)


@styled
def retail_map(plan: RetailPlan, title: str = "Chosen network and its flows") -> Figure:
    """The chosen network, a column a scenario: above all of it, below the stores and areas (as figs 3 and 4).

    Open facilities by level, links by quantity moved (width); open links that carry nothing are left out.

    Args:
        plan: the design; of more than four scenarios the first four are drawn.
        title: of the figure.

    Raises:
        InputError: a node without coordinates.
    """
    i = plan.instance
    missing = [n for r in (*FACILITY_ROLES, "area") for n, x in zip(i.role(r).ids, i.role(r).x, strict=True) if x != x]
    if missing:
        raise InputError(f"retail_map: {missing[0]} has no coordinates; give every node x_km and y_km")
    columns = min(len(i.scenarios), MOST_SCENARIOS)
    whole, near = _frame_of(plan, (*FACILITY_ROLES, "area")), _frame_of(plan, ("store", "area"))
    heights = [np.ptp(f[1]) / np.ptp(f[0]) for f in (whole, near)]
    figure = new_figure(WIDTH, float(np.clip(1.9 + 0.9 * WIDTH / columns * sum(heights), 4.0, 9.0)))
    axes = figure.subplots(
        2, columns, squeeze=False, sharex="row", sharey="row", gridspec_kw={"height_ratios": heights}
    )
    legend: dict[str, Artist] = {}
    for s in range(columns):
        legend |= _flows(axes[0, s], plan, s, ("supplier_dc", "supplier_store", "dc_store"))
        legend |= _flows(axes[1, s], plan, s, ("store_area",))
        for axis in axes[:, s]:
            legend |= _places(axis, plan, overview=axis is axes[0, s])
        share = f"probability {i.probability[s]:.3g}, sales {compact(float(i.sales[s]))} {i.goods}"
        axes[0, s].set_title(f"scenario {i.scenarios[s]} ({share})", fontsize=8.0, fontweight="normal")
    for row, frame in zip(axes, (whole, near), strict=True):
        for axis in row:
            axis.set(xlim=frame[0], ylim=frame[1], aspect="equal")
    for row in axes:
        row[0].set_ylabel("km north")
    finished = finish_with(figure, title, footer_of(plan), legend)
    for row, overview in zip(axes, (True, False), strict=True):
        for axis in row:
            _name_places(axis, plan, overview=overview)
    return finished


def _flows(axis: Axes, plan: RetailPlan, s: int, kinds: Sequence[str]) -> dict[str, Artist]:
    """Lines of the kinds' flows in scenario s; width by the quantity, on one scale for all panels."""
    most = max(float(flow.max(initial=0.0)) for flow in plan.flow.values())
    drawn = 0.0
    legend: dict[str, Artist] = {}
    for kind, tail, head in KINDS:
        if kind not in kinds:
            continue
        flow, links, style = plan.flow[kind][:, s], plan.instance.links[kind], _KIND_STYLE[kind]
        busy = np.flatnonzero(flow > 1e-6 * max(most, 1.0))
        a, b = plan.instance.role(tail), plan.instance.role(head)
        ends = np.stack(
            [
                np.column_stack([a.x[links.tail[busy]], a.y[links.tail[busy]]]),
                np.column_stack([b.x[links.head[busy]], b.y[links.head[busy]]]),
            ],
            axis=1,
        )
        width = 0.5 + (_WIDEST - 0.5) * flow[busy] / max(most, 1.0)
        if busy.size > MANY and kind != "store_area":  # bundles of lines stay lines
            width = np.minimum(width, 0.9)
        else:
            drawn = max(drawn, float(flow.max(initial=0.0)))
        axis.add_collection(
            LineCollection(list(ends), linewidths=width, colors=style.colour, linestyles=[style.dash], zorder=1)
        )
        legend[style.label] = Line2D([], [], color=style.colour, linestyle=style.dash, lw=2)
    most_moved = f" (at most {compact(drawn, 3)} {plan.instance.goods} on a link)" if drawn > 0.0 else ""
    axis.set_xlabel(f"km east{most_moved}")
    return legend


def _places(axis: Axes, plan: RetailPlan, *, overview: bool) -> dict[str, Artist]:
    """Nodes: stores by level (shape and colour), suppliers and DCs filled when open with their level beside them."""
    i = plan.instance
    legend: dict[str, Artist] = {}
    for k, level in enumerate([*i.levels, "closed"]):
        at = plan.level["store"] == (k if level != "closed" else CLOSED)
        if at.any():
            marker, colour = _LEVEL_STYLE[k % len(_LEVEL_STYLE)] if level != "closed" else ("x", GREY)
            size = _STORE[overview]
            edge = {"edgecolors": BLACK, "linewidths": 0.3} if level != "closed" else {"linewidths": 0.8}
            axis.scatter(i.stores.x[at], i.stores.y[at], s=size, c=colour, marker=marker, zorder=3, **edge)
            word = f"store, level {level}" if level != "closed" else "closed"
            legend[word] = Line2D(
                [], [], linestyle="", marker=marker, color=colour, markeredgecolor=BLACK, markersize=5
            )
    for role in ("supplier", "dc", "area") if overview else ("area",):
        label, marker, size = _ROLE_STYLE[role]
        places = i.role(role)
        opened = plan.level[role] != CLOSED if role != "area" else np.ones(len(places), dtype=bool)
        colour = {"supplier": YELLOW, "dc": VERMILION, "area": "white"}[role]
        faces = [colour if o else LIGHT_GREY for o in opened]
        small = size if not overview or role != "area" else 0.0
        axis.scatter(places.x, places.y, s=small, c=faces, marker=marker, edgecolors=BLACK, linewidths=0.8, zorder=5)
        legend[label] = Line2D([], [], linestyle="", marker=marker, color=colour, markeredgecolor=BLACK, markersize=7)
    return legend


def _name_places(axis: Axes, plan: RetailPlan, *, overview: bool) -> None:
    """Names of suppliers and DCs above, numbers of areas below; none covers a marker, be it of a store."""
    i = plan.instance
    points, names, reach = [], [], []
    for role in ("supplier", "dc") if overview else ("area",):
        places = i.role(role)
        points += list(zip(places.x, places.y, strict=True))
        names += [_short(plan, role, n) if overview else _area_name(name) for n, name in enumerate(places.ids)]
        reach += [0.5 * _ROLE_STYLE[role][2] ** 0.5 + 0.5] * len(places)
    stores = np.column_stack([i.stores.x, i.stores.y])
    reach += [0.5 * _STORE[overview] ** 0.5] * len(stores)
    name_points(axis, points, names, stores, marker=reach)


def _area_name(area: str) -> str:
    """Its name in words; its number alone where it has one (area_12)."""
    number = area.rpartition("_")[2]
    return number if number.isdecimal() else area.replace("_", " ")


def _short(plan: RetailPlan, role: str, node: int) -> str:
    level = plan.level[role][node]
    name = plan.instance.role(role).ids[node].replace("_", " ")
    return f"{name}, " + ("closed" if level == CLOSED else f"level {plan.instance.levels[level]}")


def _frame_of(plan: RetailPlan, roles: Sequence[str]) -> Floats:
    """Limits [[west, east], [south, north]] that show the nodes of these roles, with a margin of a tenth."""
    places = [plan.instance.role(role) for role in roles]
    values = np.array([np.concatenate([getattr(p, which) for p in places]) for which in ("x", "y")])
    low, high = values.min(axis=1), values.max(axis=1)
    room = 0.1 * np.maximum(high - low, 1.0)
    return np.column_stack([low - room, high + room])


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
        axis.set_xlabel("largest share of demands that may leave an area short (eps)")
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
