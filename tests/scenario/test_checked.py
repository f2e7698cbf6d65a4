"""A scenario is checked whoever made it: by whatever runs it, once, and with bounds for every number."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from esc_sim.design.kinds import run_design
from esc_sim.engine.agents.model import SupplyChainModel
from esc_sim.errors import InputError
from esc_sim.fields.parts import LARGEST
from esc_sim.instance.build import instance_of
from esc_sim.optimize.judge import Judge
from esc_sim.optimize.search import optimize
from esc_sim.recovery.run import recover
from esc_sim.results.summary import build_summary
from esc_sim.scenario.checked import checked
from esc_sim.scenario.json_schema import scenario_json_schema
from esc_sim.scenario.laws import Discrete
from esc_sim.scenario.reader import load_scenario
from esc_sim.scenario.schema import Scenario
from esc_sim.simulation import simulate
from tests.scenario.helpers import GOOD, changed, folder_of, problems_of

DOORS: dict[str, Callable[[Scenario], object]] = {
    "simulate": simulate,
    "agents": SupplyChainModel,
    "instance": instance_of,
    "optimize": optimize,
    "judge": lambda scenario: Judge(scenario, ["profit", "cvar"]),
    "design": run_design,
    "recover": lambda scenario: recover(scenario, budget=1, remove=1),
}


@pytest.fixture
def good(tmp_path: Path) -> Scenario:
    return load_scenario(folder_of(tmp_path / "good"))


def with_arc(scenario: Scenario, **changes: Any) -> Scenario:
    return scenario.model_copy(update={"arcs": [scenario.arcs[0].model_copy(update=changes)]})


@pytest.mark.parametrize("door", DOORS)
def test_a_dangling_supplier_is_said_wherever_it_goes(good: Scenario, door: str) -> None:
    with pytest.raises(InputError) as caught:
        DOORS[door](with_arc(good, supplier="makers"))
    assert caught.value.problems == ["arc makers -> shop: supplier: there is no node 'makers'; did you mean 'maker'?"]


def test_what_model_copy_puts_in_is_checked(good: Scenario) -> None:
    def problems(scenario: Scenario) -> list[str]:
        with pytest.raises(InputError) as caught:
            checked(scenario)
        return caught.value.problems

    run = good.run.model_copy(update={"periods": -1})
    assert problems(good.model_copy(update={"run": run})) == ["run.periods: must be at least 1, not -1"]
    assert problems(good.model_copy(update={"arcs": "none"})) == ["arcs: a list belongs here, not 'none': write [none]"]
    assert problems(with_arc(good, price=1e308)) == ["arc maker -> shop: price: must be at most 1e+15, not 1e+308"]
    twice = good.model_copy(update={"nodes": [*good.nodes, good.nodes[0]]})
    assert "node shop: id: 'shop' is given twice (first as nodes.0)" in problems(twice)
    good.arcs.append(good.arcs[0])
    assert problems(good) == [
        "arc maker -> shop: a second arc of 'goods' from 'maker' to 'shop' (first as arcs.0); several routes are told "
        "apart by 'mode': give each its own"
    ]


def test_lists_within_parts_are_looked_at_again(tmp_path: Path) -> None:
    law = "{law: discrete, values: [1, 2], probabilities: [0.5, 0.5]}"
    scenario = load_scenario(folder_of(tmp_path / "s", changed("lead_time: 1", f"lead_time: {law}")))
    scenario.disruptions[0].nodes.append("mine_99")
    with pytest.raises(InputError, match=r"disruption outage: nodes.1: there is no node 'mine_99'"):
        simulate(scenario, replications=1)
    scenario.disruptions[0].nodes.pop()
    assert checked(scenario) is scenario
    found = scenario.arcs[0].lead_time
    assert isinstance(found, Discrete)
    found.probabilities[0] = 0.9
    with pytest.raises(InputError, match=r"arc maker -> shop: lead_time: .*sum"):
        checked(scenario)


def test_plain_values_put_in_are_read(good: Scenario) -> None:
    plain = good.model_copy(update={"arcs": [arc.model_dump() for arc in good.arcs]})
    assert checked(plain) == good


def test_what_was_checked_is_handed_on_as_it_is(good: Scenario) -> None:
    made = Scenario.model_validate(good.model_dump(by_alias=True))
    assert checked(good) is good
    assert checked(made) is made
    dearer = with_arc(good, price=31.0)
    assert checked(dearer) is dearer
    assert checked(dearer).folder == good.folder


def numbers(part: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every number of a JSON Schema that is no choice, with the path to it."""
    if isinstance(part, dict):
        if part.get("type") in ("number", "integer") and not {"enum", "const"} & set(part):
            yield path, part
        for key, inner in part.items():
            yield from numbers(inner, f"{path}/{key}")
    elif isinstance(part, list):
        for number, inner in enumerate(part):
            yield from numbers(inner, f"{path}/{number}")


def test_every_number_of_a_scenario_has_bounds() -> None:
    schema = scenario_json_schema()
    found = list(numbers(schema["$defs"])) + list(numbers(schema["properties"]))
    assert len(found) > 200
    for path, number in found:
        low = number.get("minimum", number.get("exclusiveMinimum"))
        high = number.get("maximum", number.get("exclusiveMaximum"))
        assert low is not None, path
        assert high is not None, path
        seed = path.endswith("/seed")
        assert seed or -LARGEST <= low < high <= LARGEST, path


def test_the_largest_numbers_that_pass_give_results_that_are_finite(tmp_path: Path) -> None:
    most = f"{LARGEST:.0f}.0"
    text = changed("price: 50", f"price: {most}, shortage_cost: {most}").replace("price: 30", f"price: {most}")
    text = text.replace("initial_stock: 20", f"initial_stock: 20, holding_cost: {most}, penalty: {most}")
    result = simulate(load_scenario(folder_of(tmp_path / "s", text)), engine="agents", replications=1)
    assert abs(result.values).max() > LARGEST
    assert abs(result.values).max() < 1e100
    summary = json.dumps(build_summary(result), allow_nan=False, default=vars)
    assert "cvar" in summary


@pytest.mark.parametrize("text", ["cost: 1e308", "price: 1e308", "lead_time: 1e16"])
def test_a_number_beyond_the_bounds_is_refused_where_it_stands(tmp_path: Path, text: str) -> None:
    key, value = text.split(": ")
    arc = "{buyer: shop, supplier: maker, price: 30, lead_time: 1}"
    name = {"cost": "other_cost"}.get(key, key)
    content = changed(arc, f"{{buyer: shop, supplier: maker, {name}: {value}}}")
    (problem,) = problems_of(folder_of(tmp_path / "s", content))
    assert problem.startswith("scenario.yaml:12:")
    assert problem.endswith(f"must be at most 1e+15, not {float(value):g}") or "1e+15" in problem


@pytest.mark.parametrize(
    "between",
    [
        "1e-9",
        "{law: constant, value: 0}",
        "{law: exponential, mean: 1e-9}",
        "{law: uniform, low: 0, high: 1e-6}",
        "{law: discrete, values: [0, 1], probabilities: [0.99999, 0.00001]}",
    ],
)
def test_customers_without_number_are_refused(tmp_path: Path, between: str) -> None:
    demand = f"demand: {{arrivals: [{{between: {between}}}], price: 50}}"
    content = changed("demand: {mean: 10, sd: 1, price: 50}", demand)
    content = content.replace("order: {mean: 10.5}", "order: {policy: base_stock, order_up_to: 3}")
    (problem,) = problems_of(folder_of(tmp_path / "s", content))
    assert problem.startswith("scenario.yaml:8:")
    assert "nodes.0.demand.arrivals.0.between: more than 10,000 customers a period" in problem


RECIPES = "node,id,inputs,outputs\nmaker,bake,1 flour,1 bread\n"
TABLES = {
    "recipes_csv": RECIPES,
    "takers_csv": "giver,taker,product\nmaker,nobody,bread\n",
    "fields_csv": "id,node,crop,fertiliser,area,potential,uptake,apply,harvest\na,maker,wheat,n,1,1,1,0,1 5\n",
    "amendments_csv": "seller,product,farm\nmaker,compost,nobody\n",
    "stocks_csv": "node,product,waste,shelf_life\nmaker,flour,bread,2\n",
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("broken", ["arcs_csv", "products_csv"])
def test_nothing_is_asked_of_a_scenario_that_is_half_read(tmp_path: Path, name: str, broken: str) -> None:
    """What tables say of names in a table that could not be read: one message, that of the table."""
    head = "".join(line for line in GOOD.splitlines(keepends=True) if "{buyer" not in line and "arcs:" not in line)
    section = "farming: {}\noptimize: {variables: [{kind: order, nodes: [gone], relative: [-0.1, 0.1]}]}\n"
    files = {name: TABLES[name], broken: "a,b\n1\n"}
    problems = problems_of(folder_of(tmp_path / "s", head + section, **files))
    assert all(problem.startswith((broken.replace("_", "."), "scenario.yaml")) for problem in problems)
    assert any(problem.startswith(broken.replace("_", ".")) for problem in problems)
