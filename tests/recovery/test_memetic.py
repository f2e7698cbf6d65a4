"""Parts of the memetic search, each on small sets whose outcome is known: repair, niches, seeding, mating."""

from __future__ import annotations

import numpy as np
import pytest
from pymoo.core.population import Population

from esc_sim.recovery.memetic import (
    BIG,
    CHILDREN,
    CROSSOVER,
    SEEDING,
    YOUNG,
    GuidedMating,
    Niches,
    ReverseCascades,
    big_nodes,
    crossed,
    dropped,
    filled,
    niches,
    swapped,
    young,
)
from esc_sim.recovery.operators import SetProblem
from esc_sim.recovery.problem import RecoveryProblem
from esc_sim.recovery.surrogate import LinearSurrogate
from tests.recovery import cases


def problem(load: list[float], budget: float, limit: int = 1000) -> RecoveryProblem:
    """A problem of nodes with these loads."""
    found = RecoveryProblem(cases.reference(), cases.removed_120()[: len(load)], budget, limit=limit)
    found.load = np.array(load)
    return found


def sets_of(*rows: str) -> np.ndarray:
    """Sets written as rows of 0 and 1."""
    return np.array([[letter == "1" for letter in row] for row in rows])


@pytest.mark.parametrize(("budget", "left"), [(5.0, 5), (4.0, 4), (3.5, 3), (1.0, 1), (0.0, 0), (9.0, 5)])
def test_as_many_leave_as_must(budget: float, left: int) -> None:
    sets, forced = sets_of("111110"), sets_of("000000")
    for seed in range(20):
        kept = dropped(np.ones(6), budget, sets, forced, np.random.default_rng(seed))
        assert kept.sum() == left
        assert not (kept & ~sets).any()


def test_who_leaves_is_drawn_and_the_forced_stay() -> None:
    load, sets, forced = np.array([1.0, 2.0, 4.0, 1.0]), sets_of("1111", "1111"), sets_of("0010", "0001")
    seen = set()
    for seed in range(60):
        kept = dropped(load, 5.0, sets, forced, np.random.default_rng(seed))
        assert (kept & forced == forced).all()
        used = kept @ load
        assert (used <= 5.0).all()
        seen.add(kept.tobytes())
    assert len(seen) > 3
    # The one that left last was needed: with it, the budget would not hold.
    for seed in range(60):
        gone = ~dropped(load, 7.0, sets[:1], forced[:1] & False, np.random.default_rng(seed))[0]
        assert load[gone].sum() - load[gone].max() < 1.0 <= load[gone].sum()


@pytest.mark.parametrize(("budget", "inside"), [(4.0, 4), (4.5, 4), (2.0, 2), (1.0, 2), (100.0, 6)])
def test_as_many_enter_as_fit(budget: float, inside: int) -> None:
    sets = sets_of("110000", "110000")
    for seed in range(20):
        found = filled(np.ones(6), budget, sets, np.array([True, False]), np.random.default_rng(seed))
        assert found[0].sum() == inside
        assert found[0, :2].all()
        assert (found[1] == sets[1]).all()
    assert sets.sum() == 4  # what was handed in stays


def test_a_node_that_does_not_fit_leaves_room_for_smaller_ones() -> None:
    load = np.array([1.0, 3.0, 1.0, 2.0])
    entered = [
        filled(load, 3.0, sets_of("1000"), np.array([True]), np.random.default_rng(seed))[0] for seed in range(40)
    ]
    assert {bytes(row) for row in entered} == {bytes(row) for row in sets_of("1010", "1001")}


def test_crossover_takes_half_of_some() -> None:
    first, second = np.zeros((4000, 10), bool), np.ones((4000, 10), bool)
    child = crossed(first, second, np.random.default_rng(1))
    share = child.mean(axis=1)
    touched = share > 0
    # A crossed child of ten genes has all from its first parent once in 1024.
    assert touched.mean() == pytest.approx(CROSSOVER * (1 - 2**-10), abs=0.03)
    assert share[touched].mean() == pytest.approx(0.5, abs=0.02)
    assert (crossed(second, second, np.random.default_rng(1)) == second).all()


def test_one_or_two_are_forced_in() -> None:
    free = problem([1.0] * 8, 3.0)
    sets = np.tile(sets_of("11100000"), (400, 1))
    found = swapped(free, sets, np.random.default_rng(1))
    assert (found @ free.load <= 3.0).all()
    entered = (found & ~sets).sum(axis=1)
    assert set(entered) == {1, 2}
    assert 0.3 < (entered == 2).mean() < 0.7
    # A refilled set is full; the others are too, since as many leave as enter.
    assert (found.sum(axis=1) == 3).all()
    assert (found[:, 3:].any(axis=0)).all()


def test_what_exceeds_the_budget_is_never_forced_in() -> None:
    tight = problem([1.0, 5.0, 3.0, 3.5], 3.0)
    found = swapped(tight, np.zeros((200, 4), bool), np.random.default_rng(1))
    assert not found[:, [1, 3]].any()
    assert found[:, 2].any()  # takes the whole budget, and may
    assert (found @ tight.load <= 3.0).all()
    assert swapped(problem([2.0], 2.0), np.zeros((5, 1), bool), np.random.default_rng(1)).all()


def test_nothing_is_forced_out_of_an_empty_choice() -> None:
    full = problem([1.0, 1.0], 2.0)
    assert swapped(full, sets_of("11", "11"), np.random.default_rng(1)).all()


def test_big_nodes_take_a_quarter_of_the_budget_and_not_more_than_all() -> None:
    assert BIG == 0.25
    found = big_nodes(problem([0.99, 1.0, 2.0, 4.0, 4.01, 0.0], 4.0))
    assert found.tolist() == [1, 2, 3]


def test_young_until_two_fifths_of_the_evaluations() -> None:
    assert YOUNG == 0.4
    search = problem([1.0], 1.0, limit=10)
    for search.evaluations, expected in ((0, True), (3, True), (4, False), (5, False)):
        assert young(search) is expected


def population(*rows: str) -> Population:
    """A population, best first."""
    return Population.new("X", sets_of(*rows))


def chosen(search: RecoveryProblem, count: int, *rows: str) -> list[int]:
    """Which survive of sets, best first."""
    found: list[int] = Niches().choose(SetProblem(search), population(*rows), list(range(len(rows))), count)
    return found


def test_every_niche_keeps_its_share_while_the_search_is_young() -> None:
    search = problem([2.0, 2.0, 0.1, 0.1, 0.1], 4.0, limit=10)
    kinds = niches(search, sets_of("10000", "10111", "01000", "00000", "11000"))
    assert len(set(kinds)) == 4
    assert kinds[0] == kinds[1]
    rows = ("10000", "10001", "10010", "10011", "01000", "01001", "01010", "00001")
    # Three niches: one place each, and the best of the rest.
    assert chosen(search, 4, *rows) == [0, 1, 4, 7]
    # Two each: the last niche has one, so the best of the rest has its place.
    assert chosen(search, 6, *rows) == [0, 1, 2, 4, 5, 7]
    assert chosen(search, 2, *rows) == [0, 4]
    assert chosen(search, 8, *rows) == list(range(8))
    search.evaluations = 4
    assert chosen(search, 4, *rows) == [0, 1, 2, 3]


def seeded(search: RecoveryProblem, count: int) -> np.ndarray:
    """The first population."""
    sets: np.ndarray = ReverseCascades()._do(SetProblem(search), count, random_state=np.random.default_rng(1))
    return sets


def reference(budget: float, limit: int, seeds: tuple[int, ...] = (1,)) -> RecoveryProblem:
    """The reference instance."""
    return RecoveryProblem(cases.reference(), cases.removed_120(), budget, seeds=seeds, limit=limit)


def test_the_first_population_begins_with_nothing_and_stays_within_its_evaluations() -> None:
    assert SEEDING == 0.08
    search = reference(200.0, 100)
    sets = seeded(search, 50)
    assert not sets[0].any()
    assert search.feasible(sets).all()
    assert search.evaluations < 20
    # The next set would have been one too many for the seeding; one less would not.
    assert search.evaluations + len(sets) > 8
    assert len(seeded(reference(200.0, 10_000), 5)) == 5


def test_each_big_node_begins_a_set() -> None:
    search = reference(120.0, 10_000)
    big = big_nodes(search)
    assert len(big) > 1
    sets = seeded(search, len(big) + 2)
    order = big[np.argsort(-search.load[big], kind="stable")]
    for place, node in enumerate(order.tolist()):
        assert sets[2 + place, node]


def test_couples_are_of_one_niche_while_the_search_is_young() -> None:
    search = problem([2.0, 2.0, 0.1, 0.1], 4.0, limit=1000)
    sets = sets_of("1000", "1001", "0100", "0110", "0101", "0000")
    fitness, couple = np.array([1.0, 2.0, 5.0, 4.0, 3.0, 0.0]), np.repeat(np.arange(200), CHILDREN)
    mating = GuidedMating(LinearSurrogate(4))
    kinds = np.array([0, 0, 1, 1, 1, 2])
    first, second = mating._parents(search, sets, fitness, couple, np.random.default_rng(1))
    assert (kinds[first] == kinds[second]).all()
    families = first.reshape(200, CHILDREN)
    assert (families == families[:, :1]).all()  # one first parent a couple
    shares = np.bincount(kinds[families[:, 0]], minlength=3) / 200
    assert shares == pytest.approx([1 / 3] * 3, abs=0.1)  # not by their size, and not by their fitness
    assert (second[kinds[second] == 1] == 2).mean() > 0.45  # within a niche the better of two
    search.evaluations = 400
    first, second = mating._parents(search, sets, fitness, couple, np.random.default_rng(1))
    assert (kinds[first] != kinds[second]).any()
    families = first.reshape(200, CHILDREN)
    assert (families == families[:, :1]).all()
    assert np.bincount(families[:, 0], minlength=6).argmax() == 2
