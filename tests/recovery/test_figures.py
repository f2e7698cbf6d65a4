"""Figures of cascades and recovery: what they show, on a small network and on the reference instance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

import esc_sim as esc
from esc_sim.cascade.cascade import Cascade
from esc_sim.cascade.graph import CascadeNetwork
from esc_sim.cascade.settings import CascadeSettings
from esc_sim.network.model import network_of
from esc_sim.network.scale_free import role_typed_scale_free
from esc_sim.recovery import drawing, maps
from esc_sim.recovery.search import choose_removed, compare, recover
from esc_sim.recovery.strategies import STRATEGY_WORDS
from esc_sim.results.promise import promise_title
from esc_sim.views.stock_heatmap import _role_ranks
from esc_sim.views.style import save
from tests.recovery import cases


@pytest.fixture(scope="module")
def small() -> Cascade:
    counts = {"retailer": 18, "supplier": 11, "manufacturer": 3, "wholesaler": 5}
    roles, arcs = role_typed_scale_free(counts, m=3, seed=3)
    return Cascade(CascadeNetwork.from_arrays(roles, arcs[:, 0], arcs[:, 1]), CascadeSettings(beta=0.7))


def texts(figure: Figure) -> str:
    found = [text.get_text() for axis in figure.axes for text in [*axis.texts, axis.title, axis.xaxis.label]]
    titles = [axis.get_title(loc="left") for axis in figure.axes]
    legends = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    ticks = [label.get_text() for axis in figure.axes for label in axis.get_yticklabels()]
    suptitle = figure._suptitle.get_text() if figure._suptitle else ""  # type: ignore[attr-defined]
    return "\n".join([*found, *titles, *legends, *ticks, suptitle])


def test_map_counts_every_node_once(small: Cascade, tmp_path: Path) -> None:
    removed = choose_removed(small, 8, "random", 3)
    plan = recover(small, removed, 3.0)
    result = small.run(removed, plan.restored)
    figure = maps.recovery_map(small.network, result, plan.restored)
    shown = texts(figure)
    assert f"RN {result.rn} of 37 nodes" in shown
    numbers = [int(line.rsplit(": ", 1)[1]) for line in shown.splitlines() if ": " in line and line[-1].isdigit()]
    assert numbers[-1] != 0
    assert sum(n for n in numbers if n <= 37) == 37
    for role in ("suppliers (11)", "manufacturers (3)", "wholesalers (5)", "retailers (18)"):
        assert role in shown
    assert save(figure, tmp_path / "map.png").stat().st_size > 10_000


def test_rounds_show_every_round_of_a_short_cascade(small: Cascade) -> None:
    removed = choose_removed(small, 8, "random", 3)
    result = small.run(removed, history=True)
    assert 0 < result.rounds < maps.PANELS
    figure = maps.cascade_rounds(small.network, result)
    titles = [axis.get_title(loc="left") for axis in figure.axes if axis.get_title(loc="left")]
    assert titles[0] == "start: 8 down"
    down = 37 - int(result.alive.sum())
    assert titles[-1] == f"round {result.rounds}: {down} down"
    assert len(titles) == result.rounds + 1
    panel = {text.get_text() for text in figure.axes[0].texts}
    assert panel == {"suppliers", "manufacturers", "wholesalers", "retailers"}


def test_rounds_of_a_long_cascade_are_chosen(tmp_path: Path) -> None:
    cascade = cases.reference()
    result = cascade.run(cases.removed_120(), history=True)
    assert result.rounds == 14
    figure = maps.cascade_rounds(cascade.network, result)
    titles = [axis.get_title(loc="left") for axis in figure.axes]
    assert len(titles) == maps.PANELS
    assert titles[0].startswith("start: 120")
    assert titles[-1].startswith("round 14")
    save(figure, tmp_path / "rounds.png")


def test_strategies_and_convergence(small: Cascade, tmp_path: Path) -> None:
    removed = choose_removed(small, 12, "degree")
    results = compare(small, removed, 6.0, evaluations=80)
    bars = drawing.strategy_bars(results, "synthetic")
    shown = texts(bars)
    for result in results:
        assert STRATEGY_WORDS[result.strategy] in shown
        assert f"{result.expected:.1f}  ({len(result.restored)} restored)" in shown
    lines = drawing.convergence(results[:3])
    axis = lines.axes[0]
    assert len(axis.lines) == 3
    for line, result in zip(axis.lines, results[:3], strict=True):
        assert np.asarray(line.get_ydata())[-1] == result.rn
    low, high = axis.get_ylim()
    assert 0 < low < min(result.rn for result in results[:3])
    assert high > max(result.rn for result in results[:3])
    save(bars, tmp_path / "bars.png")
    save(lines, tmp_path / "lines.png")


def test_the_map_counts_nodes_as_they_ended_and_the_marks_of_its_legend_are_to_scale() -> None:
    """Suppliers of two customers each: two lose a customer, and so half of their load, and fail in round 1."""
    roles = [*["supplier"] * 3, *["retailer"] * 6]
    network = CascadeNetwork.from_arrays(roles, [0, 0, 1, 1, 2, 2], [3, 4, 5, 6, 7, 8])
    result = Cascade(network, CascadeSettings(beta=0.7, link_probability=0.0)).run([3, 5, 6], [6])
    assert result.failed_round.tolist() == [1, 1, -1, 0, -1, 0, -1, -1, -1]
    figure = maps.recovery_map(network, result, [6])
    (legend,) = figure.legends
    expected = {
        "normal: 3", "affected, still running: 1", "failed in the cascade: 2", "removed, not restored: 2",
        "restored, still running: 1",
    }  # fmt: skip
    assert {text.get_text() for text in legend.get_texts()} == expected | {"edge: largest functional part (3)"}
    drawn = [part for part in figure.axes[0].collections if isinstance(part, PathCollection)]
    areas = sorted(float(part.get_sizes()[0]) for part in drawn)
    marks = sorted(mark.get_markersize() ** 2 for mark in legend.get_lines())
    assert len(areas) == len(expected)
    assert [area / areas[0] for area in areas] == pytest.approx([mark / marks[0] for mark in marks])


def test_the_functional_part_is_what_rn_counts_and_new_links_are_drawn(small: Cascade) -> None:
    drawn = 0
    for seed in range(6):
        result = small.run(choose_removed(small, 8, "random", seed), seed=seed)
        assert maps.functional_part(small.network, result).sum() == result.rn
        kept = {tuple(sorted(link)) for link in result.links.tolist() if result.alive[link].all()}
        shown = texts(maps.recovery_map(small.network, result, []))
        assert (f"new links ({len(kept)})" in shown) == bool(kept)
        drawn += len(kept)
    assert drawn


def test_axes_of_a_small_convergence_are_whole_and_within_bounds() -> None:
    network = CascadeNetwork.from_arrays(["supplier", "retailer"], [0], [1])
    axis = drawing.convergence([recover(Cascade(network), [0], 0.0, "none")]).axes[0]
    assert axis.get_ylim()[0] > -0.1
    assert all(float(tick).is_integer() for tick in [*axis.get_xticks(), *axis.get_yticks()])


def test_a_plan_without_a_promise_has_none_in_its_title() -> None:
    without, promised = {"promised_at_most": None}, {"promised_at_most": 1}
    assert promise_title({"rn": without}) == "Figures of the plan, simulated"
    assert promise_title({"rn": without, "cost": promised}) == "Promised and simulated"


def test_stock_of_networks_without_layers_stands_by_role() -> None:
    network = network_of(esc.load_scenario("scenarios/cascade_37"))
    ranks = dict(zip(network.roles, _role_ranks(network), strict=True))
    assert ranks == {"retailer": 0, "wholesaler": 1, "manufacturer": 2, "supplier": 3}
    assert set(_role_ranks(network_of(esc.load_scenario("scenarios/quickstart")))) == {0}
