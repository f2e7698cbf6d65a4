"""The energy plan, its memory, and the settlement of what came otherwise."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pytest

from esc_sim.energy import Day, Dispatcher, EnergyPlanner, Microgrid, settle
from esc_sim.energy.plan import Outage
from esc_sim.errors import InputError
from tests.energy.cases import made_up


def planner_of(seed: int = 2, bucket: float = 0.05) -> tuple[Microgrid, list[Day], EnergyPlanner]:
    grid, days = made_up(seed, days=2)
    plain = [Day.of(grid, d.price_import, d.price_export, d.load, d.pv) for d in days]

    def forecast(kind: Hashable) -> Day:
        assert isinstance(kind, int)
        return plain[kind]

    return grid, plain, EnergyPlanner(Dispatcher(grid), forecast, bucket)


def test_a_plan_says_what_energy_costs_and_how_much_there_is() -> None:
    _, days, planner = planner_of()
    plan = planner.plan(0, 5.0, 12.0)
    assert plan.price.shape == plan.energy.shape == (3, 24)
    np.testing.assert_allclose(plan.energy, days[0].load - plan.dispatch.shed)
    assert plan.day.gas_in.sum() == pytest.approx(10.2857142857)  # 12 MWh rounded down to whole twentieths of 68.57


def test_plans_are_remembered_by_type_outages_and_gas() -> None:
    _, _, planner = planner_of()
    first = planner.plan(0, 5.0)
    assert planner.plan(0, 5.4) is first  # a twentieth of 20 MWh is 1 MWh
    assert planner.plan(0, 6.0) is not first
    assert planner.plan(1, 5.0) is not first
    assert planner.plan(0, 5.0, tomorrow=1) is not first
    out = (Outage("b1", 4, 10),)
    exact = planner.plan(0, 5.4, 0.0, out)
    assert exact is planner.plan(0, 5.4, 0.0, out)
    assert exact is not planner.plan(0, 5.0, 0.0, out), "outage days are solved exactly"
    assert planner.plan(0, 5.4, 0.0, (Outage("b1", 4, 10, island=True),)) is not exact
    assert not exact.dispatch.imp[1, 4:10].any()
    assert planner.solved == 7


def test_a_plan_never_burns_gas_that_is_not_there() -> None:
    _, _, planner = planner_of(bucket=0.25)
    for gas in (0.0, 1.0, 4.99, 5.0, 9.0, 19.9):
        run = planner.plan(0, gas).dispatch
        assert run.chp.sum() / 0.35 <= gas + 1e-9


def test_a_bucket_is_a_share() -> None:
    grid, days = made_up(1)
    with pytest.raises(InputError, match="bucket"):
        EnergyPlanner(Dispatcher(grid), lambda kind: days[0], 1.5)


def test_settlement_of_the_plan_itself_costs_nothing() -> None:
    grid, days, planner = planner_of()
    plan = planner.plan(1, 5.0, 20.0)
    done = settle(grid, plan.day, plan.dispatch, days[1].load)
    assert done.cost == 0.0
    assert done.imp.tolist() == plan.dispatch.imp.tolist()


@pytest.mark.parametrize("seed", range(4))
def test_settled_days_balance_at_every_bus_and_hour(seed: int) -> None:
    grid, days, planner = planner_of(seed)
    plan = planner.plan(0, 8.0, 30.0, (Outage("b0", 6, 12), Outage("b2", 0, 9, island=True)))
    draw = np.random.default_rng(seed)
    load = days[0].load * draw.uniform(0.3, 1.6, (5, 3, 24))
    pv = days[0].pv * draw.uniform(0.0, 1.3, (5, 3, 24))
    done = settle(grid, plan.day, plan.dispatch, load, pv)
    d = plan.dispatch
    kept = d.imp - d.exp + d.pv + d.shed - plan.day.load  # what engines, batteries and lines owe, with the sign turned
    balance = done.imp - done.exp + done.pv + done.shed + done.unmet - done.spilled - load - kept
    assert np.abs(balance).max() < 1e-9
    for part in (done.imp, done.exp, done.pv, done.shed, done.unmet, done.spilled):
        assert part.min() >= -1e-12
    assert (done.pv <= pv + 1e-12).all()
    assert (done.shed <= np.maximum(load, d.shed) + 1e-12).all()
    assert not done.imp[:, 0, 6:12].any(), "without grid nothing is bought"
    assert not done.imp[:, 2, :9].any()
    assert done.cost.shape == (5,)


def test_what_is_missing_comes_from_the_sun_then_the_grid_then_nowhere() -> None:
    grid = Microgrid((made_up(0)[0].buses[0],))  # 4 MW of import, 3 MW of export, 2 MW of sun
    day = Day.of(grid, [100.0] * 2, [40.0] * 2, 1.0, 2.0).grid_out(grid, "b0", [1])
    dispatcher = Dispatcher(grid, 2)
    plan = dispatcher.solve(day)
    assert plan.exp.tolist() == [[1.0, 0.0]]
    assert plan.pv.tolist() == [[2.0, 1.0]]
    done = settle(grid, day, plan, np.array([[4.0, 2.5]]))
    # Hour 0: an export of 1 MW falls away, 2 MW are bought. Hour 1: 1 MW of curtailed sun, 0.5 MW are shed.
    assert done.exp.tolist() == [[0.0, 0.0]]
    assert done.imp.tolist() == [[2.0, 0.0]]
    assert done.pv.tolist() == [[2.0, 2.0]]
    assert done.shed.tolist() == [[0.0, 0.5]]
    assert done.cost == pytest.approx(40.0 + 200.0 + 0.5 * 3000.0)
