"""The published searches as the paper has them: where their sets come from, seen on problems of known fitness."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from esc_sim.errors import InputError
from esc_sim.recovery.exact import feasible_sets, fits
from esc_sim.recovery.ga import POPULATION, search_ga, search_paper_memetic
from esc_sim.recovery.problem import BoolArray, SetsInBudget
from esc_sim.recovery.settings import SearchSettings


class Noted(SetsInBudget):
    """Things of load 1, of which some may be chosen; the fitness is the sum of their values. Notes the sets met."""

    def __init__(self, values: list[float], most: int, limit: int = 2000) -> None:
        super().__init__(np.ones(len(values)), float(most), per_set=1, limit=limit)
        self.values = np.array(values)
        self.met: list[BoolArray] = []

    def measure(self, sets: BoolArray) -> list[float]:
        self.met.extend(sets.copy())
        return [float(self.values[row].sum()) for row in sets]


def rates(crossover: float, mutation: float) -> SearchSettings:
    return SearchSettings(crossover=crossover, mutation=mutation)


def met_later(problem: Noted) -> list[tuple[BoolArray, BoolArray]]:
    """Each set met after the first population, with those met before it."""
    met = np.array(problem.met)
    return [(met[k], met[:k]) for k in range(POPULATION, len(met))]


def test_without_crossover_and_mutation_the_genetic_algorithm_stays_at_its_first_sets() -> None:
    problem = Noted([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], 4)
    search_ga(problem, 1, rates(0.0, 0.0))
    assert len(problem.met) <= POPULATION


def test_mutation_turns_a_single_bit() -> None:
    problem = Noted([float(k) for k in range(1, 17)], 8, limit=300)
    search_ga(problem, 1, rates(0.0, 1.0))
    later = met_later(problem)
    assert len(later) > 100
    turned = np.zeros(16, int)
    for chosen, before in later:
        changes = before != chosen
        assert (changes.sum(axis=1) == 1).any()
        turned += changes[changes.sum(axis=1) == 1].any(axis=0)
    assert turned.all()  # any of the bits


def test_crossover_joins_two_sets_at_one_point() -> None:
    problem = Noted([float(k) for k in range(1, 17)], 8, limit=300)
    search_ga(problem, 1, rates(1.0, 0.0))
    later = met_later(problem)
    assert len(later) > 100
    for chosen, before in later:
        starts, ends = before == chosen, (before == chosen)[:, ::-1]
        assert np.cumprod(starts, axis=1).sum(axis=1).max() + np.cumprod(ends, axis=1).sum(axis=1).max() >= 16


def test_fragments_that_are_exchanged_keep_the_number_of_chosen() -> None:
    problem = Noted([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], 4)
    search_paper_memetic(problem, 1, rates(0.0, 0.0))
    assert len(problem.met) > POPULATION
    assert {int(chosen.sum()) for chosen in problem.met} == {4}
    assert problem.best_fitness == 5.0 + 6.0 + 7.0 + 8.0


@pytest.mark.parametrize("search", [search_ga, search_paper_memetic])
@pytest.mark.parametrize(("count", "most"), [(1, 1), (2, 1), (3, 1), (3, 2)])
def test_problems_of_few_nodes_are_solved(search, count: int, most: int) -> None:  # type: ignore[no-untyped-def]
    problem = Noted([float(k) for k in range(1, count + 1)], most)
    search(problem, 3)
    assert problem.best.tolist() == [k >= count - most for k in range(count)]


def test_all_sets_are_enumerated_up_to_twenty_nodes() -> None:
    few = Noted([1.0] * 4, 2)
    assert {tuple(row) for row in feasible_sets(few)} == {
        chosen for chosen in product((False, True), repeat=4) if sum(chosen) <= 2
    }
    assert len(feasible_sets(few)) == 1 + 4 + 6
    assert [fits(Noted([1.0] * 4, 2, limit)) for limit in (10, 11)] == [False, True]
    many = Noted([1.0] * 21, 1)
    assert not fits(many)
    with pytest.raises(InputError, match="at most 20 removed nodes, here are 21"):
        feasible_sets(many)
