"""The search whose first offspring a model chooses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from esc_sim.optimize.algorithms import surrogate_nsga2
from esc_sim.optimize.algorithms.belief import drawn
from esc_sim.optimize.algorithms.surrogate_nsga2 import best_first, varied
from esc_sim.optimize.nsga2 import generator_of
from esc_sim.optimize.search import optimize
from tests.helpers.command import interrupted_after
from tests.optimize.cases import TINY, oil_gas

SIZES: dict[str, Any] = TINY | {"algorithm": "surrogate-nsga2", "generations": 3}


def test_draws_agree_with_what_is_known_and_differ_elsewhere() -> None:
    generator = generator_of(1)
    designs = generator.random((60, 3))
    values = 5.0 + designs @ [1.0, -2.0, 0.5]
    near, far = designs[:20] + 1e-3, generator.uniform(3.0, 4.0, (20, 3))
    draws = np.array([drawn(designs, values, np.vstack([near, far]), generator) for _ in range(30)])
    np.testing.assert_allclose(draws[:, :20].mean(axis=0), values[:20], atol=0.05)
    assert draws[:, :20].std(axis=0).max() < 0.1 * draws[:, 20:].std(axis=0).min()
    again = drawn(designs, values, far, generator_of(2))
    np.testing.assert_array_equal(again, drawn(designs, values, far, generator_of(2)))


def test_designs_survive_by_limits_then_fronts_then_room() -> None:
    costs = np.array([[0.0, 4.0], [1.0, 3.0], [1.1, 2.9], [4.0, 0.0], [5.0, 5.0], [0.0, 0.0], [np.inf, np.inf]])
    violations = np.array([[-1.0], [0.0], [0.0], [0.0], [0.0], [0.3], [np.inf]])
    order = best_first(costs, violations).tolist()
    assert set(order[:2]) == {0, 3}  # the ends of the front
    assert order[2] == 2  # it has more room than its neighbour
    assert order[3:] == [1, 4, 5, 6]
    assert best_first(costs[5:], violations[5:]).tolist() == [0, 1]  # nothing keeps the limits


def test_children_stay_within_bounds_and_move_something() -> None:
    parents = generator_of(3).random((5, 12))
    children = varied(parents, 200, generator_of(4))
    assert children.shape == (200, 12)
    assert ((children >= 0.0) & (children <= 1.0)).all()
    assert (children == 0.0).any()
    assert not any((child == parents).all(axis=1).any() for child in children)


def test_an_interrupted_search_gives_the_same_bits(tmp_path: Path) -> None:
    whole = optimize(oil_gas(), workers=2, **SIZES)
    with pytest.raises(KeyboardInterrupt):
        optimize(oil_gas(), **SIZES, out=tmp_path / "out", progress=interrupted_after(2))
    front = optimize(oil_gas(), **SIZES, out=tmp_path / "out", resume=True)
    np.testing.assert_array_equal(front.designs, whole.designs)
    np.testing.assert_array_equal(front.held_out, whole.held_out)
    np.testing.assert_array_equal(front.history, whole.history)


def test_it_beats_the_search_without_a_model_on_the_same_budget_and_goes_on_without_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes = {**TINY, "generations": None, "budget": 320}
    model = optimize(oil_gas(), **{**sizes, "algorithm": "surrogate-nsga2"})
    usual = optimize(oil_gas(), **{**sizes, "algorithm": "warm-nsga2"})
    assert model.history[-1, 0] > 1.1 * usual.history[-1, 0]
    monkeypatch.setattr(surrogate_nsga2, "MODELLED", 30)
    longer = optimize(oil_gas(), **SIZES)
    assert len(longer.designs) <= SIZES["population"]
    assert len(longer.history) == SIZES["generations"]


def test_limits_are_kept() -> None:
    limits = [{"measure": "profit", "at_least": 400_000.0}]
    front = optimize(oil_gas(optimize__constraints=limits), **SIZES)
    assert front.base_training[0] < 400_000.0
    assert (front.training[:, 0] >= 400_000.0).all()
