"""Plans of kind ``energy``: made by ``design --kind dispatch``, written, read back, followed on days without outage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from esc_sim.cli import main
from esc_sim.design.kinds import run_design
from esc_sim.errors import InputError
from esc_sim.instance.build import instance_of
from esc_sim.plans.apply import apply_plan
from esc_sim.plans.energy import EnergyDaysPlan
from esc_sim.plans.files import read_plan, write_plan
from esc_sim.results.run import column
from esc_sim.sampling.timetable import EMPTY_TIMETABLE
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.writing import write_scenario
from esc_sim.simulation import simulate
from tests.helpers.microgrids import checked, made_up, one_bus


def plan_of(content: dict[str, Any]) -> EnergyDaysPlan:
    plan = run_design(checked(content)).plan
    assert isinstance(plan, EnergyDaysPlan)
    return plan


def test_a_plan_is_read_back_bit_for_bit_and_followed(tmp_path: Path) -> None:
    content = made_up(0)
    content["power"]["year"] = 6
    scenario, plan = checked(content), plan_of(content)
    write_plan(tmp_path / "plan.yaml", plan)
    again = read_plan(tmp_path / "plan.yaml")
    assert again.content_hash == plan.content_hash
    own = instance_of(scenario)
    given = apply_plan(own, again, scenario)
    hours = []
    for instance in (own, given):
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
