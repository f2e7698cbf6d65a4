"""No compromise where no design keeps the constraints; a front that does not hold on held-out numbers is judged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from esc_sim.cli import main
from esc_sim.errors import InputError
from esc_sim.optimize.base import BaseJudged
from esc_sim.optimize.front import Front
from esc_sim.optimize.generations import run_generations
from esc_sim.optimize.judge import Draws, Floats
from esc_sim.optimize.outcome import judged_again
from esc_sim.optimize.settings import Settings
from esc_sim.optimize.verdict import KEEPS_LEAST, Verdict
from tests.optimize.cases import OIL_GAS, oil_gas
from tests.optimize.test_estimable import SETTINGS, MadeUp, formula, made_up

IMPOSSIBLE = "optimize.constraints=[{measure: profit, at_least: 1.0e+12}]"
WORDS = ["optimize", str(OIL_GAS), "--set", "run.periods=40", "--population", "4", "--generations", "2",
         "--replications", "2", "--held-out", "2", "--seed", "7"]  # fmt: skip


def test_without_a_plan_that_keeps_the_constraints_none_is_offered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main([*WORDS, "--set", IMPOSSIBLE, "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "--plan" not in printed
    assert "compromise (min-max)" not in printed
    assert "nearest to the limits" in printed
    assert "there is no compromise to run" in printed.replace("\n", " ")
    assert not (out / "compromise.yaml").exists()
    summary = json.loads((out / "summary.json").read_text())
    assert summary["held_out"]["compromise"] is None
    assert summary["held_out"]["change"] is None
    assert summary["keeps_constraints"] == summary["non_dominated"] == 0
    assert summary["hypervolume"]["held_out"] == 0.0
    table = pd.read_csv(out / "front.csv")
    assert not table["compromise"].any()
    assert not table["keeps_constraints"].any()
    manifest = json.loads((out / "manifest.json").read_text())
    assert any("no compromise to run" in notice for notice in manifest["notices"])
    assert "compromise.yaml" not in manifest["files"]
    assert main(["report", str(out)]) == 0
    report = (out / "report.html").read_text()
    assert "No compromise" in report
    assert "compromise.yaml" not in report


def front_of(held_out_change: Floats, settings: Settings = SETTINGS) -> Front:
    """A search on a formula whose held-out numbers differ by so much, in the units of the objectives."""
    problem, local = made_up(lambda designs, draws: formula(designs))

    def held_out(designs: Floats, draws: Sequence[Draws]) -> Floats:
        return formula(designs) + held_out_change

    state = run_generations(problem, settings, local.space.base, None, lambda state: None)
    base = formula(local.space.base[None])[0]
    return judged_again(oil_gas(), settings, problem, local, MadeUp(held_out), state, BaseJudged(base, base), [], "")


def test_a_front_that_holds_is_not_blamed() -> None:
    front = front_of(np.zeros(2))
    assert front.verdict.share == pytest.approx(1.0)
    assert not front.verdict.falls_far
    assert not [notice for notice in front.notices if "hypervolume" in notice]


def test_a_front_that_does_not_hold_is_judged() -> None:
    spread = float(np.ptp(front_of(np.zeros(2)).judged[:, 0]))
    front = front_of(np.array([-0.5 * spread, 0.0]))
    assert front.verdict.share is not None
    assert 0.0 < front.verdict.share < KEEPS_LEAST
    (notice,) = [notice for notice in front.notices if "hypervolume" in notice]
    assert "fitted to the 2 replications" in notice
    assert "--replications 16" in notice
    assert front.verdict.entry()["falls_far_below"] is True


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (Verdict(10.0, 9.0, 9.0, 0, 5), None),
        (Verdict(10.0, 8.9, 8.9, 0, 5), "fitted to the 2 replications"),
        (Verdict(10.0, 8.9, 9.8, 0, 5), "kinder than the average, to the scenario's own plan as well"),
        (Verdict(10.0, 4.0, 4.0, 3, 5), "3 of 5 plans break a limit there"),
        (Verdict(0.0, 0.0, 0.0, 5, 5), None),
    ],
)
def test_what_a_fall_means(verdict: Verdict, expected: str | None) -> None:
    notice = verdict.notice(SETTINGS)
    assert notice is None if expected is None else expected in str(notice)


def test_independent_draws_are_advised_against() -> None:
    notice = Verdict(10.0, 5.0, 5.0, 0, 5).notice(Settings("nsga2", 8, 5, 8, 7, 4))
    assert "--replications 32, or --algorithm warm-nsga2" in str(notice)


def test_a_pick_without_a_plan_is_refused() -> None:
    limits = [{"measure": "profit", "at_least": 1e12}]
    scenario = oil_gas(optimize__constraints=limits)
    problem, local = made_up(lambda designs, draws: formula(designs), scenario)
    state = run_generations(problem, SETTINGS, local.space.base, None, lambda state: None)
    base = formula(local.space.base[None])[0]
    front = judged_again(
        scenario, SETTINGS, problem, local, MadeUp(lambda d, draws: formula(d)), state, BaseJudged(base, base), [], ""
    )
    assert front.compromise is None
    assert not front.non_dominated.any()
    assert front.nearest == int(front.judged[:, 0].argmax())
    with pytest.raises(InputError, match="there is no compromise to run"):
        front.pick()
