"""The promise of a placement beside its simulation, and what is refused."""

from __future__ import annotations

from pathlib import Path
from statistics import NormalDist
from typing import Any

import pytest

import esc_sim
from esc_sim.cli import main
from esc_sim.errors import InputError

CHAIN: dict[str, Any] = {
    "version": 1,
    "name": "chain",
    "run": {"periods": 500, "warm_up": 20, "replications": 8, "seed": 3},
    "rules": {"unmet": "backorder", "unmet_orders": "backorder"},
    "nodes": [
        {
            "id": "shop", "layer": 1, "holding_cost": 3, "demand": {"mean": 40, "sd": 8, "price": 9},
            "order": {"policy": "base_stock", "order_up_to": 0},
        },
        {"id": "plant", "layer": 2, "holding_cost": 1, "order": {"policy": "base_stock", "order_up_to": 0}},
        {"id": "mine", "layer": 3, "initial_stock": 1e6},
    ],
    "arcs": [
        {"buyer": "shop", "supplier": "plant", "lead_time": 2},
        {"buyer": "plant", "supplier": "mine", "lead_time": 3},
    ],
    "design": {"safety_stock": {"service": 0.9}},
}  # fmt: skip


def changed(**changes: Any) -> dict[str, Any]:
    return {**CHAIN, **changes}


def test_the_service_of_one_stage_holding_all_stock_is_the_normal_one() -> None:
    """The plant may quote its three periods, so that the shop covers five and nobody else can fail it."""
    nodes = [CHAIN["nodes"][0], {**CHAIN["nodes"][1], "holding_cost": 3}, CHAIN["nodes"][2]]
    scenario = changed(nodes=nodes)
    design = esc_sim.design(scenario, kind="safety-stock")
    rows = {row[0]: row for row in design.tables["stages"].rows}
    assert [rows[name][5] for name in ("plant", "shop")] == [0, 5]
    run = esc_sim.simulate(scenario, plan=design.plan, engine="agents")
    (promise,) = run.promises
    assert promise.at_least == pytest.approx(0.9)
    entry = promise.entry({}, 1)
    assert entry["ci_low"] <= 0.9 <= entry["ci_high"]
    assert entry["ci_high"] - entry["ci_low"] < 0.06


def test_a_stage_that_fails_within_its_bound_costs_little_service() -> None:
    """With stock at both, the plant is late in a tenth of the periods; the promise assumes that it never is."""
    design = esc_sim.design(CHAIN)
    covered = {row[0]: row[5] for row in design.tables["stages"].rows}
    assert covered == {"plant": 3, "shop": 2}
    run = esc_sim.simulate(CHAIN, plan=design.plan, engine="agents")
    assert 0.85 < run.promises[0].samples.mean() < 0.9


def test_what_customers_wait_for_is_taken_off_and_promises_nothing() -> None:
    design = esc_sim.design(changed(design={"safety_stock": {"promised": {"shop": 5}, "safety_factor": 2}}))
    assert design.summary["cost_per_period"] == 0.0
    assert design.summary["ready"] is None


def test_demand_of_two_shops_is_pooled_at_their_supplier() -> None:
    shop = CHAIN["nodes"][0]
    nodes = [shop, {**shop, "id": "kiosk"}, {**CHAIN["nodes"][1], "holding_cost": 0.1}, CHAIN["nodes"][2]]
    arcs = [*CHAIN["arcs"], {"buyer": "kiosk", "supplier": "plant", "lead_time": 2}]
    for moves, sd in (("independent", 8 * 2**0.5), ("together", 16.0)):
        given = changed(nodes=nodes, arcs=arcs, design={"safety_stock": {"service": 0.9, "customers": moves}})
        table = esc_sim.design(given).tables["stages"]
        plant = dict(zip(table.header, next(row for row in table.rows if row[0] == "plant"), strict=True))
        assert plant["mean_demand"] == 80.0
        assert plant["sd_demand"] == pytest.approx(sd)
        assert plant["safety_stock"] == pytest.approx(NormalDist().inv_cdf(0.9) * sd * 3**0.5)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rules": {}}, "take rules.unmet and rules.unmet_orders backorder"),
        ({"rules": {**CHAIN["rules"], "sequence": "order_before_demand"}}, "take rules.sequence order_after_demand"),
        ({"design": {"safety_stock": {"promised": {"shpo": 1}}}}, "there is no node 'shpo'"),
        ({"design": {"safety_stock": {"service": 0.9, "safety_factor": 2}}}, "give one of them"),
        (
            {"nodes": [{**CHAIN["nodes"][0], "order": {"policy": "mean", "mean": 40}}, *CHAIN["nodes"][1:]]},
            "'shop' does not order 'goods' by base_stock",
        ),
        (
            {"nodes": [{**node, "layer": None} for node in CHAIN["nodes"]]},
            "'plant' orders before its buyers do, and so learns of demand a period late",
        ),
        (
            {"arcs": [*CHAIN["arcs"], {"buyer": "plant", "supplier": "shop"}]},
            "supplies itself in a circle",
        ),
        ({"nodes": [{**CHAIN["nodes"][0], "demand": {"mean": 4, "season": [1, 2]}}, *CHAIN["nodes"][1:]]}, "changes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_the_model_does_not_know_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as told:
        esc_sim.design(changed(**change), kind="safety_stock")
    assert said in str(told.value)


def test_all_of_it_is_said_at_once() -> None:
    nodes = [{key: value for key, value in node.items() if key != "order"} for node in CHAIN["nodes"]]
    with pytest.raises(InputError) as told:
        esc_sim.design(changed(nodes=nodes, rules={}))
    assert len(str(told.value).splitlines()) == 3


def test_the_command_writes_a_plan_that_a_run_carries_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    scenario = Path(__file__).resolve().parents[3] / "scenarios" / "bulldozer"
    assert main(["design", str(scenario), "--kind", "safety-stock", "--out", str(out)]) == 0
    assert "held at              6 of 22 stages" in capsys.readouterr().out
    assert (out / "stages.csv").exists()
    assert (out / "safety_stock.png").exists()
    run = ["run", str(scenario), "--plan", str(out / "plan.yaml"), "--engine", "agents", "--replications", "2"]
    assert main([*run, "--set", "run.periods=60", "--set", "run.warm_up=20"]) == 0
    assert "Periods without shortage" in capsys.readouterr().out
