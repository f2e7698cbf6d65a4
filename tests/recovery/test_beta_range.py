"""RN over beta and cascade seeds: the numbers, where beta comes from, the warning of a cliff, the names of firms."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import esc_sim
from esc_sim.cascade.cascade import Cascade
from esc_sim.cli import main
from esc_sim.recovery import beta_range as ranges
from esc_sim.recovery.maps import recovery_map
from esc_sim.recovery.run import RecoveryRun, recover
from esc_sim.views.report import report_of
from esc_sim.views.report.parts import Command, Grid
from tests.helpers.runs import SCENARIOS
from tests.recovery import cases

SMALL, LARGE = str(SCENARIOS / "cascade_37"), str(SCENARIOS / "cascade_1000")


@pytest.fixture(scope="module")
def large() -> RecoveryRun:
    return recover(LARGE, 200.0, evaluations=90)


def test_every_number_is_that_of_a_cascade_of_its_own(large: RecoveryRun) -> None:
    found, cascade = large.beta_range, cases.reference()
    assert found.betas[found.place] == found.beta == 0.86
    assert np.diff(found.betas) == pytest.approx(ranges.STEP)
    assert (found.betas[0], found.betas[-1]) == (0.66, 1.0)
    assert found.seeds == tuple(range(1, 11))
    for k in (0, found.place - 1, found.place, found.place + 1, len(found.betas) - 1):
        settings = replace(cascade.settings, beta=float(found.betas[k]))
        fresh = Cascade(cascade.network, settings, cascade.loads)
        for s in (0, 7):
            assert found.without[k, s] == fresh.run(large.chosen.removed, (), found.seeds[s]).rn
            assert found.restored[k, s] == fresh.run(large.chosen.removed, large.chosen.restored, found.seeds[s]).rn
    assert found.restored[found.place, 0] == large.chosen.rn
    row = found.rows()[found.place]
    assert row["chosen"]
    assert row["rn_without_recovery"] == found.without[found.place].mean()
    assert row["rn_restored_min"] == found.restored[found.place].min()


def test_a_cliff_near_beta_is_warned_of_and_a_plateau_is_not(large: RecoveryRun) -> None:
    warning = large.beta_range.warning()
    assert warning in large.notices
    mean = large.beta_range.restored.mean(axis=1)
    place = large.beta_range.place
    assert abs(mean[place + 1] - mean[place]) >= ranges.FALL * 1000
    assert f"it is {mean[place]:.0f} at beta 0.86 and {mean[place + 1]:.0f} at beta 0.88" in warning
    calm = recover(SMALL, 3.0, evaluations=20, overrides={"cascade.beta": 0.3})
    assert calm.beta_range.warning() == ""
    assert not any("beta" in notice for notice in calm.notices)


def test_where_beta_comes_from() -> None:
    assert recover(SMALL, 1.0, strategy="none").beta_from == "scenario"
    assert recover(SMALL, 1.0, strategy="none", overrides=["cascade.beta=0.6"]).beta_from == "override"
    assert recover(SMALL, 1.0, strategy="none", overrides=["cascade.tau=0.5"]).beta_from == "scenario"
    assert recover(LARGE, 1.0, strategy="none", remove=5).beta_from == "default"


def test_command_report_and_folder_name_beta_and_the_firms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = esc_sim.load_scenario(SMALL)
    named = [node.model_copy(update={"name": f"Firm {node.id}"}) for node in scenario.nodes]
    firms = scenario.model_copy(update={"nodes": named})
    assert recover(firms, 3.0, evaluations=40).names_of([0, 6]) == ["Firm 0 (0)", "Firm 6 (6)"]
    out = tmp_path / "out"
    assert main(["recover", SMALL, "--budget", "3", "--evaluations", "40", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    summary, manifest = (json.loads((out / name).read_text()) for name in ("summary.json", "manifest.json"))
    label = f"{summary['chosen']} ({summary['chosen_words']})"
    *first, last = summary["restored_names"]
    assert f"Restored by {label}: {', '.join(first)} and {last}." in printed
    assert "Beta 0.7: the scenario's." in printed
    assert "0.7 (chosen)" in printed
    assert (summary["beta"]["value"], summary["beta"]["from"], manifest["beta_from"]) == (0.7, "scenario", "scenario")
    assert summary["beta"]["warning"] in manifest["notices"]
    table = (out / "beta.csv").read_text().splitlines()
    assert len(table) == 1 + len(summary["beta"]["range"])
    parts = [part for section in report_of(out).sections for part in section.parts if isinstance(part, Grid)]
    assert any(["beta", "0.7, the scenario's"] in part.rows for part in parts)


def test_a_cliff_is_told_where_nothing_works_and_nothing_is_restored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """At beta 0.84 of cascade_37 all is lost whatever is restored; at less, half of the network would work."""
    out = tmp_path / "out"
    words = ["--budget", "3", "--remove", "8", "--how", "degree", "--set", "cascade.beta=0.84", "--out", str(out)]
    assert main(["recover", SMALL, *words]) == 0
    printed = capsys.readouterr().out
    summary = json.loads((out / "summary.json").read_text())
    assert (summary["rn"], summary["restored"]) == (0, [])
    found = {row["beta"]: row["rn_without_recovery"] for row in summary["beta"]["range"]}
    far = max(beta for beta, rn in found.items() if rn >= ranges.FALL * 37)
    told = f"RN hangs on beta: without recovery it is 0 at beta 0.84 and {found[far]:.0f} at beta {far:g} (of 37 nodes"
    unsearched = "to restore nothing was chosen at beta 0.84, and no set was searched at the others"
    report = report_of(out)
    (table,) = (
        part for s in report.sections if s.title == "RN over beta" for part in s.parts if isinstance(part, Grid)
    )
    assert told in printed
    assert told in report.answer
    assert any(told in notice for notice in report.notices)
    assert unsearched in printed
    assert unsearched in table.note
    assert list(table.head) == ["beta", "RN without recovery"]
    assert "RN restored" not in printed
    assert [row[0] for row in table.rows if "chosen" in row[0]] == ["0.84 (chosen)"]
    assert {f"{rn:.1f}" for rn in found.values()} >= {row[1].partition(" ")[0] for row in table.rows}


def test_restored_nodes_that_fail_again_and_a_plan_that_no_run_carries_out_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["recover", SMALL, "--budget", "3", "--remove", "8", "--how", "degree", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    summary = json.loads((out / "summary.json").read_text())
    run = recover(SMALL, 3.0, remove=8, how="degree")
    cascade, firms = run.after, [f"Firm {node}" for node in range(37)]
    figure = recovery_map(run.cascade.network, cascade, [4, 25], names=firms)
    (legend,) = figure.legends
    assert "restored, failed again in the cascade: 2" in [text.get_text() for text in legend.get_texts()]
    assert {text.get_text() for text in figure.axes[0].texts} >= set(firms)
    assert summary["restored"] == summary["cascade"]["restored_failed_again"] == ["4", "25"]
    assert (cascade.failed_round[[4, 25]] > 0).all()
    assert "failed again in the cascade of seed 1: 4 and 25." in printed
    assert "no disruption of the scenario that spreads hits 4 and 25, so" in printed
    report = report_of(out)
    assert "2 of the restored nodes fail again in it: 4 and 25." in report.answer
    assert "breakdown" not in report.question
    assert report.question.endswith("is played, and none of the disruptions of the scenario.")
    assert report.sections[0].parts[1] == Command(f"esc-sim run SCENARIO --plan {out / 'plan.yaml'}")
