"""Limits of the last few designs are proven on replications of the budget that the search has not seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.stats

from esc_sim.errors import InputError
from esc_sim.optimize.proof import LIKELY, SURE, Proof, few_of
from esc_sim.optimize.search import optimize
from tests.optimize.test_algorithms import SHOP

OFTEN: dict[str, Any] = {"measure": "fill_rate", "at_least": 0.98, "probability": 0.8}
NEVER: dict[str, Any] = {"measure": "cost", "at_most": 1.0}
SIZES: dict[str, Any] = {"budget": 150, "held_out": 200, "seed": 5, "workers": 1}


def test_warm_keeps_a_chance_within_its_budget() -> None:
    front = optimize(SHOP, **SIZES, constraints=[OFTEN])
    assert front.spent[-1] == 150
    assert front.chosen == 0
    assert front.believed[0]
    assert scipy.stats.binomtest(round(200 * front.held_out[0, 1]), 200, 0.8, "less").pvalue > 0.05
    assert not np.isnan(front.verdict.training)  # both plans on the same replications
    assert front.verdict.low < front.verdict.held_out < front.verdict.high


@pytest.mark.parametrize("more", [{}, {"select": "kn", "delta": 1.0}])
def test_where_no_design_keeps_the_limits_none_is_best_or_selected(more: dict[str, Any]) -> None:
    front = optimize(SHOP, **SIZES, constraints=[NEVER], **more)
    assert front.best is None
    assert front.selection is None
    assert np.isnan(front.verdict.held_out)
    assert not front.believed.any()
    assert any("nothing is selected" in notice for notice in front.notices) == bool(more)
    with pytest.raises(InputError, match="no design is likely to keep all constraints"):
        front.pick()


def test_a_few_safer_designs_are_played_beside_the_cheapest() -> None:
    costs, violations = np.arange(8.0), np.array([-0.1, -0.05, -0.2, -0.1, -0.3, -0.4, -0.5, -0.6])
    assert few_of(costs, violations).tolist() == [0, 2, 4, 6, 7]
    assert few_of(costs[:4], violations[:4]).tolist() == [0, 1, 2, 3]


def test_sure_designs_come_first_as_given_then_the_likelier_ones() -> None:
    chances = np.array([0.3, LIKELY, SURE, 0.7, 0.99])
    proof = Proof(chances, np.full(5, 9), (np.zeros(9),) * 5)
    assert proof.order.tolist() == [2, 4, 3, 1, 0]
    assert proof.believed.tolist() == [False, True, True, True, True]
