"""Heat map of stock: node by period."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from esc_sim.network.model import NO_LAYER, Network
from esc_sim.network.scale_free import TIERS
from esc_sim.results.roomy import in_memory
from esc_sim.results.run import Booleans, Floats, Result
from esc_sim.views.style import (
    BLACK,
    GREY,
    ORANGE,
    VERMILION,
    WIDTH,
    finish,
    new_figure,
    percent_axis,
    refuse_empty,
    styled,
    thousands,
    time_axis,
)

_CELLS = 1_000_000  # items times columns, at most
_NAMED = 60  # rows up to which each is named
_MOSTLY = 0.5  # mean health up to which a node is framed
_SEEN = 0.005  # the least change, as a share, of which a colour tells
_OF_LARGEST = "stock, share of the item's largest"
_CLIP = 99.0  # percentile at which the colour scale ends, so that one full store does not darken all others
_DARK = 0.05  # part of the scale in which no shades are told apart


def why_empty(run: Result, against_twin: bool = True) -> str:
    """Why there is nothing to draw; empty where there is."""
    stock = _in_spells(run.item_stock, _spell_of(run))
    if against_twin and run.twin_item_stock is not None:
        shown, _, _ = _shown(stock, _in_spells(run.twin_item_stock, _spell_of(run)), run.units.goods)
        return "" if float(np.abs(shown).max(initial=0.0)) >= _SEEN else "no stock differs from the undisrupted twin's"
    moves = np.ptp(stock, axis=0) > _SEEN * stock.max(axis=0, initial=0.0)
    return "" if moves.any() else "no stock changes over time"


@styled
def stock_heatmap(run: Result, against_twin: bool = True) -> Figure:
    """Mean stock at the end of each period, one row an item, sorted by layer from the customer down.

    Rows of nodes that are disrupted at any time are marked at the left edge, and so are those whose supply comes on an
    arc that is; periods in which a node's mean health is at most a half are framed. In networks too large to name
    rows, disrupted nodes lead their layer, in the order in which they go down. Where more is to be seen than a figure
    can show, a column is the mean of several periods.

    Args:
        run: a run.
        against_twin: show the change against the undisrupted twin, as a share of the item's mean stock in the twin:
            white where nothing changes, red below, blue above. Without a twin, or when False, stock in units of goods;
            where a few items hold so much that half of the others would look empty, as a share of the item's largest.

    Raises:
        InputError: no stock changes, or none differs from the twin's.
    """
    refuse_empty("stock_heatmap", why_empty(run, against_twin))
    spell = _spell_of(run)
    stock, levels = _in_spells(run.item_stock, spell), _in_spells(run.item_health, spell)
    order = _row_order(run, levels)
    twin = run.twin_item_stock if against_twin else None
    usual = None if twin is None else _in_spells(twin, spell)
    figure = new_figure(WIDTH, float(np.clip(1.5 + 0.2 * min(len(order), _NAMED), 3.2, 7.2)))
    axis = figure.subplots()
    shown, settings, label = _shown(stock, usual, run.units.goods)
    image = axis.imshow(
        shown[:, order].T, aspect="auto", interpolation="nearest", origin="upper",
        extent=(-0.5, spell * len(shown) - 0.5, len(order) - 0.5, -0.5), **settings,
    )  # fmt: skip
    beyond = float(shown.max(initial=0.0)) > settings["vmax"]
    bar = figure.colorbar(image, ax=axis, pad=0.015, aspect=30, extend="max" if beyond else "neither", label=label)
    if usual is not None or label == _OF_LARGEST:
        percent_axis(bar.ax)
    else:
        thousands(bar.ax, "y")
    axis.set_xlim(-0.5, run.period_count - 0.5)
    health: Floats = levels[:, run.network.item_node[order]].T
    hit, cut = health.min(axis=1) < 1.0, np.isin(order, run.network.arc_buyer[run.about.struck_arcs])
    hit |= np.isin(run.network.item_node[order], run.about.struck_nodes)
    legend = _mark_rows(axis, cut & ~hit, ORANGE, "supply arc disrupted at times")
    legend |= _mark_disruptions(axis, hit, health <= _MOSTLY, spell)
    _name_rows(axis, run, order)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    time_axis(axis, run)
    return finish(figure, run, "Stock by node", legend)


def _spell_of(run: Result) -> int:
    """Periods that a column stands for."""
    return max(1, math.ceil(run.item_stock.size / _CELLS))


def _in_spells(numbers: Floats, spell: int) -> Floats:
    """Means [spells, X] over spells of some periods of numbers [T, X], which may lie in a file."""
    if spell == 1:
        return numbers
    starts = range(0, len(numbers), spell)
    return np.stack([in_memory(numbers[start : start + spell]).mean(axis=0) for start in starts])


def _row_order(run: Result, levels: Floats) -> NDArray[np.int64]:
    """Items by layer or role, then by index; in large networks disrupted ones first, those down alike side by side."""
    network = run.network
    index = np.arange(network.item_count)
    layer, role = network.layer[network.item_node], np.array(_role_ranks(network))[network.item_node]
    if network.item_count <= _NAMED:
        return np.lexsort((index, role, layer)).astype(np.int64)
    down = levels <= _MOSTLY
    first, last = np.where(down.any(axis=0), [down.argmax(axis=0), -down[::-1].argmax(axis=0)], len(levels))
    whole = levels.min(axis=0) >= 1.0
    keys = [key[network.item_node] for key in (last, first, whole)]
    return np.lexsort((index, *keys, role, layer)).astype(np.int64)


def _role_ranks(network: Network) -> list[int]:
    """Ranks of the nodes by their roles, retailers first, where no node has a layer; else 0."""
    if (network.layer != NO_LAYER).any():
        return [0] * network.node_count
    known = [role for role in reversed(TIERS) if role in network.roles]
    ranks = {role: k for k, role in enumerate([*known, *sorted({*network.roles} - {*known})])}
    return [ranks[role] for role in network.roles]


def _shown(stock: Floats, usual: Floats | None, goods: str) -> tuple[Floats, dict[str, Any], str]:
    """Values to show [T, I], settings of the colour scale, and its label."""
    if usual is None:
        top, most = float(np.percentile(stock, _CLIP)) or 1.0, stock.max(axis=0)
        if np.mean(most < _DARK * top) >= 0.5:
            share = np.divide(stock, most, out=np.zeros_like(stock), where=most > 0)
            return share, {"cmap": "cividis", "vmin": 0.0, "vmax": 1.0}, _OF_LARGEST
        return stock, {"cmap": "cividis", "vmin": 0.0, "vmax": top}, f"stock [{goods}]"
    mean = usual.mean(axis=0)
    change = np.divide(stock - usual, mean, out=np.zeros_like(stock), where=mean > 0)
    return change, {"cmap": "RdBu", "vmin": -1.0, "vmax": 1.0}, "change of stock, share of the undisrupted mean"


def _mark_disruptions(axis: Axes, at_times: Booleans, mostly: Booleans, spell: int) -> dict[str, Artist]:
    """Mark rows that are disrupted at any time, and frame when they mostly are; adjacent rows share a frame.

    Args:
        axis: drawn on.
        at_times: bool[rows].
        mostly: bool[rows, columns].
        spell: periods of a column.
    """
    legend = _mark_rows(axis, at_times, VERMILION, "disrupted at times")
    line = 0.9 if len(at_times) <= _NAMED else 0.4
    for start, end in _spans(at_times):
        same = np.concatenate(([True], np.any(mostly[start + 1 : end] != mostly[start : end - 1], axis=1)))
        firsts = start + np.flatnonzero(same)
        for first, last in zip(firsts, np.append(firsts[1:], end), strict=True):
            for left, right in _spans(mostly[first]):
                place, wide = (spell * left - 0.5, first - 0.5), spell * (right - left)
                frame = Rectangle(place, wide, last - first, fill=False, ec=BLACK, lw=line)
                axis.add_patch(frame)
                legend["mean health at most 50 %"] = Rectangle((0, 0), 1, 1, fill=False, ec=BLACK, lw=0.9)
    return legend


def _mark_rows(axis: Axes, rows: Booleans, colour: str, words: str) -> dict[str, Artist]:
    """Mark rows at the left edge."""
    for start, end in _spans(rows):
        axis.plot(
            [-0.004, -0.004], [start - 0.5, end - 0.5], color=colour, linewidth=3.0, solid_capstyle="butt",
            transform=axis.get_yaxis_transform(), clip_on=False, zorder=5,
        )  # fmt: skip
    return {words: Line2D([], [], color=colour, linewidth=3.0)} if rows.any() else {}


def _spans(flags: Booleans) -> NDArray[np.int64]:
    """(start, end) of every run of True, int64[spans, 2]."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return edges.reshape(-1, 2).astype(np.int64)


def _name_rows(axis: Axes, run: Result, order: NDArray[np.int64]) -> None:
    """Name each row, or each layer where there are too many rows."""
    network = run.network
    axis.tick_params(axis="y", length=0)
    if len(order) <= _NAMED:
        axis.set_yticks(range(len(order)), [network.item_name(int(item)) for item in order], fontsize=7.0)
        axis.tick_params(axis="y", pad=7)
        return
    layers, roles = network.layer[network.item_node], np.array(_role_ranks(network))[network.item_node]
    group = layers[order] * (network.node_count + 1) + roles[order]
    _, starts = np.unique(group, return_index=True)  # rows are sorted by layer and role
    ends = np.append(starts[1:], len(order))
    names = []
    for start, end in zip(starts, ends, strict=True):
        named = {network.roles[network.item_node[item]] for item in order[start:end]}
        names.append(f"{named.pop() if len(named) == 1 else f'layer {layers[order[start]]}'} ({end - start})")
        if start:
            axis.axhline(start - 0.5, color=GREY, linewidth=0.6)
    axis.set_yticks((starts + ends - 1) / 2, names)
    axis.tick_params(axis="y", pad=7)
