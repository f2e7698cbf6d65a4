"""`esc-sim new`, `check --json`, `schema --out`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from esc_sim.cli import main
from esc_sim.results.columns import PERIOD_COLUMNS
from esc_sim.scenario.json_schema import scenario_json_schema
from esc_sim.scenario.reader import load_scenario, read_scenario
from esc_sim.scenario.starter import templates
from tests.scenario.helpers import GOOD, folder_of

ROOT = Path(__file__).resolve().parents[2]


DESIGNED = ("cascade", "microgrid", "retail", "sourcing")
"""Starters of designs and recoveries."""


@pytest.mark.parametrize("template", ["blank", "layered", "quickstart", "scale-free", *DESIGNED])
def test_every_template_passes_check(template: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "my chain"
    assert main(["new", str(folder), "--template", template]) == 0
    first = {"cascade": "recover"}.get(template, "design") if template in DESIGNED else "check"
    assert f"esc-sim {first} '{folder}'" in capsys.readouterr().out
    read = read_scenario(folder)
    assert (read.scenario.name, read.warnings) == ("my chain", [])
    assert sorted(read.files) == sorted(file for file in folder.rglob("*") if file.is_file())
    assert [path.name for path in tmp_path.iterdir()] == ["my chain"]


@pytest.mark.parametrize("template", ["blank", "layered", "quickstart", "scale-free"])
def test_every_template_runs(template: str) -> None:
    from esc_sim.engine.agents.model import SupplyChainModel

    scenario = load_scenario(templates()[template], ["run.periods=70"])
    model = SupplyChainModel(scenario)
    model.run()
    rows = model.recorder.periods
    served, demand = (rows[:, PERIOD_COLUMNS.index(name)].sum() for name in ("served", "demand"))
    assert rows.shape[0] == 70
    assert 0.8 * demand < served <= demand


@pytest.mark.parametrize("template", DESIGNED)
def test_starters_of_designs_hand_over_a_plan_that_runs(template: str, tmp_path: Path) -> None:
    import esc_sim as esc

    folder = tmp_path / "mine"
    assert main(["new", str(folder), "-t", template]) == 0
    found = esc.recover(folder, budget=2) if template == "cascade" else esc.design(folder)
    assert found.plan is not None
    run = esc.simulate(folder, plan=found.plan, engine="agents", replications=2)
    assert float(run.column("cost").mean()) > 0.0


def test_a_retail_design_of_sites_and_areas_of_ones_own(tmp_path: Path) -> None:
    import esc_sim as esc

    tables = templates()["retail"] / "design"
    for table in ("nodes.csv", "demand.csv"):
        text = (tables / table).read_text().replace("hills", "valley").replace("store_5", "store_9")
        (tmp_path / table).write_text(text)
    folder = tmp_path / "mine"
    given = [f"--table={tmp_path / table}" for table in ("nodes.csv", "demand.csv")]
    assert main(["new", str(folder), "-t", "retail", *given, "--goods", "crate"]) == 0
    scenario = load_scenario(folder)
    assert {"valley", "store_9"} < {node.id for node in scenario.nodes}
    assert (scenario.units.goods, scenario.data.status) == ("crate", "assumed")
    assert {case.demand_spread["valley"] for case in scenario.joint_disruptions[0].cases if case.demand_spread} == {0.5}
    plan = esc.design(folder).plan
    run = esc.simulate(folder, plan=plan, engine="agents", replications=4)
    assert {promise.name for promise in run.promises} >= {"violation"}
    (tmp_path / "demand.csv").write_text("area,scenario,demand,deviation\nnowhere,mild,1,0\n")
    assert main(["new", str(tmp_path / "other"), "-t", "retail", *given]) == 2
    assert not (tmp_path / "other").exists()


def test_every_case_of_the_project_is_a_template() -> None:
    cases = {folder.name: folder for folder in (ROOT / "scenarios").iterdir() if folder.is_dir()}
    assert templates().keys() == {"blank", "layered", "scale-free", *DESIGNED, *cases}
    assert {name: folder for name, folder in templates().items() if name in cases} == cases


def test_a_case_is_copied_whole_but_for_what_made_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for case, inner in (("retail_wuhan", "design"), ("three_tier", ".")):
        folder = tmp_path / "scenarios" / case
        assert main(["new", str(folder), "--template", case]) == 0
        theirs = {file.relative_to(templates()[case]) for file in templates()[case].rglob("*.csv")}
        assert {file.relative_to(folder) for file in folder.rglob("*.csv")} == theirs
        assert any(file.parent == Path(inner) for file in theirs)
        assert not list(folder.rglob("*.py"))
        assert load_scenario(folder) == load_scenario(templates()[case])
    assert "design/" in capsys.readouterr().out


def test_a_missing_case_says_how_to_get_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "oil_gas"
    assert main(["check", str(path)]) == 2
    said = f"{path}: no such file or folder; `esc-sim new {path} --template oil_gas` makes the case of that name"
    assert said in " ".join(capsys.readouterr().err.split())


def test_new_fills_an_empty_folder(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    assert main(["new", str(folder)]) == 0
    assert read_scenario(folder).scenario.name == "empty"


def test_new_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    used = folder_of(tmp_path / "used")
    assert main(["new", str(used)]) == 2
    assert "this folder is not empty" in capsys.readouterr().err
    assert (used / "scenario.yaml").read_text() == GOOD
    assert main(["new", str(used / "scenario.yaml")]) == 2
    assert "a file of that name is there" in capsys.readouterr().err
    assert main(["new", str(used / "scenario.yaml" / "below")]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert main(["new", str(tmp_path / "x"), "--template", "layerd"]) == 2
    assert "there is no template 'layerd'; did you mean 'layered'?" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["used"]


def test_check_as_json_with_overrides(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = folder_of(tmp_path / "chain")
    words = ["check", str(folder), "--json", "--set", "run.periods=7", "--set", "nodes.shop.order=null"]
    assert main(words) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["periods"], summary["nodes"], summary["arcs"]) == (7, 2, 1)
    assert summary["disruptions"] == ["outage"]
    assert summary["warnings"] == [
        "--set nodes.shop.order=null: warning: has suppliers but no order: it buys nothing",
    ]


def test_schema_is_printed_or_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == scenario_json_schema()
    file = tmp_path / "scenario.schema.json"
    assert main(["schema", "--out", str(file)]) == 0
    assert json.loads(file.read_text()) == scenario_json_schema()
    assert main(["schema", "--out", str(tmp_path / "no" / "x.json")]) == 2
    assert "No such file" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["scenario.schema.json"]


def test_check_says_how_many_nodes_have_no_coordinates(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(templates()["quickstart"])]) == 0
    assert "\nplaces " not in capsys.readouterr().out
    assert main(["check", str(templates()["quickstart"]), "--set", "nodes.1.x=null"]) == 0
    assert "places       coordinates of 4 nodes; 1 other placed around them on maps" in capsys.readouterr().out
