"""Sets of demand reach the coverage that they promise, whatever buyers and rows; and what rows show of the future."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom, norm

from esc_sim.design.sourcing import demand_guarantee, design_demand, nominal_demand
from esc_sim.design.sourcing.demand import DEMAND_KINDS
from esc_sim.design.sourcing.guarantee import most_violated
from esc_sim.design.uncertainty import AffineSet, BoxSet, svc_joint, svc_marginal, svc_set
from esc_sim.errors import InputError

FloatArray = NDArray[np.float64]
Law = str
LAWS = ("normal", "skew", "rounded", "doubled", "constant", "uneven", "all alike")


def history(law: Law, rows: int, buyers: int, seed: int) -> FloatArray:
    """Past demand of one of the kinds that leave the dual of the support vectors without a single optimum."""
    rng = np.random.default_rng(seed)
    d = rng.normal(200.0, 30.0, (rows, buyers)) if law != "skew" else rng.exponential(100.0, (rows, buyers))
    if law == "rounded":
        d = np.round(d, -1)
    elif law == "doubled":
        d[:, -1] = 2.0 * d[:, 0] + 3.0
    elif law == "constant":
        d[:, 0] = 7.0
    elif law == "uneven":
        d *= 10.0 ** rng.uniform(-2.0, 2.0, buyers)
    elif law == "all alike":
        d = np.full_like(d, 0.1)
    return d


@settings(max_examples=60, deadline=None)
@given(
    law=st.sampled_from(LAWS),
    rows=st.sampled_from([22, 24, 30, 60, 61, 120, 333]),
    buyers=st.integers(1, 20),
    theta=st.sampled_from([0.01, 0.05, 0.07, 0.1, 0.2, 0.5, 0.9]),
    seed=st.integers(0, 10**6),
)
@example(law="normal", rows=2000, buyers=20, theta=0.05, seed=1)
@example(law="normal", rows=2000, buyers=1, theta=0.05, seed=1)
@example(law="normal", rows=60, buyers=1, theta=0.05, seed=1)
@example(law="normal", rows=20, buyers=1, theta=0.05, seed=1)
@example(law="normal", rows=20, buyers=19, theta=0.05, seed=1)
def test_no_set_leaves_out_more_of_the_past_than_it_says(
    law: Law, rows: int, buyers: int, theta: float, seed: int
) -> None:
    d = history(law, rows, buyers, seed)
    joint, marginal = svc_joint(d, theta), svc_marginal(d, theta)
    most = theta * rows + 1e-6
    assert (~joint.contains(d)).sum() <= most
    assert (d > joint.worst_case() + 1e-9 * np.abs(d)).any(axis=1).sum() <= most
    assert ((d > marginal.upper).sum(axis=0) <= most / 2.0).all()
    assert ((d < marginal.lower).sum(axis=0) <= most / 2.0).all()
    for made in (joint, marginal):
        assert (made.worst_case() >= np.median(d, axis=0) - 1e-9 * np.abs(d).max(axis=0)).all()


@pytest.mark.parametrize(("rows", "theta", "beyond"), [(60, 0.05, 1), (24, 0.05, 0), (1000, 0.05, 24), (60, 0.2, 5)])
def test_the_set_of_one_buyer_ends_at_samples(rows: int, theta: float, beyond: int) -> None:
    """Half of the weights lie on the lowest samples, half on the highest; the set ends where both come to a half."""
    d = history("normal", rows, 1, 3)
    ordered, s = np.sort(d[:, 0]), svc_set(d, theta)
    assert s.support([1.0]) == pytest.approx(ordered[-1 - beyond], rel=1e-9)
    assert -s.support([-1.0]) == pytest.approx(ordered[beyond], rel=1e-9)


def test_the_history_of_sixty_rows_is_covered() -> None:
    """200 histories N(200, 30) of one buyer: no set ends below the 90 % quantile, as the solver's dust had it."""
    ends = [design_demand("ddro-joint", history("normal", 60, 1, s), 0.05).worst[0] for s in range(200)]
    assert min(ends) > norm.ppf(0.9, 200.0, 30.0) - 6.0
    assert np.mean(ends) == pytest.approx(norm.ppf(1.0 - 1.6 / 60.0, 200.0, 30.0), abs=3.0)


@pytest.mark.parametrize("rows", [25, 60, 240, 1000])
@pytest.mark.parametrize("buyers", [1, 2, 5, 20])
def test_boundary_vectors_are_not_outside(buyers: int, rows: int) -> None:
    """Outside are those alone whose weight is at its bound, 1 / (theta J): fewer than a share theta."""
    for theta in (0.05, 0.2):
        s = svc_set(history("normal", rows, buyers, 3), theta)
        at_bound = s.alpha >= (1.0 - 1e-8) / (theta * rows)
        assert s.boundary == (~at_bound).sum()
        assert s.contains(s.vectors[~at_bound]).all()


def test_buyers_in_step_are_put_back() -> None:
    d = history("normal", 80, 3, 5)
    whole = np.column_stack([d[:, 0], np.full(80, 7.0), d[:, 1], 10.0 - 2.0 * d[:, 0], d[:, 2]])
    s, base = svc_joint(whole, 0.1), svc_set(d, 0.1)
    assert isinstance(s, AffineSet)
    assert s.size == 5
    top = base.worst_case()
    low = -base.support([-1.0, 0.0, 0.0])
    assert s.worst_case() == pytest.approx([top[0], 7.0, top[1], 10.0 - 2.0 * low, top[2]], rel=1e-9)
    assert s.contains(whole).tolist() == base.contains(d).tolist()
    off = whole[:2] + np.array([[0.0, 0.1, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0]])
    assert not s.contains(off).any()
    assert s.support([1.0, 0.0, 0.0, 0.5, 0.0]) == pytest.approx(5.0)  # both buyers cancel out
    alike = svc_joint(np.full((5, 2), 0.1), 0.1)
    assert isinstance(alike, BoxSet)
    assert alike.worst_case() == pytest.approx([0.1, 0.1])


def test_fewer_rows_than_buyers_are_too_few() -> None:
    with pytest.raises(InputError, match="8 rows do not span the 8 buyers whose demand varies; give at least 9 rows"):
        svc_joint(history("normal", 8, 8, 1), 0.1)


def test_box_ball_listens_to_theta() -> None:
    d = history("normal", 300, 2, 2)
    mean, sd = d.mean(axis=0), d.std(axis=0, ddof=1)
    for theta, many in ((0.2, np.sqrt(2.0 * np.log(5.0))), (0.05, np.sqrt(2.0 * np.log(20.0))), (0.001, 3.0)):
        assert design_demand("box-ball", d, theta).worst == pytest.approx(mean + many * sd)


def test_what_rows_show() -> None:
    """By hand: 60 rows, one above in each of 2 buyers; each bound holds with 97.5 %, so both do with 95 %."""
    d = history("normal", 60, 2, 4)
    shown = demand_guarantee(design_demand("ddro-marginal", d, 0.05), d)
    bound = float(most_violated(np.array([1]), 60, 0.025)[0])
    assert binom.cdf(1, 60, bound) == pytest.approx(0.025)
    assert shown.most_short_demands == pytest.approx(bound)
    assert shown.past_short_periods == pytest.approx(2.0 / 60.0)
    # Two rows with some buyer above, of 60 possible counts; (3 over 2) ways to leave two rows of two buyers out.
    assert shown.most_short_periods is not None
    assert 3.0 * binom.cdf(3, 60, shown.most_short_periods) == pytest.approx(0.05 / 60)
    assert shown.past_short_demands == pytest.approx(1.0 / 60.0)
    assert (shown.aimed_short_demands, shown.aimed_short_periods, shown.too_few) == (0.025, None, True)
    assert shown.rows_needed == 146  # 0.975^146 < 0.025: no demand in so many rows above
    assert 0.975**146 < 0.025 < 0.975**145
    box = demand_guarantee(design_demand("box", d), d)
    assert box.most_short_demands == pytest.approx(1.0 - 0.025 ** (1 / 60))
    assert box.most_short_periods is not None
    assert binom.cdf(1, 60, box.most_short_periods) == pytest.approx(0.05)
    assert (box.rows_needed, box.too_few) == (None, False)
    known = demand_guarantee(nominal_demand(d.mean(axis=0)), d)
    assert (known.most_short_demands, known.most_short_periods) == (None, None)
    assert 0.3 < known.past_short_demands < known.past_short_periods < 1.0
    counted = demand_guarantee(design_demand("ddro-joint", d, 0.05), d)
    assert counted.most_short_demands == pytest.approx(
        1.0 - (0.05 / 120) ** (1 / 60)
    )  # none above, of 61 possible counts
    needed = counted.rows_needed
    assert needed is not None
    for rows, enough in ((needed, True), (needed - 1, False)):
        assert (binom.cdf(1, rows, 0.05) <= 0.05 / rows) == enough
    alone = demand_guarantee(design_demand("ddro-marginal", d[:, :1], 0.05), d[:, :1])
    assert alone.most_short_periods == pytest.approx(alone.most_short_demands)


@pytest.mark.parametrize("kind", [k for k in DEMAND_KINDS if k != "deterministic"])
def test_what_is_promised_is_kept_in_nineteen_of_twenty_histories(kind: str) -> None:
    broken = np.zeros(2, dtype=int)
    for seed in range(60):
        d = history("normal", 40, 2, seed)
        demand = design_demand(kind, d, 0.1)  # type: ignore[arg-type]
        shown = demand_guarantee(demand, d)
        true = norm.sf(demand.worst, 200.0, 30.0)
        assert shown.most_short_demands is not None
        assert shown.most_short_periods is not None
        broken += np.array([true.mean(), 1.0 - np.prod(1.0 - true)]) > [
            shown.most_short_demands,
            shown.most_short_periods,
        ]
    assert broken.max() <= binom.ppf(0.999, 60, 0.05)
