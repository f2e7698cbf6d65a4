"""`esc-sim design`: plans from the command line, their folders, and what is refused."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from esc_sim.cli import main
from esc_sim.design.kinds import run_design
from esc_sim.errors import InputError
from esc_sim.storage.manifest import read_manifest

FOLDER = Path(__file__).parents[2] / "scenarios" / "electrolyte"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A copy of the electrolyte case, whose tables may be changed."""
    folder = tmp_path / "case"
    shutil.copytree(FOLDER, folder)
    return folder


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The message of a design that cannot be made."""
    capsys.readouterr()
    assert main(["design", *arguments]) == 2
    output = capsys.readouterr()
    assert "Traceback" not in output.err
    return output.err


def test_a_design_writes_tables_figures_and_its_manifest(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = case / "out"
    assert main(["design", str(case), "--front", "--switches", "--out", str(out)]) == 0
    assert "542,418,377" in capsys.readouterr().out
    summary = json.loads((out / "summary.json").read_text())
    assert summary["cost"] == pytest.approx(542.418e6, rel=1e-4)
    assert summary["second_stage"]["epf"] <= 0.3
    assert list(summary["primaries"]) == ["M1", "M2", "M5", "M6"]
    assert "--reading joint, as printed" in summary["reading"]  # and so in the report's table
    assert main(["report", str(out), "--out", str(case / "report.html")]) == 0
    assert "--reading joint, as printed" in (case / "report.html").read_text(encoding="utf-8")
    manifest = read_manifest(out)
    assert manifest is not None
    assert set(manifest["files"]) | {"manifest.json"} == {f.name for f in out.iterdir()}
    assert {"procurement.csv", "front.csv", "switches.csv", "procurement.png", "front.png"} <= set(manifest["files"])
    assert set(manifest["inputs"]) > {"demand_history.csv", "disruption_scenarios.csv"}
    assert (
        len((out / "front.csv").read_text().splitlines()) == 3
    )  # the shipped instance: every excess is all or nothing


def test_a_design_is_reproducible_from_its_manifest(case: Path) -> None:
    out, again = case / "out", case / "again"
    options = ["--model", "ddro", "--reading", "joint", "--set", "design.sourcing.theta=0.1"]
    assert main(["design", str(case), *options, "--out", str(out)]) == 0
    manifest = read_manifest(out)
    assert manifest is not None
    settings = {f"design.sourcing.{key}": value for key, value in manifest["settings"].items()}
    result = run_design(case, kind=manifest["kind"], overrides={k: v for k, v in settings.items() if v is not None})
    assert result.plan is not None
    assert result.plan.content_hash == manifest["plan_hash"]
    for path in result.inputs:
        assert hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest() == manifest["inputs"][path.name]
    first = json.loads((out / "summary.json").read_text())
    assert {**first, "seconds": 0} == {**result.summary, "seconds": 0}
    assert "reading" not in first  # that of the set is the printed one
    assert main(["design", str(case), *options, "--out", str(again)]) == 0
    assert (again / "plan.yaml").read_bytes() == (out / "plan.yaml").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "cost", "primaries"),
    [
        (["--model", "deterministic"], 475.585e6, 3),
        (["--model", "ddro", "--reading", "joint"], 743.342e6, 6),
        (["--model", "bro"], 767.06e6, 6),
        (["--model", "cvar", "--set", "design.sourcing.epsilon=1"], 536.884e6, 3),
        (["--reading", "joint", "--set", "design.sourcing.theta=0.05"], 743.342e6, 6),
    ],
)
def test_models_and_readings(case: Path, arguments: list[str], cost: float, primaries: int) -> None:
    out = case / "out"
    assert main(["design", str(case), *arguments, "--out", str(out)]) == 0
    summary = json.loads((out / "summary.json").read_text())
    assert summary["cost"] == pytest.approx(cost, rel=1e-4)
    assert len(summary["primaries"]) == primaries


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "design.sourcing.theta=1.5"], "theta=1.5: must be below 1"),
        (["--set", "design.sourcing.theta=0"], "must be above 0"),
        (["--set", "design.sourcing.budget=-1"], "must be at least 0"),
        (["--set", "design.sourcing.tables=../elsewhere"], "leads out of the scenario's folder"),
        (["--set", "design.sourcing.levels=[L9]"], "no effort level 'L9'"),
        (["--model", "robust"], "no model 'robust'"),
        (["--model", "bro", "--reading", "joint"], "has no readings"),
        (["--eps", "0.1"], "no option of a sourcing design"),
        (["--kind", "sourcin"], "there is no design 'sourcin'"),
        (["--gap", "-1"], "out of range"),
    ],
)
def test_what_cannot_be_meant(
    case: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in refused([str(case), *arguments, "--out", str(case / "out")], capsys)
    assert not (case / "out").exists()


def test_an_infeasible_design_names_the_limits_that_bind(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = refused([str(case), "--set", "design.sourcing.sole_sourcing=true"], capsys)
    assert "no plan meets every limit" in text
    assert "budget" in text
    text = refused(
        [str(case), "--set", "design.sourcing.spot_open=false", "--set", "design.sourcing.backup_open=false",
         "--set", "design.sourcing.levels=[L1]"], capsys
    )  # fmt: skip
    assert "no plan meets every limit" in text
    assert "demand" in text or "capacity" in text


def test_a_budget_below_what_any_plan_costs(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    low = ["--set", "design.sourcing.budget=1000", "--set", "design.sourcing.demand=ddro-joint"]
    text = refused([str(case), *low], capsys)
    assert "no plan meets every limit" in text
    assert "budget" in text


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([",".join(f"A{a}" for a in range(1, 17)), ",".join(["1500"] * 16)], "1 row of demand; at least 2 are needed"),
        (
            [
                ",".join(f"A{a}" for a in range(1, 17)),
                ",".join(["1500"] * 16),
                "1500" + "," * 15,
                ",".join(["1500"] * 16),
            ],
            "the cell is empty, and numbers follow below it",
        ),
        (["A1,A2", "1,2", "2,3"], "the column 'A3' is missing"),
    ],
)
def test_bad_demand_files(case: Path, lines: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    (case / "demand_history.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    text = refused([str(case)], capsys)
    assert message in text
    assert "demand_history.csv" in text


def test_probabilities_that_do_not_sum_to_one(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = case / "disruption_scenarios.csv"
    path.write_text(path.read_text().replace("0,0.015625", "0,0.9", 1), encoding="utf-8")
    assert "must sum to 1" in refused([str(case)], capsys)


def test_a_scenario_without_a_design() -> None:
    with pytest.raises(InputError, match="nothing to design"):
        run_design(FOLDER.parent / "quickstart")
