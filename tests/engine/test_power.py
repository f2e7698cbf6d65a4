"""Microgrids in scenarios: the plan, its settlement, and the recipes that it limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from esc_sim.behaviours.power import settled_hour
from esc_sim.energy import Dispatcher, settle
from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.engine.agents.runner import run_replications as run_agents
from esc_sim.engine.block import Block
from esc_sim.engine.compiled.runner import run_replications as run_compiled
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.instance.energy_plans import PlanMaker
from esc_sim.instance.model import Instance
from esc_sim.instance.power import Power
from esc_sim.simulation import simulate
from tests.helpers.microgrids import checked, made_up, one_bus
from tests.helpers.runs import compiled, differences, item, period

SEEDS = range(6)


def power_of(instance: Instance) -> Power:
    assert instance.power is not None
    return instance.power


def shown(instance: Instance, block: Block, kind: str, entity: str) -> Any:
    """An observed series, float64[R, T]."""
    return block.observed[..., [o.name for o in instance.observed].index(f"{kind}/{entity}")]


def both(content: dict[str, Any], replications: range = range(2), **options: Any) -> tuple[Instance, Block]:
    """What the compiled engine gives, after the agent engine gave the same."""
    scenario = checked(content)
    instance = instance_of(scenario)
    runs = [
        engine(instance, scenario.run.seed, replications, stock=True, trace=True, **options)
        for engine in (run_agents, run_compiled)
    ]
    assert differences(*runs) == []
    np.testing.assert_array_equal(runs[0].observed.view(np.int64), runs[1].observed.view(np.int64))
    return instance, runs[1]


def test_both_engines_agree_bit_for_bit_with_outages_and_without() -> None:
    shed, islanded, short = 0.0, 0, 0.0
    for seed in SEEDS:
        instance, block = both(made_up(seed))
        names = power_of(instance).grid.names
        shed += sum(float(shown(instance, block, "shed", name).sum()) for name in names)
        maker = PlanMaker(power_of(instance))
        islanded += sum(
            int((state == 2).sum())
            for table in block.timetables
            for state in maker.outages_of(instance, table).values()
        )
        short += float(shown(instance, block, "deviation", "microgrids").sum())
        both(made_up(seed), disrupted=False)
    assert shed > 1.0, "outages cost something"
    assert islanded > 3
    assert short > 1.0


def test_recipes_use_what_plan_and_settlement_leave_them() -> None:
    content = one_bus(block=12)
    content["disruptions"] = [{"name": "out", "buses": ["b"], "dates": [{"start": 3.0, "duration": 0.25}]}]
    instance, block = both(content, range(1))
    made = item(block, "produced")[0, :, instance.network.item_index[0, 1]]
    # 10 runs want 10 MWh; the grid gives 0.1 MW for 24 hours, or for 12: six hours of outage are rounded to a block.
    np.testing.assert_allclose(made, [2.4, 2.4, 2.4, 1.2, 2.4, 2.4], atol=1e-6)
    np.testing.assert_allclose(period(block, "energy")[0], made, atol=1e-6)
    np.testing.assert_allclose(shown(instance, block, "shed", "b")[0], 10.0 - made, atol=1e-6)
    np.testing.assert_allclose(shown(instance, block, "imported", "b")[0], made, atol=1e-6)
    np.testing.assert_allclose(period(block, "recipe_cost")[0], 100.0 * made, atol=1e-4)


def test_recipes_that_get_all_they_want_run_as_without_microgrids() -> None:
    content = one_bus(buses=[{"id": "b", "nodes": ["mill"], "import_max": 5.0}])
    content["nodes"][0] |= {"initial_stock": 3.0, "production": {"mean": 4.1, "sd": 2.0}}
    content["recipes"].append(
        {
            "node": "mill",
            "id": "again",
            "inputs": {"flour": 0.7},
            "outputs": {"grain": 0.3},
            "energy": 0.2,
            "capacity": 40.0,
        }
    )
    _, block = both(content)
    free = {key: value for key, value in content.items() if key != "power"}
    plain = compiled(checked(free), range(2))
    np.testing.assert_array_equal(item(block, "stock"), item(plain, "stock"))
    np.testing.assert_array_equal(period(block, "energy"), period(plain, "energy"))
    assert period(block, "energy").any()


def test_what_is_wanted_is_what_is_used_where_nothing_is_short() -> None:
    content = made_up(3)
    for bus in content["power"]["buses"]:
        bus["import_max"] = 50.0
    del content["disruptions"]
    instance, block = both(content)
    power = power_of(instance)
    load = sum(shown(instance, block, "load", name) for name in power.grid.names)
    np.testing.assert_allclose(load - power.load.sum(), period(block, "energy"), atol=1e-6)


def test_energy_balances_at_every_bus_and_hour() -> None:
    rng = np.random.default_rng(5)
    for seed in SEEDS:
        instance = instance_of(checked(made_up(seed)))
        power = power_of(instance)
        maker, dispatcher = PlanMaker(power), Dispatcher(power.grid)
        state = rng.integers(0, 3, (len(power.load), 24 // power.block)).astype(np.int8)
        plan = maker.plan(0, 1, maker.spells(state), power.gas_start.tolist())
        assert np.abs(dispatcher.imbalance(plan.day, plan.dispatch)).max() <= 1e-9
        load = plan.day.load * rng.uniform(0.0, 2.0, plan.day.load.shape)
        sun = plan.day.pv * rng.uniform(0.0, 1.2, plan.day.pv.shape)
        done = settle(power.grid, plan.day, plan.dispatch, load, sun)
        run = plan.dispatch
        gap = (done.imp - done.exp + done.pv + done.shed + done.unmet - done.spilled - load) - (
            run.imp - run.exp + run.pv + run.shed - plan.day.load
        )
        assert np.abs(gap).max() <= 1e-9


def test_the_settlement_of_arrays_is_the_rule_of_the_engines() -> None:
    instance = instance_of(checked(made_up(1)))
    power = power_of(instance)
    plan = PlanMaker(power).plan(0, 1, (), power.gas_start.tolist())
    rng = np.random.default_rng(0)
    load = plan.day.load * rng.uniform(0.0, 2.0, (3, *plan.day.load.shape))
    sun = plan.day.pv * rng.uniform(0.0, 1.2, load.shape)
    done, run = settle(power.grid, plan.day, plan.dispatch, load, sun), plan.dispatch
    for r, b, h in np.ndindex(*load.shape):
        bus = power.grid.buses[b]
        hour = settled_hour(
            run.imp[b, h], run.exp[b, h], run.shed[b, h], run.pv[b, h], bus.import_max - run.imp[b, h],
            bus.export_max - run.exp[b, h], plan.day.load[b, h], load[r, b, h], sun[r, b, h],
        )  # fmt: skip
        assert hour == tuple(getattr(done, name)[r, b, h] for name in ("imp", "exp", "pv", "shed", "unmet", "spilled"))


def test_an_islanded_bus_never_trades() -> None:
    content = made_up(2)
    content["power"]["engines"] = []
    content["disruptions"] = [
        {"name": "out", "buses": ["yard"], "stops": ["grid", "lines"], "dates": [{"start": 2.0, "duration": 3.0}]}
    ]
    instance, block = both(content)
    for kind in ("imported", "exported", "solar"):
        assert not shown(instance, block, kind, "yard")[:, 2:5].any()
    load = shown(instance, block, "load", "yard")[:, 2:5]
    np.testing.assert_allclose(shown(instance, block, "shed", "yard")[:, 2:5], load, atol=1e-9)
    assert shown(instance, block, "imported", "yard")[:, :2].all()
    maker = PlanMaker(power_of(instance))
    plans = maker.plans_of(instance, [block.timetables[0]])
    flows = {leaflet.price.tobytes() for leaflet in plans.leaflets}
    assert len(flows) > 1


def test_gas_and_batteries_stay_within_their_limits_over_years() -> None:
    instance = instance_of(checked(made_up(0, periods=104)))
    block = run_compiled(instance, 3, range(2))
    power = power_of(instance)
    gas = shown(instance, block, "gas store", "digester gas")
    assert gas.min() >= 0.0
    assert gas.max() <= power.grid.chps[0].gas_max
    assert shown(instance, block, "engine power", "digester gas").max() <= 24 * power.days * 0.15 + 1e-9
    maker = PlanMaker(power)
    kinds = power.days_of(0, 15).tolist()
    for day in range(14):
        run = maker.plan(kinds[day], kinds[day + 1], (), [float(day)]).dispatch
        cell = power.grid.batteries[0]
        assert run.stored.min() >= -1e-9
        assert run.stored.max() <= cell.e_max + 1e-9
        assert run.stored[0, -1] == pytest.approx(cell.e0)
        assert run.gas.min() >= 0.0
        assert run.gas.max() <= power.grid.chps[0].gas_max + 1e-9


def test_the_undisrupted_twin_is_planned_without_outages() -> None:
    content = one_bus()
    content["disruptions"] = [{"name": "out", "buses": ["b"], "dates": [{"start": 1.0, "duration": 2.0}]}]
    result = simulate(checked(content))
    assert result.twin is not None
    energy = [values[0, :, -1] for values in (result.values, result.twin)]
    assert energy[0][1] == pytest.approx(0.0)
    assert (energy[1][1:] == energy[1][1]).all()


def test_workers_and_blocks_of_periods_change_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = checked(made_up(4, periods=20))
    one, two = (simulate(scenario, replications=20, workers=workers) for workers in (1, 2))
    np.testing.assert_array_equal(one.values, two.values)
    np.testing.assert_array_equal(one.observations, two.observations)
    instance = instance_of(scenario)
    whole = run_compiled(instance, 5, range(3))
    monkeypatch.setattr("esc_sim.engine.compiled.walk._BLOCK_VALUES", 50)
    parts = run_compiled(instance, 5, range(3))
    assert differences(whole, parts) == []
    np.testing.assert_array_equal(whole.observed, parts.observed)
    alone = run_compiled(instance_of(scenario), 5, range(2, 3))
    np.testing.assert_array_equal(alone.observed[0], whole.observed[2])


def test_calm_days_share_their_plans() -> None:
    content = made_up(0, periods=104)
    content["disruptions"] = []
    instance = instance_of(checked(content))
    assert instance.energy_plans is not None
    plans = instance.energy_plans.plans_of(instance, run_compiled(instance, 1, range(4)).timetables)
    assert len(plans.leaflets) == instance.energy_plans.known
    assert len(plans.leaflets) < 120


def test_members_who_are_stepped_beyond_the_energy_plan_are_told_so() -> None:
    model = SupplyChainModel(instance_of(checked(made_up(SEEDS[0]))), seed=1)
    model.run()
    with pytest.raises(InputError, match=rf"energy is planned for {model.instance.periods} periods only"):
        model.step()
