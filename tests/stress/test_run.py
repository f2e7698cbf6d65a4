"""Whole stress tests: the ranking and its columns, any number of workers, interruptions, refusals, files."""

from __future__ import annotations

import csv
import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection

import esc_sim
from esc_sim.cli import main
from esc_sim.errors import InputError
from esc_sim.results.columns import ITEM_COLUMNS
from esc_sim.results.run import column
from esc_sim.simulation import simulate
from esc_sim.storage.manifest import check_file, read_manifest
from esc_sim.storage.names import checkpoint_beside
from esc_sim.stress.drawing import exposure, figures_of
from esc_sim.stress.ranking import COLUMNS
from esc_sim.stress.run import StressTest, stress
from esc_sim.stress.starts import start_dates, starts_from
from esc_sim.stress.stored import stored_stress
from esc_sim.stress.stressors import Stressor, pairs_of
from esc_sim.stress.tasks import Task, is_of
from esc_sim.stress.writing import summary
from esc_sim.written import percent
from tests.helpers.command import check_refused, contents, interrupted_after
from tests.helpers.runs import SCENARIOS
from tests.stress.line import START, line

QUICKSTART = SCENARIOS / "quickstart"
SHORT: dict[str, Any] = {
    "duration": 10,
    "engine": "agents",
    "overrides": ["run.periods=80"],
    "replications": 2,
    "starts": 2,
    "worst": 2,
}
ONE_SHOP = ["run.periods=80", "nodes=[{id: a, role: shop, demand: {mean: 1, price: 2}}]", "arcs=[]", "disruptions=[]"]
WORDS = ["stress", str(QUICKSTART), "--duration", "10", "--set", "run.periods=80", "--replications", "2"]


@cache
def finished() -> StressTest:
    return stress(QUICKSTART, what=("nodes", "arcs", "roles", "pairs"), **SHORT)


def row_of(test: StressTest, name: str, kind: str) -> pd.Series:
    found = test.table[(test.table["stressor"] == name) & (test.table["kind"] == kind)]
    assert len(found) == 1
    return found.iloc[0]


def test_columns_and_order() -> None:
    table = finished().table
    assert tuple(table.columns) == COLUMNS
    assert (np.diff(table["impact"]) <= 0.0).all()
    assert table["exposure_index"].iloc[0] == 1.0
    assert table["kind"].value_counts().to_dict() == {"node": 5, "arc": 4, "role": 3, "pair": 1}
    assert table[table["kind"] == "arc"]["lp_loss"].isna().all()
    assert table[table["kind"] == "node"]["lp_loss"].notna().all()
    assert table["timed_loss"].isna().all()
    assert (table["impact_cvar"] >= table["impact"] - 1e-9).all()


def test_the_far_factory_does_nothing_before_the_strike() -> None:
    test = stress(QUICKSTART, only=["factory_far"], **SHORT | {"starts": [20]})
    row = row_of(test, "factory_far", "node")
    assert row["impact"] == 0.0
    assert row["time_to_survive"] == math.inf
    assert row["time_to_recover"] == 0.0
    assert np.isnan(row["exposure_index"])
    assert "no outage has a positive impact" in test.notices[-1]


def test_impact_is_the_paired_difference_of_two_runs() -> None:
    test = stress(QUICKSTART, only=["shop_south"], knowledge=(), **SHORT | {"starts": [30]})
    change = json.loads(json.dumps(_replays(test)))[0]
    assert change["start"] == 30
    options: dict[str, Any] = {"replications": 2, "engine": "agents", "trace": True}
    base = SHORT["overrides"]
    out, twin = (simulate(QUICKSTART, overrides=o, **options) for o in ([*base, change["set"]], base))
    gone = (column(twin.values, "profit") - column(out.values, "profit"))[:, 30:].sum(axis=1)
    held = [
        run.traces.items[:, -1, :, [ITEM_COLUMNS.index("stock"), ITEM_COLUMNS.index("in_transit")]].sum(axis=0)
        for run in (twin, out)
        if run.traces is not None
    ]
    # What each has left is worth what it has cost the network: 2 and 3 to the shops, 4 to the warehouse.
    costs = np.array([6.0, 7.0, 4.0, 0.0, 0.0])
    row = row_of(test, "shop_south", "node")
    assert test.plan.twin.costs.tolist() == costs.tolist()
    assert row["impact"] == pytest.approx((gone + (held[0] - held[1]) @ costs).mean(), rel=1e-12)
    lost = (column(out.values, "lost_demand") - column(twin.values, "lost_demand")).sum(axis=1)
    assert row["lost_demand"] == pytest.approx(lost.mean(), rel=1e-12)


def _replays(test: StressTest) -> list[dict[str, Any]]:
    from esc_sim.stress.writing import replays

    return replays(test)


def test_more_stressors_starts_and_replications_move_no_other_value() -> None:
    few = stress(QUICKSTART, only=["warehouse"], **SHORT | {"starts": [20, 40]})
    more = stress(QUICKSTART, **SHORT | {"starts": [20, 40, 60], "replications": 3})
    one, other = (test.rows[("node", "warehouse"), "scenario"] for test in (few, more))
    for name in ("impact", "lost", "survive", "recover"):
        assert one[name] == [values[:2] for values in other[name][:2]]


def test_engines_workers_and_early_stops_change_no_number() -> None:
    slow = stress(QUICKSTART, **SHORT)
    for changes in ({"workers": 1}, {"workers": 3}, {"whole": True}):
        quick = stress(QUICKSTART, **SHORT | {"engine": "compiled"} | changes)
        pd.testing.assert_frame_equal(slow.table, quick.table, check_exact=True)
        pd.testing.assert_frame_equal(slow.knowledge, quick.knowledge, check_exact=True)
        assert slow.lost == quick.lost
    assert "of the runs met their twin again" not in " ".join((*slow.notices, *quick.notices))
    met = stress(QUICKSTART, **SHORT | {"engine": "compiled"})
    times = [time for row in met.rows.values() for at_start in row["met"] for time in at_start]
    assert met.share_met == sum(time is not None for time in times) / len(times) > 0.0
    assert (
        f"{percent(met.share_met, digits=3)} of the runs met their twin again, and were ended there" in met.notices[-1]
    )
    assert (summary(met)["share_met_twin"], summary(slow)["share_met_twin"]) == (met.share_met, None)


def test_processes_and_interruptions_change_no_number(tmp_path: Path) -> None:
    options = {**SHORT, "what": ("nodes", "pairs")}
    whole = stress(QUICKSTART, out=tmp_path / "whole", **options)
    for stop in (1, 16):  # among the sites, among their pairs
        out = tmp_path / f"after {stop}"
        with pytest.raises(KeyboardInterrupt):
            stress(QUICKSTART, out=out, progress=interrupted_after(stop), **options)
        with pytest.raises(InputError, match="an unfinished stress test is there"):
            stress(QUICKSTART, out=out, **options)
        with pytest.raises(InputError, match="checkpoint of another stress test"):
            stress(QUICKSTART, out=out, resume=True, **options | {"duration": 11})
        again = stress(QUICKSTART, out=out, resume=True, **options)
        pd.testing.assert_frame_equal(whole.table, again.table, check_exact=True)
        assert not checkpoint_beside(out).exists()
        first, second = contents(tmp_path / "whole"), contents(out)
        assert first.keys() == second.keys()
        tables = [name for name in first if name.endswith((".csv", "replay.json", "summary.json"))]
        assert all(first[name] == second[name] for name in tables)


def test_what_is_written(tmp_path: Path) -> None:
    stress(QUICKSTART, out=tmp_path / "out", command="esc-sim stress", **SHORT)
    manifest = read_manifest(tmp_path / "out")
    assert manifest is not None
    assert manifest["format"] == "esc_sim stress"
    for name in manifest["hashes"]:
        check_file(tmp_path / "out" / name, tmp_path / "out")
    with (tmp_path / "out" / "ranking.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 9
    assert {row["lp_time_to_survive_without_outage"] for row in rows} == {"inf", ""}
    with (tmp_path / "out" / "lost_demand.csv").open(encoding="utf-8") as stream:
        lost = list(csv.DictReader(stream))
    ranked = {row["stressor"]: float(row["lost_demand"]) for row in rows}
    for name, total in ranked.items():
        mine = sum(float(row["lost_demand"]) for row in lost if row["stressor"] == name)
        assert mine == pytest.approx(total, abs=1e-9)
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["worst"][0]["least_time_to_survive"] <= float(rows[0]["time_to_survive"])
    assert {path.name for path in (tmp_path / "out").glob("*.png")} == {
        "curves.png", "exposure.png", "map.png", "spend.png", "times.png"
    }  # fmt: skip


def test_line_in_the_ranking() -> None:
    rules = {"known_after": 0.0}
    test = stress(line(rules), duration=6, only=["factory"], starts=[40], engine="agents")
    row = row_of(test, "factory", "node")
    assert (row["impact"], row["lost_demand"], row["time_to_survive"]) == (38 * 4.25, 38.0, 7.0)
    assert row["known_after"] == 0.0
    assert row["spend"] == 10 * 2 * 120  # of the run: nobody says how long a period is
    # What the factory has in stock may leave, as the aggregate program is printed: nothing is lost.
    assert row["lp_loss"] == 0.0
    assert row["lp_loss_without_outage"] == 0.0


def test_undisturbed_needs_no_figure_of_times() -> None:
    test = stress(QUICKSTART, only=["factory_far"], **SHORT | {"starts": [20]})
    assert set(figures_of(stored_stress(test))) == {"exposure"}
    assert set(figures_of(stored_stress(finished()))) == {"exposure", "map", "spend", "times", "curves"}


def test_start_dates() -> None:
    assert start_dates(4, 0, 100, 20) == (10, 30, 50, 70)
    assert start_dates(1, 20, 120, 10) == (65,)
    assert start_dates(81, 0, 100, 20) == tuple(range(81))
    assert start_dates([40, 20, 40], 20, 100, 60) == (20, 40)
    assert (starts_from("8"), starts_from("30,120"), starts_from("30,")) == (8, (30, 120), (30,))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"duration": 81}, "--duration 81: the run has 80 periods, 0 of them warm-up"),
        ({"duration": math.inf}, "--duration inf: the run has 80 periods"),
        ({"duration": math.nan}, "--duration nan: an outage lasts more than 0 periods"),
        ({"what": ["pairs"], "worst": 1}, "--what pairs: two sites make a pair"),
        ({"what": ["nodes", "pairs"], "only": ["warehouse"]}, "--what pairs: two sites make a pair"),
        ({"what": ["pairs"], "only": ["warehouse"]}, "--what pairs: two sites make a pair"),
        ({"what": ["pairs"], "only": ["warehous"]}, "did you mean 'warehouse'?"),
        ({"duration": 0}, "--duration 0: an outage lasts more than 0 periods"),
        ({"only": ["warehous"]}, "--only warehous: nothing of that name is put out; did you mean 'warehouse'?"),
        ({"what": []}, "nothing is put out: there are no kinds named; name others with --what"),
        (
            {"what": ["arcs"], "overrides": ONE_SHOP},
            "nothing is put out: there are no arcs; name others with --what",
        ),
        ({"what": ["nodes", "ports"]}, "--what ports: take one of nodes, arcs"),
        ({"starts": 72}, "--starts 72: between 1 and 71 dates fit into the run"),
        ({"starts": [71]}, "--starts: 71 is not between 0 (warm-up) and 70"),
        ({"health": 1.0}, "health: 1 is no share of capacity that is left in an outage"),
        ({"stops": ["sleep"]}, "stops: name some of ship, receive, produce, retail, order, not 'sleep'"),
        ({"replications": 0}, "replications: 0 cannot work"),
        ({"knowledge": ["soon"]}, "knowledge: there is no 'soon'"),
        ({"engine": "steam"}, "engine: there is no 'steam'"),
    ],
)
def test_refusals(changes: dict[str, Any], expected: str) -> None:
    with pytest.raises(InputError) as refused:
        stress(QUICKSTART, **SHORT | changes)
    assert expected in str(refused.value)


def test_pairs_alone_can_be_of_named_sites() -> None:
    test = stress(
        line(), duration=3, what=["pairs"], only=["shop", "depot"], starts=[40], engine="agents", knowledge=()
    )
    assert set(test.table["kind"]) == {"node", "pair"}
    assert set(test.table["stressor"]) == {"depot", "shop", *test.table["stressor"][test.table["kind"] == "pair"]}
    assert len(test.table) == 3


def test_refusals_of_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    check_refused(
        [*WORDS, "--duration", "100", "--out", "out"], "an outage must fit into what is left", tmp_path, capsys
    )
    check_refused([*WORDS, "--only", "mars", "--out", "out"], "--only mars: nothing of that name", tmp_path, capsys)
    check_refused([*WORDS, "--starts", "soon"], "--starts soon: write a number of dates", tmp_path, capsys)
    check_refused([*WORDS, "--resume"], "--resume: name the folder", tmp_path, capsys)


def test_the_package_can_be_called() -> None:
    test = esc_sim.stress(line(), duration=3, only=["depot/factory"], starts=[40], engine="agents")
    assert test.table["kind"].tolist() == ["arc"]


def test_rows_kept_are_those_of_their_part() -> None:
    task = Task(Stressor("depot", "node", (1,)), "scenario")
    row: dict[str, object] = {"stressor": "depot", "kind": "node", "known": "scenario"}
    assert is_of(row, task)
    assert not any(is_of(row | other, task) for other in ({"stressor": "shop"}, {"kind": "arc"}, {"known": "never"}))


def test_curves_begin_before_the_outage_or_with_the_run() -> None:
    at_once = line(run={"periods": 40, "replications": 1, "seed": 1})
    for start, missing in ((5, 0), (3, 2)):
        found = stress(at_once, duration=3, starts=[start], engine="agents", worst=1, knowledge=())
        (curve,) = found.curves.values()
        assert np.isnan(curve[:5]).tolist() == [True] * missing + [False] * (5 - missing)


def test_bars_reach_from_end_to_end_of_the_interval() -> None:
    test = finished()
    (bars,) = (c for c in exposure(stored_stress(test)).axes[0].collections if isinstance(c, LineCollection))
    ends = np.array([segment[:, 0] for segment in bars.get_segments()])
    table = test.table.head(len(ends))
    known = table["impact_low"].notna().to_numpy()
    assert known.any()
    assert ends[known] == pytest.approx(table.loc[known, ["impact_low", "impact_high"]].to_numpy())


def test_what_is_printed_says_where_there_is_no_number(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "line.yaml"
    path.write_text(json.dumps(line().model_dump(mode="json", by_alias=True, exclude_unset=True)))
    words = ["--duration", "4", "--starts", f"{START},", "--only", "depot", "--only", "shop/depot"]
    assert main(["stress", str(path), *words]) == 0
    rows = [row.split() for row in capsys.readouterr().out.splitlines()]
    found = {name: cells for name, *cells in filter(None, rows) if name in ("depot", "shop/depot")}
    # One replication has no interval; the aggregate program knows no arcs, and finds 17 + 5 in stock for 40 asked.
    assert {name: (cells[1], cells[-1]) for name, cells in found.items()} == {
        "depot": ("-", "76.5"),
        "shop/depot": ("-", "-"),
    }


def test_long_titles_take_two_lines_and_are_cut_where_these_end() -> None:
    test = stress(line(title="A network " * 30), duration=3, starts=[START], engine="agents", worst=1, knowledge=())
    figures = [draw() for draw in figures_of(stored_stress(test)).values()]
    assert figures
    for figure in figures:
        first, second = figure.get_suptitle().strip().splitlines()
        assert all(55 < len(line) <= 76 for line in (first, second))
        assert second.endswith("...")
        figure.draw_without_rendering()
        assert figure._suptitle.get_window_extent().x1 <= figure.bbox.x1  # type: ignore[attr-defined]


def test_pairs_are_of_different_outages() -> None:
    pairs = finished().table.loc[lambda table: table["kind"] == "pair", "stressor"]
    assert pairs.tolist() == ["warehouse + shop"]  # the role of the one warehouse is the warehouse
    node, region, other = (Stressor(name, "x", nodes) for name, nodes in (("a", (0,)), ("r", (0, 1)), ("s", (1, 2))))
    assert [pair.name for pair in pairs_of([node, region, other])] == ["a + s", "r + s"]


def levels(at_shop: float, at_depot: float) -> Any:
    """A plan of two levels."""
    from esc_sim.plans.decisions import DecisionsPlan

    orders = [{"node": node, "parameter": "order_up_to", "value": value}
              for node, value in (("shop", at_shop), ("depot", at_depot))]  # fmt: skip
    return DecisionsPlan.model_validate({"version": 1, "kind": "decisions", "name": "levels", "orders": orders})


def test_a_plan_gives_the_numbers_of_a_scenario_with_its_values_written_in(tmp_path: Path) -> None:
    short: dict[str, Any] = {"duration": 5, "starts": [40], "what": ("nodes",), "replications": 2, "worst": 2}
    written = [f"nodes.{node}.order.order_up_to={level}" for node, level in (("shop", 75), ("depot", 64))]
    folder, scenario = tmp_path / "plan", SCENARIOS / "stock_levels"
    base = ["run.periods=90"]
    planned = stress(scenario, overrides=base, plan=levels(75, 64), reverse="fill_rate<0.9", out=folder, **short)
    put_in = stress(scenario, overrides=[*base, *written], reverse="fill_rate<0.9", **short)
    pd.testing.assert_frame_equal(planned.table, put_in.table)
    pd.testing.assert_frame_equal(planned.knowledge, put_in.knowledge)
    assert planned.lost == put_in.lost
    assert str(planned.breaking) == str(put_in.breaking)
    assert not planned.table.equals(stress(scenario, overrides=base, **short).table)
    manifest = read_manifest(folder)
    assert manifest is not None
    assert (manifest["plan"], manifest["plan_hash"]) == ("levels", levels(75, 64).content_hash)
    # Other processes carry it out as well.
    some = short | {"only": ("depot",), "knowledge": ("scenario",)}
    agents = stress(scenario, overrides=base, plan=levels(75, 64), engine="agents", workers=2, **some)
    here = stress(scenario, overrides=base, plan=levels(75, 64), **some)
    pd.testing.assert_frame_equal(agents.table, here.table)


def test_plans_that_cannot_be_carried_out_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from esc_sim.plans.files import write_plan

    write_plan(tmp_path / "plan.yaml", levels(75, 64))
    words = ["stress", str(QUICKSTART), "--plan", str(tmp_path / "plan.yaml"), "--duration", "5"]
    assert main([*words, "--replications", "1"]) == 2
    assert "plan.yaml" in capsys.readouterr().err
    assert main([*words, "--levers"]) == 2
    assert "--plan: levers change what a plan was made for" in capsys.readouterr().err
