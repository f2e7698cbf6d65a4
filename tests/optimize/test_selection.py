"""Ranking and selection: KN keeps its promise, OCBA sends replications where designs are close."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from esc_sim.errors import InputError
from esc_sim.optimize.search import optimize
from esc_sim.optimize.selection import FIRST, Observe, Selection, kim_nelson, ocba
from tests.optimize.test_algorithms import SHOP

TRIALS = 300


def normal(seed: int, means: np.ndarray, sd: np.ndarray, common: float) -> Observe:
    """Normal costs of designs; ``common`` is the standard deviation of what a replication does to all of them."""

    def observe(rows: np.ndarray, first: int, count: int) -> np.ndarray:
        columns = []
        for number in range(first, first + count):
            generator = np.random.default_rng([seed, number])
            shared, own = generator.normal(), generator.normal(size=len(means))
            columns.append((means + common * shared + sd * own)[rows])
        return np.stack(columns, axis=1)

    return observe


def least_favourable(count: int, delta: float) -> np.ndarray:
    """One design better than all others, which are alike, by the indifference zone."""
    means = np.full(count, 100.0)
    means[2] -= delta
    return means


@pytest.mark.parametrize(("confidence", "common"), [(0.9, 0.0), (0.75, 6.0)])
def test_kn_selects_correctly_at_least_as_often_as_it_promises(confidence: float, common: float) -> None:
    means, sd = least_favourable(5, 1.0), np.array([1.0, 2.0, 1.5, 1.0, 2.5])
    found = [kim_nelson(normal(seed, means, sd, common), 5, 1.0, confidence) for seed in range(TRIALS)]
    share = np.mean([one.best == 2 for one in found])
    assert share >= confidence
    assert {one.probability for one in found} == {confidence}
    assert all(one.order[0] == one.best and sorted(one.order) == list(range(5)) for one in found)


def test_kn_drops_early_what_is_far_and_common_numbers_save_replications() -> None:
    means, sd = np.array([10.0, 10.5, 20.0, 30.0]), np.full(4, 1.0)
    apart = kim_nelson(normal(1, means, np.full(4, 4.0), 0.0), 4, 0.4, 0.95)
    common = kim_nelson(normal(1, means, sd, 4.0), 4, 0.4, 0.95)
    assert common.best == apart.best == 0
    assert common.counts.sum() < 0.5 * apart.counts.sum()
    assert apart.counts[3] == FIRST < apart.counts[1]


def test_kn_refuses_what_would_never_end() -> None:
    with pytest.raises(InputError, match=r"--select kn: 3 designs may take [\d,]+ replications"):
        kim_nelson(normal(1, np.zeros(3), np.ones(3), 0.0), 3, 1e-4, 0.95)


def test_ocba_stops_at_the_confidence_and_looks_at_close_designs() -> None:
    means, sd = np.array([10.0, 10.6, 14.0, 18.0, 22.0]), np.full(5, 3.0)
    found = ocba(normal(3, means, sd, 0.0), 5, 0.1, 0.95)
    assert found.best == 0
    assert found.probability >= 0.95
    assert found.counts[:2].min() > 3 * found.counts[2:].max()
    assert "estimated probability (APCS)" in found.words


def test_ocbas_estimate_is_about_right() -> None:
    means, sd = np.array([10.0, 11.0, 11.0, 12.0]), np.full(4, 2.0)
    found = [ocba(normal(seed, means, sd, 0.0), 4, 0.1, 0.9) for seed in range(100)]
    share = np.mean([one.best == 0 for one in found])
    assert share >= np.mean([one.probability for one in found]) - 0.1  # an estimate, no guarantee


@pytest.mark.parametrize("method", ["kn", "ocba"])
def test_a_search_selects_among_its_last_few(method: str) -> None:
    sizes: dict[str, Any] = {"budget": 96, "held_out": 16, "seed": 5, "algorithm": "ga"}
    plain = optimize(SHOP, **sizes)
    front = optimize(SHOP, **sizes, select=method, delta=0.5)
    assert isinstance(front.selection, Selection)
    assert plain.selection is None
    np.testing.assert_array_equal(front.designs, plain.designs[front.selection.order])
    assert front.chosen == 0
    again = optimize(SHOP, **sizes, select=method, delta=0.5, workers=1)
    np.testing.assert_array_equal(again.selection.counts, front.selection.counts)


def test_selection_is_of_one_objective_and_of_single_replications() -> None:
    with pytest.raises(InputError, match="select: takes one objective"):
        optimize(SHOP, objectives=["cost", "fill_rate"], select="kn")
    with pytest.raises(InputError, match="select: cvar is no figure of a single replication"):
        optimize(SHOP, objectives=["cvar"], select="kn")
    with pytest.raises(InputError, match="select: there is no 'best'; take one of kn, ocba"):
        optimize(SHOP, select="best")
    with pytest.raises(InputError, match=r"confidence: 1.5 is not between 0.5 and 0.9999"):
        optimize(SHOP, select="kn", confidence=1.5)
