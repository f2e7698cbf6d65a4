"""What is committed beside the programs fits today's scenarios: plans, and the tables that were made with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from esc_sim.cli import main
from esc_sim.instance.build import instance_of
from esc_sim.optimize.space import decision_space
from esc_sim.plans.apply import apply_plan
from esc_sim.plans.files import read_plan
from esc_sim.results.manifest import scenario_hash
from esc_sim.scenario.reader import load_scenario
from experiments.energy_supply_chain import bounds, case, noise

ROOT = Path(__file__).resolve().parent.parent


def plans() -> list[Path]:
    """Plan files of experiments and scenarios: YAML files that say which structure they are for."""
    found = (path for folder in ("experiments", "scenarios") for path in sorted((ROOT / folder).rglob("*.yaml")))
    return [path for path in found if "\nstructure_hash:" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", plans(), ids=lambda path: path.name)
def test_a_committed_plan_was_made_for_the_scenario_as_it_is(path: Path) -> None:
    """A key that came later must leave the hash of scenarios that do not use it (esc_sim.results.manifest)."""
    plan = read_plan(path)
    scenario = load_scenario(ROOT / "scenarios" / plan.origin.scenario)
    assert plan.origin.scenario_hash == scenario_hash(scenario)
    instance = instance_of(scenario)
    assert apply_plan(instance, plan, scenario).notices == instance.notices


def test_plans_are_found() -> None:
    assert case.PLAN in plans()


def test_a_run_of_the_compromise_gives_no_notice_of_another_scenario(capfd: pytest.CaptureFixture[str]) -> None:
    """A change of the scenario does, so that the notice says something."""
    command = ["run", str(case.SCENARIO), "--plan", str(case.PLAN), "--replications", "1", "--engine", "agents"]
    assert main(command) == 0
    assert "with other values" not in capfd.readouterr().out
    assert main([*command, "--set", "run.periods=20"]) == 0
    assert "plan 'compromise' was made for scenario 'oil_gas' with other values" in capfd.readouterr().out


def test_tables_and_plan_of_the_compromise_are_of_one_search() -> None:
    promised = read_plan(case.PLAN).origin.objectives
    stored = {row["measure"]: float(row["compromise"]) for row in case.read("compromise")}
    chosen = next(row for row in case.read("figure08_front") if row["compromise"] == "True")
    for objective, measure in (("profit", "profit_total"), ("cvar", "cvar")):
        assert stored[measure] == pytest.approx(promised[objective], rel=1e-6)
        assert float(chosen[f"{objective}.held_out"]) == pytest.approx(promised[objective], rel=1e-6)
    corrected = next(row for row in case.read("equation20") if row["reading"] == "corrected")
    assert float(corrected["profit"]) == pytest.approx(promised["profit"], rel=1e-6)
    carried = next(row for row in case.read("bounds") if row["search"].startswith("compromise of figure 8"))
    whole = bounds.bounded(1.0, rules__partial=False)
    again = bounds.judged(whole, noise.compromise(decision_space(whole)))[1, bounds.MEASURES.index("cvar")]
    assert float(carried["cvar"]) == pytest.approx(again, rel=1e-6)
