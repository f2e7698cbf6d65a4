"""The min-max compromise in both readings, and dominance, by hand and on fronts drawn at random."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from esc_sim.optimize.compromise import ideal_point, min_max_compromise, non_dominated, relative_deviations

PROFIT_AND_CVAR = (True, False)
# Profit rises with risk: from the careful end to the bold one.
RISING = np.array([[10.0, 100.0], [14.0, 104.0], [17.0, 112.0], [18.0, 120.0]])


def test_corrected_reading_by_hand() -> None:
    z = relative_deviations(RISING, PROFIT_AND_CVAR)
    np.testing.assert_allclose(z, [[1.0, 0.0], [0.5, 0.2], [0.125, 0.6], [0.0, 1.0]])
    assert min_max_compromise(RISING, PROFIT_AND_CVAR) == 1  # largest deviations 1, 0.5, 0.6, 1


def test_printed_reading_picks_the_end_of_least_cvar_and_least_profit() -> None:
    z = relative_deviations(RISING, PROFIT_AND_CVAR, "printed")
    np.testing.assert_allclose(z, [[0.0, 0.0], [0.5, 0.2], [0.875, 0.6], [1.0, 1.0]])
    assert min_max_compromise(RISING, PROFIT_AND_CVAR, "printed") == 0


STEPS = st.lists(st.tuples(st.floats(0.01, 100), st.floats(0.01, 100)), min_size=3, max_size=30)


@given(STEPS, st.randoms(use_true_random=False))
def test_on_any_rising_front_printed_picks_the_end_and_corrected_an_interior_point(
    steps: list[tuple[float, float]], random: object
) -> None:
    front = np.cumsum(np.array(steps), axis=0)
    order = list(range(len(front)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = front[order]
    assert order[min_max_compromise(shuffled, PROFIT_AND_CVAR, "printed")] == 0
    assert 0 < order[min_max_compromise(shuffled, PROFIT_AND_CVAR)] < len(front) - 1


@given(st.lists(st.tuples(*[st.integers(0, 6)] * 3), min_size=1, max_size=25))
def test_non_dominated_is_its_definition(rows: list[tuple[int, int, int]]) -> None:
    def dominates(a: tuple[int, int, int], b: tuple[int, int, int]) -> bool:
        signed = [(a[0], b[0]), (-a[1], -b[1]), (a[2], b[2])]  # more, less, more is better
        return all(x >= y for x, y in signed) and any(x > y for x, y in signed)

    expected = [not any(dominates(other, row) for other in rows) for row in rows]
    assert non_dominated(np.array(rows, float), (True, False, True)).tolist() == expected


def test_the_compromise_is_sought_among_undominated_solutions_only() -> None:
    # The last solution is worse than the second in both; with it the range of CVaR would reach to 200.
    with_bad = np.vstack([RISING, [[13.0, 200.0]]])
    assert not non_dominated(with_bad, PROFIT_AND_CVAR)[-1]
    assert min_max_compromise(with_bad, PROFIT_AND_CVAR) == min_max_compromise(RISING, PROFIT_AND_CVAR)


def test_ideal_point_is_the_best_of_each() -> None:
    assert ideal_point(RISING, PROFIT_AND_CVAR).tolist() == [18.0, 100.0]
    assert ideal_point(-RISING, (False, True)).tolist() == [-18.0, -100.0]


def test_one_solution_or_equal_ones_are_their_own_compromise() -> None:
    assert min_max_compromise(RISING[:1], PROFIT_AND_CVAR) == 0
    assert min_max_compromise(np.ones((4, 2)), PROFIT_AND_CVAR) == 0
    assert relative_deviations(np.ones((4, 2)), PROFIT_AND_CVAR).max() == 0.0


def test_ties_go_to_the_smaller_sum_of_deviations() -> None:
    front = np.array([[0.0, 0.0], [5.0, 5.0], [5.0, 5.0], [7.0, 5.0], [10.0, 10.0]])
    assert min_max_compromise(front, PROFIT_AND_CVAR) == 3
    front = np.array([[0.0, 0.0, 0.0], [5.0, 5.0, 5.0], [5.0, 5.0, 4.0], [10.0, 10.0, 10.0]])
    assert min_max_compromise(front, (True, False, False)) == 2


@pytest.mark.parametrize("bad", [[], [[1.0]], [[1.0, np.nan]], [1.0, 2.0]])
def test_what_is_no_front_is_refused(bad: list[object]) -> None:
    with pytest.raises(ValueError):
        min_max_compromise(np.array(bad, float), PROFIT_AND_CVAR)
    with pytest.raises(ValueError, match="reading"):
        min_max_compromise(RISING, PROFIT_AND_CVAR, "other")  # type: ignore[arg-type]
