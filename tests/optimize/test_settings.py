"""Searches over any value by its path: whole numbers, choices, switches, shares; plans that carry them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import esc_sim as esc
from esc_sim.errors import InputError
from esc_sim.optimize.judge import Draws, Judge
from esc_sim.optimize.space import check_settings, decision_space
from esc_sim.plans.decisions import DecisionsPlan, SettingDecision
from esc_sim.plans.files import write_plan
from esc_sim.plans.plan import Origin
from esc_sim.plans.settings import settled
from esc_sim.results.summary import build_summary
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.settings import Settled, with_settings
from tests.optimize.cases import ROOT

NAMES = ["profit", "fill_rate", "profit_lost_cvar"]
DRAWS = Draws(3, 0, 4)
VARIABLES: list[dict[str, Any]] = [
    {"kind": "setting", "path": "switches.east", "choices": {"open": True, "closed": False}},
    {"kind": "order", "parameter": "order_up_to", "nodes": ["east"], "absolute": [60, 300], "whole": True},
    {"kind": "setting", "path": "nodes.west.order.every", "absolute": [1, 7], "whole": True},
    {"kind": "setting", "path": "arcs.shop_east/east.lead_time", "absolute": [1, 4]},
    {"kind": "setting", "path": "nodes.east.capacity", "choices": [None, 40]},
    {
        "kind": "setting",
        "path": "nodes.west.order",
        "choices": {
            "periodic": {"policy": "periodic", "order_up_to": 520, "every": 2, "fixed_cost": 150},
            "s S": {"policy": "s_S", "reorder_point": 200, "order_up_to": 500},
        },
    },
    {"kind": "stock", "parameter": "initial_stock", "nodes": ["west"], "choices": [200, 400]},
]


def two_depots(variables: list[dict[str, Any]] = VARIABLES, **overrides: Any) -> Scenario:
    changes = {"run.periods": 50, "run.warm_up": 5, "optimize.variables": variables}
    return esc.load_scenario(ROOT / "scenarios" / "two_depots", changes | overrides)


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(two_depots(), NAMES, workers=1)


def some_designs(judge: Judge, count: int) -> np.ndarray:
    space = judge.space
    return space.snapped(np.random.default_rng(2).uniform(space.lower, space.upper, (count, len(space))))


def test_numbers_of_a_design_are_whole_or_choices(judge: Judge) -> None:
    space = judge.space
    assert space.names == (
        "order.order_up_to/east/goods", "switches.east", "nodes.west.order.every", "arcs.shop_east/east.lead_time",
        "nodes.east.capacity", "nodes.west.order", "stock.initial_stock/west/goods",
    )  # fmt: skip
    assert space.base.tolist() == [180.0, 0.0, 2.0, 1.0, 0.0, 0.0, 1.0]
    assert space.steps.tolist() == [1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0]
    assert space.is_category.tolist() == [False, True, False, False, True, True, True]
    snapped = space.snapped(np.array([[60.4, 0.6, 7.9, 2.25, -0.2, 1.4, 0.5]]))
    assert snapped.tolist() == [[60.0, 1.0, 7.0, 2.25, 0.0, 1.0, 0.0]]
    assert [space.shown(column, snapped[:, column])[0] for column in range(len(space))] == [
        60, "closed", 7, 2.25, "null", "s S", "200",
    ]  # fmt: skip


def test_a_design_is_a_run_of_its_plan(judge: Judge, tmp_path: Path) -> None:
    scenario, space = two_depots(), judge.space
    designs = some_designs(judge, 5)
    designs[0, 1], designs[1, 1] = 0.0, 1.0
    measured = judge(designs, [DRAWS] * 5)
    assert len(np.unique(measured, axis=0)) == 5
    assert not judge.refused
    for number, (design, row) in enumerate(zip(designs, measured, strict=True)):
        write_plan(tmp_path / f"{number}.yaml", space.plan(design, judge.instance.network, "mine", Origin()))
        result = esc.simulate(scenario, plan=tmp_path / f"{number}.yaml", replications=4, seed=3)
        kpis = build_summary(result)["kpis"]["disrupted"]
        assert [kpis["profit_total"]["mean"], kpis["fill_rate"]["mean"]] == row[:2].tolist()
        assert kpis["profit_lost_cvar"]["mean"] == pytest.approx(row[2], rel=1e-9)
    # Designs whose settings differ share draws where these are the same, and no worker changes a number.
    np.testing.assert_array_equal(Judge(scenario, NAMES, workers=3)(designs[::-1], [DRAWS] * 5), measured[::-1])
    alone = [Judge(scenario, NAMES, workers=1)(design[None], [DRAWS])[0] for design in designs]
    np.testing.assert_array_equal(alone, measured)


def test_what_stands_in_a_part_that_is_closed_is_left_out(judge: Judge) -> None:
    closed = judge.space.base.copy()
    closed[1] = 1.0
    plan = judge.space.plan(closed, judge.instance.network, "closed", Origin())
    assert plan.changes == (
        "switches.east=false",
        'nodes.west.order={"policy": "periodic", "order_up_to": 520, "every": 2, "fixed_cost": 150}',
        "nodes.west.order.every=2",
    )
    assert (plan.orders, [stock.value for stock in plan.stocks]) == ([], [400.0])
    assert "east" not in [node.id for node in with_settings(two_depots(), plan.changes).nodes]
    other = judge.space.base.copy()
    other[5] = 1.0  # (s, S) has no review interval
    assert "nodes.west.order.every" not in str(judge.space.plan(other, judge.instance.network, "s", Origin()).changes)


def test_draws_that_settings_change_are_drawn_anew() -> None:
    path = "nodes.shop_west.demand.sd"
    variables = [{"kind": "setting", "path": path, "absolute": [0, 20]}]
    judge = Judge(two_depots(variables), NAMES[:2], workers=1)
    designs = np.array([[0.0], [10.0], [20.0]])
    for design, row in zip(designs, judge(designs, [DRAWS] * 3), strict=True):
        changed = two_depots(variables, **{path: float(design[0])})
        kpis = build_summary(esc.simulate(changed, replications=4, seed=3))["kpis"]["disrupted"]
        assert kpis["profit_total"]["mean"] == row[0]


def test_settings_of_a_group_are_shares() -> None:
    arcs = [f"arcs.shop_east/{depot}.share" for depot in ("east", "west")]
    variables = [{"kind": "setting", "path": path, "absolute": [0, 4], "group": "sourcing"} for path in arcs]
    scenario = two_depots(variables, **{arcs[0]: 3, arcs[1]: 1})
    judge = Judge(scenario, NAMES[:2], workers=1)
    assert judge.space.base.tolist() == [0.75, 0.25]
    plan = judge.space.plan(np.array([1.0, 4.0]), judge.instance.network, "mine", Origin())
    assert plan.changes == (f"{arcs[0]}=0.2", f"{arcs[1]}=0.8")
    assert judge.space.settings(np.zeros(2)) == (f"{arcs[0]}=0.5", f"{arcs[1]}=0.5")
    same = judge(np.array([[1.0, 3.0], [0.5, 1.5], [3.0, 1.0]]), [DRAWS] * 3)
    np.testing.assert_array_equal(same[0], same[1])
    assert (same[0] != same[2]).all()


def test_a_search_goes_on_around_a_plan_with_settings(judge: Judge) -> None:
    design = judge.space.base.copy()
    design[1:4] = 1.0, 5.0, 1.0
    found = judge.space.plan(design, judge.instance.network, "found", Origin())
    around = Judge(two_depots(), NAMES, workers=1, plan=found)
    # The depot is closed, and a plan is made for one network.
    assert around.space.names == ("nodes.west.order.every", "nodes.west.order", "stock.initial_stock/west/goods")
    assert around.space.base.tolist() == [5.0, 0.0, 1.0]
    assert around.space.notices[0].startswith("switches.east: as the plan says")
    assert judge.space.notices == []
    np.testing.assert_array_equal(around(around.space.base[None], [DRAWS]), judge(design[None], [DRAWS]))
    further = around.space.plan(np.array([3.0, 0.0, 0.0]), around.instance.network, "further", Origin())
    assert further.changes[-1] == "nodes.west.order.every=3"
    result = esc.simulate(two_depots(), plan=further, replications=4, seed=3)
    (expected,) = around(np.array([[3.0, 0.0, 0.0]]), [DRAWS])
    assert build_summary(result)["kpis"]["disrupted"]["profit_total"]["mean"] == expected[0]
    assert not [notice for notice in result.notices if "other values" in notice]
    # What a plan sets is the same the second time, as on the page.
    once = settled(two_depots(), further)
    assert settled(once, further) == once
    with pytest.raises(InputError, match=r"a plan sets values: write what '\*2' makes of the present one"):
        SettingDecision(path="nodes.west.capacity", value="*2")


def test_designs_that_cannot_be_simulated_have_no_number() -> None:
    order = {"policy": "s_S", "reorder_point": 200, "order_up_to": 500}
    variables = [
        {"kind": "setting", "path": "nodes.west.order.reorder_point", "absolute": [0, 400]},
        {"kind": "setting", "path": "nodes.west.order.order_up_to", "absolute": [300, 600]},
    ]
    judge = Judge(two_depots(variables, **{"nodes.west.order": order}), NAMES[:1], workers=1)
    measured = judge(np.array([[390.0, 310.0], [100.0, 310.0]]), [DRAWS] * 2)
    assert np.isnan(measured[:, 0]).tolist() == [True, False]
    assert "order_up_to" in judge.refused


def test_values_that_the_scenario_cannot_take_are_refused_before_the_search() -> None:
    variables = [
        {"kind": "setting", "path": "nodes.west.capacity", "choices": [None, -1]},
        {"kind": "setting", "path": "nodes.west.order.every", "absolute": [0, 3], "whole": True},
    ]
    with pytest.raises(InputError) as caught:
        check_settings(decision_space(two_depots(variables)))
    first, second = caught.value.problems
    assert first.startswith("optimize.variables.0: with nodes.west.capacity = -1: ")
    assert second.startswith("optimize.variables.1: with nodes.west.order.every = 0: ")
    assert "must be at least 1" in second


def test_changing_numbers_again_and_again_reads_the_scenario_once(monkeypatch: pytest.MonkeyPatch) -> None:
    settled = Settled(two_depots())
    texts = ["switches.east=false", "nodes.west.holding_cost=2.5", "nodes.east.holding_cost=2.5"]
    first, kept = settled.changed(texts)
    assert kept == ("switches.east=false", "nodes.west.holding_cost=2.5")
    monkeypatch.setattr("esc_sim.scenario.varied.given_scenario", None)
    monkeypatch.setattr("esc_sim.scenario.settings.turned", None)
    again, _ = settled.changed([texts[0], "nodes.west.holding_cost=3.5"])
    assert [next(n for n in one.nodes if n.id == "west").holding_cost for one in (first, again)] == [2.5, 3.5]


def test_a_plan_of_settings_alone_is_one() -> None:
    plan = DecisionsPlan(version=1, name="late", settings=[{"path": "nodes.west.order.every", "value": 4}])
    assert plan.content_hash != plan.model_copy(update={"settings": []}).content_hash
    run = esc.simulate(two_depots(), plan=plan, replications=2, seed=1)
    same = esc.simulate(two_depots(), overrides={"nodes.west.order.every": 4}, replications=2, seed=1)
    np.testing.assert_array_equal(run.values, same.values)
    wrong = DecisionsPlan(version=1, name="wrong", settings=[{"path": "nodes.west.order.evry", "value": 4}])
    with pytest.raises(InputError, match=r"plan 'wrong': settings: .*did you mean 'every'"):
        esc.simulate(two_depots(), plan=wrong, replications=2)


def test_the_plan_of_a_search_gives_its_numbers_held_out(tmp_path: Path) -> None:
    out = tmp_path / "found"
    sizes = {"population": 8, "generations": 3, "replications": 2, "held_out": 16, "seed": 5}
    front = esc.optimize(two_depots(), objectives=NAMES[:2], out=out, **sizes)  # type: ignore[arg-type]
    np.testing.assert_array_equal(front.space.snapped(front.designs), front.designs)
    row = front.pick()
    seed = front.settings.held_out_seed
    result = esc.simulate(two_depots(), plan=out / "compromise.yaml", replications=16, seed=seed, stratified=True)
    kpis = build_summary(result)["kpis"]["disrupted"]
    assert [kpis["profit_total"]["mean"], kpis["fill_rate"]["mean"]] == front.held_out[row].tolist()
    table = front.frame
    assert set(table["switches.east"]) <= {"open", "closed"}
    assert table["nodes.west.order.every"].dtype == np.int64
    assert "order of west periodic or s S" in (out / "summary.json").read_text()


def test_plans_are_compared_with_the_scenario_as_it_is(judge: Judge, tmp_path: Path) -> None:
    design = judge.space.base.copy()
    design[1:3] = 1.0, 3.0
    write_plan(tmp_path / "found.yaml", judge.space.plan(design, judge.instance.network, "found", Origin()))
    sizes: dict[str, Any] = {"replications": 2, "seed": 3}
    both = esc.compare(two_depots(), plans={"closed": tmp_path / "found.yaml"}, **sizes)
    alone = esc.simulate(two_depots(), plan=tmp_path / "found.yaml", **sizes)
    assert list(both.runs) == ["as it is", "closed"]
    np.testing.assert_array_equal(both.runs["closed"].values, alone.values)
    assert both.summary["variants"]["closed"]["plan"] == "found"
    variants = {"calm": {"disruptions.strike.probability": 0}, "strikes": {}}
    both = esc.compare(two_depots(), variants, plans={"strikes": tmp_path / "found.yaml"}, **sizes)
    assert [run.plan for run in both.runs.values()] == [None, "found"]


def test_the_page_runs_plans_that_close_a_depot(judge: Judge, tmp_path: Path) -> None:
    from esc_sim.views.page.variants import variants_of

    design = judge.space.base.copy()
    design[1] = 1.0
    write_plan(tmp_path / "closed.yaml", judge.space.plan(design, judge.instance.network, "closed", Origin()))
    variant = variants_of(two_depots(), [tmp_path / "closed.yaml"])["Plan closed"]
    assert variant.scenario is not None
    model = variant.model(variant.scenario, 3, 0)
    model.run()
    result = esc.simulate(two_depots(), plan=tmp_path / "closed.yaml", replications=1, seed=3, engine="agents")
    np.testing.assert_array_equal(model.recorder.periods, result.values[0])
