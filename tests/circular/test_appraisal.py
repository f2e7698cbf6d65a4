"""Cash flows worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from esc_sim.circular import appraise, break_even_subsidy, discounted_payback, irr, npv
from esc_sim.errors import InputError


def test_net_present_value_by_hand() -> None:
    # -100 + 60 / 1.1 + 60.5 / 1.21 = -100 + 54.5454... + 50
    assert npv([-100.0, 60.0, 60.5], 0.1) == pytest.approx(-100.0 + 600.0 / 11.0 + 50.0, abs=1e-12)
    assert npv([-100.0, 60.0, 60.5], 0.0) == pytest.approx(20.5)
    assert npv([[-1.0, 1.1], [-2.0, 2.2]], 0.1).tolist() == pytest.approx([0.0, 0.0])


def test_internal_rate_of_return_by_hand() -> None:
    assert irr([-100.0, 110.0]) == pytest.approx(0.1)
    assert irr([-100.0, 0.0, 144.0]) == pytest.approx(0.2)
    assert irr([-100.0, 40.0]) == pytest.approx(-0.6)
    assert irr([-1.0, 300.0]) == pytest.approx(299.0)


def test_no_rate_is_invented() -> None:
    assert math.isnan(irr([-100.0, -10.0]))
    assert math.isnan(irr([100.0, 10.0]))
    assert math.isnan(irr([-100.0, 230.0, -132.0])), "10 % and 20 % both give zero"


def test_discounted_payback_by_hand() -> None:
    # Discounted at 100 %: -10, 6, 3, 2: cumulative -10, -4, -1, 1.
    flows = [-10.0, 12.0, 12.0, 16.0]
    assert discounted_payback(flows, 1.0) == 3
    assert discounted_payback(flows, 0.0) == 1
    assert discounted_payback([-10.0, 5.0, 5.0], 0.0) == 2, "at least 0 counts"
    assert discounted_payback([0.0, 1.0], 0.1) == 0


def test_a_payback_that_never_comes_is_none() -> None:
    assert discounted_payback([-10.0, 5.0, 5.0], 0.01) is None
    never = appraise(100.0, [[1.0, 1.0]], 0.05)
    assert never.payback is None
    assert never.npv.mean < 0


def test_payback_is_that_of_the_mean() -> None:
    # Alone the replications take 1 year and never; together, 3.
    assert discounted_payback([[-10.0, 10.0, 2.0, 2.0], [-10.0, 2.0, 2.0, 2.0]], 0.0) == 3


def test_a_grant_lowers_what_is_paid() -> None:
    plain, granted = (appraise(100.0, [[50.0, 50.0]], 0.0, share) for share in (0.0, 0.25))
    assert (plain.npv.mean, granted.npv.mean, granted.grant) == (0.0, 25.0, 25.0)
    assert granted.payback == 2
    assert granted.cumulative.tolist() == [-75.0, -25.0, 25.0]


@pytest.mark.parametrize("share", [1.01, -0.1, math.nan])
def test_a_subsidy_outside_the_capital_cost_is_refused(share: float) -> None:
    with pytest.raises(InputError, match="subsidy"):
        appraise(100.0, [[50.0]], 0.05, share)


@pytest.mark.parametrize("capital", [-1.0, math.inf, math.nan])
def test_capital_that_cannot_be_paid_is_refused(capital: float) -> None:
    with pytest.raises(InputError, match="capital"):
        appraise(capital, [[50.0]], 0.05)


def test_break_even_grant() -> None:
    gains = np.full((30, 2), 25.0)
    even = break_even_subsidy(100.0, gains, 0.0)
    assert (even.share, even.low, even.high) == (0.5, 0.5, 0.5)
    assert str(even) == "50 % of capex (50 to 50 %)"
    assert appraise(100.0, gains, 0.0, even.share).npv.mean == pytest.approx(0.0)
    assert break_even_subsidy(100.0, gains * 3, 0.0).share == 0.0
    assert str(break_even_subsidy(100.0, -gains, 0.0)) == "not by a capex grant"


def test_the_bootstrap_interval_is_that_of_a_mean() -> None:
    draw = np.random.default_rng(3)
    gains = draw.normal(60.0, 20.0, (400, 1))
    even = break_even_subsidy(100.0, gains, 0.0, seed=1)
    half = 1.96 * gains.std(ddof=1) / 20.0 / 100.0
    assert even.low == pytest.approx(even.share - half, abs=0.1 * half)
    assert even.high == pytest.approx(even.share + half, abs=0.1 * half)
    assert break_even_subsidy(100.0, gains, 0.0, seed=1) == even


@pytest.mark.parametrize("call", [lambda: npv([], 0.1), lambda: npv([math.nan], 0.1), lambda: npv([1.0], -1.0)])
def test_bad_flows_are_refused(call: object) -> None:
    with pytest.raises(InputError):
        call()  # type: ignore[operator]
