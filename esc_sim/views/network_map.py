"""Map of the network: who ships how much to whom, what stocks hold, and what is disrupted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.network.model import Network
from esc_sim.results.reading import StoredRun
from esc_sim.results.run import Floats
from esc_sim.views.layout import by_coordinates, by_layer, node_places
from esc_sim.views.style import (
    BLACK,
    BLUE,
    GREY,
    LIGHT_GREY,
    ORANGE,
    SKY_BLUE,
    VERMILION,
    WIDTH,
    compact,
    finish,
    new_figure,
    styled,
)

IntArray = NDArray[np.int64]

_LABELLED = 40  # nodes up to which all are named
_ARROWS = 150  # arcs up to which arrowheads are drawn when the layout does not show the direction
_CHANGE = 0.05  # share of the normal flow from which a change is marked


@dataclass(frozen=True)
class _State:
    label: str
    colour: str
    marker: str


_WHOLE = _State("never disrupted", SKY_BLUE, "o")
_HIT = _State("disrupted at times", ORANGE, "s")
_OUT = _State("out", VERMILION, "X")


@dataclass(frozen=True)
class _Flow:
    label: str
    colour: str
    dash: Literal["solid"] | tuple[int, tuple[float, ...]]


_SAME = _Flow("flow as normal", GREY, "solid")
_LESS = _Flow(f"flow less (> {100 * _CHANGE:g} %)", VERMILION, (0, (3, 1.2)))
_MORE = _Flow(f"flow more (> {100 * _CHANGE:g} %)", BLUE, "solid")


@styled
def network_map(run: StoredRun, period: int | None = None) -> Figure:
    """Nodes by state (colour and shape) and mean stock (size); arcs by mean flow (width) and its change (colour, dash).

    Args:
        run: a run.
        period: states and stock of this period; default those of the whole run. Flows are always means of the run.

    Raises:
        InputError: the run has no such period.
    """
    if period is not None and not 0 <= period < run.periods:
        raise InputError(f"network_map: period {period} is not between 0 and {run.periods - 1}")
    chosen = slice(None) if period is None else slice(period, period + 1)
    stock, health = run.node_stock[chosen].mean(axis=0), run.node_health[chosen].mean(axis=0)
    network = run.network
    layered, large = by_layer(network), network.node_count > _LABELLED
    widest = int(np.bincount(network.layer).max()) if layered else 0
    height = float(np.clip(1.5 + 0.62 * widest, 3.6, 7.6)) if layered else 5.6
    figure = new_figure(WIDTH, height)
    axis = figure.subplots()
    ends, flow = _node_flows(network, run.arc_shipped)
    places = node_places(network, ends, flow)
    flow_legend = _draw_flows(axis, run, ends, flow, places, large)
    node_legend = _draw_nodes(axis, places, stock, health, large)
    _label_nodes(axis, network, places, health, large)
    axis.set_axis_off()
    axis.margins(0.08, 0.02 if large else 0.12)
    if layered:
        _head_columns(axis, network, places)
    elif by_coordinates(network):
        axis.set_aspect("equal", adjustable="datalim")
    legend = node_legend | flow_legend | _scales(run, float(stock.max(initial=0.0)), float(flow.max(initial=0.0)))
    when = "" if period is None else f", {run.units.period} {period}"
    return finish(figure, run, f"Network{when}", legend)


def _node_area(stock: Floats, most: float, large: bool) -> Floats:
    """Marker area in square points: in proportion to stock, with a least size that can be seen."""
    largest, least = (40.0, 4.0) if large else (420.0, 30.0)
    return np.maximum(least, largest * stock / most) if most > 0 else np.full(len(stock), least)


def _draw_nodes(axis: Axes, places: Floats, stock: Floats, health: Floats, large: bool) -> dict[str, Artist]:
    area = _node_area(stock, float(stock.max(initial=0.0)), large)
    groups = ((_WHOLE, health >= 1.0), (_HIT, (health < 1.0) & (health > 0.0)), (_OUT, health <= 0.0))
    legend: dict[str, Artist] = {}
    for rank, (state, members) in enumerate(groups):
        if members.any():
            x, y = places[members, 0], places[members, 1]
            edge = 0.3 if large else 0.8
            axis.scatter(
                x, y, s=area[members], c=state.colour, marker=state.marker, edgecolors=BLACK, linewidths=edge,
                zorder=3 + rank,
            )  # fmt: skip
            legend[state.label] = Line2D(
                [], [], linestyle="", marker=state.marker, color=state.colour, markeredgecolor=BLACK, markersize=7
            )
    return legend


def _draw_flows(
    axis: Axes, run: StoredRun, ends: IntArray, flow: Floats, places: Floats, large: bool
) -> dict[str, Artist]:
    normal = None if run.twin_arc_shipped is None else _node_flows(run.network, run.twin_arc_shipped)[1]
    most = float(flow.max(initial=0.0))
    width = (0.15 + 1.6 * flow / most if large else 0.5 + 4.5 * flow / most) if most > 0 else np.full(len(flow), 0.5)
    kinds = np.zeros(len(flow), dtype=np.int64)
    if normal is not None:
        kinds[flow < (1.0 - _CHANGE) * normal] = 1
        kinds[flow > (1.0 + _CHANGE) * normal] = 2
    arrows = not by_layer(run.network) and len(flow) <= _ARROWS
    legend: dict[str, Artist] = {}
    for kind, style in enumerate((_SAME, _LESS, _MORE)):
        members = np.flatnonzero(kinds == kind)
        if not len(members):
            continue
        alpha = (0.25 if kind == 0 else 0.6) if large else (0.55 if kind == 0 else 0.9)
        colour = GREY if kind == 0 else style.colour
        if arrows:
            for arc in members:
                axis.add_patch(_arrow(places[ends[arc]], float(width[arc]), style, alpha))
        else:
            lines = places[ends[members]]
            axis.add_collection(
                LineCollection(
                    list(lines), linewidths=width[members], colors=colour, alpha=alpha, linestyles=[style.dash],
                    capstyle="butt", zorder=1 + 0.3 * kind,
                )
            )  # fmt: skip
        legend[style.label if normal is not None else "flow"] = Line2D([], [], color=colour, linestyle=style.dash, lw=2)
    return legend


def _arrow(ends: Floats, width: float, style: _Flow, alpha: float) -> FancyArrowPatch:
    return FancyArrowPatch(
        (ends[0, 0], ends[0, 1]),
        (ends[1, 0], ends[1, 1]),
        arrowstyle="-|>",
        mutation_scale=6 + 1.5 * width,
        connectionstyle="arc3,rad=0.08",  # so that the two directions between a pair of nodes lie apart
        linewidth=width,
        linestyle=style.dash,
        color=style.colour,
        alpha=alpha,
        shrinkA=6,
        shrinkB=8,
        zorder=1,
    )


def _node_flows(network: Network, shipped: Floats) -> tuple[IntArray, Floats]:
    """Node pairs (supplier, buyer), int64[pairs, 2], and what they ship per period, all products together."""
    suppliers = network.item_node[network.arc_supplier].astype(np.int64)
    buyers = network.item_node[network.arc_buyer].astype(np.int64)
    keys, index = np.unique(suppliers * network.node_count + buyers, return_inverse=True)
    flow: Floats = np.bincount(index, weights=shipped, minlength=len(keys)).astype(np.float64)
    return np.column_stack([keys // network.node_count, keys % network.node_count]), flow


def _label_nodes(axis: Axes, network: Network, places: Floats, health: Floats, large: bool) -> None:
    """Name all nodes of a small network, and the disrupted ones of a large one if they are few."""
    hit = np.flatnonzero(health < 1.0)
    named = range(network.node_count) if not large else hit.tolist() if len(hit) <= 12 else []
    for node in named:
        axis.annotate(
            network.node_ids[node], tuple(places[node]), xytext=(0, -13 if not large else -7),
            textcoords="offset points", ha="center", va="top", fontsize=6.5, zorder=9,
            bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.75},
        )  # fmt: skip


def _head_columns(axis: Axes, network: Network, places: Floats) -> None:
    """Name each column by its role, or by its layer when roles are mixed."""
    for layer in sorted(set(network.layer.tolist()), reverse=True):
        members = np.flatnonzero(network.layer == layer)
        roles = {network.roles[node] for node in members}
        head = roles.pop() if len(roles) == 1 else f"layer {layer}"
        if len(members) > 1:
            head = f"{head} ({len(members)})"
        axis.text(
            places[members[0], 0], 1.0, head, transform=axis.get_xaxis_transform(), ha="center", va="bottom",
            fontsize=8.0, fontweight="bold",
        )  # fmt: skip


def _scales(run: StoredRun, stock: float, flow: float) -> dict[str, Artist]:
    """Legend entries that say what size and width stand for."""
    found: dict[str, Artist] = {}
    if stock > 0:
        found[f"stock up to {compact(stock)} {run.units.goods}"] = Line2D(
            [], [], linestyle="", marker="o", color=LIGHT_GREY, markeredgecolor=GREY, markersize=9
        )
    if flow > 0:
        found[f"flow up to {compact(flow)} {run.units.goods}/{run.units.period}"] = Line2D(
            [], [], color=LIGHT_GREY, lw=4
        )
    return found
