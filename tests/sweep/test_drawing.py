"""Figures of sweeps: parameters in words, points told apart by category, no interval beyond 0 and 100 %."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.patches import Rectangle

from esc_sim.scenario.path_words import path_words
from esc_sim.sweep.drawing import effects
from esc_sim.sweep.parameters import Parameter
from esc_sim.sweep.picture import SweepPicture
from esc_sim.sweep.sensitivity_drawing import index_bars

DEMAND = Parameter("nodes.shop_1.demand.mean", (10, 20, 30))
UNMET = Parameter("rules.unmet", ("lost", "backorder"))


def picture(*parameters: Parameter, half: float = 0.2, indices: pd.DataFrame | None = None) -> SweepPicture:
    columns = np.meshgrid(*(np.array(p.values, dtype=object) for p in parameters), indexing="ij")
    table = pd.DataFrame({p.path: column.ravel() for p, column in zip(parameters, columns, strict=True)})
    table["fill_rate.mean"] = np.linspace(0.1, 0.95, len(table))
    table["fill_rate.ci_low"], table["fill_rate.ci_high"] = (table["fill_rate.mean"] + s * half for s in (-1, 1))
    labels, units = {"fill_rate": "Fill rate"}, {"fill_rate": "share"}
    return SweepPicture("A chain", parameters, table, indices, labels, units, "made up")


def test_points_of_different_categories_differ_in_colour_and_shape_and_the_legend_names_them() -> None:
    sweep = picture(UNMET, DEMAND)
    figure = effects(sweep)
    assert [axis.get_xlabel().replace("\n", " ") for axis in figure.axes] == ["unmet", "mean demand of shop_1"]
    (legend,) = figure.legends
    names = ["unmet: lost", "unmet: backorder", "mean over the other parameter"]
    assert [text.get_text() for text in legend.get_texts()] == names
    points = [part for part in figure.axes[1].collections if isinstance(part, PathCollection)]
    assert len({tuple(part.get_edgecolor()[0]) for part in points}) == len(points) == 2
    assert len({part.get_paths()[0].vertices.shape for part in points}) == 2
    for part, value in zip(points, UNMET.values, strict=True):
        own = sweep.table[sweep.table[UNMET.path] == value]
        assert part.get_offsets().tolist() == own[[DEMAND.path, "fill_rate.mean"]].to_numpy(float).tolist()


def test_paths_in_words() -> None:
    assert path_words("microgrids.buses.0.load") == "load of bus 1"
    assert path_words("nodes.shop.demand.price") == "demand price of shop"
    assert path_words("microgrids.batteries.1.e_max") == "e max of battery 2"


def test_intervals_of_shares_end_at_0_and_100_percent() -> None:
    figure = effects(picture(DEMAND))
    bars = [part for part in figure.axes[0].collections if isinstance(part, LineCollection)]
    ends = np.concatenate([segment[:, 1] for bar in bars for segment in bar.get_segments()])
    assert (ends.min(), ends.max()) == (0.0, 1.0)
    low, high = figure.axes[0].get_ylim()
    assert [tick for tick in figure.axes[0].get_yticks() if low <= tick <= high][-1] == pytest.approx(1.0)
    assert high > 1.0
    shares = pd.DataFrame({
        "kpi": "fill_rate", "parameter": [DEMAND.path, UNMET.path], "first": [0.8, -0.1], "first_half_width": 0.5,
        "total": [1.09, 0.1], "total_half_width": 0.4,
    })  # fmt: skip
    axis = index_bars(picture(DEMAND, UNMET, indices=shares)).axes[0]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["mean demand of shop_1", "unmet"]
    segments = [
        segment for part in axis.collections if isinstance(part, LineCollection) for segment in part.get_segments()
    ]
    reach = np.concatenate([segment[:, 0] for segment in segments])
    # An estimate below 0 stays where it is; no interval goes further.
    assert (reach.min(), reach.max()) == (-0.1, 1.0)
    assert max(bar.get_width() for bar in axis.patches if isinstance(bar, Rectangle)) == 1.0
