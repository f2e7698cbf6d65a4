"""`esc-sim compare`: variants on the same random numbers, paired with the first."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from esc_sim import load_scenario, simulate
from esc_sim.cli import main
from esc_sim.comparison import compare_runs, variant_of
from esc_sim.errors import InputError
from esc_sim.results.run import column

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
QUICKSTART = str(SCENARIOS / "quickstart")
SHORT = "run.periods=40; run.warm_up=10"


def test_differences_are_paired_and_leave_out_the_warm_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["compare", QUICKSTART, "--replications", "4", "--out", str(tmp_path / "out")]
    words += ["--variant", f"usual: {SHORT}", "--variant", f"less: {SHORT}; nodes.warehouse.order.mean=60"]
    assert main(words) == 0
    assert "difference from 'usual'" in " ".join(capsys.readouterr().out.split())
    table = pd.read_csv(tmp_path / "out" / "compare.csv").set_index(["kpi", "variant"])
    assert (tmp_path / "out" / "compare.png").stat().st_size > 0
    overrides = ["run.periods=40", "run.warm_up=10"]
    usual = simulate(QUICKSTART, overrides=overrides, replications=4)
    less = simulate(QUICKSTART, overrides=[*overrides, "nodes.warehouse.order.mean=60"], replications=4)
    change = (column(less.values, "cost") - column(usual.values, "cost"))[:, 10:].mean(axis=1)
    row = table.loc[("cost_per_period", "less")]
    assert row["difference"] == pytest.approx(change.mean(), rel=1e-9)
    assert row["difference_low"] < change.mean() < row["difference_high"]
    assert table.loc[("cost_per_period", "usual"), "difference"] == 0.0


def test_what_cannot_be_compared_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", QUICKSTART]) == 2
    assert "at least two variants" in capsys.readouterr().err
    assert main(["compare", QUICKSTART, str(SCENARIOS / "beer_game")]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert (
        "same units (money, goods, period), not 'quickstart': EUR, pallet, day; 'beer_game': USD, barrel, week" in told
    )
    with pytest.raises(InputError, match="write 'NAME: PATH=VALUE"):
        variant_of(": a=1")
    made = load_scenario(QUICKSTART, ["run.periods=5"])
    runs = {"a": simulate(made, replications=2, seed=1), "b": simulate(made, replications=2, seed=2)}
    with pytest.raises(InputError, match="another seed"):
        compare_runs(runs)


def test_variants_of_what_no_comparison_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["compare", QUICKSTART, "--replications", "2", "--variant", f"usual: {SHORT}"]
    unread = "run.replications=9"
    assert main([*words, "--variant", f"idle: {unread}", "--out", str(tmp_path / "out")]) == 2
    assert "--variant idle: --set run.replications=9: `compare` does not read it" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    assert main([*words, "--variant", f"half: {SHORT}; {unread}", "--out", str(tmp_path / "out")]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "half: --set run.replications=9: `compare` does not read it" in printed
    assert "'half' differs from 'usual' in no key figure" in printed
    assert "differs from 'usual' in no key figure" in (tmp_path / "out" / "manifest.json").read_text()


def test_key_figures_that_no_variant_can_give_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "still.yaml"
    path.write_text("version: 1\nname: still\nrun: {periods: 5}\nnodes: [{id: a, initial_stock: 5, holding_cost: 1}]\n")
    words = ["compare", str(path), "--replications", "2", "--variant", "usual"]
    assert main([*words, "--variant", "more: nodes.a.initial_stock=9"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "cannot be estimated: Fill rate, Cycle service level, Ready rate, Served in the end" in printed
    assert "no node of this scenario has final demand" in printed
