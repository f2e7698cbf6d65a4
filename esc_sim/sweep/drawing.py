"""Figures of a sweep: what each parameter does to the key figures, and a map of two."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from esc_sim.scenario.path_words import path_words
from esc_sim.sweep.sensitivity_drawing import within
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
_LOOKS = ((BLUE, "o"), (ORANGE, "^"), (GREEN, "D"), (PURPLE, "v"), (SKY_BLUE, "X"), (VERMILION, "P"))
"""Colours and shapes of points by category."""


@styled
def effects(sweep: SweepPicture) -> Figure:
    """Each key figure against each parameter: every point, and the mean at each level (or in each of eight bins).

    With one parameter the points are joined, and their 95 % intervals drawn. Where a parameter holds words, its values
    tell the points of all panels apart.
    """
    parameters = sweep.parameters[:_MOST_COLUMNS]
    figure = new_figure(max(WIDTH, 1.7 * len(parameters)), 1.1 + 1.7 * len(sweep.kpis))
    axes = figure.subplots(len(sweep.kpis), len(parameters), squeeze=False, sharex="col", sharey="row")
    groups = _groups(sweep)
    for row, kpi in enumerate(sweep.kpis):
        for column, parameter in enumerate(parameters):
            axis = axes[row, column]
            if len(sweep.parameters) == 1:
                _line(axis, sweep, kpi, parameter)
            else:
                _cloud(axis, sweep, kpi, parameter, groups)
            axis.grid()
            if column == 0:
                axis.set_ylabel(textwrap.fill(_words(kpi, sweep), 28), fontsize=7.5)
            if row == len(sweep.kpis) - 1:
                axis.set_xlabel(_named(parameter, max(24, 48 // len(parameters))), fontsize=7.5)
        _value_axis(axes[row, 0], kpi, sweep)
    legend = _legend(groups, len(sweep.parameters)) if len(sweep.parameters) > 1 else None
    return finish_with(figure, _title("Sweep", sweep), sweep.footer, legend)


@dataclass(frozen=True)
class _Group:
    """Points that look alike: what they are called, who they are, their colour and shape."""

    name: str
    parameter: Parameter | None
    members: NDArray[np.bool_]
    colour: str
    marker: str


def _groups(sweep: SweepPicture) -> list[_Group]:
    """Points by the values of the first parameter that holds words; one group where there is none."""
    worded = [p for p in sweep.parameters if not p.is_number and len(p.values) <= len(_LOOKS)]
    if not worded:
        return [_Group("a point of the sweep", None, np.ones(len(sweep.table), np.bool_), SKY_BLUE, "o")]
    first = worded[0]
    own = sweep.table[first.path].astype(str).to_numpy()
    return [
        _Group(f"{path_words(first.path)}: {_value(value)}", first, own == str(value), colour, marker)
        for value, (colour, marker) in zip(first.shown_values, _LOOKS, strict=False)
    ]


def _legend(groups: Sequence[_Group], parameters: int) -> dict[str, Artist]:
    """What the points and the lines of means are."""
    points: dict[str, Artist] = {
        group.name: Line2D([], [], linestyle="none", marker=group.marker, markersize=4.0, color=group.colour,
                           markerfacecolor="none") for group in groups
    }  # fmt: skip
    others = "the other parameter" if parameters == 2 else "the other parameters"
    colour = VERMILION if len(groups) == 1 else GREY
    return {**points, f"mean over {others}": Line2D([], [], color=colour, marker="s", markersize=3.5)}


def _line(axis: Axes, sweep: SweepPicture, kpi: str, parameter: Parameter) -> None:
    places = _places(axis, sweep.table[parameter.path], parameter)
    mean, low, high = (sweep.table[f"{kpi}.{part}"].to_numpy() for part in ("mean", "ci_low", "ci_high"))
    if sweep.units[kpi] == "share":
        low, high = within(mean, low, high)
    order = np.argsort(places)
    reach = np.nan_to_num(np.stack([mean - low, high - mean]))[:, order]
    joined = "-" if parameter.is_number else "none"
    axis.errorbar(
        places[order], mean[order], yerr=reach, color=BLUE, marker="o", markersize=3.5, linestyle=joined, capsize=2.5
    )


def _cloud(axis: Axes, sweep: SweepPicture, kpi: str, parameter: Parameter, groups: Sequence[_Group]) -> None:
    places = _places(axis, sweep.table[parameter.path], parameter)
    outcome = sweep.table[f"{kpi}.mean"].to_numpy()
    for group in groups:
        x, y = places[group.members], outcome[group.members]
        axis.scatter(x, y, s=11, marker=group.marker, facecolors="none", edgecolors=group.colour, linewidths=0.7)
        if group.parameter is not parameter:
            colour = VERMILION if len(groups) == 1 else group.colour
            _means(axis, x, y, colour, "s" if len(groups) == 1 else group.marker, parameter.is_number)
    if groups[0].parameter is parameter:
        _means(axis, places, outcome, GREY, "s", joined=False)


def _means(axis: Axes, places: Floats, outcome: Floats, colour: str, marker: str, joined: bool) -> None:
    levels = np.unique(places)
    if len(levels) > _MOST_LEVELS:
        groups = np.array_split(np.argsort(places, kind="stable"), _BINS)
    else:
        groups = [np.flatnonzero(places == level) for level in levels]
    x = [float(places[group].mean()) for group in groups]
    y = [float(np.nanmean(outcome[group])) if np.isfinite(outcome[group]).any() else np.nan for group in groups]
    axis.plot(x, y, color=colour, marker=marker, markersize=3.5, linestyle="-" if joined else "none")


def _places(axis: Axes, values: pd.Series, parameter: Parameter) -> Floats:
    """Places on the axis: the numbers, or 0, 1, ... for other values, which are then named there."""
    if parameter.is_number:
        return values.to_numpy(np.float64)
    names = [str(value) for value in parameter.shown_values]
    shown = [_value(value) for value in parameter.shown_values]
    axis.set_xticks(range(len(names)), shown, rotation=20 if max(map(len, shown)) * len(shown) > 30 else 0)
    axis.margins(x=0.2)
    return np.array([names.index(str(value)) for value in values], np.float64)


def _value(value: object) -> str:
    """A value that is no number, in words."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value).replace("_", " ")


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
        axis.set_ylabel(_named(second, 24), fontsize=7.5)
        for levels, ticks in ((plane.columns, axis.set_xticks), (plane.index, axis.set_yticks)):
            if len(levels) <= _MOST_LEVELS:
                ticks(list(levels))
    axes[-1].set_xlabel(_named(first, 60), fontsize=7.5)
    return finish_with(figure, _title("Sweep", sweep), sweep.footer)


def _value_axis(axis: Axes, kpi: str, sweep: SweepPicture) -> None:
    axis.margins(y=0.1)
    if sweep.units[kpi] == "share":
        percent_axis(axis)
        if np.nanmax(sweep.table[f"{kpi}.mean"]) <= 1.0:
            low, high = axis.get_ylim()
            axis.set_ylim(top=min(high, 1.0 + 0.04 * (1.0 - min(low, 0.9))))  # room for a marker, for no tick
    else:
        thousands(axis, "y")


def _words(kpi: str, sweep: SweepPicture) -> str:
    unit = sweep.units[kpi]
    label = sweep.labels[kpi]
    return label if unit == "share" else f"{label} [{unit}]"


def _named(parameter: Parameter, width: int) -> str:
    """A parameter in words, broken into lines."""
    return textwrap.fill(path_words(parameter.path), width)


def _title(what: str, sweep: SweepPicture) -> str:
    return f"{what}: {sweep.title}"
