"""Map of the network: who ships how much to whom, what stocks hold, and what is disrupted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch
from matplotlib.path import Path
from matplotlib.patheffects import AbstractPathEffect, withStroke
from numpy.typing import NDArray

from esc_sim.errors import InputError
from esc_sim.network.model import NO_LAYER, Network
from esc_sim.results.roomy import mean_over_time
from esc_sim.results.run import Floats, Result
from esc_sim.views.earth import HOLLOW, draw_earth, extent_of, unknown_places, way_lines
from esc_sim.views.labels import name_points
from esc_sim.views.layout import TALL, by_coordinates, by_layer, head_columns, in_columns, node_places
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
    compact,
    faintness,
    finish,
    new_figure,
    styled,
)

IntArray = NDArray[np.int64]

_LABELLED = 40  # nodes up to which all are named
_ARROWS = 150  # arcs up to which arrowheads are drawn when the layout does not show the direction
_FEW = 40  # arrows up to which names keep off them: among more there is no room
_CHANGE = 0.05  # share of the normal flow from which a change is marked

_NARROW = 0.5
"""Width over height (or height over width) of a region below which its map is stretched."""
_STRUCK = "arc disrupted at times"
_RIM = 3.2
"""Points by which the rim of a disrupted arc is wider than the arc."""
_SIDE_BEND = 0.22
_SIDE_DASH = (0, (6, 2))
_LINK_DASH = (0, (1.5, 1))
_UNUSED = 0.55  # opacity of links over which nothing went


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


_SAME = _Flow("flow as normal", "#A8A8A8", "solid")
_LESS = _Flow(f"flow less (> {100 * _CHANGE:g} %)", VERMILION, (0, (3, 1.2)))
_MORE = _Flow(f"flow more (> {100 * _CHANGE:g} %)", BLUE, "solid")


@dataclass(frozen=True)
class _Drawing:
    """A network: node places [N, 2], flows between node pairs (ends [pairs, 2], flow [pairs]), marker area [N], size.

    ``side_ends`` [., 2]: pairs between which goods go without an order; ``struck`` [pairs]: an arc was disrupted.
    """

    network: Network
    places: Floats
    ends: IntArray
    flow: Floats
    area: Floats
    large: bool
    side_ends: IntArray
    struck: NDArray[np.bool_]


def why_empty(run: Result) -> str:
    """Why there is nothing to draw; a network is always worth a map."""
    return ""


@styled
def network_map(run: Result, period: int | None = None) -> Figure:
    """Nodes by state (colour and shape) and mean stock (size); arcs by mean flow (width) and its change (colour, dash).

    Disrupted counts whatever is: what a node ships, its demand, production, lead times or power; arcs of which anything
    was disrupted have a rim. In a chosen period only what nodes can ship is known. Parallel routes between two nodes
    are one line, which stands for all their products and modes. On a map of the world, nodes without latitude and
    longitude are hollow, among their partners. Short names label the nodes, ids those without.

    Ways of goods that nobody orders, such as by-products to their takers, are curved, and all of one width. So are
    links that a cascade has made and that may trade; those over which nothing went are faint.

    Args:
        run: a run.
        period: states and stock of this period; default those of the whole run. Flows are always means of the run.

    Raises:
        InputError: the run has no such period.
    """
    if period is not None and not 0 <= period < run.period_count:
        raise InputError(f"network_map: period {period} is not between 0 and {run.period_count - 1}")
    chosen = slice(None) if period is None else slice(period, period + 1)
    stock, health = mean_over_time(run.node_stock[chosen]), mean_over_time(run.item_health[chosen])
    network = run.network
    large = network.node_count > _LABELLED
    ends, flow = _node_flows(network, run.arc_shipped)
    side = run.about.side_ends
    places = node_places(network, np.concatenate([ends, side]), np.concatenate([flow, np.zeros(len(side))]))
    figure = new_figure(WIDTH, _height(network, places))
    axis = figure.subplots()
    area = _node_area(stock, float(stock.max(initial=0.0)), large)
    hit = np.zeros(network.node_count, np.bool_)
    arcs = np.zeros(network.arc_count)
    if period is None:
        hit[run.about.struck_nodes], arcs[run.about.struck_arcs] = True, 1.0
    drawing = _Drawing(network, places, ends, flow, area, large, side, _node_flows(network, arcs)[1] > 0.0)
    flow_legend = _draw_flows(axis, run, drawing) | _draw_side_links(axis, drawing)
    flow_legend |= _draw_new_links(axis, run, drawing)
    node_legend = _draw_nodes(axis, drawing, health, hit)
    columns = not network.geographic and in_columns(network, places)
    if columns:
        _label_columns(axis, drawing, _named(drawing, (health < 1.0) | hit))
    axis.set_axis_off()
    axis.margins(0.08, 0.02 if large else 0.12)
    if network.geographic:
        draw_earth(axis, places)
    elif columns:
        head_columns(axis, network, places)
    elif by_coordinates(network):
        _keep_proportions(axis, places)
    legend = node_legend | flow_legend | _scales(run, float(stock.max(initial=0.0)), float(flow.max(initial=0.0)))
    when = "" if period is None else f", {run.units.period} {period}"
    if period is not None and run.calendar is not None:
        when += f" ({run.calendar.label(period)})"
    finished = finish(figure, run, f"Network{when}", legend)
    if not columns:
        _label_places(axis, drawing, _named(drawing, (health < 1.0) | hit))
    return finished


def _keep_proportions(axis: Axes, places: Floats) -> None:
    """Draw distances alike in both directions, unless the map would become a narrow strip."""
    width, height = np.ptp(places, axis=0) if len(places) else (1.0, 1.0)
    if not 0.0 < min(width, height) < _NARROW * max(width, height):
        axis.set_aspect("equal", adjustable="datalim")


def _node_area(stock: Floats, most: float, large: bool) -> Floats:
    """Marker area in square points: in proportion to stock, with a least size that can be seen."""
    largest, least = (40.0, 4.0) if large else (420.0, 30.0)
    return np.maximum(least, largest * stock / most) if most > 0 else np.full(len(stock), least)


def _height(network: Network, places: Floats) -> float:
    """Height of the figure, inches: by the tallest column, or by the shape of the region."""
    if network.geographic:
        seen = extent_of(places)
        return float(np.clip(1.6 + 0.85 * WIDTH * (seen.north - seen.south) / (seen.east - seen.west), 3.6, 6.4))
    if by_layer(network):
        return float(np.clip(1.5 + 0.62 * np.bincount(network.layer).max(), 3.6, 7.6))
    width, height = np.ptp(places, axis=0) if len(places) else (1.0, 1.0)
    return float(np.clip(1.6 + 0.85 * WIDTH * height / width, 3.6, 6.4)) if width > 0 else 5.6


def _draw_nodes(axis: Axes, drawing: _Drawing, health: Floats, hit: NDArray[np.bool_]) -> dict[str, Artist]:
    places, area, large = drawing.places, drawing.area, drawing.large
    disrupted = (health < 1.0) | hit
    groups = ((_WHOLE, ~disrupted), (_HIT, disrupted & (health > 0.0)), (_OUT, health <= 0.0))
    legend: dict[str, Artist] = {}
    for rank, (state, members) in enumerate(groups):
        if members.any():
            x, y = places[members, 0], places[members, 1]
            edge = 0.3 if large else 0.8
            hollow = drawing.network.place_unknown[members]
            axis.scatter(
                x, y, s=area[members], c=np.where(hollow, HOLLOW, state.colour), marker=state.marker,
                edgecolors=np.where(hollow, state.colour, BLACK).tolist(),
                linewidths=np.where(hollow, 2.0 * edge, edge).tolist(),
                zorder=3 + rank,
            )  # fmt: skip
            legend[state.label] = Line2D(
                [], [], linestyle="", marker=state.marker, color=state.colour, markeredgecolor=BLACK, markersize=7
            )
    return legend | unknown_places(drawing.network)


def _draw_flows(axis: Axes, run: Result, drawing: _Drawing) -> dict[str, Artist]:
    flow, large = drawing.flow, drawing.large
    normal = None if run.twin_arc_shipped is None else _node_flows(run.network, run.twin_arc_shipped)[1]
    most = float(flow.max(initial=0.0))
    width = (0.15 + 1.6 * flow / most if large else 0.5 + 4.5 * flow / most) if most > 0 else np.full(len(flow), 0.5)
    kinds = np.zeros(len(flow), dtype=np.int64)
    if normal is not None:
        kinds[flow < (1.0 - _CHANGE) * normal] = 1
        kinds[flow > (1.0 + _CHANGE) * normal] = 2
    legend: dict[str, Artist] = {}
    for kind, style in enumerate((_SAME, _LESS, _MORE)):
        members = np.flatnonzero(kinds == kind)
        if len(members):
            if not by_layer(run.network) and len(flow) <= _ARROWS:
                _draw_arrows(axis, drawing, members, width, style)
            else:
                _draw_lines(axis, drawing, members, width, style, 1 + 0.3 * kind)
            label = style.label if normal is not None else "flow"
            legend[label] = Line2D([], [], color=style.colour, linestyle=style.dash, lw=2)
    if drawing.struck.any():
        legend[_STRUCK] = Line2D([], [], color=_SAME.colour, lw=2, path_effects=_rim(2.0))
    return legend


def _rim(width: float) -> list[AbstractPathEffect]:
    """What draws a rim around a line of that width."""
    return [withStroke(linewidth=width + _RIM, foreground=ORANGE)]


def _draw_lines(axis: Axes, drawing: _Drawing, members: IntArray, width: Floats, style: _Flow, rank: float) -> None:
    alpha: float | Floats = (0.4 if style is _SAME else 0.6) if drawing.large else 1.0
    if drawing.large and style is _SAME:  # the largest flows stand out of the others
        share = drawing.flow[members] / max(1e-12, float(drawing.flow.max()))
        alpha = 0.08 + 0.35 * np.maximum(share, faintness(len(drawing.flow)) ** 2)
    lines, way = way_lines(drawing.network, drawing.places, drawing.ends[members])
    members = members[way]
    struck = drawing.struck[members]
    if struck.any():
        rims = LineCollection(list(lines[struck]), linewidths=width[members[struck]] + _RIM, colors=ORANGE, zorder=0.9)
        axis.add_collection(rims)
    axis.add_collection(
        LineCollection(
            list(lines), linewidths=width[members], colors=style.colour, alpha=alpha, linestyles=[style.dash],
            capstyle="butt", zorder=rank,
        )
    )  # fmt: skip


def _draw_arrows(axis: Axes, drawing: _Drawing, members: IntArray, width: Floats, style: _Flow) -> None:
    """Arrows from supplier to buyer that end at the node's edge; curved unless every arc joins adjacent layers."""
    network = drawing.network
    step = network.layer[drawing.ends[:, 0]] - network.layer[drawing.ends[:, 1]]
    bend = 0.0 if (network.layer != NO_LAYER).all() and (step == 1).all() else 0.08
    radius = np.sqrt(drawing.area / np.pi)
    lines, way = way_lines(drawing.network, drawing.places, drawing.ends[members])
    for place, (line, arc) in enumerate(zip(lines, members[way].tolist(), strict=True)):
        leads_on = place < len(members) and place in way[len(members) :]  # to the edge, and on from the other one
        whole = place < len(members) and not leads_on
        axis.add_patch(
            FancyArrowPatch(
                tuple(line[0]), tuple(line[1]), arrowstyle="-" if leads_on else "-|>",
                mutation_scale=6 + 1.5 * width[arc], connectionstyle=f"arc3,rad={bend if whole else 0.0}",
                linewidth=width[arc], linestyle=style.dash, color=style.colour, zorder=1,
                path_effects=_rim(width[arc]) if drawing.struck[arc] else None,
                shrinkA=0, shrinkB=0 if leads_on else radius[drawing.ends[arc, 1]] + 1 + 0.3 * width[arc],
            )
        )  # fmt: skip


def _draw_side_links(axis: Axes, drawing: _Drawing) -> dict[str, Artist]:
    """Arrows from givers to takers of what nobody orders."""
    return _draw_bent(axis, drawing, drawing.side_ends, _Flow("passed on without an order", GREEN, _SIDE_DASH))


def _draw_new_links(axis: Axes, run: Result, drawing: _Drawing) -> dict[str, Artist]:
    """Arrows of links that a cascade has made: those over which goods went, and faintly the others."""
    ends, used = run.about.link_ends, run.about.link_shipped > 0.0
    faint = _Flow("the same, carried nothing", PURPLE, _LINK_DASH)
    return _draw_bent(axis, drawing, ends[used], _Flow("link made in a cascade", PURPLE, _LINK_DASH)) | _draw_bent(
        axis, drawing, ends[~used], faint if used.any() else replace(faint, label="unused link of a cascade"), _UNUSED
    )


def _draw_bent(axis: Axes, drawing: _Drawing, ends: IntArray, style: _Flow, alpha: float = 1.0) -> dict[str, Artist]:
    """Arrows between pairs, curved towards the middle of the map; to either side where they go both ways."""
    places, pairs = drawing.places, {(giver, taker) for giver, taker in ends.tolist()}
    middle = (places.min(axis=0) + places.max(axis=0)) / 2.0
    radius = np.sqrt(drawing.area / np.pi)
    width = 0.6 if drawing.large else 1.3
    for giver, taker in sorted(pairs):
        start, end = places[giver], places[taker]
        step = end - start
        inwards = float(np.dot([step[1], -step[0]], middle - (start + end) / 2.0))
        bend = -_SIDE_BEND if inwards < 0.0 and (taker, giver) not in pairs else _SIDE_BEND
        axis.add_patch(
            FancyArrowPatch(
                tuple(start), tuple(end), arrowstyle="-|>", mutation_scale=4 if drawing.large else 8,
                connectionstyle=f"arc3,rad={bend}", linewidth=width, linestyle=style.dash, color=style.colour, zorder=2,
                alpha=alpha, shrinkA=0, shrinkB=radius[taker] + 1,
            )
        )  # fmt: skip
    return (
        {style.label: Line2D([], [], color=style.colour, linestyle=style.dash, lw=width, alpha=alpha)} if pairs else {}
    )


def _node_flows(network: Network, shipped: Floats) -> tuple[IntArray, Floats]:
    """Node pairs (supplier, buyer), int64[pairs, 2], and what they ship per period, all products together."""
    suppliers = network.item_node[network.arc_supplier].astype(np.int64)
    buyers = network.item_node[network.arc_buyer].astype(np.int64)
    keys, index = np.unique(suppliers * network.node_count + buyers, return_inverse=True)
    flow: Floats = np.bincount(index, weights=shipped, minlength=len(keys)).astype(np.float64)
    return np.column_stack([keys // network.node_count, keys % network.node_count]), flow


def _named(drawing: _Drawing, disrupted: NDArray[np.bool_]) -> list[int]:
    """Nodes that are named, the disrupted and those through which most flows first: all, or few of a large network."""
    through = np.bincount(drawing.ends.ravel(), np.repeat(drawing.flow, 2), drawing.network.node_count)
    order = np.lexsort([-through, ~disrupted])
    hit = order[disrupted[order]]
    named: list[int] = (order if not drawing.large else hit if len(hit) <= 12 else hit[:0]).tolist()
    return named


def _label_places(axis: Axes, drawing: _Drawing, named: list[int]) -> None:
    """Name nodes beside their markers, off few arcs where it can be; a name for which there is no room is left out."""
    others = [node for node in range(drawing.network.node_count) if node not in set(named)]
    names = [drawing.network.labels[node] for node in named]
    radius = np.sqrt(drawing.area[named + others] / np.pi)
    arrows = [patch for patch in axis.patches if isinstance(patch, FancyArrowPatch)]
    lines = [_along(arrow) for arrow in arrows] if len(arrows) <= _FEW else []
    name_points(
        axis, drawing.places[named], names, drawing.places[others], radius, np.concatenate([np.empty((0, 2)), *lines])
    )


def _along(arrow: FancyArrowPatch) -> Floats:
    """Points along an arrow, in the coordinates of its axis."""
    pixels = arrow.get_path().transformed(arrow.get_transform())
    lines = [Path(line).interpolated(8).vertices for line in pixels.to_polygons(closed_only=False)]
    return np.asarray(arrow.get_transform().inverted().transform(np.concatenate(lines)))


def _label_columns(axis: Axes, drawing: _Drawing, named: list[int]) -> None:
    """Name nodes of columns below their markers, of tall columns beside them, as far away as the marker is large."""
    network, places, away = drawing.network, drawing.places, 0.5 * np.sqrt(drawing.area) + 3.0
    _, column, members = np.unique(network.layer, return_inverse=True, return_counts=True)
    crowded = members[column] > TALL
    first = places[:, 0] == places[:, 0].min(initial=np.inf)
    for node in named:
        # A name below its node would cover the next one of a tall column.
        below = max(7.0 if network.node_count > _LABELLED else 13.0, away[node])
        beside = max(8.0, away[node])
        place, across, up = (0.0, -below), "center", "top"
        if crowded[node]:
            place, up = (-beside if first[node] else beside, 0.0), "center"
            across = "right" if first[node] else "left"
        axis.annotate(
            network.labels[node], tuple(places[node]), xytext=place,
            textcoords="offset points", ha=across, va=up, fontsize=6.5, zorder=9,
            bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.75},
        )  # fmt: skip


def _scales(run: Result, stock: float, flow: float) -> dict[str, Artist]:
    """Legend entries that say what size and width stand for."""
    found: dict[str, Artist] = {}
    if stock > 0:
        found[f"stock up to {compact(stock, 3)} {run.units.goods}"] = Line2D(
            [], [], linestyle="", marker="o", color=LIGHT_GREY, markeredgecolor=GREY, markersize=9
        )
    if flow > 0:
        found[f"flow up to {compact(flow, 3)} {run.units.goods}/{run.units.period}"] = Line2D(
            [], [], color=LIGHT_GREY, lw=4
        )
    return found
