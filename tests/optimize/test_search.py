"""The search: a function of scenario, settings and seed; better than its start; held to its constraints."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from esc_sim.errors import InputError
from esc_sim.optimize.draws import held_out_draws, training_draws
from esc_sim.optimize.front import Front
from esc_sim.optimize.generations import run_generations
from esc_sim.optimize.judge import Draws, Judge
from esc_sim.optimize.nsga2 import Generation, generator_of, judged, next_generation, random_designs
from esc_sim.optimize.problem import PlanningProblem, measured_names
from esc_sim.optimize.screening import warm_designs
from esc_sim.optimize.search import optimize
from esc_sim.optimize.settings import MOST_PER_SEARCH, PRESETS, Settings, checked_settings
from esc_sim.optimize.volume import hypervolume, reference_point
from esc_sim.scenario.schema import Scenario
from tests.optimize.cases import ROOT, TINY, oil_gas

SETTINGS = Settings("warm-nsga2", 8, 4, 2, 7, 4)


def problem_of(scenario: Scenario, settings: Settings = SETTINGS) -> PlanningProblem:
    assert scenario.optimize is not None
    judge = Judge(scenario, measured_names(scenario.optimize), workers=2)
    return PlanningProblem(scenario, judge.space, judge, lambda number, count: training_draws(settings, number, count))


def same(left: Front, right: Front) -> None:
    for name in ("designs", "training", "held_out", "base_training", "base_held_out", "history", "reference"):
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name))


def test_a_generation_follows_from_its_parents_alone() -> None:
    problem = problem_of(oil_gas())
    parents = judged(problem, random_designs(problem, 8, generator_of(7, 1)), 1)
    copied = Generation(parents.number, parents.designs.copy(), parents.costs.copy(), parents.violations.copy())
    one, two = next_generation(problem, parents, 7), next_generation(problem_of(oil_gas()), copied, 7)
    other = next_generation(problem, parents, 8)
    for name in ("designs", "costs", "violations"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    assert one.number == 2
    assert not np.array_equal(one.designs, other.designs)
    assert (one.designs >= problem.xl).all()
    assert (one.designs <= problem.xu).all()


def test_survivors_carry_what_the_simulation_says_of_them() -> None:
    problem = problem_of(oil_gas())
    generation = judged(problem, random_designs(problem, 8, generator_of(7, 1)), 1)
    for _ in range(3):
        generation = next_generation(problem, generation, 7)
    again = judged(problem, generation.designs, generation.number)
    np.testing.assert_array_equal(again.costs, generation.costs)


@pytest.mark.parametrize("algorithm", ["warm-nsga2", "nsga2"])
def test_the_same_seed_gives_the_same_front_on_any_number_of_workers(algorithm: str) -> None:
    sizes = TINY | {"algorithm": algorithm}
    one = optimize(oil_gas(), workers=1, **sizes)
    same(one, optimize(oil_gas(), workers=3, **sizes))
    other = optimize(oil_gas(), **{**sizes, "seed": 8})
    assert not np.array_equal(one.designs[0], other.designs[0])


def test_the_search_gains_hypervolume_and_keeps_the_best_of_each_objective() -> None:
    front = optimize(oil_gas(), **{**TINY, "generations": 12})
    assert front.history[-1, 0] > 1.1 * front.history[0, 0]
    assert (np.diff(front.history[:, 1]) >= 0).all()  # best profit
    assert (np.diff(front.history[:, 2]) <= 0).all()  # best CVaR


def test_the_warm_start_is_better_than_chance() -> None:
    problem = problem_of(oil_gas())
    base = oil_gas_base()
    warm = judged(problem, warm_designs(problem, base, 40, generator_of(7, 1)), 1)
    random = judged(problem, random_designs(problem, 40, generator_of(7, 1)), 1)
    reference = reference_point(problem.section, problem.signs, random.costs)
    assert hypervolume(warm.costs, reference) > 1.5 * hypervolume(random.costs, reference)
    assert (warm.designs == base).all(axis=1).any()


def oil_gas_base() -> np.ndarray:
    from esc_sim.optimize.space import decision_space

    return decision_space(oil_gas()).base


@pytest.mark.parametrize(("count", "objectives"), [(4, 2), (9, 3), (5, 4)])
def test_the_warm_start_fills_any_population(count: int, objectives: int) -> None:
    names = ["profit", "cvar", "cvar_net", "fill_rate"][:objectives]
    problem = problem_of(oil_gas(optimize__objectives=names))
    designs = warm_designs(problem, 2 * problem.xu, count, generator_of(1, 1))  # a base plan out of bounds
    assert designs.shape == (count, problem.n_var)
    assert (designs >= problem.xl).all()
    assert (designs <= problem.xu).all()


def test_constraints_are_kept() -> None:
    free = optimize(oil_gas(), **TINY)
    least = float(np.median(free.training[:, 0]))
    limits = [{"measure": "profit", "at_least": least}, {"measure": "fill_rate", "at_least": 0.5, "at_most": 1}]
    front = optimize(oil_gas(optimize__constraints=limits), **{**TINY, "generations": 10})
    assert front.measures == ("profit", "cvar", "fill_rate")
    assert (front.training[:, 0] >= least).all()
    np.testing.assert_array_equal(front.kept, (front.held_out[:, 0] >= least) & (front.held_out[:, 2] >= 0.5))
    assert front.chosen is None or front.kept[front.chosen]


def test_impossible_constraints_are_said() -> None:
    limits = [{"measure": "profit", "at_least": 1e12}]
    front = optimize(oil_gas(optimize__constraints=limits), **TINY)
    assert not front.kept.any()
    assert any("no design keeps all constraints" in notice for notice in front.notices)
    assert np.isnan(front.history[:, 1:]).all()


def test_limits_are_signed_shares() -> None:
    limits = [{"measure": "cvar", "at_most": 100.0}, {"measure": "profit", "at_least": 50.0, "at_most": 60.0}]
    problem = problem_of(oil_gas(optimize__constraints=limits))
    measured = np.array([[50.0, 100.0], [75.0, 150.0], [25.0, 50.0]])
    expected = [[0.0, 0.0, -10 / 60, 0.0], [0.5, -0.5, 0.25, 0.0], [-0.5, 0.5, -35 / 60, 0.0]]
    np.testing.assert_allclose(problem.violations(measured), expected, rtol=1e-15)
    np.testing.assert_array_equal(problem.costs(measured), measured * [-1.0, 1.0])


def test_three_objectives() -> None:
    front = optimize(oil_gas(optimize__objectives=["profit", "cvar", "cvar_net"]), **TINY)
    assert front.training.shape[1] == 3
    assert front.maximize == [True, False, False]
    assert front.history[-1, 0] > 0


def test_draws_are_common_or_apart_and_never_the_held_out_ones() -> None:
    nsga2 = replace(SETTINGS, algorithm="nsga2")
    assert set(training_draws(SETTINGS, 3, 8)) == {Draws(7, 0, 2, 2)}
    used = [r for g in (1, 2, 3) for draws in training_draws(nsga2, g, 8) for r in draws.replications]
    assert used == list(range(3 * 8 * 2))
    assert held_out_draws(SETTINGS, 2) == [Draws(SETTINGS.held_out_seed, 0, 4, 4)] * 2
    assert SETTINGS.held_out_seed != SETTINGS.seed


def test_the_front_knows_what_stands_out() -> None:
    front = optimize(oil_gas(), **TINY)
    assert (np.diff(front.judged[:, 0]) <= 0).all()
    assert front.non_dominated[front.pick()]
    plan = front.plan(front.pick(), "compromise")
    assert plan.origin.objectives == {
        "profit": front.held_out[front.pick(), 0],
        "cvar": front.held_out[front.pick(), 1],
    }
    assert len(plan.orders) == 11
    assert len(plan.prices) == 28


def test_hypervolume_of_known_sets() -> None:
    corner = np.array([2.0, 2.0])
    assert hypervolume(np.array([[0.0, 1.0], [1.0, 0.0]]), corner) == 3.0
    assert hypervolume(np.array([[0.0, 1.0], [1.0, 0.0], [1.5, 1.5], [-9.0, 2.0]]), corner) == 3.0
    assert hypervolume(np.array([[2.0, 0.0]]), corner) == 0.0
    assert hypervolume(np.empty((0, 2)), corner) == 0.0


def test_the_reference_point_is_given_or_found() -> None:
    first = np.array([[-10.0, 5.0], [-20.0, 7.0]])
    scenario = oil_gas(optimize__reference=[{"measure": "profit", "value": 3}])
    assert scenario.optimize is not None
    point = reference_point(scenario.optimize, np.array([-1.0, 1.0]), first)
    np.testing.assert_allclose(point, [-3.0, 7.2])


@pytest.mark.parametrize(
    "words", ["import esc_sim", "import esc_sim, esc_sim.optimize.front", "import esc_sim.optimize.search, esc_sim"]
)
def test_the_public_name_can_be_called_whatever_was_imported_before(words: str) -> None:
    code = f"{words}; f = esc_sim.optimize; assert callable(f); assert f.__name__ == 'esc_sim.optimize'"
    late = "import esc_sim.optimize.search as s; assert s.optimize.__name__ == 'optimize'; f('nowhere')"
    script = f"{code}\ntry:\n    {late}\nexcept esc_sim.errors.InputError as error:\n    print(error)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "nowhere: no such file or folder\n"


def test_going_on_is_as_good_as_going_through() -> None:
    problem, base = problem_of(oil_gas()), oil_gas_base()
    through = run_generations(problem, SETTINGS, base, None, lambda state: None)
    half = run_generations(problem, replace(SETTINGS, generations=2), base, None, lambda state: None)
    on = run_generations(problem, SETTINGS, base, half, lambda state: None)
    np.testing.assert_array_equal(on.generation.designs, through.generation.designs)
    np.testing.assert_array_equal(on.history, through.history)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"population": 3}, "population: 3 is not between 4"),
        ({"generations": 0}, "generations: 0 is not between 1"),
        ({"replications": 0}, "replications: 0 is not between 1"),
        ({"held_out": 0}, "held-out replications: 0"),
        ({"seed": -1}, "seed: -1"),
        ({"algorithm": "nsga3"}, "there is no 'nsga3'; take one of warm-nsga2, nsga2"),
        ({"preset": "huge"}, "there is no 'huge'; take one of quick, default, large"),
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, object], expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        checked_settings(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("population", 4, 100_000),
        ("generations", 1, 10_000_000),
        ("replications", 1, 1_000_000),
        ("held_out", 1, 10_000_000),
        ("seed", 0, 2**64 - 1),
    ],
)
def test_settings_may_be_as_small_and_as_large_as_the_message_says(name: str, least: int, most: int) -> None:
    small = {"population": 4, "generations": 1, "replications": 1}
    for value in (least, most):
        assert getattr(checked_settings(**small | {name: value}), name) == value  # type: ignore[arg-type]
    for value in (least - 1, most + 1):
        with pytest.raises(InputError, match=f": {value} is not between {least} and {most}"):
            checked_settings(**small | {name: value})  # type: ignore[arg-type]


def test_a_search_may_be_so_large_and_no_larger() -> None:
    most: dict[str, int] = {"population": 2**16, "generations": 2**12, "replications": 2**12}
    assert math.prod(most.values()) == MOST_PER_SEARCH
    assert checked_settings(**most).population == 2**16  # type: ignore[arg-type]
    for name in most:
        with pytest.raises(InputError, match="never ends"):
            checked_settings(**most | {name: most[name] + 1})  # type: ignore[arg-type]


def test_presets_fill_what_is_not_given() -> None:
    assert checked_settings(preset="quick", replications=9).generations == PRESETS["quick"].generations
    assert checked_settings(preset="quick", replications=9).replications == 9


def test_the_chances_of_the_operators_are_settings_and_the_usual_ones_change_nothing() -> None:
    problem = problem_of(oil_gas())
    parents = judged(problem, random_designs(problem, 8, generator_of(7, 1)), 1)
    usual, said, still = (next_generation(problem, parents, 7, *chances) for chances in ((), (0.9, 0.9), (0.0, 0.0)))
    assert usual.designs.tolist() == said.designs.tolist()
    kept = {tuple(row) for row in parents.designs.tolist()}
    assert {tuple(row) for row in still.designs.tolist()} <= kept  # nothing is crossed and nothing mutates
    assert not {tuple(row) for row in usual.designs.tolist()} <= kept
    with pytest.raises(InputError, match=r"mutation: 2\.0 is not between 0 and 1"):
        checked_settings(mutation=2.0)
