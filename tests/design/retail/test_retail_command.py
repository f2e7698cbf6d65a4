"""`esc-sim design` of a retail network and `esc-sim run` of its plans: what is written, and what is refused."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from retail_cases import WUHAN, small
from test_retail_read import edit, table_rows, tiny_tables, write

from esc_sim.cli import main
from esc_sim.design.retail.episode import episode_content
from esc_sim.design.retail.read import read_instance
from esc_sim.plans.files import read_plan
from esc_sim.plans.retail import RetailNetworkPlan
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.writing import write_scenario
from experiments.retail import make_scenario
from tests.helpers.runs import agents, compiled, differences


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A network of one's own: its tables in design/, and the scenario made from them."""
    folder = tmp_path / "own"
    (folder / "design").mkdir(parents=True)
    instance = small(demand=1.2)
    tiny_tables(folder / "design", replace(instance, deviation=0.2 * instance.demand))
    section = {"model": "box-ball", "eps": 0.2, "coverage": [1, 1, 1], "compare_coverage": [[1, 1, 1], [2, 1, 2]]}
    content = episode_content(read_instance(folder / "design"), law="two-point", name="own")
    write_scenario(Scenario.model_validate(content | {"design": {"retail": section}}), folder)
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The message of what is refused: exit status 2, no traceback."""
    capsys.readouterr()
    assert main(arguments) == 2
    message = capsys.readouterr().err
    assert "Traceback" not in message
    return message


def test_design_then_run(case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    again = "design.retail.check_demand=[1.05, 6]"
    assert main(["design", str(case), "--front", "--switches", "--set", again, "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "price of robustness" in printed
    assert "every printed constraint holds" in printed
    assert "infeasible, whatever the flows" in printed
    assert "eq. 1/3, demand covered: area_" in printed
    summary = json.loads((out / "summary.json").read_text())
    assert summary["price_of_robustness_percent"] > 0.0
    assert sum(summary["cost_pieces_expected"].values()) == pytest.approx(summary["cost"])
    feasible, hopeless = summary["other_demands"]
    assert feasible["cost_dispatched_anew"] > 0.0
    assert hopeless["cost_dispatched_anew"] is None
    assert any("area_" in text for text in hopeless["infeasible_because"])
    files = {path.name for path in out.iterdir()}
    assert {"facilities.csv", "links.csv", "areas.csv", "costs.csv", "eps.csv", "coverage.csv"} <= files
    assert {"map.png", "cost_against_eps.png", "coverage.png", "plan.yaml", "plan_adaptive.yaml"} <= files
    costs = [float(row["cost"]) for row in rows(out / "eps.csv")]
    assert costs == sorted(costs, reverse=True)
    for link in rows(out / "links.csv"):
        assert 0.0 <= float(link["share_1"]) <= 1.0 + 1e-9
    static, adaptive = read_plan(out / "plan.yaml"), read_plan(out / "plan_adaptive.yaml")
    assert isinstance(static, RetailNetworkPlan)
    assert isinstance(adaptive, RetailNetworkPlan)
    assert (static.operation, adaptive.operation, static.promised_eps) == ("static", "adaptive", 0.2)
    assert static.structure_hash is not None
    found = {}
    for name in ("plan", "plan_adaptive"):
        for engine in ("compiled", "agents"):
            target = tmp_path / f"{name}_{engine}"
            arguments = ["run", str(case), "--plan", str(out / f"{name}.yaml"), "--replications", "40"]
            assert main([*arguments, "--engine", engine, "--out", str(target)]) == 0
            assert "Some area is short" in capsys.readouterr().out
            found[name, engine] = json.loads((target / "summary.json").read_text())["promises"]
        assert found[name, "compiled"] == found[name, "agents"]
    violation = found["plan", "compiled"]["violation"]
    assert (violation["promised_at_most"], violation["verdict"]) == (0.2, "kept")


def test_the_options_of_the_command_go_before_the_scenario(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["design", str(case), "--model", "budget", "--reading", "own", "--coverage", "2,2,2", "--gap", "0.001",
                 "--time-limit", "20", "--eps", "0.1"]) == 0  # fmt: skip
    assert "budget, eps 0.1, own reading, coverage (2, 2, 2)" in capsys.readouterr().out
    assert main(["design", str(case), "--model", "stochastic"]) == 0
    printed = capsys.readouterr().out
    assert "stochastic, coverage (1, 1, 1)" in printed
    assert "price of robustness" not in printed


def test_other_probabilities(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["design", str(case), "--set", "design.retail.probabilities=[0.9, 0.1]"]) == 0
    message = refused(["design", str(case), "--set", "design.retail.probabilities=[0.9, 0.2]"], capsys)
    assert "the scenario probabilities sum to 1.1; they must sum to 1" in message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "ddro"], "--model: a retail design has no model 'ddro'; it has stochastic, box-ball, budget"),
        (["--reading", "marginal"], "--reading: a retail design has no reading 'marginal'; it has joint, own"),
        (["--eps", "1"], "--eps: 1 is out of range"),
        (["--eps", "0"], "--eps: 0 is out of range"),
        (["--gap", "-1"], "--gap: -1 is out of range"),
        (["--time-limit", "0"], "--time-limit: 0 is out of range"),
        (["--coverage", "2,2"], "--coverage 2,2: give three whole numbers such as 2,2,2"),
        (["--coverage", "2,2,-1"], "--coverage 2,2,-1: give three whole numbers such as 2,2,2"),
        (["--coverage", "4,1,1"], "coverage: every dc needs links from 4 suppliers, but there are only 3"),
        (["--coverage", "1,3,1"], "coverage: every store needs links from 3 dcs, but there are only 2"),
        (["--coverage", "1,1,7"], "coverage: every area needs links from 7 stores, but there are only 6"),
    ],
)
def test_options_that_mean_nothing(
    case: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in refused(["design", str(case), *arguments], capsys)


def test_probabilities_that_do_not_sum_to_1(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(case / "design", "scenarios.csv", 2, "probability", "0.5")
    edit(case / "design", "scenarios.csv", 3, "probability", "0.2")
    out = case / "out"
    message = refused(["design", str(case), "--out", str(out)], capsys)
    assert "scenarios.csv" in message
    assert "the scenario probabilities sum to 0.7; they must sum to 1" in message
    assert not out.exists()


def test_an_area_that_cannot_be_reached(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = case / "design" / "arcs.csv"
    write(table, [row for row in table_rows(table) if row[1] != "area_2"])
    message = refused(["design", str(case), "--coverage", "1,1,0"], capsys)
    assert "area area_2 cannot be reached: no chain of links leads from a supplier to it" in message


def test_capacity_below_demand(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(case / "design", "scenarios.csv", 3, "sales", "1e9")
    message = refused(["design", str(case)], capsys)
    assert "capacity below demand in scenario" in message
    assert "all stores hold at most" in message


def test_a_plan_for_another_network(case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["design", str(case), "--out", str(tmp_path / "out")]) == 0
    plan = str(tmp_path / "out" / "plan.yaml")
    assert "made for another network" in refused(["run", str(WUHAN.parent), "--plan", plan], capsys)


def test_a_scenario_with_another_network_gets_no_plan(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (case / "arcs.csv").unlink()
    (case / "nodes.csv").unlink()
    (case / "scenario.yaml").write_text("version: 1\nname: own\nnodes: [{id: place}]\ndesign: {retail: {}}\n")
    assert main(["design", str(case), "--out", str(case / "out")]) == 0
    assert "no plan: the scenario's network is not that of the design's tables" in capsys.readouterr().out
    assert not (case / "out" / "plan.yaml").exists()


def test_the_script_makes_the_shipped_scenario_again(tmp_path: Path) -> None:
    for path in write_scenario(make_scenario.scenario(), tmp_path, make_scenario.COMMENT):
        shipped = WUHAN.parent / path.name
        assert path.read_bytes() == shipped.read_bytes(), "run python -m experiments.retail.make_scenario"


def test_the_shipped_scenario(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Designed and run from the command line: the promise is kept; the data say that they are synthetic."""
    out = tmp_path / "out"
    assert main(["design", str(WUHAN.parent), "--reading", "own", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "price of robustness  0.104 %" in printed
    assert "synthetic" in printed
    summary = json.loads((out / "summary.json").read_text())
    assert summary["stochastic_cost"] == pytest.approx(365.113e6, rel=1e-4)
    arguments = ["run", str(WUHAN.parent), "--plan", str(out / "plan.yaml"), "--replications", "50"]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    line = next(line for line in printed.splitlines() if "Some area is short" in line)
    assert "at most 5" in line
    assert "kept" in line


def test_the_shipped_scenario_runs_alike_in_both_engines() -> None:
    scenario = load_scenario(WUHAN.parent)
    assert (len(scenario.nodes), len(scenario.arcs)) == (142, 1679)
    assert scenario.data.status == "synthetic"
    runs = [run(scenario, range(3)) for run in (agents, compiled)]
    assert differences(*runs) == []
