"""Sliders and switches: made from the scenario, checked again when they change it, repeatable as a command."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

import pytest

from esc_sim.errors import InputError
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from esc_sim.views.page.parameters import Parameter, Value, changed_scenario, changes, parameters_of
from esc_sim.views.page.show import Setting
from esc_sim.views.page.variants import variants_of
from esc_sim.views.page.what_if import WhatIf, run_command
from tests.page.conftest import ROOT
from tests.page.networks import write_layered

SCENARIOS = ROOT / "scenarios"


@pytest.fixture(params=["oil_gas", "quickstart", "stock_levels"])
def scenario(request: pytest.FixtureRequest) -> Scenario:
    return load_scenario(SCENARIOS / request.param)


def moved(parameter: Parameter) -> Value:
    """Another value than the scenario's own."""
    if parameter.kind == "switch":
        return not parameter.value
    if parameter.kind == "choice":
        return next(choice for choice in parameter.choices if choice != parameter.value)
    if parameter.key.endswith(".reorder_point"):  # a higher one might pass the level that is ordered up to
        return parameter.low
    return parameter.high if parameter.value != parameter.high else parameter.low


def test_every_parameter_stands_within_its_range(scenario: Scenario) -> None:
    parameters = parameters_of(scenario)
    assert len({p.key for p in parameters}) == len(parameters)
    for parameter in parameters:
        assert parameter.targets
        if parameter.kind == "slider":
            assert parameter.low <= float(parameter.value) <= parameter.high
            assert parameter.low < parameter.high
            assert parameter.step > 0
        elif parameter.kind == "choice":
            assert parameter.value in parameter.choices


def test_nothing_moved_is_the_scenario_itself(scenario: Scenario) -> None:
    parameters = parameters_of(scenario)
    assert changed_scenario(scenario, parameters, {}) is scenario
    assert changed_scenario(scenario, parameters, {p.key: p.value for p in parameters}) is scenario


def test_every_parameter_changes_just_its_targets(scenario: Scenario) -> None:
    parameters = parameters_of(scenario)
    for parameter in parameters:
        values = {parameter.key: moved(parameter)}
        changed = changed_scenario(scenario, parameters, values)
        assert changed != scenario, parameter.key
        found = changes(parameters, values)
        assert [target for target, _ in found] == list(parameter.targets)
        back = changed.model_dump(by_alias=True)
        if parameter.key.endswith(".on"):
            section = parameter.key.split(".")[0]
            assert len(back[section]) == len(getattr(scenario, section)) - 1
            continue
        original = scenario.model_dump(by_alias=True)
        for target, _ in found:
            part, own = back, original
            for step in target.path[:-1]:
                part, own = part[step], own[step]
            part[target.path[-1]] = own[target.path[-1]]
        assert back == original


def command_of(scenario: Scenario, values: Mapping[str, Value], source: str = "x") -> str:
    return run_command(Setting(scenario, (source,), variants_of(scenario)), WhatIf(values=values), scenario.run.seed)


def test_the_command_gives_the_same_scenario(scenario: Scenario) -> None:
    parameters = parameters_of(scenario)
    source = SCENARIOS / scenario.name
    for parameter in parameters:
        if len(parameter.targets) > 12:
            continue
        values = {parameter.key: moved(parameter)}
        words = shlex.split(command_of(scenario, values, str(source)))
        assert words[:3] == ["esc-sim", "run", str(source)]
        overrides = [word for option, word in zip(words[3::2], words[4::2], strict=True) if option == "--set"]
        again = load_scenario(source, overrides)
        assert again == changed_scenario(scenario, parameters, values), parameter.key


def test_a_switch_that_other_rules_fix_is_not_offered() -> None:
    def offered(**rules: str) -> bool:
        overrides = {f"rules.{key}": value for key, value in rules.items()}
        keys = [p.key for p in parameters_of(load_scenario(SCENARIOS / "quickstart", overrides))]
        return "rules.partial" in keys

    assert offered()
    assert not offered(allocation="proportional")
    assert not offered(unmet_orders="backorder")
    assert offered(unmet_orders="backorder", allocation="first_come")


def test_percent_scales_each_nodes_own_value() -> None:
    scenario = load_scenario(SCENARIOS / "quickstart")
    parameters = parameters_of(scenario)
    changed = changed_scenario(scenario, parameters, {"roles.shop.demand": 50.0, "roles.factory.production": 200.0})
    assert [node.demand.mean for node in changed.nodes if node.demand] == [20.0, 12.5]
    law = changed.nodes[4].production
    assert law is not None
    assert (law.law.low, law.law.high) == (60.0, 100.0)  # type: ignore[union-attr]
    assert changed.nodes[0].demand.sd == 6  # type: ignore[union-attr]


def test_a_disruption_switched_off_leaves_the_others() -> None:
    scenario = load_scenario(SCENARIOS / "oil_gas")
    first = scenario.disruptions[0]
    more = scenario.model_copy(update={"disruptions": [first, first.model_copy(update={"name": "other"})]})
    parameters = parameters_of(more)
    values: dict[str, Value] = {
        f"disruptions.{first.name}.on": False,
        f"disruptions.{first.name}.probability": 0.4,
        "disruptions.other.probability": 0.3,
    }
    changed = changed_scenario(more, parameters, values)
    assert [(d.name, d.probability) for d in changed.disruptions] == [("other", 0.3)]
    assert command_of(more, values) == (
        f"esc-sim run x --set disruptions.{first.name}.when=false --set disruptions.other.probability=0.3"
    )


def test_a_demand_shock_and_failures_have_their_own_sliders(tmp_path: Path) -> None:
    scenario = load_scenario(
        SCENARIOS / "quickstart",
        {
            "disruptions": [
                {"name": "fair", "nodes": ["shop_north"], "demand_factor": 2, "dates": [{"start": 5, "duration": 3}]},
                {
                    "name": "wear",
                    "nodes": ["factory_far"],
                    "time_between_failures": {"law": "exponential", "mean": 30},
                    "time_to_repair": {"law": "gamma", "mean": 4, "sd": 1},
                },
            ]
        },
    )
    labels = {p.key: p.label for p in parameters_of(scenario) if p.key.startswith("disruptions.")}
    assert labels == {
        "disruptions.fair.on": "Happens",
        "disruptions.fair.dates.0.start": "Begins",
        "disruptions.fair.dates.0.duration": "Lasts",
        "disruptions.fair.demand_factor": "Demand is multiplied by",
        "disruptions.wear.on": "Happens",
        "disruptions.wear.time_between_failures.mean": "Time between failures",
        "disruptions.wear.time_to_repair.mean": "Time to repair",
        "disruptions.wear.health": "Capacity left",
    }


def test_only_commands_of_hundreds_of_values_are_not_written_out(tmp_path: Path) -> None:
    scenario = load_scenario(SCENARIOS / "oil_gas")
    command = command_of(scenario, {"arcs.price": 50.0})
    assert command.count("--set arcs.") == len(scenario.arcs) == 28
    large = load_scenario(write_layered(tmp_path / "large", 200))
    assert command_of(large, {"arcs.price": 50.0}) == ""


def test_order_policies_have_sliders_for_their_own_parameters() -> None:
    scenario = load_scenario(SCENARIOS / "stock_levels")
    found = {p.key: p for p in parameters_of(scenario) if ".order" in p.key}
    assert {key: (p.label, p.value, p.unit) for key, p in found.items()} == {
        "roles.retailer.order.order_up_to": ("Order up to (S)", 70.0, "unit"),
        "roles.distributor.order.order_up_to": ("Order up to (S)", 75.0, "unit"),
        "roles.manufacturer.order.reorder_point": ("Reorder point (s, r)", 70.0, "unit"),
        "roles.manufacturer.order.order_up_to": ("Order up to (S)", 130.0, "unit"),
        "roles.manufacturer.order.fixed_cost": ("Fixed cost of an order (K)", 40.0, "EUR"),
    }
    changed = changed_scenario(scenario, found.values(), {"roles.retailer.order.order_up_to": 90.0})
    assert changed.nodes[0].order.order_up_to == 90.0  # type: ignore[union-attr]
    with pytest.raises(InputError, match=r"nodes\.2\.order: reorder_point is above order_up_to"):
        changed_scenario(scenario, found.values(), {"roles.manufacturer.order.reorder_point": 150.0})


def test_members_of_a_role_with_unlike_levels_share_a_slider_in_percent() -> None:
    lots = {"policy": "r_Q", "reorder_point": 10, "order_quantity": 30}
    scenario = load_scenario(
        SCENARIOS / "quickstart",
        {"nodes.shop_north.order": lots, "nodes.shop_south.order": lots | {"order_quantity": 60}},
    )
    found = {p.key: (p.unit, p.value) for p in parameters_of(scenario) if p.key.startswith("roles.shop.order")}
    assert found["roles.shop.order.reorder_point"] == ("pallet", 10.0)
    assert found["roles.shop.order.order_quantity"] == ("%", 100.0)
    changed = changed_scenario(scenario, parameters_of(scenario), {"roles.shop.order.order_quantity": 50.0})
    assert [node.order.order_quantity for node in changed.nodes[:2]] == [15.0, 30.0]  # type: ignore[union-attr]


def test_joint_disruptions_can_be_switched_off() -> None:
    scenario = load_scenario(SCENARIOS / "retail_wuhan")
    parameters = parameters_of(scenario)
    (key,) = (p.key for p in parameters if p.key.startswith("joint_disruptions."))
    changed = changed_scenario(scenario, parameters, {key: False})
    assert (len(scenario.joint_disruptions), changed.joint_disruptions) == (1, [])


def test_a_cascade_has_no_slider_for_what_is_left() -> None:
    parameters = parameters_of(load_scenario(SCENARIOS / "cascade_37"))
    assert not any(p.key.startswith("disruptions.") and p.key.endswith(".health") for p in parameters)
