"""`esc-sim run`: what it prints and writes, goes on with, and refuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from esc_sim.cli import main, progress
from tests.helpers.runs import SCENARIOS

OIL_GAS = str(SCENARIOS / "oil_gas")
SHORT = ["--set", "run.periods=60", "--seed", "1"]


def run(*words: str) -> int:
    """Status of `esc-sim run scenarios/oil_gas ...` on 60 periods."""
    return main(["run", OIL_GAS, *SHORT, *words])


def periods(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "periods.parquet")


def test_tables_and_figures_are_written_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "results"
    assert run("--replications", "3", "--out", str(out)) == 0
    printed = capsys.readouterr().out
    figures = sorted(path.name for path in out.glob("*.png"))
    assert len(figures) >= 4
    assert all(str(out / name) in printed for name in figures)
    assert {"summary.json", "periods.parquet", "manifest.json"} <= {path.name for path in out.iterdir()}
    assert not (out / "nodes.parquet").exists()
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["engine"], manifest["seed"]) == ("auto", 1)
    assert [manifest["engines"][k][place] for k, place in ((0, "first"), (-1, "stop"))] == [0, 3]
    assert "calibrated" in printed
    table = periods(out)
    assert len(table) == 2 * 3 * 60  # the run and its twin


def test_both_engines_write_the_same_numbers(tmp_path: Path) -> None:
    folders = [tmp_path / engine for engine in ("compiled", "agents")]
    for folder in folders:
        words = ["--replications", "2", "--trace", "--engine", folder.name, "--workers", "1"]
        assert run(*words, "--out", str(folder)) == 0
    for table in ("periods", "nodes", "node_items", "items", "arcs"):
        one, other = (pd.read_parquet(folder / f"{table}.parquet") for folder in folders)
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    one, other = (json.loads((folder / "summary.json").read_text(encoding="utf-8")) for folder in folders)
    assert one["kpis"] == other["kpis"]


def test_a_run_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert run("--replications", "7", "--out", str(whole)) == 0
    assert run("--replications", "4", "--out", str(parts)) == 0
    assert run("--replications", "7", "--out", str(parts), "--resume") == 0
    pd.testing.assert_frame_equal(periods(whole), periods(parts), check_exact=True)
    capsys.readouterr()
    assert run("--replications", "7", "--out", str(parts), "--resume") == 0
    assert "holds 7 replications already" in capsys.readouterr().out


def test_tiers_and_products_of_a_run_that_went_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def bake(folder: Path, replications: int, *words: str) -> str:
        words = ("--set", "run.periods=80", "--replications", str(replications), "--out", str(folder), *words)
        assert main(["run", str(SCENARIOS / "bakery"), *words]) == 0
        return capsys.readouterr().out

    whole, parts = tmp_path / "whole", tmp_path / "parts"
    printed = bake(whole, 5)
    bake(parts, 2)
    again = bake(parts, 5, "--resume")
    assert printed.split("tables and figures")[0] == again.split("tables and figures")[0]
    one, other = (pd.read_parquet(folder / "sums.parquet") for folder in (whole, parts))
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    assert one["filled"].sum() > 0.0
    assert one["consumed"].sum() > 0.0
    summaries = [json.loads((folder / "summary.json").read_text(encoding="utf-8")) for folder in (whole, parts)]
    assert summaries[0]["tiers"] == summaries[1]["tiers"]
    for product, balance in summaries[0]["products"].items():
        assert summaries[1]["products"][product] == pytest.approx(balance, rel=1e-12)


@pytest.mark.parametrize("damage", ["missing", "cut", "foreign", "short"])
def test_sums_that_cannot_be_read(damage: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "out"
    assert run("--replications", "2", "--out", str(folder)) == 0
    path = folder / "sums.parquet"
    if damage == "missing":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:100])
    else:
        table = pd.read_parquet(path)
        (table.rename(columns={"filled": "full"}) if damage == "foreign" else table[1:]).to_parquet(path, index=False)
    capsys.readouterr()
    assert run("--replications", "3", "--out", str(folder), "--resume") == 2
    assert str(path) in capsys.readouterr().err


@contextmanager
def interrupting(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar at which somebody presses Ctrl-C after the first task."""

    def show(done: int, total: int) -> None:
        if done < total:
            raise KeyboardInterrupt

    yield show


def test_ctrl_c_leaves_what_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert run("--replications", "100", "--out", str(whole)) == 0
    with monkeypatch.context() as patch:
        patch.setattr(progress, "progress_bar", interrupting)
        assert run("--replications", "100", "--out", str(parts)) == 130
    error = capsys.readouterr().err
    finished = periods(parts)["replication"].nunique()
    assert 0 < finished < 100
    assert f"interrupted: {finished} of 100 replications finished; the same command with --resume goes on" in error
    assert run("--replications", "100", "--out", str(parts), "--resume") == 0
    pd.testing.assert_frame_equal(periods(whole), periods(parts), check_exact=True)


def test_precision_ends_the_run_early(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--precision", "5%", "--replications", "200") == 0
    assert "precision asked 5.000%, reached" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--resume"], "--resume: name the folder of the interrupted run with --out"),
        (["--precision", "much"], "--precision much: give a share such as 1% or 0.01"),
        (["--precision", "0"], "precision: 0 is not a share between 0 and 1"),
        (["--set", "disruptions.refinery_3_outage.probability=2"], "probability"),
        (["--set", "disruptions.refinery_9_outage.probability=0.2"], "refinery_9_outage"),
        (["--plan", "nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_what_is_refused(words: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = [] if words == ["--resume"] else ["--out", str(tmp_path / "out")]
    assert run(*words, *folder) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert "Traceback" not in captured.err
    assert list(tmp_path.iterdir()) == []


def test_results_are_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert run("--replications", "1", "--out", str(out)) == 0
    before = periods(out)
    assert run("--replications", "2", "--out", str(out)) == 2
    assert "holds results already" in capsys.readouterr().err
    pd.testing.assert_frame_equal(before, periods(out))
    assert run("--replications", "2", "--out", str(out), "--force") == 0
    assert periods(out)["replication"].nunique() == 2
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work", encoding="utf-8")
    assert run("--replications", "1", "--out", str(mine), "--force") == 2
    assert (mine / "thesis.txt").read_text(encoding="utf-8") == "years of work"


def test_another_scenario_cannot_go_on_in_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert run("--replications", "1", "--out", str(out)) == 0
    before = periods(out)
    changed = ["--set", "disruptions.refinery_3_outage.probability=0.2"]
    assert run("--replications", "2", "--out", str(out), "--resume", *changed) == 2
    assert "was run with another scenario" in capsys.readouterr().err
    assert run("--replications", "2", "--out", str(out), "--resume", "--stratified") == 2
    pd.testing.assert_frame_equal(before, periods(out))


def test_the_seed_decides(tmp_path: Path) -> None:
    costs = []
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        assert main(["run", OIL_GAS, "--set", "run.periods=30", "--replications", "1", "--seed", seed, "--out",
                     str(tmp_path / name)]) == 0  # fmt: skip
        costs.append(periods(tmp_path / name)["cost"].to_numpy())
    np.testing.assert_array_equal(costs[0], costs[1])
    assert (costs[0] != costs[2]).any()
