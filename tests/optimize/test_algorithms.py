"""Algorithms behind one interface: budgets are kept, interruptions change nothing, the optimum is found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from esc_sim.errors import InputError
from esc_sim.optimize.algorithms.algorithm import Task
from esc_sim.optimize.algorithms.registry import algorithm_names, algorithm_of, usual_algorithm
from esc_sim.optimize.front import Front
from esc_sim.optimize.judge import Draws
from esc_sim.optimize.nsga2 import ranked
from esc_sim.optimize.problem import PlanningProblem
from esc_sim.optimize.search import optimize
from esc_sim.optimize.settings import Settings, checked_settings
from esc_sim.optimize.space import decision_space
from esc_sim.scenario.given import given_scenario
from tests.helpers.command import interrupted_after
from tests.optimize.cases import OIL_GAS, oil_gas

ONE = ("warm", "ga", "cma-es", "mixed")
SHOP: dict[str, Any] = {
    "version": 1,
    "name": "shop",
    "run": {"periods": 30, "replications": 2, "seed": 3},
    "rules": {"unmet": "lost"},
    "nodes": [
        {
            "id": "shop",
            "initial_stock": 20,
            "holding_cost": 1.0,
            "demand": {"mean": 10, "sd": 4, "shortage_cost": 9.0},
            "order": {"policy": "base_stock", "order_up_to": 40},
        },
        {"id": "maker", "initial_stock": 100000},
    ],
    "arcs": [{"buyer": "shop", "supplier": "maker", "price": 1, "lead_time": 1}],
    "optimize": {
        "variables": [{"kind": "order", "parameter": "order_up_to", "absolute": [10, 80]},
                      {"kind": "stock", "parameter": "initial_stock", "nodes": ["shop"], "absolute": [0, 60]}],
        "objectives": ["cost"],
    },
}  # fmt: skip
SIZES: dict[str, Any] = {"budget": 120, "held_out": 16, "seed": 5, "workers": 1}


def searched(algorithm: str, **changes: Any) -> Front:
    return optimize(SHOP, **SIZES | {"algorithm": algorithm} | changes)


@pytest.fixture(scope="module")
def found() -> dict[str, Front]:
    return {name: searched(name) for name in ONE}


@pytest.mark.parametrize("algorithm", ONE)
def test_the_budget_is_kept_and_told(algorithm: str, found: dict[str, Front]) -> None:
    front, told = found[algorithm], []
    searched(algorithm, progress=lambda done, total, value: told.append((done, total, value)))
    assert [done for done, _, _ in told] == front.spent.tolist()
    assert {total for _, total, _ in told} == {120}
    assert [value for _, _, value in told] == front.history[:, 1].tolist()
    assert (np.diff(front.spent) > 0).all()
    assert 120 - 8 * 4 < front.spent[-1] <= 120  # not enough is left for a generation
    assert front.leaders.shape == (len(front.spent), 2)
    np.testing.assert_array_equal(front.leaders[-1], front.designs[0])


@pytest.mark.parametrize("algorithm", ONE)
def test_going_on_gives_the_same_bits(algorithm: str, found: dict[str, Front], tmp_path: Path) -> None:
    whole = found[algorithm]
    for after in (int(whole.spent[0]), int(whole.spent[1])):
        out = tmp_path / str(after)
        with pytest.raises(KeyboardInterrupt):
            searched(algorithm, out=out, progress=interrupted_after(after))
        front = searched(algorithm, out=out, resume=True, workers=2)
        for name in ("designs", "training", "held_out", "low", "high", "history", "spent", "leaders"):
            np.testing.assert_array_equal(getattr(front, name), getattr(whole, name))
    if algorithm == "warm":
        longer = searched(algorithm, out=out, resume=True, budget=160)
        np.testing.assert_array_equal(longer.leaders, searched(algorithm, budget=160).leaders)
        with pytest.raises(InputError, match=r"has spent \d+ replications already: ask for more with --budget"):
            searched(algorithm, out=out, resume=True)


@pytest.mark.parametrize("algorithm", ONE)
def test_the_plan_found_is_better_than_the_scenarios_own(algorithm: str, found: dict[str, Front]) -> None:
    front = found[algorithm]
    assert front.best is not None
    assert front.best.name == "best"
    assert front.has_one
    assert front.chosen == 0
    assert front.held_out[0, 0] < front.base_held_out[0]
    assert front.low[0, 0] < front.held_out[0, 0] < front.high[0, 0]
    assert front.verdict.of == "gain"


class Valley(PlanningProblem):
    """A valley whose replications shift it up and aside; the bottom, on average, is at 0.3 of each variable's range."""

    def __init__(self) -> None:
        scenario = given_scenario(SHOP)
        super().__init__(
            scenario, decision_space(scenario), self, lambda generation, count: [Draws(1, 0, 4, 4)] * count
        )

    def __call__(self, designs: np.ndarray, draws: Sequence[Draws]) -> np.ndarray:
        return self.by_replication(designs, draws).mean(axis=1)

    def by_replication(self, designs: np.ndarray, draws: Sequence[Draws]) -> np.ndarray:
        points = (designs - self.xl) / (self.xu - self.xl)
        rows = []
        for number in draws[0].replications:
            level, *shift = np.random.default_rng(number).normal(0.0, [5.0, 0.1, 0.1])
            rows.append(level + 100.0 * ((points - 0.3 - shift) ** 2).sum(axis=1))
        return np.stack(rows, axis=1)[:, :, None]


def bottom(algorithm: str, budget: int, seed: int) -> np.ndarray:
    """Where an algorithm thinks the bottom of the valley is, in ranges of the variables."""
    problem = Valley()
    settings = Settings(algorithm, 8, 10**6, 4, seed, 4, budget=budget)
    task = Task(problem, settings, np.array([75.0, 55.0]))
    *_, last = algorithm_of(algorithm).search(task, None)
    assert problem.spent <= budget
    return task.unit(last.designs[ranked(last.costs[:, 0], last.violations)[0]])


def test_warm_averages_over_replications_where_others_fit_a_few() -> None:
    """Four replications shift the bottom by about 0.05 in each variable; 150 replications of ``warm`` by less."""
    warm = np.abs([bottom("warm", 150, seed) - 0.3 for seed in range(4)]).max(axis=1)
    others = np.abs([bottom(name, 400, 1) - 0.3 for name in ("ga", "cma-es")]).max(axis=1)
    assert np.median(warm) < 0.03
    assert np.median(warm) < others.min()
    assert others.max() < 0.2


def test_algorithms_know_how_many_objectives_they_take() -> None:
    ours = "warm-nsga2", "nsga2", "surrogate-nsga2", "warm", "ga", "cma-es", "mixed"
    assert algorithm_names()[: len(ours)] == ours
    for name in ours:
        assert algorithm_of(name).name == name
    with pytest.raises(InputError, match="warm does not search for several objectives; take one of warm-nsga2, nsga2"):
        optimize(OIL_GAS, algorithm="warm")
    with pytest.raises(
        InputError, match="nsga2 does not search for one objective; take one of warm, ga, cma-es, mixed"
    ):
        optimize(OIL_GAS, algorithm="nsga2", objectives=["profit"])
    section = oil_gas().optimize
    assert section is not None
    assert usual_algorithm(section) == "warm-nsga2"
    assert usual_algorithm(section.model_copy(update={"objectives": ["profit"]})) == "warm"
    two_depots = given_scenario(OIL_GAS.parent / "two_depots").optimize
    assert two_depots is not None
    assert usual_algorithm(two_depots) == "mixed"


def test_a_budget_stands_in_place_of_generations() -> None:
    with pytest.raises(InputError, match="budget: a search ends after so many generations or so many replications"):
        checked_settings(budget=1000, generations=3)
    with pytest.raises(InputError, match=r"budget: 10 is not between 32 \(a population of 8 designs"):
        checked_settings(budget=10)
    assert checked_settings(budget=2000).population == 20
    assert checked_settings(budget=10**6).population == 100
    assert checked_settings(algorithm="warm", preset="quick").budget == 1000
    assert checked_settings(algorithm="warm", generations=3).budget is None


def test_mixed_keeps_whole_numbers_and_choices() -> None:
    front = optimize(
        OIL_GAS.parent / "two_depots", objectives=["profit"], budget=96, held_out=8, overrides={"run.periods": 40}
    )
    space = front.space
    assert front.settings.algorithm == "mixed"
    assert space.is_category.any()
    whole = space.steps > 0
    np.testing.assert_array_equal(front.designs[:, whole], np.round(front.designs[:, whole]))
    assert {
        front.designs[k, column] for k in range(len(front.designs)) for column in np.flatnonzero(space.is_category)
    } <= {0.0, 1.0}
