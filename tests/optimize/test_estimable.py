"""Measures that cannot be estimated: refused before a search, or a broken constraint within it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from esc_sim.errors import InputError
from esc_sim.optimize import checkpoint
from esc_sim.optimize.base import BaseJudged, base_judged
from esc_sim.optimize.draws import training_draws
from esc_sim.optimize.generations import run_generations
from esc_sim.optimize.judge import Draws, Floats, Judge
from esc_sim.optimize.outcome import judged_again
from esc_sim.optimize.problem import PlanningProblem, measured_names
from esc_sim.optimize.search import optimize
from esc_sim.optimize.settings import Settings
from esc_sim.results.estimable import why_not
from esc_sim.scenario.schema import Scenario
from tests.helpers.networks import chain_content, scenario_of
from tests.optimize.cases import TINY, oil_gas

SETTINGS = Settings("warm-nsga2", 8, 5, 2, 7, 4)
FILL = {
    "variables": [{"kind": "order", "relative": [-0.1, 0.1]}],
    "objectives": ["profit", "cvar"],
    "constraints": [{"measure": "fill_rate", "at_least": 0.9}],
}


def shop(**changes: Any) -> Scenario:
    content = chain_content(optimize=FILL, run={"periods": 20}, **changes)
    return scenario_of(content)


def with_demand(**demand: Any) -> Scenario:
    content = chain_content(
        optimize=FILL, run={"periods": 20}, series={"later": [0.0] * 20 + [5.0], "none": [0.0] * 20}
    )
    content["nodes"][0]["demand"] = {"price": 20} | demand
    return scenario_of(content)


def never() -> Scenario:
    content = chain_content(optimize=FILL, run={"periods": 20})
    del content["nodes"][0]["demand"]
    return scenario_of(content)


@pytest.mark.parametrize(
    ("name", "scenario", "expected"),
    [
        ("fill_rate", never(), "no node of this scenario has final demand"),
        ("cycle_service_level", with_demand(mean=0), "is always 0"),
        ("fill_rate", with_demand(law={"law": "constant", "value": 0}), "is always 0"),
        ("fill_rate", with_demand(mean=3, season=[0, 0]), "is always 0"),
        ("fill_rate", with_demand(series="none"), "is always 0"),
        ("fill_rate", with_demand(series="none", sd=1), None),
        ("fill_rate", with_demand(series="none", trend=1), None),
        ("fill_rate", with_demand(mean=0, sd=1), None),
        ("fill_rate", with_demand(mean=0, trend=1), None),
        ("profit", never(), None),
        ("epf", shop(), "set risk.budget"),
        ("epf", shop(risk={"budget": 5}), None),
        ("depth", shop(), "nothing goes wrong"),
        ("contracts_kept", scenario_of({"nodes": [{"id": "a"}]}), "no arc"),
        ("cvar", shop(), None),
        ("cvar", shop(risk={"level": 0.99}), "40 costs (risk.pooling pooled) have no tail beyond 99 %: that takes 100"),
        ("var", shop(risk={"pooling": "horizon"}), "that takes 20, from --replications 20 on"),
        ("cvar", shop(risk={"pooling": "per_replication"}), None),
        ("cvar", shop(risk={"pooling": "per_replication", "level": 0.96}), "from run.periods 25 on"),
    ],
)
def test_what_a_scenario_can_give(name: str, scenario: Scenario, expected: str | None) -> None:
    reason = why_not(name, scenario, 2)
    assert (reason is None) if expected is None else (expected in str(reason))


@pytest.mark.parametrize("count", [20, 100, 1000])
def test_a_tail_of_one_sample_is_enough(count: int) -> None:
    level = 1.0 - 1.0 / count
    scenario = shop(risk={"pooling": "horizon", "level": level})
    assert why_not("cvar", scenario, count) is None
    assert why_not("cvar", scenario, count - 1) is not None


@pytest.mark.parametrize(
    ("scenario", "sizes", "expected"),
    [
        (never(), {}, "optimize: fill_rate cannot be estimated: no node of this scenario has final demand"),
        (shop(risk={"pooling": "horizon"}), {}, "optimize: cvar cannot be estimated: 2 costs"),
        (shop(risk={"pooling": "horizon"}), {"replications": 20}, "from --held-out 20 on"),
    ],
)
def test_a_search_refuses_them_before_it_begins(
    scenario: Scenario, sizes: dict[str, int], expected: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=expected):
        optimize(scenario, **(TINY | sizes), out=tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_the_scenarios_own_plan_is_judged_first() -> None:
    """Demand that begins after the run: the scenario could have some, its run has none."""
    scenario = with_demand(series="later")
    assert why_not("fill_rate", scenario, 2) is None
    with pytest.raises(InputError, match="fill_rate: gives no number for the scenario's own plan") as caught:
        base_judged(Judge(scenario, ["profit", "fill_rate"], workers=1), SETTINGS)
    assert len(caught.value.problems) == 2  # on the draws of the search, and held out


Made = Callable[[Floats, Sequence[Draws]], Floats]


@dataclass(frozen=True)
class MadeUp:
    """Judges by a formula, the same in every replication."""

    of: Made

    def __call__(self, designs: Floats, draws: Sequence[Draws]) -> Floats:
        return self.of(designs, draws)

    def by_replication(self, designs: Floats, draws: Sequence[Draws]) -> Floats:
        return np.repeat(self.of(designs, draws)[:, None], draws[0].count, axis=1)


def made_up(judge: Made, scenario: Scenario | None = None) -> tuple[PlanningProblem, Judge]:
    """A problem on the decisions of the oil and gas case, judged by a formula."""
    scenario = oil_gas() if scenario is None else scenario
    assert scenario.optimize is not None
    local = Judge(scenario, measured_names(scenario.optimize), workers=1)
    return PlanningProblem(scenario, local.space, MadeUp(judge), lambda n, k: training_draws(SETTINGS, n, k)), local


def formula(designs: Floats) -> Floats:
    """Two objectives that pull the first two decisions apart."""
    return np.stack([designs[:, 0] - 0.1 * designs[:, 1], 100.0 + designs[:, 0] + 0.1 * designs[:, 1]], axis=1)


def with_holes(designs: Floats, draws: Sequence[Draws]) -> Floats:
    """No number where the first decision is in the upper half of its bounds, whose profit would be the best."""
    measured = formula(designs)
    measured[designs[:, 0] > MIDDLE, 1] = np.nan
    return measured


MIDDLE = float(np.mean([Judge(oil_gas(), ["profit"], workers=1).space.base[0]]))


def test_a_design_without_a_number_breaks_a_constraint() -> None:
    problem, local = made_up(with_holes)
    state = run_generations(problem, SETTINGS, local.space.base, None, lambda state: None)
    assert state.unmeasured[0] == 0
    assert state.unmeasured[1] > 0
    assert state.generation.feasible.all()
    assert (state.generation.designs[:, 0] <= MIDDLE).all()
    assert np.isfinite(state.history).all()
    base = formula(local.space.base[None])[0]
    front = judged_again(
        oil_gas(), SETTINGS, problem, local, MadeUp(with_holes), state, BaseJudged(base, base), [], "esc-sim optimize"
    )
    assert front.compromise is not None
    assert [notice for notice in front.notices if notice.startswith(f"cvar: {state.unmeasured[1]} judgements")]


def test_what_could_not_be_measured_is_kept_in_the_checkpoint(tmp_path: Path) -> None:
    problem, local = made_up(with_holes)
    half = Settings("warm-nsga2", 8, 2, 2, 7, 4)
    state = run_generations(problem, half, local.space.base, None, lambda state: checkpoint.save(tmp_path, state))
    content = checkpoint.search_content(oil_gas(), half, {})
    checkpoint.SEARCH.begin(tmp_path / "c", content)
    checkpoint.save(tmp_path / "c", state)
    shape = (problem.n_var, problem.n_obj, problem.n_ieq_constr, 2)
    found, _ = checkpoint.load(tmp_path / "c", content, shape)
    again, _ = made_up(with_holes)
    on = run_generations(again, SETTINGS, local.space.base, found, lambda state: None)
    through = run_generations(made_up(with_holes)[0], SETTINGS, local.space.base, None, lambda state: None)
    np.testing.assert_array_equal(on.unmeasured, through.unmeasured)
    np.testing.assert_array_equal(on.generation.designs, through.generation.designs)


def test_nothing_measured_at_all_is_refused() -> None:
    problem, local = made_up(lambda designs, draws: np.full((len(designs), 2), np.nan))
    with pytest.raises(InputError, match="no design of the first generation gives a number"):
        run_generations(problem, SETTINGS, local.space.base, None, lambda state: None)
    problem, local = made_up(lambda designs, draws: formula(designs))
    state = run_generations(problem, SETTINGS, local.space.base, None, lambda state: None)
    base = formula(local.space.base[None])[0]

    def held_out(designs: Floats, draws: Sequence[Draws]) -> Floats:
        return np.full((len(designs), 2), np.nan)

    with pytest.raises(InputError, match="ask for more with --held-out"):
        judged_again(oil_gas(), SETTINGS, problem, local, MadeUp(held_out), state, BaseJudged(base, base), [], "")


def test_designs_without_a_number_held_out_are_left_out() -> None:
    problem, local = made_up(lambda designs, draws: formula(designs))
    state = run_generations(problem, SETTINGS, local.space.base, None, lambda state: None)
    base = formula(local.space.base[None])[0]
    ends = state.generation.designs[:, 0].min(), state.generation.designs[:, 0].max()
    assert ends[0] < ends[1]

    def held_out(designs: Floats, draws: Sequence[Draws]) -> Floats:
        measured = formula(designs)
        measured[designs[:, 0] == ends[1], 0] = np.nan
        return measured

    front = judged_again(oil_gas(), SETTINGS, problem, local, MadeUp(held_out), state, BaseJudged(base, base), [], "")
    assert (front.designs[:, 0] < ends[1]).all()
    assert any("could not be measured on the held-out draws" in notice for notice in front.notices)
