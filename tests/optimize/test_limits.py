"""Limits of a search: on means and in a share of replications, held out with intervals and verdicts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.stats

from esc_sim.cli import main
from esc_sim.errors import InputError
from esc_sim.measures.chances import share_interval
from esc_sim.optimize.front import Front
from esc_sim.optimize.held_out import Limit
from esc_sim.optimize.search import optimize
from esc_sim.risk.intervals import mean_interval
from esc_sim.simulation import simulate
from tests.optimize.test_algorithms import SHOP

OFTEN: dict[str, Any] = {"measure": "fill_rate", "at_least": 0.9, "probability": 0.8}
MEAN: dict[str, Any] = {"measure": "fill_rate", "at_least": 0.95}
SIZES: dict[str, Any] = {"budget": 96, "held_out": 24, "seed": 5, "algorithm": "ga"}
NAME = "chance_fill_rate_at_least_0_9"


@pytest.fixture(scope="module")
def front() -> Front:
    return optimize(SHOP, **SIZES, constraints=[OFTEN, MEAN])


def test_a_chance_is_the_share_of_replications_that_keep_the_limit(front: Front) -> None:
    assert front.measures == ("cost", NAME, "fill_rate")
    assert front.best is not None
    run = simulate(SHOP, plan=front.best, replications=24, seed=front.settings.held_out_seed)
    filled = run.column("filled").sum(axis=1) / run.column("demand").sum(axis=1)
    row = front.chosen
    assert row is not None
    assert front.held_out[row, 1] == (filled >= 0.9).mean()
    expected = mean_interval(filled)
    assert front.held_out[row, 2] == pytest.approx(expected.mean, rel=1e-12)
    assert front.low[row, 2] == pytest.approx(expected.low)
    assert front.high[row, 2] == pytest.approx(min(expected.high, 1.0))


def test_the_search_keeps_chances() -> None:
    """Without the limit a fill rate of 99.5 % is had in few replications, with it in nine of ten."""
    often = {"measure": "fill_rate", "at_least": 0.995, "probability": 0.9}
    sizes = SIZES | {"replications": 8, "budget": 320, "held_out": 200}
    free, front = optimize(SHOP, **sizes), optimize(SHOP, **sizes, constraints=[often])
    assert free.best is not None
    run = simulate(SHOP, plan=free.best, replications=200, seed=99)
    filled = run.column("filled").sum(axis=1) / run.column("demand").sum(axis=1)
    assert (filled >= 0.995).mean() < 0.6
    assert front.held_out[0, 1] > 0.85
    assert front.held_out[0, 0] > free.held_out[0, 0]


@pytest.mark.parametrize(("kept", "n"), [(0, 20), (13, 20), (20, 20)])
def test_the_interval_of_a_chance_is_exact(kept: int, n: int) -> None:
    found = share_interval(np.r_[np.ones(kept), np.zeros(n - kept), np.nan])
    expected = scipy.stats.binomtest(kept, n).proportion_ci(0.95, "exact")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert (found.mean, found.n) == (kept / n, n)


@pytest.mark.parametrize(
    ("ends", "at_least", "at_most"),
    [
        ((0.91, 0.99), "kept", "broken"),
        ((0.85, 0.95), "open", "open"),
        ((0.8, 0.89), "broken", "kept"),
        ((np.nan, np.nan), "open", "open"),
    ],
)
def test_a_limit_is_kept_open_or_broken(ends: tuple[float, float], at_least: str, at_most: str) -> None:
    assert Limit(0, "Fill rate", "share", 0.9, None).verdict(0.9, *ends) == at_least
    assert Limit(0, "Fill rate", "share", None, 0.9).verdict(0.9, *ends) == at_most
    assert Limit(0, "Fill rate", "share", 0.9, None).verdict(0.7, np.nan, np.nan) == "broken"


def test_limits_are_told_in_every_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "shop.yaml").write_text(json.dumps(SHOP))
    out, words = tmp_path / "out", ["--budget", "96", "--held-out", "24", "--seed", "5", "--algorithm", "ga"]
    limits = f"optimize.constraints={json.dumps([OFTEN, MEAN])}"
    command = ["optimize", str(tmp_path / "shop.yaml"), "--set", limits, *words, "--select", "kn", "--delta", "1"]
    assert main([*command, "--out", str(out)]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "Fill rate is at least 90 %, in at least 80 % of replications: " in printed
    assert "Fill rate, at least 95 %: " in printed
    assert "KN selected the best of" in printed
    assert f"esc-sim run {tmp_path / 'shop.yaml'} --plan {out / 'plan.yaml'}" in printed
    summary = json.loads((out / "summary.json").read_text())
    verdicts = [entry["verdict"] for entry in summary["constraints"]]
    assert len(verdicts) == 2
    for verdict in verdicts:
        assert f"held out: {verdict}." in printed
    assert summary["selection"]["probability_is"] == "guaranteed"
    assert summary["replications"] == 96
    assert summary["held_out"]["best"].keys() == {"cost", NAME, "fill_rate"}
    table = (out / "front.csv").read_text().splitlines()[0].split(",")
    assert {"fill_rate.ci_low", f"{NAME}.ci_high", "limits", "keeps_constraints", "best"} <= set(table)
    progress = (out / "progress.csv").read_text().splitlines()
    assert progress[0].startswith("generation,replications,best_cost,")
    assert (out / "progress.png").exists()
    assert not (out / "front.png").exists()
    assert main(["report", str(out)]) == 0
    report = (out / "report.html").read_text()
    assert "The best plan" in report
    assert "Chance that fill rate is at least 90" in report
    assert "probability of a correct selection" in report


def test_tails_have_no_chance_and_are_judged_in_blocks() -> None:
    with pytest.raises(InputError, match=r"constraints\.0\.probability: cvar is no figure of a single replication"):
        optimize(SHOP, **SIZES, constraints=[{"measure": "cvar", "at_most": 90, "probability": 0.5}])
    with pytest.raises(InputError, match="a limit with probability 0 limits nothing"):
        optimize(SHOP, **SIZES, constraints=[{"measure": "cost", "at_most": 90, "probability": 0}])
    sizes = {"budget": 120, "held_out": 24, "seed": 5, "replications": 4}
    front = optimize(SHOP, **sizes, objectives=["cvar"], constraints=[MEAN])
    assert (front.spent % 4 == 0).all()
    assert front.low[0, 0] < front.held_out[0, 0] < front.high[0, 0]  # by sectioning
