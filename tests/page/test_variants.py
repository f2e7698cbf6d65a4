"""Plans on the page: offered by name, run on the same random numbers, refused when they do not fit."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

from esc_sim import simulate
from esc_sim.cli import main
from esc_sim.design.kinds import run_design
from esc_sim.errors import InputError
from esc_sim.plans.energy import EnergyDaysPlan
from esc_sim.plans.files import read_plan, write_plan
from esc_sim.plans.kinds import KINDS
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from esc_sim.views.page.content import book_content, log_content
from esc_sim.views.page.members_chart import members_option
from esc_sim.views.page.show import Setting, Show
from esc_sim.views.page.states import node_states
from esc_sim.views.page.variants import BASE, variants_of
from esc_sim.views.page.what_if import WhatIf, run_command
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
    show.reset(WhatIf("Scenario as written"), WhatIf("Plan fewer orders"), 5, 0)
    show.step(40)
    base, planned = (run.periods for run in show.runs)
    demand = PERIOD_COLUMNS.index("demand")
    assert np.array_equal(base[:, demand], planned[:, demand])
    for shown, plan in ((base, None), (planned, read_plan(plan_file))):
        run = simulate(scenario, replications=1, seed=5, engine="agents", plan=plan)
        assert np.array_equal(run.values[0], shown)
    assert not np.array_equal(base, planned)


BAKERY = ROOT / "scenarios" / "bakery"


def bakery_show() -> Show:
    """The bakery with its variants."""
    scenario = load_scenario(BAKERY)
    settings = {name: load_scenario(BAKERY, [f"variant={name}"]) for name in scenario.variants}
    return Show(Setting(scenario, ("bakery",), variants_of(scenario, settings=settings)))


def test_variants_of_a_scenario_run_side_by_side() -> None:
    show = bakery_show()
    # The variant circular is the scenario as written.
    assert list(show.setting.variants) == ["Scenario as written", "Variant linear", "Without disruptions"]
    show.reset(WhatIf("Scenario as written"), WhatIf("Variant linear"), 5, 0)
    show.step(30)
    for run, changes in zip(show.runs, ([], ["variant=linear"]), strict=True):
        again = simulate(load_scenario(BAKERY, ["run.periods=30", *changes]), replications=1, seed=5, engine="agents")
        assert np.array_equal(again.values[0], run.periods)
    assert not np.array_equal(show.runs[0].periods, show.runs[1].periods)


def test_a_member_that_only_one_variant_has_has_a_book_with_one_column_filled() -> None:
    show = bakery_show()
    show.reset(WhatIf("Variant linear"), WhatIf("Scenario as written"), 5, 0)
    show.step(20)
    assert [run.node("pig_farm") is None for run in show.runs] == [True, False]
    content = book_content(show, "pig_farm")
    assert content is not None
    assert {row["values"][0] for table in content["tables"] for row in table["rows"]} == {""}
    series = members_option(show.runs, ["pig_farm"], show.scenario.units)[0]["series"]
    assert {line["lineStyle"]["type"] for line in series} == {"dashed"}
    assert "pig_farm" in show.node_names
    with pytest.raises(InputError, match="there is no node 'pig_farm'"):
        show.disrupt("pig_farm", 0.0)
    assert book_content(show, "nobody") is None


def test_parameters_of_a_variant_are_those_it_has() -> None:
    show = bakery_show()
    variant = show.setting.variants["Variant linear"]
    values = {"disruptions.oven.probability": 0.3, "roles.shop.demand": 50.0, "no.such.key": 1.0}
    changed = show.setting.changed(variant, values)
    assert changed.disruptions[0].probability == 0.3
    command = run_command(show.setting, WhatIf("Variant linear", values), 1)
    assert command.startswith("esc-sim run bakery --set variant=linear --set disruptions.oven.probability=0.3 ")
    words = [word for word in command.split()[3:] if word != "--set"]
    assert load_scenario(BAKERY, words) == changed


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
    show.reset(WhatIf(BASE, {"arcs.price": 90.0}))  # a changed scenario still finds its files
    show.step(3)
    ordered = show.runs[0].model.books.items[show.runs[0].model.items_of_node[2][0]].ordered
    assert ordered == 70.0


OF_EACH_KIND = {
    "oil_gas": PLAN,
    "cascade_37": "version: 1\nkind: recovery\nname: two\nrestore: ['0', '6']\n",
    "electrolyte": """\
version: 1
kind: sourcing
name: one primary
primaries: [{supplier: M1, fee: 1000}]
contracts: [{buyer: A1, supplier: M1, units: 900}]
spot: [{buyer: A1, supplier: spot, units: [600]}]
spot_market: spot
""",
    "retail_wuhan": """\
version: 1
kind: retail
name: one shop
operation: adaptive
cases: ['1', '2']
nodes: [{node: area_1, order: [500, 900]}, {node: store_1, stock: 800, capacity: [700, 900]}]
links: [{buyer: area_1, supplier: store_1, capacity: [600, 900]}]
""",
}


@pytest.mark.parametrize("name", OF_EACH_KIND)
def test_a_plan_of_any_kind_runs_beside_the_scenario(name: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(OF_EACH_KIND[name], encoding="utf-8")
    scenario = load_scenario(ROOT / "scenarios" / name, {} if name == "retail_wuhan" else {"disruptions": DATED[name]})
    assert_runs_beside(scenario, file)


def test_an_energy_plan_runs_beside_the_scenario(tmp_path: Path) -> None:
    scenario = load_scenario(ROOT / "scenarios" / "agro_food", {"run.periods": 12, "disruptions": []})
    plan = run_design(scenario, kind="dispatch").plan
    assert isinstance(plan, EnergyDaysPlan)
    dearer = [day.model_copy(update={"rest": day.rest + 100.0}) for day in plan.plans]
    file = tmp_path / "plan.yaml"
    write_plan(file, plan.model_copy(update={"plans": dearer}))
    assert_runs_beside(scenario, file)


def assert_runs_beside(scenario: Scenario, file: Path) -> None:
    """The page shows a plan beside the scenario, with the numbers of a run of it."""
    show = show_of_scenario(scenario, [file])
    plan = read_plan(file)
    show.reset(WhatIf("Scenario as written"), WhatIf(f"Plan {plan.name}"), 3, 0)
    periods = min(12, show.horizon)
    show.step(periods)
    shown = show.runs[1].periods
    run = simulate(scenario, replications=1, seed=3, engine="agents", plan=plan)
    assert np.array_equal(run.values[0, :periods], shown)
    assert not np.array_equal(show.runs[0].periods, shown)


DATED = {
    "oil_gas": [],
    "cascade_37": [
        {"name": "hit", "nodes": ["0", "6", "7", "9", "15"], "dates": [{"start": 2, "duration": 6}], "cascade": True}
    ],
    "electrolyte": [],
}


def test_all_kinds_of_plans_are_tried() -> None:
    assert {yaml.safe_load(text)["kind"] for text in OF_EACH_KIND.values()} | {"energy"} == set(KINDS)


def test_what_a_plan_orders_less_in_a_case_is_no_disruption(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(OF_EACH_KIND["retail_wuhan"], encoding="utf-8")
    show = show_of_scenario(load_scenario(ROOT / "scenarios" / "retail_wuhan"), [file])
    found = {}
    for replication in range(12):
        show.reset(WhatIf("Plan one shop"), None, 3, replication)
        show.step(3)
        model = show.runs[0].model
        place = model.instance.network.node_index
        states = node_states(model)
        told = [entry["text"] for entry in log_content(show)]
        found[model.health.order[place["area_1"]] < 1.0] = states[place["area_1"]].name, states[place["dc_1"]].name
        assert not any(text.startswith("area_1 (") and "order" in text for text in told)
    assert found == {True: ("normal", "normal"), False: ("normal", "disrupted")}  # case 1 and case 2
