"""Figure and table of what features show of themselves, and ways of by-products on the network map."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from esc_sim import simulate
from esc_sim.results.reading import read_run
from esc_sim.results.run import Result
from esc_sim.results.table import states_table
from esc_sim.results.writing import write_run
from esc_sim.views import FIGURES, figures_of
from esc_sim.views.palette import GREEN
from esc_sim.views.report import write_report
from esc_sim.views.state_groups import COLOURS
from esc_sim.written import number
from tests.helpers.runs import SCENARIOS
from tests.helpers.synthetic_runs import layered_scenario, observed, synthetic_result


@pytest.fixture(scope="module")
def run() -> Result:
    return replace(synthetic_result(replications=6, periods=40), **observed(6, 40))


def legends(figure: Figure) -> list[list[str]]:
    return [[text.get_text() for text in part.legends[0].get_texts()] for part in figure.subfigs]


def test_a_panel_a_kind_and_a_line_an_entity_with_a_band(run: Result) -> None:
    figure = FIGURES["states"](run)
    titles = [" ".join(axis.get_title(loc="left").split()) for axis in figure.axes]
    assert titles == [
        "Soil carbon [kg]", "Synthetic nitrogen applied [kg]", "Harvest [kg]", "Loss [kg]", "Load [MWh]",
        "Deviation [MWh]",
    ]  # fmt: skip
    assert legends(figure) == [["field 0", "field 1", "field 2"], ["mean of 10", "highest", "lowest"], ["microgrids"]]
    assert run.observations is not None
    axis = figure.axes[0]
    for line, colour, x in zip(axis.lines, COLOURS, (0, 4, 8), strict=False):
        np.testing.assert_allclose(line.get_ydata(), run.observations[:, :, x].mean(axis=0))
        assert line.get_color() == colour
    assert len({line.get_marker() for line in axis.lines}) == len(axis.lines) == 3
    low, high = np.percentile(run.observations[:, -1, 0], [5.0, 95.0])
    ends = axis.collections[0].get_paths()[0].vertices
    at_end = ends[ends[:, 0] == 39][:, 1]
    assert (at_end.min(), at_end.max()) == pytest.approx((low, high))


def test_kinds_that_are_zero_throughout_are_left_out(run: Result) -> None:
    assert run.observations is not None
    still = np.array([each.kind in ("harvest", "load") for each in run.observed])
    titles = [" ".join(axis.get_title(loc="left").split())
              for axis in FIGURES["states"](replace(run, observations=run.observations * ~still)).axes]  # fmt: skip
    assert titles == ["Soil carbon [kg]", "Synthetic nitrogen applied [kg]", "Loss [kg]", "Deviation [MWh]"]
    assert "states" not in figures_of(replace(run, observations=0.0 * run.observations))


def test_many_entities_are_their_mean_and_extremes(run: Result) -> None:
    axis = next(axis for axis in FIGURES["states"](run).axes if axis.get_title(loc="left").startswith("Load"))
    assert run.observations is not None
    buses = run.observations[:, :, 12:22]
    for line, values in zip(axis.lines, (buses.mean(axis=2), buses.max(axis=2), buses.min(axis=2)), strict=True):
        np.testing.assert_allclose(line.get_ydata(), values.mean(axis=0))


def test_only_runs_with_states_have_the_figure(run: Result) -> None:
    assert "states" in figures_of(run)
    assert "states" not in figures_of(synthetic_result(replications=1, periods=5))


def test_the_report_holds_figure_and_table(tmp_path: Path) -> None:
    result = replace(synthetic_result(replications=3, periods=20), **observed(3, 20))
    write_run(result, tmp_path / "run")
    page = write_report(tmp_path / "run").read_text(encoding="utf-8")
    assert "What fields, buses and other parts showed" in page
    assert "synthetic nitrogen applied" in page
    assert page.count("field 2") == 4


def test_the_table_stands_kind_by_kind(run: Result) -> None:
    table = states_table(run.summary)
    assert table is not None
    rows = list(zip(*(list(column.cells) for column in table.columns), strict=True))
    kinds = [str(row[0]) for row in rows if not str(row[0]).startswith("  ")]
    assert kinds == ["soil carbon", "synthetic nitrogen applied", "harvest", "loss", "load", "deviation"]
    assert run.observations is not None
    assert rows[1][0] == "  field 0"
    assert str(rows[1][2]) == number(run.observations[:, -1, 0].mean())
    assert states_table({}) is None


def ways(figure: Figure) -> list[FancyArrowPatch]:
    patches = [patch for patch in figure.axes[0].patches if isinstance(patch, FancyArrowPatch)]
    return [patch for patch in patches if to_hex(patch.get_edgecolor()) == GREEN.lower()]


def test_the_network_map_shows_ways_of_by_products(tmp_path: Path) -> None:
    result = simulate(SCENARIOS / "bakery", replications=1, overrides={"run.periods": 15})
    write_run(result, tmp_path / "run")
    stored = read_run(tmp_path / "run")
    pairs = {(taker.giver, taker.taker) for taker in result.scenario.takers}
    names = result.network.node_ids
    assert {(names[a], names[b]) for a, b in stored.about.side_ends.tolist()} == pairs
    figure = FIGURES["network_map"](stored)
    assert len(ways(figure)) == len(pairs)
    assert any("without an order" in text.get_text() for text in figure.legends[0].get_texts())
    plain = FIGURES["network_map"](synthetic_result(layered_scenario(), replications=1, periods=5))
    assert ways(plain) == []
    assert not any("without an order" in text.get_text() for text in plain.legends[0].get_texts())


def test_a_constant_with_rounding_has_short_ticks_and_lines_on_one_another_differ_in_dash(run: Result) -> None:
    assert run.observations is not None
    dusty = 0.0773786030866654 * (1.0 + 1e-15 * np.arange(run.period_count))
    figure = FIGURES["states"](replace(run, observations=np.zeros_like(run.observations) + dusty[None, :, None]))
    figure.draw_without_rendering()
    for axis in figure.axes:
        assert max(len(tick.get_text()) for tick in axis.get_yticklabels()) <= 6
    assert [line.get_linestyle() for line in figure.axes[0].lines[:2]] == ["-", "--"]


def test_states_that_are_zero_have_no_rows_and_rounding_at_the_end_is_zero() -> None:
    def entry(kind: str, entity: str, mean: float, end: float) -> dict[str, object]:
        known = {"mean": mean, "ci_low": None, "ci_high": None, "end": end}
        return {"kind": kind, "entity": entity, "unit": "MWh", **known}

    states = [entry("load", "a", 2.0, 1e-8), entry("load", "b", 0.0, 0.0), entry("solar", "a", 0.0, 0.0)]
    table = states_table({"states": states})
    assert table is not None
    assert [list(column.cells)[1:] for column in table.columns] == [
        ["  a", "  the other 1"], ["2", "0"], ["0", "0"], ["MWh", "MWh"],
    ]  # fmt: skip
    assert str(table.title).endswith("zero throughout: solar")
