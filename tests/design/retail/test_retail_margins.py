"""Closed-form margins against the programs they stand for (Chen and Chen 2023, eqs. A.1-A.5)."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog, minimize

from esc_sim.design.retail import box_ball_margin, budget_margin, margins, radius
from esc_sim.errors import InputError

CASES = [(f, seed) for f in (1, 2, 3, 6) for seed in range(4)]


def drawn(f: int, seed: int) -> NDArray[np.float64]:
    rng = np.random.default_rng([f, seed])
    values = rng.uniform(0.1, 9.0, f)
    if seed == 1:
        values[:] = 4.0  # ties
    if seed == 2:
        values[0] = 0.0
    return values


def ball_in_a_box(deviation: NDArray[np.float64], omega: float) -> float:
    """max deviation @ z over |z|_inf <= 1, |z|_2 <= omega, by a general solver of smooth programs."""
    found = minimize(
        lambda z: -(deviation @ z),
        np.full(deviation.size, 0.5 * min(1.0, omega / np.sqrt(deviation.size))),
        jac=lambda z: -deviation,
        bounds=[(-1.0, 1.0)] * deviation.size,
        constraints={"type": "ineq", "fun": lambda z: omega * omega - z @ z, "jac": lambda z: -2.0 * z},
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 500},
    )
    assert np.linalg.norm(found.x) <= omega * (1.0 + 1e-8)
    return float(-found.fun)


@pytest.mark.parametrize(("f", "seed"), CASES)
def test_box_ball_margin_is_the_cone_program(f: int, seed: int) -> None:
    deviation = drawn(f, seed)
    assert box_ball_margin(deviation, 0.0) == 0.0
    for omega in (0.4, 1.0, 1.5, 2.4477, 5.0):
        margin = box_ball_margin(deviation, omega)
        assert margin == pytest.approx(ball_in_a_box(deviation, omega), rel=1e-6)
        assert box_ball_margin(-deviation[::-1], omega) == pytest.approx(margin, rel=1e-14)


@pytest.mark.parametrize(("f", "seed"), CASES)
def test_box_ball_margin_is_the_least_side_of_the_cone_row(f: int, seed: int) -> None:
    """Weak duality: no split tau + phi = -d~ of eq. A.1 is below the margin, and one reaches it."""
    deviation = drawn(f, seed)
    rng = np.random.default_rng(seed)
    for omega in (0.4, 1.5, 2.4477):
        margin = box_ball_margin(deviation, omega)
        share = rng.uniform(-0.2, 1.2, (200, f))
        sides = np.abs(share * deviation).sum(axis=1) + omega * np.linalg.norm((1.0 - share) * deviation, axis=1)
        assert sides.min() >= margin * (1.0 - 1e-12)
        cap = np.concatenate([deviation, np.linspace(0.0, deviation.max(), 20001)])
        phi = np.minimum(deviation, cap[:, None])  # the best split caps phi at one height
        best = (np.abs(deviation - phi).sum(axis=1) + omega * np.linalg.norm(phi, axis=1)).min()
        assert best == pytest.approx(margin, rel=1e-6)


@pytest.mark.parametrize(("f", "seed"), CASES)
def test_budget_margin_is_the_linear_program(f: int, seed: int) -> None:
    deviation = drawn(f, seed)
    for gamma in (0.0, 0.5, 1.0, 2.3, 5.9957, 9.0):
        cost = -np.concatenate([deviation, -deviation])  # z = plus - minus
        found = linprog(cost, A_ub=np.ones((1, 2 * f)), b_ub=[gamma], bounds=(0.0, 1.0))
        assert budget_margin(deviation, gamma) == pytest.approx(-found.fun, rel=1e-9, abs=1e-9)


def test_radii_are_those_of_the_printed_table() -> None:
    """Table 4, to two decimals as printed; F = 6."""
    omega = {0.05: 2.45, 0.06: 2.37, 0.07: 2.31, 0.08: 2.25, 0.09: 2.20}
    gamma = {0.05: 6.00, 0.06: 5.81, 0.07: 5.65, 0.08: 5.51, 0.09: 5.38}
    for eps in omega:
        assert radius("box-ball", eps, 6) == pytest.approx(omega[eps], abs=0.006)
        assert radius("budget", eps, 6) == pytest.approx(gamma[eps], abs=0.006)
        assert np.exp(-(radius("box-ball", eps, 6) ** 2) / 2.0) == pytest.approx(eps)
        assert np.exp(-(radius("budget", eps, 6) ** 2) / 12.0) == pytest.approx(eps)


def test_margins_of_both_readings() -> None:
    deviation = np.array([[3.0, 6.0], [4.0, 8.0], [12.0, 1.0]])
    assert not margins(deviation, "stochastic", 0.05).any()
    joint = margins(deviation, "box-ball", 0.05)
    assert joint.shape == (3, 2)
    assert joint[:, 0] == pytest.approx(np.full(3, box_ball_margin(deviation[:, 0], radius("box-ball", 0.05, 3))))
    for model in ("box-ball", "budget"):
        own = [margins(deviation, model, eps, "own") for eps in (0.01, 0.3, 0.6, 0.607, 0.9)]
        assert all(np.array_equal(o, deviation) for o in own[:3])  # flat below exp(-1/2) = 0.6065
        assert own[3] == pytest.approx(deviation * np.sqrt(-2.0 * np.log(0.607)))
        assert (own[4] < own[3]).all()


def test_margin_falls_with_eps_and_budget_is_not_below_box_ball() -> None:
    deviation = np.random.default_rng(5).uniform(1.0, 5.0, (6, 2))
    previous = np.full((6, 2), np.inf)
    for eps in (0.01, 0.05, 0.09, 0.3, 0.6, 0.9):
        ball, budget = margins(deviation, "box-ball", eps), margins(deviation, "budget", eps)
        assert (budget >= ball - 1e-9).all()
        assert (ball <= previous + 1e-9).all()
        previous = ball


@pytest.mark.parametrize("eps", [0.0, 1.0, -0.1, float("nan")])
def test_eps_out_of_range_is_refused(eps: float) -> None:
    with pytest.raises(InputError, match="eps"):
        margins(np.ones((2, 1)), "box-ball", eps)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(InputError, match="reading 'all' is unknown"):
        margins(np.ones((2, 1)), "box-ball", 0.1, "all")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="model 'ball' is unknown"):
        margins(np.ones((2, 1)), "ball", 0.1)  # type: ignore[arg-type]
