"""Figures of which parameters matter: Sobol indices, elementary effects, PAWN."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from esc_sim.scenario.path_words import path_words
from esc_sim.views.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY_BLUE,
    VERMILION,
    WIDTH,
    finish_with,
    legend_of,
    new_figure,
    percent_axis,
    styled,
    thousands,
)

if TYPE_CHECKING:
    from esc_sim.sweep.picture import SweepPicture

Floats = NDArray[np.float64]

_COLOURS, _MARKERS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY_BLUE), "o^Dvs"
_LOOKS: Final = tuple((_COLOURS[k % 6], _MARKERS[k % 5]) for k in range(30))
"""Colours and shapes of parameters."""


def within(mean: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Ends of intervals cut at 0 and 1, beyond which no share can be; never on the wrong side of the mean.

    Args:
        mean, low, high: means and ends of their intervals, float64[n].
    """
    return np.minimum(mean, np.maximum(low, 0.0)), np.maximum(mean, np.minimum(high, 1.0))


@styled
def index_bars(sweep: SweepPicture) -> Figure:
    """First-order and total Sobol indices with 95 % intervals, one panel a key figure.

    An index is a share of the variance: estimates are cut at 1, and so are intervals.
    """
    figure, axes = _panels(sweep)
    places = np.arange(len(sweep.parameters))
    for axis, kpi in zip(axes, sweep.kpis, strict=True):
        mine = _of(sweep, kpi)
        bars = (("first", -0.18, BLUE, "", "alone (first order)"), ("total", 0.18, ORANGE, "//", "with others (total)"))
        for name, offset, colour, hatch, label in bars:
            found, half = (mine[column].fillna(0.0).to_numpy() for column in (name, f"{name}_half_width"))
            share = np.minimum(found, 1.0)
            low, high = within(share, found - half, found + half)
            axis.barh(
                places + offset, share, height=0.34, xerr=np.stack([share - low, high - share]),
                color=colour, edgecolor="white", hatch=hatch, ecolor=GREY, capsize=2.0, label=label,
            )  # fmt: skip
        _finish_bars(axis, sweep, kpi, known=bool(mine["first"].notna().any()))
        axis.set_xlim(right=1.02)
        percent_axis(axis, "x")
    axes[-1].set_xlabel("share of the variance that the parameter explains (Sobol index, 95 % interval)")
    footer = f"{sweep.footer}  |  estimates beyond 100 % are drawn there"
    return finish_with(figure, f"Sensitivity: {sweep.title}", footer, legend_of(axes[0]))


@styled
def pawn_bars(sweep: SweepPicture) -> Figure:
    """PAWN indices beside what chance alone gives, one panel a key figure."""
    figure, axes = _panels(sweep)
    places = np.arange(len(sweep.parameters))
    for axis, kpi in zip(axes, sweep.kpis, strict=True):
        mine = _of(sweep, kpi)
        axis.barh(places, mine["median"].fillna(0.0), height=0.5, color=BLUE, label="median over slices")
        axis.plot(mine["maximum"], places, color=GREY, marker="D", markersize=3.5, linestyle="none", label="largest")
        axis.plot(
            mine["noise"], places, color=VERMILION, marker="|", markersize=15.0, markeredgewidth=1.6, linestyle="none",
            label="noise: the largest median of 19 dummies",
        )  # fmt: skip
        _finish_bars(axis, sweep, kpi, known=bool(mine["median"].notna().any()))
        axis.set_xlim(0.0, min(1.02, 1.1 * float(np.nanmax([1e-3, *mine[["maximum", "noise"]].to_numpy().ravel()]))))
    axes[-1].set_xlabel("distance of a slice from all points (Kolmogorov-Smirnov statistic, PAWN)", fontsize=7.5)
    return finish_with(figure, f"Sensitivity: {sweep.title}", sweep.footer, legend_of(axes[0]))


@styled
def morris_plane(sweep: SweepPicture) -> Figure:
    """Elementary effects: the mean of their sizes against their standard deviation, one panel a key figure.

    Below the dotted line effects differ less than they are large: the parameter works alike wherever the others stand.
    """
    columns = min(2, len(sweep.kpis))
    rows = -(-len(sweep.kpis) // columns)
    figure = new_figure(WIDTH, 1.0 + 2.7 * rows)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes[len(sweep.kpis) :]:
        axis.set_axis_off()
    for axis, kpi in zip(axes, sweep.kpis, strict=False):
        _effects(axis, sweep, kpi)
    legend: dict[str, Artist] = {
        textwrap.fill(path_words(parameter.path), 40): Line2D([], [], color=colour, marker=marker, linestyle="none")
        for parameter, (colour, marker) in zip(sweep.parameters, _LOOKS, strict=False)
    }
    legend["as different as large"] = Line2D([], [], color=GREY, linestyle=":")
    return finish_with(figure, f"Elementary effects: {sweep.title}", sweep.footer, legend)


def _effects(axis: Axes, sweep: SweepPicture, kpi: str) -> None:
    mine = _of(sweep, kpi)
    for row, (colour, marker) in zip(mine.to_dict("records"), _LOOKS, strict=False):
        axis.errorbar(
            row["mu_star"], row["sigma"], xerr=min(row["mu_star_half_width"], row["mu_star"]),
            yerr=min(row["sigma_half_width"], row["sigma"]), color=colour, marker=marker, markersize=5.0, capsize=2.0,
            elinewidth=0.8,
        )  # fmt: skip
    known = bool(mine["mu_star"].notna().any())
    axis.set_title(sweep.labels[kpi] + ("" if known else ": does not vary"), fontsize=8.5)
    share = sweep.units[kpi] == "share"
    unit = "" if share else f" [{sweep.units[kpi]}]"
    axis.set_xlabel(f"mean size of effects, \u03bc*{unit}", fontsize=7.5)
    axis.set_ylabel(f"standard deviation, \u03c3{unit}", fontsize=7.5)
    axis.set_xlim(left=0.0)
    axis.set_ylim(bottom=0.0)
    most = max(axis.get_xlim()[1], axis.get_ylim()[1])
    axis.autoscale(False)
    axis.plot([0.0, most], [0.0, most], color=GREY, linestyle=":", linewidth=0.9)
    for which in ("x", "y"):
        if share:
            percent_axis(axis, which)
        else:
            thousands(axis, which)
    axis.grid()


def _panels(sweep: SweepPicture) -> tuple[Figure, NDArray[np.object_]]:
    figure = new_figure(WIDTH, 1.2 + (0.5 + 0.32 * len(sweep.parameters)) * len(sweep.kpis))
    return figure, figure.subplots(len(sweep.kpis), 1, squeeze=False, sharex=True)[:, 0]


def _of(sweep: SweepPicture, kpi: str) -> pd.DataFrame:
    """The rows of a key figure, in the order of the parameters."""
    assert sweep.indices is not None
    mine = sweep.indices[sweep.indices["kpi"] == kpi].set_index("parameter")
    return mine.loc[[parameter.path for parameter in sweep.parameters]]


def _finish_bars(axis: Axes, sweep: SweepPicture, kpi: str, known: bool) -> None:
    names = [textwrap.fill(path_words(parameter.path), 26) for parameter in sweep.parameters]
    axis.set_yticks(np.arange(len(names)), names, fontsize=7.5)
    axis.invert_yaxis()
    axis.set_title(sweep.labels[kpi] + ("" if known else ": does not vary"), fontsize=8.5)
    axis.axvline(0.0, color=GREY, linewidth=0.7)
    axis.grid(axis="x")
