"""Figures: what they show against the run's numbers, and that nothing is cut off or drawn over."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Polygon, Rectangle
from matplotlib.text import Annotation

from esc_sim.cli import main
from esc_sim.errors import InputError
from esc_sim.results.promise import Promise
from esc_sim.results.run import Result, RunResult
from esc_sim.results.summary import resilience_curves
from esc_sim.results.writing import write_run
from esc_sim.views import FIGURES, figure_files, figures_of
from esc_sim.views.losses import losses_drawn
from esc_sim.views.style import data_status, provenance, save, shortened
from tests.helpers.synthetic_runs import DATED_OUTAGE, layered_scenario, observed, synthetic_result


def _with_places(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [node | {"x": 10.0 + i % 4, "y": 50.0 + i // 4} for i, node in enumerate(nodes)]


def _in_a_row(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [node | {"x": -float(node["layer"]), "y": 0.0} for node in nodes]


def _without_layers(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in node.items() if key != "layer"} for node in nodes]


def _nodes(*sizes: int) -> list[dict[str, Any]]:
    scenario = layered_scenario(sizes) if sizes else layered_scenario()
    return [node.model_dump(include={"id", "role", "layer"}) for node in scenario.nodes]


@cache
def _run(kind: str) -> Result:
    match kind:
        case "random":
            result = synthetic_result(replications=6, periods=80)
        case "dated":
            result = synthetic_result(layered_scenario(disruptions=DATED_OUTAGE), replications=6, periods=150)
        case "many":
            result = synthetic_result(replications=60, periods=100)
        case "undisrupted":
            result = synthetic_result(layered_scenario(disruptions=[]), replications=3, periods=30)
        case "short":
            result = synthetic_result(replications=1, periods=1)
        case "unrecorded":
            result = synthetic_result(replications=3, periods=60, disruption_active=None)
        case "coordinates":
            result = synthetic_result(layered_scenario(nodes=_with_places(_nodes())), replications=3, periods=30)
        case "in a row":
            line = layered_scenario((1,) * 5, disruptions=[], nodes=_in_a_row(_nodes(1, 1, 1, 1, 1)))
            result = synthetic_result(line, replications=3, periods=30)
        case "unplaced":
            result = synthetic_result(layered_scenario(nodes=_without_layers(_nodes())), replications=3, periods=30)
        case "large":
            result = synthetic_result(layered_scenario((200,) * 5), replications=2, periods=60)
        case "at rest":
            base = synthetic_result(replications=2, periods=10)
            zero = {name: np.zeros_like(getattr(base, name)) for name in
                    ("values", "twin", "arc_shipped", "twin_arc_shipped", "item_stock", "twin_item_stock")}  # fmt: skip
            result = RunResult(**(vars(base) | zero))
        case _:
            result = synthetic_result(
                layered_scenario(title="Costs in $ and $: " + "a long title " * 20, data={"note": "drawn " * 60}),
                replications=2,
                periods=20,
                plan="a plan with a long name " * 5,
            )
    if kind in ("random", "short", "long"):
        shape = (result.replications, result.values.shape[1])
        series = {name: {"warm_up": k, "settled": k == 0} for k, name in enumerate(("cost", "profit", "stock"))}
        plan = {"horizon": 4, "made": [0, 7], "promised": [4e6, 5e6], "realised": [4.2e6, 4.1e6]}
        found = {"warm_up_found": {"series": series}, "rolling_plans": {"north": plan, "south": plan}}
        result = replace(result, found=found)
        result = replace(result, promises=_promises(result.replications), **observed(*shape))
    return result


def _promises(replications: int) -> list[Promise]:
    samples = np.linspace(4e6, 5e6, replications)
    return [
        Promise("cost", "Cost of a contract period", "{money}/{period}", 4.6e6, samples),
        Promise("epf", "Cost above the budget", "share", 0.25, samples > 4.7e6),
        Promise("shortage", "Short at the end", "{goods}", None, samples * 0.0),
    ]


KINDS = [
    "random",
    "dated",
    "many",
    "undisrupted",
    "short",
    "unrecorded",
    "coordinates",
    "in a row",
    "unplaced",
    "large",
    "at rest",
    "long",
]


STILL = ("short", "at rest")
"""One period, and runs in which nothing moves: no figure over time or of a distribution says anything."""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", list(FIGURES))
def test_every_figure_of_every_run_keeps_its_texts_inside_and_apart(kind: str, name: str) -> None:
    run = _run(kind)
    shown = {
        "cost_histogram": kind not in STILL,
        "losses": bool(losses_drawn(run)),
        "resilience_curve": run.twin is not None and kind not in STILL,
        "stock_heatmap": kind not in STILL,
        "promises": "promises" in run.summary,
        "states": bool(run.observed) and kind != "short",
        "warm_up": "warm_up_found" in run.summary,
        "rolling_plans": "rolling_plans" in run.summary,
    }.get(name, True)
    assert (name in figures_of(run)) == shown
    if not shown:
        with pytest.raises(InputError, match=f"^{name}: "):
            FIGURES[name](run)
        return
    figure = FIGURES[name](run)
    figure.draw_without_rendering()
    page = figure.bbox
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    outer = [text for text in (figure._suptitle, figure._supxlabel, figure._supylabel) if text]  # type: ignore[attr-defined]
    for text in (*outer, *figure.legends):
        box = text.get_window_extent(renderer)
        assert box.x0 >= -1, text
        assert box.y0 >= -1, text
        assert box.x1 <= page.x1 + 1, text
        assert box.y1 <= page.y1 + 1, text
    for axis in figure.axes:
        inside = axis.get_window_extent(renderer)
        least = 0.2 if name == "states" else 0.4
        assert inside.width > least * page.width or inside.width < 0.1 * page.width  # a panel or a colour bar
        for legend in (*figure.legends, *(legend for part in figure.subfigs for legend in part.legends)):
            assert not legend.get_window_extent(renderer).overlaps(inside)
    footer = figure._supxlabel.get_window_extent(renderer)  # type: ignore[attr-defined]
    assert all(axis.get_tightbbox(renderer).y0 >= footer.y1 - 1 for axis in figure.axes)


def _panels(figure: Figure) -> list[Any]:
    return [axis for axis in figure.axes if axis.get_label() != "<colorbar>"]


def test_cost_histogram_shows_shares_and_the_risk_of_the_summary() -> None:
    run = _run("random")
    normal, disrupted = _panels(FIGURES["cost_histogram"](run))
    for axis, label, costs in (
        (normal, "undisrupted", run.twin_column("cost")),
        (disrupted, "disrupted", run.column("cost")),
    ):
        bars = [patch for patch in axis.patches if isinstance(patch, Rectangle)]
        assert sum(bar.get_height() for bar in bars) == pytest.approx(1.0)
        tallest = max(bars, key=lambda bar: bar.get_height())
        inside = (costs >= tallest.get_x()) & (costs < tallest.get_x() + tallest.get_width())
        assert tallest.get_height() == pytest.approx(inside.mean())
        lines = {line.get_label().split(" ")[0]: line.get_xdata()[0] for line in axis.lines}
        kpis = run.summary["kpis"][label]
        assert lines == {"VaR": kpis["var"]["mean"], "CVaR": kpis["cvar"]["mean"]}
        assert len({str(line.get_linestyle()) for line in axis.lines}) == 2


def test_cost_histogram_has_no_risk_lines_where_the_risk_is_of_totals() -> None:
    result = synthetic_result(layered_scenario(risk={"pooling": "horizon"}), replications=3, periods=20)
    assert not any(axis.lines for axis in FIGURES["cost_histogram"](result).axes)


def test_resilience_curve_of_dated_disruptions_is_the_mean_and_shades_the_spell() -> None:
    run = _run("dated")
    assert run.twin is not None
    panels = _panels(FIGURES["resilience_curve"](run))
    curves = resilience_curves(run.values, run.twin)
    assert len(panels) == len(curves) == 3
    for axis, curve in zip(panels, curves.values(), strict=True):
        mean = next(line for line in axis.lines if line.get_label() == "mean")
        np.testing.assert_allclose(mean.get_ydata(), curve.mean(axis=0))
        shaded = next(
            p for p in axis.patches if isinstance(p, Rectangle | Polygon) and p.get_label().startswith("disr")
        )
        box = shaded.get_extents().transformed(axis.transData.inverted())
        assert (round(box.x0), round(box.x1)) == (60, 95)  # 20 days out, 15 days of recovery


def test_resilience_curve_of_random_disruptions_is_aligned_at_their_start() -> None:
    axis = _panels(FIGURES["resilience_curve"](_run("random")))[1]
    mean = next(line for line in axis.lines if line.get_label() == "mean")
    shipped = dict(zip(mean.get_xdata(), mean.get_ydata(), strict=True))
    assert shipped[0] == pytest.approx(1 - 0.085)
    assert shipped[-1] == pytest.approx(1.0)


def test_network_map_draws_sizes_states_and_changes() -> None:
    run = _run("random")
    axis = FIGURES["network_map"](run).axes[0]
    whole, hit = [found for found in axis.collections if isinstance(found, PathCollection)]
    assert len(whole.get_offsets()) == 12
    assert len(hit.get_offsets()) == 1
    stock = run.node_stock.mean(axis=0)
    refinery = run.network.node_index["refinery_3"]
    shares = np.sort(np.append(whole.get_sizes(), hit.get_sizes())) / np.sort(stock)
    assert shares.max() == pytest.approx(shares[-1])
    assert hit.get_sizes()[0] == pytest.approx(max(30.0, 420.0 * stock[refinery] / stock.max()))
    assert len(whole.get_paths()[0].vertices) != len(hit.get_paths()[0].vertices)  # another shape, not only a colour
    lines = [found for found in axis.collections if isinstance(found, LineCollection)]
    assert sum(len(found.get_segments()) for found in lines) == 28
    assert run.twin_arc_shipped is not None
    less = int((run.arc_shipped < 0.95 * run.twin_arc_shipped).sum())
    assert less in [len(found.get_segments()) for found in lines]


@pytest.mark.parametrize("counts", [(1, 2, 5, 28), (3, 12, 12), (13, 2, 20)])
def test_no_name_on_the_network_map_covers_a_node_or_another_name(counts: tuple[int, ...]) -> None:
    figure = FIGURES["network_map"](synthetic_result(layered_scenario(counts), replications=2, periods=10))
    figure.draw_without_rendering()
    axis = figure.axes[0]
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    names = [text for text in axis.texts if isinstance(text, Annotation)]
    assert len(names) == sum(counts)
    boxes = [name.get_window_extent(renderer) for name in names]
    nodes = axis.transData.transform([name.xy for name in names])
    for number, box in enumerate(boxes):
        assert not any(box.contains(*node) for node in nodes), names[number].get_text()
        assert not any(box.overlaps(other) for other in boxes[:number]), names[number].get_text()


def test_network_map_of_one_period_shows_who_is_out_then() -> None:
    run = _run("dated")
    from esc_sim.views.network_map import network_map

    assert any(text.get_text() == "out" for text in network_map(run, 70).legends[0].get_texts())
    assert not any(text.get_text() == "out" for text in network_map(run, 5).legends[0].get_texts())
    with pytest.raises(InputError, match="period 150"):
        network_map(run, 150)


def test_network_map_shows_directions_where_the_layout_does_not() -> None:
    for kind in ("coordinates", "unplaced"):
        axis = FIGURES["network_map"](_run(kind)).axes[0]
        assert sum(isinstance(patch, FancyArrowPatch) for patch in axis.patches) == 28


def test_tall_columns_are_ordered_so_that_partners_are_near() -> None:
    run = _run("large")
    from esc_sim.views.layout import node_places
    from esc_sim.views.network_map import _node_flows

    ends, flow = _node_flows(run.network, run.arc_shipped)
    height = node_places(run.network, ends, flow)[:, 1]
    rank = np.tile(1 - (np.arange(200) + 0.5) / 200, 5)  # index order
    apart = np.average(np.abs(height[ends[:, 0]] - height[ends[:, 1]]), weights=flow)
    assert apart < 0.6 * np.average(np.abs(rank[ends[:, 0]] - rank[ends[:, 1]]), weights=flow)
    assert sorted(height[:200]) == pytest.approx(sorted(rank[:200]))


def test_coordinates_of_some_nodes_are_kept_and_the_others_go_among_their_partners() -> None:
    from esc_sim.views.layout import node_places
    from esc_sim.views.network_map import _node_flows

    run = _run("coordinates")
    ends, flow = _node_flows(run.network, run.arc_shipped)
    known = np.arange(run.network.node_count) % 3 != 1
    x, y = (np.where(known, 1e5 + axis, np.nan) for axis in (run.network.x, run.network.y))
    places = node_places(replace(run.network, x=x, y=y), ends, flow)
    assert (places[known] == np.column_stack([x, y])[known]).all()
    extent = np.ptp(places[known], axis=0).max()
    low, high = places[known].min(axis=0) - extent, places[known].max(axis=0) + extent
    assert ((places[~known] > low) & (places[~known] < high)).all()
    assert len(np.unique(places, axis=0)) == len(places)


def test_stock_heatmap_shows_the_change_against_the_twin() -> None:
    run = _run("dated")
    assert run.twin_item_stock is not None
    axis = _panels(FIGURES["stock_heatmap"](run))[0]
    expected = (run.item_stock - run.twin_item_stock) / run.twin_item_stock.mean(axis=0)
    np.testing.assert_allclose(axis.images[0].get_array(), expected.T)  # items are in layer order already
    frame = next(patch for patch in axis.patches if isinstance(patch, Rectangle))
    assert (frame.get_x(), frame.get_y()) == (59.5, run.network.node_index["refinery_3"] - 0.5)
    assert [label.get_text() for label in axis.get_yticklabels()] == list(run.network.node_ids)


def test_stock_heatmap_without_a_twin_shows_units() -> None:
    run = _run("undisrupted")
    figure = FIGURES["stock_heatmap"](run)
    np.testing.assert_allclose(_panels(figure)[0].images[0].get_array(), run.item_stock.T)
    assert figure.axes[-1].get_ylabel() == "stock [t]"


def test_provenance_names_the_status_of_data_unless_they_are_measured() -> None:
    known = "outages known after 1 day, 0 % of orders accepted went to closed sites"
    assert provenance(_run("random")) == (
        f"6 replications of 80 days, seed 1  |  {known}  |\nsynthetic data (drawn for tests)"
    )
    assert data_status("measured", "by the port") == ""
    assert data_status("calibrated") == "calibrated data"
    assert shortened("one two three", 100) == "one two three"
    assert shortened("one two three", 12) == "one two ..."


def test_drawing_changes_no_global_state_and_does_without_pyplot() -> None:
    before = dict(mpl.rcParams)
    FIGURES["cost_histogram"](_run("random"))
    assert dict(mpl.rcParams) == before
    code = (
        "import sys; from tests.test_views import _run; from esc_sim.views import FIGURES, figures_of; "
        "run = _run('random'); [FIGURES[name](run) for name in figures_of(run)]; "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    root = Path(__file__).parents[1]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, timeout=120)


def test_the_registry_is_light() -> None:
    code = (
        "import sys; import esc_sim.views as v; list(v.FIGURES); "
        "assert not {'matplotlib', 'numpy', 'pyarrow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1], timeout=60)
    with pytest.raises(KeyError):
        FIGURES["style"]


@pytest.mark.parametrize("ending", ["png", "pdf", "svg"])
def test_equal_figures_are_equal_files(tmp_path: Path, ending: str) -> None:
    run = _run("random")
    files = [save(FIGURES["cost_histogram"](run), tmp_path / f"{name}.{ending}") for name in "ab"]
    assert files[0].read_bytes() == files[1].read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"a.{ending}", f"b.{ending}"]


def test_drawing_all_leaves_out_what_the_run_does_not_have(tmp_path: Path) -> None:
    drawn = _run("undisrupted").draw(tmp_path / "new", ("svg",))
    assert len(drawn) == 3
    assert {path.name for path in drawn} == {path.name for path in (tmp_path / "new").iterdir()} <= figure_files()


def test_plot_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_run(synthetic_result(replications=2, periods=20), tmp_path / "run")
    assert (
        main(["plot", str(tmp_path / "run"), "--figure", "cost_histogram", "--format", "svg", "--format", "pdf"]) == 0
    )
    assert capsys.readouterr().out.count("wrote ") == 2
    assert main(["plot", str(tmp_path / "run"), "--out", str(tmp_path / "pictures")]) == 0
    # A run without a plan has no promises to show, no warm-up was sought, and two replications have no distribution.
    left_out = ("promises", "states", "losses", "warm_up", "rolling_plans")
    drawn = {f"{name}.png" for name in FIGURES if name not in left_out}
    assert {path.name for path in (tmp_path / "pictures").iterdir()} == drawn


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["missing"], "is no folder"),
        (["run", "--figure", "cost_histgram"], "did you mean 'cost_histogram'?"),
        (["run", "--figure", "zzz"], "take one of cost_histogram"),
        (["run", "--format", "gif"], "unknown format 'gif'"),
        (["run", "--out", "run/summary.json/x"], "cannot be written"),
        (["quiet", "--figure", "resilience_curve"], "nothing to recover from"),
    ],
)
def test_plot_refuses_with_one_message_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_run(synthetic_result(replications=2, periods=20), tmp_path / "run")
    write_run(synthetic_result(layered_scenario(disruptions=[]), replications=2, periods=5), tmp_path / "quiet")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert main(["plot", *words]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
