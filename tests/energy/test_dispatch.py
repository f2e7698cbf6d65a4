"""The linear program of a day: the case worked by hand, balances, prices, limits, outages, bad input."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from esc_sim.energy import Battery, Bus, Chp, Day, Dispatcher, Line, Microgrid, gas_value, roll
from esc_sim.errors import InputError
from tests.energy.cases import made_up, tiny

SEEDS = range(4)


def test_the_case_worked_by_hand() -> None:
    grid, day, gas0, expected = tiny()
    run = Dispatcher(grid, 4).solve(day, gas0)
    assert run.cost == pytest.approx(expected["cost"], abs=1e-9)
    assert run.objective == pytest.approx(expected["cost"], abs=1e-9)
    for number, name in enumerate(grid.names):
        np.testing.assert_allclose(run.price[number], expected["price"][name], atol=1e-9)
        np.testing.assert_allclose(run.imp[number], expected["imp"][name], atol=1e-9)
        np.testing.assert_allclose(run.exp[number], expected["exp"][name], atol=1e-9)
    np.testing.assert_allclose(run.flow[0], [expected["flow"]["F>P"], expected["flow"]["P>F"]], atol=1e-9)
    np.testing.assert_allclose(run.chp[0], expected["chp"]["P"], atol=1e-9)
    np.testing.assert_allclose(run.gas[0], expected["gas"]["P"], atol=1e-9)
    np.testing.assert_allclose(run.charge[0], expected["ch"]["F"], atol=1e-9)
    np.testing.assert_allclose(run.discharge[0], expected["dis"]["F"], atol=1e-9)


def test_each_bus_of_the_case_on_its_own() -> None:
    grid, day, gas0, expected = tiny()
    run = Dispatcher(grid, 4).solve(day, gas0, coordinated=False)
    assert run.cost == pytest.approx(expected["autonomous_cost"], abs=1e-9)
    by_bus = dict(zip(grid.names, run.cost_by_bus, strict=True))
    assert by_bus == pytest.approx(expected["autonomous_by_bus"], abs=1e-9)
    assert not run.flow.any()


@pytest.mark.parametrize("seed", SEEDS)
def test_energy_balances_and_limits_hold(seed: int) -> None:
    grid, days = made_up(seed, buses=5, days=3)
    dispatcher = Dispatcher(grid)
    before = np.full(len(grid.chps), 3.0)
    for day, run in zip(days, roll(dispatcher, days, 3.0), strict=True):
        assert np.abs(dispatcher.imbalance(day, run)).max() < 1e-9
        gas = np.concatenate([before[:, None], run.gas], axis=1)
        np.testing.assert_allclose(np.diff(gas), day.gas_in - run.chp / 0.35 - run.flare, atol=1e-9)
        held = np.concatenate([np.full((len(grid.batteries), 1), 0.4), run.stored], axis=1)
        np.testing.assert_allclose(np.diff(held), 0.95 * run.charge - run.discharge / 0.95, atol=1e-9)
        np.testing.assert_allclose(run.stored[:, -1], 0.4, atol=1e-12)
        slack = 1e-9
        assert run.gas.min() >= 0
        assert run.gas.max() <= 20.0 + slack
        assert run.stored.min() >= 0.1 - slack
        assert run.stored.max() <= 1.0 + slack
        assert run.flow.max() <= 0.5 + slack
        assert run.chp.max() <= 1.0 + slack
        assert (run.pv <= day.pv + slack).all()
        assert (run.shed <= day.load + slack).all()
        before = run.gas[:, -1]


@pytest.mark.parametrize("seed", SEEDS)
def test_prices_lie_between_the_costs_of_a_little_less_and_a_little_more_load(seed: int) -> None:
    grid, (day,) = made_up(seed)
    dispatcher = Dispatcher(grid)
    run = dispatcher.solve(day, 2.0, 15.0)
    step = 1e-4
    for bus in range(3):
        for hour in range(0, 24, 2):
            around = []
            for sign in (-1.0, 1.0):
                load = day.load.copy()
                load[bus, hour] += sign * step
                around.append(
                    sign * (dispatcher.solve(replace(day, load=load), 2.0, 15.0).objective - run.objective) / step
                )
            assert around[0] - 1e-4 <= run.price[bus, hour] <= around[1] + 1e-4


def test_a_bus_without_grid_does_not_trade_and_an_islanded_one_is_alone() -> None:
    grid, (day,) = made_up(1)
    plain = replace(day, grid_up=np.ones_like(day.grid_up), line_up=np.ones_like(day.line_up))
    hours = range(8, 14)
    dispatcher = Dispatcher(grid)
    out = dispatcher.solve(plain.grid_out(grid, "b0", hours), 5.0)
    assert not out.imp[0, 8:14].any()
    assert not out.exp[0, 8:14].any()
    assert out.flow[0, :, 8:14].any(), "its line stays closed"
    island = dispatcher.solve(plain.island(grid, "b0", hours), 5.0)
    assert not island.imp[0, 8:14].any()
    assert not island.exp[0, 8:14].any()
    assert not island.flow[0, :, 8:14].any()
    assert island.flow[1].any(), "other lines go on"
    assert dispatcher.solve(plain, 5.0).cost <= out.cost <= island.cost


@pytest.mark.parametrize("seed", SEEDS)
def test_coordination_never_costs_more(seed: int) -> None:
    grid, (day,) = made_up(seed)
    dispatcher = Dispatcher(grid)
    together, alone = (dispatcher.solve(day, 4.0, 12.0, coordinated=kind) for kind in (True, False))
    assert together.objective <= alone.objective + 1e-9
    assert not alone.flow.any()


def test_alone_means_one_program_a_bus() -> None:
    grid, (day,) = made_up(3)
    whole = Dispatcher(grid).solve(day, 4.0, coordinated=False)
    for number, bus in enumerate(grid.buses):
        here = Microgrid(
            (bus,),
            (),
            tuple(c for c in grid.chps if c.bus == bus.name),
            tuple(b for b in grid.batteries if b.bus == bus.name),
        )
        engines = [i for i, c in enumerate(grid.chps) if c.bus == bus.name]
        part = replace(
            day,
            load=day.load[[number]],
            pv=day.pv[[number]],
            gas_in=day.gas_in[engines],
            grid_up=day.grid_up[[number]],
            line_up=day.line_up[:0],
        )
        assert Dispatcher(here).solve(part, 4.0).cost == pytest.approx(whole.cost_by_bus[number], abs=1e-7)


def test_what_was_solved_before_does_not_matter() -> None:
    grid, days = made_up(5, days=3)
    used = Dispatcher(grid)
    for day in days:
        used.solve(day, 1.0)
    again, fresh = used.solve(days[0], 2.0), Dispatcher(grid).solve(days[0], 2.0)
    assert again.imp.tolist() == fresh.imp.tolist()
    assert again.price.tolist() == fresh.price.tolist()


def test_an_engine_without_microgrid_stops_in_an_outage_and_flares() -> None:
    grid = Microgrid((Bus("digester", 0.0, 2.0),), (), (Chp("digester", 1.0, 0.4, 5.0, 2.5),))
    day = Day.of(grid, [100.0] * 6, [50.0] * 6, 0.0, 0.0, 2.5).grid_out(grid, "digester", range(2, 5))
    run = Dispatcher(grid, 6).solve(day, 0.0, 1.0)
    assert not run.chp[0, 2:5].any()
    # 15 MWh come in, three hours burn 7.5, and 2.5 are left in the full store.
    assert run.flare.sum() == pytest.approx(5.0)
    assert run.gas.max() <= 2.5 + 1e-9


def test_gas_is_kept_for_a_better_tomorrow() -> None:
    grid = Microgrid((Bus("b", 5.0, 5.0),), (), (Chp("b", 1.0, 0.5, 10.0, 10.0),))
    poor, rich = (Day.of(grid, [200.0] * 4, [price] * 4, 0.0, 0.0, 0.0) for price in (30.0, 90.0))
    assert gas_value(grid, rich).tolist() == [40.0]
    today, tomorrow, _ = roll(Dispatcher(grid, 4), [poor, rich, poor], 4.0)
    assert today.gas[0, -1] == pytest.approx(4.0)
    assert (not today.chp.any() and tomorrow.gas[0, 0] < 4.0) or tomorrow.gas[0, -1] >= 0


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Microgrid((Bus("a", 1.0), Bus("lonely"))), "bus 'lonely' has no supply"),
        (lambda: Microgrid(()), "at least one"),
        (lambda: Microgrid((Bus("a", 1.0), Bus("a", 1.0))), "names of their own"),
        (lambda: Microgrid((Bus("a", 1.0),), (Line("a", "z", 1.0),)), "there is no bus 'z'"),
        (lambda: Microgrid((Bus("a", 1.0), Bus("b", 1.0)), (Line("a", "b", 1.0, 0.0, 1.0),)), "loss"),
        (lambda: Microgrid((Bus("a", -1.0),)), "import_max"),
        (lambda: Microgrid((Bus("a", 1.0),), (), (Chp("a", 1.0, 0.0),)), "efficiency"),
        (lambda: Microgrid((Bus("a", 1.0),), (), (), (Battery("a", 1.0, 1.0, 1.0, e0=2.0),)), "e_min <= e0 <= e_max"),
        (lambda: Day.of(ONE, [100.0] * 24, [50.0] * 23, 1.0), "24 import prices and 23 export prices"),
        (lambda: Day.of(ONE, [100.0] * 24, [100.0] * 24, 1.0), "below the import price"),
        (lambda: Day.of(ONE, [100.0] * 24, [-1.0] * 24, 1.0), "at least 0"),
        (lambda: Day.of(ONE, [100.0] * 24, [50.0] * 24, np.ones((1, 23))), "does not fit 1 rows of 24 hours"),
        (lambda: Day.of(ONE, [100.0] * 24, [50.0] * 24, -1.0), "load"),
        (lambda: Day.of(ONE, [100.0] * 24, [50.0] * 24, 1.0, 0.5), "raise pv_peak"),
        (lambda: Day.of(ONE, [100.0] * 24, [50.0] * 24, 1.0).grid_out(ONE, "z", [1]), "there is no bus 'z'"),
        (lambda: Dispatcher(ONE).solve(Day.of(ONE, [100.0] * 23, [50.0] * 23, 1.0)), "23 steps"),
    ],
)
def test_bad_input_is_refused(make: object, says: str) -> None:
    with pytest.raises(InputError, match=says):
        make()  # type: ignore[operator]


ONE = Microgrid((Bus("a", 1.0),))


def test_where_lost_load_is_cheaper_it_is_shed_first() -> None:
    buses = (Bus("town", 1.0, voll=7000.0), Bus("farm", voll=1000.0))
    grid = Microgrid(buses, (Line("town", "farm", 1.0),))
    run = Dispatcher(grid, 2).solve(Day.of(grid, [100.0] * 2, [50.0] * 2, [[0.8] * 2, [0.6] * 2]))
    np.testing.assert_allclose(run.shed, [[0.0] * 2, [0.4] * 2], atol=1e-12)
    np.testing.assert_allclose(run.price, 1000.0)
    assert run.cost == pytest.approx(2 * (100.0 + 400.0))
    with pytest.raises(InputError, match="voll"):
        Microgrid((Bus("a", 1.0, voll=-1.0),))


def test_a_design_without_lines_and_units_has_empty_plans_of_them() -> None:
    run = Dispatcher(ONE, 3).solve(Day.of(ONE, [100.0] * 3, [50.0] * 3, 1.0))
    assert run.flow.shape == (0, 2, 3)
    for name in ("chp", "flare", "gas", "charge", "discharge", "stored"):
        assert getattr(run, name).shape == (0, 3), name
    np.testing.assert_allclose(run.imp, [[1.0] * 3])
    assert run.cost == pytest.approx(300.0)


def test_parts_have_and_cost_only_what_is_said() -> None:
    engine, battery = Chp("a", 1.0, 0.4), Battery("a", 1.0, 0.5, 0.5)
    assert Bus("a") == Bus("a", import_max=0.0, export_max=0.0, pv_peak=0.0, voll=None)
    assert Line("a", "b", 1.0) == Line("a", "b", 1.0, wheel=0.0, loss=0.0)
    assert engine == replace(engine, var_cost=0.0, gas_max=0.0, gas_end_min=0.0, flare_cost=0.0)
    assert battery == replace(battery, eta_ch=1.0, eta_dis=1.0, wear=0.0, e0=0.0, e_min=0.0)
    assert ONE.lost_load.tolist() == [3000.0]


def test_power_may_be_sold_for_nothing() -> None:
    run = Dispatcher(ONE, 2).solve(Day.of(ONE, [100.0] * 2, [0.0] * 2, 0.5))
    assert run.cost == pytest.approx(100.0)
