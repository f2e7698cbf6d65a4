"""Plans on the page: offered by name, run on the same random numbers, refused when they do not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from esc_sim import simulate
from esc_sim.cli import main
from esc_sim.plans.files import read_plan
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.scenario.reader import load_scenario
from esc_sim.views.page.show import Setting, Show
from esc_sim.views.page.variants import plan_variants
from tests.page.conftest import ROOT

OIL_GAS = ROOT / "scenarios" / "oil_gas"
PLAN = """\
version: 1
kind: decisions
name: fewer orders
orders:
  - {node: refinery_3, mean: 80}
  - {node: terminal_3, mean: 90}
prices:
  - {buyer: terminal_3, supplier: refinery_3, price: 50}
"""


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN, encoding="utf-8")
    return file


def test_a_plan_runs_beside_the_scenario_with_the_numbers_of_run(plan_file: Path) -> None:
    scenario = load_scenario(OIL_GAS, {"run.periods": 40})
    show = Show(Setting(scenario, ("x",), plan_variants([plan_file], scenario)))
    assert list(show.setting.variants) == ["Scenario as written", "Plan fewer orders", "Without disruptions"]
    show.reset({}, 5, 0, ["Scenario as written", "Plan fewer orders"])
    show.step(40)
    base, planned = (run.periods for run in show.runs)
    demand = PERIOD_COLUMNS.index("demand")
    assert np.array_equal(base[:, demand], planned[:, demand])
    for shown, plan in ((base, None), (planned, read_plan(plan_file))):
        run = simulate(scenario, replications=1, seed=5, engine="agents", plan=plan)
        assert np.array_equal(run.values[0], shown)
    assert not np.array_equal(base, planned)


def test_plans_of_one_name_are_told_apart(plan_file: Path) -> None:
    variants = plan_variants([plan_file, plan_file, plan_file], load_scenario(OIL_GAS))
    assert [variant.name for variant in variants] == [
        "Plan fewer orders", "Plan fewer orders (2)", "Plan fewer orders (3)",
    ]  # fmt: skip


def test_a_plan_for_another_network_is_refused(plan_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quickstart = str(ROOT / "scenarios" / "quickstart")
    assert main(["app", quickstart, "--plan", str(plan_file), "--no-open"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "plan.yaml:5:" in captured.err
    assert "there is no node 'refinery_3'" in captured.err
    assert main(["app", quickstart, "--plan", str(plan_file.with_name("none.yaml")), "--no-open"]) == 2
    assert "none.yaml: cannot be read" in capsys.readouterr().err
