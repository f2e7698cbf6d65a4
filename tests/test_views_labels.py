"""Names beside points cover neither each other nor points, at any resolution and on logarithmic axes."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from esc_sim.views.labels import name_points
from esc_sim.views.style import new_figure


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


def test_a_name_without_room_is_left_out() -> None:
    figure, written = drawn(np.array([[1.0, 1.0]]), ["x" * 400], np.array([[2.0, 2.0]]), "linear")
    assert written == []
    assert not figure.axes[0].texts
