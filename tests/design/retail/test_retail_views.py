"""Figures of retail designs: what is drawn, not how it looks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from retail_cases import small

from esc_sim.design.retail import Coverage, RetailOptions, RetailPlan, design_retail
from esc_sim.design.retail.drawing import (
    EpsSeries,
    cost_against_eps,
    coverage_bars,
    footer_of,
    violation_bars,
)
from esc_sim.design.retail.generate import random_instance
from esc_sim.design.retail.map_drawing import retail_map
from esc_sim.errors import InputError
from esc_sim.views.style import save


@pytest.fixture(scope="module")
def plan() -> RetailPlan:
    return design_retail(small(2), RetailOptions(coverage=Coverage(0, 0, 1), gap=1e-3))


def words(figure: Figure) -> set[str]:
    legend = figure.legends[0]
    return {t.get_text() for t in legend.get_texts()}


def test_map_shows_levels_kinds_and_scenarios(plan: RetailPlan, tmp_path: Path) -> None:
    figure = retail_map(plan)
    assert len(figure.axes) == 2 * len(plan.instance.scenarios)
    assert {"supplier to DC", "supplier to store (direct)", "DC to store", "store to area"} <= words(figure)
    chosen = {f"store, level {n}" for n, count in plan.level_counts("store").items() if count}
    assert chosen <= words(figure)
    assert ("closed" in words(figure)) == bool((plan.level["store"] == -1).any())
    named = {t.get_text() for t in figure.axes[0].texts}
    closed = sum(int((plan.level[role] == -1).sum()) for role in ("supplier", "dc"))
    assert sum(t.endswith("closed") for t in named) == closed > 0
    drawn = sum(len(c.get_segments()) for c in figure.axes[2].collections if hasattr(c, "get_segments"))
    assert drawn == int((plan.flow["store_area"][:, 0] > 1e-3).sum())
    path = save(figure, tmp_path / "map.png")
    assert path.read_bytes()[:4] == b"\x89PNG"
    assert save(retail_map(plan), tmp_path / "again.png").read_bytes() == path.read_bytes()


def test_lines_of_few_links_are_dashed_in_points_and_cross_no_name() -> None:
    instance = random_instance(suppliers=2, dcs=2, stores=5, areas=3, scenarios=2, seed=8)
    figure = retail_map(design_retail(instance, RetailOptions("stochastic", gap=1e-2)))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    crossings = 0
    for axis in figure.axes[:2]:
        lines = [c for c in axis.collections if isinstance(c, LineCollection)]
        dashed = {dash[1][0] for c in lines for dash in c.get_linestyle() if dash[1]}
        assert dashed <= {6, 2}, "the same for a wide line as for a thin one"
        segments = [axis.transData.transform(segment) for c in lines for segment in c.get_segments()]
        assert segments
        for named in (t for t in axis.texts if t.get_text()):
            box = named.get_window_extent(canvas.get_renderer())
            crossings += sum(box.contains(*(a + t * (b - a))) for a, b in segments for t in np.linspace(0, 1, 60))
    assert crossings == 0


def test_map_draws_at_most_four_scenarios() -> None:
    instance = random_instance(suppliers=2, dcs=2, stores=4, areas=2, scenarios=5)
    plan = design_retail(instance, RetailOptions(gap=1e-2))
    assert len(retail_map(plan).axes) == 8


def test_map_needs_coordinates(plan: RetailPlan) -> None:
    nowhere = replace(plan.instance.dcs, x=np.full(2, np.nan))
    with pytest.raises(InputError, match="retail_map: dc_1 has no coordinates"):
        retail_map(replace(plan, instance=replace(plan.instance, dcs=nowhere)))


def test_footer_says_what_the_data_are(plan: RetailPlan) -> None:
    assert "stochastic, coverage (0, 0, 1)" in footer_of(plan)
    assert footer_of(plan).endswith("synthetic")
    assert "box-ball, eps 0.05, joint reading" in footer_of(replace(plan, model="box-ball"))


def test_cost_against_eps_has_a_panel_an_instance_and_printed_marks() -> None:
    lines = [EpsSeries("Box-Ball", [0.05, 0.09], [2e6, 1e6], [2.1e6, 1.1e6]), EpsSeries("stochastic", [0.05], [0.5e6])]
    figure = cost_against_eps({"I1": lines, "I2": lines[:1]}, "CNY")
    assert len(figure.axes) == 2
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    left, right = (axis.xaxis.label.get_window_extent(canvas.get_renderer()) for axis in figure.axes)
    assert not left.overlaps(right)
    assert right.x1 <= figure.bbox.x1
    assert words(figure) == {"Box-Ball", "Box-Ball, printed", "stochastic"}
    assert figure.axes[0].get_ylabel() == "cost, million CNY"
    assert figure.axes[0].lines[0].get_ydata().tolist() == [2.0, 1.0]  # type: ignore[union-attr]


def test_coverage_bars_stand_beside_the_printed_ones() -> None:
    ours = {"stochastic": {"(3, 3, 3)": 1.8e6, "(4, 3, 4)": 4.4e6}, "Budget": {"(3, 3, 3)": 1.7e6, "(4, 3, 4)": 4.3e6}}
    figure = coverage_bars(ours, "(2, 2, 2)", "CNY", {"Budget": {"(3, 3, 3)": 1.4e6, "(4, 3, 4)": 3.7e6}})
    heights = [bar.get_height() for bar in figure.axes[0].patches]  # type: ignore[attr-defined]
    assert heights == pytest.approx([1.8, 4.4, 1.7, 4.3])
    assert words(figure) == {"stochastic", "Budget", "printed in the paper"}


def test_violations_stand_beside_the_promise() -> None:
    shares = {"plain, static": {"uniform": 0.9, "normal": 0.8}, "robust, static": {"uniform": 0.0, "normal": 0.01}}
    figure = violation_bars(shares, 0.05)
    heights = [bar.get_height() for bars in figure.axes[0].containers for bar in bars]
    assert heights == [0.9, 0.8, 0.0, 0.01]
    assert {"plain, static", "robust, static", "promised eps, 5 %"} == words(figure)


def test_no_name_covers_a_marker_on_a_map_of_36_places() -> None:
    """Names of suppliers and DCs, and numbers of areas, beside the markers of all sites, those of stores included."""
    instance = random_instance(suppliers=3, dcs=3, stores=24, areas=6)
    figure = retail_map(design_retail(instance, RetailOptions("stochastic")))
    figure.draw_without_rendering()
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    seen = 0
    for axis in figure.axes:
        dots = [c for c in axis.collections if isinstance(c, PathCollection)]
        for text in [t for t in axis.texts if t.get_text()]:
            box = text.get_window_extent(canvas.get_renderer())
            for group in dots:
                half = 0.5 * float(np.sqrt(group.get_sizes()[0])) * figure.dpi / 72.0 - 0.5
                for x, y in axis.transData.transform(np.asarray(group.get_offsets())):
                    away = max(box.x0 - x, x - box.x1), max(box.y0 - y, y - box.y1)
                    assert max(away) >= half or half < 0.0, text.get_text()
            seen += 1
    assert seen == 2 * (3 + 3 + 6)
