"""The block builder: assembly, units, duals, gaps, changes, interruption, explained infeasibility."""

from __future__ import annotations

import _thread
import doctest
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

import esc_sim.lp as blocks
from esc_sim.errors import InputError
from esc_sim.lp import BlockModel, InfeasibleError, Progress
from esc_sim.lp.problem import SMALL


def transport(rng: np.random.Generator, *, units: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> BlockModel:
    """A random transport problem: three sources, five sinks; units of the variables, rows and objective."""
    model = BlockModel("transport", objective_unit=units[2])
    model.index("source", 3)
    model.index("sink", 5)
    cost = rng.uniform(1.0, 9.0, (3, 5))
    demand = rng.uniform(10.0, 20.0, 5)
    ship = model.variables("ship", "source sink", cost=cost, unit=units[0])
    model.rows("supply", "source", upper=rng.uniform(30.0, 50.0, 3), unit=units[1]).add(ship)
    model.rows("demand", "sink", lower=demand, unit=units[1]).add(ship)
    return model


def knapsack() -> BlockModel:
    """Twelve knapsacks over 200 items: the search does not end within seconds."""
    rng = np.random.default_rng(1)
    weight = rng.integers(10, 1000, (12, 200))
    model = BlockModel("knapsack")
    model.index("item", 200)
    model.index("resource", 12)
    take = model.variables("take", "item", upper=1, integer=True, cost=-rng.integers(10, 1000, 200))
    model.rows("capacity", "resource", upper=weight.sum(axis=1) / 2).add(take, weight, "resource item")
    return model


def test_documented_example() -> None:
    assert doctest.testmod(blocks).failed == 0


@pytest.mark.parametrize("units", [(1.0, 1.0, 1.0), (1e3, 10.0, 1e2)])
def test_linear_program_agrees_with_scipy(units: tuple[float, float, float]) -> None:
    model = transport(np.random.default_rng(3), units=units)
    ship, supply, demand = model.variable_blocks["ship"], model.row_blocks["supply"], model.row_blocks["demand"]
    rows = [np.kron(np.eye(3), np.ones(5)), -np.tile(np.eye(5), 3)]
    reference = linprog(ship.cost.ravel(), np.vstack(rows), np.concatenate([supply.upper, -demand.lower]))
    solution = model.solve()
    assert solution.status == "optimal"
    assert solution.gap == 0.0
    assert solution.objective == pytest.approx(reference.fun, rel=1e-9)
    assert (ship.cost * solution["ship"]).sum() == pytest.approx(reference.fun, rel=1e-9)
    assert solution.duals["supply"] == pytest.approx(reference.ineqlin.marginals[:3], abs=1e-7)
    assert solution.duals["demand"] == pytest.approx(-reference.ineqlin.marginals[3:], abs=1e-7)
    reduced = ship.cost - solution.duals["supply"][:, None] - solution.duals["demand"][None, :]
    assert solution.reduced_costs["ship"] == pytest.approx(reduced, abs=1e-7)


def test_interior_point_method_finds_the_same_optimum_and_a_basis() -> None:
    problem = transport(np.random.default_rng(3)).compile()
    expected = problem.optimum()
    problem.forget()
    problem.by_interior_point()
    assert problem.optimum() == pytest.approx(expected, rel=1e-9)
    basis = problem.basis
    problem.by_interior_point(on=False)
    problem.start_from(basis)
    assert problem.optimum() == pytest.approx(expected, rel=1e-9)


def test_axes_are_matched_by_name() -> None:
    model = BlockModel("axes")
    for name, size in (("k", 2), ("m", 3), ("l", 4)):
        model.index(name, size)
    z = model.variables("z", "m l", upper=1)
    t = model.variables("t", "k m")
    coefficient = np.arange(24.0).reshape(2, 3, 4) + 1.0
    model.rows("summed", "k m").add(z, coefficient, "k m l").add(t, -2.0)
    model.rows("spread", "l k").add(t, np.array([5.0, 7.0, 11.0]), "m")
    dense = model.assemble().matrix.toarray()
    expected = np.zeros((14, 18))
    for k in range(2):
        for m in range(3):
            expected[k * 3 + m, m * 4 : m * 4 + 4] = coefficient[k, m]
            expected[k * 3 + m, 12 + k * 3 + m] = -2.0
            for i in range(4):
                expected[6 + i * 2 + k, 12 + k * 3 + m] = (5.0, 7.0, 11.0)[m]
    assert np.array_equal(dense, expected)


def test_matrix_and_entry_terms() -> None:
    model = BlockModel("storage")
    model.index("t", 4)
    level, flow = model.variables("level", "t"), model.variables("flow", "t", lower=-1.0)
    lag = np.eye(4) - np.eye(4, k=-1)
    rows = model.rows("balance", "t", lower=0.0, upper=0.0).add_matrix(level, lag)
    rows.add_entries(rows.positions, flow.positions, -0.5)
    assert np.array_equal(model.assemble().matrix.toarray(), np.hstack([lag, -0.5 * np.eye(4)]))
    with pytest.raises(ValueError, match="matrix has shape"):
        rows.add_matrix(level, np.eye(3))
    with pytest.raises(ValueError, match="does not fit"):
        rows.add(level, np.ones(4), "unknown")


def test_mixed_integer_program_values_gap_and_duals() -> None:
    model = BlockModel("sites", objective_unit=10.0)
    model.index("site", ["p", "q"])
    build = model.variables("build", "site", upper=1, integer=True, cost=[100.0, 120.0])
    make = model.variables("make", "site", cost=[3.0, 1.0], unit=10.0)
    model.rows("capacity", "site", upper=0.0).add(make).add(build, -50.0)
    model.rows("demand", lower=40.0).add(make)
    model.constant = 7.0
    solution = model.solve(gap=0.0)
    assert solution.status == "optimal"
    assert solution.objective == pytest.approx(7.0 + 120.0 + 40.0)
    assert solution.bound == pytest.approx(solution.objective)
    assert solution["build"].tolist() == [0.0, 1.0]
    assert solution.duals["demand"] == pytest.approx(1.0)  # the price of one more unit at the chosen sites
    again = model.solve(start={"build": solution["build"]})
    assert again.objective == pytest.approx(solution.objective)


def test_gap_time_limit_and_progress() -> None:
    problem = knapsack().compile()
    seen: list[Progress] = []
    loose = problem.solve(gap=0.01, progress=seen.append)
    assert loose.status == "gap reached"
    assert 0.0 < loose.gap <= 0.01
    assert seen
    assert seen[-1].bound <= seen[-1].objective
    nothing = problem.solve(gap=0.0, time_limit=0.0)
    assert nothing.status == "time limit"
    relaxed = problem.model.solve(relax=True)
    assert relaxed.objective <= loose.bound + 1e-6
    assert relaxed["take"].max() <= 1.0 + 1e-9


@pytest.fixture
def heeds_interrupts() -> Iterator[None]:
    """Python's own handler: a process started in the background is told to ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeds_interrupts")
def test_interrupt_stops_the_search_and_leaves_the_problem_usable() -> None:
    problem = knapsack().compile()
    pressed: list[Progress] = []

    def press(state: Progress) -> None:
        if not pressed:
            _thread.interrupt_main()
            time.sleep(2.0)  # the search must not end before the interrupt has reached the caller
        pressed.append(state)

    with pytest.raises(KeyboardInterrupt):
        problem.solve(gap=0.0, time_limit=120.0, progress=press)
    assert pressed
    assert problem.solve(gap=0.01).status == "gap reached"


def test_large_programs_are_solved_side_by_side() -> None:
    models = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        model = BlockModel(f"dense {seed}")
        model.index("need", 150)
        model.index("food", 200)
        eaten = model.variables("eaten", "food", cost=rng.uniform(1.0, 2.0, 200))
        needs = model.rows("needs", "need", lower=rng.uniform(1.0, 2.0, 150))
        needs.add(eaten, rng.uniform(0.1, 1.0, (150, 200)), "need food")
        models.append(model)
    assert models[0].assemble().matrix.nnz >= SMALL
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda model: model.compile().optimum(), models))
    assert found == [model.compile().optimum() for model in models]


def test_error_in_the_progress_callback_is_raised_in_the_caller() -> None:
    def fail(state: Progress) -> None:
        raise RuntimeError("page closed")

    with pytest.raises(RuntimeError, match="page closed"):
        knapsack().solve(gap=0.0, time_limit=120.0, progress=fail)


def test_changes_and_cuts_reach_the_next_solve() -> None:
    problem = transport(np.random.default_rng(5), units=(10.0, 2.0, 5.0)).compile()
    base = problem.solve()
    demand = problem.model.row_blocks["demand"].lower
    problem.set_row_bounds("demand", lower=demand + np.array([1.0, 0.0, 0.0, 0.0, 0.0]))
    more = problem.solve()
    assert more.objective - base.objective == pytest.approx(base.duals["demand"][0], rel=1e-6)
    problem.set_row_bounds("demand", lower=demand)
    problem.set_cost("ship", 2.0 * problem.model.variable_blocks["ship"].cost)
    assert problem.solve().objective == pytest.approx(2.0 * base.objective)
    problem.set_cost("ship", problem.model.variable_blocks["ship"].cost)
    first = np.zeros((3, 5))
    first[0] = 1.0
    problem.add_cut({"ship": first}, upper=5.0)
    assert problem.solve()["ship"][0].sum() <= 5.0 + 1e-6
    problem.set_bounds("ship", upper=0.0)
    with pytest.raises(InfeasibleError):
        problem.solve(explain=False)


def test_dual_ray_proves_infeasibility() -> None:
    model = transport(np.random.default_rng(5), units=(10.0, 2.0, 5.0))
    problem = model.compile()
    total = model.row_blocks["supply"].upper.sum()
    problem.set_row_bounds("demand", lower=(total + 10.0) / 5.0)
    with pytest.raises(InfeasibleError):
        problem.solve(explain=False)
    ray = problem.dual_ray()
    assert ray is not None
    scale = ray["demand"][0]
    assert ray["demand"] / scale == pytest.approx(np.ones(5))
    assert ray["supply"] / scale == pytest.approx(-np.ones(3))


def site_model(budget: float, demand: float) -> BlockModel:
    model = BlockModel("sites")
    model.index("site", ["p", "q"])
    build = model.variables("build", "site", upper=1, integer=True, cost=[100.0, 120.0])
    make = model.variables("make", "site", unit=10.0)
    model.rows("capacity", "site", upper=0.0).add(make).add(build, -50.0)
    model.rows("demand", lower=demand, unit=10.0, limit="demand to be met").add(make)
    model.rows("budget", upper=budget, limit="money for building").add(build, [100.0, 120.0])
    return model


def test_infeasible_names_the_limits_that_bind() -> None:
    with pytest.raises(InfeasibleError) as caught:
        site_model(90.0, 40.0).solve()
    budget = [b for b in caught.value.binding if b.block == "budget"]
    assert [b.alone for b in budget] == [True]
    assert budget[0].needed == pytest.approx(100.0)
    demand = [b for b in caught.value.binding if b.block == "demand"]
    assert demand[0].side == "lower"
    assert demand[0].needed == pytest.approx(0.0, abs=1e-6)
    text = str(caught.value)
    assert "money for building" in text
    assert "90 would have to rise to 100" in text


def test_infeasible_when_several_limits_must_give_way_together() -> None:
    model = site_model(90.0, 40.0)
    model.rows("second", lower=150.0, limit="second demand").add(model.variable_blocks["make"])
    with pytest.raises(InfeasibleError) as caught:
        model.solve()
    assert {b.block for b in caught.value.binding} == {"budget", "second"}
    assert not any(b.alone for b in caught.value.binding)


def test_infeasible_rows_that_give_way_as_one() -> None:
    model = BlockModel("scenarios")
    model.index("k", 3)
    make = model.variables("make", "k", upper=6.0)
    model.rows("demand", "k", lower=[4.0, 8.0, 12.0], limit="demand", together=True).add(make)
    model.rows("level", "k", lower=[7.0, 7.0, 7.0], unit=10.0, limit="service", together=True).add(make)
    with pytest.raises(InfeasibleError) as caught:
        model.solve()
    factors = {b.block: b.factor for b in caught.value.binding}
    assert factors == {"demand": pytest.approx(0.5), "level": pytest.approx(6.0 / 7.0)}
    text = str(caught.value)
    assert "demand (demand): would have to fall to 50 % of what it is" in text
    assert "level (service): its lower limit 7 would have to fall to 6" in text


def test_infeasible_without_named_limits_uses_all_rows() -> None:
    model = BlockModel("two rows")
    model.index("i", ["u", "v"])
    x = model.variables("x", "i", upper=1.0)
    model.rows("need", "i", lower=[0.5, 3.0]).add(x)
    with pytest.raises(InfeasibleError, match=r"need\[i=v\]: its lower limit 3 would have to fall to 1"):
        model.solve()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"upper": [1.0, -1.0]}, r"x\[i=v\]: no value lies between lower bound 0 and upper bound -1"),
        ({"lower": np.nan}, r"x\[i=u\]: no value lies between"),
        ({"cost": [1.0, np.nan]}, r"cost of x\[i=v\] is not a number"),
    ],
)
def test_bad_numbers_are_refused_with_their_place(arguments: dict[str, Any], message: str) -> None:
    model = BlockModel("bad")
    model.index("i", ["u", "v"])
    with pytest.raises(InputError, match=message):
        model.variables("x", "i", **arguments)


def test_bad_coefficient_and_unbounded_cost_are_refused() -> None:
    model = BlockModel("bad")
    x = model.variables("x", cost=-1.0)
    with pytest.raises(InputError, match="not a finite number"):
        model.rows("r", upper=1.0).add(x, np.inf)
    with pytest.raises(InputError, match="cost can fall without limit"):
        model.solve()


def test_infeasible_where_no_named_limit_helps_uses_all_rows() -> None:
    model = BlockModel("three rows")
    x = model.variables("x", upper=1.0)
    model.rows("need", lower=3.0).add(x)
    model.rows("most", upper=5.0, limit="most that is allowed").add(x)
    with pytest.raises(InfeasibleError, match=r"need: its lower limit 3 would have to fall to 1") as caught:
        model.solve()
    assert [(b.block, b.alone) for b in caught.value.binding] == [("need", False)]
