"""Figures of fits: each history with its band, its histogram and its quantiles against the law; correlations."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from esc_sim.fitting.families import is_intermittent
from esc_sim.fitting.pictures import Picture
from esc_sim.scenario.calendar import calendar_from
from esc_sim.views.style import (
    BLUE,
    GREY,
    ORANGE,
    SKY_BLUE,
    WIDTH,
    finish_with,
    legend_of,
    new_figure,
    shortened,
    styled,
)

_CLASSES = 24
_WORDS = 68
"""Most letters in a line of a proposal above its history."""
_NAMED = 24
"""Series whose names stand beside the map of correlations."""


@styled
def histories(pictures: Sequence[Picture], subject: str) -> Figure:
    """A row for each series: history with the law's band, histogram with the law, quantiles against the law's."""
    figure = new_figure(WIDTH * 1.35, 0.9 + 1.9 * len(pictures))
    axes = figure.subplots(len(pictures), 3, squeeze=False, gridspec_kw={"width_ratios": [2.2, 1.0, 1.0]})
    for row, picture in zip(axes, pictures, strict=True):
        _history(row[0], picture)
        _histogram(row[1], picture)
        _quantiles(row[2], picture)
    axes[-1, 1].set_xlabel("value")
    axes[-1, 2].set_xlabel("law's quantile")
    return finish_with(figure, f"Histories and the laws proposed for them: {subject}", "", legend_of(axes[0, 0]))


def _history(axis: Axes, picture: Picture) -> None:
    time = picture.begins + np.arange(len(picture.values))
    axis.fill_between(time, picture.low, picture.high, color=SKY_BLUE, alpha=0.35, lw=0, label="90 % of the law")
    axis.plot(time, picture.middle, color=ORANGE, ls="--", label="mean of the law")
    axis.plot(time, picture.values, color=BLUE, lw=0.9, marker=".", ms=2.5, label="history")
    words = textwrap.fill(f"{shortened(picture.name, 40)}: {picture.words.partition(';')[0]}", _WORDS)
    axis.set_title(words, fontsize=7.0)
    axis.set_ylim(bottom=0.0)
    axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    dates = calendar_from(picture.start, picture.step, "") if picture.start and picture.step else None
    axis.set_xlabel(picture.unit if dates is None else "date")
    if dates is not None:
        axis.xaxis.set_major_formatter(
            FuncFormatter(lambda value, _: dates.label(round(value)) if value >= 0.0 else "")
        )


def _histogram(axis: Axes, picture: Picture) -> None:
    """Shares by class, those of the law as steps; of an intermittent history only what there is.

    Beside a trend they are deviations from its line. Classes of whole numbers are whole numbers wide.
    """
    values, drawn = picture.rest, picture.drawn
    sizes = is_intermittent(picture.values) and bool(picture.values.any())
    if sizes:
        values, drawn = values[values > 0.0], drawn[drawn > 0.0]
    both = np.concatenate([values, np.quantile(drawn, [0.001, 0.999])])
    low, high = float(both.min()), float(both.max())
    whole = bool((values == np.floor(values)).all())
    width = math.ceil((math.ceil(high) - math.floor(low) + 1) / _CLASSES)
    edges = (
        np.arange(math.floor(low), math.ceil(high) + width + 1, width) - 0.5
        if whole
        else np.linspace(low, high if high > low else low + 1.0, _CLASSES)
    )
    axis.hist(values, edges.tolist(), weights=np.full(len(values), 1.0 / len(values)), color=BLUE, alpha=0.5)
    axis.hist(
        drawn, edges.tolist(), weights=np.full(len(drawn), 1.0 / len(drawn)), color=ORANGE, histtype="step", lw=1.2
    )
    what = "deviations from the trend" if picture.trended else "sizes" if sizes else "values"
    axis.set_title(f"share of {what}", fontsize=7.0)


def _quantiles(axis: Axes, picture: Picture) -> None:
    """Ordered values against the law's quantiles: on the line where the law fits."""
    ordered = np.sort(picture.rest)
    law = np.quantile(picture.drawn, (np.arange(len(ordered)) + 0.5) / len(ordered))
    ends = [min(ordered[0], law[0]), max(ordered[-1], law[-1])]
    axis.plot(ends, ends, color=GREY, lw=0.8)
    axis.plot(law, ordered, ".", color=BLUE, ms=3.0)
    axis.set_title("quantiles of the history", fontsize=7.0)


@styled
def correlations(names: Sequence[str], matrix: NDArray[np.float64], subject: str) -> Figure:
    """Correlations of normal scores as a map.

    Args:
        names: of the series.
        matrix: [N, N] of them.
        subject: where they come from.
    """
    size = min(max(0.28 * len(names) + 1.9, 3.2), 7.5)
    figure = new_figure(size + 0.9, size)
    axis = figure.subplots()
    image = axis.imshow(matrix, cmap="RdBu_r", vmin=-1.0, vmax=1.0)
    figure.colorbar(image, ax=axis, label="correlation", shrink=0.8)
    if len(names) <= _NAMED:
        labels = [shortened(name, 18) for name in names]
        axis.set_xticks(range(len(names)), labels, rotation=90)
        axis.set_yticks(range(len(names)), labels)
    return finish_with(figure, f"What moves together: {subject}", "")
