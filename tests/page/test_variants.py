"""Plans on the page: offered by name, run on the same random numbers, refused when they do not fit."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from esc_sim import simulate
from esc_sim.cli import main
from esc_sim.plans.files import read_plan
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.scenario.reader import load_scenario
from esc_sim.views.page.show import Setting, Show
from esc_sim.views.page.variants import variants_of
from tests.page.conftest import PLAN, ROOT
from tests.page.shows import show_of_scenario

OIL_GAS = ROOT / "scenarios" / "oil_gas"


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN, encoding="utf-8")
    return file


def test_a_plan_runs_beside_the_scenario_with_the_numbers_of_run(plan_file: Path) -> None:
    scenario = load_scenario(OIL_GAS, {"run.periods": 40})
    show = show_of_scenario(scenario, [plan_file])
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
    names = list(variants_of(load_scenario(OIL_GAS), [plan_file, plan_file, plan_file]))
    assert names[1:-1] == ["Plan fewer orders", "Plan fewer orders (2)", "Plan fewer orders (3)"]


def test_a_plan_for_another_network_is_refused(plan_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quickstart = str(ROOT / "scenarios" / "quickstart")
    assert main(["app", quickstart, "--plan", str(plan_file), "--no-open"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "plan.yaml:5:" in captured.err
    assert "there is no node 'refinery_3'" in captured.err
    assert main(["app", quickstart, "--plan", str(plan_file.with_name("none.yaml")), "--no-open"]) == 2
    assert "none.yaml: cannot be read" in capsys.readouterr().err


def test_code_that_a_scenario_names_runs_only_when_allowed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shutil.copytree(ROOT / "scenarios" / "quickstart", tmp_path / "scenario")
    (folder / "policies.py").write_text(
        "import pathlib\npathlib.Path(__file__).with_name('ran').touch()\n\n\n"
        "class Fixed:\n    def order(self, view):\n        return 70.0\n",
        encoding="utf-8",
    )
    change = "nodes.warehouse.order={policy: code, code: 'policies.py:Fixed'}"
    assert main(["app", str(folder), "--set", change, "--no-open"]) == 2
    assert "allow it: --allow-code" in capsys.readouterr().err
    assert not (folder / "ran").exists()
    scenario = load_scenario(folder, [change])
    show = Show(Setting(scenario, ("x",), variants_of(scenario, allow_code=True)))
    show.step(3)
    assert (folder / "ran").exists()
    show.reset({"arcs.price": 90.0}, 1, 0, ["Scenario as written"])  # a changed scenario still finds its files
    show.step(3)
    ordered = show.runs[0].model.books.ordered[show.runs[0].model.items_of_node[2][0]]
    assert ordered == 70.0
