"""Uncertainty sets: support functions against linear programs, the one-class SVM against the dual QP, membership."""

from __future__ import annotations

from pathlib import Path

import highspy
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.spatial.distance import cdist

from esc_sim.design.uncertainty import (
    BoxBallSet,
    BoxSet,
    BudgetedSet,
    SvcSet,
    UncertaintySet,
    ball_radius,
    box_ball_margin,
    budget_margin,
    read_samples,
    sample_box,
    sample_budgeted_set,
    svc_marginal,
    svc_set,
)
from esc_sim.errors import InputError
from esc_sim.lp import BlockModel

FloatArray = NDArray[np.float64]


def correlated(count: int, size: int, seed: int = 1) -> FloatArray:
    """Normal demand with correlated buyers, mean 1500, shape (count, size)."""
    rng = np.random.default_rng(seed)
    mixing = np.eye(size) + 0.4 * rng.normal(size=(size, size))
    return 1500.0 + 100.0 * rng.normal(size=(count, size)) @ mixing


def svc_support_by_lp(s: SvcSet, direction: FloatArray) -> float:
    """max c.d by the explicit form (25) of the set."""
    model = BlockModel("support")
    model.index("vector", s.alpha.size)
    model.index("axis", s.size)
    model.index("other", s.size)
    d = model.variables("d", "other", lower=-np.inf, cost=-direction)
    psi = model.variables("psi", "vector axis")
    u = s.vectors @ s.weight
    model.rows("radius", upper=s.radius).add(psi, s.alpha, "vector")
    model.rows("above", "vector axis", upper=u).add(d, s.weight, "axis other").add(psi, -1.0)
    model.rows("below", "vector axis", lower=u).add(d, s.weight, "axis other").add(psi)
    return -model.solve().objective


@pytest.mark.parametrize(("size", "theta"), [(2, 0.05), (3, 0.1), (4, 0.3)])
def test_svc_support_is_the_linear_program(size: int, theta: float) -> None:
    s = svc_set(correlated(80, size), theta)
    rng = np.random.default_rng(2)
    directions = np.vstack([np.eye(size), -np.eye(size), rng.normal(size=(3, size))])
    exact = [s.support(c) for c in directions]
    assert exact == pytest.approx([svc_support_by_lp(s, c) for c in directions], rel=1e-9)
    assert s.worst_case() == pytest.approx(exact[:size], rel=1e-12)


@pytest.mark.parametrize("theta", [0.05, 0.2])
def test_one_class_svm_solves_the_dual_qp(theta: float) -> None:
    d = correlated(60, 3)
    s = svc_set(d, theta)
    u = d @ s.weight
    kernel = np.ptp(u, axis=0).sum() - cdist(u, u, "cityblock")
    alpha = dual_qp(kernel, 1.0 / (len(d) * theta))
    ours = np.zeros(len(d))
    ours[[int(np.flatnonzero((d == v).all(axis=1))[0]) for v in s.vectors]] = s.alpha
    assert ours.sum() == pytest.approx(1.0)
    assert ours.max() <= 1.0 / (len(d) * theta) * (1.0 + 1e-9)
    assert ours @ kernel @ ours == pytest.approx(alpha @ kernel @ alpha, rel=1e-6)


def dual_qp(kernel: FloatArray, bound: float) -> FloatArray:
    """Problem (9) by HiGHS: min a'Ka - a'diag(K), 0 <= a <= bound, sum a = 1."""
    n = len(kernel)
    model = highspy.HighsModel()
    lp = model.lp_
    lp.num_col_, lp.num_row_ = n, 1
    lp.col_cost_ = -np.diag(kernel)
    lp.col_lower_, lp.col_upper_ = np.zeros(n), np.full(n, bound)
    lp.row_lower_, lp.row_upper_ = np.ones(1), np.ones(1)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.arange(n + 1, dtype=np.int32)
    lp.a_matrix_.index_, lp.a_matrix_.value_ = np.zeros(n, dtype=np.int32), np.ones(n)
    rows, columns = np.tril_indices(n)
    order = np.lexsort((rows, columns))
    model.hessian_.dim_ = n
    model.hessian_.format_ = highspy.HessianFormat.kTriangular
    model.hessian_.start_ = np.concatenate([[0], np.cumsum(np.arange(n, 0, -1))]).astype(np.int32)
    model.hessian_.index_ = rows[order].astype(np.int32)
    model.hessian_.value_ = 2.0 * kernel[rows[order], columns[order]] + 1e-9 * (rows[order] == columns[order])
    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    h.passModel(model)
    h.run()
    assert h.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return np.asarray(h.getSolution().col_value)


def test_svc_set_holds_the_share_of_samples_that_theta_leaves() -> None:
    d = correlated(400, 3)
    for theta in (0.05, 0.2, 0.5):
        s = svc_set(d, theta)
        assert s.contains(d).mean() == pytest.approx(1.0 - theta, abs=0.02)
        assert s.contains(d.mean(axis=0)[None]).all()
        edge = s.support(np.ones(3))
        assert edge > (d.mean(axis=0)).sum()


def test_larger_theta_gives_smaller_worst_cases_on_fixed_samples() -> None:
    d = correlated(300, 3)
    for make in (svc_set, svc_marginal, sample_budgeted_set):
        totals = [make(d, theta).worst_case().sum() for theta in (0.02, 0.05, 0.1, 0.2, 0.4)]
        assert totals == sorted(totals, reverse=True)


def test_one_buyer_the_marginal_interval_solves_the_dual() -> None:
    d = correlated(60, 1)
    box = svc_marginal(d, 0.2)
    assert box.contains(d).sum() == 48  # six samples lie below, six above
    u = d / d.std(ddof=1)
    kernel = np.ptp(u) - cdist(u, u, "cityblock")
    outside = np.where(box.contains(d), 0.0, 1.0 / 12.0)
    best = dual_qp(kernel, 1.0 / 12.0)
    assert outside.sum() == pytest.approx(1.0)
    assert outside @ kernel @ outside == pytest.approx(best @ kernel @ best, rel=1e-6)
    reach = cdist(u, u, "cityblock") @ outside
    edge = reach[box.contains(d)]
    assert np.ptp(edge) <= 1e-9 * edge.max()  # the distance is the same all over the interval: its edge is tau
    beyond = np.sort(reach[~box.contains(d)])
    assert beyond[:2] == pytest.approx(edge.max())  # the two samples that bound the interval
    assert (beyond[2:] > edge.max() * (1.0 + 1e-9)).all()


def test_budgeted_support_and_membership() -> None:
    d = correlated(30, 3)
    s = sample_budgeted_set(d, 0.1)
    assert s.budget == pytest.approx(np.sqrt(2.0 * np.log(10.0)))
    for c in (np.array([1.0, 0.0, 0.0]), np.array([0.3, -1.0, 2.0])):
        gains = np.concatenate([s.shifts @ c, -(s.shifts @ c)])
        best = linprog(-gains, np.ones((1, 60)), [s.budget], bounds=(0.0, 1.0))
        assert s.support(c) == pytest.approx(s.nominal @ c - best.fun, rel=1e-9)
        order = np.argsort(-np.abs(s.shifts @ c))
        zeta = np.zeros(30)
        zeta[order[:2]] = 1.0
        zeta[order[2]] = s.budget - 2.0
        point = s.nominal + (zeta * np.sign(s.shifts @ c)) @ s.shifts
        outside = s.nominal + 1.001 * (point - s.nominal)
        assert s.contains(np.array([s.nominal, point, outside])).tolist() == [True, True, False]


def test_margins_are_optimal_and_reached() -> None:
    rng = np.random.default_rng(4)
    for size in (1, 2, 6, 20):
        x = rng.normal(size=size) * np.exp(rng.normal(size=size))
        for radius in (0.3, 1.0, 1.7, 2.45, 9.0):
            margin = box_ball_margin(x, radius)
            assert margin == pytest.approx(box_ball_by_bisection(np.abs(x), radius), rel=1e-9)
            gains = np.concatenate([x, -x])
            best = linprog(-gains, np.ones((1, 2 * size)), [radius], bounds=(0.0, 1.0))
            assert budget_margin(x, radius) == pytest.approx(-best.fun, rel=1e-9)


def box_ball_by_bisection(x: FloatArray, radius: float) -> float:
    """The same maximum from its optimality condition z = min(1, t x) with |z|_2 = radius, t by bisection."""
    if radius * radius >= x.size:
        return float(x.sum())
    low, high = 0.0, 1.0
    while np.square(np.minimum(1.0, high * x)).sum() < radius * radius:
        high *= 2.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        if np.square(np.minimum(1.0, middle * x)).sum() < radius * radius:
            low = middle
        else:
            high = middle
    return float(x @ np.minimum(1.0, high * x))


def test_box_and_box_ball_sets() -> None:
    box = sample_box(correlated(50, 2))
    assert box.contains(correlated(50, 2)).all()
    assert box.support(np.array([1.0, -2.0])) == pytest.approx(box.upper[0] - 2.0 * box.lower[1])
    ball = BoxBallSet(np.array([10.0, 20.0]), np.array([2.0, 0.0]), ball_radius(0.05))
    assert ball.worst_case().tolist() == [12.0, 20.0]
    assert ball.contains([[12.0, 20.0], [12.1, 20.0], [10.0, 20.1]]).tolist() == [True, False, False]
    assert BoxBallSet(ball.nominal, ball.deviation, 0.5).worst_case().tolist() == [11.0, 20.0]


@pytest.mark.parametrize("theta", [0.02, 0.1, 0.4])
def test_no_sample_of_the_set_exceeds_its_support(theta: float) -> None:
    d = correlated(200, 3)
    rng = np.random.default_rng(5)
    sets: list[UncertaintySet] = [svc_set(d, theta), svc_marginal(d, theta), BoxSet(d.min(axis=0), d.max(axis=0))]
    for s in sets:
        inside = d[s.contains(d)]
        for c in rng.normal(size=(5, 3)):
            assert (inside @ c).max() <= s.support(c) * (1.0 + 1e-9)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A1,A2\n1,2\n3,\n", r"past.csv: column 'A2' has 1 periods, column 'A1' 2: give all buyers the same periods"),
        ("A1,A2\n1,2\n3,\n5,6\n", r"past.csv:3: column 'A2': the cell is empty, and numbers follow below it"),
        ("A1,A2\n1,2\n\n5,6\n", r"past.csv:3: the row is empty"),
        (
            "date,A1,A2\n2026-01-05,1,2\n2026-01-12,1,2\n2026-01-26,1,2\n",
            r"past.csv:4: column 'date': 2026-01-26 follows",
        ),
        ("A1,A2\n1,2\n3,x\n", r"past.csv:3: column 'A2': the cell 'x' is no number"),
        ("A1,A2\n1,2\n3,nan\n", r"past.csv:3: column 'A2': the cell 'nan' is no number"),
        ("A1,A2\n1,2\n3,-4\n", r"past.csv:3: column 'A2': the cell '-4' is no number of at least 0"),
        ("A1,A2\n1,2\n", r"past.csv: 1 row of demand; at least 2 are needed"),
        ("A1,A2\n1,2\n3\n", r"past.csv:3: 1 cells, but the header names 2"),
        ("A1,A1\n1,2\n", r"past.csv:1: column 'A1' stands here twice"),
        ("A1,\n1,2\n", r"past.csv:1: the first row must name every column"),
        ("A1,A3\n1,2\n3,4\n", r"past.csv:1: the column 'A2' is missing; the columns are A1, A3"),
    ],
)
def test_bad_demand_files(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "past.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_samples(tmp_path / "past.csv", ("A1", "A2"))


def test_missing_file_and_bad_bytes(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_samples(tmp_path / "none.csv")
    (tmp_path / "past.csv").write_bytes(b"A1\n\xff\xfe\n")
    with pytest.raises(InputError, match=r"past.csv:2: not UTF-8 text"):
        read_samples(tmp_path / "past.csv")


@pytest.mark.parametrize("theta", [0.0, 1.0, -0.1, 2.0, float("nan")])
def test_theta_outside_its_range(theta: float) -> None:
    for make in (svc_set, svc_marginal, sample_budgeted_set):
        with pytest.raises(InputError, match="theta is"):
            make(correlated(20, 2), theta)


def test_samples_that_do_not_span_the_buyers() -> None:
    d = correlated(50, 2)
    with pytest.raises(InputError, match="covariance is singular"):
        svc_set(np.column_stack([d, d.sum(axis=1)]), 0.1)
    with pytest.raises(InputError, match="covariance is singular"):
        svc_set(correlated(3, 5), 0.5)


def test_a_box_by_hand() -> None:
    box = BoxSet(np.array([-2.0, 1.0]), np.array([4.0, 10.0]))
    assert box.size == 2
    assert box.support([1.0, -1.0]) == 3.0
    assert box.support([-1.0, 0.0]) == 2.0
    assert box.support([0.0, 2.0]) == 20.0
    assert box.worst_case().tolist() == [4.0, 10.0]
    box.worst_case()[0] = 0.0
    assert box.upper[0] == 4.0  # a copy was handed out
    # The slack is relative to the larger end of each side.
    near, far = 4.0 * 0.9e-9, 4.0 * 1.1e-9
    points = [[4.0 + near, 5.0], [4.0 + far, 5.0], [-2.0 - near, 5.0], [-2.0 - far, 5.0], [0.0, 0.99], [0.0, 10.0]]
    assert box.contains(points).tolist() == [True, False, True, False, False, True]


def test_a_budgeted_set_by_hand() -> None:
    """Two shifts along the axes, so that the set is a box with its corners cut."""
    s = BudgetedSet(np.array([10.0, 20.0]), np.array([[3.0, 0.0], [0.0, 4.0]]), 1.5)
    assert s.size == 2
    assert s.worst_case().tolist() == [13.0, 24.0]
    assert s.support([1.0, 1.0]) == 30.0 + 4.0 + 0.5 * 3.0
    assert s.support([-1.0, 1.0]) == 10.0 + 4.0 + 0.5 * 3.0
    points = [[13.0, 20.0], [13.0, 22.0], [13.0, 22.1], [7.0, 18.0], [13.1, 20.0], [10.0, 24.0]]
    assert s.contains(points).tolist() == [True, True, False, True, False, True]
    assert BudgetedSet(s.nominal, s.shifts, 0.5).worst_case().tolist() == [11.5, 22.0]
    assert s.contains([13.0, 20.0]).tolist() == [True]  # one point alone
    # Inside by a ten-millionth of the budget, and outside.
    tip = BudgetedSet(np.array([10.0]), np.array([[1.0], [1.0]]), 1.5)
    assert tip.contains([[11.5 + 0.9e-7], [11.5 + 5e-7]]).tolist() == [True, False]


def test_a_box_ball_set_by_hand() -> None:
    s = BoxBallSet(np.array([10.0, 20.0]), np.array([2.0, 4.0]), 1.25)
    assert s.size == 2
    assert s.support([1.0, 0.0]) == 12.0
    # z = (0.6, 0.8) * 1.25 would be (0.75, 1): the ball's corner that the box just allows.
    assert s.support([3.0, 2.0]) == pytest.approx(70.0 + box_ball_margin([6.0, 8.0], 1.25))
    assert box_ball_margin([6.0, 8.0], 1.25) == pytest.approx(12.5)
    assert box_ball_margin([3.0, 4.0], 1.0) == pytest.approx(5.0)
    assert box_ball_margin([-3.0, 4.0], np.sqrt(2.0)) == 7.0
    assert box_ball_margin([3.0, 4.0], 9.0) == 7.0
    assert box_ball_margin([0.0, 4.0], 1.1) == 4.0
    assert box_ball_margin([0.0, 0.0], 1.1) == 0.0
    assert box_ball_margin([1.0, 1.0, 1.0], 0.0) == 0.0
    points = [[12.0, 20.0], [11.5, 24.0], [11.6, 24.0], [8.0, 17.0], [12.1, 20.0], [8.5, 16.0]]
    assert s.contains(points).tolist() == [True, True, False, True, False, True]
    flat = BoxBallSet(np.array([10.0, 100.0]), np.array([2.0, 0.0]), 2.0)
    assert flat.contains([[10.0, 100.0 + 0.9e-7], [10.0, 100.0 + 1.1e-7], [12.0 + 1e-9, 100.0]]).tolist() == [
        *(True, False, True)
    ]
    assert flat.contains([[12.0 + 3e-9, 100.0]]).tolist() == [False]
    round_one = BoxBallSet(np.zeros(2), np.ones(2), 1.0)
    assert round_one.contains([[0.6, 0.8 + 1e-9], [0.6, 0.8 + 3e-9]]).tolist() == [True, False]


def test_margins_by_hand() -> None:
    assert [budget_margin([3.0, -5.0, 1.0], budget) for budget in (0.0, 0.5, 1.0, 1.5, 2.5, 3.0, 4.0)] == [
        *(0.0, 2.5, 5.0, 6.5, 8.5, 9.0, 9.0)
    ]
    assert ball_radius(np.exp(-2.0)) == pytest.approx(2.0)
    box = sample_box([[1.0, 8.0], [3.0, 2.0]])
    assert (box.lower.tolist(), box.upper.tolist()) == ([1.0, 2.0], [3.0, 8.0])
    cut = sample_budgeted_set([[1.0, 8.0], [3.0, 2.0]], float(np.exp(-2.0)))
    assert cut.nominal.tolist() == [2.0, 5.0]
    assert cut.shifts.tolist() == [[-1.0, 3.0], [1.0, -3.0]]
    assert cut.budget == pytest.approx(2.0)


def test_whether_samples_span_the_buyers_is_judged_relative_to_the_largest_spread() -> None:
    corners = np.array([[a, b, c] for a in (-1.0, 1.0) for b in (-1.0, 1.0) for c in (-1.0, 1.0)])
    assert svc_set(50.0 + corners * [1e-2, 1.0, 1e3], 0.5).contains(np.full((1, 3), 50.0)).all()
    with pytest.raises(InputError, match="covariance is singular"):  # 1e-13 of the largest variance
        svc_set(50.0 + corners * [3e-4, 1.0, 1e3], 0.5)
