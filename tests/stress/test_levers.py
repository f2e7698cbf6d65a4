"""Levers against outages: worked out by hand, replayed, the same on both engines, interrupted, refused."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from esc_sim.errors import InputError
from esc_sim.results.columns import ITEM_COLUMNS
from esc_sim.results.run import RunResult, column
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.writing import write_scenario
from esc_sim.simulation import simulate
from esc_sim.storage.manifest import read_manifest
from esc_sim.stress.drawing import figures_of
from esc_sim.stress.lever_drawing import best_by_budget
from esc_sim.stress.lever_study import COLUMNS, LeverStudy
from esc_sim.stress.run import StressTest, stress
from esc_sim.stress.stored import stored_stress
from esc_sim.views.report.stress import stress_report
from tests.helpers.command import check_refused, contents, interrupted_after
from tests.helpers.runs import SCENARIOS
from tests.stress.line import line

MARGIN = 4.25
"""Of a unit of the line: sold for 5, 0.75 paid for its way."""
PLAYED: dict[str, Any] = {"duration": 6, "only": ["factory"], "starts": [40], "engine": "agents", "knowledge": ()}
DEPOT = "{name: depot, kind: stock, node: depot, periods: 2, yearly_cost: 10}"
SHOP = "{name: shop, kind: stock, node: shop, units: 10, yearly_cost: 6}"
QUICK = "{name: quick, kind: recovery, node: factory, periods: 3, yearly_cost: 40}"
MOVED = "{name: moved, kind: move_stock, from: depot, to: shop, units: 5, yearly_cost: 1}"


def at_once(**changes: Any) -> Scenario:
    """The line, outages known at once."""
    return line({"known_after": 0.0}, **changes)


def with_spare(**arc: Any) -> Scenario:
    """The line with a second factory, from which the depot could buy for 0.25 a unit more."""
    data = at_once().model_dump(by_alias=True)
    spare = {"id": "spare", "layer": 3, "initial_stock": 100000, "target_stock": 100000, "production": {"mean": 100000}}
    option = {"buyer": "depot", "supplier": "spare", "price": 2, "other_cost": 0.75, "lead_time": 2, "option": True}
    # First among the arcs, so that taking it gives every other arc another number.
    data |= {"nodes": [*data["nodes"], spare], "arcs": [option | {"yearly_cost": 30} | arc, *data["arcs"]]}
    return Scenario.model_validate(data)


def levers_in(folder: Path, *levers: str) -> Path:
    file = folder / "levers.yaml"
    file.write_text("levers:\n" + "".join(f"  - {lever}\n" for lever in levers), encoding="utf-8")
    return file


def tried(scenario: Scenario, folder: Path, *levers: str, **options: Any) -> LeverStudy:
    found = stress(scenario, levers=levers_in(folder, *levers), **PLAYED | options).levers
    assert found is not None
    return found


def left(study: LeverStudy) -> dict[str, float]:
    """Units of the line's final demand that are still lost with each lever, by what that costs."""
    table = study.table()
    return {lever: after / MARGIN for lever, after in zip(table["lever"], table["impact_after"], strict=True)}


def test_stock_takes_away_the_loss_that_it_should(tmp_path: Path) -> None:
    study = tried(at_once(), tmp_path, DEPOT, SHOP, QUICK, MOVED, budget=16)
    # 60 units go missing; 22 on hand, and what a lever adds, fill the hole. Moving stock along the line adds none.
    assert left(study) == {"depot": 18.0, "shop": 28.0, "quick": 8.0, "moved": 38.0}
    assert study.names == ("depot", "shop")
    assert (study.joint_effect, study.sum_of_single_effects) == (30 * MARGIN, 30 * MARGIN)
    assert study.effect.texts == [
        "nodes.depot.initial_stock=45.0", "nodes.depot.order.order_up_to=45.0",
        "nodes.shop.initial_stock=57.0", "nodes.shop.order.order_up_to=57.0",
    ]  # fmt: skip
    assert study.basis == "per outage"
    assert study.table()["return"].tolist() == [20 * MARGIN / 10, 10 * MARGIN / 6, 30 * MARGIN / 40, 0.0]
    assert set(study.table()["return_is"]) == {"per outage"}


def test_more_than_there_is_to_avoid_cannot_be_avoided_together(tmp_path: Path) -> None:
    study = tried(at_once(), tmp_path, DEPOT, QUICK, budget=50)
    assert study.names == ("depot", "quick")
    # Three periods without the factory lose 8, which 20 units more at the depot take away altogether.
    assert study.sum_of_single_effects == 50 * MARGIN
    assert study.joint_effect == 38 * MARGIN


def test_a_second_source_costs_the_difference_times_what_is_rerouted() -> None:
    study = stress(with_spare(), levers=True, budget=30, **PLAYED).levers
    assert study is not None
    table = study.table()
    assert table["lever"].tolist() == ["depot/spare"]
    assert table["lever_kind"].tolist() == ["second_source"]
    assert table["impact_before"].tolist() == [38 * MARGIN]
    assert table["impact_after"].tolist() == [60 * 0.25]
    assert table["undisturbed_profit"].tolist() == [0.0]
    assert study.effect.texts == ["arcs.depot/spare.option=false"]
    arc = stress(with_spare(), levers=True, **PLAYED | {"only": ["depot/factory"]}).levers
    assert arc is not None
    # Goods on the arc are held up: the depot, with 5 on hand, cannot serve 15 of the 20 that the shop orders until the
    # second source delivers, and orders 15 less for it; the shop's own stock lasts.
    assert arc.table()["impact_after"].tolist() == [45 * 0.25]


def test_capacity_widens_what_limits(tmp_path: Path) -> None:
    wide = "{name: wide, kind: capacity, arc: {buyer: depot, supplier: spare}, share: 0.5, yearly_cost: 5}"
    more = "{name: more, kind: capacity, node: factory, share: 0.5, yearly_cost: 5}"
    study = tried(with_spare(option=False, cap=4.0), tmp_path, wide, more, budget=10)
    assert study.toolbox.effects["wide"].texts == ["arcs.depot/spare.cap=6.0"]
    assert study.toolbox.effects["more"].texts == ["nodes.factory.production.mean=150000.0"]
    # The spare factory sends 4, then 6, of the 10 a period that are missing for 6 periods; 22 are on hand.
    before, after = 14 * MARGIN + 24 * 0.25, 2 * MARGIN + 36 * 0.25
    assert study.table()["impact_before"].tolist() == [before, before]
    assert study.table()["impact_after"].tolist() == [after, before]
    assert study.names == ("wide",)


def test_chances_weigh_what_is_avoided_in_a_year(tmp_path: Path) -> None:
    nodes = at_once().model_dump(by_alias=True)["nodes"]
    nodes[2]["outage_chance"] = 0.1
    study = tried(at_once(nodes=nodes), tmp_path, DEPOT, SHOP, budget=6)
    assert study.basis == "a year"
    assert study.table()["avoided_a_year"].tolist() == pytest.approx([2 * MARGIN, 1 * MARGIN], rel=1e-12)
    assert study.table()["return"].tolist() == pytest.approx([0.2 * MARGIN, MARGIN / 6], rel=1e-12)
    assert study.names == ("shop",)
    assert study.joint_effect == pytest.approx(MARGIN, rel=1e-12)


def test_of_a_group_one_is_chosen(tmp_path: Path) -> None:
    grouped = [text.replace("}", ", group: stock}") for text in (DEPOT, SHOP)]
    study = tried(at_once(), tmp_path, *grouped, budget=100)
    assert study.names == ("depot",)
    assert tried(at_once(), tmp_path, DEPOT, SHOP, budget=5).names == ()
    assert tried(at_once(), tmp_path, DEPOT, SHOP, budget=5).joint_effect == 0.0
    frontier = best_by_budget(tried(at_once(), tmp_path, DEPOT, SHOP, QUICK))
    assert frontier == [(0.0, 0.0), (6.0, 10 * MARGIN), (10.0, 20 * MARGIN), (16.0, 30 * MARGIN),
                        (46.0, 38 * MARGIN), (56.0, 38 * MARGIN)]  # fmt: skip


@pytest.mark.parametrize(("lever", "rerouted"), [(DEPOT, 60), (QUICK, 30)])
def test_the_changes_replay_the_joint_effect(lever: str, rerouted: int, tmp_path: Path) -> None:
    write_scenario(with_spare(), tmp_path / "line")
    levers_in(tmp_path / "line", lever)
    stress(tmp_path / "line", levers=True, budget=1000, out=tmp_path / "out", **PLAYED)
    found = json.loads((tmp_path / "out" / "portfolio.json").read_text(encoding="utf-8"))
    assert len(found["levers"]) == 2
    (outage,) = found["outages"]

    def run(changes: list[str]) -> RunResult:
        return simulate(tmp_path / "line", overrides=changes, engine="agents", trace=True)

    out, twin = run(outage["set"]), run(found["set"])
    gone = (column(twin.values, "profit") - column(out.values, "profit"))[:, 40:].sum()
    held = [
        run.traces.items[0, -1, :, [ITEM_COLUMNS.index("stock"), ITEM_COLUMNS.index("in_transit")]].sum(axis=0)
        for run in (twin, out)
        if run.traces is not None
    ]
    assert gone + (held[0] - held[1]) @ np.array([0.75, 0.5, 0.0, 0.0]) == outage["impact_after"]
    assert outage["impact_after"] == rerouted * 0.25
    assert outage["lost_after"] == 0.0


@cache
def beer(engine: str = "agents", workers: int | None = None) -> StressTest:
    return stress(SCENARIOS / "beer_game", engine=engine, workers=workers, **BEER)


BEER: dict[str, Any] = {"duration": 4, "starts": [20], "worst": 3, "levers": True, "budget": 100, "knowledge": (),
                        "overrides": ["nodes.wholesaler.outage_chance=0.12"]}  # fmt: skip


def test_beer_game() -> None:
    study = beer().levers
    assert study is not None
    assert study.basis == "a year"
    assert 0.0 < study.yearly_cost <= 100.0
    assert study.joint_effect > 0.0
    assert study.joint_effect != study.sum_of_single_effects
    assert 0.12 in study.chances
    assert not any("outage_chance" in notice for notice in beer().notices)
    (told,) = [notice for notice in beer().notices if notice.startswith("costs of levers and chances of outages: ")]
    assert told.split(": ")[1].startswith("assumed (no part of the classroom game")


def test_oil_gas() -> None:
    options: dict[str, Any] = {"overrides": ["run.periods=40"], "replications": 2, "duration": 7, "starts": [15]}
    options |= {"what": ["nodes"], "engine": "agents", "knowledge": (), "worst": 3}
    study = stress(SCENARIOS / "oil_gas", levers=True, budget=60000, **options).levers
    assert study is not None
    assert study.basis == "a year"
    assert len(study.toolbox.levers) == 10
    assert study.names
    assert study.joint_effect > 0.0
    low, high = (study.table()[name].to_numpy() for name in ("avoided_low", "avoided_high"))
    assert (low <= high).all()


def test_engines_and_workers_change_no_number() -> None:
    slow = beer().levers
    assert slow is not None
    for workers in (1, 3):
        quick = beer("compiled", workers).levers
        assert quick is not None
        pd.testing.assert_frame_equal(slow.table(), quick.table(), check_exact=True)
        pd.testing.assert_frame_equal(slow.portfolio_table(), quick.portfolio_table(), check_exact=True)
        assert slow.joint_effect == quick.joint_effect


def test_interruptions_change_no_number(tmp_path: Path) -> None:
    options = PLAYED | {"levers": levers_in(tmp_path, DEPOT, SHOP, QUICK), "budget": 50}
    whole, out = tmp_path / "whole", tmp_path / "out"
    stress(at_once(), out=whole, **options)
    with pytest.raises(KeyboardInterrupt):
        stress(at_once(), out=out, progress=interrupted_after(3), **options)
    with pytest.raises(InputError, match="checkpoint of another stress test"):
        stress(at_once(), out=out, resume=True, **options | {"budget": 40})
    done: list[int] = []
    stress(at_once(), out=out, resume=True, progress=lambda count, total: done.append(count), **options)
    # The outage and two levers were there; one lever, the portfolio and the linear program were not.
    assert done == [4, 5, 6]
    first, second = contents(whole), contents(out)
    tables = [name for name in first if name.endswith((".csv", "portfolio.json", "summary.json"))]
    assert len(tables) == 9
    assert all(first[name] == second[name] for name in tables)


def test_what_is_written(tmp_path: Path) -> None:
    test = stress(at_once(), levers=levers_in(tmp_path, DEPOT, SHOP), budget=16, out=tmp_path / "out", **PLAYED)
    with (tmp_path / "out" / "levers.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == COLUMNS
    assert [row["lever"] for row in rows] == ["depot", "shop"]
    with (tmp_path / "out" / "portfolio.csv").open(encoding="utf-8") as stream:
        assert [row["chosen"] for row in csv.DictReader(stream)] == ["True", "True"]
    told = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["levers"]
    assert told["impact_is_added_up"] == "per outage"
    portfolio = told["portfolio"]
    assert (portfolio["yearly_cost"], portfolio["budget"], portfolio["levers"]) == (16.0, 16.0, ["depot", "shop"])
    assert portfolio["joint_effect"] == portfolio["sum_of_single_effects"] == 30 * MARGIN
    assert portfolio["single_effects_within_impacts"] == 30 * MARGIN
    assert told["exposures"][0]["impact_with_portfolio"] == 8 * MARGIN
    assert (tmp_path / "out" / "portfolio.png").exists()
    manifest = read_manifest(tmp_path / "out")
    assert manifest is not None
    assert "What to do about it?" in [part.title for part in stress_report(tmp_path / "out", manifest).sections]
    assert "levers are judged per outage: no outage_chance is known of factory" in test.notices
    assert "portfolio" in figures_of(stored_stress(test))


def test_without_a_budget_nothing_is_chosen(tmp_path: Path) -> None:
    test = stress(at_once(), levers=levers_in(tmp_path, DEPOT), out=tmp_path / "out", **PLAYED)
    assert test.levers is not None
    assert test.levers.chosen is None
    assert not test.levers.portfolio_table()["chosen"].any()
    assert (tmp_path / "out" / "levers.csv").exists()
    assert not (tmp_path / "out" / "portfolio.json").exists()


def test_where_nothing_hurts_no_lever_is_tried(tmp_path: Path) -> None:
    test = stress(at_once(), levers=levers_in(tmp_path, DEPOT), **PLAYED | {"duration": 1})
    assert test.levers is None
    assert "no lever was tried: none of the worst outages has a positive impact" in test.notices


@pytest.mark.parametrize(
    ("lever", "expected"),
    [
        ("{name: x, kind: stock, node: depot, units: 3}", "levers.yaml:2:5: levers.0: 'yearly_cost' is missing"),
        ("{name: x, kind: stock, node: depto, units: 3, yearly_cost: 1}",
         "lever 'x': there is no node 'depto'; did you mean 'depot'?"),
        ("{name: x, kind: stock, node: depot, product: tea, units: 3, yearly_cost: 1}",
         "lever 'x': node 'depot' has no entry of product 'tea' in nodes or stocks"),
        ("{name: x, kind: stock, node: depot, periods: 0, yearly_cost: 1}", "above 0"),
        ("{name: x, kind: stock, node: depot, units: -5, yearly_cost: 1}", "above 0"),
        ("{name: x, kind: stock, node: depot, units: 5, periods: 5, yearly_cost: 1}", "give either periods"),
        ("{name: x, kind: stock, node: depot, units: 5, yearly_cost: -1}", "yearly_cost"),
        ("{name: x, kind: recovery, node: factory, periods: 6, yearly_cost: 1}",
         "lever 'x': back after 6 periods is no sooner than the outage of 6 ends"),
        ("{name: x, kind: recovery, periods: 3, yearly_cost: 1}", "give either a node or an arc"),
        ("{name: x, kind: capacity, node: factory, share: 0, yearly_cost: 1}", "above 0"),
        ("{name: x, kind: capacity, node: depot, share: 0.2, yearly_cost: 1}",
         "lever 'x': it has neither capacity nor production.mean, so there is nothing to widen"),
        ("{name: x, kind: capacity, arc: {buyer: shop, supplier: depot}, share: 0.2, yearly_cost: 1}",
         "the arc has no cap, so there is nothing to widen"),
        ("{name: x, kind: capacity, arc: {buyer: shop, supplier: factory}, share: 0.2, yearly_cost: 1}",
         "'shop' buys nothing of that kind from 'factory'"),
        ("{name: x, kind: move_stock, from: depot, to: depot, units: 5, yearly_cost: 1}", "stays where it is"),
        ("{name: x, kind: move_stock, from: depot, to: shop, units: 26, yearly_cost: 1}",
         "26 units are moved away (by all levers together), but nodes.depot.initial_stock is 25"),
        ("{name: x, kind: prayer, yearly_cost: 1}",
         "levers.yaml:2:21: levers.0.kind: unknown kind 'prayer'; kinds: stock, move_stock, capacity, recovery"),
        ("{name: x, yearly_cost: 1}", "levers.0.kind: 'kind' is missing; kinds: stock"),
    ],
)  # fmt: skip
def test_levers_that_are_refused(lever: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        stress(at_once(), levers=levers_in(tmp_path, lever), out=tmp_path / "out", **PLAYED)
    assert expected in str(refused.value)
    assert len(refused.value.problems) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["levers.yaml"]


def test_calls_that_are_refused(tmp_path: Path) -> None:
    file = levers_in(tmp_path, DEPOT)
    calls: list[tuple[Scenario, dict[str, Any], str]] = [
        (at_once(), {"levers": file, "budget": -1.0}, "--budget -1: is no amount of money"),
        (at_once(), {"levers": file, "budget": float("nan")}, "--budget nan: is no amount of money"),
        (at_once(), {"budget": 5.0}, "--budget: is for levers: add --levers"),
        (at_once(), {"levers": True}, "--levers: the scenario declares none"),
        (with_spare(yearly_cost=None), {"levers": True}, "lever 'depot/spare': an option without yearly_cost"),
        (at_once(), {"levers": tmp_path / "none.yaml"}, "none.yaml: cannot be read"),
        (at_once(), {"levers": levers_in(tmp_path, DEPOT, DEPOT)}, "levers.1.name: 'depot' is given twice"),
    ]
    for scenario, options, expected in calls:
        levers_in(tmp_path, *([DEPOT, DEPOT] if "twice" in expected else [DEPOT]))
        with pytest.raises(InputError) as refused:
            stress(scenario, **PLAYED | options)
        assert expected in str(refused.value)


def test_refusals_of_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    words = ["stress", str(SCENARIOS / "quickstart"), "--duration", "10", "--out", "out"]
    check_refused([*words, "--levers"], "--levers: the scenario declares none", tmp_path / "empty", capsys)
    file = str(levers_in(tmp_path, "{name: x, kind: stock, node: warehouse, units: 3}"))
    check_refused([*words, "--levers-from", file], "'yearly_cost' is missing", tmp_path / "empty", capsys)
    check_refused([*words, "--budget", "5"], "--budget: is for levers", tmp_path / "empty", capsys)
    beer_words = ["stress", str(SCENARIOS / "beer_game"), "--duration", "4", "--levers", "--budget", "-3"]
    check_refused([*beer_words, "--out", "out"], "--budget -3: is no amount", tmp_path / "empty", capsys)
