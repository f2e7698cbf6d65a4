"""What each figure of a run says: its words, its lines and bars against the run's numbers, the ends of its axes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from esc_sim.errors import InputError
from esc_sim.loading import load_result
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.results.promise import Promise
from esc_sim.results.run import Result, RunResult
from esc_sim.results.writing import write_run
from esc_sim.views import FIGURES, figures_of
from esc_sim.views.losses import losses_drawn
from esc_sim.views.network_map import network_map
from esc_sim.views.palette import BLUE, DISRUPTED_COLOUR, NORMAL_COLOUR, ORANGE, VERMILION
from tests.helpers.synthetic_runs import DATED_OUTAGE, layered_scenario, observed, synthetic_result

REPLICATIONS, PERIODS = 24, 30
OUTAGE = [DATED_OUTAGE[0] | {"dates": [{"start": 8, "duration": 6}], "recovery": {"duration": 4}}]


@cache
def run_of(period: str = "day") -> Result:
    """A small run with an outage of refinery_3 in periods 8 to 13 of all replications, recovered in period 18."""
    return result_of(period)


def result_of(period: str = "day") -> RunResult:
    """Every third arc ships as in the undisrupted twin, a tenth less or a tenth more."""
    scenario = layered_scenario(disruptions=OUTAGE, units={"goods": "t", "money": "EUR", "period": period})
    result = synthetic_result(scenario, replications=REPLICATIONS, periods=PERIODS)
    promises = [
        Promise("cost", "cost of a period", "EUR/day", 4.6e6, np.linspace(4e6, 5e6, REPLICATIONS)),
        Promise("epf", "Cost above the budget", "share", 0.25, np.arange(REPLICATIONS) < 6.0),
        Promise("never", "Never so", "share", 0.0, np.zeros(REPLICATIONS)),
        Promise("little", "Short at first", "t", None, np.full(REPLICATIONS, 300.0)),
        Promise("amount", "Short at the end", "t", None, np.full(REPLICATIONS, 12000.0)),
    ]
    shipped = result.arc_shipped
    usual = shipped / np.resize([1.0, 0.9, 1.1], len(shipped))
    found: dict[str, Any] = {"warm_up_found": {"series": {"cost": {"warm_up": 0, "settled": True}}}}
    plan = {"horizon": 4, "made": [0, 7], "promised": [4e6, 5e6], "realised": [4.2e6, 4.1e6]}
    found["rolling_plans"] = {"north": plan}
    seen = observed(REPLICATIONS, PERIODS)
    return replace(result, promises=promises, twin_arc_shipped=usual, found=found, **seen)


def with_column(result: RunResult, name: str, of: Callable[[np.ndarray], Any], which: str = "values") -> RunResult:
    """The result with a column of its periods changed."""
    values = getattr(result, which).copy()
    place = PERIOD_COLUMNS.index(name)
    values[:, :, place] = of(values[:, :, place])
    return replace(result, **{which: values})


def panels(figure: Figure) -> list[Any]:
    return [axis for axis in figure.axes if axis.get_label() != "<colorbar>"]


def legend(figure: Figure) -> dict[str, Any]:
    """Artists of the figure's legend by their words."""
    found: dict[str, Any] = {}
    for part in figure.legends:
        found |= dict(zip([t.get_text() for t in part.get_texts()], part.legend_handles, strict=True))
    return found


def ticks(axis: Any) -> list[str]:
    return [label.get_text() for label in axis.get_yticklabels()]


def lines_of(axis: Any) -> dict[str, Line2D]:
    return {str(line.get_label()): line for line in axis.lines}


WORDS = {
    "cost_histogram": ("Cost distribution", "network cost per day [EUR]", "share of days, logarithmic", []),
    "losses": ("Lost to disruptions", "demand lost [t/year]", "share of replications", []),
    "resilience_curve": (
        "Resilience", "time [day]", "performance, share of the undisrupted twin's",
        ["mean", "90 % of replications", "disruption in force", "recovered (95 %)"],
    ),
    "network_map": (
        "Network", "", None,
        ["never disrupted", "disrupted at times", "flow as normal", "flow less (> 5 %)", "flow more (> 5 %)",
         "stock up to ", "flow up to "],
    ),
    "stock_heatmap": ("Stock by node", "time [day]", None, ["disrupted at times", "mean health at most 50 %"]),
    "states": ("States, mean and 90 % of 24 replications", "time [day]", None, []),
    "promises": (
        "Promised and simulated", "Short at the end [thousand t]", None,
        ["simulated, with 95 % confidence interval", "promised at most"],
    ),
    "warm_up": ("Warm-up of the undisrupted twin", "time [day]", None, ["warm-up", "mean", "cut of this series"]),
    "rolling_plans": ("Rolling plans by the period of each plan", "time [day]", None,
                      ["promised, without purchases for after the horizon", "realised"]),
}  # fmt: skip


@pytest.mark.parametrize("name", list(FIGURES))
def test_words_of_each_figure(name: str) -> None:
    run = run_of()
    title, across, up, entries = WORDS[name]
    figure = FIGURES[name](run)
    assert figure._suptitle.get_text().strip() == f"{title}: Made-up oil and gas network"  # type: ignore[attr-defined]
    assert panels(figure)[-1].get_xlabel() == across
    if up is not None:
        assert figure._supylabel.get_text() == up  # type: ignore[attr-defined]
    found = list(legend(figure))
    assert len(found) == len(entries)
    assert all(any(word.startswith(entry) for word in found) for entry in entries)
    footer = figure._supxlabel.get_text()  # type: ignore[attr-defined]
    assert footer.startswith("24 replications of 30 days, seed 1")
    assert "synthetic data (drawn for tests)" in " ".join(footer.split())


def test_a_distribution_of_one_cost_is_not_drawn() -> None:
    """Costs that differ by a rounding are the same; a twin that differs is worth the picture."""
    same = with_column(with_column(result_of(), "cost", lambda _: 70_000.0), "cost", lambda _: 70_000.0, "twin")
    assert "cost_histogram" not in figures_of(same)
    with pytest.raises(InputError, match="cost_histogram: the cost is the same in all periods"):
        FIGURES["cost_histogram"](same)
    assert "cost_histogram" in figures_of(with_column(result_of(), "cost", lambda _: 70_000.0))


def test_cost_histogram_has_common_bins_from_the_least_to_the_largest_cost() -> None:
    run = run_of()
    assert run.twin is not None
    normal, disrupted = panels(FIGURES["cost_histogram"](run))
    every = np.concatenate([run.column("cost").ravel(), run.twin_column("cost").ravel()])
    edges = np.linspace(every.min(), every.max(), len(normal.patches) + 1)
    for axis, costs in ((normal, run.twin_column("cost")), (disrupted, run.column("cost"))):
        np.testing.assert_allclose([bar.get_x() for bar in axis.patches], edges[:-1])
        shares = np.histogram(costs, edges)[0] / costs.size
        np.testing.assert_allclose([bar.get_height() for bar in axis.patches], shares)
        assert axis.get_yscale() == "log"
        low, high = axis.get_ylim()
        assert low < 1.0 / costs.size  # a single period is seen
        assert high > 1.0
    titles = {axis.get_title("left"): to_hex(axis.patches[0].get_facecolor()).upper() for axis in (normal, disrupted)}
    assert titles == {"normal": NORMAL_COLOUR.upper(), "disrupted": DISRUPTED_COLOUR.upper()}


@pytest.mark.parametrize(("period", "unit", "scale"), [("day", "/year", 365.0 / PERIODS), ("round", "", 1.0)])
def test_losses_of_replications_are_scaled_to_a_year_where_periods_tell_how_long_one_is(
    period: str, unit: str, scale: float
) -> None:
    run = run_of(period)
    assert run.twin is not None
    kpis = run.summary["kpis"]["disrupted"]
    lost = {
        "profit": (run.twin_column("profit") - run.column("profit")).sum(axis=1),
        "demand": (run.column("demand") - run.column("served")).sum(axis=1),
    }
    for axis, (quantity, each) in zip(panels(FIGURES["losses"](run)), lost.items(), strict=True):
        bars, sample = list(axis.patches), scale * each
        assert sum(bar.get_height() for bar in bars) == pytest.approx(1.0)
        ends = [bars[0].get_x(), bars[-1].get_x() + bars[-1].get_width()]
        np.testing.assert_allclose(ends, [sample.min(), sample.max()])
        shares = np.histogram(sample, len(bars))[0] / len(sample)
        np.testing.assert_allclose([bar.get_height() for bar in bars], shares)
        goods = {"profit": "EUR", "demand": "t"}[quantity]
        assert axis.get_xlabel() == f"{quantity} lost [{goods}{unit}]"
        marks = {label.split(" ")[0]: float(line.get_xdata()[0]) for label, line in lines_of(axis).items()}
        assert marks == {name: kpis[f"{quantity}_lost_{name.lower()}"]["mean"] for name in ("VaR", "CVaR")}
        assert sample.min() <= marks["VaR"] <= marks["CVaR"] <= sample.max()


def test_losses_are_drawn_where_enough_replications_lose_differently() -> None:
    few = synthetic_result(layered_scenario(disruptions=OUTAGE), replications=19, periods=PERIODS)
    assert losses_drawn(few) == []
    assert losses_drawn(run_of()) == ["profit", "demand"]
    same = result_of()
    assert same.twin is not None
    same = replace(same, values=same.values[:1].repeat(REPLICATIONS, 0), twin=same.twin[:1].repeat(REPLICATIONS, 0))
    assert losses_drawn(same) == []


def test_resilience_is_shown_over_the_whole_run_with_its_threshold() -> None:
    axes = panels(FIGURES["resilience_curve"](run_of()))
    assert [axis.get_title("left") for axis in axes] == [
        "(a) final demand served", "(b) goods shipped", "(c) profit",
    ]  # fmt: skip
    for axis in axes:
        assert axis.get_xlim() == (0.0, PERIODS - 1.0)
        assert lines_of(axis)["recovered (95 %)"].get_ydata() == [0.95, 0.95]
        low, high = axis.get_ylim()
        assert low <= 0.9
        assert high > 1.0
        assert axis.get_title("right").startswith("depth ")
    band = axes[1].collections[0].get_paths()[0].vertices
    mean = lines_of(axes[1])["mean"]
    assert band[:, 1].min() <= min(mean.get_ydata())
    assert list(mean.get_xdata()) == list(range(PERIODS))


def test_promises_stand_beside_means_in_units_that_can_be_read() -> None:
    figure = FIGURES["promises"](run_of())
    cost, share, never, little, amount = panels(figure)
    labels = [axis.get_xlabel() for axis in panels(figure)]
    assert labels == [
        "Cost of a period [million EUR/day]: open", "Cost above the budget [%]: open", "Never so [%]: kept",
        "Short at first [t]", "Short at the end [thousand t]",
    ]  # fmt: skip
    expected = (
        (cost, 4.5, 4.6), (share, 25.0, 25.0), (never, 0.0, 0.0), (little, 300.0, None), (amount, 12.0, None),
    )  # fmt: skip
    for axis, mean, promised in expected:
        bar = axis.containers[0]
        assert [float(x) for x in bar.lines[0].get_xdata()] == [pytest.approx(mean)]
        marks = [line for line in axis.lines if line.get_label() == "promised at most"]
        assert [list(line.get_xdata()) for line in marks] == ([] if promised is None else [[promised] * 2])
        low, high = axis.get_xlim()
        assert low < mean < high
        assert low > -0.1 * (high - low) - 1e-9 or mean == 0.0, "nothing here is negative"
        assert low < (promised or mean) < high
        assert list(axis.get_yticks()) == []
    assert -0.1 < never.get_xlim()[0] < 0.0 < never.get_xlim()[1]
    entry = run_of().summary["promises"]["cost"]
    (ends,) = cost.containers[0].lines[2][0].get_segments()
    np.testing.assert_allclose(ends[:, 0], [entry["ci_low"] / 1e6, entry["ci_high"] / 1e6])


def test_network_map_shows_flows_by_width_and_stock_by_area() -> None:
    run = run_of()
    figure = network_map(run)
    axis = figure.axes[0]
    shipped = np.sort(run.arc_shipped)[::-1]
    drawn = [found for found in axis.collections if isinstance(found, LineCollection)]
    widths = np.sort(np.concatenate([found.get_linewidths() for found in drawn]))[::-1]
    assert len(widths) == len(shipped)
    np.testing.assert_allclose(np.diff(widths) / np.diff(shipped), (widths[0] - widths[-1]) / np.ptp(shipped))
    words = legend(figure)
    kinds = {to_hex(found.get_color()[0]): len(found.get_segments()) for found in drawn}
    counts = {
        word: kinds[to_hex(words[word].get_color())] for word in words if word.startswith("flow ") and ">" in word
    }
    changed = np.resize([0, -1, 1], len(shipped))
    assert counts == {"flow less (> 5 %)": (changed < 0).sum(), "flow more (> 5 %)": (changed > 0).sum()}
    assert len({(to_hex(found.get_color()[0]), str(found.get_linestyle())) for found in drawn}) == 3
    heads = [text.get_text() for text in axis.texts if text.get_text() not in run.network.node_ids]
    assert heads == ["producer (2)", "storage (2)", "refinery (3)", "terminal (3)", "retailer (3)"]
    places = [text.get_position()[0] for text in axis.texts if text.get_text() in heads]
    assert places == sorted(set(places)), "from the source on the left to the customer on the right"
    assert not axis.axison


STRIKES = [
    {"name": "slow", "arcs": [{"buyer": "retailer_1", "supplier": "terminal_2"}], "lead_time_factor": 2.0},
    {"name": "drought", "nodes": ["producer_1"], "stops": ["produce"]},
    {"name": "boom", "roles": ["retailer"], "demand_factor": 2.0, "start": PERIODS},
]


@pytest.mark.parametrize("arrows", [False, True])
def test_whatever_is_disrupted_is_marked_on_map_and_heat_map(arrows: bool, tmp_path: Path) -> None:
    disruptions = [
        {"dates": [{"start": each.get("start", 3), "duration": 2}]} | {k: v for k, v in each.items() if k != "start"}
        for each in STRIKES
    ]
    scenario = layered_scenario(disruptions=disruptions)
    if arrows:
        places = [node.model_dump(include={"id", "role", "layer"}) | {"x": -node.layer, "y": n}
                  for n, node in enumerate(scenario.nodes)]  # fmt: skip
        scenario = layered_scenario(disruptions=disruptions, nodes=places)
    made = synthetic_result(scenario, replications=2, periods=PERIODS)
    made = replace(made, item_health=np.ones_like(made.item_health), disruption_active=None)
    write_run(made, tmp_path / "run")
    for run in (made, load_result(tmp_path / "run")):
        assert isinstance(run, Result)
        names = run.network.node_ids
        figure = network_map(run)
        (axis,) = figure.axes
        assert {"disrupted at times", "arc disrupted at times"} <= legend(figure).keys()
        hit = [found for found in axis.collections if isinstance(found, PathCollection)][-1]
        assert len(np.asarray(hit.get_offsets())) == 1, "the producer; the boom would begin after the end"
        if arrows:
            assert sum(bool(patch.get_path_effects()) for patch in axis.patches) == 1
        else:
            rims = [found for found in axis.collections if isinstance(found, LineCollection)
                    and to_hex(found.get_color()[0]) == to_hex(ORANGE)]  # fmt: skip
            assert [len(found.get_segments()) for found in rims] == [1]
        heat = FIGURES["stock_heatmap"](run)
        marks = {to_hex(line.get_color()): list(line.get_ydata()) for line in panels(heat)[0].lines}
        rows = {VERMILION: names.index("producer_1"), ORANGE: names.index("retailer_1")}
        assert marks == {to_hex(colour): [row - 0.5, row + 0.5] for colour, row in rows.items()}


def test_flows_that_changed_stand_out_in_a_large_network() -> None:
    scenario = layered_scenario((20,) * 5, disruptions=OUTAGE)
    result = synthetic_result(scenario, replications=2, periods=20)
    usual = result.arc_shipped / np.resize([1.0, 0.9, 1.1], len(result.arc_shipped))
    axis = network_map(replace(result, twin_arc_shipped=usual)).axes[0]
    drawn = [found for found in axis.collections if isinstance(found, LineCollection)]
    same, *changed = sorted(drawn, key=lambda found: found.get_zorder())
    assert [to_hex(found.get_color()[0]) for found in changed] == [to_hex(VERMILION), to_hex(BLUE)]
    assert all(found.get_alpha() > np.max(same.get_alpha()) for found in changed)
    assert np.ptp(same.get_alpha()) > 0.0
    assert (np.diff(same.get_alpha()[np.argsort(same.get_linewidth())]) >= 0.0).all(), "the larger, the darker"
    large = [found for found in axis.collections if isinstance(found, PathCollection)]
    small = [found for found in network_map(run_of()).axes[0].collections if isinstance(found, PathCollection)]
    assert max(found.get_sizes().max() for found in large) < max(found.get_sizes().max() for found in small)


def test_stock_heatmap_marks_disrupted_rows_outside_its_left_edge() -> None:
    run = run_of()
    figure = FIGURES["stock_heatmap"](run)
    (axis,) = panels(figure)
    row = run.network.node_ids.index("refinery_3")
    (mark,) = axis.lines
    assert mark.get_transform() == axis.get_yaxis_transform()
    across = mark.get_xdata()
    assert across[0] == across[1] < 0.0
    assert list(mark.get_ydata()) == [row - 0.5, row + 0.5]
    # Out in periods 8 to 13, then back by a quarter a period: at most half until period 16.
    (frame,) = axis.patches
    assert (frame.get_x(), frame.get_width(), frame.get_y(), frame.get_height()) == (7.5, 9.0, row - 0.5, 1.0)
    assert axis.get_xlim() == (-0.5, PERIODS - 0.5)
    assert axis.get_ylim() == (len(run.network.node_ids) - 0.5, -0.5)
    assert axis.images[0].get_clim() == (-1.0, 1.0)
    assert figure.axes[-1].get_ylabel() == "change of stock, share of the undisrupted mean"


def test_the_colour_bar_of_the_heat_map_ends_in_a_point_where_stock_more_than_doubles() -> None:
    for factor, extend in ((1.0, "neither"), (5.0, "max")):
        result = result_of()
        run = replace(result, item_stock=factor * result.item_stock)
        figure = FIGURES["stock_heatmap"](run)
        bar = panels(figure)[0].images[0].colorbar
        assert bar.extend == extend
        figure.draw_without_rendering()
        assert all(label.endswith(" %") for label in ticks(bar.ax))


def test_one_vast_store_does_not_darken_the_other_rows_of_the_heat_map() -> None:
    result = synthetic_result(layered_scenario(disruptions=[]), replications=2, periods=PERIODS)
    vast = result.item_stock.copy()
    vast[:, -1] = 1e5
    for stock, shares in ((result.item_stock, False), (vast, True)):
        figure = FIGURES["stock_heatmap"](replace(result, item_stock=stock))
        image = panels(figure)[0].images[0]
        rows = np.asarray(image.get_array())
        np.testing.assert_allclose(rows, (stock / stock.max(axis=0) if shares else stock).T)
        assert figure.axes[-1].get_ylabel() == ("stock, share of the item's largest" if shares else "stock [t]")
        assert image.get_clim()[1] == (1.0 if shares else pytest.approx(np.percentile(stock, 99)))


def test_neighbours_that_are_out_together_share_a_frame() -> None:
    dates = [{"start": 3, "duration": 4}, {"start": 20, "duration": 5}]
    both = [{"name": "strike", "nodes": ["refinery_1", "refinery_2"], "dates": dates}]
    run = synthetic_result(layered_scenario(disruptions=both), replications=2, periods=PERIODS)
    figure = FIGURES["stock_heatmap"](run)
    (axis,) = panels(figure)
    first = run.network.node_ids.index("refinery_1")
    frames = [(frame.get_x(), frame.get_width(), frame.get_y(), frame.get_height()) for frame in axis.patches]
    assert frames == [(2.5, 4.0, first - 0.5, 2.0), (19.5, 5.0, first - 0.5, 2.0)]
    assert [list(mark.get_ydata()) for mark in axis.lines] == [[first - 0.5, first + 1.5]]
    handle = legend(figure)["mean health at most 50 %"]
    assert not any(frame.get_fill() for frame in (*axis.patches, handle))


def test_nodes_that_are_out_alike_share_a_frame_in_a_large_heat_map() -> None:
    """Every other node is out with its neighbour but one: a frame for each would be a black area."""
    odd, even = ([f"refinery_{k}" for k in range(first, 30, 2)] for first in (1, 2))
    dates = [{"start": 3, "duration": 4}], [{"start": 9, "duration": 2}]
    strikes = [{"name": f"strike_{k}", "nodes": who, "dates": when} for k, (who, when) in
               enumerate(zip((odd, even), dates, strict=True))]  # fmt: skip
    run = synthetic_result(layered_scenario((20, 20, 30), disruptions=strikes), replications=2, periods=20)
    (axis,) = panels(FIGURES["stock_heatmap"](run))
    frames = [(frame.get_x(), frame.get_width(), frame.get_y(), frame.get_height()) for frame in axis.patches]
    assert frames == [(2.5, 4.0, 39.5, float(len(odd))), (8.5, 2.0, 39.5 + len(odd), float(len(even)))]


def test_rows_of_a_large_heat_map_are_named_by_layer_disrupted_ones_first() -> None:
    scenario = layered_scenario((20, 20, 30), disruptions=OUTAGE)
    run = synthetic_result(scenario, replications=2, periods=20)
    (axis,) = panels(FIGURES["stock_heatmap"](run))
    assert ticks(axis) == ["retailer (20)", "terminal (20)", "refinery (30)"]
    assert list(axis.get_yticks()) == [9.5, 29.5, 54.5]
    mark, *edges = axis.lines
    assert [line.get_ydata()[0] for line in edges] == [19.5, 39.5]
    assert list(mark.get_ydata()) == [39.5, 40.5], "refinery_3 leads its layer"
