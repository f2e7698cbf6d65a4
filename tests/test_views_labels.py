"""Names beside points cover neither each other nor points, at any resolution and on logarithmic axes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from esc_sim.views.labels import name_points
from esc_sim.views.style import new_figure, percent_axis, styled, thousands


def drawn(points: np.ndarray, names: list[str], others: np.ndarray, scale: str) -> tuple[Figure, list[str]]:
    figure = new_figure()
    axis = figure.subplots()
    every = np.concatenate([points, others])
    axis.scatter(every[:, 0], every[:, 1], s=16)
    axis.set_xscale(scale)
    axis.set_yscale(scale)
    return figure, name_points(axis, points, names, others)


def boxes(figure: Figure) -> tuple[list[Bbox], np.ndarray, Bbox]:
    """Boxes of the names, the points, and the axis, in pixels of the figure as it is drawn."""
    figure.draw_without_rendering()
    (axis,) = figure.axes
    assert isinstance(figure.canvas, FigureCanvasAgg)
    renderer = figure.canvas.get_renderer()
    (dots,) = axis.collections
    places = axis.transData.transform(np.asarray(dots.get_offsets()))
    named = [text.get_window_extent(renderer) for text in axis.texts if text.get_text()]
    return named, places, axis.get_window_extent(renderer)


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("dpi", [72, 200])
def test_nothing_is_covered(scale: str, dpi: int) -> None:
    rng = np.random.default_rng(1)
    points = np.exp(rng.normal(5.0, 0.2, (6, 2)))
    others = np.exp(rng.normal(5.0, 0.6, (20, 2)))
    names = [f"site number {k}" for k in range(len(points))]
    figure, written = drawn(points, names, others, scale)
    assert len(written) >= 5
    figure.set_dpi(dpi)
    named, places, inside = boxes(figure)
    assert len(named) == len(written)
    for k, box in enumerate(named):
        assert inside.padded(2.0).fully_contains(box.x0, box.y0)
        assert inside.padded(2.0).fully_contains(box.x1, box.y1)
        assert not any(box.fully_contains(x, y) for x, y in places)
        assert not any(box.padded(-1.0).fully_overlaps(other.padded(-1.0)) for other in named[k + 1 :])


@pytest.mark.parametrize("fenced", [False, True])
def test_a_name_covers_a_line_only_where_it_must(fenced: bool) -> None:
    figure = new_figure()
    axis = figure.subplots()
    axis.scatter([0.5, 0.0, 1.0], [0.5, 0.0, 1.0])
    steps = np.linspace(0.0, 1.0, 200)
    level = np.column_stack([steps, np.full(200, 0.54)])  # a line right above the point, where names are tried first
    net = np.concatenate([np.column_stack([steps, np.full(200, at)]) for at in np.arange(0.0, 1.0, 0.02)])
    lines = net if fenced else level
    assert name_points(axis, [[0.5, 0.5]], ["somewhere"], crossed=lines) == ["somewhere"]
    (box,), _, _ = boxes(figure)
    covered = any(box.contains(x, y) for x, y in axis.transData.transform(lines))
    assert covered == fenced


def test_a_name_without_room_is_left_out() -> None:
    figure, written = drawn(np.array([[1.0, 1.0]]), ["x" * 400], np.array([[2.0, 2.0]]), "linear")
    assert written == []
    assert not figure.axes[0].texts


@pytest.mark.parametrize(("around", "nearest"), [(0.0, 5.0), (9.0, 12.0)])
def test_a_name_stands_as_near_as_there_is_room(around: float, nearest: float) -> None:
    """Markers in a ring at 9 points leave no room beside the point, but beyond them."""
    angles = np.radians(np.arange(0, 360, 15))
    ring = np.column_stack([np.cos(angles), np.sin(angles)]) * around if around else np.empty((0, 2))
    figure = new_figure(4.0, 4.0)
    axis = figure.subplots()
    axis.set_axis_off()
    axis.set_xlim(-130.0, 130.0)
    axis.set_ylim(-130.0, 130.0)
    figure.draw_without_rendering()
    corner, unit = axis.transData.transform([[0.0, 0.0], [1.0, 1.0]])
    points = 72.0 / figure.dpi * (unit - corner)  # of one unit on either axis
    assert name_points(axis, [[0.0, 0.0]], ["M"], ring / points) == ["M"]
    (name, *lines) = axis.texts
    figure.draw_without_rendering()
    assert isinstance(figure.canvas, FigureCanvasAgg)
    box = name.get_window_extent(figure.canvas.get_renderer())
    away = np.maximum(0.0, np.maximum([box.x0, box.y0] - corner, corner - [box.x1, box.y1]))
    assert np.hypot(*away) * 72.0 / figure.dpi == pytest.approx(nearest, abs=0.6)
    assert len(lines) == (around > 0.0), "a name that stands apart has a line to its point"


@pytest.mark.parametrize("write", [thousands, lambda axis: percent_axis(axis, "x")])
@pytest.mark.parametrize(("low", "high"), [(472.8896, 472.8902), (0.9999999, 1.0), (2e6, 2e6 + 150), (5.0, 5.0 + 1e-9)])
def test_no_two_ticks_of_nearly_constant_numbers_read_alike(
    write: Callable[[Axes], None], low: float, high: float
) -> None:
    @styled
    def draw() -> Figure:
        figure = new_figure()
        axis = figure.subplots()
        axis.set_xlim(low, high)
        write(axis)
        figure.draw_without_rendering()
        return figure

    axis = draw().axes[0]
    texts = [label.get_text() for label in axis.get_xticklabels()]
    assert len(texts) > 2
    assert len(set(texts)) == len(texts)
    assert not axis.xaxis.get_offset_text().get_text()
