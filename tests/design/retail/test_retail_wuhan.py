"""The Wuhan case: the numbers that the given instance must show, at a gap of 1e-5."""

from __future__ import annotations

import numpy as np
import pytest
from retail_cases import WUHAN

from esc_sim.design.retail import (
    Coverage,
    RetailInstance,
    RetailOptions,
    RetailPlan,
    design_retail,
    price_of_robustness,
)
from esc_sim.design.retail.margins import Reading, RetailModel
from esc_sim.design.retail.model import build
from esc_sim.design.retail.read import read_instance

pytestmark = pytest.mark.slow
STOCHASTIC = 365.113e6


@pytest.fixture(scope="module")
def wuhan() -> RetailInstance:
    return read_instance(WUHAN)


@pytest.fixture(scope="module")
def stochastic(wuhan: RetailInstance) -> RetailPlan:
    return design_retail(wuhan, RetailOptions(gap=1e-5))


def test_size_is_that_of_the_case(wuhan: RetailInstance) -> None:
    model = build(wuhan, Coverage(), np.zeros_like(wuhan.demand))
    assert sum(b.positions.size for b in model.variable_blocks.values() if b.integer) == 2216
    assert wuhan.sales.tolist() == [509804.0, 1094000.0]


def test_stochastic_cost_and_levels(stochastic: RetailPlan) -> None:
    assert stochastic.gap <= 1e-5
    assert stochastic.cost == pytest.approx(STOCHASTIC, rel=1e-4)
    assert stochastic.level_counts("dc") == {"1": 0, "2": 3, "3": 0, "4": 0}
    assert sum(stochastic.level_counts("store").values()) == 128
    assert stochastic.stock[2] == 0.0  # as in Table 4


@pytest.mark.parametrize(
    ("model", "reading", "percent"),
    [("box-ball", "joint", 0.748), ("budget", "joint", 0.748), ("box-ball", "own", 0.104)],
)
def test_price_of_robustness(
    model: RetailModel, reading: Reading, percent: float, wuhan: RetailInstance, stochastic: RetailPlan
) -> None:
    robust = design_retail(wuhan, RetailOptions(model, 0.05, reading, gap=1e-5))
    assert robust.gap <= 1e-5
    assert price_of_robustness(robust.cost, stochastic.cost) == pytest.approx(percent, abs=0.005)


def test_coverage_increments(wuhan: RetailInstance, stochastic: RetailPlan) -> None:
    costs = [
        design_retail(wuhan, RetailOptions(coverage=Coverage(*c), gap=1e-5)).cost
        for c in ((3, 3, 3), (4, 3, 4), (4, 3, 5))
    ]
    assert costs[0] - stochastic.cost == pytest.approx(1.80e6, rel=0.01)
    assert costs[1] - stochastic.cost == pytest.approx(4.36e6, rel=0.01)
    assert costs[2] == pytest.approx(costs[1], rel=2e-5)  # strategy 3 = strategy 4
