"""Figures of a stress test."""

from __future__ import annotations

import math
import textwrap
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, NullFormatter

from esc_sim.counted import counted
from esc_sim.errors import InputError
from esc_sim.findings.plots import Figures
from esc_sim.measures.terms import periods_a_year
from esc_sim.results.knowledge import lasting_words
from esc_sim.stress.curves import BEFORE
from esc_sim.stress.exposure_map import draw_exposure_map, is_on_map, name_nodes, not_tested
from esc_sim.stress.figure_names import STRESS_FIGURES
from esc_sim.stress.lever_drawing import LeverPicture, draw_portfolio, name_levers
from esc_sim.stress.reverse_front import reverse_front
from esc_sim.views.earth import unknown_places
from esc_sim.views.labels import name_points
from esc_sim.views.style import (
    BLUE,
    GREY,
    ORANGE,
    VERMILION,
    data_status,
    finish_with,
    legend_of,
    new_figure,
    percent_axis,
    shortened,
    styled,
    thousands,
)

if TYPE_CHECKING:
    from esc_sim.findings.plots import Draw
    from esc_sim.stress.stored import StoredStress

_MOST_BARS: Final = 20
_NAMED: Final = 6
_HIDDEN_INDEX: Final = 0.5
"""Exposure index from which an exposure with less than the median of spend is marked as hidden."""
_LEAST_SHOWN: Final = 1e-6
"""Part of the largest impact below which others are not drawn: a logarithmic axis would be all about dust."""
_DASHES: Final = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))


def figures_of(test: StoredStress) -> Figures:
    """What draws each figure, by name; those that there is nothing to show in say so."""
    found: dict[str, Draw] = {"exposure": partial(exposure, test)}
    if (test.table["impact"] > 0.0).any():
        if ((test.table["spend"] > 0.0) & (test.table["impact"] > 0.0)).any():
            found["spend"] = partial(against_spend, test)
        if is_on_map(test):
            found["map"] = partial(exposure_map, test)
        found["times"] = partial(survive_against_recover, test)
        found["curves"] = partial(curves, test)
    if test.deviation is not None:
        found["reverse"] = partial(reverse_front, test, test.deviation)
    if test.levers is not None:
        found["portfolio"] = partial(portfolio, test, test.levers)
    there = ", ".join(found)
    return Figures(found, {name: partial(_nothing, name, there) for name in STRESS_FIGURES if name not in found})


def _nothing(name: str, there: str) -> Figure:
    raise InputError(f"figure '{name}': this stress test has nothing to show in it; it has {there}")


@styled
def exposure(test: StoredStress) -> Figure:
    """The largest impacts with their 95 % intervals and CVaR."""
    table = test.table.head(_MOST_BARS)
    figure = new_figure(height=1.5 + 0.22 * len(table))
    axis = figure.subplots()
    places = np.arange(len(table))
    mean = table["impact"].to_numpy()
    reach = np.nan_to_num(np.stack([mean - table["impact_low"], table["impact_high"] - mean]))
    axis.barh(places, mean, height=0.62, xerr=reach, color=BLUE, ecolor=GREY, capsize=2.0, label="mean, 95 % interval")
    axis.plot(table["impact_cvar"], places, linestyle="none", marker="D", markersize=3.5, color=VERMILION, label="CVaR")
    axis.set_yticks(places, [shortened(name, 34) for name in table["stressor"]], fontsize=7.0)
    axis.invert_yaxis()
    axis.axvline(0.0, color=GREY, linewidth=0.7)
    thousands(axis)
    axis.set_xlabel(f"Impact: profit lost [{test.units.money}]")
    axis.grid(axis="x")
    more = len(test.table) - len(table)
    title = "Which outage hurts most" + (f" ({len(table)} of {len(test.table)})" if more > 0 else "")
    return finish_with(figure, _title(title, test), _footer(test), legend_of(axis))


@styled
def exposure_map(test: StoredStress) -> Figure:
    """Nodes and arcs of the network, coloured by the exposure to their outage."""
    figure = draw_exposure_map(test)
    finished = finish_with(
        figure, _title("Where it hurts", test), _footer(test), not_tested(test) | unknown_places(test.network)
    )
    name_nodes(figure.axes[0], test)
    return finished


@styled
def against_spend(test: StoredStress) -> Figure:
    """Impact against spend, both on logarithmic axes; large impact at small spend is a hidden exposure."""
    least = _LEAST_SHOWN * float(test.table["impact"].max())
    table = test.table[(test.table["spend"] > 0.0) & (test.table["impact"] > least)]
    figure = new_figure(height=3.8)
    axis = figure.subplots()
    middle = float(table["spend"].median())
    hidden = (table["exposure_index"] >= _HIDDEN_INDEX) & (table["spend"] < middle)
    for chosen, colour, marker, label in (
        (~hidden, BLUE, "o", "outage"),
        (hidden, VERMILION, "s", "hidden exposure: large impact, less spend than most"),
    ):
        if chosen.any():
            axis.scatter(table["spend"][chosen], table["impact"][chosen], s=16, c=colour, marker=marker, label=label)
    axis.set_xscale("log")
    axis.set_yscale("log")
    for along in (axis.xaxis, axis.yaxis):
        along.set_major_formatter(EngFormatter(sep=" "))
        along.set_minor_formatter(NullFormatter() if _decades(along) >= 1.0 else EngFormatter(sep=" "))
    axis.tick_params(which="minor", labelsize=6.5)
    a_year = " a year" if periods_a_year(test.units.period) is not None else " in the run"
    axis.set_xlabel(f"Spend{a_year} [{test.units.money}]")
    axis.set_ylabel(f"Impact [{test.units.money}]")
    axis.grid()
    finished = finish_with(figure, _title("Impact and spend", test), _footer(test), legend_of(axis))
    _name_worst(axis, table, ("spend", "impact"))
    return finished


@styled
def survive_against_recover(test: StoredStress) -> Figure:
    """Time to survive against time to recover; below the diagonal service falls before it is back."""
    table = test.table[np.isfinite(test.table["time_to_recover"])]
    figure = new_figure(height=3.8)
    axis = figure.subplots()
    finite = np.isfinite(table["time_to_survive"])
    times = [*table["time_to_recover"], *table["time_to_survive"][finite], test.lasting[1]]
    top = 1.1 * max(times, default=1.0)
    axis.fill_between([0.0, top], [0.0, top], color=ORANGE, alpha=0.2, linewidth=0.0, label="danger zone")
    axis.scatter(
        table["time_to_recover"][finite], table["time_to_survive"][finite], s=16, color=BLUE, marker="o", label="outage"
    )
    if (~finite).any():
        axis.scatter(
            table["time_to_recover"][~finite], np.full((~finite).sum(), top), s=16, color=GREY, marker="^",
            label="never short", clip_on=False,
        )  # fmt: skip
    period = test.units.period
    axis.set_xlim(0.0, top)
    axis.set_ylim(0.0, top)
    axis.set_xlabel(f"Time to recover [{period}]")
    axis.set_ylabel(f"Time to survive [{period}]")
    axis.grid()
    finished = finish_with(figure, _title("Survive and recover", test), _footer(test), legend_of(axis))
    _name_worst(axis, table[finite], ("time_to_recover", "time_to_survive"))
    return finished


@styled
def curves(test: StoredStress) -> Figure:
    """What is served against the twin around the start, of the worst outages."""
    figure = new_figure(height=3.4)
    axis: Axes = figure.subplots()
    colours = (VERMILION, BLUE, ORANGE, GREY, "black")
    for place, (name, curve) in enumerate(test.curves.items()):
        at = np.arange(len(curve)) - BEFORE
        axis.plot(at, curve, color=colours[place % 5], linestyle=_DASHES[place % 5], label=shortened(name, 34))
    longest = float(test.table["duration"][test.table["stressor"].isin(list(test.curves))].max())
    axis.axvspan(0.0, longest, color=GREY, alpha=0.15, linewidth=0.0, label="outage")
    axis.set_xlabel(f"Time since the start [{test.units.period}]")
    axis.set_ylabel("Served, of the twin's")
    percent_axis(axis)
    axis.set_ylim(bottom=min(0.95, *(float(np.nanmin(curve)) for curve in test.curves.values())) - 0.05, top=1.05)
    axis.grid()
    return finish_with(figure, _title("The worst outages", test), _footer(test), legend_of(axis))


@styled
def portfolio(test: StoredStress, levers: LeverPicture) -> Figure:
    """What each lever costs and avoids, the best portfolios by budget, and the one that was chosen."""
    figure = draw_portfolio(levers, test.units.money)
    assumed = "" if levers.status == "measured" else f"costs and chances: {data_status(levers.status)}"
    footer = _footer(test, assumed)
    finished = finish_with(figure, _title("What to do", test), footer, legend_of(figure.axes[0]))
    name_levers(figure.axes[0], levers)
    return finished


def _decades(along: Axis) -> float:
    """How many powers of ten an axis spans."""
    low, high = along.get_view_interval()
    return math.log10(high / low)


def _name_worst(axis: Axes, table: pd.DataFrame, columns: tuple[str, str]) -> None:
    """Name the points of the largest impacts.

    Args:
        axis: finished.
        table: what is drawn, the largest impact first.
        columns: across and up.
    """
    points = table[list(columns)].to_numpy()
    names = [shortened(name, 24) for name in table["stressor"].head(_NAMED)]
    name_points(axis, points[:_NAMED], names, points[_NAMED:])


def _title(what: str, test: StoredStress) -> str:
    return f"{what}: {test.title}"


def _footer(test: StoredStress, more: str = "") -> str:
    parts = [
        f"outages of {lasting_words(test.lasting, test.units.period)}, {counted(len(test.starts), 'start date')}",
        f"{counted(test.replications, 'replication')}, seed {test.seed}, paired with the twin",
        test.known,
        data_status(test.data.status),
        more,
    ]
    return textwrap.fill("  |  ".join(part for part in parts if part), 118)
