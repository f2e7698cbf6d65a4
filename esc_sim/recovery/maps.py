"""Maps of cascades and recovery: the network after a cascade, and the cascade round by round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from esc_sim.cascade.cascade import CascadeResult
from esc_sim.cascade.graph import CascadeNetwork
from esc_sim.views.labels import name_points
from esc_sim.views.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    VERMILION,
    WIDTH,
    faintness,
    finish_with,
    new_figure,
    shortened,
    styled,
)

Floats = NDArray[np.float64]

LARGEST = 64.0  # area of a marker at most, square points: larger ones would hide the links
NODES_NAMED = 40  # nodes up to which all are named
NARROW = 4  # columns of a role's block below which the names of neighbouring blocks would meet
FEW_NAMED = 40  # restored, or removed, nodes up to which they are named on a larger map
PANELS = 12  # rounds shown at most
FAINTEST = 0.2  # opacity and part of their width that the links of a large network keep, to be seen between the nodes


@dataclass(frozen=True)
class NodeState:
    """How a node in one state looks.

    Attributes:
        label: words of the legend.
        colour: colour of the marker.
        marker: its shape, as matplotlib names it.
        scale: its size, relative to other states'.
    """

    label: str
    colour: str
    marker: str
    scale: float


NORMAL = NodeState("normal", "#B7C9D6", "o", 0.45)
AFFECTED = NodeState("affected, still running", ORANGE, "^", 0.7)
FAILED = NodeState("failed in the cascade", VERMILION, "X", 1.0)
FAILED_NOW = NodeState("fails in this round", VERMILION, "X", 1.0)
FAILED_BEFORE = NodeState("failed before", BLACK, "s", 0.6)
REMOVED = NodeState("removed, not restored", BLACK, "s", 0.8)
RESTORED = NodeState("restored, still running", GREEN, "D", 1.0)
RESTORED_FAILED = NodeState("restored, failed again in the cascade", PURPLE, "D", 1.0)


@styled
def recovery_map(
    network: CascadeNetwork,
    result: CascadeResult,
    restored: Sequence[int],
    footer: str = "",
    names: Sequence[str] = (),
) -> Figure:
    """Map of the network after a cascade: removed, failed, affected, restored and normal nodes, by role.

    Nodes of the largest functional part, which RN counts, have an edge; links that the cascade has made between nodes
    that are still up are dashed.

    Args:
        network: n nodes.
        result: the cascade with the restored nodes.
        restored: their indices.
        footer: line that says where the numbers come from.
        names: (n,) of the nodes, ids where there are none. Of many nodes only the restored ones are named, or those
            removed where none is restored, as far as they are few.
    """
    places = _places(network)
    figure = new_figure(height=1.4 + _panel_height(network, places, WIDTH))
    axis = figure.subplots()
    state, area = _final_states(result, restored), _area(network, places, WIDTH)
    _draw_arcs(axis, network, places)
    new = _draw_new_links(axis, result, places)
    functional = functional_part(network, result)
    counts = _draw_nodes(axis, network, places, state, area, functional)
    _name_roles(axis, network, places)
    names = names or [network.id_of(k) for k in range(network.n)]
    if network.n <= NODES_NAMED:
        for k, name in enumerate(names):
            axis.annotate(
                shortened(name, 14), places[k], (0, 6), textcoords="offset points", ha="center", fontsize=6
            )  # fmt: skip
    legend: dict[str, Artist] = {f"{look.label}: {counts[look]}": _legend_mark(look) for look in counts}
    if functional.any():
        edge = Rectangle((0, 0), 1, 1, fill=False, edgecolor=BLUE)
        legend[f"edge: largest functional part ({functional.sum():,})"] = edge
    legend |= new
    finished = finish_with(figure, f"After the cascade: RN {result.rn} of {network.n:,} nodes", footer, legend)
    if network.n > NODES_NAMED:
        few = list(restored) if len(restored) else np.flatnonzero(result.failed_round == 0).tolist()
        _name_few(axis, places, few, names, np.sqrt(area) / 2.0)
    return finished


def functional_part(network: CascadeNetwork, result: CascadeResult) -> NDArray[np.bool_]:
    """The nodes that RN counts: the largest connected part of nodes still up, new links included, with a supplier.

    Args:
        network: n nodes.
        result: a cascade in it.

    Returns:
        bool[n]; of parts of the same size the first.
    """
    ends = np.concatenate([np.column_stack([network.source, network.out_node]), result.links])
    up = ends[result.alive[ends].all(axis=1)]
    graph = coo_matrix((np.ones(len(up)), (up[:, 0], up[:, 1])), shape=(network.n, network.n))
    _, part = connected_components(graph, directed=False)
    sizes = np.bincount(part[result.alive], minlength=network.n)
    supplied = np.unique(part[result.alive & (network.is_supplier == 1)])
    if not len(supplied):
        return np.zeros(network.n, np.bool_)
    return result.alive & (part == supplied[np.argmax(sizes[supplied])])


def _draw_new_links(axis: Axes, result: CascadeResult, places: Floats) -> dict[str, Artist]:
    """Links made in the cascade whose ends are both up."""
    ends = np.unique(np.sort(result.links[result.alive[result.links].all(axis=1)], axis=1), axis=0)
    if not len(ends):
        return {}
    faint = max(faintness(len(ends)), FAINTEST)
    look: dict[str, Any] = {
        "colors": BLUE,
        "linewidths": 0.9 * faint,
        "alpha": 0.8 * faint**2,
        "linestyles": [(0, (4, 2))],
    }
    axis.add_collection(LineCollection(list(places[ends]), zorder=0.5, **look))
    return {f"new links ({len(ends):,})": Line2D([], [], color=BLUE, linewidth=1.0, linestyle=(0, (4, 2)))}


@styled
def cascade_rounds(
    network: CascadeNetwork, result: CascadeResult, restored: Sequence[int] = (), footer: str = ""
) -> Figure:
    """The cascade as small multiples, one panel a round (evenly chosen when there are more than twelve).

    Args:
        network: n nodes.
        result: a cascade run with `history=True`.
        restored: indices of the restored nodes.
        footer: line that says where the numbers come from.
    """
    shown = _chosen_rounds(result.rounds)
    columns = min(4, len(shown))
    rows = -(-len(shown) // columns)
    places = _places(network)
    figure = new_figure(height=0.9 + (0.4 + _panel_height(network, places, WIDTH / columns)) * rows)
    figure.set_layout_engine("constrained", hspace=0.0, wspace=0.08)  # room between the names of roles
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    seen: dict[NodeState, int] = {}
    for axis, number in zip(axes, shown, strict=False):
        state = _round_states(network, result, restored, number)
        counts = _draw_nodes(axis, network, places, state, _area(network, places, WIDTH / columns))
        seen.update(counts)
        failed = int(np.sum((result.failed_round >= 0) & (result.failed_round <= number)))
        _name_tiers(axis, network, places)
        axis.set_title(f"{'start' if number == 0 else f'round {number}'}: {failed} down", fontsize=8)
    for axis in axes[len(shown) :]:
        axis.axis("off")
    order = (NORMAL, AFFECTED, FAILED_NOW, FAILED_BEFORE, RESTORED)
    legend: dict[str, Artist] = {look.label: _legend_mark(look) for look in order if look in seen}
    return finish_with(figure, "The cascade round by round", footer, legend)


def _places(network: CascadeNetwork) -> Floats:
    """Roles side by side in the flow of goods; each a block of columns, nodes of the highest degree first."""
    places = np.zeros((network.n, 2))
    order = network.roles_in_flow
    sizes = [int(np.sum(network.role == code)) for code in order]
    height = max(1, int(np.ceil(np.sqrt(0.55 * network.n)))) if network.n > NODES_NAMED else max(sizes)
    left = 0.0
    for code, size in zip(order, sizes, strict=True):
        members = np.flatnonzero(network.role == code)
        members = members[np.argsort(-network.degree[members], kind="stable")]
        tall = min(height, max(size, 1))
        column, row = np.divmod(np.arange(size), tall)
        places[members, 0] = left + column
        places[members, 1] = (tall - 1) / 2 - row if size <= height else (height - 1) / 2 - row
        if network.n <= NODES_NAMED:
            places[members, 1] *= height / tall
        left += -(-size // tall) + (3.0 if network.n > NODES_NAMED else 1.0)
    return places


def _final_states(result: CascadeResult, restored: Sequence[int]) -> list[NodeState]:
    back = {int(k) for k in restored}
    states = []
    for k, (round_, hit) in enumerate(zip(result.failed_round.tolist(), result.affected.tolist(), strict=True)):
        if round_ == 0:
            states.append(REMOVED)
        elif k in back:
            states.append(RESTORED_FAILED if round_ > 0 else RESTORED)
        elif round_ > 0:
            states.append(FAILED)
        else:
            states.append(AFFECTED if hit else NORMAL)
    return states


def _round_states(
    network: CascadeNetwork, result: CascadeResult, restored: Sequence[int], number: int
) -> list[NodeState]:
    hit: set[int] = set() if number == 0 else set(result.history[number - 1].affected.tolist())
    back = {int(k) for k in restored}
    states = []
    for k, round_ in enumerate(result.failed_round.tolist()):
        if 0 <= round_ < number or (round_ == 0 and number == 0):
            states.append(FAILED_BEFORE if round_ < number else FAILED_NOW)
        elif round_ == number:
            states.append(FAILED_NOW)
        elif k in hit:
            states.append(AFFECTED)
        else:
            states.append(RESTORED if k in back else NORMAL)
    return states


def _chosen_rounds(rounds: int) -> list[int]:
    if rounds < PANELS:
        return list(range(rounds + 1))
    return sorted({round(k * rounds / (PANELS - 1)) for k in range(PANELS)})


def _panel_height(network: CascadeNetwork, places: Floats, width: float) -> float:
    """Height in inches that a panel of this width needs."""
    if network.n <= NODES_NAMED:
        return 0.6 * width
    across, down = np.ptp(places, axis=0) + 2.0
    return float(width * down / across)


def _area(network: CascadeNetwork, places: Floats, width: float) -> float:
    """Marker area in square points, so that neighbours in a block do not touch in a panel of this width (inches)."""
    if network.n <= NODES_NAMED:
        return 36.0 * min(1.0, width / 3.0)
    step = 72.0 * width / (float(np.ptp(places[:, 0])) + 2.0)
    return min((0.75 * step) ** 2, LARGEST)


def _draw_arcs(axis: Axes, network: CascadeNetwork, places: Floats) -> None:
    ends = np.stack([places[network.source], places[network.out_node]], axis=1)
    faint = max(faintness(network.arcs), FAINTEST)
    axis.add_collection(LineCollection(list(ends), colors=GREY, linewidths=0.5 * faint, alpha=faint, zorder=0))


def _draw_nodes(
    axis: Axes,
    network: CascadeNetwork,
    places: Floats,
    states: Sequence[NodeState],
    area: float,
    edged: NDArray[np.bool_] | None = None,
) -> dict[NodeState, int]:
    """Draw the nodes, the plain ones below, some with an edge; returns how many are in each state."""
    edge = np.zeros(network.n) if edged is None else np.where(edged, min(1.0, 0.12 * area**0.5), 0.0)
    counts: dict[NodeState, int] = {}
    for look in (NORMAL, AFFECTED, FAILED, FAILED_BEFORE, REMOVED, FAILED_NOW, RESTORED, RESTORED_FAILED):
        members = [k for k in range(network.n) if states[k] == look]
        if members:
            counts[look] = len(members)
            axis.scatter(
                places[members, 0],
                places[members, 1],
                s=area * look.scale,
                c=look.colour,
                marker=look.marker,
                linewidths=edge[members].tolist(),
                edgecolors=BLUE,
                zorder=2,
                clip_on=False,
            )
    axis.set_aspect("equal" if network.n > NODES_NAMED else "auto")
    axis.margins(0.04)
    axis.axis("off")
    return counts


def _name_few(axis: Axes, places: Floats, nodes: Sequence[int], names: Sequence[str], marker: float) -> None:
    """Name nodes where they are few and there is room beside the markers, half of whose width is given in points."""
    if len(nodes) <= FEW_NAMED:
        others = np.setdiff1d(np.arange(len(places)), nodes)
        name_points(axis, places[list(nodes)], [shortened(names[k], 18) for k in nodes], places[others], marker)


def _name_roles(axis: Axes, network: CascadeNetwork, places: Floats) -> None:
    top = places[:, 1].max()
    for turn, code in enumerate(network.roles_in_flow):
        members = np.flatnonzero(network.role == code)
        axis.annotate(
            f"{network.role_names[code]}s ({len(members)})",
            (float(places[members, 0].mean()), float(top)),
            (0, 12 + 11 * (turn % 2) if np.ptp(places[members, 0]) < NARROW and network.n > NODES_NAMED else 12),
            textcoords="offset points",
            ha="center",
            fontsize=7.5,
        )


def _name_tiers(axis: Axes, network: CascadeNetwork, places: Floats) -> None:
    """Names of the roles below their blocks, on two lines in turn, for panels in which there is little room."""
    bottom = float(places[:, 1].min())
    for turn, code in enumerate(network.roles_in_flow):
        middle = float(places[network.role == code, 0].mean())
        axis.annotate(
            f"{network.role_names[code]}s", (middle, bottom), (0, -6 - 7 * (turn % 2)), textcoords="offset points",
            ha="center", va="top", fontsize=5.5, annotation_clip=False,
        )  # fmt: skip


def _legend_mark(look: NodeState) -> Line2D:
    return Line2D([], [], linestyle="none", marker=look.marker, color=look.colour, markersize=6 * look.scale**0.5)
