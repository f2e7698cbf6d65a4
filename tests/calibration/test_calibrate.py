"""`calibrate`: hidden parameters are found again, what cannot be told is said, and interrupted work goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import esc_sim as esc
from esc_sim.calibration.study import Calibration
from esc_sim.calibration.writing import CHANGES
from esc_sim.cli import main
from esc_sim.results.columns import ITEM_COLUMNS
from esc_sim.scenario.variant_files import read_variants

CHAIN = Path(__file__).resolve().parents[2] / "scenarios" / "stock_levels"
PERIODS = 80
CALM: dict[str, Any] = {"disruptions": [], "run.periods": 30 + PERIODS, "run.replications": 8}
SD, LEVEL, DEPOT = "nodes.shop.demand.sd", "nodes.shop.order.order_up_to", "nodes.depot.order.order_up_to"
FREE = {SD: (1.0, 15.0), LEVEL: (50.0, 110.0)}


def history(truth: dict[str, float], quantities: dict[str, str]) -> pd.DataFrame:
    """What a shop saw, after the warm-up, in a run with hidden parameters."""
    run = esc.simulate(CHAIN, replications=1, seed=901, trace=True, overrides={**CALM, **truth}, workers=1)
    assert run.traces is not None
    values = run.traces.items[0, 30:, run.network.node_ids.index("shop")]
    columns = {name: values[:, ITEM_COLUMNS.index(column)] for name, column in quantities.items()}
    return pd.DataFrame({"period": range(PERIODS), "node": "shop", **columns})


@pytest.fixture(scope="module")
def seen() -> pd.DataFrame:
    return history({SD: 6.0, LEVEL: 80.0}, {"stock": "stock", "sales": "served"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("calibrated") / "out"


@pytest.fixture(scope="module")
def found(seen: pd.DataFrame, folder: Path) -> Calibration:
    return esc.calibrate(CHAIN, FREE, seen, overrides=CALM, seed=3, out=folder, workers=1)


def test_hidden_parameters_are_found(found: Calibration) -> None:
    table = found.estimates.set_index("parameter")
    assert table["identified"].all()
    for path, truth in ((SD, 6.0), (LEVEL, 80.0)):
        row = table.loc[path]
        assert row["ci_low"] < truth < row["ci_high"]
        assert row["standard_error"] < 0.1 * (row["high"] - row["low"])
        assert row["profile_low"] == pytest.approx(row["ci_low"], abs=row["standard_error"])
        assert row["profile_high"] == pytest.approx(row["ci_high"], abs=row["standard_error"])
    p = found.found.estimate.p_value
    assert p is not None
    assert p > 0.01
    assert found.calibrated.nodes[0].demand is not None
    assert found.calibrated.nodes[0].demand.sd == table.loc[SD, "value"]


def test_the_folder_reads_back_and_its_changes_run(found: Calibration, folder: Path) -> None:
    again = esc.load_result(folder)
    assert list(again.tables_by_name()) == ["estimates", "moments", "correlations", "directions", "profiles", "points"]
    assert set(again.figures_by_name()) == {"profiles", "moments"}
    changes = read_variants(folder / CHANGES)["calibrated"]
    assert changes == found.overrides
    assert esc.load_scenario(CHAIN, changes).nodes[0].demand == found.calibrated.nodes[0].demand
    summary = json.loads((folder / "summary.json").read_text())
    assert [one["value"] for one in summary["estimates"]] == found.estimates["value"].tolist()
    assert summary["replications"]["used"] == found.points["replications"].sum() <= found.budget


def test_workers_change_nothing_and_an_interrupted_calibration_goes_on(
    found: Calibration, seen: pd.DataFrame, tmp_path: Path
) -> None:
    def stop(done: int, budget: int) -> None:
        if done > 200:
            raise KeyboardInterrupt

    how: dict[str, Any] = {"overrides": CALM, "seed": 3, "out": tmp_path / "out"}
    with pytest.raises(KeyboardInterrupt):
        esc.calibrate(CHAIN, FREE, seen, progress=stop, workers=1, **how)
    with pytest.raises(esc.InputError, match="its moments differs"):
        esc.calibrate(CHAIN, FREE, seen.iloc[:-1], resume=True, **how)
    again = esc.calibrate(CHAIN, FREE, seen, resume=True, workers=3, **how)
    assert again.points.equals(found.points)
    assert again.estimates.equals(found.estimates)
    assert not (tmp_path / "out.checkpoint").exists()


def test_a_pair_that_cannot_be_told_apart_is_named() -> None:
    truth = {LEVEL: 100.0, "nodes.shop.safety_stock": 10.0}
    level = history({**truth, DEPOT: 110.0}, {"stock": "stock"})
    free = {LEVEL: (85.0, 125.0), "nodes.shop.safety_stock": (0.0, 30.0)}
    found = esc.calibrate(CHAIN, free, level, overrides={**CALM, DEPOT: 110}, workers=1)
    assert not found.estimates["identified"].any()
    (notice,) = (one for one in found.notices if one.startswith("cannot be told apart"))
    assert "order up to of shop" in notice
    assert "safety stock of shop" in notice
    assert "1 more of the first with 1 less of the second" in notice
    together = found.estimates["value"].sum()
    assert together == pytest.approx(110.0, abs=5.0)
    assert found.shown_table()["estimate"].tolist() == ["not identified"] * 2


def test_measures_are_targets_and_what_does_not_fit_is_said(tmp_path: Path) -> None:
    file = tmp_path / "targets.csv"
    file.write_text("measure,node,value,standard_error\nfill_rate,,0.99,0.003\nstock.mean,shop,20,0.5\n")
    found = esc.calibrate(CHAIN, {LEVEL: (50, 110)}, file, overrides=CALM, workers=1)
    assert found.found.estimate.degrees == 1
    assert any(one.startswith("no values within the bounds explain all moments") for one in found.notices)


def test_a_factor_of_several_entries_is_estimated(seen: pd.DataFrame) -> None:
    free = {"nodes.*.order.order_up_to": "*0.8:*1.5"}
    found = esc.calibrate(CHAIN, free, seen, moments=["mean"], overrides=CALM, replications=4, workers=1)
    (row,) = found.estimates.to_dict("records")
    assert row["words"] == "factor of order up to of all nodes"
    assert row["value"] == pytest.approx(80.0 / 70.0, abs=0.06)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--free", f"{SD}=9:3"], "the lower bound is to be below the upper one"),
        (["--free", f"{SD}=1:9", "--set", f"{SD}=4"], "is also set to one value"),
        (["--free", "nodes.shop.demand.sd"], "write PATH=LOW:HIGH"),
        (["--free", f"{SD}=-2:9"], f"--free {SD}=-2.0"),
        (["--free", "nodes.shop.demand.ds=1:9"], "--free nodes.shop.demand.ds"),
        (["--free", "title=1:9"], "--free title"),
        (["--free", "nodes.shop.x=1:9"], "is only shown, and changes no number"),
        ([], "nothing is free"),
        (["--free", f"{SD}=1:9", "--budget", "100"], "budget: 100 replications are too few"),
        (["--free", "nodes.shop.demand.ds=1:9", "--budget", "100"], "--free nodes.shop.demand.ds"),
        (["--free", "nodes.shop.order.policy=1:2"], "--free nodes.shop.order.policy=1.5"),
        (["--free", "arcs.shop/depot.lead_time=1:4"], "--free arcs.shop/depot.lead_time: a lead time without a law"),
        (["--free", "arcs.*.lead_time=*1:*2"], "--free arcs.*.lead_time: a lead time without a law"),
        (["--free", f"{SD}=1:9", "--moments", "mode"], "--moments mode: there is none"),
    ],
)
def test_what_cannot_be_used_is_refused(
    words: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "seen.csv", tmp_path / "out"
    file.write_text("period,node,stock\n0,shop,9\n1,shop,8\n2,shop,7\n")
    status = main(["calibrate", str(CHAIN), "--observed", str(file), "--out", str(out), *words])
    assert status == 2
    assert message in capsys.readouterr().err
    assert not out.exists()


def test_the_command_tells_estimates_moments_and_how_to_run_them(
    seen: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen.to_csv(tmp_path / "seen.csv", index=False)
    changes = [word for path, value in CALM.items() for word in ("--set", f"{path}={value}")]
    words = ["calibrate", str(CHAIN), "--observed", str(tmp_path / "seen.csv"), "--free", f"{LEVEL}=50:110", *changes]
    assert main([*words, "--moments", "mean", "--out", str(tmp_path / "out")]) == 0
    told = capsys.readouterr().out
    assert "order up to of shop" in told
    assert "mean of stock of shop" in told
    assert "degree of freedom" in told
    assert f"--set {LEVEL}=" in told
    assert main(["report", str(tmp_path / "out")]) == 0
    page = (tmp_path / "out" / "report.html").read_text()
    assert "order up to of shop" in page
    assert "by its profile" in page


def test_demand_by_period_is_that_of_the_run() -> None:
    from esc_sim.calibration.simulated import demand_of
    from esc_sim.instance.build import instance_of

    scenario = esc.load_scenario(CHAIN, {**CALM, LEVEL: 500, "nodes.shop.initial_stock": 500})
    run = esc.simulate(scenario, replications=2, seed=5, trace=True, workers=1)
    assert run.traces is not None
    item = run.network.node_ids.index("shop")
    drawn = demand_of(instance_of(scenario), 5, range(2))[:, :, item]
    assert np.allclose(drawn, run.traces.items[:, :, item, ITEM_COLUMNS.index("served")], atol=2.0**-20)


HISTORY = CHAIN.parents[1] / "experiments" / "calibration" / "observed.csv"


@pytest.mark.parametrize("free", [{LEVEL: (80, 120)}, {SD: (1, 15)}])
def test_a_scenario_that_is_wrong_is_rejected_plainly(free: dict[str, Any]) -> None:
    """The history has sd 6 and the levels 66 and 80; the scenario has 70 and 75."""
    found = esc.calibrate(CHAIN, free, HISTORY, replications=8, overrides={"disruptions": []}, workers=1)
    p = found.found.estimate.p_value
    assert p is not None
    assert p < 1e-4
    (notice,) = (one for one in found.notices if one.startswith("no values within the bounds explain all moments"))
    assert "mean of stock of shop" in notice


def test_a_target_that_never_varies_near_the_estimate_keeps_its_weight(tmp_path: Path) -> None:
    file = tmp_path / "targets.csv"
    file.write_text("measure,node,value,standard_error\nstock.mean,depot,26,1.5\nbullwhip,shop,1.1,\n")
    free = {SD: (1.0, 15.0), DEPOT: (40.0, 140.0)}
    found = esc.calibrate(CHAIN, free, file, overrides=CALM, replications=4, workers=1)
    apart = found.compared.set_index("name")["errors_apart"]
    assert abs(apart["bullwhip of shop"]) > 10
    assert "the same in all replications at the estimate, weighted as if it varied a little: bullwhip of shop" in (
        found.notices
    )
