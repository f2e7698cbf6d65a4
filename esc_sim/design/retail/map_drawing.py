"""Map of a retail network design, with its flows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from esc_sim.design.retail.data import FACILITY_ROLES, KINDS
from esc_sim.design.retail.drawing import footer_of
from esc_sim.design.retail.solution import CLOSED, RetailPlan
from esc_sim.errors import InputError
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
    new_figure,
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
    dash: Literal["solid"] | tuple[int, tuple[float, ...]]  # in points, however wide the line is


_KIND_STYLE: Mapping[str, _Kind] = {
    "supplier_dc": _Kind("supplier to DC", BLUE, "solid"),
    "supplier_store": _Kind("supplier to store (direct)", ORANGE, (0, (6, 2))),
    "dc_store": _Kind("DC to store", GREEN, (0, (2, 1.2))),
    "store_area": _Kind("store to area", PURPLE, "solid"),
}
_ROLE_STYLE: Mapping[str, tuple[str, str, float]] = {
    "supplier": ("supplier", "D", 42.0),
    "dc": ("DC", "s", 48.0),
    "area": ("customer area", "*", 90.0),
}
OVERVIEW, NEAR = ("supplier_dc", "supplier_store", "dc_store"), ("store_area",)
"""Kinds of links in the panels above, of the whole network, and below, of stores and areas."""
_WIDEST = 5.0
"""Width of the line of the largest flow, points."""
_STORE = {True: 5.0, False: 22.0}
"""Area of a store's marker, square points: of many in an overview, and else."""
_STEPS = np.linspace(0.0, 1.0, 100)
"""Where a line keeps names off, from its tail to its head."""
_LEVEL_STYLE = (("v", YELLOW), ("o", SKY_BLUE), ("s", BLUE), ("^", BLACK), ("P", VERMILION), ("X", PURPLE))


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
        legend |= _flows(axes[0, s], plan, s, OVERVIEW)
        legend |= _flows(axes[1, s], plan, s, NEAR)
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
    for s in range(columns):
        _name_places(axes[0, s], plan, s, OVERVIEW)
        _name_places(axes[1, s], plan, s, NEAR)
    return finished


def _busy(plan: RetailPlan, kind: str, s: int) -> tuple[NDArray[np.int_], Floats]:
    """Links of a kind that carry something in scenario s, and their ends, shape (links, 2, 2)."""
    tail, head = next((tail, head) for one, tail, head in KINDS if one == kind)
    links, a, b = plan.instance.links[kind], plan.instance.role(tail), plan.instance.role(head)
    busy = np.flatnonzero(plan.flow[kind][:, s] > 1e-6 * max(_most(plan), 1.0))
    of, to = links.tail[busy], links.head[busy]
    return busy, np.stack([np.column_stack([a.x[of], a.y[of]]), np.column_stack([b.x[to], b.y[to]])], axis=1)


def _most(plan: RetailPlan) -> float:
    """The largest flow of all."""
    return max(float(flow.max(initial=0.0)) for flow in plan.flow.values())


def _flows(axis: Axes, plan: RetailPlan, s: int, kinds: Sequence[str]) -> dict[str, Artist]:
    """Lines of the kinds' flows in scenario s; width by the quantity, on one scale for all panels."""
    drawn = 0.0
    legend: dict[str, Artist] = {}
    for kind in kinds:
        style, flow = _KIND_STYLE[kind], plan.flow[kind][:, s]
        busy, ends = _busy(plan, kind, s)
        width = 0.5 + (_WIDEST - 0.5) * flow[busy] / max(_most(plan), 1.0)
        if busy.size > MANY and kinds is OVERVIEW:  # bundles of lines stay lines
            width = np.minimum(width, 0.9)
        else:
            drawn = max(drawn, float(flow.max(initial=0.0)))
        with rc_context({"lines.scale_dashes": False}):  # dashes of a wide line would be longer than the line
            lines = LineCollection(list(ends), linewidths=width, colors=style.colour, linestyles=[style.dash], zorder=1)
            legend[style.label] = Line2D([], [], color=style.colour, linestyle=style.dash, lw=2)
        axis.add_collection(lines)
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
            size = _STORE[_many_stores(plan) and overview]
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


def _many_stores(plan: RetailPlan) -> bool:
    return len(plan.instance.stores) > MANY


def _name_places(axis: Axes, plan: RetailPlan, s: int, kinds: Sequence[str]) -> None:
    """Names of suppliers and DCs above, numbers of areas below, off markers, and off few links where they can be."""
    i, overview = plan.instance, kinds is OVERVIEW
    points, names, reach = [], [], []
    for role in ("supplier", "dc") if overview else ("area",):
        places = i.role(role)
        points += list(zip(places.x, places.y, strict=True))
        names += [_short(plan, role, n) if overview else _area_name(name) for n, name in enumerate(places.ids)]
        reach += [0.5 * _ROLE_STYLE[role][2] ** 0.5 + 0.5] * len(places)
    stores = np.column_stack([i.stores.x, i.stores.y])
    reach += [0.5 * _STORE[_many_stores(plan) and overview] ** 0.5] * len(stores)
    lines = [ends for kind in kinds if len(ends := _busy(plan, kind, s)[1]) <= MANY]
    ends = np.concatenate(lines)[:, None] if lines else np.empty((0, 1, 2, 2))
    crossed = ends[:, :, 0] + _STEPS[:, None] * (ends[:, :, 1] - ends[:, :, 0])
    name_points(axis, points, names, stores, reach, crossed)


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
