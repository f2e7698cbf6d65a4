"""Scenarios as written: values, places of mistakes, plain messages."""

from __future__ import annotations

from pathlib import Path

import pytest

import esc_sim
from esc_sim.errors import InputError
from esc_sim.scenario.laws import Gamma, Uniform
from esc_sim.scenario.located import MAX_VALUES, read_yaml, scalar_of
from esc_sim.scenario.meaning import check_scenario
from esc_sim.scenario.reader import load_scenario, read_scenario
from esc_sim.scenario.schema import Scenario
from tests.scenario.helpers import GOOD, changed, folder_of, problems_of

ROOT = Path(__file__).resolve().parents[2]


def test_good_scenario_is_read(tmp_path: Path) -> None:
    scenario = load_scenario(folder_of(tmp_path))
    assert (scenario.name, scenario.run.periods, scenario.run.seed) == ("test", 30, 5)
    assert [node.id for node in scenario.nodes] == ["shop", "maker"]
    assert scenario.nodes[0].demand is not None
    assert scenario.nodes[0].demand.price == 50
    assert scenario.arcs[0].lead_time == 1.0
    assert scenario.disruptions[0].stops == ["ship"]


def test_file_and_folder_are_the_same(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    assert load_scenario(folder / "scenario.yaml") == load_scenario(str(folder)) == esc_sim.load_scenario(folder)


def test_lead_time_is_a_number_or_a_law(tmp_path: Path) -> None:
    text = changed("lead_time: 1", "lead_time: {law: uniform, low: 1, high: 3}")
    assert load_scenario(folder_of(tmp_path, text)).arcs[0].lead_time == Uniform(law="uniform", low=1, high=3)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("0x10", "0x10"),
        ("2026-01-31", "2026-01-31"),
        ("010", 10),
        ("1e3", 1000.0),
        ("-.5", -0.5),
        ("~", None),
        ("True", True),
    ],
)
def test_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    assert scalar_of(text) == value
    assert type(scalar_of(text)) is type(value)


def test_a_norwegian_name_stays_a_name(tmp_path: Path) -> None:
    scenario = load_scenario(folder_of(tmp_path, changed("region: north", "region: no")))
    assert scenario.nodes[0].region == "no"


def test_design_example_of_a_message(tmp_path: Path) -> None:
    text = changed("{id: maker, role: maker, ", "{id: maker, initials_tock: 3, ")
    assert problems_of(folder_of(tmp_path, text)) == [
        "scenario.yaml:10:17: nodes.1.initials_tock: unknown key; did you mean 'initial_stock'?"
    ]


def test_all_mistakes_are_listed_in_order_of_lines(tmp_path: Path) -> None:
    text = (
        GOOD.replace("periods: 30", "periods: 0")
        .replace("sd: 1,", "sd: -1,")
        .replace("supplier: maker", "supplier: baker")
        .replace("probability: 0.1", "probability: 1.5")
    )
    assert problems_of(folder_of(tmp_path, text)) == [
        "scenario.yaml:3:16: run.periods: must be at least 1, not 0",
        "scenario.yaml:8:28: nodes.0.demand.sd: must be at least 0, not -1",
        "scenario.yaml:12:29: arcs.0.supplier: there is no node 'baker'; did you mean 'maker'?",
        "scenario.yaml:14:49: disruptions.0.probability: must be at most 1, not 1.5",
    ]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("'1'", "a number belongs here, not '1': leave the quotes out"),
        ("true", "a number belongs here, not true or false"),
        ("1:30", "a number belongs here, not '1:30'"),
        ("[1]", "a number belongs here, not a list"),
        (".inf", "a finite number belongs here, not .inf"),
        ("-2", "must be at least 0, not -2"),
        ("", "nothing stands here: give a number, or leave the key out"),
        ("{}", "a law needs the key 'law': one of constant, uniform"),
        ("{law: unifrm}", "unknown law 'unifrm'; did you mean 'uniform'?"),
        ("{law: uniform, low: 3, high: 1}", "low is above high"),
        ("{law: gamma, mean: 3, sd: 1}", "this law has no longest lead time: add max_lead_time"),
        ("{law: discrete, values: [1, 2], probabilities: [0.5, 0.4]}", "probabilities sum to 0.9, not to 1"),
        ("{law: discrete, values: [1], probabilities: [0.5, 0.5]}", "values and probabilities differ in number"),
    ],
)
def test_number_or_law_gives_one_message(tmp_path: Path, value: str, message: str) -> None:
    found = problems_of(folder_of(tmp_path, changed("lead_time: 1}", f"lead_time: {value}}}")))
    assert len(found) == 1
    assert found[0].startswith("scenario.yaml:12:")
    assert f"arcs.0.lead_time: {message}" in found[0]


def test_name_that_is_a_boolean_or_a_number_says_what_to_quote(tmp_path: Path) -> None:
    text = GOOD.replace("name: test", "name: true").replace("region: north", "region: 12")
    assert problems_of(folder_of(tmp_path, text)) == [
        'scenario.yaml:2:7: name: a name or text belongs here, not true: quote it ("true")',
        'scenario.yaml:7:13: nodes.0.region: a name or text belongs here, not 12: quote it ("12")',
    ]


def test_part_without_law_or_mean_points_at_the_part(tmp_path: Path) -> None:
    found = problems_of(folder_of(tmp_path, changed("production: {mean: 12}", "production: {sd: 1}")))
    assert found == [
        "scenario.yaml:10:49: nodes.1.production: give production either a mean (and sd) or a law",
    ]


def test_duplicate_keys_are_listed_with_the_rest(tmp_path: Path) -> None:
    text = GOOD.replace("role: shop\n", "role: shop\n    role: stall\n").replace("periods: 30", "periods: x")
    found = problems_of(folder_of(tmp_path, text))
    assert found == [
        "scenario.yaml:3:16: run.periods: a whole number belongs here, not 'x'",
        "scenario.yaml:7:5: key 'role' stands here twice (first in line 6)",
    ]


def test_aliases_are_read_but_not_without_end() -> None:
    root, _ = read_yaml("a: &x {k: 1}\nb: *x\n", "f.yaml")
    assert root is not None
    assert root.plain() == {"a": {"k": 1}, "b": {"k": 1}}
    assert root.plain()["a"] is not root.plain()["b"]
    bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9)
    )
    with pytest.raises(InputError, match=f"more than {MAX_VALUES:,} values"):
        read_yaml(bomb, "f.yaml")


def test_places_of_values_and_keys() -> None:
    root, _ = read_yaml("a:\n  - b: 1\n    c: [x,\n       y]\n", "f.yaml")
    assert root is not None
    inner = root.content["a"].content[0].content
    assert inner["b"].key == (2, 5)
    assert (inner["b"].line, inner["b"].column) == (2, 8)
    assert (inner["c"].content[1].line, inner["c"].content[1].column) == (4, 8)


def test_warnings_for_what_is_odd(tmp_path: Path) -> None:
    text = (
        GOOD.replace("    order: {mean: 10.5}\n", "")
        .replace("production: {mean: 12}", "safety_stock: 30, target_stock: 9")
        .replace("probability: 0.1", "health: 1, dates: [{start: 50, duration: 2}]")
    )
    warnings = read_scenario(folder_of(tmp_path, text)).warnings
    assert [warning.split("warning: ")[1] for warning in warnings] == [
        "has suppliers but no order: it buys nothing",
        "sells or uses, but neither buys nor produces nor holds stock",
        "safety_stock 30 is above target_stock 9",
        "'outage' leaves full health: it changes nothing",
        "'outage' begins at 50, after the run's end (30 periods)",
    ]
    assert warnings[0].startswith("scenario.yaml:5:5: nodes.0: ")


def test_scenario_built_in_python_is_checked_too() -> None:
    plain = {
        "version": 1,
        "name": "built",
        "nodes": [{"id": "a", "order": {"mean": 3}}, {"id": "b"}],
        "arcs": [{"buyer": "a", "supplier": "b", "lead_time": Gamma(law="gamma", mean=1, sd=1)}],
    }
    assert check_scenario(Scenario.model_validate(plain)) == [
        "arc b -> a: lead_time: this law has no longest lead time: add max_lead_time to the arc"
    ]
    plain["arcs"] = [{"buyer": "a", "supplier": "c"}]
    assert check_scenario(Scenario.model_validate(plain)) == ["arc c -> a: supplier: there is no node 'c'"]


def test_oil_gas_holds_the_calibrated_set() -> None:
    read = read_scenario(ROOT / "scenarios" / "oil_gas")
    scenario = read.scenario
    assert read.warnings == []
    assert (len(scenario.nodes), len(scenario.arcs), scenario.data.status) == (13, 28, "calibrated")
    cost = {(arc.buyer, arc.supplier): arc.other_cost for arc in scenario.arcs}
    assert cost["refinery_3", "storage_1"] == 7.6
    assert cost["refinery_3", "storage_2"] == 7.5
    assert cost["storage_2", "producer_2"] == 7
    assert sorted(cost.values()) == [7.0] * 10 + [7.5, 7.6] + [8.0] * 16
    price = {arc.supplier.split("_")[0]: arc.price for arc in scenario.arcs}
    assert price == {"terminal": 62.53816, "refinery": 56.48608, "storage": 44.38192, "producer": 40.3472}
    assert [node.initial_stock for node in scenario.nodes] == [203.0] * 9 + [309, 184.5, 300, 300]
    assert [node.layer for node in scenario.nodes] == [1] * 3 + [2] * 3 + [3] * 3 + [4] * 2 + [5] * 2
    outage = scenario.disruptions[0]
    assert (outage.name, outage.nodes, outage.probability, outage.duration, outage.health) == (
        "refinery_3_outage",
        ["refinery_3"],
        0.1,
        1.0,
        0.0,
    )


@pytest.mark.parametrize("name", ["oil_gas", "quickstart"])
def test_scenarios_of_the_project_give_no_warning(name: str) -> None:
    assert read_scenario(ROOT / "scenarios" / name).warnings == []
