"""Map of the network coloured by exposure: where an outage hurts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap, Normalize, to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from esc_sim.network.model import Network
from esc_sim.views.earth import HOLLOW, draw_earth, way_lines
from esc_sim.views.labels import name_points
from esc_sim.views.layout import head_columns, in_columns, node_places
from esc_sim.views.style import GREY, LIGHT_GREY, faintness, new_figure, shortened

if TYPE_CHECKING:
    from esc_sim.stress.stored import StoredStress
    from esc_sim.stress.tasks import Floats

NAMED: Final = 30
"""Nodes up to which all are named; of more, the worst alone."""
_WORST: Final = 8


def draw_exposure_map(test: StoredStress) -> Figure:
    """Nodes and arcs by the impact of their outage, over the largest; grey what was not put out.

    Args:
        test: with an outage of positive impact of something that the map shows.
    """
    network = test.network
    nodes, arcs = _exposures(test)
    ends = _ends(network)
    places = node_places(network, ends, np.ones(len(ends)))
    figure = new_figure(height=4.4)
    axis = figure.subplots()
    # Light to dark, without the lightest that a white page would swallow.
    scale = ScalarMappable(Normalize(0.0, 1.0), _shades())
    lines, way = way_lines(network, places, ends)
    _draw_arcs(axis, lines, arcs[way], scale)
    known = np.isfinite(nodes)
    size = _area(network)
    axis.scatter(
        places[~known, 0], places[~known, 1], s=size, color=LIGHT_GREY, edgecolor=GREY, linewidth=0.5, zorder=2
    )
    order = np.flatnonzero(known)[np.argsort(nodes[known], kind="stable")]  # the worst on top
    colours = scale.to_rgba(nodes[order].tolist())
    hollow = network.place_unknown[order]
    fill, edge = np.where(hollow[:, None], to_rgba(HOLLOW), colours), np.where(hollow[:, None], colours, to_rgba(GREY))
    axis.scatter(
        places[order, 0], places[order, 1], s=size, c=fill,
        edgecolors=[tuple(colour) for colour in edge.tolist()], linewidths=np.where(hollow, 1.6, 0.5).tolist(),
        zorder=3,
    )  # fmt: skip
    axis.set_axis_off()
    axis.margins(0.08, 0.12)
    if network.geographic:
        draw_earth(axis, places)
    elif in_columns(network, places):
        head_columns(axis, network, places)
    bar = figure.colorbar(scale, ax=axis, pad=0.015, aspect=30)
    bar.set_label("Exposure index")
    return figure


def name_nodes(axis: Axes, test: StoredStress) -> None:
    """Name the nodes, the worst first; of a large network the worst alone.

    Args:
        axis: of the finished map.
        test: what it shows.
    """
    network, nodes = test.network, _exposures(test)[0]
    ends = _ends(network)
    places = node_places(network, ends, np.ones(len(ends)))
    worst = np.argsort(-np.nan_to_num(nodes, nan=-1.0), kind="stable")
    named = worst[: network.node_count if network.node_count <= NAMED else _WORST]
    names = [shortened(network.labels[node], 24) for node in named]
    name_points(axis, places[named], names, places[worst[len(named) :]], marker=math.sqrt(_area(network) / math.pi))


def _area(network: Network) -> float:
    """Area of a marker, square points."""
    return 60.0 if network.node_count <= NAMED else 14.0


def is_on_map(test: StoredStress) -> bool:
    """Whether a node or an arc was put out, alone or with all of its kind."""
    return any(bool(np.isfinite(levels).any()) for levels in _exposures(test))


def not_tested(test: StoredStress) -> dict[str, Artist]:
    """Legend entry of nodes that were not put out; none where all were."""
    if np.isfinite(_exposures(test)[0]).all():
        return {}
    return {"not put out": Line2D([], [], linestyle="", marker="o", color=LIGHT_GREY, markeredgecolor=GREY)}


def _exposures(test: StoredStress) -> tuple[Floats, Floats]:
    """Exposure of each node and arc, 0 where its outage has no positive impact; nan where it was not put out.

    What was not put out alone has the largest exposure of a mode, lane, product, region or role that it belongs to.
    """
    network = test.network
    alone = np.full(network.node_count, np.nan), np.full(network.arc_count, np.nan)
    grouped = np.full(network.node_count, np.nan), np.full(network.arc_count, np.nan)
    largest = float(test.table["impact"].max())
    for one, impact in zip(test.stressors, test.table["impact"], strict=True):
        if one.kind == "pair":
            continue
        found = alone if one.kind in ("node", "arc") else grouped
        for levels, members in zip(found, (list(one.nodes), list(one.arcs)), strict=True):
            levels[members] = np.fmax(levels[members], max(float(impact) / largest, 0.0))
    nodes, arcs = (np.where(np.isfinite(own), own, group) for own, group in zip(alone, grouped, strict=True))
    return nodes, arcs


def _shades() -> ListedColormap:
    from matplotlib import colormaps

    return ListedColormap(colormaps["cividis_r"](np.linspace(0.05, 1.0, 256)))


def _draw_arcs(axis: Axes, lines: Floats, arcs: Floats, scale: ScalarMappable) -> None:
    """Arcs as lines, grey where they were not put out, the worst on top and wider."""
    known = np.isfinite(arcs)
    faint = faintness(int(np.sum(~known)))
    axis.add_collection(
        LineCollection(list(lines[~known]), colors=LIGHT_GREY, linewidths=0.6 * faint, alpha=faint**0.5, zorder=0)
    )
    order = np.flatnonzero(known)[np.argsort(arcs[known], kind="stable")]
    width = 0.6 + 1.8 * arcs[order]
    axis.add_collection(
        LineCollection(list(lines[order]), colors=scale.to_rgba(arcs[order].tolist()), linewidths=width, zorder=1)
    )


def _ends(network: Network) -> NDArray[np.int64]:
    """Supplier and buyer of each arc, int64[A, 2], nodes."""
    return np.column_stack(
        [network.item_node[network.arc_supplier], network.item_node[network.arc_buyer]]
    ).astype(np.int64)  # fmt: skip
