"""The picture of a front: every point where its numbers say, what stands out told apart by shape and colour."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection

from esc_sim.optimize.compromise import min_max_compromise
from esc_sim.optimize.drawing import FrontPoints, pareto_front

TRAINING = np.array([[10.0, 100.0], [14.0, 104.0], [17.0, 112.0], [18.0, 120.0]])
HELD_OUT = TRAINING + np.array([[-1.0, 3.0], [-1.0, 3.0], [-4.0, 3.0], [-1.0, 3.0]])  # the third is now dominated
BOTH = (True, False)


def _points(**changes: object) -> FrontPoints:
    fields = {
        "labels": ("profit [EUR]", "CVaR [EUR]"),
        "maximize": BOTH,
        "training": TRAINING,
        "held_out": HELD_OUT,
        "compromise": min_max_compromise(HELD_OUT, BOTH),
        "printed": min_max_compromise(HELD_OUT, BOTH, "printed"),
        "base": np.array([9.0, 118.0]),
        "title": "four plans",
        "footer": "synthetic data",
    }
    return FrontPoints(**(fields | changes))  # type: ignore[arg-type]


def _drawn(axis: Axes) -> dict[str, np.ndarray]:
    found = [item for item in axis.collections if isinstance(item, PathCollection)]
    return {str(item.get_label()): np.asarray(item.get_offsets()) for item in found}


def test_every_point_is_where_its_numbers_say() -> None:
    figure = pareto_front(_points())
    drawn = _drawn(figure.axes[0])
    np.testing.assert_array_equal(drawn["training"], TRAINING)
    np.testing.assert_array_equal(drawn["held out"], HELD_OUT[[0, 1, 3]])
    np.testing.assert_array_equal(drawn["held out, dominated"], HELD_OUT[[2]])
    assert drawn["compromise (min-max)"].tolist() == [[13.0, 107.0]]
    assert drawn["printed eqs 18-20"].tolist() == [[9.0, 103.0]]
    assert drawn["ideal point"].tolist() == [[17.0, 103.0]]
    assert drawn["base plan"].tolist() == [[9.0, 118.0]]
    assert len(figure.axes[0].lines) == 4  # training and held-out point of each solution are joined


def test_a_base_plan_far_away_does_not_squeeze_the_front() -> None:
    """It stands at the edge, with its values; the axes are those of the front."""
    far = pareto_front(_points(base=np.array([-400.0, 3000.0]))).axes[0]
    without = pareto_front(_points(base=None)).axes[0]
    assert (far.get_xlim(), far.get_ylim()) == (without.get_xlim(), without.get_ylim())
    assert _drawn(far)["base plan"].tolist() == [[without.get_xlim()[0], without.get_ylim()[1]]]
    assert [text.get_text() for text in far.texts] == ["base plan lies outside, at -400, 3,000"]
    near = pareto_front(_points()).axes[0]
    assert not near.texts
    assert near.get_xlim()[0] < 9.0


def test_what_stands_out_differs_in_shape_not_only_in_colour() -> None:
    axis = pareto_front(_points()).axes[0]
    shapes = {
        str(item.get_label()): item.get_paths()[0].vertices.tobytes()
        for item in axis.collections
        if isinstance(item, PathCollection)
    }
    special = ["held out", "compromise (min-max)", "printed eqs 18-20", "ideal point", "base plan"]
    assert len({shapes[name] for name in special}) == len(special)


def test_only_what_is_known_is_drawn() -> None:
    drawn = _drawn(pareto_front(_points(held_out=None, compromise=None, printed=None, base=None)).axes[0])
    assert set(drawn) == {"training", "ideal point"}
    np.testing.assert_array_equal(drawn["ideal point"], [[18.0, 100.0]])


def test_further_objectives_get_panels_of_their_own() -> None:
    third = np.column_stack([TRAINING, [0.9, 0.95, 0.97, 0.99]])
    figure = pareto_front(
        _points(
            labels=("profit", "CVaR", "fill rate"),
            maximize=(True, False, True),
            training=third,
            held_out=None,
            base=None,
            printed=None,
        )
    )
    assert len(figure.axes) == 2
    np.testing.assert_array_equal(_drawn(figure.axes[1])["training"], third[:, [0, 2]])
    assert figure.axes[1].get_ylabel() == "fill rate, more is better"


def test_texts_stay_inside_and_apart() -> None:
    figure = pareto_front(_points())
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    legend = figure.legends[0].get_window_extent(renderer)
    assert legend.x1 <= figure.bbox.x1
    assert not legend.overlaps(figure.axes[0].get_window_extent(renderer))


def test_one_objective_is_no_front() -> None:
    with pytest.raises(ValueError, match="two objectives"):
        pareto_front(_points(labels=("profit",), maximize=(True,)))
