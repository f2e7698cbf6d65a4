"""The front that an optimization found: what it promised in training, what it keeps on new random numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from esc_sim.optimize.compromise import ideal_point, non_dominated
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
    YELLOW,
    finish_with,
    legend_of,
    new_figure,
    panel_letters,
    styled,
    thousands,
)

Floats = NDArray[np.float64]

FAR = 0.4
"""Share of an axis by which the base plan may lie outside and still be drawn where it is."""
_ORDER = ("held out", "training", "compromise", "printed", "ideal", "base")


@dataclass(frozen=True)
class FrontPoints:
    """Solutions of a front and what stands out among them; P solutions, M objectives, M at least 2.

    Attributes:
        labels: M axis labels with units.
        maximize: M flags, True where more is better.
        training: float64[P, M], objectives on the random numbers of the search.
        held_out: float64[P, M], the same solutions on random numbers that the search has not seen, or None.
        kept: bool[P], which of them keep all constraints on the points that count; None: all do.
        compromise: row of the min-max compromise, or None.
        printed: row that the paper's eqs 18 to 20 pick as printed, or None.
        base: float64[M], the plan without optimization, or None.
        other: label and float64[M] of a point from elsewhere, such as a paper, or None.
        title: what was optimized.
        footer: where the numbers come from.
    """

    labels: Sequence[str]
    maximize: Sequence[bool]
    training: Floats
    held_out: Floats | None = None
    kept: NDArray[np.bool_] | None = None
    compromise: int | None = None
    printed: int | None = None
    base: Floats | None = None
    other: tuple[str, Floats] | None = None
    title: str = ""
    footer: str = ""

    @property
    def judged(self) -> Floats:
        """The points that count: held out where there are any, else training."""
        return self.training if self.held_out is None else self.held_out

    @property
    def broken(self) -> NDArray[np.bool_]:
        """bool[P], which solutions break a constraint."""
        return np.zeros(len(self.judged), np.bool_) if self.kept is None else ~self.kept


@styled
def pareto_front(points: FrontPoints) -> Figure:
    """The first objective against each of the others (Fig. 8 of Chen, Wang, Zio has profit and CVaR).

    Training points are hollow, held-out points filled, and a line joins the two of each solution, so that what the
    search believed is seen beside what holds. Held-out points that others dominate are faint, and crosses break a
    constraint. The ideal point, the best of each objective, belongs to the points that count (see FrontPoints.judged)
    and keep all constraints; where none does, there is none, and the title says so.

    Raises:
        ValueError: fewer than two objectives, no solutions, or a value that is not finite.
    """
    count = len(points.labels)
    if count < 2:
        raise ValueError(f"a front needs two objectives, not {count}")
    figure = new_figure(WIDTH, 1.2 + 2.9 * (count - 1))
    axes = figure.subplots(count - 1, 1, squeeze=False)[:, 0]
    for axis, other in zip(axes, range(1, count), strict=True):
        _panel(axis, points, other)
    if count > 2:
        for axis in axes:
            axis.set_title(" ")
        panel_letters(list(axes))
    title = f"Pareto front: {points.title}" if points.title else "Pareto front"
    if points.broken.all():
        title += ": no design keeps all constraints"
    return finish_with(figure, title, points.footer, legend_of(axes[0], _ORDER))


def _panel(axis: Axes, points: FrontPoints, other: int) -> None:
    columns = [0, other]
    training, judged = points.training[:, columns], points.judged[:, columns]
    rows = np.flatnonzero(~points.broken)
    best = non_dominated(points.judged[rows], points.maximize) if len(rows) else np.empty(0, np.bool_)
    word = "training" if points.held_out is None else "held out"
    if points.held_out is not None:
        for start, end in zip(training, judged, strict=True):
            axis.plot([start[0], end[0]], [start[1], end[1]], color=LIGHT_GREY, linewidth=0.7, zorder=1)
        _dots(axis, training, "o", "white", SKY_BLUE, 16, "training")
    _dots(axis, judged[rows[best]], "o", BLUE, BLACK, 20, word)
    _dots(axis, judged[rows[~best]], "o", LIGHT_GREY, GREY, 12, f"{word}, dominated")
    _dots(axis, judged[points.broken], "X", "white", VERMILION, 18, f"{word}, breaks a constraint")
    if len(rows):
        ideal = ideal_point(points.judged[rows], points.maximize)[columns]
        _dots(axis, ideal[None], "P", GREEN, BLACK, 70, "ideal point")
    if points.other is not None:
        label, place = points.other
        _dots(axis, np.asarray(place, dtype=float)[None, columns], "X", YELLOW, BLACK, 60, label)
    if points.compromise is not None:
        _dots(axis, judged[[points.compromise]], "*", VERMILION, BLACK, 170, "compromise (min-max)")
    if points.printed is not None:
        _dots(axis, judged[[points.printed]], "v", PURPLE, BLACK, 60, "printed eqs 18-20")
    axis.set_xlabel(_axis_label(points, 0))
    axis.set_ylabel(_axis_label(points, other))
    axis.grid()
    axis.margins(0.06, 0.08)
    for which in ("x", "y"):
        thousands(axis, which)
    if points.base is not None:
        _base(axis, np.asarray(points.base, dtype=float)[columns])


def _base(axis: Axes, place: Floats) -> None:
    """The base plan where it is; at the edge, with its values, where it would squeeze the front into a corner."""
    (left, right), (low, high) = axis.get_xlim(), axis.get_ylim()
    least, most = np.array([left, low]), np.array([right, high])
    reach = FAR * (most - least)
    shown = place
    if ((place < least - reach) | (place > most + reach)).any():
        shown = np.clip(place, least, most)
        words = "base plan lies outside, at " + ", ".join(f"{v:,.0f}" if abs(v) >= 1000 else f"{v:.4g}" for v in place)
        at_right, at_top = shown > (least + most) / 2
        axis.annotate(
            words, (float(shown[0]), float(shown[1])), xytext=(-9 if at_right else 9, -3 if at_top else 3),
            textcoords="offset points", ha="right" if at_right else "left",
            va="top" if at_top else "bottom",
        )  # fmt: skip
        axis.set_xlim(left, right)
        axis.set_ylim(low, high)
    axis.scatter(shown[0], shown[1], s=45, marker="s", facecolors=ORANGE, edgecolors=BLACK, linewidths=0.7, zorder=2.45,
                 label="base plan", clip_on=False)  # fmt: skip


def _dots(axis: Axes, places: Floats, marker: str, face: str, edge: str, size: float, label: str) -> None:
    if len(places):
        rank = 2 + 0.01 * size  # what stands out lies on top
        axis.scatter(
            places[:, 0], places[:, 1], s=size, marker=marker, facecolors=face, edgecolors=edge, linewidths=0.7,
            label=label, zorder=rank,
        )  # fmt: skip


def _axis_label(points: FrontPoints, objective: int) -> str:
    return f"{points.labels[objective]}, {'more' if points.maximize[objective] else 'less'} is better"
