"""Plans of kind ``energy``: made by ``design --kind dispatch``, written, read back, followed on days without outage."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from esc_sim.cli import main
from esc_sim.design.kinds import run_design
from esc_sim.design.result import DesignResult
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.plans.apply import apply_plan
from esc_sim.plans.energy import EnergyDaysPlan, PlannedSizes
from esc_sim.plans.files import read_plan, write_plan
from esc_sim.results.run import column
from esc_sim.sampling.timetable import EMPTY_TIMETABLE
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from esc_sim.scenario.writing import write_scenario
from esc_sim.simulation import simulate
from tests.helpers.microgrids import checked, made_up, one_bus


def plan_of(content: dict[str, Any]) -> EnergyDaysPlan:
    plan = run_design(checked(content)).plan
    assert isinstance(plan, EnergyDaysPlan)
    return plan


@pytest.mark.parametrize("engines", [True, False])
def test_a_plan_is_read_back_bit_for_bit_and_followed(engines: bool, tmp_path: Path) -> None:
    content = made_up(0)
    content["power"]["year"] = 6
    if not engines:
        content["power"]["engines"] = []
    scenario, plan = checked(content), plan_of(content)
    write_plan(tmp_path / "plan.yaml", plan)
    again = read_plan(tmp_path / "plan.yaml")
    assert again.content_hash == plan.content_hash
    own = instance_of(scenario)
    given = apply_plan(own, again, scenario)
    # The days of a design end with the gas that they began with; those of the agents' own dispatch need not.
    expected = apply_plan(own, plan, scenario) if engines else own
    hours = []
    for instance in (expected, given):
        assert instance.energy_plans is not None
        found = instance.energy_plans.plans_of(instance, [EMPTY_TIMETABLE])
        hours.append(np.stack([found.leaflets[place].hours for place in found.plan[0]]))
    year = 6 * scenario.power.days if scenario.power else 0
    np.testing.assert_array_equal(hours[0][:year], hours[1][:year])
    runs = [simulate(scenario, plan=plan, engine=engine) for engine in ("compiled", "agents")]
    np.testing.assert_array_equal(runs[0].values, runs[1].values)
    np.testing.assert_array_equal(runs[0].observations, runs[1].observations)


def test_a_given_plan_rules_calm_days_and_the_run_plans_outages() -> None:
    content = one_bus()
    content["disruptions"] = [{"name": "out", "buses": ["b"], "dates": [{"start": 3.0, "duration": 1.0}]}]
    plan = plan_of(content)
    shed = plan.plans[0].shed
    dark = plan.model_copy(update={"plans": [day.model_copy(update={"imported": [[0.0] * 24]}) for day in plan.plans]})
    assert np.array(shed).sum() == pytest.approx(7.6)
    energy = [column(simulate(checked(content), plan=p).values, "energy")[0] for p in (plan, dark)]
    assert energy[0][3] == energy[1][3] == pytest.approx(0.0)
    np.testing.assert_allclose(energy[0][[0, 1, 2, 4, 5]], 2.4, atol=1e-6)
    # A plan that imports nothing leaves the import free: it is bought when the load comes, and less is shed.
    np.testing.assert_allclose(energy[1][[0, 1, 2, 4, 5]], 2.4, atol=1e-6)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"buses": ["c"]}, "buses of the scenario are b"),
        ({"engines": ["mill"]}, "engines of the scenario are none"),
        ({"days": [3]}, "there is no plan 3; plans are 0 to 1"),
    ],
)
def test_plans_of_other_microgrids_are_refused(change: dict[str, Any], text: str) -> None:
    plan = plan_of(one_bus()).model_copy(update=change)
    with pytest.raises(InputError, match=text):
        apply_plan(instance_of(checked(one_bus())), plan)


def test_days_of_another_kind_rows_too_short_and_scenarios_without_power_are_refused() -> None:
    plan = plan_of(one_bus())
    day = plan.plans[0]
    for update, text in (
        ({"day_type": 1}, "day 0 of the run has day type 0, plan 0 is for type 1"),
        ({"shed": [[0.0] * 23]}, "needs 1 rows of 24 numbers"),
        ({"price": []}, "needs 1 numbers"),
    ):
        changed = plan.model_copy(update={"plans": [day.model_copy(update=update)]})
        with pytest.raises(InputError, match=text):
            apply_plan(instance_of(checked(one_bus())), changed)
    bare = {key: value for key, value in one_bus().items() if key != "power"}
    with pytest.raises(InputError, match="no microgrids"):
        apply_plan(instance_of(checked(bare)), plan)
    with pytest.raises(InputError, match="no microgrids to dispatch"):
        run_design(checked(bare), kind="dispatch")


def test_the_command_writes_plan_tables_and_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = made_up(2)
    content["power"]["year"] = 2
    write_scenario(checked(content), tmp_path / "s")
    assert load_scenario(tmp_path / "s").power == checked(content).power
    out = tmp_path / "dispatch"
    assert main(["design", str(tmp_path / "s"), "--kind", "dispatch", "--out", str(out)]) == 0
    assert "different plans of 4 buses" in capsys.readouterr().out
    assert {file.name for file in out.iterdir()} >= {"plan.yaml", "plans.csv", "hours.csv", "dispatch.png"}


COSTS = {
    "solar": {"cost": 100_000.0, "life": 20, "most": 1.0},
    "batteries": {"cost": 3_000.0, "life": 12},
    "engines": {"cost": 80_000.0},
    "lines": {"cost": 5_000.0},
}


@cache
def designed(sized: bool) -> tuple[Scenario, DesignResult]:
    """A design with outages of three short years, with or without sizes."""
    content = made_up(0)
    content["power"]["year"] = 6
    content["design"] = {"dispatch": {"outages": 3, **(COSTS if sized else {})}}
    scenario = checked(content)
    return scenario, run_design(scenario, kind="dispatch")


def test_days_with_outages_are_planned_and_told() -> None:
    scenario, found = designed(False)
    assert scenario.power is not None
    rows = [dict(zip(found.tables["plans"].header, row, strict=True)) for row in found.tables["plans"].rows]
    assert sum(row["days"] for row in rows) == 3 * 6 * scenario.power.days
    dark = [row for row in rows if row["outages"]]
    assert len(dark) > 3
    assert any(row["shed"] > 0.0 for row in dark)
    assert {str(row["outages"]).split()[0] for row in dark} <= {"bus_mill_0", "yard"}
    assert any("island" in str(row["outages"]) for row in dark)
    plan = found.plan
    assert isinstance(plan, EnergyDaysPlan)
    # Days with an outage, and those after one, which fill the store again, are planned by the run.
    assert len(plan.plans) == len({*plan.days}) < len(rows) - len(dark)
    assert not any(row["outages"] for row in rows[: len(plan.plans)])


def test_planned_days_cost_what_the_sizes_promise_or_less_where_gas_is_carried_on() -> None:
    content = made_up(0)
    content["power"] |= {"year": 6, "bucket": 0.001}
    content["design"] = {"dispatch": {"outages": 0, **COSTS}}
    scenario = checked(content)
    found = run_design(scenario, kind="dispatch")
    assert scenario.power is not None
    days = scenario.power.year * scenario.power.days
    operation = found.summary["sized_cost_per_year"] - found.summary["sized_investment_per_year"]
    assert 0.95 * operation < found.summary["cost_per_day"] * days < (1.0 + 1e-6) * operation
    assert any(line.startswith("gas counted on") for line in found.lines)


@pytest.mark.parametrize("sized", [False, True])
def test_power_in_is_power_out_at_every_bus_and_in_what_is_printed(sized: bool) -> None:
    _, found = designed(sized)
    net: dict[tuple[Any, ...], float] = defaultdict(float)

    def rows(name: str) -> list[dict[str, Any]]:
        table = found.tables[name]
        return [dict(zip(table.header, row, strict=True)) for row in table.rows]

    for row in rows("hours"):
        come, gone = row["imported"] + row["solar"] + row["shed"], row["exported"] + row["load"]
        net[row["plan"], row["hour"], row["bus"]] += come - gone
    for row in rows("engines"):
        net[row["plan"], row["hour"], row["bus"]] += row["power"]
    for row in rows("batteries"):
        net[row["plan"], row["hour"], row["bus"]] += row["discharge"] - row["charge"]
    for row in rows("lines"):
        loss = row["lost"] / max(row["there"] + row["back"], 1e-12)
        net[row["plan"], row["hour"], row["from"]] += (1.0 - loss) * row["back"] - row["there"]
        net[row["plan"], row["hour"], row["to"]] += (1.0 - loss) * row["there"] - row["back"]
    assert max(map(abs, net.values())) < 1e-6
    came, gone = (line.split()[3] for line in found.lines if line.startswith(("in a day", "out a day")))
    assert came == gone
    assert float(came) > 0.0


def test_sizes_are_followed_by_both_engines_and_cost_no_more_than_those_of_the_scenario(tmp_path: Path) -> None:
    scenario, found = designed(True)
    assert found.summary["sized_cost_per_year"] < found.summary["scenario_cost_per_year"]
    assert {row[0] for row in found.tables["sizes"].rows} == set(COSTS)
    assert found.plan is not None
    write_plan(tmp_path / "plan.yaml", found.plan)
    again = read_plan(tmp_path / "plan.yaml")
    sized = apply_plan(instance_of(scenario), again, scenario).power
    assert sized is not None
    built = dict(zip(("solar", "batteries"), ([b.pv_peak for b in sized.grid.buses],
                                              [q.e_max for q in sized.grid.batteries]), strict=True))  # fmt: skip
    for kind, sizes in built.items():
        assert sizes == [row[4] for row in found.tables["sizes"].rows if row[0] == kind]
    runs = [simulate(scenario, plan=again, engine=engine) for engine in ("compiled", "agents")]
    np.testing.assert_array_equal(runs[0].observations, runs[1].observations)


def test_what_was_promised_stands_beside_what_came(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario, found = designed(False)
    assert isinstance(found.plan, EnergyDaysPlan)
    assert found.plan.promised is not None
    result = simulate(scenario, plan=found.plan, engine="agents")
    cost, imported, shed = result.promises
    assert cost.at_most == found.summary["energy_cost_per_day"] == found.plan.promised.cost
    assert (imported.at_most, shed.at_most) == (found.summary["imported_per_day"], found.summary["shed_per_day"])
    assert result.observations is not None
    kinds = [one.kind for one in result.observed]
    grid = result.observations[:, :, [k for k, kind in enumerate(kinds) if kind == "energy cost"]].sum(axis=(1, 2))
    assert scenario.power is not None
    np.testing.assert_allclose(cost.samples * result.period_count * scenario.power.days, grid)
    write_plan(tmp_path / "plan.yaml", found.plan)
    write_scenario(scenario, tmp_path / "s")
    given = ["run", str(tmp_path / "s"), "--plan", str(tmp_path / "plan.yaml"), "--engine", "agents"]
    assert main(given) == 0
    assert "Energy cost a day (planned with outages)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("section", "text"),
    [
        ({"engines": {"cost": 1.0}}, "power lists no engines to size: list them there"),
        ({"solar": {"cost": -1.0}}, "design.dispatch.solar.cost: must be at least 0"),
        ({"outages": 2000}, "design.dispatch.outages: must be at most 1,000"),
    ],
)
def test_sections_that_mean_nothing_are_refused(section: dict[str, Any], text: str) -> None:
    with pytest.raises(InputError, match=text):
        run_design(one_bus() | {"design": {"dispatch": section}}, kind="dispatch")


def test_sizes_of_another_number_of_units_are_refused() -> None:
    scenario, found = designed(True)
    assert isinstance(found.plan, EnergyDaysPlan)
    wrong = found.plan.model_copy(update={"sizes": PlannedSizes(solar=[1.0])})
    with pytest.raises(InputError, match=r"sizes\.solar: needs 4 numbers"):
        apply_plan(instance_of(scenario), wrong)
