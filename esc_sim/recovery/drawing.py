"""Figures of cascades and recovery: convergence, strategies, the map of the network, the cascade round by round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from esc_sim.cascade.cascade import CascadeResult
from esc_sim.cascade.graph import CascadeNetwork
from esc_sim.recovery.beta_range import BetaRange
from esc_sim.recovery.search import RecoveryResult
from esc_sim.recovery.strategies import strategy_words
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
    faintness,
    finish_with,
    new_figure,
    shortened,
    styled,
)

Floats = NDArray[np.float64]

NODES_NAMED = 40  # nodes up to which all are named
NARROW = 4  # columns of a role's block below which the names of neighbouring blocks would meet
FEW_NAMED = 40  # restored, or removed, nodes up to which they are named on a larger map
PANELS = 12  # rounds shown at most

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
def convergence(results: Sequence[RecoveryResult], footer: str = "") -> Figure:
    """Best resilience so far against the number of cascades run, one line a search.

    Args:
        results: of searches; strategies with a single evaluation are drawn as level lines.
        footer: line that says where the numbers come from.
    """
    figure = new_figure(height=3.4)
    axis = figure.subplots()
    last = max(result.evaluations for result in results)
    ends: list[tuple[float, str, str]] = []
    for result in results:
        colour, dash = LINES.get(result.strategy, (GREY, "-"))
        x = [evaluations for evaluations, _ in result.trace]
        y = [best for _, best in result.trace]
        axis.step(
            [*x, last], [*y, y[-1]], where="post", color=colour, linestyle=dash, label=strategy_words(result.strategy)
        )
        ends.append((y[-1], strategy_words(result.strategy), colour))
    axis.set_xlim(0, last)
    axis.set_ylim(bottom=0)
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
    """Resilience of each strategy, with the mean and the range on cascade seeds that the search has not seen.

    Args:
        results: one for each strategy, on the same removed nodes and budget.
        footer: line that says where the numbers come from.
    """
    ordered = sorted(results, key=lambda result: result.rn)
    figure = new_figure(height=0.9 + 0.34 * len(ordered))
    axis = figure.subplots()
    places = np.arange(len(ordered))
    values = [result.rn for result in ordered]
    axis.barh(places, values, height=0.62, color=SKY_BLUE)
    for place, result in zip(places, ordered, strict=True):
        outside = result.out_of_seed
        axis.plot([outside.min(), outside.max()], [place, place], color=BLACK, linewidth=1.0)
        axis.plot(outside.mean(), place, marker="D", color=BLACK, markersize=4)
        axis.annotate(
            f"{result.rn:g}  ({len(result.restored)} restored)",
            (max(result.rn, float(outside.max())), place),
            (5, 0),
            textcoords="offset points",
            va="center",
            fontsize=7.5,
        )
    axis.set_yticks(places, [strategy_words(result.strategy) for result in ordered])
    axis.set_xlim(0, 1.28 * max(max(values), *(float(r.out_of_seed.max()) for r in ordered), 1.0))
    axis.set_xlabel("resilience RN (nodes)")
    axis.tick_params(axis="y", length=0)
    legend: dict[str, Artist] = {
        "on the cascade seeds of the search": Line2D([], [], color=SKY_BLUE, linewidth=6),
        f"mean and range over {len(ordered[0].out_of_seed)} other cascade seeds": Line2D(
            [], [], color=BLACK, marker="D", markersize=4, linewidth=1.0
        ),
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


@styled
def recovery_map(
    network: CascadeNetwork,
    result: CascadeResult,
    restored: Sequence[int],
    footer: str = "",
    names: Sequence[str] = (),
) -> Figure:
    """Map of the network after a cascade: removed, failed, affected, restored and normal nodes, by role.

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
    state = _final_states(result, restored)
    _draw_arcs(axis, network, places)
    counts = _draw_nodes(axis, network, places, state, _area(network, places, WIDTH))
    _name_roles(axis, network, places)
    names = names or [network.id_of(k) for k in range(network.n)]
    if network.n <= NODES_NAMED:
        for k, name in enumerate(names):
            axis.annotate(
                shortened(name, 14), places[k], (0, 6), textcoords="offset points", ha="center", fontsize=6
            )  # fmt: skip
    else:
        _name_few(axis, places, restored if len(restored) else np.flatnonzero(result.failed_round == 0).tolist(), names)
    legend: dict[str, Artist] = {f"{look.label}: {counts[look]}": _legend_mark(look) for look in counts}
    return finish_with(figure, f"After the cascade: RN {result.rn} of {network.n:,} nodes", footer, legend)


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
    figure = new_figure(height=0.9 + (0.3 + _panel_height(network, places, WIDTH / columns)) * rows)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    seen: dict[NodeState, int] = {}
    for axis, number in zip(axes, shown, strict=False):
        state = _round_states(network, result, restored, number)
        counts = _draw_nodes(axis, network, places, state, _area(network, places, WIDTH / columns))
        seen.update(counts)
        failed = int(np.sum((result.failed_round >= 0) & (result.failed_round <= number)))
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
    return (0.75 * step) ** 2


def _draw_arcs(axis: Axes, network: CascadeNetwork, places: Floats) -> None:
    ends, faint = np.stack([places[network.source], places[network.out_node]], axis=1), faintness(network.arcs)
    axis.add_collection(LineCollection(list(ends), colors=LIGHT_GREY, linewidths=0.5 * faint, alpha=faint, zorder=0))


def _draw_nodes(
    axis: Axes, network: CascadeNetwork, places: Floats, states: Sequence[NodeState], area: float
) -> dict[NodeState, int]:
    """Draw the nodes, the plain ones below; returns how many are in each state."""
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
                linewidths=0,
                zorder=2,
                clip_on=False,
            )
    axis.set_aspect("equal" if network.n > NODES_NAMED else "auto")
    axis.margins(0.04)
    axis.axis("off")
    return counts


def _name_few(axis: Axes, places: Floats, nodes: Sequence[int], names: Sequence[str]) -> None:
    for node in nodes if len(nodes) <= FEW_NAMED else ():
        axis.annotate(
            shortened(names[node], 18), places[node], (4, 3), textcoords="offset points", fontsize=6, zorder=4,
            path_effects=[withStroke(linewidth=1.5, foreground="white")],
        )  # fmt: skip


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


def _legend_mark(look: NodeState) -> Line2D:
    return Line2D([], [], linestyle="none", marker=look.marker, color=look.colour, markersize=6 * look.scale**0.5)
