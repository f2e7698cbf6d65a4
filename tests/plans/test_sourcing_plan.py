"""Sourcing plans in the simulation: buyers follow the design, and the run says whether it keeps its promise."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import beta

from esc_sim.design.kinds import run_design
from esc_sim.design.sourcing import SourcingDesign
from esc_sim.design.sourcing.command import SourcingCase, read_case, solve_case
from esc_sim.design.sourcing.guarantee import aimed
from esc_sim.design.sourcing.handover import contract_plan
from esc_sim.disruptions.registry import number_of
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.plans.apply import apply_plan
from esc_sim.plans.files import read_plan, write_plan
from esc_sim.plans.sourcing import SourcingContractPlan
from esc_sim.plans.sourcing_promises import second_stage_cost
from esc_sim.results.promise import Promise
from esc_sim.results.run import RunResult
from esc_sim.results.summary import build_summary
from esc_sim.sampling.timetable import cases_drawn
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from esc_sim.simulation import simulate
from scenarios.electrolyte import generate
from tests.helpers.networks import scenario_of
from tests.helpers.runs import SCENARIOS

FOLDER = SCENARIOS / "electrolyte"
UNITS = {"goods": "unit", "money": "money", "period": "period"}
Solved = tuple[Scenario, SourcingDesign, SourcingContractPlan]


def solved(folder: Path, *overrides: str) -> Solved:
    scenario = load_scenario(folder, overrides)
    case: SourcingCase = read_case(scenario)
    design = solve_case(case)
    return scenario, design, contract_plan(design, name="plan", spot_market="spot", past=case.past)


@pytest.fixture(scope="module")
def shipped() -> Solved:
    return solved(FOLDER)


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Solved]:
    """The case with backup prices that move with the failures, so that the cost of the second stage does too."""
    folder = tmp_path_factory.mktemp("moving")
    for file in FOLDER.glob("*.*"):
        shutil.copy(file, folder)
    path = folder / "disruption_scenarios.csv"
    lines = path.read_text().splitlines()
    factors = 0.925 + 0.15 * np.random.default_rng(3).random(64)
    lines = [f"{lines[0]},backup_price_factor", *(f"{x},{f}" for x, f in zip(lines[1:], factors, strict=True))]
    path.write_text("\n".join(lines) + "\n")
    generate.main(folder, folder)
    return solved(folder, "design.sourcing.budget=30e6", "design.sourcing.gap=1e-4")


def by_case(solution: Solved, result: RunResult) -> tuple[np.ndarray, np.ndarray]:
    """Second-stage cost of each replication, simulated and as the design has it for the case drawn."""
    scenario, design, plan = solution
    law = instance_of(scenario).triggers.joint[0]
    cases = [cases_drawn(law, result.seed, r, 2)[0] for r in range(result.replications)]
    return second_stage_cost(plan, result)[:, 0], design.plan.scenario_costs(design.instance)[cases]


def test_every_case_costs_what_the_design_says(moving: Solved) -> None:
    scenario, design, plan = moving
    result = simulate(scenario, plan=plan, replications=200, seed=4)
    got, wanted = by_case(moving, result)
    assert got == pytest.approx(wanted, rel=1e-6)
    assert np.ptp(got) > 1e6
    first = design.plan.first_stage_cost(design.instance)
    assert result.values[:, 1, 0] - got == pytest.approx(np.full(200, first), rel=1e-9)


def test_the_promise_is_met_under_the_law_of_the_design(moving: Solved) -> None:
    scenario, _design, plan = moving
    summary = build_summary(simulate(scenario, plan=plan, replications=1000, seed=4))
    promises = summary["promises"]
    assert list(promises) == ["cost", "second_stage", "epf", "cvar", "violation", "short_periods"]
    assert all(entry["verdict"] != "broken" and entry["n"] == 1000 for entry in promises.values())
    for name in ("cost", "second_stage", "epf"):
        entry = promises[name]
        assert entry["ci_low"] <= entry["promised_at_most"] <= entry["ci_high"]
    assert 0.0 < promises["epf"]["promised_at_most"] <= 0.3
    assert promises["cvar"]["mean"] == pytest.approx(promises["cvar"]["promised_at_most"], rel=0.01)


def test_both_engines_carry_it_out_bit_for_bit(shipped: Solved, moving: Solved) -> None:
    for scenario, _, plan in (shipped, moving):
        runs = [simulate(scenario, plan=plan, replications=6, seed=2, engine=e) for e in ("agents", "compiled")]
        assert runs[0].values.tobytes() == runs[1].values.tobytes()
        entries = [build_summary(run)["promises"] for run in runs]
        assert entries[0] == entries[1]


def test_robust_plans_are_violated_less_than_the_deterministic_one(shipped: Solved) -> None:
    found = {}
    for kind in ("deterministic", "ddro-marginal", "ddro-joint"):
        scenario, _, plan = solved(FOLDER, f"design.sourcing.demand={kind}") if kind != "ddro-marginal" else shipped
        found[kind] = build_summary(simulate(scenario, plan=plan, replications=1000, seed=1))["promises"]
    plain, marginal, joint = (found[kind]["violation"] for kind in found)
    assert joint["ci_high"] < marginal["ci_low"] < marginal["ci_high"] < plain["ci_low"]
    assert plain["promised_at_most"] is None
    # 25 of 1,000 past demands lie above what is covered; 16 bounds of 95 % together.
    assert (
        marginal["promised_at_most"]
        == pytest.approx(beta.ppf(1.0 - 0.05 / 16, 26, 975))
        == pytest.approx(0.0417, abs=1e-4)
    )
    assert marginal["verdict"] == "kept"
    assert found["ddro-marginal"]["short_periods"]["mean"] == pytest.approx(0.32, abs=0.03)
    assert "--reading joint" in marginal["note"]
    assert found["ddro-joint"]["violation"]["note"] == ""
    assert found["ddro-joint"]["short_periods"]["mean"] == 0.0
    assert found["deterministic"]["cost"]["mean"] == pytest.approx(475.585e6, rel=1e-4)
    assert found["ddro-marginal"]["cost"]["mean"] == pytest.approx(542.418e6, rel=1e-4)
    assert found["ddro-joint"]["cost"]["mean"] == pytest.approx(743.342e6, rel=1e-4)


def test_a_worse_law_goes_to_the_spot_market_and_breaks_the_promise(shipped: Solved) -> None:
    _, _, plan = shipped
    worse = [f"joint_disruptions.failures.cases.{k}.health.M1=0.1" for k in range(1, 64, 2)]
    result = simulate(FOLDER, overrides=worse, plan=plan, replications=200, seed=1)
    promises = build_summary(result)["promises"]
    assert promises["second_stage"]["verdict"] == "broken"
    assert promises["violation"]["mean"] < 0.05  # the spot market delivers what M1 does not
    closed = plan.model_copy(update={"spot_market": None, "spot": []})
    short = build_summary(simulate(FOLDER, overrides=worse, plan=closed, replications=200, seed=1))["promises"]
    assert short["violation"]["mean"] > promises["violation"]["mean"] + 0.02


def test_efforts_raise_what_a_failed_primary_has_left(shipped: Solved) -> None:
    scenario, design, plan = shipped
    changed = apply_plan(instance_of(scenario), plan, scenario)
    law, i = changed.triggers.joint[0], design.instance
    for case in (1, 63):
        mine = range(int(law.first[case]), int(law.first[case + 1]))
        levels = {
            changed.network.node_ids[changed.channels.target[law.channel[k]]]: changed.effects[law.effect[k]].low
            for k in mine
            if changed.channels.kind[law.channel[k]] == 0
        }
        for m, name in enumerate(i.primaries):
            if i.disrupted[case, m]:
                extra = 0.45 if name in {"M1", "M2", "M5", "M6"} else 0.0
                assert levels.get(name, 1.0) == pytest.approx(min(1.0, i.residual[case, m] + extra))


def test_an_arc_carries_in_each_case_what_is_planned_there_and_what_nobody_planned_to_use() -> None:
    """Of 30 reserved units 20 are planned in one case and 4 in the other: 10 more may go over the arc in either."""
    cases = [
        {"name": name, "probability": 0.5, "health": {"main": level}} for name, level in (("bad", 0.0), ("ok", 1.0))
    ]
    scenario = scenario_of(
        {
            "nodes": [
                {"id": "buyer", "demand": {"mean": 20.0}, "order": {"mean": 20.0}},
                {"id": "main"},
                {"id": "spare", "production": {"mean": 30.0}},
            ],
            "arcs": [{"buyer": "buyer", "supplier": "main"}, {"buyer": "buyer", "supplier": "spare"}],
            "joint_disruptions": [{"name": "failures", "drawn": "replication", "cases": cases}],
            "run": {"periods": 2},
        }
    )
    plan = SourcingContractPlan.model_validate(
        {
            "version": 1, "name": "plan", "cases": ["bad", "ok"], "reserves": [{"supplier": "spare", "units": 30.0}],
            "backup": [{"buyer": "buyer", "supplier": "spare", "units": [20.0, 4.0]}],
            "promise": None,
        }
    )  # fmt: skip
    changed = apply_plan(instance_of(scenario), plan, scenario)
    law = changed.triggers.joint[0]
    carried = []
    for case in range(2):
        mine = range(int(law.first[case]), int(law.first[case + 1]))
        struck = {int(law.channel[k]): changed.effects[law.effect[k]].low for k in mine}
        (arc,) = np.flatnonzero((changed.channels.kind == number_of("arc")) & (changed.channels.target == 1))
        carried.append(changed.arcs.cap[1] * struck.get(int(arc), 1.0))
    assert carried == pytest.approx([30.0, 14.0])


def test_the_plan_file_reads_back_and_bad_ones_are_refused(shipped: Solved, tmp_path: Path) -> None:
    scenario, _, plan = shipped
    path = tmp_path / "plan.yaml"
    write_plan(path, plan)
    assert read_plan(path).content_hash == plan.content_hash
    text = path.read_text()
    for old, new, message in (
        ("buyer: A2", "buyer: A99", "there is no arc from"),
        ("  - {supplier: M1, level", "  - {supplier: M9, level", "there is no node 'M9'"),
        ("  - {supplier: M1, level", "  - {supplier: M2, level", "'M2' is named twice"),
        ("regained: 0.45", "regained: 1.45", "must be at most 1"),
        ("{buyer: A1, supplier: M5", "{buyer: A1, supplier: M3", "'M3' is not named under 'primaries'"),
    ):
        path.write_text(text.replace(old, new, 1))
        with pytest.raises(InputError, match=message):
            simulate(scenario, plan=path, replications=1)


def test_what_the_sets_aim_at() -> None:
    assert aimed("deterministic", None) == aimed("box", 0.05) == (None, None)
    assert aimed("ddro-marginal", 0.05) == (0.025, None)
    assert aimed("ddro-joint", 0.05) == (None, 0.05)
    assert aimed("bro", 0.05) == aimed("box-ball", 0.05) == (0.05, None)


def test_costs_are_judged_by_the_quantum_of_goods() -> None:
    samples = np.full(3, 15_310.00005)
    assert Promise("cost", "Cost", "{money}", 15_310.0, samples).entry(UNITS, 1)["verdict"] == "broken"
    entry = Promise("cost", "Cost", "{money}", 15_310.0, samples, slack=1e-4, note="so").entry(UNITS, 1)
    assert (entry["verdict"], entry["note"]) == ("kept", "so")
    assert Promise("cost", "Cost", "{money}", 15_310.0, samples, slack=1e-5).entry(UNITS, 1)["verdict"] == "broken"


def test_rounding_to_the_grid_breaks_no_promise_and_an_idle_supplier_is_named() -> None:
    """Thirds of a demand lie off the grid: rounded up, they cover it, at less than the slack."""
    nodes = [
        {"id": "shop", "demand": {"mean": 100.0}, "order": {"mean": 1.0}},
        *({"id": m, "production": {"mean": 100.0}} for m in ("m1", "m2", "m3")),
    ]
    arcs = [{"buyer": "shop", "supplier": m, "price": 7.0} for m in ("m1", "m2", "m3")]
    run = {"periods": 2, "warm_up": 1, "replications": 2}
    content = {"nodes": nodes, "arcs": arcs, "run": run, "rules": {"known_after": 0, "feedback": "none"}}
    uses = [{"buyer": "shop", "supplier": m, "units": 100.0 / 3.0} for m in ("m1", "m2", "m3")]
    plan = SourcingContractPlan.model_validate({
        "version": 1, "name": "thirds", "primaries": [{"supplier": m} for m in ("m1", "m2", "m3")], "contracts": uses,
        "promise": {"cost": 700.0, "second_stage": 0.0, "cvar": 0.0, "violation": 0.0, "short_periods": 0.0},
    })  # fmt: skip
    result = simulate(scenario_of(content), plan=plan, engine="agents")
    promises = {promise.name: promise for promise in result.promises}
    assert promises["cost"].samples.mean() == pytest.approx(700.0)
    assert all(promise.entry(UNITS, 1)["verdict"] == "kept" for promise in result.promises)
    assert promises["short_periods"].samples.tolist() == [0.0, 0.0]
    del nodes[-1]["production"]
    with pytest.raises(
        InputError, match=r"primaries.2.supplier: 'm3' makes, buys and holds nothing.*give it production"
    ):
        simulate(scenario_of(content), plan=plan, engine="agents")


def test_the_tables_of_the_scenario_are_those_of_the_design(tmp_path: Path) -> None:
    generate.main(tmp_path)
    for name in ("nodes.csv", "arcs.csv", "failures.csv"):
        assert (tmp_path / name).read_text() == (FOLDER / name).read_text()


def test_a_network_without_the_suppliers_is_refused(tmp_path: Path) -> None:
    for file in FOLDER.glob("*.*"):
        shutil.copy(file, tmp_path)
    nodes = [line for line in (FOLDER / "nodes.csv").read_text().splitlines() if not line.startswith("B3,")]
    arcs = [line for line in (FOLDER / "arcs.csv").read_text().splitlines() if ",B3," not in line]
    (tmp_path / "nodes.csv").write_text("\n".join(nodes) + "\n")
    (tmp_path / "arcs.csv").write_text("\n".join(arcs) + "\n")
    with pytest.raises(InputError, match="no node 'B3'"):
        run_design(tmp_path)
