"""Searches around a plan: it is the start, what is not decided stays, and the front's plans are changes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from esc_sim.design.kinds import run_design
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.instance.fingerprint import fingerprint
from esc_sim.optimize.front import Front
from esc_sim.optimize.search import optimize
from esc_sim.plans.apply import apply_plan
from esc_sim.plans.decisions import DecisionsPlan, OrderDecision, StockDecision
from esc_sim.plans.files import read_plan, write_plan
from esc_sim.plans.plan import Plan
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from esc_sim.simulation import simulate
from tests.helpers.command import check_refused, interrupted_after
from tests.optimize.cases import ROOT

TINY: dict[str, Any] = {"population": 6, "generations": 2, "replications": 4, "held_out": 8, "seed": 7}
SCENARIOS = ROOT / "scenarios"


@pytest.fixture(scope="module")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plan of electrolyte's design."""
    path = tmp_path_factory.mktemp("electrolyte") / "plan.yaml"
    plan = run_design(SCENARIOS / "electrolyte").plan
    assert plan is not None
    write_plan(path, plan)
    return path


@pytest.fixture(scope="module")
def front(contracts: Path) -> Front:
    return optimize(SCENARIOS / "electrolyte", plan=contracts, **TINY)


def test_the_plan_is_the_start_and_bounds_are_relative_to_it(contracts: Path, front: Front) -> None:
    scenario, plan = load_scenario(SCENARIOS / "electrolyte"), read_plan(contracts)
    planned = apply_plan(instance_of(scenario), plan).items.order_loc[:16]
    np.testing.assert_array_equal(front.space.base, planned)
    assert (planned != 1500.0).all()  # what the scenario says
    np.testing.assert_array_equal(front.space.lower, planned * 0.9)
    run = simulate(scenario, plan=plan, replications=8, seed=front.settings.held_out_seed)
    assert front.base_held_out[0] == pytest.approx(
        run.summary["kpis"]["disrupted"]["cost_per_period"]["mean"], rel=1e-3
    )


def test_plans_of_the_front_are_changes_of_the_plan(contracts: Path, front: Front, tmp_path: Path) -> None:
    scenario, plan = load_scenario(SCENARIOS / "electrolyte"), front.plan(0, "mine")
    assert plan.base is not None
    assert plan.base.model_dump() == read_plan(contracts).model_dump()
    write_plan(tmp_path / "mine.yaml", plan)
    again = read_plan(tmp_path / "mine.yaml")
    assert again.content_hash == plan.content_hash
    instance = instance_of(scenario)
    ran, held = (
        apply_plan(instance, again),
        front.space.decided(apply_plan(instance, read_plan(contracts)), front.designs[0]),
    )
    assert fingerprint(ran.items, ran.arcs, ran.orders, ran.effects) == fingerprint(
        held.items, held.arcs, held.orders, held.effects
    )
    result = simulate(scenario, plan=again, replications=4)
    assert {promise.name for promise in result.promises} >= {"cost", "violation"}
    assert all(read_plan(contracts).name in promise.note for promise in result.promises)


def test_a_search_goes_on_around_the_same_plan_alone(contracts: Path, front: Front, tmp_path: Path) -> None:
    folder, out = SCENARIOS / "electrolyte", tmp_path / "front"
    with pytest.raises(KeyboardInterrupt):
        optimize(folder, plan=contracts, **TINY, out=out, progress=interrupted_after(1))
    other = tmp_path / "other.yaml"
    other.write_text(contracts.read_text(encoding="utf-8").replace("units: 16", "units: 15"), encoding="utf-8")
    assert read_plan(other).content_hash != read_plan(contracts).content_hash
    for plan in (other, None):
        with pytest.raises(InputError, match="its plan differs"):
            optimize(folder, plan=plan, **TINY, out=out, resume=True)
    again = optimize(folder, plan=contracts, **TINY, out=out, resume=True)
    np.testing.assert_array_equal(again.designs, front.designs)
    np.testing.assert_array_equal(again.held_out, front.held_out)
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["plan"], manifest["plan_hash"]) == (read_plan(contracts).name, read_plan(contracts).content_hash)
    assert "plan_hash" not in json.loads((ROOT / "tests" / "golden" / "oil_gas.json").read_text(encoding="utf-8"))


def test_a_search_around_a_plan_of_a_search(front: Front) -> None:
    """Decisions of the later search lie around those of the earlier, and both are carried out."""
    found = optimize(SCENARIOS / "electrolyte", plan=front.plan(0, "first"), **TINY | {"generations": 1})
    np.testing.assert_array_equal(found.space.base, front.designs[0])
    np.testing.assert_array_equal(found.base_held_out, front.held_out[0])


def test_agro_food_is_searched_in_orders_and_targets() -> None:
    found = optimize(
        SCENARIOS / "agro_food", overrides={"run.periods": 8}, **TINY | {"generations": 1, "replications": 2}
    )
    assert {name.split("/")[0] for name in found.space.names} == {"order.order_up_to", "stock.target_stock"}
    assert np.ptp(found.held_out[:, 0]) > 0.0


def stocked() -> Scenario:
    """A shop that loses what it cannot serve, and a mill whose stock is all there is."""
    content = {
        "version": 1,
        "name": "stocked",
        "run": {"periods": 6, "replications": 4},
        "nodes": [
            {"id": "shop", "demand": {"mean": 10, "price": 5}, "order": {"mean": 10}},
            {"id": "mill", "initial_stock": 40, "holding_cost": 0.1},
            {"id": "idle", "initial_stock": 40},
        ],
        "arcs": [{"buyer": "shop", "supplier": name, "price": 1} for name in ("mill", "idle")],
        "optimize": {
            "variables": [
                {"kind": "stock", "parameter": "initial_stock", "nodes": ["mill"], "relative": [-0.5, 0.5]},
                {"kind": "order", "relative": [-0.2, 0.2]},
                {"kind": "price", "arcs": [{"buyer": "shop", "supplier": "mill"}], "relative": [-0.1, 0.1]},
            ],
            "objectives": ["cost", "fill_rate"],
        },
    }
    return Scenario.model_validate(content)


def around(**parts: Any) -> Plan:
    return DecisionsPlan(version=1, name="start", **parts)


def test_stocks_are_decided_like_orders_and_prices() -> None:
    plan = around(stocks=[StockDecision(node="mill", parameter="initial_stock", value=20.0)])
    found = optimize(stocked(), plan=plan, **TINY | {"generations": 1})
    assert found.space.names == ("order/shop", "price/shop/mill", "stock.initial_stock/mill")
    assert found.space.base.tolist() == [10.0, 1.0, 20.0]
    assert (found.space.lower[2], found.space.upper[2]) == (10.0, 30.0)
    row = int(found.designs[:, 2].argmax())
    plan = found.plan(row, "most")
    (stock,) = plan.stocks
    assert stock.value == found.designs[row, 2]
    run = simulate(stocked(), plan=plan, replications=2)
    start = run.summary["kpis"]["undisrupted"]["cost_per_period"]["mean"]
    assert start == pytest.approx(found.held_out[row, 0])


def test_what_a_plan_leaves_no_room_for_is_not_decided() -> None:
    empty = around(orders=[OrderDecision(node="shop", mean=0.0)])
    found = optimize(stocked(), plan=empty, **TINY | {"generations": 1})
    assert found.space.names == ("price/shop/mill", "stock.initial_stock/mill")
    section = stocked().model_dump(mode="json")["optimize"] | {
        "variables": [{"kind": "order", "relative": [-0.2, 0.2]}]
    }
    with pytest.raises(InputError, match="the plan leaves nothing to decide"):
        optimize(stocked(), plan=empty, overrides={"optimize": section}, **TINY)


def test_a_plan_of_another_network_is_refused(
    contracts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["optimize", str(SCENARIOS / "oil_gas"), "--plan", str(contracts), "--out", str(tmp_path / "front")]
    check_refused(words, "made for another network", tmp_path, capsys)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stocks": [StockDecision(node="nowhere", parameter="initial_stock", value=1)]}, "there is no node 'nowhere'"),
        ({"stocks": [StockDecision(node="mill", parameter="initial_stock", value=v) for v in (1, 2)]}, "decided twice"),
        ({"base": around(orders=[OrderDecision(node="none", mean=1)])}, "base.orders.0.node: there is no node 'none'"),
    ],
)
def test_a_plan_that_does_not_fit_says_where(change: dict[str, Any], message: str) -> None:
    plan = around(orders=[OrderDecision(node="shop", mean=5)], **change)
    with pytest.raises(InputError, match=message):
        apply_plan(instance_of(stocked()), plan)


def test_a_section_says_what_stocks_it_decides() -> None:
    for change, message in (
        ({"kind": "stock", "relative": [-0.1, 0.1]}, "a stock needs a parameter"),
        (
            {"kind": "stock", "parameter": "target_stock", "relative": [-0.1, 0.1], "nodes": ["mill"]},
            "has no 'target_stock'",
        ),
    ):
        content = stocked().model_dump(mode="json", exclude_none=True)
        content["optimize"]["variables"] = [change]
        with pytest.raises(InputError, match=message):
            optimize(content, **TINY)
