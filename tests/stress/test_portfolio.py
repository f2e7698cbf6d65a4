"""The best portfolio of levers against all portfolios tried one by one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from esc_sim.stress.portfolio import best_portfolio, value_of


@pytest.mark.parametrize("case", range(40))
def test_best_portfolio_is_that_of_brute_force(case: int) -> None:
    random = np.random.default_rng(case)
    levers, exposures = int(random.integers(1, 9)), int(random.integers(1, 5))
    avoided = random.normal(20.0, 30.0, (exposures, levers)) * random.choice([1.0, 1e5])
    limits = np.abs(avoided).max() * random.uniform(0.2, 1.5, exposures)
    costs = random.uniform(0.0, 50.0, levers).round(2).tolist()
    groups = [None if random.random() < 0.5 else str(random.integers(2)) for _ in range(levers)]
    budget = float(random.uniform(0.0, sum(costs)))

    def allowed(chosen: list[int]) -> bool:
        named = [groups[lever] for lever in chosen if groups[lever] is not None]
        return sum(costs[lever] for lever in chosen) <= budget and len(named) == len(set(named))

    every = [[lever for lever in range(levers) if taken[lever]] for taken in product((0, 1), repeat=levers)]
    most = max(value_of(chosen, avoided, limits) for chosen in every if allowed(chosen))
    found = list(best_portfolio(avoided, limits, costs, groups, budget))
    assert allowed(found)
    assert value_of(found, avoided, limits) == pytest.approx(most, abs=1e-6 * np.abs(avoided).max())


def test_of_equal_effects_the_cheaper_is_taken_and_nothing_harmful() -> None:
    avoided = np.array([[5.0, 5.0, -1.0, 0.0]])
    assert best_portfolio(avoided, np.array([5.0]), [3.0, 2.0, 0.0, 1.0], [None] * 4, 10.0) == (1,)
    assert best_portfolio(avoided, np.array([10.0]), [3.0, 2.0, 0.0, 1.0], [None] * 4, 10.0) == (0, 1)
    assert best_portfolio(avoided, np.array([5.0]), [3.0, 2.0, 1.0, 1.0], [None] * 4, 0.5) == ()
    assert best_portfolio(avoided, np.array([5.0]), [3.0, 2.0, 0.0, 0.0], [None] * 4, 0.5) == ()
    assert best_portfolio(np.zeros((1, 2)), np.array([5.0]), [3.0, 2.0], [None] * 2, 5.0) == ()
