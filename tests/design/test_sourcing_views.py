"""Figures of a sourcing design: they draw, and the shadow of a set is its exact outline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from esc_sim.design.sourcing import SourcingOptions, design_sourcing, nominal_demand
from esc_sim.design.sourcing.command import SourcingCase
from esc_sim.design.sourcing.drawing import (
    Series,
    cost_epf_front,
    curves,
    demand_sets,
    procurement,
    shadow,
    violation_densities,
)
from esc_sim.design.sourcing.figures import figures
from esc_sim.design.sourcing.front import FrontPoint
from esc_sim.design.uncertainty import BoxSet, svc_set
from esc_sim.scenario.design_sourcing import SourcingSection
from esc_sim.views.style import save
from tests.design.test_sourcing_forms import past_demand, small_instance
from tests.helpers.synthetic_runs import layered_scenario


def words(figure: Figure) -> str:
    """Every text of a figure."""
    figure.canvas.draw()
    texts = [t.get_text() for axis in figure.axes for t in axis.texts]
    labels = [f"{a.get_xlabel()} {a.get_ylabel()} {a.get_title('left')}" for a in figure.axes]
    legends = [t.get_text() for legend in figure.legends for t in legend.get_texts()]
    return " | ".join(texts + labels + legends)


def test_procurement_shows_every_source_that_is_used(tmp_path: Path) -> None:
    instance, demand = small_instance(2, 6), nominal_demand(np.full(6, 1500.0))
    designs = {
        "free": design_sourcing(instance, demand),
        "sole": design_sourcing(instance, demand, SourcingOptions(sole_sourcing=True)),
    }
    figure = procurement(designs, footer="synthetic data")
    shown = words(figure)
    for name in (*designs["free"].plan.level(instance), *designs["free"].plan.reserved(instance), "spot market"):
        assert name in shown
    assert "units per period" in shown
    for axis, design in zip(figure.axes, designs.values(), strict=True):
        heights: dict[float, float] = {}
        for bar in axis.patches:
            heights[bar.get_x()] = max(heights.get(bar.get_x(), 0.0), bar.get_y() + bar.get_height())
        expected = instance.probability @ design.plan.supply()
        assert sorted(heights.values()) == pytest.approx(sorted(expected))
    assert save(figure, tmp_path / "procurement.png").stat().st_size > 10_000


def test_shadow_of_a_box_is_the_box_and_of_a_set_holds_its_samples() -> None:
    box = BoxSet(np.array([1.0, 2.0, 5.0]), np.array([3.0, 8.0, 6.0]))
    corners = shadow(box, (0, 2))
    assert corners.min(axis=0) == pytest.approx([1.0, 5.0])
    assert corners.max(axis=0) == pytest.approx([3.0, 6.0])
    on_edge = np.isclose(corners[:, [0]], [1.0, 3.0]).any(axis=1) & np.isclose(corners[:, [1]], [5.0, 6.0]).any(axis=1)
    assert on_edge.all()
    past = past_demand(3, 3, 100)
    learned = svc_set(past, 0.1)
    outline = shadow(learned, (0, 1))
    inside = past[learned.contains(past)][:, :2]
    sides = np.roll(outline, -1, axis=0) - outline
    for point in inside:
        gap = point - outline
        assert (sides[:, 0] * gap[:, 1] - sides[:, 1] * gap[:, 0] >= -1e-6 * np.abs(sides).sum(axis=1).max()).all()


def test_the_other_figures_draw_with_labels(tmp_path: Path) -> None:
    past = past_demand(4, 3, 60)
    rng = np.random.default_rng(1)
    figures = {
        "front": cost_epf_front({"a": [(0.3, 5e8), (0.0, 6e8)], "b": [(1.0, 4e8)]}, "CNY"),
        "violations": violation_densities(
            {"loose": rng.uniform(0.4, 0.6, 50), "tight": np.zeros(50), "x": rng.uniform(size=50)}
        ),
        "curves": curves(
            {"cost": [Series("a", [1, 2], [3e6, 2e6], [(1.5, 2.5e6)])], "share": [Series("a", [1, 2], [0.1, 0.2])]},
            "theta",
            "Curves",
            percent=("share",),
        ),
        "sets": demand_sets(past, {"joint": svc_set(past, 0.1)}, names=("A1", "A2")),
    }
    expected = {
        "front": "probability that the second-stage cost exceeds the budget",
        "violations": "mean 0 %",
        "curves": "printed in the paper",
        "sets": "demand of A1, units per period",
    }
    for name, figure in figures.items():
        assert expected[name] in words(figure)
        assert save(figure, tmp_path / f"{name}.png").stat().st_size > 5_000


def test_past_demand_is_drawn_in_the_plane_of_the_two_buyers() -> None:
    past = past_demand(3, 3, 40)
    figure = demand_sets(past, {"box": BoxSet(past.min(axis=0), past.max(axis=0))}, (2, 0), ("A3", "A1"))
    axis = figure.axes[0]
    (points,) = axis.lines
    np.testing.assert_array_equal(points.get_xydata(), past[:, [2, 0]])
    corners = np.asarray(axis.patches[0].get_path().vertices)
    assert corners.min(axis=0) == pytest.approx(past.min(axis=0)[[2, 0]])
    assert (axis.get_xlabel(), axis.get_ylabel()) == tuple(f"demand of {n}, units per period" for n in ("A3", "A1"))


@pytest.mark.parametrize(
    ("demand", "buyers", "front", "expected"),
    [
        ("deterministic", 2, False, ["procurement"]),
        ("deterministic", 2, True, ["procurement", "front"]),
        ("bro", 2, True, ["procurement", "demand_set", "front"]),
        ("bro", 1, False, ["procurement"]),
    ],
)
def test_a_design_comes_with_the_figures_that_it_has(
    demand: Any, buyers: int, front: bool, expected: list[str]
) -> None:
    instance = small_instance(2, buyers)
    case = SourcingCase(
        SourcingSection(demand=demand, max_recovery_time=0.8, theta=0.1), instance, past_demand(2, buyers), ()
    )
    design = design_sourcing(instance, nominal_demand(np.full(buyers, 1500.0)))
    points = [FrontPoint(0.5, 0.4, design)] if front else []
    found = figures(layered_scenario(title="Cells"), case, design, points)
    assert list(found) == expected
    for name, draw in found.items():
        figure = draw()
        title, footer = figure._suptitle.get_text(), figure._supxlabel.get_text()  # type: ignore[attr-defined]
        assert title.strip().endswith(": Cells")
        about = "Budgeted set  |  " if name == "demand_set" else ""
        assert footer == f"{about}Data: synthetic (drawn for tests)"
        if name == "demand_set":
            shown = words(figure)
            assert all(f"set that leaves out {share} % of past demands" in shown for share in (1, 5, 10, 20))
            assert "demand of A1" in shown
            assert "demand of A2" in shown
        elif name == "front":
            assert figure.axes[0].get_ylabel() == "total cost, EUR"
            for line in figure.axes[0].lines:
                assert line.get_xydata().tolist() == [[0.4, design.objective]]
