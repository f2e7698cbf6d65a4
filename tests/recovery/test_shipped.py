"""The shipped scenarios with cascades: what their script writes, the reference numbers read through them, trade."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from esc_sim.cascade.scenario import cascade_of
from esc_sim.network.model import network_of
from esc_sim.recovery.run import recover
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.writing import write_scenario
from experiments import make_cascade_scenarios
from tests.helpers.runs import SCENARIOS, compiled, period
from tests.recovery import cases
from tests.recovery.test_cascade import REFERENCE

BOTH = ("cascade_1000", "cascade_37")


@pytest.mark.parametrize("name", BOTH)
def test_the_script_writes_the_shipped_files(name: str, tmp_path: Path) -> None:
    make = make_cascade_scenarios.large if name == "cascade_1000" else make_cascade_scenarios.small
    for path in write_scenario(make(), tmp_path, make_cascade_scenarios.COMMENT):
        assert path.read_text() == (SCENARIOS / name / path.name).read_text(), path.name


def test_the_reference_numbers_through_the_scenario() -> None:
    scenario = load_scenario(SCENARIOS / "cascade_1000")
    assert scenario.cascade is not None
    cascade = cascade_of(scenario, network_of(scenario))
    assert cascade.loads.tolist() == cases.reference().loads.tolist()
    assert cascade.settings == cases.reference().settings
    for count, expected in REFERENCE.items():
        removed = cascade.network.index_of(cases.removal_order()[:count])
        result = cascade.run(removed, seed=scenario.cascade.seed)
        assert (result.rn, result.strict_rn, result.rounds, result.new_links) == expected


def test_the_disruption_of_cascade_1000_is_the_removed_set() -> None:
    scenario = load_scenario(SCENARIOS / "cascade_1000")
    run = recover(scenario, 200.0, strategy="none")
    assert sorted(run.chosen.removed.tolist()) == sorted(cases.removed_120())
    listed = json.loads((SCENARIOS / "cascade_1000" / "removed_120.json").read_text())
    assert sorted(map(str, listed)) == sorted(scenario.disruptions[0].nodes)


@pytest.mark.parametrize("name", BOTH)
def test_goods_flow_while_nothing_fails(name: str) -> None:
    scenario = load_scenario(SCENARIOS / name, {"run.periods": 80})
    twin = compiled(scenario, [0], disrupted=False, trace=False)
    assert period(twin, "served").sum() > 0.98 * period(twin, "demand").sum()
    assert period(twin, "contracted").sum() > 0.99 * period(twin, "ordered").sum()


def test_counts_of_roles_are_the_printed_ones() -> None:
    for name, counts in (("cascade_1000", [375, 18, 16, 591]), ("cascade_37", [11, 3, 5, 18])):
        with (SCENARIOS / name / "nodes.csv").open() as file:
            roles = [row["role"] for row in csv.DictReader(file)]
        assert [roles.count(role) for role in cases.ROLES] == counts
