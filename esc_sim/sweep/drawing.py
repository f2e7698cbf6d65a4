"""Figures of a sweep: what each parameter does to the key figures, a map of two, and Sobol indices."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from esc_sim.views.style import (
    BLUE,
    GREY,
    ORANGE,
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
    from esc_sim.sweep.parameters import Parameter
    from esc_sim.sweep.picture import SweepPicture

Floats = NDArray[np.float64]

_MOST_LEVELS = 12
"""Different values up to which each has a mean of its own; beyond, as many bins of equal share."""
_BINS = 8
_MOST_COLUMNS = 8


@styled
def effects(sweep: SweepPicture) -> Figure:
    """Each key figure against each parameter: every point, and the mean at each level (or in each of eight bins).

    With one parameter the points are joined, and their 95 % intervals drawn.
    """
    parameters = sweep.parameters[:_MOST_COLUMNS]
    figure = new_figure(max(WIDTH, 1.7 * len(parameters)), 1.1 + 1.7 * len(sweep.kpis))
    axes = figure.subplots(len(sweep.kpis), len(parameters), squeeze=False, sharex="col", sharey="row")
    for row, kpi in enumerate(sweep.kpis):
        for column, parameter in enumerate(parameters):
            axis = axes[row, column]
            if len(sweep.parameters) == 1:
                _line(axis, sweep, kpi, parameter)
            else:
                _cloud(axis, sweep.table[parameter.path], sweep.table[f"{kpi}.mean"].to_numpy(), parameter)
            axis.grid()
            _value_axis(axis, kpi, sweep)
            if column == 0:
                axis.set_ylabel(textwrap.fill(_words(kpi, sweep), 28), fontsize=7.5)
            if row == len(sweep.kpis) - 1:
                axis.set_xlabel(_broken(parameter.path), fontsize=7.0)
    legend = legend_of(axes[0, 0]) if len(sweep.parameters) > 1 else None
    return finish_with(figure, _title("Sweep", sweep), sweep.footer, legend)


def _line(axis: Axes, sweep: SweepPicture, kpi: str, parameter: Parameter) -> None:
    places = _places(axis, sweep.table[parameter.path], parameter)
    mean, low, high = (sweep.table[f"{kpi}.{part}"].to_numpy() for part in ("mean", "ci_low", "ci_high"))
    order = np.argsort(places)
    reach = np.nan_to_num(np.stack([mean - low, high - mean]))[:, order]
    joined = "-" if parameter.is_number else "none"
    axis.errorbar(
        places[order], mean[order], yerr=reach, color=BLUE, marker="o", markersize=3.5, linestyle=joined, capsize=2.5
    )


def _cloud(axis: Axes, values: pd.Series, outcome: Floats, parameter: Parameter) -> None:
    places = _places(axis, values, parameter)
    axis.scatter(
        places, outcome, s=9, marker="o", facecolors="none", edgecolors=SKY_BLUE, linewidths=0.6, label="point"
    )
    levels = np.unique(places)
    if len(levels) > _MOST_LEVELS:
        groups = np.array_split(np.argsort(places, kind="stable"), _BINS)
    else:
        groups = [np.flatnonzero(places == level) for level in levels]
    x = [float(places[group].mean()) for group in groups]
    y = [float(np.nanmean(outcome[group])) if np.isfinite(outcome[group]).any() else np.nan for group in groups]
    axis.plot(x, y, color=VERMILION, marker="s", markersize=3.5, linestyle="-" if parameter.is_number else "none",
              label="mean")  # fmt: skip


def _places(axis: Axes, values: pd.Series, parameter: Parameter) -> Floats:
    """Places on the axis: the numbers, or 0, 1, ... for other values, which are then named there."""
    if parameter.is_number:
        return values.to_numpy(np.float64)
    names = [str(value) for value in parameter.values]
    axis.set_xticks(range(len(names)), names, rotation=20 if max(map(len, names)) > 8 else 0)
    axis.margins(x=0.2)
    return np.array([names.index(str(value)) for value in values], np.float64)


@styled
def value_map(sweep: SweepPicture) -> Figure:
    """Each key figure over the plane of two parameters."""
    first, second = sweep.parameters
    figure = new_figure(WIDTH, 1.0 + 2.4 * len(sweep.kpis))
    axes = figure.subplots(len(sweep.kpis), 1, squeeze=False, sharex=True)[:, 0]
    for axis, kpi in zip(axes, sweep.kpis, strict=True):
        plane = sweep.table.pivot_table(index=second.path, columns=first.path, values=f"{kpi}.mean", dropna=False)
        image = axis.pcolormesh(
            plane.columns.to_numpy(np.float64), plane.index.to_numpy(np.float64), plane.to_numpy(), cmap="cividis",
            shading="nearest",
        )  # fmt: skip
        bar = figure.colorbar(image, ax=axis, pad=0.015)
        bar.set_label(_words(kpi, sweep), fontsize=7.5)
        if sweep.units[kpi] == "share":
            percent_axis(bar.ax)
        else:
            thousands(bar.ax, "y")
        axis.set_ylabel(_broken(second.path), fontsize=7.5)
        for levels, ticks in ((plane.columns, axis.set_xticks), (plane.index, axis.set_yticks)):
            if len(levels) <= _MOST_LEVELS:
                ticks(list(levels))
    axes[-1].set_xlabel(first.path, fontsize=7.5)
    return finish_with(figure, _title("Sweep", sweep), sweep.footer)


@styled
def index_bars(sweep: SweepPicture) -> Figure:
    """First-order and total Sobol indices with 95 % intervals, one panel a key figure."""
    assert sweep.indices is not None
    paths = [parameter.path for parameter in sweep.parameters]
    figure = new_figure(WIDTH, 1.2 + (0.5 + 0.32 * len(paths)) * len(sweep.kpis))
    axes = figure.subplots(len(sweep.kpis), 1, squeeze=False, sharex=True)[:, 0]
    places = np.arange(len(paths))
    for axis, kpi in zip(axes, sweep.kpis, strict=True):
        mine = sweep.indices[sweep.indices["kpi"] == kpi].set_index("parameter").loc[paths]
        bars = (("first", -0.18, BLUE, "", "alone (first order)"), ("total", 0.18, ORANGE, "//", "with others (total)"))
        for name, offset, colour, hatch, label in bars:
            axis.barh(
                places + offset, mine[name].fillna(0.0), height=0.34, xerr=mine[f"{name}_half_width"].fillna(0.0),
                color=colour, edgecolor="white", hatch=hatch, ecolor=GREY, capsize=2.0, label=label,
            )  # fmt: skip
        axis.set_yticks(places, [_broken(path) for path in paths], fontsize=7.0)
        axis.invert_yaxis()
        known = mine["first"].notna().any()
        axis.set_title(sweep.labels[kpi] + ("" if known else ": does not vary"), fontsize=8.5)
        axis.axvline(0.0, color=GREY, linewidth=0.7)
        axis.grid(axis="x")
    axes[-1].set_xlabel("Sobol index: share of the variance that the parameter explains")
    return finish_with(figure, _title("Sensitivity", sweep), sweep.footer, legend_of(axes[0]))


def _value_axis(axis: Axes, kpi: str, sweep: SweepPicture) -> None:
    axis.margins(y=0.1)
    if sweep.units[kpi] == "share":
        percent_axis(axis)
    else:
        thousands(axis, "y")


def _words(kpi: str, sweep: SweepPicture) -> str:
    unit = sweep.units[kpi]
    label = sweep.labels[kpi]
    return label if unit == "share" else f"{label} [{unit}]"


def _broken(path: str) -> str:
    """A dotted path on at most two lines."""
    if len(path) <= 24:
        return path
    cut = path.rfind(".", 0, len(path) * 2 // 3)
    return path if cut < 0 else f"{path[: cut + 1]}\n{path[cut + 1 :]}"


def _title(what: str, sweep: SweepPicture) -> str:
    return f"{what}: {sweep.title}"
